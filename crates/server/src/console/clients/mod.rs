//! Clients: the list, one of them with why it fails, a new one, another secret, and the end of one.

mod cases;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod new;
pub(super) mod one;
pub(super) mod secret;
mod snippets;

use writ_core::client::{Client, ClientKind, Field, GrantType, Profile};
use writ_core::error::OAuthError;
use writ_core::reason::Reason;
use writ_core::violation::Violations;

use super::at_work::AtWork;
use super::trouble::sentence;
use crate::call::fault::Fault;
use crate::call::language::present;
use crate::call::words::say;
use crate::manage::registrations::{ContractRules, PathEnd};
use crate::reasons;

/// The rules of the whole client, and the names of its fields as the forms have them.
const CONTRACT: ContractRules = ContractRules { profile: Profile::OWN, spelling };
/// What the address of a client ends with.
const ID: PathEnd = PathEnd::ClientIdOrUuid("client_id");

fn spelling(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Name => "client_name",
        Field::Description => "description",
        Field::GrantTypes => "grant",
        Field::RedirectUris => "redirect_uris",
        Field::PostLogoutRedirectUris => "post_logout_redirect_uris",
        Field::AllowedOrigins => "allowed_origins",
        Field::Scopes => "scope",
        Field::AccessLifetime => "access_lifetime",
        Field::RefreshLifetime => "refresh_lifetime",
        _ => return None,
    })
}

/// What a client is called for people, by its kind and what it does.
fn kind_words(client: &Client) -> String {
    let is_device = client.grant_types.contains(GrantType::DeviceCode)
        && !client.grant_types.contains(GrantType::AuthorizationCode);
    match client.kind {
        _ if is_device => say("console-kind-device"),
        ClientKind::Web => say("console-kind-web"),
        ClientKind::Spa => say("console-kind-spa"),
        ClientKind::Native => say("console-kind-native"),
        ClientKind::Machine => say("console-kind-machine"),
    }
}

/// Entries of a field, one a line.
fn lines(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Words of a field, with spaces between them.
fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// What is wrong with a form, field by field; none where it is not about fields.
fn wrong(fault: &Fault) -> Option<Violations> {
    OAuthError::wrong(&fault.error).cloned()
}

/// What is wrong with one field, as a sentence.
fn wrong_of(wrong: Option<&Violations>, field: &str) -> Option<String> {
    let reason: &Reason = wrong?.reason(field)?;
    Some(sentence(&reasons::reason_in(present().tag, reason)))
}

/// What is wrong with fields that a form does not show.
fn wrong_elsewhere(wrong: Option<&Violations>, shown: &[&str]) -> Option<String> {
    let others = wrong?.iter().filter(|one| !shown.contains(&one.field.name()));
    let told: Vec<_> = others
        .map(|one| format!("{}: {}", one.field.name(), reasons::reason_in(present().tag, &one.reason)))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

impl AtWork {
    /// The address of a client.
    fn client_place(&self, client: &Client) -> String {
        self.place_of("clients", client.id)
    }
}
