//! Rarely used choices of how a client's tokens are made. The token endpoint needs them, so that they lie with the client
//! itself; kept together as one JSON text, so that another choice is added here, where it is shown and where it is sent,
//! and needs no column.

use writ_jose::{Algorithm, Json, JsonObject};

use super::settings::after;
use super::{AssertionAudience, AuthAlg, Field, TokenRate, TokenSetting, TokenShape, Update, Violations};
use crate::reason::Reason;
use crate::settings::Switch;

/// What the ID tokens of a client tell of the person, beside who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdTokenClaims {
    /// Nothing: UserInfo tells the rest.
    Minimal,
    /// The claims of the scopes that were granted, as UserInfo does (OpenID Connect Core §5.4).
    #[default]
    Scopes,
}

impl IdTokenClaims {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Minimal, Self::Scopes];

    /// The word, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Scopes => "scopes",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What the header of a JWT access token calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Typ {
    /// As RFC 9068 §2.1 has it.
    #[default]
    AtJwt,
    /// What resource servers know that were there before RFC 9068.
    Jwt,
}

impl Typ {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AtJwt, Self::Jwt];

    /// The word, in the header, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtJwt => "at+jwt",
            Self::Jwt => "JWT",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|typ| typ.name() == name)
    }
}

/// The choices of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenChoices {
    /// What ID tokens tell of the person; none: as the tenant's do.
    pub id_token_claims: Option<IdTokenClaims>,
    /// What the header of JWT access tokens calls them.
    pub typ: Typ,
    /// What signed answers to authorization requests are signed with; none: what ID tokens of the tenant are.
    pub authorization_alg: Option<Algorithm>,
    /// What UserInfo is signed with; none: it is JSON, and nobody signs it.
    pub userinfo_alg: Option<Algorithm>,
    /// What answers about tokens are signed with, where the client asks for them signed; none: what ID tokens of the tenant
    /// are.
    pub introspection_alg: Option<Algorithm>,
    /// How fast it may get tokens; none: as fast as the tenant's clients.
    pub rate: Option<TokenRate>,
    /// What the client's assertions are signed with; none: whatever goes with its method.
    pub auth_alg: Option<AuthAlg>,
    /// Whom its assertions have to be for; none: whom the tenant says.
    pub assertion_audience: Option<AssertionAudience>,
    /// Whether its access tokens are always bound to a key (RFC 9449 §5.2).
    pub dpop_bound: Switch,
    /// Whether one token of it may be for several resources.
    pub multiple_resources: Switch,
}

/// What shall become of the choices, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct TokenChoicesPatch {
    /// What ID tokens tell of the person.
    pub id_token_claims: Update<IdTokenClaims>,
    /// What the header of JWT access tokens calls them.
    pub typ: Update<Typ>,
    /// What signed answers to authorization requests are signed with.
    pub authorization_alg: Update<Algorithm>,
    /// What UserInfo is signed with.
    pub userinfo_alg: Update<Algorithm>,
    /// What answers about tokens are signed with.
    pub introspection_alg: Update<Algorithm>,
    /// Whether access tokens are always bound to a key.
    pub dpop_bound: Update<Switch>,
    /// Whether one token of it may be for several resources.
    pub multiple_resources: Update<Switch>,
}

impl TokenChoicesPatch {
    /// The patch that says of every choice what it is.
    pub(super) fn restating(held: TokenChoices) -> Self {
        let typ = if held.typ == Typ::default() { Update::Clear } else { Update::Set(held.typ) };
        Self {
            id_token_claims: Update::sent(Some(held.id_token_claims)),
            typ,
            authorization_alg: Update::sent(Some(held.authorization_alg)),
            userinfo_alg: Update::sent(Some(held.userinfo_alg)),
            introspection_alg: Update::sent(Some(held.introspection_alg)),
            dpop_bound: Update::Set(held.dpop_bound),
            multiple_resources: Update::Set(held.multiple_resources),
        }
    }

    /// Changes the choices of a client whose access tokens have this shape.
    pub(super) fn apply_to(&self, held: &mut TokenChoices, shape: TokenShape, wrong: &mut Violations) {
        held.id_token_claims = self.id_token_claims.clone().over(held.id_token_claims);
        held.authorization_alg = self.authorization_alg.clone().over(held.authorization_alg);
        held.userinfo_alg = self.userinfo_alg.clone().over(held.userinfo_alg);
        held.introspection_alg = self.introspection_alg.clone().over(held.introspection_alg);
        held.dpop_bound = after(&self.dpop_bound, held.dpop_bound, Switch::Off);
        held.typ = after(&self.typ, held.typ, Typ::default());
        held.multiple_resources = after(&self.multiple_resources, held.multiple_resources, Switch::Off);
        if shape == TokenShape::Opaque {
            if self.typ == Update::Set(Typ::Jwt) {
                wrong.note(Field::from(TokenSetting::AccessTokenTyp), Reason::OpaqueHasNoHeader);
            }
            held.typ = Typ::default();
        }
    }
}

const ID_TOKEN_CLAIMS: &str = TokenSetting::IdTokenClaims.name();
const AUTHORIZATION_ALG: &str = TokenSetting::AuthorizationAlg.name();
const USERINFO_ALG: &str = TokenSetting::UserinfoAlg.name();
const INTROSPECTION_ALG: &str = TokenSetting::IntrospectionAlg.name();
const TYP: &str = TokenSetting::AccessTokenTyp.name();
const RATE: &str = TokenSetting::TokenRate.name();
const BURST: &str = TokenSetting::TokenBurst.name();
const AUTH_ALG: &str = TokenSetting::TokenEndpointAuthAlg.name();
const ASSERTION_AUDIENCE: &str = TokenSetting::ClientAssertionAudience.name();
const DPOP_BOUND: &str = TokenSetting::DpopBound.name();
const MULTIPLE_RESOURCES: &str = TokenSetting::MultipleResources.name();

impl TokenChoices {
    /// As stored: a JSON object of what is not the default; none where there is nothing.
    pub fn to_stored(self) -> Option<String> {
        if self == Self::default() {
            return None;
        }
        let mut json = JsonObject::with_capacity(64);
        if let Some(claims) = self.id_token_claims {
            json.string(ID_TOKEN_CLAIMS, claims.name());
        }
        if self.typ != Typ::default() {
            json.string(TYP, self.typ.name());
        }
        let algorithms = [
            (AUTHORIZATION_ALG, self.authorization_alg),
            (USERINFO_ALG, self.userinfo_alg),
            (INTROSPECTION_ALG, self.introspection_alg),
        ];
        for (name, algorithm) in algorithms {
            if let Some(algorithm) = algorithm {
                json.string(name, algorithm.name());
            }
        }
        if let Some(rate) = self.rate {
            json.number(RATE, rate.rate().into());
            if let Some(burst) = rate.chosen_burst() {
                json.number(BURST, burst.into());
            }
        }
        if let Some(alg) = self.auth_alg {
            json.string(AUTH_ALG, alg.name());
        }
        if let Some(audience) = self.assertion_audience {
            json.string(ASSERTION_AUDIENCE, audience.name());
        }
        if self.dpop_bound.is_on() {
            json.boolean(DPOP_BOUND, true);
        }
        if self.multiple_resources.is_on() {
            json.boolean(MULTIPLE_RESOURCES, true);
        }
        Some(json.finish())
    }

    /// From the stored text. What is not known here is passed over: a later version may have written it.
    pub fn from_stored(text: &str) -> Self {
        let json = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        let word = |name: &str| json.get(name).and_then(Json::as_str);
        let number =
            |name: &str| json.get(name).and_then(Json::as_i64).and_then(|number| u32::try_from(number).ok());
        Self {
            id_token_claims: word(ID_TOKEN_CLAIMS).and_then(IdTokenClaims::by_name),
            typ: word(TYP).and_then(Typ::by_name).unwrap_or_default(),
            authorization_alg: word(AUTHORIZATION_ALG).and_then(Algorithm::parse),
            userinfo_alg: word(USERINFO_ALG).and_then(Algorithm::parse),
            introspection_alg: word(INTROSPECTION_ALG).and_then(Algorithm::parse),
            rate: number(RATE).map(|rate| TokenRate::new(rate, number(BURST))),
            auth_alg: word(AUTH_ALG).and_then(AuthAlg::by_name),
            assertion_audience: word(ASSERTION_AUDIENCE).and_then(AssertionAudience::by_name),
            dpop_bound: Switch::from(json.get(DPOP_BOUND) == Some(&Json::Boolean(true))),
            multiple_resources: Switch::from(matches!(
                json.get(MULTIPLE_RESOURCES),
                Some(Json::Boolean(true))
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_defaults_are_not_written() {
        assert_eq!(TokenChoices::default().to_stored(), None);
        for id_token_claims in [None, Some(IdTokenClaims::Minimal), Some(IdTokenClaims::Scopes)] {
            for (typ, authorization_alg) in [(Typ::AtJwt, Some(Algorithm::Ps256)), (Typ::Jwt, None)] {
                for rate in [None, Some(TokenRate::new(7, None)), Some(TokenRate::new(7, Some(9)))] {
                    let choices = TokenChoices {
                        id_token_claims,
                        typ,
                        authorization_alg,
                        userinfo_alg: authorization_alg.map(|_| Algorithm::EdDsa),
                        introspection_alg: authorization_alg.map(|_| Algorithm::Rs256),
                        rate,
                        ..TokenChoices::default()
                    };
                    let stored = choices.to_stored().unwrap_or_else(|| "{}".to_owned());
                    assert_eq!(TokenChoices::from_stored(&stored), choices, "{stored}");
                }
            }
        }
        for auth_alg in AuthAlg::ALL.map(Some) {
            for assertion_audience in AssertionAudience::ALL.map(Some) {
                let dpop_bound = Switch::from(auth_alg == Some(AuthAlg::Secret));
                let choices =
                    TokenChoices { auth_alg, assertion_audience, dpop_bound, ..TokenChoices::default() };
                let stored = choices.to_stored().unwrap();
                assert_eq!(TokenChoices::from_stored(&stored), choices, "{stored}");
            }
        }
        let several = TokenChoices { multiple_resources: Switch::On, ..TokenChoices::default() };
        assert_eq!(TokenChoices::from_stored(&several.to_stored().unwrap()), several);
        let later = r#"{"id_token_claims":"all","something":1}"#;
        assert_eq!(TokenChoices::from_stored(later), TokenChoices::default());
    }
}
