//! Lists that are filled in the background: complete at any time, of the right rows only, and bounded.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::audit::{AuditFilter, Mentioned};
use writ_core::change::{Action, Change, Changes, Target, TokensOf};
use writ_core::flow::FlowChange;
use writ_core::grant::{NewGrant, Terms};
use writ_core::ids::{ClientId, GrantId, TenantId, TokenId, UserId};
use writ_core::manage::tokens::TokenFilter;
use writ_core::refresh_token::NewRefreshToken;
use writ_core::time::{Micros, Seconds};
use writ_core::token::{TokenKind, TokenType};

use super::given::{self, NOW, id, issue, new_token, number_of, unit};
use crate::listing::{NEWEST, TOKEN_MARK};
use crate::sql::Sql;
use crate::store::Store;
use crate::sweep::SweepCursor;
use crate::tokens::TokensAsked;

static LISTED: Sql =
    Sql::new("LISTED", "SELECT CAST(COUNT(*) AS BIGINT) FROM token_index WHERE owner_id = $1");
static FORGET: Sql = Sql::new("FORGET", "DELETE FROM token_index WHERE owner_id = $1");

/// Late enough for everything that was made at [`NOW`] to be listed.
const LATER: Micros = NOW.plus(Seconds(10));

struct Given {
    tenant: TenantId,
    client: ClientId,
    other: ClientId,
    user: UserId,
    grant: GrantId,
}

impl Given {
    async fn new(store: &Store) -> Self {
        let tenant = given::tenant(store).await.id;
        let client = given::client(store, tenant).await.id;
        let other = given::client(store, tenant).await.id;
        let user = given::user(store, tenant).await;
        let grant = GrantId::from_bytes(id());
        let new = NewGrant {
            id: grant,
            tenant,
            client,
            user,
            scope: writ_core::scope::Scope::default(),
            authentication: writ_core::session::Authentication::by_password(NOW),
            terms: Terms::default(),
            created_at: NOW,
            expires_at: NOW.plus(Seconds(3600)),
        };
        store.commit(unit(tenant, Change::CreateGrant(Box::new(new)))).await.unwrap();
        Self { tenant, client, other, user, grant }
    }

    async fn token(&self, store: &Store, client: ClientId, user: Option<UserId>) -> TokenId {
        let mut new = new_token(self.tenant, client);
        (new.user, new.grant) = (user, user.map(|_| self.grant));
        let token = new.id;
        store.commit(issue(new)).await.unwrap();
        token
    }

    /// A refresh token of the grant.
    async fn refresh_token(&self, store: &Store) -> TokenId {
        let token = TokenId::from_bytes(id());
        let new = NewRefreshToken {
            id: token,
            hash: given::hash(),
            tenant: self.tenant,
            client: self.client,
            user: self.user,
            grant: self.grant,
            issued_at: NOW,
            expires_at: NOW.plus(Seconds(3600)),
        };
        store.commit(self.unit(FlowChange::IssueRefreshToken(Box::new(new)))).await.unwrap();
        token
    }

    fn unit(&self, change: FlowChange) -> Changes {
        unit(self.tenant, change.into())
    }

    fn asked(&self, filter: TokenFilter) -> TokensAsked {
        TokensAsked { tenant: self.tenant, filter, now: NOW.plus(Seconds(20)) }
    }

    /// All pages of a list.
    async fn list(&self, store: &Store, filter: TokenFilter, most: usize) -> Vec<TokenId> {
        let (asked, mut after, mut found) = (self.asked(filter), NEWEST, Vec::new());
        loop {
            let page = store.tokens_page(&asked, after, most).await.unwrap();
            assert!(page.rows.len() <= most);
            found.extend(page.rows.iter().map(|row| row.token.id));
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(store.tokens_total(&asked).await.unwrap(), Some(i64::try_from(found.len()).unwrap()));
        assert_eq!(
            store.count_tokens(&asked, &mut |token| token).await.unwrap(),
            i64::try_from(found.len()).unwrap()
        );
        found
    }

    fn of(client: Option<ClientId>, user: Option<UserId>) -> TokenFilter {
        TokenFilter { client, user, ..TokenFilter::default() }
    }
}

/// A time at which all that was made until now is old enough to be listed, and nothing that is made later.
fn by_now() -> Micros {
    Micros(NOW.0.saturating_add_unsigned(given::number())).plus(Seconds(5))
}

async fn fill(store: &Store, tenant: TenantId, now: Micros) {
    while !store.fill_lists(tenant, now).await.unwrap() {}
}

/// What is listed, what is not listed yet, and both together.
pub(crate) async fn every_live_token_is_in_its_lists_at_any_time(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let foreign = Given::new(store).await;
    let (mut ours, mut theirs, mut persons) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..3 {
        for _ in 0..7 {
            ours.insert(0, given.token(store, given.client, None).await);
            theirs.insert(0, given.token(store, given.other, None).await);
            let token = given.token(store, given.client, Some(given.user)).await;
            ours.insert(0, token);
            persons.insert(0, token);
            foreign.token(store, foreign.client, Some(foreign.user)).await;
        }
        // First nothing is listed, then everything, then part of it.
        if turn == 1 {
            fill(store, given.tenant, by_now()).await;
            assert!(number_of(store, &LISTED, given.client).await.unwrap() >= 14);
        }
        for most in [1, 5, 200] {
            assert_eq!(given.list(store, Given::of(Some(given.client), None), most).await, ours, "{turn}");
            assert_eq!(given.list(store, Given::of(Some(given.other), None), most).await, theirs, "{turn}");
            assert_eq!(given.list(store, Given::of(None, Some(given.user)), most).await, persons, "{turn}");
            let both = Given::of(Some(given.other), Some(given.user));
            assert_eq!(given.list(store, both, most).await, [], "{turn}");
        }
        let mut all: Vec<_> = ours.iter().chain(&theirs).copied().collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(given.list(store, TokenFilter::default(), 4).await, all, "{turn}");
    }
    let old = *ours.last().unwrap();
    let end = Change::EndAccessToken { token: old, tenant: given.tenant, at: NOW };
    store.commit(unit(given.tenant, end.clone())).await.unwrap();
    assert_eq!(store.commit(unit(given.tenant, end)).await.unwrap().rows(0), 0, "once");
    ours.pop();
    assert_eq!(given.list(store, Given::of(Some(given.client), None), 50).await, ours);
    let foreign_end = Change::EndAccessToken { token: ours[0], tenant: foreign.tenant, at: NOW };
    assert_eq!(store.commit(unit(foreign.tenant, foreign_end)).await.unwrap().rows(0), 0, "another tenant's");
    let expired = TokensAsked { now: NOW.plus(Seconds(3600)), ..given.asked(TokenFilter::default()) };
    assert!(store.tokens_page(&expired, NEWEST, 50).await.unwrap().rows.is_empty());
}

/// Refresh tokens stand among the others, as long as they can be used; what they come of ends them.
pub(crate) async fn refresh_tokens_are_listed_while_they_are_live(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let foreign = Given::new(store).await;
    let (tenant, at) = (given.tenant, NOW);
    let of_type = |of_type| TokenFilter { of_type: Some(of_type), ..TokenFilter::default() };
    let (mut all, mut access, mut refresh, mut users) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for turn in 0..3 {
        for _ in 0..5 {
            access.insert(0, given.token(store, given.client, None).await);
            all.insert(0, access[0]);
            refresh.insert(0, given.refresh_token(store).await);
            all.insert(0, refresh[0]);
            users.insert(0, refresh[0]);
            foreign.refresh_token(store).await;
        }
        if turn == 1 {
            fill(store, tenant, by_now()).await;
            assert!(number_of(store, &LISTED, given.user).await.unwrap() >= 5);
        }
        let used = refresh.remove(refresh.len() - 2);
        all.retain(|token| *token != used);
        users.retain(|token| *token != used);
        store
            .commit(given.unit(FlowChange::UseRefreshToken {
                token: used,
                tenant,
                at,
                successor: TokenId::from_bytes(id()),
            }))
            .await
            .unwrap();
        for most in [1, 3, 200] {
            assert_eq!(given.list(store, TokenFilter::default(), most).await, all, "{turn}");
            assert_eq!(given.list(store, of_type(TokenType::Access), most).await, access, "{turn}");
            assert_eq!(given.list(store, of_type(TokenType::Refresh), most).await, refresh, "{turn}");
            assert_eq!(given.list(store, Given::of(None, Some(given.user)), most).await, users, "{turn}");
            assert_eq!(given.list(store, Given::of(Some(given.other), None), most).await, [], "{turn}");
        }
        let read = store.token_of_any_type(refresh[0], tenant).await.unwrap().unwrap();
        assert_eq!(read.kind, TokenKind::Refresh { family: given.grant });
        assert!(store.token_of_any_type(refresh[0], foreign.tenant).await.unwrap().is_none());
    }

    fill(store, tenant, LATER).await;
    let mut cursor = SweepCursor::over(TokenType::Refresh);
    while !store.sweep(&mut cursor, tenant, NOW.plus(Seconds(20))).await.unwrap().1 {}
    let listed = i64::try_from(refresh.len()).unwrap();
    assert_eq!(
        number_of(store, &LISTED, given.user).await,
        Some(listed),
        "the used ones are out of the lists"
    );
    // As if they had been written after the lists were filled beyond them.
    let step = crate::value::Step::new(&FORGET, [given.user.into()]);
    let tenants = crate::value::Step::new(&FORGET, [tenant.into()]);
    store.commit_steps(tenant, vec![step, tenants]).await.unwrap();
    while !store.sweep(&mut cursor, tenant, NOW.plus(Seconds(20))).await.unwrap().1 {}
    assert_eq!(number_of(store, &LISTED, given.user).await, Some(listed));

    let end = || unit(tenant, Change::EndFamily { grant: given.grant, tenant, at });
    let elsewhere = Change::EndFamily { grant: given.grant, tenant: foreign.tenant, at };
    assert_eq!(store.commit(unit(foreign.tenant, elsewhere)).await.unwrap().rows(0), 0, "another tenant's");
    assert_eq!(store.commit(end()).await.unwrap().rows(0), 1);
    assert_eq!(store.commit(end()).await.unwrap().rows(0), 0, "once");
    assert_eq!(given.list(store, of_type(TokenType::Refresh), 50).await, []);
    while !store.sweep(&mut cursor, tenant, NOW.plus(Seconds(9999))).await.unwrap().1 {}
    assert!(store.token_of_any_type(refresh[0], tenant).await.unwrap().is_none());
    assert_eq!(number_of(store, &LISTED, given.user).await, Some(0));
}

/// Each way to end many tokens ends those and no others; what was counted is what was ended.
pub(crate) async fn bulk_acts_end_what_they_name_and_nothing_else(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let foreign = Given::new(store).await;
    let one = |change| unit(given.tenant, change);
    let mut expected = Vec::new();
    for _ in 0..2 {
        expected.push(given.token(store, given.client, None).await);
        expected.push(given.token(store, given.other, None).await);
        expected.push(given.token(store, given.client, Some(given.user)).await);
    }
    let outside = foreign.token(store, foreign.client, None).await;
    fill(store, given.tenant, LATER).await;
    let mark = |of, before| Change::EndTokensIssuedBefore { of, tenant: given.tenant, before };
    // Nothing was issued before the moment itself.
    for of in [
        TokensOf::Tenant,
        TokensOf::Client(given.client),
        TokensOf::User(given.user),
        TokensOf::Between(given.client, given.user),
    ] {
        store.commit(one(mark(of, NOW))).await.unwrap();
    }
    assert_eq!(given.list(store, TokenFilter::default(), 50).await.len(), 6);

    store.commit(one(mark(TokensOf::Between(given.client, given.user), Micros(NOW.0 + 1)))).await.unwrap();
    assert_eq!(given.list(store, Given::of(None, Some(given.user)), 50).await, []);
    assert_eq!(given.list(store, TokenFilter::default(), 50).await.len(), 4);

    // Never back: the earlier mark changes nothing.
    store.commit(one(mark(TokensOf::Client(given.client), Micros(NOW.0 + 1)))).await.unwrap();
    store.commit(one(mark(TokensOf::Client(given.client), Micros(NOW.0 - 1)))).await.unwrap();
    assert_eq!(given.list(store, Given::of(Some(given.client), None), 50).await, []);
    assert_eq!(given.list(store, Given::of(Some(given.other), None), 50).await.len(), 2);

    store.commit(one(mark(TokensOf::Tenant, Micros(NOW.0 + 1)))).await.unwrap();
    assert_eq!(given.list(store, TokenFilter::default(), 50).await, []);
    for token in expected {
        assert!(store.token_anywhere(token).await.unwrap().unwrap().1.live(NOW).is_err());
    }
    assert!(store.token_anywhere(outside).await.unwrap().unwrap().1.live(NOW).is_ok(), "another tenant's");

    let mut new = new_token(foreign.tenant, foreign.client);
    (new.user, new.grant) = (Some(foreign.user), Some(foreign.grant));
    let token = new.id;
    store.commit(issue(new)).await.unwrap();
    let between = Change::EndGrantsBetween {
        client: foreign.client,
        user: foreign.user,
        tenant: foreign.tenant,
        at: NOW,
    };
    assert_eq!(store.commit(unit(foreign.tenant, between)).await.unwrap().rows(0), 1);
    assert!(store.token_anywhere(token).await.unwrap().unwrap().1.live(NOW).is_err());
    assert!(store.token_anywhere(outside).await.unwrap().unwrap().1.live(NOW).is_ok());
    let before = store.user_generation(foreign.user, foreign.tenant).await.unwrap().unwrap();
    let all = Change::EndUserTokens { user: foreign.user, tenant: foreign.tenant };
    store.commit(unit(foreign.tenant, all)).await.unwrap();
    assert_eq!(store.user_generation(foreign.user, foreign.tenant).await.unwrap(), Some(before + 1));
}

/// While tokens are issued, a client's are all ended: what was issued before is dead, and stays out of the lists.
pub(crate) async fn nothing_issued_before_a_bulk_end_survives_it(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let (tenant, client) = (given.tenant, given.client);
    let mut crowd = JoinSet::new();
    for n in 0..64 {
        let store = Arc::clone(store);
        crowd.spawn(async move {
            if n == 32 {
                store.commit(unit(tenant, Change::EndClientTokens { client, tenant })).await.unwrap();
            }
            let mut issued = Vec::new();
            for _ in 0..4 {
                let new = new_token(tenant, client);
                let token = new.id;
                // Decided on the client as it was before: refused once its tokens have been ended.
                if store.commit(issue(new)).await.is_ok() {
                    issued.push(token);
                }
            }
            issued
        });
    }
    let issued: Vec<_> = crowd.join_all().await.into_iter().flatten().collect();
    assert!(!issued.is_empty());
    fill(store, tenant, LATER).await;
    for token in &issued {
        assert!(store.token_anywhere(*token).await.unwrap().unwrap().1.live(NOW).is_err(), "{token}");
    }
    assert_eq!(given.list(store, Given::of(Some(client), None), 50).await, []);
    let asked = given.asked(Given::of(Some(client), None));
    let ending = writ_core::manage::tokens::Ending::Client(client);
    let mut before = |token| writ_core::manage::tokens::before_the_end(token, &ending, 0);
    let counted = store.count_tokens(&asked, &mut before).await.unwrap();
    assert_eq!(usize::try_from(counted).unwrap(), issued.len(), "what was ended is counted after it");
}

/// The sweep takes tokens out of the lists, and puts in those that came late.
pub(crate) async fn the_sweep_keeps_the_lists(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let stays = given.token(store, given.client, None).await;
    let mut new = new_token(given.tenant, given.other);
    new.expires_at = NOW.plus(Seconds(100));
    store.commit(issue(new)).await.unwrap();
    fill(store, given.tenant, LATER).await;
    assert_eq!(number_of(store, &LISTED, given.other).await, Some(1));

    // As if it had been written after the lists were filled beyond it.
    for owner in [given.client.to_bytes(), given.tenant.to_bytes()] {
        let step = crate::value::Step::new(&FORGET, [crate::value::Value::Id(owner)]);
        store.commit_steps(given.tenant, vec![step]).await.unwrap();
    }
    assert_eq!(given.list(store, Given::of(Some(given.client), None), 50).await, []);
    let mut cursor = SweepCursor::over(TokenType::Access);
    while !store.sweep(&mut cursor, given.tenant, NOW.plus(Seconds(159))).await.unwrap().1 {}
    assert_eq!(given.list(store, Given::of(Some(given.client), None), 50).await, [stays]);
    while !store.sweep(&mut cursor, given.tenant, NOW.plus(Seconds(160))).await.unwrap().1 {}
    assert_eq!(number_of(store, &LISTED, given.other).await, Some(0));
    assert_eq!(number_of(store, &LISTED, given.tenant).await, Some(1));
    while !store.sweep(&mut cursor, given.tenant, NOW.plus(Seconds(9999))).await.unwrap().1 {}
    for owner in [given.tenant.to_bytes(), given.client.to_bytes()] {
        assert_eq!(number_of(store, &LISTED, TokenId::from_bytes(owner)).await, Some(0));
    }
}

/// Rounds of the filling job, several at once: the mark only moves forward, and an idle database is left alone.
pub(crate) async fn the_lists_are_filled_once(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let mut crowd = JoinSet::new();
    for _ in 0..1100 {
        let (store, new) = (Arc::clone(store), new_token(given.tenant, given.client));
        crowd.spawn(async move { store.commit(issue(new)).await.unwrap() });
    }
    crowd.join_all().await;
    let mut jobs = JoinSet::new();
    for _ in 0..4 {
        let (store, tenant) = (Arc::clone(store), given.tenant);
        jobs.spawn(async move { fill(&store, tenant, LATER).await });
    }
    jobs.join_all().await;
    fill(store, given.tenant, LATER).await;
    assert_eq!(number_of(store, &LISTED, given.client).await, Some(1100));
    let mark = store.mark(TOKEN_MARK).await.unwrap();
    let units = store.meters().units.load(std::sync::atomic::Ordering::Relaxed);
    assert!(store.fill_lists(given.tenant, LATER.plus(Seconds(60))).await.unwrap());
    assert_eq!(store.mark(TOKEN_MARK).await.unwrap(), mark, "nothing is new");
    assert_eq!(store.meters().units.load(std::sync::atomic::Ordering::Relaxed), units);
}

pub(crate) async fn the_audit_log_is_listed_whole(store: &Arc<Store>) {
    let given = Given::new(store).await;
    let foreign = Given::new(store).await;
    let already = given::records(store, given.tenant).await;
    let record = |tenant, action, target| {
        let mut act = given::act(tenant);
        (act.action, act.target) = (action, target);
        Changes::new(act)
    };
    let mut expected = Vec::new();
    for turn in 0..3 {
        for n in 0..9u8 {
            let unit = if n % 3 == 0 {
                record(given.tenant, Action::RoleCreated, Target::Tenant(given.tenant))
            } else {
                record(given.tenant, Action::AccessTokenIssued, Target::User(given.user))
            };
            expected.insert(0, unit.act().id);
            store.commit(unit).await.unwrap();
            let theirs = record(foreign.tenant, Action::AccessTokenIssued, Target::Server);
            store.commit(theirs).await.unwrap();
        }
        if turn == 1 {
            fill(store, given.tenant, by_now()).await;
        }
        for most in [1, 4, 100] {
            let all = audit(store, given.tenant, AuditFilter::default(), most).await;
            assert_eq!(all.len(), expected.len() + already);
            assert_eq!(all[..expected.len()], expected, "{turn}");
        }
    }
    let of = |action: &str| AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    assert_eq!(audit(store, given.tenant, of("access_token.issued"), 4).await.len(), 18);
    assert_eq!(audit(store, given.tenant, of("role.created"), 4).await.len(), 9);
    assert_eq!(audit(store, given.tenant, of("role.deleted"), 4).await.len(), 0);
    let user = Mentioned::Row(given.user.to_bytes());
    let to = AuditFilter { target: Some(user), ..AuditFilter::default() };
    assert_eq!(audit(store, given.tenant, to, 4).await.len(), 18);
    let late = AuditFilter { from: Some(NOW.plus(Seconds(1))), ..AuditFilter::default() };
    assert_eq!(audit(store, given.tenant, late, 4).await.len(), 0);
    let early = AuditFilter { to: Some(NOW.plus(Seconds(1))), ..AuditFilter::default() };
    assert_eq!(audit(store, given.tenant, early, 4).await.len(), expected.len() + already);
}

async fn audit(
    store: &Store,
    tenant: TenantId,
    filter: AuditFilter,
    most: usize,
) -> Vec<writ_core::ids::AuditId> {
    let (mut after, mut found) = (NEWEST, Vec::new());
    loop {
        let page = store.audit_page(tenant, &filter, (after, most)).await.unwrap();
        assert!(page.rows.len() <= most && page.rows.iter().all(|row| filter.takes(row)));
        found.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let total = store.audit_total(tenant, &filter).await.unwrap();
    assert_eq!(total, Some(i64::try_from(found.len()).unwrap()));
    found
}
