//! What other sites, other browsers and other people's texts can do on the console: nothing.

use http::Request;
use writ_testkit::{Agent, TestServer, form};

use super::{ADA, administrator, csrf, enter, person};
use crate::flow::{at, request, website};

/// A form that another site sends, or that was not shown in this browser, does nothing.
#[tokio::test]
async fn a_form_of_somebody_elses_does_nothing() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = server.client("reports").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let own = csrf(&mut agent, &tenant).await;
    person(&server, &tenant, "eve", &["admin"]).await;
    let mut eve = Agent::new(&server);
    let _ = enter(&mut eve, &tenant, ("eve", "/admin")).await;
    let of_eve = csrf(&mut eve, &tenant).await;
    let path = at(&tenant, &format!("/admin/clients/{}/delete", client.id));
    let mut other = own.clone();
    other.replace_range(..1, if own.starts_with('A') { "B" } else { "A" });
    for token in ["", "x", &of_eve, &other] {
        let page = agent.post(&path, &[("confirm", "reports"), ("csrf", token)]).await;
        assert_eq!(page.answer.status, 403, "{token}");
    }
    let fields = form(&[("confirm", "reports"), ("csrf", &own)]);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = Request::post(&path)
            .header("cookie", agent.cookies())
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value);
        let answer = server.request(request.body(fields.clone()).unwrap()).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    assert!(!server.access_token(&client).await.is_empty(), "it is still there");
    // What changes nothing is all that a link can lead to.
    for route in writ_server::console::routes().registered() {
        assert!(matches!(route.method, "GET" | "POST"), "{}", route.path);
    }
}

/// Nothing that others write becomes markup: names, addresses, scopes, what was searched for, what was sent and refused.
#[tokio::test]
async fn what_others_write_stays_text() {
    const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = website(&server, "shop").of(&tenant).create().await;
    server.sql("UPDATE clients SET name = ?1 WHERE client_id = ?2", [EVIL, "shop"]);
    server.sql("UPDATE client_registrations SET description = ?1", [EVIL]);
    server.sql("UPDATE tenants SET name = ?1 WHERE slug = ?2", [EVIL, "acme"]);
    let mut agent = administrator(&server, &tenant).await;
    server.sql("UPDATE users SET name = ?1 WHERE username = ?2", [EVIL, ADA]);
    let evil_person = person(&server, &tenant, "mallory", &[]).await;
    server.sql("UPDATE users SET name = ?1, email = ?1 WHERE username = ?2", [EVIL, "mallory"]);
    let login = at(&tenant, "/account/sign-in");
    let request_of = |password: &str| {
        Request::post(&login)
            .header("user-agent", EVIL)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form(&[("username", "mallory"), ("password", password)]))
            .unwrap()
    };
    for password in ["wrong", crate::flow::PASSWORD] {
        let _ = server.request(request_of(password)).await;
    }
    let mut somebody = Agent::new(&server);
    for uri in [format!("https://app.example/{EVIL}"), format!("javascript:{EVIL}")] {
        let encoded = writ_core::form::encode_component(&uri);
        let asked = request("shop", &[("redirect_uri", "")]);
        let _ = somebody.get(&at(&tenant, &format!("{asked}&redirect_uri={encoded}"))).await;
    }
    let evil = writ_core::form::encode_component(EVIL);
    let pages = [
        "/admin".to_owned(),
        "/admin/clients".to_owned(),
        format!("/admin/clients?q={evil}"),
        format!("/admin/search?q={evil}"),
        "/admin/search?q=ada".to_owned(),
        "/admin/clients/new".to_owned(),
        "/admin/clients/new?build=web".to_owned(),
        format!("/admin/clients/{}", client.id),
        format!("/admin/clients/{}/secret", client.id),
        format!("/admin/clients/{}/delete", client.id),
        format!("/admin/clients/{evil}"),
        "/admin/activity".to_owned(),
        format!("/admin/activity?q={evil}&action={evil}"),
        "/admin/people".to_owned(),
        format!("/admin/people?q={evil}"),
        format!("/admin/people/{evil_person}"),
        format!("/admin/people/{evil_person}/everywhere"),
        format!("/admin/people/{evil_person}/factors"),
    ];
    for path in &pages {
        let page = agent.get(&at(&tenant, path)).await;
        assert!(matches!(page.answer.status, 200 | 404), "{path}: {}", page.answer.status);
        let body = page.answer.without_scripts();
        for forbidden in [
            "<script",
            "<img src=x",
            " onerror=",
            "href=\"javascript:",
            "action=\"javascript:",
            " onclick",
            " style=\"",
            "<style",
            "<iframe",
        ] {
            let is_there = body.contains(forbidden)
                && !(forbidden == " onerror=" && body.contains("&#60;img src=x onerror="));
            assert!(!is_there, "{path}: {forbidden}: {body}");
        }
        let policy = page.answer.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "script-src 'self'",
        ] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(body.matches("<h1").count(), 1, "{path}");
    }
}
