//! How changes about other identity providers become SQL.

use writ_core::upstream::{IdentityProvider, NewUpstreamLink, UpstreamChange};

use crate::statements::upstream as sql;
use crate::value::{Step, Value};

pub(super) fn push(change: UpstreamChange, steps: &mut Vec<Step>) {
    match change {
        UpstreamChange::CreateProvider(new) => steps.push(created(&new.provider)),
        UpstreamChange::UpdateProvider(new) => steps.push(updated(&new.provider)),
        UpstreamChange::DeleteProvider { provider, tenant, version } => {
            let values = [provider.into(), tenant.into(), version.into()];
            steps.push(Step::new(&sql::PROVIDER_DELETE, values).guarded());
            steps.push(Step::new(&sql::PROVIDER_DELETE_LINKS, [provider.into()]).detail());
        }
        UpstreamChange::Begin(new) => {
            let values = [
                new.id.into(),
                new.hash.into(),
                new.tenant.into(),
                new.provider.into(),
                new.sealed.into(),
                new.expires_at.into(),
            ];
            steps.push(Step::new(&sql::REQUEST_INSERT, values));
        }
        UpstreamChange::Use { request, tenant, at } => {
            let values = [request.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::REQUEST_USE, values).guarded());
        }
        UpstreamChange::Link(new) => steps.push(link(*new)),
        UpstreamChange::SignIn { link, user, at } => {
            let values =
                [link.provider.into(), link.subject.into(), link.tenant.into(), user.into(), at.into()];
            steps.push(Step::new(&sql::LINK_USE, values).guarded());
            let values = [user.into(), link.tenant.into(), at.into()];
            steps.push(Step::new(&sql::USER_SIGNED_IN, values).detail());
        }
        UpstreamChange::Unlink { provider, tenant, user } => {
            let values = [user.into(), provider.into(), tenant.into()];
            steps.push(Step::new(&sql::LINK_DELETE, values).guarded());
        }
    }
}

/// What a provider is, from its name on.
fn content(provider: &IdentityProvider) -> [Value; 5] {
    [
        provider.name.as_ref().to_owned().into(),
        provider.enabled.is_yes().into(),
        provider.settings.to_stored().into(),
        provider.secret.as_ref().map(|secret| secret.to_vec()).into(),
        provider.updated_at.into(),
    ]
}

fn created(provider: &IdentityProvider) -> Step {
    let head = [provider.id.into(), provider.tenant.into(), provider.slug.clone().into()];
    Step::new(&sql::PROVIDER_INSERT, head.into_iter().chain(content(provider)).collect::<Vec<_>>())
}

fn updated(provider: &IdentityProvider) -> Step {
    let head = [provider.id.into(), provider.tenant.into(), (provider.version - 1).into()];
    let values = head.into_iter().chain(content(provider)).collect::<Vec<_>>();
    Step::new(&sql::PROVIDER_UPDATE, values).guarded()
}

/// A provider or an account that is gone meanwhile is not connected any more.
fn link(new: NewUpstreamLink) -> Step {
    let values = [
        new.key.provider.into(),
        new.key.subject.into(),
        new.key.tenant.into(),
        new.user.into(),
        new.label.into(),
        new.at.into(),
    ];
    Step::new(&sql::LINK_INSERT, values).guarded()
}
