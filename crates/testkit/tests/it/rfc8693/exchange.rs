//! RFC 8693 §2 to §5: the request, the answer, and who may not.

use super::*;
use rstest::rstest;

/// §2.2.1, §4.1: the token is the client's, for the next API, and names who acts; introspection and the JWT say the same.
#[rstest]
#[tokio::test]
async fn an_api_gets_a_token_for_the_next_one(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::on(engine).await;
    let sent = stage.sent().await;
    let more = [("resource", STOCK), ("scope", "stock read")];
    let answer = stage.exchange(&stage.orders, text(&sent, "access_token"), &more).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    assert_eq!(told["issued_token_type"], ACCESS);
    assert_eq!((&told["token_type"], &told["scope"]), (&json!("Bearer"), &json!("stock read")));
    assert!(told.get("refresh_token").is_none() && told.get("id_token").is_none());
    let token = text(&told, "access_token");
    let said = claims(token);
    assert_eq!(said["sub"], claims(text(&sent, "access_token"))["sub"]);
    assert_eq!((&said["aud"], &said["client_id"]), (&json!(STOCK), &json!("orders-api")));
    assert_eq!(said["act"], json!({ "sub": "orders-api" }));
    assert!(said["exp"].as_i64() <= claims(text(&sent, "access_token"))["exp"].as_i64());
    let seen = stage.server.introspect(&stage.stock, token).await.expect(200).json();
    assert_eq!((&seen["active"], &seen["act"]), (&json!(true), &json!({ "sub": "orders-api" })));
    assert_eq!(seen["username"], "ada@example.org");
    // RFC 9470 §6.2: how and when she signed in.
    assert_eq!((&seen["auth_time"], &seen["acr"]), (&said["auth_time"], &said["acr"]));
    assert!(seen["auth_time"].is_i64() && seen["acr"].is_string(), "{seen}");
    // The metadata say so (RFC 8414 §2).
    let metadata = stage.server.get("/.well-known/openid-configuration").await.json();
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
}

/// §4.1: whoever exchanges further stands before those who acted before, up to a bound.
#[tokio::test]
async fn a_chain_names_all_who_act() {
    let stage = Stage::new().await;
    stage.change("stock-api", json!({ "exchange_subjects": ["orders-api"] })).await;
    let sent = stage.sent().await;
    let first = stage.exchange(&stage.orders, text(&sent, "access_token"), &[("resource", STOCK)]).await;
    let first = first.expect(200).json();
    let second = stage.exchange(&stage.stock, text(&first, "access_token"), &[]).await.expect(200).json();
    let chain = json!({ "sub": "stock-api", "act": { "sub": "orders-api" } });
    assert_eq!(claims(text(&second, "access_token"))["act"], chain);
    // §1.1: whoever may speak as the person is not named, and hides nobody.
    stage.change("stock-api", json!({ "exchange_impersonation": true })).await;
    let third = stage.exchange(&stage.stock, text(&first, "access_token"), &[]).await.expect(200).json();
    assert_eq!(claims(text(&third, "access_token"))["act"], json!({ "sub": "orders-api" }));
    let own = stage.server.token(&stage.stock, &[("scope", "read")]).await.expect(200).json();
    let shown = [("actor_token", text(&own, "access_token")), ("actor_token_type", ACCESS)];
    let named = stage.exchange(&stage.stock, text(&first, "access_token"), &shown).await.expect(200).json();
    assert_eq!(claims(text(&named, "access_token"))["act"], chain);
}

/// §2.1: what is missing, of another type, or no token at all.
#[tokio::test]
async fn a_request_that_is_no_good_is_refused() {
    let stage = Stage::new().await;
    let sent = stage.sent().await;
    let token = text(&sent, "access_token");
    for more in [
        [("subject_token", ""), ("x", "")],
        [("subject_token_type", ""), ("x", "")],
        [("subject_token_type", "urn:ietf:params:oauth:token-type:saml2"), ("x", "")],
        [("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"), ("x", "")],
        [("actor_token", "x"), ("actor_token_type", "")],
        [("actor_token", ""), ("actor_token_type", ACCESS)],
        [("actor_token", "x"), ("actor_token_type", ACCESS)],
        [("actor_token", token), ("actor_token_type", ACCESS)],
        [("subject_token", "at_nothing"), ("x", "")],
        [("subject_token", text(&sent, "id_token")), ("x", "")],
        [("subject_token", text(&sent, "refresh_token")), ("x", "")],
    ] {
        let _ = stage.exchange(&stage.orders, token, &more).await.refused(400, "invalid_request");
    }
    let _ = stage.exchange(&stage.orders, token, &[("requested_token_type", ACCESS)]).await.expect(200);
    let wider = [("scope", "orders users:read")];
    let _ = stage.exchange(&stage.orders, token, &wider).await.refused(400, "invalid_scope");
    let nowhere = [("resource", "https://nowhere.example")];
    let _ = stage.exchange(&stage.orders, token, &nowhere).await.refused(400, "invalid_target");
    let nowhere = [("audience", "nobody")];
    let _ = stage.exchange(&stage.orders, token, &nowhere).await.refused(400, "invalid_target");
    let there = stage.exchange(&stage.orders, token, &[("audience", STOCK)]).await.expect(200).json();
    assert_eq!(claims(text(&there, "access_token"))["aud"], STOCK);
}

/// §5: a token is exchanged by whom it was sent to, if that one may; §4.4: and by whom its client lets.
#[tokio::test]
async fn a_token_is_exchanged_by_whom_it_was_sent_to() {
    let stage = Stage::new().await;
    let sent = stage.sent().await;
    let token = text(&sent, "access_token");
    // Not for this client, whoever's tokens it may take.
    stage.change("stock-api", json!({ "exchange_subjects": ["*"] })).await;
    let _ = stage.exchange(&stage.stock, token, &[]).await.refused(400, "invalid_request");
    let _ = stage.exchange(&stage.shop, token, &[]).await.refused(400, "unauthorized_client");
    stage.change("orders-api", json!({ "exchange_subjects": [] })).await;
    let _ = stage.exchange(&stage.orders, token, &[]).await.refused(400, "invalid_request");
    stage.change("orders-api", json!({ "exchange_subjects": ["shop"] })).await;
    let _ = stage.exchange(&stage.orders, token, &[]).await.expect(200);
    stage.change("shop", json!({ "may_act": "stock-api" })).await;
    let _ = stage.exchange(&stage.orders, token, &[]).await.refused(400, "invalid_request");
    stage.change("shop", json!({ "may_act": "orders-api" })).await;
    let _ = stage.exchange(&stage.orders, token, &[]).await.expect(200);
    let sent = stage.sent().await;
    assert_eq!(claims(text(&sent, "access_token"))["may_act"], json!({ "sub": "orders-api" }));
    // A machine's own token is nobody's.
    let own = stage.server.token(&stage.stock, &[("scope", "read")]).await.expect(200).json();
    let _ =
        stage.exchange(&stage.stock, text(&own, "access_token"), &[]).await.refused(400, "invalid_request");
}

/// Another tenant's token is unknown.
#[tokio::test]
async fn a_token_of_another_tenant_is_unknown() {
    let stage = Stage::new().await;
    let sent = stage.sent().await;
    let acme = stage.server.tenant("acme").await;
    let grants = [GrantType::TokenExchange];
    let there = stage.server.client("there").of(&acme).kind(ClientKind::Web).grants(&grants).scope("orders");
    let there = there.create().await;
    let pairs = [
        ("grant_type", GRANT),
        ("subject_token", text(&sent, "access_token")),
        ("subject_token_type", ACCESS),
    ];
    let path = at(&acme, "/oauth2/token");
    let _ = stage.server.post(&path, &there, &pairs).await.refused(400, "invalid_request");
}

/// Who may take tokens of others is trusted: `oauth:write` alone does not make a client so, nor does it itself.
#[tokio::test]
async fn taking_tokens_of_others_takes_trust() {
    use writ_core::authority::Permission;
    let stage = Stage::new().await;
    let tenant: TestTenant = stage.server.default_tenant();
    let key = stage.server.api_key(&tenant, &[Permission::OauthWrite, Permission::OauthRead], None).await;
    let ask = async |body: Value| {
        let request = Request::patch("/api/v1/clients/stock-api")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json");
        stage.server.request(request.body(body.to_string()).unwrap()).await
    };
    for body in [json!({ "exchange_subjects": ["*"] }), json!({ "exchange_impersonation": true })] {
        let _ = ask(body).await.refused(403, "access_denied");
    }
    let _ = ask(json!({ "agent": true })).await.expect(200);
    let body = json!({ "settings": { "registration": "open" } });
    let _ = manage(&stage.server, ("PUT", "/api/v1/tenants/default"), &body).await.expect(200);
    let body = json!({
        "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", GRANT], "agent": true,
        "exchange_subjects": ["*"], "exchange_impersonation": true,
    });
    let request = Request::post("/oauth2/register").header(header::CONTENT_TYPE, "application/json");
    let made = stage.server.request(request.body(body.to_string()).unwrap()).await.expect(201).json();
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    let path = format!("/api/v1/clients/{}", text(&made, "client_id"));
    let shown = manage(&stage.server, ("GET", &path), &Value::Null).await.expect(200).json();
    assert_eq!((&shown["agent"], &shown["exchange_subjects"]), (&json!(false), &json!([])));
}
