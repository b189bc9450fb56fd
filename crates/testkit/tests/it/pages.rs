//! The pages for people: safe to show, nothing loaded from elsewhere.

use std::fmt::Write as _;

use http::Request;
use writ_core::error::ERRORS;
use writ_testkit::{Answer, TestServer};

/// What every page keeps.
fn is_a_safe_page(answer: &Answer) {
    let body = answer.without_scripts();
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let referrer = answer.header("referrer-policy");
    assert!(["no-referrer", "same-origin"].contains(&referrer), "{referrer}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    // A form goes here, if there is one.
    let forms = ["form-action 'none'", "form-action 'self'"];
    assert!(forms.iter().any(|directive| policy.contains(directive)), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("style-src 'self';"), "{policy}");
    let has_script = answer.text().contains("<script");
    assert_eq!(policy.contains("script-src"), has_script, "{policy}");
    assert!(body.contains("<link rel=\"stylesheet\" href=\"/assets/"), "{body}");
    for reference in body.split(['"', '\'']).collect::<Vec<_>>().windows(2) {
        let [before, value] = reference else { continue };
        if before.ends_with("src=") || before.ends_with("href=") {
            let is_here = value.starts_with('#') || (value.starts_with('/') && !value.starts_with("//"));
            assert!(is_here, "{value}");
        }
    }
    // The one form of these pages looks something up; it changes nothing.
    assert_eq!(
        body.matches("<form").count(),
        body.matches("<form role=\"search\" action=\"/docs\" method=\"get\">").count()
    );
    for forbidden in
        ["<script", "javascript:", "@import", "url(", " onclick", " onload", "<iframe", "<style", " style="]
    {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    assert!(
        body.starts_with("<!doctype html>") && body.contains("<html lang=\"en\"") && body.contains("<title>")
    );
}

#[tokio::test]
async fn home_and_the_list_of_errors_are_pages() {
    let server = TestServer::start().await;
    let home = server.get("/").await.expect(200);
    is_a_safe_page(&home);
    assert!(home.text().contains(&server.base));
    let index = server.get("/errors").await.expect(200);
    is_a_safe_page(&index);
    for entry in ERRORS {
        assert!(index.text().contains(&format!("href=\"/errors/{}\"", entry.page)), "{}", entry.page);
    }
}

/// What a file of ours is named by.
fn name_of(content: &str) -> String {
    let mut name = String::new();
    for byte in writ_core::secret::sha256(content.as_bytes()).as_bytes().iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// One script, which works on what the page says and brings nothing along: its name follows from what is in it.
#[tokio::test]
async fn the_script_is_a_file_that_never_changes() {
    let server = TestServer::start().await;
    let page = server.get("/account/sign-in").await.expect(200);
    let (_, rest) = page.text().split_once("<script type=\"module\" src=\"").expect("a script");
    let path = rest.split('"').next().unwrap();
    let script = server.get(path).await.expect(200);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("x-content-type-options"), "nosniff");
    let start = name_of(script.text());
    assert!(path.ends_with(&format!("-{start}.js")), "{path} is not named by {start}");
    // Every word that it says comes from the page.
    for words in ["data-show", "data-caps", "data-words"] {
        assert!(page.text().contains(words), "{words}");
    }
}

/// One stylesheet, whose name follows from what is in it: it may be kept for good, and another version has another name.
#[tokio::test]
async fn the_style_is_a_file_that_never_changes() {
    let server = TestServer::start().await;
    for page in ["/", "/docs"] {
        let page = server.get(page).await.expect(200);
        let (_, rest) = page.text().split_once("<link rel=\"stylesheet\" href=\"").expect("a stylesheet");
        let path = rest.split('"').next().unwrap();
        let sheet = server.get(path).await.expect(200);
        assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(sheet.header("x-content-type-options"), "nosniff");
        let start = name_of(sheet.text());
        assert!(path.ends_with(&format!("-{start}.css")), "{path} is not named by {start}");
        let head = server.ask(http::Method::HEAD, path).await.expect(200);
        assert_eq!(head.header("content-length"), sheet.body.len().to_string());
        let _ = server.get(&path.replace(&start, "0000000000000000")).await.expect(404);
    }
    let _ = server.get("/assets/").await.expect(404);
}

/// Everything of the description is on the page, and nothing on it needs more than the page.
#[tokio::test]
async fn the_reference_shows_every_operation_and_every_schema() {
    let server = TestServer::start().await;
    let page = server.get("/docs").await.expect(200);
    is_a_safe_page(&page);
    let text = page.text();
    for operation in writ_server::openapi::paths::all() {
        let id = operation.id;
        assert!(text.contains(&format!("<article id=\"{id}\">")), "{id}");
        assert_eq!(text.matches(&format!("href=\"/docs#{id}\"")).count(), 3, "{id}: twice in the contents");
        assert!(text.contains(&format!("<code>{}</code>", operation.path)), "{id}");
    }
    let document = server.get("/openapi.json").await.expect(200).json();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("<article id=\"schema-{name}\">")), "{name}");
    }
    // Every link inside the page leads somewhere.
    for link in text.split("href=\"/docs#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(text.contains(&format!("id=\"{link}\"")), "{link}");
    }
    assert!(text.contains(&format!("curl &#39;{}/api/v1/roles&#39;", server.base)), "a call to copy");
    assert!(text.len() < 900_000, "{}", text.len());
}

/// One operation has its calls in several languages, and so has what few are found.
#[tokio::test]
async fn the_reference_shows_calls_in_several_languages() {
    let server = TestServer::start().await;
    let whole = server.get("/docs").await.expect(200);
    assert!(whole.text().contains("href=\"/docs?operation=createUser\""));
    for place in ["/docs?operation=createUser", "/docs?q=createuser"] {
        let page = server.get(place).await.expect(200);
        is_a_safe_page(&page);
        let text = page.text();
        for part in ["Python", "JavaScript", "Go"] {
            assert!(text.contains(&format!("<summary>{part}</summary>")), "{place}: {part}");
        }
        assert!(
            text.contains("<article id=\"createUser\">") && text.contains("requests.request("),
            "{place}"
        );
        assert!(!text.contains("<article id=\"rotateSigningKeys\">"), "{place}: only what was asked for");
    }
    let none = server.get("/docs?operation=%3Cb%3E").await.expect(200);
    assert!(none.text().contains("There is no such operation."));
}

/// Looked for on the server: the page has no script.
#[tokio::test]
async fn the_reference_is_searched() {
    let server = TestServer::start().await;
    let page = server.get("/docs?q=ROTATE").await.expect(200);
    assert!(page.text().contains("<article id=\"rotateSigningKeys\">") || page.text().contains("rotate"));
    assert!(!page.text().contains("<article id=\"createUser\">"), "only what was looked for");
    let page = server.get("/docs?q=%3Cscript%3Enothing").await.expect(200);
    assert!(page.text().contains("Nothing matches") && !page.text().contains("<script>nothing"));
    let all = server.get("/docs?q=+").await.expect(200);
    assert!(all.text().contains("<article id=\"createUser\">"));
}

#[tokio::test]
async fn every_error_has_a_page_with_its_meaning_and_remedy() {
    let server = TestServer::start().await;
    for entry in ERRORS {
        let page = server.get(&format!("/errors/{}", entry.page)).await.expect(200);
        is_a_safe_page(&page);
        let text = page.text();
        assert!(text.contains(&entry.status.to_string()) && text.contains(entry.wire), "{text}");
        for sentence in [entry.meaning, entry.remedy] {
            let words =
                sentence.split(['\'', '"', '<', '>', '&']).max_by_key(|part| part.len()).unwrap_or_default();
            assert!(text.contains(words), "{}: {words}", entry.page);
        }
    }
}

/// A base URL cannot carry markup, but a page that escapes does not have to know that.
#[tokio::test]
async fn pages_escape_what_they_show() {
    let server = TestServer::builder().base("https://id.example\"><b>&x").start().await;
    let home = server.get("/").await.expect(200);
    assert!(!home.text().contains("<b>"), "{}", home.text());
    is_a_safe_page(&home);
    for path in ["/errors/%3Cscript%3Ealert(1)%3C/script%3E", "/errors/<b>", "/%3Cscript%3E"] {
        let Ok(request) = Request::get(path).header("accept", "text/html").body("") else { continue };
        let answer = server.request(request).await.expect(404);
        is_a_safe_page(&answer);
        assert!(!answer.text().contains("alert") && !answer.text().contains("<b>"));
    }
}

/// A browser gets a page, a program gets JSON, and no cache confuses the two.
#[tokio::test]
async fn nothing_there_is_a_page_for_browsers_and_json_for_programs() {
    let server = TestServer::start().await;
    let browser =
        Request::get("/nothing").header("accept", "text/html,application/xhtml+xml;q=0.9").body("").unwrap();
    let page = server.request(browser).await.expect(404);
    is_a_safe_page(&page);
    let program = server.get("/nothing").await.refused(404, "not_found");
    for answer in [page, program] {
        assert_eq!((answer.header("vary"), answer.header("cache-control")), ("accept", "no-store"));
    }
    let _ = server.get("/errors/unknown").await.expect(404);
    let _ = server.get("/errors/").await.expect(404);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = TestServer::start().await;
    for path in
        ["/", "/errors", "/.well-known/openid-configuration", "/.well-known/jwks.json", "/health/live"]
    {
        let get = server.get(path).await.expect(200);
        let head = server.ask(http::Method::HEAD, path).await.expect(200);
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_405_and_name_get() {
    let server = TestServer::start().await;
    for path in ["/", "/errors", "/errors/invalid_request", "/health/live", "/.well-known/jwks.json"] {
        for method in ["OPTIONS", "POST", "PUT", "DELETE", "TRACE"] {
            let answer = server.ask(method.parse().unwrap(), path).await.refused(405, "invalid_request");
            assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {path}");
        }
    }
}
