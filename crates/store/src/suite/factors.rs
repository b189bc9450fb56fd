//! Second factors: each code is used once, whatever the number of those who try, and they go with their owner.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::Change;
use writ_core::ids::{FactorId, RememberedId, TenantId, UserId};
use writ_core::people::factors::passkey::credential_hash;
use writ_core::people::factors::remembered::RememberedDevice;
use writ_core::people::factors::{Factor, FactorChange, FactorMeans, NewFactor, Passkey};
use writ_core::secret::Digest32;
use writ_core::time::Seconds;

use super::given::{self, NOW, hash, unit};
use crate::error::CommitError;
use crate::store::Store;

fn factor(byte: u8) -> Factor {
    Factor {
        id: FactorId::from_bytes([byte; 16]),
        name: "Phone".into(),
        means: FactorMeans::Totp { sealed: vec![byte, 0, 255], last_step: 7 },
        created_at: NOW,
        used_at: None,
    }
}

async fn somebody(store: &Store) -> (TenantId, UserId) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    (tenant, user)
}

async fn commit(store: &Store, tenant: TenantId, changes: Vec<FactorChange>) -> Result<(), CommitError> {
    let mut changes = changes.into_iter().map(Change::from);
    let first = unit(tenant, changes.next().unwrap());
    store.commit(changes.fold(first, writ_core::change::Changes::with)).await.map(drop)
}

async fn add(store: &Store, (tenant, user): (TenantId, UserId), byte: u8) {
    let new = NewFactor { factor: factor(byte), user, tenant };
    commit(store, tenant, vec![FactorChange::Add(Box::new(new))]).await.unwrap();
}

/// How many of so many at once get through.
async fn crowd(store: &Arc<Store>, tenant: TenantId, change: &FactorChange) -> usize {
    let mut crowd = JoinSet::new();
    for _ in 0..32 {
        let (store, change) = (Arc::clone(store), change.clone());
        crowd.spawn(async move { commit(&store, tenant, vec![change]).await });
    }
    let mut got = 0;
    while let Some(outcome) = crowd.join_next().await {
        match outcome.unwrap() {
            Ok(()) => got += 1,
            Err(CommitError::Guard) => {}
            Err(other) => panic!("{other}"),
        }
    }
    got
}

/// RFC 6238 §5.2: the verifier takes no code twice, nor one of a step before it.
pub(crate) async fn a_code_of_a_step_is_used_once(store: &Arc<Store>) {
    let of = somebody(store).await;
    add(store, of, 1).await;
    let (tenant, user) = of;
    let at = NOW.plus(Seconds(30));
    let of_step = |step| FactorChange::Use { factor: factor(1).id, tenant, step, at };
    assert_eq!(crowd(store, tenant, &of_step(9)).await, 1);
    assert_eq!(crowd(store, tenant, &of_step(9)).await, 0);
    assert_eq!(crowd(store, tenant, &of_step(8)).await, 0, "none of a step before");
    let read = store.factors(user, tenant).await.unwrap();
    let [found] = &*read.list else { panic!("{read:?}") };
    let FactorMeans::Totp { sealed, last_step } = &found.means else { panic!("{found:?}") };
    assert_eq!(
        (*last_step, found.used_at, &*found.name, &**sealed),
        (9, Some(at), "Phone", &[1, 0, 255][..])
    );
    assert_eq!(crowd(store, tenant, &of_step(10)).await, 1);
    let elsewhere = given::tenant(store).await.id;
    let foreign = FactorChange::Use { factor: factor(1).id, tenant: elsewhere, step: 11, at };
    assert_eq!(crowd(store, elsewhere, &foreign).await, 0);
    assert!(store.factors(user, elsewhere).await.unwrap().list.is_empty());
}

pub(crate) async fn a_recovery_code_is_used_once_and_new_ones_replace_all(store: &Arc<Store>) {
    let (tenant, user) = somebody(store).await;
    let hashes: Vec<Digest32> = (0..3).map(|_| hash()).collect();
    commit(store, tenant, vec![FactorChange::PutCodes { user, tenant, hashes: hashes.clone() }])
        .await
        .unwrap();
    let using = FactorChange::UseCode { user, tenant, hash: hashes[0], at: NOW };
    assert_eq!(crowd(store, tenant, &using).await, 1);
    assert_eq!(crowd(store, tenant, &using).await, 0);
    assert_eq!(store.factors(user, tenant).await.unwrap().codes_left(), 2);
    let other = vec![hash()];
    commit(store, tenant, vec![FactorChange::PutCodes { user, tenant, hashes: other.clone() }])
        .await
        .unwrap();
    let read = store.factors(user, tenant).await.unwrap();
    assert!(read.codes.len() == 1 && read.codes[0].hash.ct_eq(&other[0]) && read.codes_left() == 1);
    let old = FactorChange::UseCode { user, tenant, hash: hashes[1], at: NOW };
    assert_eq!(crowd(store, tenant, &old).await, 0);
}

/// A change of somebody's factors rests on the account as it was found, and nothing of them outlives it or its tenant.
pub(crate) async fn factors_change_as_decided_on_and_go_with_their_owner(store: &Arc<Store>) {
    let of = somebody(store).await;
    let (tenant, user) = of;
    add(store, of, 1).await;
    add(store, of, 2).await;
    let version = store.account(user, tenant).await.unwrap().unwrap().version;
    let touch = |version| FactorChange::Touch { user, tenant, version };
    let remove = FactorChange::Remove { factor: factor(1).id, user, tenant };
    let stale = commit(store, tenant, vec![touch(version - 1), remove.clone()]).await;
    assert!(matches!(stale, Err(CommitError::Guard)), "{stale:?}");
    assert_eq!(store.factors(user, tenant).await.unwrap().list.len(), 2);
    commit(store, tenant, vec![touch(version), remove.clone()]).await.unwrap();
    assert_eq!(store.account(user, tenant).await.unwrap().unwrap().version, version + 1);
    let gone = commit(store, tenant, vec![remove]).await;
    assert!(matches!(gone, Err(CommitError::Guard)), "{gone:?}");
    let codes = FactorChange::PutCodes { user, tenant, hashes: vec![hash()] };
    commit(store, tenant, vec![codes]).await.unwrap();
    store.commit(unit(tenant, Change::DeleteUser { user, tenant, only: None })).await.unwrap();
    let read = store.factors(user, tenant).await.unwrap();
    assert!(read.list.is_empty() && read.codes.is_empty());
    let other = given::user(store, tenant).await;
    add(store, (tenant, other), 3).await;
    store.commit(unit(tenant, Change::DeleteTenant { tenant, only: None })).await.unwrap();
    assert!(store.factors(other, tenant).await.unwrap().list.is_empty());
}

fn passkey(byte: u8, count: u32) -> Factor {
    let passkey = Passkey {
        credential: vec![byte; 64],
        key: vec![1, byte],
        count,
        aaguid: [byte; 16],
        transports: vec!["internal".into(), "hybrid".into()],
        is_copyable: true,
        is_copied: false,
    };
    Factor { means: FactorMeans::Passkey(Box::new(passkey)), ..factor(byte) }
}

/// Web Authentication Level 3 §6.1.1 and §7.2, step 22: of many who use a passkey at once with the same count one gets through; one
/// that counts nothing always does; and it is found by its credential in its own tenant alone.
pub(crate) async fn a_passkey_counts_upwards_or_not_at_all(store: &Arc<Store>) {
    let (tenant, user) = somebody(store).await;
    for (byte, count) in [(1, 5), (2, 0)] {
        let new = NewFactor { factor: passkey(byte, count), user, tenant };
        commit(store, tenant, vec![FactorChange::Add(Box::new(new))]).await.unwrap();
    }
    let at = NOW.plus(Seconds(30));
    let of = |byte: u8, count| FactorChange::UsePasskey {
        factor: factor(byte).id,
        tenant,
        count,
        is_copied: true,
        at,
    };
    assert_eq!(crowd(store, tenant, &of(1, 6)).await, 1);
    for back in [0, 5, 6] {
        assert_eq!(crowd(store, tenant, &of(1, back)).await, 0, "{back}");
    }
    assert_eq!(crowd(store, tenant, &of(2, 0)).await, 32, "it counts nothing");
    let credential = credential_hash(&[1; 64]);
    let (owner, found) = store.passkey(credential, tenant).await.unwrap().expect("there it is");
    assert_eq!((owner, found.used_at, &*found.name), (user, Some(at), "Phone"));
    let expected = passkey(1, 6).passkey().map(|passkey| Passkey { is_copied: true, ..passkey.clone() });
    assert_eq!(found.passkey().cloned(), expected);
    assert_eq!(store.factors(user, tenant).await.unwrap().list.len(), 2);
    let elsewhere = given::tenant(store).await.id;
    assert!(store.passkey(credential, elsewhere).await.unwrap().is_none());
    let other = given::user(store, tenant).await;
    let again = NewFactor { factor: Factor { id: factor(9).id, ..passkey(1, 0) }, user: other, tenant };
    let taken = commit(store, tenant, vec![FactorChange::Add(Box::new(again))]).await;
    assert!(matches!(taken, Err(CommitError::Conflict(_))), "{taken:?}");
    let foreign = given::user(store, elsewhere).await;
    let there =
        NewFactor { factor: Factor { id: factor(8).id, ..passkey(1, 0) }, user: foreign, tenant: elsewhere };
    commit(store, elsewhere, vec![FactorChange::Add(Box::new(there))]).await.unwrap();
}

/// Every change of somebody's factors forgets their devices, and nobody else's; so does their end.
pub(crate) async fn a_device_is_remembered_until_factors_change_or_it_is_forgotten(store: &Arc<Store>) {
    let ((tenant, user), (elsewhere, other)) = (somebody(store).await, somebody(store).await);
    let device = |byte: u8, (tenant, user)| RememberedDevice {
        id: RememberedId::v7(NOW, [byte; 8]),
        user,
        tenant,
        hash: hash(),
        generation: 2,
        created_at: NOW,
        expires_at: NOW.plus(Seconds(60)),
        ip: Some("192.0.2.7".into()),
        user_agent: Some("Agent".into()),
    };
    let keep = async |device: &RememberedDevice| {
        let change = FactorChange::Remember(Box::new(device.clone()));
        commit(store, device.tenant, vec![change]).await.unwrap();
    };
    let (first, second) = (device(51, (tenant, user)), device(52, (tenant, user)));
    let foreign = device(53, (elsewhere, other));
    for device in [&first, &second, &foreign] {
        keep(device).await;
    }
    let read = store.remembered_device(first.id, tenant).await.unwrap().expect("there it is");
    assert!(read.hash.ct_eq(&first.hash) && read.user == user && read.generation == 2);
    assert_eq!((read.created_at, read.expires_at), (first.created_at, first.expires_at));
    assert_eq!((read.ip.as_deref(), read.user_agent.as_deref()), (Some("192.0.2.7"), Some("Agent")));
    assert!(store.remembered_device(first.id, elsewhere).await.unwrap().is_none());
    let count = async || store.remembered_devices(user, tenant, 10).await.unwrap().len();
    assert_eq!(count().await, 2);
    // Nobody forgets what is another's.
    let not_theirs = FactorChange::Forget { device: first.id, user: other, tenant: elsewhere };
    commit(store, elsewhere, vec![not_theirs]).await.unwrap();
    assert_eq!(count().await, 2);
    commit(store, tenant, vec![FactorChange::Forget { device: first.id, user, tenant }]).await.unwrap();
    assert_eq!(count().await, 1);
    let version = store.account(user, tenant).await.unwrap().unwrap().version;
    commit(store, tenant, vec![FactorChange::Touch { user, tenant, version }]).await.unwrap();
    assert_eq!(count().await, 0);
    keep(&first).await;
    commit(store, tenant, vec![FactorChange::ForgetAll { user, tenant }]).await.unwrap();
    assert_eq!(count().await, 0);
    let over = first.expires_at.plus(Seconds(1));
    keep(&first).await;
    let table = crate::sweep::ExpiringTable::KnownDevices;
    while store.sweep_table(table, tenant, over).await.unwrap() > 0 {}
    assert_eq!(count().await, 0);
    let last = device(54, (elsewhere, other));
    keep(&last).await;
    store
        .commit(unit(elsewhere, Change::DeleteUser { user: other, tenant: elsewhere, only: None }))
        .await
        .unwrap();
    assert!(store.remembered_device(last.id, elsewhere).await.unwrap().is_none());
}
