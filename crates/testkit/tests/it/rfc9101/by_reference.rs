//! RFC 9101 §5.2 and OpenID Connect Core §6.2: a request object at an address of its client's.

use super::*;
use writ_testkit::KeysHost;

struct Away {
    stage: Stage,
    host: KeysHost,
}

impl Away {
    async fn new(slug: &str) -> Self {
        let host = KeysHost::with("").await;
        let server = TestServer::builder().outbound(host.settings()).start().await;
        let stage = Stage::with(server, slug, &json!({ "request_uris": [host.uri] })).await;
        Self { stage, host }
    }

    async fn ask(&self, uri: &str) -> Page {
        let pairs = [
            ("client_id", self.stage.id()),
            ("request_uri", uri),
            ("redirect_uri", CALLBACK),
            ("state", "outside"),
        ];
        let address = at(&self.stage.tenant, &format!("/oauth2/authorize?{}", form(&pairs)));
        Agent::new(&self.stage.server).get(&address).await
    }
}

/// §5.2.3: the object is fetched, and judged as one that is brought.
#[rstest]
#[tokio::test]
async fn an_object_is_fetched_where_it_is_registered(#[values("default", "acme")] slug: &str) {
    let away = Away::new(slug).await;
    away.host.has(&away.stage.object(&away.stage.claims()));
    assert!(away.ask(&away.host.uri).await.location().unwrap().contains("/login"));
    away.host.has(&unsigned(&away.stage.claims()));
    assert_eq!(away.ask(&away.host.uri).await.sent()["error"], "invalid_request_object");
    let form_post = json!({ "response_mode": "form_post", "prompt": "none" });
    away.host.has(&away.stage.object(&away.stage.but(&form_post)));
    assert!(away.ask(&away.host.uri).await.text().contains("login_required"));
    let metadata =
        away.stage.server.get(&at(&away.stage.tenant, "/.well-known/openid-configuration")).await.json();
    assert_eq!(
        (&metadata["request_uri_parameter_supported"], &metadata["require_request_uri_registration"]),
        (&json!(true), &json!(true))
    );
}

/// §10.4: nothing is fetched from where the client has registered none, and what comes of a fetch tells nobody about
/// networks.
#[tokio::test]
async fn nothing_else_is_fetched() {
    let away = Away::new("default").await;
    away.host.has(&away.stage.object(&away.stage.claims()));
    let uri = &away.host.uri;
    let mut said = Vec::new();
    for bad in [
        format!("{uri}x"),
        format!("{uri}?x=1"),
        uri.replace("https:", "http:"),
        "https://169.254.169.254/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
        "urn:example:request".to_owned(),
        "x".to_owned(),
    ] {
        let page = away.ask(&bad).await;
        let sent = page.sent();
        assert_eq!((&*sent["error"], &*sent["state"]), ("invalid_request_uri", "outside"), "{bad}");
        said.push(sent["error_description"].clone());
    }
    assert_eq!(away.host.calls(), 0);
    for (status, fields, body) in [
        ("404 Not Found", "", ""),
        ("302 Found", "location: https://app.example/\r\n", ""),
        ("200 OK", "content-encoding: gzip\r\n", "x"),
        ("200 OK", "", &*"x".repeat(25 * 1024)),
    ] {
        away.host.says(status, fields, body);
        let sent = away.ask(uri).await.sent();
        assert_eq!(sent["error"], "invalid_request_uri", "{status} {fields}");
        assert!(sent["error_description"].contains("no request object can be had there"), "{sent:?}");
    }
    let pairs = [("request_uri", uri.as_str())];
    let pushed = away.stage.server.post("/oauth2/par", away.stage.credential(), &pairs).await;
    let _ = pushed.refused(400, "invalid_request");
}

/// OpenID Connect Core §6.2: one whose address bears its SHA-256 is kept; with another fragment it is fetched each time.
#[tokio::test]
async fn an_object_is_kept_whose_address_bears_its_hash() {
    let away = Away::new("default").await;
    let object = away.stage.object(&away.stage.claims());
    away.host.has(&object);
    let hash = URL_SAFE_NO_PAD.encode(writ_core::secret::sha256(object.as_bytes()).as_bytes());
    for _ in 0..3 {
        let page = away.ask(&format!("{}#{hash}", away.host.uri)).await;
        assert!(page.location().unwrap().contains("/login"));
    }
    assert_eq!(away.host.calls(), 1);
    for calls in 2..4 {
        let page = away.ask(&format!("{}#version-1", away.host.uri)).await;
        assert!(page.location().unwrap().contains("/login"));
        assert_eq!(away.host.calls(), calls);
    }
}
