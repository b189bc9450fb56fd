//! A connection from an address of our choice, and a browser on it: cookies, and the one form of a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use socket2::{Domain, Socket, Type};

/// How long an honest client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer: status, what of its head matters, and the body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    /// The values of a header.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Seconds after which one should come back.
    pub fn retry_after(&self) -> Option<u64> {
        self.all("retry-after").next()?.parse().ok()
    }

    /// The path of a redirect that stays here.
    pub fn here(&self) -> Option<String> {
        let location = self.all("location").next()?;
        if location.starts_with('/') {
            return Some(location.to_owned());
        }
        let (_, rest) = location.strip_prefix("http://")?.split_once('/')?;
        Some(format!("/{rest}"))
    }
}

/// A connection that stays, opened when it is first needed and again once the server has closed it.
#[derive(Debug)]
pub struct Line {
    from: IpAddr,
    to: SocketAddr,
    stream: Option<TcpStream>,
}

impl Line {
    pub fn new(from: IpAddr, to: SocketAddr) -> Self {
        Self { from, to, stream: None }
    }

    /// The open connection.
    pub fn stream(&mut self) -> Result<&mut TcpStream> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.from, self.to)?,
        };
        Ok(self.stream.insert(stream))
    }

    /// Sends a request and reads its answer; a kept connection that turns out to be closed is opened again once.
    pub fn ask(&mut self, request: &str) -> Result<Answer> {
        let was_open = self.stream.is_some();
        match self.ask_once(request) {
            Err(_) if was_open => self.ask_once(request),
            outcome => outcome,
        }
    }

    fn ask_once(&mut self, request: &str) -> Result<Answer> {
        let outcome = self.stream().and_then(|stream| exchange(stream, request));
        // Nobody knows what an answer that broke off left in the connection.
        if outcome.as_ref().map_or(true, |answer| answer.all("connection").any(|value| value == "close")) {
            self.stream = None;
        }
        outcome
    }
}

fn connect(from: IpAddr, to: SocketAddr) -> Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(from, 0).into()).with_context(|| format!("binding {from}"))?;
    socket.connect_timeout(&to.into(), PATIENCE)?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn exchange(stream: &mut TcpStream, request: &str) -> Result<Answer> {
    // A server may refuse a long body before it has come: then the answer counts, not the broken pipe.
    let sent = stream.write_all(request.as_bytes());
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        if let Some(answer) = whole(&bytes) {
            return Ok(answer);
        }
        let count = stream.read(&mut part)?;
        if count == 0 {
            sent?;
            anyhow::bail!("the server hung up: {}", String::from_utf8_lossy(&bytes));
        }
        bytes.extend_from_slice(part.get(..count).unwrap_or_default());
    }
}

/// An answer, once all of it is here, as its `content-length` says.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(bytes.get(..at)?).into_owned();
    let body = bytes.get(at + 4..)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let answer = Answer { status, head, body: String::from_utf8_lossy(body).into_owned() };
    let length = answer.all("content-length").next().map_or(Some(0), |value| value.parse::<usize>().ok())?;
    (body.len() >= length).then_some(answer)
}

/// A request with a body, or without one where it is empty.
pub fn request(method: &str, path: &str, (headers, body): (&str, &str)) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
pub const JSON: &str = "Content-Type: application/json\r\n";

/// A browser: a connection with cookies.
#[derive(Debug)]
pub struct Browser {
    line: Line,
    cookies: BTreeMap<String, String>,
    origin: String,
}

/// A form as a page shows it: where it goes, and the token that it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub csrf: String,
}

impl Browser {
    /// One that has never been anywhere.
    pub fn new(from: IpAddr, to: SocketAddr) -> Self {
        Self { line: Line::new(from, to), cookies: BTreeMap::new(), origin: format!("http://{to}") }
    }

    fn send(&mut self, method: &str, (path, body): (&str, &str)) -> Result<Answer> {
        let host = self.origin.trim_start_matches("http://").to_owned();
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        if !cookies.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(headers, "Cookie: {}\r\n", cookies.join("; "));
        }
        if method == "POST" {
            let _ = write!(headers, "{FORM}Origin: {}\r\nSec-Fetch-Site: same-origin\r\n", self.origin);
        }
        let text =
            request(method, path, (&headers, body)).replace("Host: localhost", &format!("Host: {host}"));
        let answer = self.line.ask(&text)?;
        for cookie in answer.all("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// Follows redirects that stay here, to a page.
    pub fn open(&mut self, path: &str) -> Result<Answer> {
        let mut path = path.to_owned();
        for _ in 0..6 {
            let answer = self.send("GET", (&path, ""))?;
            match answer.here().filter(|_| matches!(answer.status, 302 | 303)) {
                Some(next) => path = next,
                None => return Ok(answer),
            }
        }
        anyhow::bail!("too many redirects, the last to {path}")
    }

    /// Sends the form of a page of sign-in.
    pub fn sign_in(&mut self, form: &Form, (username, password): (&str, &str)) -> Result<Answer> {
        let body = format!(
            "csrf={}&username={}&password={}",
            encoded(&form.csrf),
            encoded(username),
            encoded(password)
        );
        self.send("POST", (&form.action, &body))
    }
}

/// The form of a page.
pub fn form(page: &str) -> Result<Form> {
    let after = |mark: &str| page.split_once(mark).and_then(|(_, rest)| Some(rest.split_once('"')?.0));
    let action = after(" method=\"post\" action=\"").context("the page has no form")?;
    let csrf = after("name=\"csrf\" value=\"").context("the form has no token")?;
    ensure!(action.starts_with('/'), "the form goes to {action}");
    Ok(Form { action: plain(action), csrf: plain(csrf) })
}

/// Text of an attribute.
fn plain(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "=").replace("&#34;", "\"")
}

/// A value of a form.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_headers() {
        let text = b"HTTP/1.1 303 See Other\r\nLocation: http://127.0.0.1:1/login?a=b\r\nRetry-After: 7\r\n\
            Content-Length: 2\r\n\r\nok";
        assert!(whole(text.get(..text.len() - 1).unwrap()).is_none());
        let answer = whole(text).unwrap();
        assert_eq!((answer.status, answer.retry_after()), (303, Some(7)));
        assert_eq!(answer.here().as_deref(), Some("/login?a=b"));
    }

    #[test]
    fn the_form_of_a_page_is_found() {
        let page = r#"<form class="stack" method="post" action="/login?login_challenge=ch_x">
            <input type="hidden" name="csrf" value="abc">"#;
        let expected = Form { action: "/login?login_challenge=ch_x".to_owned(), csrf: "abc".to_owned() };
        assert_eq!(form(page).unwrap(), expected);
        assert!(form("<p>Too many</p>").is_err());
    }

    /// The whole of 127.0.0.0/8 is this machine's: other networks for the server, none for anybody else.
    #[test]
    fn a_connection_comes_from_the_address_it_was_given() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = Line::new(IpAddr::from([127, 0, 2, 1]), server.local_addr().unwrap());
        line.stream().unwrap();
        assert_eq!(server.accept().unwrap().1.ip(), IpAddr::from([127, 0, 2, 1]));
    }
}
