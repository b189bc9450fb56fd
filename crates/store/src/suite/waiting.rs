//! Requests that wait, and answers that wait for their browser: decided once, fetched once, over with what they rest on.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authorization_code::CodeStanding;
use writ_core::authorize::{
    Agreed, AnsweredFacts, AuthorizationRequest, Carrier, ChallengeFacts, ChallengeRef, ChallengeState,
    HeldAnswer, NewChallenge, NewPushed, Prompts, Pushed, ReplyTo, ResponseMode, UriSent, Used, Wrapping,
};
use writ_core::change::{Change, Enabled, TokensOf};
use writ_core::client::ResponseType;
use writ_core::confirmation::Confirmation;
use writ_core::device_code::{DeviceState, NewDeviceRequest, UserCode};
use writ_core::flow::{ChallengeOutcome, FlowChange};
use writ_core::ids::{ChallengeId, CodeId, ConsentId, DeviceRequestId, PushedId, UserId};
use writ_core::pkce::CodeChallenge;
use writ_core::session::Authentication;
use writ_core::time::Seconds;
use writ_core::token::Audience;

use super::flow::{Stage, agreed, claims, end, flow, scope, stage, withdraw};
use super::given::{self, NOW, hash, id, unit};
use crate::error::CommitError;
use crate::store::Store;

const CROWD: usize = 64;

fn key() -> Confirmation {
    Confirmation::Key("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into())
}

fn request(of: UserId) -> AuthorizationRequest {
    AuthorizationRequest {
        response_type: ResponseType::CodeIdToken,
        to: ReplyTo {
            redirect_uri: "https://app.example/cb".into(),
            mode: ResponseMode { carrier: Carrier::FormPost, wrapping: Wrapping::Jwt },
            state: Some("s".into()),
        },
        uri_sent: UriSent::No,
        scope: scope("openid read"),
        claims: claims(),
        nonce: None,
        pkce: Some(CodeChallenge::from_stored(hash())),
        cnf: Some(key()),
        prompts: Prompts::parse("login consent").unwrap(),
        max_age: Some(Seconds(9)),
        login_hint: Some("ada".into()),
        expected: Some(writ_core::subject::Subject::of(of)),
        picked: Some(Audience::new(["https://a.example"])),
        pushed: None,
        device: None,
    }
}

async fn begin(store: &Store, stage: &Stage) -> (ChallengeId, ChallengeRef) {
    begin_as(store, stage, None).await
}

async fn begin_as(store: &Store, stage: &Stage, pushed: Option<Pushed>) -> (ChallengeId, ChallengeRef) {
    let new = NewChallenge {
        id: ChallengeId::from_bytes(id()),
        hash: hash(),
        tenant: stage.tenant,
        client: stage.client.id,
        browser: stage.browser,
        signed_in: Some(stage.user),
        request: AuthorizationRequest { pushed, ..request(stage.user) },
        created_at: NOW,
        expires_at: NOW.plus(Seconds(600)),
    };
    let found = (new.id, ChallengeRef(new.hash));
    store.commit(flow(stage.tenant, FlowChange::StartChallenge(Box::new(new)))).await.unwrap();
    found
}

async fn read(store: &Store, stage: &Stage, presented: ChallengeRef) -> ChallengeFacts {
    store.challenge(presented, stage.tenant).await.unwrap().unwrap()
}

fn yes(stage: &Stage, consent: Option<ConsentId>) -> ChallengeOutcome {
    let agreed = Agreed {
        authentication: Authentication::by_password(NOW),
        scope: scope("openid"),
        consent,
        session: Some(stage.session),
    };
    ChallengeOutcome::Held { by: stage.user, verifier: hash(), agreed: Some((agreed, 0)) }
}

pub(crate) async fn a_challenge_is_decided_once_and_fetched_once(store: &Arc<Store>) {
    let stage = stage(store).await;
    let (challenge, presented) = begin(store, &stage).await;
    let found = read(store, &stage, presented).await;
    assert_eq!((&found.request.to, found.signed_in), (&request(stage.user).to, Some(stage.user)));
    assert_eq!((found.request.max_age, found.client), (Some(Seconds(9)), stage.client.id));
    assert_eq!(found.request.prompts, request(stage.user).prompts);
    assert_eq!((&found.request.claims, &found.request.cnf), (&claims(), &Some(key())));
    assert!(found.is_open(NOW) && !found.is_open(NOW.plus(Seconds(600))));
    assert!(store.challenge(presented, given::tenant(store).await.id).await.unwrap().is_none());

    let tenant = stage.tenant;
    let code = Some(CodeId::from_bytes(id()));
    let fetch = || flow(tenant, FlowChange::FetchAnswer { challenge, tenant, at: NOW, code });
    assert_eq!(store.commit(fetch()).await, Err(CommitError::Guard), "nothing is decided yet");
    let decide = |at, outcome: ChallengeOutcome| {
        flow(tenant, FlowChange::DecideChallenge { challenge, tenant, at, outcome: Box::new(outcome) })
    };
    let no = ChallengeOutcome::Held { by: stage.user, verifier: hash(), agreed: None };
    let late = decide(NOW.plus(Seconds(600)), no);
    assert_eq!(store.commit(late).await, Err(CommitError::Guard), "too late");
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, changes) = (Arc::clone(store), decide(NOW, yes(&stage, None)));
        crowd.spawn(async move { store.commit(changes).await });
    }
    assert_eq!(crowd.join_all().await.into_iter().flatten().count(), 1);
    let found = read(store, &stage, presented).await;
    let ChallengeState::Held(held) = &found.state else { panic!("{found:?}") };
    let HeldAnswer::Yes { agreed, standing, parents } = &held.answer else { panic!("{found:?}") };
    assert_eq!((held.by, held.at, agreed.scope.as_str()), (stage.user, NOW, "openid"));
    assert_eq!((agreed.session, *standing), (Some(stage.session), CodeStanding::Good));
    assert!(parents.iter().all(|parent| parent.alive()), "{parents:?}");
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, changes) = (Arc::clone(store), fetch());
        crowd.spawn(async move { store.commit(changes).await });
    }
    assert_eq!(crowd.join_all().await.into_iter().flatten().count(), 1);
    let found = read(store, &stage, presented).await;
    let ChallengeState::Answered(answered) = found.state else { panic!("{found:?}") };
    assert_eq!(answered, AnsweredFacts { at: NOW, by: Some(stage.user), code });
}

/// A pushed request is read as it was kept, in its tenant alone; of many that use it at the same time one does, and every
/// challenge that came as it knows.
pub(crate) async fn a_pushed_request_is_used_once(store: &Arc<Store>) {
    let stage = stage(store).await;
    let tenant = stage.tenant;
    let new = NewPushed {
        id: PushedId::from_bytes(id()),
        hash: hash(),
        tenant,
        client: stage.client.id,
        form: "client_id=a&scope=openid%20read".into(),
        expires_at: NOW.plus(Seconds(60)),
    };
    let (pushed, kept) = (new.id, new.clone());
    store.commit(flow(tenant, FlowChange::PushRequest(Box::new(new)))).await.unwrap();
    let found = store.pushed_request(pushed, tenant).await.unwrap().unwrap();
    assert_eq!((found.id, found.client, found.form), (pushed, kept.client, kept.form));
    assert!(found.hash.ct_eq(&kept.hash));
    assert_eq!((found.expires_at, found.used), (kept.expires_at, Used::No));
    assert!(store.pushed_request(pushed, given::tenant(store).await.id).await.unwrap().is_none());

    let (_, waiting) = begin_as(store, &stage, Some(Pushed { id: pushed, used: Used::No })).await;
    let shown = async || read(store, &stage, waiting).await.request.pushed;
    assert_eq!(shown().await, Some(Pushed { id: pushed, used: Used::No }));
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let changes = flow(tenant, FlowChange::UsePushed { pushed, tenant, at: NOW });
        let store = Arc::clone(store);
        crowd.spawn(async move { store.commit(changes).await });
    }
    assert_eq!(crowd.join_all().await.into_iter().flatten().count(), 1);
    assert_eq!(shown().await, Some(Pushed { id: pushed, used: Used::Yes }));
    assert_eq!(store.pushed_request(pushed, tenant).await.unwrap().unwrap().used, Used::Yes);
}

/// A device's request is read as it was kept, by its own id and by what its person types, in its tenant alone; no two in a
/// tenant show the same code; of many answers one counts, and none comes too late.
pub(crate) async fn a_device_is_answered_once(store: &Arc<Store>) {
    let stage = stage(store).await;
    let tenant = stage.tenant;
    let user_code = UserCode::from_stored("WDJBMJHT");
    let new = |code: &UserCode| NewDeviceRequest {
        id: DeviceRequestId::from_bytes(id()),
        hash: hash(),
        tenant,
        client: stage.client.id,
        user_code: code.clone(),
        scope: scope("openid read"),
        picked: Some(Audience::new(["urn:a"])),
        ip: Some("2001:db8::7".into()),
        created_at: NOW,
        expires_at: NOW.plus(Seconds(600)),
    };
    let begin = async |new: NewDeviceRequest| {
        store.commit(flow(tenant, FlowChange::StartDevice(Box::new(new)))).await
    };
    let kept = new(&user_code);
    begin(kept.clone()).await.unwrap();
    assert!(begin(new(&user_code)).await.is_err(), "another one shows that code");
    let by_id = store.device(kept.id, tenant).await.unwrap().unwrap();
    let by_code = store.device_showing(&user_code, tenant).await.unwrap().unwrap();
    for found in [by_id, by_code] {
        assert_eq!((found.id, found.client, &found.user_code), (kept.id, kept.client, &user_code));
        assert_eq!((&found.scope, &found.ip), (&kept.scope, &kept.ip));
        assert_eq!((found.created_at, found.expires_at), (kept.created_at, kept.expires_at));
        assert!(found.hash.ct_eq(&kept.hash) && found.state == DeviceState::Waiting);
        assert_eq!(found.client_id.as_deref(), Some(&*stage.client.client_id));
    }
    let foreign = given::tenant(store).await.id;
    assert!(store.device(kept.id, foreign).await.unwrap().is_none());
    assert!(store.device_showing(&user_code, foreign).await.unwrap().is_none());

    let code = CodeId::from_bytes(id());
    let late = NOW.plus(Seconds(600));
    let answer =
        |at| flow(tenant, FlowChange::AnswerDevice { device: kept.id, tenant, at, code: Some(code) });
    assert!(store.commit(answer(late)).await.is_err());
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (changes, store) = (answer(NOW), Arc::clone(store));
        crowd.spawn(async move { store.commit(changes).await });
    }
    assert_eq!(crowd.join_all().await.into_iter().flatten().count(), 1);
    let found = store.device(kept.id, tenant).await.unwrap().unwrap();
    assert_eq!(found.state, DeviceState::Approved { code });
}

/// Whatever ends a sign-in, a consent, or all tokens of a client, a person or a tenant ends what was decided by them and
/// waits.
pub(crate) async fn an_answer_that_waits_ends_with_what_it_rests_on(store: &Arc<Store>) {
    for ends in 0..11 {
        let stage = stage(store).await;
        let (tenant, user, client) = (stage.tenant, stage.user, stage.client.id);
        let consent = ConsentId::from_bytes(id());
        store.commit(agreed(&stage, consent, None, "openid read")).await.unwrap();
        let (challenge, presented) = begin(store, &stage).await;
        let outcome = Box::new(yes(&stage, Some(consent)));
        let decide = FlowChange::DecideChallenge { challenge, tenant, at: NOW, outcome };
        store.commit(flow(tenant, decide)).await.unwrap();
        let stands = async || {
            let Some(found) = store.challenge(presented, tenant).await.unwrap() else { return false };
            let ChallengeState::Held(held) = found.state else { return false };
            let HeldAnswer::Yes { standing, parents, .. } = held.answer else { panic!("{ends}") };
            standing == CodeStanding::Good && parents.iter().all(|parent| parent.alive())
        };
        assert!(stands().await, "{ends}");
        let before = NOW.plus(Seconds(1));
        let enabled = |enabled| Change::SetUserEnabled { user, tenant, enabled, at: NOW };
        let changes = match ends {
            0 => vec![end(&stage)],
            1 => vec![withdraw(&stage, consent)],
            2 => vec![unit(tenant, enabled(Enabled::No)), unit(tenant, enabled(Enabled::Yes))],
            3 => vec![unit(tenant, Change::EndUserTokens { user, tenant })],
            4 => vec![unit(tenant, Change::EndClientTokens { client, tenant })],
            5 => vec![unit(tenant, Change::EndTenantTokens { tenant })],
            6 => vec![unit(tenant, Change::DeleteUser { user, tenant, only: None })],
            7 => {
                let of = TokensOf::User(user);
                vec![unit(tenant, Change::EndTokensIssuedBefore { of, tenant, before })]
            }
            8 => vec![unit(tenant, Change::EndGrantsBetween { client, user, tenant, at: NOW })],
            9 => {
                let of = TokensOf::Between(client, user);
                vec![unit(tenant, Change::EndTokensIssuedBefore { of, tenant, before })]
            }
            _ => vec![unit(tenant, Change::DeleteClient { client, tenant, only: None })],
        };
        for change in changes {
            store.commit(change).await.unwrap();
        }
        assert!(!stands().await, "{ends}");
    }
}
