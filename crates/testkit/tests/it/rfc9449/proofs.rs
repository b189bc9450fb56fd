//! §4.3: what a proof has to be like, item by item. A refused one names what is wrong with it.

use rstest::rstest;
use writ_core::time::Seconds;

use super::*;

/// The claims of a good proof, one of them another; null: it is missing.
fn but(stage: &Stage, name: &str, value: &Value) -> Value {
    let mut claims = stage.claims(("POST", TOKEN), None);
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value.clone(),
    }
    claims
}

#[track_caller]
fn refused(answer: Answer, why: &str) {
    let answer = answer.refused(400, "invalid_dpop_proof");
    assert!(answer.text().contains(why), "{} does not say {why}", answer.text());
}

/// §4.3, item 1: one header, no more.
#[tokio::test]
async fn there_is_one_proof() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    refused(stage.ask([stage.proof(&holder), stage.proof(&holder)]).await, "more than once");
}

/// §4.3, item 2: a single JWT, and nothing else.
#[tokio::test]
async fn a_proof_is_a_jwt() {
    let stage = Stage::usual().await;
    let good = stage.proof(&Holder::new());
    for bad in
        ["", "x", "a.b", "a.b.c", &format!("{good}.x"), &format!("{good}, {good}"), &format!("Bearer {good}")]
    {
        refused(stage.ask([bad.to_owned()]).await, "DPoP: ");
    }
    refused(stage.ask(["a".repeat(8193)]).await, "longer than 8 KiB");
}

/// §4.2, §4.3, item 3: jti, htm, htu and iat are there.
#[rstest]
#[tokio::test]
async fn no_claim_is_missing(#[values("jti", "htm", "htu", "iat")] name: &str) {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    for bad in [Value::Null, json!(""), json!([])] {
        let proof = holder.saying(&but(&stage, name, &bad));
        refused(stage.ask([proof]).await, &format!("the claim {name} is missing"));
    }
}

/// §4.3, item 4: typ is dpop+jwt, so that no other JWT of the client's passes for a proof.
#[tokio::test]
async fn a_proof_says_what_it_is() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    for typ in [json!("JWT"), json!("at+jwt"), json!("client-authentication+jwt"), Value::Null] {
        let mut head = holder.head();
        match &typ {
            Value::Null => drop(head.as_object_mut().unwrap().remove("typ")),
            typ => head["typ"] = typ.clone(),
        }
        let proof = signed(&holder.key, &head, &stage.claims(("POST", TOKEN), None));
        refused(stage.ask([proof]).await, "typ is not dpop+jwt");
    }
}

/// §4.3, item 5, §11.6: an asymmetric algorithm that the metadata lists, never none and never an HMAC.
#[tokio::test]
async fn the_algorithm_is_one_of_those_in_the_metadata() {
    let stage = Stage::usual().await;
    let metadata = stage.server.get("/.well-known/openid-configuration").await.json();
    let listed = &metadata["dpop_signing_alg_values_supported"];
    assert_eq!(*listed, json!(Algorithm::ALL.map(Algorithm::name)), "§5.1");
    let holder = Holder::new();
    for alg in ["none", "HS256", "RS512", "ES384"] {
        let mut head = holder.head();
        head["alg"] = json!(alg);
        let proof = signed(&holder.key, &head, &stage.claims(("POST", TOKEN), None));
        refused(stage.ask([proof]).await, "is not supported");
    }
}

/// §4.3, item 6: the signature is that of the key in the header.
#[tokio::test]
async fn the_key_in_the_header_has_signed_it() {
    let stage = Stage::usual().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let claims = stage.claims(("POST", TOKEN), None);
    refused(stage.ask([signed(&other.key, &holder.head(), &claims)]).await, "signature");
    let good = holder.saying(&claims);
    let (before, _) = good.rsplit_once('.').unwrap();
    refused(stage.ask([format!("{before}.")]).await, "signature");
}

/// §4.3, item 7: a public key, brought along as it is.
#[tokio::test]
async fn the_key_is_public_and_in_the_header() {
    let stage = Stage::usual().await;
    let holder = Holder::new();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut head = holder.head();
        change(&mut head);
        signed(&holder.key, &head, &stage.claims(("POST", TOKEN), None))
    };
    refused(stage.ask([with(&|head| head["jwk"]["d"] = json!("AAAA"))]).await, "private member d");
    refused(stage.ask([with(&|head| head["jwk"] = json!({ "kty": "oct", "k": "AAAA" }))]).await, "key type");
    refused(
        stage.ask([with(&|head| drop(head.as_object_mut().unwrap().remove("jwk")))]).await,
        "jwk is missing",
    );
    refused(stage.ask([with(&|head| head["jku"] = json!("https://evil.example"))]).await, "jku");
}

/// §4.3, item 8: htm is the method.
#[tokio::test]
async fn a_proof_is_for_the_method() {
    let stage = Stage::usual().await;
    for method in ["GET", "post", "PUT"] {
        let proof = Holder::new().saying(&but(&stage, "htm", &json!(method)));
        refused(stage.ask([proof]).await, "htm is not POST");
    }
}

/// §4.3, item 9: htu is the address that the client sees, whatever stands before the server, and whoever spells it how;
/// without query and fragment.
#[rstest]
#[tokio::test]
async fn a_proof_is_for_the_address(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let own = format!("{}{}", stage.server.base, stage.path(TOKEN));
    for same in [format!("{own}?x=1"), format!("{own}#y"), own.replace("https://id", "HTTPS://ID")] {
        let proof = Holder::new().saying(&but(&stage, "htu", &json!(same)));
        let _ = stage.ask([proof]).await.expect(200);
    }
    let elsewhere = if slug == "default" { "/t/acme/oauth2/token" } else { TOKEN };
    for other in [
        format!("{}{elsewhere}", stage.server.base),
        format!("{}{}", stage.server.base, stage.path(USERINFO)),
        own.replace("https", "http"),
        format!("{own}/"),
        format!("https://evil.example{TOKEN}"),
        stage.path(TOKEN),
    ] {
        let proof = Holder::new().saying(&but(&stage, "htu", &json!(other)));
        refused(stage.ask([proof]).await, "htu is not ");
    }
    // The other address of the same endpoint is another address.
    let pairs: Pairs<'_> = &[("grant_type", "client_credentials")];
    let again = "/api/v1/oauth/tokens";
    for (path, status) in [(TOKEN, 400), (again, 200)] {
        let proof = Holder::new().saying(&stage.claims(("POST", path), None));
        let sent = Sent { by: Some((&stage.machine).into()), proofs: vec![proof], pairs };
        let _ = stage.post(again, sent).await.expect(status);
    }
}

/// §4.3, item 11, §11.1: from a minute ahead, for clocks are not the same, to two minutes ago.
#[tokio::test]
async fn a_proof_is_of_now() {
    let stage = Stage::usual().await;
    for (iat, why) in [(-120, Some("too old")), (-119, None), (60, None), (61, Some("from the future"))] {
        let proof = Holder::new().saying(&but(&stage, "iat", &json!(stage.now() + iat)));
        let answer = stage.ask([proof]).await;
        match why {
            Some(why) => refused(answer, why),
            None => drop(answer.expect(200)),
        }
    }
    let proof = stage.proof(&Holder::new());
    stage.server.clock.advance(Seconds(121));
    refused(stage.ask([proof]).await, "too old");
}
