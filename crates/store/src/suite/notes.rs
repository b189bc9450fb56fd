//! Notes arrive, add up, and never fail anybody.

use std::sync::Arc;

use writ_core::change::{Change, Changes, Note};
use writ_core::ids::{ApiKeyId, ClientId, TokenId};
use writ_core::time::{Micros, Seconds};

use super::given::{self, NOW, id, new_api_key, number_of, unit};
use crate::sql::Sql;
use crate::store::{NotedClient, Store};

static KEY_USED: Sql = Sql::new("KEY_USED", "SELECT last_used_at FROM api_keys WHERE id = $1");
static TOKEN_USED: Sql = Sql::new("TOKEN_USED", "SELECT last_used_at FROM access_tokens WHERE id = $1");
static NOTED: Sql =
    Sql::new("NOTED", "SELECT CAST(COUNT(*) AS BIGINT) FROM client_notes WHERE client_id = $1");

fn at(seconds: i64) -> Micros {
    NOW.plus(Seconds(seconds))
}

pub(crate) async fn what_is_noted_adds_up(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let token = given::token(store, tenant, client).await;
    let key = new_api_key(tenant);
    let key_id = key.key.id;
    store.commit(unit(tenant, Change::CreateApiKey(Box::new(key)))).await.unwrap();
    assert_eq!(store.client_notes(client).await.unwrap(), None);

    store.note(Note::ScopeRefused { client, at: at(1) });
    store.note(Note::ScopeRefused { client, at: at(2) });
    store.flush_notes(tenant).await.unwrap();
    let noted = NotedClient { last_used_at: None, scope_refusals: 2, scope_refused_at: Some(at(2)) };
    assert_eq!(store.client_notes(client).await.unwrap(), Some(noted));

    // Notes of a unit wait with the others, and only where it was committed.
    store
        .commit(Changes::new(given::act(tenant)).noting(Note::ClientUsed { client, at: at(3) }))
        .await
        .unwrap();
    let stale = Change::EndClientTokens { client: ClientId::from_bytes(id()), tenant };
    let failed = unit(tenant, stale).noting(Note::ClientUsed { client, at: at(9) });
    store.commit(failed).await.unwrap_err();
    store.note(Note::ApiKeyUsed { key: key_id, at: at(4) });
    store.note(Note::TokenUsed { token, at: at(5) });
    store.flush_notes(tenant).await.unwrap();
    let noted = NotedClient { last_used_at: Some(at(3)), ..noted };
    assert_eq!(store.client_notes(client).await.unwrap(), Some(noted));
    assert_eq!(number_of(store, &KEY_USED, key_id).await, Some(at(4).0));
    assert_eq!(number_of(store, &TOKEN_USED, token).await, Some(at(5).0));

    store.note(Note::ScopeRefused { client, at: at(6) });
    store.flush_notes(tenant).await.unwrap();
    store.flush_notes(tenant).await.unwrap();
    let noted = NotedClient { scope_refusals: 3, scope_refused_at: Some(at(6)), ..noted };
    assert_eq!(store.client_notes(client).await.unwrap(), Some(noted));
    let version = store.token_for_client(token, client).await.unwrap().unwrap().versions.client;
    assert_eq!(version, 1, "notes never make cached facts stale");
}

pub(crate) async fn notes_of_what_is_gone_vanish(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let gone = given::client(store, tenant).await.id;
    let there = given::client(store, tenant).await.id;
    let use_both = || {
        store.note(Note::ClientUsed { client: gone, at: NOW });
        store.note(Note::ClientUsed { client: there, at: NOW });
    };
    use_both();
    store.flush_notes(tenant).await.unwrap();
    assert_eq!(number_of(store, &NOTED, gone).await, Some(1));
    store.commit(unit(tenant, Change::DeleteClient { client: gone, tenant, only: None })).await.unwrap();
    assert_eq!(number_of(store, &NOTED, gone).await, Some(0), "deleting a client deletes its notes");

    use_both();
    store.note(Note::ApiKeyUsed { key: ApiKeyId::from_bytes(id()), at: NOW });
    store.note(Note::TokenUsed { token: TokenId::from_bytes(id()), at: NOW });
    store.flush_notes(tenant).await.unwrap();
    assert_eq!(number_of(store, &NOTED, gone).await, Some(0));
    assert_eq!(number_of(store, &NOTED, there).await, Some(1));
}
