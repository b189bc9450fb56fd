//! What holds of every schedule of rotations, withdrawals and waiting, whatever its order.

use proptest::prelude::*;

use super::*;
use crate::key::{self, CLOCK_SKEW, JWKS_AGE, JWKS_MAX_AGE};

const START: Micros = Micros::from_secs(1_800_000_000);
const ALGORITHM: Algorithm = Algorithm::Es256;
const TENANT: TenantId = TenantId::from_bytes([1; 16]);

/// One thing that happens to the keys of a tenant.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// So much time goes by; the scheduled work looks at the keys meanwhile.
    Wait(Seconds),
    /// An administrator asks for a rotation.
    Rotate,
    /// The key at this place (counted around) is in other hands.
    Compromise(usize),
    /// A token of this lifetime is asked for.
    Issue(Seconds),
}

/// A token that was signed.
#[derive(Debug, Clone)]
struct Signed {
    kid: Box<str>,
    expires_at: Micros,
}

struct World {
    now: Micros,
    keys: Vec<StoredKey>,
    tokens: Vec<Signed>,
    /// Keys that may sign before they have been published long enough.
    excused: Vec<Box<str>>,
    made: u64,
    max_age: MaxAge,
}

impl World {
    fn new(max_age: MaxAge) -> Self {
        let mut world =
            Self { now: START, keys: Vec::new(), tokens: Vec::new(), excused: Vec::new(), made: 0, max_age };
        let first = rotate(&world.keys, ALGORITHM, world.now);
        world.apply(&first);
        world.excused.push(world.keys[0].kid.clone());
        world
    }

    /// Carries a plan out as the storage does.
    fn apply(&mut self, plan: &Plan) -> Option<Box<str>> {
        for times in &plan.times {
            let key = self.keys.iter_mut().find(|key| key.id == times.id).unwrap();
            (key.active_from, key.retired_at, key.compromised_at) =
                (times.active_from, times.retired_at, times.compromised_at);
        }
        if plan.signer != Signer::ToBeMade {
            return None;
        }
        self.made += 1;
        let id = KeyId::v7(self.now, self.made.to_be_bytes());
        let kid: Box<str> = format!("key-{}", self.made).into();
        let made =
            MadeKey { id, algorithm: ALGORITHM, kid: kid.clone(), public_jwk: "".into(), sealed: Vec::new() };
        self.keys.push(made.dated(TENANT, self.now, plan.signs_from).into());
        Some(kid)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Wait(span) => {
                // The work looks every ten minutes; where nothing is due for long, that is skipped.
                let end = self.now.plus(span);
                while self.now < end {
                    let step = if self.near_due() { Seconds(600) } else { Seconds(43_200) };
                    self.now = self.now.plus(step).min(end);
                    if let Some(plan) = due(&self.keys, ALGORITHM, self.max_age, self.now) {
                        self.apply(&plan);
                    }
                    self.check();
                }
            }
            Event::Rotate => {
                let plan = rotate(&self.keys, ALGORITHM, self.now);
                self.apply(&plan);
            }
            Event::Compromise(at) => {
                let kid = self.keys[at % self.keys.len()].kid.clone();
                let Ok((_, plan, tokens)) = compromise(&self.keys, &kid, self.now) else { return };
                let made = self.apply(&plan);
                if tokens == TenantTokens::End {
                    self.tokens.clear();
                }
                match plan.signer {
                    Signer::Stored { kid, .. } => self.excused.push(kid),
                    Signer::ToBeMade => self.excused.extend(made),
                    Signer::AsBefore => {}
                }
            }
            Event::Issue(lifetime) => {
                let id = key::signing(&self.keys, ALGORITHM, self.now).unwrap().id;
                let key = self.keys.iter_mut().find(|key| key.id == id).unwrap();
                key.longest_lifetime = key.longest_lifetime.max(lifetime);
                self.tokens.push(Signed { kid: key.kid.clone(), expires_at: self.now.plus(lifetime) });
            }
        }
        self.check();
    }

    fn near_due(&self) -> bool {
        let next = self.keys.iter().any(|key| key.state(self.now) == KeyState::Next);
        let soon = self.now.plus(Seconds(86_400));
        next || due(&self.keys, ALGORITHM, self.max_age, soon).is_some()
    }

    /// All that holds at this moment.
    fn check(&self) {
        let in_state =
            |state| self.keys.iter().filter(|key| key.state(self.now) == state).collect::<Vec<_>>();
        let active = in_state(KeyState::Active);
        assert_eq!(active.len(), 1, "exactly one key signs: {:?}", self.keys);
        let signing = active[0];
        assert_eq!(key::signing(&self.keys, ALGORITHM, self.now).unwrap().id, signing.id);
        assert!(in_state(KeyState::Next).len() <= 1, "at most one key waits: {:?}", self.keys);
        // No gap and no overlap: who signs stops when the one that waits begins.
        let handover = in_state(KeyState::Next).first().map(|next| next.active_from);
        assert_eq!(signing.retired_at, handover, "{:?}", self.keys);

        let published = signing.active_from.since(signing.created_at);
        let excused = self.excused.contains(&signing.kid);
        assert!(excused || published >= PUBLISHED_BEFORE, "{signing:?} signs after {published:?}");

        for token in self.tokens.iter().filter(|token| token.expires_at > self.now) {
            let key = self.keys.iter().find(|key| key.kid == token.kid).unwrap();
            assert!(key.published(self.now), "{token:?} cannot be verified: {key:?}");
        }
        if let MaxAge::After(age) = self.max_age {
            let late = Seconds(age.0 + PUBLISHED_BEFORE.0 + 43_200);
            assert!(self.now.since(signing.active_from) <= late, "{signing:?} is too old");
        }
    }
}

fn lifetime() -> impl Strategy<Value = Seconds> {
    prop_oneof![Just(60), Just(3600), 1_i64..200_000].prop_map(Seconds)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop_oneof![0_i64..400, 0_i64..100_000, 0_i64..1_000_000].prop_map(|span| Event::Wait(Seconds(span))),
        3 => Just(Event::Rotate),
        1 => any::<usize>().prop_map(Event::Compromise),
        4 => lifetime().prop_map(Event::Issue),
    ]
}

fn max_age() -> impl Strategy<Value = MaxAge> {
    prop_oneof![Just(0), Just(1), Just(2), Just(90)].prop_map(MaxAge::days)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn at_every_moment_one_published_key_signs(max_age in max_age(), events in prop::collection::vec(event(), 0..40)) {
        let mut world = World::new(max_age);
        for event in events {
            world.happen(event);
        }
    }

    /// A verifier that keeps each set for as long as it may, from a server whose copy is as old as it
    /// may be, knows every key that signs.
    #[test]
    fn a_verifier_that_keeps_to_max_age_knows_every_key(
        max_age in max_age(), phase in 0_i64..300,
        events in prop::collection::vec(
            prop_oneof![(0_i64..2_000).prop_map(|span| Event::Wait(Seconds(span))), Just(Event::Rotate)], 0..40),
    ) {
        let mut world = World::new(max_age);
        world.now = world.now.plus(JWKS_AGE).plus(Seconds(phase));
        let mut fetched = START.plus(JWKS_AGE);
        let mut known: Vec<Box<str>> = vec![world.keys[0].kid.clone()];
        for event in events {
            let Event::Wait(span) = event else { world.happen(event); continue };
            let end = world.now.plus(span);
            while world.now < end {
                world.now = world.now.plus(Seconds(3)).min(end);
                if world.now.since(fetched) >= JWKS_MAX_AGE {
                    fetched = world.now;
                    let old = world.now.minus(JWKS_AGE);
                    let there = world.keys.iter().filter(|key| key.created_at <= old && key.published(world.now));
                    known = there.map(|key| key.kid.clone()).collect();
                }
                // The signer's clock may be ahead.
                let signer = key::signing(&world.keys, ALGORITHM, world.now.plus(Seconds(CLOCK_SKEW.0 - 1))).unwrap();
                prop_assert!(known.contains(&signer.kid), "{signer:?}");
            }
            world.check();
        }
    }
}

#[test]
fn a_rotation_says_when_and_asking_again_says_the_same() {
    let mut world = World::new(MaxAge::Never);
    let plan = rotate(&world.keys, ALGORITHM, world.now);
    assert_eq!((&plan.signer, plan.signs_from), (&Signer::ToBeMade, START.plus(PUBLISHED_BEFORE)));
    world.apply(&plan);
    world.happen(Event::Wait(Seconds(100)));
    let again = rotate(&world.keys, ALGORITHM, world.now);
    assert!(again.is_empty(), "{again:?}");
    assert_eq!(again.signs_from, plan.signs_from);
}

#[test]
fn a_key_that_was_made_long_before_its_time_can_be_promoted_at_once() {
    let mut world = World::new(MaxAge::days(90));
    world.happen(Event::Wait(Seconds(89 * 86_400 + 7200)));
    assert_eq!(
        next(&world.keys, ALGORITHM, world.now).unwrap().active_from,
        START.plus(Seconds(90 * 86_400))
    );
    let plan = rotate(&world.keys, ALGORITHM, world.now);
    assert_eq!(plan.signs_from, world.now);
    world.apply(&plan);
    world.check();
    assert_eq!(&*key::signing(&world.keys, ALGORITHM, world.now).unwrap().kid, "key-2");
}

#[test]
fn a_key_is_withdrawn_once_and_one_that_is_unknown_never() {
    let mut world = World::new(MaxAge::Never);
    world.happen(Event::Compromise(0));
    assert_eq!(world.keys[0].state(world.now), KeyState::Compromised);
    assert_eq!(compromise(&world.keys, "key-1", world.now), Err(NotCompromised::Already));
    assert_eq!(compromise(&world.keys, "key-9", world.now), Err(NotCompromised::Unknown));
}

#[test]
fn algorithms_rotate_apart() {
    let world = World::new(MaxAge::days(1));
    let late = world.now.plus(Seconds(86_400));
    assert_eq!(
        due(&world.keys, Algorithm::Rs256, world.max_age, late),
        None,
        "no RSA key is made for nobody"
    );
    assert!(due(&world.keys, ALGORITHM, world.max_age, late).is_some());
    assert_eq!(rotate(&world.keys, Algorithm::Rs256, late).times, []);
}

/// On a node whose clock is behind that of the one that made the first key.
#[test]
fn the_first_key_signs_also_where_the_clock_is_behind() {
    let world = World::new(MaxAge::Never);
    assert!(key::signing(&world.keys, ALGORITHM, START.minus(Seconds(30))).is_some());
    assert!(
        key::signing(&world.keys, ALGORITHM, START.minus(Seconds(86_400))).is_some(),
        "a clock that was a day ahead was put right, and there is nothing else to sign with"
    );
}
