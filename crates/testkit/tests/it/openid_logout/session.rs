//! OpenID Connect Session Management 1.0 §2, §3: `session_state` in answers, and the page that compares.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use writ_core::secret::sha256;
use writ_testkit::{Agent, TestServer};

use super::Stage;
use crate::flow::{ada, code, request, website};

/// What the page computes, from what the browser has.
fn computed(client_id: &str, state: &str, salt: &str) -> String {
    let hash = sha256(format!("{client_id} https://app.example {state} {salt}").as_bytes());
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(hash.as_bytes()))
}

async fn session_state(stage: &Stage, agent: &mut Agent<'_>, more: &[(&str, &str)]) -> Option<String> {
    let page = agent.get(&stage.at(&request("site", more))).await;
    page.sent().get("session_state").map(ToString::to_string)
}

/// §2: the answer has what the page computes from client, origin, browser state and salt; once somebody signs out, or in
/// anew, the browser has another state.
#[tokio::test]
async fn an_answer_says_what_the_page_computes_until_the_sign_in_ends() {
    for slug in ["default", "acme"] {
        let stage = Stage::new(slug).await;
        let site = stage.site("site").create().await;
        let mut agent = Agent::new(&stage.server);
        let cookie = format!("__Host-writ_state_{}", stage.tenant.slug);
        assert!(agent.cookie(&cookie).is_none());
        stage.tokens(&mut agent, &site, &[]).await;
        let told = session_state(&stage, &mut agent, &[("prompt", "none")]).await.unwrap();
        let kept = agent.cookie(&cookie).unwrap().to_owned();
        let salt = told.split_once('.').unwrap().1;
        assert_eq!(told, computed("site", &kept, salt));

        // An application of OAuth alone is told nothing of who is signed in.
        assert_eq!(session_state(&stage, &mut agent, &[("scope", "read")]).await, None);
        // A browser that has lost it gets it again, with the next answer.
        agent.forget(&cookie);
        session_state(&stage, &mut agent, &[]).await.unwrap();
        assert_eq!(agent.cookie(&cookie), Some(&*kept));

        stage.sign_out(&mut agent).await;
        assert!(agent.cookie(&cookie).is_none(), "it changes when somebody signs out");
        stage.tokens(&mut agent, &site, &[]).await;
        assert_ne!(agent.cookie(&cookie), Some(&*kept), "and when somebody signs in");
        let other = session_state(&stage, &mut agent, &[]).await.unwrap();
        assert_ne!(computed("site", &kept, other.split_once('.').unwrap().1), other);
    }
}

/// §3.2: scripts of the page read it in a frame of another site, so that it is sent there, over https alone.
#[tokio::test]
async fn the_browser_state_is_for_scripts_and_other_sites() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &site, &[]).await;
    agent.forget("__Host-writ_state_default");
    let page = agent.get(&request("site", &[])).await;
    let [cookie] = page.answer.all("set-cookie").try_into().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-writ_state_default="), "{pair}");
    assert_eq!(attributes, "Path=/; SameSite=None; Secure");
    let again = agent.get(&request("site", &[])).await;
    assert!(again.answer.all("set-cookie").is_empty(), "who has it is not given it again");
}

/// §3.1: the page has its script and nothing else; applications have it in frames, and it is the same for everybody.
#[tokio::test]
async fn the_page_is_one_script_that_any_application_may_frame() {
    for slug in ["default", "acme"] {
        let stage = Stage::new(slug).await;
        let page = stage.server.get(&stage.at("/oauth2/check-session")).await.expect(200);
        let text = page.text();
        let script = text.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
        let hash = STANDARD.encode(sha256(script.as_bytes()).as_bytes());
        assert_eq!(
            page.header("content-security-policy"),
            format!(
                "default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
            )
        );
        assert!(page.header("x-frame-options").is_empty(), "no header that would keep it out of frames");
        assert!(text.contains(&format!("data-cookie=\"__Host-writ_state_{}\"", stage.tenant.slug)), "{text}");
        assert!(page.all("set-cookie").is_empty());
    }
    let gone = TestServer::start().await.get("/t/nobody/oauth2/check-session").await;
    assert_eq!(gone.status, 404);
}
