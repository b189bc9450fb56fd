//! Assertions by which a client proves itself (RFC 7523 §2.2 and §3, OpenID Connect Core §9): what they say, and whether
//! that is good for this client, here and now. Whether the signature is good is a fact that the shell finds out.

use std::fmt;

use writ_jose::{Claimed, JoseError, Json, read_unverified, typ_is};

use crate::authenticate::ClientFacts;
use crate::client::{AssertionAudience, AuthAlg, Client};
use crate::key::CLOCK_SKEW;
use crate::secret::{Presented, sha256};
use crate::time::{Micros, Seconds};
use crate::used_once::UsedOnce;

/// The one value of `client_assertion_type` there is. RFC 7523 §2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion may end: it is remembered for so long.
const LONGEST: Seconds = Seconds(3600);

/// What the header may call an assertion: nothing, or one of these. What is called otherwise was made for something else
/// (RFC 8725 §3.11).
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// An assertion as it was sent. Nothing in it is believed.
#[derive(Clone)]
pub struct Assertion {
    token: Presented,
    alg: Option<AuthAlg>,
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
    claims: Claims,
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// What an assertion says.
#[derive(Debug, Clone)]
struct Claims {
    issuer: Option<Box<str>>,
    subject: Box<str>,
    audience: Vec<Box<str>>,
    expires: Option<Micros>,
    not_before: Option<Micros>,
    issued: Option<Micros>,
    id: Option<Box<str>>,
}

/// Why an assertion proves nothing: for the log and the audit log. Whoever sent it is told nothing but that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    /// It is no JWT of an acceptable form.
    #[error("client_assertion: {0}")]
    Form(JoseError),
    /// A claim is missing, or not of its type.
    #[error("client_assertion: the claim {0} is missing or not what it has to be")]
    Claim(&'static str),
    /// RFC 7523 §3: issuer and subject are the client.
    #[error("client_assertion: iss and sub are not both the client_id")]
    Identity,
    /// It is for somebody else.
    #[error("client_assertion: aud is not {0}")]
    Audience(Box<str>),
    /// It was for somebody else too.
    #[error(
        "client_assertion: aud has to be the issuer alone, unless client_assertion_audience is token_endpoint"
    )]
    Audiences,
    /// Its time is over.
    #[error("client_assertion: has expired")]
    Expired,
    /// Its time is not yet.
    #[error("client_assertion: is from the future; are the clocks right?")]
    Early,
    /// It ends too late to be remembered for so long.
    #[error("client_assertion: exp is more than {} s ahead", LONGEST.0)]
    Long,
    /// It was made for another purpose.
    #[error("client_assertion: typ is that of another sort of token")]
    Type,
    /// It is signed with what this client does not sign with.
    #[error("client_assertion: alg is not one that this client may sign with")]
    Algorithm,
    /// No key of the client has signed it.
    #[error("client_assertion: {0}")]
    Signature(JoseError),
    /// The client has no key, or no secret, to verify it with.
    #[error("client_assertion: {0}")]
    Keyless(&'static str),
    /// The client's keys could not be fetched.
    #[error("client_assertion: the keys at jwks_uri cannot be had: {0}")]
    Unfetched(Box<str>),
    /// It was used before.
    #[error("client_assertion: was used before (jti)")]
    Used,
}

impl Assertion {
    /// Reads an assertion.
    ///
    /// # Errors
    /// [`AssertionFault`]: it is no JWT that names a client.
    pub fn read(text: &str) -> Result<Self, AssertionFault> {
        let Claimed { alg, kid, typ, claims } = read_unverified(text).map_err(AssertionFault::Form)?;
        Ok(Self {
            token: Presented::new(text.to_owned()),
            alg: AuthAlg::by_name(&alg),
            kid: kid.map(Into::into),
            typ: typ.map(Into::into),
            claims: Claims::read(&claims)?,
        })
    }

    /// The client that it names.
    pub fn subject(&self) -> &str {
        &self.claims.subject
    }

    /// The whole text, to be verified.
    pub fn token(&self) -> &Presented {
        &self.token
    }

    /// Whether it would prove this client to be itself, were its signature good.
    ///
    /// # Errors
    /// [`AssertionFault`].
    pub fn suits(&self, facts: &ClientFacts, now: Micros) -> Result<(), AssertionFault> {
        let claims = &self.claims;
        if self.typ.as_deref().is_some_and(|typ| !TYPES.iter().any(|known| typ_is(typ, known))) {
            return Err(AssertionFault::Type);
        }
        self.signed_as(&facts.client)?;
        let client_id = &*facts.client.client_id;
        if claims.issuer.as_deref() != Some(client_id) || *claims.subject != *client_id {
            return Err(AssertionFault::Identity);
        }
        claims.meant_for(facts)?;
        claims.timely(now)?;
        claims.id.as_ref().map(drop).ok_or(AssertionFault::Claim("jti"))
    }

    /// RFC 8725 §3.1: what a client signs with is its registration's to say, never the assertion's.
    fn signed_as(&self, client: &Client) -> Result<(), AssertionFault> {
        let may = |alg: &AuthAlg| {
            let own = client.tokens.choices.auth_alg;
            alg.goes_with(client.auth_method) && own.is_none_or(|own| own == *alg)
        };
        self.alg.filter(may).map(drop).ok_or(AssertionFault::Algorithm)
    }

    /// What makes sure that it is used once; none: it could not be told from another one.
    pub fn used(&self, client: &Client, now: Micros) -> Option<UsedOnce> {
        let (id, expires) = (self.claims.id.as_deref()?, self.claims.expires?);
        let name = sha256(&[&client.id.to_bytes()[..], id.as_bytes()].concat());
        Some(UsedOnce { name, expires_at: expires.plus(CLOCK_SKEW), at: now })
    }
}

impl Claims {
    fn read(json: &Json) -> Result<Self, AssertionFault> {
        let text = |name: &'static str| match json.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().filter(|text| !text.is_empty()).ok_or(AssertionFault::Claim(name)).map(Some)
            }
        };
        let time = |name: &'static str| match json.get(name) {
            None => Ok(None),
            Some(value) => numeric_date(value).ok_or(AssertionFault::Claim(name)).map(Some),
        };
        Ok(Self {
            issuer: text("iss")?.map(Into::into),
            subject: text("sub")?.ok_or(AssertionFault::Claim("sub"))?.into(),
            audience: audience(json).ok_or(AssertionFault::Claim("aud"))?,
            expires: time("exp")?,
            not_before: time("nbf")?,
            issued: time("iat")?,
            id: text("jti")?.map(Into::into),
        })
    }

    /// RFC 7523 §3, rule 3. One that is for somebody else too could be used here by whoever that is: it is refused, unless
    /// somebody has said otherwise.
    fn meant_for(&self, facts: &ClientFacts) -> Result<(), AssertionFault> {
        let own = facts.client.tokens.choices.assertion_audience;
        let issuer = &*facts.issuer;
        let names = |wanted: &str| self.audience.iter().any(|name| **name == *wanted);
        match own.or(facts.tenant.settings.assertion_audience).unwrap_or_default() {
            AssertionAudience::Issuer => match (names(issuer), self.audience.len()) {
                (true, 1) => Ok(()),
                (true, _) => Err(AssertionFault::Audiences),
                (false, _) => Err(AssertionFault::Audience(issuer.into())),
            },
            AssertionAudience::TokenEndpoint => {
                let endpoint = token_endpoint(issuer);
                let wanted = || AssertionFault::Audience(format!("{issuer} or {endpoint}").into());
                (names(issuer) || names(&endpoint)).then_some(()).ok_or_else(wanted)
            }
        }
    }

    /// RFC 7523 §3, rules 4 to 6.
    fn timely(&self, now: Micros) -> Result<(), AssertionFault> {
        let expires = self.expires.ok_or(AssertionFault::Claim("exp"))?;
        if expires.plus(CLOCK_SKEW) <= now {
            return Err(AssertionFault::Expired);
        }
        if now.plus(LONGEST).plus(CLOCK_SKEW) < expires {
            return Err(AssertionFault::Long);
        }
        let is_early = |time: Micros| now.plus(CLOCK_SKEW) < time;
        if self.not_before.is_some_and(is_early) || self.issued.is_some_and(is_early) {
            return Err(AssertionFault::Early);
        }
        Ok(())
    }
}

/// The address of the token endpoint of an issuer.
pub fn token_endpoint(issuer: &str) -> String {
    format!("{issuer}/oauth2/token")
}

/// RFC 7519 §4.1.3: a text, or a list of texts.
pub(crate) fn audience(json: &Json) -> Option<Vec<Box<str>>> {
    match json.get("aud")? {
        Json::String(only) => Some(vec![only.as_str().into()]),
        Json::Array(all) => all.iter().map(|one| one.as_str().map(Into::into)).collect(),
        Json::Null | Json::Boolean(_) | Json::Integer(_) | Json::Float(_) | Json::Object(_) => None,
    }
}

/// RFC 7519 §2: seconds since 1970, maybe with a fraction, which is left away.
pub(crate) fn numeric_date(value: &Json) -> Option<Micros> {
    let seconds = match value {
        Json::Integer(seconds) => *seconds,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the bounds of i64 are kept, and the fraction is left away"
        )]
        Json::Float(seconds) => *seconds as i64,
        Json::Null | Json::Boolean(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => return None,
    };
    (seconds >= 0).then(|| Micros::from_secs(seconds))
}

#[cfg(test)]
mod tests;
