//! Audit records that nobody waits for: what was refused, sign-ins that failed, and what nobody in particular did.
//!
//! The same thing from the same network is one record with a count. A network that causes many gets few: it has an
//! allowance of records, one of which comes back each minute, and what finds none waits and goes on counting. So a
//! flood leaves a record a minute behind, however long it lasts and whatever it says.

use std::collections::HashMap;

use writ_core::act::{Action, Actor, Target};
use writ_core::audit::Outcome;
use writ_core::ids::TenantId;
use writ_core::network::Network;
use writ_core::networks::ListOf;
use writ_core::noted::{Noted, Worth};

use crate::value::Step;
use crate::writes::audit;

/// How many different records may wait.
const LIMIT: usize = 2000;
/// How many different ones of little worth may wait of one network; beyond that they are told apart no more.
const OF_A_NETWORK: u32 = 16;
/// Records that a network may cause at once.
const ALLOWANCE: u32 = 16;
/// Writes of notes until one more may be caused: they are five seconds apart.
const TURNS: u32 = 12;

/// What makes two records the same.
#[derive(PartialEq, Eq, Hash)]
struct Same {
    tenant: TenantId,
    network: Option<Network>,
    what: (Action, Outcome, Option<&'static str>, Option<ListOf>),
    /// Who, to which thing, under which name, for which reason in particular; none: whoever and whatever it was.
    whose: Option<RecordAbout>,
}

/// Who and what a record is about.
#[derive(PartialEq, Eq, Hash)]
struct RecordAbout {
    actor: Actor,
    target: Target,
    name: Option<Box<str>>,
    reason: Option<Box<str>>,
}

impl Same {
    fn of(noted: &Noted, told: ToldApart) -> Self {
        let act = &noted.act;
        let whose = match told {
            ToldApart::Apart => {
                let name = noted.name.as_ref().map(|(_, name)| name.clone());
                let (actor, target) = (act.actor.clone(), act.target);
                Some(RecordAbout { actor, target, name, reason: noted.reason.clone() })
            }
            ToldApart::Together => None,
        };
        Self {
            tenant: act.tenant,
            network: act.origin.ip.map(Network::of),
            what: (act.action, noted.outcome, noted.why.map(|(_, why)| why), noted.list),
            whose,
        }
    }
}

/// Whether records of a network that differ in who and what are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToldApart {
    Apart,
    Together,
}

/// How much a network has caused.
struct Caused {
    /// Records of little worth that wait.
    waiting: u32,
    /// How many more may be written.
    left: u32,
    /// Writes of notes since one came back.
    turns: u32,
}

impl Caused {
    const NOTHING: Self = Self { waiting: 0, left: ALLOWANCE, turns: 0 };

    fn turn(&mut self) {
        self.turns += 1;
        if self.turns >= TURNS {
            self.turns = 0;
            self.left = ALLOWANCE.min(self.left + 1);
        }
    }
}

/// Whether something was kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RecordKept {
    Yes,
    /// It counts with one that is kept.
    Again,
    Dropped,
}

/// Which records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WantedRecords {
    /// Those whose time has come.
    Due,
    /// The same between two times, for somebody who is about to read: no network may cause more by it.
    Early,
    /// All, for there will be no other time.
    All,
}

#[derive(Default)]
pub(crate) struct Records {
    waiting: HashMap<Same, (Noted, u64)>,
    networks: HashMap<Option<Network>, Caused>,
}

impl Records {
    /// Keeps a record; the same one again only counts.
    pub fn add(&mut self, noted: Noted) -> RecordKept {
        let is_full = self.waiting.len() >= LIMIT;
        let mut same = Same::of(&noted, ToldApart::Apart);
        if let Some((_, count)) = self.waiting.get_mut(&same) {
            *count += 1;
            return RecordKept::Again;
        }
        if is_full {
            return RecordKept::Dropped;
        }
        let mut noted = noted;
        if noted.worth == Worth::Few {
            let caused = self.networks.entry(same.network).or_insert(Caused::NOTHING);
            if caused.waiting >= OF_A_NETWORK {
                same = Same::of(&noted, ToldApart::Together);
                if let Some((_, count)) = self.waiting.get_mut(&same) {
                    *count += 1;
                    return RecordKept::Again;
                }
                if caused.waiting >= 2 * OF_A_NETWORK {
                    return RecordKept::Dropped;
                }
                (noted.act.actor, noted.act.target) = (Actor::Anonymous, Target::Server);
                (noted.name, noted.path, noted.reason) = (None, None, None);
            }
            caused.waiting += 1;
        }
        self.waiting.insert(same, (noted, 1));
        RecordKept::Yes
    }

    /// Takes the records that are wanted.
    pub fn take(&mut self, wanted: WantedRecords) -> Vec<Step> {
        if wanted != WantedRecords::Early {
            self.networks.values_mut().for_each(Caused::turn);
        }
        let networks = &mut self.networks;
        let due = self.waiting.extract_if(|same, (noted, _)| {
            let caused = match (noted.worth, networks.get_mut(&same.network)) {
                (Worth::Few, Some(caused)) => caused,
                (Worth::Each, _) | (Worth::Few, None) => return true,
            };
            if caused.left == 0 && wanted != WantedRecords::All {
                return false;
            }
            caused.left = caused.left.saturating_sub(1);
            caused.waiting = caused.waiting.saturating_sub(1);
            true
        });
        let steps = due.map(|(_, (noted, count))| {
            let details = noted.details(count);
            audit(noted.act, noted.outcome, Some(&details))
        });
        let steps = steps.collect();
        self.networks.retain(|_, caused| caused.waiting > 0 || caused.left < ALLOWANCE);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::given;
    use writ_core::ids::UserId;

    fn noted(ip: &str, name: &str, worth: Worth) -> Noted {
        let mut act = given::act(TenantId::from_bytes([1; 16]));
        act.origin.ip = ip.parse().ok();
        act.actor = Actor::Anonymous;
        Noted { name: Some(("client_id", name.into())), worth, ..Noted::done(act) }
    }

    #[test]
    fn a_flood_leaves_a_record_a_minute_behind() {
        let mut records = Records::default();
        let mut written = 0;
        // An hour of writes five seconds apart; each time a thousand names that nobody has.
        for turn in 0..720 {
            for n in 0..1000 {
                records.add(noted("192.0.2.7", &format!("{turn} {n}"), Worth::Few));
            }
            written += records.take(WantedRecords::Due).len();
        }
        assert!(written <= 16 + 60, "{written}");
        assert!(records.waiting.len() <= 32, "{}", records.waiting.len());
        // Another network is not touched by it.
        records.add(noted("198.51.100.9", "app", Worth::Few));
        let own = records.waiting.len();
        assert!(own - 1 <= 32 && records.take(WantedRecords::Due).len() <= 2);
        assert!(
            !records.waiting.keys().any(|same| same.network == Some(Network::of([198, 51, 100, 9].into())))
        );
    }

    #[test]
    fn whoever_reads_often_lets_nobody_cause_more() {
        let mut records = Records::default();
        let mut written = 0;
        for n in 0..1000 {
            records.add(noted("192.0.2.7", &n.to_string(), Worth::Few));
            written += records.take(WantedRecords::Early).len();
        }
        assert_eq!(written, 16);
        records.add(noted("198.51.100.9", "app", Worth::Few));
        assert_eq!(records.take(WantedRecords::Early).len(), 1, "what is due is written at once");
    }

    #[test]
    fn nothing_that_is_counted_is_lost_at_the_end() {
        let mut records = Records::default();
        for n in 0..5000 {
            assert_ne!(records.add(noted("192.0.2.7", &n.to_string(), Worth::Few)), RecordKept::Dropped);
        }
        let counted: u64 = records.waiting.values().map(|(_, count)| count).sum();
        assert_eq!(counted, 5000);
        assert_eq!(records.take(WantedRecords::All).len(), 17);
        assert!(records.waiting.is_empty());
    }

    #[test]
    fn what_is_about_somebody_is_a_record_each() {
        let mut records = Records::default();
        for user in 0..200u8 {
            let mut failed = noted("192.0.2.7", "ada", Worth::Each);
            failed.act.target = Target::User(UserId::from_bytes([user; 16]));
            records.add(failed);
        }
        assert_eq!(records.take(WantedRecords::Due).len(), 200);
    }

    #[test]
    fn networks_are_forgotten_that_have_been_quiet() {
        let mut records = Records::default();
        for n in 0..=255u8 {
            records.add(noted(&format!("192.0.2.{n}"), "x", Worth::Few));
        }
        for _ in 0..=TURNS {
            records.take(WantedRecords::Due);
        }
        assert!(records.networks.is_empty());
    }
}
