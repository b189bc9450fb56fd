//! What stands between a good request and its code.

use super::*;
use crate::act::Origin;
use crate::change::Change;
use crate::client::{Client, ClientKind, GrantType, GrantTypes, Party, RegisteredClient, Registration};
use crate::consent::ConsentFacts;
use crate::error::ErrorCode;
use crate::flow::FlowChange;
use crate::form::Form;
use crate::given::{Counted, ISSUER, NO_RESOURCES, NOW, at, facts, hash_key, scope};
use crate::ids::{BrowserId, ClientId, ConsentId, PushedId, SessionId, UserId};
use crate::session::{Authentication, FactorUsed, SessionFacts};
use crate::settings::{Switch, TenantSettings};
use crate::subject::Subject;
use crate::time::{Micros, Seconds};
use crate::token::Parent;

const ADA: UserId = UserId::from_bytes([4; 16]);

fn client(change: impl FnOnce(&mut Client)) -> RegisteredClient {
    let facts = facts(|client, _| {
        client.kind = ClientKind::Web;
        client.grant_types = GrantTypes::new([GrantType::AuthorizationCode]);
        client.scope = scope("openid read write offline_access");
        change(client);
    });
    let mut registration = Registration::at(NOW);
    registration.redirect_uris.push(crate::client::RedirectUri::parse("https://app.example/cb").unwrap());
    RegisteredClient { client: (*facts.client).clone(), registration }
}

fn asked(more: &str) -> AuthorizationRequest {
    ask(&client(|_| {}), more).unwrap()
}

fn ask(client: &RegisteredClient, more: &str) -> Result<AuthorizationRequest, RefusedRequest> {
    came(client, more, (Way::Open, Switch::Off))
}

fn came(
    client: &RegisteredClient,
    more: &str,
    (way, pushed_only): (Way, Switch),
) -> Result<AuthorizationRequest, RefusedRequest> {
    let text = format!("client_id=app&response_type=code&redirect_uri=https://app.example/cb&{more}");
    let demands = Demands { pushed: pushed_only, ..Demands::of(&TenantSettings::default()) };
    let (object, issuer) = (&Object::Absent, &ISSUER.into());
    let reading = Reading { way, hint: Hint::None, object, demands, resources: &NO_RESOURCES, issuer };
    read(&Form::parse(text.as_bytes()).unwrap(), Some(client), &reading)
}

fn session(at: Micros) -> SessionFacts {
    let present = Parent::Present { stored: 1, current: 1 };
    SessionFacts {
        id: SessionId::from_bytes([1; 16]),
        browser: BrowserId::from_bytes([2; 16]),
        user: ADA,
        username: Some("ada".into()),
        authentication: Authentication::by_password(at),
        last_seen_at: at,
        expires_at: NOW.plus(Seconds(3600)),
        ended_at: None,
        user_parent: present,
        tenant_parent: present,
    }
}

#[derive(Debug, PartialEq)]
enum Comes {
    SignIn,
    Consent,
    Code,
}

fn comes(
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&SessionFacts>,
    also: (Option<&ConsentFacts>, Option<Micros>),
) -> Result<Comes, ErrorCode> {
    let (consent, waiting_since) = also;
    came_to(&Standing {
        request,
        client,
        hash_key: &hash_key(),
        session,
        consent,
        waiting_since,
        account: AccountChoice::Open,
        further: FurtherFactor::None,
    })
}

fn came_to(standing: &Standing<'_>) -> Result<Comes, ErrorCode> {
    match next(standing, NOW) {
        Ok(Next::SignIn) => Ok(Comes::SignIn),
        Ok(Next::Consent(_)) => Ok(Comes::Consent),
        Ok(Next::Give(_)) => Ok(Comes::Code),
        Err(error) => Err(error.code()),
    }
}

/// OpenID Connect Core §3.1.2.1.
#[test]
fn a_sign_in_counts_if_it_is_what_the_request_wants() {
    let own = client(|client| client.party = Party::First).client;
    let began = NOW.minus(Seconds(30));
    let (old, fresh) = (session(NOW.minus(Seconds(100))), session(began));
    for (more, with_old, with_fresh) in [
        ("", Comes::Code, Comes::Code),
        ("prompt=login", Comes::SignIn, Comes::Code),
        ("prompt=select_account", Comes::SignIn, Comes::Code),
        ("max_age=99", Comes::SignIn, Comes::Code),
        ("max_age=100", Comes::Code, Comes::Code),
        ("max_age=0", Comes::SignIn, Comes::Code),
        ("prompt=consent", Comes::Consent, Comes::Consent),
        ("prompt=login%20consent", Comes::SignIn, Comes::Consent),
    ] {
        let request = asked(more);
        assert_eq!(comes(&request, &own, None, (None, Some(began))), Ok(Comes::SignIn), "{more}");
        assert_eq!(comes(&request, &own, Some(&old), (None, Some(began))), Ok(with_old), "{more}");
        assert_eq!(comes(&request, &own, Some(&fresh), (None, Some(began))), Ok(with_fresh), "{more}");
    }
    // However fresh: it was not for this request.
    assert_eq!(comes(&asked("prompt=login"), &own, Some(&session(NOW)), (None, None)), Ok(Comes::SignIn));
    let mut expected = asked("");
    expected.expected = Some(Subject::of(UserId::from_bytes([9; 16])));
    assert_eq!(comes(&expected, &own, Some(&fresh), (None, Some(began))), Ok(Comes::SignIn));
    expected.expected = Some(Subject::of(ADA));
    assert_eq!(comes(&expected, &own, Some(&fresh), (None, Some(began))), Ok(Comes::Code));
}

/// OpenID Connect Core §3.1.2.1: who is signed in is offered to go on, to choose themselves, or to prove it again.
#[test]
fn the_sign_in_page_offers_what_the_request_lets_it() {
    use AccountChoice::{Made, Open};
    let own = client(|client| client.party = Party::First).client;
    let began = NOW.minus(Seconds(60));
    let (old, fresh) = (session(NOW.minus(Seconds(300))), session(NOW));
    let offered = |request: &AuthorizationRequest, session: Option<&SessionFacts>, account| {
        let waiting_since = Some(began);
        match offer(
            &Standing {
                request,
                client: &own,
                hash_key: &hash_key(),
                session,
                consent: None,
                waiting_since,
                account,
                further: FurtherFactor::None,
            },
            NOW,
        ) {
            Offer::Nothing => "nothing",
            Offer::GoOn(_) => "go on",
            Offer::Choose(_) => "choose",
            Offer::ProveAgain(_) => "prove again",
            Offer::ProveMore(_) => "prove more",
        }
    };
    for (prompt, of_old) in [
        ("", "go on"),
        ("prompt=consent", "go on"),
        ("prompt=select_account", "choose"),
        ("prompt=login", "prove again"),
        ("prompt=login%20select_account", "prove again"),
        ("max_age=100", "prove again"),
        ("max_age=0", "prove again"),
        ("max_age=1000&prompt=select_account", "choose"),
        ("acr_values=2", "go on"),
    ] {
        let request = asked(prompt);
        assert_eq!(offered(&request, None, Open), "nothing", "{prompt}");
        assert_eq!(offered(&request, Some(&old), Open), of_old, "{prompt}");
        assert_eq!(offered(&request, Some(&fresh), Open), "go on", "{prompt}: signed in for this request");
        let mut other = request.clone();
        other.expected = Some(Subject::of(UserId::from_bytes([9; 16])));
        assert_eq!(offered(&other, Some(&old), Open), "nothing", "{prompt}: somebody else is expected");
    }
    assert_eq!(offered(&asked("prompt=select_account"), Some(&old), Made), "go on");
    // OpenID Connect Core §5.5.1.1: one factor was proved, and two are wanted.
    let acr = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%222%22%7D%7D%7D";
    let both = SessionFacts { authentication: fresh.authentication.and(FactorUsed::Totp), ..fresh.clone() };
    for session in [&old, &fresh] {
        assert_eq!(offered(&asked(acr), Some(session), Open), "prove more");
    }
    assert_eq!(offered(&asked(acr), Some(&both), Open), "go on");
    assert_eq!(offered(&asked(&format!("max_age=100&{acr}")), Some(&old), Open), "prove again");
    assert_eq!(offered(&asked(&format!("prompt=login&{acr}")), Some(&old), Open), "prove again");
    assert_eq!(offered(&asked("prompt=login"), Some(&old), Made), "prove again");
}

/// OpenID Connect Core §3.1.2.1, RFC 9470 §4: a wish for two factors is met by whoever can; it keeps nobody out, and asks
/// nobody who may not be asked.
#[test]
fn a_wish_for_two_factors_is_met_by_who_can() {
    use FurtherFactor::{None as Nothing, There};
    let own = client(|client| client.party = Party::First).client;
    let one = session(NOW);
    let two = SessionFacts { authentication: one.authentication.and(FactorUsed::Totp), ..one.clone() };
    let acr = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%222%22%7D%7D%7D";
    let silent = format!("prompt=none&{acr}");
    for (more, session, further, comes) in [
        ("acr_values=2", &one, There, Ok(Comes::SignIn)),
        ("acr_values=2%201", &one, There, Ok(Comes::SignIn)),
        ("acr_values=2", &one, Nothing, Ok(Comes::Code)),
        ("acr_values=2", &two, There, Ok(Comes::Code)),
        ("acr_values=1", &one, There, Ok(Comes::Code)),
        ("", &one, There, Ok(Comes::Code)),
        ("acr_values=2&prompt=none", &one, There, Ok(Comes::Code)),
        (acr, &one, Nothing, Ok(Comes::SignIn)),
        (acr, &two, There, Ok(Comes::Code)),
        (&silent, &one, There, Err(ErrorCode::LoginRequired)),
    ] {
        let request = asked(more);
        let (hash_key, session, account) = (&hash_key(), Some(session), AccountChoice::Open);
        let (request, client) = (&request, &own);
        let (consent, waiting_since) = (None, None);
        let standing =
            Standing { request, client, hash_key, session, consent, waiting_since, account, further };
        assert_eq!(came_to(&standing), comes, "{more} {further:?}");
        let is_more = matches!(offer(&standing, NOW), Offer::ProveMore(_));
        assert_eq!(is_more, !matches!(comes, Ok(Comes::Code)), "{more} {further:?}");
    }
}

/// RFC 8252 §8.6 for native applications.
#[test]
fn a_consent_is_needed_unless_it_is_remembered_or_the_application_is_ones_own() {
    let signed_in = session(NOW);
    let consent = |remembered: &str| ConsentFacts {
        id: ConsentId::from_bytes([3; 16]),
        scope: scope("openid read write"),
        remembered: scope(remembered),
        resources: None,
    };
    let third = client(|_| {}).client;
    let native = client(|client| client.kind = ClientKind::Native).client;
    let own_native = client(|client| (client.kind, client.party) = (ClientKind::Native, Party::First)).client;
    let request = asked(
        "scope=openid%20read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    );
    let (all, some) = (consent("read openid write"), consent("openid"));
    let at_once = |client, consent| comes(&request, client, Some(&signed_in), (consent, None));
    assert_eq!(at_once(&third, None), Ok(Comes::Consent));
    assert_eq!(at_once(&third, Some(&some)), Ok(Comes::Consent));
    assert_eq!(at_once(&third, Some(&all)), Ok(Comes::Code));
    assert_eq!(at_once(&native, Some(&all)), Ok(Comes::Consent));
    assert_eq!(at_once(&own_native, None), Ok(Comes::Consent));
    let just_now = (None, Some(NOW.minus(Seconds(9))));
    assert_eq!(comes(&request, &own_native, Some(&signed_in), just_now), Ok(Comes::Code));
}

/// RFC 8252 §8.6, judged by the address of the request: what nothing proves to be the application gets nothing in silence.
#[test]
fn a_silent_answer_goes_to_none_but_the_application() {
    for (kind, uri, silent) in [
        (ClientKind::Web, "https://app.example/cb", true),
        (ClientKind::Spa, "https://app.example/cb", true),
        (ClientKind::Native, "https://app.example/cb", false),
        (ClientKind::Web, "com.example.app:/cb", false),
        (ClientKind::Spa, "com.example.app:/cb", false),
        (ClientKind::Native, "com.example.app:/cb", false),
        (ClientKind::Web, "http://127.0.0.1:4000/cb", true),
        (ClientKind::Spa, "http://127.0.0.1:4000/cb", false),
        (ClientKind::Spa, "http://localhost:4000/cb", false),
        (ClientKind::Native, "http://[::1]:4000/cb", false),
    ] {
        let own = client(|client| (client.kind, client.party) = (kind, Party::First)).client;
        let mut request = asked("");
        request.to.redirect_uri = uri.into();
        let expected = if silent { Comes::Code } else { Comes::Consent };
        assert_eq!(comes(&request, &own, Some(&session(NOW)), (None, None)), Ok(expected), "{kind:?} {uri}");
    }
}

/// Whoever may not ask is told whether asking would help.
#[test]
fn a_request_that_may_not_ask_says_why_it_would_have_to() {
    let (third, own) = (client(|_| {}).client, client(|client| client.party = Party::First).client);
    for (client, uri, why) in [
        (&third, "https://app.example/cb", "has not agreed"),
        (&own, "com.example.app:/cb", "nothing proves"),
    ] {
        let mut request = asked("prompt=none");
        request.to.redirect_uri = uri.into();
        let session = Some(&session(NOW));
        let (consent, waiting_since, account) = (None, None, AccountChoice::Open);
        let standing = Standing {
            request: &request,
            client,
            hash_key: &hash_key(),
            session,
            consent,
            waiting_since,
            account,
            further: FurtherFactor::None,
        };
        let Err(refusal) = next(&standing, NOW) else { panic!("{uri} is answered in silence") };
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
}

#[test]
fn without_a_prompt_nobody_is_asked() {
    let third = client(|_| {}).client;
    let request = asked("prompt=none");
    assert_eq!(comes(&request, &third, None, (None, None)), Err(ErrorCode::LoginRequired));
    assert_eq!(comes(&request, &third, Some(&session(NOW)), (None, None)), Err(ErrorCode::ConsentRequired));
}

/// What is granted is what was asked for, as far as the client may have it.
#[test]
fn scopes_are_clamped() {
    let refreshing = client(|client| {
        client.grant_types = GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken]);
    });
    let plain = client(|_| {});
    for (asked, without, with) in [
        ("", "openid read write", "openid read write offline_access"),
        ("scope=openid%20offline_access%20x", "openid", "openid offline_access"),
        ("scope=read", "read", "read"),
    ] {
        assert_eq!(ask(&plain, asked).unwrap().scope.as_str(), without);
        assert_eq!(ask(&refreshing, asked).unwrap().scope.as_str(), with);
    }
}

/// A person's choice is a part of what was asked for, and of that never nothing.
#[test]
fn a_choice_is_a_subset() {
    let request = asked("scope=openid%20read%20write");
    let of = |chosen: Option<&str>| {
        Approved::scope(&request, chosen.map(scope).as_ref())
            .map(|s| s.as_str().to_owned())
            .map_err(|e| e.code())
    };
    assert_eq!(of(None), Ok("openid read write".to_owned()));
    assert_eq!(of(Some("write")), Ok("openid write".to_owned()));
    assert_eq!(of(Some("")), Err(ErrorCode::InvalidRequest));
    assert_eq!(of(Some("read offline_access")), Err(ErrorCode::InvalidScope));
}

#[test]
fn an_answer_is_added_to_the_redirect_uri() {
    let why = crate::shell_reason::ShellReason::LoginChallenge { why: "a \"no\"".into() };
    let error = crate::error::OAuthError::new(ErrorCode::AccessDenied, why);
    for (uri, start) in [
        ("https://a.example/cb", "https://a.example/cb?error=access_denied"),
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1&error=access_denied"),
        ("https://a.example/cb?", "https://a.example/cb?error=access_denied"),
        ("com.example.app:/cb", "com.example.app:/cb?error=access_denied"),
    ] {
        let to =
            ReplyTo { redirect_uri: uri.into(), mode: ResponseMode::default(), state: Some("&=".into()) };
        let location = refused(&to, &error, ISSUER).worded(|_| error.public()).location();
        assert!(location.starts_with(start), "{location}");
        assert!(location.ends_with(
            "&error_description=login_challenge%3A%20a%20%27no%27&state=%26%3D&iss=https%3A%2F%2Fid.example"
        ));
    }
}

fn code_of(outcome: Result<AuthorizationRequest, RefusedRequest>) -> Option<ErrorCode> {
    match outcome {
        Ok(_) => None,
        Err(RefusedRequest::Page(error) | RefusedRequest::Reply(_, error)) => Some(error.code()),
    }
}

/// RFC 9126 §5, §6: whoever has to push and does not is told so; to push, and to come with what was pushed, is as demanded.
#[test]
fn pushing_is_demanded_by_the_tenant_or_of_the_client() {
    let pushed = Way::Pushed(Pushed { id: PushedId::from_bytes([8; 16]), used: Used::No });
    let plain = client(|_| {});
    let mut bound = client(|_| {});
    bound.registration.metadata.pushed_only = Switch::On;
    for (client, tenant, demanded) in
        [(&plain, Switch::Off, false), (&plain, Switch::On, true), (&bound, Switch::Off, true)]
    {
        let open = code_of(came(client, "", (Way::Open, tenant)));
        assert_eq!(open, demanded.then_some(ErrorCode::InvalidRequest));
        assert_eq!(code_of(came(client, "", (Way::Pushing, tenant))), None);
        assert_eq!(code_of(came(client, "", (pushed, tenant))), None);
    }
}

/// RFC 9126 §7: the reference of another client, another secret, one that is late or was used.
#[test]
fn a_reference_leads_to_the_request_of_its_client_in_its_time_once() {
    let (facts, random) = (facts(|_, _| {}), Counted::default());
    let (reference, changes) = push("client_id=app".into(), &facts, &Origin::default(), &at(NOW, &random));
    let [Change::Flow(FlowChange::PushRequest(new))] = changes.list() else { panic!("{changes:?}") };
    let kept = PushedFacts {
        id: new.id,
        hash: new.hash,
        client: new.client,
        form: new.form.clone(),
        expires_at: new.expires_at,
        used: Used::No,
    };
    let presented = PushedRef::parse(&reference.0);
    let good = |presented, client, found: &PushedFacts, now| {
        resolve((presented, client), Some(found.clone()), now).is_ok()
    };
    let (own, other) = (Some(facts.client.id), Some(ClientId::from_bytes([9; 16])));
    assert!(good(presented, own, &kept, NOW));
    assert!(!good(presented, other, &kept, NOW) && !good(presented, None, &kept, NOW));
    assert!(!good(None, own, &kept, NOW));
    assert!(!good(presented, own, &kept, NOW.plus(PUSHED_LIFETIME)));
    assert!(!good(presented, own, &PushedFacts { used: Used::Yes, ..kept.clone() }, NOW));
    assert!(!good(presented, own, &PushedFacts { hash: crate::secret::sha256(b"x"), ..kept }, NOW));
    assert!(resolve((presented, own), None, NOW).is_err());
}

/// Who the client is is not kept; a reference is not pushed (RFC 9126 §2.1).
#[test]
fn what_is_kept_of_a_pushed_request_holds_no_secret() {
    let form = "scope=openid+read&client_id=other&client_secret=s3cret&client_assertion=a&state=%26";
    let text = kept(&Form::parse(form.as_bytes()).unwrap(), "app").unwrap();
    assert_eq!(text, "client_id=app&scope=openid%20read&state=%26");
    for form in ["request_uri=x", "request_uri="] {
        assert!(kept(&Form::parse(form.as_bytes()).unwrap(), "app").is_err(), "{form}");
    }
    let long = format!("state={}", "s".repeat(REQUEST_LIMIT));
    assert!(kept(&Form::parse(long.as_bytes()).unwrap(), "app").is_err());
}
