//! §3: what is looked at before a client is let in, at every endpoint that has a door for clients.

use super::*;
use writ_core::assertion::ASSERTION_TYPE;
use writ_core::time::Seconds;
use writ_testkit::START;

/// §2.2, §3; OpenID Connect Core §9: at the token endpoint, introspection (RFC 7662 §2.1) and revocation (RFC 7009 §2.1).
#[tokio::test]
async fn a_client_proves_itself_at_every_endpoint() {
    let server = TestServer::start().await;
    for party in everywhere(&server).await {
        let answer = party.token(&server).await.expect(200);
        let token = answer.member("access_token");
        let ask = async |path: &str| {
            let by = Credential::Assertion(party.assertion());
            server.post(&party.path(path), by, &[("token", &token)]).await.expect(200)
        };
        let seen = ask("/oauth2/introspect").await.json();
        assert_eq!((&seen["active"], &seen["client_id"]), (&json!(true), &json!(party.client_id)));
        let _ = ask("/oauth2/revoke").await;
        assert_eq!(ask("/oauth2/introspect").await.json(), json!({ "active": false }));
        // RFC 7521 §4.2: client_id may stand beside it, and is the same.
        let pairs = [("grant_type", "client_credentials"), ("client_id", &*party.client_id)];
        let by = || Credential::Assertion(party.assertion());
        let _ = server.post(&party.path("/oauth2/token"), by(), &pairs).await.expect(200);
        let pairs = [("grant_type", "client_credentials"), ("client_id", "other")];
        let _ = server.post(&party.path("/oauth2/token"), by(), &pairs).await.refused(401, "invalid_client");
    }
    // The same endpoint under its other name.
    let party = Party::made(&server, None, "private_key_jwt").await;
    let by = Credential::Assertion(party.assertion());
    let _ =
        server.post("/api/v1/oauth/tokens", by, &[("grant_type", "client_credentials")]).await.expect(200);
}

/// §3, rules 1 to 7, and §3.2: each is 401 `invalid_client` that says no more, and a reason that the operator finds.
#[tokio::test]
async fn whatever_is_wrong_looks_the_same_and_the_operator_finds_what_it_was() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for method in ["client_secret_jwt", "private_key_jwt"] {
        let party = Party::made(&server, None, method).await;
        let now = START.as_secs();
        for (name, value, reason) in [
            ("iss", json!(null), "iss and sub are not both the client_id"),
            ("iss", json!("other"), "iss and sub are not both the client_id"),
            ("sub", json!(null), "the claim sub is missing"),
            ("sub", json!("nobody"), "unknown client"),
            ("aud", json!(null), "the claim aud is missing"),
            ("aud", json!("https://elsewhere.example"), "aud is not https://id.example"),
            (
                "aud",
                json!(["https://id.example", "https://elsewhere.example"]),
                "aud has to be the issuer alone",
            ),
            ("aud", json!("https://id.example/oauth2/token"), "aud is not https://id.example"),
            ("exp", json!(null), "the claim exp is missing"),
            ("exp", json!(now - 60), "has expired"),
            ("exp", json!(now + 3661), "exp is more than 3600 s ahead"),
            ("nbf", json!(now + 61), "is from the future"),
            ("iat", json!(now + 61), "is from the future"),
            ("jti", json!(null), "the claim jti is missing"),
        ] {
            let refused =
                party.token_by(&server, party.but(name, &value)).await.refused(401, "invalid_client");
            assert_eq!(refused.member("error_description"), "client authentication failed", "{name} {value}");
            assert!(refused.header("www-authenticate").starts_with("Basic"), "RFC 6749 §5.2");
            let found = reasons(&server, &tenant).await;
            assert!(found.iter().any(|found| found.contains(reason)), "{name} {value}: {reason}; {found:?}");
        }
    }
}

/// §3, rules 8 and 9; RFC 8725 §2.1, §3.1, §3.5: under the client's own key, with an algorithm that it may sign with.
#[tokio::test]
async fn only_what_the_client_itself_has_signed_is_taken() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let es = SigningKey::generate(Algorithm::Es256).unwrap();
    let rs = SigningKey::generate(Algorithm::Rs256).unwrap();
    let made = machine(&server, &tenant, "private_key_jwt", &json!({ "jwks": set(&[&es, &rs]) })).await;
    let of = || Party::of(&server, &tenant, &made);
    for key in [&es, &rs] {
        let header = json!({ "alg": key.algorithm().name(), "kid": key.kid() });
        let _ = of().token_by(&server, signed(key, &header, &of().claims())).await.expect(200);
        // Without a kid there is one key of that algorithm.
        let header = json!({ "alg": key.algorithm().name(), "typ": "client-authentication+jwt" });
        let _ = of().token_by(&server, signed(key, &header, &of().claims())).await.expect(200);
    }
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let public = es.public_jwk().to_json();
    let claims = of().claims();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    let none = signed(&es, &json!({ "alg": "none" }), &claims);
    let good = signed(&es, &header("ES256", es.kid()), &claims);
    let (input, _) = good.rsplit_once('.').unwrap();
    for (assertion, reason) in [
        (signed(&stranger, &header("ES256", stranger.kid()), &claims), "no key is known"),
        (signed(&stranger, &header("ES256", es.kid()), &claims), "the signature does not verify"),
        (signed(&es, &header("RS256", es.kid()), &claims), "its key is for ES256"),
        (signed(&es, &json!({ "alg": "ES256", "jwk": es.public_jwk().kid() }), &claims), "key material"),
        (signed(&es, &json!({ "alg": "ES256", "crit": ["b64"] }), &claims), "critical"),
        (signed(&es, &json!({ "alg": "ES256", "typ": "at+jwt" }), &claims), "another sort of token"),
        (none.clone(), "alg is not one"),
        (format!("{}.", none.rsplit_once('.').unwrap().0), "alg is not one"),
        (format!("{input}."), "client_assertion: "),
        (input.to_owned(), "segments"),
        ("x".to_owned(), "segments"),
        ("x".repeat(17_000), "the token has 17000 bytes"),
        // The public key as an HMAC's secret.
        (of().with(By::Secret(public.clone())).assertion(), "alg is not one"),
        (of().with(By::Secret(set(&[&es]).to_string())).assertion(), "alg is not one"),
    ] {
        let _ = of().token_by(&server, assertion.clone()).await.refused(401, "invalid_client");
        let found = reasons(&server, &tenant).await;
        assert!(found.iter().any(|found| found.contains(reason)), "{assertion}: {reason}; {found:?}");
    }
    // And whatever an access token of the server's own says of itself, it is no assertion.
    let token = of().with(By::Key(Box::new(es))).token(&server).await.expect(200).member("access_token");
    let _ = of().token_by(&server, token).await.refused(401, "invalid_client");
}

/// RFC 6749 §2.3, RFC 7521 §4.2: one way in a request; RFC 7591 §2: the one that the client is registered for.
#[tokio::test]
async fn a_client_has_one_way_and_a_request_too() {
    let server = TestServer::start().await;
    let basic = server.client("basic").create().await;
    for party in everywhere(&server).await {
        let path = party.path("/oauth2/token");
        let grant = ("grant_type", "client_credentials");
        let assertion = party.assertion();
        let both = [grant, ("client_id", &basic.client_id), ("client_secret", &basic.secret)];
        let by = || Credential::Assertion(assertion.clone());
        let _ = server.post(&path, by(), &both).await.refused(400, "invalid_request");
        let kind = ("client_assertion_type", ASSERTION_TYPE);
        let text = ("client_assertion", &*assertion);
        let _ = server.post(&path, &basic, &[grant, kind, text]).await.refused(400, "invalid_request");
        for one in [kind, text] {
            let _ = server.post(&path, Credential::None, &[grant, one]).await.refused(401, "invalid_client");
        }
        let saml = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
        let _ =
            server.post(&path, Credential::None, &[grant, saml, text]).await.refused(401, "invalid_client");
        // None of that has used it.
        let _ = server.post(&path, by(), &[grant]).await.expect(200);
        let secret = match &party.by {
            By::Secret(secret) => secret.clone(),
            By::Key(_) => "x".to_owned(),
        };
        for other in [
            Credential::basic(&party.client_id, &secret),
            Credential::post(&party.client_id, &secret),
            Credential::public(&party.client_id),
        ] {
            let _ = server.post(&path, other, &[grant]).await.refused(401, "invalid_client");
        }
    }
    // Nor does a client of the other methods get in by an assertion under its secret.
    let made = json!({ "client_id": basic.client_id });
    let party = Party::of(&server, &server.default_tenant(), &made)
        .with(By::Secret(format!("{:0<32}", basic.secret)));
    let _ = party.token(&server).await.refused(401, "invalid_client");
}

/// §3, rule 3: a tenant's issuer is its own, and so is its path.
#[tokio::test]
async fn an_assertion_for_one_tenant_is_no_good_at_another() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for method in ["client_secret_jwt", "private_key_jwt"] {
        let theirs = Party::made(&server, Some(&acme), method).await;
        let to_root = theirs.but("aud", &json!(server.base));
        let _ = theirs.token_by(&server, to_root).await.refused(401, "invalid_client");
        let ours = Party::made(&server, None, method).await.at("/t/acme");
        let _ = ours.token(&server).await.refused(401, "invalid_client");
        let _ =
            ours.token_by(&server, ours.but("aud", &json!(acme.issuer))).await.refused(401, "invalid_client");
        let other = Party::made(&server, None, method).await;
        let stolen = Party { client_id: other.client_id.clone(), ..ours.at("") };
        let _ = stolen.token(&server).await.refused(401, "invalid_client");
    }
}

/// §3, rule 3: the token endpoint is an audience where the client or its tenant says so.
#[tokio::test]
async fn the_token_endpoint_is_an_audience_where_a_setting_says_so() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for tenant in [server.default_tenant(), acme] {
        let place = (tenant.slug != "default").then_some(&tenant);
        let party = Party::made(&server, place, "private_key_jwt").await;
        let endpoint = json!(format!("{}/oauth2/token", tenant.issuer));
        let _ = party.token_by(&server, party.but("aud", &endpoint)).await.refused(401, "invalid_client");
        let says = async |path: &str, body: Value| {
            let _ = manage(&server, &tenant, ("PUT", path), &body).await.expect(200);
        };
        says(&party.url(), json!({ "client_assertion_audience": "token_endpoint" })).await;
        let _ = party.token_by(&server, party.but("aud", &endpoint)).await.expect(200);
        let _ = party.token(&server).await.expect(200);
        says(&party.url(), json!({ "client_assertion_audience": null })).await;
        let _ = party.token_by(&server, party.but("aud", &endpoint)).await.refused(401, "invalid_client");
        let settings = json!({ "settings": { "client_assertion_audience": "token_endpoint" } });
        says(&format!("/api/v1/tenants/{}", tenant.id), settings).await;
        let _ = party.token_by(&server, party.but("aud", &endpoint)).await.expect(200);
        says(&party.url(), json!({ "client_assertion_audience": "issuer" })).await;
        let _ = party.token_by(&server, party.but("aud", &endpoint)).await.refused(401, "invalid_client");
    }
}

/// §3, rules 4 and 5: clocks may lie a minute apart.
#[tokio::test]
async fn an_assertion_is_good_until_a_minute_after_its_end() {
    let server = TestServer::start().await;
    for party in everywhere(&server).await {
        let [first, second] = [(); 2].map(|()| party.assertion());
        server.clock.advance(Seconds(119));
        let _ = party.token_by(&server, first).await.expect(200);
        server.clock.advance(Seconds(1));
        let _ = party.token_by(&server, second).await.refused(401, "invalid_client");
        server.clock.advance(Seconds(-120));
    }
}

/// Whoever is shut out, is so at the very next request.
#[tokio::test]
async fn a_client_that_is_disabled_proves_nothing() {
    let server = TestServer::start().await;
    for method in ["client_secret_jwt", "private_key_jwt"] {
        let party = Party::made(&server, None, method).await;
        let _ = party.token(&server).await.expect(200);
        let body = json!({ "enabled": false });
        let _ = manage(&server, &server.default_tenant(), ("PATCH", &party.url()), &body).await.expect(200);
        let _ = party.token(&server).await.refused(401, "invalid_client");
    }
}
