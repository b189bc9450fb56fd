//! What callers without a credential may make the server do, by network: each has a share of its own, so that one that
//! floods takes nothing from the others.
//!
//! A share is taken before the work is done, in the memory of this node. What failed stays taken; what went well is
//! given back, so that a whole office behind one address is not counted for signing in. A share that is used up comes
//! back evenly over [`Share::window`].

use writ_core::authorize::AuthorizationRequest;
use writ_core::network::Network;
use writ_core::shell_reason::ShellReason;
use writ_core::time::{Micros, Seconds};

use super::buckets::{Buckets, Nanos};

/// In this time most shares fill up when they are empty.
const WINDOW: Seconds = Seconds(600);
/// A network that has used this part of what may fail has its passwords hashed at a slow pace.
const MUCH: u64 = 6;
/// Networks that are told apart; those beyond have one share together.
const NETWORKS: usize = 100_000;

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Authorization requests, by KiB of what is kept of them. Given back where a person answers.
    Authorizations,
    /// Sign-ins. Given back where somebody gets in.
    SignIns,
    /// Registrations.
    Registrations,
    /// Clients that register themselves.
    Clients,
    /// Letters asked for, and links followed. Given back where a link is good.
    Links,
    /// Requests of nobody in particular that are refused, and the KiB of their bodies. Whoever has used it up waits for
    /// each answer.
    Refusals,
}

impl Share {
    /// In this time an empty share fills up.
    pub const fn window(self) -> Seconds {
        match self {
            Self::Authorizations | Self::SignIns | Self::Registrations | Self::Clients | Self::Links => {
                WINDOW
            }
            Self::Refusals => Seconds(10),
        }
    }

    /// The same, as its buckets have it.
    const fn whole(self) -> Nanos {
        self.window().0.unsigned_abs() * 1_000_000_000
    }

    /// What whoever has used it up is told.
    pub const fn reason(self) -> ShellReason {
        match self {
            Self::Authorizations => ShellReason::ShareAuthorizations,
            Self::SignIns => ShellReason::ShareSignIns,
            Self::Registrations => ShellReason::ShareRegistrations,
            Self::Clients => ShellReason::ShareClients,
            Self::Links => ShellReason::ShareLinks,
            Self::Refusals => ShellReason::ShareRefusals,
        }
    }
}

/// What one network may have: of each share in its [`Share::window`], and at once of connections and bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerNetwork {
    /// [`Share::Authorizations`].
    pub authorizations: u32,
    /// [`Share::SignIns`].
    pub sign_ins: u32,
    /// [`Share::Registrations`].
    pub registrations: u32,
    /// [`Share::Clients`].
    pub clients: u32,
    /// [`Share::Links`].
    pub links: u32,
    /// [`Share::Refusals`].
    pub refusals: u32,
    /// Connections open at once; 0: a share of all.
    pub connections: usize,
    /// Bytes of request bodies on their way at once.
    pub body_bytes: usize,
}

impl Default for PerNetwork {
    fn default() -> Self {
        Self {
            authorizations: 2000,
            sign_ins: 600,
            registrations: 200,
            clients: 50,
            links: 100,
            refusals: 2000,
            connections: 0,
            body_bytes: 8 * 1024 * 1024,
        }
    }
}

impl PerNetwork {
    /// How much of a share there is; 0: no end.
    pub const fn of(&self, share: Share) -> u32 {
        match share {
            Share::Authorizations => self.authorizations,
            Share::SignIns => self.sign_ins,
            Share::Registrations => self.registrations,
            Share::Clients => self.clients,
            Share::Links => self.links,
            Share::Refusals => self.refusals,
        }
    }

    /// Connections of one network, of so many in all.
    pub fn connections_of(&self, all: usize) -> usize {
        let usual = (all / 8).clamp(16, 4096);
        let wanted = if self.connections == 0 { usual } else { self.connections };
        wanted.min(all.saturating_sub(1)).max(1)
    }
}

/// Something that was taken out of a share.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct TakenShare {
    share: Share,
    network: Option<Network>,
    cost: Nanos,
}

impl TakenShare {
    /// `cost` of `most`, of a network's share.
    pub fn new(share: Share, network: Option<Network>, (cost, most): (u32, u32)) -> Self {
        let one = share.whole() / u64::from(most.max(1));
        Self { share, network, cost: one.saturating_mul(cost.into()) }
    }
}

/// What is kept of a request while it waits, in whole KiB.
pub fn kibibytes(request: &AuthorizationRequest) -> u32 {
    u32::try_from(request.weight() / 1024).unwrap_or(u32::MAX)
}

/// The shares of all networks; those that are not told apart are one.
#[derive(Debug, Default)]
pub struct Shares([Buckets<Option<Network>>; 6]);

impl Shares {
    fn buckets(&self, share: Share) -> &Buckets<Option<Network>> {
        let [authorizations, sign_ins, registrations, clients, links, refusals] = &self.0;
        match share {
            Share::Authorizations => authorizations,
            Share::SignIns => sign_ins,
            Share::Registrations => registrations,
            Share::Clients => clients,
            Share::Links => links,
            Share::Refusals => refusals,
        }
    }

    /// Takes `cost` of `most` out of a network's share.
    ///
    /// # Errors
    /// Seconds until so much is there.
    pub fn take(
        &self,
        share: Share,
        network: Network,
        (cost, most): (u32, u32),
        now: Micros,
    ) -> Result<TakenShare, u32> {
        let buckets = self.buckets(share);
        let network = Some(network).filter(|network| buckets.has_room_for(&Some(*network), NETWORKS));
        let taken = TakenShare::new(share, network, (cost, most));
        buckets.take(&network, (taken.cost, share.whole()), now).map(|_| taken).map_err(|behind| {
            let seconds = (behind.saturating_add(taken.cost) - share.whole()).div_ceil(1_000_000_000);
            u32::try_from(seconds).unwrap_or(u32::MAX).clamp(1, 600)
        })
    }

    /// Whether a network has used up a good part of its share: one in [`MUCH`].
    pub fn is_much_used(&self, share: Share, network: Network, now: Micros) -> bool {
        let whole = share.whole();
        self.buckets(share).behind(&Some(network), whole, now) > whole / MUCH
    }

    /// Gives back what was taken.
    pub fn give_back(&self, taken: TakenShare) {
        self.buckets(taken.share).give_back(&taken.network, taken.cost);
    }

    /// Forgets the networks whose shares are whole again.
    pub fn forget_whole(&self, now: Micros) {
        for buckets in &self.0 {
            buckets.forget_full(now);
        }
    }

    /// How many networks are kept in mind.
    pub fn kept(&self) -> usize {
        self.0.iter().map(Buckets::kept).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(1_800_000_000);

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn a_share_is_used_up_by_failures_and_comes_back_evenly() {
        let shares = Shares::default();
        let take = |ip: &str, after: i64| {
            shares.take(Share::SignIns, network(ip), (1, 600), NOW.plus(Seconds(after))).is_ok()
        };
        assert_eq!((0..1000).filter(|_| take("192.0.2.7", 0)).count(), 600);
        assert!(take("192.0.2.8", 0), "another network has its own");
        assert_eq!((0..1000).filter(|_| take("192.0.2.7", 10)).count(), 10);
        let refused = shares.take(Share::SignIns, network("192.0.2.7"), (1, 600), NOW.plus(Seconds(10)));
        assert_eq!(refused.unwrap_err(), 1);
        assert!(shares.take(Share::Links, network("192.0.2.7"), (1, 100), NOW).is_ok(), "another share");
        let is_much = |ip, after| shares.is_much_used(Share::SignIns, network(ip), NOW.plus(Seconds(after)));
        assert!(is_much("192.0.2.7", 10) && !is_much("192.0.2.7", 550) && !is_much("192.0.2.8", 0));
    }

    #[test]
    fn what_went_well_is_given_back() {
        let shares = Shares::default();
        for _ in 0..10_000 {
            let taken = shares.take(Share::SignIns, network("192.0.2.7"), (1, 600), NOW).unwrap();
            shares.give_back(taken);
        }
        // Never more than a whole share, however much comes back.
        let all =
            (0..1000).filter(|_| shares.take(Share::SignIns, network("192.0.2.7"), (1, 600), NOW).is_ok());
        assert_eq!(all.count(), 600);
    }

    #[test]
    fn what_is_large_costs_more() {
        let shares = Shares::default();
        let take = |cost| shares.take(Share::Authorizations, network("192.0.2.7"), (cost, 2000), NOW).is_ok();
        assert_eq!((0..2000).filter(|_| take(9)).count(), 222);
    }

    #[test]
    fn refusals_come_back_within_seconds() {
        let shares = Shares::default();
        let take = |cost, after| {
            let now = NOW.plus(Seconds(after));
            shares.take(Share::Refusals, network("192.0.2.7"), (cost, 2000), now).is_ok()
        };
        assert_eq!((0..2000).filter(|_| take(60, 0)).count(), 33);
        assert!(!take(60, 0));
        assert_eq!((0..2000).filter(|_| take(1, 1)).count(), 220);
        assert_eq!((0..5000).filter(|_| take(1, 60)).count(), 2000);
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_shut_anybody_out_for_longer_than_a_window() {
        let shares = Shares::default();
        let take = |at: Micros| shares.take(Share::Links, network("192.0.2.7"), (1, 100), at).is_ok();
        while take(NOW.plus(Seconds(1_000_000))) {}
        assert!(!take(NOW));
        assert!(take(NOW.plus(Seconds(6))));
        shares.forget_whole(NOW.plus(Seconds(2_000_000)));
        assert_eq!(shares.kept(), 0);
    }

    #[test]
    fn one_network_never_has_every_connection() {
        let usual = PerNetwork::default();
        for (all, of_one) in [(10_000, 1250), (64, 16), (16, 15), (2, 1), (1, 1)] {
            assert_eq!(usual.connections_of(all), of_one, "{all}");
        }
        assert_eq!(PerNetwork { connections: 20_000, ..usual }.connections_of(10_000), 9_999);
    }
}
