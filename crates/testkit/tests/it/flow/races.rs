//! What happens when all come at once, on either engine.

use std::sync::Arc;

use rstest::rstest;
use tokio::task::JoinSet;
use writ_testkit::{Agent, Engine, TestClient, TestServer};

use super::{ada, code, redeem, refresh, request, website};

const CROWD: usize = 64;

async fn begin(engine: Engine) -> (Arc<TestServer>, TestClient, String) {
    let server = Arc::new(TestServer::on(engine).await);
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    let code = code(&mut agent, &client, &[]).await.code();
    drop(agent);
    (server, client, code)
}

/// RFC 6749 §4.1.2: one success, and then nothing of that grant is alive.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_redeem_a_code_one_succeeds_and_nothing_of_it_lives_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (server, client, code) = begin(engine).await;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (server, client, code) = (Arc::clone(&server), client.clone(), code.clone());
        crowd.spawn(async move { redeem(&server, &client, &code).await });
    }
    let answers = crowd.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "{}", answer.text());
    }
    assert!(!server.is_active(&client, &won[0].member("access_token")).await);
    let _ = refresh(&server, &client, &won[0].member("refresh_token")).await.refused(400, "invalid_grant");
}

/// RFC 9700 §4.14.2: within the grace all get the same successor, the one that is alive; after it, the first to come back
/// ends it.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_use_a_refresh_token_at_once_get_the_same_successor(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (server, client, code) = begin(engine).await;
    let first = redeem(&server, &client, &code).await.expect(200).member("refresh_token");
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (server, client, token) = (Arc::clone(&server), client.clone(), first.clone());
        crowd.spawn(
            async move { refresh(&server, &client, &token).await.expect(200).member("refresh_token") },
        );
    }
    let mut successors = crowd.join_all().await;
    successors.sort_unstable();
    successors.dedup();
    let [successor] = &successors[..] else { panic!("{} successors", successors.len()) };
    assert!(*successor != first && server.is_active(&client, successor).await);
    server.clock.advance(writ_core::time::Seconds(10));
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (server, client, token) = (Arc::clone(&server), client.clone(), first.clone());
        crowd.spawn(async move { refresh(&server, &client, &token).await });
    }
    for answer in crowd.join_all().await {
        let _ = answer.refused(400, "invalid_grant");
    }
    assert!(!server.is_active(&client, successor).await);
}

/// Two windows of one browser decide about one challenge: it is answered once.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_gives_one_code(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let server = TestServer::on(engine).await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[])).await;
    let consent = super::sign_in(&mut agent, &page).await;
    let decide = || {
        let (mut window, consent) = (agent.copy(), consent.clone());
        async move { window.send_form(&consent, &[("decision", "allow")]).await }
    };
    let (a, b, c, d) = tokio::join!(decide(), decide(), decide(), decide());
    // The same form, sent four times: each gets the same answer, whichever the browser waits for.
    let code = a.code();
    for page in [&b, &c, &d] {
        assert_eq!(page.code(), code);
    }
}
