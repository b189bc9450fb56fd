//! Client ID Metadata Document §6.9: one address is a client of each tenant that takes it, and nobody's elsewhere.

use super::*;
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn each_tenant_has_its_own_client_of_a_document(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let one = Stage::on(engine, "default").await;
    let tokens = one.tokens().await;
    let acme = one.server.tenant("acme").await;
    one.server.user(&acme, "ada@example.org", PASSWORD).await;
    let mut agent = Agent::new(&one.server);
    let there = at(&acme, &request(one.id(), &[("scope", "openid")]));
    assert!(is_refused(&agent.open(&there).await), "acme takes none");
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let ask = || one.server.post("/t/acme/oauth2/token", Credential::public(one.id()), &refresh);
    let _ = ask().await.refused(401, "invalid_client");
    set(&one.server, &acme, json!({ "client_documents": true })).await;
    let _ = ask().await.refused(400, "invalid_grant");
    let page = agent.open(&there).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    let other = Stage { tenant: acme, ..one };
    let told = other.redeem(&page.code()).await.expect(200).json();
    let here = Stage { tenant: other.server.default_tenant(), ..other };
    // A token is looked at in its own tenant.
    let _ =
        here.refresh(told["refresh_token"].as_str().unwrap_or("rt_x")).await.refused(400, "invalid_grant");
    let _ = here.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200);
    // One of the two goes, the other stays.
    let id = here.shown().await["id"].as_str().unwrap().to_owned();
    let _ = manage(&here.server, &here.tenant, ("DELETE", &format!("/api/v1/clients/{id}")), &Value::Null)
        .await
        .expect(204);
    assert!(here.shown().await.is_null());
    let acme = TestTenant { slug: "acme".to_owned(), ..other_tenant(&here).await };
    let there = Stage { tenant: acme, ..here };
    assert!(there.shown().await.is_object());
}

async fn other_tenant(stage: &Stage) -> TestTenant {
    let path = ("GET", "/api/v1/tenants/acme");
    let found = manage(&stage.server, &stage.tenant, path, &Value::Null).await.expect(200).json();
    let id = writ_core::ids::TenantId::parse_uuid(found["id"].as_str().unwrap()).unwrap();
    TestTenant { id, slug: "acme".to_owned(), issuer: format!("{}/t/acme", stage.server.base) }
}
