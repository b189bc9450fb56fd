//! What an operator leaves to a tenant's own administrators.

use super::TenantSettings;
use crate::authority::Permission;
use crate::reason::Reason;

/// The choices of a tenant: each with its field, its name on the wire, and to whom it is.
macro_rules! choices {
    ($($choice:ident $field:ident $name:literal $whose:ident),* $(,)?) => {
        /// A choice of a tenant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Choice {
            $(#[doc = concat!("See [`TenantSettings::", stringify!($field), "`].")] $choice),*
        }

        impl Choice {
            /// All of them.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$choice),*];

            /// The name on the wire and in storage.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$choice => $name),* }
            }

            const fn whose(self) -> ChoiceOwner {
                match self { $(Self::$choice => ChoiceOwner::$whose),* }
            }
        }

        impl TenantSettings {
            /// The choices that are not the same as in other settings.
            pub fn differing(&self, other: &Self) -> Choices {
                // Named one by one: a new choice has to say whose it is.
                let Self { $($field),* } = self;
                [$((Choice::$choice, *$field != other.$field)),*]
                    .into_iter()
                    .filter(|(_, differs)| *differs)
                    .map(|(choice, _)| choice)
                    .collect()
            }
        }
    };
}

/// To whom a choice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChoiceOwner {
    /// Left to the administrators where an operator says nothing: it is about the tenant's own people and applications,
    /// and what it costs the server is bounded whoever chooses.
    Usual,
    /// An operator's, who may leave it: it costs the server, or weakens what everybody relies on.
    Leavable,
    /// An operator's: the bound that it is would be none.
    Operators,
}

choices! {
    AccessTokenAlg access_token_alg "access_token_alg" Leavable,
    IdTokenAlg id_token_alg "id_token_alg" Leavable,
    IdTokenClaims id_token_claims "id_token_claims" Usual,
    PasswordGrant password_grant "password_grant" Usual,
    LegacyImplicitGrant legacy_implicit_grant "legacy_implicit_grant" Leavable,
    StrictScopes strict_scopes "strict_scopes" Usual,
    ConsentReturn consent_return "consent_return" Leavable,
    LoginUrl login_url "login_url" Leavable,
    ConsentUrl consent_url "consent_url" Leavable,
    SelfRegistration self_registration "self_registration" Usual,
    RequireVerifiedEmail require_verified_email "require_verified_email" Usual,
    SecondFactor second_factor "second_factor" Usual,
    Passkeys passkeys "passkeys" Usual,
    PasskeyAttestationRoots passkey_attestation_roots "passkey_attestation_roots" Usual,
    RememberedDevices remembered_devices "remembered_devices" Usual,
    MailedSignIn mailed_sign_in "mailed_sign_in" Usual,
    MailedCodes mailed_codes "mailed_codes" Usual,
    ConfirmSignOut confirm_sign_out "confirm_sign_out" Usual,
    AssertionAudience assertion_audience "client_assertion_audience" Leavable,
    RequirePushed require_pushed_authorization_requests "require_pushed_authorization_requests" Leavable,
    RequireSignedRequest require_signed_request_object "require_signed_request_object" Leavable,
    DpopBound dpop_bound_access_tokens "dpop_bound_access_tokens" Leavable,
    RequireDpopNonce require_dpop_nonce "require_dpop_nonce" Leavable,
    Registration registration "registration" Leavable,
    RegistrationPolicy registration_policy "registration_policy" Leavable,
    ClientDocuments client_documents "client_documents" Leavable,
    ClientDocumentHosts client_document_hosts "client_document_hosts" Leavable,
    ClientDocumentHostsRefused client_document_hosts_refused "client_document_hosts_refused" Leavable,
    InteractionClients interaction_clients "interaction_clients" Leavable,
    AccessLifetimeMax access_lifetime_max "access_token_lifetime_max" Leavable,
    RefreshLifetimeMax refresh_lifetime_max "refresh_token_lifetime_max" Leavable,
    SessionIdle session_idle "session_idle" Leavable,
    SessionAbsolute session_absolute "session_absolute" Leavable,
    RefreshGrace refresh_grace "refresh_grace" Leavable,
    ManagementNetworks management_networks "management_networks" Leavable,
    ManagementAcr management_acr "management_acr" Leavable,
    ManagementMaxAge management_max_age "management_max_age" Leavable,
    DotlessSchemes allow_dotless_schemes "allow_dotless_schemes" Leavable,
    HostUnderscores allow_host_underscores "allow_host_underscores" Leavable,
    HttpCallbacks allow_http_callbacks "allow_http_callbacks" Leavable,
    TokenRate token_rate "token_rate" Operators,
    TokenBurst token_burst "token_burst" Operators,
    AccountDeletion account_deletion "account_deletion" Usual,
    AccountDeletionGrace account_deletion_grace "account_deletion_grace" Usual,
    ProfileClaims profile_claims "profile_claims" Usual,
    Look look "look" Usual,
    Texts texts "texts" Usual,
    ApplicationLooks application_looks "application_looks" Usual,
    MailSender mail_sender "mail_sender" Leavable,
    LeftToAdministrators left_to_administrators "left_to_administrators" Operators,
}

impl Choice {
    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// Those that an operator can leave to administrators.
    pub fn leavable() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|choice| choice.whose() != ChoiceOwner::Operators)
    }
}

/// What whoever changes the choices that are left to administrators has to have: all that such a choice can be about.
pub const ADMINISTRATORS: &[Permission] = &[Permission::OauthWrite, Permission::UsersWrite];

/// A set of choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices(u64);

impl Choices {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// What is left to administrators where an operator says nothing.
    pub fn usual() -> Self {
        Choice::ALL.into_iter().filter(|choice| choice.whose() == ChoiceOwner::Usual).collect()
    }

    /// Whether a choice is among them.
    pub const fn contains(self, choice: Choice) -> bool {
        self.0 & (1 << choice as u8) != 0
    }

    /// Those that are not in another set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Choice> {
        Choice::ALL.into_iter().filter(move |choice| self.contains(*choice))
    }
}

impl FromIterator<Choice> for Choices {
    fn from_iter<I: IntoIterator<Item = Choice>>(choices: I) -> Self {
        Self(choices.into_iter().fold(0, |set, choice| set | 1 << choice as u8))
    }
}

impl Choices {
    /// Where these are left to administrators: what whoever misses something is told of the choice that is off: its name, and who may turn it on.
    pub fn turned_on_by(self, choice: Choice) -> Reason {
        let name = choice.name();
        if self.contains(choice) {
            let names: Vec<_> = ADMINISTRATORS.iter().map(|permission| permission.name()).collect();
            Reason::SettingOffAdministrators { setting: name.into(), permissions: names.join(" and ").into() }
        } else {
            Reason::SettingOffOperator {
                setting: name.into(),
                permission: Permission::TenantsWrite.name().into(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Switch;

    #[test]
    fn a_set_of_choices_holds_each_once() {
        let all: Choices = Choice::ALL.into_iter().chain(Choice::ALL).collect();
        assert!(all.iter().eq(Choice::ALL) && all.without(all) == Choices::NONE);
        for choice in Choice::ALL {
            assert_eq!(Choice::by_name(choice.name()), Some(choice));
            assert!([choice].into_iter().collect::<Choices>().iter().eq([choice]));
        }
        assert_eq!(Choice::by_name("allow_everything"), None);
    }

    /// By hand: what an administrator can do in a tenant of whose operator nothing was asked.
    #[test]
    fn what_is_usually_left_is_about_ones_own_people_and_applications() {
        let names: Vec<_> = Choices::usual().iter().map(Choice::name).collect();
        assert_eq!(
            names,
            [
                "id_token_claims",
                "password_grant",
                "strict_scopes",
                "self_registration",
                "require_verified_email",
                "second_factor",
                "passkeys",
                "passkey_attestation_roots",
                "remembered_devices",
                "mailed_sign_in",
                "mailed_codes",
                "confirm_sign_out",
                "account_deletion",
                "account_deletion_grace",
                "profile_claims",
                "look",
                "texts",
                "application_looks"
            ]
        );
        for never in ["token_rate", "token_burst", "left_to_administrators"] {
            assert!(Choice::leavable().all(|choice| choice.name() != never), "{never}");
        }
    }

    #[test]
    fn what_differs_is_found() {
        let before = TenantSettings::default();
        let after = TenantSettings {
            self_registration: Switch::On,
            token_rate: Some(1),
            left_to_administrators: Choices::NONE,
            ..before.clone()
        };
        let names: Vec<_> = after.differing(&before).iter().map(Choice::name).collect();
        assert_eq!(names, ["self_registration", "token_rate", "left_to_administrators"]);
        assert_eq!(before.differing(&before.clone()), Choices::NONE);
    }

    #[test]
    fn whoever_misses_something_hears_whom_to_ask() {
        assert_eq!(
            Choices::usual().turned_on_by(Choice::PasswordGrant).to_string(),
            "the tenant's setting password_grant is off; its administrators can turn it on (oauth:write and users:write)"
        );
        assert_eq!(
            Choices::NONE.turned_on_by(Choice::SelfRegistration).to_string(),
            "the tenant's setting self_registration is off; an operator can turn it on (tenants:write)"
        );
    }
}
