//! Making and changing accounts: by administrators, by people themselves, and by whoever registers.
//!
//! A use case that sets a password has two halves: `plan_…` decides, then the password is hashed, then
//! `finish` gives the unit. Nothing is hashed for a request that is refused.

use std::sync::Arc;

use super::change::{AccountUpdate, PersonTokens};
use super::links::with_verification;
use super::names::{email_is_valid, is_address, is_same_address, username_is_valid, username_key};
use super::password::{Strength, problem};
use super::sign_in::AttemptBuckets;
use super::{Account, Letter, News, PeopleChange};
use crate::change::{Action, Change, Changes, Enabled, Target};
use crate::decision::{Decision, Judgement};
use crate::excerpt::Excerpt;
use crate::ids::UserId;
use crate::manage::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::reason::Reason;
use crate::role::{Role, USER, built_in, permissions_of};
use crate::scene::Scene;
use crate::secret::{HashKey, Presented};
use crate::time::Micros;
use crate::user::{NewUser, User};

/// A password as somebody sent it, and how hard it is to guess.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// The password.
    pub text: Presented,
    /// How hard it is to guess for somebody who knows whose it is.
    pub strength: Strength,
}

/// What an account shall be; username and a password, or the hash of one, have to be there.
#[derive(Debug, Clone, Default)]
pub struct AccountDraft {
    /// Username.
    pub username: Option<String>,
    /// Password.
    pub password: Option<NewPassword>,
    /// The hash of a password, from elsewhere; whether it can be verified was looked at before.
    pub password_hash: Option<Arc<str>>,
    /// Display name.
    pub name: Option<String>,
    /// Email address; the username where that is one.
    pub email: Option<String>,
    /// Whether the address is known to be theirs.
    pub email_verified: Option<bool>,
    /// Names of roles; `user` where none are named.
    pub roles: Option<Vec<String>>,
    /// Whether they may sign in.
    pub enabled: Option<Enabled>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What shall be changed of an account; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct AccountPatch {
    /// Username: only the one that it has.
    pub username: Option<String>,
    /// Another password.
    pub password: Option<NewPassword>,
    /// Display name; `Some(None)`: none.
    pub name: Option<Option<String>>,
    /// Email address; `Some(None)`: none.
    pub email: Option<Option<String>>,
    /// Whether the address is known to be theirs.
    pub email_verified: Option<bool>,
    /// `Some(None)`: the address that waits to be verified is forgotten. Nothing else can be said of it.
    pub pending_email: Option<Option<String>>,
    /// Names of roles; the whole list.
    pub roles: Option<Vec<String>>,
    /// Whether they may sign in.
    pub enabled: Option<Enabled>,
    /// What is said of its going; `None`: nothing.
    pub going: Option<SentGoing>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What an administrator says of when an account goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentGoing {
    /// It stays.
    Stays,
    /// What they have read of it.
    AsShown,
    /// Anything else.
    Else,
}

/// What people change of their own account; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ProfilePatch {
    /// Display name; `Some(None)`: none.
    pub name: Option<Option<String>>,
    /// Email address.
    pub email: Option<String>,
    /// `Some(None)`: the address that waits to be verified is forgotten. Nothing else can be said of it.
    pub pending_email: Option<Option<String>>,
    /// Another password.
    pub password: Option<NewPassword>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What the present password, as a person typed it, proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrentPassword {
    /// None was sent.
    Missing,
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
}

/// What was sent, without spaces at the ends, which are no part of a name. What ends a line stays, and is refused.
fn trimmed(text: Option<&String>) -> Option<&str> {
    let is_space = |c: char| c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    text.map(|text| text.trim_matches(is_space))
}

fn check_name(name: Option<&str>, violations: &mut Violations) {
    violations.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
}

fn check_email(email: Option<&str>, violations: &mut Violations) {
    violations.when(Wrong(email.is_some_and(|email| !email_is_valid(email))), "email", Reason::EmailRule);
}

/// A username that is an address is that person's email.
fn check_one_address(username: Option<&str>, email: Option<&str>, violations: &mut Violations) {
    let (Some(username), Some(email)) = (username, email) else { return };
    violations.when(
        Wrong(is_address(username) && !is_same_address(username, email)),
        "email",
        Reason::EmailIsUsername,
    );
}

/// What is said of an address that waits: that it is forgotten, or, by whoever sends back what they read, that it is
/// what it is.
fn check_pending(sent: Option<&Option<String>>, found: &Account, violations: &mut Violations) {
    let wrong = matches!(sent, Some(Some(text)) if Some(&**text) != found.new_email.as_deref());
    violations.when(Wrong(wrong), "pending_email", Reason::PendingEmailOnlyNull);
}

/// Whether an account goes is its owner's wish, which an administrator can only cancel.
fn check_going(sent: Option<&SentGoing>, violations: &mut Violations) {
    violations.when(Wrong(sent == Some(&SentGoing::Else)), "leaves_at", Reason::LeavesAtOnlyNull);
}

fn check_password(password: Option<&NewPassword>, violations: &mut Violations) {
    if let Some(why) = password.and_then(|new| problem(&new.text, &new.strength)) {
        violations.note("password", why);
    }
}

/// Roles that one person has at the most.
const ROLES: usize = 100;
/// Roles that an answer names at the most.
const NAMED: usize = 5;

fn check_roles(roles: &[String], defined: &[Role], violations: &mut Violations) {
    if roles.len() > ROLES {
        violations.note("roles", Reason::EntriesMost { most: ROLES.into() });
        return;
    }
    let exists = |name: &str| built_in(name).is_some() || defined.iter().any(|role| &*role.name == name);
    let unknown = roles.iter().filter(|name| !exists(name)).take(NAMED);
    let unknown: Vec<_> = unknown.map(|name| Excerpt::of(name).to_string()).collect();
    violations.when(
        Wrong(!unknown.is_empty()),
        "roles",
        Reason::RolesUnknown { names: unknown.join(" ").into() },
    );
    let mut sorted: Vec<_> = roles.iter().collect();
    sorted.sort();
    sorted.dedup();
    violations.when(Wrong(sorted.len() != roles.len()), "roles", Reason::RoleTwice);
}

fn boxed(roles: &[String]) -> Vec<Box<str>> {
    roles.iter().map(|role| role.as_str().into()).collect()
}

fn may_have(roles: &[Box<str>], defined: &[Role], deed: &Deed<'_>) -> Judgement<()> {
    let permissions = permissions_of(roles.iter().map(AsRef::as_ref), defined);
    deed.acting.caller().may_grant(permissions)
}

/// An account that may be made once its password is hashed.
#[derive(Debug, Clone)]
pub struct PlannedAccount {
    new: NewUser,
    enabled: Enabled,
}

impl PlannedAccount {
    /// An account that nobody signs in to with a password.
    pub(crate) const fn without_password(new: NewUser) -> Self {
        Self { new, enabled: Enabled::Yes }
    }

    /// The account and its unit, with the hash of its password.
    pub fn finish(mut self, hash: Arc<str>, scene: &Scene<'_>) -> (Account, Changes) {
        let at = scene.moment.now;
        self.new.password_hash = Some(hash);
        self.new.created_at = at;
        let account = self.account();
        let changes = scene
            .unit(Action::UserCreated, Target::User(self.new.id))
            .with(Change::CreateUser(Box::new(self.new)));
        let changes = match self.enabled {
            Enabled::Yes => changes,
            Enabled::No => changes.with(Change::SetUserEnabled {
                user: account.user.id,
                tenant: account.user.tenant,
                enabled: Enabled::No,
                at,
            }),
        };
        (account, changes)
    }

    /// [`PlannedAccount::finish`] for whoever registers: a letter asks them to verify their address.
    pub fn register(self, hash: Arc<str>, scene: &Scene<'_>) -> (Account, Letter, Changes) {
        let (account, changes) = self.finish(hash, scene);
        match account.email.clone() {
            Some(email) => {
                let (changes, letter) = with_verification(changes, &account, &email, scene);
                (account, letter, changes)
            }
            None => (account, Letter { to: None, what: News::EmailChanging }, changes),
        }
    }

    /// For a name that somebody has: what is answered is what a new account would be, and the owner
    /// hears of it. Nothing is made.
    pub fn refuse(mut self, owner: &Account, scene: &Scene<'_>) -> (Account, Letter, Changes) {
        self.new.created_at = scene.moment.now;
        let to = owner.email.clone().filter(|_| owner.user.enabled == Enabled::Yes);
        let changes = scene.unit(Action::UserRegistrationRepeated, Target::User(owner.user.id));
        (self.account(), Letter { to, what: News::AlreadyRegistered }, changes)
    }

    /// Its username.
    pub fn username(&self) -> &str {
        &self.new.username
    }

    /// The account as it will be.
    pub(crate) fn account(&self) -> Account {
        let NewUser { id, tenant, username, email, name, email_verified_at, roles, created_at, .. } =
            self.new.clone();
        Account {
            leaves_at: None,
            leaves_in: None,
            user: User { id, tenant, username: username.into(), roles, enabled: self.enabled },
            email,
            email_verified_at,
            new_email: None,
            name,
            created_at,
            updated_at: created_at,
            last_login_at: None,
            version: if self.enabled == Enabled::Yes { 1 } else { 2 },
            generation: i64::from(self.enabled == Enabled::No),
        }
    }
}

fn plan(
    draft: &AccountDraft,
    roles: &[String],
    violations: Violations,
    scene: &Scene<'_>,
) -> Judgement<PlannedAccount> {
    let mut violations = violations;
    let username = violations.require("username", trimmed(draft.username.as_ref()));
    let (name, email) = (trimmed(draft.name.as_ref()), trimmed(draft.email.as_ref()));
    violations.when(
        Wrong(username.is_some_and(|username| !username_is_valid(username))),
        "username",
        Reason::UsernameRule,
    );
    check_name(name, &mut violations);
    check_email(email, &mut violations);
    check_one_address(username, email, &mut violations);
    check_password(draft.password.as_ref(), &mut violations);
    let username = violations.settle_with(username)?;
    let email = email.or_else(|| is_address(username).then_some(username));
    let (now, random) = (scene.moment.now, scene.moment.random);
    let is_verified = draft.email_verified.unwrap_or_default() && email.is_some();
    let new = NewUser {
        id: UserId::v7(now, random.bits()),
        tenant: scene.tenant,
        username: username.into(),
        email: email.map(Into::into),
        name: name.map(Into::into),
        email_verified_at: is_verified.then_some(now),
        password_hash: None,
        roles: boxed(roles),
        created_at: now,
    };
    Ok(PlannedAccount { new, enabled: draft.enabled.unwrap_or(Enabled::Yes) })
}

/// An administrator makes an account.
///
/// # Errors
/// `invalid_request` naming the fields; `access_denied` for roles wider than the caller.
pub fn plan_create(draft: &AccountDraft, defined: &[Role], deed: &Deed<'_>) -> Judgement<PlannedAccount> {
    let mut violations = draft.unread.clone();
    let user = [USER.to_owned()];
    let roles = draft.roles.as_deref().unwrap_or(&user);
    check_roles(roles, defined, &mut violations);
    match (&draft.password, &draft.password_hash) {
        (None, None) => drop(violations.require("password", None::<()>)),
        (Some(_), Some(_)) => violations.note("password_hash", Reason::HashBesidePassword),
        (Some(_), None) | (None, Some(_)) => {}
    }
    let planned = plan(draft, roles, violations, &deed.scene())?;
    may_have(&planned.new.roles, defined, deed)?;
    Ok(planned)
}

/// Somebody registers. Roles, verification and the like are not theirs to say.
///
/// # Errors
/// `invalid_request` naming the fields.
pub fn plan_registration(draft: &AccountDraft, scene: &Scene<'_>) -> Judgement<PlannedAccount> {
    let mut violations = draft.unread.clone();
    violations.require("password", draft.password.as_ref());
    let own = AccountDraft { email_verified: None, enabled: None, ..draft.clone() };
    plan(&own, &[USER.to_owned()], violations, scene)
}

/// A change of an account that may be made once a new password, where there is one, is hashed.
#[derive(Debug)]
pub struct PlannedUpdate {
    /// What it is called in the audit log.
    action: Action,
    account: Account,
    tokens: PersonTokens,
    letters: Vec<Letter>,
    /// The address that is to be verified.
    verify: Option<Box<str>>,
}

impl PlannedUpdate {
    /// The address that a link is to be sent to, to verify it.
    pub fn to_verify(&self) -> Option<&str> {
        self.verify.as_deref()
    }

    /// The account as it will be, its unit, and who hears of it.
    pub fn finish(mut self, hash: Option<Arc<str>>, scene: &Scene<'_>) -> (Account, Vec<Letter>, Changes) {
        let at = scene.moment.now;
        let update = AccountUpdate {
            password_hash: hash,
            tokens: self.tokens,
            ..AccountUpdate::of(&self.account, at)
        };
        self.account.generation += i64::from(self.tokens == PersonTokens::End);
        let user = &self.account.user;
        let mut changes = scene
            .unit(self.action, Target::User(user.id))
            .with(Change::People(PeopleChange::Update(Box::new(update))));
        if let Some(to) = self.verify.take() {
            let (more, letter) = with_verification(changes, &self.account, &to, scene);
            changes = more;
            self.letters.push(letter);
        }
        self.account.updated_at = at;
        self.account.version += 1;
        (self.account, self.letters, changes)
    }
}

/// An administrator changes an account.
///
/// # Errors
/// `not_found`; `invalid_request` naming the fields; `access_denied` where the account has, or would
/// get, authority that the caller lacks.
pub fn plan_update(
    patch: &AccountPatch,
    found: Option<&Account>,
    defined: &[Role],
    deed: &Deed<'_>,
) -> Judgement<PlannedUpdate> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    let mut violations = patch.unread.clone();
    let username = trimmed(patch.username.as_ref());
    let name = patch.name.as_ref().map(|name| trimmed(name.as_ref()));
    let email = patch.email.as_ref().map(|email| trimmed(email.as_ref()));
    check_username(username, email.flatten(), found, &mut violations);
    check_name(name.flatten(), &mut violations);
    check_email(email.flatten(), &mut violations);
    violations.when(
        Wrong(email == Some(None) && is_address(&found.user.username)),
        "email",
        Reason::EmailStays,
    );
    check_pending(patch.pending_email.as_ref(), found, &mut violations);
    check_going(patch.going.as_ref(), &mut violations);
    check_password(patch.password.as_ref(), &mut violations);
    check_roles(patch.roles.as_deref().unwrap_or_default(), defined, &mut violations);
    violations.settle()?;
    may_have(&found.user.roles, defined, deed)?;
    let mut account = found.clone();
    if let Some(roles) = &patch.roles {
        account.user.roles = boxed(roles);
        may_have(&account.user.roles, defined, deed)?;
    }
    if let Some(name) = name {
        account.name = name.map(Into::into);
    }
    match email {
        Some(sent) if sent == found.email.as_deref() => {}
        Some(Some(email)) => account.move_to(email, None),
        Some(None) => (account.email, account.email_verified_at, account.new_email) = (None, None, None),
        None => {}
    }
    if patch.pending_email == Some(None) {
        account.new_email = None;
    }
    match patch.email_verified {
        Some(true) => account.email_verified_at = account.email_verified_at.or(Some(deed.moment.now)),
        Some(false) => account.email_verified_at = None,
        None => {}
    }
    if account.email.is_none() {
        account.email_verified_at = None;
    }
    if patch.going == Some(SentGoing::Stays) {
        (account.leaves_at, account.leaves_in) = (None, None);
    }
    account.user.enabled = patch.enabled.unwrap_or(found.user.enabled);
    let is_locked_out = account.user.enabled == Enabled::No && found.user.enabled == Enabled::Yes;
    let tokens =
        if is_locked_out || patch.password.is_some() { PersonTokens::End } else { PersonTokens::Keep };
    if tokens == PersonTokens::End {
        account.new_email = None;
    }
    let mut letters = Vec::new();
    if account.email != found.email {
        letters.push(Letter { to: found.email.clone(), what: News::EmailChanged });
    }
    if patch.password.is_some() {
        letters.push(Letter { to: found.email.clone(), what: News::PasswordChanged });
    }
    let is_kept = found.leaves_at.is_some() && account.leaves_at.is_none();
    if is_kept {
        letters.push(Letter { to: account.email.clone(), what: News::Kept });
    }
    let action = if is_kept { Action::UserDeletionCancelled } else { Action::UserUpdated };
    Ok(PlannedUpdate { action, account, tokens, letters, verify: None })
}

/// Lets somebody in again to whom an administrator has given a password, or whom they have unlocked: whatever was
/// guessed before, from wherever, keeps nobody out.
pub fn let_in(account: &Account, hash_key: &HashKey, at: Micros) -> Change {
    let key = username_key(&account.user.username);
    let between = AttemptBuckets::all(account.user.tenant, &key, hash_key);
    Change::People(PeopleChange::FillAllBuckets { between, at })
}

/// The username of an account is what it is; one that is an address becomes another one with the email.
fn check_username(username: Option<&str>, email: Option<&str>, found: &Account, violations: &mut Violations) {
    let Some(username) = username else { return };
    let is_its_own = username_key(username) == username_key(&found.user.username);
    let follows =
        is_address(&found.user.username) && email.is_some_and(|email| is_same_address(username, email));
    violations.when(Wrong(!is_its_own && !follows), "username", Reason::UsernameFixed);
    check_one_address(Some(username), email, violations);
}

/// People change their own account. Another address stays a wish until it is verified; the old one
/// hears of it. A new password ends all sessions, grants and tokens, and a wish that was there before.
///
/// # Errors
/// `not_found`; `invalid_request` naming the fields.
pub fn plan_profile(
    patch: &ProfilePatch,
    found: Option<&Account>,
    current: CurrentPassword,
) -> Judgement<PlannedUpdate> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    let mut violations = patch.unread.clone();
    let name = patch.name.as_ref().map(|name| trimmed(name.as_ref()));
    let email = trimmed(patch.email.as_ref());
    check_name(name.flatten(), &mut violations);
    check_email(email, &mut violations);
    check_pending(patch.pending_email.as_ref(), found, &mut violations);
    check_password(patch.password.as_ref(), &mut violations);
    if needs_current_password(patch, found) {
        match current {
            CurrentPassword::Missing => {
                violations.note("current_password", Reason::CurrentPasswordMissing);
            }
            CurrentPassword::Wrong => violations.note("current_password", Reason::CurrentPasswordWrong),
            CurrentPassword::Right => {}
        }
    }
    violations.settle()?;
    let mut account = found.clone();
    if let Some(name) = name {
        account.name = name.map(Into::into);
    }
    let mut letters = Vec::new();
    let mut verify = None;
    if patch.password.is_some() || patch.pending_email == Some(None) {
        account.new_email = None;
    }
    if let Some(email) = email {
        if found.email.as_deref() == Some(email) {
            account.new_email = None;
        } else {
            account.new_email = Some(email.into());
            verify = Some(email.into());
            letters.push(Letter { to: found.email.clone(), what: News::EmailChanging });
        }
    }
    let tokens = if patch.password.is_some() { PersonTokens::End } else { PersonTokens::Keep };
    if patch.password.is_some() {
        letters.push(Letter { to: found.email.clone(), what: News::PasswordChanged });
    }
    Ok(PlannedUpdate { action: Action::UserUpdated, account, tokens, letters, verify })
}

/// Whether the present password has to be shown for a change.
pub fn needs_current_password(patch: &ProfilePatch, found: &Account) -> bool {
    patch.password.is_some()
        || trimmed(patch.email.as_ref()).is_some_and(|email| found.email.as_deref() != Some(email))
}

/// Removes an account, on condition that it still is of the version that was found: the roles that it got meanwhile may
/// be more than the caller may take away. Every token of it is dead with it.
///
/// # Errors
/// `not_found`; `access_denied` where it has authority that the caller lacks.
pub fn delete(found: Option<&Account>, defined: &[Role], deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    may_have(&found.user.roles, defined, deed)?;
    let (user, tenant) = (found.user.id, found.user.tenant);
    let change = Change::DeleteUser { user, tenant, only: Some(found.version) };
    Ok(((), deed.unit(Action::UserDeleted, Target::User(user)).with(change)))
}
