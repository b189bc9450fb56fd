//! Who calls Writ's own APIs, in which tenant, and whether they may.
//!
//! A handler gets an [`Acting`], and there is no way to one but [`act`]: a route that has a caller
//! has said what it needs of them.

use std::sync::Arc;

use crate::authority::{Permission, Permissions};
use crate::change::Actor;
use crate::decision::{Judgement, Refusal};
use crate::details::Details;
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::ids::{ApiKeyId, ClientId, TenantId, UserId};
use crate::reason::Reason;
use crate::tenant::Tenant;

/// What the audit log calls the console, where it names through what a person acts.
const CONSOLE: &str = "console";

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
        /// Its public id.
        client_id: Arc<str>,
        /// Whether the person may act with that token.
        through: Through,
    },
    /// An API key.
    ApiKey {
        /// Row id.
        key: ApiKeyId,
        /// Display name.
        name: Arc<str>,
    },
    /// A person who is signed in in a browser and manages on the pages of the console: Writ's own, with no application
    /// between, so that what they may is what their roles say.
    AtConsole {
        /// Row id.
        user: UserId,
        /// Username.
        username: Arc<str>,
    },
    /// The operator of the machine: whoever may open the server's data folder, at its socket or while
    /// no server runs. No request that came over the network is ever this.
    Local {
        /// The operating system's name of the user.
        name: Arc<str>,
    },
}

/// Whether people may act for themselves with a token: decide about requests, change their profile, end their
/// sign-ins. Else any application that holds a person's token, and any API that is sent one, could approve itself
/// every scope that the person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// They may: the tenant names its client in `interaction_clients`, and nobody but Writ is in its `aud`.
    Interaction,
    /// The tenant does not name its client, though that may be first party.
    Unnamed,
    /// The client is named, but the token is for other APIs too: each of them could use it here.
    Shared,
}

impl Through {
    /// Whether people may act so.
    ///
    /// # Errors
    /// `access_denied`, naming what is missing.
    pub fn may_act(self, client_id: &str) -> Judgement<()> {
        self.lacking(client_id).map_or(Ok(()), |why| Err(denied(why)))
    }

    /// What is missing.
    fn lacking(self, client_id: &str) -> Option<Reason> {
        match self {
            Self::Interaction => None,
            Self::Unnamed => Some(Reason::NotAnInteractionClient { client_id: client_id.into() }),
            Self::Shared => Some(Reason::TokenForOthersToo),
        }
    }
}

/// The scheme a credential came by; a 401 names it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP Basic.
    Basic,
    /// Bearer.
    Bearer,
    /// A token that is bound to a key, with a proof of it (RFC 9449 §7.1).
    Dpop,
    /// None: the connection itself says who it is.
    Local,
    /// None: the browser's cookie leads to a sign-in.
    Cookie,
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
    /// The operator of the machine, who may do everything everywhere and is at home in the first tenant.
    pub fn local(name: Arc<str>, first_tenant: TenantId) -> Self {
        Self {
            identity: Identity::Local { name },
            home: first_tenant,
            permissions: Permissions::all(),
            scheme: Scheme::Local,
        }
    }

    /// The caller as the audit log names it.
    pub fn actor(&self) -> Actor {
        match &self.identity {
            Identity::Application { client, client_id } => {
                Actor::Client { id: *client, name: client_id.clone() }
            }
            Identity::Person { user, username, .. } | Identity::AtConsole { user, username } => {
                Actor::User { id: *user, name: username.clone() }
            }
            Identity::ApiKey { key, name } => Actor::ApiKey { id: *key, name: name.clone() },
            Identity::Local { name } => Actor::Local { name: name.clone() },
        }
    }

    /// For the audit log: through what a person acts, a client or the console.
    pub fn through(&self) -> Option<Details> {
        match &self.identity {
            Identity::Person { client_id, .. } => Some(Details::new([("through", client_id.to_string())])),
            Identity::AtConsole { .. } => Some(Details::new([("through", CONSOLE.to_owned())])),
            Identity::Application { .. } | Identity::ApiKey { .. } | Identity::Local { .. } => None,
        }
    }

    /// Whether a call manages a tenant, so that the tenant's allow list is asked: whoever holds a permission manages
    /// with it, except where people act for themselves.
    pub fn manages(&self, needs: Needs) -> bool {
        match needs {
            Needs::PersonThroughInteraction => false,
            Needs::Permission(_)
            | Needs::Every(_)
            | Needs::InteractionOr(_)
            | Needs::PersonOr(_)
            | Needs::NotAPerson
            | Needs::OwnOr(_)
            | Needs::Anybody
            | Needs::AnyPersonOr(_) => !self.permissions.is_empty(),
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
        Err(denied(Reason::AuthorityGivenAway { names: names.join(" ").into() }))
    }

    /// The tenant that the caller acts in, where `X-Tenant-ID` names one: their own; for an operator any, and one
    /// who may only read tenants only reads there.
    ///
    /// # Errors
    /// `not_found` to an operator, where there is none; else `access_denied`: unknown and foreign look the same.
    pub fn reaches(&self, named: NamedTenant) -> Judgement<TenantId> {
        let able = match named.effect {
            Effect::Reads => self.permissions.is_operator(),
            Effect::Writes => self.permissions.contains(Permission::TenantsWrite),
        };
        match named.tenant {
            Some(tenant) if tenant == self.home || able => Ok(tenant),
            None if able => Err(OAuthError::new(ErrorCode::NotFound, Reason::HeaderTenantUnknown).into()),
            Some(_) | None if self.permissions.is_operator() => {
                let text = Reason::HeaderTenantChange;
                Err(denied(text))
            }
            Some(_) | None => Err(denied(Reason::HeaderTenantForeign)),
        }
    }
}

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A permission; any kind of caller may have it.
    Permission(Permission),
    /// All of these permissions; any kind of caller may have them.
    Every(&'static [Permission]),
    /// A person, through an interaction client.
    PersonThroughInteraction,
    /// A person about what is theirs, through an interaction client, whatever else they may do; of all other
    /// callers, a permission.
    InteractionOr(Permission),
    /// A person about what is theirs, through an interaction client; of all other callers, and of a person about
    /// what is others', a permission.
    PersonOr(Permission),
    /// An application or an API key, for what is their own; no permission.
    NotAPerson,
    /// For what is one's own: an application, or a person through an interaction client.
    /// For what is others': the permission; any kind of caller may have it.
    OwnOr(Permission),
    /// Anybody's good credential: what it allows is for the use case to say.
    Anybody,
    /// Any person of the tenant, through whichever application; of all other callers, a permission.
    AnyPersonOr(Permission),
}

/// Whether a route has to be told its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantHeader {
    /// `X-Tenant-ID` must be there.
    Required,
    /// It may be; only operators may name another tenant than their own.
    Optional,
}

/// Whether a request changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It changes something.
    Writes,
}

/// What `X-Tenant-ID` names, for which sort of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedTenant {
    /// The tenant; none where nobody has the slug that was sent.
    pub tenant: Option<TenantId>,
    /// What is to be done there.
    pub effect: Effect,
}

/// What a request says of the tenant it is about.
#[derive(Debug, Clone, Copy)]
pub struct Addressed {
    /// The tenant of the path; none at the root.
    pub path: Option<TenantId>,
    /// The tenant of `X-Tenant-ID`; none where it was not sent.
    pub header: Option<NamedTenant>,
}

/// A caller who may do what the route is for, and the tenant that it would be done in.
#[derive(Debug, Clone)]
pub struct Permit {
    caller: Caller,
    tenant: TenantId,
}

impl Permit {
    /// Who would act.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// In which tenant.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The caller in that tenant, as it was just read.
    ///
    /// # Errors
    /// `not_found`: an operator may name any tenant, but it has to be there.
    pub fn within(self, found: Option<Tenant>) -> Judgement<Acting> {
        match found.filter(|found| found.id == self.tenant) {
            Some(tenant) => Ok(Acting { caller: self.caller, tenant: Arc::new(tenant) }),
            None => Err(OAuthError::new(ErrorCode::NotFound, Reason::HeaderTenantUnknown).into()),
        }
    }
}

/// A caller who may do what the route is for, in the tenant it is done in.
#[derive(Debug, Clone)]
pub struct Acting {
    caller: Caller,
    tenant: Arc<Tenant>,
}

impl Acting {
    /// Who acts.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The id of the tenant in which it is done.
    pub fn tenant(&self) -> TenantId {
        self.tenant.id
    }

    /// The tenant in which it is done, as it was when the caller was let in.
    pub fn within(&self) -> &Tenant {
        &self.tenant
    }
}

/// Lets a caller act, or not: tenant first, then authority.
///
/// # Errors
/// 401 for a credential of another tenant than the path's; 400 where path and header disagree or a
/// required header is missing; 403 for a tenant that is not the caller's, and for lacking authority.
pub fn act(caller: Caller, needs: Needs, addressed: Addressed, header: TenantHeader) -> Judgement<Permit> {
    if addressed.path.is_some_and(|path| path != caller.home) {
        let (code, challenge) = match caller.scheme {
            Scheme::Basic => (ErrorCode::InvalidClient, Challenge::Basic),
            Scheme::Bearer => (ErrorCode::InvalidToken, Challenge::Bearer),
            Scheme::Dpop => (ErrorCode::InvalidToken, Challenge::Dpop),
            Scheme::Local => {
                return Err(invalid(Reason::LocalTenantByPath));
            }
            Scheme::Cookie => return Err(denied(Reason::CredentialForeign)),
        };
        let error = OAuthError::new(code, Reason::CredentialForeign).challenged(challenge);
        return Err(error.into());
    }
    let tenant = match (addressed.path, addressed.header) {
        (Some(path), Some(named)) if named.tenant != Some(path) => {
            return Err(invalid(Reason::HeaderTenantDiffers));
        }
        (_, None) if header == TenantHeader::Required => {
            return Err(invalid(Reason::HeaderTenantMissing));
        }
        (_, Some(named)) => caller.reaches(named)?,
        (_, None) => caller.home,
    };
    enough(&caller, needs, tenant)?;
    Ok(Permit { caller, tenant })
}

/// Whether a caller may do in a tenant what a route is for.
fn enough(caller: &Caller, needs: Needs, tenant: TenantId) -> Judgement<()> {
    match needs {
        Needs::Anybody => {}
        Needs::AnyPersonOr(_) if matches!(caller.identity, Identity::Person { .. }) => {
            if tenant != caller.home {
                return Err(denied(Reason::PersonElsewhere));
            }
        }
        Needs::Permission(permission) | Needs::AnyPersonOr(permission)
            if caller.permissions.contains(permission) => {}
        Needs::Permission(permission) | Needs::AnyPersonOr(permission) => return Err(lacks(permission)),
        Needs::Every(permissions) => {
            let lacking = permissions.iter().find(|permission| !caller.permissions.contains(**permission));
            lacking.map_or(Ok(()), |permission| Err(lacks(*permission)))?;
        }
        Needs::NotAPerson => {
            if matches!(caller.identity, Identity::Person { .. } | Identity::AtConsole { .. }) {
                return Err(denied(Reason::NotForPeople));
            }
        }
        Needs::OwnOr(permission) | Needs::PersonOr(permission) if caller.permissions.contains(permission) => {
        }
        Needs::OwnOr(permission) => match caller.identity {
            Identity::Application { .. } if tenant == caller.home => {}
            _ => own(caller, tenant, permission)?,
        },
        Needs::PersonOr(permission) => own(caller, tenant, permission)?,
        Needs::PersonThroughInteraction => themselves(caller, tenant)?,
        Needs::InteractionOr(permission) => match caller.identity {
            Identity::Person { .. } => themselves(caller, tenant)?,
            Identity::Application { .. }
            | Identity::ApiKey { .. }
            | Identity::AtConsole { .. }
            | Identity::Local { .. }
                if caller.permissions.contains(permission) => {}
            Identity::Application { .. }
            | Identity::ApiKey { .. }
            | Identity::AtConsole { .. }
            | Identity::Local { .. } => {
                return Err(lacks(permission));
            }
        },
    }
    Ok(())
}

/// A person who acts for themselves.
fn themselves(caller: &Caller, tenant: TenantId) -> Judgement<()> {
    match &caller.identity {
        // Being an operator is for managing: as a person, one is in one's own tenant.
        Identity::Person { .. } if tenant != caller.home => Err(denied(Reason::PersonActsElsewhere)),
        Identity::Person { through, client_id, .. } => through.may_act(client_id),
        // Who manages there acts for others; for themselves there are the pages of their account.
        Identity::Application { .. }
        | Identity::ApiKey { .. }
        | Identity::AtConsole { .. }
        | Identity::Local { .. } => Err(denied(Reason::ByPeopleOnly)),
    }
}

/// Whether a person without the permission has anything of their own here.
fn own(caller: &Caller, tenant: TenantId, permission: Permission) -> Judgement<()> {
    match &caller.identity {
        Identity::Person { through: Through::Interaction, .. } if tenant == caller.home => Ok(()),
        Identity::Person { through, client_id, .. } if tenant == caller.home => {
            // What is missing for one's own is said beside what is missing for others'.
            let permission = permission.name().into();
            let text = match through.lacking(client_id) {
                Some(why) => Reason::PermissionMissingEvenOwn { permission, missing: why.into() },
                None => Reason::PermissionMissing { permission },
            };
            Err(OAuthError::new(ErrorCode::InsufficientScope, text).into())
        }
        Identity::Person { .. }
        | Identity::Application { .. }
        | Identity::ApiKey { .. }
        | Identity::AtConsole { .. }
        | Identity::Local { .. } => Err(lacks(permission)),
    }
}

fn lacks(permission: Permission) -> Box<Refusal> {
    let text = Reason::PermissionMissing { permission: permission.name().into() };
    OAuthError::new(ErrorCode::InsufficientScope, text).into()
}

fn denied(text: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::AccessDenied, text).into()
}

fn invalid(text: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::InvalidRequest, text).into()
}

#[cfg(test)]
mod tests;
