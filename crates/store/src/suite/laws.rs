//! The law of liveness: a token lives as long as all it depends on, and for its own tenant alone.
//!
//! Random sequences of changes run against the store and against a model that knows nothing of
//! generations: it walks its list of tokens and marks the dead.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use writ_core::change::{Change, Changes, Enabled};
use writ_core::ids::{ClientId, TenantId, TokenId, UserId};
use writ_core::token::{Basis, NewAccessToken, TokenFacts};

use super::given::{self, NOW, new_client, new_token, new_user, records, unit};
use crate::error::{CommitError, Constraint};
use crate::store::{CallerVersions, Store};

const CASES: u32 = 32;
const STEPS: usize = 40;
/// Clients and users that a tenant has room for. Few, so that the steps meet.
const SLOTS: usize = 2;

#[derive(Debug, Clone, Copy)]
enum Step {
    CreateClient { slot: usize },
    CreateUser { slot: usize },
    IssueMachine { client: usize },
    IssuePerson { client: usize, user: usize },
    IssueStale { client: usize },
    Revoke { token: usize },
    RevokeFromOutside { token: usize },
    SetClient { slot: usize, enabled: Enabled },
    DeleteClient { slot: usize },
    EndClientTokens { slot: usize },
    SetUser { slot: usize, enabled: Enabled },
    DeleteUser { slot: usize },
    EndTenantTokens,
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let slot = 0..SLOTS;
    let enabled = any::<bool>().prop_map(Enabled::from);
    let step = prop_oneof![
        3 => slot.clone().prop_map(|slot| Step::CreateClient { slot }),
        3 => slot.clone().prop_map(|slot| Step::CreateUser { slot }),
        4 => slot.clone().prop_map(|client| Step::IssueMachine { client }),
        4 => (slot.clone(), slot.clone()).prop_map(|(client, user)| Step::IssuePerson { client, user }),
        1 => slot.clone().prop_map(|client| Step::IssueStale { client }),
        2 => (0..STEPS).prop_map(|token| Step::Revoke { token }),
        1 => (0..STEPS).prop_map(|token| Step::RevokeFromOutside { token }),
        2 => (slot.clone(), enabled.clone()).prop_map(|(slot, enabled)| Step::SetClient { slot, enabled }),
        1 => slot.clone().prop_map(|slot| Step::DeleteClient { slot }),
        1 => slot.clone().prop_map(|slot| Step::EndClientTokens { slot }),
        2 => (slot.clone(), enabled).prop_map(|(slot, enabled)| Step::SetUser { slot, enabled }),
        1 => slot.prop_map(|slot| Step::DeleteUser { slot }),
        1 => Just(Step::EndTenantTokens),
    ];
    (0..2_usize, step)
}

#[derive(Clone, Copy)]
struct ModelClient {
    id: ClientId,
    version: i64,
    enabled: Enabled,
}

#[derive(Clone, Copy)]
struct ModelUser {
    id: UserId,
    enabled: Enabled,
}

struct ModelTenant {
    id: TenantId,
    version: i64,
    name: String,
    clients: [Option<ModelClient>; SLOTS],
    users: [Option<ModelUser>; SLOTS],
    committed: usize,
}

struct ModelToken {
    id: TokenId,
    tenant: usize,
    client: ClientId,
    user: Option<UserId>,
    revoked: bool,
    live: bool,
}

struct Model {
    tenants: [ModelTenant; 2],
    tokens: Vec<ModelToken>,
}

/// What the store must answer.
type Answer = Result<(), CommitError>;

fn found(row: bool) -> Answer {
    if row { Ok(()) } else { Err(CommitError::Guard) }
}

impl Model {
    async fn new(store: &Store) -> Self {
        let tenant = async || ModelTenant {
            id: given::tenant(store).await.id,
            version: 1,
            name: given::name("law"),
            clients: [None; SLOTS],
            users: [None; SLOTS],
            committed: 1,
        };
        Self { tenants: [tenant().await, tenant().await], tokens: Vec::new() }
    }

    fn end(&mut self, ends: impl Fn(&ModelToken) -> bool) {
        for token in self.tokens.iter_mut().filter(|token| ends(token)) {
            token.live = false;
        }
    }

    fn token(&self, at: usize, client: Option<ModelClient>, user: Option<UserId>) -> NewAccessToken {
        let tenant = &self.tenants[at];
        let client =
            client.map_or((ClientId::from_bytes(given::id()), 1), |client| (client.id, client.version));
        let mut new = new_token(tenant.id, client.0);
        new.user = user;
        new.basis = Basis { client_version: client.1, tenant_version: tenant.version };
        new
    }

    fn issued(&mut self, at: usize, new: &NewAccessToken) {
        let NewAccessToken { id, client, user, .. } = *new;
        self.tokens.push(ModelToken { id, tenant: at, client, user, revoked: false, live: true });
    }

    /// Takes a step: what to commit and what the store must answer. `None`: core would not ask for it.
    fn step(&mut self, at: usize, step: Step) -> Option<(Changes, Answer)> {
        let tenant = self.tenants[at].id;
        let no_client = || ClientId::from_bytes(given::id());
        let no_user = || UserId::from_bytes(given::id());
        let (change, answer) = match step {
            Step::CreateClient { slot } => self.create_client(at, slot),
            Step::CreateUser { slot } => self.create_user(at, slot),
            Step::IssueMachine { client } => {
                let client = self.tenants[at].clients[client];
                if client.is_some_and(|client| client.enabled == Enabled::No) {
                    return None;
                }
                let new = self.token(at, client, None);
                if client.is_some() {
                    self.issued(at, &new);
                }
                (Change::IssueAccessToken(Box::new(new)), found(client.is_some()))
            }
            Step::IssuePerson { client, user } => {
                let client =
                    self.tenants[at].clients[client].filter(|client| client.enabled == Enabled::Yes)?;
                let user = self.tenants[at].users[user];
                let may = user.is_some_and(|user| user.enabled == Enabled::Yes);
                let new = self.token(at, Some(client), Some(user.map_or_else(no_user, |user| user.id)));
                if may {
                    self.issued(at, &new);
                }
                (Change::IssueAccessToken(Box::new(new)), found(may))
            }
            Step::IssueStale { client } => {
                let mut client = self.tenants[at].clients[client]?;
                client.version -= 1;
                let new = self.token(at, Some(client), None);
                (Change::IssueAccessToken(Box::new(new)), found(false))
            }
            Step::Revoke { token } => return self.revoke(token),
            Step::RevokeFromOutside { token } => return self.revoke_from_outside(token),
            Step::SetClient { slot, enabled } => {
                let here = &mut self.tenants[at].clients[slot];
                if let Some(client) = here {
                    (client.version, client.enabled) = (client.version + 1, enabled);
                }
                let client = here.map_or_else(no_client, |client| client.id);
                (Change::SetClientEnabled { client, tenant, enabled, at: NOW }, found(here.is_some()))
            }
            Step::DeleteClient { slot } => {
                let gone = self.tenants[at].clients[slot].take();
                let client = gone.map_or_else(no_client, |client| client.id);
                self.end(|token| token.client == client);
                (Change::DeleteClient { client, tenant, only: None }, found(gone.is_some()))
            }
            Step::EndClientTokens { slot } => {
                let here = &mut self.tenants[at].clients[slot];
                if let Some(client) = here {
                    client.version += 1;
                }
                let (client, answer) =
                    (here.map_or_else(no_client, |client| client.id), found(here.is_some()));
                self.end(|token| token.client == client);
                (Change::EndClientTokens { client, tenant }, answer)
            }
            Step::SetUser { slot, enabled } => {
                let here = &mut self.tenants[at].users[slot];
                if let Some(user) = here {
                    user.enabled = enabled;
                }
                let (user, answer) = (here.map_or_else(no_user, |user| user.id), found(here.is_some()));
                self.end(|token| enabled == Enabled::No && token.user == Some(user));
                (Change::SetUserEnabled { user, tenant, enabled, at: NOW }, answer)
            }
            Step::DeleteUser { slot } => {
                let gone = self.tenants[at].users[slot].take();
                let user = gone.map_or_else(no_user, |user| user.id);
                self.end(|token| token.user == Some(user));
                (Change::DeleteUser { user, tenant, only: None }, found(gone.is_some()))
            }
            Step::EndTenantTokens => {
                self.tenants[at].version += 1;
                self.end(|token| token.tenant == at);
                (Change::EndTenantTokens { tenant }, Ok(()))
            }
        };
        self.tenants[at].committed += usize::from(answer.is_ok());
        Some((unit(tenant, change), answer))
    }

    fn create_client(&mut self, at: usize, slot: usize) -> (Change, Answer) {
        let tenant = &mut self.tenants[at];
        let mut new = new_client(tenant.id);
        // The same public id each time: what a deleted client left must not be the next one's.
        new.client.client_id = format!("{}-{slot}", tenant.name).into();
        let here = &mut tenant.clients[slot];
        let answer = match here {
            Some(_) => Err(CommitError::Conflict(Constraint::ClientId)),
            None => Ok(()),
        };
        here.get_or_insert(ModelClient { id: new.client.id, version: 1, enabled: Enabled::Yes });
        (Change::CreateClient(Box::new(new)), answer)
    }

    fn create_user(&mut self, at: usize, slot: usize) -> (Change, Answer) {
        let tenant = &mut self.tenants[at];
        let mut new = new_user(tenant.id);
        new.username = format!("user-{slot}").into();
        let here = &mut tenant.users[slot];
        let answer = match here {
            Some(_) => Err(CommitError::Conflict(Constraint::Username)),
            None => Ok(()),
        };
        here.get_or_insert(ModelUser { id: new.id, enabled: Enabled::Yes });
        (Change::CreateUser(Box::new(new)), answer)
    }

    fn client(&self, id: ClientId) -> Option<ModelClient> {
        self.tenants.iter().flat_map(|tenant| tenant.clients).flatten().find(|client| client.id == id)
    }

    /// The token's own client revokes it.
    fn revoke(&mut self, token: usize) -> Option<(Changes, Answer)> {
        let at = token.checked_rem(self.tokens.len())?;
        let token = &self.tokens[at];
        let (home, owner) = (token.tenant, self.client(token.client));
        let tenant = &self.tenants[home];
        let basis = Basis { client_version: owner.map_or(1, |c| c.version), tenant_version: tenant.version };
        let change = Change::RevokeAccessToken {
            token: token.id,
            tenant: tenant.id,
            client: token.client,
            at: NOW,
            basis,
        };
        let changes = unit(tenant.id, change);
        let may = owner.is_some() && !token.revoked;
        if may {
            (self.tokens[at].revoked, self.tokens[at].live) = (true, false);
            self.tenants[home].committed += 1;
        }
        Some((changes, found(may)))
    }

    /// A client of the other tenant tries to.
    fn revoke_from_outside(&mut self, token: usize) -> Option<(Changes, Answer)> {
        let token = &self.tokens[token.checked_rem(self.tokens.len())?];
        let outside = &self.tenants[1 - token.tenant];
        let stranger = outside.clients.iter().flatten().next()?;
        let basis = Basis { client_version: stranger.version, tenant_version: outside.version };
        let change = Change::RevokeAccessToken {
            token: token.id,
            tenant: outside.id,
            client: stranger.id,
            at: NOW,
            basis,
        };
        Some((unit(outside.id, change), found(false)))
    }
}

/// Every token is seen, by everybody, as the model has it.
async fn compare(store: &Store, model: &Model) -> TestCaseResult {
    for token in &model.tokens {
        let home = &model.tenants[token.tenant];
        let outside = &model.tenants[1 - token.tenant];
        let agrees = |read: Option<TokenFacts>| -> TestCaseResult {
            let Some(read) = read else { return Err(TestCaseError::fail("the token's row is gone")) };
            prop_assert_eq!((read.id, read.client, read.user), (token.id, token.client, token.user));
            prop_assert_eq!(read.live(NOW).is_ok(), token.live, "{:?}", read);
            Ok(())
        };
        agrees(store.token_in_tenant(token.id, home.id).await.unwrap())?;
        prop_assert!(store.token_in_tenant(token.id, outside.id).await.unwrap().is_none());
        let (of, read) = store.token_anywhere(token.id).await.unwrap().unwrap();
        prop_assert_eq!(of, home.id);
        agrees(Some(read))?;
        for tenant in &model.tenants {
            for client in tenant.clients.iter().flatten() {
                let seen = store.token_for_client(token.id, client.id).await.unwrap().unwrap();
                let versions = CallerVersions { client: client.version, tenant: tenant.version };
                prop_assert_eq!(seen.versions, versions);
                if tenant.id == home.id {
                    agrees(seen.token)?;
                } else {
                    prop_assert!(seen.token.is_none(), "seen from another tenant");
                }
            }
        }
        if model.client(token.client).is_none() {
            prop_assert!(store.token_for_client(token.id, token.client).await.unwrap().is_none());
        }
    }
    Ok(())
}

/// What every sequence begins with: all slots taken, and a token of each sort.
fn ground() -> Vec<(usize, Step)> {
    let places = (0..2).flat_map(|tenant| (0..SLOTS).map(move |slot| (tenant, slot)));
    let steps = places.flat_map(|(tenant, slot)| {
        let token = [Step::IssueMachine { client: slot }, Step::IssuePerson { client: slot, user: slot }];
        [Step::CreateClient { slot }, Step::CreateUser { slot }]
            .into_iter()
            .chain(token)
            .map(move |step| (tenant, step))
    });
    steps.collect()
}

async fn play(store: &Store, steps: &[(usize, Step)]) -> TestCaseResult {
    let mut model = Model::new(store).await;
    for &(tenant, step) in ground().iter().chain(steps) {
        let Some((changes, answer)) = model.step(tenant, step) else { continue };
        prop_assert_eq!(store.commit(changes).await.map(drop), answer, "{:?}", step);
        compare(store, &model).await?;
    }
    for tenant in &model.tenants {
        prop_assert_eq!(
            records(store, tenant.id).await,
            tenant.committed,
            "one record for each unit that was committed"
        );
    }
    Ok(())
}

pub(crate) async fn a_token_lives_as_long_as_all_it_depends_on(store: &Arc<Store>) {
    let store = Arc::clone(store);
    let runtime = tokio::runtime::Handle::current();
    // The runner is not async: it has a thread of its own, and each of its cases comes back here.
    let run = move || {
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let steps = proptest::collection::vec(step(), 1..=STEPS);
        TestRunner::new(config)
            .run(&steps, |steps| runtime.block_on(play(&store, &steps)))
            .map_err(|failure| failure.to_string())
    };
    if let Err(failure) = tokio::task::spawn_blocking(run).await.unwrap() {
        panic!("{failure}");
    }
}
