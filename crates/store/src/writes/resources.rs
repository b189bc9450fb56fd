//! How changes of resources become SQL. The version of the tenant goes up with each: what is kept in memory of its
//! resources is as of one version.

use writ_core::client::TokenShape;
use writ_core::resource::{RESOURCES_MOST, Resource, ResourceChange, ResourceClients};
use writ_core::time::Seconds;
use writ_jose::Algorithm;

use crate::statements as sql;
use crate::value::{Step, Value};

pub(super) fn push(change: ResourceChange, steps: &mut Vec<Step>) {
    let touch = Step::new(&sql::TENANT_TOUCH, [change.tenant().into()]).detail();
    match change {
        ResourceChange::Create(new) => {
            steps.push(touch);
            let key = new.identifier.key();
            let mut values: Vec<Value> = vec![
                new.id.into(),
                new.tenant.into(),
                Box::<str>::from(new.identifier.as_str()).into(),
                key.into(),
            ];
            let (version, at) = (new.version, new.created_at);
            values.extend(changeable(*new));
            let most = i64::try_from(RESOURCES_MOST).unwrap_or(i64::MAX);
            values.extend([version.into(), at.into(), most.into()]);
            steps.push(Step::new(&sql::RESOURCE_INSERT, values).guarded());
        }
        ResourceChange::Update(after) => {
            let (version, at) = (after.version - 1, after.updated_at);
            let mut values: Vec<Value> = vec![after.id.into(), after.tenant.into()];
            values.extend(changeable(*after));
            values.extend([at.into(), version.into()]);
            steps.push(Step::new(&sql::RESOURCE_UPDATE, values).guarded());
            steps.push(touch);
        }
        ResourceChange::Delete { resource, tenant, only } => {
            let values = [resource.into(), tenant.into(), only.into()];
            steps.push(Step::new(&sql::RESOURCE_DELETE, values).guarded());
            steps.push(touch);
        }
    }
}

/// Name, scope, format, algorithm, lifetime, clients, introspectors.
fn changeable(resource: Resource) -> [Value; 7] {
    let tokens = resource.tokens;
    let clients = match &resource.clients {
        ResourceClients::All => Value::Null,
        ResourceClients::Listed(list) => list.join(" ").into(),
    };
    [
        resource.name.into(),
        (&resource.scope).into(),
        tokens.shape.map(TokenShape::name).into(),
        tokens.algorithm.map(Algorithm::name).into(),
        tokens.lifetime.map(|Seconds(lifetime)| lifetime).into(),
        clients,
        resource.introspectors.join(" ").into(),
    ]
}
