//! Proofs that somebody holds a key (DPoP, RFC 9449): a token that is bound to a key is no good to whoever steals the token
//! alone. A proof is a JWT that brings its key, made for one request, and good once.

use writ_jose::{JoseError, Json, KeyBearing, typ_is};

use crate::assertion::numeric_date;
use crate::authenticate::ClientFacts;
use crate::confirmation::Confirmation;
use crate::decision::{Judgement, Refusal};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::key::CLOCK_SKEW;
use crate::reason::reasons;
use crate::secret::sha256;
use crate::settings::Switch;
use crate::time::{Micros, Seconds};
use crate::used_once::UsedOnce;

mod nonce;
mod target;
#[cfg(test)]
mod tests;

pub use nonce::Nonces;
use target::is_same_target;

/// How old a proof may be that bears no nonce of ours (RFC 9449 §11.1: seconds, or minutes).
pub const PROOF_LIFETIME: Seconds = Seconds(60);
/// Bytes of a proof at the most: one with an RSA key of 8192 bits has less than four thousand.
const PROOF_BYTES: usize = 8 * 1024;
/// What the header of a proof calls it (RFC 9449 §4.2).
const TYPE: &str = "dpop+jwt";

/// What a request brought in its `DPoP` header.
#[derive(Debug, Clone, Copy)]
pub enum SentProof<'a> {
    /// There is none.
    Nothing,
    /// A proof, as it was sent.
    One(&'a [u8]),
    /// More than one (RFC 9449 §4.3, item 1).
    Several,
}

/// Where a proof is shown.
#[derive(Debug, Clone, Copy)]
pub struct ProofPlace<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// Its address as its sender knows it, without query and fragment.
    pub url: &'a str,
    /// The access token that it comes with; none at endpoints that give some.
    pub token: Option<&'a str>,
    /// When, and which nonces are good.
    pub nonces: Nonces<'a>,
    /// Whether a proof has to bear one (RFC 9449 §8, §9).
    pub nonce_required: Switch,
}

/// What a good proof shows.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The key that its sender holds.
    pub key: Confirmation,
    /// What makes sure that it is used once.
    pub once: UsedOnce,
}

reasons! {
    /// Why a proof shows nothing.
    pub enum ProofFault {
        /// A proof is demanded, and none was sent.
        Missing = "dpop-missing";
        /// There is more than one (RFC 9449 §4.3, item 1).
        Several = "dpop-several";
        /// It is longer than any proof has to be.
        Long = "dpop-long";
        /// It is no JWT with a good key and a good signature (items 2, 5, 6 and 7).
        Form(why: JoseError) = "dpop-form";
        /// A claim is missing, or not of its type (item 3).
        Claim(name: &'static str) = "dpop-claim";
        /// It was made for another purpose (item 4).
        Type = "dpop-type";
        /// It is for another method (item 8).
        Method(method: Box<str>) = "dpop-method";
        /// It is for another address (item 9).
        Target(url: Box<str>) = "dpop-target";
        /// It bears no nonce, or one that is not good any more (item 10).
        Nonce = "dpop-nonce";
        /// It is too old (item 11).
        Old = "dpop-old";
        /// It is from the future (item 11).
        Early = "dpop-early";
        /// It was made for another access token (item 12).
        TokenHash = "dpop-token-hash";
        /// It was used before (§11.1).
        Used = "dpop-used";
        /// The access token is bound to another key (item 12).
        OtherKey = "dpop-other-key";
        /// The access token is bound to a key, and was sent as a bearer's (§7.2).
        Bound = "dpop-bound";
        /// The access token is bound to no key: it is a bearer's (§7.2).
        Unbound = "dpop-unbound";
        /// What was pushed names another key than the proof beside it (§10.1).
        OtherThumbprint = "dpop-other-thumbprint";
        /// `dpop_jkt` is no thumbprint (§10).
        Thumbprint = "dpop-thumbprint";
    }
}

impl ProofFault {
    /// As an endpoint says it that gives tokens (RFC 9449 §5, §8).
    pub fn of_token_request(self) -> OAuthError {
        let code = if self == Self::Nonce { ErrorCode::UseDpopNonce } else { ErrorCode::InvalidDpopProof };
        OAuthError::new(code, self)
    }

    /// As an API says it to whoever came with an access token (RFC 9449 §7.1, §9).
    pub fn of_call(self) -> OAuthError {
        let code = match self {
            Self::Nonce => ErrorCode::UseDpopNonceInCall,
            Self::OtherKey | Self::Bound | Self::Unbound => ErrorCode::InvalidToken,
            _ => ErrorCode::InvalidDpopProofOfCall,
        };
        OAuthError::new(code, self).challenged(Challenge::Dpop)
    }
}

/// What a proof shows, where there is one: RFC 9449 §4.3, without the last item, the key of the access token.
///
/// # Errors
/// [`ProofFault`], by the first check that fails. What costs most is done last.
pub fn proved(sent: SentProof<'_>, place: &ProofPlace<'_>) -> Result<Option<Proved>, ProofFault> {
    let text = match sent {
        SentProof::Nothing => return Ok(None),
        SentProof::Several => return Err(ProofFault::Several),
        SentProof::One(text) => text,
    };
    if text.len() > PROOF_BYTES {
        return Err(ProofFault::Long);
    }
    // What is not even text has other octets than base64url.
    let proof = KeyBearing::read(str::from_utf8(text).unwrap_or_default()).map_err(ProofFault::Form)?;
    if !proof.typ().is_some_and(|typ| typ_is(typ, TYPE)) {
        return Err(ProofFault::Type);
    }
    let claims = ProofClaims::read(proof.claims())?;
    claims.made_for(place)?;
    let until = claims.timely(place)?;
    claims.beside(place.token)?;
    proof.verify().map_err(ProofFault::Form)?;
    let thumbprint = proof.key().thumbprint();
    // Two keys may draw the same jti, and a jti may be long.
    let name = sha256(format!("dpop {thumbprint} {}", claims.id).as_bytes());
    let once = UsedOnce { name, expires_at: until, at: place.nonces.now };
    Ok(Some(Proved { key: Confirmation::Key(thumbprint.into()), once }))
}

/// What binds the tokens that a client asks for: the key that its request shows. Some clients, and those of some tenants, get
/// none without (RFC 9449 §5.2).
///
/// # Errors
/// `invalid_dpop_proof`, `use_dpop_nonce`.
pub fn binding(
    sent: SentProof<'_>,
    facts: &ClientFacts,
    place: &ProofPlace<'_>,
) -> Judgement<Option<Proved>> {
    match proved(sent, place) {
        Ok(None) if is_demanded(facts).is_on() => Err(ProofFault::Missing),
        judged => judged,
    }
    .map_err(|why| Refusal::new(why.of_token_request()))
}

/// Whether every token of a client has to be bound to a key.
pub fn is_demanded(facts: &ClientFacts) -> Switch {
    let (own, tenant) =
        (facts.client.tokens.choices.dpop_bound, facts.tenant.settings.dpop_bound_access_tokens);
    Switch::from(own.is_on() || tenant.is_on())
}

struct ProofClaims<'p> {
    id: &'p str,
    method: &'p str,
    target: &'p str,
    issued: Micros,
    nonce: Option<&'p str>,
    token_hash: Option<&'p str>,
}

impl<'p> ProofClaims<'p> {
    /// RFC 9449 §4.2.
    fn read(json: &'p Json) -> Result<Self, ProofFault> {
        let maybe = |name: &'static str| match json.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().filter(|text| !text.is_empty()).ok_or(ProofFault::Claim(name)).map(Some)
            }
        };
        let text = |name: &'static str| maybe(name)?.ok_or(ProofFault::Claim(name));
        Ok(Self {
            id: text("jti")?,
            method: text("htm")?,
            target: text("htu")?,
            issued: json.get("iat").and_then(numeric_date).ok_or(ProofFault::Claim("iat"))?,
            nonce: maybe("nonce")?,
            token_hash: maybe("ath")?,
        })
    }

    /// Items 8 and 9.
    fn made_for(&self, place: &ProofPlace<'_>) -> Result<(), ProofFault> {
        if self.method != place.method {
            return Err(ProofFault::Method(place.method.into()));
        }
        if is_same_target(self.target, place.url) {
            Ok(())
        } else {
            Err(ProofFault::Target(place.url.into()))
        }
    }

    /// Items 10 and 11, and until when the proof has to be remembered. A nonce of ours says better than the clock of its
    /// sender when the proof was made.
    fn timely(&self, place: &ProofPlace<'_>) -> Result<Micros, ProofFault> {
        match (self.nonce, place.nonce_required) {
            (Some(nonce), _) => return place.nonces.good_until(nonce).ok_or(ProofFault::Nonce),
            (None, Switch::On) => return Err(ProofFault::Nonce),
            (None, Switch::Off) => {}
        }
        let (now, until) = (place.nonces.now, self.issued.plus(PROOF_LIFETIME).plus(CLOCK_SKEW));
        if until <= now {
            Err(ProofFault::Old)
        } else if now.plus(CLOCK_SKEW) < self.issued {
            Err(ProofFault::Early)
        } else {
            Ok(until)
        }
    }

    /// The first half of item 12.
    fn beside(&self, token: Option<&str>) -> Result<(), ProofFault> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let Some(token) = token else { return Ok(()) };
        let hash = self.token_hash.ok_or(ProofFault::Claim("ath"))?;
        if hash == URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()).as_bytes()) {
            Ok(())
        } else {
            Err(ProofFault::TokenHash)
        }
    }
}
