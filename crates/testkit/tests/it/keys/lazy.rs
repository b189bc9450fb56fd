//! Keys are made for those who ask, and only then: a server of many tenants starts as one of none.

use http::{Request, header};
use writ_jose::Algorithm;
use writ_testkit::{Credential, TestServer, TestTenant};

use super::JWKS;

/// How many tenants; `cargo xtask bench --only tenants` times a start with as many.
const TENANTS: usize = 5000;

/// The algorithms of a tenant's keys, in order.
async fn algorithms(server: &TestServer, tenant: &TestTenant) -> Vec<Algorithm> {
    let keys = server.app.store.signing_keys(tenant.id).await.unwrap();
    keys.iter().map(|key| key.algorithm).collect()
}

#[tokio::test]
async fn of_five_thousand_tenants_only_those_who_ask_get_keys() {
    let first = TestServer::start().await;
    let mut tenants = Vec::with_capacity(TENANTS);
    for number in 0..TENANTS {
        tenants.push(first.tenant(&format!("t{number}")).await);
    }
    let server = first.restarted().await;

    let (asks, signs, stays) = (&tenants[17], &tenants[2500], &tenants[4999]);
    // Metadata names algorithms and makes nothing.
    for tenant in [asks, signs, stays] {
        let metadata = server.get(&tenant.path("/.well-known/openid-configuration")).await;
        assert_eq!(metadata.status, 200);
    }
    for tenant in &tenants {
        assert!(
            algorithms(&server, tenant).await.is_empty(),
            "{} has a key that nobody asked for",
            tenant.slug
        );
    }

    // Who fetches the set gets the keys that will sign access and ID tokens, and no others.
    assert_eq!(server.get(&asks.path(JWKS)).await.status, 200);
    assert_eq!(algorithms(&server, asks).await, [Algorithm::Es256, Algorithm::Rs256]);
    // An RSA key takes a tenth of a second: it is there once a client signs with it.
    let client = server.client("rsa").of(signs).signed(Algorithm::Rs256).create().await;
    assert!(algorithms(&server, signs).await.is_empty(), "registering is not asking");
    let denied = server.token(client.with_secret("wrong"), &[]).await;
    assert_eq!(
        (denied.status, algorithms(&server, signs).await),
        (401, Vec::new()),
        "whoever cannot sign in"
    );
    server.access_token(&client).await;
    assert_eq!(algorithms(&server, signs).await, [Algorithm::Rs256]);

    for tenant in tenants.iter().filter(|tenant| ![asks, signs].iter().any(|asked| asked.slug == tenant.slug))
    {
        assert!(
            algorithms(&server, tenant).await.is_empty(),
            "{} has a key that nobody asked for",
            tenant.slug
        );
    }
}

/// OpenID Connect Core §10.1.1: a verifier that keeps the set from before the first token finds its key there, whoever
/// chose the algorithm.
#[tokio::test]
async fn choosing_an_algorithm_publishes_its_key_before_anything_is_signed() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let key = Credential::bearer(&server.management_key()).header().unwrap();
    let ask = async |method: &str, path: &str, tenant: Option<&TestTenant>, body: &serde_json::Value| {
        let mut request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, &key);
        if let Some(tenant) = tenant {
            request = request.header("x-tenant-id", tenant.id.to_string());
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        server.request(request.body(body.to_string()).unwrap()).await
    };
    let kids = async |tenant: &TestTenant| {
        let path = if tenant.slug == "default" { JWKS.to_owned() } else { tenant.path(JWKS) };
        let keys = server.get(&path).await.expect(200).json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| (key["alg"].as_str().unwrap().to_owned(), key["kid"].clone()))
            .collect::<Vec<_>>()
    };
    for tenant in [server.default_tenant(), acme] {
        assert_eq!(kids(&tenant).await.len(), 2, "those of the server's defaults");
        let settings = serde_json::json!({ "settings": { "access_token_alg": "EdDSA" } });
        let path = format!("/api/v1/tenants/{}", tenant.id);
        let answer = ask("PUT", &path, None, &settings).await.expect(200);
        let again = ask("GET", &path, None, &serde_json::Value::Null).await.expect(200);
        assert_eq!(answer.header("etag"), again.header("etag"), "what is shown is what there is");
        let published = kids(&tenant).await;
        assert!(published.iter().any(|(alg, _)| alg == "EdDSA"), "{published:?}");

        let name = format!("app-{}", tenant.slug);
        let client = serde_json::json!({
            "client_name": name, "grant_types": ["client_credentials"], "scope": "read",
            "access_token_signed_response_alg": "PS256",
        });
        let made = ask("POST", "/api/v1/clients", Some(&tenant), &client).await.expect(201).json();
        let published = kids(&tenant).await;
        assert!(published.iter().any(|(alg, _)| alg == "PS256"), "{published:?}");
        let by =
            Credential::basic(made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
        for change in [None, Some("EdDSA")] {
            if let Some(alg) = change {
                let change = serde_json::json!({ "access_token_signed_response_alg": alg });
                let path = format!("/api/v1/clients/{}", made["client_id"].as_str().unwrap());
                let _ = ask("PATCH", &path, Some(&tenant), &change).await.expect(200);
            }
            let token = server.access_token(by.clone()).await;
            let kid = serde_json::json!(super::kid(&token));
            assert!(published.iter().any(|(_, known)| *known == kid), "it was there before: {published:?}");
        }
    }
}

/// The server's own choice may be another one since it was started: every tenant that has signed gets the key for it.
#[tokio::test]
async fn another_choice_of_the_servers_is_published_where_anybody_could_have_a_set() {
    let server =
        TestServer::builder().access_token_alg(Algorithm::Ps256).id_token_alg(Algorithm::EdDsa).start().await;
    let (used, unused) = (server.tenant("used").await, server.tenant("unused").await);
    let client = server.client("es").of(&used).signed(Algorithm::Es256).create().await;
    server.access_token(&client).await;
    assert_eq!(algorithms(&server, &used).await, [Algorithm::Es256]);
    assert_eq!(server.app.publish_default_keys().await.unwrap(), 2);
    let mut found = algorithms(&server, &used).await;
    found.sort_by_key(|algorithm| algorithm.name());
    assert_eq!(found, [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256]);
    assert!(algorithms(&server, &unused).await.is_empty(), "nobody has a set of it");
    assert_eq!(server.app.publish_default_keys().await.unwrap(), 0, "once");
}
