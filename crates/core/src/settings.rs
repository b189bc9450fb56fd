//! A tenant's choices. Everything has a default, so that an empty set of settings works.

use std::sync::Arc;

use crate::claims::Claim;
use crate::client::{AssertionAudience, IdTokenClaims, Leniency, PasswordGrant, TokenRate, WebUri};
use crate::look::{Look, LookPatch};
use crate::networks::AllowList;
use crate::people::factors::policy::{PasskeyChoice, SecondFactor};
use crate::step_up::DemandedAcr;
use crate::time::Seconds;
use crate::webauthn::AttestationRoots;
use writ_jose::Algorithm;

mod left;
mod mail_sender;
mod registration;
mod texts;

pub use left::{ADMINISTRATORS, Choice, Choices};
pub use mail_sender::MailSender;
pub use registration::{
    ClientRegistration, MOST_CLIENTS, PolicyError, RedirectHost, RegistrationPolicy, SoftwareIssuer,
};
pub use texts::{OwnText, OwnTexts, TextsPatch};

/// Whether something that a tenant may choose is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switch {
    /// It is off, as everything is that nobody asked for.
    #[default]
    Off,
    /// It is on.
    On,
}

impl Switch {
    /// As a truth value.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

impl From<bool> for Switch {
    fn from(value: bool) -> Self {
        if value { Self::On } else { Self::Off }
    }
}

/// Where a browser goes once the **tenant** contract has decided an authorization request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConsentReturn {
    /// Straight to the application, as published.
    #[default]
    Direct,
    /// To an address here, which checks that it is the browser that started the request.
    Resume,
}

impl ConsentReturn {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Direct, Self::Resume];

    /// The name as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Resume => "resume",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// A tenant's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// Signing algorithm of access tokens where the client names none; the server's default else.
    pub access_token_alg: Option<Algorithm>,
    /// Signing algorithm of ID tokens where the client names none; the server's default else.
    pub id_token_alg: Option<Algorithm>,
    /// What ID tokens tell of the person where the client does not say; the server's default else.
    pub id_token_claims: Option<IdTokenClaims>,
    /// Whom assertions of clients have to be for, where the client does not say.
    pub assertion_audience: Option<AssertionAudience>,
    /// Whether confidential clients may be registered for the password grant, and use it.
    pub password_grant: PasswordGrant,
    /// Whether access tokens may leave from the authorization endpoint, as OAuth 2.1 has dropped it.
    pub legacy_implicit_grant: Switch,
    /// Whether a scope that the registry does not know is refused instead of added.
    pub strict_scopes: Switch,
    /// Where a browser goes after a decision through the **tenant** contract.
    pub consent_return: ConsentReturn,
    /// A login page of the tenant's own.
    pub login_url: Option<WebUri>,
    /// A consent page of the tenant's own.
    pub consent_url: Option<WebUri>,
    /// Whether people may register themselves.
    pub self_registration: Switch,
    /// Whether signing in needs a verified email address.
    pub require_verified_email: Switch,
    /// Who has to prove a second factor.
    pub second_factor: SecondFactor,
    /// Whether people have passkeys.
    pub passkeys: PasskeyChoice,
    /// The makers whose authenticators are taken for passkeys; none: all, and nobody is asked who made them.
    pub passkey_attestation_roots: Option<Arc<AttestationRoots>>,
    /// For how long a device is remembered on which somebody has proved the second factor and wishes so; 0: none is.
    pub remembered_devices: Seconds,
    /// Whether people sign in by a link or a code that is mailed to them.
    pub mailed_sign_in: Switch,
    /// Whether a code by mail stands in for a second factor, where one is wanted and nothing was set up.
    pub mailed_codes: Switch,
    /// Whether a person is asked before an application signs them out, also where it has shown whom it means.
    pub confirm_sign_out: Switch,
    /// Whether only authorization requests are taken that were pushed (RFC 9126 §5).
    pub require_pushed_authorization_requests: Switch,
    /// Whether authorization requests are taken only as signed request objects (RFC 9101 §10.5).
    pub require_signed_request_object: Switch,
    /// Whether every access token of its clients is bound to a key (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: Switch,
    /// Whether proofs of keys have to bear a nonce of the server's (RFC 9449 §8).
    pub require_dpop_nonce: Switch,
    /// Who may register a client without an administrator.
    pub registration: ClientRegistration,
    /// What such clients may have.
    pub registration_policy: Arc<RegistrationPolicy>,
    /// Whether a client may be described by a document at its `client_id`.
    pub client_documents: Switch,
    /// The hosts of such documents; none: any.
    pub client_document_hosts: Vec<RedirectHost>,
    /// Hosts whose documents are never taken.
    pub client_document_hosts_refused: Vec<RedirectHost>,
    /// Public ids of the clients through which people act: no others, first party or not.
    pub interaction_clients: Vec<Box<str>>,
    /// The longest lifetime of access tokens that a client may be given.
    pub access_lifetime_max: Seconds,
    /// The longest lifetime of refresh tokens that a client may be given.
    pub refresh_lifetime_max: Seconds,
    /// How long a sign-in lives without being used.
    pub session_idle: Seconds,
    /// How long a sign-in lives at the most.
    pub session_absolute: Seconds,
    /// How long after its rotation a refresh token still gets its own client a live successor.
    pub refresh_grace: Seconds,
    /// From where the tenant is managed.
    pub management_networks: AllowList,
    /// How much people have to have proved who manage it with a token (RFC 9470); none: nothing more than to sign in.
    pub management_acr: Option<DemandedAcr>,
    /// How long ago they may have signed in; none: as long as the token lives.
    pub management_max_age: Option<Seconds>,
    /// Whether redirect URIs may have private-use schemes without a dot.
    pub allow_dotless_schemes: Switch,
    /// Whether hosts of redirect URIs and origins may have underscores.
    pub allow_host_underscores: Switch,
    /// Whether redirect URIs and origins may use http on other hosts than loopback: for closed networks.
    pub allow_http_callbacks: Switch,
    /// Tokens a second of a client that has no choice of its own; the server's default else.
    pub token_rate: Option<u32>,
    /// Tokens at once of such a client; what comes in two seconds else. There is one only beside a `token_rate`.
    pub token_burst: Option<u32>,
    /// Whether people may delete their own account.
    pub account_deletion: Switch,
    /// How long they may keep it after all; none: it is gone at once.
    pub account_deletion_grace: Seconds,
    /// Which standard claims people fill in on the page of their account, beside their name.
    pub profile_claims: Vec<Claim>,
    /// How its pages and letters look.
    pub look: Arc<Look>,
    /// What it says in its own words.
    pub texts: Arc<OwnTexts>,
    /// Whether its applications have looks and texts of their own where people come from them.
    pub application_looks: Switch,
    /// Whom its letters come from; none: the server's own sender.
    pub mail_sender: Option<MailSender>,
    /// Which of all these the tenant's own administrators may choose.
    pub left_to_administrators: Choices,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            access_token_alg: None,
            id_token_alg: None,
            id_token_claims: None,
            assertion_audience: None,
            password_grant: PasswordGrant::Off,
            legacy_implicit_grant: Switch::Off,
            strict_scopes: Switch::Off,
            consent_return: ConsentReturn::Direct,
            login_url: None,
            consent_url: None,
            self_registration: Switch::Off,
            require_verified_email: Switch::Off,
            second_factor: SecondFactor::IfEnrolled,
            passkeys: PasskeyChoice::On,
            passkey_attestation_roots: None,
            remembered_devices: Seconds(0),
            mailed_sign_in: Switch::Off,
            mailed_codes: Switch::Off,
            confirm_sign_out: Switch::Off,
            require_pushed_authorization_requests: Switch::Off,
            require_signed_request_object: Switch::Off,
            dpop_bound_access_tokens: Switch::Off,
            require_dpop_nonce: Switch::Off,
            registration: ClientRegistration::Off,
            registration_policy: Arc::default(),
            client_documents: Switch::Off,
            client_document_hosts: Vec::new(),
            client_document_hosts_refused: Vec::new(),
            interaction_clients: Vec::new(),
            access_lifetime_max: Seconds(86_400),
            refresh_lifetime_max: Seconds(31_536_000),
            session_idle: Seconds(12 * 3_600),
            session_absolute: Seconds(7 * 86_400),
            refresh_grace: Seconds(10),
            management_networks: AllowList::default(),
            management_acr: None,
            management_max_age: None,
            allow_dotless_schemes: Switch::Off,
            allow_host_underscores: Switch::Off,
            allow_http_callbacks: Switch::Off,
            token_rate: None,
            token_burst: None,
            account_deletion: Switch::Off,
            account_deletion_grace: Seconds(14 * 86_400),
            profile_claims: vec![Claim::GivenName, Claim::FamilyName],
            look: Arc::default(),
            texts: Arc::default(),
            application_looks: Switch::Off,
            mail_sender: None,
            left_to_administrators: Choices::usual(),
        }
    }
}

impl TenantSettings {
    /// How fast the tenant's clients may get tokens, where it has a choice of its own.
    pub fn rate(&self) -> Option<TokenRate> {
        self.token_rate.map(|rate| TokenRate::new(rate, self.token_burst))
    }

    /// What the tenant's clients may have of addresses.
    pub const fn leniency(&self) -> Leniency {
        Leniency {
            dotless_schemes: self.allow_dotless_schemes,
            underscores: self.allow_host_underscores,
            http: self.allow_http_callbacks,
        }
    }
}

/// The shortest lifetime that tokens and sign-ins may be given.
pub const SHORTEST: Seconds = Seconds(60);

/// The longest lifetime that tokens and sign-ins may be given: ten years.
pub const LONGEST: Seconds = Seconds(315_360_000);

/// The longest grace of refresh tokens: whoever got hold of an old one has that long.
pub const LONGEST_GRACE: Seconds = Seconds(300);

/// What shall be changed of a tenant's choices. Absent: it stays. `Some(None)`: its default.
#[derive(Debug, Clone, Default)]
pub struct SettingsPatch {
    /// See [`TenantSettings::access_token_alg`].
    pub access_token_alg: Option<Option<Algorithm>>,
    /// See [`TenantSettings::id_token_alg`].
    pub id_token_alg: Option<Option<Algorithm>>,
    /// See [`TenantSettings::id_token_claims`].
    pub id_token_claims: Option<Option<IdTokenClaims>>,
    /// See [`TenantSettings::assertion_audience`].
    pub assertion_audience: Option<Option<AssertionAudience>>,
    /// See [`TenantSettings::password_grant`].
    pub password_grant: Option<Option<PasswordGrant>>,
    /// See [`TenantSettings::legacy_implicit_grant`].
    pub legacy_implicit_grant: Option<Option<Switch>>,
    /// See [`TenantSettings::strict_scopes`].
    pub strict_scopes: Option<Option<Switch>>,
    /// See [`TenantSettings::consent_return`].
    pub consent_return: Option<Option<ConsentReturn>>,
    /// See [`TenantSettings::login_url`].
    pub login_url: Option<Option<WebUri>>,
    /// See [`TenantSettings::consent_url`].
    pub consent_url: Option<Option<WebUri>>,
    /// See [`TenantSettings::self_registration`].
    pub self_registration: Option<Option<Switch>>,
    /// See [`TenantSettings::require_verified_email`].
    pub require_verified_email: Option<Option<Switch>>,
    /// See [`TenantSettings::second_factor`].
    pub second_factor: Option<Option<SecondFactor>>,
    /// See [`TenantSettings::passkeys`].
    pub passkeys: Option<Option<PasskeyChoice>>,
    /// See [`TenantSettings::passkey_attestation_roots`].
    pub passkey_attestation_roots: Option<Option<Arc<AttestationRoots>>>,
    /// See [`TenantSettings::remembered_devices`].
    pub remembered_devices: Option<Option<Seconds>>,
    /// See [`TenantSettings::mailed_sign_in`].
    pub mailed_sign_in: Option<Option<Switch>>,
    /// See [`TenantSettings::mailed_codes`].
    pub mailed_codes: Option<Option<Switch>>,
    /// See [`TenantSettings::confirm_sign_out`].
    pub confirm_sign_out: Option<Option<Switch>>,
    /// See [`TenantSettings::require_pushed_authorization_requests`].
    pub require_pushed_authorization_requests: Option<Option<Switch>>,
    /// See [`TenantSettings::require_signed_request_object`].
    pub require_signed_request_object: Option<Option<Switch>>,
    /// See [`TenantSettings::dpop_bound_access_tokens`].
    pub dpop_bound_access_tokens: Option<Option<Switch>>,
    /// See [`TenantSettings::require_dpop_nonce`].
    pub require_dpop_nonce: Option<Option<Switch>>,
    /// See [`TenantSettings::registration`].
    pub registration: Option<Option<ClientRegistration>>,
    /// See [`TenantSettings::registration_policy`].
    pub registration_policy: Option<Option<Arc<RegistrationPolicy>>>,
    /// See [`TenantSettings::client_documents`].
    pub client_documents: Option<Option<Switch>>,
    /// See [`TenantSettings::client_document_hosts`].
    pub client_document_hosts: Option<Option<Vec<RedirectHost>>>,
    /// See [`TenantSettings::client_document_hosts_refused`].
    pub client_document_hosts_refused: Option<Option<Vec<RedirectHost>>>,
    /// See [`TenantSettings::interaction_clients`].
    pub interaction_clients: Option<Option<Vec<Box<str>>>>,
    /// See [`TenantSettings::access_lifetime_max`].
    pub access_lifetime_max: Option<Option<Seconds>>,
    /// See [`TenantSettings::refresh_lifetime_max`].
    pub refresh_lifetime_max: Option<Option<Seconds>>,
    /// See [`TenantSettings::session_idle`].
    pub session_idle: Option<Option<Seconds>>,
    /// See [`TenantSettings::session_absolute`].
    pub session_absolute: Option<Option<Seconds>>,
    /// See [`TenantSettings::refresh_grace`].
    pub refresh_grace: Option<Option<Seconds>>,
    /// See [`TenantSettings::management_networks`].
    pub management_networks: Option<Option<AllowList>>,
    /// See [`TenantSettings::management_acr`].
    pub management_acr: Option<Option<DemandedAcr>>,
    /// See [`TenantSettings::management_max_age`].
    pub management_max_age: Option<Option<Seconds>>,
    /// See [`TenantSettings::allow_dotless_schemes`].
    pub allow_dotless_schemes: Option<Option<Switch>>,
    /// See [`TenantSettings::allow_host_underscores`].
    pub allow_host_underscores: Option<Option<Switch>>,
    /// See [`TenantSettings::allow_http_callbacks`].
    pub allow_http_callbacks: Option<Option<Switch>>,
    /// See [`TenantSettings::token_rate`].
    pub token_rate: Option<Option<u32>>,
    /// See [`TenantSettings::token_burst`].
    pub token_burst: Option<Option<u32>>,
    /// See [`TenantSettings::account_deletion`].
    pub account_deletion: Option<Option<Switch>>,
    /// See [`TenantSettings::account_deletion_grace`].
    pub account_deletion_grace: Option<Option<Seconds>>,
    /// See [`TenantSettings::profile_claims`].
    pub profile_claims: Option<Option<Vec<Claim>>>,
    /// See [`TenantSettings::look`].
    pub look: Option<Option<LookPatch>>,
    /// See [`TenantSettings::texts`].
    pub texts: Option<Option<TextsPatch>>,
    /// See [`TenantSettings::application_looks`].
    pub application_looks: Option<Option<Switch>>,
    /// See [`TenantSettings::mail_sender`].
    pub mail_sender: Option<Option<MailSender>>,
    /// See [`TenantSettings::left_to_administrators`].
    pub left_to_administrators: Option<Option<Choices>>,
}

impl SettingsPatch {
    /// The choices with this change.
    #[must_use]
    pub fn applied_to(&self, settings: &TenantSettings) -> TenantSettings {
        let default = TenantSettings::default();
        /// What was sent, the default where it was taken away, what was there where nothing was sent.
        macro_rules! choose {
            ($($field:ident),* $(,)?) => {
                TenantSettings { $($field: match &self.$field {
                    None => settings.$field.clone(),
                    Some(None) => default.$field,
                    Some(Some(value)) => value.clone().into(),
                },)* look: self.look_after(settings), texts: self.texts_after(settings) }
            };
        }
        let mut after = choose!(
            access_token_alg,
            id_token_alg,
            id_token_claims,
            assertion_audience,
            password_grant,
            legacy_implicit_grant,
            strict_scopes,
            consent_return,
            login_url,
            consent_url,
            self_registration,
            require_verified_email,
            second_factor,
            passkeys,
            passkey_attestation_roots,
            remembered_devices,
            mailed_sign_in,
            mailed_codes,
            confirm_sign_out,
            require_pushed_authorization_requests,
            require_signed_request_object,
            dpop_bound_access_tokens,
            require_dpop_nonce,
            registration,
            registration_policy,
            client_documents,
            client_document_hosts,
            client_document_hosts_refused,
            interaction_clients,
            access_lifetime_max,
            refresh_lifetime_max,
            session_idle,
            session_absolute,
            refresh_grace,
            management_networks,
            management_acr,
            management_max_age,
            allow_dotless_schemes,
            allow_host_underscores,
            allow_http_callbacks,
            token_rate,
            token_burst,
            account_deletion,
            account_deletion_grace,
            profile_claims,
            application_looks,
            mail_sender,
            left_to_administrators,
        );
        // A burst goes with the rate that it was chosen for.
        after.token_burst = after.token_burst.filter(|_| after.token_rate.is_some());
        after
    }

    fn look_after(&self, settings: &TenantSettings) -> Arc<Look> {
        match &self.look {
            None => Arc::clone(&settings.look),
            Some(None) => Arc::default(),
            Some(Some(patch)) => Arc::new(patch.applied_to(&settings.look)),
        }
    }

    fn texts_after(&self, settings: &TenantSettings) -> Arc<OwnTexts> {
        match &self.texts {
            None => Arc::clone(&settings.texts),
            Some(None) => Arc::default(),
            Some(Some(patch)) => Arc::new(patch.applied_to(&settings.texts)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sent_stays_and_null_is_the_default() {
        let before = TenantSettings {
            strict_scopes: Switch::On,
            login_url: WebUri::parse("https://login.example/").ok(),
            refresh_grace: Seconds(0),
            ..TenantSettings::default()
        };
        assert_eq!(SettingsPatch::default().applied_to(&before), before);
        let patch = SettingsPatch {
            login_url: Some(None),
            refresh_grace: Some(None),
            consent_return: Some(Some(ConsentReturn::Resume)),
            ..SettingsPatch::default()
        };
        let after = patch.applied_to(&before);
        assert_eq!((after.login_url, after.refresh_grace), (None, Seconds(10)));
        assert_eq!((after.consent_return, after.strict_scopes), (ConsentReturn::Resume, Switch::On));
    }

    #[test]
    fn a_burst_goes_with_its_rate() {
        let before =
            TenantSettings { token_rate: Some(7), token_burst: Some(9), ..TenantSettings::default() };
        assert_eq!(before.rate(), Some(TokenRate::new(7, Some(9))));
        let patch = SettingsPatch { token_rate: Some(None), ..SettingsPatch::default() };
        assert_eq!(patch.applied_to(&before), TenantSettings::default());
        let patch = SettingsPatch { token_rate: Some(Some(8)), ..SettingsPatch::default() };
        assert_eq!(patch.applied_to(&before).rate(), Some(TokenRate::new(8, Some(9))));
    }
}
