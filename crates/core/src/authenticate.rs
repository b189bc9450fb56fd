//! Client authentication (RFC 6749 §2.3) as a closed set of methods.

use std::fmt;
use std::sync::Arc;

use crate::assertion::{ASSERTION_TYPE, Assertion, AssertionFault};
use crate::authority::Permissions;
use crate::authorization::Authorization;
use crate::client::{AuthMethod, Client, SecretProof};
use crate::decision::{Judgement, Refusal};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::form::Form;
use crate::networks::{ListOf, Whence};
use crate::reason::Reason;
use crate::secret::Presented;
use crate::tenant::Tenant;
use crate::time::Micros;
use crate::token::Basis;
use crate::used_once::UsedOnce;

/// How a client says who it is.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The `client_id` it names.
    pub client_id: String,
    /// How it proves it.
    pub proof: Proof,
}

/// The proof that comes with a `client_id`.
#[derive(Debug, Clone)]
pub enum Proof {
    /// `client_secret_basic`.
    Basic(Presented),
    /// `client_secret_post`.
    Post(Presented),
    /// `client_secret_jwt` or `private_key_jwt`: which of the two, its registration says.
    Assertion(Box<Assertion>),
    /// `none`: a public client only names itself.
    None,
}

impl Proof {
    /// Whether this is how a client authenticates that is registered for `method`.
    const fn is_by(&self, method: AuthMethod) -> bool {
        match method {
            AuthMethod::SecretBasic => matches!(self, Self::Basic(_)),
            AuthMethod::SecretPost => matches!(self, Self::Post(_)),
            AuthMethod::AnySecret => matches!(self, Self::Basic(_) | Self::Post(_)),
            AuthMethod::SecretJwt | AuthMethod::PrivateKeyJwt => matches!(self, Self::Assertion(_)),
            AuthMethod::None => matches!(self, Self::None),
        }
    }
}

/// For the log: which method was to be used (`token_endpoint_auth_method`, RFC 7591 §2).
const fn not_by(registered: AuthMethod) -> &'static str {
    match registered {
        AuthMethod::SecretBasic => "another method than the client's, which is client_secret_basic",
        AuthMethod::SecretPost => "another method than the client's, which is client_secret_post",
        AuthMethod::AnySecret => {
            "another method than the client's, which is client_secret_basic or client_secret_post"
        }
        AuthMethod::SecretJwt => "another method than the client's, which is client_secret_jwt",
        AuthMethod::PrivateKeyJwt => "another method than the client's, which is private_key_jwt",
        AuthMethod::None => "a credential, and the client is public",
    }
}

impl Attempt {
    /// Reads the one way in which a request authenticates its client.
    ///
    /// # Errors
    /// `invalid_request` for two ways at once or two different ids, `invalid_client` for none.
    pub fn read(authorization: Option<&Authorization>, form: &Form<'_>) -> Judgement<Self> {
        let in_form = form.get("client_id");
        let secret_in_form = form.get("client_secret");
        if let Some(assertion) = assertion_in(form)? {
            if authorization.is_some() || secret_in_form.is_some() {
                return Err(Refusal::new(OAuthError::new(
                    ErrorCode::InvalidRequest,
                    Reason::AssertionBesideCredential,
                )));
            }
            let client_id = assertion.subject().to_owned();
            // RFC 7521 §4.2.
            if in_form.is_some_and(|id| id != client_id) {
                return Err(failed("client_assertion: its sub is another client than client_id"));
            }
            return Ok(Self { client_id, proof: Proof::Assertion(Box::new(assertion)) });
        }
        match authorization {
            Some(Authorization::Basic(credentials)) => {
                if secret_in_form.is_some() {
                    return Err(Refusal::new(OAuthError::new(
                        ErrorCode::InvalidRequest,
                        Reason::SecretBesideBasic,
                    )));
                }
                if in_form.is_some_and(|id| id != credentials.client_id) {
                    return Err(Refusal::new(OAuthError::new(
                        ErrorCode::InvalidRequest,
                        Reason::ClientIdDiffersFromBasic,
                    )));
                }
                // RFC 6749 §2.3.1: an empty password is no secret.
                let proof = if credentials.secret.expose().is_empty() {
                    Proof::None
                } else {
                    Proof::Basic(credentials.secret.clone())
                };
                Ok(Self { client_id: credentials.client_id.clone(), proof })
            }
            Some(Authorization::Bearer(_) | Authorization::Dpop(_) | Authorization::Unsupported { .. }) => {
                Err(unauthenticated(Reason::NotBasic))
            }
            None => match (in_form, secret_in_form) {
                (Some(id), Some(secret)) => Ok(Self {
                    client_id: id.to_owned(),
                    proof: Proof::Post(Presented::new(secret.to_owned())),
                }),
                (Some(id), None) => Ok(Self { client_id: id.to_owned(), proof: Proof::None }),
                (None, Some(_)) => Err(Refusal::new(OAuthError::new(
                    ErrorCode::InvalidRequest,
                    Reason::ClientIdMissingBesideSecret,
                ))),
                (None, None) => Err(unauthenticated(Reason::ClientNotAuthenticated)),
            },
        }
    }

    /// The secret that was presented, if any.
    pub fn secret(&self) -> Option<&Presented> {
        match &self.proof {
            Proof::Basic(secret) | Proof::Post(secret) => Some(secret),
            Proof::Assertion(_) | Proof::None => None,
        }
    }
}

/// The assertion of a request, if it has one. RFC 7521 §4.2.
fn assertion_in(form: &Form<'_>) -> Judgement<Option<Assertion>> {
    match (form.get("client_assertion_type"), form.get("client_assertion")) {
        (None, None) => Ok(None),
        (Some(ASSERTION_TYPE), Some(text)) => Assertion::read(text).map(Some).map_err(failed),
        (Some(_), Some(_)) => Err(unauthenticated(Reason::AssertionTypeUnknown)),
        (Some(_), None) => Err(unauthenticated(Reason::AssertionMissing)),
        (None, Some(_)) => Err(unauthenticated(Reason::AssertionTypeMissing)),
    }
}

/// A client and its tenant, as read from storage or a cache.
#[derive(Debug, Clone)]
pub struct ClientFacts {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The tenant's issuer.
    pub issuer: Arc<str>,
    /// The client.
    pub client: Arc<Client>,
    /// What the client may do by its own credential: [`Client::own_permissions`], worked out once.
    pub permissions: Permissions,
}

impl ClientFacts {
    /// The versions that a write decided on these facts repeats as its guard.
    pub fn basis(&self) -> Basis {
        Basis { client_version: self.client.version, tenant_version: self.tenant.version }
    }
}

/// What the shell found out about the proof that came.
#[derive(Debug, Clone)]
pub enum Shown {
    /// None came.
    Nothing,
    /// What is known of the secret.
    Secret(SecretProof),
    /// Whether a key or a secret of the client's has signed the assertion.
    Signature(Result<(), AssertionFault>),
}

/// A client that has proved to be itself.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated<'f> {
    /// Which.
    pub facts: &'f ClientFacts,
    /// What it proved itself with, where that may be used only once: whoever lets it in makes sure of that first.
    pub once: Option<UsedOnce>,
}

/// Facts of an authentication: the client that was named, if it exists, and what its proof is worth.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'f> {
    /// The client that the attempt names; none: unknown.
    pub facts: Option<&'f ClientFacts>,
    /// What is known of the proof.
    pub shown: &'f Shown,
    /// The slug that the path names; none at the root, where the tenant is the credential's.
    pub path_slug: Option<&'f str>,
    /// Where the request came from.
    pub whence: Whence,
}

/// Whether a public client may go on by naming itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicClients {
    /// It may: the endpoint identifies it (RFC 7009 §2.1, RFC 6749 §3.2.1).
    Identified,
    /// It may not: the endpoint needs a credential (RFC 7662 §2.1).
    Refused,
}

/// Authenticates a client. Unknown, disabled, foreign, wrong secret, wrong key and wrong network look the same.
///
/// # Errors
/// `invalid_client`.
pub fn authenticate<'f>(
    attempt: &Attempt,
    evidence: &Evidence<'f>,
    public: PublicClients,
    now: Micros,
) -> Judgement<Authenticated<'f>> {
    let Some(facts) = evidence.facts else { return Err(failed("unknown client")) };
    let client = &facts.client;
    let registered = client.auth_method;
    if !attempt.proof.is_by(registered) {
        return Err(failed(not_by(registered)));
    }
    let once = proved(attempt, (facts, evidence.shown), public, now)?;
    if evidence.path_slug.is_some_and(|slug| slug != &*facts.tenant.slug) {
        return Err(failed("client of another tenant"));
    }
    if !client.enabled.is_yes() || !facts.tenant.enabled.is_yes() {
        return Err(failed("client or tenant disabled"));
    }
    if !client.tokens.networks.admits(evidence.whence) {
        let mut refusal = failed("not from a network of the client's allow list");
        refusal.error = refusal.error.shut_out_by(ListOf::Client);
        return Err(refusal);
    }
    Ok(Authenticated { facts, once })
}

/// Whether the proof is good; what of it may be used only once.
fn proved(
    attempt: &Attempt,
    (facts, shown): (&ClientFacts, &Shown),
    public: PublicClients,
    now: Micros,
) -> Judgement<Option<UsedOnce>> {
    let client = &facts.client;
    match (&attempt.proof, shown) {
        (Proof::Basic(_) | Proof::Post(_), Shown::Secret(proof)) if client.proved_by(proof, now) => Ok(None),
        (Proof::Basic(_) | Proof::Post(_), _) => Err(failed("wrong secret")),
        (Proof::None, _) if public == PublicClients::Identified => Ok(None),
        (Proof::None, _) => Err(failed("a public client where a credential is needed")),
        (Proof::Assertion(assertion), shown) => {
            assertion.suits(facts, now).map_err(failed)?;
            match shown {
                Shown::Signature(found) => found.clone().map_err(failed)?,
                Shown::Nothing | Shown::Secret(_) => {
                    return Err(failed("nobody has looked at the signature"));
                }
            }
            // Whatever cannot be told from another one could be sent twice.
            assertion.used(client, now).map(Some).ok_or_else(|| failed(AssertionFault::Claim("jti")))
        }
    }
}

/// The refusal of a client whose assertion was used before.
pub fn used_before() -> Box<Refusal> {
    failed(AssertionFault::Used)
}

fn failed(internal: impl fmt::Display) -> Box<Refusal> {
    Refusal::new(
        OAuthError::new(ErrorCode::InvalidClient, Reason::ClientAuthenticationFailed)
            .internally(internal)
            .challenged(Challenge::Basic),
    )
}

fn unauthenticated(public: Reason) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidClient, public).challenged(Challenge::Basic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Enabled;
    use crate::client::{ClientKind, SecretHash};
    use crate::given::{NOW, facts, keyed, secret_hash};
    use crate::ids::SecretId;
    use crate::secret::{Digest32, sha256};
    use crate::time::Seconds;

    fn attempt(proof: Proof) -> Attempt {
        Attempt { client_id: "app".to_owned(), proof }
    }

    fn some_secret() -> Presented {
        Presented::new("facts say what it proves".to_owned())
    }

    fn basic() -> Proof {
        Proof::Basic(some_secret())
    }

    fn shown(keyed: Option<Digest32>, slow: Option<SecretId>) -> Shown {
        Shown::Secret(SecretProof { keyed, slow })
    }

    fn right() -> Shown {
        shown(Some(secret_hash()), None)
    }

    fn wrong() -> Shown {
        shown(Some(sha256(b"a wrong secret")), None)
    }

    fn slow(id: u8) -> Shown {
        shown(None, Some(SecretId::from_bytes([id; 16])))
    }

    fn spa() -> ClientFacts {
        facts(|client, _| (client.kind, client.auth_method) = (ClientKind::Spa, AuthMethod::None))
    }

    fn registered_for(method: AuthMethod) -> ClientFacts {
        facts(|client, _| client.auth_method = method)
    }

    fn with_slow_secret() -> ClientFacts {
        facts(|client, _| client.secrets[0].hash = SecretHash::Slow("$argon2id$...".into()))
    }

    fn with_secrets(first_ends: Micros) -> ClientFacts {
        facts(|client, _| {
            client.secrets =
                vec![keyed(1, secret_hash(), Some(first_ends)), keyed(2, sha256(b"the new one"), None)];
        })
    }

    #[test]
    fn who_proves_it_is_let_in() {
        let new_one = shown(Some(sha256(b"the new one")), None);
        let later = NOW.plus(Seconds(1));
        let cases = [
            ("basic", basic(), facts(|_, _| {}), right()),
            ("post", Proof::Post(some_secret()), facts(|_, _| {}), right()),
            ("web", basic(), facts(|client, _| client.kind = ClientKind::Web), right()),
            ("first of two", basic(), with_secrets(later), right()),
            ("second of two", basic(), with_secrets(later), new_one.clone()),
            ("second, the first has expired", basic(), with_secrets(NOW), new_one),
            ("slow", basic(), with_slow_secret(), slow(1)),
            ("basic alone", basic(), registered_for(AuthMethod::SecretBasic), right()),
            ("post alone", Proof::Post(some_secret()), registered_for(AuthMethod::SecretPost), right()),
            ("public", Proof::None, spa(), Shown::Nothing),
        ];
        for (name, proof, facts, known) in cases {
            for path_slug in [None, Some(&*facts.tenant.slug)] {
                let evidence =
                    Evidence { facts: Some(&facts), shown: &known, path_slug, whence: Whence::Unknown };
                let found = authenticate(&attempt(proof.clone()), &evidence, PublicClients::Identified, NOW);
                let found = found.unwrap();
                assert_eq!((found.facts.client.id, found.once.is_none()), (facts.client.id, true), "{name}");
            }
        }
    }

    /// RFC 6749 §5.2, and nothing to learn from the difference.
    #[test]
    fn all_failures_look_the_same() {
        use PublicClients::{Identified, Refused};
        let here = None;
        let elsewhere = Some("elsewhere");
        let nothing = || Shown::Nothing;
        let good = || Some(facts(|_, _| {}));
        let cases = [
            ("unknown", basic(), None, right(), here, Identified),
            ("unknown and public", Proof::None, None, nothing(), here, Identified),
            ("wrong secret", basic(), good(), wrong(), here, Identified),
            ("wrong secret in the body", Proof::Post(some_secret()), good(), wrong(), here, Identified),
            ("no facts of the secret", basic(), good(), nothing(), here, Identified),
            ("slow hash of another secret", basic(), Some(with_slow_secret()), slow(2), here, Identified),
            ("keyed hash, slow proof", basic(), good(), slow(1), here, Identified),
            ("slow hash, keyed proof", basic(), Some(with_slow_secret()), right(), here, Identified),
            ("no secret at all", basic(), Some(facts(|c, _| c.secrets.clear())), right(), here, Identified),
            ("expired secret", basic(), Some(with_secrets(NOW)), right(), here, Identified),
            (
                "disabled client",
                basic(),
                Some(facts(|c, _| c.enabled = Enabled::No)),
                right(),
                here,
                Identified,
            ),
            (
                "disabled tenant",
                basic(),
                Some(facts(|_, t| t.enabled = Enabled::No)),
                right(),
                here,
                Identified,
            ),
            ("foreign path", basic(), good(), right(), elsewhere, Identified),
            ("foreign path, wrong secret", basic(), good(), wrong(), elsewhere, Identified),
            ("confidential without a secret", Proof::None, good(), right(), here, Identified),
            // RFC 7591 §2: token_endpoint_auth_method is the one method that the client uses.
            (
                "basic, and registered for post",
                basic(),
                Some(registered_for(AuthMethod::SecretPost)),
                right(),
                here,
                Identified,
            ),
            (
                "post, and registered for basic",
                Proof::Post(some_secret()),
                Some(registered_for(AuthMethod::SecretBasic)),
                right(),
                here,
                Identified,
            ),
            ("public with a secret", basic(), Some(spa()), right(), here, Identified),
            ("public where a credential is needed", Proof::None, Some(spa()), nothing(), here, Refused),
            ("public, foreign path", Proof::None, Some(spa()), nothing(), elsewhere, Identified),
        ];
        for (name, proof, facts, known, path_slug, public) in cases {
            let evidence =
                Evidence { facts: facts.as_ref(), shown: &known, path_slug, whence: Whence::Unknown };
            let refusal = authenticate(&attempt(proof), &evidence, public, NOW).unwrap_err();
            let error = &refusal.error;
            assert_eq!(
                (error.code(), error.challenge()),
                (ErrorCode::InvalidClient, Some(Challenge::Basic)),
                "{name}"
            );
            assert_eq!(error.public(), "client authentication failed", "{name}");
            assert!(error.internal().is_some(), "{name}: the log may know");
            assert!(refusal.changes.is_none() && refusal.notes.is_empty(), "{name}");
        }
    }

    fn header(text: &str) -> Authorization {
        Authorization::parse(text.as_bytes()).unwrap()
    }

    /// RFC 6749 §2.3: one method per request.
    #[test]
    fn a_request_authenticates_in_one_way() {
        // app:secret and app: in base64.
        let basic = || Some(header("Basic YXBwOnNlY3JldA=="));
        let cases: [(Option<Authorization>, &str, Result<&str, ErrorCode>); 13] = [
            (basic(), "", Ok("basic")),
            (basic(), "client_id=app", Ok("basic")),
            (basic(), "client_id=other", Err(ErrorCode::InvalidRequest)),
            (basic(), "client_id=app&client_secret=secret", Err(ErrorCode::InvalidRequest)),
            (Some(header("Basic YXBwOg==")), "", Ok("none")),
            (Some(header("Bearer abc")), "client_id=app&client_secret=secret", Err(ErrorCode::InvalidClient)),
            (None, "client_id=app&client_secret=secret", Ok("post")),
            (None, "client_id=app", Ok("none")),
            (None, "client_secret=secret", Err(ErrorCode::InvalidRequest)),
            (None, "", Err(ErrorCode::InvalidClient)),
            (None, "client_id=app&client_assertion=x", Err(ErrorCode::InvalidClient)),
            (basic(), "client_assertion_type=x", Err(ErrorCode::InvalidClient)),
            // RFC 6749 §3.2: a parameter without a value counts as omitted.
            (None, "client_id=app&client_secret=", Ok("none")),
        ];
        for (authorization, form, expected) in cases {
            let form_fields = Form::parse(form.as_bytes()).unwrap();
            let read = Attempt::read(authorization.as_ref(), &form_fields).map(|attempt| {
                assert_eq!(attempt.client_id, "app", "{form}");
                assert_eq!(attempt.secret().is_some(), !matches!(attempt.proof, Proof::None));
                match attempt.proof {
                    Proof::Basic(_) => "basic",
                    Proof::Post(_) => "post",
                    Proof::Assertion(_) => "assertion",
                    Proof::None => "none",
                }
            });
            assert_eq!(read.map_err(|refusal| refusal.error.code()), expected, "{authorization:?} {form}");
        }
    }
}
