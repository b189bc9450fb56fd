//! Signing keys: what is decided on one version of a tenant happens on that version, or not at all.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Resealed, Rewrap};
use writ_core::client::{ClientSecret, SecretHash};
use writ_core::encryption_key::{NewEncryptionKey, OldKey, Replacement};
use writ_core::ids::{KeyId, SecretId, TenantId};
use writ_core::key::{KeySchedule, KeyTimes, NewSigningKey};
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_jose::jwe::KeyManagement;

use super::{NOW, id, new_client, new_signing_key, tenant, unit};
use crate::error::CommitError;
use crate::store::Store;

/// A key that signs.
fn signing(of: TenantId) -> NewSigningKey {
    NewSigningKey { active_from: NOW, ..new_signing_key(of, Algorithm::Es256) }
}

/// A key that clients encrypt to.
fn encryption(of: TenantId, sealed: u8) -> NewEncryptionKey {
    let id = KeyId::from_bytes(id());
    NewEncryptionKey {
        id,
        tenant: of,
        management: KeyManagement::EcdhEs,
        kid: format!("kid {id}").into(),
        public_jwk: r#"{"kty":"EC"}"#.into(),
        sealed: vec![sealed, 0, 255],
        created_at: NOW,
    }
}

/// Of one way there is one key that is published; it is replaced once, by whoever was first, and erased when its time is over.
pub(super) async fn an_encryption_key_is_made_once_replaced_once_and_erased(store: &Arc<Store>) {
    let of = tenant(store).await;
    let (one, two) = (encryption(of.id, 1), encryption(of.id, 2));
    let create = |new: &NewEncryptionKey| unit(of.id, Change::CreateEncryptionKey(Box::new(new.clone())));
    store.commit(create(&one)).await.unwrap();
    assert_eq!(store.commit(create(&two)).await, Err(CommitError::Guard));
    let read = store.encryption_keys(of.id).await.unwrap();
    let [kept] = &read[..] else { panic!("{read:?}") };
    assert_eq!((kept.id, kept.management, &kept.kid), (one.id, one.management, &one.kid));
    assert_eq!((&kept.public_jwk, &kept.sealed), (&one.public_jwk, &one.sealed));
    assert_eq!((kept.created_at, kept.replaced_at), (NOW, None));
    assert!(
        store.tenant_by_id(of.id).await.unwrap().unwrap().version > of.version,
        "cached copies are stale"
    );

    let later = NOW.plus(Seconds(60));
    let replace = |old: &NewEncryptionKey, before, new: &NewEncryptionKey| {
        let new = NewEncryptionKey { created_at: later, ..new.clone() };
        unit(of.id, Change::ReplaceEncryptionKey(Box::new(Replacement { old: old.id, before, new })))
    };
    store.commit(replace(&one, OldKey::Opens, &two)).await.unwrap();
    let three = encryption(of.id, 3);
    assert_eq!(store.commit(replace(&one, OldKey::Opens, &three)).await, Err(CommitError::Guard));
    assert_eq!(store.commit(replace(&one, OldKey::Erased, &three)).await, Err(CommitError::Guard));
    let times = async || {
        let read = store.encryption_keys(of.id).await.unwrap();
        read.iter().map(|key| (key.id, key.replaced_at)).collect::<Vec<_>>()
    };
    assert_eq!(times().await, [(one.id, Some(later)), (two.id, None)]);
    let due = async |since, over| {
        let after = TenantId::from_bytes([0; 16]);
        store.encryption_keys_due((after, 1000), since, over).await.unwrap().contains(&of.id)
    };
    let before = NOW.minus(Seconds(1));
    assert!(due(later, before).await && due(before, later).await && !due(before, before).await);

    store.commit(replace(&two, OldKey::Erased, &three)).await.unwrap();
    assert_eq!(times().await, [(one.id, Some(later)), (three.id, None)]);
    let erase = unit(of.id, Change::EraseEncryptionKeys { tenant: of.id, until: later });
    store.commit(erase).await.unwrap();
    assert_eq!(times().await, [(three.id, None)]);
}

/// A key that follows `before` in a minute.
fn follow(of: TenantId, version: i64, before: &NewSigningKey) -> KeySchedule {
    let at = NOW.plus(Seconds(60));
    let new = NewSigningKey { active_from: at, ..new_signing_key(of, before.algorithm) };
    let ends = KeyTimes { id: before.id, active_from: NOW, retired_at: Some(at), compromised_at: None };
    KeySchedule { tenant: of, version, new: Some(new), times: vec![ends] }
}

async fn commit(store: &Store, schedule: KeySchedule) -> Result<Vec<u64>, CommitError> {
    let change = Change::ScheduleSigningKeys(Box::new(schedule.clone()));
    store.commit(unit(schedule.tenant, change)).await.map(|receipt| receipt.affected)
}

pub(super) async fn a_schedule_is_written_whole_and_read_back(store: &Arc<Store>) {
    let of = tenant(store).await.id;
    let first = signing(of);
    store.commit(unit(of, Change::CreateSigningKey(Box::new(first.clone())))).await.unwrap();
    let facts = store.tenant_keys(of).await.unwrap().unwrap();
    let schedule = follow(of, facts.version, &first);
    assert_eq!(commit(store, schedule.clone()).await.unwrap(), [1]);

    let read = store.tenant_keys(of).await.unwrap().unwrap();
    assert_eq!(read.version, facts.version + 1, "cached copies of the tenant are stale");
    let new = schedule.new.as_ref().unwrap();
    assert_eq!(read.keys.iter().map(|key| key.id).collect::<Vec<_>>(), [first.id, new.id]);
    assert_eq!(read.keys[0].times(), schedule.times[0]);
    assert_eq!((read.keys[1].created_at, read.keys[1].active_from), (new.created_at, new.active_from));
    assert_eq!((read.keys[1].retired_at, read.keys[1].compromised_at), (None, None));
    assert_eq!(read.keys[1].longest_lifetime, new.longest_lifetime);

    let withdrawn = KeyTimes { retired_at: Some(NOW), compromised_at: Some(NOW), ..read.keys[0].times() };
    let times = vec![withdrawn, KeyTimes { active_from: NOW, ..read.keys[1].times() }];
    commit(store, KeySchedule { tenant: of, version: read.version, new: None, times: times.clone() })
        .await
        .unwrap();
    let read = store.tenant_keys(of).await.unwrap().unwrap();
    assert_eq!(read.keys.iter().map(writ_core::key::StoredKey::times).collect::<Vec<_>>(), times);
}

pub(super) async fn of_schedules_decided_on_the_same_keys_one_is_written(store: &Arc<Store>) {
    let of = tenant(store).await.id;
    let first = signing(of);
    store.commit(unit(of, Change::CreateSigningKey(Box::new(first.clone())))).await.unwrap();
    let version = store.tenant_keys(of).await.unwrap().unwrap().version;
    let mut racers = JoinSet::new();
    for _ in 0..16 {
        let (store, schedule) = (Arc::clone(store), follow(of, version, &first));
        racers.spawn(async move { commit(&store, schedule).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| *answer == Err(CommitError::Guard)), "{lost:?}");
    let read = store.tenant_keys(of).await.unwrap().unwrap();
    assert_eq!((read.keys.len(), read.version), (2, version + 1), "a key of a loser is not there");
}

pub(super) async fn keys_of_another_tenant_are_out_of_reach(store: &Arc<Store>) {
    let (of, other) = (tenant(store).await, tenant(store).await);
    let first = signing(of.id);
    store.commit(unit(of.id, Change::CreateSigningKey(Box::new(first.clone())))).await.unwrap();
    let foreign = KeySchedule { new: None, ..follow(other.id, other.version, &first) };
    assert_eq!(commit(store, foreign).await, Err(CommitError::Guard));
    let raise = Change::RaiseKeyLifetime { key: first.id, tenant: other.id, longest: Seconds(1_000_000) };
    assert_eq!(store.commit(unit(other.id, raise)).await, Err(CommitError::Guard));
    let read = store.tenant_keys(of.id).await.unwrap().unwrap();
    assert_eq!((read.keys[0].retired_at, read.keys[0].longest_lifetime), (None, Seconds(3600)));
    assert_eq!(store.tenant_by_id(other.id).await.unwrap().unwrap().version, other.version);
    assert!(store.tenant_keys(TenantId::from_bytes([0xee; 16])).await.unwrap().is_none());
}

pub(super) async fn the_lifetime_of_a_keys_tokens_only_grows(store: &Arc<Store>) {
    let of = tenant(store).await.id;
    let first = signing(of);
    store.commit(unit(of, Change::CreateSigningKey(Box::new(first.clone())))).await.unwrap();
    let raise =
        |longest| unit(of, Change::RaiseKeyLifetime { key: first.id, tenant: of, longest: Seconds(longest) });
    let version = store.tenant_keys(of).await.unwrap().unwrap().version;
    assert_eq!(store.commit(raise(7200)).await.unwrap().affected, [1]);
    for longest in [7200, 7199, 60] {
        assert_eq!(store.commit(raise(longest)).await, Err(CommitError::Guard));
    }
    let read = store.tenant_keys(of).await.unwrap().unwrap();
    assert_eq!((read.keys[0].longest_lifetime, read.version), (Seconds(7200), version + 1));
}

/// In pages, each tenant once, and only those whose key nobody follows yet.
pub(super) async fn keys_that_are_due_are_found(store: &Arc<Store>) {
    let mut expected = Vec::new();
    for n in 0..5 {
        let of = tenant(store).await.id;
        let first = signing(of);
        let second = NewSigningKey { active_from: NOW, ..new_signing_key(of, Algorithm::EdDsa) };
        for key in [first.clone(), second] {
            store.commit(unit(of, Change::CreateSigningKey(Box::new(key)))).await.unwrap();
        }
        expected.push(of);
        if n == 2 {
            let of = tenant(store).await.id;
            let first = signing(of);
            store.commit(unit(of, Change::CreateSigningKey(Box::new(first.clone())))).await.unwrap();
            let version = store.tenant_keys(of).await.unwrap().unwrap().version;
            commit(store, follow(of, version, &first)).await.unwrap();
        }
    }
    let mut found = Vec::new();
    let mut after = TenantId::from_bytes([0; 16]);
    loop {
        let page = store.tenants_with_keys_due(after, NOW, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = *last;
        found.extend(page);
    }
    assert_eq!(found, expected);
    let before = NOW.minus(Seconds(1));
    assert_eq!(store.tenants_with_keys_due(TenantId::from_bytes([0; 16]), before, 9).await.unwrap(), []);
}

/// All that is sealed changes together, and only where it is what was opened.
pub(super) async fn what_is_sealed_is_replaced_whole_or_not_at_all(store: &Arc<Store>) {
    let of = tenant(store).await.id;
    let (one, two) = (signing(of), NewSigningKey { ..new_signing_key(of, Algorithm::EdDsa) });
    let start = Change::Initialise { at: NOW, sealed_hash_key: vec![1] };
    let make = [one.clone(), two.clone()].map(|key| Change::CreateSigningKey(Box::new(key)));
    for change in [start].into_iter().chain(make) {
        store.commit(unit(of, change)).await.unwrap();
    }
    let mut client = new_client(of);
    let secret = SecretId::from_bytes(id());
    client.client.secrets.push(ClientSecret {
        id: secret,
        hash: SecretHash::Sealed([8].as_slice().into()),
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: NOW,
        expires_at: None,
    });
    store.commit(unit(of, Change::CreateClient(Box::new(client)))).await.unwrap();
    let three = encryption(of, 7);
    store.commit(unit(of, Change::CreateEncryptionKey(Box::new(three.clone())))).await.unwrap();
    let reseal = |before: &[u8], after: u8| Resealed { before: before.to_vec(), after: vec![after] };
    let rewrap = |hash_key: &[u8], second: &[u8], third: &[u8]| {
        let keys = vec![(one.id, reseal(&one.sealed, 3)), (two.id, reseal(second, 4))];
        let encryption_keys = vec![(three.id, reseal(&three.sealed, 6))];
        let secrets = vec![(secret, reseal(third, 5))];
        unit(
            of,
            Change::Rewrap(Box::new(Rewrap {
                hash_key: reseal(hash_key, 2),
                keys,
                encryption_keys,
                secrets,
            })),
        )
    };
    let before = store.sealed_keys().await.unwrap();
    for stale in [rewrap(&[9], &two.sealed, &[8]), rewrap(&[1], &[9], &[8]), rewrap(&[1], &two.sealed, &[9])]
    {
        assert_eq!(store.commit(stale).await, Err(CommitError::Guard));
        assert_eq!(store.sealed_keys().await.unwrap(), before);
        assert_eq!(store.sealed_secrets().await.unwrap(), [(secret, vec![8])]);
        assert_eq!(store.sealed_hash_key().await.unwrap(), Some(vec![1]));
    }
    assert_eq!(store.commit(rewrap(&[1], &two.sealed, &[8])).await.unwrap().affected, [1]);
    assert_eq!(store.sealed_keys().await.unwrap(), [(one.id, vec![3]), (two.id, vec![4])]);
    assert_eq!(store.sealed_encryption_keys().await.unwrap(), [(three.id, vec![6])]);
    assert_eq!(store.sealed_secrets().await.unwrap(), [(secret, vec![5])]);
    assert_eq!(store.sealed_hash_key().await.unwrap(), Some(vec![2]));
}
