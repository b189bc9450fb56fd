//! Resources: written, changed, gone; and the version of their tenant with them.

use std::sync::Arc;

use writ_core::change::{Change, Changes};
use writ_core::client::TokenShape;
use writ_core::ids::{ResourceId, TenantId};
use writ_core::resource::{Resource, ResourceChange, ResourceClients, ResourceTokens, ResourceUri};
use writ_core::time::Seconds;
use writ_jose::Algorithm;

use super::flow::scope;
use super::given::{self, NOW, id, unit};
use crate::error::{CommitError, Constraint};
use crate::store::Store;

fn new(tenant: TenantId, identifier: &str) -> Resource {
    Resource {
        id: ResourceId::from_bytes(id()),
        tenant,
        identifier: ResourceUri::from_stored(identifier),
        name: "Invoices".into(),
        scope: scope("invoices:read invoices:write"),
        tokens: ResourceTokens {
            shape: Some(TokenShape::Jwt),
            algorithm: Some(Algorithm::EdDsa),
            lifetime: Some(Seconds(600)),
        },
        clients: ResourceClients::Listed(vec!["one".into(), "two".into()]),
        introspectors: vec!["api".into()],
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn change(change: ResourceChange) -> Changes {
    unit(change.tenant(), Change::Resource(change))
}

async fn version(store: &Store, tenant: TenantId) -> i64 {
    store.tenant_by_id(tenant).await.unwrap().unwrap().version
}

pub(crate) async fn resources_come_back_and_raise_the_version_of_their_tenant(store: &Arc<Store>) {
    let (tenant, other) = (given::tenant(store).await.id, given::tenant(store).await.id);
    let before = version(store, tenant).await;
    let one = new(tenant, "https://api.example");
    store.commit(change(ResourceChange::Create(Box::new(one.clone())))).await.unwrap();
    assert_eq!(store.resources(tenant).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!((store.resources(other).await.unwrap(), version(store, tenant).await), (vec![], before + 1));

    let again =
        store.commit(change(ResourceChange::Create(Box::new(new(tenant, "HTTPS://API.example/"))))).await;
    assert_eq!(again, Err(CommitError::Conflict(Constraint::ResourceIdentifier)));
    store.commit(change(ResourceChange::Create(Box::new(new(other, "https://api.example"))))).await.unwrap();

    let after = Resource {
        name: "Bills".into(),
        scope: scope(""),
        tokens: ResourceTokens::default(),
        clients: ResourceClients::All,
        introspectors: Vec::new(),
        version: 2,
        ..one.clone()
    };
    store.commit(change(ResourceChange::Update(Box::new(after.clone())))).await.unwrap();
    assert_eq!(store.resources(tenant).await.unwrap(), std::slice::from_ref(&after));
    let stale = store.commit(change(ResourceChange::Update(Box::new(after.clone())))).await;
    assert_eq!(stale, Err(CommitError::Guard));
    let nobody = Resource { clients: ResourceClients::Listed(Vec::new()), version: 3, ..after };
    store.commit(change(ResourceChange::Update(Box::new(nobody.clone())))).await.unwrap();
    assert_eq!(store.resources(tenant).await.unwrap(), [nobody], "no client is not every client");
    assert_eq!(version(store, tenant).await, before + 3);

    let delete = |only| ResourceChange::Delete { resource: one.id, tenant, only };
    assert_eq!(store.commit(change(delete(Some(2)))).await, Err(CommitError::Guard));
    let theirs = ResourceChange::Delete { resource: one.id, tenant: other, only: None };
    assert_eq!(store.commit(change(theirs)).await, Err(CommitError::Guard));
    store.commit(change(delete(Some(3)))).await.unwrap();
    assert_eq!((store.resources(tenant).await.unwrap(), version(store, tenant).await), (vec![], before + 4));

    store.commit(unit(other, Change::DeleteTenant { tenant: other, only: None })).await.unwrap();
    assert_eq!(store.resources(other).await.unwrap(), []);
}
