//! Who calls Writ's own APIs, in which tenant, and whether they may.
//!
//! A handler gets an [`Acting`], and there is no way to one but [`act`]: a route that has a caller
//! has said what it needs of them.

use std::sync::Arc;

use crate::authority::{Permission, Permissions};
use crate::change::Actor;
use crate::client::Party;
use crate::decision::{Judgement, Refusal};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::ids::{ApiKeyId, ClientId, TenantId, UserId};

/// What a credential turned out to be.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A client by HTTP Basic, or by a token of its own.
    Application {
        /// Row id.
        client: ClientId,
        /// Public id.
        client_id: Arc<str>,
    },
    /// A person, by a token that a client holds.
    Person {
        /// Row id.
        user: UserId,
        /// Username.
        username: Arc<str>,
        /// The client that holds the token.
        client: ClientId,
        /// Whether that client is one through which people may act.
        through: Party,
    },
    /// An API key.
    ApiKey {
        /// Row id.
        key: ApiKeyId,
        /// Display name.
        name: Arc<str>,
    },
}

/// The scheme a credential came by; a 401 names it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP Basic.
    Basic,
    /// Bearer.
    Bearer,
}

/// A caller whose credential is good.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub identity: Identity,
    /// The credential's own tenant.
    pub home: TenantId,
    /// What it may do.
    pub permissions: Permissions,
    /// How it came.
    pub scheme: Scheme,
}

impl Caller {
    /// The caller as the audit log names it.
    pub fn actor(&self) -> Actor {
        match &self.identity {
            Identity::Application { client, client_id } => Actor::Client { id: *client, name: client_id.clone() },
            Identity::Person { user, username, .. } => Actor::User { id: *user, name: username.clone() },
            Identity::ApiKey { key, name } => Actor::ApiKey { id: *key, name: name.clone() },
        }
    }

    /// Refuses to give away more than the caller has.
    ///
    /// # Errors
    /// `access_denied`, naming what the caller lacks.
    pub fn may_grant(&self, wanted: Permissions) -> Judgement<()> {
        let lacking = wanted.without(self.permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = lacking.names().collect();
        Err(denied(format!("this would give away authority that the caller does not have: {}", names.join(" "))))
    }
}

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A permission; any kind of caller may have it.
    Permission(Permission),
    /// A person, through an application of the tenant's own.
    PersonThroughFirstParty,
}

/// Whether a route has to be told its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantHeader {
    /// `X-Tenant-ID` must be there.
    Required,
    /// It may be; only operators may name another tenant than their own.
    Optional,
}

/// What a request says of the tenant it is about.
#[derive(Debug, Clone, Copy)]
pub struct Addressed {
    /// The tenant of the path; none at the root.
    pub path: Option<TenantId>,
    /// The tenant of `X-Tenant-ID`, as far as it could be read as an id.
    pub header: Option<TenantId>,
}

/// A caller who may do what the route is for, and the tenant it is done in.
#[derive(Debug, Clone)]
pub struct Acting {
    caller: Caller,
    tenant: TenantId,
}

impl Acting {
    /// Who acts.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// In which tenant.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// Lets a caller act, or not: tenant first, then authority.
///
/// # Errors
/// 401 for a credential of another tenant than the path's; 400 where path and header disagree or a
/// required header is missing; 403 for a tenant that is not the caller's, and for lacking authority.
pub fn act(caller: Caller, needs: Needs, addressed: Addressed, header: TenantHeader) -> Judgement<Acting> {
    if addressed.path.is_some_and(|path| path != caller.home) {
        let (code, challenge) = match caller.scheme {
            Scheme::Basic => (ErrorCode::InvalidClient, Challenge::Basic),
            Scheme::Bearer => (ErrorCode::InvalidToken, Challenge::Bearer),
        };
        let error = OAuthError::new(code, "the credential is not one of this tenant").challenged(challenge);
        return Err(error.into());
    }
    let tenant = match (addressed.path, addressed.header) {
        (Some(path), Some(header)) if path != header => {
            return Err(invalid("X-Tenant-ID: names another tenant than the path"));
        }
        (_, None) if header == TenantHeader::Required => {
            return Err(invalid("X-Tenant-ID: missing; this endpoint needs the tenant's id"));
        }
        (_, Some(named)) if named == caller.home || caller.permissions.is_operator() => named,
        // Unknown and foreign look the same.
        (_, Some(_)) => return Err(denied("X-Tenant-ID: not a tenant of this credential")),
        (_, None) => caller.home,
    };
    match needs {
        Needs::Permission(permission) if caller.permissions.contains(permission) => {}
        Needs::Permission(permission) => {
            let text = format!("this needs the permission {}", permission.name());
            return Err(OAuthError::new(ErrorCode::InsufficientScope, text).into());
        }
        Needs::PersonThroughFirstParty => match caller.identity {
            Identity::Person { through: Party::First, .. } => {}
            Identity::Person { through: Party::Third, .. } => {
                return Err(denied("a third party's application may not act for a person here"));
            }
            Identity::Application { .. } | Identity::ApiKey { .. } => {
                return Err(denied("this is done by a person, with a token of their own"));
            }
        },
    }
    Ok(Acting { caller, tenant })
}

fn denied(text: impl Into<std::borrow::Cow<'static, str>>) -> Box<Refusal> {
    OAuthError::new(ErrorCode::AccessDenied, text).into()
}

fn invalid(text: &'static str) -> Box<Refusal> {
    OAuthError::new(ErrorCode::InvalidRequest, text).into()
}
