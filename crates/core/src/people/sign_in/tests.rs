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
    let try_ = Try { tenant, candidate, bucket, origin: &origin };
    match decide(&try_, proof, None, &at(NOW, &random)) {
        Ok((user, changes)) => {
            let [Change::People(PeopleChange::SignIn(sign_in))] = changes.list() else {
                panic!("{changes:?}")
            };
            Ok((user, (**sign_in).clone()))
        }
        Err(refusal) => {
            assert!(refusal.changes.is_none() && refusal.notes.is_empty());
            Err((refusal.error.code(), refusal.error.public().to_owned()))
        }
    }
}

#[test]
fn the_right_password_lets_in_and_an_outdated_hash_is_replaced() {
    let tenant = facts(|_, _| ()).tenant;
    let (user, sign_in) = outcome(&tenant, Some(&candidate()), &PasswordProof::Right).unwrap();
    assert_eq!((user.generation, user.version, user.at, &*user.username), (2, 4, NOW, "ada"));
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

#[test]
fn buckets_are_of_one_name_in_one_tenant_and_places_of_one_network() {
    let key = HashKey::new(Zeroizing::new([7; 32]));
    let of = |tenant: u8, name: &str, ip: &str| {
        let buckets = Buckets::of(TenantId::from_bytes([tenant; 16]), name, ip.parse().ok(), &key);
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
    let buckets = Buckets::of(TenantId::from_bytes([1; 16]), "ada", None, &key);
    assert!(matches!(buckets.choose(KnownPlace::Yes), Bucket::Strangers(_)));
}

#[test]
fn an_attempt_for_nobody_is_written_like_one_for_somebody() {
    let tenant = facts(|_, _| ()).tenant;
    let (random, origin, known) = (Counted::default(), Origin::default(), candidate());
    let bucket = Bucket::Strangers(crate::secret::sha256(b"x"));
    for candidate in [None, Some(&known)] {
        let try_ = Try { tenant: &tenant, candidate, bucket, origin: &origin };
        let changes = reserve(&try_, &at(NOW, &random));
        let [Change::People(PeopleChange::ReserveAttempt(attempt))] = changes.list() else {
            panic!("{changes:?}")
        };
        assert_eq!((attempt.at, attempt.latest), (NOW, NOW.plus(Seconds(5400))));
        assert_eq!(changes.act().actor, Actor::Anonymous);
    }
}
