//! What the consent page says of an application and of what it asks for: in words, with the person's own values.

use writ_core::authority::Permission;
use writ_core::authorize::AuthorizationRequest;
use writ_core::claims::{Claim, ClaimGroup, Person, StandardClaims};
use writ_core::client::{DocumentId, Registration, Translatable, WebUri};
use writ_core::look::PictureName;
use writ_core::resource::{Resource, Resources};
use writ_core::scope_registry::RegisteredScope;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::boxes::{BoxShown, ScopeBox, ScopeGroup, Ticked};
use super::parts::{claim_words, in_words};
use crate::call::language::translated;
use crate::call::words::{Html, say, say_html};
use crate::manage::standing::WaitingChallenge;

/// Scopes that stand on the page at once, where there are more: the others are folded.
const OPEN: usize = 6;
/// Characters of a value that are shown.
const VALUE: usize = 80;

/// The application that asks.
pub(super) struct AskingClient<'a> {
    /// The address of its homepage, and the host of that.
    pub homepage: Option<(&'a str, &'a str)>,
    /// Who has registered it.
    pub registered: Html,
    /// Whether nobody of the tenant has: it is told aloud.
    pub is_stranger: bool,
    /// Where it says more of itself.
    pub links: Vec<(&'a str, String)>,
}

impl<'a> AskingClient<'a> {
    pub(super) fn of(waiting: &'a WaitingChallenge, tenant: &Tenant, is_stranger: bool) -> Self {
        let registration = &waiting.registration;
        let own = Legible::of(&tenant.name);
        let added_by = ("tenant", Html::name(own.as_str()));
        let registered = match DocumentId::parse(&waiting.facts.client.client_id) {
            // The host is all that anybody knows of it.
            Ok(id) => say_html("consent-by-document", &[added_by, ("host", Html::address(id.host()))]),
            Err(_) if is_stranger => say_html("consent-by-itself", &[added_by]),
            Err(_) => say_html("consent-added", &[added_by]),
        };
        Self {
            homepage: said_at(registration, Translatable::ClientUri, registration.client_uri.as_ref())
                .map(|uri| (uri, host(uri))),
            registered,
            is_stranger,
            links: links(waiting),
        }
    }
}

/// Where an application says what it does with what it is told, and under which terms: OpenID Connect Registration §2 has
/// both shown to whoever signs in there.
pub(super) fn links(waiting: &WaitingChallenge) -> Vec<(&str, String)> {
    let registration = &waiting.registration;
    let uris = [
        ("foot-privacy", Translatable::PolicyUri, &registration.metadata.policy_uri),
        ("foot-terms", Translatable::TosUri, &registration.metadata.tos_uri),
    ];
    uris.into_iter()
        .filter_map(|(words, what, uri)| Some((said_at(registration, what, uri.as_ref())?, say(words))))
        .collect()
}

/// An address of an application in the language of the page.
fn said_at<'a>(
    registration: &'a Registration,
    what: Translatable,
    plain: Option<&'a WebUri>,
) -> Option<&'a str> {
    translated(&registration.metadata.translations, what).or_else(|| plain.map(WebUri::as_str))
}

/// The host of a page, with a port that is not the usual one.
fn host(uri: &str) -> &str {
    authority(uri).unwrap_or(uri)
}

fn authority(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end).filter(|host| !host.is_empty())
}

/// The host that an answer goes to; none: an application on the device of whoever reads it.
pub(super) fn goes_to(redirect_uri: &str) -> Option<&str> {
    let is_web = redirect_uri.starts_with("https://") || redirect_uri.starts_with("http://");
    let host = authority(redirect_uri).filter(|_| is_web)?;
    let name = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(name, _)| name);
    (!matches!(name, "localhost" | "127.0.0.1" | "[::1]")).then_some(host)
}

/// What is asked for, as it stands on the page: what is of no API in particular, then that of each API. In each group come
/// first what is always part of it, then what is powerful, then all others.
pub(super) fn groups<'a>(
    request: &'a AuthorizationRequest,
    (known, resources): (&[RegisteredScope], &'a Resources),
    person: Option<&Person>,
    ticked: &Ticked,
) -> Vec<ScopeGroup<'a>> {
    let described = |name: &str| known.iter().find(|scope| &*scope.name == name)?.description.as_deref();
    let of_scope = |name: &'a str| ScopeBox {
        name,
        words: in_words(name, described(name)),
        values: person.map(|person| of_scope(name, person)).unwrap_or_default(),
        shown: BoxShown::of(name, ticked),
    };
    // Claims that are asked for one by one are part of every yes.
    let of_claim = |name| ScopeBox {
        name,
        words: claim_words(name),
        values: person.map(|person| of_claim(name, person).into_iter().collect()).unwrap_or_default(),
        shown: BoxShown::Always,
    };
    let picked: Vec<&Resource> = resources.in_audience(request.picked.as_ref()).collect();
    let owner = |name: &str| {
        let mut owners = resources.owners(name);
        match picked.as_slice() {
            [] => owners.next().filter(|_| owners.next().is_none()),
            _ => owners.find(|owner| picked.iter().any(|one| one.id == owner.id)),
        }
    };
    let mut general = Vec::new();
    let mut own: Vec<(&Resource, Vec<ScopeBox<'a>>)> =
        picked.iter().map(|resource| (*resource, Vec::new())).collect();
    for name in request.scope.iter() {
        let Some(resource) = owner(name) else {
            general.push(of_scope(name));
            continue;
        };
        match own.iter_mut().find(|(known, _)| known.id == resource.id) {
            Some((_, boxes)) => boxes.push(of_scope(name)),
            None => own.push((resource, vec![of_scope(name)])),
        }
    }
    general.extend(request.claims.beyond(&request.scope).into_iter().map(of_claim));
    // An API that no scope of the request belongs to: there is nothing to choose about it.
    for (_, boxes) in own.iter_mut().filter(|(_, boxes)| boxes.is_empty()) {
        boxes.push(ScopeBox {
            name: "",
            words: say("consent-resource"),
            values: Vec::new(),
            shown: BoxShown::Always,
        });
    }
    let general = (!general.is_empty()).then(|| group(None, general));
    general.into_iter().chain(own.into_iter().map(|(resource, boxes)| group(Some(resource), boxes))).collect()
}

fn group<'a>(resource: Option<&'a Resource>, mut all: Vec<ScopeBox<'a>>) -> ScopeGroup<'a> {
    all.sort_by_key(|asked| match asked.shown {
        BoxShown::Always => 0,
        BoxShown::Ticked | BoxShown::Empty => 2 - u8::from(Permission::by_name(asked.name).is_some()),
    });
    if all.len() <= OPEN + 1 {
        return ScopeGroup { resource, open: all, folded: Vec::new() };
    }
    // Whoever asks for much cannot hide a permission among it.
    let mut left = OPEN;
    let (open, folded) = all.into_iter().partition(|asked| {
        let stays = left > 0 || Permission::by_name(asked.name).is_some();
        left = left.saturating_sub(1);
        stays
    });
    ScopeGroup { resource, open, folded }
}

/// The host of an API's identifier, where it has one.
pub(super) fn host_of(identifier: &str) -> Option<&str> {
    authority(identifier)
}

/// What an application is told under a scope, as it stands today.
fn of_scope(name: &str, person: &Person) -> Vec<String> {
    let told: Vec<String> = match name {
        "profile" => {
            let own = [person.name.as_deref().map(shown), Some(shown(&person.username))];
            own.into_iter().flatten().chain(of_group(ClaimGroup::Profile, &person.more)).collect()
        }
        "email" => person.email.as_deref().map(shown).into_iter().collect(),
        "address" => address(&person.more).into_iter().collect(),
        "phone" => person.more.get(Claim::PhoneNumber).map(shown).into_iter().collect(),
        "roles" => person.roles.iter().map(|role| shown(role)).collect(),
        "groups" => person.given.groups.iter().map(|group| shown(group)).collect(),
        _ => return Vec::new(),
    };
    if told.is_empty() { vec![say("consent-no-value")] } else { told }
}

fn of_group(group: ClaimGroup, claims: &StandardClaims) -> impl Iterator<Item = String> {
    Claim::ALL
        .iter()
        .filter(move |claim| claim.group() == group)
        .filter_map(|claim| claims.get(*claim).map(shown))
}

fn address(claims: &StandardClaims) -> Option<String> {
    let whole = claims.get(Claim::Formatted).map(shown);
    whole.or_else(|| {
        let parts: Vec<_> = of_group(ClaimGroup::Address, claims).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    })
}

/// The value of a single claim.
fn of_claim(name: &str, person: &Person) -> Option<String> {
    match name {
        "name" => person.name.as_deref().map(shown),
        "preferred_username" => Some(shown(&person.username)),
        "email" => person.email.as_deref().map(shown),
        "address" => address(&person.more),
        "updated_at" | "email_verified" | "phone_number_verified" => None,
        _ => {
            let claim = Claim::ALL
                .iter()
                .find(|claim| claim.group() != ClaimGroup::Address && claim.name() == name)?;
            person.more.get(*claim).map(shown)
        }
    }
}

/// Somebody's text on one line, as far as it is shown. A picture that they have sent is called that.
fn shown(text: &str) -> String {
    if PictureName::portrait_at(text).is_some() {
        return say("claim-picture");
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = Legible::of(&line).to_string();
    match line.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_to_a_host_or_stays_on_the_device() {
        for (uri, expected) in [
            ("https://app.example/cb?x=1", Some("app.example")),
            ("https://app.example:8443", Some("app.example:8443")),
            ("http://internal.example/cb", Some("internal.example")),
            ("http://127.0.0.1:9000/cb", None),
            ("http://localhost/cb", None),
            ("http://[::1]:80/cb", None),
            ("com.example.app:/cb", None),
            ("cursor://anysphere/cb", None),
            ("https://localhost.example/cb", Some("localhost.example")),
        ] {
            assert_eq!(goes_to(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_value_stands_on_one_line_and_is_cut() {
        assert_eq!(shown(" 1 High Street\r\nLondon "), "1 High Street London");
        assert_eq!(shown(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(shown(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
        assert!(!shown("a\u{202e}b").contains('\u{202e}'));
    }
}
