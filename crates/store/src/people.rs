//! People: how accounts are read, and how what is written about them becomes SQL.

use std::sync::Arc;

use writ_core::claims::{ByRoles, Claim, EmailVerified, Person, StandardClaims};
use writ_core::ids::{LinkId, TenantId, UserId};
use writ_core::look::PictureName;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::people::change::{AccountUpdate, PersonTokens, SignIn};
use writ_core::people::leaving::OverdueAccount;
use writ_core::people::links::{FollowedLink, LinkKind, NewLink};
use writ_core::people::sign_in::{Bucket, SignInAttempt};
use writ_core::people::{Account, Candidate, PeopleChange, address_key, username_key};
use writ_core::role::built_in;
use writ_core::scope::Scope;
use writ_core::secret::Digest32;
use writ_core::subject::Subject;
use writ_core::time::{Micros, Seconds};

use crate::error::ReadError;
use crate::manage::After;
use crate::reads::{self, words};
use crate::row::{Column, Row};
use crate::statements as sql;
use crate::store::Store;
use crate::sweep::SweepError;
use crate::value::{Step, Value};
use crate::writes::{Ended, tell};

/// How long a link is kept whose time is over: whoever follows it is offered another one.
pub(crate) const LATE_LINKS_KEPT: Seconds = Seconds(7 * 86_400);
/// Rows removed or written in one unit.
const BATCH: i64 = 1000;

/// An account.
fn account(row: &Row<'_>) -> Column<Account> {
    Ok(Account {
        user: reads::user(row)?,
        email: row.maybe_text()?.map(Into::into),
        email_verified_at: row.maybe_time()?,
        new_email: row.maybe_text()?.map(Into::into),
        name: row.maybe_text()?.map(Into::into),
        created_at: row.time()?,
        updated_at: row.time()?,
        last_login_at: row.maybe_time()?,
        version: row.int()?,
        generation: row.int()?,
        leaves_at: row.maybe_time()?,
        leaves_in: row.maybe_text()?.map(Into::into),
    })
}

fn overdue(row: &Row<'_>) -> Column<OverdueAccount> {
    Ok(OverdueAccount {
        user: UserId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        leaves_at: row.time()?,
    })
}

/// An account with what signing in needs.
fn candidate(row: &Row<'_>) -> Column<Candidate> {
    Ok(Candidate { account: account(row)?, password_hash: row.maybe_text()?.map(Arc::from) })
}

fn link(row: &Row<'_>, id: LinkId) -> Column<FollowedLink> {
    let candidate = candidate(row)?;
    let kind = match row.text()? {
        "reset" => LinkKind::Reset,
        "verify" => LinkKind::Verify,
        other => return Err(format!("unknown kind of link {other}")),
    };
    Ok(FollowedLink {
        id,
        kind,
        hash: row.hash()?,
        email: row.maybe_text()?.map(Into::into),
        generation: row.int()?,
        expires_at: row.time()?,
        used_at: row.maybe_time()?,
        candidate,
    })
}

fn person(row: &Row<'_>) -> Column<Person> {
    maybe_person(row)?.ok_or_else(|| "a person without an id".to_owned())
}

/// A person, without what their roles give; none where the join found none: their columns end the row then.
pub(crate) fn maybe_person(row: &Row<'_>) -> Column<Option<Person>> {
    let Some(id) = row.maybe_id()? else { return Ok(None) };
    Ok(Some(Person {
        id: UserId::from_bytes(id),
        username: row.text()?.into(),
        name: row.maybe_text()?.map(Into::into),
        email: row.maybe_text()?.map(Into::into),
        updated_at: row.time()?,
        email_verified: if row.maybe_int()?.is_some() { EmailVerified::Yes } else { EmailVerified::No },
        more: row.maybe_text()?.map(StandardClaims::from_stored).unwrap_or_default(),
        roles: words(row.text()?),
        given: ByRoles::default(),
    }))
}

impl Store {
    /// An account of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn account(&self, id: UserId, tenant: TenantId) -> Result<Option<Account>, ReadError> {
        self.read_one(&sql::ACCOUNT_BY_ID, &[id.into(), tenant.into()], &mut account).await
    }

    /// Accounts of any tenant that are to go by now, those first that have been for the longest: those that come after
    /// one, if there is one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn leaving(
        &self,
        now: Micros,
        after: Option<OverdueAccount>,
        most: i64,
    ) -> Result<Vec<OverdueAccount>, ReadError> {
        let (at, id) =
            after.map_or((Micros(i64::MIN), [0; 16]), |last| (last.leaves_at, last.user.to_bytes()));
        let values = [at.into(), id.to_vec().into(), now.into(), most.into()];
        self.read(&sql::USERS_LEAVING, &values, &mut overdue).await
    }

    /// A person of a tenant as far as claims go, with what their roles give; none where they are locked out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn person(&self, id: UserId, tenant: TenantId) -> Result<Option<Person>, ReadError> {
        let found = self.read_one(&sql::flow::PROFILE, &[id.into(), tenant.into()], &mut person).await?;
        self.with_given(found, tenant, &Scope::default()).await
    }

    /// A person with what their roles give, and with their groups where the scope tells of them.
    pub(crate) async fn with_given(
        &self,
        person: Option<Person>,
        tenant: TenantId,
        scope: &Scope,
    ) -> Result<Option<Person>, ReadError> {
        let Some(mut person) = person else { return Ok(None) };
        let given = self.given_by_roles(&person.roles, tenant).await?;
        person.given = self.with_groups(given, (person.id, tenant), scope).await?;
        Ok(Some(person))
    }

    /// What roles give in a tenant. Those that every tenant has need no look.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn given_by_roles(&self, names: &[Box<str>], tenant: TenantId) -> Result<ByRoles, ReadError> {
        let all_built_in = names.iter().all(|name| built_in(name).is_some());
        let defined = if all_built_in { Vec::new() } else { self.roles(tenant).await? };
        Ok(ByRoles::of(names, &defined))
    }

    /// What is in a picture of somebody of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn portrait(&self, name: &PictureName, tenant: TenantId) -> Result<Option<Vec<u8>>, ReadError> {
        let values = [Value::Owned(name.as_str().into()), tenant.into()];
        self.read_one(&sql::PORTRAIT_BY_NAME, &values, &mut |row| Ok(row.bytes()?.to_vec())).await
    }

    /// An account of a tenant with the standard claims that it has no field for.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn claims(&self, id: UserId, tenant: TenantId) -> Result<Option<ClaimsFacts>, ReadError> {
        let Some(account) = self.account(id, tenant).await? else { return Ok(None) };
        // Read after the account they are as new or newer; where they are newer, the guard on its version fails.
        let claims = self
            .read_one(&sql::USER_CLAIMS, &[id.into(), tenant.into()], &mut |row| {
                Ok(row.maybe_text()?.map(StandardClaims::from_stored).unwrap_or_default())
            })
            .await?;
        Ok(Some(ClaimsFacts { account, claims: claims.unwrap_or_default() }))
    }

    /// A page of a tenant's accounts, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn accounts_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<Account>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(&sql::ACCOUNTS_PAGE, &values, &mut account).await?;
        let total = self.read_one(&sql::ACCOUNTS_COUNT, &[tenant.into()], &mut |row| row.int()).await?;
        Ok((page, total.unwrap_or_default()))
    }

    /// A page of those of a tenant's accounts whose name, username or address has `text` in it, whatever the case,
    /// newest first, and how many there are in all. It reads all of the tenant's accounts: for administrators.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn accounts_search(
        &self,
        (tenant, text): (TenantId, &str),
        after: After,
        most: i64,
    ) -> Result<(Vec<Account>, i64), ReadError> {
        let (folded, written) = (pattern(&text.to_lowercase()), pattern(text));
        let (folded, written) =
            (|| Value::Owned(folded.as_str().into()), || Value::Owned(written.as_str().into()));
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), folded(), written(), most.into()];
        let page = self.read(&sql::ACCOUNTS_SEARCH, &values, &mut account).await?;
        let values = [tenant.into(), folded(), written()];
        let total = self.read_one(&sql::ACCOUNTS_SEARCH_COUNT, &values, &mut |row| row.int()).await?;
        Ok((page, total.unwrap_or_default()))
    }

    /// A person of a tenant by what tokens call them (`sub`). Accounts that were made before that was written down get
    /// it first, in batches, once.
    ///
    /// # Errors
    /// [`SweepError`].
    pub async fn account_by_subject(
        &self,
        subject: Subject,
        tenant: TenantId,
    ) -> Result<Option<Account>, SweepError> {
        while self.write_subjects(tenant).await? > 0 {}
        Ok(self
            .read_one(&sql::ACCOUNT_BY_SUBJECT, &[Value::Id(subject.to_bytes()), tenant.into()], &mut account)
            .await?)
    }

    /// Writes down what tokens call a batch of people. Answers how many there were.
    async fn write_subjects(&self, tenant: TenantId) -> Result<usize, SweepError> {
        let row_id = &mut |row: &Row<'_>| Ok(UserId::from_bytes(row.id()?));
        let users: Vec<UserId> = self.read(&sql::USERS_WITHOUT_SUBJECT, &[BATCH.into()], row_id).await?;
        if users.is_empty() {
            return Ok(0);
        }
        let step = |user: &UserId| {
            let values = [(*user).into(), Value::Id(Subject::of(*user).to_bytes())];
            Step::new(&sql::USER_SET_SUBJECT, values).detail()
        };
        self.commit_steps(tenant, users.iter().map(step).collect()).await?;
        Ok(users.len())
    }

    /// Whom a username or a verified address belongs to; `key` is its [`username_key`](writ_core::people::username_key).
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn candidate(&self, tenant: TenantId, key: &str) -> Result<Option<Candidate>, ReadError> {
        self.read_one(&sql::CANDIDATE, &[tenant.into(), Value::Owned(key.into())], &mut candidate).await
    }

    /// A link of a tenant, and whose it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn link(&self, id: LinkId, tenant: TenantId) -> Result<Option<FollowedLink>, ReadError> {
        self.read_one(&sql::LINK_BY_ID, &[id.into(), tenant.into()], &mut |row| link(row, id)).await
    }

    /// Until when a bucket of attempts is remembered, if it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn attempts_known(&self, bucket: Digest32) -> Result<Option<Micros>, ReadError> {
        self.read_one(&sql::ATTEMPTS_KNOWN, &[bucket.into()], &mut |row| row.time()).await
    }
}

/// What `LIKE` takes for a text anywhere in another; nothing in it is a wildcard.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The steps of a change.
pub(crate) fn push(change: PeopleChange, steps: &mut Vec<Step>) {
    match change {
        PeopleChange::ReserveAttempt(attempt) => steps.push(reserve(attempt)),
        PeopleChange::SignIn(sign_in) => push_sign_in(*sign_in, steps),
        PeopleChange::Enter { user, tenant, at } => {
            let values = [user.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::USER_ENTER, values).guarded());
        }
        PeopleChange::FillBuckets { buckets, at, remembered } => {
            steps.push(Step::new(&sql::ATTEMPTS_FORGET, [buckets.strangers.into()]));
            let places = [buckets.place, buckets.browser].into_iter().flatten();
            steps.extend(places.map(|place| remember(place, at, remembered)));
        }
        PeopleChange::FillAllBuckets { between: (first, last), at } => {
            steps.push(Step::new(&sql::ATTEMPTS_FILL_ALL, [first.into(), last.into(), at.into()]).detail());
        }
        PeopleChange::Update(update) => {
            let ended = (update.tokens == PersonTokens::End).then_some((Ended::User(update.user), update.at));
            steps.push(updated(*update));
            if let Some((of, at)) = ended {
                tell(of, at, steps);
            }
        }
        PeopleChange::SetClaims { user, tenant, version, claims, at } => {
            let values = [user.into(), tenant.into(), version.into(), claims.to_stored().into(), at.into()];
            steps.push(Step::new(&sql::USER_SET_CLAIMS, values).guarded());
            let portrait = claims.get(Claim::Picture).and_then(PictureName::portrait_at);
            let kept = portrait.map(|name| name.as_str().to_owned()).unwrap_or_default();
            steps.push(Step::new(&sql::PORTRAITS_KEEP_ONLY, [user.into(), kept.into()]).detail());
        }
        PeopleChange::KeepPortrait { user, tenant, portrait, at } => {
            let (name, content) = (portrait.name.as_str().to_owned(), portrait.content.to_vec());
            let values = [user.into(), tenant.into(), name.into(), content.into(), at.into()];
            steps.push(Step::new(&sql::PORTRAIT_KEEP, values));
        }
        PeopleChange::Leave { user, tenant, version, at, leaves_at, language } => {
            let values =
                [user.into(), tenant.into(), version.into(), at.into(), leaves_at.into(), language.into()];
            steps.push(Step::new(&sql::USER_LEAVE, values).guarded());
            tell(Ended::User(user), at, steps);
        }
        PeopleChange::Keep { user, tenant, version, at } => {
            let values = [user.into(), tenant.into(), version.into(), at.into()];
            steps.push(Step::new(&sql::USER_KEEP, values).guarded());
        }
        PeopleChange::CreateLink(new) => steps.push(new_link(*new)),
        PeopleChange::CreateMailed(new) => steps.push(crate::mailed::kept(*new)),
        PeopleChange::RedeemLink { link, tenant, at } => {
            steps.push(Step::new(&sql::LINK_USE, [link.into(), tenant.into(), at.into()]).guarded());
        }
        PeopleChange::QueueMail(new) => {
            let values = [
                new.id.into(),
                new.tenant.into(),
                new.sealed.into(),
                new.created_at.into(),
                new.expires_at.into(),
            ];
            steps.push(Step::new(&sql::MAIL_INSERT, values));
        }
    }
}

fn updated(update: AccountUpdate) -> Step {
    let address = address_key(&update.username, update.email.as_deref(), update.email_verified_at);
    let username_key = username_key(&update.username);
    let values = [
        update.user.into(),
        update.tenant.into(),
        update.version.into(),
        update.email.into(),
        update.email_verified_at.into(),
        update.new_email.into(),
        update.name.into(),
        update.roles.join(" ").into(),
        update.enabled.is_yes().into(),
        update.password_hash.into(),
        (update.tokens == PersonTokens::End).into(),
        update.at.into(),
        update.username.into(),
        username_key.into(),
        address.into(),
        update.leaves_at.into(),
    ];
    Step::new(&sql::ACCOUNT_UPDATE, values).guarded()
}

fn new_link(new: NewLink) -> Step {
    let values = [
        new.id.into(),
        new.tenant.into(),
        new.user.into(),
        new.kind.name().into(),
        new.hash.into(),
        new.email.into(),
        new.generation.into(),
        new.expires_at.into(),
    ];
    Step::new(&sql::LINK_INSERT, values)
}

fn reserve(attempt: SignInAttempt) -> Step {
    let SignInAttempt { bucket, at, cost, latest, kept_until } = attempt;
    let values = [
        bucket.into(),
        at.into(),
        at.plus(cost).into(),
        cost.as_micros().into(),
        latest.into(),
        kept_until.into(),
    ];
    Step::new(&sql::ATTEMPT_RESERVE, values).guarded()
}

fn push_sign_in(sign_in: SignIn, steps: &mut Vec<Step>) {
    let SignIn { user, tenant, at, checked, kept, bucket, places, remembered } = sign_in;
    let values = [user.into(), tenant.into(), at.into(), checked.into(), kept.into()];
    steps.push(Step::new(&sql::USER_SIGN_IN, values).guarded());
    match bucket {
        Bucket::Strangers(key) => steps.push(Step::new(&sql::ATTEMPTS_FORGET, [key.into()]).detail()),
        // Filled with the places, below.
        Bucket::Place(_) | Bucket::Browser(_) => {}
    }
    steps.extend(places.into_iter().flatten().map(|place| remember(place, at, remembered)));
}

fn remember(place: Digest32, at: Micros, remembered: Seconds) -> Step {
    let values = [place.into(), at.into(), at.plus(remembered).into()];
    Step::new(&sql::ATTEMPTS_REMEMBER, values).detail()
}
