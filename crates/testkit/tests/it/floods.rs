//! Floods from one network, in short: what they leave behind is bounded, and nobody elsewhere is refused. How quick
//! honest people are meanwhile is measured by `cargo xtask bench --only hostile`.

use std::sync::atomic::Ordering;

use http::Request;
use serde_json::json;
use tokio::task::JoinSet;
use writ_testkit::{Agent, Answer, Credential, Engine, TestClient, TestServer};

use crate::flow::{PASSWORD, ada, request, website};

/// Networks of visitors who have done nothing, and an office.
const ELSEWHERE: [&str; 3] = ["203.0.113.5", "203.0.113.6", "2001:db8::7"];
const OFFICE: &str = "192.0.2.200";
/// Requests of a wave. Those that may cost a hash are fewer.
const WAVE: usize = 3000;
const COSTLY: usize = 150;

/// One sort of request, as strangers send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flood {
    LargeStates,
    Authorize,
    LongNames,
    CostlyPasswords,
    ManyNames,
    Letters,
}

impl Flood {
    const ALL: [Self; 6] = [
        Self::LargeStates,
        Self::Authorize,
        Self::LongNames,
        Self::CostlyPasswords,
        Self::ManyNames,
        Self::Letters,
    ];

    /// A network of its own: what one flood has used up would shield the server from the next.
    fn network(self) -> String {
        format!("198.51.100.{}", 60 + self as u8)
    }

    const fn size(self) -> usize {
        match self {
            Self::LargeStates | Self::Authorize | Self::Letters => WAVE,
            Self::CostlyPasswords => COSTLY,
            // A few more than a network may fail.
            Self::ManyNames => 620,
            Self::LongNames => 10,
        }
    }
}

async fn start(engine: Engine) -> (TestServer, TestClient) {
    let builder = TestServer::builder().rate_limits();
    let server = match engine {
        Engine::Sqlite => builder.start().await,
        Engine::Postgres => {
            let url = writ_testkit::postgres::fresh_database().await.expect("a database");
            builder.database(&url).start().await
        }
    };
    let settings = json!({ "settings": { "self_registration": true } });
    let key = server.management_key();
    let put = Request::put("/api/v1/tenants/default")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    let _ = server.request(put.body(settings.to_string()).unwrap()).await.expect(200);
    ada(&server).await;
    website(&server, "site").first_party().create().await;
    let machine = server.client("machine").scope("read").create().await;
    (server, machine)
}

async fn posted(server: &TestServer, from: &str, (path, body): (&str, serde_json::Value)) -> Answer {
    let request = Request::post(path).header("content-type", "application/json");
    server.request_from(from, request.body(body.to_string()).unwrap()).await
}

/// One wave; numbers go on from wave to wave, so that no name comes twice.
async fn wave(server: &TestServer, flood: Flood, wave: usize) {
    let from = &*flood.network();
    let mut guesser = Agent::new(server).at(from);
    let form = match flood {
        Flood::ManyNames => Some(guesser.open(&request("site", &[])).await),
        _ => None,
    };
    for number in (0..flood.size()).map(|number| wave * WAVE + number) {
        let answer = match flood {
            Flood::LargeStates => {
                let target = request("site", &[("state", &*"s".repeat(60_000))]);
                let (path, query) = target.split_once('?').expect("a query");
                let post = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
                server.request_from(from, post.body(query.to_owned()).unwrap()).await
            }
            Flood::Authorize => {
                let path = request("site", &[("state", &*number.to_string())]);
                server.request_from(from, Request::get(path).body("").unwrap()).await
            }
            Flood::LongNames => {
                let sent = json!({ "username": "\u{fdfa}".repeat(340_000), "password": PASSWORD });
                posted(server, from, ("/api/v1/users", sent)).await
            }
            Flood::CostlyPasswords => {
                let password = format!("{number}{}", "4@8({[<369&#!1|0$5+7%2".repeat(8));
                let sent =
                    json!({ "username": format!("stranger{number}@example.net"), "password": password });
                posted(server, from, ("/api/v1/users", sent)).await
            }
            Flood::ManyNames => {
                let page = form.as_ref().expect("a page of sign-in");
                let name = format!("person{number}@example.org");
                guesser
                    .send_form(page, &[("username", &*name), ("password", "a wrong guess 4711")])
                    .await
                    .answer
            }
            Flood::Letters => {
                let sent = json!({ "username": format!("ada+{number}@example.org") });
                posted(server, from, ("/api/v1/users/reset-password", sent)).await
            }
        };
        assert_ne!(answer.status, 500, "{flood:?}: {answer:?}");
    }
}

/// What the writer has been asked to write, notes included.
async fn written(server: &TestServer) -> u64 {
    server.app.store.flush_notes(server.app.default_tenant).await.expect("notes are written");
    server.app.store.meters().units.load(Ordering::Relaxed)
}

/// A sign-in in a new browser, and a token of a machine: neither is refused.
async fn honest(server: &TestServer, machine: &TestClient, address: &str, when: &str) {
    let mut agent = Agent::new(server).at(address);
    let page = agent.open(&request("site", &[])).await;
    assert_eq!(page.answer.status, 200, "{when}, from {address}: {page:?}");
    let after = agent.send_form(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(after.answer.status, 303, "{when}, from {address}: {after:?}");
    let token = Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", Credential::from(machine).header().expect("HTTP Basic"));
    let token = token.body("grant_type=client_credentials").unwrap();
    let _ = server.request_from(address, token).await.expect(200);
}

/// A second wave as large as the first finds the share of its network used up: it writes next to nothing.
async fn are_bounded(engine: Engine) {
    let (server, machine) = start(engine).await;
    for flood in Flood::ALL {
        wave(&server, flood, 0).await;
        let before = written(&server).await;
        wave(&server, flood, 1).await;
        let more = written(&server).await - before;
        assert!(more <= 60, "{flood:?}: {} more requests wrote {more} units", flood.size());
        for address in ELSEWHERE {
            honest(&server, &machine, address, &format!("after {flood:?}")).await;
        }
    }
}

#[tokio::test]
async fn the_floods_of_strangers_leave_bounded_rows_and_refuse_nobody_elsewhere() {
    are_bounded(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_floods_of_strangers_are_as_bounded_on_postgresql() {
    are_bounded(Engine::Postgres).await;
}

/// Everybody at an office signs in, each in a new browser, while somebody there guesses at other people's names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_signs_in_while_somebody_there_guesses() {
    let (server, _) = start(Engine::Sqlite).await;
    let tenant = server.default_tenant();
    for person in 0..40 {
        server.user(&tenant, &format!("worker{person}@example.org"), PASSWORD).await;
    }
    let server = std::sync::Arc::new(server);
    let mut people = JoinSet::new();
    for person in 0..40 {
        let server = std::sync::Arc::clone(&server);
        people.spawn(async move {
            let mut agent = Agent::new(&server).at(OFFICE);
            let page = agent.open(&request("site", &[])).await;
            assert_eq!(page.answer.status, 200, "{page:?}");
            let is_honest = person % 4 != 0;
            let whose = if is_honest { "worker" } else { "nobody" };
            let name = format!("{whose}{person}@example.org");
            let after = agent.send_form(&page, &[("username", &*name), ("password", PASSWORD)]).await;
            assert!(!is_honest || after.answer.status == 303, "{after:?}");
        });
    }
    while let Some(person) = people.join_next().await {
        person.expect("whoever works there gets in");
    }
}
