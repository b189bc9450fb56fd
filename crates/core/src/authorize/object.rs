//! Request objects (RFC 9101, OpenID Connect Core §6): an authorization request in a JWT of its client's. Only what is in
//! it counts; what stands beside it may not contradict it. Whether the signature is good is a fact that the shell finds
//! out.

use std::fmt;

use writ_jose::{Claimed, JoseError, Json, read_unverified, typ_is};

use super::request::REQUEST_LIMIT;
use crate::assertion::{audience, numeric_date};
use crate::client::{ObjectAlg, RegisteredClient};
use crate::error::{ErrorCode, OAuthError};
use crate::form::{Form, write_pair};
use crate::key::CLOCK_SKEW;
use crate::reason::reasons;
use crate::secret::Presented;
use crate::settings::Switch;
use crate::time::Micros;

/// What the header may call an object: nothing, or one of these. What is called otherwise was made for something else
/// (RFC 9101 §10.8.1, RFC 8725 §3.11).
const TYPES: [&str; 2] = ["JWT", "oauth-authz-req+jwt"];

/// Members that are about the object, and no parameters (RFC 9101 §4).
const ABOUT: [&str; 8] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "client_id"];

/// Parameters that are read of a request: one of another type than text or a whole number would silently not count.
const READ: [&str; 17] = [
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "display",
    "claims",
];

/// A request object as it was sent. Nothing in it is believed.
#[derive(Clone)]
pub struct RequestObject {
    token: Presented,
    alg: Option<ObjectAlg>,
    typ: Option<Box<str>>,
    claims: Json,
}

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject")
            .field("alg", &self.alg)
            .field("typ", &self.typ)
            .finish_non_exhaustive()
    }
}

/// What the request object is worth that a request came in.
#[derive(Debug, Clone)]
pub enum Object {
    /// There is none.
    Absent,
    /// It is good, and nobody has signed it: so the client is registered.
    Unsigned,
    /// It is good, and the client has signed it.
    Signed,
    /// It is none of the client's, or not for here and now. Where it says the answer goes holds all the same, as far as that
    /// is registered: anybody can send the client an error.
    Bad(OAuthError),
}

reasons! {
    /// Why a request object does not count.
    pub enum ObjectError {
        /// It is no JWT of an acceptable form.
        Form(why: JoseError) = "object-form";
        /// It was made for another purpose.
        Type = "object-type";
        /// It is signed with what this client does not sign with.
        Algorithm = "object-algorithm";
        /// It says that nobody has signed it, and has a signature.
        NotUnsigned = "object-not-unsigned";
        /// It is an assertion by which a client proves itself.
        Assertion = "object-assertion";
        /// A claim is missing that a signed object has to have here.
        Missing(name: &'static str) = "object-missing";
        /// A claim or parameter is not of its type.
        Member(name: Box<str>) = "object-member";
        /// It is another client's.
        Client(name: &'static str) = "object-client";
        /// It is for somebody else.
        Audience = "object-audience";
        /// Its time is over.
        Expired = "object-expired";
        /// Its time is not yet.
        Early = "object-early";
        /// An object in an object (RFC 9101 §4).
        Nested(name: &'static str) = "object-nested";
        /// It has more in it than a request may.
        Long = "object-long";
        /// A parameter beside it says something else (OpenID Connect Core §6.1).
        Beside(name: &'static str) = "object-beside";
        /// No key or secret of the client's has signed it.
        Signature = "object-signature";
        /// It is encrypted, and not so that it can be opened here.
        Encryption = "object-encryption";
    }
}

impl From<ObjectError> for OAuthError {
    fn from(why: ObjectError) -> Self {
        Self::new(ErrorCode::InvalidRequestObject, why)
    }
}

/// What an object is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judging<'a> {
    /// Who has to have made it.
    pub client: &'a RegisteredClient,
    /// Whom it has to be for.
    pub issuer: &'a str,
    /// Whether signed objects are demanded: then they say for whom and until when they are good.
    pub demanded: Switch,
    /// When.
    pub now: Micros,
}

impl RequestObject {
    /// Reads an object.
    ///
    /// # Errors
    /// [`ObjectError`]: it is no JWT.
    pub fn read(text: &str) -> Result<Self, ObjectError> {
        let Claimed { alg, kid: _, typ, claims } = read_unverified(text).map_err(ObjectError::Form)?;
        let alg = ObjectAlg::by_name(&alg);
        if alg == Some(ObjectAlg::None) && !text.ends_with('.') {
            return Err(ObjectError::NotUnsigned);
        }
        Ok(Self { token: Presented::new(text.to_owned()), alg, typ: typ.map(Into::into), claims })
    }

    /// Whether a text is an encrypted object: then the object is within (RFC 9101 §6.1, RFC 7516 §9).
    pub fn is_encrypted(text: &str) -> bool {
        text.bytes().filter(|byte| *byte == b'.').count() == 4
    }

    /// The whole text, to be verified.
    pub fn token(&self) -> &Presented {
        &self.token
    }

    /// Whether it would be good, were its signature; and with what that has to be made.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub fn suits(&self, judging: &Judging<'_>) -> Result<ObjectAlg, ObjectError> {
        let client = &judging.client.client;
        if self.typ.as_deref().is_some_and(|typ| !TYPES.iter().any(|known| typ_is(typ, known))) {
            return Err(ObjectError::Type);
        }
        // RFC 8725 §3.1: what a client signs with is its registration's to say, never the object's.
        let requesting = &judging.client.registration.metadata.request;
        let alg =
            self.alg.filter(|alg| requesting.may(*alg, client.auth_method)).ok_or(ObjectError::Algorithm)?;
        self.made_by(&client.client_id, judging)?;
        self.meant_for(judging)?;
        self.timely(judging)?;
        Ok(alg)
    }

    fn text(&self, name: &'static str) -> Result<Option<&str>, ObjectError> {
        let wrong = || ObjectError::Member(name.into());
        self.claims.get(name).map(|value| value.as_str().ok_or_else(wrong)).transpose()
    }

    /// RFC 9101 §4, §5, §10.8.
    fn made_by(&self, client_id: &str, judging: &Judging<'_>) -> Result<(), ObjectError> {
        for name in ["iss", "client_id"] {
            if self.text(name)?.is_some_and(|named| named != client_id) {
                return Err(ObjectError::Client(name));
            }
        }
        if judging.demanded.is_on() && self.claims.get("iss").is_none() {
            return Err(ObjectError::Missing("iss"));
        }
        if self.claims.get("sub").and_then(Json::as_str) == Some(client_id) {
            return Err(ObjectError::Assertion);
        }
        Ok(())
    }

    /// RFC 9101 §4: one that is for another server was maybe never meant to be seen here.
    fn meant_for(&self, judging: &Judging<'_>) -> Result<(), ObjectError> {
        if self.claims.get("aud").is_none() {
            return if judging.demanded.is_on() { Err(ObjectError::Missing("aud")) } else { Ok(()) };
        }
        let names = audience(&self.claims).ok_or_else(|| ObjectError::Member("aud".into()))?;
        if names.iter().any(|name| **name == *judging.issuer) { Ok(()) } else { Err(ObjectError::Audience) }
    }

    /// RFC 7519 §4.1.4 to §4.1.6.
    fn timely(&self, judging: &Judging<'_>) -> Result<(), ObjectError> {
        let time = |name: &'static str| match self.claims.get(name) {
            None => Ok(None),
            Some(value) => numeric_date(value).ok_or_else(|| ObjectError::Member(name.into())).map(Some),
        };
        let (expires, now) = (time("exp")?, judging.now);
        if expires.is_none() && judging.demanded.is_on() {
            return Err(ObjectError::Missing("exp"));
        }
        if expires.is_some_and(|end| end.plus(CLOCK_SKEW) <= now) {
            return Err(ObjectError::Expired);
        }
        let is_early = |time: Option<Micros>| time.is_some_and(|time| now.plus(CLOCK_SKEW) < time);
        if is_early(time("nbf")?) || is_early(time("iat")?) { Err(ObjectError::Early) } else { Ok(()) }
    }

    /// The parameters in it, form-encoded as those of any request, for the client that is named beside it.
    ///
    /// # Errors
    /// [`ObjectError`]: what can be no parameter, or leads to another object.
    pub fn parameters(&self, client_id: &str) -> Result<String, ObjectError> {
        let mut form = String::with_capacity(512);
        write_pair("client_id", client_id, &mut form);
        for (name, value) in self.claims.as_object().into_iter().flatten() {
            if let Some(nested) = ["request", "request_uri"].into_iter().find(|nested| nested == name) {
                return Err(ObjectError::Nested(nested));
            }
            if ABOUT.contains(&&**name) {
                continue;
            }
            if let ("resource", Json::Array(several)) = (&**name, value) {
                // RFC 8707 §2.1: as in a request, there may be several.
                for one in several {
                    let one = one.as_str().ok_or_else(|| ObjectError::Member(name.as_str().into()))?;
                    form.push('&');
                    write_pair(name, one, &mut form);
                }
                continue;
            }
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Integer(number) => number.to_string(),
                Json::Object(_) if name == "claims" => value.to_string(),
                Json::Null | Json::Boolean(_) | Json::Float(_) | Json::Array(_) | Json::Object(_)
                    if READ.contains(&&**name) =>
                {
                    return Err(ObjectError::Member(name.as_str().into()));
                }
                // What nobody reads here need not be understood.
                Json::Null | Json::Boolean(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => continue,
            };
            form.push('&');
            write_pair(name, &text, &mut form);
        }
        if form.len() > REQUEST_LIMIT { Err(ObjectError::Long) } else { Ok(form) }
    }

    /// Whether what stands beside it is the same as in it, where OAuth demands it there (OpenID Connect Core §6.1). All
    /// else beside it is passed over (RFC 9101 §6.3).
    ///
    /// # Errors
    /// [`ObjectError::Beside`].
    pub fn agrees_with(&self, beside: &Form<'_>) -> Result<(), ObjectError> {
        let inside = |name: &str| self.claims.get(name).and_then(Json::as_str).unwrap_or_default();
        if beside.get("response_type").is_some_and(|sent| sent != inside("response_type")) {
            return Err(ObjectError::Beside("response_type"));
        }
        let mut words = beside.get("scope").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        let scope = inside("scope");
        if words.all(|word| scope.split(' ').any(|known| known == word)) {
            Ok(())
        } else {
            Err(ObjectError::Beside("scope"))
        }
    }
}

#[cfg(test)]
mod tests;
