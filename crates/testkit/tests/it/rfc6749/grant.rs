//! §3.3, §4.4 and §5: grants, scopes, lifetimes and what an answer looks like.

use writ_core::change::{Action, Change, Target};
use writ_core::client::{ClientKind, GrantType};
use writ_core::time::Seconds;
use writ_testkit::{Answer, Credential, TestServer, token_of};

#[tokio::test]
async fn grants_that_are_unknown_or_not_the_clients_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let web =
        server.client("web").kind(ClientKind::Web).grants(&[GrantType::AuthorizationCode]).create().await;
    let spa = server.client("spa").kind(ClientKind::Spa).create().await;
    let ask =
        async |by: Credential, grant: &str| server.post("/oauth2/token", by, &[("grant_type", grant)]).await;
    for grant in ["urn:x", "implicit", "CLIENT_CREDENTIALS", "client_credentials "] {
        let _ = ask(Credential::from(&app), grant).await.refused(400, "unsupported_grant_type");
    }
    // A parameter that is missing is told first: what is allowed depends on nothing that was sent.
    for grant in ["", "authorization_code", "refresh_token", "password"] {
        let _ = ask(Credential::from(&app), grant).await.refused(400, "invalid_request");
    }
    for (grant, parameter) in [("authorization_code", "code"), ("refresh_token", "refresh_token")] {
        let pairs = [("grant_type", grant), (parameter, "x")];
        let _ = server.post("/oauth2/token", &app, &pairs).await.refused(400, "unauthorized_client");
    }
    let _ = server.post("/oauth2/token", &app, &[]).await.refused(400, "invalid_request");
    let _ = ask(Credential::from(&web), "client_credentials").await.refused(400, "unauthorized_client");
    // §4.4: client_credentials is for confidential clients only, whatever a public one is registered for.
    let _ = ask(Credential::from(&spa), "client_credentials").await.refused(400, "unauthorized_client");
    // Who is not the client hears nothing of its grants.
    let _ = ask(web.with_secret("wrong"), "client_credentials").await.refused(401, "invalid_client");
}

#[tokio::test]
async fn scope_is_defaulted_clamped_or_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read write openid profile").create().await;
    let cases = [
        (None, Some("read write")),
        (Some(""), Some("read write")),
        (Some("read"), Some("read")),
        (Some("write read write"), Some("write read")),
        (Some(" read  write "), Some("read write")),
        (Some("read admin"), Some("read")),
        (Some("read openid"), Some("read")),
        (Some("openid"), None),
        (Some("admin"), None),
        (Some("READ"), None),
        (Some(" "), None),
        (Some("read\twrite"), None),
        (Some("réad"), None),
        (Some("re\"ad"), None),
    ];
    for (asked, granted) in cases {
        let pairs: Vec<_> = asked.map(|scope| ("scope", scope)).into_iter().collect();
        let answer = server.token(&app, &pairs).await;
        match granted {
            Some(scope) => {
                let token = token_of(&answer);
                assert_eq!(answer.member("scope"), scope, "{asked:?}");
                assert_eq!(server.introspect(&app, &token).await.member("scope"), scope, "{asked:?}");
            }
            None => drop(answer.refused(400, "invalid_scope")),
        }
    }
}

/// The design: an empty scope is still a token.
#[tokio::test]
async fn a_client_without_scopes_gets_a_token_without_scope() {
    let server = TestServer::start().await;
    for scope in ["", "openid offline_access"] {
        let app = server.client(&format!("app{}", scope.len())).scope(scope).create().await;
        let answer = server.token(&app, &[]).await;
        let token = token_of(&answer);
        assert!(answer.json().get("scope").is_none(), "{}", answer.text());
        let seen = server.introspect(&app, &token).await.json();
        assert_eq!((&seen["active"], seen.get("scope")), (&true.into(), None));
        let _ = server.token(&app, &[("scope", "read")]).await.refused(400, "invalid_scope");
    }
}

#[tokio::test]
async fn refused_scopes_are_counted_for_the_client() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    for _ in 0..3 {
        let _ = server.token(&app, &[("scope", "admin")]).await.refused(400, "invalid_scope");
    }
    server.app.store.flush_notes(app.tenant).await.unwrap();
    let noted = server.app.store.client_notes(app.id).await.unwrap().unwrap();
    assert_eq!(noted.scope_refusals, 3);
}

#[tokio::test]
async fn lifetimes_are_the_clients_own() {
    let server = TestServer::start().await;
    for seconds in [1, 60, 86_400] {
        let app = server.client(&format!("app{seconds}")).lifetime(seconds).opaque().create().await;
        let answer = server.token(&app, &[]).await;
        let token = token_of(&answer);
        assert_eq!(answer.json()["expires_in"], seconds);
        let seen = server.introspect(&app, &token).await.json();
        assert_eq!(seen["exp"].as_i64().unwrap() - seen["iat"].as_i64().unwrap(), seconds);
        server.clock.advance(Seconds(seconds - 1));
        assert!(server.is_active(&app, &token).await);
        server.clock.advance(Seconds(1));
        assert!(!server.is_active(&app, &token).await);
    }
}

fn is_not_stored(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    assert_eq!(answer.header("pragma"), "no-cache", "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
}

/// §5.1 and §5.2.
#[tokio::test]
async fn no_answer_may_be_stored() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    is_not_stored(&server.token(&app, &[]).await.expect(200));
    is_not_stored(&server.token(&app, &[("scope", "x")]).await.expect(400));
    is_not_stored(&server.token(Credential::None, &[]).await.expect(401));
    is_not_stored(&server.get("/oauth2/token").await.expect(405));
    is_not_stored(&server.introspect(&app, "x").await.expect(200));
    is_not_stored(&server.revoke(&app, "x").await.expect(200));
}

/// §5.2: the characters of `error_description`, and an `error_uri` that leads somewhere.
#[tokio::test]
async fn every_error_has_a_page_and_a_clean_description() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    let spa = server.client("spa").kind(ClientKind::Spa).create().await;
    let other = server.client("other").create().await;
    let theirs = server.access_token(&other).await;
    let key = server.management_key();
    let answers = [
        server.token(Credential::None, &[]).await,
        server.token(&spa, &[]).await,
        server.token(&app, &[("scope", "\"\\\u{e9}\u{7f}")]).await,
        server.token(&app, &[("scope", "x")]).await,
        server.token(&app, &[("a\"\\\u{e9}b", "1"), ("a\"\\\u{e9}b", "2")]).await,
        server.post("/oauth2/token", &app, &[("grant_type", "x")]).await,
        server.get("/oauth2/token").await,
        server.get("/nothing").await,
        server.get("/t/nobody/oauth2/token").await,
        server.post("/t/nobody/oauth2/token", &app, &[]).await,
        server.introspect(Credential::None, "x").await,
        server.introspect(Credential::bearer("x"), "x").await,
        server.post("/oauth2/introspect", Credential::bearer(&key), &[]).await,
        server.revoke(&app, &theirs).await,
        server.request(http::Request::post("/oauth2/token").body("").unwrap()).await,
        server
            .request(
                http::Request::post("/oauth2/token")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(vec![b'a'; 70_000])
                    .unwrap(),
            )
            .await,
    ];
    let mut seen = std::collections::BTreeSet::new();
    for answer in answers {
        assert!(answer.status >= 400, "{answer:?}");
        let description = answer.member("error_description");
        let clean = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        assert!(!description.is_empty() && description.chars().all(clean), "{description:?}");
        let uri = answer.member("error_uri");
        let path = uri.strip_prefix(&server.base).unwrap_or_else(|| panic!("{uri}"));
        let page = server.get(path).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        seen.insert(uri);
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

/// Ending every token of a client does not keep it from getting new ones.
#[tokio::test]
async fn after_its_tokens_were_ended_a_client_gets_new_ones() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let old = server.access_token(&app).await;
    let end = Change::EndClientTokens { client: app.id, tenant: app.tenant };
    server.change(app.tenant, (Action::ClientTokensEnded, Target::Client(app.id)), end).await;
    let new = server.access_token(&app).await;
    assert!(!server.is_active(&app, &old).await);
    assert!(server.is_active(&app, &new).await);
}

/// `POST /api/v1/oauth/tokens` is the same handler.
#[tokio::test]
async fn the_contracts_path_is_the_same_endpoint() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    let token =
        token_of(&server.post("/api/v1/oauth/tokens", &app, &[("grant_type", "client_credentials")]).await);
    let seen = server.post("/api/v1/oauth/introspect", &app, &[("token", &token)]).await.expect(200);
    assert_eq!(seen.json()["active"], true);
    let _ = server.post("/api/v1/oauth/tokens", Credential::None, &[]).await.refused(401, "invalid_client");
}
