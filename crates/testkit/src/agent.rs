//! A user agent that keeps cookies, follows redirects as long as they stay here, and fills in forms.

use std::collections::BTreeMap;

use http::{Method, Request, header};

use crate::ask::{Answer, form};
use crate::server::TestServer;

/// Redirects followed at the most.
const REDIRECTS: usize = 8;

/// A browser of a test.
#[derive(Debug)]
pub struct Agent<'s> {
    server: &'s TestServer,
    cookies: BTreeMap<String, String>,
    address: Option<String>,
}

/// A page, or a redirect that leads elsewhere.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is, from the root.
    pub path: String,
    /// The answer.
    pub answer: Answer,
}

/// A form on a page.
#[derive(Debug, Clone)]
pub struct PageForm {
    /// Where it goes.
    pub action: String,
    /// The names and values of its inputs; of its boxes, those that are ticked.
    pub fields: Vec<(String, String)>,
}

impl PageForm {
    /// Whether it has a ticked box, or another input, of that name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }
}

impl<'s> Agent<'s> {
    /// A browser that has never been anywhere.
    pub fn new(server: &'s TestServer) -> Self {
        Self { server, cookies: BTreeMap::new(), address: None }
    }

    /// One whose requests come from an address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// The cookie header that it sends.
    pub fn cookies(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// One of its cookies.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// How many of its cookies have names that begin so.
    pub fn cookies_named(&self, start: &str) -> usize {
        self.cookies.keys().filter(|name| name.starts_with(start)).count()
    }

    /// What another window of the same browser was given, after what this one was.
    pub fn join(&mut self, other: &Self) {
        self.cookies.extend(other.cookies.clone());
    }

    /// Loses a cookie.
    pub fn forget(&mut self, name: &str) {
        self.cookies.remove(name);
    }

    /// The same browser in another window: what it has now, and nothing that comes later.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { server: self.server, cookies: self.cookies.clone(), address: self.address.clone() }
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookies.is_empty() {
            request = request.header(header::COOKIE, self.cookies());
        }
        if let Some((kind, _)) = &body {
            request = request
                .header(header::CONTENT_TYPE, *kind)
                .header(header::ORIGIN, &self.server.base)
                .header("sec-fetch-site", "same-origin");
        }
        let request = request.body(body.map(|(_, body)| body).unwrap_or_default()).expect("a request");
        let answer = match &self.address {
            Some(address) => self.server.request_from(address, request).await,
            None => self.server.request(request).await,
        };
        for cookie in answer.all("set-cookie") {
            let (pair, _) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name");
            if cookie.contains("; Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { path: path.to_owned(), answer }
    }

    /// One request, no redirect followed.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    /// One request, no redirect followed.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form(fields).into_bytes();
        self.send(Method::POST, path, Some(("application/x-www-form-urlencoded", body))).await
    }

    /// The same with a file, as browsers send one (RFC 7578); the other fields come first.
    pub async fn post_file(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Page {
        const LINE: &str = "------WebKitFormBoundaryAbc\r\nContent-Disposition: form-data; ";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(format!("{LINE}name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
        }
        let head =
            format!("{LINE}name=\"{}\"; filename=\"me.png\"\r\nContent-Type: image/png\r\n\r\n", file.0);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n------WebKitFormBoundaryAbc--\r\n");
        let kind = "multipart/form-data; boundary=----WebKitFormBoundaryAbc";
        self.send(Method::POST, path, Some((kind, body))).await
    }

    /// A page, past the redirects that stay here.
    pub async fn open(&mut self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// Follows redirects until one leads elsewhere, or a page is there.
    pub async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..REDIRECTS {
            let Some(next) = self.here(&page) else { return page };
            page = self.get(&next).await;
        }
        panic!("too many redirects, the last to {}", page.path);
    }

    /// Where a redirect leads, as long as it stays here.
    fn here(&self, page: &Page) -> Option<String> {
        let location = page.location()?;
        let rest = location.strip_prefix(&self.server.base).unwrap_or(&location);
        rest.starts_with('/').then(|| rest.to_owned())
    }

    /// Fills in the one form of a page and sends it; `fill` replaces or adds fields. One request.
    pub async fn send_form(&mut self, page: &Page, fill: &[(&str, &str)]) -> Page {
        let found = page.form();
        let mut fields: Vec<(&str, &str)> = found
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !fill.iter().any(|(filled, _)| filled == name))
            .collect();
        fields.extend(fill);
        self.post(&found.action, &fields).await
    }

    /// Takes the ticks out of some boxes, and presses a button. One request.
    pub async fn untick(&mut self, page: &Page, boxes: &[&str], button: (&str, &str)) -> Page {
        let found = page.form();
        assert!(boxes.iter().all(|name| found.has(name)), "{boxes:?} in {}", page.text());
        let left = found.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = left.filter(|(name, _)| !boxes.contains(name)).chain([button]).collect();
        self.post(&found.action, &fields).await
    }

    /// Fills in the form and follows where it leads.
    pub async fn submit(&mut self, page: &Page, fill: &[(&str, &str)]) -> Page {
        let page = self.send_form(page, fill).await;
        self.follow(page).await
    }
}

impl Page {
    /// Where a redirect leads.
    pub fn location(&self) -> Option<String> {
        (self.answer.status == 303).then(|| self.answer.header("location").to_owned())
    }

    /// The parameters of the address that a redirect leads to.
    #[track_caller]
    pub fn sent(&self) -> BTreeMap<String, String> {
        let location = self.location().unwrap_or_else(|| panic!("{self:?}"));
        let (_, query) = location.split_once('?').unwrap_or_default();
        let read = writ_core::form::Form::parse(query.as_bytes()).expect("a query");
        read.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The parameters in the fragment of the address that a redirect leads to.
    #[track_caller]
    pub fn fragment(&self) -> BTreeMap<String, String> {
        let location = self.location().unwrap_or_else(|| panic!("{self:?}"));
        let (_, fragment) = location.split_once('#').unwrap_or_else(|| panic!("{location}"));
        let read = writ_core::form::Form::parse(fragment.as_bytes()).expect("parameters");
        read.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The code that a redirect carries.
    #[track_caller]
    pub fn code(&self) -> String {
        self.sent().remove("code").unwrap_or_else(|| panic!("{:?}", self.location()))
    }

    /// The challenge in the address of this page.
    #[track_caller]
    pub fn challenge(&self) -> String {
        let (_, challenge) =
            self.path.split_once("login_challenge=").unwrap_or_else(|| panic!("{}", self.path));
        challenge.to_owned()
    }

    /// The text of the page.
    pub fn text(&self) -> &str {
        self.answer.text()
    }

    /// Where a link with these words leads; how names are set apart in them makes no difference.
    #[track_caller]
    pub fn link(&self, words: &str) -> String {
        let links = self.text().split("<a ").skip(1).filter_map(|link| link.split_once("</a>"));
        let found = links
            .filter_map(|(link, _)| link.split_once('>'))
            .find(|(_, text)| text.replace("<bdi>", "").replace("</bdi>", "") == words);
        let found = found.and_then(|(tag, _)| attribute(tag, "href"));
        found.unwrap_or_else(|| panic!("no link {words}: {}", self.text()))
    }

    /// What the page asks a browser to do with passkeys (`create` or `get`); none: it does not.
    pub fn passkey(&self, ceremony: &str) -> Option<serde_json::Value> {
        let (_, rest) = self.text().split_once(&format!("data-passkey=\"{ceremony}\""))?;
        let (tag, _) = rest.split_once('>')?;
        serde_json::from_str(&attribute(tag, "data-options")?).ok()
    }

    /// The one form of the page.
    #[track_caller]
    pub fn form(&self) -> PageForm {
        let text = self.text();
        let (_, rest) = text.split_once("<form ").unwrap_or_else(|| panic!("{}: {text}", self.path));
        let (head, rest) = rest.split_once('>').expect("a tag");
        let (body, _) = rest.split_once("</form>").expect("an end");
        let inputs = body.split("<input ").skip(1).filter_map(|input| input.split_once('>'));
        let fields = inputs
            .filter(|(tag, _)| !tag.contains("type=\"checkbox\"") || tag.contains(" checked"))
            .filter(|(tag, _)| !tag.contains(" disabled"))
            .filter_map(|(tag, _)| {
                Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
            })
            .collect();
        PageForm { action: attribute(head, "action").expect("an action"), fields }
    }
}

/// An attribute of a tag, without its escapes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let mut plain = String::new();
    let mut parts = value.split("&#");
    plain.push_str(parts.next()?);
    for part in parts {
        let (number, rest) = part.split_once(';')?;
        plain.push(char::from(number.parse::<u8>().ok()?));
        plain.push_str(rest);
    }
    Some(plain)
}
