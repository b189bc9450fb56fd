//! §11: what somebody can try who has stolen a token, a proof or a code, or leads a client astray.

use writ_core::time::Seconds;

use super::*;

/// §7.2, §11.1: a bound token is no bearer's, wherever it is sent; and a bearer's token is not sent as if it were bound.
#[tokio::test]
async fn neither_kind_of_token_passes_for_the_other() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let bound = text(&tokens, "access_token");
    for path in [USERINFO, "/api/v1/users", "/api/v1/oauth/sessions"] {
        let answer = stage.call(("GET", path), ("Bearer", bound), None).await.expect(401);
        assert!(answer.text().contains("invalid_token"), "{path}: {}", answer.text());
        assert!(answer.header("www-authenticate").starts_with("DPoP "), "{path}");
        // Also with a good proof beside it.
        let proof = holder.saying(&stage.claims(("GET", path), Some(bound)));
        let _ = stage.call(("GET", path), ("Bearer", bound), Some(proof)).await.expect(401);
    }
    let in_form = [("access_token", bound)];
    let _ = stage.server.post(USERINFO, Credential::None, &in_form).await.refused(401, "invalid_token");

    let code = stage.code(&stage.app, &[]).await;
    let plain = stage.redeem(&stage.app, &code, None).await.expect(200).member("access_token");
    let proof = holder.saying(&stage.claims(("GET", USERINFO), Some(&plain)));
    let answer = stage.call(("GET", USERINFO), ("DPoP", &plain), Some(proof)).await;
    let _ = answer.refused(401, "invalid_token");
    let key = stage.server.management_key();
    let proof = holder.saying(&stage.claims(("GET", "/api/v1/users"), Some(&key)));
    let _ = stage.call(("GET", "/api/v1/users"), ("DPoP", &key), Some(proof)).await.expect(401);
}

/// §11.1: a stolen token is no good to whoever has another key, with a proof that is perfect but for that.
#[tokio::test]
async fn a_stolen_token_is_useless_without_its_key() {
    let stage = Stage::usual().await;
    let (owner, thief) = (Holder::new(), Holder::new());
    let tokens = stage.tokens(&stage.app, &owner).await;
    let token = text(&tokens, "access_token");
    let answer = stage.userinfo(token, &thief).await.refused(401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("DPoP "), "{answer:?}");
    // Nor is a stolen refresh token, nor both together.
    let refresh = text(&tokens, "refresh_token");
    for proof in [None, Some(stage.proof(&thief))] {
        let _ = stage.refresh(&stage.app, refresh, proof).await.refused(400, "invalid_grant");
    }
    let _ = stage.userinfo(token, &owner).await.expect(200);
}

/// §11.1: a proof that was overheard is good for nothing but the one request that it was for.
#[tokio::test]
async fn an_overheard_proof_is_good_for_nothing() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let [one, other] = [stage.tokens(&stage.app, &holder).await, stage.tokens(&stage.app, &holder).await];
    let [one, other] = [text(&one, "access_token"), text(&other, "access_token")];
    let heard = holder.saying(&stage.claims(("GET", USERINFO), Some(one)));
    let _ = stage.call(("GET", USERINFO), ("DPoP", other), Some(heard.clone())).await.expect(401);
    let _ = stage.call(("GET", "/api/v1/users"), ("DPoP", one), Some(heard.clone())).await.expect(401);
    let _ = stage.ask([heard.clone()]).await.refused(400, "invalid_dpop_proof");
    let _ = stage.call(("GET", USERINFO), ("DPoP", one), Some(heard)).await.expect(200);
}

/// §11.2: whoever could use the key for a moment cannot make proofs for tomorrow, where nonces are demanded.
#[tokio::test]
async fn proofs_cannot_be_made_in_advance_where_nonces_are_demanded() {
    let stage =
        Stage::with(TenantSettings { require_dpop_nonce: true.into(), ..TenantSettings::default() }).await;
    let holder = Holder::new();
    let nonce = stage.ask([stage.proof(&holder)]).await.header("dpop-nonce").to_owned();
    let mut claims = stage.claims(("POST", TOKEN), None);
    (claims["nonce"], claims["iat"]) = (json!(nonce), json!(stage.now() + 86_400));
    let prepared = holder.saying(&claims);
    stage.server.clock.advance(Seconds(86_400));
    let _ = stage.ask([prepared]).await.refused(400, "use_dpop_nonce");
}

/// §11.5: what was signed for another purpose is no proof, and a proof is nothing else: no assertion, no request object.
#[tokio::test]
async fn a_proof_is_nothing_else() {
    let stage = Stage::usual().await;
    let proof = stage.proof(&Holder::new());
    let pairs: Pairs<'_> = &[("grant_type", "client_credentials")];
    let sent = Sent { by: Some(Credential::Assertion(proof.clone())), pairs, ..Sent::default() };
    let _ = stage.post(TOKEN, sent).await.expect(401);
    let mut agent = Agent::new(&stage.server);
    let page = agent.get(&crate::flow::request("site", &[("request", &proof)])).await;
    assert_eq!(page.sent()["error"], "invalid_request_object");
}

/// §11.9: a code that was injected into another client's browser is of no use there where it was asked for with a key.
#[tokio::test]
async fn a_code_for_a_key_is_no_good_with_another() {
    let stage = Stage::usual().await;
    let (owner, thief) = (Holder::new(), Holder::new());
    for client in [&stage.app, &stage.website] {
        let code = stage.code(client, &[("dpop_jkt", &owner.thumbprint())]).await;
        for proof in [None, Some(stage.proof(&thief))] {
            let answer = stage.redeem(client, &code, proof).await.refused(400, "invalid_grant");
            assert!(answer.text().contains("another key"), "{}", answer.text());
        }
        let _ = stage.redeem(client, &code, Some(stage.proof(&owner))).await.expect(200);
    }
}

/// The audit log names what was tried with a stolen token: what the caller is told is in it.
#[tokio::test]
async fn what_was_tried_is_in_the_audit_log() {
    let stage = Stage::usual().await;
    let (owner, thief) = (Holder::new(), Holder::new());
    let tokens = stage.tokens(&stage.app, &owner).await;
    let _ = stage.userinfo(text(&tokens, "access_token"), &thief).await.expect(401);
    let tenant = stage.tenant.id;
    stage.server.app.store.flush_last_notes(tenant).await.unwrap();
    let key = stage.server.management_key();
    let path = "/api/v1/audit-logs?action=authentication.refused";
    let found = stage.call(("GET", path), ("Bearer", &key), None).await.expect(200).json();
    let rows = found["audit_logs"].as_array().unwrap();
    let is_it =
        |row: &&Value| row["details"]["reason"].as_str().is_some_and(|why| why.contains("another key"));
    assert_eq!(rows.iter().filter(is_it).count(), 1, "{found}");
}
