//! One client behind four contracts.

use serde_json::{Value, json};
use writ_core::client::{Naming, Prefix};
use writ_core::ids::ClientId;
use writ_testkit::{Answer, Credential, TestServer};

use super::own_clients::{keys, part};
use super::{CLIENTS, IDENTITY, OAUTH2, OWN, Stage, TENANT, is_json, text};

/// The contracts, and how each makes a client that every one of them can show.
const BODIES: [(&str, &str); 4] = [
    (
        TENANT,
        r#"{"name":"App","grantTypes":["authorization_code","refresh_token"],
            "redirectURIs":["https://a.example/cb","com.example.app:/cb"],"scopes":["openid","read"]}"#,
    ),
    (
        IDENTITY,
        r#"{"client_name":"App","redirect_uris":["https://a.example/cb","com.example.app:/cb"],
            "allowed_scopes":["openid","read"]}"#,
    ),
    (
        OAUTH2,
        r#"{"name":"App","redirect_uris":["https://a.example/cb","com.example.app:/cb"],"scope":"openid read"}"#,
    ),
    (
        CLIENTS,
        r#"{"name":"App","type":"web","redirect_uris":["https://a.example/cb","com.example.app:/cb"],
            "scopes":["openid","read"]}"#,
    ),
];

/// Takes the client out of a contract's envelope.
fn unwrapped(contract: &str, body: &Value) -> Value {
    match contract {
        TENANT => body["data"]["client"].clone(),
        IDENTITY => body["client"].clone(),
        _ => body.clone(),
    }
}

/// Where a contract has the client.
fn at(contract: &str, id: ClientId) -> String {
    if contract == CLIENTS { format!("{contract}/{}", id.prefixed()) } else { format!("{contract}/{id}") }
}

/// The row id that a contract shows.
fn id(client: &Value) -> ClientId {
    let text = text(&client["id"]);
    ClientId::parse_uuid(&text).or_else(|| ClientId::parse_prefixed(&text)).unwrap()
}

async fn shown(stage: &Stage, contract: &str, client: ClientId) -> Value {
    unwrapped(contract, &is_json(&stage.get(&at(contract, client)).await, 200))
}

/// Name, redirect URIs, scopes, confidentiality, as a contract shows them.
fn common(contract: &str, client: &Value) -> Value {
    let scopes = |list: &Value| -> Value {
        list.as_str().map_or_else(|| list.clone(), |text| json!(text.split(' ').collect::<Vec<_>>()))
    };
    match contract {
        TENANT => json!([client["name"], client["redirectURIs"], client["scopes"], client["clientId"]]),
        IDENTITY => {
            json!([
                client["client_name"],
                client["redirect_uris"],
                client["allowed_scopes"],
                client["client_id"]
            ])
        }
        OAUTH2 => {
            json!([client["name"], client["redirect_uris"], scopes(&client["scope"]), client["client_id"]])
        }
        _ => json!([client["name"], client["redirect_uris"], client["scopes"], client["client_id"]]),
    }
}

async fn renamed(stage: &Stage, contract: &str, client: ClientId, name: &str) -> Answer {
    let path = at(contract, client);
    match contract {
        TENANT | OAUTH2 => stage.put(&path, &json!({ "name": name })).await,
        IDENTITY => stage.patch(&path, &json!({ "client_name": name })).await,
        _ => stage.patch(&path, &json!({ "name": name })).await,
    }
}

/// Made through each, read through the three others, updated through another, deleted through a third.
#[tokio::test]
async fn a_client_is_one_behind_every_contract() {
    let stage = Stage::new().await;
    for (n, (contract, body)) in BODIES.into_iter().enumerate() {
        let body: Value = serde_json::from_str(body).unwrap();
        let made = unwrapped(contract, &is_json(&stage.post(contract, &body).await, 201));
        let client = id(&made);
        let others: Vec<_> = (1..4).map(|step| BODIES[(n + step) % 4].0).collect();
        let expected = json!([
            "App",
            ["https://a.example/cb", "com.example.app:/cb"],
            ["openid", "read"],
            client.prefixed()
        ]);
        for reader in BODIES.map(|(reader, _)| reader) {
            let view = shown(&stage, reader, client).await;
            assert_eq!(common(reader, &view), expected, "{contract} read by {reader}");
        }
        let kind = shown(&stage, CLIENTS, client).await;
        assert_eq!(
            (&kind["type"], &kind["grant_types"]),
            (&json!("web"), &json!(["authorization_code", "refresh_token"]))
        );
        let identity = shown(&stage, IDENTITY, client).await;
        assert_eq!(
            (&identity["client_type"], &identity["brand_id"], &identity["enabled"]),
            (&json!("confidential"), &json!(stage.tenant.id.to_string()), &json!(true))
        );
        let tenant = shown(&stage, TENANT, client).await;
        assert_eq!(
            (&tenant["accessTokenTTL"], &tenant["refreshTokenTTL"]),
            (&json!(3600), &json!(2_592_000))
        );
        let prefix = if contract == TENANT { "sk_live_" } else { "csec_" };
        assert!(text(&tenant["clientSecret"]).starts_with(prefix), "{tenant}");

        let writer = others[n % 3];
        let _ = renamed(&stage, writer, client, "Renamed").await.expect(200);
        for reader in BODIES.map(|(reader, _)| reader) {
            let view = shown(&stage, reader, client).await;
            assert_eq!(
                common(reader, &view)[0],
                "Renamed",
                "{contract} changed by {writer} read by {reader}"
            );
        }
        let remover = others[(n + 1) % 3];
        let answer = stage.delete(&at(remover, client)).await;
        assert_eq!(answer.status, if remover == TENANT { 200 } else { 204 });
        for reader in BODIES.map(|(reader, _)| reader) {
            let _ = stage.get(&at(reader, client)).await.expect(404);
        }
    }
}

/// What one contract knows and another does not survives the other's update.
#[tokio::test]
async fn an_update_leaves_alone_what_its_contract_does_not_know() {
    let stage = Stage::new().await;
    let body = json!({
        "name": "App", "type": "web", "redirect_uris": ["https://a.example/cb"],
        "allowed_origins": ["https://a.example"], "post_logout_redirect_uris": ["https://a.example/bye"],
    });
    let client = id(&is_json(&stage.post(CLIENTS, &body).await, 201));
    let set = json!({ "description": "Words", "accessTokenTTL": 120, "refreshTokenTTL": 240 });
    let _ = stage.put(&at(TENANT, client), &set).await.expect(200);
    let set = json!({ "client_uri": "https://a.example", "is_first_party": true });
    let _ = stage.patch(&at(IDENTITY, client), &set).await.expect(200);
    let whole = format!("{OWN}/{client}");
    let set = json!({
        "require_pkce": true, "access_token_signed_response_alg": "EdDSA", "audience": ["https://api.example"],
        "refresh_token_rotation": false, "id_token_signed_response_alg": "PS256", "jwks": keys(),
        "id_token_encrypted_response_alg": "ECDH-ES", "access_token_encrypted_response_alg": "ECDH-ES",
        "access_token_encrypted_response_enc": "A256GCM",
    });
    let chosen = is_json(&stage.patch(&whole, &set).await, 200);
    let set =
        json!({ "tos_uri": "https://a.example/tos", "token_endpoint_auth_method": "client_secret_post" });
    let _ = stage.patch(&whole, &set).await.expect(200);
    let before = is_json(&stage.get(&whole).await, 200);
    for contract in BODIES.map(|(contract, _)| contract) {
        let _ = renamed(&stage, contract, client, contract).await.expect(200);
    }
    let mut after = is_json(&stage.get(&whole).await, 200);
    for name in ["client_name", "updated_at"] {
        after[name] = before[name].clone();
    }
    assert_eq!((part(&after, &chosen), &after), (part(&before, &chosen), &before));
    let view = shown(&stage, CLIENTS, client).await;
    assert_eq!(view["allowed_origins"], json!(["https://a.example"]));
    assert_eq!(view["post_logout_redirect_uris"], json!(["https://a.example/bye"]));
    let view = shown(&stage, TENANT, client).await;
    assert_eq!(
        (&view["description"], &view["accessTokenTTL"], &view["refreshTokenTTL"]),
        (&json!("Words"), &json!(120), &json!(240))
    );
    let view = shown(&stage, IDENTITY, client).await;
    assert_eq!((&view["client_uri"], &view["is_first_party"]), (&json!("https://a.example"), &json!(true)));
}

/// Each says of two fields the same; whoever wins, they agree.
#[tokio::test]
async fn simultaneous_updates_never_mix_fields() {
    let stage = Stage::new().await;
    let body = json!({ "name": "App", "grantTypes": ["client_credentials"], "scopes": ["start"] });
    let client = id(&unwrapped(TENANT, &is_json(&stage.post(TENANT, &body).await, 201)));
    let path = at(TENANT, client);
    for round in 0..10 {
        let body = |n: usize| {
            json!({ "name": format!("n{round}-{n}"), "description": format!("n{round}-{n}"),
                "scopes": [format!("n{round}-{n}")] })
        };
        let bodies = [body(0), body(1), body(2)];
        let [one, two, three] = &bodies;
        let answers = tokio::join!(stage.put(&path, one), stage.put(&path, two), stage.put(&path, three));
        for answer in [answers.0, answers.1, answers.2] {
            assert!(matches!(answer.status, 200 | 409), "{}", answer.text());
        }
        let view = shown(&stage, TENANT, client).await;
        assert_eq!(view["name"], view["description"], "{view}");
        assert_eq!(view["scopes"], json!([view["name"]]), "{view}");
    }
}

/// A removal and a change that name the same version, through every two contracts: one of them happens, and the
/// other is told so (RFC 9110 §13.1.1).
#[tokio::test(flavor = "multi_thread")]
async fn of_a_conditional_removal_and_a_conditional_change_one_happens() {
    let stage = Stage::new().await;
    let body = json!({ "name": "Job", "type": "machine" });
    let mut times = 0;
    for n in 0..16 {
        let made = stage.post(CLIENTS, &body).await;
        let (client, tag) = (id(&is_json(&made, 201)), made.header("etag").to_owned());
        let (remover, writer) = (BODIES[n % 4].0, BODIES[n / 4].0);
        let member = if writer == IDENTITY { "client_name" } else { "name" };
        let method = if matches!(writer, TENANT | OAUTH2) { "PUT" } else { "PATCH" };
        let change = stage.call(method, &at(writer, client), Some(&json!({ member: "Changed" })));
        let change = stage.send(change.header("if-match", &tag));
        let removal = stage.call("DELETE", &at(remover, client), None).header("if-match", &tag);
        let removal = stage.send(removal);
        let (removal, change) = if n % 2 == 0 {
            tokio::join!(removal, change)
        } else {
            let (change, removal) = tokio::join!(change, removal);
            (removal, change)
        };
        let gone = matches!(removal.status, 200 | 204);
        times += usize::from(gone);
        let lost = if gone { &change } else { &removal };
        assert_ne!(gone, change.status == 200, "{remover} {writer}: {} {}", removal.text(), change.text());
        assert!(matches!(lost.status, 412 | 404), "{remover} {writer}: {}", lost.text());
        let left = stage.get(&at(CLIENTS, client)).await.status;
        assert_eq!(left, if gone { 404 } else { 200 }, "{remover} {writer}");
    }
    assert!((1..16).contains(&times), "removed {times} times of 16: one side was always faster");
}

/// A removal that names no version removes what there is, whatever was changed while it was decided.
#[tokio::test(flavor = "multi_thread")]
async fn an_unconditional_removal_is_decided_anew_where_the_client_changed() {
    let stage = Stage::new().await;
    for round in 0..12 {
        let made = is_json(&stage.post(CLIENTS, &json!({ "name": "Job", "type": "machine" })).await, 201);
        let client = id(&made);
        let path = at(BODIES[round % 4].0, client);
        let (changed, removed) =
            tokio::join!(renamed(&stage, OAUTH2, client, "Changed"), stage.delete(&path));
        assert!(matches!(removed.status, 200 | 204), "{}", removed.text());
        assert!(matches!(changed.status, 200 | 404), "{}", changed.text());
        let _ = stage.get(&at(CLIENTS, client)).await.expect(404);
    }
}

#[tokio::test]
async fn simultaneous_rotations_never_leave_three_live_secrets() {
    let stage = Stage::new().await;
    let made = is_json(&stage.post(CLIENTS, &json!({ "name": "Job", "type": "machine" })).await, 201);
    let client = id(&made);
    let mut known = vec![text(&made["client_secret"])];
    for _ in 0..10 {
        let paths = [TENANT, IDENTITY, OAUTH2].map(|contract| {
            let last = if contract == TENANT { "regenerate-secret" } else { "rotate-secret" };
            format!("{}/{last}?overlap=3600", at(contract, client))
        });
        let [one, two, three] = &paths;
        let answers = tokio::join!(stage.act(one), stage.act(two), stage.act(three));
        let answers = [answers.0, answers.1, answers.2];
        assert!(answers.iter().any(|answer| answer.status == 200), "{answers:?}");
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            let body = answer.json();
            let secret = body.pointer("/data/clientSecret").or_else(|| body.get("client_secret"));
            known.push(text(secret.unwrap()));
        }
        let mut live = 0;
        for secret in &known {
            let by = Credential::basic(&client.prefixed(), secret);
            live += usize::from(stage.server.token(by, &[]).await.status == 200);
        }
        assert_eq!(live, 2);
    }
}

/// `clients.id_prefix` and `clients.secret_prefix`: whichever contract makes a client, it is called so; the row id
/// keeps its `cli_` form, and **clients** takes either.
#[tokio::test]
async fn clients_and_secrets_are_called_as_the_server_is_told() {
    let prefix = |text| Prefix::parse(text).unwrap();
    let naming = Naming { id_prefix: prefix("app-"), secret_prefix: Some(prefix("s.")) };
    let stage = Stage::on(TestServer::builder().naming(naming).start().await).await;
    for (contract, body) in BODIES {
        let body: Value = serde_json::from_str(body).unwrap();
        let answer = is_json(&stage.post(contract, &body).await, 201);
        let client = id(&unwrapped(contract, &answer));
        let called = format!("app-{}", client.crockford());
        for reader in BODIES.map(|(reader, _)| reader) {
            assert_eq!(
                common(reader, &shown(&stage, reader, client).await)[3],
                called,
                "{contract} {reader}"
            );
        }
        let view = is_json(&stage.get(&format!("{CLIENTS}/{called}")).await, 200);
        assert_eq!((&view["id"], &view["client_id"]), (&json!(client.prefixed()), &json!(called)));
        assert_eq!(view, shown(&stage, CLIENTS, client).await);

        let last = if contract == TENANT { "regenerate-secret" } else { "rotate-secret" };
        let path = match contract {
            CLIENTS => format!("{CLIENTS}/{called}/{last}"),
            _ => format!("{}/{last}", at(contract, client)),
        };
        let rotated = is_json(&stage.act(&path).await, 200);
        for answer in [&answer, &rotated] {
            let secret = ["/data/client/clientSecret", "/data/clientSecret", "/client_secret"];
            let secret = secret.iter().find_map(|at| answer.pointer(at)).unwrap();
            super::is_secret(secret, "s.");
        }
    }
    // The client of the first start is a new client too.
    let first = &stage.server.bootstrap["client"];
    assert!(text(&first["client_id"]).starts_with("app-"), "{first}");
    super::is_secret(&first["client_secret"], "s.");
    let by = Credential::basic(&text(&first["client_id"]), &text(&first["client_secret"]));
    assert_eq!(stage.server.token(by, &[]).await.status, 200);
}

/// A scope that a client names is in the registry from then on, whichever contract named it.
#[tokio::test]
async fn every_contract_adds_scopes_to_the_registry() {
    let stage = Stage::new().await;
    for (n, (contract, body)) in BODIES.into_iter().enumerate() {
        let body = body.replace("read", &format!("scope-{n}"));
        let body: Value = serde_json::from_str(&body).unwrap();
        is_json(&stage.post(contract, &body).await, 201);
        is_json(&stage.get(&format!("{}/scope-{n}", super::SCOPES)).await, 200);
    }
}
