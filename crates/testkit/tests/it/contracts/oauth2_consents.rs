//! **oauth2**: consents as applications and API keys see them, and their history.

use serde_json::json;
use writ_core::authority::Permission;
use writ_testkit::Credential;

use super::own::Stage;

const CONSENTS: &str = "/api/v1/oauth/consents";

/// `oauth2` `GET /api/v1/oauth/consents`: 200, and 403 without the permission
#[tokio::test]
async fn an_application_sees_all_of_the_tenant() {
    let stage = Stage::new().await;
    stage.agreed().await;
    let reader = stage.key(&[Permission::OauthRead]).await;
    let list = stage.ask("GET", CONSENTS, reader).await.expect(200).json();
    let row = &list["consents"][0];
    assert_eq!((&list["total"], &row["client_id"]), (&json!(1), &json!("third")));
    assert_eq!(
        (&row["user_id"], &row["scopes"]),
        (&json!(stage.user.to_string()), &json!(["openid", "read"]))
    );
    for without in [stage.key(&[Permission::OauthWrite]).await, Credential::from(&stage.third)] {
        let _ = stage.ask("GET", CONSENTS, without).await.expect(403);
    }
    let _ = stage.ask("GET", CONSENTS, Credential::None).await.expect(401);
    let _ = stage
        .ask("GET", &format!("{CONSENTS}?limit=0"), stage.key(&[Permission::OauthRead]).await)
        .await
        .expect(400);
}

/// `oauth2` `DELETE /api/v1/oauth/consents/{consent_id}`: 204, 403 and 404
#[tokio::test]
async fn an_application_withdraws_by_id() {
    let stage = Stage::new().await;
    let body = stage.agreed().await;
    let all = stage.key(&[Permission::OauthRead, Permission::OauthWrite]).await;
    let list = stage.ask("GET", CONSENTS, all.clone()).await.json();
    let path = format!("{CONSENTS}/{}", list["consents"][0]["id"].as_str().unwrap());
    let _ = stage.ask("DELETE", &path, stage.key(&[Permission::OauthRead]).await).await.expect(403);
    // Another tenant's key does not see it.
    let acme = stage.server.tenant("acme").await;
    let foreign = stage.server.api_key(&acme, &[Permission::OauthWrite], None).await;
    let _ = stage.ask("DELETE", &path, Credential::bearer(&foreign)).await.expect(404);
    let _ = stage.ask("DELETE", &path, all.clone()).await.expect(204);
    let _ = stage.ask("DELETE", &path, all.clone()).await.expect(404);
    let _ = stage.ask("DELETE", &format!("{CONSENTS}/third"), all).await.expect(404);
    assert!(!stage.server.is_active(&stage.third, body["access_token"].as_str().unwrap()).await);
}

/// `oauth2` `POST /api/v1/oauth/consents`: 201, 400 and 404
#[tokio::test]
async fn a_person_records_one() {
    let stage = Stage::new().await;
    let make =
        |client: &str, scopes: serde_json::Value| Some(json!({ "client_id": client, "scopes": scopes }));
    let row = stage.mine("POST", CONSENTS, make("third", json!(["openid", "read"]))).await.expect(201).json();
    assert_eq!((&row["client_id"], &row["scopes"]), (&json!("third"), &json!(["openid", "read"])));
    assert_eq!(row["user_id"], json!(stage.user.to_string()));
    let more = stage.mine("POST", CONSENTS, make("third", json!(["write"]))).await.expect(201).json();
    assert_eq!(
        (&more["id"], &more["scopes"]),
        (&row["id"], &json!(["openid", "read", "write"])),
        "one for each client"
    );
    for scopes in [json!([]), json!(["unknown"]), json!(["a b"]), json!("openid")] {
        let _ = stage.mine("POST", CONSENTS, make("third", scopes)).await.expect(400);
    }
    let _ = stage.mine("POST", CONSENTS, make("nobody", json!(["openid"]))).await.expect(404);
}

/// `oauth2` `GET /api/v1/oauth/consents/history`: 200; it outlives the consent
#[tokio::test]
async fn the_history_says_all_that_happened() {
    let stage = Stage::new().await;
    stage.agreed().await;
    let challenge = stage.challenge(&[("scope", "openid write")]).await;
    let path = "/api/v1/oauth/consent";
    let no = json!({ "loginChallenge": challenge, "approved": false });
    let _ = stage.mine("POST", path, Some(no)).await.expect(200);
    let challenge = stage.challenge(&[("scope", "openid write")]).await;
    let yes = json!({ "loginChallenge": challenge, "approved": true });
    let _ = stage.mine("POST", path, Some(yes)).await.expect(200);
    let _ = stage.mine("DELETE", &format!("{CONSENTS}/third"), None).await.expect(200);

    let reader = stage.key(&[Permission::OauthRead]).await;
    let all = stage.ask("GET", &format!("{CONSENTS}/history"), reader).await.expect(200).json();
    let mut events: Vec<_> = all["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["event"].as_str().unwrap().to_owned())
        .collect();
    events.sort();
    assert_eq!(events, ["denied", "extended", "granted", "withdrawn"]);
    assert_eq!(all["total"], 4);
    let own = stage.mine("GET", &format!("{CONSENTS}/history"), None).await.expect(200).json();
    assert_eq!(own["history"], all["history"]);
    let (_, bob) = stage.another().await;
    let theirs =
        stage.ask("GET", &format!("{CONSENTS}/history"), Credential::bearer(&bob)).await.expect(200).json();
    assert_eq!(theirs["total"], 0);
    let third = Credential::bearer(&stage.third_token);
    let _ = stage.ask("GET", &format!("{CONSENTS}/history"), third).await.expect(403);
}
