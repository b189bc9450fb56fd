//! §5, §6: token requests with a proof, and the tokens that come of them.

use rstest::rstest;
use writ_core::client::TokenChoices;

use super::*;
use crate::flow::claims;

/// §5, §6.1: a token that is asked for with a proof is bound to its key, and says so; whatever the algorithm.
#[rstest]
#[tokio::test]
async fn a_proof_binds_the_token_to_its_key(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    for algorithm in Algorithm::ALL {
        let holder = Holder::of(algorithm);
        let answer = stage.ask([stage.proof(&holder)]).await.expect(200).json();
        assert_eq!(answer["token_type"], "DPoP");
        assert_eq!(claims(text(&answer, "access_token"))["cnf"], json!({ "jkt": holder.thumbprint() }));
    }
    let plain = stage.ask([]).await.expect(200).json();
    assert_eq!(plain["token_type"], "Bearer");
    assert!(claims(text(&plain, "access_token")).get("cnf").is_none());
}

/// §6.2: introspection tells the key and the type of a bound token, also of an opaque one.
#[rstest]
#[tokio::test]
async fn introspection_tells_the_key(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let opaque = stage.server.client("opaque").of(&stage.tenant).opaque().create().await;
    let pairs: Pairs<'_> = &[("grant_type", "client_credentials")];
    for client in [&stage.machine, &opaque] {
        let holder = Holder::new();
        let sent = Sent { by: Some(client.into()), proofs: vec![stage.proof(&holder)], pairs };
        let bound = stage.post(TOKEN, sent).await.expect(200).member("access_token");
        let sent = Sent { by: Some(client.into()), pairs, ..Sent::default() };
        let plain = stage.post(TOKEN, sent).await.expect(200).member("access_token");
        for (token, kind, cnf) in
            [(bound, "DPoP", json!({ "jkt": holder.thumbprint() })), (plain, "Bearer", Value::Null)]
        {
            let pairs: Pairs<'_> = &[("token", &token)];
            let sent = Sent { by: Some(client.into()), pairs, ..Sent::default() };
            let told = stage.post("/oauth2/introspect", sent).await.expect(200).json();
            assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!(kind)));
            assert_eq!(told["cnf"], cnf);
        }
    }
}

/// §5: the refresh tokens of a client without a credential are bound to the key, and so is all that comes of them; an ID
/// token is not.
#[rstest]
#[tokio::test]
async fn refresh_tokens_of_public_clients_are_bound(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let (holder, other) = (Holder::new(), Holder::new());
    let first = stage.tokens(&stage.app, &holder).await;
    assert_eq!(first["token_type"], "DPoP");
    assert!(claims(text(&first, "id_token")).get("cnf").is_none());
    let refresh = text(&first, "refresh_token");
    let _ = stage.refresh(&stage.app, refresh, None).await.refused(400, "invalid_grant");
    let _ = stage.refresh(&stage.app, refresh, Some(stage.proof(&other))).await.refused(400, "invalid_grant");
    let next = stage.refresh(&stage.app, refresh, Some(stage.proof(&holder))).await.expect(200).json();
    assert_eq!(next["token_type"], "DPoP");
    assert_eq!(claims(text(&next, "access_token"))["cnf"]["jkt"], json!(holder.thumbprint()));
    let next = text(&next, "refresh_token");
    let _ = stage.refresh(&stage.app, next, Some(stage.proof(&other))).await.refused(400, "invalid_grant");
    let _ = stage.refresh(&stage.app, next, Some(stage.proof(&holder))).await.expect(200);
}

/// §5: those of a client with a credential are bound to that already; it may go over to another key.
#[tokio::test]
async fn a_client_with_a_credential_may_change_its_key() {
    let stage = Stage::usual().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let first = stage.tokens(&stage.website, &holder).await;
    let refresh = text(&first, "refresh_token");
    let next = stage.refresh(&stage.website, refresh, Some(stage.proof(&other))).await.expect(200).json();
    assert_eq!(claims(text(&next, "access_token"))["cnf"]["jkt"], json!(other.thumbprint()));
    let plain = stage.refresh(&stage.website, text(&next, "refresh_token"), None).await.expect(200).json();
    assert_eq!(plain["token_type"], "Bearer");
}

/// §6.2: a refresh token that is bound tells its key as well.
#[tokio::test]
async fn introspection_tells_the_key_of_a_refresh_token() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let reader = stage.server.client("reader").scope("oauth:read").create().await;
    let told = stage.server.introspect(&reader, text(&tokens, "refresh_token")).await.expect(200).json();
    assert_eq!((&told["active"], &told["cnf"]["jkt"]), (&json!(true), &json!(holder.thumbprint())));
}

/// §5.2: a client that is registered so, or whose tenant says so, gets no token without a proof.
#[rstest]
#[tokio::test]
async fn a_proof_can_be_demanded(#[values("tenant", "client")] who: &str) {
    let server = TestServer::start().await;
    let dpop_bound_access_tokens = (who == "tenant").into();
    let settings = TenantSettings { dpop_bound_access_tokens, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    let mut stage = Stage::in_tenant(server, tenant).await;
    if who == "client" {
        let choices = TokenChoices { dpop_bound: true.into(), ..TokenChoices::default() };
        let strict = stage.server.client("strict").of(&stage.tenant).choices(choices);
        stage.machine = strict.create().await;
    }
    let answer = stage.ask([]).await.refused(400, "invalid_dpop_proof");
    assert!(answer.text().contains("DPoP: missing"), "{}", answer.text());
    let _ = stage.ask([stage.proof(&Holder::new())]).await.expect(200);
}
