//! Accounts as they are read, attempts that are never more than there are, and sign-ins whose facts hold.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authority::Permission;
use writ_core::change::{Change, Enabled, Origin};
use writ_core::claims::{Claim, ClaimsPatch, StandardClaims};
use writ_core::ids::{LinkId, RoleId};
use writ_core::people::PeopleChange;
use writ_core::people::change::SignIn;
use writ_core::people::leaving::OverdueAccount;
use writ_core::people::mailed::{MailedKind, NewMailed};
use writ_core::people::sign_in::{AttemptBuckets, BURST, Bucket, REFILL, SignInAttempt};
use writ_core::role::NewRole;
use writ_core::secret::{Digest32, HashKey};
use writ_core::subject::Subject;
use writ_core::time::{Micros, Seconds};

use super::given::{self, NOW, hash, new_user, unit};
use crate::error::CommitError;
use crate::manage::After;
use crate::store::Store;
use crate::sweep::ExpiringTable;

fn attempt(bucket: Digest32, at: Micros) -> Change {
    let latest = at.plus(Seconds(REFILL.0 * (BURST - 1)));
    let kept_until = at.plus(Seconds(REFILL.0 * (BURST + 1)));
    Change::People(PeopleChange::ReserveAttempt(SignInAttempt {
        bucket,
        at,
        cost: REFILL,
        latest,
        kept_until,
    }))
}

async fn tries(store: &Arc<Store>, bucket: Digest32, at: Micros, count: usize) -> usize {
    let tenant = given::tenant(store).await.id;
    let mut crowd = JoinSet::new();
    for _ in 0..count {
        let store = Arc::clone(store);
        crowd.spawn(async move { store.commit(unit(tenant, attempt(bucket, at))).await });
    }
    let mut got = 0;
    while let Some(outcome) = crowd.join_next().await {
        match outcome.unwrap() {
            Ok(_) => got += 1,
            Err(CommitError::Guard) => {}
            Err(other) => panic!("{other}"),
        }
    }
    got
}

pub(crate) async fn of_many_attempts_at_once_only_the_burst_is_given(store: &Arc<Store>) {
    let bucket = hash();
    assert_eq!(tries(store, bucket, NOW, 64).await, 10);
    assert_eq!(tries(store, bucket, NOW, 8).await, 0);
    assert_eq!(tries(store, hash(), NOW, 3).await, 3, "another bucket is another one");
    // One comes back each ten minutes, and those that were refused cost nothing.
    let later = |seconds| NOW.plus(Seconds(seconds));
    assert_eq!(tries(store, bucket, later(599), 8).await, 0);
    assert_eq!(tries(store, bucket, later(600), 8).await, 1);
    assert_eq!(tries(store, bucket, later(1199), 8).await, 0);
    assert_eq!(tries(store, bucket, later(1800), 8).await, 2);
    assert_eq!(tries(store, bucket, later(86_400), 64).await, 10);
}

/// Whoever is let in again has all their attempts, from wherever they come, and nobody else has.
pub(crate) async fn all_attempts_at_a_name_come_back_at_once(store: &Arc<Store>) {
    let (tenant, key) = (given::tenant(store).await.id, HashKey::new([9; 32].into()));
    let from = |ip: &str| Origin { ip: ip.parse().ok(), ..Origin::default() };
    let (here, there) = (from("192.0.2.7"), from("2001:db8::1"));
    let of = |name: &str, origin: &Origin| AttemptBuckets::of(tenant, name, origin, &key);
    let ada = [of("ada", &here).strangers, of("ada", &here).place.unwrap(), of("ada", &there).place.unwrap()];
    let bob = of("bob", &here).place.unwrap();
    for bucket in ada.into_iter().chain([bob]) {
        assert_eq!(tries(store, bucket, NOW, 12).await, 10);
    }
    let fill = PeopleChange::FillAllBuckets { between: AttemptBuckets::all(tenant, "ada", &key), at: NOW };
    store.commit(unit(tenant, Change::People(fill))).await.unwrap();
    for bucket in ada {
        assert_eq!(tries(store, bucket, NOW, 12).await, 10);
    }
    assert_eq!(tries(store, bob, NOW, 12).await, 0);
}

pub(crate) async fn attempts_are_forgotten_when_they_are_worth_nothing(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let bucket = hash();
    assert_eq!(tries(store, bucket, NOW, 1).await, 1);
    let until = store.attempts_known(bucket).await.unwrap().unwrap();
    assert_eq!(until, NOW.plus(Seconds(6600)));
    assert_eq!(store.sweep_table(ExpiringTable::Attempts, tenant, until).await, Ok(0));
    assert_eq!(store.sweep_table(ExpiringTable::Attempts, tenant, until.plus(Seconds(1))).await, Ok(1));
    assert_eq!(store.attempts_known(bucket).await.unwrap(), None);
}

pub(crate) async fn accounts_are_found_by_name_and_in_pages(store: &Arc<Store>) {
    let (tenant, other) = (given::tenant(store).await.id, given::tenant(store).await.id);
    let mut ids = Vec::new();
    for n in 0..3 {
        let mut new = new_user(tenant);
        new.username = format!("Straße-{n}").into();
        new.email_verified_at = (n == 1).then_some(NOW);
        ids.push(new.id);
        store.commit(unit(tenant, Change::CreateUser(Box::new(new)))).await.unwrap();
    }
    let found = store.candidate(tenant, "strasse-1").await.unwrap().unwrap();
    assert_eq!((found.account.user.id, found.account.generation), (ids[1], 0));
    assert_eq!(found.password_hash.as_deref(), Some("$argon2id$..."));
    let account = store.account(ids[1], tenant).await.unwrap().unwrap();
    assert_eq!(account, found.account);
    assert_eq!((&*account.user.username, account.email.as_deref()), ("Straße-1", Some("user@example.org")));
    assert_eq!((account.email_verified_at, account.last_login_at, account.version), (Some(NOW), None, 1));
    assert!(account.email_is_verified());
    assert!(store.candidate(other, "strasse-1").await.unwrap().is_none());
    assert!(store.account(ids[1], other).await.unwrap().is_none());
    let subject = Subject::of(ids[1]);
    assert_eq!(store.account_by_subject(subject, tenant).await.unwrap(), Some(found.account));
    assert_eq!(store.account_by_subject(subject, other).await.unwrap(), None);
    let row_id = Subject::from_bytes(ids[1].to_bytes());
    assert_eq!(store.account_by_subject(row_id, tenant).await.unwrap(), None);
    let (page, total) = store.accounts_page(tenant, After::START, 2).await.unwrap();
    assert_eq!((page.iter().map(|a| a.user.id).collect::<Vec<_>>(), total), (vec![ids[2], ids[1]], 3));
    let after = After { at: page[1].created_at, id: page[1].user.id.to_bytes() };
    let (page, _) = store.accounts_page(tenant, after, 2).await.unwrap();
    assert_eq!(page.iter().map(|a| a.user.id).collect::<Vec<_>>(), [ids[0]]);
}

pub(crate) async fn a_sign_in_holds_for_the_password_that_was_checked(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    let (strangers, place) = (hash(), hash());
    let sign_in = |checked: &str, kept: &str| {
        let sign_in = SignIn {
            user,
            tenant,
            at: NOW,
            checked: checked.into(),
            kept: kept.into(),
            bucket: Bucket::Strangers(strangers),
            places: [Some(place), None],
            remembered: Seconds(60),
        };
        unit(tenant, Change::People(PeopleChange::SignIn(Box::new(sign_in))))
    };
    assert_eq!(tries(store, strangers, NOW, 12).await, 10);
    assert_eq!(store.commit(sign_in("another", "new")).await, Err(CommitError::Guard));
    assert_eq!(tries(store, strangers, NOW, 1).await, 0, "who did not get in fills no bucket");
    assert_eq!(store.attempts_known(place).await.unwrap(), None);
    store.commit(sign_in("$argon2id$...", "new")).await.unwrap();
    assert_eq!(store.commit(sign_in("$argon2id$...", "newer")).await, Err(CommitError::Guard));
    let account = store.account(user, tenant).await.unwrap().unwrap();
    assert_eq!((account.last_login_at, account.version), (Some(NOW), 1));
    assert_eq!(tries(store, strangers, NOW, 12).await, 10);
    assert_eq!(store.attempts_known(place).await.unwrap(), Some(NOW.plus(Seconds(60))));
    assert_eq!(tries(store, place, NOW, 12).await, 10);
    let disable = Change::SetUserEnabled { user, tenant, enabled: Enabled::No, at: NOW };
    store.commit(unit(tenant, disable)).await.unwrap();
    assert_eq!(store.commit(sign_in("new", "new")).await, Err(CommitError::Guard));
}

/// The claims of a person are read back, change from the version decided on alone, and what their roles give is read with
/// them.
pub(crate) async fn what_applications_are_told_is_read_back_and_changes_as_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let role = NewRole {
        id: RoleId::from_bytes(given::id()),
        tenant,
        name: "editor".into(),
        permissions: [Permission::UsersRead].into_iter().collect(),
        entitlements: vec!["articles:publish".into()],
        created_at: NOW,
    };
    store.commit(unit(tenant, Change::CreateRole(Box::new(role)))).await.unwrap();
    let mut new = new_user(tenant);
    new.roles = vec!["user".into(), "editor".into()];
    store.commit(unit(tenant, Change::CreateUser(Box::new(new.clone())))).await.unwrap();

    let before = store.claims(new.id, tenant).await.unwrap().unwrap();
    assert_eq!((before.account.version, &before.claims), (1, &StandardClaims::default()));
    let mut claims = StandardClaims::default();
    let sent = [(Claim::FamilyName, "Lovelace"), (Claim::Country, "UK"), (Claim::PhoneNumber, "+44 1")];
    ClaimsPatch::new(sent.map(|(claim, value)| (claim, Some(value.into())))).apply_to(&mut claims).unwrap();
    let write = |version| {
        let (user, claims) = (new.id, claims.clone());
        unit(tenant, Change::People(PeopleChange::SetClaims { user, tenant, version, claims, at: NOW }))
    };
    assert_eq!(store.commit(write(2)).await, Err(CommitError::Guard));
    store.commit(write(1)).await.unwrap();
    assert_eq!(store.commit(write(1)).await, Err(CommitError::Guard));

    let person = store.person(new.id, tenant).await.unwrap().unwrap();
    assert_eq!((&person.more, &person.roles), (&claims, &new.roles));
    assert_eq!(person.given.entitlements, [Box::<str>::from("articles:publish")]);
    assert!(person.given.permissions.contains(Permission::UsersRead));
    assert_eq!(store.claims(new.id, tenant).await.unwrap().unwrap().account.version, 2);
    let other = given::tenant(store).await.id;
    assert!(store.claims(new.id, other).await.unwrap().is_none());
    assert!(store.person(new.id, other).await.unwrap().is_none());
}

/// Asked for twice, kept twice, kept and removed: of each pair one happens, and nobody signs in meanwhile.
pub(crate) async fn an_account_that_is_to_go_is_kept_or_goes_once(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    let at = |seconds| NOW.plus(Seconds(seconds));
    let account = async || store.account(user, tenant).await.unwrap().unwrap();
    let leave = |version| PeopleChange::Leave {
        user,
        tenant,
        version,
        at: at(1),
        leaves_at: at(100),
        language: "de".into(),
    };
    let keep = |version| PeopleChange::Keep { user, tenant, version, at: at(2) };
    let commit = async |change| store.commit(unit(tenant, Change::People(change))).await;
    let before = account().await;
    assert!(matches!(commit(keep(before.version)).await, Err(CommitError::Guard)), "nothing to keep");
    commit(leave(before.version)).await.unwrap();
    let leaving = account().await;
    assert_eq!((leaving.leaves_at, leaving.leaves_in.as_deref()), (Some(at(100)), Some("de")));
    assert_eq!((leaving.generation, leaving.version), (before.generation + 1, before.version + 1));
    for version in [before.version, leaving.version] {
        assert!(matches!(commit(leave(version)).await, Err(CommitError::Guard)), "asked for once");
    }
    let sign_in = SignIn {
        user,
        tenant,
        at: at(3),
        checked: "$argon2id$...".into(),
        kept: "$argon2id$...".into(),
        bucket: Bucket::Strangers(hash()),
        places: [None, None],
        remembered: Seconds(60),
    };
    let sign_in = || PeopleChange::SignIn(Box::new(sign_in.clone()));
    assert!(matches!(commit(sign_in()).await, Err(CommitError::Guard)), "nobody is in it");
    // Not before its time, and in every tenant.
    let overdue = OverdueAccount { user, tenant, leaves_at: at(100) };
    assert_eq!(store.leaving(at(99), None, 10).await.unwrap(), []);
    assert_eq!(store.leaving(at(100), None, 10).await.unwrap(), [overdue]);
    assert_eq!(store.leaving(at(100), Some(overdue), 10).await.unwrap(), [], "nobody comes after");
    commit(keep(leaving.version)).await.unwrap();
    assert!(matches!(commit(keep(leaving.version)).await, Err(CommitError::Guard)), "kept once");
    let remove = Change::DeleteUser { user, tenant, only: Some(leaving.version) };
    assert!(matches!(store.commit(unit(tenant, remove)).await, Err(CommitError::Guard)), "it was kept");
    assert_eq!(store.leaving(at(1000), None, 10).await.unwrap(), []);
    commit(sign_in()).await.unwrap();
}

/// What goes with a letter is read back whoever it is for, in its tenant alone; and it is used once.
pub(crate) async fn a_mailed_code_is_kept_for_nobody_too_and_used_once(store: &Arc<Store>) {
    let (tenant, other) = (given::tenant(store).await.id, given::tenant(store).await.id);
    let user = given::user(store, tenant).await;
    for (byte, user, kind) in [(41, Some(user), MailedKind::Second), (42, None, MailedKind::SignIn)] {
        let id = LinkId::v7(NOW, [byte; 8]);
        let (hash, counted) = (hash(), hash());
        let kept = NewMailed {
            id,
            tenant,
            user,
            kind,
            hash,
            email: user.map(|_| "ada@example.org".into()),
            generation: 3,
            guesses: counted,
            expires_at: NOW.plus(Seconds(600)),
        };
        let create = Change::People(PeopleChange::CreateMailed(Box::new(kept)));
        store.commit(unit(tenant, create)).await.unwrap();
        let found = store.mailed(id, tenant).await.unwrap().expect("there it is");
        assert_eq!((found.kept.user, found.kept.kind, found.kept.generation), (user, kind, 3));
        assert!(found.kept.hash.ct_eq(&hash) && found.kept.guesses.ct_eq(&counted));
        assert_eq!((found.kept.expires_at, found.used_at), (NOW.plus(Seconds(600)), None));
        assert!(store.mailed(id, other).await.unwrap().is_none());
        assert!(store.link(id, tenant).await.unwrap().is_none(), "it is no link of the other kinds");
        let mut redeemed = 0;
        for _ in 0..2 {
            let redeem = Change::People(PeopleChange::RedeemLink { link: id, tenant, at: NOW });
            redeemed += i32::from(store.commit(unit(tenant, redeem)).await.is_ok());
        }
        assert_eq!(redeemed, 1);
        assert_eq!(store.mailed(id, tenant).await.unwrap().and_then(|found| found.used_at), Some(NOW));
    }
}
