//! OpenID Connect Dynamic Client Registration 1.0 §2, RFC 7591 §2.1: which response types a client has, and who says so.

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::settings::Switch;
use writ_testkit::Engine;

use super::Stage;
use crate::flow::CALLBACK;

const CLIENTS: &str = "/api/v1/clients";

fn sent(types: &Value, grants: &Value) -> Value {
    json!({
        "client_name": "Shop", "redirect_uris": [CALLBACK], "response_types": types, "grant_types": grants,
    })
}

/// Off without a word; an ID token is each client's to have, an access token in front takes the tenant's setting, and the refusal
/// says which and whom to ask.
#[tokio::test]
async fn a_client_has_what_it_is_registered_for() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let stage = Stage::new(engine, "acme", Switch::Off).await;
        let both = json!(["authorization_code", "implicit"]);
        let plain = json!({ "client_name": "Plain", "redirect_uris": [CALLBACK] });
        let made = stage.manage(("POST", CLIENTS), &plain).await.expect(201).json();
        assert_eq!(made["response_types"], json!(["code"]));
        let hybrid = sent(&json!(["code", "id_token code"]), &both);
        let made = stage.manage(("POST", CLIENTS), &hybrid).await.expect(201).json();
        assert_eq!(
            (&made["response_types"], &made["grant_types"]),
            (&json!(["code", "code id_token"]), &both)
        );
        let path = format!("{CLIENTS}/{}", made["client_id"].as_str().unwrap());
        let mut same = made.clone();
        same.as_object_mut().unwrap().remove("client_secret");
        let again = stage.manage(("PUT", &path), &same).await.expect(200).json();
        assert_eq!(again["response_types"], made["response_types"], "what is shown may be sent back");

        let legacy = json!({ "response_types": ["code", "id_token token"] });
        let refused = stage.manage(("PATCH", &path), &legacy).await.refused(400, "invalid_request");
        assert!(refused.text().contains("legacy_implicit_grant is off"), "{}", refused.text());
        let on = json!({ "settings": { "legacy_implicit_grant": true } });
        let _ = stage.manage(("PUT", "/api/v1/tenants/acme"), &on).await.expect(200);
        let after = stage.manage(("PATCH", &path), &legacy).await.expect(200).json();
        assert_eq!(after["response_types"], json!(["code", "id_token token"]));

        for (types, grants, field) in [
            (json!(["id_token"]), json!(["authorization_code"]), "response_types"),
            (json!(["code id_token"]), json!(["implicit"]), "response_types"),
            (json!(["none"]), both.clone(), "response_types"),
            (json!(["code"]), both.clone(), "grant_types"),
            (json!("code"), both.clone(), "response_types"),
        ] {
            let refused = stage.manage(("POST", CLIENTS), &sent(&types, &grants)).await;
            let text = refused.refused(400, "invalid_request").text().to_owned();
            assert!(text.contains(field), "{types} {grants}: {text}");
        }
    }
}

/// OpenID Connect Discovery §3: what is advertised is what can be had.
#[tokio::test]
async fn the_metadata_says_what_there_is() {
    for legacy in [Switch::Off, Switch::On] {
        let stage = Stage::new(Engine::Sqlite, "acme", legacy).await;
        let metadata = stage.server.get("/t/acme/.well-known/openid-configuration").await.json();
        let types = metadata["response_types_supported"].as_array().unwrap();
        assert!(["code", "id_token", "code id_token"].iter().all(|one| types.contains(&json!(one))));
        let token = ["token", "id_token token", "code token", "code id_token token"];
        assert!(token.iter().all(|one| types.contains(&json!(one)) == legacy.is_on()), "{types:?}");
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        assert_eq!(grants.contains(&json!("implicit")), legacy.is_on());
    }
}

/// RFC 7591 §2.1: an application gets them where the policy of its tenant has the implicit grant, and else what remains.
#[tokio::test]
async fn applications_register_what_the_policy_allows() {
    let stage = Stage::new(Engine::Sqlite, "acme", Switch::Off).await;
    let policy = async |grants: Value| {
        let settings = json!({ "registration": "open", "registration_policy": { "grant_types": grants } });
        let path = ("PUT", "/api/v1/tenants/acme");
        let _ = stage.manage(path, &json!({ "settings": settings })).await.expect(200);
    };
    let register = async |types: Value, grants: Value| {
        let request =
            Request::post("/t/acme/oauth2/register").header(header::CONTENT_TYPE, "application/json");
        stage.server.request(request.body(sent(&types, &grants).to_string()).unwrap()).await
    };
    let both = json!(["authorization_code", "implicit"]);
    let wanted = json!(["code", "code id_token"]);
    policy(json!(["authorization_code"])).await;
    let made = register(wanted.clone(), both.clone()).await.expect(201).json();
    assert_eq!(
        (&made["response_types"], &made["grant_types"]),
        (&json!(["code"]), &json!(["authorization_code"]))
    );
    let refused = register(json!(["id_token"]), both.clone()).await.refused(400, "invalid_client_metadata");
    assert!(refused.text().contains("response_types"), "{}", refused.text());
    policy(both.clone()).await;
    let made = register(wanted.clone(), both.clone()).await.expect(201).json();
    assert_eq!((&made["response_types"], &made["grant_types"]), (&wanted, &both));
    let made = register(json!(["id_token"]), json!(["implicit"])).await.expect(201).json();
    assert_eq!(made["response_types"], json!(["id_token"]));
    // The grant goes where nothing needs it, and the setting of the tenant still stands.
    let made = register(json!(["code"]), both.clone()).await.expect(201).json();
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    let refused = register(json!(["code token"]), both).await.refused(400, "invalid_client_metadata");
    assert!(refused.text().contains("legacy_implicit_grant"), "{}", refused.text());
    let metadata = stage.server.get("/t/acme/.well-known/openid-configuration").await.json();
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!("implicit")));
}
