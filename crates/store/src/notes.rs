//! Notes: things worth remembering that nobody waits for. Coalesced by what they are about, bounded,
//! droppable, counted; written a few seconds later as one unit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use writ_core::change::Note;
use writ_core::ids::SessionId;
use writ_core::ids::{ApiKeyId, ClientId, SecretId, TokenId};
use writ_core::noted::Noted;
use writ_core::time::Micros;

use crate::records::{RecordKept, Records, WantedRecords};
use crate::statements as sql;
use crate::value::{Step, Value};

/// How many different things may be noted between two writes.
const LIMIT: usize = 10_000;
#[derive(Default)]
pub(crate) struct Notes {
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    clients: HashMap<ClientId, ClientNote>,
    secrets: HashMap<SecretId, Micros>,
    keys: HashMap<ApiKeyId, Micros>,
    tokens: HashMap<TokenId, Micros>,
    sessions: HashMap<SessionId, Micros>,
    records: Records,
}

impl Pending {
    fn len(&self) -> usize {
        self.clients.len() + self.secrets.len() + self.keys.len() + self.tokens.len() + self.sessions.len()
    }
}

#[derive(Default, Clone, Copy)]
struct ClientNote {
    used_at: Option<Micros>,
    refusals: i64,
    refused_at: Option<Micros>,
}

impl Notes {
    /// Keeps an audit record; the same one again only counts.
    pub fn record(&self, noted: Noted) -> RecordKept {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).records.add(noted)
    }

    pub fn add(&self, note: Note) -> RecordKept {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let full = pending.len() >= LIMIT;
        match note {
            Note::ClientUsed { client, at } => match slot(&mut pending.clients, client, full) {
                Some(seen) => seen.used_at = Some(at),
                None => return RecordKept::Dropped,
            },
            Note::ScopeRefused { client, at } => match slot(&mut pending.clients, client, full) {
                Some(seen) => {
                    seen.refusals += 1;
                    seen.refused_at = Some(at);
                }
                None => return RecordKept::Dropped,
            },
            Note::SecretUsed { secret, at } => match slot(&mut pending.secrets, secret, full) {
                Some(seen) => *seen = at,
                None => return RecordKept::Dropped,
            },
            Note::ApiKeyUsed { key, at } => match slot(&mut pending.keys, key, full) {
                Some(seen) => *seen = at,
                None => return RecordKept::Dropped,
            },
            Note::SessionSeen { session, at } => match slot(&mut pending.sessions, session, full) {
                Some(seen) => *seen = at,
                None => return RecordKept::Dropped,
            },
            Note::TokenUsed { token, at } => match slot(&mut pending.tokens, token, full) {
                Some(seen) => *seen = at,
                None => return RecordKept::Dropped,
            },
        }
        RecordKept::Yes
    }

    /// Takes what waits, as units of a bounded number of steps: all notes, and those audit records that are wanted.
    pub fn take(&self, wanted: WantedRecords) -> Vec<Vec<Step>> {
        let (pending, records) = {
            let mut waiting = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            let records = waiting.records.take(wanted);
            let kept = Pending { records: std::mem::take(&mut waiting.records), ..Pending::default() };
            (std::mem::replace(&mut *waiting, kept), records)
        };
        let clients = pending.clients.into_iter().map(|(client, note)| {
            Step::new(
                &sql::CLIENT_NOTE,
                [client.into(), note.used_at.into(), note.refusals.into(), note.refused_at.into()],
            )
        });
        let used = |sql, id: Value, at: Micros| Step::new(sql, [id, at.into()]);
        let secrets =
            pending.secrets.into_iter().map(|(secret, at)| used(&sql::CLIENT_SECRET_NOTE, secret.into(), at));
        let keys = pending.keys.into_iter().map(|(key, at)| used(&sql::API_KEY_NOTE, key.into(), at));
        let tokens =
            pending.tokens.into_iter().map(|(token, at)| used(&sql::ACCESS_TOKEN_NOTE, token.into(), at));
        let sessions = pending
            .sessions
            .into_iter()
            .map(|(session, at)| used(&sql::flow::SESSION_NOTE, session.into(), at));
        let steps: Vec<_> = sessions.chain(clients).chain(secrets).chain(keys).chain(tokens).collect();
        let notes = steps.chunks(256).map(<[Step]>::to_vec);
        notes.chain(records.chunks(100).map(<[Step]>::to_vec)).collect()
    }
}

fn slot<K: std::hash::Hash + Eq, V: Default>(map: &mut HashMap<K, V>, key: K, full: bool) -> Option<&mut V> {
    if full && !map.contains_key(&key) {
        return None;
    }
    Some(map.entry(key).or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_coalesced_bounded_and_dropped_past_the_bound() {
        let notes = Notes::default();
        let note = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            Note::TokenUsed { token: TokenId::from_bytes(id), at: Micros(1) }
        };
        let limit = u32::try_from(LIMIT).unwrap();
        for n in 0..limit {
            assert_eq!(notes.add(note(n)), RecordKept::Yes);
        }
        assert_eq!(notes.add(note(7)), RecordKept::Yes, "known: coalesced");
        assert_eq!(notes.add(note(limit)), RecordKept::Dropped);
        assert_eq!(notes.take(WantedRecords::Due).iter().map(Vec::len).sum::<usize>(), LIMIT);
        assert!(notes.take(WantedRecords::Due).is_empty());
    }
}
