//! Client authentication (RFC 6749 §2.3) as a closed set of methods.

use std::sync::Arc;

use crate::authorization::Authorization;
use crate::client::{Client, SecretProof};
use crate::decision::{Judgement, Refusal};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::form::Form;
use crate::ids::TenantId;
use crate::secret::Presented;
use crate::tenant::Tenant;
use crate::time::Micros;
use crate::token::Basis;

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
    /// `none`: a public client only names itself.
    None,
}

impl Attempt {
    /// Reads the one way in which a request authenticates its client.
    ///
    /// # Errors
    /// `invalid_request` for two ways at once or two different ids, `invalid_client` for none.
    pub fn read(authorization: Option<&Authorization>, form: &Form<'_>) -> Judgement<Self> {
        let in_form = form.get("client_id");
        let secret_in_form = form.get("client_secret");
        for parameter in ["client_assertion", "client_assertion_type"] {
            if form.get(parameter).is_some() {
                return Err(unauthenticated("client_assertion is not a client authentication method of this server"));
            }
        }
        match authorization {
            Some(Authorization::Basic(credentials)) => {
                if secret_in_form.is_some() {
                    return Err(Refusal::new(OAuthError::new(
                        ErrorCode::InvalidRequest,
                        "client_secret: the client is already authenticated by HTTP Basic; use one method only",
                    )));
                }
                if in_form.is_some_and(|id| id != credentials.client_id) {
                    return Err(Refusal::new(OAuthError::new(
                        ErrorCode::InvalidRequest,
                        "client_id: differs from the client named by HTTP Basic",
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
            Some(Authorization::Bearer(_) | Authorization::Unsupported { .. }) => {
                Err(unauthenticated("the Authorization header must use HTTP Basic with the client's id and secret"))
            }
            None => match (in_form, secret_in_form) {
                (Some(id), Some(secret)) => Ok(Self {
                    client_id: id.to_owned(),
                    proof: Proof::Post(Presented::new(secret.to_owned())),
                }),
                (Some(id), None) => Ok(Self { client_id: id.to_owned(), proof: Proof::None }),
                (None, Some(_)) => Err(Refusal::new(OAuthError::new(
                    ErrorCode::InvalidRequest,
                    "client_id: missing beside client_secret",
                ))),
                (None, None) => Err(unauthenticated(
                    "the client did not authenticate: send HTTP Basic, or client_id and client_secret in the body",
                )),
            },
        }
    }

    /// The secret that was presented, if any.
    pub fn secret(&self) -> Option<&Presented> {
        match &self.proof {
            Proof::Basic(secret) | Proof::Post(secret) => Some(secret),
            Proof::None => None,
        }
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
}

impl ClientFacts {
    /// The versions that a write decided on these facts repeats as its guard.
    pub fn basis(&self) -> Basis {
        Basis { client_version: self.client.version, tenant_version: self.tenant.version }
    }
}

/// Facts of an authentication: the client that was named, if it exists, and what its secret proved.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'f> {
    /// The client that the attempt names; none: unknown.
    pub facts: Option<&'f ClientFacts>,
    /// What is known of the presented secret.
    pub proof: &'f SecretProof,
    /// The tenant that the path names; none at the root, where the tenant is the credential's.
    pub path_tenant: Option<TenantId>,
}

/// Whether a public client may go on by naming itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicClients {
    /// It may: the endpoint identifies it (RFC 7009 §2.1, RFC 6749 §3.2.1).
    Identified,
    /// It may not: the endpoint needs a credential (RFC 7662 §2.1).
    Refused,
}

/// Authenticates a client. Unknown, disabled, foreign and wrong secret look the same.
///
/// # Errors
/// `invalid_client`.
pub fn authenticate<'f>(
    attempt: &Attempt,
    evidence: &Evidence<'f>,
    public: PublicClients,
    now: Micros,
) -> Judgement<&'f ClientFacts> {
    let Some(facts) = evidence.facts else { return Err(failed("unknown client")) };
    let client = &facts.client;
    let proved = match &attempt.proof {
        Proof::Basic(_) | Proof::Post(_) => client.kind.is_confidential() && client.proved_by(evidence.proof, now),
        Proof::None => !client.kind.is_confidential() && public == PublicClients::Identified,
    };
    if !proved {
        return Err(failed("wrong secret, or a method that is not the client's"));
    }
    if evidence.path_tenant.is_some_and(|tenant| tenant != facts.tenant.id) {
        return Err(failed("client of another tenant"));
    }
    if !client.enabled.is_yes() || !facts.tenant.enabled.is_yes() {
        return Err(failed("client or tenant disabled"));
    }
    Ok(facts)
}

fn failed(internal: &'static str) -> Box<Refusal> {
    Refusal::new(
        OAuthError::new(ErrorCode::InvalidClient, "client authentication failed")
            .internally(internal)
            .challenged(Challenge::Basic),
    )
}

fn unauthenticated(public: &'static str) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidClient, public).challenged(Challenge::Basic))
}
