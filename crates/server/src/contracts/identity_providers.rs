//! `/api/v1/identity-providers`: other servers at which a tenant's people sign in. A secret is sent, and never shown.

use http::StatusCode;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::client::WebUri;
use writ_core::upstream::IdentityProvider;
use writ_core::upstream::manage::ProviderDraft;
use writ_core::upstream::preset::Preset;
use writ_core::upstream::provider::{LinkByEmail, Spoken, UpstreamAuth};

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::upstream::providers;

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
struct IdentityProviderView {
    id: String,
    slug: String,
    name: String,
    preset: &'static str,
    enabled: bool,
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    client_id: String,
    has_secret: bool,
    token_endpoint_auth_method: Option<&'static str>,
    team_id: Option<String>,
    key_id: Option<String>,
    scope: String,
    domains: Vec<Box<str>>,
    link_by_email: &'static str,
    create_accounts: bool,
    trust_email: bool,
    trust_second_factor: bool,
    redirect_uri: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct IdentityProviderList {
    identity_providers: Vec<IdentityProviderView>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn view(task: &Task, provider: &IdentityProvider) -> IdentityProviderView {
    let settings = &provider.settings;
    let (issuer, [authorize, token, userinfo]) = match &settings.spoken {
        Spoken::OpenId(issuer) => (Some(issuer.to_string()), [None, None, None]),
        Spoken::OAuth2(endpoints) => (None, endpoints.each_ref().map(|uri| Some(WebUri::to_string(uri)))),
    };
    let (team_id, key_id) = match &settings.signer {
        Some((team, key)) => (Some(team.to_string()), Some(key.to_string())),
        None => (None, None),
    };
    IdentityProviderView {
        id: provider.id.to_string(),
        slug: provider.slug.to_string(),
        name: provider.name.to_string(),
        preset: settings.preset.name(),
        enabled: provider.enabled.is_yes(),
        issuer,
        authorization_endpoint: authorize,
        token_endpoint: token,
        userinfo_endpoint: userinfo,
        client_id: settings.client_id.to_string(),
        has_secret: provider.secret.is_some(),
        token_endpoint_auth_method: (settings.auth != UpstreamAuth::SignedSecret)
            .then(|| settings.auth.name()),
        team_id,
        key_id,
        scope: settings.scopes.to_string(),
        domains: settings.domains.clone(),
        link_by_email: settings.link_by_email.name(),
        create_accounts: settings.create_accounts.is_on(),
        trust_email: settings.trust_email.is_on(),
        trust_second_factor: settings.trust_second_factor.is_on(),
        redirect_uri: provider.callback(&task.app.issuer(task.acting.within())),
        created_at: time(provider.created_at),
        updated_at: time(provider.updated_at),
    }
}

/// The body of a request, and the secret in it.
async fn draft(task: &mut Task) -> Result<(ProviderDraft, Option<String>), Fault> {
    let mut body: Fields = task.call.json().await?;
    let secret = body.secret("client_secret").map(|secret| secret.expose().to_owned());
    let draft = ProviderDraft {
        slug: body.text("slug"),
        name: body.text("name"),
        preset: body
            .word(
                "preset",
                "one of openid, oauth2, google, microsoft, github, gitlab and apple",
                Preset::by_name,
            )
            .flatten(),
        enabled: body.flag("enabled").map(|on| if on { Enabled::Yes } else { Enabled::No }),
        issuer: body.text_or_null("issuer").flatten(),
        endpoints: ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]
            .map(|name| body.text_or_null(name).flatten()),
        client_id: body.text("client_id"),
        auth: body
            .word(
                "token_endpoint_auth_method",
                "one of client_secret_basic, client_secret_post and none",
                UpstreamAuth::by_name,
            )
            .flatten(),
        team_id: body.text_or_null("team_id").flatten(),
        key_id: body.text_or_null("key_id").flatten(),
        secret: None,
        scopes: body.text("scope"),
        domains: body.texts("domains").map(Option::unwrap_or_default),
        link_by_email: body
            .word("link_by_email", "one of never and verified", LinkByEmail::by_name)
            .flatten(),
        create_accounts: body.flag("create_accounts"),
        trust_email: body.flag("trust_email"),
        trust_second_factor: body.flag("trust_second_factor"),
        unread: body.unread(),
    };
    Ok((draft, secret))
}

/// `GET /api/v1/identity-providers`: newest first.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = providers::page(&task).await?;
    let identity_providers = rows.iter().map(|provider| view(&task, provider)).collect();
    json(StatusCode::OK, &IdentityProviderList { identity_providers, total, next_cursor })
}

/// `POST /api/v1/identity-providers`.
pub async fn create(mut task: Task) -> Answer {
    let sent = draft(&mut task).await?;
    providers::create(&task, sent, |made| json(StatusCode::CREATED, &view(&task, made))).await
}

/// `GET /api/v1/identity-providers/{provider}`.
pub async fn show(task: Task) -> Answer {
    let provider = providers::existing(&task).await?;
    task.show(&providers::tag(&provider), json(StatusCode::OK, &view(&task, &provider)))
}

/// `PUT` and `PATCH /api/v1/identity-providers/{provider}`: what is not sent stays.
pub async fn update(mut task: Task) -> Answer {
    let sent = draft(&mut task).await?;
    let provider = providers::update(&task, sent).await?;
    tagged(&providers::tag(&provider), json(StatusCode::OK, &view(&task, &provider)))
}

/// `DELETE /api/v1/identity-providers/{provider}`.
pub async fn delete(task: Task) -> Answer {
    providers::delete(&task).await?;
    Ok(no_content())
}
