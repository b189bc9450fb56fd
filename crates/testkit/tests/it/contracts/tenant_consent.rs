//! **tenant**: the consent of people, decided and withdrawn through the tenant's own application.

use serde_json::json;
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::Credential;

use super::own::{Stage, parameter};
use super::{in_oauth2, in_tenant};
use crate::flow::{redeem, refresh};

const CONSENT: &str = "/api/v1/oauth/consent";
const CONSENTS: &str = "/api/v1/oauth/consents";

/// `tenant` `POST /api/v1/oauth/consent`: 200 approved, with the published fields
#[tokio::test]
async fn a_yes_gives_a_code() {
    let stage = Stage::new().await;
    let challenge = stage.challenge(&[("scope", "openid profile email")]).await;
    let body = json!({
        "loginChallenge": challenge, "approved": true, "scopes": ["openid", "email"], "remember": true,
    });
    let answer = stage.mine("POST", CONSENT, Some(body)).await.expect(200).json();
    assert_eq!(answer["success"], true);
    let to = answer["data"]["redirectTo"].as_str().unwrap();
    assert!(to.starts_with("https://app.example/cb?from=writ&code="), "{to}");
    assert_eq!(parameter(to, "state").unwrap(), "a state+&=");
    assert_eq!(parameter(to, "iss").unwrap(), "https://id.example");
    let body = redeem(&stage.server, &stage.third, &parameter(to, "code").unwrap()).await.expect(200).json();
    assert_eq!(body["scope"], "openid email", "exactly the subset");
}

/// `tenant` `POST /api/v1/oauth/consent`: 200 approved without scopes is all that was requested
#[tokio::test]
async fn all_is_the_default_and_openid_always_part_of_it() {
    let stage = Stage::new().await;
    for (scopes, granted) in [(json!(null), "openid read"), (json!(["read"]), "openid read")] {
        let challenge = stage.challenge(&[]).await;
        let body = json!({ "loginChallenge": challenge, "approved": true, "scopes": scopes });
        let answer = stage.mine("POST", CONSENT, Some(body)).await.expect(200).json();
        let code = parameter(answer["data"]["redirectTo"].as_str().unwrap(), "code").unwrap();
        let body = redeem(&stage.server, &stage.third, &code).await.expect(200).json();
        assert_eq!(body["scope"], granted);
    }
}

/// `tenant` `POST /api/v1/oauth/consent`: 200 denied
#[tokio::test]
async fn a_no_is_an_error_for_the_client() {
    let stage = Stage::new().await;
    let challenge = stage.challenge(&[]).await;
    let body = json!({ "loginChallenge": challenge, "approved": false });
    let answer = stage.mine("POST", CONSENT, Some(body.clone())).await.expect(200).json();
    let to = answer["data"]["redirectTo"].as_str().unwrap();
    for (name, value) in [("error", "access_denied"), ("state", "a state+&="), ("iss", "https://id.example")]
    {
        assert_eq!(parameter(to, name).unwrap(), value);
    }
    let _ = stage.mine("POST", CONSENT, Some(body)).await.expect(404);
}

/// `max_age` and `prompt=login` ask for a sign-in that is newer than the token that decides (OpenID Connect Core §3.1.2.1);
/// what is refused stays open.
#[tokio::test]
async fn what_asks_for_a_new_sign_in_is_not_decided_with_an_old_one() {
    let stage = Stage::new().await;
    let yes = |challenge: &str| Some(json!({ "loginChallenge": challenge, "approved": true }));
    stage.server.clock.advance(Seconds(100));
    for more in [("max_age", "99"), ("max_age", "0"), ("prompt", "login"), ("prompt", "select_account")] {
        let challenge = stage.challenge(&[more]).await;
        let refused = stage.mine("POST", CONSENT, yes(&challenge)).await.expect(403);
        assert!(refused.text().contains("sign in again"), "{more:?}: {}", refused.text());
        let shown = format!("{CONSENT}/{challenge}");
        let _ = stage.mine("GET", &shown, None).await.expect(200);
    }
    let challenge = stage.challenge(&[("max_age", "200")]).await;
    let _ = stage.mine("POST", CONSENT, yes(&challenge)).await.expect(200);
}

/// `tenant` `POST /api/v1/oauth/consent`: 404 unknown, expired, foreign or decided
#[tokio::test]
async fn only_an_open_challenge_of_ones_own_is_decided() {
    let stage = Stage::new().await;
    let yes = |challenge: &str| Some(json!({ "loginChallenge": challenge, "approved": true }));
    for unknown in ["", "ch_", "ch_7fK2mPqRsT9vWxYzA4bCdE", "x"] {
        let _ = stage.mine("POST", CONSENT, yes(unknown)).await.expect(404);
    }
    let challenge = stage.challenge(&[]).await;
    let _ = stage.mine("POST", CONSENT, yes(&challenge)).await.expect(200);
    let _ = stage.mine("POST", CONSENT, yes(&challenge)).await.expect(404);
    let challenge = stage.challenge(&[]).await;
    stage.server.clock.advance(Seconds(600));
    let _ = stage.mine("POST", CONSENT, yes(&challenge)).await.expect(404);
    // One of another tenant.
    let acme = stage.server.tenant("acme").await;
    crate::flow::website(&stage.server, "theirs").of(&acme).create().await;
    let mut agent = writ_testkit::Agent::new(&stage.server);
    let page = agent.open(&acme.path(&crate::flow::request("theirs", &[]))).await;
    let _ = stage.mine("POST", CONSENT, yes(&page.challenge())).await.expect(404);
}

/// `tenant` `POST /api/v1/oauth/consent`: 400 for what cannot be meant, which consumes nothing
#[tokio::test]
async fn a_malformed_decision_leaves_the_challenge_open() {
    let stage = Stage::new().await;
    let challenge = stage.challenge(&[]).await;
    for body in [
        json!({ "loginChallenge": challenge, "approved": true, "scopes": [] }),
        json!({ "loginChallenge": challenge, "approved": true, "scopes": ["openid", "write"] }),
        json!({ "loginChallenge": challenge, "approved": true, "scopes": ["openid read"] }),
        json!({ "loginChallenge": challenge, "approved": true, "scopes": "openid" }),
        json!({ "loginChallenge": challenge, "approved": "yes" }),
        json!({ "loginChallenge": challenge }),
        json!({ "approved": true }),
        json!({ "loginChallenge": challenge, "approved": true, "unknown": 1 }),
    ] {
        let answer = stage.mine("POST", CONSENT, Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    let yes = json!({ "loginChallenge": challenge, "approved": true });
    let _ = stage.mine("POST", CONSENT, Some(yes)).await.expect(200);
}

/// `tenant` `POST /api/v1/oauth/consent`: 401 and 403, for whoever is not a person in the tenant's own application
#[tokio::test]
async fn nobody_else_decides() {
    let stage = Stage::new().await;
    let challenge = stage.challenge(&[]).await;
    let yes = || Some(json!({ "loginChallenge": challenge, "approved": true }));
    let operator = Credential::bearer(&stage.server.management_key());
    let cases = [
        (Credential::None, 401),
        (Credential::bearer("x"), 401),
        (Credential::bearer(&stage.third_token), 403),
        (Credential::from(&stage.third), 403),
        (operator, 403),
    ];
    for (by, status) in cases {
        for (method, path, body) in [
            ("POST", CONSENT.to_owned(), yes()),
            ("GET", format!("{CONSENT}/{challenge}"), None),
            ("POST", CONSENTS.to_owned(), Some(json!({ "client_id": "third", "scopes": ["openid"] }))),
        ] {
            let answer = stage.send(method, &path, (by.clone(), body)).await;
            assert_eq!(answer.status, status, "{by:?} {method} {path}: {}", answer.text());
        }
    }
    let _ = stage.mine("POST", CONSENT, yes()).await.expect(200);
}

/// `tenant` `POST /api/v1/oauth/consent`: remember decides whether the next request goes without a screen
#[tokio::test]
async fn remember_is_for_the_next_time() {
    let stage = Stage::new().await;
    let mut agent = writ_testkit::Agent::new(&stage.server);
    let own = crate::flow::website(&stage.server, "own3").first_party().create().await;
    crate::flow::code(&mut agent, &own, &[]).await.code();
    let ask = crate::flow::request("third", &[("prompt", "none")]);
    for remember in [false, true] {
        let begun = agent.get(&crate::flow::request("third", &[])).await.location().unwrap();
        let challenge = begun.split_once("login_challenge=").unwrap().1;
        let body = json!({ "loginChallenge": challenge, "approved": true, "remember": remember });
        let _ = stage.mine("POST", CONSENT, Some(body)).await.expect(200);
        let sent = agent.get(&ask).await.sent();
        assert_eq!(sent.contains_key("code"), remember, "{sent:?}");
        let list = stage.mine("GET", CONSENTS, None).await.expect(200).json();
        assert_eq!(list["data"]["total"], 1, "the person sees it either way");
    }
}

/// `tenant` `GET /api/v1/oauth/consent/{loginChallenge}`: 200
#[tokio::test]
async fn a_screen_is_told_who_asks_for_what() {
    let stage = Stage::new().await;
    let challenge = stage.challenge(&[("login_hint", "ada")]).await;
    let answer = stage.mine("GET", &format!("{CONSENT}/{challenge}"), None).await.expect(200).json();
    let data = &answer["data"];
    assert_eq!((&data["client"]["clientId"], &data["loginHint"]), (&json!("third"), &json!("ada")));
    assert_eq!(data["scopes"][0]["name"], "openid");
    assert!(data["scopes"][0]["description"].is_string(), "{data}");
    assert_eq!(data["scopes"][1]["name"], "read");
    let _ = stage.mine("GET", &format!("{CONSENT}/ch_7fK2mPqRsT9vWxYzA4bCdE"), None).await.expect(404);
}

/// `tenant` `GET /api/v1/oauth/consents`: 200; 403 through another application
#[tokio::test]
async fn a_person_sees_their_own() {
    let stage = Stage::new().await;
    stage.agreed().await;
    let (_, bob) = stage.another().await;
    let list = stage.mine("GET", CONSENTS, None).await.expect(200).json();
    let consent = &list["data"]["consents"][0];
    assert_eq!((&list["success"], &list["data"]["total"]), (&json!(true), &json!(1)));
    assert_eq!((&consent["clientId"], &consent["clientName"]), (&json!("third"), &json!("third")));
    assert_eq!(consent["scopes"], json!(["openid", "read"]));
    assert!(consent["grantedAt"].as_str().unwrap().ends_with('Z'));
    let theirs = stage.ask("GET", CONSENTS, Credential::bearer(&bob)).await.expect(200).json();
    assert_eq!(theirs["data"]["total"], 0);
    let _ = stage.ask("GET", CONSENTS, Credential::bearer(&stage.third_token)).await.expect(403);
}

/// `tenant` `GET /api/v1/oauth/consents`: 400, 401 and 403 in this contract's shape to a person, in **oauth2**'s to others
#[tokio::test]
async fn an_error_has_the_shape_of_whoever_asks() {
    let stage = Stage::new().await;
    let wrong = format!("{CONSENTS}?limit=0");
    let nobody = format!("{CONSENTS}/nobody");
    for (method, path, status, code) in
        [("GET", &wrong, 400, "invalid_request"), ("DELETE", &nobody, 404, "not_found")]
    {
        in_tenant(&stage.mine(method, path, None).await, status, code);
        let may = [Permission::OauthRead, Permission::OauthWrite];
        in_oauth2(&stage.ask(method, path, stage.key(&may).await).await, status, code);
        let app =
            stage.server.client(&format!("app-{method}")).scope("oauth:read oauth:write").create().await;
        in_oauth2(&stage.ask(method, path, &app).await, status, code);
        let token = Credential::bearer(&stage.server.access_token(&app).await);
        in_oauth2(&stage.ask(method, path, token).await, status, code);
    }
    let third = || Credential::bearer(&stage.third_token);
    for (method, path) in [("GET", CONSENTS.to_owned()), ("DELETE", format!("{CONSENTS}/third"))] {
        in_tenant(&stage.ask(method, &path, third()).await, 403, "access_denied");
        in_tenant(&stage.ask(method, &path, Credential::bearer("eyJ")).await, 401, "invalid_token");
        in_tenant(&stage.ask(method, &path, Credential::None).await, 401, "credential_required");
    }
    // What one contract alone documents has its shape.
    let new = Some(json!({ "client_id": "nobody", "scopes": ["openid"] }));
    in_oauth2(&stage.mine("POST", CONSENTS, new).await, 404, "not_found");
    in_oauth2(&stage.ask("GET", &format!("{CONSENTS}/history"), third()).await, 403, "access_denied");
}

/// `tenant` `DELETE /api/v1/oauth/consents/{client_id}`: 200, and what was granted ends; 403, 404
#[tokio::test]
async fn a_withdrawn_consent_ends_the_grants_behind_it() {
    let stage = Stage::new().await;
    let body = stage.agreed().await;
    let (_, bob) = stage.another().await;
    let path = format!("{CONSENTS}/third");
    let _ = stage.ask("DELETE", &path, Credential::bearer(&bob)).await.expect(404);
    let _ = stage.ask("DELETE", &path, Credential::bearer(&stage.third_token)).await.expect(403);
    let answer = stage.mine("DELETE", &path, None).await.expect(200);
    assert_eq!(answer.json(), json!({ "success": true, "data": null }));
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    assert!(!stage.server.is_active(&stage.third, &text("access_token")).await);
    let _ = refresh(&stage.server, &stage.third, &text("refresh_token")).await.refused(400, "invalid_grant");
    let _ = stage.mine("DELETE", &path, None).await.expect(404);
}
