//! Second factors: what apps share with the server is sealed and opened here, and codes are looked at here.

use writ_core::authority::Permissions;
use writ_core::authorize::{AuthorizationRequest, FurtherFactor, is_wished_of};
use writ_core::change::{Change, Changes, Origin};
use writ_core::claims::{AcrDemand, EmailVerified};
use writ_core::error::ErrorCode;
use writ_core::ids::{FactorId, TenantId, UserId};
use writ_core::manage::no_such;
use writ_core::people::Account;
use writ_core::people::accounts::CurrentPassword;
use writ_core::people::factors::codes::{KeptCode, RecoveryCodes};
use writ_core::people::factors::enrol::{
    FactorAdded, FactorFacts, TotpWish, plan_totp, remove, remove_all, renew_codes,
};
use writ_core::people::factors::policy::{
    Assurance, DeviceMemory, MailboxFactor, Missing, Sufficiency, judge,
};
use writ_core::people::factors::prove::{SecondProved, SecondStep, buckets, reserve};
use writ_core::people::factors::slip::Slip;
use writ_core::people::factors::totp::TotpSecret;
use writ_core::people::factors::{FactorMeans, Factors};
use writ_core::people::sign_in::SignInFailure;
use writ_core::reason::Reason;
use writ_core::scene::Scene;
use writ_core::secret::Presented;
use writ_core::session::{Authentication, SessionFacts};
use writ_core::settings::TenantSettings;
use writ_core::tenant::Tenant;
use writ_core::time::Seconds;
use writ_jose::MasterKey;
use zeroize::Zeroizing;

use crate::call::fault::Fault;
use crate::call::routes::Task;
use crate::edge::counters::SUCCESS;
use crate::edge::shares::{Share, TakenShare};
use crate::manage::account::OwnAccount;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

/// What the key is made from that secrets of apps are sealed under. It comes from the key of the keyed hashes, which stays
/// what it is when the master key changes.
const KEY_LABEL: &str = "writ second factors";
/// How long an app may take to be set up.
const OFFERED: Seconds = Seconds(900);

/// What is known of somebody that decides how much they have to prove.
#[derive(Debug)]
pub struct KnownFactors {
    /// What they have set up.
    pub factors: Factors,
    /// What their roles give.
    pub permissions: Permissions,
    /// Whether mail reaches them at an address that was proved.
    pub mailbox: MailboxFactor,
}

impl KnownFactors {
    /// The question for the policy.
    pub fn assurance(&self, settings: &TenantSettings, demand: AcrDemand) -> Assurance<'_> {
        let mailbox = if settings.mailed_codes.is_on() { self.mailbox } else { MailboxFactor::None };
        let (setting, permissions) = (settings.second_factor, self.permissions);
        let device = DeviceMemory::Nothing;
        Assurance { setting, demand, factors: &self.factors, permissions, mailbox, device }
    }
}

/// Somebody who has proved one factor, and types a code.
#[derive(Debug, Clone, Copy)]
pub struct SecondAttempt<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// Who.
    pub account: &'a Account,
    /// How they have proved it so far.
    pub proved: &'a Authentication,
    /// What the application wants.
    pub demand: AcrDemand,
    /// What they typed.
    pub typed: &'a Presented,
    /// From where.
    pub origin: &'a Origin,
}

/// What was typed, as far as it can be said.
#[derive(Debug)]
pub enum SecondOutcome {
    /// It is right, and used up by these changes.
    Proved(Box<SecondProved>),
    /// It was right a moment ago: the form came twice.
    Again,
}

/// An app that is being set up: what it shares with the server, and the form that carries it.
pub struct OfferedTotp {
    /// What is shared.
    pub secret: TotpSecret,
    /// What the form carries.
    pub slip: Zeroizing<String>,
}

fn key(app: &App) -> Result<MasterKey, Fault> {
    MasterKey::from_bytes(app.hash_key.hash(KEY_LABEL).as_bytes()).map_err(Fault::internal)
}

fn offer_bound(tenant: TenantId, user: UserId) -> String {
    format!("{tenant}\n{user}")
}

impl App {
    /// What is known of somebody's factors, with the rights that their roles give.
    ///
    /// # Errors
    /// The storage's.
    pub async fn known_factors(&self, user: UserId, tenant: TenantId) -> Result<KnownFactors, Fault> {
        let person = self.store.person(user, tenant).await?;
        let is_reached = person.as_ref().is_some_and(|person| person.email_verified == EmailVerified::Yes)
            && self.sends_mail();
        let mailbox = if is_reached { MailboxFactor::There } else { MailboxFactor::None };
        let permissions = person.map(|person| person.given.permissions).unwrap_or_default();
        Ok(KnownFactors { factors: self.store.factors(user, tenant).await?, permissions, mailbox })
    }

    /// Whether somebody who is signed in has a second factor, where the request wishes for one.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn further_factor(
        &self,
        request: &AuthorizationRequest,
        session: Option<&SessionFacts>,
        tenant: &Tenant,
    ) -> Result<FurtherFactor, Fault> {
        let Some(session) = session.filter(|session| is_wished_of(request, session)) else {
            return Ok(FurtherFactor::None);
        };
        // Hardly any request does.
        let known = Box::pin(self.known_factors(session.user, tenant.id)).await?;
        let assurance = known.assurance(&tenant.settings, request.claims.acr());
        Ok(match judge(&session.authentication, &assurance) {
            Sufficiency::Lacks(Missing::Proof | Missing::MailedCode) => FurtherFactor::There,
            Sufficiency::Lacks(Missing::Enrolment) | Sufficiency::Enough(_) => FurtherFactor::None,
        })
    }

    fn opened(&self, factors: &Factors) -> Result<Vec<(FactorId, TotpSecret)>, Fault> {
        let key = key(self)?;
        let apps = factors.list.iter().filter_map(|factor| match &factor.means {
            FactorMeans::Totp { sealed, .. } => Some((factor.id, sealed)),
            FactorMeans::Passkey(_) => None,
        });
        let open = |(id, sealed): (FactorId, &Vec<u8>)| {
            let plain = key.open(&id.to_bytes(), sealed).map_err(Fault::internal)?;
            let secret = TotpSecret::from_slice(&plain)
                .ok_or_else(|| Fault::internal("the secret of a factor has another length"))?;
            Ok((id, secret))
        };
        apps.map(open).collect()
    }

    /// An attempt at a second factor is taken from its network and from its bucket before anything is compared.
    ///
    /// # Errors
    /// 429 where there is none left.
    pub async fn reserve_second(&self, attempt: &SecondAttempt<'_>) -> Result<Option<TakenSecond>, Fault> {
        let SecondAttempt { tenant, account, origin, .. } = *attempt;
        let scene = self.second_scene(attempt);
        let all = buckets(account, &scene, &self.hash_key);
        let taken = self.take_share(Share::SignIns, origin.ip, 1)?;
        let bucket = all.choose(self.known(&all).await?);
        if self.once(reserve(account, bucket.key(), &scene)).await? == Held::Yes {
            return Ok(Some(TakenSecond(taken)));
        }
        self.give_back(taken);
        let known = self.known_factors(account.user.id, tenant.id).await?;
        let step = self.second_step(attempt, &known, &[]);
        self.note_failed(step.failed(SignInFailure::Throttled, &scene));
        Ok(None)
    }

    /// What a code comes to; asked anew in each round.
    ///
    /// # Errors
    /// `invalid_grant` for a wrong one.
    pub async fn try_second(&self, attempt: &SecondAttempt<'_>) -> Result<Verdict<SecondOutcome>, Fault> {
        let known = self.known_factors(attempt.account.user.id, attempt.tenant.id).await?;
        let secrets = self.opened(&known.factors)?;
        let (step, scene) = (self.second_step(attempt, &known, &secrets), self.second_scene(attempt));
        let all = buckets(attempt.account, &scene, &self.hash_key);
        match step.decide(&all, &scene) {
            Ok(proved) => Ok(Verdict::Answer(SecondOutcome::Proved(Box::new(proved)))),
            Err(_) if step.is_again(&scene) => Ok(Verdict::Answer(SecondOutcome::Again)),
            Err(refusal) => {
                self.meters.sign_ins.count(SignInFailure::Factor.name());
                Ok(Verdict::Refuse(refusal))
            }
        }
    }

    /// A second factor was right: what its network paid comes back.
    pub fn second_succeeded(&self, taken: TakenSecond) {
        self.meters.sign_ins.count(SUCCESS);
        self.give_back(taken.0);
    }

    pub(crate) fn second_step<'a>(
        &'a self,
        attempt: &SecondAttempt<'a>,
        known: &'a KnownFactors,
        secrets: &'a [(FactorId, TotpSecret)],
    ) -> SecondStep<'a> {
        SecondStep {
            account: attempt.account,
            proved: attempt.proved,
            assurance: known.assurance(&attempt.tenant.settings, attempt.demand),
            secrets,
            typed: attempt.typed,
            hash_key: &self.hash_key,
        }
    }

    pub(crate) fn second_scene<'a>(&'a self, attempt: &SecondAttempt<'a>) -> Scene<'a> {
        let user = &attempt.account.user;
        let actor =
            writ_core::change::Actor::User { id: user.id, name: std::sync::Arc::clone(&user.username) };
        Scene { tenant: attempt.tenant.id, actor, origin: attempt.origin, moment: self.moment() }
    }

    /// Something new for an app to be set up with.
    pub fn offer_totp(&self, tenant: TenantId, user: UserId) -> OfferedTotp {
        let secret = TotpSecret::draw(&self.moment());
        let bound = offer_bound(tenant, user);
        let slip = Slip { purpose: "totp", bound: &bound }.write(
            secret.expose(),
            self.clock.now().plus(OFFERED),
            &self.hash_key,
        );
        OfferedTotp { secret, slip }
    }

    /// What was offered, as the form brings it back; none: its time is over, or it is not ours.
    pub fn offered_totp(&self, tenant: TenantId, user: UserId, slip: &str) -> Option<OfferedTotp> {
        let bound = offer_bound(tenant, user);
        let plain = Slip { purpose: "totp", bound: &bound }.read(slip, self.clock.now(), &self.hash_key)?;
        let secret = TotpSecret::from_slice(&plain)?;
        Some(OfferedTotp { secret, slip: Zeroizing::new(slip.to_owned()) })
    }

    /// Adds an app. A form that comes twice finds it there, and shows the same recovery codes.
    ///
    /// # Errors
    /// `invalid_request` naming the fields.
    pub(crate) async fn add_totp(
        &self,
        own: &OwnAccount<'_>,
        offered: &OfferedTotp,
        (name, typed, proof): (&str, &Presented, CurrentPassword),
    ) -> Result<Verdict<Option<RecoveryCodes>>, Fault> {
        let facts = self.own_facts(own).await?;
        let form = offered.secret.expose();
        if self.is_there(&facts.factors, offered)? {
            return Ok(Verdict::Answer(self.codes_of(own.tenant.id, own.user, offered).await?));
        }
        let wish = TotpWish { name, secret: &offered.secret, typed, proof };
        let plan = plan_totp(&wish, &facts, &own.scene)?;
        let sealed = key(self)?.seal(&plan.context(), form).map_err(Fault::internal)?;
        let (added, changes) = plan.finish(sealed, &facts, &own.scene, (form, &self.hash_key));
        let FactorAdded { codes, letter } = added;
        Ok(Verdict::Commit(codes, self.with_letters(own.tenant, &[letter], changes)?))
    }

    fn is_there(&self, factors: &Factors, offered: &OfferedTotp) -> Result<bool, Fault> {
        let opened = self.opened(factors)?;
        Ok(opened.iter().any(|(_, there)| there.expose() == offered.secret.expose()))
    }

    /// The recovery codes that came with an app, where it is there and they are the ones that count.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn codes_of(
        &self,
        tenant: TenantId,
        user: UserId,
        offered: &OfferedTotp,
    ) -> Result<Option<RecoveryCodes>, Fault> {
        let factors = self.store.factors(user, tenant).await?;
        if !self.is_there(&factors, offered)? {
            return Ok(None);
        }
        Ok(self.codes_from(&factors, user, offered.secret.expose()))
    }

    /// The recovery codes that came with this form, where they are the ones that count.
    pub(crate) fn codes_from(&self, factors: &Factors, user: UserId, form: &[u8]) -> Option<RecoveryCodes> {
        let codes = RecoveryCodes::following(user, form, &self.hash_key);
        let counts = |hash| factors.codes.iter().any(|code: &KeptCode| code.hash.ct_eq(hash));
        codes.hashes().iter().all(counts).then_some(codes)
    }

    pub(crate) async fn own_facts(&self, own: &OwnAccount<'_>) -> Result<FactorFacts, Fault> {
        let found = self.store.factor_facts(own.user, own.tenant.id).await?;
        Ok(found.ok_or_else(|| no_such(Reason::NoSuchUser))?)
    }

    /// Removes a factor of one's own. One that is gone already is gone.
    ///
    /// # Errors
    /// `invalid_request` without the password.
    pub(crate) async fn remove_own_factor(
        &self,
        own: &OwnAccount<'_>,
        (id, proof): (Option<FactorId>, CurrentPassword),
    ) -> Result<Verdict<()>, Fault> {
        let facts = self.own_facts(own).await?;
        let (letter, changes) = match remove(id, proof, &facts, &own.scene) {
            Ok(done) => done,
            Err(refusal) if refusal.error.code() == ErrorCode::NotFound => return Ok(Verdict::Answer(())),
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        Ok(Verdict::Commit((), self.with_letters(own.tenant, &[letter], changes)?))
    }

    /// Puts other recovery codes in the place of those that there are. The same form gives the same codes.
    ///
    /// # Errors
    /// `invalid_request` without the password.
    pub(crate) async fn renew_own_codes(
        &self,
        own: &OwnAccount<'_>,
        (form, proof): (&[u8], CurrentPassword),
    ) -> Result<Verdict<RecoveryCodes>, Fault> {
        let facts = self.own_facts(own).await?;
        match renew_codes(proof, &facts, &own.scene, (form, &self.hash_key)) {
            Ok(((codes, letter), changes)) => {
                Ok(Verdict::Commit(codes, self.with_letters(own.tenant, &[letter], changes)?))
            }
            Err(refusal) => Ok(Verdict::Refuse(refusal)),
        }
    }

    /// What a typed password proves of somebody who changes their factors.
    pub(crate) async fn fresh_proof(
        &self,
        own: &OwnAccount<'_>,
        password: &Presented,
    ) -> Result<CurrentPassword, Fault> {
        if password.is_empty() {
            return Ok(CurrentPassword::Missing);
        }
        let facts = self.own_facts(own).await?;
        self.current_password(own, &facts.account, password).await
    }
}

/// What an attempt took from its network.
#[derive(Debug, Clone, Copy)]
pub struct TakenSecond(Option<TakenShare>);

impl TakenSecond {
    /// What it took.
    pub const fn of(taken: Option<TakenShare>) -> Self {
        Self(taken)
    }
}

/// The factors of the person that the path names.
///
/// # Errors
/// 404 for somebody who is unknown.
pub async fn existing(task: &Task) -> Result<FactorFacts, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchUser))?)
}

async fn find(task: &Task) -> Result<Option<FactorFacts>, Fault> {
    match UserId::parse_uuid(task.call.path("user_id")) {
        Some(id) => Ok(task.app.store.factor_facts(id, task.acting.tenant()).await?),
        None => Ok(None),
    }
}

/// Removes all factors of the person that the path names: somebody has lost what they prove themselves with.
///
/// # Errors
/// 404 for somebody who is unknown; 403 where they have authority that the caller lacks.
pub async fn take_away(task: &Task) -> Result<(), Fault> {
    task.app.rounds(|_| taken_away(task)).await
}

async fn taken_away(task: &Task) -> Result<Verdict<()>, Fault> {
    let facts = find(task).await?;
    let defined = task.app.store.roles(task.acting.tenant()).await?;
    let (letter, changes) = match remove_all(facts.as_ref(), &defined, &task.deed()) {
        Ok(done) => done,
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    // Who had none has nothing to be told.
    let letters =
        if facts.is_some_and(|facts| facts.factors.has_second()) { vec![letter] } else { Vec::new() };
    Ok(Verdict::Commit((), task.app.with_letters(task.acting.within(), &letters, changes)?))
}

/// The changes of a second factor, in the unit of a sign-in.
pub(crate) fn beside(changes: Changes, proved: Vec<Change>) -> Changes {
    proved.into_iter().fold(changes, Changes::with)
}
