//! §10: codes that are for one key, named by the authorization request or by the proof that it was pushed with.

use rstest::rstest;
use writ_core::client::ResponseType;

use super::*;
use crate::flow::CHALLENGE;

const PAR: &str = "/oauth2/par";

const USUAL: Pairs<'static> = &[
    ("response_type", "code"),
    ("redirect_uri", CALLBACK),
    ("scope", "openid read"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// The code that a pushed request leads to.
async fn code_of(stage: &Stage, client: &TestClient, reference: &str) -> String {
    let mut agent = Agent::new(&stage.server);
    let pairs = [("client_id", &*client.client_id), ("request_uri", reference)];
    let page = agent.open(&stage.path(&format!("/oauth2/authorize?{}", form(&pairs)))).await;
    crate::flow::sign_in(&mut agent, &page).await.code()
}

/// §10: the key waits with the request, over the pages, and with the code.
#[rstest]
#[tokio::test]
async fn a_code_is_for_the_key_that_was_named(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let (holder, other) = (Holder::new(), Holder::new());
    let code = stage.code(&stage.app, &[("dpop_jkt", &holder.thumbprint())]).await;
    let _ = stage.redeem(&stage.app, &code, Some(stage.proof(&other))).await.refused(400, "invalid_grant");
    let tokens = stage.redeem(&stage.app, &code, Some(stage.proof(&holder))).await.expect(200).json();
    assert_eq!(tokens["token_type"], "DPoP");
    let _ = stage.userinfo(text(&tokens, "access_token"), &holder).await.expect(200);
}

/// §10: what is no thumbprint is refused.
#[tokio::test]
async fn a_thumbprint_is_one() {
    let stage = Stage::usual().await;
    let mut agent = Agent::new(&stage.server);
    let good = Holder::new().thumbprint();
    for bad in ["x", &good[1..], &format!("{good}="), &good.replace(&good[..1], "!")] {
        let page = agent.get(&crate::flow::request("site", &[("dpop_jkt", bad)])).await;
        let sent = page.sent();
        assert_eq!(sent["error"], "invalid_request", "{bad}");
        assert!(sent["error_description"].contains("dpop_jkt"), "{sent:?}");
    }
}

/// §10.1: a request is pushed with `dpop_jkt`, or with a proof, or with both of the same key.
#[rstest]
#[tokio::test]
async fn a_pushed_request_names_its_key_in_either_way(
    #[values("parameter", "proof", "both")] way: &str,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let (holder, other) = (Holder::new(), Holder::new());
    let thumbprint = holder.thumbprint();
    for client in [&stage.app, &stage.website] {
        let mut pairs = USUAL.to_vec();
        if way != "proof" {
            pairs.push(("dpop_jkt", &thumbprint));
        }
        let proof = holder.saying(&stage.claims(("POST", PAR), None));
        let proofs = if way == "parameter" { Vec::new() } else { vec![proof.clone()] };
        let sent = Sent { by: Some(client.into()), proofs, pairs: &pairs };
        let reference = stage.post(PAR, sent).await.expect(201).member("request_uri");
        let code = code_of(&stage, client, &reference).await;
        let refused = stage.redeem(client, &code, Some(stage.proof(&other))).await;
        let _ = refused.refused(400, "invalid_grant");
        let _ = stage.redeem(client, &code, Some(stage.proof(&holder))).await.expect(200);
        if way != "parameter" {
            // §11.1: a proof is good once here, too.
            let sent = Sent { by: Some(client.into()), proofs: vec![proof], pairs: &pairs };
            let _ = stage.post(PAR, sent).await.refused(400, "invalid_dpop_proof");
        }
    }
}

/// §10.1: both, of two keys, are refused; and so is a proof that is for another endpoint.
#[tokio::test]
async fn two_keys_of_one_pushed_request_are_refused() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let other = Holder::new().thumbprint();
    let pairs: Vec<_> = USUAL.iter().copied().chain([("dpop_jkt", &*other)]).collect();
    let proofs = vec![holder.saying(&stage.claims(("POST", PAR), None))];
    let sent = Sent { by: Some((&stage.app).into()), proofs, pairs: &pairs };
    let answer = stage.post(PAR, sent).await.refused(400, "invalid_dpop_proof");
    assert!(answer.text().contains("dpop_jkt"), "{}", answer.text());
    let proofs = vec![stage.proof(&holder)];
    let sent = Sent { by: Some((&stage.app).into()), proofs, pairs: USUAL };
    let _ = stage.post(PAR, sent).await.refused(400, "invalid_dpop_proof");
}

/// §5.2: no token leaves from the authorization endpoint where every one has to be bound: nobody shows a key there.
#[tokio::test]
async fn no_unbound_token_leaves_in_the_front_channel() {
    let settings = TenantSettings {
        legacy_implicit_grant: true.into(),
        dpop_bound_access_tokens: true.into(),
        ..TenantSettings::default()
    };
    let stage = Stage::with(settings).await;
    let client = website(&stage.server, "old").of(&stage.tenant).first_party();
    let client = client.answers(&[ResponseType::Code, ResponseType::CodeToken]).create().await;
    let mut agent = Agent::new(&stage.server);
    for (wanted, error) in [("code token", Some("unauthorized_client")), ("code", None)] {
        let path = crate::flow::request(&client.client_id, &[("response_type", wanted)]);
        let page = agent.get(&stage.path(&path)).await;
        match error {
            Some(error) => assert!(page.location().unwrap().contains(error), "{page:?}"),
            None => assert!(page.location().unwrap().contains("/login"), "{page:?}"),
        }
    }
}
