//! Back-Channel Logout 1.0 §2.5, §2.7, §2.8: what becomes of a logout token that is not taken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Manner, RelyingParty, TestServer};

use super::Stage;

const LOGOUTS: &str = "/api/v1/logouts";

impl Stage {
    /// Ada signs in at these, and out.
    async fn leaves(&self, clients: &[&str]) {
        let mut agent = Agent::new(&self.server);
        for client_id in clients {
            let client = self.told(client_id).create().await;
            self.tokens(&mut agent, &client, &[]).await;
        }
        self.sign_out(&mut agent).await;
    }

    async fn listed(&self) -> Vec<Value> {
        let listed = self.manage(("GET", LOGOUTS), &Value::Null).await.expect(200).json();
        let rows = listed["logouts"].as_array().unwrap().clone();
        assert_eq!(listed["total"], rows.len());
        rows
    }
}

/// §2.8: 200 or 204 is a success. All else is tried again, with pauses; where a redirect leads to, nobody looks.
#[tokio::test]
async fn what_is_not_taken_is_sent_again_and_shown_meanwhile() {
    for (status, is_taken) in
        [(200, true), (204, true), (302, false), (307, false), (400, false), (404, false), (503, false)]
    {
        let stage = Stage::new("acme").await;
        stage.rp.behave("/site", Manner::Status(status));
        stage.leaves(&["site"]).await;
        let [row] = stage.listed().await.try_into().unwrap();
        assert_eq!(
            (&row["state"], &row["tries"], &row["problem"]),
            (&json!("waiting"), &json!(0), &Value::Null)
        );
        stage.deliver().await;
        assert_eq!(stage.heard("site").len(), 1, "{status}");
        assert!(stage.rp.posted("/elsewhere").is_empty(), "redirects are not followed");
        if is_taken {
            assert!(stage.listed().await.is_empty(), "{status}");
            continue;
        }
        let [row] = stage.listed().await.try_into().unwrap();
        assert_eq!((&row["client_id"], &row["state"]), (&json!("site"), &json!("waiting")));
        assert_eq!((&row["tries"], &row["problem"]), (&json!(1), &json!(format!("status_{status}"))));
        stage.server.clock.advance(Seconds(4));
        stage.deliver().await;
        assert_eq!(stage.heard("site").len(), 1, "not before its time");
        stage.rp.behave("/site", Manner::Status(200));
        stage.server.clock.advance(Seconds(1));
        stage.deliver().await;
        assert_eq!(stage.heard("site").len(), 2, "{status}");
        assert!(stage.listed().await.is_empty(), "{status}");
    }
}

/// After all tries it is given up: administrators of the tenant see it in the list and in the audit log, others do not.
#[tokio::test]
async fn what_is_never_taken_is_given_up_and_shown() {
    let stage = Stage::new("acme").await;
    stage.rp.behave("/site", Manner::Status(500));
    stage.leaves(&["site"]).await;
    for _ in 0..20 {
        stage.deliver().await;
        stage.server.clock.advance(Seconds(6 * 3600));
    }
    let tries = stage.heard("site").len();
    assert!((4..=9).contains(&tries), "{tries}");
    let [row] = stage.listed().await.try_into().unwrap();
    assert_eq!((&row["state"], &row["problem"]), (&json!("given_up"), &json!("status_500")));
    assert!(row["next_try_at"].is_null() && row["given_up_at"].is_string());
    let audit =
        stage.manage(("GET", "/api/v1/audit-logs?action=logout.given_up"), &Value::Null).await.expect(200);
    assert_eq!(audit.json()["audit_logs"].as_array().unwrap().len(), 1, "{}", audit.text());
    let others = stage.server.tenant("other").await;
    let other = Stage { tenant: others, ..stage };
    assert!(other.listed().await.is_empty(), "another tenant sees nothing of it");
    let metrics = other.server.metrics("/metrics").await;
    assert!(metrics.text().contains("writ_logout_given_up_total 1"), "{}", metrics.text());
    let failed = format!("writ_logout_failed_total {tries}");
    assert!(metrics.text().contains(&failed) && metrics.text().contains("writ_logout_sent_total 0"));
}

/// What another server shows of its network stays with the operator: an administrator learns that there was no answer.
#[tokio::test]
async fn nobody_learns_why_there_is_no_answer() {
    let rp = RelyingParty::start().await;
    // Neither this machine nor its certificate is allowed here.
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let ada = server.user(&tenant, super::ADA, crate::flow::PASSWORD).await;
    let stage = Stage { server, tenant, ada, rp };
    stage.leaves(&["site"]).await;
    stage.deliver().await;
    assert!(stage.rp.posted("/site").is_empty(), "this machine is not called");
    let [row] = stage.listed().await.try_into().unwrap();
    assert_eq!(row["problem"], "no_answer");
}

/// A client that hangs holds its own line and no other.
#[tokio::test]
async fn a_client_that_hangs_delays_no_other() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let stage = Stage::on(engine, "default").await;
        stage.rp.behave("/slow", Manner::Hangs);
        stage.leaves(&["slow", "quick"]).await;
        let begun = Instant::now();
        let app = Arc::clone(&stage.server.app);
        let telling = tokio::spawn(async move { writ_server::backchannel::tell_all(&app).await });
        stage.rp.wait_for("/quick", 1).await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        stage.rp.wait_for("/slow", 1).await;
        assert!(!telling.is_finished(), "it hangs");
        telling.await.unwrap().unwrap();
        let [row] = stage.listed().await.try_into().unwrap();
        assert_eq!((&row["client_id"], &row["problem"]), (&json!("slow"), &json!("no_answer")));
    }
}

/// Of several nodes that look at the same time, each logout is sent by one.
#[tokio::test]
async fn two_nodes_tell_a_client_once() {
    let url = writ_testkit::postgres::fresh_database().await.unwrap();
    let rp = RelyingParty::start().await;
    let server = TestServer::builder().outbound(rp.settings()).database(&url).start().await;
    let node =
        TestServer::builder().outbound(rp.settings()).database(&url).seed(2).beside(&server).start().await;
    let tenant = server.default_tenant();
    let ada = server.user(&tenant, super::ADA, crate::flow::PASSWORD).await;
    let stage = Stage { server, tenant, ada, rp };
    let site = stage.told("site").create().await;
    for _ in 0..24 {
        let mut agent = Agent::new(&stage.server);
        stage.tokens(&mut agent, &site, &[]).await;
    }
    let body = json!({ "user_id": stage.ada.to_string() });
    let _ = stage.manage(("POST", "/api/v1/oauth/tokens/bulk-revoke"), &body).await.expect(200);
    let looks = (0..8).map(|at| {
        let app = Arc::clone(if at % 2 == 0 { &stage.server.app } else { &node.app });
        tokio::spawn(async move { writ_server::backchannel::tell_all(&app).await })
    });
    for look in looks.collect::<Vec<_>>() {
        look.await.unwrap().unwrap();
    }
    let mut sids: Vec<_> = stage.heard("site").iter().map(|claims| claims["sid"].to_string()).collect();
    assert_eq!(sids.len(), 24);
    sids.sort_unstable();
    sids.dedup();
    assert_eq!(sids.len(), 24, "each sign-in once");
    assert!(stage.listed().await.is_empty());
}

/// A client that is deleted, or wants to hear nothing any more, is told nothing, and nothing is left to tell it.
#[tokio::test]
async fn who_wants_to_hear_nothing_is_told_nothing() {
    let stage = Stage::new("default").await;
    stage.leaves(&["gone", "deaf"]).await;
    let _ = stage.manage(("DELETE", "/api/v1/clients/gone"), &Value::Null).await.expect(204);
    let body = json!({ "backchannel_logout_uri": null });
    let _ = stage.manage(("PATCH", "/api/v1/clients/deaf"), &body).await.expect(200);
    stage.deliver().await;
    assert!(stage.heard("gone").is_empty() && stage.heard("deaf").is_empty());
    assert!(stage.listed().await.is_empty());
}
