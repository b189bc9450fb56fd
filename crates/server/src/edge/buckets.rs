//! Buckets that fill up evenly (GCRA), in the memory of this node. A bucket is one number, until when it is not yet full
//! again, so that one that is full needs no room, and one whose size or speed changes goes on as it is.
//!
//! There is no clock in here: the time is an argument. What is taken is said in time: what comes in so many nanoseconds.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use writ_core::time::Micros;

/// Nanoseconds.
pub type Nanos = u64;

/// Locks, so that those who come at once seldom wait for one another.
const SHARDS: usize = 16;

/// Until when each bucket is not full, by whose it is.
type Until<K> = HashMap<K, Nanos>;

/// The buckets of everybody.
#[derive(Debug)]
pub struct Buckets<K> {
    hasher: RandomState,
    shards: [Mutex<Until<K>>; SHARDS],
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

fn nanos(at: Micros) -> Nanos {
    u64::try_from(at.0).unwrap_or(0).saturating_mul(1000)
}

/// How long a bucket that holds so much takes until it is full. What a clock that was ahead has left behind, or a bucket
/// that was larger, counts as empty, no more.
fn behind(until: Option<&Nanos>, whole: Nanos, now: Nanos) -> Nanos {
    until.map_or(0, |until| until.saturating_sub(now).min(whole))
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn shard(&self, key: &K) -> MutexGuard<'_, Until<K>> {
        let [first, ..] = &self.shards;
        let at = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default();
        // There are as many as the remainder can be.
        self.shards.get(at).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> impl Iterator<Item = MutexGuard<'_, Until<K>>> {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes so much out of a bucket that holds `whole`, and says how long it then takes until it is full.
    ///
    /// # Errors
    /// There is not so much in it: how long it takes until it is full.
    pub fn take(&self, key: &K, (cost, whole): (Nanos, Nanos), now: Micros) -> Result<Nanos, Nanos> {
        let now = nanos(now);
        let mut shard = self.shard(key);
        let before = behind(shard.get(key), whole, now);
        let after = before.saturating_add(cost);
        // Also where nothing is taken: what was larger, or ahead of the clock, fills up from here on.
        let (until, outcome) = if after > whole {
            (now.saturating_add(before), Err(before))
        } else {
            (now.saturating_add(after), Ok(after))
        };
        if outcome.is_ok() || before > 0 {
            shard.insert(*key, until);
        }
        outcome
    }

    /// How long a bucket that holds so much takes until it is full.
    pub fn behind(&self, key: &K, whole: Nanos, now: Micros) -> Nanos {
        behind(self.shard(key).get(key), whole, nanos(now))
    }

    /// Gives back what was taken.
    pub fn give_back(&self, key: &K, cost: Nanos) {
        if let Some(until) = self.shard(key).get_mut(key) {
            *until = until.saturating_sub(cost);
        }
    }

    /// Whether there is room for the bucket where so many are kept at the most, or it is kept already.
    pub fn has_room_for(&self, key: &K, most: usize) -> bool {
        let shard = self.shard(key);
        shard.len() < most / SHARDS || shard.contains_key(key)
    }

    /// Forgets the buckets that are full again. Called every few seconds, so that what is kept in memory is what came in
    /// the longest time that one takes to fill up.
    pub fn forget_full(&self, now: Micros) {
        for mut shard in self.all() {
            shard.retain(|_, until| *until > nanos(now));
            if shard.capacity() > 4 * shard.len() + 64 {
                shard.shrink_to_fit();
            }
        }
    }

    /// How many buckets are kept.
    pub fn kept(&self) -> usize {
        self.all().map(|shard| shard.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Micros = Micros::from_secs(1_800_000_000);
    const SECOND: Nanos = 1_000_000_000;

    fn after(seconds: i64) -> Micros {
        Micros(NOW.0 + seconds * 1_000_000)
    }

    #[test]
    fn a_bucket_empties_and_fills_up_evenly() {
        let buckets = Buckets::default();
        let take = |cost, at| buckets.take(&1, (cost * SECOND, 10 * SECOND), after(at));
        assert_eq!(take(7, 0), Ok(7 * SECOND));
        assert_eq!(take(4, 0), Err(7 * SECOND), "nothing is taken where there is not enough");
        assert_eq!(take(3, 0), Ok(10 * SECOND));
        assert_eq!(take(1, 0), Err(10 * SECOND));
        assert_eq!(take(1, 1), Ok(10 * SECOND));
        assert_eq!(buckets.behind(&1, 10 * SECOND, after(8)), 3 * SECOND);
        buckets.give_back(&1, 2 * SECOND);
        assert_eq!(buckets.behind(&1, 10 * SECOND, after(8)), SECOND);
        assert_eq!(buckets.take(&2, (10 * SECOND, 10 * SECOND), NOW), Ok(10 * SECOND), "another's");
        assert_eq!(take(11, 100), Err(0), "more than a whole one never fits");
    }

    /// What was taken from a large or slow bucket holds for the small or quick one that it becomes, as far as that goes.
    #[test]
    fn a_bucket_that_changes_goes_on_as_it_is() {
        let buckets = Buckets::default();
        buckets.take(&1, (100 * SECOND, 100 * SECOND), NOW).unwrap();
        assert_eq!(buckets.behind(&1, 2 * SECOND, NOW), 2 * SECOND);
        assert!(buckets.take(&1, (SECOND, 2 * SECOND), NOW).is_err());
        assert_eq!(
            buckets.take(&1, (SECOND, 2 * SECOND), after(1)),
            Ok(2 * SECOND),
            "it fills up from then on"
        );
        buckets.take(&2, (SECOND, 2 * SECOND), NOW).unwrap();
        assert_eq!(buckets.take(&2, (SECOND, 100 * SECOND), NOW), Ok(2 * SECOND));
    }

    /// A clock that steps back gives nothing, and takes no more than one whole bucket.
    #[test]
    fn a_clock_that_steps_back_shuts_nobody_out_for_long() {
        let buckets = Buckets::default();
        let take = |at| buckets.take(&1, (10 * SECOND, 10 * SECOND), after(at));
        assert!(take(1_000_000).is_ok());
        assert!(take(0).is_err());
        assert!(take(9).is_err());
        assert!(take(10).is_ok());
        buckets.forget_full(after(2_000_000));
        assert_eq!(buckets.kept(), 0);
    }

    #[test]
    fn full_buckets_are_forgotten_and_there_is_an_end_to_those_kept() {
        let buckets = Buckets::default();
        let most = 160;
        let room = (0..10_000).filter(|key| {
            let has_room = buckets.has_room_for(key, most);
            if has_room {
                buckets.take(key, (SECOND, SECOND), NOW).unwrap();
            }
            has_room
        });
        let kept = room.count();
        assert_eq!((kept, buckets.kept()), (most, most));
        assert!((0..10_000).filter(|key| buckets.has_room_for(key, most)).count() == most, "they stay");
        buckets.forget_full(NOW);
        assert_eq!(buckets.kept(), most);
        buckets.forget_full(after(1));
        assert_eq!(buckets.kept(), 0);
    }

    proptest! {
        /// However calls fall, what is given in any time is a whole bucket and what came in meanwhile.
        #[test]
        fn never_more_than_a_bucket_and_what_came_in(gaps in proptest::collection::vec(0_i64..3_000_000, 1..200)) {
            let (cost, whole) = (SECOND, 5 * SECOND);
            let buckets = Buckets::default();
            let (mut at, mut given) = (NOW, 0_u64);
            for gap in gaps {
                at = Micros(at.0 + gap);
                given += u64::from(buckets.take(&0, (cost, whole), at).is_ok());
                let passed = u64::try_from(at.0 - NOW.0).unwrap() * 1000;
                prop_assert!(given * cost <= whole + passed);
            }
        }
    }
}
