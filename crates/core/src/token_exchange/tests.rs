//! RFC 8693, one rule a test; and that nothing grows over any sequence.

use std::convert::Infallible;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::authenticate::ClientFacts;
use crate::change::Origin;
use crate::client::{ClientKind, GrantTypes};
use crate::given::{Counted, ID_TOKENS, NOW, at, facts, hash_key, person, scope};
use crate::ids::{ResourceId, TokenId};
use crate::resource::{Resource, ResourceClients, ResourceTokens, ResourceUri, Resources, Targets, Wanted};
use crate::secret::sha256;
use crate::token::{GrantState, Parent, TokenKind};

/// Identifiers, each with the scopes that belong to it.
const APIS: [(&str, &str); 3] =
    [("https://a.example", "a shared"), ("https://b.example", "b shared"), ("https://c.example", "c")];
const SCOPES: [&str; 8] = ["openid", "offline_access", "read", "a", "b", "c", "shared", "oauth:write"];
const CLIENTS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

/// Every client answers for every API.
fn resources() -> Resources {
    let of = |(n, (identifier, scopes)): (usize, (&str, &str))| Resource {
        id: ResourceId::from_bytes([u8::try_from(n).unwrap(); 16]),
        tenant: TenantId::from_bytes([1; 16]),
        identifier: ResourceUri::parse(identifier).unwrap(),
        name: identifier.into(),
        scope: scope(scopes),
        tokens: ResourceTokens::default(),
        clients: ResourceClients::All,
        introspectors: CLIENTS.iter().map(|id| (*id).into()).collect(),
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    Resources::new(APIS.into_iter().enumerate().map(of).collect())
}

fn exchanger(n: usize, allowed: &Scope, policy: ExchangePolicy) -> ClientFacts {
    facts(|client, _| {
        client.id = ClientId::from_bytes([u8::try_from(n).unwrap() + 10; 16]);
        client.client_id = CLIENTS[n].into();
        client.kind = ClientKind::Web;
        client.grant_types = GrantTypes::new([GrantType::TokenExchange]);
        client.scope = allowed.clone();
        client.tokens.exchange = Some(Box::new(policy));
    })
}

fn everything() -> ExchangePolicy {
    ExchangePolicy { subjects: vec!["*".into()], ..ExchangePolicy::default() }
}

fn subject(granted: &Scope, audience: &[&str], picked: Option<Audience>) -> SubjectToken {
    let present = Parent::Present { stored: 1, current: 1 };
    SubjectToken {
        token: TokenFacts {
            id: TokenId::from_bytes([7; 16]),
            kind: TokenKind::Access,
            client: ClientId::from_bytes([2; 16]),
            user: Some(person().id),
            hash: sha256(b"token"),
            scope: granted.clone(),
            audience: Audience::new(audience.iter().copied()),
            cnf: None,
            issued_at: NOW,
            expires_at: NOW.plus(Seconds(600)),
            revoked_at: None,
            client_id: Some("app".into()),
            username: Some("ada".into()),
            roles: Vec::new(),
            sector: None,
            client_parent: present,
            tenant_parent: present,
            user_parent: present,
            grant: GrantState::Live,
            actors: ActorChain::default(),
            authentication: Some(Authentication::by_password(NOW)),
            issued_before: Micros(0),
        },
        grant: GrantId::from_bytes([8; 16]),
        picked,
        authentication: Authentication::by_password(NOW),
        may_act: None,
    }
}

fn presented() -> TokenRef {
    TokenRef { id: TokenId::from_bytes([7; 16]), hash: sha256(b"token") }
}

struct Case<'a> {
    subject: &'a SubjectToken,
    actor: Option<(TokenRef, &'a TokenFacts)>,
    consent: Option<AgentConsent>,
    asked: Option<Scope>,
    resource: Option<&'a str>,
}

impl<'a> Case<'a> {
    fn of(subject: &'a SubjectToken) -> Self {
        Self { subject, actor: None, consent: None, asked: None, resource: None }
    }

    fn try_by(&self, facts: &ClientFacts) -> Judgement<Draft> {
        let (origin, hash_key, random, known) =
            (Origin::default(), hash_key(), Counted::default(), resources());
        let text = self.resource.map(|name| format!("resource={}", crate::form::encode_component(name)));
        let text = text.unwrap_or_default();
        let wanted = Wanted::read(&Form::parse_allowing(text.as_bytes(), &["resource"]).unwrap()).unwrap();
        let issuing = Issuing {
            facts,
            origin: &origin,
            moment: at(NOW, &random),
            id_tokens: ID_TOKENS,
            hash_key: &hash_key,
            targets: Targets { known: &known, wanted: &wanted },
            confirmation: None,
        };
        let request = ExchangeGrant {
            subject: Some(presented()),
            actor: self.actor.map(|(presented, _)| PresentedActor(Some(presented))),
            scope: self.asked.clone(),
        };
        let person = person();
        let given = Exchanging {
            subject: Some(self.subject),
            actor: self.actor.map(|(_, token)| token),
            person: Some(&person),
            consent: self.consent.as_ref(),
        };
        exchange(&request, given, &issuing)
    }

    fn refused(&self, facts: &ClientFacts) -> String {
        self.try_by(facts).unwrap_err().error.to_string()
    }
}

/// What was made of a token, as it is read when it is exchanged again.
fn next(draft: Draft, facts: &ClientFacts, before: &SubjectToken) -> SubjectToken {
    let row = draft.row.clone();
    let Ok((_, changes)) = draft.seal(|_| Ok::<_, Infallible>("token".to_owned()));
    let [Change::Exchange(new), Change::IssueAccessToken(_)] = changes.list() else { panic!("{changes:?}") };
    assert_eq!(row.grant, Some(new.id));
    let token = TokenFacts {
        client: facts.client.id,
        client_id: Some(Arc::clone(&facts.client.client_id)),
        scope: row.scope,
        audience: row.audience,
        expires_at: row.expires_at,
        actors: new.terms.actors.clone(),
        ..before.token.clone()
    };
    SubjectToken { token, grant: new.id, picked: new.terms.audience.clone(), ..before.clone() }
}

/// §2.1, §4.1: the client acts, within what the token may, and is named.
#[test]
fn a_client_gets_a_token_of_its_own_and_is_named() {
    let facts = exchanger(0, &scope("a b read"), everything());
    let sent = subject(&scope("openid a read oauth:write"), &["https://a.example"], None);
    let draft = Case::of(&sent).try_by(&facts).unwrap();
    assert_eq!(draft.scope().as_str(), "a read");
    assert_eq!(draft.row.audience.as_str(), "https://a.example");
    assert_eq!(draft.row.user, Some(person().id));
    assert!(draft.payload().unwrap().contains(r#""act":{"sub":"one"}"#), "{:?}", draft.payload());
    assert!(!draft.has_id_token() && draft.lifetime().0 <= 600);
}

/// §2.2.2, §5: a token that is no good, or is not for this client, is an invalid request.
#[test]
fn whoever_may_not_gets_nothing() {
    let sent = subject(&scope("a read"), &["https://a.example"], None);
    let allowed = scope("a b read");
    let facts = exchanger(0, &allowed, everything());
    let mut machine = facts.clone();
    Arc::make_mut(&mut machine.client).grant_types = GrantTypes::new([GrantType::RefreshToken]);
    assert!(Case::of(&sent).refused(&machine).starts_with("unauthorized_client"));
    for policy in
        [ExchangePolicy::default(), ExchangePolicy { subjects: vec!["other".into()], ..everything() }]
    {
        let refused = Case::of(&sent).refused(&exchanger(0, &allowed, policy));
        assert!(refused.starts_with("invalid_request"), "{refused}");
    }
    let change = |change: &dyn Fn(&mut SubjectToken)| {
        let mut other = sent.clone();
        change(&mut other);
        Case::of(&other).refused(&facts)
    };
    for refused in [
        change(&|sent| sent.token.audience = Audience::new(["https://elsewhere.example"])),
        change(&|sent| sent.token.hash = sha256(b"another")),
        change(&|sent| sent.token.expires_at = NOW),
        change(&|sent| sent.token.revoked_at = Some(NOW)),
        change(&|sent| sent.token.grant = GrantState::Ended),
        change(&|sent| sent.token.user = None),
        change(&|sent| sent.token.user_parent = Parent::Gone),
        // §4.4
        change(&|sent| sent.may_act = Some("two".into())),
        change(&|sent| sent.token.actors = ActorChain::from_stored("w x y z")),
    ] {
        assert!(refused.starts_with("invalid_request"), "{refused}");
    }
    let mut named = sent.clone();
    named.may_act = Some("one".into());
    assert!(Case::of(&named).try_by(&facts).is_ok());
    let wider = Case { asked: Some(scope("a b")), ..Case::of(&sent) };
    assert!(wider.refused(&facts).starts_with("invalid_scope"));
    let elsewhere = Case { resource: Some("https://b.example"), ..Case::of(&sent) };
    assert!(elsewhere.refused(&facts).starts_with("invalid_target"));
}

/// §1.1: whoever may speak as the person is not named, and hides nobody who acted before.
#[test]
fn impersonation_adds_nobody_and_hides_nobody() {
    let policy = ExchangePolicy { impersonation: Switch::On, ..everything() };
    let facts = exchanger(0, &scope("a"), policy.clone());
    let mut sent = subject(&scope("a"), &["https://a.example"], None);
    assert!(!Case::of(&sent).try_by(&facts).unwrap().payload().unwrap().contains("act\":{"));
    sent.token.actors = ActorChain::of("agent");
    assert!(Case::of(&sent).try_by(&facts).unwrap().payload().unwrap().contains(r#""act":{"sub":"agent"}"#));
    // Whoever shows who acts wants to be named; an agent always is.
    let mut own = sent.token.clone();
    (own.client, own.user) = (facts.client.id, None);
    let named = Case { actor: Some((presented(), &own)), ..Case::of(&sent) };
    let both = r#""act":{"sub":"one","act":{"sub":"agent"}}"#;
    assert!(named.try_by(&facts).unwrap().payload().unwrap().contains(both));
    for other in [
        TokenFacts { user: Some(person().id), ..own.clone() },
        TokenFacts { client: ClientId::from_bytes([9; 16]), ..own.clone() },
    ] {
        let wrong = Case { actor: Some((presented(), &other)), ..Case::of(&sent) };
        assert!(wrong.refused(&facts).starts_with("invalid_request"));
    }
    let agent = exchanger(0, &scope("a"), ExchangePolicy { agent: Switch::On, ..policy });
    let consent = Some(AgentConsent { scope: scope("a"), granted_at: NOW });
    let case = Case { consent, ..Case::of(&sent) };
    assert!(case.try_by(&agent).unwrap().payload().unwrap().contains(both));
}

/// An agent does what its person agreed to, for as long as they were told.
#[test]
fn an_agent_does_what_its_person_agreed_to() {
    let agent = exchanger(0, &scope("a read"), ExchangePolicy { agent: Switch::On, ..everything() });
    let sent = subject(&scope("a read"), &["https://a.example"], None);
    assert!(Case::of(&sent).refused(&agent).starts_with("invalid_request"));
    let lifetime = agent.client.tokens.refresh_lifetime;
    let consent = |scope_text: &str, granted_at| Case {
        consent: Some(AgentConsent { scope: scope(scope_text), granted_at }),
        ..Case::of(&sent)
    };
    assert_eq!(consent("read write", NOW).try_by(&agent).unwrap().scope().as_str(), "read");
    assert!(consent("read", NOW.minus(lifetime)).refused(&agent).starts_with("invalid_request"));
    let soon = consent("read", NOW.minus(lifetime).plus(Seconds(5))).try_by(&agent).unwrap();
    assert_eq!(soon.lifetime(), Seconds(5));
    assert!(consent("write", NOW).refused(&agent).starts_with("invalid_scope"));
}

fn any_scope() -> impl Strategy<Value = Scope> {
    proptest::sample::subsequence(SCOPES.to_vec(), 1..=SCOPES.len()).prop_map(|names| scope(&names.join(" ")))
}

/// A step: who exchanges, what they may have, what they ask for, for which API, and whether they speak as the person.
fn any_step() -> impl Strategy<Value = (usize, Scope, Option<Scope>, Option<&'static str>, bool)> {
    (
        0..CLIENTS.len(),
        any_scope(),
        proptest::option::of(any_scope()),
        proptest::option::of(proptest::sample::select(APIS.map(|(name, _)| name).to_vec())),
        any::<bool>(),
    )
}

proptest! {
    /// Over any sequence of exchanges scope, audience and time only shrink once they were settled, and the chain only loses
    /// nobody: what acted before stands behind what acts now, and there are never more than the bound.
    #[test]
    fn nothing_grows_over_any_sequence(
        granted in any_scope(),
        picked in proptest::sample::subsequence(APIS.map(|(name, _)| name).to_vec(), 1..=3),
        steps in proptest::collection::vec(any_step(), 1..8),
    ) {
        let all = Audience::new(picked.iter().copied());
        let mut sent = subject(&granted, &picked, Some(all));
        for (n, allowed, asked, resource, impersonation) in steps {
            let policy = ExchangePolicy { impersonation: impersonation.into(), ..everything() };
            let facts = exchanger(n, &allowed, policy);
            let case = Case { asked, resource, ..Case::of(&sent) };
            let Ok(draft) = case.try_by(&facts) else { continue };
            let after = next(draft, &facts, &sent);
            prop_assert!(after.token.scope.is_subset(&sent.token.scope));
            prop_assert!(after.token.scope.is_subset(&granted) && after.token.scope.is_subset(&allowed));
            prop_assert!(!after.token.scope.iter().any(|name| Permission::by_name(name).is_some() || name == "openid"));
            let before = sent.picked.clone().unwrap();
            prop_assert!(after.token.audience.iter().all(|name| before.names(name)), "{:?} {:?}", after.token.audience, before);
            prop_assert!(after.token.expires_at <= sent.token.expires_at);
            let (old, new): (Vec<_>, Vec<_>) = (sent.token.actors.iter().collect(), after.token.actors.iter().collect());
            prop_assert!(new.ends_with(&old) && new.len() <= old.len() + 1 && new.len() <= 4);
            sent = after;
        }
    }
}
