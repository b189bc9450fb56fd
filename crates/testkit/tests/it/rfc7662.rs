//! RFC 7662: introspection, with the rights of AUTHORITY.

use serde_json::json;
use writ_core::authority::Permission;
use writ_core::change::{Action, Change, Enabled, Target};
use writ_core::client::ClientKind;
use writ_core::subject::Subject;
use writ_core::time::Seconds;
use writ_testkit::{Credential, Planted, START, TestServer};

/// §2.2.
#[tokio::test]
async fn a_client_sees_its_own_token_of_either_kind() {
    let server = TestServer::start().await;
    let jwt = server.client("jwt").scope("read").create().await;
    let opaque = server.client("opaque").scope("read").opaque().create().await;
    for app in [&jwt, &opaque] {
        let token = server.access_token(app).await;
        let seen = server.introspect(app, &token).await.expect(200).json();
        let now = START.as_secs();
        assert_eq!(
            seen,
            json!({
                "active": true, "scope": "read", "client_id": app.client_id, "token_type": "Bearer",
                "exp": now + 3600, "iat": now, "sub": app.client_id, "aud": server.base, "iss": server.base,
                "jti": seen["jti"],
            })
        );
        assert!(server.is_active(app.post(), &token).await, "with the secret in the body");
    }
}

#[tokio::test]
async fn who_may_see_a_token() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let acme = server.tenant("acme").await;
    let owner = server.client("owner").audience(&["api", "https://other.example"]).create().await;
    let token = server.access_token(&owner).await;

    let api = server.client("api").create().await;
    let stranger = server.client("stranger").scope("oauth:write users:read").create().await;
    let reader = server.client("reader").scope("oauth:read").create().await;
    let foreign = server.client("foreign").of(&acme).scope("oauth:read").create().await;
    let reading_key = server.api_key(&tenant, &[Permission::OauthRead], None).await;
    let writing_key = server.api_key(&tenant, &[Permission::OauthWrite], None).await;
    let foreign_key = server.api_key(&acme, &[Permission::OauthRead], None).await;
    let bearer = async |client| Credential::bearer(&server.access_token(client).await);
    let cases = [
        ("its owner", Credential::from(&owner), true),
        ("named by aud", Credential::from(&api), true),
        ("stranger", Credential::from(&stranger), false),
        ("oauth:read", Credential::from(&reader), true),
        ("oauth:read elsewhere", Credential::from(&foreign), false),
        ("key with oauth:read", Credential::bearer(&reading_key), true),
        ("key without", Credential::bearer(&writing_key), false),
        ("key with oauth:read elsewhere", Credential::bearer(&foreign_key), false),
        ("token with oauth:read", bearer(&reader).await, true),
        ("token of the one named by aud", bearer(&api).await, true),
        ("token of a stranger", bearer(&stranger).await, false),
        ("token with oauth:read elsewhere", bearer(&foreign).await, false),
    ];
    for (name, by, may) in cases {
        assert_eq!(server.is_active(by, &token).await, may, "{name}");
    }
}

/// The authority of a bearer is its token's scope, not its client's.
#[tokio::test]
async fn a_token_without_the_scope_does_not_read_for_a_client_that_may() {
    let server = TestServer::start().await;
    let owner = server.client("owner").create().await;
    let reader = server.client("reader").scope("oauth:read oauth:write").create().await;
    let token = server.access_token(&owner).await;
    let narrow = writ_testkit::token_of(&server.token(&reader, &[("scope", "oauth:write")]).await);
    assert!(!server.is_active(Credential::bearer(&narrow), &token).await);
    assert!(server.is_active(Credential::bearer(&narrow), &narrow).await, "its own it sees");
}

/// A person's authority also depends on roles; a scope alone is none.
#[tokio::test]
async fn a_persons_scope_alone_reads_nothing() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let alice = server.user(&tenant, "alice", "a long enough password").await;
    let app = server.client("app").create().await;
    let other = server.client("other").create().await;
    let audience = [server.base.as_str()];
    let planted = Planted { user: Some(alice), scope: "openid oauth:read", audience: &audience };
    let hers = server.plant(&app, planted).await;
    let token = server.access_token(&other).await;
    assert!(!server.is_active(Credential::bearer(&hers), &token).await);
    let seen = server.introspect(&app, &hers).await.json();
    assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!(Subject::of(alice).to_string())));

    let lock = Change::SetUserEnabled { user: alice, tenant: tenant.id, enabled: Enabled::No, at: START };
    server.change(tenant.id, (Action::UserDisabled, Target::User(alice)), lock).await;
    assert!(!server.is_active(&app, &hers).await, "locked out");
    let _ = server.introspect(Credential::bearer(&hers), &token).await.refused(401, "invalid_token");
}

/// Writ's own endpoints take only tokens with the issuer in `aud`.
#[tokio::test]
async fn a_bearer_for_somebody_else_is_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read oauth:read").audience(&["https://api.example"]).create().await;
    let elsewhere = writ_testkit::token_of(&server.token(&app, &[("scope", "read")]).await);
    let here = writ_testkit::token_of(&server.token(&app, &[("scope", "oauth:read")]).await);
    let answer = server.introspect(Credential::bearer(&elsewhere), &here).await.refused(401, "invalid_token");
    let challenges = answer.all("www-authenticate");
    assert!(challenges.len() == 1 && challenges[0].contains("error=\"invalid_token\""), "{challenges:?}");
    assert!(server.is_active(Credential::bearer(&here), &elsewhere).await);
    // An audience that merely contains the issuer's text is another audience.
    let near =
        Planted { user: None, scope: "oauth:read", audience: &["https://id.example/", "https://id.exampl"] };
    let near = server.plant(&app, near).await;
    let _ = server.introspect(Credential::bearer(&near), &here).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn bearers_that_are_not_live_are_refused() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let end = START.plus(Seconds(60));
    let key = server.api_key(&tenant, &[Permission::OauthRead], Some(end)).await;
    let reader = server.client("reader").scope("oauth:read").lifetime(60).create().await;
    let token = server.access_token(&reader).await;
    let revoked = server.access_token(&reader).await;
    let _ = server.revoke(&reader, &revoked).await.expect(200);
    for by in [&key, &token] {
        let _ = server.introspect(Credential::bearer(by), &token).await.expect(200);
    }
    let altered = format!("{}{}", &key[..key.len() - 1], if key.ends_with('0') { '1' } else { '0' });
    for by in [&revoked, &altered, "sk_live_", "at_", "x", "sk_live_x", &key.replace("sk_live_", "sk_test_")]
    {
        let _ = server.introspect(Credential::bearer(by), &token).await.refused(401, "invalid_token");
    }
    server.clock.advance(Seconds(60));
    for by in [&key, &token] {
        let _ = server.introspect(Credential::bearer(by), &token).await.refused(401, "invalid_token");
    }
}

/// An API key is never looked up as a client secret, nor a secret as a key.
#[tokio::test]
async fn keys_and_secrets_are_not_mixed_up() {
    let server = TestServer::start().await;
    let key = server.management_key();
    let client = server.management_client().await;
    let _ = server.introspect(client.with_secret(&key), "x").await.refused(401, "invalid_client");
    let _ = server.introspect(Credential::bearer(&client.secret), "x").await.refused(401, "invalid_token");
    let _ = server.token(Credential::bearer(&key), &[]).await.refused(401, "invalid_client");
}

/// §2.1, §2.3: the endpoint is protected, and naming oneself is no credential; each is refused as its scheme wants it.
#[tokio::test]
async fn public_clients_and_nobody_are_refused() {
    let server = TestServer::start().await;
    let spa = server.client("spa").kind(ClientKind::Spa).create().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let _ = server.introspect(&spa, &token).await.refused(401, "invalid_client");
    let _ = server.introspect(Credential::public("app"), &token).await.refused(401, "invalid_client");

    let answer = server.introspect(Credential::None, &token).await.expect(401);
    let challenges = answer.all("www-authenticate");
    assert_eq!(challenges.len(), 3, "{challenges:?}");
    assert!(
        challenges[0].starts_with("Basic realm=")
            && challenges[1].starts_with("Bearer realm=")
            && challenges[2].starts_with("DPoP realm="),
        "{challenges:?}"
    );
    assert!(!challenges[1].contains("error"), "RFC 6750 §3.1: {challenges:?}");
    let digest = Credential::Header("Digest a=b".to_owned());
    assert_eq!(server.introspect(digest, &token).await.expect(401).all("www-authenticate").len(), 3);
}

/// A credential that cannot be read: the challenge is of its own scheme.
#[tokio::test]
async fn malformed_credentials_are_answered_with_their_scheme() {
    let server = TestServer::start().await;
    for (header, error, scheme) in [
        ("Basic !!!", "invalid_client", "Basic "),
        ("Basic YXBw", "invalid_client", "Basic "),
        ("Bearer a b", "invalid_token", "Bearer "),
        ("Bearer =", "invalid_token", "Bearer "),
    ] {
        let by = Credential::Header(header.to_owned());
        let answer = server.introspect(by, "x").await.refused(401, error);
        let challenges = answer.all("www-authenticate");
        assert!(challenges.len() == 1 && challenges[0].starts_with(scheme), "{header}: {challenges:?}");
    }
    let long = Credential::bearer(&"a".repeat(9000));
    let _ = server.introspect(long, "x").await.refused(401, "invalid_token");
}

#[tokio::test]
async fn two_credentials_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let body = [("token", token.as_str()), ("client_id", "app"), ("client_secret", app.secret.as_str())];
    let by = Credential::bearer(&server.management_key());
    let _ = server.post("/oauth2/introspect", by, &body).await.refused(400, "invalid_request");
    let _ = server.post("/oauth2/introspect", &app, &body).await.refused(400, "invalid_request");
}

/// §2.2: whatever is not a live token of this issuer is exactly this.
#[tokio::test]
async fn anything_else_is_inactive_to_the_byte() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let reader = server.client("reader").scope("oauth:read").create().await;
    let opaque = server.client("opaque").opaque().create().await;
    let foreign = server.client("foreign").of(&acme).create().await;
    let jwt = server.access_token(&reader).await;
    let reference = server.access_token(&opaque).await;
    let theirs = server.access_token(&foreign).await;
    let (header, rest) = jwt.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let mut garbage: Vec<String> = [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "at_",
        "at_x",
        "sk_live_x",
        "null",
        "{\"active\":true}",
        "' OR 1=1 --",
        "\u{e9}\u{1f600}",
        "%00",
        "-1",
        "at_000000000000000000000000000000000000000000000000000000000000000000",
    ]
    .map(str::to_owned)
    .to_vec();
    garbage.extend([
        theirs,
        server.management_key(),
        "a".repeat(20_000),
        format!("at_{}", "z".repeat(65)),
        format!("at_{}", "0".repeat(65)),
        format!("{jwt} "),
        format!(" {jwt}"),
        format!("{jwt}."),
        format!("{jwt}="),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("{header}.{}.{signature}", &payload[..60]),
        format!("{header}.{}.{signature}", &payload[..59]),
        reference.to_uppercase(),
        reference.replace("at_", ""),
        format!("{reference}0"),
        reference[..reference.len() - 1].to_owned(),
    ]);
    for token in garbage {
        let answer = server.introspect(&reader, &token).await.expect(200);
        assert_eq!(answer.text(), "{\"active\":false}", "{token}");
    }
    assert!(server.is_active(&reader, &jwt).await && server.is_active(&reader, &reference).await);
}

/// The row bears the hash of the whole token, so no altered character goes unseen: not in the header, not
/// in the signature, which is never checked here.
#[tokio::test]
async fn a_token_altered_anywhere_is_inactive() {
    let server = TestServer::start().await;
    let jwt = server.client("jwt").scope("read").create().await;
    let opaque = server.client("opaque").opaque().create().await;
    for app in [&jwt, &opaque] {
        let token = server.access_token(app).await;
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(!server.is_active(app, &altered).await, "byte {at}");
        }
        assert!(server.is_active(app, &token).await);
    }
}

#[tokio::test]
async fn revoked_and_expired_tokens_are_inactive() {
    let server = TestServer::start().await;
    let app = server.client("app").lifetime(100).create().await;
    let (one, two) = (server.access_token(&app).await, server.access_token(&app).await);
    let _ = server.revoke(&app, &one).await.expect(200);
    assert!(!server.is_active(&app, &one).await);
    assert!(server.is_active(&app, &two).await);
    server.clock.advance(Seconds(100));
    assert!(!server.is_active(&app, &two).await);
    server.clock.advance(Seconds(-100));
    assert!(server.is_active(&app, &two).await);
    assert!(!server.is_active(&app, &one).await);
}

/// §2.1: a hint changes nothing, whatever it says.
#[tokio::test]
async fn the_hint_is_ignored_and_the_token_is_not() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    for hint in ["access_token", "refresh_token", "id_token", "nonsense", ""] {
        let pairs = [("token", token.as_str()), ("token_type_hint", hint)];
        let answer = server.post("/oauth2/introspect", &app, &pairs).await.expect(200);
        assert_eq!(answer.json()["active"], true, "{hint}");
    }
    for pairs in [&[][..], &[("token", "")], &[("token", "a"), ("token", "a")]] {
        let _ = server.post("/oauth2/introspect", &app, pairs).await.refused(400, "invalid_request");
    }
}
