//! What a client gets for itself.

use rstest::rstest;
use serde_json::json;
use writ_core::client::TokenShape;
use writ_core::resource::ResourceClients;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_testkit::Engine;

use super::{FILES, MAIL, Stage, both, given};
use crate::flow::claims;

/// §2.2: the audience is what was named, and the scope what goes with it.
#[rstest]
#[tokio::test]
async fn a_token_is_for_the_resource_that_is_named(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let machine = stage.machine("machine").await;
    let answer = stage.ask(&machine, &[("resource", FILES)]).await.expect(200);
    assert_eq!(given(&answer), (json!(FILES), "read files:read files:write".into()));
    let answer =
        stage.ask(&machine, &[("resource", MAIL), ("scope", "mail:send files:read")]).await.expect(200);
    assert_eq!(given(&answer), (json!(MAIL), "mail:send".into()));
    let answer = stage.ask(&machine, &[("resource", &stage.tenant.issuer)]).await.expect(200);
    assert_eq!(given(&answer), (json!(stage.tenant.issuer), "read oauth:read".into()));
    // What was asked for does not go with it at all.
    let refused = stage.ask(&machine, &[("resource", FILES), ("scope", "mail:send")]).await;
    let _ = refused.refused(400, "invalid_scope");
}

/// §2: an absolute URI without a fragment that the server knows; what it does not know and what this client may not have
/// look the same. Resources of another tenant are unknown.
#[tokio::test]
async fn what_is_unknown_malformed_or_not_for_the_client_is_refused() {
    let stage = Stage::usual().await;
    let other = stage.server.tenant("other").await;
    stage.server.resource(&other, ("https://theirs.example", ""), |_| {}).await;
    let listed = |resource: &mut writ_core::resource::Resource| {
        resource.clients = ResourceClients::Listed(vec!["friend".into()]);
    };
    stage.server.resource(&stage.tenant, ("https://closed.example", "closed:read"), listed).await;
    let machine = stage.machine("machine").await;
    let mut texts = Vec::new();
    for bad in [
        "https://unknown.example",
        "https://theirs.example",
        "https://closed.example",
        "https://files.example#x",
        "files.example",
        "/api",
        "https://files.example/../x",
    ] {
        let answer = stage.ask(&machine, &[("resource", bad)]).await.refused(400, "invalid_target");
        texts.push(answer.member("error_description").replace(bad, "it"));
    }
    assert!(texts[0] == texts[1] && texts[1] == texts[2] && texts[2] != texts[3], "{texts:?}");
    let friend = stage.server.client("friend").scope("closed:read").create().await;
    let answer = stage.ask(&friend, &[("resource", "https://closed.example")]).await.expect(200);
    assert_eq!(given(&answer), (json!("https://closed.example"), "closed:read".into()));
    let many: Vec<_> = (0..11).map(|_| ("resource", FILES)).collect();
    let _ = stage.ask(&machine, &many).await.refused(400, "invalid_target");
    // A scope that belongs to a closed API alone is for nobody who may not ask for it.
    let stranger = stage.server.client("stranger").scope("closed:read read").create().await;
    assert_eq!(given(&stage.ask(&stranger, &[]).await.expect(200)).1, "read");
}

/// §3: a token for two is good at each of them with what the other sent: only a client that is registered so gets one.
#[tokio::test]
async fn one_token_has_one_audience_unless_the_client_may_have_several() {
    let stage = Stage::usual().await;
    let machine = stage.machine("machine").await;
    let two = [("resource", FILES), ("resource", MAIL)];
    let refused = stage.ask(&machine, &two).await.refused(400, "invalid_target");
    let text = refused.member("error_description");
    assert!(text.contains(FILES) && text.contains(MAIL), "{text}");
    // The same one twice is one.
    let _ = stage
        .ask(&machine, &[("resource", FILES), ("resource", "https://FILES.example:443/")])
        .await
        .expect(200);
    let scope = "files:read mail:send";
    let several = stage.server.client("several").scope(scope).several_resources().create().await;
    let answer = stage.ask(&several, &two).await.expect(200);
    assert_eq!(given(&answer), (both(), scope.into()));
}

/// Libraries that read addresses before they send them write a slash for an empty path (RFC 3986 §6.2.3); the token bears
/// the name that is registered.
#[tokio::test]
async fn another_spelling_names_the_same_resource() {
    let stage = Stage::usual().await;
    let machine = stage.machine("machine").await;
    for spelled in ["https://files.example/", "HTTPS://files.EXAMPLE", "https://files.example:443"] {
        let answer = stage.ask(&machine, &[("resource", spelled)]).await.expect(200);
        assert_eq!(given(&answer).0, json!(FILES), "{spelled}");
    }
    let _ = stage
        .ask(&machine, &[("resource", "https://mail.example/api/")])
        .await
        .refused(400, "invalid_target");
}

/// A client that names nothing is understood by its scopes, where each belongs to one resource.
#[tokio::test]
async fn a_scope_that_belongs_to_one_resource_names_it() {
    let stage = Stage::usual().await;
    let machine = stage.machine("machine").await;
    let answer = stage.ask(&machine, &[("scope", "files:read read")]).await.expect(200);
    assert_eq!(given(&answer), (json!(FILES), "files:read read".into()));
    let answer = stage.ask(&machine, &[("scope", "read")]).await.expect(200);
    assert_eq!(given(&answer), (json!(stage.tenant.issuer), "read".into()));
    for two in ["files:read mail:send", "files:read oauth:read"] {
        let _ = stage.ask(&machine, &[("scope", two)]).await.refused(400, "invalid_target");
    }
    // One that belongs to two names neither.
    stage.server.resource(&stage.tenant, ("urn:example:other", "mail:send"), |_| {}).await;
    let answer = stage.ask(&machine, &[("scope", "mail:send")]).await.expect(200);
    assert_eq!(given(&answer), (json!(stage.tenant.issuer), "mail:send".into()));
    let answer =
        stage.ask(&machine, &[("scope", "mail:send"), ("resource", "urn:example:other")]).await.expect(200);
    assert_eq!(given(&answer), (json!("urn:example:other"), "mail:send".into()));
}

/// What the client is registered with goes on beside it.
#[tokio::test]
async fn the_audience_of_the_client_can_be_named_too() {
    let stage = Stage::usual().await;
    let own =
        stage.server.client("own").scope("read files:read").audience(&["https://old.example"]).create().await;
    let answer = stage.ask(&own, &[("resource", "https://old.example")]).await.expect(200);
    assert_eq!(given(&answer), (json!("https://old.example"), "read".into()));
    let answer = stage.ask(&own, &[("scope", "files:read")]).await.expect(200);
    assert_eq!(given(&answer).0, json!(["https://old.example", FILES]));
}

/// Format, algorithm and lifetime are the resource's before they are the client's.
#[tokio::test]
async fn tokens_are_made_as_the_resource_wants_them() {
    let stage = Stage::usual().await;
    let machine = stage.machine("machine").await;
    let change = |resource: &mut writ_core::resource::Resource| {
        resource.tokens.algorithm = Some(Algorithm::Ps256);
        resource.tokens.lifetime = Some(Seconds(120));
    };
    stage.server.resource(&stage.tenant, ("urn:example:signed", ""), change).await;
    let opaque = |resource: &mut writ_core::resource::Resource| {
        resource.tokens.shape = Some(TokenShape::Opaque);
        resource.tokens.lifetime = Some(Seconds(7200));
    };
    stage.server.resource(&stage.tenant, ("urn:example:opaque", "opaque:read"), opaque).await;
    let answer = stage.ask(&machine, &[("resource", "urn:example:signed")]).await.expect(200);
    assert_eq!(answer.json()["expires_in"], 120);
    let token = answer.member("access_token");
    let claims = claims(&token);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::PS256);
    let answer = stage.ask(&machine, &[("resource", "urn:example:opaque")]).await.expect(200);
    assert!(answer.member("access_token").starts_with("at_") && answer.json()["expires_in"] == 7200);
    let own = stage.server.client("own").scope("opaque:read").create().await;
    let answer = stage.ask(&own, &[]).await.expect(200);
    assert!(answer.member("access_token").starts_with("at_"), "also where the scope names it");
}

/// A resource that is changed or removed counts at the next request.
#[tokio::test]
async fn what_is_removed_is_refused_at_once() {
    let stage = Stage::usual().await;
    let machine = stage.machine("machine").await;
    let _ = stage.ask(&machine, &[("resource", FILES)]).await.expect(200);
    let key = writ_testkit::Credential::bearer(&stage.server.management_key());
    let path = "/api/v1/resources/https%3A%2F%2Ffiles.example";
    let request = http::Request::delete(path).header("authorization", key.header().unwrap());
    let _ = stage.server.request(request.body("").unwrap()).await.expect(204);
    let _ = stage.ask(&machine, &[("resource", FILES)]).await.refused(400, "invalid_target");
}
