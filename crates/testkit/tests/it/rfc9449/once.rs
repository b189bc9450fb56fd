//! §11.1: a proof is good once, on every node, for as long as anybody would take it.

use std::sync::Arc;

use rstest::rstest;
use tokio::task::JoinSet;

use super::*;

/// §11.1: told by its key and its `jti`, not by its text.
#[rstest]
#[tokio::test]
async fn a_proof_is_good_for_one_token_request(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let holder = Holder::new();
    let mut claims = stage.claims(("POST", TOKEN), None);
    let proof = holder.saying(&claims);
    let _ = stage.ask([proof.clone()]).await.expect(200);
    let answer = stage.ask([proof]).await.refused(400, "invalid_dpop_proof");
    assert!(answer.text().contains("was used before"), "{}", answer.text());
    claims["iat"] = json!(stage.now() - 1);
    let _ = stage.ask([holder.saying(&claims)]).await.refused(400, "invalid_dpop_proof");
    // Another key may draw the same.
    let _ = stage.ask([Holder::new().saying(&claims)]).await.expect(200);
}

/// §11.1: the same at an API. What was shown at one of them is not shown at another either.
#[tokio::test]
async fn a_proof_is_good_for_one_call() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let token = text(&tokens, "access_token");
    let proof = holder.saying(&stage.claims(("GET", USERINFO), Some(token)));
    let _ = stage.call(("GET", USERINFO), ("DPoP", token), Some(proof.clone())).await.expect(200);
    let again = stage.call(("GET", USERINFO), ("DPoP", token), Some(proof)).await;
    let again = again.refused(401, "invalid_dpop_proof");
    assert!(again.header("www-authenticate").starts_with("DPoP "), "{again:?}");
}

/// Nobody makes the server write down what it gives nothing for: a proof beside a request that is refused is not used.
#[tokio::test]
async fn a_proof_of_a_refused_request_is_not_used() {
    let stage = Stage::usual().await;
    let proof = stage.proof(&Holder::new());
    let (by, pairs): (_, Pairs<'_>) = (
        Credential::from(&stage.machine),
        &[("grant_type", "client_credentials"), ("scope", "none-of-this")],
    );
    let sent = Sent { by: Some(by), proofs: vec![proof.clone()], pairs };
    let _ = stage.post(TOKEN, sent).await.refused(400, "invalid_scope");
    let _ = stage.ask([proof]).await.expect(200);
}

/// 64 at once, over two nodes of a database: one gets a token.
async fn one_of_many(nodes: &[Arc<TestServer>]) {
    let holder = Holder::new();
    let machine = nodes[0].client("machine").create().await;
    for n in 0..3 {
        let claims = json!({
            "jti": format!("race {n}"), "htm": "POST", "htu": format!("{}{TOKEN}", nodes[0].base),
            "iat": nodes[0].app.clock.now().as_secs(),
        });
        let proof = holder.saying(&claims);
        let mut racers = JoinSet::new();
        for racer in 0..64 {
            let (node, proof) = (Arc::clone(&nodes[racer % nodes.len()]), proof.clone());
            let by = Credential::from(&machine).header().unwrap();
            racers.spawn(async move {
                let request = Request::post(TOKEN)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::AUTHORIZATION, by)
                    .header("dpop", proof);
                node.request(request.body("grant_type=client_credentials").unwrap()).await.status
            });
        }
        let mut found = racers.join_all().await;
        found.sort_unstable();
        assert_eq!((found[0], &found[1..]), (200, &[400; 63][..]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_gets_a_token_on_sqlite() {
    one_of_many(&[Arc::new(TestServer::start().await)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_gets_a_token_on_two_nodes_of_postgresql() {
    let url = writ_testkit::postgres::fresh_database().await.unwrap();
    let first = TestServer::builder().database(&url).start().await;
    let second = TestServer::builder().database(&url).seed(2).beside(&first).start().await;
    one_of_many(&[Arc::new(first), Arc::new(second)]).await;
}
