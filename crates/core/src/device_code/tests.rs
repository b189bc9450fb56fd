//! RFC 8628: what a device and its person are told, and when.

use proptest::prelude::*;

use super::*;
use crate::authorization_code::{CODE_LIFETIME, CodeStanding};
use crate::change::Change;
use crate::client::GrantTypes;
use crate::given::{Counted, NO_RESOURCES, NOW, at, facts, issuing, person, scope};
use crate::resource::{Targets, Wanted};
use crate::secret::sha256;
use crate::session::Authentication;
use crate::token::Parent;

fn tv() -> ClientFacts {
    facts(|client, _| {
        client.grant_types = GrantTypes::new([GrantType::DeviceCode, GrantType::RefreshToken]);
        client.scope = scope("openid read");
    })
}

fn waiting() -> DeviceFacts {
    DeviceFacts {
        id: DeviceRequestId::from_bytes([8; 16]),
        hash: sha256(b"the device code"),
        client: tv().client.id,
        client_id: Some("tv".into()),
        user_code: UserCode::from_stored("WDJBMJHT"),
        scope: scope("openid read"),
        picked: None,
        ip: None,
        created_at: NOW,
        expires_at: NOW.plus(DEVICE_LIFETIME),
        state: DeviceState::Waiting,
    }
}

fn agreed() -> (DeviceFacts, CodeFacts) {
    let code = CodeId::from_bytes([7; 16]);
    let device = DeviceFacts { state: DeviceState::Approved { code }, ..waiting() };
    let code = CodeFacts {
        id: code,
        hash: sha256(b"nobody has this"),
        client: device.client,
        user: person().id,
        session: None,
        consent: None,
        redirect_uri: None,
        scope: scope("openid read"),
        claims: ClaimsRequest::default(),
        nonce: None,
        pkce: None,
        cnf: None,
        authentication: Authentication::by_password(NOW),
        expires_at: device.expires_at,
        state: CodeState::Live,
        standing: CodeStanding::Good,
        parents: [Parent::Present { stored: 1, current: 1 }; 3],
        picked: None,
    };
    (device, code)
}

fn ask(
    facts: &ClientFacts,
    found: (Option<&DeviceFacts>, Option<&CodeFacts>),
    (pace, now): (Polling, Micros),
) -> Judgement<Draft> {
    let asked = DeviceGrant { code: Some(Handle { id: [8; 16], hash: sha256(b"the device code") }) };
    let (random, person) = (Counted::default(), person());
    let (device, code) = found;
    issuing(facts, &at(now, &random), |issuing| {
        redeem(&asked, DeviceAsks { device, code, person: Some(&person), pace }, issuing)
    })
}

#[track_caller]
fn refused(found: (Option<&DeviceFacts>, Option<&CodeFacts>), pace: Polling, now: Micros) -> ErrorCode {
    ask(&tv(), found, (pace, now)).unwrap_err().error.code()
}

/// §6.1: letters that cannot be taken for one another, whatever case they are typed in and whatever stands between them.
#[test]
fn a_code_is_read_however_it_is_typed() {
    let random = Counted::default();
    let drawn = UserCode::draw(&at(NOW, &random));
    let shown = drawn.shown();
    assert_eq!((shown.len(), shown.find('-')), (9, Some(4)));
    let typed = [
        shown.clone(),
        shown.to_ascii_lowercase(),
        format!("  {} ", drawn.as_str()),
        drawn.as_str().split("").collect::<Vec<_>>().join(" "),
        shown.replace('-', "–"),
    ];
    for typed in typed {
        assert_eq!(UserCode::read(&typed), Some(drawn.clone()), "{typed}");
    }
    let long = format!("{}{}", " ".repeat(60), drawn.as_str());
    for typed in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "WDJB-MJH1", "ẂDJB-MJHT", "WDJB/MJHT", &long] {
        assert_eq!(UserCode::read(typed), None, "{typed}");
    }
}

proptest! {
    /// §5.1, §6.1: only letters of the alphabet are drawn, and what is drawn can be typed.
    #[test]
    fn what_is_drawn_can_be_typed(_ in 0..64_u8) {
        let random = Counted::default();
        for _ in 0..8 {
            let drawn = UserCode::draw(&at(NOW, &random));
            prop_assert!(drawn.as_str().bytes().all(|letter| LETTERS.contains(&letter)));
            prop_assert_eq!(UserCode::read(&drawn.shown()), Some(drawn));
        }
    }
}

/// §3.1, RFC 6749 §3.3: a device asks for no more than its client may have, and only where the client is registered so.
#[test]
fn a_device_waits_for_what_its_client_may_have() {
    let (random, origin) = (Counted::default(), Origin::default());
    let begin = |facts: &ClientFacts, asked: Option<&str>| {
        let asked = asked.map(scope);
        begin(
            (asked.as_ref(), Targets { known: &NO_RESOURCES, wanted: Wanted::NONE }),
            facts,
            &origin,
            &at(NOW, &random),
        )
        .map(|(_, changes)| {
            let [Change::Flow(FlowChange::StartDevice(new))] = changes.list() else { panic!("{changes:?}") };
            new.scope.to_string()
        })
    };
    assert_eq!(begin(&tv(), None).unwrap(), "openid read");
    assert_eq!(begin(&tv(), Some("read admin")).unwrap(), "read");
    let code = |result: Result<String, Box<Refusal>>| result.unwrap_err().error.code();
    assert_eq!(code(begin(&tv(), Some("admin"))), ErrorCode::InvalidScope);
    let web = facts(|client, _| client.grant_types = GrantTypes::new([GrantType::AuthorizationCode]));
    assert_eq!(code(begin(&web, None)), ErrorCode::UnauthorizedClient);
}

/// §3.5: the four answers, and which comes first.
#[test]
fn a_device_is_told_how_far_its_person_is() {
    let late = NOW.plus(DEVICE_LIFETIME);
    let device = waiting();
    let found = (Some(&device), None);
    assert_eq!(refused(found, Polling::InTime, NOW), ErrorCode::AuthorizationPending);
    assert_eq!(refused(found, Polling::TooSoon, NOW), ErrorCode::SlowDown);
    assert_eq!(refused(found, Polling::InTime, late), ErrorCode::ExpiredToken);
    let denied = DeviceFacts { state: DeviceState::Denied, ..waiting() };
    assert_eq!(refused((Some(&denied), None), Polling::InTime, NOW), ErrorCode::DeviceDenied);
    let (device, code) = agreed();
    assert!(ask(&tv(), (Some(&device), Some(&code)), (Polling::InTime, NOW)).is_ok());
    assert_eq!(refused((Some(&device), Some(&code)), Polling::InTime, late), ErrorCode::ExpiredToken);
    assert_eq!(refused((Some(&device), None), Polling::InTime, NOW), ErrorCode::ExpiredToken);
}

/// §3.4, §5.2: the code is good for the client that it was given to, and nothing else is.
#[test]
fn nobody_elses_code_is_good() {
    let (device, code) = agreed();
    assert_eq!(refused((None, None), Polling::InTime, NOW), ErrorCode::InvalidGrant);
    let other = DeviceFacts { hash: sha256(b"another"), ..device.clone() };
    assert_eq!(refused((Some(&other), Some(&code)), Polling::InTime, NOW), ErrorCode::InvalidGrant);
    let foreign = DeviceFacts { client: ClientId::from_bytes([9; 16]), ..device.clone() };
    assert_eq!(refused((Some(&foreign), Some(&code)), Polling::InTime, NOW), ErrorCode::InvalidGrant);
    let gone = facts(|client, _| client.grant_types = GrantTypes::new([GrantType::RefreshToken]));
    let refusal = ask(&gone, (Some(&device), Some(&code)), (Polling::InTime, NOW)).unwrap_err();
    assert_eq!(refusal.error.code(), ErrorCode::UnauthorizedClient);
}

/// What ended since they agreed gives nothing; a code that comes again ends what it gave.
#[test]
fn what_was_agreed_to_ends_as_every_code_does() {
    let (device, good) = agreed();
    for code in [
        CodeFacts { standing: CodeStanding::Ended, ..good.clone() },
        CodeFacts { parents: [Parent::Present { stored: 1, current: 2 }; 3], ..good.clone() },
    ] {
        assert_eq!(refused((Some(&device), Some(&code)), Polling::InTime, NOW), ErrorCode::InvalidGrant);
    }
    let grant = crate::ids::GrantId::from_bytes([5; 16]);
    let redeemed = CodeFacts { state: CodeState::Redeemed { grant, ended_at: None }, ..good };
    let refusal = ask(&tv(), (Some(&device), Some(&redeemed)), (Polling::InTime, NOW)).unwrap_err();
    assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
    let changes = refusal.changes.expect("the grant ends");
    assert!(matches!(changes.list(), [Change::EndGrant { grant: ended, .. }] if *ended == grant));
}

/// §5.4: the person is always asked, whoever's application it is.
#[test]
fn the_person_is_always_asked() {
    let request = waiting().request("https://id.example");
    assert!(request.prompts.has(crate::authorize::Prompt::Consent));
    assert_eq!(&*request.to.redirect_uri, "https://id.example/device");
    assert!(CODE_LIFETIME < DEVICE_LIFETIME);
}
