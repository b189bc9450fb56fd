//! Passkeys: which are asked for where, and what an answer comes to.

use writ_core::change::{Actor, Origin};
use writ_core::claims::AcrDemand;
use writ_core::decision::Refusal;
use writ_core::ids::UserId;
use writ_core::people::Account;
use writ_core::people::accounts::CurrentPassword;
use writ_core::people::factors::Factor;
use writ_core::people::factors::codes::RecoveryCodes;
use writ_core::people::factors::enrol::FactorAdded;
use writ_core::people::factors::passkey::{
    ChallengeUse, PasskeyChallenge, PasskeyPurpose, PasskeyRefusal, PasskeyShown, PasskeyWish, add,
    credential_hash, once, refused, unknown, user_handle,
};
use writ_core::people::factors::policy::PasskeyChoice;
use writ_core::people::factors::prove::SecondProved;
use writ_core::people::sign_in::EntryProved;
use writ_core::scene::Scene;
use writ_core::secret::Digest32;
use writ_core::session::Authentication;
use writ_core::tenant::Tenant;
use writ_core::webauthn::{Attestation, RelyingParty, WebauthnFault};
use zeroize::Zeroizing;

use crate::call::fault::Fault;
use crate::call::passkeys::{MadePasskey, UsedPasskey};
use crate::manage::account::OwnAccount;
use crate::manage::factors::KnownFactors;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// Somebody answers with a passkey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PasskeyAttempt<'a> {
    pub tenant: &'a Tenant,
    /// What was sent.
    pub used: &'a UsedPasskey,
    /// What the challenge was for.
    pub challenge: PasskeyChallenge<'a>,
    pub origin: &'a Origin,
}

/// What an answer comes to.
#[derive(Debug)]
pub(crate) enum ProofOutcome<T> {
    /// It is right, for the first time.
    Proved(Box<T>),
    /// It is right, and was a moment ago: whose it is.
    Again(Box<Account>),
}

/// A passkey that is there, and whose it is.
struct FoundPasskey {
    factor: Factor,
    account: Account,
    challenge: ChallengeUse,
    known: KnownFactors,
}

/// The host of an origin, where browsers make passkeys for it: a name, and https or the machine itself.
fn host_of(origin: &str) -> Option<&str> {
    let (scheme, rest) = origin.split_once("://")?;
    let host = rest.rsplit_once(':').map_or(rest, |(host, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { rest }
    });
    let is_name = !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();
    let is_local = host == "localhost" || host.ends_with(".localhost");
    (is_name && (scheme == "https" || is_local)).then_some(host)
}

impl App {
    /// Who asks for passkeys in a tenant; none: nobody has any.
    pub(crate) fn passkey_party(&self, tenant: &Tenant) -> Option<RelyingParty<'_>> {
        if tenant.settings.passkeys == PasskeyChoice::Off {
            return None;
        }
        let origin = crate::call::csrf::origin_of(&self.base);
        host_of(origin).map(|id| RelyingParty { id, origin })
    }

    /// A new challenge.
    pub(crate) fn ask_passkey(&self, challenge: PasskeyChallenge<'_>) -> Zeroizing<String> {
        challenge.draw(&self.moment(), &self.hash_key)
    }

    /// What an authenticator knows somebody by.
    pub(crate) fn user_handle(&self, tenant: &Tenant, user: UserId) -> Digest32 {
        user_handle(tenant.id, user, &self.hash_key)
    }

    async fn found_passkey(
        &self,
        attempt: &PasskeyAttempt<'_>,
        scene: &Scene<'_>,
    ) -> Result<Result<FoundPasskey, Box<Refusal>>, Fault> {
        let PasskeyAttempt { tenant, used, challenge, .. } = *attempt;
        let no = |why| {
            self.meters.sign_ins.count("passkey");
            Ok(Err(Refusal::new(refused()).recording(unknown(scene, why))))
        };
        let now = scene.moment.now;
        if !challenge.is_answered(&used.client_data, now, &self.hash_key) {
            return no(WebauthnFault::Challenge);
        }
        let found = self.store.passkey(credential_hash(&used.credential), tenant.id).await?;
        let Some((user, factor)) = found else { return no(WebauthnFault::Owner) };
        let Some(account) = self.store.account(user, tenant.id).await? else {
            return no(WebauthnFault::Owner);
        };
        let once = once(&used.client_data, now);
        let challenge =
            if self.store.is_used(once.name, now).await? { ChallengeUse::Again } else { ChallengeUse::First };
        let known = self.known_factors(user, tenant.id).await?;
        Ok(Ok(FoundPasskey { factor, account, challenge, known }))
    }

    fn shown<'a>(
        &'a self,
        found: &'a FoundPasskey,
        used: &'a UsedPasskey,
        party: RelyingParty<'a>,
    ) -> PasskeyShown<'a> {
        PasskeyShown {
            account: &found.account,
            factor: &found.factor,
            response: &used.response,
            client_data: &used.client_data,
            party,
            challenge: found.challenge,
            hash_key: &self.hash_key,
        }
    }

    /// A refusal with the letter that belongs to it.
    fn refused_passkey(&self, tenant: &Tenant, refused: PasskeyRefusal) -> Result<Box<Refusal>, Fault> {
        let PasskeyRefusal { mut refusal, letter } = refused;
        refusal.records.iter().filter_map(|record| record.why).for_each(|(_, why)| {
            self.meters.sign_ins.count(why);
        });
        if let (Some(changes), Some(letter)) = (refusal.changes.take(), letter) {
            refusal.changes = Some(self.with_letters(tenant, &[letter], changes)?);
        }
        Ok(refusal)
    }

    /// Whether a passkey signs its owner in; asked anew in each round.
    ///
    /// # Errors
    /// The storage's. `invalid_grant` is a verdict.
    pub(crate) async fn try_passkey(
        &self,
        attempt: &PasskeyAttempt<'_>,
        demand: AcrDemand,
    ) -> Result<Verdict<ProofOutcome<EntryProved>>, Fault> {
        let PasskeyAttempt { tenant, used, origin, .. } = *attempt;
        let scene = self.stranger(tenant, origin);
        let Some(party) = self.passkey_party(tenant) else { return Ok(refused().into()) };
        let found = match self.found_passkey(attempt, &scene).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        let scene = as_owner(scene, &found.account);
        let shown = self.shown(&found, used, party);
        if found.challenge == ChallengeUse::Again {
            return self.again(tenant, shown.again(&scene), &found.account);
        }
        let assurance = found.known.assurance(&tenant.settings, demand);
        match shown.sign_in((tenant, &assurance), &scene) {
            Ok(proved) => Ok(Verdict::Answer(ProofOutcome::Proved(Box::new(proved)))),
            Err(refused) => Ok(Verdict::Refuse(self.refused_passkey(tenant, refused)?)),
        }
    }

    fn again<T>(
        &self,
        tenant: &Tenant,
        again: Result<(), PasskeyRefusal>,
        account: &Account,
    ) -> Result<Verdict<ProofOutcome<T>>, Fault> {
        match again {
            Ok(()) => Ok(Verdict::Answer(ProofOutcome::Again(Box::new(account.clone())))),
            Err(refused) => Ok(Verdict::Refuse(self.refused_passkey(tenant, refused)?)),
        }
    }

    /// Whether a passkey is the second factor of somebody; asked anew in each round.
    ///
    /// # Errors
    /// The storage's. `invalid_grant` is a verdict.
    pub(crate) async fn try_second_passkey(
        &self,
        attempt: &PasskeyAttempt<'_>,
        (account, proved, demand): (&Account, &Authentication, AcrDemand),
    ) -> Result<Verdict<ProofOutcome<SecondProved>>, Fault> {
        let PasskeyAttempt { tenant, used, origin, .. } = *attempt;
        let scene = as_owner(self.stranger(tenant, origin), account);
        let Some(party) = self.passkey_party(tenant) else { return Ok(refused().into()) };
        let found = match self.found_passkey(attempt, &scene).await? {
            Ok(found) if found.account.user.id == account.user.id => found,
            Ok(_) => {
                let record = unknown(&scene, WebauthnFault::Owner);
                return Ok(Verdict::Refuse(Refusal::new(refused()).recording(record)));
            }
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        let shown = self.shown(&found, used, party);
        if found.challenge == ChallengeUse::Again {
            return self.again(tenant, shown.again(&scene), account);
        }
        let assurance = found.known.assurance(&tenant.settings, demand);
        match shown.second((proved, &assurance), &scene) {
            Ok(proved) => Ok(Verdict::Answer(ProofOutcome::Proved(Box::new(proved)))),
            Err(refused) => Ok(Verdict::Refuse(self.refused_passkey(tenant, refused)?)),
        }
    }

    /// What a passkey proves of somebody who changes their factors: that its owner sits there. It is used up here.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn passkey_proof(
        &self,
        own: &OwnAccount<'_>,
        challenge: PasskeyChallenge<'_>,
        sent: &str,
    ) -> Result<CurrentPassword, Fault> {
        let Ok(used) = UsedPasskey::read(sent) else { return Ok(CurrentPassword::Wrong) };
        let (tenant, origin) = (own.tenant, own.scene.origin);
        let attempt = PasskeyAttempt { tenant, used: &used, challenge, origin };
        let done: Result<(), Fault> = self.rounds(|_| self.try_proof(&attempt, own.user)).await;
        match done {
            Ok(()) => Ok(CurrentPassword::Right),
            Err(fault) if fault.error.code() == writ_core::error::ErrorCode::InvalidGrant => {
                Ok(CurrentPassword::Wrong)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn try_proof(&self, attempt: &PasskeyAttempt<'_>, user: UserId) -> Result<Verdict<()>, Fault> {
        let PasskeyAttempt { tenant, used, origin, .. } = *attempt;
        let scene = self.stranger(tenant, origin);
        let Some(party) = self.passkey_party(tenant) else { return Ok(refused().into()) };
        let found = match self.found_passkey(attempt, &scene).await? {
            Ok(found) if found.account.user.id == user => found,
            Ok(_) => return Ok(refused().into()),
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        let scene = as_owner(scene, &found.account);
        match self.shown(&found, used, party).proof(&scene) {
            Ok(changes) => Ok(Verdict::Commit((), changes)),
            Err(refused) => Ok(Verdict::Refuse(self.refused_passkey(tenant, refused)?)),
        }
    }

    /// Adds a passkey. A form that comes twice finds it there, and shows the same recovery codes.
    ///
    /// # Errors
    /// `invalid_request` naming the fields.
    pub(crate) async fn add_passkey(
        &self,
        own: &OwnAccount<'_>,
        challenge: PasskeyChallenge<'_>,
        (sent, name, proof): (&Result<MadePasskey, WebauthnFault>, &str, CurrentPassword),
    ) -> Result<Verdict<Option<RecoveryCodes>>, Fault> {
        let (tenant, now) = (own.tenant, own.scene.moment.now);
        let facts = self.own_facts(own).await?;
        let Some(party) = self.passkey_party(tenant) else { return Ok(refused().into()) };
        let Ok(made) = sent else { return Ok(refused().into()) };
        let form = made.client_data.challenge().as_bytes();
        let attestation = match &tenant.settings.passkey_attestation_roots {
            Some(roots) => Attestation::From(std::sync::Arc::clone(roots), now),
            None => Attestation::NotAsked,
        };
        let is_ours = challenge.is_answered(&made.client_data, now, &self.hash_key);
        let checked = if is_ours {
            made.response.verify(&made.client_data, party, &attestation)
        } else {
            Err(WebauthnFault::Challenge)
        };
        let owner = match &checked {
            Ok(new) => self.store.passkey(credential_hash(&new.id), tenant.id).await?.map(|(owner, _)| owner),
            Err(_) => None,
        };
        let once = once(&made.client_data, now);
        // The form came twice.
        if owner == Some(own.user) && self.store.is_used(once.name, now).await? {
            return Ok(Verdict::Answer(self.codes_from(&facts.factors, own.user, form)));
        }
        let transports = &*made.response.transports;
        let wish = PasskeyWish { name, made: checked, transports, owner, proof, once };
        match add(wish, &facts, &own.scene, (form, &self.hash_key)) {
            Ok((FactorAdded { codes, letter }, changes)) => {
                Ok(Verdict::Commit(codes, self.with_letters(tenant, &[letter], changes)?))
            }
            Err(refusal) => Ok(Verdict::Refuse(refusal)),
        }
    }

    pub(crate) fn stranger<'a>(&'a self, tenant: &Tenant, origin: &'a Origin) -> Scene<'a> {
        Scene { tenant: tenant.id, actor: Actor::Anonymous, origin, moment: self.moment() }
    }
}

pub(crate) fn as_owner<'a>(scene: Scene<'a>, account: &Account) -> Scene<'a> {
    scene.by(account.user.id, std::sync::Arc::clone(&account.user.username))
}

/// The challenge of a passkey that signs somebody in, or does another thing, there.
pub(crate) const fn asked(purpose: PasskeyPurpose, bound: &str) -> PasskeyChallenge<'_> {
    PasskeyChallenge { purpose, bound }
}

#[cfg(test)]
mod tests {
    use super::host_of;

    /// Web Authentication Level 3 §5.1.3, step 7: an RP ID is a domain; and browsers have no passkeys for pages without
    /// https but on the machine itself.
    #[test]
    fn passkeys_are_made_for_names() {
        for (origin, host) in [
            ("https://id.example", Some("id.example")),
            ("https://id.example:8443", Some("id.example")),
            ("http://localhost:8080", Some("localhost")),
            ("http://id.localhost", Some("id.localhost")),
            ("http://id.example", None),
            ("https://192.0.2.1", None),
            ("http://127.0.0.1:8080", None),
            ("https://[::1]:8443", None),
            ("https://[2001:db8::1]", None),
        ] {
            assert_eq!(host_of(origin), host, "{origin}");
        }
    }
}
