//! RFC 6749 §6 and RFC 9700 §4.14, one rule a test.

use super::*;
use crate::claims::ClaimsRequest;
use crate::client::{ClientKind, GrantTypes};
use crate::confirmation::Confirmation;
use crate::draft::{Issued, Unsigned};
use crate::given::{Counted, NOW, at, facts, issuing, person, scope};
use crate::grant::Terms;
use crate::secret::sha256;
use crate::session::Authentication;
use crate::time::Seconds;
use crate::token::{Audience, Parent};

const OLD: &str = "rt_old";
const GRACE: Seconds = Seconds(10);

fn grant() -> GrantFacts {
    let present = Parent::Present { stored: 1, current: 1 };
    GrantFacts {
        id: GrantId::from_bytes([8; 16]),
        user: UserId::from_bytes([4; 16]),
        scope: scope("openid read write"),
        claims: ClaimsRequest::default(),
        authentication: Authentication::by_password(NOW),
        session: None,
        terms: Terms::default(),
        ended_at: None,
        parents: [present; 3],
    }
}

fn token(change: impl FnOnce(&mut RefreshFacts)) -> RefreshFacts {
    let mut token = RefreshFacts {
        id: TokenId::from_bytes([7; 16]),
        hash: sha256(OLD.as_bytes()),
        client: ClientId::from_bytes([2; 16]),
        client_id: "app".into(),
        username: Some("ada".into()),
        roles: Vec::new(),
        sector: None,
        issued_at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
        issued_before: Micros(0),
        state: RefreshState::Live,
        grant: Some(grant()),
    };
    change(&mut token);
    token
}

fn asked(wanted: Option<&str>) -> RefreshGrant {
    RefreshGrant {
        presented: Presented::new(OLD.to_owned()),
        token: Some(Handle { id: [7; 16], hash: sha256(OLD.as_bytes()) }),
        scope: wanted.map(scope),
    }
}

struct Try {
    kind: ClientKind,
    rotation: Switch,
    now: Micros,
    /// The key that the request was proved with.
    holds: Option<Confirmation>,
}

impl Try {
    const USUAL: Self = Self { kind: ClientKind::Web, rotation: Switch::On, now: NOW, holds: None };

    fn at(now: Micros) -> Self {
        Self { now, ..Self::USUAL }
    }

    fn of(&self, asked: &RefreshGrant, token: Option<&RefreshFacts>) -> Judgement<(Issued, Changes)> {
        let facts = facts(|client, tenant| {
            client.grant_types = GrantTypes::new([GrantType::RefreshToken]);
            client.scope = scope("openid read");
            client.kind = self.kind;
            client.tokens.rotation = self.rotation;
            tenant.settings.refresh_grace = GRACE;
        });
        let random = Counted::default();
        let moment = at(self.now, &random);
        let sealed = issuing(&facts, &moment, |issuing| {
            let confirmation = self.holds.as_ref();
            refresh(asked, token, Some(&person()), &Issuing { confirmation, ..*issuing })
        })?
        .seal(|_: Unsigned<'_>| Ok::<_, std::convert::Infallible>("a.b.c".to_owned()));
        let Ok(sealed) = sealed;
        Ok(sealed)
    }
}

#[track_caller]
fn refused(token: &RefreshFacts) -> Box<Refusal> {
    let refusal = Try::USUAL.of(&asked(None), Some(token)).unwrap_err();
    assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
    refusal
}

fn new_tokens(changes: &Changes) -> Vec<TokenId> {
    let of = |change: &Change| match change {
        Change::Flow(FlowChange::IssueRefreshToken(new)) => Some(new.id),
        _ => None,
    };
    changes.list().iter().filter_map(of).collect()
}

/// RFC 9700 §4.14.2: within the grace the same successor again, and never a second one.
#[test]
fn a_used_token_gives_the_same_successor_again() {
    let (first, changes) = Try::USUAL.of(&asked(None), Some(&token(|_| {}))).unwrap();
    let [made] = new_tokens(&changes)[..] else { panic!("{changes:?}") };
    let used = changes.list().iter().find_map(|change| match change {
        Change::Flow(FlowChange::UseRefreshToken { token, successor, .. }) => Some((*token, *successor)),
        _ => None,
    });
    assert_eq!(used, Some((TokenId::from_bytes([7; 16]), made)));
    let state = RefreshState::Used { at: NOW, successor: Some(made) };
    for now in [NOW, NOW.plus(Seconds(9))] {
        for rotation in [Switch::On, Switch::Off] {
            let again = Try { rotation, now, ..Try::USUAL };
            let (again, changes) = again.of(&asked(None), Some(&token(|token| token.state = state))).unwrap();
            assert_eq!(again.refresh_token, first.refresh_token);
            assert!(new_tokens(&changes).is_empty(), "{changes:?}");
        }
    }
    let text = first.refresh_token.unwrap();
    assert_eq!(Handle::parse(REFRESH_PREFIX, &text).unwrap().id, made.to_bytes());
}

/// RFC 9700 §4.14.2.
#[test]
fn a_replay_after_the_grace_ends_the_family() {
    for successor in [None, Some(TokenId::from_bytes([6; 16]))] {
        let spent = token(|token| token.state = RefreshState::Used { at: NOW, successor });
        for later in [10, 11, 3000] {
            let refusal = Try::at(NOW.plus(Seconds(later))).of(&asked(None), Some(&spent)).unwrap_err();
            assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
            let changes = refusal.changes.expect("the family is ended");
            let [Change::EndGrant { grant, .. }] = changes.list() else { panic!("{changes:?}") };
            assert_eq!((*grant, changes.act().action), (grant_id(), Action::RefreshTokenReplayed));
        }
    }
    // What was used before successors were written down cannot be given again, and harms nobody.
    let unknown = token(|token| token.state = RefreshState::Used { at: NOW, successor: None });
    assert!(refused(&unknown).changes.is_none());
}

fn grant_id() -> GrantId {
    grant().id
}

#[test]
fn a_token_is_refused_to_another_client() {
    let theirs = |token: &mut RefreshFacts| token.client = ClientId::from_bytes([9; 16]);
    assert!(refused(&token(theirs)).changes.is_none());
    // Nor does somebody else's replay end a family.
    let spent = token(|token| {
        theirs(token);
        token.state = RefreshState::Used { at: NOW.minus(Seconds(60)), successor: None };
    });
    assert!(refused(&spent).changes.is_none());
}

#[test]
fn a_token_ends_with_each_thing_that_it_rests_on() {
    refused(&token(|token| token.grant = None));
    refused(&token(|token| token.hash = sha256(b"another text")));
    refused(&token(|token| token.expires_at = NOW));
    refused(&token(|token| token.issued_before = NOW.plus(Seconds(1))));
    let with =
        |change: &dyn Fn(&mut GrantFacts)| token(|token| token.grant.as_mut().into_iter().for_each(change));
    refused(&with(&|grant| grant.ended_at = Some(NOW)));
    for n in 0..3 {
        refused(&with(&|grant| grant.parents[n] = Parent::Present { stored: 1, current: 2 }));
        refused(&with(&|grant| grant.parents[n] = Parent::Gone));
    }
}

/// RFC 9449 §5, RFC 8705 §3: what is bound to a key stays bound, and so does all that comes of it.
#[test]
fn a_bound_grant_gives_bound_tokens_to_that_key_alone() {
    let key = |name: &str| Some(Confirmation::Key(name.into()));
    let bound = token(|token| {
        token.grant.as_mut().unwrap().terms = Terms { cnf: key("mine"), ..Terms::default() };
    });
    for (holds, gets) in [(None, false), (key("other"), false), (key("mine"), true)] {
        let tried = Try { holds: holds.clone(), ..Try::USUAL }.of(&asked(None), Some(&bound));
        assert_eq!(tried.is_ok(), gets, "{holds:?}");
        let Ok((_, changes)) = tried else { continue };
        let of = |change: &Change| match change {
            Change::IssueAccessToken(new) => Some(new.cnf.clone()),
            _ => None,
        };
        assert_eq!(changes.list().iter().find_map(of), Some(key("mine")));
    }
}

/// RFC 8707 §2.2: what was picked for the grant holds for all that comes of it.
#[test]
fn tokens_are_for_whom_the_grant_is_for() {
    let audience = |terms: Terms| {
        let token = token(|token| token.grant.as_mut().unwrap().terms = terms);
        let (_, changes) = Try::USUAL.of(&asked(None), Some(&token)).unwrap();
        changes.list().iter().find_map(|change| match change {
            Change::IssueAccessToken(new) => Some(new.audience.clone()),
            _ => None,
        })
    };
    // Writ's own APIs are a resource that everybody knows; others are tried where resources are.
    let picked = Audience::new([crate::given::ISSUER]);
    assert_eq!(audience(Terms { audience: Some(picked.clone()), ..Terms::default() }), Some(picked));
    assert_eq!(
        audience(Terms::default()),
        Some(Audience::new([crate::given::ISSUER])),
        "as its client has it"
    );
}

#[test]
fn scope_never_grows_and_is_no_more_than_the_client_may_have() {
    let of = |wanted: Option<&str>| {
        Try::USUAL
            .of(&asked(wanted), Some(&token(|_| {})))
            .map(|(issued, _)| issued.scope.as_str().to_owned())
            .map_err(|refusal| refusal.error.code())
    };
    assert_eq!(of(None), Ok("openid read".to_owned()));
    assert_eq!(of(Some("read write")), Ok("read".to_owned()));
    assert_eq!(of(Some("read admin")), Err(ErrorCode::InvalidScope));
}

/// RFC 9700 §4.14.2: without rotation nobody notices that a public client's token was stolen.
#[test]
fn the_tokens_of_a_public_client_rotate_whatever_is_stored() {
    for (kind, stays) in [(ClientKind::Web, true), (ClientKind::Spa, false), (ClientKind::Native, false)] {
        let off = Try { kind, rotation: Switch::Off, ..Try::USUAL };
        let (issued, changes) = off.of(&asked(None), Some(&token(|_| {}))).unwrap();
        assert_eq!(issued.refresh_token.as_deref() == Some(OLD), stays, "{kind:?}");
        assert_eq!(new_tokens(&changes).is_empty(), stays, "{kind:?}");
    }
}

/// RFC 7009 §2.1: only the client it was issued to ends it, used or not; the whole family goes.
#[test]
fn a_refresh_token_is_revoked_by_its_own_client_alone() {
    let presented = Handle { id: [7; 16], hash: sha256(OLD.as_bytes()) };
    let (origin, random) = (Origin::default(), Counted::default());
    let own = facts(|_, _| {});
    let other = facts(|client, _| client.id = ClientId::from_bytes([3; 16]));
    let used = RefreshState::Used { at: NOW, successor: None };
    for state in [RefreshState::Live, used] {
        let found = token(|token| token.state = state);
        let by = |facts| revoke(&presented, Some(&found), (facts, &origin), at(NOW, &random));
        let refusal = by(&other).unwrap_err();
        assert_eq!(refusal.error.code(), ErrorCode::UnauthorizedClient);
        assert!(refusal.changes.is_none());
        let changes = by(&own).unwrap().unwrap();
        let ended = changes.list().iter().any(|change| match change {
            Change::EndGrant { grant, .. } => *grant == GrantId::from_bytes([8; 16]),
            _ => false,
        });
        assert!(ended, "{changes:?}");
    }
    // What has ended, and what is not the one that is stored, is nothing to be ended.
    let ended = token(|token| token.grant.as_mut().unwrap().ended_at = Some(NOW));
    let guessed = token(|token| token.hash = sha256(b"rt_another"));
    for found in [None, Some(&ended), Some(&guessed)] {
        let nothing = revoke(&presented, found, (&own, &origin), at(NOW, &random)).unwrap();
        assert!(nothing.is_none());
    }
}
