//! Keys are made for those who ask, and only then: a server of many tenants starts as one of none.

use writ_jose::Algorithm;
use writ_testkit::{TestServer, TestTenant};

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
