//! Passkeys of people: what is asked, what is answered, and what comes of it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::*;
use crate::act::{Actor, Origin};
use crate::authority::Permissions;
use crate::claims::AcrDemand;
use crate::error::ErrorCode::{InvalidGrant, InvalidRequest};
use crate::given::{Counted, NOW, at, hash_key};
use crate::people::factors::Factors;
use crate::people::factors::given::{account, totp};
use crate::people::factors::policy::{DeviceMemory, MailboxFactor, Missing, SecondFactor};

const PARTY: RelyingParty<'static> = RelyingParty { id: "id.example", origin: "https://id.example" };
const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 | 1 << 2;
const BOUND: PasskeyChallenge<'static> = PasskeyChallenge { purpose: PasskeyPurpose::SignIn, bound: "here" };

/// A key as an authenticator keeps it, and the factor that it is.
struct SoftKey {
    pair: EcdsaKeyPair,
    factor: Factor,
}

impl SoftKey {
    fn new(count: u32) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        // COSE_Key: { 1: 2, 3: -7, -1: 1, -2: x, -3: y }
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat();
        let passkey =
            Passkey { key, count, ..crate::people::factors::given::passkey(9).passkey().unwrap().clone() };
        let means = FactorMeans::Passkey(Box::new(passkey));
        Self { pair, factor: Factor { means, ..totp(9) } }
    }

    fn used(&self, challenge: &str, (flags, count): (u8, u32)) -> (ClientData, AssertionResponse) {
        let json =
            format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://id.example"}}"#);
        let data = [&sha256(b"id.example").as_bytes()[..], &[flags], &count.to_be_bytes()].concat();
        let signed = [&*data, sha256(json.as_bytes()).as_bytes()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        let user = account().user;
        let handle = user_handle(user.tenant, user.id, &hash_key());
        let response = AssertionResponse {
            authenticator_data: data,
            signature,
            user_handle: Some(handle.as_bytes().to_vec()),
        };
        (ClientData::read(json.as_bytes()).unwrap(), response)
    }
}

fn challenge() -> String {
    BOUND.draw(&at(NOW, &Counted::default()), &hash_key()).to_string()
}

/// What comes of it, in a scene.
fn tried<T>(
    key: &SoftKey,
    (data, response): &(ClientData, AssertionResponse),
    challenge: ChallengeUse,
    done: impl FnOnce(&PasskeyShown<'_>, &Scene<'_>) -> T,
) -> T {
    let (random, origin, hash_key, account) = (Counted::default(), Origin::default(), hash_key(), account());
    let scene = Scene {
        tenant: account.user.tenant,
        actor: Actor::Anonymous,
        origin: &origin,
        moment: at(NOW, &random),
    };
    let shown = PasskeyShown {
        account: &account,
        factor: &key.factor,
        response,
        client_data: data,
        party: PARTY,
        challenge,
        hash_key: &hash_key,
    };
    done(&shown, &scene)
}

fn signed_in(
    key: &SoftKey,
    sent: &(ClientData, AssertionResponse),
    challenge: ChallengeUse,
) -> Result<EntryProved, PasskeyRefusal> {
    let tenant = crate::given::facts(|_, _| {}).tenant;
    let factors = Factors { list: vec![key.factor.clone()], codes: Vec::new() };
    let assurance = Assurance {
        setting: SecondFactor::IfEnrolled,
        demand: AcrDemand::Nothing,
        factors: &factors,
        permissions: Permissions::NONE,
        mailbox: MailboxFactor::None,
        device: DeviceMemory::Nothing,
    };
    tried(key, sent, challenge, |shown, scene| shown.sign_in((&tenant, &assurance), scene))
}

fn why(refused: Result<EntryProved, PasskeyRefusal>) -> (Option<&'static str>, bool) {
    let refused = refused.expect_err("a refusal");
    assert_eq!(refused.refusal.error.code(), InvalidGrant);
    (refused.refusal.records[0].why.map(|(_, why)| why), refused.letter.is_some())
}

/// Web Authentication Level 3 §13.4.3: a challenge is ours, for this purpose, in this place, for ten minutes.
#[test]
fn a_challenge_is_good_for_what_it_was_asked_for() {
    let (key, text) = (SoftKey::new(0), challenge());
    let (data, _) = key.used(&text, (PRESENT, 0));
    let other = PasskeyChallenge { bound: "there", ..BOUND };
    assert!(BOUND.is_answered(&data, NOW, &hash_key()));
    assert!(!BOUND.is_answered(&data, NOW.plus(ASKED), &hash_key()));
    assert!(!other.is_answered(&data, NOW, &hash_key()));
    for purpose in [PasskeyPurpose::Make, PasskeyPurpose::Second, PasskeyPurpose::Proof] {
        let other = PasskeyChallenge { purpose, ..BOUND };
        assert!(!other.is_answered(&data, NOW, &hash_key()), "{purpose:?}");
    }
    let (made_up, _) = key.used("AAAA", (PRESENT, 0));
    assert!(!BOUND.is_answered(&made_up, NOW, &hash_key()));
    assert!(once(&data, NOW).name.ct_eq(&once(&data, NOW.plus(Seconds(9))).name));
    assert!(!once(&data, NOW).name.ct_eq(&once(&made_up, NOW).name));
}

/// §6.1: one that verifies who uses it is two factors; one that only sees somebody is one, and the rest is asked for.
#[test]
fn a_passkey_that_verifies_is_enough() {
    let key = SoftKey::new(0);
    let proved = signed_in(&key, &key.used(&challenge(), (VERIFIED, 0)), ChallengeUse::First).unwrap();
    assert_eq!(&*proved.person.proved.methods, "hwk user mfa");
    assert!(matches!(proved.person.sufficiency, Some(Sufficiency::Enough(_))));
    let [
        Change::UseOnce(_),
        Change::Factor(FactorChange::UsePasskey { count: 0, .. }),
        Change::People(_),
        ..,
    ] = &*proved.changes
    else {
        panic!("{:?}", proved.changes)
    };
    let proved = signed_in(&key, &key.used(&challenge(), (PRESENT, 0)), ChallengeUse::First).unwrap();
    assert_eq!(&*proved.person.proved.methods, "hwk user");
    assert_eq!(proved.person.sufficiency, Some(Sufficiency::Lacks(Missing::Proof)));
}

/// §7.2, steps 6 and 22: whoever is not named by their authenticator, or by somebody else's, is not signed in; a count that
/// goes back is told; and the same answer signs nobody in twice.
#[test]
fn a_passkey_that_is_not_right_signs_nobody_in() {
    let key = SoftKey::new(5);
    let sent = key.used(&challenge(), (VERIFIED, 6));
    assert!(signed_in(&key, &sent, ChallengeUse::First).is_ok());
    assert_eq!(why(signed_in(&key, &sent, ChallengeUse::Again)), (Some("passkey"), false));
    for handle in [None, Some(vec![7; 32]), Some(Vec::new())] {
        let nobody = AssertionResponse { user_handle: handle, ..sent.1.clone() };
        let refused = signed_in(&key, &(sent.0.clone(), nobody), ChallengeUse::First);
        assert_eq!(why(refused), (Some("passkey"), false));
    }
    let other = SoftKey::new(5);
    assert_eq!(why(signed_in(&other, &sent, ChallengeUse::First)), (Some("passkey"), false));
    for count in [0, 4, 5] {
        let back = key.used(&challenge(), (VERIFIED, count));
        let refused = signed_in(&key, &back, ChallengeUse::First).expect_err("a copy");
        assert!(refused.refusal.changes.is_some(), "it is written down at once");
        assert_eq!(why(Err(refused)), (Some("passkey_copied"), true), "{count}");
    }
}

/// A form that comes twice after its passkey has counted on is known again, and tells nobody of a copy.
#[test]
fn the_same_answer_again_is_no_copy() {
    let key = SoftKey::new(6);
    let sent = key.used(&challenge(), (VERIFIED, 6));
    tried(&key, &sent, ChallengeUse::Again, |shown, scene| assert!(shown.again(scene).is_ok()));
    let other = SoftKey::new(6);
    tried(&other, &sent, ChallengeUse::Again, |shown, scene| assert!(shown.again(scene).is_err()));
}

/// Whoever changes what they prove themselves with shows that it is them, not only that somebody touched the key.
#[test]
fn a_proof_verifies() {
    let key = SoftKey::new(0);
    for (flags, good) in [(VERIFIED, true), (PRESENT, false)] {
        let sent = key.used(&challenge(), (flags, 0));
        tried(&key, &sent, ChallengeUse::First, |shown, scene| assert_eq!(shown.proof(scene).is_ok(), good));
    }
}

fn made() -> NewCredential {
    NewCredential {
        id: vec![1; 32],
        key: vec![2],
        count: 0,
        aaguid: [0; 16],
        verification: UserVerification::Done,
        is_copyable: true,
        is_copied: true,
    }
}

fn added_to(
    list: Vec<Factor>,
    change: impl FnOnce(&mut PasskeyWish<'_>),
) -> Result<(FactorAdded, Vec<Change>), Vec<&'static str>> {
    let facts = FactorFacts { account: account(), factors: Factors { list, codes: Vec::new() } };
    let (random, origin) = (Counted::default(), Origin::default());
    let scene = Scene {
        tenant: account().user.tenant,
        actor: Actor::Anonymous,
        origin: &origin,
        moment: at(NOW, &random),
    };
    let (data, _) = SoftKey::new(0).used(&challenge(), (PRESENT, 0));
    let transports: Vec<Box<str>> = vec!["internal".into(), "telepathy".into(), "hybrid".into()];
    let mut wish = PasskeyWish {
        name: "Laptop",
        made: Ok(made()),
        transports: &transports,
        owner: None,
        proof: CurrentPassword::Right,
        once: once(&data, NOW),
    };
    change(&mut wish);
    match add(wish, &facts, &scene, (b"form", &hash_key())) {
        Ok((done, changes)) => Ok((done, changes.list().to_vec())),
        Err(refusal) => {
            assert_eq!(refusal.error.code(), InvalidRequest);
            let wrong = refusal.error.wrong().expect("fields");
            let all = ["current_password", "name", "passkey"];
            Err(all.into_iter().filter(|field| wrong.reason(field).is_some()).collect())
        }
    }
}

#[test]
fn a_passkey_is_added_by_its_owner_alone() {
    let (first, changes) = added_to(Vec::new(), |_| {}).unwrap();
    assert!(first.codes.is_some(), "the first factor brings recovery codes");
    let [
        Change::Factor(FactorChange::Touch { version: 4, .. }),
        Change::Factor(FactorChange::Add(new)),
        Change::Factor(FactorChange::PutCodes { .. }),
        Change::UseOnce(_),
    ] = &*changes
    else {
        panic!("{changes:?}")
    };
    let kept: Vec<_> = new.factor.passkey().unwrap().transports.iter().map(|how| &**how).collect();
    assert_eq!(kept, ["hybrid", "internal"]);
    assert!(added_to(vec![totp(1)], |_| {}).unwrap().0.codes.is_none());
    let refused = |change: &dyn Fn(&mut PasskeyWish<'_>)| added_to(Vec::new(), change).unwrap_err();
    assert_eq!(refused(&|wish| wish.proof = CurrentPassword::Wrong), ["current_password"]);
    assert_eq!(refused(&|wish| wish.owner = Some(account().user.id)), ["passkey"]);
    assert_eq!(refused(&|wish| wish.made = Err(WebauthnFault::Attestation)), ["passkey"]);
    assert_eq!(
        refused(&|wish| {
            wish.made = Err(WebauthnFault::Signature);
            wish.name = "\u{202e}";
            wish.proof = CurrentPassword::Missing;
        }),
        ["current_password", "name", "passkey"]
    );
    let ten = || (0..10).map(crate::people::factors::given::passkey).collect::<Vec<_>>();
    assert_eq!(added_to(ten(), |_| {}).unwrap_err(), ["name"]);
    assert!(added_to((0..10).map(totp).collect(), |_| {}).is_ok(), "apps are counted apart");
}

/// §4, "user handle": another one for each person and tenant, and nothing of either in it.
#[test]
fn nobody_is_known_by_their_handle_elsewhere() {
    let of = |tenant: u8, user: u8| {
        user_handle(TenantId::from_bytes([tenant; 16]), UserId::from_bytes([user; 16]), &hash_key())
    };
    assert!(of(1, 1).ct_eq(&of(1, 1)));
    assert!(!of(1, 1).ct_eq(&of(2, 1)) && !of(1, 1).ct_eq(&of(1, 2)));
}
