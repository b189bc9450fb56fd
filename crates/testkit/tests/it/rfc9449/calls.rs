//! §7: calls of UserInfo and the APIs with a token that is bound to a key.

use rstest::rstest;

use super::*;

/// §7.1: the scheme DPoP, and a proof with ath; on both engines, at the root and in a tenant, at every endpoint that takes
/// tokens.
#[rstest]
#[tokio::test]
async fn a_bound_token_is_used_with_its_key(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let token = text(&tokens, "access_token");
    assert!(stage.userinfo(token, &holder).await.expect(200).json()["sub"].is_string());
    // The scheme is written in any case (RFC 9110 §11.1), and UserInfo takes POST.
    let proof = holder.saying(&stage.claims(("POST", USERINFO), Some(token)));
    let _ = stage.call(("POST", USERINFO), ("dpop", token), Some(proof)).await.expect(200);

    let machine = stage.ask([stage.proof(&holder)]).await.expect(200).member("access_token");
    let users = "/api/v1/users";
    let proof = holder.saying(&stage.claims(("GET", users), Some(&machine)));
    let path = format!("{users}?limit=1");
    let _ = stage.call(("GET", &path), ("DPoP", &machine), Some(proof)).await.expect(200);
    let proof = holder.saying(&stage.claims(("GET", "/api/v1/clients"), Some(&machine)));
    let lacking = stage.call(("GET", "/api/v1/clients"), ("DPoP", &machine), Some(proof)).await.expect(403);
    let challenge = lacking.header("www-authenticate");
    assert!(challenge.starts_with("DPoP ") && challenge.contains("insufficient_scope"), "{challenge}");
}

/// §7.1: the holder of a bound token asks about tokens, too.
#[tokio::test]
async fn a_bound_token_introspects() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let machine = stage.ask([stage.proof(&holder)]).await.expect(200).member("access_token");
    let path = "/oauth2/introspect";
    let pairs: Pairs<'_> = &[("token", &machine)];
    for (proof, status) in [(Some(stage.claims(("POST", path), Some(&machine))), 200), (None, 401)] {
        let by = Some(Credential::Header(format!("DPoP {machine}")));
        let proofs = proof.map(|claims| holder.saying(&claims)).into_iter().collect();
        let _ = stage.post(path, Sent { by, proofs, pairs }).await.expect(status);
    }
}

/// §7.1: 401, and a challenge of the scheme DPoP that lists the algorithms and says what was wrong; where nothing was sent it
/// says no error, and Bearer is named beside it.
#[tokio::test]
async fn a_challenge_names_the_scheme_and_the_algorithms() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let token = text(&tokens, "access_token");
    let answer = stage.call(("GET", USERINFO), ("DPoP", token), None).await;
    let answer = answer.refused(401, "invalid_dpop_proof");
    assert_eq!(
        answer.all("www-authenticate"),
        [
            "DPoP realm=\"https://id.example\", algs=\"ES256 RS256 PS256 EdDSA\", error=\"invalid_dpop_proof\", \
          error_description=\"DPoP: missing; send the header with a proof of the key that the token is, or shall be, \
          bound to (RFC 9449)\", resource_metadata=\"https://id.example/.well-known/oauth-protected-resource\""
        ]
    );
    let nothing = stage.server.get(USERINFO).await.expect(401);
    assert_eq!(
        nothing.all("www-authenticate"),
        [
            "Bearer realm=\"https://id.example\", resource_metadata=\"https://id.example/.well-known/oauth-protected-resource\"",
            "DPoP realm=\"https://id.example\", algs=\"ES256 RS256 PS256 EdDSA\", \
             resource_metadata=\"https://id.example/.well-known/oauth-protected-resource\""
        ]
    );
}

/// §4.3, item 12: ath is the hash of the token that it comes with.
#[tokio::test]
async fn a_proof_is_for_the_token_that_it_comes_with() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let [one, other] = [stage.tokens(&stage.app, &holder).await, stage.tokens(&stage.app, &holder).await];
    let [one, other] = [text(&one, "access_token"), text(&other, "access_token")];
    for (ath, why) in [(Some(other), "ath is not the hash"), (None, "the claim ath is missing")] {
        let proof = holder.saying(&stage.claims(("GET", USERINFO), ath));
        let answer = stage.call(("GET", USERINFO), ("DPoP", one), Some(proof)).await;
        let answer = answer.refused(401, "invalid_dpop_proof");
        assert!(answer.text().contains(why), "{}", answer.text());
    }
}

/// §4.3, items 8 and 9, at an API.
#[tokio::test]
async fn a_proof_is_for_the_call() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let tokens = stage.tokens(&stage.app, &holder).await;
    let token = text(&tokens, "access_token");
    for place in [("POST", USERINFO), ("GET", TOKEN), ("GET", "/api/v1/users")] {
        let proof = holder.saying(&stage.claims(place, Some(token)));
        let answer = stage.call(("GET", USERINFO), ("DPoP", token), Some(proof)).await;
        let _ = answer.refused(401, "invalid_dpop_proof");
    }
}
