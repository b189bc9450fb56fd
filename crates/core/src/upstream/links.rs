//! Which accounts people have connected: shown, made and taken away by their owner.

use super::admit::linked_letter;
use super::ask::UpstreamRequest;
use super::provider::IdentityProvider;
use super::reason::UpstreamReason;
use super::told::ToldIdentity;
use super::{LinkKey, UpstreamChange};
use crate::act::{Action, Target};
use crate::decision::Decision;
use crate::details::Details;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{IdentityProviderId, UserId};
use crate::manage::no_such;
use crate::people::Account;
use crate::people::letters::{Letter, News};
use crate::scene::Scene;
use crate::session::Authentication;
use crate::time::{Micros, Seconds};

/// A link to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpstreamLink {
    /// Who is known at the provider so.
    pub key: LinkKey,
    /// Whose account it is.
    pub user: UserId,
    /// What its owner recognises it by.
    pub label: Box<str>,
    /// When.
    pub at: Micros,
}

/// Somebody at a provider who is connected with an account, as its owner sees it.
#[derive(Debug, Clone)]
pub struct LinkedIdentity {
    /// Where.
    pub provider: IdentityProviderId,
    /// What the provider is called; none: it is gone.
    pub name: Option<Box<str>>,
    /// What they are called there.
    pub subject: Box<str>,
    /// What its owner recognises it by.
    pub label: Box<str>,
    /// When it was connected.
    pub created_at: Micros,
    /// When somebody last signed in so.
    pub used_at: Option<Micros>,
}

/// What an account can be got into by.
#[derive(Debug, Clone, Copy)]
pub struct WaysIn<'a> {
    /// The account.
    pub account: &'a Account,
    /// Whether it has a password.
    pub has_password: bool,
    /// Whom it is connected with.
    pub links: &'a [LinkedIdentity],
}

/// How long ago somebody may have signed in who has no password to show that it is them.
const FRESH: Seconds = Seconds(300);

/// Whether somebody has signed in so lately that it must be them.
pub fn is_fresh(authentication: &Authentication, now: Micros) -> bool {
    now < authentication.at.plus(FRESH)
}

/// Somebody who is signed in, comes back from a provider, and connects their account with who they are there.
///
/// # Errors
/// `conflict` where who they are there, or the account, is connected with somebody else.
pub fn connect(
    (ways, provider): (&WaysIn<'_>, &IdentityProvider),
    (request, told): (&UpstreamRequest, &ToldIdentity),
    linked: Option<&Account>,
    scene: &Scene<'_>,
) -> Decision<Option<Letter>> {
    let (account, at) = (ways.account, scene.moment.now);
    let used = UpstreamChange::Use { request: request.id, tenant: scene.tenant, at };
    let details = Details::new([("identity_provider", provider.slug.to_string())]);
    let unit = |action| {
        scene.unit(action, Target::User(account.user.id)).with(used.clone().into()).detailed(details.clone())
    };
    match linked {
        // It was done before, in another window.
        Some(known) if known.user.id == account.user.id => return Ok((None, unit(Action::UserLinked))),
        Some(_) => return Err(conflict(UpstreamReason::LinkedElsewhere)),
        None => {}
    }
    if ways.links.iter().any(|link| link.provider == provider.id) {
        return Err(conflict(UpstreamReason::LinkedAlready));
    }
    let key = LinkKey { provider: provider.id, tenant: provider.tenant, subject: told.subject.clone() };
    let new = NewUpstreamLink { key, user: account.user.id, label: told.label(), at };
    let changes = unit(Action::UserLinked).with(UpstreamChange::Link(Box::new(new)).into());
    Ok((Some(linked_letter(account, provider)), changes))
}

/// Takes a link away. Nobody shuts themselves out: the last way in stays, unless it is an administrator who acts.
///
/// # Errors
/// `not_found`; `conflict` where there is no other way in.
pub fn disconnect(
    ways: &WaysIn<'_>,
    provider: Option<IdentityProviderId>,
    scene: &Scene<'_>,
) -> Decision<Letter> {
    let found = provider.and_then(|id| ways.links.iter().find(|link| link.provider == id));
    let found = found.ok_or_else(|| no_such(UpstreamReason::NoSuchLink.into()))?;
    if !ways.has_password && ways.links.len() == 1 {
        return Err(conflict(UpstreamReason::LastWay));
    }
    let user = ways.account.user.id;
    let change = UpstreamChange::Unlink { provider: found.provider, tenant: scene.tenant, user };
    let called = found.name.clone().unwrap_or_default();
    let details = Details::new([("identity_provider_id", found.provider.to_string())]);
    let letter = Letter { to: ways.account.email.clone(), what: News::IdentityUnlinked(called.into()) };
    let unit = scene.unit(Action::UserUnlinked, Target::User(user)).detailed(details);
    Ok((letter, unit.with(change.into())))
}

fn conflict(why: UpstreamReason) -> Box<crate::decision::Refusal> {
    OAuthError::new(ErrorCode::Conflict, why).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Origin};
    use crate::given::{Counted, NOW, at};
    use crate::people::factors::given::account;
    use crate::upstream::told::given::provider;

    fn linked(id: u8) -> LinkedIdentity {
        LinkedIdentity {
            provider: IdentityProviderId::from_bytes([id; 16]),
            name: Some("Upstream".into()),
            subject: "sub".into(),
            label: "ada@example.org".into(),
            created_at: NOW,
            used_at: None,
        }
    }

    fn without(has_password: bool, links: &[LinkedIdentity], id: u8) -> Result<(), ErrorCode> {
        let (random, origin, account) = (Counted::default(), Origin::default(), account());
        let ways = WaysIn { account: &account, has_password, links };
        let moment = at(NOW, &random);
        let scene = Scene { tenant: account.user.tenant, actor: Actor::Anonymous, origin: &origin, moment };
        let gone = disconnect(&ways, Some(IdentityProviderId::from_bytes([id; 16])), &scene);
        gone.map(drop).map_err(|refusal| refusal.error.code())
    }

    #[test]
    fn the_last_way_in_stays() {
        assert_eq!(without(true, &[linked(7)], 7), Ok(()));
        assert_eq!(without(false, &[linked(7), linked(8)], 7), Ok(()));
        assert_eq!(without(false, &[linked(7)], 7), Err(ErrorCode::Conflict));
        assert_eq!(without(true, &[linked(7)], 9), Err(ErrorCode::NotFound));
    }

    /// One person here is one person there: neither is taken from anybody.
    #[test]
    fn who_is_somebodys_is_not_connected_with_another() {
        let (random, origin, own) = (Counted::default(), Origin::default(), account());
        let mut other = account();
        other.user.id = UserId::from_bytes([9; 16]);
        let (of, told) = (
            provider(),
            ToldIdentity {
                subject: "sub".into(),
                email: None,
                email_verified: false,
                name: None,
                username: None,
                auth_time: None,
                methods: Vec::new(),
            },
        );
        let request = UpstreamRequest {
            id: crate::ids::UpstreamRequestId::from_bytes([1; 16]),
            hash: crate::secret::sha256(b"x"),
            provider: of.id,
            sealed: Vec::new(),
            expires_at: NOW,
            used_at: None,
        };
        let moment = at(NOW, &random);
        let scene = Scene { tenant: own.user.tenant, actor: Actor::Anonymous, origin: &origin, moment };
        let done = |links: &[LinkedIdentity], linked| {
            let ways = WaysIn { account: &own, has_password: true, links };
            let done = connect((&ways, &of), (&request, &told), linked, &scene);
            done.map(|(letter, changes)| (letter.is_some(), changes.list().len()))
                .map_err(|refusal| refusal.error.code())
        };
        assert_eq!(done(&[], None), Ok((true, 2)));
        assert_eq!(done(&[], Some(&own)), Ok((false, 1)), "it was done before");
        assert_eq!(done(&[], Some(&other)), Err(ErrorCode::Conflict));
        assert_eq!(done(&[linked(7)], None), Err(ErrorCode::Conflict));
        assert_eq!(done(&[linked(8)], None), Ok((true, 2)), "another provider's");
    }
}
