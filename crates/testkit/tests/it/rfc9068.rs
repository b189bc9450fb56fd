//! RFC 9068: JWT access tokens, verified by another implementation against the published keys.

use base64::Engine as _;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use writ_core::tenant::TenantSettings;
use writ_jose::Algorithm;
use writ_testkit::{START, TestServer};

/// Verifies a token with the keys at `jwks`; gives its header and claims.
pub(crate) async fn verified(server: &TestServer, jwks: &str, token: &str) -> (jsonwebtoken::Header, Value) {
    let keys: JwkSet = serde_json::from_slice(&server.get(jwks).await.expect(200).body).unwrap();
    let header = decode_header(token).unwrap();
    let key = keys.find(header.kid.as_deref().expect("a kid")).expect("the key is published");
    let mut rules = Validation::new(header.alg);
    // The clock of the test stands elsewhere.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let claims = decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap().claims;
    (header, claims)
}

const JWKS: &str = "/.well-known/jwks.json";

/// §2.1 and §2.2.
#[tokio::test]
async fn header_and_claims_are_those_of_the_profile() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read write").lifetime(300).create().await;
    let token = server.access_token(&app).await;
    let (header, claims) = verified(&server, JWKS, &token).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.alg, jsonwebtoken::Algorithm::ES256);
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!(jti.len(), 36);
    let now = START.as_secs();
    assert_eq!(
        claims,
        json!({
            "jti": jti, "iss": server.base, "sub": "app", "client_id": "app", "aud": server.base,
            "iat": now, "exp": now + 300, "scope": "read write",
        })
    );
    let raw =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let raw: Value = serde_json::from_slice(&raw).unwrap();
    let names: Vec<_> = raw.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["alg", "kid", "typ"], "nothing else in the header");
}

/// §2.2.1: how and when the person behind it signed in, the same as in the ID token, also after a refresh; a machine's token
/// has none of it.
#[tokio::test]
async fn a_persons_token_says_how_they_signed_in() {
    let server = TestServer::start().await;
    crate::flow::ada(&server).await;
    let site = crate::flow::website(&server, "site").first_party().create().await;
    let mut agent = writ_testkit::Agent::new(&server);
    let code = crate::flow::code(&mut agent, &site, &[("scope", "openid offline_access")]).await.code();
    let signed_in_at = server.app.clock.now().as_secs();
    server.clock.advance(writ_core::time::Seconds(20));
    let first = crate::flow::redeem(&server, &site, &code).await.expect(200).json();
    server.clock.advance(writ_core::time::Seconds(60));
    let refresh = first["refresh_token"].as_str().unwrap();
    let later = crate::flow::refresh(&server, &site, refresh).await.expect(200).json();
    for tokens in [first, later] {
        let (_, claims) = verified(&server, JWKS, tokens["access_token"].as_str().unwrap()).await;
        let id = crate::flow::claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(
            (&claims["auth_time"], &claims["acr"], &claims["amr"]),
            (&json!(signed_in_at), &json!("1"), &json!(["pwd"]))
        );
        for name in ["auth_time", "acr", "amr"] {
            assert_eq!(claims[name], id[name], "{name}");
        }
    }
}

#[tokio::test]
async fn every_token_has_an_id_of_its_own() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let token = server.access_token(&app).await;
        let seen = server.introspect(&app, &token).await;
        let (_, claims) = verified(&server, JWKS, &token).await;
        assert_eq!(seen.member("jti"), claims["jti"].as_str().unwrap());
        ids.insert(seen.member("jti"));
    }
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn characters_that_json_escapes_survive() {
    let server = TestServer::start().await;
    let app = server.client("a\"b\\c/é\u{2028}").audience(&["urn:x:\"quoted\""]).create().await;
    let (_, claims) = verified(&server, JWKS, &server.access_token(&app).await).await;
    assert_eq!(claims["client_id"], "a\"b\\c/é\u{2028}");
    assert_eq!(claims["aud"], "urn:x:\"quoted\"");
}

/// §3: the default where no resource is named. The table of AUTHORITY: the client's audience, plus the issuer when a
/// Writ permission was granted or nothing else would be in it.
#[tokio::test]
async fn aud_follows_the_rule() {
    let server = TestServer::start().await;
    let issuer = server.base.clone();
    let may = "read oauth:read users:write";
    let cases: [(&[&str], Option<&str>, Value); 9] = [
        (&[], Some("read"), json!(issuer)),
        (&[], Some("oauth:read"), json!(issuer)),
        (&[], None, json!(issuer)),
        (&["https://api.example"], Some("read"), json!("https://api.example")),
        (&["https://api.example"], Some("oauth:read"), json!(["https://api.example", issuer])),
        (&["https://api.example"], Some("read users:write"), json!(["https://api.example", issuer])),
        (&["https://api.example"], None, json!(["https://api.example", issuer])),
        (&["a", "b"], Some("read"), json!(["a", "b"])),
        (&["https://id.example"], Some("oauth:read"), json!(issuer)),
    ];
    for (index, (configured, scope, expected)) in cases.into_iter().enumerate() {
        let app = server.client(&format!("app{index}")).scope(may).audience(configured).create().await;
        let pairs: Vec<_> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        let token = writ_testkit::token_of(&server.token(&app, &pairs).await);
        let (_, claims) = verified(&server, JWKS, &token).await;
        assert_eq!(claims["aud"], expected, "{configured:?} {scope:?}");
        assert_eq!(server.introspect(&app, &token).await.json()["aud"], expected, "{configured:?} {scope:?}");
    }
}

/// Of the client before of the tenant before of the server.
#[tokio::test]
async fn the_algorithm_is_the_clients_the_tenants_or_the_servers() {
    let server = TestServer::builder().access_token_alg(Algorithm::EdDsa).start().await;
    let acme = server
        .tenant_with(
            "acme",
            TenantSettings { access_token_alg: Some(Algorithm::Ps256), ..TenantSettings::default() },
        )
        .await;
    let default = server.default_tenant();
    for (tenant, jwks) in [(&default, JWKS.to_owned()), (&acme, acme.path(JWKS))] {
        let unset = server.client(&format!("{}-unset", tenant.slug)).of(tenant).create().await;
        let (header, _) = verified(&server, &jwks, &server.access_token(&unset).await).await;
        let expected = if tenant.slug == "acme" { Algorithm::Ps256 } else { Algorithm::EdDsa };
        assert_eq!(format!("{:?}", header.alg).to_uppercase(), expected.name().to_uppercase());
        for algorithm in Algorithm::ALL {
            let name = format!("{}-{}", tenant.slug, algorithm.name());
            let app = server.client(&name).of(tenant).signed(algorithm).create().await;
            let (header, claims) = verified(&server, &jwks, &server.access_token(&app).await).await;
            assert_eq!(format!("{:?}", header.alg).to_uppercase(), algorithm.name().to_uppercase());
            assert_eq!(claims["iss"], tenant.issuer);
        }
    }
    let keys = server.get(JWKS).await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 4, "one key for each algorithm, made once");
    for key in keys["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{key}");
        }
        assert_eq!(key["use"], "sig");
    }
}

/// The algorithms of the published keys, in order.
async fn algorithms(server: &TestServer) -> Vec<String> {
    let keys = server.get(JWKS).await.json();
    let mut found: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap().to_owned()).collect();
    found.sort_unstable();
    found
}

/// Requests that all need the tenant's first key agree on one.
#[tokio::test]
async fn concurrent_first_requests_share_one_key() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let ask = || server.access_token(&app);
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    for token in [a, b, c, d] {
        verified(&server, JWKS, &token).await;
    }
    assert_eq!(algorithms(&server).await, ["ES256", "RS256"]);
}

#[tokio::test]
async fn an_opaque_token_says_nothing() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").opaque().create().await;
    let before = server.get(JWKS).await;
    let token = server.access_token(&app).await;
    assert!(token.starts_with("at_") && token.len() == 3 + 65, "{token}");
    assert!(token[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    assert_eq!(server.get(JWKS).await.body, before.body, "no key is made for it");
}
