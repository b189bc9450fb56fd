//! The engine of rounds, on a disk that does as it is told.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use writ_core::change::{Act, Action, Actor, Origin, Target};
use writ_core::error::ErrorCode;
use writ_core::ids::{ApiKeyId, AuditId, TenantId};
use writ_core::reason::Reason;
use writ_core::time::Micros;
use writ_store::Unavailable;

use super::*;

/// A storage that answers what it is told to, and writes down what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<Receipt, CommitError>>>,
    asked: Mutex<Vec<&'static str>>,
    /// Where a commit waits for the disk.
    slow: Option<Arc<Notify>>,
}

impl Scripted {
    fn answering(answers: impl IntoIterator<Item = Result<Receipt, CommitError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    fn asked(&self) -> Vec<&'static str> {
        self.asked.lock().unwrap().clone()
    }
}

impl Disk for Scripted {
    async fn write(&self, changes: Changes) -> Result<Receipt, CommitError> {
        if let Some(slow) = &self.slow {
            slow.notified().await;
        }
        let answer = self.answers.lock().unwrap().pop_front();
        self.asked.lock().unwrap().push(changes.act().action.name());
        answer.unwrap_or_else(|| Ok(Receipt::default()))
    }

    fn note(&self, _: Note) {
        self.asked.lock().unwrap().push("note");
    }

    fn record(&self, _: Noted) {
        self.asked.lock().unwrap().push("record");
    }
}

fn act(action: Action) -> Act {
    let (id, tenant) = (AuditId::from_bytes([1; 16]), TenantId::from_bytes([2; 16]));
    let (actor, target) = (Actor::System, Target::Tenant(tenant));
    Act { id, at: Micros(0), tenant, actor, action, target, origin: Origin::default() }
}

fn unit() -> Changes {
    Changes::new(act(Action::TenantUpdated))
}

fn refusal() -> Box<Refusal> {
    let mut refusal = Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, Reason::CodeNotValid));
    refusal.changes = Some(Changes::new(act(Action::GrantEnded)));
    let record = Noted::done(act(Action::CodeReplayed));
    refusal.noting(Note::ApiKeyUsed { key: ApiKeyId::from_bytes([3; 16]), at: Micros(0) }).recording(record)
}

/// Decides by a list of verdicts, one a round, and remembers the rounds.
async fn decided<T>(
    disk: &Scripted,
    verdicts: impl IntoIterator<Item = Verdict<T>>,
) -> (Result<Settled<T>, Fault>, Vec<Round>) {
    let verdicts = RefCell::new(verdicts.into_iter().collect::<VecDeque<_>>());
    let rounds = RefCell::new(Vec::new());
    let settled = in_rounds(disk, |round| {
        rounds.borrow_mut().push(round);
        let verdict = verdicts.borrow_mut().pop_front().expect("no more rounds than that");
        std::future::ready(Ok::<_, Fault>(verdict))
    })
    .await;
    (settled, rounds.into_inner())
}

fn answer<T>(settled: Result<Settled<T>, Fault>) -> T {
    match settled.unwrap() {
        Settled::Done(answer, _) => answer,
        Settled::Not(why) => panic!("not settled: {why:?}"),
    }
}

fn gone() -> CommitError {
    CommitError::Unavailable(Unavailable { what: "the disk is gone".to_owned(), remedy: "plug it in" })
}

#[tokio::test]
async fn what_lost_its_guard_is_decided_again_on_fresh_facts() {
    let disk = Scripted::answering([Err(CommitError::Guard)]);
    let (settled, rounds) =
        decided(&disk, [Verdict::Commit("old", unit()), Verdict::Commit("new", unit())]).await;
    assert_eq!(answer(settled), "new");
    let seen: Vec<_> = rounds.iter().map(|round| (round.freshness(), round.has_lost())).collect();
    assert_eq!(seen, [(Freshness::Cached, false), (Freshness::Fresh, true)]);
}

/// It stays so: what a round before met is met by no later one again.
#[tokio::test]
async fn a_round_hears_what_those_before_it_met() {
    let taken = Err(CommitError::Conflict(Constraint::Username));
    let disk = Scripted::answering([taken, Err(CommitError::Guard)]);
    let verdicts = ["a", "b", "c"].map(|answer| Verdict::Commit(answer, unit()));
    let (settled, rounds) = decided(&disk, verdicts).await;
    assert_eq!(answer(settled), "c");
    let seen: Vec<_> = rounds.iter().map(|round| (round.taken(), round.has_lost())).collect();
    let username = Some(Constraint::Username);
    assert_eq!(seen, [(None, false), (username, false), (username, true)]);
}

#[tokio::test]
async fn rounds_come_to_an_end() {
    for (met, why) in [
        (CommitError::Guard, Unsettled::Lost),
        (CommitError::Conflict(Constraint::Address), Unsettled::Taken(Constraint::Address)),
    ] {
        let disk = Scripted::answering((0..MOST).map(|_| Err(met.clone())));
        let (settled, rounds) = decided(&disk, (0..MOST).map(|_| Verdict::Commit((), unit()))).await;
        assert!(matches!(settled, Ok(Settled::Not(found)) if found == why), "{settled:?}");
        assert_eq!(rounds.len(), usize::from(MOST));
        assert_eq!(restless(why).error.code(), ErrorCode::TemporarilyUnavailable);
        assert_eq!(restless(why).retry_after, Some(1));
    }
    let (settled, _) = decided(&Scripted::default(), (0..MOST).map(|_| Verdict::<()>::Stale)).await;
    assert!(matches!(settled, Ok(Settled::Not(Unsettled::Stale))), "{settled:?}");
}

#[tokio::test]
async fn nothing_is_answered_before_it_is_on_disk() {
    let written = Arc::new(Notify::new());
    let disk = Scripted { slow: Some(Arc::clone(&written)), ..Scripted::default() };
    for verdict in [
        Verdict::Commit("yes", unit()),
        Verdict::Bound("yes", unit(), OAuthError::new(ErrorCode::PreconditionFailed, Reason::Missing)),
        Verdict::Refuse(refusal()),
    ] {
        let mut answered = std::pin::pin!(settle(&disk, verdict));
        let early = std::future::poll_fn(|context| {
            std::task::Poll::Ready(answered.as_mut().poll(context).is_ready())
        });
        assert!(!early.await, "answered before it was written");
        written.notify_one();
        let _ = answered.await;
    }
    assert_eq!(disk.asked(), ["tenant.updated", "tenant.updated", "grant.ended", "note", "record"]);
}

/// The storage looks for a unit whose COMMIT was not answered. What it cannot find out is not tried again: it may have
/// been written.
#[tokio::test]
async fn what_cannot_be_written_is_neither_answered_nor_repeated() {
    for (failure, retry_after) in [(CommitError::Busy, 1), (gone(), 2)] {
        for verdict in [Verdict::Commit("yes", unit()), Verdict::Refuse(refusal())] {
            let disk = Scripted::answering([Err(failure.clone())]);
            let (settled, rounds) = decided(&disk, [verdict]).await;
            let fault = settled.unwrap_err();
            assert_eq!(fault.error.code(), ErrorCode::TemporarilyUnavailable);
            assert_eq!((fault.retry_after, rounds.len()), (Some(retry_after), 1));
            assert_eq!(
                disk.asked().len(),
                1,
                "nothing else of a refusal is said where its unit is not written"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_is_answered_together_with_its_writes() {
    let disk = Scripted::default();
    let (settled, _) = decided::<()>(&disk, [Verdict::Refuse(refusal())]).await;
    assert_eq!(settled.unwrap_err().error.code(), ErrorCode::InvalidGrant);
    assert_eq!(disk.asked(), ["grant.ended", "note", "record"]);
}

/// Somebody else has done what belongs to it: what is refused now is decided on what they left, and noted once.
#[tokio::test]
async fn a_refusal_whose_guard_fails_is_decided_again() {
    let disk = Scripted::answering([Err(CommitError::Guard)]);
    let (settled, rounds) =
        decided::<()>(&disk, [Verdict::Refuse(refusal()), Verdict::Refuse(refusal())]).await;
    assert_eq!(settled.unwrap_err().error.code(), ErrorCode::InvalidGrant);
    assert_eq!(rounds.len(), 2);
    assert_eq!(disk.asked(), ["grant.ended", "grant.ended", "note", "record"]);
}

#[tokio::test]
async fn what_the_caller_named_is_decided_once() {
    let disk = Scripted::answering([Err(CommitError::Guard)]);
    let gone = OAuthError::new(ErrorCode::PreconditionFailed, Reason::Missing);
    let (settled, rounds) = decided(&disk, [Verdict::Bound((), unit(), gone)]).await;
    assert_eq!(settled.unwrap_err().error.code(), ErrorCode::PreconditionFailed);
    assert_eq!(rounds.len(), 1);
}

#[test]
fn a_cached_fact_never_decides_alone() {
    let verdicts = || {
        [
            ("commit", Verdict::Commit((), unit())),
            ("confirmed", Verdict::Confirmed(())),
            ("answer", Verdict::Answer(())),
            ("refuse", Verdict::Refuse(refusal())),
        ]
    };
    let stale = |source| {
        let found = verdicts()
            .into_iter()
            .filter_map(move |(name, verdict)| matches!(verdict.on(source), Verdict::Stale).then_some(name));
        found.collect::<Vec<_>>()
    };
    // The guards of what is written repeat the versions, and what is confirmed was read with them.
    assert_eq!(stale(Source::Cache), ["answer", "refuse"]);
    assert!(stale(Source::Storage).is_empty());
}
