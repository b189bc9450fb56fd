//! Back-Channel Logout 1.0 §2.5: whatever ends a sign-in, each of its applications is told. The ways are written down here by
//! hand, after what the documentation says that signs somebody out.

use serde_json::{Value, json};
use writ_testkit::{Agent, Page, TestClient, form};

use super::{ADA, Stage, id_token};
use crate::flow::{CALLBACK, PASSWORD, request};

/// Where and how a sign-in ends, and whom it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On the tenant's own page.
    OwnPage,
    /// An application asks for it and shows whom it means.
    Application,
    /// Somebody else signs in in the same browser.
    SomebodyElse,
    /// An administrator ends the session.
    Administrator,
    /// The person ends it themselves, in another browser.
    Elsewhere,
    /// Everything of the person is ended.
    Everything,
    /// An administrator sets another password.
    Password,
    /// The person sets another one by a link.
    Reset,
    /// The account is disabled.
    Disabled,
    /// The account is deleted.
    Deleted,
    /// The consent for one of the applications is withdrawn.
    Consent,
    /// What one of the applications has for the person is ended.
    Between,
}

const WAYS: [Way; 12] = [
    Way::OwnPage,
    Way::Application,
    Way::SomebodyElse,
    Way::Administrator,
    Way::Elsewhere,
    Way::Everything,
    Way::Password,
    Way::Reset,
    Way::Disabled,
    Way::Deleted,
    Way::Consent,
    Way::Between,
];

impl Way {
    /// Who is told.
    fn told(self) -> &'static [&'static str] {
        match self {
            Self::Consent | Self::Between => &["third"],
            Self::OwnPage
            | Self::Application
            | Self::SomebodyElse
            | Self::Administrator
            | Self::Elsewhere
            | Self::Everything
            | Self::Password
            | Self::Reset
            | Self::Disabled
            | Self::Deleted => &["own", "third"],
        }
    }
}

/// Ada, signed in in a browser at an application of the tenant's own and one of a third party.
struct Scene<'s> {
    stage: &'s Stage,
    agent: Agent<'s>,
    own: &'s TestClient,
    hint: String,
}

impl Scene<'_> {
    async fn end(&mut self, way: Way) {
        let stage = self.stage;
        let user = format!("/api/v1/users/{}", stage.ada);
        match way {
            Way::OwnPage => drop(stage.sign_out(&mut self.agent).await),
            Way::Application => {
                let pairs = [("id_token_hint", &*self.hint), ("post_logout_redirect_uri", CALLBACK)];
                let back = self.agent.open(&stage.at(&format!("/oauth2/logout?{}", form(&pairs)))).await;
                assert_eq!(back.location().unwrap(), CALLBACK, "{}", back.text());
            }
            Way::SomebodyElse => {
                let asked = request(&self.own.client_id, &[("prompt", "login")]);
                let page = self.agent.open(&stage.at(&asked)).await;
                let back = self.agent.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).await;
                assert!(!back.code().is_empty());
            }
            Way::Administrator => {
                let path = format!("/api/v1/oauth/sessions?user_id={}", stage.ada);
                let session = stage.manage(("GET", &path), &Value::Null).await.expect(200).json();
                let path =
                    format!("/api/v1/oauth/sessions/{}", session["sessions"][0]["id"].as_str().unwrap());
                let _ = stage.manage(("DELETE", &path), &Value::Null).await.expect(204);
            }
            Way::Elsewhere => self.end_as_a_person().await,
            Way::Everything => {
                let body = json!({ "user_id": stage.ada.to_string() });
                let _ = stage.manage(("POST", "/api/v1/oauth/tokens/bulk-revoke"), &body).await.expect(200);
            }
            Way::Password => {
                let body = json!({ "password": "another correct horse battery" });
                let _ = stage.manage(("PUT", &user), &body).await.expect(200);
            }
            Way::Reset => self.reset().await,
            Way::Disabled => {
                let _ = stage.manage(("PUT", &user), &json!({ "enabled": false })).await.expect(200);
            }
            Way::Deleted => {
                let _ = stage.manage(("DELETE", &user), &Value::Null).await.expect(204);
            }
            Way::Consent => {
                let path = format!("/api/v1/oauth/consents?user_id={}", stage.ada);
                let consents = stage.manage(("GET", &path), &Value::Null).await.expect(200).json();
                let path =
                    format!("/api/v1/oauth/consents/{}", consents["consents"][0]["id"].as_str().unwrap());
                let _ = stage.manage(("DELETE", &path), &Value::Null).await.expect(204);
            }
            Way::Between => {
                let body = json!({ "user_id": stage.ada.to_string(), "client_id": "third" });
                let _ = stage.manage(("POST", "/api/v1/oauth/tokens/bulk-revoke"), &body).await.expect(200);
            }
        }
    }

    /// By an access token of theirs, through one of the tenant's own applications.
    async fn end_as_a_person(&self) {
        let stage = self.stage;
        // The newest is listed first, and nothing tells two of the same moment apart.
        stage.server.clock.advance(writ_core::time::Seconds(1));
        let acting = stage.site("acting").interaction().scope("openid").create().await;
        let tokens = stage.tokens(&mut Agent::new(&stage.server), &acting, &[("scope", "openid")]).await;
        let by = writ_testkit::Credential::bearer(tokens["access_token"].as_str().unwrap());
        let ask = async |method: &str, path: &str| {
            let request = http::Request::builder().method(method).uri(stage.at(path));
            let request = request.header(http::header::AUTHORIZATION, by.header().unwrap());
            stage.server.request(request.body("").unwrap()).await
        };
        let listed = ask("GET", "/api/v1/oauth/sessions").await.expect(200).json();
        // The newest is the one from which they act.
        let before = listed["sessions"][1]["id"].as_str().unwrap();
        let _ = ask("DELETE", &format!("/api/v1/oauth/sessions/{before}")).await.expect(204);
    }

    async fn reset(&self) {
        let stage = self.stage;
        // Links go to addresses that are verified.
        let verified = json!({ "email": ADA, "email_verified": true });
        let user = format!("/api/v1/users/{}", stage.ada);
        let _ = stage.manage(("PUT", &user), &verified).await.expect(200);
        let path = stage.at("/api/v1/users/reset-password");
        let ask = async |body: Value| {
            let request = http::Request::post(&path).header(http::header::CONTENT_TYPE, "application/json");
            stage.server.request(request.body(body.to_string()).unwrap()).await
        };
        let _ = ask(json!({ "username": ADA })).await.expect(202);
        let token = stage.server.newest_token().await;
        let body = json!({ "token": token, "new_password": "another correct horse battery" });
        let _ = ask(body).await.expect(204);
    }
}

#[tokio::test]
async fn whatever_ends_a_sign_in_its_applications_are_told() {
    for slug in ["default", "acme"] {
        for way in WAYS {
            let stage = Stage::new(slug).await;
            stage.server.user(&stage.tenant, "bob", PASSWORD).await;
            let own = stage.told("own").create().await;
            let third = crate::flow::website(&stage.server, "third").of(&stage.tenant);
            let third = third.backchannel(&stage.rp.uri("/third")).create().await;
            let bystander = stage.told("bystander").create().await;
            let mut agent = Agent::new(&stage.server);
            let first = stage.tokens(&mut agent, &own, &[]).await;
            let mut sids = vec![("own", id_token(&first)["sid"].clone())];
            sids.push(("third", id_token(&stage.tokens(&mut agent, &third, &[]).await)["sid"].clone()));
            // Somebody else's sign-in is none of this.
            let mut bobs = Agent::new(&stage.server);
            let page: Page = bobs.open(&stage.at(&request(&bystander.client_id, &[]))).await;
            bobs.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).await;

            let hint = first["id_token"].as_str().unwrap().to_owned();
            let mut scene = Scene { stage: &stage, agent, own: &own, hint };
            scene.end(way).await;
            stage.deliver().await;
            stage.deliver().await;
            for (client, sid) in &sids {
                let heard: Vec<_> = stage.heard(client).iter().map(|claims| claims["sid"].clone()).collect();
                let expected = if way.told().contains(client) { vec![sid.clone()] } else { Vec::new() };
                assert_eq!(heard, expected, "{slug}, {way:?}, {client}");
            }
            assert!(stage.heard("bystander").is_empty(), "{slug}, {way:?}");
        }
    }
}
