//! What a registration says of things elsewhere, and of keys that have to be there before it holds: the same for every way
//! in which a client is registered.

use std::time::Duration;

use writ_core::client::{ClientSettingsPatch, MetadataPatch, Rare, SectorList, Update, Violations};
use writ_core::ids::TenantId;

use crate::call::fault::Fault;
use crate::outbound::{Ask, Bounds};
use crate::state::app::App;

/// Says at once what would be refused whenever the keys or request objects are fetched, as far as it can be seen.
pub(crate) fn look_at(app: &App, sent: &MetadataPatch, unread: &mut Violations) {
    let mut look = |name: Rare, uri: &str| {
        let bare = uri.split_once('#').map_or(uri, |(bare, _)| bare);
        if uri.starts_with("https:")
            && let Err(why) = app.outbound.would_call(bare)
        {
            unread.note(name, why.reason());
        }
    };
    if let Update::Set(uri) = &sent.jwks_uri {
        look(Rare::JwksUri, uri);
    }
    if let Update::Set(uri) = &sent.subjects.sector_identifier_uri {
        look(Rare::SectorIdentifierUri, uri);
    }
    if let Update::Set(uris) = &sent.request.uris {
        for uri in uris {
            look(Rare::RequestUris, uri);
        }
    }
}

/// What a list of redirect URIs may cost.
const LIST_BOUNDS: Bounds = Bounds { time: Duration::from_secs(5), bytes: 64 * 1024 };

/// What stands at a `sector_identifier_uri`; none where nothing is to be looked at, or can be had. Why there is none is for the
/// log: whoever registers would learn about networks that they cannot reach.
pub(crate) async fn sector_list(app: &App, tenant: TenantId, uri: Option<&str>) -> Option<SectorList> {
    let uri = uri.filter(|uri| uri.starts_with("https:"))?;
    let ask = Ask { uri, accept: "application/json", tenant, bounds: LIST_BOUNDS };
    match app.outbound.get(ask).await {
        Ok(fetched) => SectorList::read(uri, &fetched.body),
        Err(why) => {
            tracing::warn!("a sector_identifier_uri could not be read: {why}");
            None
        }
    }
}

/// Publishes the keys of the algorithms that a client shall be signed for, before any token is, and the one that it encrypts
/// its requests to.
pub(crate) async fn publish_keys(
    app: &App,
    tenant: TenantId,
    (sent, metadata): (&ClientSettingsPatch, &MetadataPatch),
) -> Result<(), Fault> {
    let choices = &sent.choices;
    let chosen = [
        &sent.access_token_alg,
        &sent.id_token_alg,
        &choices.authorization_alg,
        &choices.userinfo_alg,
        &choices.introspection_alg,
    ];
    let chosen = chosen.map(|update| update.clone().over(None));
    if let Update::Set(management) = &metadata.request.encryption.alg {
        app.publish_encryption_key(tenant, *management).await?;
    }
    app.publish_keys(tenant, chosen.into_iter().flatten()).await
}
