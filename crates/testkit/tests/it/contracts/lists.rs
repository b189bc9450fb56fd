//! What lists take of a query: a filter that is silently ignored shows other people's rows, so that what a list does not
//! know is 400, behind every contract and in its shape.

use serde_json::Value;
use writ_core::authority::{Permission, Permissions};
use writ_testkit::Answer;

use super::{Stage, in_identity, in_oauth2, in_tenant, person};

/// Every list, by hand: where it is, what it takes, and the shape of its errors.
type Row = (&'static str, &'static [&'static str], fn(&Answer, u16, &str) -> String);

const PAGED: &[&str] = &["limit", "cursor"];
const OF_A_PERSON: &[&str] = &["limit", "cursor", "user_id"];

const LISTS: &[Row] = &[
    ("/api/v1/oauth/admin/clients", PAGED, in_tenant),
    ("/v1/admin/oauth-clients", PAGED, in_identity),
    ("/v1/clients", PAGED, in_oauth2),
    ("/v1/clients/{machine}/tokens", PAGED, in_oauth2),
    ("/api/v1/oauth/clients", PAGED, in_oauth2),
    ("/api/v1/oauth/clients/{machine}/secrets", &[], in_oauth2),
    ("/api/v1/clients", &["limit", "cursor", "unused_for_days"], in_oauth2),
    ("/api/v1/oauth/scopes", PAGED, in_oauth2),
    ("/api/v1/oauth/consents", OF_A_PERSON, in_oauth2),
    ("/api/v1/oauth/consents/history", OF_A_PERSON, in_oauth2),
    ("/api/v1/oauth/sessions", OF_A_PERSON, in_oauth2),
    ("/api/v1/oauth/tokens", &["limit", "cursor", "client_id", "user_id", "type"], in_oauth2),
    ("/api/v1/oauth/rate-limits", &["client_id"], in_oauth2),
    (
        "/api/v1/audit-logs",
        &[
            "limit",
            "cursor",
            "actor",
            "action",
            "target",
            "user",
            "outcome",
            "ip_address",
            "from",
            "to",
            "format",
        ],
        in_oauth2,
    ),
    ("/api/v1/users", &["limit", "cursor", "sub", "username", "search"], in_oauth2),
    ("/api/v1/roles", PAGED, in_oauth2),
    ("/api/v1/api-keys", PAGED, in_oauth2),
    ("/api/v1/keys", &[], in_oauth2),
    ("/api/v1/tenants", PAGED, in_oauth2),
];

/// A value that a parameter may have.
fn value(name: &str) -> &'static str {
    match name {
        "limit" | "unused_for_days" => "1",
        "cursor" => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "type" => "access_token",
        "outcome" => "failure",
        "ip_address" => "192.0.2.0/24",
        "from" | "to" => "2026-11-21T12:00:00Z",
        "format" => "json",
        "sub" => "00000000-0000-8000-8000-000000000000",
        _ => "nobody",
    }
}

#[tokio::test]
async fn what_a_list_does_not_know_is_refused() {
    let stage = Stage::new().await;
    let machine = stage.server.client("machine").of(&stage.tenant).create().await;
    let all = stage.server.api_key(&stage.tenant, &Permissions::all().iter().collect::<Vec<_>>(), None).await;
    let ask = async |path: &str| {
        let call = stage.call("GET", path, None).by(writ_testkit::Credential::bearer(&all));
        stage.send(call).await
    };
    for (path, known, refused) in LISTS {
        let path = path.replace("{machine}", &machine.client_id);
        let fine = ask(&path).await;
        assert_eq!(fine.status, 200, "{path}: {}", fine.text());
        for name in *known {
            let answer = ask(&format!("{path}?{name}={}", value(name))).await;
            let text = answer.text();
            assert!(!text.contains("is not a parameter"), "{path}?{name}: {text}");
        }
        for unknown in ["colour", "Limit", "client", "clientId", "offset", "_"] {
            let told = refused(&ask(&format!("{path}?{unknown}=x")).await, 400, "invalid_request");
            assert!(
                told.starts_with(&format!("{unknown}: is not a parameter of this list")),
                "{path}: {told}"
            );
            for name in *known {
                assert!(told.contains(name), "{path}: {told}");
            }
        }
        let told = refused(&ask(&format!("{path}?one=1&two=2")).await, 400, "invalid_request");
        assert!(told.contains("one: is not") && told.contains("two: is not"), "{path}: {told}");
    }
}

/// Who may not read a list is told of that first; and one thing is no list.
#[tokio::test]
async fn authority_comes_first_and_a_single_thing_takes_what_it_took() {
    let stage = Stage::new().await;
    let key = stage.server.api_key(&stage.tenant, &[Permission::UsersRead], None).await;
    let call = stage.call("GET", "/api/v1/oauth/clients?colour=x", None);
    let _ = stage.send(call.by(writ_testkit::Credential::bearer(&key))).await.expect(403);
    let app = stage.server.client("app").of(&stage.tenant).create().await;
    for path in
        ["/api/v1/clients/app", "/api/v1/oauth/clients/app", &format!("/v1/clients/{}", app.id.prefixed())]
    {
        let _ = stage.get(&format!("{path}?_=1")).await.expect(200);
    }
}

/// Also to a person, whose own list it is, in the shape of their contract.
#[tokio::test]
async fn a_person_is_told_in_the_shape_of_their_contract() {
    let stage = Stage::new().await;
    let user = stage.server.user(&stage.tenant, "ann", "correct horse battery").await;
    let by = person(&stage.server, &stage.tenant, user).await;
    let answer =
        super::ask(&stage.server, ("GET", "/api/v1/oauth/consents?userid=x"), &by, &Value::Null).await;
    let told = in_tenant(&answer, 400, "invalid_request");
    assert!(told.starts_with("userid: is not a parameter of this list"), "{told}");
    assert_eq!(answer.json()["error"]["fields"][0]["field"], "userid");
}
