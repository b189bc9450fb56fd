//! Signing in at other identity providers: browsers are sent there, what they bring back is redeemed, and whose account that
//! is is decided. One that is away costs whoever wanted to sign in there a few seconds, and nobody else anything.

mod exchange;
pub(crate) mod own;
pub(crate) mod providers;

use std::sync::Arc;

use writ_core::act::Actor;
use writ_core::authority::Permissions;
use writ_core::authorize::flow_proof;
use writ_core::change::Origin;
use writ_core::claims::AcrDemand;
use writ_core::form::Form;
use writ_core::ids::{SessionId, TenantId, UpstreamRequestId};
use writ_core::people::sign_in::SignedInUser;
use writ_core::people::username_key;
use writ_core::scene::Scene;
use writ_core::session::Authentication;
use writ_core::tenant::Tenant;
use writ_core::upstream::admit::{AddressHolder, Arrived, Arriving, Connected, NotAdmitted};
use writ_core::upstream::ask::{
    Anew, DrawnState, RequestSecrets, ReturnFault, Returning, StateRef, UpstreamAsk, UpstreamRequest,
};
use writ_core::upstream::told::ToldIdentity;
use writ_core::upstream::{IdentityProvider, LinkKey};
use writ_jose::MasterKey;

use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::edge::counters::SUCCESS;
use crate::edge::shares::Share;
use crate::state::app::App;
use crate::state::rounds::Verdict;
use crate::state::upstream_metadata::UpstreamEndpoints;

/// What the keys are made from that secrets and states are sealed under. It comes from the key of the keyed hashes, which
/// stays what it is when the master key changes.
const SECRETS: &str = "writ identity providers";
const STATES: &str = "writ upstream requests";

/// What somebody is sent to a provider for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SentFor {
    /// To sign in for a request that waits.
    Request(Box<str>),
    /// To sign in to this page of their account.
    Account(Box<str>),
    /// To connect the account that they are signed in to, by this sign-in.
    Link(SessionId),
}

impl SentFor {
    fn to_sealed(&self) -> String {
        match self {
            Self::Request(challenge) => format!("request\n{challenge}"),
            Self::Account(leaf) => format!("account\n{leaf}"),
            Self::Link(session) => format!("link\n{session}"),
        }
    }

    fn from_sealed(text: &str) -> Option<Self> {
        let (what, of) = text.split_once('\n')?;
        match what {
            "request" => Some(Self::Request(of.into())),
            "account" => Some(Self::Account(of.into())),
            "link" => SessionId::parse_uuid(of).map(Self::Link),
            _ => None,
        }
    }
}

/// How somebody is sent away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// Where to.
    pub provider: &'a IdentityProvider,
    /// What for.
    pub sent_for: &'a SentFor,
    /// Who it will probably be.
    pub login_hint: Option<&'a str>,
    /// Whether they are to prove it anew.
    pub anew: Anew,
    /// From where.
    pub origin: &'a Origin,
}

/// A browser that has come back with something good.
#[derive(Debug)]
pub(crate) struct CameBack {
    /// What it was sent away with.
    pub request: UpstreamRequest,
    /// What for.
    pub sent_for: SentFor,
    /// Who the provider says it is.
    pub told: ToldIdentity,
}

/// Why a browser that has come back goes no further.
#[derive(Debug)]
pub(crate) enum HaltedReturn {
    /// It is not known what it was sent away for, and so not where it could go on.
    Nowhere,
    /// It goes on where it was sent from, where this is told.
    Back(SentFor, WhyStopped),
    /// Something of ours failed.
    Fault(Fault),
}

/// What somebody is told whom a provider brought nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhyStopped {
    /// It came before: what there is to see is where it was sent from.
    Again,
    /// The provider, or the person, said no.
    Denied,
    /// The provider is away, or what it says cannot be believed.
    Failed,
    /// Too many failed from this network.
    TooMany,
    /// Whose account it is could not be said.
    NotAdmitted(NotAdmitted),
}

impl From<Fault> for HaltedReturn {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<writ_store::ReadError> for HaltedReturn {
    fn from(error: writ_store::ReadError) -> Self {
        Fault::from(error).into()
    }
}

/// What came of somebody's arrival.
enum ArrivalOutcome {
    In(Box<Arrived>, Authentication),
    Again,
    Not(NotAdmitted),
}

fn key(app: &App, label: &str) -> Result<MasterKey, Fault> {
    MasterKey::from_bytes(app.hash_key.hash(label).as_bytes()).map_err(Fault::internal)
}

/// What a provider's secret is sealed for: its place in its tenant, which it keeps.
fn place_of_secret(tenant: TenantId, slug: &str) -> Vec<u8> {
    format!("{tenant}\n{slug}").into_bytes()
}

impl App {
    /// A provider's secret as it is kept.
    ///
    /// # Errors
    /// A failure of ours.
    pub(crate) fn seal_provider_secret(
        &self,
        (tenant, slug): (TenantId, &str),
        secret: &str,
    ) -> Result<Arc<[u8]>, Fault> {
        let sealed = key(self, SECRETS)?.seal(&place_of_secret(tenant, slug), secret.as_bytes());
        Ok(sealed.map_err(Fault::internal)?.into())
    }

    fn open_provider_secret(&self, provider: &IdentityProvider) -> Result<Option<String>, Fault> {
        let Some(sealed) = &provider.secret else { return Ok(None) };
        let opened = key(self, SECRETS)?.open(&place_of_secret(provider.tenant, &provider.slug), sealed);
        let opened = opened.map_err(Fault::internal)?;
        Ok(Some(String::from_utf8_lossy(&opened).into_owned()))
    }

    fn sealed_purpose(&self, id: UpstreamRequestId, sent_for: &SentFor) -> Result<Vec<u8>, Fault> {
        let text = sent_for.to_sealed();
        key(self, STATES)?.seal(&id.to_bytes(), text.as_bytes()).map_err(Fault::internal)
    }

    fn purpose_of(&self, request: &UpstreamRequest) -> Result<Option<SentFor>, Fault> {
        let opened =
            key(self, STATES)?.open(&request.id.to_bytes(), &request.sealed).map_err(Fault::internal)?;
        Ok(std::str::from_utf8(&opened).ok().and_then(SentFor::from_sealed))
    }

    /// The providers that people of a tenant can sign in at.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn ways_elsewhere(&self, tenant: TenantId) -> Result<Vec<IdentityProvider>, Fault> {
        let all = self.store.identity_providers(tenant).await?;
        Ok(all.into_iter().filter(|provider| provider.enabled.is_yes()).collect())
    }

    /// One of these by its place in addresses; none: nobody can sign in there.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn way_elsewhere(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<Option<IdentityProvider>, Fault> {
        // What cannot be a slug is not asked for: PostgreSQL, for one, refuses a NUL as an error.
        if slug.len() > 63 || !slug.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(None);
        }
        let found = self.store.identity_provider(tenant, slug).await?;
        Ok(found.filter(|provider| provider.enabled.is_yes()))
    }

    /// The address at a provider that a browser is sent to, and the state that it is to remember.
    ///
    /// # Errors
    /// `None` where the provider is away; 429 where too many of a network are sent away.
    pub(crate) async fn send_away(&self, sending: &Sending<'_>) -> Result<Option<(String, String)>, Fault> {
        let Sending { tenant, provider, sent_for, login_hint, anew, origin } = *sending;
        let _ = self.take_share(Share::Authorizations, origin.ip, 1)?;
        let endpoints = match self.upstream_endpoints(provider).await {
            Ok(endpoints) => endpoints,
            Err(why) => {
                tracing::warn!(
                    provider = &*provider.slug,
                    "nobody can be sent to an identity provider: {why}"
                );
                return Ok(None);
            }
        };
        let moment = self.moment();
        let state = DrawnState::new(&moment);
        let sealed = self.sealed_purpose(state.id, sent_for)?;
        self.once(state.kept(provider, sealed, (origin, &moment))).await?;
        let secrets = RequestSecrets::of(&state.drawn.text, &self.hash_key);
        let ask = UpstreamAsk {
            provider,
            endpoint: endpoints.authorize.as_str(),
            redirect_uri: &provider.callback(&self.issuer(tenant)),
            state: &state.drawn.text,
            secrets: &secrets,
            login_hint,
            anew,
        };
        let address = ask.address();
        Ok(Some((address, state.drawn.text)))
    }

    /// What a browser brings back from a provider, redeemed there.
    ///
    /// # Errors
    /// [`HaltedReturn`]. Nothing is asked of the provider before it is known that the browser was sent there by this server.
    pub(crate) async fn redeem_return(
        &self,
        (tenant, provider): (&Tenant, &IdentityProvider),
        call: &Call,
        answer: &Form<'_>,
    ) -> Result<CameBack, HaltedReturn> {
        let state = answer.get("state").unwrap_or_default();
        let presented = StateRef::parse(state).ok_or(HaltedReturn::Nowhere)?;
        let request = self.store.upstream_request(presented.id(), tenant.id).await?;
        let kept = self.kept_of_flow(&call.headers, state);
        let same_browser = kept.is_some_and(|kept| kept.ct_eq(&flow_proof(state, &self.hash_key)));
        let names_itself = false;
        let returning = Returning { request: request.as_ref(), same_browser, provider, names_itself };
        let now = self.clock.now();
        let first = returning.code(Some(&presented), answer, now);
        let request = match (&first, request.clone()) {
            (Err(ReturnFault::Unknown), _) | (_, None) => return Err(HaltedReturn::Nowhere),
            (_, Some(request)) => request,
        };
        let sent_for = self.purpose_of(&request)?.ok_or(HaltedReturn::Nowhere)?;
        let back = |why| HaltedReturn::Back(sent_for.clone(), why);
        if first == Err(ReturnFault::Used) {
            return Err(back(WhyStopped::Again));
        }
        let taken = self.take_share(Share::SignIns, call.context.peer, 1);
        let taken = taken.map_err(|_| back(WhyStopped::TooMany))?;
        let endpoints = self.upstream_endpoints(provider).await.map_err(|why| {
            tracing::warn!(provider = &*provider.slug, "an identity provider cannot be asked: {why}");
            back(WhyStopped::Failed)
        })?;
        let returning = Returning { names_itself: endpoints.names_itself, ..returning };
        let code = returning.code(Some(&presented), answer, now).map_err(|why| {
            tracing::info!(provider = &*provider.slug, "somebody came back from an identity provider: {why}");
            back(match why {
                ReturnFault::Denied(_) => WhyStopped::Denied,
                ReturnFault::Used => WhyStopped::Again,
                ReturnFault::Unknown | ReturnFault::Late | ReturnFault::Issuer | ReturnFault::Codeless => {
                    WhyStopped::Failed
                }
            })
        })?;
        let secrets = RequestSecrets::of(state, &self.hash_key);
        let told = self.told(tenant, (provider, &endpoints), (&code, &secrets)).await;
        let told = told.map_err(|why| {
            tracing::warn!(
                provider = &*provider.slug,
                "what an identity provider says is not believed: {why}"
            );
            back(WhyStopped::Failed)
        })?;
        self.give_back(taken);
        Ok(CameBack { request, sent_for, told })
    }

    /// What the provider says of whoever has this code.
    async fn told(
        &self,
        tenant: &Tenant,
        (provider, endpoints): (&IdentityProvider, &UpstreamEndpoints),
        (code, secrets): (&str, &RequestSecrets),
    ) -> Result<ToldIdentity, Box<str>> {
        let exchange = exchange::CodeExchange {
            app: self,
            provider,
            endpoints,
            redirect_uri: provider.callback(&self.issuer(tenant)),
        };
        exchange.told(code, secrets).await
    }

    /// Lets somebody in whom a provider knows: into the account that is theirs, or into a new one.
    ///
    /// # Errors
    /// [`HaltedReturn`]
    pub(crate) async fn admit_from(
        &self,
        (tenant, provider): (&Tenant, &IdentityProvider),
        back: &CameBack,
        (demand, origin): (AcrDemand, &Origin),
    ) -> Result<SignedInUser, HaltedReturn> {
        let arrived = self.rounds(|_| self.arrive((tenant, provider), back, origin)).await?;
        let (arrived, proved) = match arrived {
            ArrivalOutcome::In(arrived, proved) => (arrived, proved),
            ArrivalOutcome::Again => {
                return Err(HaltedReturn::Back(back.sent_for.clone(), WhyStopped::Again));
            }
            ArrivalOutcome::Not(why) => {
                return Err(HaltedReturn::Back(back.sent_for.clone(), WhyStopped::NotAdmitted(why)));
            }
        };
        self.meters.sign_ins.count(SUCCESS);
        let known = self.known_factors(arrived.account.user.id, tenant.id).await?;
        let assurance = known.assurance(&tenant.settings, demand);
        Ok(SignedInUser::of(&arrived.account, proved, Some(&assurance)))
    }

    async fn arrive(
        &self,
        (tenant, provider): (&Tenant, &IdentityProvider),
        back: &CameBack,
        origin: &Origin,
    ) -> Result<Verdict<ArrivalOutcome>, Fault> {
        let CameBack { request, told, .. } = back;
        let fresh = self.store.upstream_request(request.id, tenant.id).await?;
        if fresh.is_none_or(|request| request.used_at.is_some()) {
            return Ok(Verdict::Answer(ArrivalOutcome::Again));
        }
        let key = LinkKey { provider: provider.id, tenant: tenant.id, subject: told.subject.clone() };
        let linked = match self.store.upstream_owner(&key).await? {
            Some(user) => self.store.account(user, tenant.id).await?,
            None => None,
        };
        let holder = match Arriving::address(provider, told) {
            Some(address) => self.store.candidate(tenant.id, &username_key(address)).await?,
            None => None,
        };
        let (connected, permissions) = match &holder {
            Some(holder) => {
                let user = holder.account.user.id;
                let links = self.store.upstream_links(user, tenant.id).await?;
                let is_connected = links.iter().any(|link| link.provider == provider.id);
                let known = self.known_factors(user, tenant.id).await?;
                (if is_connected { Connected::Yes } else { Connected::No }, known.permissions)
            }
            None => (Connected::No, Permissions::NONE),
        };
        let moment = self.moment();
        let mut free = None;
        for name in Arriving::names(provider, told, &moment) {
            if self.store.candidate(tenant.id, &username_key(&name)).await?.is_none() {
                free = Some(name);
                break;
            }
        }
        let arriving = Arriving {
            tenant,
            provider,
            request,
            told,
            linked: linked.as_ref(),
            holder: holder.as_ref().map(|candidate| AddressHolder { candidate, connected, permissions }),
            free_name: free.as_deref(),
        };
        let scene = Scene { tenant: tenant.id, actor: Actor::Anonymous, origin, moment };
        Ok(match arriving.admit(&scene) {
            Ok((arrived, changes)) => {
                let letters: Vec<_> = arrived.letter.iter().cloned().collect();
                let changes = self.with_letters(tenant, &letters, changes)?;
                Verdict::Commit(ArrivalOutcome::In(Box::new(arrived), arriving.proved(&scene)), changes)
            }
            Err(why) => {
                self.note_failed(arriving.failed(why, &scene));
                Verdict::Answer(ArrivalOutcome::Not(why))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_was_sent_away_for_comes_back() {
        for sent_for in [
            SentFor::Request("ch_text".into()),
            SentFor::Account("profile".into()),
            SentFor::Link(SessionId::from_bytes([7; 16])),
        ] {
            assert_eq!(SentFor::from_sealed(&sent_for.to_sealed()), Some(sent_for));
        }
        for wrong in ["", "request", "link\nx", "from tomorrow\nx"] {
            assert_eq!(SentFor::from_sealed(wrong), None, "{wrong}");
        }
    }
}
