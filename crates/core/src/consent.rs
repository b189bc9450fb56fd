//! Consents: what a person lets a client have. The present state is one row for each person and client; its
//! history is only ever added to, and outlives it.

use std::sync::Arc;

use crate::act::{Action, Target};
use crate::change::{Change, Changes};
use crate::client::{Client, Translations};
use crate::decision::{Decision, Moment};
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::ids::{ClientId, ConsentEventId, ConsentId, TenantId, UserId};
use crate::look::PictureName;
use crate::manage::{Deed, no_such};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::scope::Scope;
use crate::time::{Micros, Seconds};
use crate::token::Audience;

#[cfg(test)]
mod tests;

/// Whether the next request for no more than this goes without a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remember {
    /// It does.
    Yes,
    /// The person is asked again.
    No,
}

impl From<bool> for Remember {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// A consent, as read from storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentFacts {
    /// Row id.
    pub id: ConsentId,
    /// All that was agreed to.
    pub scope: Scope,
    /// What of it needs no further screen.
    pub remembered: Scope,
    /// The resources that need none; none: it was agreed to for none in particular.
    pub resources: Option<Audience>,
}

/// What happened to a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentEvent {
    /// It was given for the first time.
    Granted,
    /// It was given again, or for more.
    Extended,
    /// It was refused.
    Denied,
    /// It was taken back.
    Withdrawn,
}

impl ConsentEvent {
    /// The name as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Extended => "extended",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A record in the history.
#[derive(Debug, Clone)]
pub struct ConsentRecord {
    /// Row id.
    pub id: ConsentEventId,
    /// Which consent; none: there was none to refuse.
    pub consent: Option<ConsentId>,
    /// In which tenant.
    pub tenant: TenantId,
    /// For which client, by its public id: it outlives the client.
    pub client_id: Arc<str>,
    /// Whose.
    pub user: UserId,
    /// What happened.
    pub event: ConsentEvent,
    /// For what.
    pub scope: Scope,
    /// When.
    pub at: Micros,
}

/// A consent to be written, on condition that it is as decided on.
#[derive(Debug, Clone)]
pub struct ConsentWrite {
    /// As it was; none: there was none.
    pub from: Option<ConsentFacts>,
    /// As it shall be.
    pub to: ConsentFacts,
    /// In which tenant.
    pub tenant: TenantId,
    /// For which client.
    pub client: ClientId,
    /// Whose.
    pub user: UserId,
    /// When.
    pub at: Micros,
}

/// A consent as people and administrators see it.
#[derive(Debug, Clone)]
pub struct ShownConsent {
    /// Row id.
    pub id: ConsentId,
    /// For which client.
    pub client: ClientId,
    /// Its public id.
    pub client_id: Arc<str>,
    /// Its name.
    pub client_name: Box<str>,
    /// What it is called in other languages.
    pub translations: Translations,
    /// Whose.
    pub user: UserId,
    /// For what.
    pub scope: Scope,
    /// When it was given, or last extended.
    pub granted_at: Micros,
    /// The logo of the client; none: there is none, or nobody has looked.
    pub logo: Option<PictureName>,
    /// How long it holds where the client is an agent; none: it is none, and it holds until it is taken back.
    pub agent_lifetime: Option<Seconds>,
}

/// Who agrees to what.
#[derive(Debug, Clone, Copy)]
pub struct Agreement<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// For which client: row and public id.
    pub client: (ClientId, &'a Arc<str>),
    /// Whose.
    pub user: UserId,
    /// For what.
    pub scope: &'a Scope,
    /// At which resources; none: at none in particular.
    pub picked: Option<&'a Audience>,
}

impl Agreement<'_> {
    /// The writes of a yes: the row as it shall be, and its record.
    pub fn give(
        &self,
        known: Option<&ConsentFacts>,
        remember: Remember,
        moment: &Moment<'_>,
    ) -> (ConsentId, [Change; 2]) {
        let id = known.map_or_else(|| ConsentId::v7(moment.now, moment.random.bits()), |known| known.id);
        let none = Scope::default();
        let scope = union(known.map_or(&none, |known| &known.scope), self.scope);
        let before = known.map_or(&none, |known| &known.remembered);
        let remembered = match remember {
            Remember::Yes => union(before, self.scope),
            Remember::No => before.clone(),
        };
        let kept = known.and_then(|known| known.resources.as_ref());
        let resources = match (remember, kept, self.picked) {
            (Remember::Yes, Some(kept), Some(picked)) => {
                Some(Audience::new(kept.iter().chain(picked.iter())))
            }
            (Remember::Yes, None, Some(picked)) => Some(picked.clone()),
            (Remember::Yes, kept, None) | (Remember::No, kept, _) => kept.cloned(),
        };
        let event = if known.is_some() { ConsentEvent::Extended } else { ConsentEvent::Granted };
        let write = ConsentWrite {
            from: known.cloned(),
            to: ConsentFacts { id, scope, remembered, resources },
            tenant: self.tenant,
            client: self.client.0,
            user: self.user,
            at: moment.now,
        };
        let write = FlowChange::WriteConsent(Box::new(write)).into();
        (id, [write, self.record(Some(id), event, moment)])
    }

    /// The record of something that happened.
    pub fn record(&self, consent: Option<ConsentId>, event: ConsentEvent, moment: &Moment<'_>) -> Change {
        FlowChange::RecordConsent(Box::new(ConsentRecord {
            id: ConsentEventId::v7(moment.now, moment.random.bits()),
            consent,
            tenant: self.tenant,
            client_id: Arc::clone(self.client.1),
            user: self.user,
            event,
            scope: self.scope.clone(),
            at: moment.now,
        }))
        .into()
    }
}

fn union(known: &Scope, more: &Scope) -> Scope {
    if more.is_subset(known) {
        return known.clone();
    }
    // Both were read as scopes before; too many tokens together keep the newer ones.
    Scope::parse(&format!("{known} {more}")).unwrap_or_else(|_| more.clone())
}

/// Records what a person has agreed to in an application of the tenant's own.
///
/// # Errors
/// `not_found` for a client that is not there, `invalid_scope` for scopes that it may not have.
pub fn record(
    of: (Option<&Client>, UserId),
    scope: &Scope,
    known: Option<&ConsentFacts>,
    deed: &Deed<'_>,
) -> Decision<ShownConsent> {
    let (client, user) = of;
    let client = client.ok_or_else(|| no_such(Reason::NoSuchClient))?;
    if scope.is_empty() || !scope.is_subset(&client.scope) {
        let why = Reason::ConsentScopes;
        return Err(OAuthError::new(ErrorCode::InvalidScope, why).into());
    }
    let tenant = deed.acting.tenant();
    let agreement = Agreement { tenant, client: (client.id, &client.client_id), user, scope, picked: None };
    let (id, writes) = agreement.give(known, Remember::Yes, &deed.moment);
    let changes = deed.unit(Action::ConsentRecorded, Target::Consent(id));
    let shown = ShownConsent {
        id,
        client: client.id,
        client_id: Arc::clone(&client.client_id),
        client_name: client.name.clone(),
        translations: Translations::default(),
        user,
        scope: known.map_or_else(|| scope.clone(), |known| union(&known.scope, scope)),
        granted_at: deed.moment.now,
        logo: None,
        agent_lifetime: client.is_agent().then_some(client.tokens.refresh_lifetime),
    };
    Ok((shown, writes.into_iter().fold(changes, Changes::with)))
}

/// Takes a consent back, and ends the grants behind it.
///
/// # Errors
/// `not_found`.
pub fn withdraw(found: Option<&ShownConsent>, scene: &Scene<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchConsent))?;
    let tenant = scene.tenant;
    let client = (found.client, &found.client_id);
    let agreement = Agreement { tenant, client, user: found.user, scope: &found.scope, picked: None };
    let end = FlowChange::WithdrawConsent {
        consent: found.id,
        tenant,
        client: found.client,
        user: found.user,
        at: scene.moment.now,
    };
    let changes = scene
        .unit(Action::ConsentWithdrawn, Target::Consent(found.id))
        .with(end.into())
        .with(agreement.record(Some(found.id), ConsentEvent::Withdrawn, &scene.moment));
    Ok(((), changes))
}
