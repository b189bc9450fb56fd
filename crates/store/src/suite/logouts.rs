//! Who is told that a sign-in has ended: every client that it gave a code to, once, whatever ended it; and a row that is
//! taken by one of many.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authorization_code::NewCode;
use writ_core::backchannel::{DeliveryProblem, WaitingDelivery};
use writ_core::change::{Change, Changes, Enabled};
use writ_core::client::{Client, WebUri};
use writ_core::flow::FlowChange;
use writ_core::ids::{ClientId, CodeId, ConsentId, SessionId};
use writ_core::people::PeopleChange;
use writ_core::people::change::{AccountUpdate, PersonTokens};
use writ_core::time::{Micros, Seconds};

use super::flow::{Stage, agreed, end, flow, new_code, stage, start, withdraw};
use super::given::{self, NOW, id, unit};
use crate::manage::After;
use crate::store::Store;
use crate::sweep::ExpiringTable;

const CROWD: usize = 64;

/// A client that wants to be told, or does not.
async fn client(store: &Store, stage: &Stage, told: bool) -> Client {
    let mut new = given::new_client(stage.tenant);
    new.registration.metadata.contacts = vec![r#""backchannel_logout_uri":"x""#.into()];
    if told {
        let uri = WebUri::parse("https://rp.example/logout").unwrap();
        new.registration.metadata.logout.backchannel = Some(uri);
    }
    let client = new.client.clone();
    store.commit(unit(stage.tenant, Change::CreateClient(Box::new(new)))).await.unwrap();
    client
}

async fn gives(store: &Store, stage: &Stage, to: ClientId, session: SessionId) {
    let new = NewCode {
        id: CodeId::from_bytes(id()),
        client: to,
        session: Some(session),
        ..new_code(stage, "openid")
    };
    store.commit(flow(stage.tenant, FlowChange::IssueCode(Box::new(new)))).await.unwrap();
}

async fn queued(store: &Store, stage: &Stage) -> Vec<(SessionId, ClientId)> {
    let (rows, total) = store.logouts_page(stage.tenant, After::START, 100).await.unwrap();
    assert_eq!(usize::try_from(total).unwrap(), rows.len());
    let mut queued: Vec<_> = rows.iter().map(|(one, _)| (one.session, one.client)).collect();
    queued.sort_unstable();
    queued
}

fn update(stage: &Stage, tokens: PersonTokens) -> Changes {
    let update = AccountUpdate {
        user: stage.user,
        tenant: stage.tenant,
        version: 1,
        username: given::name("user").into(),
        email: None,
        email_verified_at: None,
        new_email: None,
        name: None,
        roles: Vec::new(),
        enabled: Enabled::Yes,
        leaves_at: None,
        password_hash: Some("$argon2id$other".into()),
        tokens,
        at: NOW,
    };
    unit(stage.tenant, Change::People(PeopleChange::Update(Box::new(update))))
}

/// Of two sign-ins of a person, one at two clients that want to be told and one that does not, the other at one.
pub(crate) async fn whatever_ends_a_sign_in_its_clients_are_told(store: &Arc<Store>) {
    for way in 0..10 {
        let stage = stage(store).await;
        let [one, two, deaf] = [
            client(store, &stage, true).await,
            client(store, &stage, true).await,
            client(store, &stage, false).await,
        ];
        let (here, there) = (stage.session, SessionId::from_bytes(id()));
        store.commit(start(&stage, there, 0)).await.unwrap();
        for (to, session) in [(&one, here), (&one, here), (&two, here), (&deaf, here), (&one, there)] {
            gives(store, &stage, to.id, session).await;
        }
        assert!(queued(store, &stage).await.is_empty(), "{way}");
        let (tenant, user) = (stage.tenant, stage.user);
        let consent = ConsentId::from_bytes(id());
        let all = vec![(here, one.id), (here, two.id), (there, one.id)];
        let of_one = vec![(here, one.id), (there, one.id)];
        let (changes, expected) = match way {
            0 => (end(&stage), vec![(here, one.id), (here, two.id)]),
            1 => (unit(tenant, Change::EndUserTokens { user, tenant }), all),
            2 => (unit(tenant, Change::SetUserEnabled { user, tenant, enabled: Enabled::No, at: NOW }), all),
            3 => (unit(tenant, Change::DeleteUser { user, tenant, only: None }), all),
            4 => (unit(tenant, Change::EndTenantTokens { tenant }), all),
            5 => (update(&stage, PersonTokens::End), all),
            6 => (update(&stage, PersonTokens::Keep), Vec::new()),
            7 => (unit(tenant, Change::EndGrantsBetween { client: one.id, user, tenant, at: NOW }), of_one),
            8 => {
                let stage = Stage { client: one.clone(), ..stage.clone() };
                store.commit(agreed(&stage, consent, None, "read")).await.unwrap();
                (withdraw(&stage, consent), of_one)
            }
            _ => (
                unit(tenant, Change::SetUserEnabled { user, tenant, enabled: Enabled::Yes, at: NOW }),
                Vec::new(),
            ),
        };
        let mut expected = expected;
        expected.sort_unstable();
        store.commit(changes).await.unwrap();
        assert_eq!(queued(store, &stage).await, expected, "{way}");
        // What ends once more tells nobody twice.
        if way != 3 {
            store.commit(unit(tenant, Change::EndUserTokens { user, tenant })).await.unwrap();
            let mut of_all = vec![(here, one.id), (here, two.id), (there, one.id)];
            of_all.sort_unstable();
            assert_eq!(queued(store, &stage).await, of_all, "{way}");
        }
    }
}

/// Who has got another code since is told again; a unit that fails tells nobody.
pub(crate) async fn a_client_is_told_once_for_what_it_was_given(store: &Arc<Store>) {
    let stage = stage(store).await;
    let one = client(store, &stage, true).await;
    gives(store, &stage, one.id, stage.session).await;
    let change = || {
        let (client, user, tenant) = (one.id, stage.user, stage.tenant);
        unit(stage.tenant, Change::EndGrantsBetween { client, user, tenant, at: NOW })
    };
    store.commit(change()).await.unwrap();
    store.commit(change()).await.unwrap();
    assert_eq!(queued(store, &stage).await.len(), 1);
    gives(store, &stage, one.id, stage.session).await;
    store.commit(end(&stage)).await.unwrap();
    assert_eq!(queued(store, &stage).await.len(), 2, "it was given another code");
    store.commit(end(&stage)).await.unwrap_err();
    assert_eq!(queued(store, &stage).await.len(), 2);
}

async fn due(store: &Store, client: &Client, now: Micros) -> Vec<WaitingDelivery> {
    store.logouts_due_of(client.id, now, 100).await.unwrap()
}

/// Several nodes, or a node that comes back: a row is taken by one, and comes again where nobody said what became of it.
pub(crate) async fn of_many_that_would_tell_a_client_one_does(store: &Arc<Store>) {
    let stage = stage(store).await;
    let one = client(store, &stage, true).await;
    gives(store, &stage, one.id, stage.session).await;
    store.commit(end(&stage)).await.unwrap();
    assert!(store.logouts_due(NOW).await.unwrap().contains(&(one.id, stage.tenant)));
    let found = due(store, &one, NOW).await.pop().unwrap();
    assert_eq!((found.session, found.user, found.tries), (stage.session, stage.user, 0));
    let again = NOW.plus(Seconds(15));
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, found) = (Arc::clone(store), found.clone());
        crowd.spawn(async move { store.take_logout(found, again).await.unwrap() });
    }
    let mut taken: Vec<_> = crowd.join_all().await.into_iter().flatten().collect();
    let taken = taken.pop().filter(|_| taken.is_empty()).expect("one takes it");
    assert!(due(store, &one, again.minus(Seconds(1))).await.is_empty());
    let left = due(store, &one, again).await.pop().unwrap();
    assert_eq!((left.tries, &left), (1, &taken), "whoever took it has died");

    let later = again.plus(Seconds(60));
    store.logout_again(&left, DeliveryProblem::Status(503), (again, later)).await.unwrap();
    let failed = due(store, &one, later).await.pop().unwrap();
    assert_eq!((failed.problem, failed.next_at), (Some(DeliveryProblem::Status(503)), Some(later)));
    store.logout_told(&left).await.unwrap();
    assert_eq!(due(store, &one, later).await.len(), 1, "what was taken since is not his to remove");
    store.logout_told(&failed).await.unwrap();
    assert!(queued(store, &stage).await.is_empty());
}

/// What else is due for a client waits as long as what failed; what is given up stays to be looked at, and goes in the end.
pub(crate) async fn a_client_that_does_not_answer_waits_and_is_given_up(store: &Arc<Store>) {
    let stage = stage(store).await;
    let [one, two] = [client(store, &stage, true).await, client(store, &stage, true).await];
    let there = SessionId::from_bytes(id());
    store.commit(start(&stage, there, 0)).await.unwrap();
    for (to, session) in [(&one, stage.session), (&one, there), (&two, there)] {
        gives(store, &stage, to.id, session).await;
    }
    store
        .commit(unit(stage.tenant, Change::EndUserTokens { user: stage.user, tenant: stage.tenant }))
        .await
        .unwrap();
    let [first, second] = due(store, &one, NOW).await.try_into().unwrap();
    let taken = store.take_logout(first, NOW.plus(Seconds(15))).await.unwrap().unwrap();
    let later = NOW.plus(Seconds(60));
    store.logout_again(&taken, DeliveryProblem::NoAnswer, (NOW, later)).await.unwrap();
    assert!(due(store, &one, later.minus(Seconds(1))).await.is_empty(), "the other one waits too");
    assert_eq!(due(store, &two, NOW).await.len(), 1, "another client does not");
    let waiting = due(store, &one, later).await;
    assert_eq!(waiting.iter().map(|one| one.tries).sum::<i64>(), 1, "only one was tried");

    for waiting in waiting {
        store.give_logout_up(&waiting, None, later).await.unwrap();
    }
    assert!(store.take_logout(second, later).await.unwrap().is_none());
    let (rows, _) = store.logouts_page(stage.tenant, After::START, 100).await.unwrap();
    let given_up: Vec<_> = rows.iter().filter(|(row, _)| row.given_up_at == Some(later)).collect();
    assert_eq!(given_up.len(), 2);
    assert!(given_up.iter().all(|(row, name)| row.next_at.is_none() && **name == *one.client_id));
    assert!(
        given_up.iter().any(|(row, _)| row.problem == Some(DeliveryProblem::NoAnswer)),
        "what was said last stays"
    );
    let month = later.plus(Seconds(30 * 86_400));
    assert_eq!(store.sweep_table(ExpiringTable::Logouts, stage.tenant, month).await, Ok(0));
    store.sweep_table(ExpiringTable::Logouts, stage.tenant, month.plus(Seconds(1))).await.unwrap();
    assert_eq!(queued(store, &stage).await, [(there, two.id)]);
}
