//! Callers: which credential is good, and with which scheme the others are answered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use writ_core::authority::Permission;
use writ_core::change::{Action, Change, Enabled, Target};
use writ_core::client::ClientKind;
use writ_core::time::Seconds;
use writ_testkit::{Credential, Planted, START, TestServer, token_of};

use super::{Ask, KEYS, application, callers, challenged, key, person, set, token_for};

const READ: &[Permission] = &[Permission::KeysRead];

async fn listed(server: &TestServer, by: &Credential) -> writ_testkit::Answer {
    Ask::get(KEYS).by(by.clone()).send(server).await
}

#[tokio::test]
async fn an_anonymous_call_hears_of_every_scheme() {
    let server = TestServer::start().await;
    for by in ["", "Digest username=\"x\"", "Basic", "Bearer", "Bearer ", "\u{e9} x"] {
        let by = if by.is_empty() { Credential::None } else { Credential::Header(by.to_owned()) };
        let answer = listed(&server, &by).await;
        challenged(&answer, &["Basic", "Bearer", "DPoP"], &format!("{by:?}"));
        assert!(!answer.all("www-authenticate").iter().any(|text| text.contains("error")), "RFC 6750, 3.1");
        assert!(answer.member("error_uri").ends_with("/errors/invalid_token"));
    }
}

#[tokio::test]
async fn a_credential_that_is_no_good_hears_of_its_own_scheme() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let app = application(&server, &tenant, set(READ)).await;
    let spa = server.client("spa").kind(ClientKind::Spa).scope("keys:read").create().await;
    let good = key(&server, &tenant, set(READ)).await;
    let token = server.access_token(&app).await;
    let altered = format!("{}{}", &token[..token.len() - 1], if token.ends_with('A') { 'B' } else { 'A' });
    let basic = [
        ("not base64", Credential::Header("Basic !!!".to_owned())),
        ("no colon", Credential::Header("Basic YXBw".to_owned())),
        ("unknown client", Credential::basic("nobody", "secret")),
        ("wrong secret", app.with_secret("wrong")),
        ("no secret", Credential::basic(&app.client_id, "")),
        ("public client", Credential::basic(&spa.client_id, "")),
        ("an API key as the secret", app.with_secret(&good)),
        ("an API key as id and secret", Credential::basic(&good, &good)),
        ("a token as the secret", app.with_secret(&token)),
    ];
    for (what, by) in basic {
        let answer = listed(&server, &by).await;
        challenged(&answer, &["Basic"], what);
        assert_eq!(answer.error(), "invalid_client", "{what}");
    }
    let bearer = [
        ("nonsense", "x".to_owned()),
        ("no token", "=".to_owned()),
        ("a client's secret", app.secret.clone()),
        ("an unknown key", format!("{}x", &good[..good.len() - 1])),
        ("a longer key", format!("{good}0")),
        ("the prefix of a key", "sk_live_".to_owned()),
        ("another prefix", good.replace("sk_live_", "sk_test_")),
        ("an altered token", altered),
        ("the prefix of a token", "at_".to_owned()),
        ("a token of nobody", format!("at_{}", "0".repeat(65))),
        ("a very long one", "a".repeat(9000)),
    ];
    for (what, text) in bearer {
        let answer = listed(&server, &Credential::bearer(&text)).await;
        challenged(&answer, &["Bearer"], what);
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{what}");
    }
    let twice = Ask::get(KEYS).key(&good).header("authorization", &format!("Bearer {good}"));
    let _ = twice.send(&server).await.refused(400, "invalid_request");
    let _ = listed(&server, &Credential::bearer(&good)).await.expect(200);
    let _ = listed(&server, &Credential::from(&app)).await.expect(200);
}

/// Only tokens with the issuer in `aud`, each tenant's own; an ID token is never an access token.
#[tokio::test]
async fn tokens_that_are_not_for_this_server_are_refused() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").scope("read keys:read").audience(&["https://api.example"]).create().await;
    let elsewhere = token_of(&server.token(&app, &[("scope", "read")]).await);
    let here = token_of(&server.token(&app, &[("scope", "keys:read")]).await);
    let _ = listed(&server, &Credential::bearer(&here)).await.expect(200);

    let alice = person(&server, &server.default_tenant(), &["admin"]).await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let plant = async |client, user, audience: &[&str]| {
        server.plant(client, Planted { user, scope: "keys:read", audience }).await
    };
    let issuer = server.base.as_str();
    let refused = [
        ("for an API only", elsewhere),
        ("a longer name", plant(&app, None, &["https://id.example/", "https://id.example.evil"]).await),
        ("for the client, as an ID token is", plant(&app, Some(alice), &["app"]).await),
        ("for nobody", plant(&app, None, &[]).await),
        ("the base URL is not acme's issuer", plant(&theirs, None, &[issuer]).await),
        ("acme's issuer is not the first tenant's", plant(&app, None, &[&acme.issuer]).await),
    ];
    for (what, token) in refused {
        challenged(&listed(&server, &Credential::bearer(&token)).await, &["Bearer"], what);
    }
    let _ = listed(&server, &Credential::bearer(&plant(&app, None, &["x", issuer]).await)).await.expect(200);

    // What looks like an ID token of this server, with the id of a live access token in it.
    let jti = server.introspect(&app, &here).await.member("jti");
    let (_, rest) = here.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let header = json!({ "alg": "ES256", "typ": "JWT" }).to_string();
    for payload in [
        format!(
            "{{\"jti\":\"{jti}\",\"iss\":\"{issuer}\",\"sub\":\"{alice}\",\"aud\":\"app\",\"nonce\":\"n\"}}"
        ),
        format!("{{\"jti\":\"{jti}\",\"iss\":\"{issuer}\",\"aud\":\"{issuer}\",\"scope\":\"keys:read\"}}"),
    ] {
        let forged =
            format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(payload));
        challenged(&listed(&server, &Credential::bearer(&forged)).await, &["Bearer"], "an ID token");
    }
}

#[tokio::test]
async fn what_has_ended_is_refused_at_the_very_next_request() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let end = START.plus(Seconds(60));
    let key = server.api_key(&tenant, READ, Some(end)).await;
    let short = server.client("short").scope("keys:read").lifetime(60).create().await;
    let short = server.access_token(&short).await;
    let app = server.client("app").scope("keys:read").create().await;
    let revoked = server.access_token(&app).await;
    let kept = server.access_token(&app).await;
    let own = server.client("own").first_party().create().await;
    let alice = person(&server, &tenant, &["admin"]).await;
    let bob = person(&server, &tenant, &["admin"]).await;
    let hers = token_for(&server, &own, alice, "keys:read").await;
    let his = token_for(&server, &own, bob, "keys:read").await;
    for by in [&key, &short, &revoked, &kept, &hers, &his] {
        let _ = listed(&server, &Credential::bearer(by)).await.expect(200);
    }
    let _ = listed(&server, &Credential::from(&app)).await.expect(200);

    let _ = server.revoke(&app, &revoked).await.expect(200);
    challenged(&listed(&server, &Credential::bearer(&revoked)).await, &["Bearer"], "revoked");

    let lock = Change::SetUserEnabled { user: alice, tenant: tenant.id, enabled: Enabled::No, at: START };
    server.change(tenant.id, (Action::UserDisabled, Target::User(alice)), lock).await;
    challenged(&listed(&server, &Credential::bearer(&hers)).await, &["Bearer"], "user disabled");
    let delete = Change::DeleteUser { user: bob, tenant: tenant.id, only: None };
    server.change(tenant.id, (Action::UserDeleted, Target::User(bob)), delete).await;
    challenged(&listed(&server, &Credential::bearer(&his)).await, &["Bearer"], "user deleted");
    // Let in again, she needs a new token.
    let let_in = Change::SetUserEnabled { user: alice, tenant: tenant.id, enabled: Enabled::Yes, at: START };
    server.change(tenant.id, (Action::UserEnabled, Target::User(alice)), let_in).await;
    challenged(&listed(&server, &Credential::bearer(&hers)).await, &["Bearer"], "of before");

    let disable =
        Change::SetClientEnabled { client: app.id, tenant: tenant.id, enabled: Enabled::No, at: START };
    server.change(tenant.id, (Action::ClientDisabled, Target::Client(app.id)), disable).await;
    challenged(&listed(&server, &Credential::from(&app)).await, &["Basic"], "client disabled");
    // Disabling a client stops new tokens; those that are out live on.
    let _ = listed(&server, &Credential::bearer(&kept)).await.expect(200);
    let delete = Change::DeleteClient { client: app.id, tenant: tenant.id, only: None };
    server.change(tenant.id, (Action::ClientDeleted, Target::Client(app.id)), delete).await;
    challenged(&listed(&server, &Credential::bearer(&kept)).await, &["Bearer"], "client deleted");

    server.clock.advance(Seconds(59));
    let _ = listed(&server, &Credential::bearer(&key)).await.expect(200);
    server.clock.advance(Seconds(1));
    challenged(&listed(&server, &Credential::bearer(&key)).await, &["Bearer"], "key expired");
    challenged(&listed(&server, &Credential::bearer(&short)).await, &["Bearer"], "token expired");
}

#[tokio::test]
async fn callers_of_a_disabled_tenant_are_refused_and_come_back_with_it() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let everyone = callers(&server, &acme, set(READ)).await;
    let path = format!("/api/v1/tenants/{}", acme.id);
    for enabled in [false, true] {
        let switch = Ask::put(&path, &json!({ "enabled": enabled })).key(&server.management_key());
        let _ = switch.send(&server).await.expect(200);
        for (kind, by) in &everyone {
            let answer = listed(&server, by).await;
            if enabled {
                let _ = answer.expect(200);
            } else {
                let scheme = if matches!(by, Credential::Basic { .. }) { "Basic" } else { "Bearer" };
                challenged(&answer, &[scheme], kind);
                let below = Ask::get(&acme.path(KEYS)).by(by.clone()).send(&server).await;
                assert!([401, 404].contains(&below.status), "{kind}: {}", below.text());
            }
        }
    }
}

/// A browser that was led here by another site must not lend its stored Basic credentials.
#[tokio::test]
async fn basic_is_refused_from_another_sites_page() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let app = application(&server, &tenant, set(&[Permission::KeysRead, Permission::KeysWrite])).await;
    let good = key(&server, &tenant, set(READ)).await;
    let body = json!({ "name": "stolen", "permissions": ["keys:write"] });
    for ask in [Ask::get(KEYS), Ask::post(KEYS, &body)] {
        let crossed = ask.clone().by(&app).header("sec-fetch-site", "cross-site");
        let _ = crossed.send(&server).await.refused(403, "access_denied");
        // Whether the credential is good is not said either.
        let wrong = ask.clone().by(app.with_secret("wrong")).header("sec-fetch-site", "cross-site");
        let _ = wrong.send(&server).await.refused(403, "access_denied");
        let twice =
            ask.by(&app).header("sec-fetch-site", "same-origin").header("sec-fetch-site", "cross-site");
        let _ = twice.send(&server).await.refused(403, "access_denied");
    }
    for site in ["same-origin", "same-site", "none"] {
        let _ = Ask::get(KEYS).by(&app).header("sec-fetch-site", site).send(&server).await.expect(200);
    }
    // No browser adds a Bearer credential by itself.
    let _ = Ask::get(KEYS).key(&good).header("sec-fetch-site", "cross-site").send(&server).await.expect(200);
    let count = Ask::get(KEYS).key(&good).send(&server).await.json()["api_keys"].as_array().unwrap().len();
    assert_eq!(count, 2, "nothing was made: the first start's key and this test's");
}
