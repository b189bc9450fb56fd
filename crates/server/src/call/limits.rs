//! How much a caller may still do: the buckets of clients and callers, and the shares of networks.

use std::net::IpAddr;

use writ_core::authorize::AuthorizationRequest;
use writ_core::caller::{Caller, Identity};
use writ_core::client::{SecretHash, TokenRate};
use writ_core::device_code::{DEVICE_INTERVAL, Polling};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::DeviceRequestId;
use writ_core::network::Network;
use writ_core::tenant::Tenant;

use crate::call::request::Context;
use crate::edge::buckets::Nanos;
use crate::edge::limits::{FIXED, Key, Level, RateLimits};
use crate::edge::shares::{Share, TakenShare, kibibytes};
use crate::passwords::{Lane, Pace};
use crate::state::app::App;
use crate::state::facts::CachedClient;
use crate::state::fault::Fault;

/// Devices whose polls are told apart.
const DEVICES: usize = 100_000;
/// What a poll takes: the interval, but for half a second that its way here may be quicker than that of the one before.
const POLL: Nanos = DEVICE_INTERVAL.0.unsigned_abs() * 1_000_000_000 - 500_000_000;

impl App {
    /// Whether calls are limited.
    pub(crate) fn is_limiting(&self) -> bool {
        self.live.load().rate_limits == RateLimits::On
    }

    /// Takes down which client a request names. Where its secrets can be guessed and too many guesses were wrong,
    /// no further one is looked at.
    ///
    /// # Errors
    /// 429.
    pub(crate) fn admit(
        &self,
        context: &Context,
        named: &str,
        client: Option<&CachedClient>,
    ) -> Result<(), Fault> {
        context.who.names(named);
        let Some(facts) = client.map(|client| &client.facts) else { return Ok(()) };
        context.who.is_client(facts.client.id, facts.tenant.id);
        let is_guessable = |hash: &SecretHash| matches!(hash, SecretHash::Slow(_));
        let Some(peer) = context.peer.filter(|_| self.is_limiting()) else { return Ok(()) };
        if !facts.client.secrets.iter().any(|secret| is_guessable(&secret.hash)) {
            return Ok(());
        }
        let now = self.clock.now();
        let keys = [
            (&FIXED.client_failures, Key::named(named, peer)),
            (&FIXED.address_failures, Key::address(peer)),
        ];
        for (policy, key) in keys {
            let level = self.limits.look(policy, &key, now);
            if level.is_empty() {
                return Err(limited(context, level));
            }
        }
        Ok(())
    }

    /// How fast a tenant's clients may get tokens, where they have no choice of their own.
    pub(crate) fn token_rate(&self, tenant: &Tenant) -> TokenRate {
        tenant.settings.rate().unwrap_or_else(|| self.live.load().token_rate)
    }

    /// How much is left of a client's tokens.
    pub(crate) fn tokens_left(&self, client: &CachedClient) -> Level {
        let live = self.live.load();
        let policy = client.tokens.as_ref().unwrap_or(&live.tokens);
        self.limits.look(policy, &Key::Tokens(client.facts.client.id.to_bytes()), self.clock.now())
    }

    /// Whether a client that has proved to be itself may have another token; counted once, however many rounds there
    /// are.
    ///
    /// # Errors
    /// What is left of its tokens: nothing.
    pub(crate) fn may_issue(&self, context: &Context, client: &CachedClient) -> Result<(), Level> {
        let live = self.live.load();
        if live.rate_limits == RateLimits::Off || context.who.level().is_some() {
            return Ok(());
        }
        let policy = client.tokens.as_ref().unwrap_or(&live.tokens);
        let key = Key::Tokens(client.facts.client.id.to_bytes());
        context.who.limited(self.limits.take(policy, &key, self.clock.now())?);
        Ok(())
    }

    /// Takes down who calls a management API, and whether they may call again.
    ///
    /// # Errors
    /// 429.
    pub(crate) fn recognise(&self, context: &Context, caller: &Caller) -> Result<(), Fault> {
        context.who.acts(caller.home, caller.actor());
        let row = match &caller.identity {
            Identity::Application { client, .. } => {
                context.who.is_client(*client, caller.home);
                client.to_bytes()
            }
            Identity::Person { user, client, .. } => {
                context.who.is_client(*client, caller.home);
                user.to_bytes()
            }
            Identity::AtConsole { user, .. } => user.to_bytes(),
            Identity::ApiKey { key, .. } => key.to_bytes(),
            Identity::Local { .. } => return Ok(()),
        };
        if !self.is_limiting() {
            return Ok(());
        }
        match self.limits.take(&FIXED.management, &Key::Management(row), self.clock.now()) {
            Ok(level) => {
                context.who.limited(level);
                Ok(())
            }
            Err(level) => Err(limited(context, level)),
        }
    }

    /// Takes `cost` out of what a caller's network may have; nothing where calls are not limited, or nobody knows
    /// where the caller is.
    ///
    /// # Errors
    /// 429, with what to do about it.
    pub(crate) fn take_share(
        &self,
        share: Share,
        ip: Option<IpAddr>,
        cost: u32,
    ) -> Result<Option<TakenShare>, Fault> {
        let live = self.live.load();
        let most = live.per_network.of(share);
        let Some(ip) = ip.filter(|_| live.rate_limits == RateLimits::On && most > 0) else { return Ok(None) };
        let taken = self.shares.take(share, Network::of(ip), (cost, most), self.clock.now());
        taken.map(Some).map_err(|seconds| Fault {
            error: OAuthError::new(ErrorCode::TooManyRequests, share.reason()),
            retry_after: Some(seconds),
        })
    }

    /// Whether a device asks as often as it may (RFC 8628 §3.5). It is this node that remembers: a poll writes nothing.
    pub(crate) fn pace_of(&self, device: DeviceRequestId) -> Polling {
        let now = self.clock.now();
        if !self.polls.has_room_for(&device, DEVICES) {
            return Polling::InTime;
        }
        match self.polls.take(&device, (POLL, POLL), now) {
            Ok(_) => Polling::InTime,
            Err(_) => Polling::TooSoon,
        }
    }

    /// Whether a refusal waits before it leaves: too many left to the same network. Those with large bodies count for
    /// more, because reading is the greater part of what they cost.
    pub(crate) fn is_refused_too_often(&self, ip: IpAddr, body: u64) -> bool {
        let cost = u32::try_from(body / 1024).unwrap_or(u32::MAX).saturating_add(1);
        self.take_share(Share::Refusals, Some(ip), cost).is_err()
    }

    /// The lane in which the passwords of an address are hashed.
    pub(crate) fn lane(&self, ip: Option<IpAddr>) -> Lane {
        let lane = Lane::of(ip);
        let Some(ip) = ip.filter(|_| self.is_limiting()) else { return lane };
        let (network, now) = (Network::of(ip), self.clock.now());
        let costly = [Share::SignIns, Share::Registrations, Share::Links];
        let is_much = costly.into_iter().any(|share| self.shares.is_much_used(share, network, now));
        if is_much { lane.at(Pace::Slow) } else { lane }
    }

    /// Gives back what a request took that waited and was answered by a person.
    pub(crate) fn give_back_authorization(&self, request: &AuthorizationRequest, ip: Option<IpAddr>) {
        let most = self.live.load().per_network.of(Share::Authorizations);
        if let Some(ip) = ip {
            self.shares.give_back(TakenShare::new(
                Share::Authorizations,
                Some(Network::of(ip)),
                (1 + kibibytes(request), most),
            ));
        }
    }

    /// Gives it back.
    pub(crate) fn give_back(&self, taken: Option<TakenShare>) {
        if let Some(taken) = taken {
            self.shares.give_back(taken);
        }
    }
}

/// Nothing is left: 429, with the headers that say so.
pub(crate) fn limited(context: &Context, level: Level) -> Fault {
    let fault = Fault::limited(&level);
    context.who.limited(level);
    fault
}
