//! Software statements (RFC 7591 §2.3): what somebody whom the tenant trusts has signed of an application.

use std::collections::BTreeMap;

use writ_jose::{Algorithm, Claimed, JoseError, Json, read_unverified, typ_is, verify_compact};

use crate::error::{ErrorCode, OAuthError};
use crate::key::CLOCK_SKEW;
use crate::reason::Reason;
use crate::settings::RegistrationPolicy;
use crate::time::Micros;

/// What the header may call a statement: nothing, or this. What is called otherwise was made for something else
/// (RFC 8725 §3.11).
const TYPE: &str = "JWT";

/// What a statement that was verified says.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// As it was sent.
    pub text: Box<str>,
    /// Its claims: they count for more than what was sent beside it.
    pub claims: BTreeMap<String, Json>,
}

/// Verifies a statement for an issuer of ours, whose registration endpoint this is. None: there is none, and none is
/// needed, or nobody's is believed here, and it is passed over (RFC 7591 §2).
///
/// # Errors
/// `invalid_software_statement`, `unapproved_software_statement`.
pub fn verify(
    policy: &RegistrationPolicy,
    sent: Option<&str>,
    (issuer, endpoint): (&str, &str),
    now: Micros,
) -> Result<Option<Statement>, OAuthError> {
    let is_needed = policy.software_statement_required.is_on();
    let Some(text) = sent.filter(|_| is_needed || !policy.software_issuers.is_empty()) else {
        return if is_needed { Err(invalid(Reason::StatementMissing)) } else { Ok(None) };
    };
    let form = |error: JoseError| invalid(Reason::StatementForm).internally(error);
    let Claimed { claims, .. } = read_unverified(text).map_err(form)?;
    let by = claims.get("iss").and_then(Json::as_str).ok_or_else(|| invalid(Reason::StatementNoIssuer))?;
    // A key is one issuer's: nobody signs in the name of another.
    let trusted = policy.software_issuers.iter().find(|one| *one.issuer == *by);
    let trusted = trusted
        .ok_or_else(|| OAuthError::new(ErrorCode::UnapprovedSoftwareStatement, Reason::StatementUntrusted))?;
    let verified = verify_compact(text, &trusted.jwks.verifying(None), &Algorithm::ALL)
        .map_err(|error| invalid(Reason::StatementSignature).internally(error))?;
    if verified.header.typ.as_deref().is_some_and(|typ| !typ_is(typ, TYPE)) {
        return Err(invalid(Reason::StatementType));
    }
    let claims = verified.claims().map_err(form)?;
    timely(&claims, now)?;
    meant_for(&claims, [issuer, endpoint])?;
    let claims = claims.as_object().cloned().unwrap_or_default();
    Ok(Some(Statement { text: text.into(), claims }))
}

fn invalid(why: Reason) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidSoftwareStatement, why)
}

fn timely(claims: &Json, now: Micros) -> Result<(), OAuthError> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(Json::Integer(seconds)) if *seconds >= 0 => Ok(Some(Micros::from_secs(*seconds))),
        Some(_) => Err(invalid(Reason::StatementTime { name: name.into() })),
    };
    if time("exp")?.is_some_and(|end| end.plus(CLOCK_SKEW) <= now) {
        return Err(invalid(Reason::StatementExpired));
    }
    let is_early = |start: Micros| now.plus(CLOCK_SKEW) < start;
    if time("nbf")?.is_some_and(is_early) || time("iat")?.is_some_and(is_early) {
        return Err(invalid(Reason::StatementEarly));
    }
    Ok(())
}

/// One that is for somebody, such as an ID token that the same key has signed, is for us.
fn meant_for(claims: &Json, ours: [&str; 2]) -> Result<(), OAuthError> {
    let is_ours = |one: &Json| one.as_str().is_some_and(|name| ours.contains(&name));
    let good = match claims.get("aud") {
        None => true,
        Some(Json::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(one),
    };
    if good { Ok(()) } else { Err(invalid(Reason::StatementAudience)) }
}
