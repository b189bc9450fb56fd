//! What an assertion may say. Each case is the one that is good, changed in one thing.

use super::*;
use crate::client::AuthMethod;
use crate::given::{ISSUER, NOW, facts};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use writ_jose::Algorithm;

const EXP: i64 = NOW.as_secs() + 60;

fn compact(header: &str, payload: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

fn good() -> String {
    format!(r#"{{"iss":"app","sub":"app","aud":"{ISSUER}","exp":{EXP},"jti":"1"}}"#)
}

fn with_payload(payload: &str) -> String {
    compact(r#"{"alg":"ES256"}"#, payload)
}

/// A client that signs with a key, changed as a case wants it.
fn signing(change: impl FnOnce(&mut Client)) -> ClientFacts {
    facts(|client, _| {
        client.auth_method = AuthMethod::PrivateKeyJwt;
        change(client);
    })
}

fn judge(token: &str, facts: &ClientFacts) -> Result<(), AssertionFault> {
    Assertion::read(token)?.suits(facts, NOW)
}

#[test]
fn what_is_good_is_taken() {
    let client = signing(|_| {});
    for token in [
        with_payload(&good()),
        with_payload(&good().replace(&format!("\"{ISSUER}\""), &format!("[\"{ISSUER}\"]"))),
        with_payload(&good().replace('}', r#","iat":1799999999.5,"nbf":1800000060,"other":[{}]}"#)),
        compact(r#"{"alg":"PS256","typ":"JWT","kid":"k"}"#, &good()),
        compact(r#"{"alg":"EdDSA","typ":"client-authentication+jwt"}"#, &good()),
        compact(r#"{"alg":"RS256","typ":"application/Client-Authentication+JWT"}"#, &good()),
    ] {
        assert_eq!(judge(&token, &client), Ok(()), "{token}");
    }
}

/// RFC 7523 §3, rules 1 to 7 and 9; OpenID Connect Core §9.
#[test]
fn what_is_missing_or_wrong_is_refused_and_said() {
    let without = |name: &str| {
        let json: serde_json::Value = serde_json::from_str(&good()).unwrap();
        let mut members = json.as_object().unwrap().clone();
        members.remove(name);
        serde_json::Value::from(members).to_string()
    };
    let with = |from: &str, to: &str| {
        assert!(good().contains(from), "{from}");
        good().replace(from, to)
    };
    let at = |seconds: i64| with(&EXP.to_string(), &(NOW.as_secs() + seconds).to_string());
    let and = |more: &str| with("}", &format!(",{more}}}"));
    let ours = format!("\"{ISSUER}\"");
    let audience = AssertionFault::Audience(ISSUER.into());
    for (payload, expected) in [
        (without("iss"), AssertionFault::Identity),
        (without("sub"), AssertionFault::Claim("sub")),
        (without("aud"), AssertionFault::Claim("aud")),
        (without("exp"), AssertionFault::Claim("exp")),
        (without("jti"), AssertionFault::Claim("jti")),
        (with(r#""iss":"app""#, r#""iss":"other""#), AssertionFault::Identity),
        (with(r#""sub":"app""#, r#""sub":"other""#), AssertionFault::Identity),
        (with(r#""sub":"app""#, r#""sub":"""#), AssertionFault::Claim("sub")),
        (with(r#""sub":"app""#, r#""sub":7"#), AssertionFault::Claim("sub")),
        (with(r#""jti":"1""#, r#""jti":1"#), AssertionFault::Claim("jti")),
        (with(r#""jti":"1""#, r#""jti":"""#), AssertionFault::Claim("jti")),
        (with(&ours, "\"https://id.example/\""), audience.clone()),
        (with(&ours, "\"https://id.example/t/acme\""), audience.clone()),
        (with(&ours, "\"https://id.example/oauth2/token\""), audience.clone()),
        (with(&ours, "[]"), audience),
        (with(&ours, "{}"), AssertionFault::Claim("aud")),
        (with(&ours, "[1]"), AssertionFault::Claim("aud")),
        // Whoever else it is for could use it here.
        (with(&ours, &format!("[{ours},\"https://api.example\"]")), AssertionFault::Audiences),
        (with(&EXP.to_string(), "\"soon\""), AssertionFault::Claim("exp")),
        (with(&EXP.to_string(), "-1"), AssertionFault::Claim("exp")),
        (at(-60), AssertionFault::Expired),
        (at(3661), AssertionFault::Long),
        (with(&EXP.to_string(), "9223372036854775807"), AssertionFault::Long),
        (with(&EXP.to_string(), "1e300"), AssertionFault::Long),
        (and(&format!(r#""nbf":{}"#, NOW.as_secs() + 61)), AssertionFault::Early),
        (and(&format!(r#""iat":{}"#, NOW.as_secs() + 61)), AssertionFault::Early),
        (and(r#""iat":"now""#), AssertionFault::Claim("iat")),
        (and(r#""nbf":null"#), AssertionFault::Claim("nbf")),
    ] {
        assert_eq!(judge(&with_payload(&payload), &signing(|_| {})), Err(expected), "{payload}");
    }
    for inside in [-59, 0, 3600, 3660] {
        assert_eq!(judge(&with_payload(&at(inside)), &signing(|_| {})), Ok(()), "{inside}");
    }
}

/// RFC 8725 §3.1, §3.11: what a client signs with is its registration's to say, and what a token is for its header's.
#[test]
fn only_what_the_client_signs_with_is_taken() {
    let alg = |name: &str| compact(&format!(r#"{{"alg":"{name}"}}"#), &good());
    for name in ["none", "None", "", "HS256", "HS384", "HS512", "ES384", "RS512", "dir", "es256"] {
        assert_eq!(judge(&alg(name), &signing(|_| {})), Err(AssertionFault::Algorithm), "{name}");
    }
    let secret = facts(|client, _| client.auth_method = AuthMethod::SecretJwt);
    assert_eq!(judge(&alg("HS256"), &secret), Ok(()));
    for algorithm in Algorithm::ALL {
        assert_eq!(judge(&alg(algorithm.name()), &secret), Err(AssertionFault::Algorithm));
        assert_eq!(judge(&alg(algorithm.name()), &signing(|_| {})), Ok(()));
        let only =
            |client: &mut Client| client.tokens.choices.auth_alg = Some(AuthAlg::Key(Algorithm::Ps256));
        assert_eq!(judge(&alg(algorithm.name()), &signing(only)).is_ok(), algorithm == Algorithm::Ps256);
    }
    for typ in ["at+jwt", "logout+jwt", "token-introspection+jwt", "", "application/"] {
        let token = compact(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#), &good());
        assert_eq!(judge(&token, &signing(|_| {})), Err(AssertionFault::Type), "{typ}");
    }
    for header in [
        r#""crit":["exp"]"#,
        r#""jwk":{}"#,
        r#""jku":"https://a""#,
        r#""x5u":"a""#,
        r#""x5c":[]"#,
        r#""b64":false"#,
    ] {
        let token = compact(&format!(r#"{{"alg":"ES256",{header}}}"#), &good());
        assert!(matches!(judge(&token, &signing(|_| {})), Err(AssertionFault::Form(_))), "{header}");
    }
    let token = with_payload(&good().replace('}', r#","sub":"app"}"#));
    assert!(
        matches!(judge(&token, &signing(|_| {})), Err(AssertionFault::Form(_))),
        "a claim that stands twice"
    );
}

/// RFC 7523 §3, rule 3: the token endpoint too, where client or tenant says so; the client's word comes first.
#[test]
fn the_token_endpoint_is_an_audience_where_somebody_says_so() {
    use AssertionAudience::{Issuer, TokenEndpoint};
    let endpoint = "\"https://id.example/oauth2/token\"".to_owned();
    let both = format!("[{endpoint},\"{ISSUER}\"]");
    for (client, tenant, takes) in [
        (None, None, false),
        (None, Some(TokenEndpoint), true),
        (Some(TokenEndpoint), None, true),
        (Some(TokenEndpoint), Some(Issuer), true),
        (Some(Issuer), Some(TokenEndpoint), false),
    ] {
        let facts = facts(|own, of| {
            own.auth_method = AuthMethod::PrivateKeyJwt;
            own.tokens.choices.assertion_audience = client;
            of.settings.assertion_audience = tenant;
        });
        for audience in [&endpoint, &both] {
            let token = with_payload(&good().replace(&format!("\"{ISSUER}\""), audience));
            assert_eq!(judge(&token, &facts).is_ok(), takes, "{client:?} {tenant:?} {audience}");
        }
        assert_eq!(judge(&with_payload(&good()), &facts), Ok(()));
        let foreign = with_payload(&good().replace(ISSUER, "https://id.example/t/acme/oauth2/token"));
        assert!(matches!(judge(&foreign, &facts), Err(AssertionFault::Audience(_))));
    }
}

/// RFC 7523 §3, rule 7: told by client and `jti`, until nobody takes it.
#[test]
fn what_is_used_is_told_by_client_and_jti() {
    let used = |payload: &str, id: u8| {
        let facts = signing(|client| client.id = crate::ids::ClientId::from_bytes([id; 16]));
        Assertion::read(&with_payload(payload)).unwrap().used(&facts.client, NOW).unwrap()
    };
    let first = used(&good(), 1);
    assert_eq!((first.expires_at, first.at), (Micros::from_secs(EXP + 60), NOW));
    let later = used(&good().replace(&EXP.to_string(), &(EXP + 1).to_string()), 1);
    assert!(first.name.ct_eq(&later.name), "another time makes no other assertion of it");
    assert!(!first.name.ct_eq(&used(&good(), 2).name));
    assert!(!first.name.ct_eq(&used(&good().replace("\"1\"", "\"2\""), 1).name));
}

#[test]
fn nothing_of_an_assertion_is_printed() {
    let printed = format!("{:?}", Assertion::read(&with_payload(&good())).unwrap());
    assert!(!printed.contains("app") && !printed.contains("c2ln"), "{printed}");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "[a-zA-Z0-9._-]{0,60}", claims in "[\\[\\]{}:,\"a-c0-9.eE -]{0,40}") {
        let client = signing(|_| {});
        let _ = judge(&text, &client);
        let _ = judge(&with_payload(&claims), &client);
        let _ = judge(&with_payload(&format!(r#"{{"sub":"app","aud":{claims},"exp":{claims}}}"#)), &client);
    }
}
