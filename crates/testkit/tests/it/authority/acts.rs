//! Every act leaves a record: who did what to which thing, in which tenant.

use serde_json::{Value, json};
use writ_core::authority::Permissions;
use writ_core::ids::TenantId;
use writ_core::time::Seconds;
use writ_testkit::{Credential, TestServer};

use super::{Ask, KEYS, ROLES, TENANTS, application, key, person, token_for};

/// One audit record, as stored.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    tenant: Vec<u8>,
    actor: (String, Option<String>),
    action: String,
    target: (String, Option<Vec<u8>>),
    request_id: Option<String>,
}

/// All records, oldest first. The clock has to move between two acts.
fn records(server: &TestServer) -> Vec<Record> {
    let database = rusqlite::Connection::open(server.folder().join("writ.db")).expect("the database");
    let text = "SELECT tenant_id, actor_type, actor_name, action, target_type, target_id, request_id \
        FROM audit_logs ORDER BY id";
    let mut statement = database.prepare(text).expect("a statement");
    let rows = statement.query_map([], |row| {
        Ok(Record {
            tenant: row.get(0)?,
            actor: (row.get(1)?, row.get(2)?),
            action: row.get(3)?,
            target: (row.get(4)?, row.get(5)?),
            request_id: row.get(6)?,
        })
    });
    rows.expect("rows").collect::<Result<_, _>>().expect("records")
}

fn uuid(answer: &Value, member: &str) -> Vec<u8> {
    TenantId::parse_uuid(answer[member].as_str().unwrap()).unwrap().to_bytes().to_vec()
}

/// Sends a request that has to succeed; gives its answer and the one record it left.
async fn acted(server: &TestServer, ask: Ask) -> (Value, Record) {
    server.clock.advance(Seconds(1));
    let before = records(server).len();
    let answer = ask.header("x-request-id", "the-request").send(server).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let mut all = records(server);
    assert_eq!(all.len(), before + 1, "one record");
    let record = all.pop().unwrap();
    assert_eq!(record.request_id.as_deref(), Some("the-request"));
    (serde_json::from_slice(&answer.body).unwrap_or_default(), record)
}

#[tokio::test]
async fn each_act_names_its_caller_its_tenant_and_its_target() {
    let server = TestServer::start().await;
    let (home, acme) = (server.tenant("home").await, server.tenant("acme").await);
    let app = application(&server, &home, Permissions::all()).await;
    let own = server.client("own").of(&home).first_party().interaction().create().await;
    let user = person(&server, &home, &["operator"]).await;
    let name = server.app.store.user(user, home.id).await.unwrap().unwrap().username.to_string();
    let everything = super::scope(Permissions::all());
    let callers = [
        (Credential::from(&app), "client", app.client_id.clone()),
        (Credential::bearer(&server.access_token(&app).await), "client", app.client_id.clone()),
        (Credential::bearer(&key(&server, &home, Permissions::all()).await), "api_key", "test".to_owned()),
        (Credential::bearer(&token_for(&server, &own, user, &everything).await), "user", name),
    ];
    for (number, (by, kind, name)) in callers.into_iter().enumerate() {
        let actor = (kind.to_owned(), Some(name));
        // In the caller's own tenant, and in one that an operator names.
        for tenant in [&home, &acme] {
            let did = async |ask: Ask, action: &str| {
                let (answer, record) = acted(&server, ask.by(by.clone()).tenant(tenant)).await;
                assert_eq!((&record.actor, &*record.action), (&actor, action));
                assert_eq!(record.tenant, tenant.id.to_bytes(), "{action}");
                (answer, record.target)
            };
            let body = json!({ "name": "ci", "permissions": [] });
            let (made, target) = did(Ask::post(KEYS, &body), "api_key.created").await;
            let expected = ("api_key".to_owned(), Some(uuid(&made, "id")));
            assert_eq!(target, expected);
            let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
            assert_eq!(did(Ask::put(&path, &json!({ "name": "cd" })), "api_key.updated").await.1, expected);
            assert_eq!(did(Ask::delete(&path), "api_key.revoked").await.1, expected);

            let body = json!({ "name": "auditor", "permissions": [] });
            let path = format!("{ROLES}/auditor");
            let made = did(Ask::post(ROLES, &body), "role.created").await.1;
            assert_eq!((&*made.0, made.1.is_some()), ("role", true));
            let changed = json!({ "permissions": ["keys:read"] });
            assert_eq!(did(Ask::put(&path, &changed), "role.updated").await.1, made);
            assert_eq!(did(Ask::delete(&path), "role.deleted").await.1, made);

            let body = json!({ "slug": format!("new-{number}") });
            let (made, target) = did(Ask::post(TENANTS, &body), "tenant.created").await;
            let expected = ("tenant".to_owned(), Some(uuid(&made, "id")));
            assert_eq!(target, expected);
            let path = format!("{TENANTS}/{}", made["id"].as_str().unwrap());
            assert_eq!(did(Ask::put(&path, &json!({ "name": "N" })), "tenant.updated").await.1, expected);
            assert_eq!(did(Ask::delete(&path), "tenant.deleted").await.1, expected);
        }
    }
    let newest = server.app.store.audit_newest(acme.id, 1).await.unwrap();
    assert_eq!(newest, [("tenant.deleted".to_owned(), "user".to_owned())]);
}

/// What is refused, or only read, leaves none; and no record has a secret in it.
#[tokio::test]
async fn what_did_not_happen_leaves_no_record() {
    let server = TestServer::start().await;
    let before = records(&server).len();
    let operator = server.management_key();
    for ask in [
        Ask::get(KEYS),
        Ask::get(TENANTS),
        Ask::post(KEYS, &json!({})),
        Ask::post(TENANTS, &json!({ "slug": "default" })),
        Ask::delete(&format!("{ROLES}/admin")),
        Ask::put(&format!("{KEYS}/x"), &json!({ "name": "x" })),
    ] {
        let _ = ask.clone().send(&server).await.expect(401);
        let _ = ask.key(&operator).send(&server).await;
    }
    assert_eq!(records(&server).len(), before);
}
