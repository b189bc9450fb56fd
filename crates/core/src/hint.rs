//! `id_token_hint`: an ID token of ours that comes back and says which person, and which client, is meant (OpenID Connect
//! Core §3.1.2.1, RP-Initiated Logout 1.0 §2). It may have expired, and is no credential.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_jose::{Json, JwtType, VerifyingKey, verify_compact};

use crate::subject::Subject;

/// What such a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hinted {
    /// Who.
    pub subject: Subject,
    /// The public id of the client that it was for.
    pub client_id: Box<str>,
    /// What that client knows the sign-in by.
    pub sid: Option<Box<str>>,
}

/// A hint as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentHint {
    /// There is none.
    Nothing,
    /// It is an ID token of this issuer.
    Token(Hinted),
    /// It is not.
    Bad,
}

/// The key that a token says it was signed with; nothing else of it is believed before that key says so.
pub fn kid(token: &str) -> Option<String> {
    let (header, _) = token.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    Json::parse(&header).ok()?.get("kid")?.as_str().map(str::to_owned)
}

/// Reads a token that this issuer has signed with `key`, however long ago. `None`: it is no ID token of the issuer's.
pub fn read(token: &str, key: VerifyingKey, issuer: &str) -> Option<Hinted> {
    let algorithm = key.algorithm();
    let verified = verify_compact(token, &[key], &[algorithm]).ok()?;
    // An access token bears another type (RFC 9068 §2.1), unless its client wants it otherwise.
    if verified.header.typ.as_deref().is_some_and(|typ| !JwtType::IdToken.is_named_by(typ)) {
        return None;
    }
    let claims = verified.claims().ok()?;
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    // Every ID token ends (§2); what UserInfo has signed does not.
    claims.get("exp").and_then(Json::as_i64)?;
    // Every access token names its client and its row; no ID token does.
    if claims.get("client_id").is_some() || claims.get("jti").is_some() || text("iss") != Some(issuer) {
        return None;
    }
    Some(Hinted {
        subject: text("sub").and_then(Subject::parse)?,
        client_id: text("aud")?.into(),
        sid: text("sid").map(Box::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::ISSUER;
    use crate::ids::UserId;
    use writ_jose::{Algorithm, SigningKey};

    const CLAIMS: &str = r#"{"iss":"https://id.example","sub":"SUB","aud":"app","exp":1}"#;

    fn claims() -> String {
        CLAIMS.replace("SUB", &Subject::of(UserId::from_bytes([7; 16])).to_string())
    }

    fn tried(typ: JwtType, claims: &str) -> Option<Hinted> {
        let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let token = key.sign_compact(typ, claims.as_bytes()).unwrap();
        assert_eq!(kid(&token).as_deref(), Some(key.kid()));
        let public = VerifyingKey::from_jwk(key.public_jwk()).unwrap();
        read(&token, public, ISSUER)
    }

    /// Core §3.1.2.1: its expiry does not matter.
    #[test]
    fn an_id_token_of_the_issuer_says_whose_it_was_and_for_whom() {
        let hinted = tried(JwtType::IdToken, &claims()).unwrap();
        let subject = Subject::of(UserId::from_bytes([7; 16]));
        assert_eq!(hinted, Hinted { subject, client_id: "app".into(), sid: None });
        let of_a_sign_in = claims().replacen('{', r#"{"sid":"s","#, 1);
        assert_eq!(tried(JwtType::IdToken, &of_a_sign_in).unwrap().sid.as_deref(), Some("s"));
    }

    /// RFC 8725 §3.11 and §3.12: no token of another kind, or of another issuer, is taken for one.
    #[test]
    fn nothing_else_is_a_hint() {
        assert_eq!(tried(JwtType::AccessToken, &claims()), None);
        assert_eq!(tried(JwtType::LogoutToken, &claims()), None);
        assert_eq!(tried(JwtType::UserInfo, &claims()), None);
        assert_eq!(tried(JwtType::Introspection, &claims()), None);
        assert_eq!(tried(JwtType::IdToken, &claims().replace(",\"exp\":1", "")), None, "every ID token ends");
        let access = claims().replacen('{', r#"{"jti":"x","client_id":"app","#, 1);
        assert_eq!(tried(JwtType::IdToken, &access), None, "an access token whose typ is JWT");
        assert_eq!(tried(JwtType::IdToken, &claims().replace("id.example", "id.example/t/acme")), None);
        assert_eq!(tried(JwtType::IdToken, &claims().replace("\"sub\"", "\"subject\"")), None);
        assert_eq!(tried(JwtType::IdToken, &claims().replace("\"app\"", "[\"app\",\"b\"]")), None);
        for text in ["", ".", "a.b.c", "eyJraWQiOjF9.e30.x"] {
            assert_eq!(kid(text), None, "{text}");
        }
    }

    #[test]
    fn another_keys_signature_is_none() {
        let [ours, theirs] = [(); 2].map(|()| SigningKey::generate(Algorithm::EdDsa).unwrap());
        let token = theirs.sign_compact(JwtType::IdToken, claims().as_bytes()).unwrap();
        assert_eq!(read(&token, VerifyingKey::from_jwk(ours.public_jwk()).unwrap(), ISSUER), None);
    }
}
