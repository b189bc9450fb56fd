//! What a client proves itself with where it signs an assertion (OpenID Connect Core §9), and whether all of that fits
//! together: the method, its algorithm, the client's keys or where they are.

use writ_jose::{Algorithm, HS256};

use super::{AuthMethod, Field, Rare, Registration, TokenChoices, TokenSetting, Update, Violations};
use crate::reason::Reason;

/// What an assertion is signed with (`token_endpoint_auth_signing_alg`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthAlg {
    /// HS256, under the client's secret.
    Secret,
    /// One under a key of the client's.
    Key(Algorithm),
}

impl AuthAlg {
    /// All of them, in the order in which metadata lists them.
    pub const ALL: [Self; 5] = {
        let [es, rs, ps, ed] = Algorithm::ALL;
        [Self::Key(es), Self::Key(rs), Self::Key(ps), Self::Key(ed), Self::Secret]
    };

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secret => HS256,
            Self::Key(algorithm) => algorithm.name(),
        }
    }

    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// Whether a client with this method may sign so: no secret is ever taken for a key, and no key for a secret.
    pub const fn goes_with(self, method: AuthMethod) -> bool {
        match (self, method) {
            (Self::Secret, AuthMethod::SecretJwt) | (Self::Key(_), AuthMethod::PrivateKeyJwt) => true,
            (
                Self::Secret | Self::Key(_),
                AuthMethod::SecretBasic
                | AuthMethod::SecretPost
                | AuthMethod::AnySecret
                | AuthMethod::SecretJwt
                | AuthMethod::PrivateKeyJwt
                | AuthMethod::None,
            ) => false,
        }
    }
}

/// Whom an assertion has to be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssertionAudience {
    /// The issuer, and nobody else beside it: whoever else was named could use the assertion here.
    #[default]
    Issuer,
    /// The issuer or the token endpoint, alone or among others: as RFC 7523 §3 has it, and older libraries do.
    TokenEndpoint,
}

impl AssertionAudience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Issuer, Self::TokenEndpoint];

    /// The word, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::TokenEndpoint => "token_endpoint",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What a client has to prove itself with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) method: AuthMethod,
    pub(super) registration: &'a Registration,
}

/// What shall become of how the client signs assertions, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct ProvingPatch {
    /// What they are signed with; cleared: whatever goes with the method.
    pub alg: Update<AuthAlg>,
    /// Whom they have to be for; cleared: whom the tenant says.
    pub audience: Update<AssertionAudience>,
}

impl ProvingPatch {
    /// The patch that says of it what it is.
    pub(super) fn restating(held: TokenChoices) -> Self {
        Self { alg: Update::sent(Some(held.auth_alg)), audience: Update::sent(Some(held.assertion_audience)) }
    }

    /// Changes it, once method and keys are what they shall be.
    pub(super) fn apply_to(&self, choices: &mut TokenChoices, means: Means<'_>, wrong: &mut Violations) {
        let method = means.method;
        choices.assertion_audience = self.audience.clone().over(choices.assertion_audience);
        choices.auth_alg = self.alg.clone().over(choices.auth_alg).filter(|alg| {
            let goes = alg.goes_with(method);
            // One that was for the method before goes with that.
            if !goes && self.alg == Update::Set(*alg) {
                let why = Reason::AlgNotOfMethod { alg: alg.name().into(), method: method.name().into() };
                wrong.note(TokenSetting::TokenEndpointAuthAlg, why);
            }
            goes
        });
        means.suffice(choices.auth_alg, wrong);
    }
}

impl Means<'_> {
    /// Notes what is missing, or there twice.
    fn suffice(&self, alg: Option<AuthAlg>, wrong: &mut Violations) {
        let (jwks, at) = (&self.registration.jwks, &self.registration.metadata.jwks_uri);
        if at.is_some() && jwks.is_some() {
            let why = Reason::JwksUriBesideJwks;
            wrong.note(Rare::JwksUri, why);
        }
        let is_noted = wrong.has(&TokenSetting::Jwks.into()) || wrong.has(&Rare::JwksUri.into());
        if self.method != AuthMethod::PrivateKeyJwt || at.is_some() || is_noted {
            return;
        }
        match jwks {
            None => wrong.note(Field::AuthMethod, Reason::PrivateKeyJwtNeedsKeys),
            Some(jwks) if jwks.verifying(alg).is_empty() => {
                let why = alg.map_or(Reason::NoKeyToVerify, |alg| Reason::NoKeyToVerifyWith {
                    alg: alg.name().into(),
                });
                wrong.note(TokenSetting::Jwks, why);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
