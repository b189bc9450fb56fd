//! Clients whose id is the address of a document: it is read where it has to be, and the client made what it says, before
//! anything of a request is decided. What is decided then is decided on the client's row, as for any other.

use std::sync::Arc;

use writ_core::change::{Actor, Origin};
use writ_core::client::{ClientName, DocumentId, Profile, Sealer, SectorList};
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::manage::clients::Making;
use writ_core::registration::{Describing, DocumentSent, described, may_describe};
use writ_core::scene::Scene;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::edge::shares::Share;
use crate::manage::registering::{look_at, publish_keys, sector_list};
use crate::manage::registrations::{ContractRules, Judge};
use crate::manage::standing::addressed;
use crate::state::app::App;
use crate::state::documents::ClientDocument;
use crate::state::rounds::Verdict;

const RULES: ContractRules = ContractRules { profile: Profile::REGISTRATION, spelling: |_| None };

/// What a document is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentNeed {
    /// Something begins: the document has to be there, and good.
    Begin,
    /// What has begun goes on: the client as it is known will do.
    GoOn,
}

/// A document, the tenant that is asked to take it, and from where.
struct FromDocument<'a> {
    tenant: &'a Arc<Tenant>,
    id: DocumentId<'a>,
    origin: &'a Origin,
}

/// Sees to it that the client of an authorization request is what its document says. All other clients are left alone.
///
/// # Errors
/// Inside, why the document is not taken.
pub(crate) async fn keep(
    app: &App,
    call: &Call,
    (tenant, client_id): (&Arc<Tenant>, &str),
) -> Result<Result<(), OAuthError>, Fault> {
    if !DocumentId::is_meant(client_id) {
        return Ok(Ok(()));
    }
    // Rare, and large: in a future of its own.
    Box::pin(see_to(app, call, (tenant, client_id), DocumentNeed::Begin)).await
}

/// The same for a client that calls itself, at the tenant that the path names.
///
/// # Errors
/// `invalid_client`, where its document is not taken.
pub(crate) async fn keep_caller(
    app: &App,
    call: &Call,
    client_id: &str,
    need: DocumentNeed,
) -> Result<(), Fault> {
    if !DocumentId::is_meant(client_id) {
        return Ok(());
    }
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let kept = see_to(app, call, (&tenant, client_id), need).await?;
    Ok(kept.map_err(|error| error.challenged(Challenge::Basic))?)
}

async fn see_to(
    app: &App,
    call: &Call,
    (tenant, client_id): (&Arc<Tenant>, &str),
    need: DocumentNeed,
) -> Result<Result<(), OAuthError>, Fault> {
    let id = match DocumentId::parse(client_id) {
        Ok(id) => id,
        Err(why) => return Ok(Err(OAuthError::new(ErrorCode::InvalidClient, why))),
    };
    if let Err(error) = may_describe(tenant, &id) {
        return Ok(Err(error));
    }
    let is_known = app.asking_client(client_id, tenant).await?.is_some();
    if !is_known {
        // Whoever names a client that nobody has seen makes the server call somebody, and keep something.
        let _ = app.take_share(Share::Clients, call.context.peer, 1)?;
    }
    let will_do = is_known && need == DocumentNeed::GoOn;
    let entry = app.documents.of(tenant.id, &id.uri());
    if is_known && entry.good(app.clock.now()).is_some_and(|document| document.is_settled()) {
        return Ok(Ok(()));
    }
    let document = match app.fetched(&entry).await {
        Ok(document) => document,
        Err(_) if will_do => return Ok(Ok(())),
        Err(why) => {
            let told = ShellReason::DocumentUnread { host: id.host().into() };
            return Ok(Err(OAuthError::new(ErrorCode::InvalidClient, told).internally(why)));
        }
    };
    if is_known && document.is_settled() {
        // As it was a while ago: its host is away.
        return Ok(Ok(()));
    }
    let origin = call.origin();
    match settle(app, &FromDocument { tenant, id, origin: &origin }, &document).await {
        Ok(()) => {
            document.settle();
            Ok(Ok(()))
        }
        Err(fault) if fault.error.code() == ErrorCode::InvalidClient => {
            // What is no good is not kept (§4.4).
            entry.forget("the document is not good");
            Ok(if will_do { Ok(()) } else { Err(fault.error) })
        }
        Err(fault) => Err(fault),
    }
}

/// Makes the client what its document says.
async fn settle(app: &App, described: &FromDocument<'_>, document: &ClientDocument) -> Result<(), Fault> {
    let tenant = described.tenant.id;
    let said = (app.document_words)(document.members.clone(), None);
    let listed = sector_list(app, tenant, said.metadata.subjects.to_look_at(None, true)).await;
    publish_keys(app, tenant, (&said.settings, &said.metadata)).await?;
    app.rounds(|_| decide(app, described, (document, listed.clone()))).await
}

async fn decide(
    app: &App,
    about: &FromDocument<'_>,
    (document, listed): (&ClientDocument, Option<SectorList>),
) -> Result<Verdict<()>, Fault> {
    let FromDocument { tenant, id, origin } = *about;
    let judge = Judge::in_tenant(app, tenant).await?;
    let rules = judge.rules(&RULES);
    let name = ClientName::within(id.as_str(), tenant.id);
    let found = app.store.registered_by_client_id(name).await?.map(|(found, _)| found);
    let registered = app.store.registered_count(tenant.id).await?;
    let mut patch = (app.document_words)(document.members.clone(), found.as_ref());
    look_at(app, &patch.metadata, &mut patch.unread);
    patch.metadata.subjects.listed = listed;
    let members = &document.members;
    let sent = DocumentSent {
        client_id: members.get("client_id").and_then(serde_json::Value::as_str),
        has_secret: ["client_secret", "client_secret_expires_at"]
            .into_iter()
            .any(|name| members.contains_key(name)),
        patch,
    };
    let seal = |context: &[u8], plain: &[u8]| app.master_key.seal(context, plain);
    let making = Making { rules: &rules, hash_key: &app.hash_key, sealer: Sealer::new(&seal) };
    let facts = Describing { id, tenant, making, found: found.as_ref(), registered };
    let scene = Scene { tenant: tenant.id, actor: Actor::Anonymous, origin, moment: app.moment() };
    Ok(match described(sent, facts, &scene) {
        Ok(Some(changes)) => Verdict::Commit((), changes),
        Ok(None) => Verdict::Answer(()),
        Err(refusal) => Verdict::Refuse(refusal),
    })
}
