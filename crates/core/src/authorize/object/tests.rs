//! What a request object says, and whether that is good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use writ_jose::Algorithm;

use super::*;
use crate::client::{AuthAlg, AuthMethod, Registration};
use crate::given::{ISSUER, NOW, facts};

const ES256: ObjectAlg = ObjectAlg::Signed(AuthAlg::Key(Algorithm::Es256));

fn compact(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}.{}", if header == encoded_none() { "" } else { "AA" })
}

fn encoded_none() -> String {
    URL_SAFE_NO_PAD.encode(json!({ "alg": "none" }).to_string())
}

fn client(alg: Option<ObjectAlg>, method: AuthMethod) -> RegisteredClient {
    let facts = facts(|client, _| client.auth_method = method);
    let mut registration = Registration::at(NOW);
    registration.metadata.request.alg = alg;
    RegisteredClient { client: (*facts.client).clone(), registration }
}

fn good() -> Value {
    json!({
        "iss": "app", "aud": ISSUER, "exp": NOW.as_secs() + 60, "iat": NOW.as_secs(), "client_id": "app",
        "response_type": "code", "scope": "openid read", "max_age": 5,
    })
}

fn judge(text: &str, client: &RegisteredClient, demanded: Switch) -> Result<ObjectAlg, ObjectError> {
    RequestObject::read(text)?.suits(&Judging { client, issuer: ISSUER, demanded, now: NOW })
}

fn signed(claims: &Value) -> Result<ObjectAlg, ObjectError> {
    let text = compact(&json!({ "alg": "ES256" }), claims);
    judge(&text, &client(None, AuthMethod::SecretBasic), Switch::Off)
}

fn but(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

/// RFC 9101 §4: who made it, for whom, and until when, as far as it says so; times have the usual tolerance.
#[test]
fn an_object_is_of_its_client_for_this_issuer_and_now() {
    let now = NOW.as_secs();
    for claims in [
        good(),
        but("aud", json!([ISSUER, "https://other.example"])),
        but("exp", json!(now - 59)),
        but("nbf", json!(now + 60)),
        json!({ "response_type": "code" }),
        but("sub", json!("ada")),
    ] {
        assert_eq!(signed(&claims), Ok(ES256), "{claims}");
    }
    for (name, value, expected) in [
        ("iss", json!("other"), ObjectError::Client("iss")),
        ("client_id", json!("other"), ObjectError::Client("client_id")),
        ("iss", json!(7), ObjectError::Member("iss".into())),
        ("aud", json!("https://other.example"), ObjectError::Audience),
        ("aud", json!(format!("{ISSUER}/")), ObjectError::Audience),
        ("aud", json!({}), ObjectError::Member("aud".into())),
        ("exp", json!(now - 60), ObjectError::Expired),
        ("exp", json!("soon"), ObjectError::Member("exp".into())),
        ("nbf", json!(now + 61), ObjectError::Early),
        ("iat", json!(now + 61), ObjectError::Early),
        ("sub", json!("app"), ObjectError::Assertion),
    ] {
        assert_eq!(signed(&but(name, value.clone())), Err(expected), "{name} {value}");
    }
}

/// RFC 9101 §4, §10.5: where signed objects are demanded, each says for whom and until when it is good.
#[test]
fn a_demanded_object_says_whose_and_for_whom_it_is() {
    let client = client(None, AuthMethod::SecretBasic);
    let demanded = |claims: &Value| judge(&compact(&json!({ "alg": "ES256" }), claims), &client, Switch::On);
    assert_eq!(demanded(&good()), Ok(ES256));
    for name in ["iss", "aud", "exp"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(demanded(&claims), Err(ObjectError::Missing(name)));
    }
}

/// RFC 9101 §10.8, RFC 8725 §3.1 and §3.11: neither another sort of token nor another algorithm is taken for it.
#[test]
fn an_object_is_nothing_else_and_signed_as_registered() {
    let basic = client(None, AuthMethod::SecretBasic);
    let of =
        |header: Value, client: &RegisteredClient| judge(&compact(&header, &good()), client, Switch::Off);
    for typ in ["JWT", "jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"] {
        assert_eq!(of(json!({ "alg": "ES256", "typ": typ }), &basic), Ok(ES256), "{typ}");
    }
    for typ in ["at+jwt", "client-authentication+jwt", "logout+jwt", "dpop+jwt", ""] {
        assert_eq!(of(json!({ "alg": "ES256", "typ": typ }), &basic), Err(ObjectError::Type), "{typ}");
    }
    let none = json!({ "alg": "none" });
    for alg in ["none", "HS256", "HS512", "ES384", "NONE"] {
        assert_eq!(
            of(json!({ "alg": alg, "kid": "k" }), &basic).unwrap_err().to_string().split(' ').next(),
            Some("request:")
        );
    }
    assert_eq!(of(none.clone(), &basic), Err(ObjectError::Algorithm), "nobody registered it");
    let unsigned = client(Some(ObjectAlg::None), AuthMethod::SecretBasic);
    assert_eq!(of(none, &unsigned), Ok(ObjectAlg::None));
    assert_eq!(
        of(json!({ "alg": "ES256" }), &unsigned),
        Err(ObjectError::Algorithm),
        "the registered one alone"
    );
    let with_signature = format!("{}.{}.AA", encoded_none(), URL_SAFE_NO_PAD.encode(good().to_string()));
    assert_eq!(judge(&with_signature, &unsigned, Switch::Off), Err(ObjectError::NotUnsigned));
}

/// RFC 9101 §4, §6.3: a request as any other, without what is about the object; no object in it; nothing that is read is
/// passed over because of its type.
#[test]
fn what_is_in_it_becomes_the_parameters() {
    let of = |claims: Value| {
        RequestObject::read(&compact(&json!({ "alg": "ES256" }), &claims)).unwrap().parameters("app")
    };
    assert_eq!(of(good()).unwrap(), "client_id=app&max_age=5&response_type=code&scope=openid%20read");
    assert_eq!(
        of(json!({ "x": [1], "y": null, "z": true, "state": "a&b" })).unwrap(),
        "client_id=app&state=a%26b"
    );
    for nested in ["request", "request_uri"] {
        assert_eq!(of(json!({ nested: "x" })), Err(ObjectError::Nested(nested)));
    }
    for (name, value) in
        [("prompt", json!(["login"])), ("max_age", json!(1.5)), ("redirect_uri", json!(null))]
    {
        assert_eq!(of(json!({ name: value })), Err(ObjectError::Member(name.into())), "{name}");
    }
    assert_eq!(of(json!({ "state": "\u{1f980}".repeat(2800) })), Err(ObjectError::Long));
}

/// OpenID Connect Core §6.1.
#[test]
fn what_oauth_demands_beside_it_is_the_same() {
    let object = RequestObject::read(&compact(&json!({ "alg": "ES256" }), &good())).unwrap();
    for (beside, expected) in [
        ("client_id=app", Ok(())),
        ("response_type=code&scope=openid&state=other&redirect_uri=https://evil.example", Ok(())),
        ("response_type=code&scope=read+openid", Ok(())),
        ("response_type=token", Err(ObjectError::Beside("response_type"))),
        ("scope=openid+write", Err(ObjectError::Beside("scope"))),
    ] {
        assert_eq!(object.agrees_with(&Form::parse(beside.as_bytes()).unwrap()), expected, "{beside}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", claims in "[ -~]{0,80}") {
        for text in [text, format!("eyJhbGciOiJub25lIn0.{}.", URL_SAFE_NO_PAD.encode(claims))] {
            if let Ok(Ok(form)) = RequestObject::read(&text).map(|object| object.parameters("app")) {
                prop_assert!(Form::parse(form.as_bytes()).is_ok() || form.contains('%'), "{form}");
            }
        }
    }
}
