//! A tenant's choices as they are stored: one JSON object, in which what is absent has its default.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use writ_core::claims::Claim;
use writ_core::client::{AssertionAudience, IdTokenClaims, PasswordGrant, WebUri};
use writ_core::networks::AllowList;
use writ_core::people::factors::policy::{PasskeyChoice, SecondFactor};
use writ_core::settings::{
    Choice, ClientRegistration, ConsentReturn, MailSender, OwnText, OwnTexts, RedirectHost,
    RegistrationPolicy, Switch, TenantSettings,
};
use writ_core::step_up::DemandedAcr;
use writ_core::time::Seconds;
use writ_core::webauthn::AttestationRoots;
use writ_jose::Algorithm;

use crate::row::Column;

mod look;

use look::StoredLook;

/// The object. A member is written only where it is not the default, so that a later default holds
/// for everybody who never chose.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token_claims: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assertion_audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_grant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    legacy_implicit_grant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict_scopes: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_return: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_verified_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_factor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passkeys: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey_attestation_roots: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remembered_devices: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailed_sign_in: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailed_codes: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm_sign_out: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_pushed_authorization_requests: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_signed_request_object: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_bound_access_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_dpop_nonce: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_documents: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_document_hosts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_document_hosts_refused: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_clients: Option<Vec<Box<str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_lifetime_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_lifetime_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_idle: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_absolute: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_grace: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    management_networks: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    management_acr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    management_max_age: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_dotless_schemes: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_host_underscores: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_http_callbacks: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_rate: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_deletion: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_deletion_grace: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_claims: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    look: Option<StoredLook>,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<BTreeMap<String, BTreeMap<String, String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_looks: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_sender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_to_administrators: Option<Vec<String>>,
}

fn stored_texts(texts: &OwnTexts) -> BTreeMap<String, BTreeMap<String, String>> {
    let named = |(text, words): (OwnText, &str)| (text.name().to_owned(), words.to_owned());
    texts.languages().map(|(tag, texts)| (tag.to_owned(), texts.map(named).collect())).collect()
}

/// What is not known here is passed over: a later version may have written it.
fn read_texts(stored: &BTreeMap<String, BTreeMap<String, String>>) -> OwnTexts {
    let all =
        stored.iter().flat_map(|(tag, texts)| texts.iter().map(move |(name, words)| (tag, name, words)));
    all.filter_map(|(tag, name, words)| Some((tag, OwnText::by_name(name)?, words)))
        .fold(OwnTexts::default(), |texts, (tag, text, words)| texts.with(tag, text, words))
}

fn chosen<T: PartialEq>(value: T, default: &T) -> Option<T> {
    (value != *default).then_some(value)
}

/// The choices as text.
pub(crate) fn stored(settings: &TenantSettings) -> String {
    let default = TenantSettings::default();
    let switch = |value: Switch, default| chosen(value, default).map(Switch::is_on);
    let seconds = |value: Seconds, default| chosen(value, default).map(|seconds| seconds.0);
    let uri = |uri: &Option<WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
    let stored = StoredSettings {
        access_token_alg: settings.access_token_alg.map(|alg| alg.name().to_owned()),
        id_token_alg: settings.id_token_alg.map(|alg| alg.name().to_owned()),
        id_token_claims: settings.id_token_claims.map(|choice| choice.name().to_owned()),
        assertion_audience: settings.assertion_audience.map(|choice| choice.name().to_owned()),
        password_grant: chosen(settings.password_grant, &default.password_grant)
            .map(|grant| grant == PasswordGrant::On),
        legacy_implicit_grant: switch(settings.legacy_implicit_grant, &default.legacy_implicit_grant),
        strict_scopes: switch(settings.strict_scopes, &default.strict_scopes),
        consent_return: chosen(settings.consent_return, &default.consent_return)
            .map(|choice| choice.name().to_owned()),
        login_url: uri(&settings.login_url),
        consent_url: uri(&settings.consent_url),
        self_registration: switch(settings.self_registration, &default.self_registration),
        require_verified_email: switch(settings.require_verified_email, &default.require_verified_email),
        second_factor: chosen(settings.second_factor, &default.second_factor)
            .map(|choice| choice.name().to_owned()),
        passkeys: chosen(settings.passkeys, &default.passkeys).map(|choice| choice.name().to_owned()),
        passkey_attestation_roots: settings
            .passkey_attestation_roots
            .as_ref()
            .map(|roots| roots.pem().to_owned()),
        mailed_codes: switch(settings.mailed_codes, &default.mailed_codes),
        mailed_sign_in: switch(settings.mailed_sign_in, &default.mailed_sign_in),
        remembered_devices: seconds(settings.remembered_devices, &default.remembered_devices),
        confirm_sign_out: switch(settings.confirm_sign_out, &default.confirm_sign_out),
        require_pushed_authorization_requests: switch(
            settings.require_pushed_authorization_requests,
            &default.require_pushed_authorization_requests,
        ),
        require_signed_request_object: switch(
            settings.require_signed_request_object,
            &default.require_signed_request_object,
        ),
        dpop_bound_access_tokens: switch(
            settings.dpop_bound_access_tokens,
            &default.dpop_bound_access_tokens,
        ),
        require_dpop_nonce: switch(settings.require_dpop_nonce, &default.require_dpop_nonce),
        registration: chosen(settings.registration, &default.registration)
            .map(|choice| choice.name().to_owned()),
        registration_policy: chosen(&settings.registration_policy, &&default.registration_policy)
            .map(|policy| policy.to_json()),
        client_documents: switch(settings.client_documents, &default.client_documents),
        client_document_hosts: hosts(&settings.client_document_hosts),
        client_document_hosts_refused: hosts(&settings.client_document_hosts_refused),
        interaction_clients: chosen(settings.interaction_clients.clone(), &default.interaction_clients),
        access_lifetime_max: seconds(settings.access_lifetime_max, &default.access_lifetime_max),
        refresh_lifetime_max: seconds(settings.refresh_lifetime_max, &default.refresh_lifetime_max),
        session_idle: seconds(settings.session_idle, &default.session_idle),
        session_absolute: seconds(settings.session_absolute, &default.session_absolute),
        refresh_grace: seconds(settings.refresh_grace, &default.refresh_grace),
        management_networks: chosen(settings.management_networks.stored(), &String::new()),
        management_acr: settings.management_acr.map(|acr| acr.name().to_owned()),
        management_max_age: settings.management_max_age.map(|seconds| seconds.0),
        allow_dotless_schemes: switch(settings.allow_dotless_schemes, &default.allow_dotless_schemes),
        allow_host_underscores: switch(settings.allow_host_underscores, &default.allow_host_underscores),
        allow_http_callbacks: switch(settings.allow_http_callbacks, &default.allow_http_callbacks),
        token_rate: settings.token_rate,
        token_burst: settings.token_burst,
        account_deletion: switch(settings.account_deletion, &default.account_deletion),
        account_deletion_grace: seconds(settings.account_deletion_grace, &default.account_deletion_grace),
        profile_claims: chosen(&settings.profile_claims, &&default.profile_claims)
            .map(|claims| claims.iter().map(|claim| claim.path().to_owned()).collect()),
        look: chosen(&settings.look, &&default.look).map(|look| StoredLook::from(&**look)),
        texts: chosen(&settings.texts, &&default.texts).map(|texts| stored_texts(texts)),
        application_looks: switch(settings.application_looks, &default.application_looks),
        mail_sender: settings.mail_sender.as_ref().map(ToString::to_string),
        left_to_administrators: chosen(settings.left_to_administrators, &default.left_to_administrators)
            .map(|left| left.iter().map(|choice| choice.name().to_owned()).collect()),
    };
    // A struct of texts and numbers has nothing that JSON could not hold.
    serde_json::to_string(&stored).unwrap_or_default()
}

fn hosts(hosts: &[RedirectHost]) -> Option<Vec<String>> {
    (!hosts.is_empty()).then(|| hosts.iter().map(|host| host.as_str().to_owned()).collect())
}

fn read_hosts(stored: Option<Vec<String>>) -> Column<Vec<RedirectHost>> {
    let read = |text: &String| {
        RedirectHost::parse(text).map_err(|_| format!("a tenant's settings cannot be read: the host {text}"))
    };
    stored.unwrap_or_default().iter().map(read).collect()
}

/// The choices from their text.
#[expect(clippy::too_many_lines, reason = "a line a choice")]
pub(crate) fn read(text: &str) -> Column<TenantSettings> {
    let default = TenantSettings::default();
    if text == "{}" {
        return Ok(default);
    }
    let stored: StoredSettings =
        serde_json::from_str(text).map_err(|error| format!("a tenant's settings cannot be read: {error}"))?;
    let algorithm = |name: String| Algorithm::parse(&name).ok_or_else(|| format!("unknown algorithm {name}"));
    let uri = |text: Option<String>| text.map(|text| WebUri::from_stored(&text));
    Ok(TenantSettings {
        access_token_alg: stored.access_token_alg.map(algorithm).transpose()?,
        id_token_alg: stored.id_token_alg.map(algorithm).transpose()?,
        id_token_claims: stored.id_token_claims.as_deref().and_then(IdTokenClaims::by_name),
        assertion_audience: stored.assertion_audience.as_deref().and_then(AssertionAudience::by_name),
        password_grant: match stored.password_grant {
            Some(true) => PasswordGrant::On,
            Some(false) | None => PasswordGrant::Off,
        },
        legacy_implicit_grant: stored
            .legacy_implicit_grant
            .map_or(default.legacy_implicit_grant, Switch::from),
        strict_scopes: stored.strict_scopes.map_or(default.strict_scopes, Switch::from),
        consent_return: match stored.consent_return {
            Some(name) => ConsentReturn::by_name(&name)
                .ok_or_else(|| format!("a tenant's settings cannot be read: consent_return {name}"))?,
            None => default.consent_return,
        },
        login_url: uri(stored.login_url),
        consent_url: uri(stored.consent_url),
        self_registration: stored.self_registration.map_or(default.self_registration, Switch::from),
        require_verified_email: stored
            .require_verified_email
            .map_or(default.require_verified_email, Switch::from),
        // What is not known here was written by a later version: more is wanted then, not less.
        second_factor: stored.second_factor.map_or(default.second_factor, |name| {
            SecondFactor::by_name(&name).unwrap_or(SecondFactor::Everyone)
        }),
        // What is not known here was written by a later version: as if nobody had chosen.
        passkeys: stored.passkeys.as_deref().and_then(PasskeyChoice::by_name).unwrap_or(default.passkeys),
        passkey_attestation_roots: match stored.passkey_attestation_roots {
            Some(pem) => Some(Arc::new(
                AttestationRoots::read(&pem)
                    .ok_or("a tenant's settings cannot be read: passkey_attestation_roots")?,
            )),
            None => None,
        },
        mailed_codes: stored.mailed_codes.map_or(default.mailed_codes, Switch::from),
        mailed_sign_in: stored.mailed_sign_in.map_or(default.mailed_sign_in, Switch::from),
        remembered_devices: stored.remembered_devices.map_or(default.remembered_devices, Seconds),
        confirm_sign_out: stored.confirm_sign_out.map_or(default.confirm_sign_out, Switch::from),
        require_pushed_authorization_requests: stored
            .require_pushed_authorization_requests
            .map_or(default.require_pushed_authorization_requests, Switch::from),
        require_signed_request_object: stored
            .require_signed_request_object
            .map_or(default.require_signed_request_object, Switch::from),
        dpop_bound_access_tokens: stored
            .dpop_bound_access_tokens
            .map_or(default.dpop_bound_access_tokens, Switch::from),
        require_dpop_nonce: stored.require_dpop_nonce.map_or(default.require_dpop_nonce, Switch::from),
        registration: match stored.registration {
            Some(name) => ClientRegistration::by_name(&name)
                .ok_or_else(|| format!("a tenant's settings cannot be read: registration {name}"))?,
            None => default.registration,
        },
        registration_policy: match stored.registration_policy {
            Some(text) => RegistrationPolicy::from_json(&text).map_err(|error| {
                format!("a tenant's settings cannot be read: registration_policy.{}", error.member)
            })?,
            None => default.registration_policy,
        },
        client_documents: stored.client_documents.map_or(default.client_documents, Switch::from),
        client_document_hosts: read_hosts(stored.client_document_hosts)?,
        client_document_hosts_refused: read_hosts(stored.client_document_hosts_refused)?,
        interaction_clients: stored.interaction_clients.unwrap_or_default(),
        access_lifetime_max: stored.access_lifetime_max.map_or(default.access_lifetime_max, Seconds),
        refresh_lifetime_max: stored.refresh_lifetime_max.map_or(default.refresh_lifetime_max, Seconds),
        session_idle: stored.session_idle.map_or(default.session_idle, Seconds),
        session_absolute: stored.session_absolute.map_or(default.session_absolute, Seconds),
        refresh_grace: stored.refresh_grace.map_or(default.refresh_grace, Seconds),
        management_networks: AllowList::from_stored(&stored.management_networks.unwrap_or_default())?,
        // What is not known here was written by a later version: more is wanted then, not less.
        management_acr: stored
            .management_acr
            .map(|name| DemandedAcr::by_name(&name).unwrap_or(DemandedAcr::TwoFactors)),
        management_max_age: stored.management_max_age.map(Seconds),
        allow_dotless_schemes: stored
            .allow_dotless_schemes
            .map_or(default.allow_dotless_schemes, Switch::from),
        allow_host_underscores: stored
            .allow_host_underscores
            .map_or(default.allow_host_underscores, Switch::from),
        allow_http_callbacks: stored.allow_http_callbacks.map_or(default.allow_http_callbacks, Switch::from),
        token_rate: stored.token_rate,
        token_burst: stored.token_burst,
        account_deletion: stored.account_deletion.map_or(default.account_deletion, Switch::from),
        account_deletion_grace: stored.account_deletion_grace.map_or(default.account_deletion_grace, Seconds),
        profile_claims: stored.profile_claims.map_or(default.profile_claims, |names| {
            Claim::own().filter(|claim| names.iter().any(|name| name == claim.path())).collect()
        }),
        look: stored.look.map(StoredLook::read).transpose()?.unwrap_or(default.look),
        texts: stored.texts.map_or(default.texts, |texts| Arc::new(read_texts(&texts))),
        application_looks: stored.application_looks.map_or(default.application_looks, Switch::from),
        mail_sender: stored.mail_sender.as_deref().and_then(MailSender::parse),
        // What is not known here is passed over: a later version may have written it.
        left_to_administrators: stored
            .left_to_administrators
            .map_or(default.left_to_administrators, |names| {
                names.iter().filter_map(|name| Choice::by_name(name)).collect()
            }),
    })
}

#[cfg(test)]
mod tests {
    use writ_core::settings::Choices;

    use super::*;

    const ROOT: &str = include_str!("settings/root.pem");

    #[test]
    fn every_choice_comes_back_and_defaults_are_not_written() {
        let every = TenantSettings {
            access_token_alg: Some(Algorithm::Ps256),
            id_token_alg: Some(Algorithm::EdDsa),
            id_token_claims: Some(IdTokenClaims::Minimal),
            assertion_audience: Some(AssertionAudience::TokenEndpoint),
            password_grant: PasswordGrant::On,
            legacy_implicit_grant: Switch::On,
            strict_scopes: Switch::On,
            consent_return: ConsentReturn::Resume,
            login_url: WebUri::parse("https://login.example/in?x=1").ok(),
            consent_url: WebUri::parse("https://login.example/consent").ok(),
            self_registration: Switch::On,
            require_verified_email: Switch::On,
            second_factor: SecondFactor::Administrators,
            passkeys: PasskeyChoice::Off,
            passkey_attestation_roots: Some(Arc::new(AttestationRoots::read(ROOT).unwrap())),
            mailed_codes: Switch::On,
            mailed_sign_in: Switch::On,
            remembered_devices: Seconds(86400),
            confirm_sign_out: Switch::On,
            require_pushed_authorization_requests: Switch::On,
            require_signed_request_object: Switch::On,
            dpop_bound_access_tokens: Switch::On,
            require_dpop_nonce: Switch::On,
            registration: ClientRegistration::Token,
            registration_policy: RegistrationPolicy::from_json(r#"{"scopes":["a"],"clients_max":5}"#)
                .unwrap(),
            client_documents: Switch::On,
            client_document_hosts: read_hosts(Some(vec!["*.example.com".to_owned()])).unwrap(),
            client_document_hosts_refused: read_hosts(Some(vec!["a.example.com".to_owned()])).unwrap(),
            interaction_clients: vec!["a".into(), "b\"c".into()],
            access_lifetime_max: Seconds(61),
            refresh_lifetime_max: Seconds(62),
            session_idle: Seconds(63),
            session_absolute: Seconds(64),
            refresh_grace: Seconds(0),
            management_networks: AllowList::read(&["10.0.0.0/8", "2001:db8::/32"]).unwrap(),
            management_acr: Some(DemandedAcr::TwoFactors),
            management_max_age: Some(Seconds(65)),
            allow_dotless_schemes: Switch::On,
            allow_host_underscores: Switch::On,
            allow_http_callbacks: Switch::On,
            token_rate: Some(5),
            token_burst: Some(6),
            account_deletion: Switch::On,
            account_deletion_grace: Seconds(0),
            profile_claims: Claim::own().collect(),
            look: look::every(),
            texts: Arc::new(OwnTexts::default().with("en", OwnText::SignInTitle, "Welcome \"back\"").with(
                "ja",
                OwnText::Footer,
                "\u{65e5}",
            )),
            application_looks: Switch::On,
            mail_sender: MailSender::parse("Acme <a@acme.example>"),
            left_to_administrators: Choice::leavable().collect(),
        };
        let nothing = TenantSettings { left_to_administrators: Choices::NONE, ..TenantSettings::default() };
        assert_eq!(read(&stored(&nothing)).unwrap(), nothing);
        let later = read(r#"{"left_to_administrators":["from_tomorrow","strict_scopes"]}"#).unwrap();
        assert!(later.left_to_administrators.iter().eq([Choice::StrictScopes]));
        assert_eq!(read(&stored(&every)).unwrap(), every);
        assert_eq!(stored(&TenantSettings::default()), "{}");
        assert_eq!(read("{}").unwrap(), TenantSettings::default());
        assert_eq!(read(r#"{"access_token_alg":"EdDSA"}"#).unwrap().access_token_alg, Some(Algorithm::EdDsa));
        assert!(read(r#"{"access_token_alg":"none"}"#).is_err());
        assert!(read("").is_err());
    }
}
