//! Signing in, deciding and redeeming: what may happen once happens once, and what was ended has no live child.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authorization_code::{CodeStanding, CodeState, Generations, NewCode};
use writ_core::change::{Change, Changes, Enabled};
use writ_core::claims::ClaimsRequest;
use writ_core::client::Client;
use writ_core::confirmation::Confirmation;
use writ_core::consent::{ConsentEvent, ConsentFacts, ConsentRecord, ConsentWrite};
use writ_core::flow::{FlowChange, GrantMade, Redemption};
use writ_core::ids::{
    BrowserId, CodeId, ConsentEventId, ConsentId, GrantId, SessionId, TenantId, TokenId, UserId,
};
use writ_core::pkce::CodeChallenge;
use writ_core::refresh_token::{NewRefreshToken, RefreshState};
use writ_core::scope::Scope;
use writ_core::session::{Authentication, Lifetimes, NewBrowser, NewSession};
use writ_core::time::Seconds;
use writ_core::token::{Audience, Basis, NewAccessToken, TokenType};

use super::given::{self, NOW, hash, id, new_token, terms, unit};
use crate::error::CommitError;
use crate::flow::Of;
use crate::manage::After;
use crate::store::Store;
use crate::sweep::{ExpiringTable, SweepCursor};

const CROWD: usize = 64;
const LIFETIMES: Lifetimes = Lifetimes { idle: Seconds(3600), absolute: Seconds(7200) };

/// A tenant with a client and a person who is signed in in a browser.
#[derive(Clone)]
pub(super) struct Stage {
    pub tenant: TenantId,
    pub client: Client,
    pub user: UserId,
    pub browser: BrowserId,
    pub session: SessionId,
}

/// Single claims that were asked for.
pub(super) fn claims() -> ClaimsRequest {
    ClaimsRequest::read(r#"{"userinfo":{"email":null},"id_token":{"name":null}}"#).unwrap().0
}

pub(super) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(super) async fn stage(store: &Store) -> Stage {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await;
    let user = given::user(store, tenant).await;
    let browser = BrowserId::from_bytes(id());
    let new = NewBrowser { id: browser, hash: hash(), created_at: NOW, expires_at: NOW.plus(Seconds(99)) };
    store.commit(flow(tenant, FlowChange::CreateBrowser(Box::new(new)))).await.unwrap();
    let session = SessionId::from_bytes(id());
    let stage = Stage { tenant, client, user, browser, session };
    store.commit(start(&stage, session, 0)).await.unwrap();
    stage
}

pub(super) fn flow(tenant: TenantId, change: FlowChange) -> Changes {
    unit(tenant, change.into())
}

pub(super) fn start(stage: &Stage, session: SessionId, user_generation: i64) -> Changes {
    let new = NewSession {
        id: session,
        tenant: stage.tenant,
        browser: stage.browser,
        user: stage.user,
        user_generation,
        authentication: Authentication::by_password(NOW),
        expires_at: NOW.plus(LIFETIMES.absolute),
        ip: Some([192, 0, 2, 1].into()),
        user_agent: Some("an agent".into()),
    };
    flow(stage.tenant, FlowChange::StartSession(Box::new(new)))
}

pub(super) fn end(stage: &Stage) -> Changes {
    flow(stage.tenant, FlowChange::EndSession { session: stage.session, tenant: stage.tenant, at: NOW })
}

pub(super) fn new_code(stage: &Stage, asked: &str) -> NewCode {
    NewCode {
        id: CodeId::from_bytes(id()),
        hash: hash(),
        tenant: stage.tenant,
        client: stage.client.id,
        user: stage.user,
        session: Some(stage.session),
        consent: None,
        redirect_uri: Some("https://app.example/cb".into()),
        scope: scope(asked),
        claims: claims(),
        nonce: Some("a \"nonce\"".into()),
        pkce: Some(CodeChallenge::from_stored(hash())),
        cnf: Some(Confirmation::Key("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into())),
        authentication: Authentication::by_password(NOW),
        created_at: NOW,
        expires_at: NOW.plus(Seconds(60)),
        basis: Basis { client_version: 1, tenant_version: 1 },
        generations: Generations { client: None, tenant: None, user: 0 },
        grant: None,
        picked: Some(Audience::new(["https://a.example", "urn:b"])),
    }
}

pub(super) async fn code(store: &Store, stage: &Stage, new: NewCode) -> CodeId {
    let id = new.id;
    store.commit(flow(stage.tenant, FlowChange::IssueCode(Box::new(new)))).await.unwrap();
    id
}

pub(super) fn redemption(stage: &Stage, code: CodeId, (grant, made): (GrantId, GrantMade)) -> Redemption {
    Redemption {
        code,
        tenant: stage.tenant,
        grant,
        session: Some(stage.session),
        consent: None,
        at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
        terms: terms(),
        made,
    }
}

/// The unit of a redemption, with the access and the refresh token that come of it.
pub(super) fn redeem(
    stage: &Stage,
    code: CodeId,
    consent: Option<ConsentId>,
) -> (Changes, GrantId, TokenId, TokenId) {
    let grant = GrantId::from_bytes(id());
    let redemption = Redemption { consent, ..redemption(stage, code, (grant, GrantMade::Now)) };
    redeemed(stage, redemption)
}

pub(super) fn redeemed(stage: &Stage, redemption: Redemption) -> (Changes, GrantId, TokenId, TokenId) {
    let (grant, refresh) = (redemption.grant, TokenId::from_bytes(id()));
    let token = NewAccessToken {
        user: Some(stage.user),
        grant: Some(grant),
        ..new_token(stage.tenant, stage.client.id)
    };
    let access = token.id;
    let new = NewRefreshToken {
        id: refresh,
        hash: hash(),
        tenant: stage.tenant,
        client: stage.client.id,
        user: stage.user,
        grant,
        issued_at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
    };
    let changes = flow(stage.tenant, FlowChange::RedeemCode(Box::new(redemption)))
        .with(Change::IssueAccessToken(Box::new(token)))
        .with(FlowChange::IssueRefreshToken(Box::new(new)).into());
    (changes, grant, access, refresh)
}

pub(super) async fn is_live(store: &Store, stage: &Stage, tokens: (TokenId, TokenId)) -> bool {
    let (_, access) = store.token_anywhere(tokens.0).await.unwrap().unwrap();
    let refresh = store.refresh_token(tokens.1, stage.tenant).await.unwrap().unwrap();
    let alive = access.live(NOW).is_ok();
    assert_eq!(refresh.grant.is_some_and(|grant| grant.is_live()), alive, "a grant's tokens share its fate");
    alive
}

/// What is written is what is read.
pub(crate) async fn a_code_and_what_comes_of_it_are_read_back(store: &Arc<Store>) {
    let stage = stage(store).await;
    let new = new_code(&stage, "openid read");
    let id = code(store, &stage, new.clone()).await;
    let read = store.code(id, stage.tenant).await.unwrap().unwrap();
    assert_eq!((&read.redirect_uri, &read.nonce, &read.pkce), (&new.redirect_uri, &new.nonce, &new.pkce));
    assert_eq!(read.cnf, new.cnf, "the key that it is for");
    assert_eq!(
        (read.state, read.standing, read.expires_at),
        (CodeState::Live, CodeStanding::Good, new.expires_at)
    );
    assert!(
        read.hash.ct_eq(&new.hash) && read.scope == new.scope && read.authentication == new.authentication
    );
    assert!(store.code(id, given::tenant(store).await.id).await.unwrap().is_none(), "of another tenant");

    let (changes, grant, access, refresh) = redeem(&stage, id, None);
    store.commit(changes).await.unwrap();
    let read = store.code(id, stage.tenant).await.unwrap().unwrap();
    assert_eq!(read.state, CodeState::Redeemed { grant, ended_at: None });
    assert!(is_live(store, &stage, (access, refresh)).await);
    let refresh = store.refresh_token(refresh, stage.tenant).await.unwrap().unwrap();
    let family = refresh.grant.unwrap();
    assert_eq!((family.id, family.user, family.scope), (grant, stage.user, new.scope));
    assert_eq!((family.terms, family.session), (terms(), Some(stage.session)), "what binds the grant");
    assert_eq!((refresh.state, family.authentication), (RefreshState::Live, new.authentication));
}

pub(crate) async fn of_many_redemptions_one_is_written(store: &Arc<Store>) {
    let stage = Arc::new(stage(store).await);
    let id = code(store, &stage, new_code(&stage, "read")).await;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, stage) = (Arc::clone(store), Arc::clone(&stage));
        crowd.spawn(async move {
            let (changes, _, access, refresh) = redeem(&stage, id, None);
            store.commit(changes).await.map(|_| (access, refresh))
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = crowd.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| *answer == Err(CommitError::Guard)), "{lost:?}");
    assert!(is_live(store, &stage, won[0].clone().unwrap()).await);
}

/// Codes are redeemed before, while and after their sign-in ends: none of what came of them lives on, but for what
/// was granted for offline access.
pub(crate) async fn nothing_of_a_sign_in_outlives_its_end(store: &Arc<Store>) {
    let stage = Arc::new(stage(store).await);
    let offline = code(store, &stage, new_code(&stage, "read offline_access")).await;
    let (changes, _, access, refresh) = redeem(&stage, offline, None);
    store.commit(changes).await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..CROWD {
        codes.push(code(store, &stage, new_code(&stage, "read")).await);
    }
    let mut crowd = JoinSet::new();
    for (n, id) in codes.into_iter().enumerate() {
        let (store, stage) = (Arc::clone(store), Arc::clone(&stage));
        crowd.spawn(async move {
            if n == CROWD / 2 {
                store.commit(end(&stage)).await.unwrap();
            }
            let (changes, _, access, refresh) = redeem(&stage, id, None);
            store.commit(changes).await.ok().map(|_| (access, refresh))
        });
    }
    for tokens in crowd.join_all().await.into_iter().flatten() {
        assert!(!is_live(store, &stage, tokens).await, "a grant outlives its sign-in");
    }
    assert!(is_live(store, &stage, (access, refresh)).await, "offline access goes on");
    assert_eq!(store.commit(end(&stage)).await, Err(CommitError::Guard), "it ends once");
    let late = new_code(&stage, "read");
    let late = code(store, &stage, late).await;
    assert_eq!(store.code(late, stage.tenant).await.unwrap().unwrap().standing, CodeStanding::Ended);
}

pub(super) fn agreed(stage: &Stage, consent: ConsentId, from: Option<&ConsentFacts>, to: &str) -> Changes {
    let write = ConsentWrite {
        from: from.cloned(),
        to: ConsentFacts {
            id: consent,
            scope: scope(to),
            remembered: scope("read"),
            resources: Some(Audience::new(["urn:a"])),
        },
        tenant: stage.tenant,
        client: stage.client.id,
        user: stage.user,
        at: NOW,
    };
    flow(stage.tenant, FlowChange::WriteConsent(Box::new(write)))
}

pub(super) fn withdraw(stage: &Stage, consent: ConsentId) -> Changes {
    let change = FlowChange::WithdrawConsent {
        consent,
        tenant: stage.tenant,
        client: stage.client.id,
        user: stage.user,
        at: NOW,
    };
    flow(stage.tenant, change)
}

/// As with sign-ins: whatever the order, nothing is alive behind a consent that was withdrawn.
pub(crate) async fn nothing_of_a_consent_outlives_its_withdrawal(store: &Arc<Store>) {
    let stage = Arc::new(stage(store).await);
    let consent = ConsentId::from_bytes(id());
    store.commit(agreed(&stage, consent, None, "read")).await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..CROWD {
        let new = NewCode { consent: Some(consent), ..new_code(&stage, "read offline_access") };
        codes.push(code(store, &stage, new).await);
    }
    let mut crowd = JoinSet::new();
    for (n, id) in codes.into_iter().enumerate() {
        let (store, stage) = (Arc::clone(store), Arc::clone(&stage));
        crowd.spawn(async move {
            if n == CROWD / 2 {
                store.commit(withdraw(&stage, consent)).await.unwrap();
            }
            let (changes, _, access, refresh) = redeem(&stage, id, Some(consent));
            store.commit(changes).await.ok().map(|_| (access, refresh))
        });
    }
    for tokens in crowd.join_all().await.into_iter().flatten() {
        assert!(!is_live(store, &stage, tokens).await, "a grant outlives its consent");
    }
    assert_eq!(store.commit(withdraw(&stage, consent)).await, Err(CommitError::Guard));
}

/// A consent is one row for a person and a client, and is written only as it was decided on.
pub(crate) async fn consents_change_only_from_those_decided_on(store: &Arc<Store>) {
    let stage = stage(store).await;
    let (first, second) = (ConsentId::from_bytes(id()), ConsentId::from_bytes(id()));
    store.commit(agreed(&stage, first, None, "read")).await.unwrap();
    assert_eq!(store.commit(agreed(&stage, second, None, "write")).await, Err(CommitError::Guard));
    let known = store.consent_of(stage.user, stage.client.id).await.unwrap().unwrap();
    store.commit(agreed(&stage, first, Some(&known), "read write")).await.unwrap();
    assert_eq!(store.commit(agreed(&stage, first, Some(&known), "read x")).await, Err(CommitError::Guard));
    let known = store.consent_of(stage.user, stage.client.id).await.unwrap().unwrap();
    assert_eq!((known.id, known.scope.as_str(), known.remembered.as_str()), (first, "read write", "read"));

    let record = ConsentRecord {
        id: ConsentEventId::from_bytes(id()),
        consent: Some(first),
        tenant: stage.tenant,
        client_id: stage.client.client_id.clone(),
        user: stage.user,
        event: ConsentEvent::Granted,
        scope: scope("read"),
        at: NOW,
    };
    store.commit(flow(stage.tenant, FlowChange::RecordConsent(Box::new(record)))).await.unwrap();
    for of in [Of::Tenant(stage.tenant), Of::User(stage.user)] {
        let (page, total) = store.consents_page(of, After::START, 10).await.unwrap();
        assert_eq!((page.len(), total, page[0].id), (1, 1, first));
        assert_eq!(page[0].client_id, stage.client.client_id);
        let (events, total) = store.consent_history(of, After::START, 10).await.unwrap();
        assert_eq!((events.len(), total, &*events[0].event), (1, 1, "granted"));
    }
    let found = store.consent_for(stage.user, &stage.client.client_id, stage.tenant).await.unwrap().unwrap();
    assert_eq!(store.shown_consent(first, stage.tenant).await.unwrap().unwrap().id, found.id);
    let foreign = given::tenant(store).await.id;
    assert!(store.shown_consent(first, foreign).await.unwrap().is_none());
}

pub(crate) async fn a_refresh_token_is_used_up_once(store: &Arc<Store>) {
    let stage = stage(store).await;
    let redeemed = code(store, &stage, new_code(&stage, "read")).await;
    let (changes, grant, _, refresh) = redeem(&stage, redeemed, None);
    store.commit(changes).await.unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, tenant, successor) = (Arc::clone(store), stage.tenant, TokenId::from_bytes(id()));
        let change = FlowChange::UseRefreshToken { token: refresh, tenant, at: NOW, successor };
        crowd.spawn(async move { store.commit(flow(tenant, change)).await.map(|_| successor) });
    }
    let won: Vec<_> = crowd.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let read = store.refresh_token(refresh, stage.tenant).await.unwrap().unwrap();
    assert_eq!(read.state, RefreshState::Used { at: NOW, successor: Some(won[0]) });
    let extend = || {
        flow(
            stage.tenant,
            FlowChange::ExtendGrant { grant, tenant: stage.tenant, expires_at: NOW.plus(Seconds(9)) },
        )
    };
    store.commit(extend()).await.unwrap();
    store
        .commit(unit(stage.tenant, Change::EndGrant { grant, tenant: stage.tenant, at: NOW }))
        .await
        .unwrap();
    assert_eq!(store.commit(extend()).await, Err(CommitError::Guard), "what has ended does not go on");
}

/// A person who was locked out, even for a moment, has nothing left of before.
pub(crate) async fn nothing_of_a_person_outlives_their_lockout(store: &Arc<Store>) {
    let stage = stage(store).await;
    let before = code(store, &stage, new_code(&stage, "read")).await;
    let redeemed = code(store, &stage, new_code(&stage, "read")).await;
    let (changes, _, access, refresh) = redeem(&stage, redeemed, None);
    store.commit(changes).await.unwrap();
    for enabled in [Enabled::No, Enabled::Yes] {
        let change = Change::SetUserEnabled { user: stage.user, tenant: stage.tenant, enabled, at: NOW };
        store.commit(unit(stage.tenant, change)).await.unwrap();
        assert!(!is_live(store, &stage, (access, refresh)).await);
        let session = store.session_of(stage.browser, stage.tenant).await.unwrap().unwrap();
        assert!(!session.live(LIFETIMES, NOW));
        let read = store.code(before, stage.tenant).await.unwrap().unwrap();
        assert!(!read.parents.iter().all(|parent| parent.alive()));
    }
    // Redeemed all the same, on facts of before: what comes of it bears the generation of before.
    let (changes, _, access, refresh) = redeem(&stage, before, None);
    store.commit(changes).await.unwrap();
    assert!(!is_live(store, &stage, (access, refresh)).await);
    let again = SessionId::from_bytes(id());
    assert_eq!(
        store.commit(start(&stage, again, 0)).await,
        Err(CommitError::Guard),
        "proved before the lockout"
    );
    store.commit(start(&stage, again, 1)).await.unwrap();
    let session = store.session_of(stage.browser, stage.tenant).await.unwrap().unwrap();
    assert!(session.id == again && session.live(LIFETIMES, NOW));
}

pub(crate) async fn sign_ins_are_of_a_browser_and_a_tenant(store: &Arc<Store>) {
    let stage = stage(store).await;
    let read = store.session_of(stage.browser, stage.tenant).await.unwrap().unwrap();
    assert_eq!((read.id, read.user, read.browser), (stage.session, stage.user, stage.browser));
    assert!(read.live(LIFETIMES, NOW));
    let foreign = given::tenant(store).await.id;
    assert!(store.session_of(stage.browser, foreign).await.unwrap().is_none());
    let at = (LIFETIMES, NOW);
    for of in [Of::Tenant(stage.tenant), Of::User(stage.user)] {
        let (page, total) = store.sessions_page(of, (After::START, 10), at).await.unwrap();
        assert_eq!((page.len(), total, page[0].id), (1, 1, stage.session));
        assert_eq!(
            (page[0].ip.as_deref(), page[0].user_agent.as_deref()),
            (Some("192.0.2.1"), Some("an agent"))
        );
        let late = (LIFETIMES, NOW.plus(LIFETIMES.idle));
        assert_eq!(store.sessions_page(of, (After::START, 10), late).await.unwrap().1, 0);
    }
    assert!(store.shown_session(stage.session, foreign, at).await.unwrap().is_none());

    let browser = store.browser(stage.browser).await.unwrap().unwrap();
    let rotate = |from, to| {
        let expires_at = NOW.plus(Seconds(50));
        flow(stage.tenant, FlowChange::RotateBrowser { browser: stage.browser, from, to, expires_at })
    };
    let next = hash();
    store.commit(rotate(browser.hash, next)).await.unwrap();
    assert_eq!(
        store.commit(rotate(browser.hash, hash())).await,
        Err(CommitError::Guard),
        "another cookie by now"
    );
    let after = store.browser(stage.browser).await.unwrap().unwrap();
    assert!(after.hash.ct_eq(&next) && after.expires_at == browser.expires_at, "never a shorter life");

    let authentication = Authentication { at: NOW.plus(Seconds(5)), methods: "pwd otp".into() };
    let renew = FlowChange::RenewSession {
        session: stage.session,
        tenant: stage.tenant,
        authentication: authentication.clone(),
        expires_at: NOW.plus(Seconds(9)),
    };
    store.commit(flow(stage.tenant, renew.clone())).await.unwrap();
    let read = store.session_of(stage.browser, stage.tenant).await.unwrap().unwrap();
    assert_eq!((read.authentication, read.expires_at), (authentication, NOW.plus(Seconds(9))));
    store.commit(end(&stage)).await.unwrap();
    assert_eq!(store.commit(flow(stage.tenant, renew)).await, Err(CommitError::Guard));
    assert!(store.session_of(stage.browser, stage.tenant).await.unwrap().is_none());
}

pub(crate) async fn what_is_over_goes_by_itself(store: &Arc<Store>) {
    let stage = stage(store).await;
    let id = code(store, &stage, new_code(&stage, "read")).await;
    let (changes, _, access, refresh) = redeem(&stage, id, None);
    store.commit(changes).await.unwrap();
    let sweep = async |after| {
        for table in ExpiringTable::ALL {
            store.sweep_table(table, stage.tenant, NOW.plus(Seconds(after))).await.unwrap();
        }
    };
    sweep(30).await;
    assert!(is_live(store, &stage, (access, refresh)).await, "nothing is over yet");
    sweep(20_000).await;
    let mut cursor = SweepCursor::over(TokenType::Refresh);
    while !store.sweep(&mut cursor, stage.tenant, NOW.plus(Seconds(20_000))).await.unwrap().1 {}
    assert!(store.code(id, stage.tenant).await.unwrap().is_none());
    assert!(store.refresh_token(refresh, stage.tenant).await.unwrap().is_none());
    assert!(store.session_of(stage.browser, stage.tenant).await.unwrap().is_none());
    assert!(store.browser(stage.browser).await.unwrap().is_none());
}

/// What belongs to a person, a client or a tenant goes with it; the history of consents goes with the tenant alone.
pub(crate) async fn consents_and_sign_ins_go_with_what_they_are_of(store: &Arc<Store>) {
    for gone in 0..3 {
        let stage = stage(store).await;
        let (consent, tenant) = (ConsentId::from_bytes(id()), stage.tenant);
        store.commit(agreed(&stage, consent, None, "read")).await.unwrap();
        let record = ConsentRecord {
            id: ConsentEventId::from_bytes(id()),
            consent: Some(consent),
            tenant,
            client_id: stage.client.client_id.clone(),
            user: stage.user,
            event: ConsentEvent::Granted,
            scope: scope("read"),
            at: NOW,
        };
        store.commit(flow(tenant, FlowChange::RecordConsent(Box::new(record)))).await.unwrap();
        let change = match gone {
            0 => Change::DeleteUser { user: stage.user, tenant, only: None },
            1 => Change::DeleteClient { client: stage.client.id, tenant, only: None },
            _ => Change::DeleteTenant { tenant, only: None },
        };
        store.commit(unit(tenant, change)).await.unwrap();
        assert!(store.consent_of(stage.user, stage.client.id).await.unwrap().is_none(), "{gone}");
        let session = store.session_of(stage.browser, tenant).await.unwrap();
        assert_eq!(session.is_some(), gone == 1, "{gone}");
        let (_, events) = store.consent_history(Of::User(stage.user), After::START, 10).await.unwrap();
        assert_eq!(events, i64::from(gone != 2), "{gone}: it outlives the consent");
    }
}

/// What was issued before a time can be ended at once: codes and refresh tokens with the rest.
pub(crate) async fn codes_and_refresh_tokens_end_with_all_of_before(store: &Arc<Store>) {
    use writ_core::change::TokensOf;
    for of in 0..3 {
        let stage = stage(store).await;
        let waiting = code(store, &stage, new_code(&stage, "read")).await;
        let id = code(store, &stage, new_code(&stage, "read")).await;
        let (changes, _, _, refresh) = redeem(&stage, id, None);
        store.commit(changes).await.unwrap();
        let of = match of {
            0 => TokensOf::Tenant,
            1 => TokensOf::Client(stage.client.id),
            _ => TokensOf::User(stage.user),
        };
        for (before, ended) in [(NOW, false), (NOW.plus(Seconds(1)), true)] {
            let end = Change::EndTokensIssuedBefore { of, tenant: stage.tenant, before };
            store.commit(unit(stage.tenant, end)).await.unwrap();
            let refresh = store.refresh_token(refresh, stage.tenant).await.unwrap().unwrap();
            assert_eq!(refresh.issued_at < refresh.issued_before, ended, "{of:?} {before:?}");
            let code = store.code(waiting, stage.tenant).await.unwrap().unwrap();
            assert_eq!(code.standing == CodeStanding::Ended, ended, "{of:?} {before:?}");
        }
    }
}
