//! RFC 6749 §4.1.3, one rule a test.

use super::*;
use crate::client::GrantTypes;
use crate::given::{Counted, NOW, at, facts, issuing, person, scope};
use crate::pkce::CodeChallenge;
use crate::secret::sha256;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn code(change: impl FnOnce(&mut CodeFacts)) -> CodeFacts {
    let present = Parent::Present { stored: 1, current: 1 };
    let mut code = CodeFacts {
        id: CodeId::from_bytes([7; 16]),
        hash: sha256(b"the code"),
        client: ClientId::from_bytes([2; 16]),
        user: UserId::from_bytes([4; 16]),
        session: Some(SessionId::from_bytes([5; 16])),
        consent: Some(ConsentId::from_bytes([6; 16])),
        redirect_uri: Some("https://app.example/cb".into()),
        scope: scope("openid read offline_access"),
        claims: ClaimsRequest::default(),
        nonce: None,
        pkce: Some(CodeChallenge::from_stored(sha256(VERIFIER.as_bytes()))),
        cnf: None,
        authentication: Authentication::by_password(NOW),
        expires_at: NOW.plus(CODE_LIFETIME),
        state: CodeState::Live,
        standing: CodeStanding::Good,
        parents: [present; 3],
        picked: None,
    };
    change(&mut code);
    code
}

fn asked() -> CodeGrant {
    CodeGrant {
        code: Some(Handle { id: [7; 16], hash: sha256(b"the code") }),
        redirect_uri: Some("https://app.example/cb".into()),
        verifier: Some(Presented::new(VERIFIER.to_owned())),
    }
}

fn exchange(asked: &CodeGrant, found: Option<&CodeFacts>, now: Micros) -> Judgement<Draft> {
    let facts = facts(|client, _| {
        client.grant_types = GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken]);
        client.scope = scope("openid read");
    });
    let random = Counted::default();
    issuing(&facts, &at(now, &random), |issuing| redeem(asked, found, Some(&person()), issuing))
}

#[track_caller]
fn refused(asked: &CodeGrant, code: &CodeFacts) -> Box<Refusal> {
    let refusal = exchange(asked, Some(code), NOW).unwrap_err();
    assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
    refusal
}

#[test]
fn a_good_code_gives_what_was_granted_and_the_client_may_still_have() {
    let draft = exchange(&asked(), Some(&code(|_| {})), NOW).unwrap();
    assert_eq!(draft.scope().as_str(), "openid read");
}

#[test]
fn code_is_refused_to_another_client() {
    let refusal = refused(&asked(), &code(|code| code.client = ClientId::from_bytes([9; 16])));
    assert!(refusal.changes.is_none());
    // A replay by somebody else ends nothing either: it is not theirs to end.
    let (grant, ended_at) = (GrantId::from_bytes([8; 16]), None);
    let replayed = code(|code| {
        code.client = ClientId::from_bytes([9; 16]);
        code.state = CodeState::Redeemed { grant, ended_at };
    });
    assert!(refused(&asked(), &replayed).changes.is_none());
}

#[test]
fn code_is_refused_where_its_text_is_not_the_one_that_was_given() {
    let mut other = asked();
    other.code = Some(Handle { id: [7; 16], hash: sha256(b"another code") });
    refused(&other, &code(|_| {}));
    assert!(exchange(&asked(), None, NOW).is_err());
    assert!(exchange(&CodeGrant { code: None, ..asked() }, Some(&code(|_| {})), NOW).is_err());
}

/// RFC 6749 §4.1.2.
#[test]
fn code_that_comes_again_ends_what_came_of_it_however_late() {
    let grant = GrantId::from_bytes([8; 16]);
    let spent = |ended_at| code(|code| code.state = CodeState::Redeemed { grant, ended_at });
    for now in [NOW, NOW.plus(Seconds(3600))] {
        let refusal = exchange(&asked(), Some(&spent(None)), now).unwrap_err();
        let changes = refusal.changes.expect("the grant is ended");
        let [Change::EndGrant { grant: ended, at, .. }] = changes.list() else { panic!("{changes:?}") };
        assert_eq!((*ended, *at, changes.act().action), (grant, now, Action::CodeReplayed));
    }
    assert!(refused(&asked(), &spent(Some(NOW))).changes.is_none(), "it has ended already");
}

#[test]
fn code_is_worth_nothing_without_its_person() {
    let facts = facts(|client, _| client.grant_types = GrantTypes::new([GrantType::AuthorizationCode]));
    let random = Counted::default();
    let somebody_else = Person { id: UserId::from_bytes([9; 16]), ..person() };
    for found in [None, Some(&somebody_else)] {
        let refusal = issuing(&facts, &at(NOW, &random), |issuing| {
            redeem(&asked(), Some(&code(|_| {})), found, issuing).unwrap_err()
        });
        assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
    }
}

#[test]
fn code_lives_for_a_minute() {
    let code = code(|_| {});
    assert!(exchange(&asked(), Some(&code), NOW.plus(Seconds(59))).is_ok());
    assert!(exchange(&asked(), Some(&code), NOW.plus(Seconds(60))).is_err());
}

#[test]
fn code_ends_with_each_thing_that_it_rests_on() {
    refused(&asked(), &code(|code| code.standing = CodeStanding::Ended));
    for n in 0..3 {
        for ended in [Parent::Present { stored: 1, current: 2 }, Parent::Gone] {
            refused(&asked(), &code(|code| code.parents[n] = ended));
        }
    }
}

#[test]
fn redirect_uri_is_named_again() {
    let with = |uri: Option<&str>| CodeGrant { redirect_uri: uri.map(Into::into), ..asked() };
    refused(&with(Some("https://app.example/other")), &code(|_| {}));
    assert!(exchange(&with(None), Some(&code(|_| {})), NOW).is_ok(), "PKCE binds it as well");
    let plain = code(|code| code.pkce = None);
    let bare = |uri| CodeGrant { verifier: None, ..with(uri) };
    refused(&bare(None), &plain);
    assert!(exchange(&bare(Some("https://app.example/cb")), Some(&plain), NOW).is_ok());
}

/// RFC 7636 §4.6, RFC 9700 §2.1.1.
#[test]
fn verifier_fits_the_challenge_and_neither_comes_alone() {
    let with = |verifier: Option<&str>| CodeGrant {
        verifier: verifier.map(|text| Presented::new(text.to_owned())),
        ..asked()
    };
    refused(&with(None), &code(|_| {}));
    refused(&with(Some("another-verifier-that-is-long-enough-for-the-rule")), &code(|_| {}));
    refused(&asked(), &code(|code| code.pkce = None));
}
