//! Who decides a request, and to whom its answer leaves.

use super::*;
use crate::authenticate::ClientFacts;
use crate::authorization_code::{CodeFacts, CodeStanding as Rests, CodeState, NewCode};
use crate::change::{Change, Changes, Origin};
use crate::claims::ClaimsRequest;
use crate::client::{GrantType, GrantTypes, Pkce, RedirectUri, RegisteredClient, Registration, ResponseType};
use crate::consent::Remember;
use crate::error::ErrorCode;
use crate::flow::{ChallengeOutcome, FlowChange};
use crate::given::{Counted, ISSUER, NO_RESOURCES, NOW, at, facts, hash_key, scope};
use crate::ids::{BrowserId, ChallengeId, PushedId, SessionId, UserId};
use crate::secret::Presented;
use crate::session::Authentication;
use crate::settings::TenantSettings;
use crate::subject::{Subject as Called, Subjects};
use crate::time::{Micros, Seconds};
use crate::token::Parent;

const ADA: UserId = UserId::from_bytes([4; 16]);
const BOB: UserId = UserId::from_bytes([5; 16]);
const TEXT: &str = "ch_text";

fn client() -> ClientFacts {
    facts(|client, _| {
        client.kind = crate::client::ClientKind::Web;
        client.grant_types = GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken]);
        client.scope = scope("openid read");
    })
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        response_type: ResponseType::Code,
        to: ReplyTo {
            redirect_uri: "https://app.example/cb".into(),
            mode: ResponseMode::default(),
            state: Some("s".into()),
        },
        uri_sent: UriSent::Yes,
        scope: scope("openid read"),
        picked: None,
        claims: ClaimsRequest::default(),
        nonce: None,
        pkce: None,
        cnf: None,
        prompts: Prompts::default(),
        max_age: None,
        login_hint: None,
        expected: None,
        pushed: None,
        device: None,
    }
}

fn challenge(state: ChallengeState) -> ChallengeFacts {
    let facts = client();
    ChallengeFacts {
        id: ChallengeId::from_bytes([1; 16]),
        tenant: facts.tenant.id,
        client: facts.client.id,
        client_id: Some("app".into()),
        browser: BrowserId::from_bytes([2; 16]),
        signed_in: None,
        request: request(),
        created_at: NOW,
        expires_at: NOW.plus(CHALLENGE_LIFETIME),
        state,
    }
}

fn ada() -> Decider {
    Decider {
        user: ADA,
        username: "ada".into(),
        authentication: Authentication::by_password(NOW),
        session: Some(SessionId::from_bytes([3; 16])),
        generation: 7,
    }
}

fn about<T>(challenge: &ChallengeFacts, now: Micros, what: impl FnOnce(&Deciding<'_>) -> T) -> T {
    let (facts, origin, random, hash_key) = (client(), Origin::default(), Counted::default(), hash_key());
    what(&Deciding {
        facts: &facts,
        request: &challenge.request,
        challenge: Some(PresentedChallenge { challenge, text: TEXT, hash_key: &hash_key }),
        origin: &origin,
        moment: at(now, &random),
        hash_key: &hash_key,
    })
}

/// Ada's yes, as it waits and is read back.
fn held(change: impl FnOnce(&mut HeldFacts)) -> (ChallengeFacts, Presented) {
    let waiting = challenge(ChallengeState::Waiting);
    let yes = Approved { known: None, scope: scope("openid read"), remember: Remember::No };
    let (decided, changes) = about(&waiting, NOW, |it| approve(it, &ada(), &yes, Leaving::Later));
    let Decided::Later(secret) = decided else { panic!("{decided:?}") };
    let outcome = changes.list().iter().find_map(|change| match change {
        Change::Flow(FlowChange::DecideChallenge { outcome, .. }) => Some((**outcome).clone()),
        _ => None,
    });
    let Some(ChallengeOutcome::Held { by, verifier, agreed: Some((agreed, generation)) }) = outcome else {
        panic!("{changes:?}")
    };
    assert!(code_of(&changes).is_none(), "no code is made before the browser comes");
    let parent = |stored| Parent::Present { stored, current: stored };
    let answer = HeldAnswer::Yes {
        agreed,
        standing: Rests::Good,
        parents: [parent(5), parent(6), parent(generation)],
    };
    let mut held = HeldFacts { by, at: NOW, verifier, answer };
    change(&mut held);
    (challenge(ChallengeState::Held(Box::new(held))), Presented::new(secret.text))
}

fn code_of(changes: &Changes) -> Option<NewCode> {
    changes.list().iter().find_map(|change| match change {
        Change::Flow(FlowChange::IssueCode(new)) => Some((**new).clone()),
        _ => None,
    })
}

fn come(
    challenge: &ChallengeFacts,
    verifier: Option<&Presented>,
    signed_in: Option<UserId>,
) -> Result<(Answered, Changes), NotHeld> {
    about(challenge, NOW.plus(Seconds(5)), |it| fetch(it, Coming { verifier, signed_in }))
}

/// What was decided bears the decider's sign-in and the generations of then, in every response mode.
#[test]
fn an_answer_that_waited_is_as_old_as_its_decision() {
    let (challenge, secret) = held(|_| {});
    let (answered, changes) = come(&challenge, Some(&secret), Some(ADA)).unwrap();
    let code = code_of(&changes).unwrap();
    assert_eq!((code.user, code.session, code.created_at), (ADA, ada().session, NOW));
    assert_eq!(
        (code.generations.client, code.generations.tenant, code.generations.user),
        (Some(5), Some(6), 7)
    );
    assert_eq!(code.expires_at, NOW.plus(Seconds(65)));
    assert!(answered.location().contains("?code=code_"), "{answered:?}");
    let fetched = changes.list().iter().any(|change| {
        matches!(change, Change::Flow(FlowChange::FetchAnswer { code: Some(id), .. }) if *id == code.id)
    });
    assert!(fetched, "{changes:?}");
}

/// The code that leaves at once bears them too.
#[test]
fn an_answer_bears_the_sign_in_and_the_generation_of_its_decider() {
    let waiting = challenge(ChallengeState::Waiting);
    let yes = Approved { known: None, scope: scope("read"), remember: Remember::No };
    let (_, changes) = about(&waiting, NOW, |it| approve(it, &ada(), &yes, Leaving::AtOnce));
    let code = code_of(&changes).unwrap();
    assert_eq!((code.session, code.generations.user), (ada().session, 7));
    let (_, changes) = about(&waiting, NOW, |it| give(it, &ada(), None));
    assert_eq!(code_of(&changes).map(|code| (code.session, code.generations.user)), Some((ada().session, 7)));
}

#[test]
fn an_answer_that_waits_leaves_with_its_secret_alone() {
    let (challenge, secret) = held(|_| {});
    let other = Presented::new("cv_other".to_owned());
    assert_eq!(come(&challenge, None, Some(ADA)).unwrap_err(), NotHeld::Nothing);
    assert_eq!(come(&challenge, Some(&other), Some(ADA)).unwrap_err(), NotHeld::Nothing);
    assert!(
        come(&challenge, Some(&secret), None).is_ok(),
        "behind a login page of the tenant's own nobody is"
    );
    let answered = AnsweredFacts { at: NOW, by: Some(ADA), code: None };
    let spent = ChallengeFacts { state: ChallengeState::Answered(answered), ..challenge };
    assert_eq!(come(&spent, Some(&secret), Some(ADA)).unwrap_err(), NotHeld::Nothing);
}

#[test]
fn an_answer_that_waits_leaves_to_its_decider() {
    let (challenge, secret) = held(|_| {});
    assert_eq!(come(&challenge, Some(&secret), Some(BOB)).unwrap_err(), NotHeld::SomebodyElse);
    let (no, secret) = held(|held| held.answer = HeldAnswer::No);
    assert_eq!(come(&no, Some(&secret), Some(BOB)).unwrap_err(), NotHeld::SomebodyElse);
    let (answered, changes) = come(&no, Some(&secret), Some(ADA)).unwrap();
    assert!(answered.location().contains("error=access_denied") && code_of(&changes).is_none());
}

#[test]
fn an_answer_that_waits_ends_with_each_thing_that_it_rests_on() {
    for n in 0..3 {
        for parent in [Parent::Present { stored: 1, current: 2 }, Parent::Gone] {
            let (challenge, secret) = held(|held| {
                let HeldAnswer::Yes { parents, .. } = &mut held.answer else { panic!() };
                parents[n] = parent;
            });
            assert_eq!(come(&challenge, Some(&secret), Some(ADA)).unwrap_err(), NotHeld::Ended, "{n}");
        }
    }
    let (challenge, secret) = held(|held| {
        let HeldAnswer::Yes { standing, .. } = &mut held.answer else { panic!() };
        *standing = Rests::Ended;
    });
    assert_eq!(come(&challenge, Some(&secret), Some(ADA)).unwrap_err(), NotHeld::Ended);
}

/// A form that comes twice has one outcome, for a moment, for its own person, and until the code is used.
#[test]
fn the_same_form_again_gives_the_same_code() {
    let waiting = challenge(ChallengeState::Waiting);
    let yes = Approved { known: None, scope: scope("read"), remember: Remember::No };
    let (decided, changes) = about(&waiting, NOW, |it| approve(it, &ada(), &yes, Leaving::AtOnce));
    let Decided::Now(first) = decided else { panic!("{decided:?}") };
    let new = code_of(&changes).unwrap();
    let row = CodeFacts {
        id: new.id,
        hash: new.hash,
        client: new.client,
        user: new.user,
        session: new.session,
        consent: None,
        redirect_uri: new.redirect_uri,
        scope: new.scope,
        claims: new.claims,
        nonce: None,
        pkce: None,
        cnf: None,
        authentication: new.authentication,
        expires_at: new.expires_at,
        state: CodeState::Live,
        standing: Rests::Good,
        parents: [Parent::Present { stored: 1, current: 1 }; 3],
        picked: None,
    };
    let answered = AnsweredFacts { at: NOW, by: Some(ADA), code: Some(new.id) };
    let spent = challenge(ChallengeState::Answered(answered));
    let again = |by, seconds, row: &CodeFacts| {
        about(&spent, NOW.plus(Seconds(seconds)), |it| match again(it, (by, Say::Yes), Some(row)) {
            Some(Decided::Now(answered)) => Some(answered.location()),
            Some(Decided::Later(_)) | None => None,
        })
    };
    assert_eq!(again(ADA, 9, &row), Some(first.location()));
    assert_eq!(again(ADA, 10, &row), None);
    assert_eq!(again(BOB, 1, &row), None);
    let grant = crate::ids::GrantId::from_bytes([8; 16]);
    let used = CodeFacts { state: CodeState::Redeemed { grant, ended_at: None }, ..row.clone() };
    assert_eq!(again(ADA, 1, &used), None, "a code that comes twice would end its grant");
    let ended = CodeFacts { standing: Rests::Ended, ..row };
    assert_eq!(again(ADA, 1, &ended), None);
    let said_no = about(&spent, NOW, |it| super::again(it, (ADA, Say::No), Some(&used)));
    assert!(said_no.is_none(), "another form");
    let (waits, secret) = held(|_| {});
    let later = about(&waits, NOW, |it| super::again(it, (ADA, Say::Yes), None));
    let Some(Decided::Later(same)) = later else { panic!("{later:?}") };
    assert_eq!(same.text, secret.expose());
}

/// AUTHORITY: if anyone is signed in where the request begins, or is decided, it is the decider.
#[test]
fn nobody_decides_elsewhere_what_somebody_else_began_or_is_signed_in_for() {
    let of = |change: &dyn Fn(&mut ChallengeFacts), there: Option<UserId>| {
        let mut challenge = challenge(ChallengeState::Waiting);
        change(&mut challenge);
        challenge.is_decided_by((ADA, Subjects::of_client(&client().client, &hash_key())), there, NOW)
    };
    assert!(of(&|_| {}, None) && of(&|_| {}, Some(ADA)));
    assert!(of(&|it| it.signed_in = Some(ADA), None));
    assert!(!of(&|it| it.signed_in = Some(BOB), None));
    assert!(!of(&|_| {}, Some(BOB)));
    assert!(of(&|it| it.request.expected = Some(Called::of(ADA)), None));
    assert!(!of(&|it| it.request.expected = Some(Called::of(BOB)), None));
    assert!(!of(&|it| it.expires_at = NOW, None));
    let answered = AnsweredFacts { at: NOW, by: None, code: None };
    assert!(!of(&|it| it.state = ChallengeState::Answered(answered), None));
}

/// OpenID Connect Core §3.1.2.1.
#[test]
fn who_shall_sign_in_again_has_done_so_since_the_request_began() {
    let of = |prompts: &str, max_age: Option<i64>, ago: i64| {
        let mut challenge = challenge(ChallengeState::Waiting);
        challenge.request.prompts = Prompts::parse(prompts).unwrap();
        challenge.request.max_age = max_age.map(Seconds);
        let authentication = Authentication::by_password(NOW.minus(Seconds(ago)));
        challenge.is_recent(&authentication).map_err(|error| error.code())
    };
    for (prompts, max_age, ago, good) in [
        ("", None, 9999, true),
        ("login", None, 0, true),
        ("login", None, 1, false),
        ("select_account", None, 1, false),
        ("consent", None, 1, true),
        ("", Some(60), 60, true),
        ("", Some(60), 61, false),
        ("login", Some(60), 1, false),
    ] {
        let expected = if good { Ok(()) } else { Err(ErrorCode::AccessDenied) };
        assert_eq!(of(prompts, max_age, ago), expected, "{prompts} {max_age:?} {ago}");
    }
}

#[test]
fn a_token_whose_person_was_locked_out_decides_nothing() {
    let bearer =
        |parent| BearerFacts { authentication: Authentication::by_password(NOW), session: None, parent };
    assert_eq!(bearer(Parent::Present { stored: 2, current: 2 }).generation(), Some(2));
    for parent in [Parent::Present { stored: 2, current: 3 }, Parent::Gone, Parent::None] {
        assert_eq!(bearer(parent).generation(), None);
    }
}

/// What is taken from a client while its request waits is not answered any more.
#[test]
fn a_request_that_waited_is_looked_at_once_more() {
    let of = |change: &dyn Fn(&mut RegisteredClient)| {
        let mut registration = Registration::at(NOW);
        registration.redirect_uris.push(RedirectUri::parse("https://app.example/cb").unwrap());
        let mut client = RegisteredClient { client: (*client().client).clone(), registration };
        change(&mut client);
        match still_good(
            &request(),
            &client,
            (Demands::of(&TenantSettings::default()), &ISSUER.into(), &NO_RESOURCES),
        ) {
            Ok(request) => Ok(request.scope.as_str().to_owned()),
            Err(RefusedRequest::Page(error)) => Err((false, error.code())),
            Err(RefusedRequest::Reply(_, error)) => Err((true, error.code())),
        }
    };
    assert_eq!(of(&|_| {}), Ok("openid read".to_owned()));
    assert_eq!(of(&|it| it.client.scope = scope("read x")), Ok("read".to_owned()));
    assert_eq!(of(&|it| it.client.scope = scope("x")), Err((true, ErrorCode::InvalidScope)));
    let page = Err((false, ErrorCode::InvalidRequest));
    assert_eq!(of(&|it| it.registration.redirect_uris.clear()), page);
    assert_eq!(of(&|it| it.client.enabled = crate::change::Enabled::No), page);
    let no_codes =
        |it: &mut RegisteredClient| it.client.grant_types = GrantTypes::new([GrantType::RefreshToken]);
    assert_eq!(of(&no_codes), Err((true, ErrorCode::UnauthorizedClient)));
    let strict = |it: &mut RegisteredClient| it.registration.pkce = Pkce::Required;
    assert_eq!(of(&strict), Err((true, ErrorCode::InvalidRequest)));
}

/// RFC 9126 §7.3: a request that waits is over once another window got the code for it; the window that got it has its
/// answer, also where its form comes again.
#[test]
fn a_request_whose_reference_was_used_is_answered_where_it_was() {
    let overtaken = |used, state| {
        let mut challenge = challenge(state);
        challenge.request.pushed = Some(Pushed { id: PushedId::from_bytes([8; 16]), used });
        match challenge.overtaken(&ISSUER.into()) {
            None => None,
            Some(RefusedRequest::Page(error)) => Some((false, error.code())),
            Some(RefusedRequest::Reply(_, error)) => Some((true, error.code())),
        }
    };
    let answered = || ChallengeState::Answered(AnsweredFacts { at: NOW, by: None, code: None });
    let held = || held(|_| {}).0.state;
    let spent = Some((true, ErrorCode::InvalidRequestUri));
    assert_eq!(overtaken(Used::Yes, ChallengeState::Waiting), spent);
    assert_eq!(overtaken(Used::Yes, held()), spent);
    assert_eq!(overtaken(Used::Yes, answered()), None);
    for state in [ChallengeState::Waiting, held(), answered()] {
        assert_eq!(overtaken(Used::No, state), None);
    }
}

/// A challenge is of the browser that its cookie leads to, or that kept what only it was given when it began.
#[test]
fn a_challenge_is_of_the_browser_that_began_it() {
    let (facts, hash_key) = (challenge(ChallengeState::Waiting), hash_key());
    let asked = PresentedChallenge { challenge: &facts, text: TEXT, hash_key: &hash_key };
    let (own, other) = (facts.browser, BrowserId::from_bytes([9; 16]));
    let proof = flow_proof(TEXT, &hash_key);
    let of = |browser, flow| asked.began_in(Shows { browser, flow });
    assert!(of(Some(own), None) && of(Some(other), Some(proof)) && of(None, Some(proof)));
    assert!(!of(None, None) && !of(Some(other), None));
    assert!(!of(Some(other), Some(flow_proof("ch_another", &hash_key))));
}
