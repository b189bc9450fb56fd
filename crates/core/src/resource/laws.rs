//! Laws of audiences: whatever is named, in whatever order a code is redeemed and refresh tokens are used, no token is for
//! more than what was picked, and none says more than was granted.

use proptest::prelude::*;

use super::*;
use crate::authenticate::ClientFacts;
use crate::authorization_code::{CodeFacts, CodeGrant, CodeStanding, CodeState, redeem};
use crate::change::{Change, Origin};
use crate::claims::ClaimsRequest;
use crate::client::{GrantType, GrantTypes};
use crate::draft::Draft;
use crate::flow::FlowChange;
use crate::form::Form;
use crate::given::{Counted, ID_TOKENS, ISSUER, NOW, at, facts, hash_key, person, scope};
use crate::grant::{GrantFacts, Terms};
use crate::handle::Handle;
use crate::ids::{ClientId, CodeId, GrantId, TokenId};
use crate::issuing::Issuing;
use crate::refresh_token::{RefreshFacts, RefreshGrant, RefreshState, refresh};
use crate::secret::{Presented, sha256};
use crate::session::Authentication;
use crate::settings::Switch;
use crate::token::Parent;

/// Identifiers, each with the scopes that belong to it.
const APIS: [(&str, &str); 4] = [
    ("https://a.example", "a shared"),
    ("https://b.example", "b shared"),
    ("urn:example:c", ""),
    ("https://closed.example", "closed"),
];
const SCOPES: [&str; 7] = ["openid", "read", "a", "b", "shared", "closed", "users:read"];
const PRESENT: Parent = Parent::Present { stored: 1, current: 1 };

fn resources() -> Resources {
    let of = |(n, (identifier, scopes)): (usize, (&str, &str))| Resource {
        id: ResourceId::from_bytes([u8::try_from(n).unwrap(); 16]),
        tenant: TenantId::from_bytes([1; 16]),
        identifier: ResourceUri::parse(identifier).unwrap(),
        name: identifier.into(),
        scope: scope(scopes),
        tokens: ResourceTokens::default(),
        clients: if n == 3 { ResourceClients::Listed(vec!["other".into()]) } else { ResourceClients::All },
        introspectors: Vec::new(),
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    Resources::new(APIS.into_iter().enumerate().map(of).collect())
}

fn wanted(names: &[&str]) -> Wanted {
    let text: Vec<_> =
        names.iter().map(|name| format!("resource={}", crate::form::encode_component(name))).collect();
    Wanted::read(&Form::parse_allowing(text.join("&").as_bytes(), &["resource"]).unwrap()).unwrap()
}

fn any_names() -> impl Strategy<Value = Vec<&'static str>> {
    let all: Vec<_> = APIS.iter().map(|(name, _)| *name).chain([ISSUER, "https://unknown.example"]).collect();
    proptest::sample::subsequence(all, 0..=3)
}

fn code(picked: Option<Audience>, granted: &Scope) -> CodeFacts {
    CodeFacts {
        id: CodeId::from_bytes([5; 16]),
        hash: sha256(b"code"),
        client: ClientId::from_bytes([2; 16]),
        user: person().id,
        session: None,
        consent: None,
        redirect_uri: None,
        scope: granted.clone(),
        claims: ClaimsRequest::default(),
        nonce: None,
        pkce: None,
        cnf: None,
        authentication: Authentication::by_password(NOW),
        expires_at: NOW.plus(Seconds(60)),
        state: CodeState::Live,
        standing: CodeStanding::Good,
        parents: [PRESENT; 3],
        picked,
    }
}

fn token(terms: Terms, granted: &Scope) -> RefreshFacts {
    RefreshFacts {
        id: TokenId::from_bytes([7; 16]),
        hash: sha256(b"rt"),
        client: ClientId::from_bytes([2; 16]),
        client_id: "app".into(),
        username: Some("ada".into()),
        roles: Vec::new(),
        sector: None,
        issued_at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
        issued_before: Micros(0),
        state: RefreshState::Live,
        grant: Some(GrantFacts {
            id: GrantId::from_bytes([8; 16]),
            user: person().id,
            scope: granted.clone(),
            claims: ClaimsRequest::default(),
            authentication: Authentication::by_password(NOW),
            session: None,
            terms,
            ended_at: None,
            parents: [PRESENT; 3],
        }),
    }
}

fn with<T>(facts: &ClientFacts, names: &[&str], decide: impl FnOnce(&Issuing<'_>) -> T) -> T {
    let (known, wanted, random) = (resources(), wanted(names), Counted::default());
    let (origin, hash_key) = (Origin::default(), hash_key());
    decide(&Issuing {
        facts,
        origin: &origin,
        moment: at(NOW, &random),
        id_tokens: ID_TOKENS,
        hash_key: &hash_key,
        targets: Targets { known: &known, wanted: &wanted },
        confirmation: None,
    })
}

/// What a token may be for at the most.
struct AudienceBounds<'a> {
    picked: Option<&'a Audience>,
    granted: &'a Scope,
    several: Switch,
}

impl AudienceBounds<'_> {
    fn hold(&self, draft: &Draft, named: &[&str]) -> Result<(), TestCaseError> {
        let (audience, known) = (&draft.row.audience, resources());
        prop_assert!(draft.scope().is_subset(self.granted));
        prop_assert!(!audience.names("https://closed.example") && !audience.names("https://unknown.example"));
        if let Some(picked) = self.picked {
            prop_assert!(audience.iter().all(|name| picked.names(name)), "{audience:?} beyond {picked:?}");
        }
        if !named.is_empty() {
            prop_assert!(audience.iter().all(|name| named.contains(&name)));
        }
        if !self.several.is_on() && (self.picked.is_some() || !named.is_empty()) {
            prop_assert_eq!(audience.iter().count(), 1);
        }
        // An API is told of no scope that belongs to others alone.
        for token in draft.scope().iter() {
            let owners: Vec<_> = known.owners(token).collect();
            let is_told = owners.iter().any(|owner| audience.names(owner.identifier.as_str()));
            prop_assert!(
                owners.is_empty()
                    || is_told
                    || (owners.len() > 1 && self.picked.is_none() && named.is_empty())
            );
            if token == "users:read" {
                prop_assert!(audience.names(ISSUER));
            }
        }
        Ok(())
    }
}

proptest! {
    /// RFC 8707 §2.2, §3: an audience never grows, over any sequence of redemption and refresh.
    #[test]
    fn an_audience_never_grows(
        scopes in proptest::sample::subsequence(SCOPES.to_vec(), 0..=SCOPES.len()),
        several in any::<bool>(),
        first in any_names(),
        at_redemption in any_names(),
        later in prop::collection::vec(any_names(), 0..6),
    ) {
        let granted = scope(&scopes.join(" "));
        let several = Switch::from(several);
        let facts = facts(|client, _| {
            client.scope = granted.clone();
            client.kind = crate::client::ClientKind::Web;
            client.grant_types = GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken]);
            client.tokens.choices.multiple_resources = several;
        });
        let known = resources();
        let asker = ResourceAsker { known: &known, client: &facts.client, issuer: ISSUER };
        let Ok(picked) = asker.picked(&wanted(&first)) else { return Ok(()) };
        let granted = asker.fitting(&granted, picked.as_ref());
        let bounds = AudienceBounds { picked: picked.as_ref(), granted: &granted, several };

        let mut who = person();
        who.given.permissions = crate::authority::Permissions::all();
        let asked = CodeGrant {
            code: Some(Handle { id: [5; 16], hash: sha256(b"code") }),
            redirect_uri: None,
            verifier: None,
        };
        let code = code(picked.clone(), &granted);
        let redeemed = with(&facts, &at_redemption, |issuing| redeem(&asked, Some(&code), Some(&who), issuing));
        // What the grant is for is what was picked, whatever the first token is for.
        let mut terms = Terms { audience: picked.clone(), ..Terms::default() };
        if let Ok(draft) = redeemed {
            bounds.hold(&draft, &at_redemption)?;
            let (_, changes) = draft.seal(|_| Ok::<_, std::convert::Infallible>("signed".to_owned())).unwrap();
            for change in changes.list() {
                if let Change::Flow(FlowChange::RedeemCode(redemption)) = change {
                    terms = redemption.terms.clone();
                }
            }
        }
        prop_assert_eq!(&terms.audience, &picked);
        let token = token(terms, &granted);
        for names in &later {
            let asked = RefreshGrant {
                presented: Presented::new("rt".to_owned()),
                token: Some(Handle { id: [7; 16], hash: sha256(b"rt") }),
                scope: None,
            };
            let refreshed = with(&facts, names, |issuing| refresh(&asked, Some(&token), Some(&who), issuing));
            if let Ok(draft) = refreshed {
                bounds.hold(&draft, names)?;
            }
        }
    }
}
