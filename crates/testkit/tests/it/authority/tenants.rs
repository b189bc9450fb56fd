//! In which tenant a caller acts: the credential's, the path's, the header's.

use serde_json::json;
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Action, Change, Target};
use writ_core::ids::TenantId;
use writ_testkit::{Credential, TestServer};

use super::{Ask, KEYS, admin, callers, challenged, key, number, set};

/// Makes an API key as this caller would, and gives the names of all keys of a tenant.
async fn names_in(server: &TestServer, tenant: &writ_testkit::TestTenant) -> Vec<String> {
    let answer = Ask::get(KEYS).key(&server.management_key()).tenant(tenant).send(server).await.expect(200);
    let keys = answer.json()["api_keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
}

fn a_key() -> (String, serde_json::Value) {
    let name = format!("made-{}", number());
    let body = json!({ "name": name, "permissions": [] });
    (name, body)
}

#[tokio::test]
async fn at_the_root_and_below_its_own_path_it_is_the_credentials() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for (kind, by) in callers(&server, &acme, admin()).await {
        for path in [KEYS.to_owned(), acme.path(KEYS)] {
            for header in [None, Some(acme.id.to_string()), Some(acme.id.prefixed())] {
                let (name, body) = a_key();
                let mut ask = Ask::post(&path, &body).by(by.clone());
                if let Some(header) = &header {
                    ask = ask.header("x-tenant-id", header);
                }
                let _ = ask.send(&server).await.expect(201);
                assert!(names_in(&server, &acme).await.contains(&name), "{kind} {path} {header:?}");
                assert!(!names_in(&server, &server.default_tenant()).await.contains(&name), "{kind}");
            }
        }
    }
}

/// Under `/t/{slug}` a credential of another tenant is 401, an operator's too, whatever the header says.
#[tokio::test]
async fn below_another_tenants_path_a_credential_is_no_good() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    for may in [admin(), Permissions::all()] {
        for (kind, by) in callers(&server, &other, may).await {
            let scheme = if matches!(by, Credential::Basic { .. }) { "Basic" } else { "Bearer" };
            for header in [None, Some(acme.id.to_string()), Some(other.id.to_string()), Some("x".to_owned())]
            {
                let mut ask = Ask::get(&acme.path(KEYS)).by(by.clone());
                if let Some(header) = &header {
                    ask = ask.header("x-tenant-id", header);
                }
                challenged(&ask.send(&server).await, &[scheme], &format!("{kind} {header:?}"));
            }
        }
    }
    // The first tenant is at the root only.
    for slug in ["default", "nobody", "ACME"] {
        let ask = Ask::get(&format!("/t/{slug}{KEYS}")).key(&server.management_key());
        let _ = ask.send(&server).await.refused(404, "not_found");
    }
}

/// Unknown and foreign tenants look the same to who is no operator.
#[tokio::test]
async fn a_header_that_names_another_tenant_is_for_operators() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    let unknown = TenantId::from_bytes([7; 16]);
    for (kind, by) in callers(&server, &acme, admin()).await {
        let named = async |header: String| {
            Ask::get(KEYS).by(by.clone()).header("x-tenant-id", &header).send(&server).await
        };
        let foreign = named(other.id.to_string()).await.refused(403, "access_denied");
        // A slug names a tenant as its ids do, one's own, a foreign one and one of nobody.
        let _ = named("acme".to_owned()).await.expect(200);
        for slug in ["other", "nobody"] {
            assert_eq!(named(slug.to_owned()).await.text(), foreign.text(), "{kind}");
        }
        let absent = named(unknown.to_string()).await;
        assert_eq!((foreign.status, foreign.text()), (absent.status, absent.text()), "{kind}");
        let first = named(server.default_tenant().id.prefixed()).await;
        assert_eq!((foreign.status, foreign.text()), (first.status, first.text()), "{kind}");
    }
    // Either of the two permissions makes an operator; it adds nothing to what may be done there.
    for operator in [Permission::TenantsRead, Permission::TenantsWrite] {
        let may = set(&[operator, Permission::KeysRead]);
        for (kind, by) in callers(&server, &acme, may).await {
            let named = async |ask: Ask, header: String| {
                ask.by(by.clone()).header("x-tenant-id", &header).send(&server).await
            };
            for id in [
                other.id.to_string(),
                other.id.prefixed(),
                other.id.to_string().to_uppercase(),
                "other".to_owned(),
            ] {
                let _ = named(Ask::get(KEYS), id).await.expect(200);
            }
            let _ = named(Ask::get(KEYS), unknown.to_string()).await.refused(404, "not_found");
            let denied = named(Ask::post(KEYS, &a_key().1), other.id.to_string()).await;
            let absent = named(Ask::post(KEYS, &a_key().1), unknown.to_string()).await;
            if operator == Permission::TenantsRead {
                // Who only reads tenants only reads in them, and nothing else is to be learned there.
                let denied = denied.refused(403, "access_denied");
                assert!(denied.text().contains("tenants:write"), "{kind}");
                assert_eq!(denied.text(), absent.text(), "{kind}");
            } else {
                let denied = denied.refused(403, "insufficient_scope");
                assert!(denied.text().contains("keys:write"), "{kind}");
                assert_eq!(denied.text(), absent.text(), "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn an_operator_acts_where_the_header_says() {
    let server = TestServer::start().await;
    let (acme, home) = (server.tenant("acme").await, server.tenant("home").await);
    for (kind, by) in callers(&server, &home, Permissions::all()).await {
        let (name, body) = a_key();
        let _ = Ask::post(KEYS, &body).by(by).tenant(&acme).send(&server).await.expect(201);
        assert!(names_in(&server, &acme).await.contains(&name), "{kind}");
        assert!(!names_in(&server, &home).await.contains(&name), "{kind}");
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_followed_is_a_bad_request() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    let mine = key(&server, &acme, admin()).await;
    let operator = key(&server, &acme, Permissions::all()).await;
    let id = acme.id.to_string();
    let malformed = ["", "ACME", "tnt_", "-x", "a.b", &acme.id.prefixed().to_lowercase()];
    for by in [&mine, &operator] {
        for text in malformed {
            let ask = Ask::get(KEYS).key(by).header("x-tenant-id", text);
            let answer = ask.send(&server).await.refused(400, "invalid_request");
            assert!(answer.member("error_description").starts_with("X-Tenant-ID: "), "{}", answer.text());
        }
        for second in [&id, &other.id.to_string()] {
            let ask = Ask::get(KEYS).key(by).header("x-tenant-id", &id).header("x-tenant-id", second);
            let _ = ask.send(&server).await.refused(400, "invalid_request");
        }
        // In conflict with the path.
        let ask = Ask::get(&acme.path(KEYS)).key(by).tenant(&other);
        let answer = ask.send(&server).await.refused(400, "invalid_request");
        assert!(answer.text().contains("X-Tenant-ID"), "{}", answer.text());
    }
}

/// Another node removes a tenant that this one remembers: its path is gone, and does not become the root.
#[tokio::test]
async fn the_path_of_a_tenant_that_went_elsewhere_is_gone() {
    let server = TestServer::start().await;
    let (acme, off) = (server.tenant("acme").await, server.tenant("off").await);
    for tenant in [&acme, &off] {
        let theirs = key(&server, tenant, admin()).await;
        let _ = Ask::get(&tenant.path(KEYS)).key(&theirs).send(&server).await.expect(200);
        let _ = server.get(&tenant.path("/.well-known/jwks.json")).await.expect(200);
    }
    let gone = Change::DeleteTenant { tenant: acme.id, only: None };
    server.change(acme.id, (Action::TenantDeleted, Target::Tenant(acme.id)), gone).await;
    let id = off.id.to_bytes();
    let disabled =
        server.sql("UPDATE tenants SET enabled = 0, version = version + 1 WHERE id = ?1", [id.as_slice()]);
    assert_eq!(disabled, 1);
    for tenant in [&acme, &off] {
        let ask = Ask::get(&tenant.path(KEYS)).key(&server.management_key());
        let _ = ask.send(&server).await.refused(404, "not_found");
        let _ = Ask::get(&tenant.path(KEYS)).send(&server).await.refused(404, "not_found");
    }
}
