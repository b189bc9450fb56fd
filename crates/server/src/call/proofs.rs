//! Proofs that whoever sends a request holds a key (DPoP, RFC 9449): read here, judged in core, and used up in the storage,
//! so that each is good once on all nodes.

use std::sync::Arc;

use http::header::HeaderValue;
use http::{HeaderMap, HeaderName, Method};
use tokio::sync::OnceCell;
use writ_core::authenticate::ClientFacts;
use writ_core::change::{Action, Actor, Change, Origin, Recorded, Target};
use writ_core::confirmation::Confirmation;
use writ_core::decision::Judgement;
use writ_core::dpop::{Nonces, ProofFault, ProofPlace, Proved, SentProof, binding, proved};
use writ_core::ids::{ClientId, TenantId};
use writ_core::scene::Scene;
use writ_core::settings::Switch;
use writ_core::tenant::Tenant;
use writ_core::token::TokenFacts;
use writ_core::used_once::UsedOnce;

use crate::call::fault::Fault;
use crate::call::request::{Call, Who};
use crate::state::app::App;
use crate::state::rounds::Held;

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Where a request with a proof was sent to.
#[derive(Debug, Clone)]
pub(crate) struct ProofTarget {
    method: Method,
    path: Box<str>,
}

impl ProofTarget {
    /// Of a request; nothing where it brings no proof. `path` is the one below the tenant's.
    pub(crate) fn of(
        (method, headers): (&Method, &HeaderMap),
        (slug, path): (Option<&str>, &str),
    ) -> Option<Box<Self>> {
        headers.contains_key(DPOP).then(|| {
            let path = match slug {
                Some(slug) => format!("/t/{slug}{path}").into(),
                None => path.into(),
            };
            Box::new(Self { method: method.clone(), path })
        })
    }
}

/// Whether the proof of a request was used here for the first time: asked once, however many rounds there are.
pub(crate) type FirstUse = OnceCell<Held>;

impl Call {
    fn sent_proof(&self) -> SentProof<'_> {
        let mut values = self.headers.get_all(DPOP).iter();
        match (values.next(), values.next()) {
            (None, _) => SentProof::Nothing,
            (Some(only), None) => SentProof::One(only.as_bytes()),
            (Some(_), Some(_)) => SentProof::Several,
        }
    }
}

impl App {
    /// The key that the tokens of a client's request are bound to, where it shows one. Nothing is used up yet.
    pub(crate) fn binding(&self, call: &Call, facts: &ClientFacts) -> Judgement<Option<Proved>> {
        self.at_place(call, (&facts.tenant, None), |sent, place| binding(sent, facts, place))
    }

    /// The key that a request shows, also where none is demanded.
    pub(crate) fn shown_key(&self, call: &Call, facts: &ClientFacts) -> Result<Option<Proved>, ProofFault> {
        self.at_place(call, (&facts.tenant, None), proved)
    }

    /// Whether a request shows the key that its access token is bound to, for the first time with this proof.
    ///
    /// # Errors
    /// 401: `invalid_dpop_proof`, `use_dpop_nonce`, `invalid_token`.
    pub(crate) async fn holds_key(
        &self,
        call: &Call,
        (text, token): (&str, &TokenFacts),
        tenant: &Tenant,
    ) -> Result<(), Fault> {
        let refused = |why: ProofFault| Fault::from(why.of_call());
        let Some(bound) = &token.cnf else { return Err(refused(ProofFault::Unbound)) };
        let shown = self.at_place(call, (tenant, Some(text)), proved).map_err(refused)?;
        let shown = shown.ok_or_else(|| refused(ProofFault::Missing))?;
        if shown.key != *bound {
            return Err(refused(ProofFault::OtherKey));
        }
        let name = token.client_id.clone().unwrap_or_default();
        match self.use_up(Action::ProofUsed, (tenant.id, token.client, name), shown.once).await? {
            Held::Yes => Ok(()),
            Held::No => Err(refused(ProofFault::Used)),
        }
    }

    fn at_place<T>(
        &self,
        call: &Call,
        (tenant, token): (&Tenant, Option<&str>),
        judge: impl FnOnce(SentProof<'_>, &ProofPlace<'_>) -> T,
    ) -> T {
        let nonces = Nonces { hash_key: &self.hash_key, now: self.clock.now() };
        let nonce_required = tenant.settings.require_dpop_nonce;
        let (method, url) = match &call.proof_target {
            Some(target) => (target.method.as_str(), format!("{}{}", self.base, target.path)),
            None => ("", String::new()),
        };
        if nonce_required == Switch::On && call.proof_target.is_some() {
            call.context.who.is_given(nonces.current());
        }
        judge(call.sent_proof(), &ProofPlace { method, url: &url, token, nonces, nonce_required })
    }

    /// Uses the proof of a client's request. It is on disk before anything is given: whoever sends the same to another node, or
    /// here at the same time, comes too late.
    pub(crate) async fn first_use(
        &self,
        cell: &FirstUse,
        proved: &Proved,
        facts: &ClientFacts,
    ) -> Result<Held, Fault> {
        let by = || (facts.tenant.id, facts.client.id, Arc::clone(&facts.client.client_id));
        let use_it = || self.use_up(Action::ProofUsed, by(), proved.once);
        cell.get_or_try_init(use_it).await.copied()
    }

    /// Uses what may be used once.
    pub(crate) async fn use_up(
        &self,
        action: Action,
        (tenant, client, name): (TenantId, ClientId, Arc<str>),
        used: UsedOnce,
    ) -> Result<Held, Fault> {
        let (actor, origin) = (Actor::Client { id: client, name }, Origin::default());
        let scene = Scene { tenant, actor, origin: &origin, moment: self.moment() };
        let unit = scene.unit(action, Target::Client(client));
        self.once(unit.with(Change::UseOnce(used)).recorded(Recorded::Later)).await
    }
}

/// The header that gives a nonce (RFC 9449 §8.1).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The nonce that whoever called is given with the answer.
pub(crate) fn given_nonce(who: &Who) -> Option<HeaderValue> {
    HeaderValue::from_str(who.given()?).ok()
}

/// The key of what was proved.
pub(crate) fn key(proved: Option<&Proved>) -> Option<&Confirmation> {
    proved.map(|proved| &proved.key)
}
