//! New passwords that attackers know are refused: by a list that the operator brings, and without a call to anybody.

use std::io::Write as _;

use http::Request;
use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, TestServer};

use crate::flow::PASSWORD;

const ADA: &str = "ada@example.org";
/// SHA-1 of "correct horse battery staple", which is strong enough by itself, and of two others.
const LIST: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\n\
    ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42:216\r\n\
    F7C3BC1D808E04732ADF679965CCC34CA7AE3441:1256907\r\n";

async fn created(server: &TestServer, password: &str) -> Answer {
    let body: Value = json!({ "username": "bob@example.org", "password": password });
    let request = Request::post("/api/v1/users")
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("content-type", "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

#[tokio::test]
async fn a_password_that_attackers_know_is_refused() {
    let mut list = tempfile::NamedTempFile::new().unwrap();
    list.write_all(LIST.as_bytes()).unwrap();
    let server = TestServer::builder().breached_passwords(list.path()).start().await;
    let known = "correct horse battery staple";
    let refused = created(&server, known).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("known to attackers"), "{}", refused.text());
    let _ = created(&server, "correct horse battery stapler").await.expect(201);
    // On the page of the account, in words.
    server.user(&server.default_tenant(), ADA, PASSWORD).await;
    let mut agent = Agent::new(&server);
    let page = agent.open("/account/sign-in").await;
    let _ = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let page = agent.open("/account/password").await;
    let refused = agent.submit(&page, &[("password", known), ("current_password", PASSWORD)]).await;
    assert_eq!(refused.answer.status, 400);
    assert!(refused.text().contains("known to attackers"), "{}", refused.text());
    // Without a list it is as good as it is hard to guess.
    let plain = TestServer::start().await;
    let _ = created(&plain, known).await.expect(201);
}
