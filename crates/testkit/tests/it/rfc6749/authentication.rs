//! §2.3 and §3.2.1: how a client authenticates.

use writ_core::change::{Action, Change, Enabled, Target};
use writ_core::client::ClientKind;
use writ_core::time::Seconds;
use writ_testkit::{Credential, START, TestServer};

#[tokio::test]
async fn basic_and_post_both_get_a_token() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    for by in [Credential::from(&app), app.post()] {
        let answer = server.token(by, &[]).await.expect(200);
        assert_eq!(answer.member("token_type"), "Bearer");
        assert_eq!(answer.member("scope"), "read");
        assert_eq!(answer.json()["expires_in"], 3600);
    }
}

/// §2.3.1: both halves are form-urlencoded before the base64.
#[tokio::test]
async fn the_halves_of_basic_are_form_urlencoded() {
    let server = TestServer::start().await;
    for (id, secret) in [("app:1", "p:w"), ("app +2", "a+b c%20d"), ("äpp", "sécret&=\"")] {
        let app = server.client(id).secret(secret, None).create().await;
        let _ = server.token(&app, &[]).await.expect(200);
        let _ = server.token(app.post(), &[]).await.expect(200);
    }
    // Not encoded: `+` means a space, so it is another secret.
    server.client("plain").secret("a+b", None).create().await;
    let raw = Credential::Header("Basic cGxhaW46YSti".to_owned());
    let _ = server.token(raw, &[]).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn the_scheme_is_taken_in_any_case() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let header = Credential::from(&app).header().unwrap();
    for scheme in ["basic", "BASIC", "bAsIc "] {
        let by = Credential::Header(header.replacen("Basic", scheme, 1));
        let _ = server.token(by, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn unknown_clients_and_wrong_secrets_look_the_same() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let spa = server.client("spa").kind(ClientKind::Spa).create().await;
    let off = server.client("off").disabled().create().await;
    let mut bodies = Vec::new();
    for by in [
        Credential::basic("nobody", "wrong"),
        Credential::post("nobody", "wrong"),
        Credential::public("nobody"),
        app.with_secret("wrong"),
        app.with_secret(""),
        Credential::post("app", "wrong"),
        Credential::public("app"),
        Credential::basic(&spa.client_id, "anything"),
        Credential::from(&off),
    ] {
        let answer = server.token(by.clone(), &[]).await.refused(401, "invalid_client");
        assert_eq!(
            answer.all("www-authenticate"),
            [format!("Basic realm=\"{}\", charset=\"UTF-8\"", server.base)]
        );
        bodies.push((by, answer.body));
    }
    assert!(bodies.iter().all(|(_, body)| *body == bodies[0].1), "{bodies:?}");
}

/// §2.3: a client uses one method in a request.
#[tokio::test]
async fn two_methods_at_once_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let both = [("client_id", app.client_id.as_str()), ("client_secret", app.secret.as_str())];
    let _ = server.token(&app, &both).await.refused(400, "invalid_request");
    let _ = server.token(&app, &[("client_secret", "x")]).await.refused(400, "invalid_request");
    let _ = server.token(&app, &[("client_id", "other")]).await.refused(400, "invalid_request");
    let _ = server.token(&app, &[("client_id", "app")]).await.expect(200);
    // §3.1: an empty parameter is none.
    let _ = server.token(&app, &[("client_id", ""), ("client_secret", "")]).await.expect(200);
}

#[tokio::test]
async fn without_credentials_a_request_is_401() {
    let server = TestServer::start().await;
    for by in [
        Credential::None,
        Credential::bearer("at_whatever"),
        Credential::Header("Digest username=\"app\"".to_owned()),
        Credential::Header("Basic".to_owned()),
        Credential::Header("Basic !!!".to_owned()),
        Credential::Header("Basic YXBw".to_owned()),
        Credential::Header("Basic OnNlY3JldA==".to_owned()),
        Credential::Header("Basic YXBwOiV6eg==".to_owned()),
    ] {
        let answer = server.token(by.clone(), &[]).await.refused(401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{by:?}: {answer:?}");
    }
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let value = Credential::from(&app).header().unwrap();
    let request = http::Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", &value)
        .header("authorization", &value)
        .body("grant_type=client_credentials")
        .unwrap();
    let _ = server.request(request).await.refused(400, "invalid_request");
}

/// §2.3: a client assertion is not a method of this server, whatever else comes with it.
#[tokio::test]
async fn client_assertions_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for parameter in ["client_assertion", "client_assertion_type"] {
        let _ = server.token(&app, &[(parameter, "x")]).await.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn of_two_live_secrets_either_works_until_it_expires() {
    let server = TestServer::start().await;
    let end = START.plus(Seconds(600));
    let app =
        server.client("app").secret("the old one", Some(end)).and_secret("the new one", None).create().await;
    let _ = server.token(&app, &[]).await.expect(200);
    let _ = server.token(app.with_secret("the new one"), &[]).await.expect(200);
    server.clock.advance(Seconds(599));
    let _ = server.token(&app, &[]).await.expect(200);
    server.clock.advance(Seconds(1));
    let _ = server.token(&app, &[]).await.refused(401, "invalid_client");
    let _ = server.token(app.with_secret("the new one"), &[]).await.expect(200);
}

/// A secret that somebody chose is kept under argon2id, and remembered after its first use.
#[tokio::test]
async fn a_chosen_secret_works_and_is_forgotten_with_its_client() {
    let server = TestServer::start().await;
    let app = server.client("app").chosen_secret("correct horse battery").create().await;
    for _ in 0..3 {
        let _ = server.token(&app, &[]).await.expect(200);
    }
    let _ = server.token(app.with_secret("correct horse batterz"), &[]).await.refused(401, "invalid_client");
    let delete = Change::DeleteClient { client: app.id, tenant: app.tenant, only: None };
    server.change(app.tenant, (Action::ClientDeleted, Target::Client(app.id)), delete).await;
    let _ = server.token(&app, &[]).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a_disabled_client_gets_no_token_until_it_is_enabled() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for (enabled, status) in [(Enabled::No, 401), (Enabled::Yes, 200), (Enabled::No, 401)] {
        let change = Change::SetClientEnabled { client: app.id, tenant: app.tenant, enabled, at: START };
        server.change(app.tenant, (Action::ClientDisabled, Target::Client(app.id)), change).await;
        let _ = server.token(&app, &[]).await.expect(status);
    }
}
