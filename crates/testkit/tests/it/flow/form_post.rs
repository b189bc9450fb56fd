//! OAuth 2.0 Form Post Response Mode: the answer in a form that the browser posts.

use writ_testkit::{Agent, TestServer};

use super::{CALLBACK, ada, redeem, request, sign_in, website};

#[tokio::test]
async fn the_answer_is_a_form_with_a_button() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let more = [("response_mode", "form_post")];
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &more)).await;
    let consent = sign_in(&mut agent, &page).await;
    let decided = agent.send_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(decided.answer.status, 303, "a POST only decides");
    let form = agent.follow(decided).await;
    let policy = form.answer.header("content-security-policy");
    assert!(
        !policy.contains("form-action") && policy.contains("script-src 'sha256-"),
        "the application may send the browser on, to where nobody knows: {policy}"
    );
    assert!(form.text().contains("type=\"submit\""), "it works without scripts");
    assert_eq!(form.answer.header("cache-control"), "no-store");
    let sent = form.form();
    assert_eq!(sent.action, CALLBACK);
    let field = |name: &str| sent.fields.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!((field("state"), field("iss")), ("a state+&=".to_owned(), "https://id.example".to_owned()));
    let _ = redeem(&server, &client, &field("code")).await.expect(200);

    // The page is not shown a second time.
    assert_eq!(agent.get(&form.path).await.answer.status, 400);
    let again = agent.get(&request("site", &more)).await;
    assert_eq!(again.answer.status, 200, "agreed to already: the form comes at once");
    let refused =
        agent.get(&request("site", &[("response_mode", "form_post"), ("response_type", "x")])).await;
    assert!(refused.form().fields.contains(&("error".to_owned(), "unsupported_response_type".to_owned())));
}

#[tokio::test]
async fn a_no_is_posted_too() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[("response_mode", "form_post")])).await;
    let consent = sign_in(&mut agent, &page).await;
    let form = agent.submit(&consent, &[("decision", "deny")]).await;
    assert!(
        form.form().fields.contains(&("error".to_owned(), "access_denied".to_owned())),
        "{}",
        form.text()
    );
}
