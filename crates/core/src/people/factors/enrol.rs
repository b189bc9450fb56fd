//! Setting second factors up, and taking them away. Whoever changes one has just proved to be the person; and the person
//! hears of it by mail.

use super::codes::RecoveryCodes;
use super::totp::TotpSecret;
use super::{Factor, FactorChange, FactorKind, FactorMeans, Factors, MOST, NAME_LIMIT, NewFactor};
use crate::act::{Action, Target};
use crate::change::Changes;
use crate::decision::{Decision, Judgement};
use crate::details::Details;
use crate::ids::{FactorId, UserId};
use crate::manage::{Deed, Violations, Wrong, no_such};
use crate::people::Account;
use crate::people::accounts::CurrentPassword;
use crate::people::letters::{Letter, News};
use crate::reason::Reason;
use crate::role::{Role, permissions_of};
use crate::scene::Scene;
use crate::secret::{HashKey, Presented};
use crate::text::{self, Lines};

/// Whose factors, as they stand.
#[derive(Debug, Clone)]
pub struct FactorFacts {
    /// The account.
    pub account: Account,
    /// Its factors.
    pub factors: Factors,
}

/// Somebody wants codes of their app to count.
#[derive(Debug, Clone, Copy)]
pub struct TotpWish<'a> {
    /// What they call it; none: "Authenticator app" in their language.
    pub name: &'a str,
    /// What was offered to the app.
    pub secret: &'a TotpSecret,
    /// The code that the app shows.
    pub typed: &'a Presented,
    /// Whether they have just shown their password.
    pub proof: CurrentPassword,
}

/// An app that may be added once what is shared with it is sealed.
#[derive(Debug)]
pub struct PlannedTotp {
    id: FactorId,
    name: Box<str>,
    /// The step of the code that was shown: it does not sign anybody in any more.
    step: i64,
}

/// What came of adding a factor.
#[derive(Debug)]
pub struct FactorAdded {
    /// The recovery codes that come with the first one.
    pub codes: Option<RecoveryCodes>,
    /// What its owner is told by mail.
    pub letter: Letter,
}

/// Whether an app may be added.
///
/// # Errors
/// `invalid_request` naming the fields.
pub fn plan_totp(wish: &TotpWish<'_>, facts: &FactorFacts, scene: &Scene<'_>) -> Judgement<PlannedTotp> {
    let mut violations = Violations::default();
    fresh(wish.proof, &mut violations);
    named(wish.name, (facts, FactorKind::Totp), &mut violations);
    let step = wish.secret.step_of(wish.typed.expose(), scene.moment.now);
    violations.when(Wrong(step.is_none()), "code", Reason::FactorCodeWrong);
    violations.settle()?;
    let id = FactorId::v7(scene.moment.now, scene.moment.random.bits());
    Ok(PlannedTotp { id, name: wish.name.into(), step: step.unwrap_or_default() })
}

/// A name that can be read, and room for one more.
pub(super) fn named(name: &str, (facts, kind): (&FactorFacts, FactorKind), violations: &mut Violations) {
    if let Err(why) = text::check(name, NAME_LIMIT, Lines::One) {
        violations.note("name", Reason::Text(why));
    }
    let is_full = Wrong(!facts.factors.has_room(kind));
    let most = MOST.to_string().into();
    let why = match kind {
        FactorKind::Totp => Reason::FactorsMost { most },
        FactorKind::Passkey => Reason::PasskeysMost { most },
    };
    violations.when(is_full, "name", why);
}

/// A change of a factor needs the password, or what else proves now that it is its owner.
pub(super) fn fresh(proof: CurrentPassword, violations: &mut Violations) {
    match proof {
        CurrentPassword::Missing => violations.note("current_password", Reason::CurrentPasswordMissing),
        CurrentPassword::Wrong => violations.note("current_password", Reason::CurrentPasswordWrong),
        CurrentPassword::Right => {}
    }
}

impl PlannedTotp {
    /// What the secret is sealed for: nothing else opens it.
    pub const fn context(&self) -> [u8; 16] {
        self.id.to_bytes()
    }

    /// The unit, with what is shared with the app sealed. `form`: what the recovery codes follow from.
    pub fn finish(
        self,
        sealed: Vec<u8>,
        facts: &FactorFacts,
        scene: &Scene<'_>,
        (form, hash_key): (&[u8], &HashKey),
    ) -> (FactorAdded, Changes) {
        let means = FactorMeans::Totp { sealed, last_step: self.step };
        let factor =
            Factor { id: self.id, name: self.name, means, created_at: scene.moment.now, used_at: None };
        added(factor, facts, scene, (form, hash_key))
    }
}

/// The unit of a new factor. With the first one come recovery codes.
pub(super) fn added(
    factor: Factor,
    facts: &FactorFacts,
    scene: &Scene<'_>,
    (form, hash_key): (&[u8], &HashKey),
) -> (FactorAdded, Changes) {
    let (user, kind) = (&facts.account.user, factor.kind());
    let codes = (!facts.factors.has_second()).then(|| RecoveryCodes::following(user.id, form, hash_key));
    let mut changes = changed(Action::FactorAdded, facts, scene)
        .detailed(Details::new([("factor", kind.name().to_owned())]))
        .with(FactorChange::Add(Box::new(NewFactor { factor, user: user.id, tenant: user.tenant })).into());
    if let Some(codes) = &codes {
        changes = changes.with(put(user.id, facts, codes));
    }
    let letter = Letter { to: facts.account.email.clone(), what: News::FactorAdded(kind) };
    (FactorAdded { codes, letter }, changes)
}

fn put(user: UserId, facts: &FactorFacts, codes: &RecoveryCodes) -> crate::change::Change {
    let (tenant, hashes) = (facts.account.user.tenant, codes.hashes().to_vec());
    FactorChange::PutCodes { user, tenant, hashes }.into()
}

/// The unit of a change of somebody's factors, on condition that the account is as it was found.
fn changed(action: Action, facts: &FactorFacts, scene: &Scene<'_>) -> Changes {
    let Account { user, version, .. } = &facts.account;
    let touch = FactorChange::Touch { user: user.id, tenant: user.tenant, version: *version };
    scene.unit(action, Target::User(user.id)).with(touch.into())
}

/// Removes a factor of one's own; with the last one the recovery codes go.
///
/// # Errors
/// `not_found`; `invalid_request` without the password.
pub fn remove(
    id: Option<FactorId>,
    proof: CurrentPassword,
    facts: &FactorFacts,
    scene: &Scene<'_>,
) -> Judgement<(Letter, Changes)> {
    let mut violations = Violations::default();
    fresh(proof, &mut violations);
    violations.settle()?;
    let removed = listed(id, facts)?;
    let kind = removed.kind();
    let changes = without(&[removed], facts, changed(Action::FactorRemoved, facts, scene))
        .detailed(Details::new([("factor", kind.name().to_owned())]));
    Ok((Letter { to: facts.account.email.clone(), what: News::FactorRemoved(kind) }, changes))
}

fn listed(id: Option<FactorId>, facts: &FactorFacts) -> Judgement<&Factor> {
    let found = id.and_then(|id| facts.factors.list.iter().find(|factor| factor.id == id));
    found.ok_or_else(|| no_such(Reason::NoSuchFactor))
}

fn without(removed: &[&Factor], facts: &FactorFacts, changes: Changes) -> Changes {
    let (user, tenant) = (facts.account.user.id, facts.account.user.tenant);
    let are_all = removed.len() == facts.factors.list.len();
    let changes = removed.iter().fold(changes, |changes, factor| {
        changes.with(FactorChange::Remove { factor: factor.id, user, tenant }.into())
    });
    if are_all {
        return changes.with(FactorChange::PutCodes { user, tenant, hashes: Vec::new() }.into());
    }
    changes
}

/// Puts other recovery codes in the place of those that there are.
///
/// # Errors
/// `invalid_request` without the password, or without a factor that they stand in for.
pub fn renew_codes(
    proof: CurrentPassword,
    facts: &FactorFacts,
    scene: &Scene<'_>,
    (form, hash_key): (&[u8], &HashKey),
) -> Decision<(RecoveryCodes, Letter)> {
    let mut violations = Violations::default();
    fresh(proof, &mut violations);
    violations.when(Wrong(!facts.factors.has_second()), "codes", Reason::CodesWithoutFactor);
    violations.settle()?;
    let user = facts.account.user.id;
    let codes = RecoveryCodes::following(user, form, hash_key);
    let changes = changed(Action::RecoveryCodesMade, facts, scene).with(put(user, facts, &codes));
    let letter = Letter { to: facts.account.email.clone(), what: News::RecoveryCodesMade };
    Ok(((codes, letter), changes))
}

/// An administrator removes all factors of somebody who has lost them, and the recovery codes.
///
/// # Errors
/// `not_found`; `access_denied` where the person has authority that the caller lacks.
pub fn remove_all(facts: Option<&FactorFacts>, defined: &[Role], deed: &Deed<'_>) -> Decision<Letter> {
    let facts = facts.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    let roles = facts.account.user.roles.iter().map(AsRef::as_ref);
    deed.acting.caller().may_grant(permissions_of(roles, defined))?;
    let changes = changed(Action::FactorRemoved, facts, &deed.scene());
    let changes = without(&facts.factors.list.iter().collect::<Vec<_>>(), facts, changes);
    let letter = Letter { to: facts.account.email.clone(), what: News::FactorsRemoved };
    Ok((letter, deed.through(changes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Origin};
    use crate::change::Change;
    use crate::error::ErrorCode::{InvalidRequest, NotFound};
    use crate::given::{Counted, NOW, at, hash_key};
    use crate::people::factors::given::{account, totp};

    fn facts(list: Vec<Factor>) -> FactorFacts {
        FactorFacts { account: account(), factors: Factors { list, codes: Vec::new() } }
    }

    fn in_scene<T>(done: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (random, origin) = (Counted::default(), Origin::default());
        let moment = at(NOW, &random);
        done(&Scene { tenant: account().user.tenant, actor: Actor::Anonymous, origin: &origin, moment })
    }

    fn secret() -> TotpSecret {
        TotpSecret::from_slice(b"12345678901234567890").unwrap()
    }

    fn planned(
        facts: &FactorFacts,
        (typed, proof, name): (&str, CurrentPassword, &str),
    ) -> Result<(), Vec<String>> {
        let (secret, typed) = (secret(), Presented::new(typed.to_owned()));
        let wish = TotpWish { name, secret: &secret, typed: &typed, proof };
        let planned = in_scene(|scene| plan_totp(&wish, facts, scene).map(drop));
        planned.map_err(|refusal| {
            let wrong = refusal.error.wrong().expect("fields").clone();
            ["current_password", "code", "name"]
                .into_iter()
                .filter(|field| wrong.reason(field).is_some())
                .map(str::to_owned)
                .collect()
        })
    }

    /// The password, a code that the app shows now, a name that can be read, and room: all that is wrong is named at once.
    #[test]
    fn an_app_is_added_by_its_owner_alone() {
        let now = secret().code(NOW.as_secs() / 30);
        let few = facts(vec![totp(1)]);
        let many = facts((0..10).map(totp).collect());
        assert_eq!(planned(&few, (&now, CurrentPassword::Right, "Phone")), Ok(()));
        let wrong = |facts, what| planned(facts, what).unwrap_err();
        for proof in [CurrentPassword::Wrong, CurrentPassword::Missing] {
            assert_eq!(wrong(&few, (&now, proof, "Phone")), ["current_password"]);
        }
        let late = secret().code(NOW.as_secs() / 30 - 2);
        assert_eq!(wrong(&few, (&late, CurrentPassword::Right, "Phone")), ["code"]);
        assert_eq!(
            wrong(&few, ("", CurrentPassword::Wrong, "\u{202e}")),
            ["current_password", "code", "name"]
        );
        assert_eq!(wrong(&many, (&now, CurrentPassword::Right, "Phone")), ["name"]);
    }

    fn added(facts: &FactorFacts) -> (FactorAdded, Vec<Change>) {
        let (secret, typed) = (secret(), Presented::new(secret().code(NOW.as_secs() / 30)));
        let wish = TotpWish { name: "Phone", secret: &secret, typed: &typed, proof: CurrentPassword::Right };
        in_scene(|scene| {
            let plan = plan_totp(&wish, facts, scene).unwrap();
            let (added, changes) = plan.finish(vec![1], facts, scene, (b"form", &hash_key()));
            (added, changes.list().to_vec())
        })
    }

    /// The first app brings recovery codes; the code that was shown for it signs nobody in; the version guards the unit.
    #[test]
    fn the_first_app_brings_recovery_codes() {
        let (first, changes) = added(&facts(Vec::new()));
        let [
            Change::Factor(FactorChange::Touch { version: 4, .. }),
            Change::Factor(FactorChange::Add(new)),
            Change::Factor(FactorChange::PutCodes { hashes, .. }),
        ] = &*changes
        else {
            panic!("{changes:?}")
        };
        let FactorMeans::Totp { last_step, .. } = new.factor.means else { panic!("{new:?}") };
        assert_eq!((last_step, hashes.len()), (NOW.as_secs() / 30, 10));
        assert!(first.codes.is_some());
        let (second, changes) = added(&facts(vec![totp(1)]));
        assert!(second.codes.is_none() && changes.len() == 2);
    }

    /// With the last factor the codes go, for nobody would be asked for one.
    #[test]
    fn codes_go_with_the_last_factor() {
        let removed = |list: Vec<Factor>, id, proof| {
            in_scene(|scene| remove(id, proof, &facts(list), scene).map(|(_, changes)| changes.list().len()))
                .map_err(|refusal| refusal.error.code())
        };
        let (both, one) = (vec![totp(1), totp(2)], vec![totp(1)]);
        let first = Some(totp(1).id);
        assert_eq!(removed(both.clone(), first, CurrentPassword::Right), Ok(2));
        assert_eq!(removed(one.clone(), first, CurrentPassword::Right), Ok(3));
        assert_eq!(removed(one.clone(), Some(totp(2).id), CurrentPassword::Right), Err(NotFound));
        assert_eq!(removed(one.clone(), None, CurrentPassword::Right), Err(NotFound));
        assert_eq!(removed(one, first, CurrentPassword::Wrong), Err(InvalidRequest));
    }

    #[test]
    fn codes_are_renewed_by_whoever_knows_the_password_and_has_an_app() {
        let renewed = |list: Vec<Factor>, proof| {
            in_scene(|scene| renew_codes(proof, &facts(list), scene, (b"form", &hash_key())).is_ok())
        };
        assert!(renewed(vec![totp(1)], CurrentPassword::Right));
        assert!(!renewed(vec![totp(1)], CurrentPassword::Wrong));
        assert!(!renewed(Vec::new(), CurrentPassword::Right));
    }
}
