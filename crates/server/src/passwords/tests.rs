//! What the pool recognises, how much it does for it, and when it says no.

use std::pin::Pin;
use std::task::Poll;

use rstest::rstest;

use super::*;
use crate::state::clock::SystemSource;

fn presented(text: &str) -> Presented {
    Presented::new(text.to_owned())
}

/// Polls a future once: it begins.
async fn polled_once<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|context| {
        Poll::Ready(match future.as_mut().poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

async fn checked(pool: &PasswordPool, password: &str, stored: Option<&str>) -> PasswordProof {
    let ticket = pool.ticket(Lane::HOUSE).unwrap();
    pool.check(ticket, presented(password), stored.map(Arc::from), [9; 16]).await.unwrap()
}

#[tokio::test]
async fn a_hash_recognises_its_secret_and_no_other() {
    let phc: Arc<str> = hash("correct horse", &SystemSource::default()).unwrap().into();
    assert!(phc.starts_with(CURRENT));
    let pool = PasswordPool::new();
    assert!(pool.verify(Lane::HOUSE, presented("correct horse"), Arc::clone(&phc)).await.unwrap());
    assert!(!pool.verify(Lane::HOUSE, presented("wrong horse"), phc).await.unwrap());
}

/// Whoever floods keeps others from nothing, until networks flood that are as many as the pool is long.
#[test]
fn a_lane_that_is_full_is_full_for_itself_alone() {
    let pool = PasswordPool::new();
    let lane = |n: u32| Lane::of(Some(n.to_be_bytes().into()));
    let mut tickets: Vec<_> = (0..QUEUE).map(|_| pool.ticket(lane(1)).unwrap()).collect();
    assert_eq!(pool.ticket(lane(1)).unwrap_err(), PoolError::Full);
    for n in 2..=u32::try_from(QUEUES / QUEUE).unwrap() {
        tickets.extend((0..QUEUE).map(|_| pool.ticket(lane(n)).unwrap()));
    }
    let newcomer = pool.ticket(lane(1000)).unwrap();
    assert_eq!(pool.ticket(lane(1000)).unwrap_err(), PoolError::Full, "one each, while it is so full");
    drop((newcomer, tickets));
    assert!(pool.waiting.lock().unwrap().of.is_empty());
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_a_dropped_ticket_is_a_place() {
    let pool = PasswordPool::new();
    let mut tickets: Vec<_> = (0..QUEUE).map(|_| pool.ticket(Lane::HOUSE).unwrap()).collect();
    assert_eq!(pool.verify(Lane::HOUSE, presented(""), "".into()).await, Err(PoolError::Full));
    assert_eq!(pool.hash(Lane::HOUSE, presented(""), [0; 16]).await.unwrap_err(), PoolError::Full);
    assert_eq!(pool.refused(), 2);
    tickets.pop();
    assert!(pool.ticket(Lane::HOUSE).is_ok());
}

/// Hashes of other kinds, each of "correct horse battery staple", made with Python's own libraries.
#[rstest]
#[case("$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS")]
#[case("$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$11kKyiyYAc8G7rp3KmncMc44YlkdllIqxOa7pq0fMaU")]
#[case("$pbkdf2-sha256$i=29000,l=32$AAECAwQFBgcICQoLDA0ODw$m/kLywdyNwK9GV2kWntRGvZzmeiVsuqehNWlLst2eWY")]
#[case(
    "$pbkdf2-sha512$25000$AAECAwQFBgcICQoLDA0ODw$SD45rjg2efG3ODIHQeklcrq1rgpKrbMw16UwshxvBWLgNENeDWMvNiO.Lj6BUMRx4V/sPJndUTpKWVbG79Akig"
)]
#[case("$pbkdf2$131000$AAECAwQFBgcICQoLDA0ODw$NxAwx22dqUmlCPsB1ivyDvbzOTI")]
#[case("$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$hTsnKkTbFCHAKWJmmlXrCZTzyrOF7RxMeSU+7hm6tJ4")]
#[case("$argon2i$v=19$m=4096,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$1BigscR9jWuCX54QFRbXnjiPLDdLidm0khhZgIpMWfU")]
// Django's.
#[case("pbkdf2_sha256$1000$AbCdEfGhIjKlMnOp$XG1s2wmjd75M0hanuod97l1KKBwcw1s73Yql4B2KP5A=")]
#[case("pbkdf2_sha1$1000$AbCdEfGhIjKlMnOp$7X+D3DMEcF/ScKx2j7CBDTfPOgs=")]
#[case(
    "argon2$argon2id$v=19$m=102400,t=2,p=8$QWJDZEVmR2hJaktsTW5PcA$IeaKSz9wPOI0+1OnA46HouiFsiWSaiSpeC7yvHAeNLc"
)]
#[case("bcrypt_sha256$$2b$05$5HBrdTHHJmZaLUe2eZS5q.gpmEfcSViqk1MxbqndlwXsKg.jnWsvO")]
#[case("bcrypt$$2b$05$DcFCl5HUxfo5LzpBls.oleluVBBqRn.zzCAPX5ODJHhVEB5u4IQOO")]
#[case(
    "scrypt$16384$AbCdEfGhIjKlMnOp$8$5$/+scLJQxhnwUI75/O4p1sIJorgX82QQQyXQ4fINa7WZG1c3ZrJ7TCgjayAUDJ23Vi2PmkQXklGVLLLuGxEUucQ=="
)]
// Firebase's, with the key of its own example.
#[case(
    "$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lw==$0MSeef4wYKv4y35WORq9U7xDS/7w8c93jpJPky4SQE0q4WUtAfb88FUYrutJFXjs9VvYAhZmm0OGm76S3HhXvg==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
)]
#[tokio::test]
async fn a_hash_from_elsewhere_is_recognised_and_replaced(#[case] stored: &str) {
    let pool = PasswordPool::new();
    assert_eq!(import_problem(stored), None, "{stored}");
    let proof = checked(&pool, "correct horse battery staple", Some(stored)).await;
    let PasswordProof::Outdated(new) = proof else { panic!("{stored}: {proof:?}") };
    assert!(matches!(checked(&pool, "correct horse battery staple", Some(&new)).await, PasswordProof::Right));
    assert!(matches!(
        checked(&pool, "correct horse battery stapler", Some(stored)).await,
        PasswordProof::Nothing
    ));
    assert_eq!(pool.hashed(), 3, "each check is one argon2id of today's cost, whatever else it is");
}

#[tokio::test]
async fn every_check_that_fails_does_the_same_work() {
    let pool = PasswordPool::new();
    let ours = hash("right", &SystemSource::default()).unwrap();
    let long = "x".repeat(LONGEST_PASSWORD + 1);
    for (password, stored) in
        [("wrong", None), ("wrong", Some(&*ours)), ("wrong", Some("no hash at all")), (&*long, Some(&*ours))]
    {
        let before = pool.hashed();
        assert!(matches!(checked(&pool, password, stored).await, PasswordProof::Nothing), "{stored:?}");
        assert_eq!(pool.hashed() - before, 1, "{stored:?}");
    }
}

/// bcrypt looks at 72 bytes: what was typed behind them may be wrong, and must not become the password.
#[tokio::test]
async fn a_password_that_bcrypt_cut_keeps_its_hash() {
    let pool = PasswordPool::new();
    let long = "0123456789".repeat(8);
    let stored = bcrypt::hash_with_salt(&long, 4, [3; 16]).unwrap().to_string();
    let mistyped = format!("{}!!!!!", &long[..75]);
    assert!(matches!(checked(&pool, &mistyped, Some(&stored)).await, PasswordProof::Right));
    let exact = &long[..72];
    assert!(matches!(checked(&pool, exact, Some(&stored)).await, PasswordProof::Outdated(_)));
}

#[tokio::test]
async fn letters_made_of_two_characters_are_the_same_password() {
    let pool = PasswordPool::new();
    let stored = pool.hash(Lane::HOUSE, presented("caf\u{e9} noir"), [1; 16]).await.unwrap();
    assert!(matches!(checked(&pool, "cafe\u{301} noir", Some(&stored)).await, PasswordProof::Right));
}

#[test]
fn what_cannot_be_checked_or_costs_too_much_is_not_imported() {
    for bad in [
        "",
        "plain",
        "$1$abc$def",
        "$6$rounds=5000$salt$hash",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$04$short",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
        "$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$scrypt$ln=14,r=8$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$pbkdf2-sha256$i=999999999$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$pbkdf2-sha256$i=0$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
        "$pbkdf2-sha256$i=1000$c29tZXNhbHQ$AAAA",
        "$pbkdf2-sha256$i=1000$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG$more",
    ] {
        assert!(import_problem(bad).is_some(), "{bad}");
    }
}

/// What a hash left behind in the memory does not matter to the next one, whose parameters may be others.
#[test]
fn memory_that_was_used_gives_the_hashes_of_the_library() {
    let mut memory = Memory::default();
    assert!(memory.is_empty());
    for (number, password) in ["first", "second", "a third, longer one"].into_iter().enumerate() {
        let salt = [u8::try_from(number).unwrap(); 16];
        let ours = argon2id::hash(password, &salt, &mut memory).unwrap();
        let theirs: PasswordHash =
            argon2id::argon2().unwrap().hash_password_with_salt(password.as_bytes(), &salt).unwrap();
        assert_eq!(ours, theirs.to_string());
        let small =
            "$argon2i$v=19$m=4096,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$1BigscR9jWuCX54QFRbXnjiPLDdLidm0khhZgIpMWfU";
        let large = "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$hTsnKkTbFCHAKWJmmlXrCZTzyrOF7RxMeSU+7hm6tJ4";
        for stored in [small, large] {
            let hash = PasswordHash::new(stored).unwrap();
            assert!(argon2id::verify(&hash, "correct horse battery staple", &mut memory), "{stored}");
            assert!(!argon2id::verify(&hash, password, &mut memory), "{stored}");
        }
    }
    assert!(!memory.is_empty());
    memory.give_back();
    assert!(memory.is_empty());
}

#[tokio::test]
async fn a_job_that_panics_is_an_error_and_its_thread_goes_on() {
    let pool = PasswordPool::new();
    for _ in 0..4 * std::thread::available_parallelism().unwrap().get() {
        let broken = pool.run(pool.ticket(Lane::HOUSE).unwrap(), |_| panic!("a panic that a test wants"));
        assert_eq!(broken.await, Err(PoolError::Hash));
    }
    assert_eq!(pool.run(pool.ticket(Lane::HOUSE).unwrap(), |_| 1).await, Ok(1));
}

/// Whoever hangs up while they wait leaves their place, and costs nobody's time.
#[tokio::test]
async fn what_nobody_waits_for_is_not_done() {
    let pool = PasswordPool::new();
    let cores = std::thread::available_parallelism().unwrap().get();
    let (gates, held): (Vec<_>, Vec<_>) = (0..cores)
        .map(|_| {
            let (gate, closed) = std::sync::mpsc::channel::<()>();
            (gate, pool.run(pool.ticket(Lane::HOUSE).unwrap(), move |_| closed.recv().is_err()))
        })
        .unzip();
    let mut held: Vec<_> = held.into_iter().map(Box::pin).collect();
    // All threads are busy from here on.
    for one in &mut held {
        assert!(polled_once(one.as_mut()).await.is_none());
    }
    let done = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&done);
    let left = pool.run(pool.ticket(Lane::HOUSE).unwrap(), move |_| count.fetch_add(1, Ordering::Relaxed));
    let mut left = Box::pin(left);
    assert!(polled_once(left.as_mut()).await.is_none());
    drop(left);
    drop(gates);
    for one in &mut held {
        assert!(one.await.unwrap());
    }
    assert_eq!(pool.run(pool.ticket(Lane::HOUSE).unwrap(), |_| 1).await, Ok(1));
    assert_eq!(done.load(Ordering::Relaxed), 0);
}
