//! What leaves from the authorization endpoint, and what ends it.

use base64::Engine as _;
use rstest::rstest;
use serde_json::json;
use writ_core::client::ResponseType;
use writ_core::secret::sha256;
use writ_core::settings::Switch;
use writ_core::subject::Subject;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_testkit::{Agent, Engine, form};

use super::{HYBRID, Stage};
use crate::flow::{CALLBACK, claims};

fn half(text: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&sha256(text.as_bytes()).as_bytes()[..16])
}

/// OpenID Connect Core §3.2.2.5, §3.2.2.10, §3.3.2.5, §3.3.2.11, §3.3.3.6: the parameters stand in the fragment, the ID token is
/// signed with a published key, bears the nonce and the hashes of what is beside it, and is about the same person as that of
/// the token endpoint.
#[rstest]
#[tokio::test]
async fn every_response_type_gives_what_it_names(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(false, true)] opaque: bool,
) {
    let stage = Stage::new(engine, "acme", Switch::On).await;
    let site = stage.site(&ResponseType::ALL);
    let site = if opaque { site.opaque() } else { site.signed(Algorithm::EdDsa) };
    let site = site.id_tokens(Algorithm::Es256).create().await;
    let sub = Subject::of(stage.ada).to_string();
    let mut agent = Agent::new(&stage.server);
    for wanted in ResponseType::ALL {
        let page = stage.answered(&mut agent, wanted, &[("scope", "openid profile")]).await;
        assert!(page.location().unwrap().starts_with(CALLBACK), "{page:?}");
        let mut sent = if wanted == ResponseType::Code { page.sent() } else { page.fragment() };
        assert_eq!((&*sent["state"], &*sent["iss"]), ("a state+&=", &*stage.tenant.issuer));
        assert!(!sent.contains_key("refresh_token"));
        let (code, access) = (sent.remove("code"), sent.remove("access_token"));
        assert_eq!((code.is_some(), access.is_some()), (wanted.has_code(), wanted.has_token()));
        assert_eq!(sent.contains_key("id_token"), wanted.has_id_token(), "{wanted:?}");
        if let Some(id_token) = sent.get("id_token") {
            let id = stage.verified(id_token).await;
            assert_eq!(
                (&id["sub"], &id["aud"], &id["nonce"]),
                (&json!(sub), &json!("site"), &json!("a nonce"))
            );
            for (name, beside) in [("c_hash", &code), ("at_hash", &access)] {
                assert_eq!(
                    id[name],
                    beside.as_deref().map_or(json!(null), |text| json!(half(text))),
                    "{name}"
                );
            }
            assert_eq!(id["s_hash"], half("a state+&="));
            assert_eq!(id["preferred_username"], "ada@example.org");
        }
        if let Some(access) = &access {
            assert_eq!((&*sent["token_type"], &*sent["expires_in"]), ("Bearer", "900"));
            assert_eq!(stage.userinfo(access).await.expect(200).json()["sub"], sub);
            let pairs = [("token", &**access)];
            let path = stage.at("/oauth2/introspect");
            let seen = stage.server.post(&path, &site, &pairs).await.expect(200).json();
            assert_eq!((&seen["active"], &seen["scope"]), (&json!(true), &json!("openid profile")));
        }
        if let Some(code) = &code {
            let tokens = stage.redeem(&site, code).await.expect(200).json();
            let id = claims(tokens["id_token"].as_str().unwrap());
            assert_eq!((&id["sub"], &id["nonce"]), (&json!(sub), &json!("a nonce")));
            assert!(id.get("c_hash").is_none() && id["at_hash"].is_string());
        }
    }
}

/// RFC 6749 §4.1.2, §10.5: a code and the token beside it have one grant. Whatever ends it ends both, and a code that comes a
/// second time ends the token that left before it.
#[rstest]
#[tokio::test]
async fn what_ends_the_code_ends_the_token_beside_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let stage = Stage::new(engine, "acme", Switch::On).await;
    let site = stage.site(&[ResponseType::CodeToken]).create().await;
    let mut agent = Agent::new(&stage.server);
    let mut both = async || {
        let sent = stage.answered(&mut agent, ResponseType::CodeToken, &[]).await.fragment();
        (sent["code"].clone(), sent["access_token"].clone())
    };
    let (code, front) = both().await;
    let tokens = stage.redeem(&site, &code).await.expect(200).json();
    let later = tokens["access_token"].as_str().unwrap();
    let pairs = [("token", tokens["refresh_token"].as_str().unwrap())];
    let _ = stage.server.post(&stage.at("/oauth2/revoke"), &site, &pairs).await.expect(200);
    for token in [&*front, later] {
        let _ = stage.userinfo(token).await.refused(401, "invalid_token");
    }

    let (code, front) = both().await;
    let _ = stage.redeem(&site, &code).await.expect(200);
    let _ = stage.userinfo(&front).await.expect(200);
    let _ = stage.redeem(&site, &code).await.refused(400, "invalid_grant");
    let _ = stage.userinfo(&front).await.refused(401, "invalid_token");

    // It is over by itself before the hour of other access tokens.
    let (_, front) = both().await;
    stage.server.clock.advance(Seconds(901));
    let _ = stage.userinfo(&front).await.refused(401, "invalid_token");
}

/// Many come with the code at once: one gets tokens, and the token that left with it has the fate of theirs.
#[rstest]
#[tokio::test]
async fn of_many_redemptions_at_once_one_is_good(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme", Switch::On).await;
    let site = stage.site(&[ResponseType::CodeIdTokenToken]).create().await;
    let mut agent = Agent::new(&stage.server);
    let sent = stage.answered(&mut agent, ResponseType::CodeIdTokenToken, &[]).await.fragment();
    let code = &sent["code"];
    let tries = (0..8).map(|_| stage.redeem(&site, code));
    let answers = futures_of(tries).await;
    let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(good.len(), 1);
    // A second one ends the grant of the first.
    let _ = stage.userinfo(&sent["access_token"]).await.refused(401, "invalid_token");
}

async fn futures_of<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut done = Vec::new();
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

/// OpenID Connect Core §5.4: where there is no access token the claims are in the ID token, at the root too, without any
/// setting of the tenant.
#[tokio::test]
async fn an_id_token_alone_is_all_there_is() {
    let stage = Stage::new(Engine::Sqlite, "default", Switch::Off).await;
    let _ = stage.site(&HYBRID).create().await;
    let minimal = json!({ "id_token_claims": "minimal" });
    let _ = stage.manage(("PATCH", "/api/v1/clients/site"), &minimal).await.expect(200);
    let mut agent = Agent::new(&stage.server);
    let more = [("scope", "openid profile offline_access")];
    let sent = stage.answered(&mut agent, ResponseType::IdToken, &more).await.fragment();
    let id = stage.verified(&sent["id_token"]).await;
    assert_eq!((&id["preferred_username"], sent.contains_key("code")), (&json!("ada@example.org"), false));
    let sent = stage.answered(&mut agent, ResponseType::CodeIdToken, &more).await.fragment();
    assert!(stage.verified(&sent["id_token"]).await.get("preferred_username").is_none(), "UserInfo tells it");
}

/// Form Post Response Mode §2, JARM §2.3: the other ways to answer; Multiple Response Types §3: the query is none of them.
#[tokio::test]
async fn tokens_go_in_a_form_or_signed_but_not_in_the_query() {
    let stage = Stage::new(Engine::Sqlite, "default", Switch::Off).await;
    let _ = stage.site(&HYBRID).create().await;
    let mut agent = Agent::new(&stage.server);
    let wanted = ResponseType::CodeIdToken;
    let page = stage.answered(&mut agent, wanted, &[("response_mode", "form_post")]).await;
    let names: Vec<_> = page.form().fields.iter().map(|(name, _)| name.clone()).collect();
    assert!(
        ["id_token", "code", "state"].iter().all(|name| names.iter().any(|has| has == name)),
        "{names:?}"
    );
    for mode in ["jwt", "fragment.jwt"] {
        let sent = stage.answered(&mut agent, wanted, &[("response_mode", mode)]).await.fragment();
        let inside = stage.verified(&sent["response"]).await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(inside["id_token"].is_string() && inside["code"].is_string());
    }
    for mode in ["query", "query.jwt"] {
        let sent = stage.answered(&mut agent, wanted, &[("response_mode", mode)]).await.fragment();
        let refused = match sent.get("response") {
            Some(jwt) => claims(jwt)["error"].as_str().unwrap().to_owned(),
            None => sent["error"].clone(),
        };
        assert_eq!(refused, "invalid_request", "{mode}");
    }
}

/// OpenID Connect Core §3.2.2.6, §3.3.2.6: errors stand where the answer would.
#[tokio::test]
async fn errors_stand_in_the_fragment_too() {
    let stage = Stage::new(Engine::Sqlite, "default", Switch::Off).await;
    let _ = website_of_others(&stage).await;
    let mut agent = Agent::new(&stage.server);
    for (more, error) in [
        (("nonce", ""), "invalid_request"),
        (("scope", "read"), "invalid_scope"),
        (("prompt", "none"), "login_required"),
        (("response_type", "id_token token"), "unsupported_response_type"),
        (("response_type", "token"), "unsupported_response_type"),
    ] {
        let mut all = vec![("response_type", "id_token")];
        all.retain(|(name, _)| *name != more.0);
        all.push(more);
        let page = agent.get(&crate::flow::request("site", &all)).await;
        assert_eq!(page.fragment()["error"], error, "{more:?}");
    }
    let page = stage.answered(&mut agent, ResponseType::IdToken, &[]).await;
    let page = agent.submit(&page, &[("decision", "deny")]).await;
    assert_eq!(page.fragment()["error"], "access_denied");
}

async fn website_of_others(stage: &Stage) -> writ_testkit::TestClient {
    crate::flow::website(&stage.server, "site").of(&stage.tenant).answers(&HYBRID).create().await
}

/// A form that is sent twice has the same outcome; a second access token is never given.
#[rstest]
#[tokio::test]
async fn a_decision_that_is_sent_twice(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme", Switch::On).await;
    let site = crate::flow::website(&stage.server, "site").of(&stage.tenant).answers(&ResponseType::ALL);
    let _ = site.create().await;
    for (wanted, twice) in [
        (ResponseType::IdToken, true),
        (ResponseType::CodeIdToken, true),
        (ResponseType::IdTokenToken, false),
        (ResponseType::CodeToken, false),
    ] {
        let mut agent = Agent::new(&stage.server);
        let page = stage.answered(&mut agent, wanted, &[("prompt", "consent")]).await;
        let first = agent.send_form(&page, &[("decision", "allow")]).await.fragment();
        let again = agent.send_form(&page, &[("decision", "allow")]).await;
        if twice {
            let again = again.fragment();
            assert_eq!(first.get("code"), again.get("code"), "{wanted:?}");
            assert_eq!(claims(&first["id_token"]), claims(&again["id_token"]), "{wanted:?}");
        } else {
            assert!(again.location().is_none() && !again.text().contains("access_token"), "{again:?}");
        }
    }
}

/// A tenant that turns it off again ends what waits, and whoever is no longer registered for it gets nothing.
#[tokio::test]
async fn what_waits_is_judged_once_more_when_it_leaves() {
    let stage = Stage::new(Engine::Sqlite, "acme", Switch::On).await;
    let _ = crate::flow::website(&stage.server, "site")
        .of(&stage.tenant)
        .answers(&ResponseType::ALL)
        .create()
        .await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.answered(&mut agent, ResponseType::IdTokenToken, &[]).await;
    let other = stage.answered(&mut agent, ResponseType::IdToken, &[]).await;
    let off = json!({ "settings": { "legacy_implicit_grant": false } });
    let _ = stage.manage(("PUT", "/api/v1/tenants/acme"), &off).await.expect(200);
    let late = agent.send_form(&page, &[("decision", "allow")]).await;
    assert_eq!(late.fragment()["error"], "unsupported_response_type");
    let only_code = json!({ "response_types": ["code"], "grant_types": ["authorization_code"] });
    let _ = stage.manage(("PATCH", "/api/v1/clients/site"), &only_code).await.expect(200);
    let late = agent.send_form(&other, &[("decision", "allow")]).await;
    assert_eq!(late.fragment()["error"], "unauthorized_client");
}

/// OpenID Connect Front-Channel Logout §2: who got an ID token with the browser hears of the sign-out, as everybody does.
#[tokio::test]
async fn an_application_with_an_id_token_hears_of_the_sign_out() {
    let stage = Stage::new(Engine::Sqlite, "default", Switch::Off).await;
    let site = stage.site(&HYBRID).frontchannel("https://app.example/out", Switch::On).create().await;
    let mut agent = Agent::new(&stage.server);
    let sent = stage.answered(&mut agent, ResponseType::IdToken, &[]).await.fragment();
    let sid = stage.verified(&sent["id_token"]).await["sid"].as_str().unwrap().to_owned();
    let hint = form(&[("id_token_hint", &*sent["id_token"]), ("client_id", &*site.client_id)]);
    let page = agent.open(&format!("/oauth2/logout?{hint}")).await;
    let page = agent.submit(&page, &[("decision", "logout")]).await;
    let page = agent.follow(page).await;
    assert!(page.text().contains(&format!("sid={sid}")), "{}", page.text());
}
