//! Whose letters are counted together: nobody is buried in them, and nobody goes without because strangers asked for
//! them.
//!
//! Letters are counted by mailbox, in the whole server, for `ada+1@…` is read by whoever reads `ada@…`. A request from
//! a network or a browser that the account has signed in from has a share of its own. Strangers share what a mailbox
//! may get from strangers, and each network of theirs gets a part of it that does not use it up.

use super::change::PeopleChange;
use super::sign_in::{AttemptBuckets, KnownSource, SignInAttempt};
use super::username_key;
use crate::change::{Change, Origin};
use crate::ids::TenantId;
use crate::network::Network;
use crate::secret::{Digest32, HashKey};
use crate::time::{Micros, Seconds};

/// So many in a row at the most, and one more each time this has gone by.
#[derive(Debug, Clone, Copy)]
struct LetterPace {
    most: i64,
    between: Seconds,
}

/// For somebody who is no stranger, and for one network of strangers.
const ONE: LetterPace = LetterPace { most: 3, between: Seconds(600) };
/// For all strangers together: twice as fast as any one network of theirs.
const STRANGERS: LetterPace = LetterPace { most: 12, between: Seconds(300) };

/// Whose letters they are.
#[derive(Debug, Clone, Copy)]
pub enum MailboxOwner<'a> {
    /// Those to an address, whichever account of whichever tenant it is given for.
    Address(&'a str),
    /// Those for a name that has no address.
    Name(TenantId, &'a str),
}

impl MailboxOwner<'_> {
    fn key(self) -> String {
        match self {
            Self::Address(address) => format!("letters\nto {}", mailbox(address)),
            Self::Name(tenant, name) => format!("letters\nfor {tenant}\n{}", username_key(name)),
        }
    }
}

/// The mailbox behind an address (RFC 5233: what follows a `+` tells its owner why somebody writes).
pub fn mailbox(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = match local.find('+') {
        None | Some(0) => local,
        Some(at) => local.get(..at).unwrap_or(local),
    };
    format!("{local}@{domain}").to_ascii_lowercase()
}

/// The buckets that a letter is taken out of, each of which has to have one left.
#[derive(Debug, Clone, Copy)]
pub struct LetterBuckets {
    own: Digest32,
    /// That of all strangers, where a stranger asks.
    strangers: Option<Digest32>,
}

impl LetterBuckets {
    /// For somebody with a credential who asks for a letter.
    pub fn own(whose: MailboxOwner<'_>, hash_key: &HashKey) -> Self {
        Self { own: hash_key.hash(&format!("{}\nown", whose.key())), strangers: None }
    }

    /// For somebody without one, of whom this much is known.
    pub fn of(whose: MailboxOwner<'_>, asked: LetterAsker<'_>, hash_key: &HashKey) -> Self {
        let key = whose.key();
        let known = match (asked.known, asked.buckets) {
            (KnownSource::Browser | KnownSource::Place, Some(buckets)) => {
                Some(buckets.choose(asked.known).key())
            }
            (KnownSource::Browser | KnownSource::Place, None) | (KnownSource::Nothing, _) => None,
        };
        if let Some(place) = known {
            let own = hash_key.hash(&format!("{key}\nknown {:x?}", place.as_bytes()));
            return Self { own, strangers: None };
        }
        let network = asked.origin.ip.map(Network::of);
        let from = network.map_or_else(|| "nowhere".to_owned(), |network| network.to_string());
        Self {
            own: hash_key.hash(&format!("{key}\nfrom {from}")),
            strangers: Some(hash_key.hash(&format!("{key}\nstrangers"))),
        }
    }

    /// Takes a letter out of each. Guarded: there is one left.
    pub fn take(self, at: Micros) -> impl Iterator<Item = Change> {
        let attempt = move |bucket, pace: LetterPace| {
            Change::People(PeopleChange::ReserveAttempt(SignInAttempt {
                bucket,
                at,
                cost: pace.between,
                latest: at.plus(Seconds(pace.between.0 * (pace.most - 1))),
                kept_until: at.plus(Seconds(pace.between.0 * (pace.most + 1))),
            }))
        };
        let own = attempt(self.own, ONE);
        std::iter::once(own).chain(self.strangers.map(|bucket| attempt(bucket, STRANGERS)))
    }
}

/// Who asks for a letter.
#[derive(Debug, Clone, Copy)]
pub struct LetterAsker<'a> {
    /// From where.
    pub origin: &'a Origin,
    /// What is known of it, for the account whose letter it is.
    pub known: KnownSource,
    /// The account's buckets for that place.
    pub buckets: Option<AttemptBuckets>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::BrowserId;
    use zeroize::Zeroizing;

    #[test]
    fn what_follows_a_plus_is_the_same_mailbox() {
        for address in ["ada@example.com", "ada+1@example.com", "Ada+news+x@EXAMPLE.com"] {
            assert_eq!(mailbox(address), "ada@example.com");
        }
        assert_eq!(mailbox("+1@example.com"), "+1@example.com");
        assert_ne!(mailbox("ada@example.com"), mailbox("ada@example.org"));
    }

    fn buckets(address: &str, ip: &str, known: KnownSource) -> Vec<[u8; 32]> {
        let key = HashKey::new(Zeroizing::new([7; 32]));
        let browser = Some(BrowserId::from_bytes([1; 16]));
        let origin = Origin { ip: ip.parse().ok(), browser, ..Origin::default() };
        let account = AttemptBuckets::of(TenantId::from_bytes([1; 16]), "ada", &origin, &key);
        let asked = LetterAsker { origin: &origin, known, buckets: Some(account) };
        let buckets = LetterBuckets::of(MailboxOwner::Address(address), asked, &key);
        std::iter::once(buckets.own).chain(buckets.strangers).map(|digest| *digest.as_bytes()).collect()
    }

    #[test]
    fn each_network_of_strangers_has_a_part_and_the_owner_a_share_of_their_own() {
        let one = buckets("a@example.com", "192.0.2.7", KnownSource::Nothing);
        let other = buckets("a+2@example.com", "198.51.100.9", KnownSource::Nothing);
        assert_ne!(one[0], other[0]);
        assert_eq!(one[1], other[1], "all strangers together");
        assert_eq!(one, buckets("a+1@example.com", "192.0.2.7", KnownSource::Nothing));
        for known in [KnownSource::Place, KnownSource::Browser] {
            let own = buckets("a@example.com", "192.0.2.7", known);
            assert_eq!(own.len(), 1);
            assert!(!one.contains(&own[0]));
        }
        // No network uses up what all strangers share.
        const { assert!(STRANGERS.between.0 < ONE.between.0) }
    }
}
