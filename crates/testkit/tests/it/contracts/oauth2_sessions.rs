//! **oauth2**: who is signed in, and ending that.

use serde_json::json;
use writ_core::authority::Permission;
use writ_testkit::{Agent, Credential};

use super::own::Stage;
use crate::flow::{code, request};

const SESSIONS: &str = "/api/v1/oauth/sessions";

/// `oauth2` `GET /api/v1/oauth/sessions`: 200 and 403
#[tokio::test]
async fn sessions_are_listed_to_their_person_and_by_permission() {
    let stage = Stage::new().await;
    let (_, bob) = stage.another().await;
    let mut agent = Agent::new(&stage.server);
    code(&mut agent, &stage.third, &[]).await.code();
    let list = stage.mine("GET", SESSIONS, None).await.expect(200).json();
    let row = &list["sessions"][0];
    assert_eq!((&list["total"], &row["username"]), (&json!(1), &json!("ada@example.org")));
    assert_eq!((&row["user_id"], &row["ip_address"]), (&json!(stage.user.to_string()), &json!("192.0.2.7")));
    let all =
        stage.ask("GET", SESSIONS, stage.key(&[Permission::SessionsRead]).await).await.expect(200).json();
    assert_eq!(all["sessions"], list["sessions"]);
    let theirs = stage.ask("GET", SESSIONS, Credential::bearer(&bob)).await.expect(200).json();
    assert_eq!(theirs["total"], 0);
    for by in [Credential::bearer(&stage.third_token), stage.key(&[Permission::SessionsWrite]).await] {
        let _ = stage.ask("GET", SESSIONS, by).await.expect(403);
    }
    let _ = stage.ask("GET", SESSIONS, Credential::None).await.expect(401);
}

/// `oauth2` `DELETE /api/v1/oauth/sessions/{session_id}`: 204, 403 and 404
#[tokio::test]
async fn a_session_is_ended_by_its_person_or_by_permission() {
    let stage = Stage::new().await;
    let (_, bob) = stage.another().await;
    let foreign = stage.server.tenant("acme").await;
    let foreign = stage.server.api_key(&foreign, &[Permission::SessionsWrite], None).await;
    for by_key in [false, true] {
        let mut agent = Agent::new(&stage.server);
        code(&mut agent, &stage.third, &[]).await.code();
        let list = stage.mine("GET", SESSIONS, None).await.expect(200).json();
        let path = format!("{SESSIONS}/{}", list["sessions"][0]["id"].as_str().unwrap());
        for (by, status) in [
            (Credential::bearer(&bob), 404),
            (Credential::bearer(&foreign), 404),
            (Credential::bearer(&stage.third_token), 403),
            (stage.key(&[Permission::SessionsRead]).await, 403),
        ] {
            let _ = stage.ask("DELETE", &path, by).await.expect(status);
        }
        let by = if by_key {
            stage.key(&[Permission::SessionsWrite]).await
        } else {
            Credential::bearer(&stage.own_token)
        };
        let _ = stage.ask("DELETE", &path, by.clone()).await.expect(204);
        let _ = stage.ask("DELETE", &path, by).await.expect(404);
        let sent = agent.get(&request("third", &[("prompt", "none")])).await.sent();
        assert_eq!(sent["error"], "login_required", "the browser is signed out");
    }
}
