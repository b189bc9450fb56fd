//! Who gets in, and that everybody who does not hears the same.

use zeroize::Zeroizing;

use super::*;
use crate::given::{Counted, NOW, at, facts};
use crate::people::Account;
use crate::settings::Switch;
use crate::user::User;

fn candidate() -> Candidate {
    let user = User {
        id: UserId::from_bytes([7; 16]),
        tenant: TenantId::from_bytes([1; 16]),
        username: "ada".into(),
        roles: vec![],
        enabled: Enabled::Yes,
    };
    let account = Account {
        leaves_at: None,
        leaves_in: None,
        user,
        email: Some("ada@example.com".into()),
        email_verified_at: None,
        new_email: None,
        name: None,
        created_at: NOW,
        updated_at: NOW,
        last_login_at: None,
        version: 4,
        generation: 2,
    };
    Candidate { account, password_hash: Some("stored".into()) }
}

fn outcome(
    tenant: &Tenant,
    candidate: Option<&Candidate>,
    proof: &PasswordProof,
) -> Result<(SignedInUser, SignIn), (ErrorCode, String)> {
    let random = Counted::default();
    let origin = Origin::default();
    let bucket = Bucket::Strangers(crate::secret::sha256(b"x"));
    let try_ = Try { tenant, username: "ada", candidate, bucket, origin: &origin, assurance: None };
    let buckets = AttemptBuckets { strangers: bucket.key(), place: None, browser: None };
    match decide(&try_, proof, &buckets, &at(NOW, &random)) {
        Ok((user, changes)) => {
            let [Change::People(PeopleChange::SignIn(sign_in))] = changes.list() else {
                panic!("{changes:?}")
            };
            Ok((user, (**sign_in).clone()))
        }
        Err(refusal) => {
            assert!(refusal.changes.is_none() && refusal.notes.is_empty());
            assert_eq!(refusal.records.len(), 1);
            Err((refusal.error.code(), refusal.error.public()))
        }
    }
}

#[test]
fn the_right_password_lets_in_and_an_outdated_hash_is_replaced() {
    let tenant = facts(|_, _| ()).tenant;
    let (user, sign_in) = outcome(&tenant, Some(&candidate()), &PasswordProof::Right).unwrap();
    assert_eq!((user.generation, user.version, user.proved.at, &*user.username), (2, 4, NOW, "ada"));
    assert_eq!((&*sign_in.checked, &*sign_in.kept), ("stored", "stored"));
    let proof = PasswordProof::Outdated("new".into());
    let (_, sign_in) = outcome(&tenant, Some(&candidate()), &proof).unwrap();
    assert_eq!((&*sign_in.checked, &*sign_in.kept), ("stored", "new"));
}

/// Whatever the reason, and whether or not the password was right. Whoever knows it hears one thing more: that their
/// address has to be verified first.
#[test]
fn every_refusal_is_the_same() {
    let plain = facts(|_, _| ()).tenant;
    let strict = facts(|_, tenant| tenant.settings.require_verified_email = Switch::On).tenant;
    let closed = facts(|_, tenant| tenant.enabled = Enabled::No).tenant;
    let mut disabled = candidate();
    disabled.account.user.enabled = Enabled::No;
    let mut without = candidate();
    without.password_hash = None;
    let known = candidate();
    let cases = [
        outcome(&plain, None, &PasswordProof::Nothing),
        outcome(&plain, None, &PasswordProof::Right),
        outcome(&plain, Some(&known), &PasswordProof::Nothing),
        outcome(&plain, Some(&disabled), &PasswordProof::Right),
        outcome(&plain, Some(&without), &PasswordProof::Right),
        outcome(&strict, Some(&known), &PasswordProof::Nothing),
        outcome(&strict, Some(&disabled), &PasswordProof::Right),
        outcome(&closed, Some(&known), &PasswordProof::Right),
    ];
    for case in &cases {
        let refused = case.as_ref().map(drop).unwrap_err();
        assert_eq!(refused, cases[0].as_ref().map(drop).unwrap_err());
        assert_eq!(refused.0, ErrorCode::InvalidGrant);
    }
    let (code, told) = outcome(&strict, Some(&known), &PasswordProof::Right).map(drop).unwrap_err();
    assert_eq!(code, ErrorCode::InvalidGrant);
    assert!(told.contains("not verified yet") && is_unverified(&unverified()) && !is_unverified(&refused()));
    let mut verified = candidate();
    verified.account.email_verified_at = Some(NOW);
    assert!(outcome(&strict, Some(&verified), &PasswordProof::Right).is_ok());
    verified.account.email = None;
    assert!(outcome(&strict, Some(&verified), &PasswordProof::Right).is_err());
}

fn from(ip: &str, browser: Option<u8>) -> Origin {
    let browser = browser.map(|n| crate::ids::BrowserId::from_bytes([n; 16]));
    Origin { ip: ip.parse().ok(), browser, ..Origin::default() }
}

#[test]
fn buckets_are_of_one_name_in_one_tenant_and_places_of_one_network() {
    let key = HashKey::new(Zeroizing::new([7; 32]));
    let of = |tenant: u8, name: &str, ip: &str| {
        let buckets = AttemptBuckets::of(TenantId::from_bytes([tenant; 16]), name, &from(ip, None), &key);
        (*buckets.strangers.as_bytes(), buckets.place.map(|place| *place.as_bytes()))
    };
    let here = of(1, "ada", "192.0.2.7");
    assert_eq!(here, of(1, "ada", "192.0.2.200"));
    assert_eq!(here, of(1, "ada", "::ffff:192.0.2.9"));
    assert_eq!(of(1, "ada", "2001:db8:1:200::1"), of(1, "ada", "2001:db8:1:2ff:1::"));
    assert_ne!(of(1, "ada", "2001:db8:1:200::1").1, of(1, "ada", "2001:db8:1:300::1").1);
    for other in [of(1, "ada", "192.0.3.7"), of(1, "eve", "192.0.2.7"), of(2, "ada", "192.0.2.7")] {
        assert_ne!(here.1, other.1);
    }
    assert_eq!(here.0, of(1, "ada", "198.51.100.1").0);
    assert_eq!(of(1, "ada", "nowhere").1, None);
}

#[test]
fn a_browser_that_is_known_has_a_bucket_that_its_network_cannot_empty() {
    let key = HashKey::new(Zeroizing::new([7; 32]));
    let of = |name: &str, browser| {
        AttemptBuckets::of(TenantId::from_bytes([1; 16]), name, &from("192.0.2.7", browser), &key)
    };
    let (ada, other) = (of("ada", Some(1)), of("ada", Some(2)));
    let chosen = |buckets: AttemptBuckets, known| *buckets.choose(known).key().as_bytes();
    assert_eq!(chosen(ada, KnownSource::Place), chosen(other, KnownSource::Place));
    assert_ne!(chosen(ada, KnownSource::Browser), chosen(other, KnownSource::Browser));
    assert_ne!(chosen(ada, KnownSource::Browser), chosen(of("eve", Some(1)), KnownSource::Browser));
    assert_eq!(chosen(ada, KnownSource::Nothing), *ada.strangers.as_bytes());
    // What is not there is not chosen, whatever is known.
    assert!(matches!(of("ada", None).choose(KnownSource::Browser), Bucket::Place(_)));
    let nowhere = AttemptBuckets { place: None, browser: None, ..ada };
    assert!(matches!(nowhere.choose(KnownSource::Browser), Bucket::Strangers(_)));
}

/// Whoever is refused hears one thing; the audit log says which it was, and who it was about.
#[test]
fn a_failure_is_recorded_with_its_reason_and_the_name() {
    let tenant = facts(|_, _| ()).tenant;
    let mut strict = (*tenant).clone();
    strict.settings.require_verified_email = Switch::On;
    let known = candidate();
    let mut disabled = candidate();
    disabled.account.user.enabled = Enabled::No;
    let (random, origin) = (Counted::default(), Origin::default());
    let bucket = Bucket::Strangers(crate::secret::sha256(b"x"));
    let buckets = AttemptBuckets { strangers: bucket.key(), place: None, browser: None };
    let record = |tenant: &Tenant, username: &str, candidate: Option<&Candidate>, proof: PasswordProof| {
        let try_ = Try { tenant, username, candidate, bucket, origin: &origin, assurance: None };
        let refusal = decide(&try_, &proof, &buckets, &at(NOW, &random)).unwrap_err();
        let [record] = &*refusal.records else { panic!("{refusal:?}") };
        assert_eq!((record.act.action, record.outcome), (Action::SignInFailed, Outcome::Failure));
        (record.why.unwrap().1, record.name.clone().map(|(_, name)| name.to_string()), record.worth)
    };
    let ada = Some("ada".to_owned());
    let none = || PasswordProof::Nothing;
    assert_eq!(record(&tenant, "ADA", Some(&known), none()), ("wrong", ada.clone(), Worth::Each));
    let unseen = record(&tenant, "ada", Some(&known), PasswordProof::Unseen);
    assert_eq!(unseen, ("throttled", ada.clone(), Worth::Few));
    let locked_out = record(&tenant, "ada", Some(&disabled), PasswordProof::Right);
    assert_eq!(locked_out, ("disabled", ada.clone(), Worth::Each));
    let unverified = record(&strict, "ada", Some(&known), PasswordProof::Right);
    assert_eq!(unverified, ("unverified", ada, Worth::Each));
    let eve = Some("eve@example.com".to_owned());
    assert_eq!(record(&tenant, "eve@example.com", None, none()), ("unknown", eve, Worth::Few));
    // Not an address: it may be a password.
    assert_eq!(record(&tenant, "correct horse", None, none()), ("unknown", None, Worth::Few));
}

#[test]
fn an_attempt_for_nobody_is_written_like_one_for_somebody() {
    let tenant = facts(|_, _| ()).tenant;
    let (random, origin, known) = (Counted::default(), Origin::default(), candidate());
    let bucket = Bucket::Strangers(crate::secret::sha256(b"x"));
    for candidate in [None, Some(&known)] {
        let try_ =
            Try { tenant: &tenant, username: "ada", candidate, bucket, origin: &origin, assurance: None };
        let changes = reserve(&try_, &at(NOW, &random));
        let [Change::People(PeopleChange::ReserveAttempt(attempt))] = changes.list() else {
            panic!("{changes:?}")
        };
        assert_eq!((attempt.at, attempt.latest), (NOW, NOW.plus(Seconds(5400))));
        assert_eq!(changes.act().actor, Actor::Anonymous);
    }
}
