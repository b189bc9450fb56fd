//! §3, rule 7: an assertion is used once, on every node, as long as anybody would take it.

use std::sync::Arc;

use super::*;
use tokio::task::JoinSet;
use writ_core::time::Seconds;
use writ_testkit::Engine;

/// §3, rule 7; OpenID Connect Core §9: `jti` is used once, wherever the second request goes.
#[tokio::test]
async fn an_assertion_is_good_for_one_request() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for party in everywhere_in(&server, &acme).await {
        let tenant = if party.place.is_empty() { server.default_tenant() } else { acme.clone() };
        let assertion = party.assertion();
        let _ = party.token_by(&server, assertion.clone()).await.expect(200);
        for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
            let by = Credential::Assertion(assertion.clone());
            let pairs = [("grant_type", "client_credentials"), ("token", "x")];
            let _ = server.post(&party.path(path), by, &pairs).await.refused(401, "invalid_client");
        }
        let found = reasons(&server, &tenant).await;
        assert!(found.iter().any(|found| found.contains("was used before (jti)")), "{found:?}");
        // Told by its jti, not by its text; and by its client, not by its jti alone.
        let mut claims = party.claims();
        claims["jti"] = json!("same");
        let _ = party.token_by(&server, party.saying(&claims)).await.expect(200);
        claims["exp"] = json!(party.now + 61);
        let _ = party.token_by(&server, party.saying(&claims)).await.refused(401, "invalid_client");
    }
}

/// It is used whatever then comes of the request, and is not by one that did not get in.
#[tokio::test]
async fn what_was_let_in_is_used_and_what_was_not_is_not() {
    let server = TestServer::start().await;
    for party in everywhere(&server).await {
        let assertion = party.assertion();
        let by = || Credential::Assertion(assertion.clone());
        let path = party.path("/oauth2/token");
        let forged = format!("{}A", assertion.rsplit_once('.').unwrap().0);
        let _ = party.token_by(&server, forged).await.refused(401, "invalid_client");
        let pairs = [("grant_type", "client_credentials"), ("scope", "nothing-of-this")];
        let _ = server.post(&path, by(), &pairs).await.refused(400, "invalid_scope");
        let _ = party.token_by(&server, assertion.clone()).await.refused(401, "invalid_client");
    }
}

/// Once nobody takes it any more nothing is kept of it, and its `jti` may come again.
#[tokio::test]
async fn a_jti_is_kept_until_the_assertion_is_over() {
    let server = TestServer::start().await;
    let party = Party::made(&server, None, "private_key_jwt").await;
    let mut claims = party.claims();
    claims["jti"] = json!("again");
    let _ = party.token_by(&server, party.saying(&claims)).await.expect(200);
    server.clock.advance(Seconds(120));
    claims["exp"] = json!(party.now + 200);
    let _ = party.token_by(&server, party.saying(&claims)).await.expect(200);
    let _ = party.token_by(&server, party.saying(&claims)).await.refused(401, "invalid_client");
}

/// Issue 13: 64 at once, over two nodes of a database: one gets a token.
async fn one_of_many(nodes: &[Arc<TestServer>]) {
    for method in ["client_secret_jwt", "private_key_jwt"] {
        let party = Arc::new(Party::made(&nodes[0], None, method).await);
        for _ in 0..4 {
            let assertion = party.assertion();
            let mut racers = JoinSet::new();
            for racer in 0..64 {
                let (node, party) = (Arc::clone(&nodes[racer % nodes.len()]), Arc::clone(&party));
                let assertion = assertion.clone();
                racers.spawn(async move { party.token_by(&node, assertion).await.status });
            }
            let mut found = racers.join_all().await;
            found.sort_unstable();
            assert_eq!((found[0], &found[1..]), (200, &[401; 63][..]), "{method}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_gets_in_on_sqlite() {
    one_of_many(&[Arc::new(TestServer::on(Engine::Sqlite).await)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_gets_in_on_two_nodes_of_postgresql() {
    let url = writ_testkit::postgres::fresh_database().await.unwrap();
    let first = TestServer::builder().database(&url).start().await;
    let second = TestServer::builder().database(&url).seed(2).beside(&first).start().await;
    one_of_many(&[Arc::new(first), Arc::new(second)]).await;
}
