//! Whose account somebody has who comes from a provider: the one that they have connected, else one that may be connected by
//! its address, else a new one. Whoever has an account with a password never finds it connected unless they have proved here
//! that it is theirs: on the page of their account.

use super::ask::UpstreamRequest;
use super::links::NewUpstreamLink;
use super::provider::{IdentityProvider, LinkByEmail};
use super::told::ToldIdentity;
use super::{LinkKey, UpstreamChange};
use crate::act::{Action, Target};
use crate::audit::Outcome;
use crate::authority::Permissions;
use crate::base62;
use crate::change::{Change, Changes};
use crate::decision::Moment;
use crate::details::Details;
use crate::ids::UserId;
use crate::manage::name_is_valid;
use crate::noted::{Noted, Worth};
use crate::people::accounts::PlannedAccount;
use crate::people::letters::{Letter, News};
use crate::people::sign_in::{SignInFailure, may_enter};
use crate::people::{Account, Candidate, email_is_valid, is_same_address, username_is_valid};
use crate::role::USER;
use crate::scene::Scene;
use crate::session::Authentication;
use crate::tenant::Tenant;
use crate::user::NewUser;

/// An account that is made for somebody who comes from a provider.
#[derive(Debug, Clone)]
pub struct NewUpstreamAccount {
    /// The account, without a password.
    pub user: NewUser,
    /// What connects it.
    pub link: NewUpstreamLink,
}

/// Somebody who comes from a provider, and what is known of them here.
#[derive(Debug, Clone, Copy)]
pub struct Arriving<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// From where.
    pub provider: &'a IdentityProvider,
    /// With what they were sent away.
    pub request: &'a UpstreamRequest,
    /// Who they are there.
    pub told: &'a ToldIdentity,
    /// The account that is connected with them.
    pub linked: Option<&'a Account>,
    /// The account that their verified address leads to.
    pub holder: Option<AddressHolder<'a>>,
    /// A username that nobody has, for a new account.
    pub free_name: Option<&'a str>,
}

/// The account that an address leads to.
#[derive(Debug, Clone, Copy)]
pub struct AddressHolder<'a> {
    /// The account, and its password.
    pub candidate: &'a Candidate,
    /// Whether it is connected with somebody at this provider.
    pub connected: Connected,
    /// What its roles give at Writ's own APIs.
    pub permissions: Permissions,
}

/// Whether an account is connected with somebody at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connected {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Why somebody whom a provider knows is not let in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// An account has their address, and it was not proved here that it is theirs.
    AddressTaken,
    /// They have no account, and get none by themselves.
    NoAccount,
    /// The tenant wants a verified address, and the provider tells none.
    NoAddress,
    /// Their account does not let them in.
    Account(SignInFailure),
}

impl NotAdmitted {
    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddressTaken => "address_taken",
            Self::NoAccount => "no_account",
            Self::NoAddress => "no_address",
            Self::Account(why) => why.name(),
        }
    }
}

/// Somebody who was let in.
#[derive(Debug)]
pub struct Arrived {
    /// Their account.
    pub account: Account,
    /// What they are told by mail.
    pub letter: Option<Letter>,
}

impl<'a> Arriving<'a> {
    /// The address that counts: one that the provider has verified, if it is trusted with that.
    pub fn address(provider: &IdentityProvider, told: &'a ToldIdentity) -> Option<&'a str> {
        let is_verified = told.email_verified && provider.settings.trust_email.is_on();
        told.email.as_deref().filter(|email| is_verified && email_is_valid(email))
    }

    /// What a new account could be called, best first. The last is always free: it is drawn.
    pub fn names(provider: &IdentityProvider, told: &ToldIdentity, moment: &Moment<'_>) -> Vec<String> {
        let mut random = [0; 8];
        moment.random.fill(&mut random);
        let own = told.username.as_deref().filter(|name| username_is_valid(name) && !name.contains('@'));
        let address = Arriving::address(provider, told).filter(|address| username_is_valid(address));
        let drawn = format!("{}-{}", provider.slug, base62::random_text(&random).to_ascii_lowercase());
        address.or(own).map(str::to_owned).into_iter().chain([drawn]).collect()
    }

    fn key(&self) -> LinkKey {
        let Self { provider, told, .. } = self;
        LinkKey { provider: provider.id, tenant: provider.tenant, subject: told.subject.clone() }
    }

    fn link(&self, user: UserId, scene: &Scene<'_>) -> NewUpstreamLink {
        NewUpstreamLink { key: self.key(), user, label: self.told.label(), at: scene.moment.now }
    }

    /// The unit: what the browser came back with is used up first.
    fn unit(&self, action: Action, account: &Account, scene: &Scene<'_>) -> Changes {
        let scene = scene.clone().by(account.user.id, account.user.username.clone());
        let (tenant, at) = (self.tenant.id, scene.moment.now);
        let details = Details::new([("identity_provider", self.provider.slug.to_string())]);
        scene
            .unit(action, Target::User(account.user.id))
            .with(UpstreamChange::Use { request: self.request.id, tenant, at }.into())
            .detailed(details)
    }

    /// Whose account it is, and what is to be written.
    ///
    /// # Errors
    /// [`NotAdmitted`]
    pub fn admit(&self, scene: &Scene<'_>) -> Result<(Arrived, Changes), NotAdmitted> {
        if let Some(account) = self.linked {
            return self.known(account, scene);
        }
        match self.holder {
            Some(found) if self.may_be_linked(&found) => {
                let holder = found.candidate;
                may_enter(&holder.account, self.tenant).map_err(NotAdmitted::Account)?;
                let link = self.link(holder.account.user.id, scene);
                let changes = self
                    .unit(Action::UserLinked, &holder.account, scene)
                    .with(UpstreamChange::Link(Box::new(link)).into());
                let letter = linked_letter(&holder.account, self.provider);
                Ok((Arrived { account: holder.account.clone(), letter: Some(letter) }, changes))
            }
            Some(_) => Err(NotAdmitted::AddressTaken),
            None => self.newcomer(scene),
        }
    }

    fn known(&self, account: &Account, scene: &Scene<'_>) -> Result<(Arrived, Changes), NotAdmitted> {
        may_enter(account, self.tenant).map_err(NotAdmitted::Account)?;
        let (user, at) = (account.user.id, scene.moment.now);
        let changes = self
            .unit(Action::UserSignedIn, account, scene)
            .with(UpstreamChange::SignIn { link: self.key(), user, at }.into());
        Ok((Arrived { account: account.clone(), letter: None }, changes))
    }

    /// Only an account that nobody can have got into but whoever reads that mailbox; and never one that bears a permission:
    /// whoever may add a provider could get more than they have.
    fn may_be_linked(&self, holder: &AddressHolder<'_>) -> bool {
        let account = &holder.candidate.account;
        let is_same = Arriving::address(self.provider, self.told)
            .zip(account.email.as_deref())
            .is_some_and(|(there, here)| is_same_address(there, here));
        self.provider.settings.link_by_email == LinkByEmail::Verified
            && holder.connected == Connected::No
            && holder.permissions.is_empty()
            && holder.candidate.password_hash.is_none()
            && account.email_is_verified()
            && is_same
    }

    fn newcomer(&self, scene: &Scene<'_>) -> Result<(Arrived, Changes), NotAdmitted> {
        let name = self.free_name.filter(|_| self.provider.settings.create_accounts.is_on());
        let Some(username) = name else { return Err(NotAdmitted::NoAccount) };
        let address = Arriving::address(self.provider, self.told);
        if address.is_none() && self.tenant.settings.require_verified_email.is_on() {
            return Err(NotAdmitted::NoAddress);
        }
        let at = scene.moment.now;
        let user = NewUser {
            id: UserId::v7(at, scene.moment.random.bits()),
            tenant: self.tenant.id,
            username: username.into(),
            // One that is not known to be theirs may be somebody else's, and is not kept.
            email: address.map(Into::into),
            name: self.told.name.clone().filter(|name| name_is_valid(name)),
            email_verified_at: address.map(|_| at),
            password_hash: None,
            roles: vec![USER.into()],
            created_at: at,
        };
        let account = PlannedAccount::without_password(user.clone()).account();
        let link = self.link(user.id, scene);
        let changes = self
            .unit(Action::UserCreated, &account, scene)
            .with(Change::CreateUser(Box::new(user)))
            .with(UpstreamChange::Link(Box::new(link)).into());
        Ok((Arrived { account, letter: None }, changes))
    }

    /// How they have proved to be themselves.
    pub fn proved(&self, scene: &Scene<'_>) -> Authentication {
        let now = scene.moment.now;
        let trusts = self.provider.settings.trust_second_factor.is_on();
        let methods = if trusts { &*self.told.methods } else { &[] };
        let began = crate::time::Micros(i64::try_from(self.request.id.issued_ms()).unwrap_or(0) * 1000);
        // Whoever has signed in there since they were sent away has done so just now: the provider counts in seconds.
        let at = match self.told.auth_time {
            Some(at) if at.as_secs() < began.as_secs() => at,
            Some(_) | None => now,
        };
        Authentication::by_provider(at.min(now), methods)
    }

    /// The record of somebody who was not let in.
    pub fn failed(&self, why: NotAdmitted, scene: &Scene<'_>) -> Noted {
        let known = self.linked.or(self.holder.map(|holder| &holder.candidate.account));
        let target = match known {
            Some(account) => Target::User(account.user.id),
            None => Target::IdentityProvider(self.provider.id),
        };
        Noted {
            act: scene.act(Action::SignInFailed, target),
            outcome: Outcome::Failure,
            why: Some(("reason", why.name())),
            reason: None,
            name: Some(("identity_provider", self.provider.slug.clone())),
            list: None,
            path: None,
            worth: Worth::Few,
        }
    }
}

/// What somebody is told whose account was connected.
pub(super) fn linked_letter(account: &Account, provider: &IdentityProvider) -> Letter {
    Letter { to: account.email.clone(), what: News::IdentityLinked(provider.name.clone()) }
}

impl ToldIdentity {
    /// What their owner recognises them by.
    pub fn label(&self) -> Box<str> {
        let told = self.email.as_ref().or(self.username.as_ref()).or(self.name.as_ref());
        told.unwrap_or(&self.subject).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::provider::ProviderSettings;
    use super::super::told::given::provider;
    use super::*;
    use crate::act::{Actor, Origin};
    use crate::given::{Counted, NOW, at, facts};
    use crate::ids::UpstreamRequestId;
    use crate::people::factors::given::account;
    use crate::secret::sha256;
    use crate::settings::Switch;
    use crate::time::{Micros, Seconds};

    fn told() -> ToldIdentity {
        ToldIdentity {
            subject: "sub".into(),
            email: Some("ada@example.org".into()),
            email_verified: true,
            name: Some("Ada".into()),
            username: Some("ada".into()),
            auth_time: None,
            methods: Vec::new(),
        }
    }

    fn request() -> UpstreamRequest {
        UpstreamRequest {
            id: UpstreamRequestId::v7(NOW, [1; 8]),
            hash: sha256(b"state"),
            provider: provider().id,
            sealed: Vec::new(),
            expires_at: NOW.plus(Seconds(600)),
            used_at: None,
        }
    }

    /// Whoever has the address here.
    fn holder(password: Option<&str>, verified: bool) -> Candidate {
        let mut account = account();
        account.email = Some("Ada@example.org".into());
        account.email_verified_at = verified.then_some(NOW);
        Candidate { account, password_hash: password.map(Into::into) }
    }

    fn holding(candidate: &Candidate, connected: Connected, permissions: Permissions) -> AddressHolder<'_> {
        AddressHolder { candidate, connected, permissions }
    }

    fn admitted(
        settings: impl FnOnce(&mut ProviderSettings),
        told: &ToldIdentity,
        found: (Option<&Account>, Option<AddressHolder<'_>>),
    ) -> Result<(Arrived, Vec<Change>, Action), NotAdmitted> {
        let (facts, random, origin, request) =
            (facts(|_, _| {}), Counted::default(), Origin::default(), request());
        let mut of = provider();
        let mut own = (*of.settings).clone();
        settings(&mut own);
        of.settings = Arc::new(own);
        let (linked, holder) = found;
        let arriving = Arriving {
            tenant: &facts.tenant,
            provider: &of,
            request: &request,
            told,
            linked,
            holder,
            free_name: Some("free"),
        };
        let moment = at(NOW, &random);
        let scene = Scene { tenant: facts.tenant.id, actor: Actor::Anonymous, origin: &origin, moment };
        let (arrived, changes) = arriving.admit(&scene)?;
        let first = changes.list().first();
        assert!(matches!(first, Some(Change::Upstream(UpstreamChange::Use { .. }))), "{first:?}");
        Ok((arrived, changes.list().to_vec(), changes.act().action))
    }

    #[test]
    fn whoever_is_connected_is_who_they_are_here() {
        let ada = account();
        let (arrived, _, action) = admitted(|_| {}, &told(), (Some(&ada), None)).unwrap();
        assert_eq!((arrived.account.user.id, action), (ada.user.id, Action::UserSignedIn));
        // Whoever has the address meanwhile does not matter.
        let other = holder(Some("hash"), true);
        let found = (Some(&ada), Some(holding(&other, Connected::No, Permissions::NONE)));
        assert!(admitted(|_| {}, &told(), found).is_ok());
        let mut disabled = account();
        disabled.user.enabled = crate::change::Enabled::No;
        assert_eq!(
            admitted(|_| {}, &told(), (Some(&disabled), None)).unwrap_err(),
            NotAdmitted::Account(SignInFailure::Disabled)
        );
    }

    /// The whole table: what the tenant says × whether the account has a password × whether its address is verified × whether it
    /// is connected with somebody else there already × whether it bears a permission.
    #[test]
    fn an_account_is_connected_by_its_address_only_where_nobody_else_can_have_it() {
        for choice in LinkByEmail::ALL {
            for password in [None, Some("hash")] {
                for verified in [false, true] {
                    for (connected, permissions) in [
                        (Connected::No, Permissions::NONE),
                        (Connected::Yes, Permissions::NONE),
                        (Connected::No, Permissions::all()),
                    ] {
                        let holder = holder(password, verified);
                        let found = (None, Some(holding(&holder, connected, permissions)));
                        let done = admitted(|it| it.link_by_email = choice, &told(), found);
                        let expected = choice == LinkByEmail::Verified
                            && password.is_none()
                            && permissions.is_empty()
                            && verified
                            && connected == Connected::No;
                        match done {
                            Ok((arrived, _, action)) => {
                                assert!(expected, "{choice:?} {password:?} {verified} {connected:?}");
                                assert_eq!(action, Action::UserLinked);
                                assert!(arrived.letter.is_some_and(|letter| letter.to.is_some()));
                            }
                            Err(why) => {
                                assert!(!expected, "{choice:?} {password:?} {verified} {connected:?}");
                                assert_eq!(why, NotAdmitted::AddressTaken);
                            }
                        }
                    }
                }
            }
        }
    }

    /// An address that is not known to be theirs leads to nobody's account, and is not kept.
    #[test]
    fn an_address_that_is_not_verified_is_none() {
        let new = |told: &ToldIdentity, trust| {
            let (arrived, changes, action) =
                admitted(|it| it.trust_email = trust, told, (None, None)).unwrap();
            assert_eq!(action, Action::UserCreated);
            assert_eq!(changes.len(), 3);
            arrived.account
        };
        let unverified = ToldIdentity { email_verified: false, ..told() };
        for (told, trust) in [(&unverified, Switch::On), (&told(), Switch::Off)] {
            assert_eq!(Arriving::address(&of(trust), told), None);
            let account = new(told, trust);
            assert_eq!((account.email, account.email_verified_at), (None, None));
        }
        let account = new(&told(), Switch::On);
        assert_eq!(
            (account.email.as_deref(), account.email_verified_at),
            (Some("ada@example.org"), Some(NOW))
        );
        assert_eq!((account.name.as_deref(), &*account.user.username), (Some("Ada"), "free"));
    }

    fn of(trust: Switch) -> IdentityProvider {
        let mut of = provider();
        of.settings = Arc::new(ProviderSettings { trust_email: trust, ..(*of.settings).clone() });
        of
    }

    #[test]
    fn a_new_account_is_called_by_what_is_known_to_be_theirs() {
        let random = Counted::default();
        let names = |told: &ToldIdentity, trust| Arriving::names(&of(trust), told, &at(NOW, &random));
        assert_eq!(names(&told(), Switch::On)[0], "ada@example.org");
        assert_eq!(names(&told(), Switch::Off)[0], "ada");
        let address = ToldIdentity { username: Some("victim@example.org".into()), ..told() };
        let drawn = names(&address, Switch::Off);
        assert!(drawn.len() == 1 && drawn[0].starts_with("up-"), "{drawn:?}");
    }

    #[test]
    fn nobody_gets_an_account_where_the_tenant_gives_none() {
        let none = admitted(|it| it.create_accounts = Switch::Off, &told(), (None, None));
        assert_eq!(none.unwrap_err(), NotAdmitted::NoAccount);
    }

    /// OpenID Connect Core §2: `auth_time` is when they proved it there; what was proved since they were sent away counts as
    /// now. `mfa` counts where the tenant trusts the provider with it, and never alone.
    #[test]
    fn what_was_proved_there_is_as_old_and_as_strong_as_it_was() {
        let (facts, random, origin, request) =
            (facts(|_, _| {}), Counted::default(), Origin::default(), request());
        let proved = |auth_time: Option<Micros>, trust, methods: &[&'static str]| {
            let told = ToldIdentity { auth_time, methods: methods.to_vec(), ..told() };
            let mut of = provider();
            let own = ProviderSettings { trust_second_factor: trust, ..(*of.settings).clone() };
            of.settings = Arc::new(own);
            let arriving = Arriving {
                tenant: &facts.tenant,
                provider: &of,
                request: &request,
                told: &told,
                linked: None,
                holder: None,
                free_name: None,
            };
            let moment = at(NOW.plus(Seconds(5)), &random);
            let scene = Scene { tenant: facts.tenant.id, actor: Actor::Anonymous, origin: &origin, moment };
            arriving.proved(&scene)
        };
        let now = NOW.plus(Seconds(5));
        for (told, expected) in [
            (None, now),
            (Some(NOW.minus(Seconds(3600))), NOW.minus(Seconds(3600))),
            (Some(Micros::from_secs(NOW.as_secs())), now),
            (Some(NOW.plus(Seconds(999_999))), now),
        ] {
            assert_eq!(proved(told, Switch::Off, &[]).at, expected, "{told:?}");
        }
        for (trust, methods, two) in [
            (Switch::Off, &["pwd", "otp", "mfa"][..], false),
            (Switch::On, &["pwd", "otp", "mfa"], true),
            (Switch::On, &["pwd"], false),
            (Switch::On, &[], false),
        ] {
            let proved = proved(None, trust, methods);
            assert_eq!((proved.is_two_factor(), proved.acr()), (two, Some(if two { "2" } else { "1" })));
            assert!(proved.methods.starts_with("fed"), "{proved:?}");
        }
    }
}
