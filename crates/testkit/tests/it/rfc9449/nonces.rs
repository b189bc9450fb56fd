//! §8, §9: nonces of the server's, where a tenant demands them. They need no memory, and every node knows them.

use rstest::rstest;
use writ_core::time::Seconds;

use super::*;

async fn strict() -> Stage {
    Stage::with(TenantSettings { require_dpop_nonce: true.into(), ..TenantSettings::default() }).await
}

fn with(nonce: &str, mut claims: Value) -> Value {
    claims["nonce"] = json!(nonce);
    claims
}

/// §8: a request without a nonce is answered with one; the same request with it gets its token. §8.2: so does the one after,
/// and each answer has the newest.
#[tokio::test]
async fn a_nonce_is_given_and_taken() {
    let stage = strict().await;
    let holder = Holder::new();
    let answer = stage.ask([stage.proof(&holder)]).await.refused(400, "use_dpop_nonce");
    assert_eq!(answer.header("cache-control"), "no-store");
    let nonce = answer.header("dpop-nonce").to_owned();
    assert!(nonce.len() >= 32, "{nonce}");
    for _ in 0..2 {
        let claims = with(&nonce, stage.claims(("POST", TOKEN), None));
        let answer = stage.ask([holder.saying(&claims)]).await.expect(200);
        assert_eq!(answer.header("dpop-nonce"), nonce);
    }
    // Whoever sends no proof needs none.
    let plain = stage.ask([]).await.expect(200);
    assert!(plain.header("dpop-nonce").is_empty());
}

/// §8, §11.2: one that is made up, another server's, or too old is refused like none.
#[tokio::test]
async fn a_nonce_is_good_for_its_time() {
    let stage = strict().await;
    let holder = Holder::new();
    let nonce = stage.ask([stage.proof(&holder)]).await.header("dpop-nonce").to_owned();
    for bad in ["x", &nonce[1..], &nonce.to_ascii_lowercase()] {
        let claims = with(bad, stage.claims(("POST", TOKEN), None));
        let _ = stage.ask([holder.saying(&claims)]).await.refused(400, "use_dpop_nonce");
    }
    stage.server.clock.advance(Seconds(120));
    let claims = with(&nonce, stage.claims(("POST", TOKEN), None));
    let newer = stage.ask([holder.saying(&claims)]).await.expect(200).header("dpop-nonce").to_owned();
    assert_ne!(newer, nonce, "the last one is good still, and the answer has the next");
    stage.server.clock.advance(Seconds(120));
    let claims = with(&nonce, stage.claims(("POST", TOKEN), None));
    let _ = stage.ask([holder.saying(&claims)]).await.refused(400, "use_dpop_nonce");
}

/// §11.1: whose clock is wrong gets in by the nonce; and the proof is remembered for as long as that is good.
#[tokio::test]
async fn a_nonce_tells_the_time_better_than_the_clock_of_the_client() {
    let stage = strict().await;
    let holder = Holder::new();
    let nonce = stage.ask([stage.proof(&holder)]).await.header("dpop-nonce").to_owned();
    let mut claims = with(&nonce, stage.claims(("POST", TOKEN), None));
    claims["iat"] = json!(stage.now() - 86_400);
    let proof = holder.saying(&claims);
    let _ = stage.ask([proof.clone()]).await.expect(200);
    stage.server.clock.advance(Seconds(119));
    let _ = stage.ask([proof]).await.refused(400, "invalid_dpop_proof");
}

/// §9: an API asks for one with 401 and a challenge, and takes it; below the tenant's path.
#[rstest]
#[tokio::test]
async fn an_api_gives_nonces_too(#[values(USERINFO, "/api/v1/tenant")] path: &str) {
    let stage = strict().await;
    let holder = Holder::new();
    let nonce = stage.ask([stage.proof(&holder)]).await.header("dpop-nonce").to_owned();
    let code = stage.code(&stage.app, &[]).await;
    let proof = holder.saying(&with(&nonce, stage.claims(("POST", TOKEN), None)));
    let tokens = stage.redeem(&stage.app, &code, Some(proof)).await.expect(200).json();
    let token = text(&tokens, "access_token");
    let without = holder.saying(&stage.claims(("GET", path), Some(token)));
    let asked = stage.call(("GET", path), ("DPoP", token), Some(without)).await.expect(401);
    assert!(asked.text().contains("use_dpop_nonce"), "{}", asked.text());
    let challenge = asked.header("www-authenticate");
    assert!(challenge.starts_with("DPoP ") && challenge.contains("error=\"use_dpop_nonce\""), "{challenge}");
    let nonce = asked.header("dpop-nonce");
    let claims = with(nonce, stage.claims(("GET", path), Some(token)));
    let answer = stage.call(("GET", path), ("DPoP", token), Some(holder.saying(&claims))).await.expect(200);
    assert!(!answer.header("dpop-nonce").is_empty());
}

/// §8: a nonce of one node is good on the other, and after a restart.
#[tokio::test]
async fn every_node_knows_the_nonces() {
    let stage = strict().await;
    let holder = Holder::new();
    let nonce = stage.ask([stage.proof(&holder)]).await.header("dpop-nonce").to_owned();
    let Stage { server, tenant, website, app, machine } = stage;
    let stage = Stage { server: server.restarted().await, tenant, website, app, machine };
    let claims = with(&nonce, stage.claims(("POST", TOKEN), None));
    let _ = stage.ask([holder.saying(&claims)]).await.expect(200);
}
