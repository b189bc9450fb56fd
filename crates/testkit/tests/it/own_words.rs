//! Texts that a tenant writes itself: on its pages and in its letters, in the language of the reader, and never as markup.

use http::Request;
use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, TestServer, TestTenant};

use super::flow::{PASSWORD, at, request, website};

async fn put(server: &TestServer, tenant: &TestTenant, texts: Value) -> Answer {
    let request = Request::put(format!("/api/v1/tenants/{}", tenant.slug))
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("content-type", "application/json");
    let body = json!({ "settings": { "texts": texts, "self_registration": true } }).to_string();
    server.request(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_tenant_speaks_in_its_own_words_where_it_has_some() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    website(&server, "shop").of(&acme).create().await;
    server.user(&acme, "ada@example.org", PASSWORD).await;
    server.sql("UPDATE users SET email = username", []);
    let own = json!({
        "en": {
            "sign_in_title": "Welcome back",
            "sign_in_intro": "Members & friends only <b>",
            "registration_title": "Join us",
            "registration_intro": "It takes a minute.",
            "consent_intro": "Read this with care.",
            "footer": "Acme Ltd, London",
            "mail_greeting": "Hello from <Acme>,",
        },
        "de": { "sign_in_title": "Willkommen" },
    });
    let shown = put(&server, &acme, own.clone()).await.expect(200).json();
    assert_eq!(shown["settings"]["texts"], own);
    let mut agent = Agent::new(&server);
    let page = agent.open(&at(&acme, &request("shop", &[]))).await;
    for part in [
        "<h1>Welcome back</h1>",
        "<p class=\"any\"><bdi>Members &#38; friends only &#60;b&#62;</bdi></p>",
        "<p class=\"any\"><bdi>Acme Ltd, London</bdi></p>",
        "<title>Welcome back · ",
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    assert!(page.text().contains("<bdi>Read this with care.</bdi>"), "{}", page.text());
    // What is asked is said by the server.
    assert!(page.text().contains("wants to use your"), "{}", page.text());
    let page = Agent::new(&server).open(&at(&acme, "/register")).await;
    assert!(page.text().contains("<h1>Join us</h1>") && page.text().contains("It takes a minute."));
    let page = agent.open(&at(&acme, "/account")).await;
    assert!(page.text().contains("Acme Ltd, London"), "{}", page.text());
    // In the language of the reader, or the server's words in that language.
    let german = server.get(&at(&acme, "/account/sign-in?lang=de")).await.expect(200);
    assert!(german.text().contains("<h1>Willkommen</h1>") && !german.text().contains("Acme Ltd"));
    let french = server.get(&at(&acme, "/account/sign-in?lang=fr")).await.expect(200);
    assert!(!french.text().contains("Welcome") && !french.text().contains("Willkommen"));
    let elsewhere = server.get(&at(&other, "/account/sign-in")).await.expect(200);
    assert!(elsewhere.text().contains("<h1>Sign in</h1>") && !elsewhere.text().contains("Acme Ltd"));
    let page = agent.open(&at(&acme, "/reset-password")).await;
    let _ = agent.submit(&page, &[("username", "ada@example.org")]).await;
    let letters = server.letters().await;
    let letter = letters.first().unwrap();
    assert!(letter.text.starts_with("Hello from <Acme>,\n\n"), "{}", letter.text);
    assert!(letter.html.contains("Hello from &#60;Acme&#62;,</p>"), "{}", letter.html);
    // Taken away, the server's own stand there again.
    let fewer =
        put(&server, &acme, json!({ "en": { "sign_in_title": null }, "de": null })).await.expect(200).json();
    assert_eq!(fewer["settings"]["texts"]["en"]["footer"], "Acme Ltd, London");
    let page = server.get(&at(&acme, "/account/sign-in")).await.expect(200);
    assert!(page.text().contains("<h1>Sign in</h1>"));
    let none = put(&server, &acme, Value::Null).await.expect(200).json();
    assert_eq!(none["settings"]["texts"], json!({}));
}

#[tokio::test]
async fn what_cannot_be_shown_as_it_is_written_is_refused() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let long = "a".repeat(61);
    for (wrong, field) in [
        (json!({ "en": { "sign_in_title": "a\u{202e}b" } }), "settings.texts.en.sign_in_title"),
        (json!({ "en": { "sign_in_title": "two\nlines" } }), "settings.texts.en.sign_in_title"),
        (json!({ "en": { "sign_in_title": long } }), "settings.texts.en.sign_in_title"),
        (json!({ "en": { "footer": "" } }), "settings.texts.en.footer"),
        (json!({ "en": { "footer": 7 } }), "settings.texts.en.footer"),
        (json!({ "en": { "consent_title": "x" } }), "settings.texts.en"),
        (json!({ "tlh": { "footer": "x" } }), "settings.texts"),
        (json!({ "en": "x" }), "settings.texts.en"),
        (json!([]), "settings.texts"),
    ] {
        let told = put(&server, &acme, wrong.clone()).await.refused(400, "invalid_request");
        let told = told.member("error_description");
        assert!(told.starts_with(&format!("{field}: ")), "{wrong}: {told}");
    }
}

/// A PNG of one pixel.
const RED: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==";

/// What is seen beforehand is what is seen afterwards, and nothing is kept.
#[tokio::test]
async fn a_page_is_seen_before_anything_is_saved() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let see = async |sent: Value| {
        let request = Request::post("/api/v1/tenant/preview")
            .header("authorization", format!("Bearer {}", server.management_key()))
            .header("x-tenant-id", &*acme.slug)
            .header("content-type", "application/json");
        server.request(request.body(sent.to_string()).unwrap()).await
    };
    let settings = json!({
        "look": { "brand_color": "#0e4a3c", "logo": RED },
        "texts": { "de": {
            "sign_in_title": "Willkommen", "registration_title": "Mitmachen", "consent_intro": "In Ruhe lesen.",
            "mail_greeting": "Guten Tag,",
        } },
    });
    for (page, part) in [
        ("sign-in", "<h1>Willkommen</h1>"),
        ("registration", "<h1>Mitmachen</h1>"),
        ("consent", "<bdi>In Ruhe lesen.</bdi>"),
        ("letter", "Guten Tag,</p>"),
    ] {
        let sent = json!({ "page": page, "language": "de", "settings": settings });
        let seen = see(sent).await.expect(200).json();
        assert_eq!((&seen["page"], &seen["language"]), (&json!(page), &json!("de")));
        let html = seen["html"].as_str().unwrap();
        assert!(html.contains(part) && html.contains("lang=\"de\"") && html.contains("#0e4a3c"), "{html}");
        // It needs no other file.
        assert!(!html.contains("/assets/") && !html.contains("rel=\"stylesheet\""), "{html}");
        assert_eq!(html.contains("src=\"data:image/png;base64,"), page != "letter", "{html}");
    }
    let plain = see(json!({})).await.expect(200).json();
    assert!(plain["html"].as_str().unwrap().contains("<h1>Sign in</h1>"));
    assert_eq!(server.count("SELECT COUNT(*) FROM pictures"), 0);
    let page = server.get(&at(&acme, "/account/sign-in")).await.expect(200);
    assert!(page.text().contains("<h1>Sign in</h1>") && !page.text().contains("#0e4a3c"));
    for (wrong, field) in [
        (json!({ "page": "error" }), "page"),
        (json!({ "language": "tlh" }), "language"),
        (json!({ "settings": { "texts": { "en": { "footer": "" } } } }), "settings.texts.en.footer"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let told = see(wrong.clone()).await.refused(400, "invalid_request").member("error_description");
        assert!(told.starts_with(field), "{wrong}: {told}");
    }
}
