//! RFC 7591 §2.3: software statements.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_jose::{Algorithm, SigningKey, jwks_json};

const PUBLISHER: &str = "https://publisher.example";
const OTHER: &str = "https://other.example";

struct Stage {
    server: TestServer,
    keys: [SigningKey; 2],
}

impl Stage {
    /// Two publishers are trusted; whether each registration needs a statement.
    async fn new(required: bool) -> Self {
        let server = open().await;
        let keys = [Algorithm::Es256, Algorithm::Rs256].map(|alg| SigningKey::generate(alg).unwrap());
        let issuers: Vec<_> = [PUBLISHER, OTHER]
            .iter()
            .zip(&keys)
            .map(|(issuer, key)| {
                let jwks: Value = serde_json::from_str(&jwks_json([key.public_jwk()])).unwrap();
                json!({ "issuer": issuer, "jwks": jwks })
            })
            .collect();
        let policy = json!({ "software_statement_required": required, "software_issuers": issuers });
        set(&server, &server.default_tenant(), json!({ "registration_policy": policy })).await;
        Self { server, keys }
    }

    fn signed(&self, key: usize, header: &Value, claims: &Value) -> String {
        let key = &self.keys[key];
        let mut head = json!({ "alg": key.algorithm().name(), "kid": key.kid() });
        head.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        let [head, claims] = [&head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let input = format!("{head}.{claims}");
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
    }

    fn claims(other: &Value) -> Value {
        let mut claims = json!({
            "iss": PUBLISHER, "software_id": "4NRB1", "client_name": "Signed name", "client_uri": "https://app.example/",
        });
        claims.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        claims
    }

    async fn register(&self, statement: Value) -> Answer {
        register(&self.server, &website(&json!({ "software_statement": statement }))).await
    }
}

/// §2.3, §3.1.1: what is signed counts for more; the statement comes back as it was sent.
#[tokio::test]
async fn what_is_signed_counts_for_more() {
    let stage = Stage::new(true).await;
    let odd = json!({ "first_party": true, "scope": "openid oauth:write", "client_id": "mine" });
    let statement = stage.signed(0, &json!({ "typ": "JWT" }), &Stage::claims(&odd));
    let made = stage.register(json!(statement)).await.expect(201).json();
    assert_eq!((&made["client_name"], &made["software_id"]), (&json!("Signed name"), &json!("4NRB1")));
    assert_eq!((&made["software_statement"], &made["scope"]), (&json!(statement), &json!("openid")));
    assert_ne!(made["client_id"], "mine");
    let (path, token) = own(&made);
    let read = ask(&stage.server, ("GET", &path), Some(&token), &Value::Null).await.expect(200).json();
    assert_eq!(read["software_statement"], json!(statement));
    // An update needs one as well.
    let sent = website(&json!({ "client_id": made["client_id"] }));
    let answer = ask(&stage.server, ("PUT", &path), Some(&token), &sent).await;
    let _ = answer.refused(400, "invalid_software_statement");
    let sent = website(&json!({ "client_id": made["client_id"], "software_statement": statement }));
    let updated = ask(&stage.server, ("PUT", &path), Some(&token), &sent).await.expect(200).json();
    assert_eq!(updated["client_name"], "Signed name");
}

/// §2.2, §2.3: a name that is signed is not called otherwise in a language that nobody has signed.
#[tokio::test]
async fn a_signed_name_has_no_other_in_some_language() {
    let stage = Stage::new(true).await;
    let signed = json!({ "client_name#ja": "署名" });
    let statement = stage.signed(0, &json!({ "typ": "JWT" }), &Stage::claims(&signed));
    let sent = json!({
        "software_statement": statement, "client_name#en": "Your bank", "client_name#ja": "銀行",
        "client_uri#en": "https://bank.example/", "tos_uri#en": "https://app.example/terms",
    });
    let made = register(&stage.server, &website(&sent)).await.expect(201).json();
    assert_eq!((&made["client_name"], &made["client_name#ja"]), (&json!("Signed name"), &json!("署名")));
    for name in ["client_name#en", "client_uri#en"] {
        assert_eq!(made.get(name), None, "{name}");
    }
    assert_eq!(made["tos_uri#en"], "https://app.example/terms", "of which nothing is signed");
}

/// §3.2.2: what is no statement, or nobody's, is told apart; and nothing that was signed for something else is one.
#[tokio::test]
async fn what_is_no_statement_is_refused() {
    for required in [true, false] {
        let stage = Stage::new(required).await;
        let now = stage.server.app.clock.now().as_secs();
        let good = stage.signed(0, &json!({}), &Stage::claims(&json!({})));
        let sign =
            |key, header: Value, claims: Value| json!(stage.signed(key, &header, &Stage::claims(&claims)));
        let forged = format!("{}A", good.rsplit_once('.').unwrap().0);
        let alg_none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(Stage::claims(&json!({})).to_string())
        );
        for (statement, error) in [
            (json!("x"), "invalid_software_statement"),
            (json!(5), "invalid_software_statement"),
            (json!(forged), "invalid_software_statement"),
            (json!(alg_none), "invalid_software_statement"),
            // Another publisher's key signs nothing in the name of this one.
            (sign(1, json!({}), json!({})), "invalid_software_statement"),
            (sign(0, json!({}), json!({ "iss": OTHER })), "invalid_software_statement"),
            (sign(0, json!({}), json!({ "iss": "https://nobody.example" })), "unapproved_software_statement"),
            (sign(0, json!({}), json!({ "iss": 5 })), "invalid_software_statement"),
            (sign(0, json!({ "typ": "at+jwt" }), json!({})), "invalid_software_statement"),
            (sign(0, json!({ "typ": "logout+jwt" }), json!({})), "invalid_software_statement"),
            // An ID token of the publisher's is for somebody else.
            (sign(0, json!({}), json!({ "aud": "some-client", "sub": "ann" })), "invalid_software_statement"),
            (sign(0, json!({}), json!({ "exp": now - 61 })), "invalid_software_statement"),
            (sign(0, json!({}), json!({ "nbf": now + 3600 })), "invalid_software_statement"),
            (sign(0, json!({}), json!({ "exp": "soon" })), "invalid_software_statement"),
        ] {
            let told =
                stage.register(statement.clone()).await.refused(400, error).member("error_description");
            assert!(told.starts_with("software_statement: "), "{statement}: {told}");
        }
        for aud in [json!("https://id.example"), json!(["https://id.example/oauth2/register", "x"])] {
            let _ =
                stage.register(sign(0, json!({}), json!({ "aud": aud, "exp": now + 5 }))).await.expect(201);
        }
        let without = register(&stage.server, &website(&json!({}))).await;
        assert_eq!(without.status, if required { 400 } else { 201 }, "{}", without.text());
    }
}

/// §2: a server that believes nobody's passes them over.
#[tokio::test]
async fn where_nobodys_is_believed_it_is_passed_over() {
    let server = open().await;
    let made = register(&server, &website(&json!({ "software_statement": "x" }))).await.expect(201).json();
    assert_eq!(made.get("software_statement"), None);
}
