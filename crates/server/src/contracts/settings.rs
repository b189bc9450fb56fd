//! A tenant's choices, as `/api/v1/tenants` shows and takes them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use writ_core::claims::Claim;
use writ_core::client::{AssertionAudience, IdTokenClaims, PasswordGrant, TokenRate, WebUri};
use writ_core::people::factors::policy::{PasskeyChoice, SecondFactor};
use writ_core::people::factors::remembered;
use writ_core::people::leaving;
use writ_core::reason::{Reason, Word};
use writ_core::settings::{
    Choice, Choices, ClientRegistration, ConsentReturn, LONGEST, LONGEST_GRACE, MailSender, RedirectHost,
    SHORTEST, SettingsPatch, Switch, TenantSettings,
};
use writ_core::shell_reason::ShellReason;
use writ_core::step_up::DemandedAcr;
use writ_core::webauthn::AttestationRoots;
use writ_jose::Algorithm;

use super::fields::{Fields, quoted};
use super::look::{self, LookView};
use super::texts::{self, TextsView};

/// What holds, defaults included. `null`: as the server has it.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SettingsView {
    access_token_alg: Option<&'static str>,
    id_token_alg: Option<&'static str>,
    id_token_claims: Option<&'static str>,
    client_assertion_audience: Option<&'static str>,
    password_grant: bool,
    legacy_implicit_grant: bool,
    strict_scopes: bool,
    consent_return: &'static str,
    login_url: Option<String>,
    consent_url: Option<String>,
    self_registration: bool,
    require_verified_email: bool,
    second_factor: &'static str,
    passkeys: &'static str,
    passkey_attestation_roots: Option<String>,
    remembered_devices: i64,
    mailed_sign_in: bool,
    mailed_codes: bool,
    confirm_sign_out: bool,
    require_pushed_authorization_requests: bool,
    require_signed_request_object: bool,
    dpop_bound_access_tokens: bool,
    require_dpop_nonce: bool,
    registration: &'static str,
    registration_policy: Value,
    client_documents: bool,
    client_document_hosts: Vec<String>,
    client_document_hosts_refused: Vec<String>,
    interaction_clients: Vec<Box<str>>,
    access_token_lifetime_max: i64,
    refresh_token_lifetime_max: i64,
    session_idle: i64,
    session_absolute: i64,
    refresh_grace: i64,
    management_networks: Vec<String>,
    management_acr: Option<&'static str>,
    management_max_age: Option<i64>,
    allow_dotless_schemes: bool,
    allow_host_underscores: bool,
    allow_http_callbacks: bool,
    token_rate: Option<u32>,
    token_burst: Option<u32>,
    account_deletion: bool,
    account_deletion_grace: i64,
    profile_claims: Vec<&'static str>,
    look: LookView,
    texts: TextsView,
    application_looks: bool,
    mail_sender: Option<String>,
    left_to_administrators: Vec<&'static str>,
}

impl From<&TenantSettings> for SettingsView {
    fn from(settings: &TenantSettings) -> Self {
        let uri = |uri: &Option<WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            access_token_alg: settings.access_token_alg.map(Algorithm::name),
            id_token_alg: settings.id_token_alg.map(Algorithm::name),
            id_token_claims: settings.id_token_claims.map(IdTokenClaims::name),
            client_assertion_audience: settings.assertion_audience.map(AssertionAudience::name),
            password_grant: settings.password_grant == PasswordGrant::On,
            legacy_implicit_grant: settings.legacy_implicit_grant.is_on(),
            strict_scopes: settings.strict_scopes.is_on(),
            consent_return: settings.consent_return.name(),
            login_url: uri(&settings.login_url),
            consent_url: uri(&settings.consent_url),
            self_registration: settings.self_registration.is_on(),
            require_verified_email: settings.require_verified_email.is_on(),
            second_factor: settings.second_factor.name(),
            passkeys: settings.passkeys.name(),
            passkey_attestation_roots: settings
                .passkey_attestation_roots
                .as_ref()
                .map(|roots| roots.pem().to_owned()),
            mailed_codes: settings.mailed_codes.is_on(),
            mailed_sign_in: settings.mailed_sign_in.is_on(),
            remembered_devices: settings.remembered_devices.0,
            confirm_sign_out: settings.confirm_sign_out.is_on(),
            require_pushed_authorization_requests: settings.require_pushed_authorization_requests.is_on(),
            require_signed_request_object: settings.require_signed_request_object.is_on(),
            dpop_bound_access_tokens: settings.dpop_bound_access_tokens.is_on(),
            require_dpop_nonce: settings.require_dpop_nonce.is_on(),
            registration: settings.registration.name(),
            registration_policy: serde_json::from_str(&settings.registration_policy.to_json())
                .unwrap_or_default(),
            client_documents: settings.client_documents.is_on(),
            client_document_hosts: hosts_of(&settings.client_document_hosts),
            client_document_hosts_refused: hosts_of(&settings.client_document_hosts_refused),
            interaction_clients: settings.interaction_clients.clone(),
            access_token_lifetime_max: settings.access_lifetime_max.0,
            refresh_token_lifetime_max: settings.refresh_lifetime_max.0,
            session_idle: settings.session_idle.0,
            session_absolute: settings.session_absolute.0,
            refresh_grace: settings.refresh_grace.0,
            management_networks: settings.management_networks.texts(),
            management_acr: settings.management_acr.map(DemandedAcr::name),
            management_max_age: settings.management_max_age.map(|seconds| seconds.0),
            allow_dotless_schemes: settings.allow_dotless_schemes.is_on(),
            allow_host_underscores: settings.allow_host_underscores.is_on(),
            allow_http_callbacks: settings.allow_http_callbacks.is_on(),
            token_rate: settings.token_rate,
            token_burst: settings.token_burst,
            account_deletion: settings.account_deletion.is_on(),
            account_deletion_grace: settings.account_deletion_grace.0,
            profile_claims: settings.profile_claims.iter().map(|claim| claim.path()).collect(),
            look: LookView::from(&*settings.look),
            texts: texts::shown(&settings.texts),
            application_looks: settings.application_looks.is_on(),
            mail_sender: settings.mail_sender.as_ref().map(ToString::to_string),
            left_to_administrators: settings.left_to_administrators.iter().map(Choice::name).collect(),
        }
    }
}

/// The settings that were sent. A typo would silently leave one as it is: unknown ones are refused.
pub fn read(body: &mut Fields) -> SettingsPatch {
    const ALGORITHMS: &str = "one of ES256, EdDSA, RS256 and PS256";
    const SENDER: &str = "an email address, with a name perhaps: Acme <no-reply@acme.example>";
    const URI: &str = "an https address, or http on a loopback host";
    let lifetimes = SHORTEST.0..=LONGEST.0;
    let sent = body.object("settings", |sent| SettingsPatch {
        access_token_alg: sent.word("settings.access_token_alg", ALGORITHMS, Algorithm::parse),
        id_token_alg: sent.word("settings.id_token_alg", ALGORITHMS, Algorithm::parse),
        id_token_claims: sent.word(
            "settings.id_token_claims",
            "one of minimal and scopes",
            IdTokenClaims::by_name,
        ),
        assertion_audience: sent.word(
            "settings.client_assertion_audience",
            "one of issuer and token_endpoint",
            AssertionAudience::by_name,
        ),
        password_grant: sent
            .switch("settings.password_grant")
            .map(|on| on.map(|on| if on { PasswordGrant::On } else { PasswordGrant::Off })),
        legacy_implicit_grant: sent.switch("settings.legacy_implicit_grant").map(|on| on.map(Switch::from)),
        strict_scopes: sent.switch("settings.strict_scopes").map(|on| on.map(Switch::from)),
        consent_return: sent.word(
            "settings.consent_return",
            "one of direct and resume",
            ConsentReturn::by_name,
        ),
        login_url: sent.word("settings.login_url", URI, |text| WebUri::parse(text).ok()),
        consent_url: sent.word("settings.consent_url", URI, |text| WebUri::parse(text).ok()),
        self_registration: sent.switch("settings.self_registration").map(|on| on.map(Switch::from)),
        require_verified_email: sent.switch("settings.require_verified_email").map(|on| on.map(Switch::from)),
        second_factor: sent.word(
            "settings.second_factor",
            "one of if_enrolled, administrators and everyone",
            SecondFactor::by_name,
        ),
        passkeys: sent.word("settings.passkeys", "one of off and on", PasskeyChoice::by_name),
        passkey_attestation_roots: sent.word(
            "settings.passkey_attestation_roots",
            "certificates in PEM, 50 at the most",
            |pem| AttestationRoots::read(pem).map(Arc::new),
        ),
        mailed_codes: sent.switch("settings.mailed_codes").map(|on| on.map(Switch::from)),
        mailed_sign_in: sent.switch("settings.mailed_sign_in").map(|on| on.map(Switch::from)),
        remembered_devices: sent.seconds("settings.remembered_devices", 0..=remembered::LONGEST.0),
        confirm_sign_out: sent.switch("settings.confirm_sign_out").map(|on| on.map(Switch::from)),
        require_pushed_authorization_requests: sent
            .switch("settings.require_pushed_authorization_requests")
            .map(|on| on.map(Switch::from)),
        require_signed_request_object: sent
            .switch("settings.require_signed_request_object")
            .map(|on| on.map(Switch::from)),
        dpop_bound_access_tokens: sent
            .switch("settings.dpop_bound_access_tokens")
            .map(|on| on.map(Switch::from)),
        require_dpop_nonce: sent.switch("settings.require_dpop_nonce").map(|on| on.map(Switch::from)),
        registration: sent.word(
            "settings.registration",
            "one of off, token and open",
            ClientRegistration::by_name,
        ),
        registration_policy: sent.policy("settings.registration_policy"),
        client_documents: sent.switch("settings.client_documents").map(|on| on.map(Switch::from)),
        client_document_hosts: hosts(sent, "settings.client_document_hosts"),
        client_document_hosts_refused: hosts(sent, "settings.client_document_hosts_refused"),
        interaction_clients: sent.texts("settings.interaction_clients"),
        access_lifetime_max: sent.seconds("settings.access_token_lifetime_max", lifetimes.clone()),
        refresh_lifetime_max: sent.seconds("settings.refresh_token_lifetime_max", lifetimes.clone()),
        session_idle: sent.seconds("settings.session_idle", lifetimes.clone()),
        session_absolute: sent.seconds("settings.session_absolute", lifetimes),
        refresh_grace: sent.seconds("settings.refresh_grace", 0..=LONGEST_GRACE.0),
        management_networks: sent.networks("settings.management_networks").map(Some),
        management_acr: sent.word("settings.management_acr", "one of 1 and 2", DemandedAcr::by_name),
        management_max_age: sent.seconds("settings.management_max_age", SHORTEST.0..=LONGEST.0),
        allow_dotless_schemes: sent.switch("settings.allow_dotless_schemes").map(|on| on.map(Switch::from)),
        allow_host_underscores: sent.switch("settings.allow_host_underscores").map(|on| on.map(Switch::from)),
        allow_http_callbacks: sent.switch("settings.allow_http_callbacks").map(|on| on.map(Switch::from)),
        token_rate: sent.whole("settings.token_rate", &TokenRate::RATES),
        token_burst: sent.whole("settings.token_burst", &TokenRate::BURSTS),
        account_deletion: sent.switch("settings.account_deletion").map(|on| on.map(Switch::from)),
        account_deletion_grace: sent.seconds("settings.account_deletion_grace", 0..=leaving::LONGEST_GRACE.0),
        profile_claims: profile_claims(sent),
        look: look::read(sent),
        texts: texts::read(sent),
        application_looks: sent.switch("settings.application_looks").map(|on| on.map(Switch::from)),
        mail_sender: sent.word("settings.mail_sender", SENDER, MailSender::parse),
        left_to_administrators: left(sent),
    });
    sent.unwrap_or_default()
}

fn hosts_of(hosts: &[RedirectHost]) -> Vec<String> {
    hosts.iter().map(|host| host.as_str().to_owned()).collect()
}

/// Hosts, and names that all hosts below them are meant by.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
fn hosts(sent: &mut Fields, name: &'static str) -> Option<Option<Vec<RedirectHost>>> {
    let Some(texts) = sent.texts(name)? else { return Some(None) };
    if texts.len() > RedirectHost::MOST {
        sent.wrong(name, Reason::EntriesMost { most: RedirectHost::MOST.into() });
        return None;
    }
    match texts.iter().map(|text| RedirectHost::parse(text)).collect() {
        Ok(hosts) => Some(Some(hosts)),
        Err(why) => {
            sent.wrong(name, why);
            None
        }
    }
}

/// What is left to a tenant's administrators, by name.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
fn left(sent: &mut Fields) -> Option<Option<Choices>> {
    let all: Vec<_> = Choice::leavable().map(|choice| (choice.name(), choice)).collect();
    let wrong = |names, known| ShellReason::CannotBeLeft { names, known };
    let left = listed(sent, "settings.left_to_administrators", &all, wrong)?;
    Some(left.map(|left| left.into_iter().collect()))
}

/// Which claims people fill in, by name.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
fn profile_claims(sent: &mut Fields) -> Option<Option<Vec<Claim>>> {
    let all: Vec<_> = Claim::own().map(|claim| (claim.path(), claim)).collect();
    let wrong = |names, known| ShellReason::ClaimsUnknown { names, known };
    listed(sent, "settings.profile_claims", &all, wrong)
}

/// A list of names, each of them known; in the order in which they are known.
#[expect(clippy::option_option, reason = "absent, null and a value are three things in a patch")]
fn listed<T: Copy>(
    sent: &mut Fields,
    name: &'static str,
    all: &[(&'static str, T)],
    wrong: impl FnOnce(Word, Word) -> ShellReason,
) -> Option<Option<Vec<T>>> {
    let Some(names) = sent.texts(name)? else { return Some(None) };
    let is_known = |name: &&str| all.iter().any(|(known, _)| known == name);
    let unknown: Vec<_> = names.iter().map(|name| &**name).filter(|name| !is_known(name)).collect();
    if unknown.is_empty() {
        let is_sent = |known: &str| names.iter().any(|name| &**name == known);
        return Some(Some(all.iter().filter(|(known, _)| is_sent(known)).map(|(_, one)| *one).collect()));
    }
    let known: Vec<_> = all.iter().map(|(known, _)| *known).collect();
    sent.wrong(name, wrong(quoted(&unknown).into(), known.join(" ").into()));
    None
}
