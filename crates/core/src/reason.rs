//! Why something is refused, by id. Core has no sentences: those are the server's, in the language of whoever reads them
//! (`crates/server/words/reasons.en.ftl`).
//!
//! A reason has the names and numbers that its sentence tells. What a parser finds wrong is an enum of the parser's own,
//! made by the same macro, and one of the reasons as a whole.

use std::borrow::Cow;

use crate::actors::ACTORS_MOST;
use crate::authorization::AuthorizationError;
use crate::authorize::ObjectError;
use crate::basic::{BasicError, BasicHalf};
use crate::client::{JwksError, NoRecipient, PrefixError, UriError};
use crate::dpop::ProofFault;
use crate::excerpt::Excerpt;
use crate::form::FormError;
use crate::scope::ScopeError;
use crate::shell_reason::ShellReason;
use crate::text::TextError;
use crate::upstream::UpstreamReason;

/// What comes into a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A number, in decimal digits.
    Number(i64),
    /// A name, or whatever else is the same in every language.
    Text(Box<str>),
    /// Another sentence.
    Why(Box<Reason>),
}

macro_rules! numbers {
    ($($type:ty)*) => { $(
        impl From<$type> for Word {
            fn from(number: $type) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }

        impl From<&$type> for Word {
            fn from(number: &$type) -> Self {
                Self::from(*number)
            }
        }
    )* };
}

numbers! { i64 u32 u64 usize }

macro_rules! texts {
    ($($type:ty)*) => { $(
        impl From<$type> for Word {
            fn from(text: $type) -> Self {
                Self::Text(text.to_string().into())
            }
        }
    )* };
}

texts! { &str &&str String &String Box<str> &Box<str> Excerpt &Excerpt &Cow<'static, str> }
texts! { &writ_jose::JoseError writ_jose::jwe::KeyManagement &writ_jose::jwe::KeyManagement &writ_jose::JwkError }

impl From<&Word> for Word {
    fn from(word: &Word) -> Self {
        word.clone()
    }
}

/// A character in quotation marks, so that it can be seen.
impl From<&char> for Word {
    fn from(character: &char) -> Self {
        Self::Text(format!("{character:?}").into())
    }
}

impl From<Reason> for Word {
    fn from(why: Reason) -> Self {
        Self::Why(Box::new(why))
    }
}

/// A table of reasons, each with its id. In parentheses or braces is what its sentence tells of the case, in brackets
/// what it always tells. Behind `of` are those that have a table of their own.
macro_rules! reasons {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $variant:ident $(($one:ident: $of:ty))?
            $({ $($(#[$told:meta])* $field:ident: $type:ty),+ $(,)? })?
            = $id:literal $([$($fixed:ident: $value:expr),+])?;)*
    } $(of { $($(#[$whose:meta])* $wrapper:ident($inner:ty);)* })?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis enum $name {
            $($(#[$doc])* #[doc = concat!("`", $id, "`")] $variant $(($of))?
                $({ $($(#[$told])* #[doc = stringify!($field)] $field: $type),+ })?,)*
            $($($(#[$whose])* $wrapper($inner),)*)?
        }

        impl $name {
            /// The id of its sentence.
            pub fn id(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $id,)*
                    $($(Self::$wrapper(inner) => inner.id(),)*)?
                }
            }

            /// What comes into the sentence, by name.
            pub fn words(&self) -> Vec<(&'static str, $crate::reason::Word)> {
                match self {
                    $(Self::$variant $(($one))? $({ $($field),+ })? => vec![
                        $((stringify!($one), $one.into()),)?
                        $($((stringify!($field), $field.into()),)+)?
                        $($((stringify!($fixed), $value.into()),)+)?
                    ],)*
                    $($(Self::$wrapper(inner) => inner.words(),)*)?
                }
            }

            /// All ids, each with the names of what comes into its sentence.
            pub fn all() -> Vec<(&'static str, &'static [&'static str])> {
                let own: &[(&'static str, &'static [&'static str])] = &[$(($id, &[
                    $(stringify!($one),)? $($(stringify!($field),)+)? $($(stringify!($fixed),)+)?
                ]),)*];
                own.iter().copied()$($(.chain(<$inner>::all()))*)?.collect()
            }
        }

        /// As the server's English has it: for tests that say what is read in the end.
        #[cfg(test)]
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::reason::english(self.id(), self.words()))
            }
        }
    };
}
pub(crate) use reasons;

reasons! {
    /// Why something is refused.
    pub enum Reason {
        OpaqueHasNoHeader = "opaque-has-no-header";
        HasFragment = "has-fragment";
        FrontchannelElsewhere = "frontchannel-elsewhere";
        NotHttpsWithoutFragment = "not-https-without-fragment";
        NotFit { why: Word } = "not-fit";
        KindWithTheseGrants { kind: Word } = "kind-with-these-grants";
        KindFixed { kind: Word } = "kind-fixed";
        NotNull = "not-null";
        AlgNotOfMethod { alg: Word, method: Word } = "alg-not-of-method";
        JwksUriBesideJwks = "jwks-uri-beside-jwks";
        PrivateKeyJwtNeedsKeys = "private-key-jwt-needs-keys";
        WholeNumberWithin { least: Word, most: Word } = "whole-number-within";
        NeedsTokenRate = "needs-token-rate";
        RateAboveLimit { sent: Word, most: Word } = "rate-above-limit";
        Missing = "missing";
        GrantTypeNeeded = "grant-type-needed";
        GrantTypeUnknown = "grant-type-unknown";
        GrantTypeNotOffered { grant: Word } = "grant-type-not-offered";
        PasswordGrantOff { why: Word } = "password-grant-off";
        ResponseTypeNone = "response-type-none";
        ResponseTypesNotRegistrable = "response-types-not-registrable";
        ResponseTypeNeedsGrant { named: Word, grant: Word } = "response-type-needs-grant";
        ImplicitNeedsResponseType = "implicit-needs-response-type";
        SectorUnread = "sector-unread";
        SectorWithout { uri: Word } = "sector-without";
        SectorNeeded = "sector-needed";
        SectorSeveral = "sector-several";
        RefreshTokenAlone = "refresh-token-alone";
        RedirectUriNeededForCodes = "redirect-uri-needed-for-codes";
        RedirectUriNeeded = "redirect-uri-needed";
        ScopeNeeded = "scope-needed";
        NotAScope { why: Word } = "not-ascope";
        ScopeUnknown { scope: Word } = "scope-unknown";
        SecondsWithin { least: Word, most: Word } = "seconds-within";
        EntriesMost { most: Word } = "entries-most";
        Twice = "twice";
        LanguageTagUnreadable = "language-tag-unreadable";
        Entry { at: Word, entry: Word, why: Word } = "entry";
        SecondsUpTo { most: Word } = "seconds-up-to";
        OpaqueEncrypted = "opaque-encrypted";
        PkceOfPublicClient = "pkce-of-public-client";
        RotationOfPublicClient = "rotation-of-public-client";
        OpaqueSigned = "opaque-signed";
        NeedsBesideIt { name: Word } = "needs-beside-it";
        KeyMissing { name: Word, management: Word } = "key-missing";
        AudienceWhiteSpace { entry: Word } = "audience-white-space";
        AudienceTooLong { entry: Word, most: Word } = "audience-too-long";
        AudienceTwice { entry: Word } = "audience-twice";
        AssertionBesideCredential = "assertion-beside-credential";
        SecretBesideBasic = "secret-beside-basic";
        ClientIdDiffersFromBasic = "client-id-differs-from-basic";
        NotBasic = "not-basic";
        ClientIdMissingBesideSecret = "client-id-missing-beside-secret";
        ClientNotAuthenticated = "client-not-authenticated";
        AssertionTypeUnknown = "assertion-type-unknown";
        AssertionMissing = "assertion-missing";
        AssertionTypeMissing = "assertion-type-missing";
        ClientAuthenticationFailed = "client-authentication-failed";
        NotForAuthorizationCode = "not-for-authorization-code";
        CodeNotValid = "code-not-valid";
        NotForDeviceCode = "not-for-device-code";
        DeviceCodeNotValid = "device-code-not-valid";
        DevicePending = "device-pending";
        DeviceTooFast { seconds: Word } = "device-too-fast";
        DeviceExpired = "device-expired";
        DeviceAnswered = "device-answered";
        ScopesBeyondRequest = "scopes-beyond-request";
        ScopesEmpty = "scopes-empty";
        PersonDisagreed = "person-disagreed";
        SignInAgain = "sign-in-again";
        NobodySignedIn = "nobody-signed-in";
        ConsentEachTime = "consent-each-time";
        NotAgreed = "not-agreed";
        PushedReference = "pushed-reference";
        RequestTooLong = "request-too-long";
        RequestUriSpent = "request-uri-spent";
        ResponseModeUnknown = "response-mode-unknown";
        IdTokenHintBad = "id-token-hint-bad";
        ClaimsBad = "claims-bad";
        ClaimsSubUnknown = "claims-sub-unknown";
        ClaimsSubTwo = "claims-sub-two";
        ClaimsSubNotHinted = "claims-sub-not-hinted";
        ClaimsAcrUnmet = "claims-acr-unmet";
        NoSuchApplication = "no-such-application";
        RedirectUriNoMore = "redirect-uri-no-more";
        RedirectUriHasAnswer { name: Word } = "redirect-uri-has-answer";
        PkceRequired = "pkce-required";
        ClientIdMissing = "client-id-missing";
        RedirectUriUnknown = "redirect-uri-unknown";
        RedirectUriMissing = "redirect-uri-missing";
        ResponseTypeMissing = "response-type-missing";
        ResponseTypeUnknown = "response-type-unknown";
        ResponseTypeNotRegistered { named: Word } = "response-type-not-registered";
        ResponseTypeOff { why: Word } = "response-type-off";
        ResponseModeForTokens = "response-mode-for-tokens";
        NonceMissing = "nonce-missing";
        OpenidMissing = "openid-missing";
        PushRequired = "push-required";
        ScopeBad { why: Word } = "scope-bad";
        ScopeNone = "scope-none";
        PromptBad = "prompt-bad";
        StateTooLong = "state-too-long";
        NonceTooLong = "nonce-too-long";
        MaxAgeBad = "max-age-bad";
        NotAnInteractionClient { client_id: Word } = "not-an-interaction-client";
        TokenForOthersToo = "token-for-others-too";
        AuthorityGivenAway { names: Word } = "authority-given-away";
        HeaderTenantUnknown = "header-tenant-unknown";
        HeaderTenantChange = "header-tenant-change";
        HeaderTenantForeign = "header-tenant-foreign";
        LocalTenantByPath = "local-tenant-by-path";
        CredentialForeign = "credential-foreign";
        HeaderTenantDiffers = "header-tenant-differs";
        HeaderTenantMissing = "header-tenant-missing";
        PersonElsewhere = "person-elsewhere";
        NotForPeople = "not-for-people";
        PersonActsElsewhere = "person-acts-elsewhere";
        ByPeopleOnly = "by-people-only";
        PermissionMissingEvenOwn { permission: Word, missing: Word } = "permission-missing-even-own";
        PermissionMissing { permission: Word } = "permission-missing";
        NothingToManage = "nothing-to-manage";
        ClaimTooLong = "claim-too-long";
        ClaimEmpty = "claim-empty";
        ClaimControlCharacter = "claim-control-character";
        ClaimHttps = "claim-https";
        ClaimBirthdate = "claim-birthdate";
        ClaimZone = "claim-zone";
        ClaimLocale = "claim-locale";
        ClaimPhone = "claim-phone";
        ClaimBoolean = "claim-boolean";
        NotForClientCredentials = "not-for-client-credentials";
        ConsentScopes = "consent-scopes";
        ClientIdNotHinted = "client-id-not-hinted";
        PostLogoutUriNeedsClient = "post-logout-uri-needs-client";
        PostLogoutUriUnknown = "post-logout-uri-unknown";
        NotInTheFuture = "not-in-the-future";
        SecretNotKept = "secret-not-kept";
        SecretOfPrivateKeyJwt = "secret-of-private-key-jwt";
        SecretOfPublicClient = "secret-of-public-client";
        NameRule = "name-rule";
        /// A group would be within itself.
        GroupInItself = "group-in-itself";
        PermissionUnknown { name: Word, known: Word } = "permission-unknown";
        EntitlementBad { name: Word, why: Word } = "entitlement-bad";
        EntitlementsMost { most: Word } = "entitlements-most";
        RoleNameRule = "role-name-rule";
        Fixed = "fixed";
        RoleHeld { bearers: Word } = "role-held";
        RoleBuiltIn { name: Word } = "role-built-in";
        ScopeNameBuiltIn = "scope-name-built-in";
        ScopeNameInUse = "scope-name-in-use";
        ScopeBuiltIn = "scope-built-in";
        ScopeNameOfBuiltIn = "scope-name-of-built-in";
        KeyWithdrawn = "key-withdrawn";
        KeysChanged = "keys-changed";
        ClientsMost { most: Word } = "clients-most";
        ClientIdsNeeded = "client-ids-needed";
        ClientTwice = "client-twice";
        SlugRule = "slug-rule";
        SlugFixed = "slug-fixed";
        ChangedByOperator { names: Word } = "changed-by-operator";
        FirstTenantStays = "first-tenant-stays";
        TokensOfOthers { permission: Word } = "tokens-of-others";
        InTheFuture = "in-the-future";
        TokensMost { most: Word } = "tokens-most";
        TokensUnnamed = "tokens-unnamed";
        RolesUnknown { names: Word } = "roles-unknown";
        NetworkRule = "network-rule";
        NetworkBad { entry: Word, why: Word } = "network-bad";
        NetworkTwice { entry: Word, network: Word } = "network-twice";
        Lockout { address: Word } = "lockout";
        NotForPassword = "not-for-password";
        GrantTypeOff { why: Word } = "grant-type-off";
        UsernameOrPasswordNotValid = "username-or-password-not-valid";
        EmailIsUsername = "email-is-username";
        PendingEmailOnlyNull = "pending-email-only-null";
        LeavesAtOnlyNull = "leaves-at-only-null";
        RoleTwice = "role-twice";
        HashBesidePassword = "hash-beside-password";
        EmailStays = "email-stays";
        UsernameFixed = "username-fixed";
        CurrentPasswordMissing = "current-password-missing";
        CurrentPasswordWrong = "current-password-wrong";
        LinkDead = "link-dead";
        UsernameRule = "username-rule";
        EmailRule = "email-rule";
        PasswordShort { least: Word } = "password-short";
        PasswordLong { most: Word } = "password-long";
        PasswordControl = "password-control";
        PasswordBreached = "password-breached";
        SignInFailed = "sign-in-failed";
        EmailUnverified = "email-unverified";
        AccountLeaving = "account-leaving";
        SecondFactorWanted = "second-factor-wanted";
        SecondFactorAtWrit = "second-factor-at-writ";
        SignInTooWeak = "sign-in-too-weak";
        SignInTooOld = "sign-in-too-old";
        SecondFactorWrong = "second-factor-wrong";
        FactorCodeWrong = "factor-code-wrong";
        FactorsMost { most: Word } = "factors-most";
        PasskeysMost { most: Word } = "passkeys-most";
        CodesWithoutFactor = "codes-without-factor";
        PasskeyNotTaken = "passkey-not-taken";
        PasskeyKnown = "passkey-known";
        PasskeyMaker = "passkey-maker";
        CodeChallengeMissing = "code-challenge-missing";
        CodeChallengeMethodMissing = "code-challenge-method-missing";
        CodeChallengeBad = "code-challenge-bad";
        CodeChallengeMethodUnknown = "code-challenge-method-unknown";
        NotForRefreshToken = "not-for-refresh-token";
        ScopeBeyondGrant = "scope-beyond-grant";
        RefreshTokenNotValid = "refresh-token-not-valid";
        TokenOfAnother = "token-of-another";
        EntitlementRule = "entitlement-rule";
        SettingOffAdministrators { setting: Word, permissions: Word } = "setting-off-administrators";
        SettingOffOperator { setting: Word, permission: Word } = "setting-off-operator";
        GrantTypeOfConfidential { grant: Word } = "grant-type-of-confidential";
        GrantTypeOfMachine { grant: Word } = "grant-type-of-machine";
        AuthMethodOfConfidential { kind: Word } = "auth-method-of-confidential";
        AuthMethodOfPublic { kind: Word } = "auth-method-of-public";
        NoKeyToVerify = "no-key-to-verify";
        NoKeyToVerifyWith { alg: Word } = "no-key-to-verify-with";
        NoSuchClient = "no-such-client";
        NoSuchUser = "no-such-user";
        ResourcesMost { most: Word } = "resources-most";
        ResourceBad { name: Word, why: Word } = "resource-bad";
        ResourceUnknown { name: Word } = "resource-unknown";
        ResourceOne { names: Word } = "resource-one";
        ResourceBeyondGrant { name: Word } = "resource-beyond-grant";
        ResourceIsIssuer = "resource-is-issuer";
        ResourceScopeBuiltIn { name: Word } = "resource-scope-built-in";
        ResourcesFull { most: Word } = "resources-full";
        OpaqueHasNoSignature = "opaque-has-no-signature";
        NotAClientId { name: Word } = "not-aclient-id";
        NoSuchResource = "no-such-resource";
        /// There is no such group.
        NoSuchGroup = "no-such-group";
        NoSuchScope = "no-such-scope";
        NoSuchTenant = "no-such-tenant";
        NoSuchApiKey = "no-such-api-key";
        NoSuchFactor = "no-such-factor";
        NoSuchRole = "no-such-role";
        NoSuchSigningKey = "no-such-signing-key";
        NoSuchConsent = "no-such-consent";
        NoSuchSession = "no-such-session";
        NoSuchLoginChallenge = "no-such-login-challenge";
        RedirectUriDiffers = "redirect-uri-differs";
        CodeVerifierWrong = "code-verifier-wrong";
        CodeVerifierMissing = "code-verifier-missing";
        CodeVerifierUnasked = "code-verifier-unasked";
        CodeOfAnotherKey = "code-of-another-key";
        TokenNotBound = "token-not-bound";
        ScopeInUseByOne = "scope-in-use-by-one";
        ScopeInUse { clients: Word } = "scope-in-use";
        PasswordWeak = "password-weak";
        PasswordWeakBecause { advice: Word } = "password-weak-because";
        AuthorizationBad { why: Word } = "authorization-bad";
        RegistrationClosed { permission: Word, why: Word } = "registration-closed";
        SignedRequestRequired = "signed-request-required";
        RegistrationNotTaken = "registration-not-taken";
        NotHttps = "not-https";
        NoneIsNoSignature = "none-is-no-signature";
        SecretAlgNeedsSecretJwt = "secret-alg-needs-secret-jwt";
        AlgNeedsKeys { alg: Word } = "alg-needs-keys";
        AlgNeedsItsKey { alg: Word } = "alg-needs-its-key";
        RedirectHostRule = "redirect-host-rule";
        ColourRule = "colour-rule";
        LogoUnknown = "logo-unknown";
        LogosMost { most: Word } = "logos-most";
        JsonBad { why: Word } = "json-bad";
        ObjectNeeded = "object-needed";
        MembersUnknown { name: Word, known: Word } = "members-unknown";
        FlagNeeded = "flag-needed";
        TextsNeeded = "texts-needed";
        PolicyEntry { entry: Word, why: Word } = "policy-entry";
        PolicyGrants = "policy-grants";
        PolicyScopePermission = "policy-scope-permission";
        IssuersNeeded = "issuers-needed";
        IssuerKeyless = "issuer-keyless";
        NativePlain = "native-plain";
        RegistrationAuthMethod = "registration-auth-method";
        NotForTokenExchange = "not-for-token-exchange";
        ParameterMissing { name: Word } = "parameter-missing";
        ExchangeTokenType = "exchange-token-type";
        SubjectTokenNotValid = "subject-token-not-valid";
        ActorTokenNotValid = "actor-token-not-valid";
        ActorsMost = "actors-most" [most: ACTORS_MOST];
        ScopeBeyondToken = "scope-beyond-token";
        DocumentIdBad { why: Word } = "document-id-bad";
        DocumentIdLong { most: Word } = "document-id-long";
        DocumentIdNotHttps = "document-id-not-https";
        DocumentIdWithoutPath = "document-id-without-path";
        DocumentHostRefused { host: Word } = "document-host-refused";
        DocumentBad { why: Word } = "document-bad";
        DocumentOfAnother = "document-of-another";
        DocumentSecret = "document-secret";
        DocumentAuthMethod = "document-auth-method";
        RedirectHostElsewhere { at: Word } = "redirect-host-elsewhere";
        NoneRegistrable { known: Word } = "none-registrable";
        StatementMissing = "statement-missing";
        StatementForm = "statement-form";
        StatementNoIssuer = "statement-no-issuer";
        StatementUntrusted = "statement-untrusted";
        StatementSignature = "statement-signature";
        StatementType = "statement-type";
        StatementTime { name: Word } = "statement-time";
        StatementExpired = "statement-expired";
        StatementEarly = "statement-early";
        StatementAudience = "statement-audience";
        InitialTokenNeeded = "initial-token-needed";
        InitialTokenBad = "initial-token-bad";
        NoSelfAuthority = "no-self-authority";
        RegistrationsMost = "registrations-most";
        RegistrationTokenNeeded = "registration-token-needed";
        RegistrationTokenBad = "registration-token-bad";
        GivenAuthority = "given-authority";
        ClientIdOfUpdate = "client-id-of-update";
        ClientIdOfAnother = "client-id-of-another";
        SecretNotPresent = "secret-not-present";
        NoSuchRegistrationToken = "no-such-registration-token";
    } of {
        /// An address.
        Uri(UriError);
        /// The prefix of a client's id or secret.
        Prefix(PrefixError);
        /// A set of keys.
        Jwks(JwksError);
        /// No key to encrypt to.
        NoRecipient(NoRecipient);
        /// A text that somebody reads.
        Text(TextError);
        /// A form.
        Form(FormError);
        /// A scope.
        Scope(ScopeError);
        /// A request object.
        Object(ObjectError);
        /// A proof of a key.
        Proof(ProofFault);
        /// The header `Authorization`.
        Authorization(AuthorizationError);
        /// HTTP Basic.
        Basic(BasicError);
        /// A half of it.
        BasicHalf(BasicHalf);
        /// What the shell refuses.
        Shell(ShellReason);
        /// What is about other identity providers.
        Upstream(UpstreamReason);
    }
}

macro_rules! wrapped {
    ($($wrapper:ident($inner:ty))*) => { $(
        impl From<$inner> for Reason {
            fn from(inner: $inner) -> Self {
                Self::$wrapper(inner)
            }
        }

        impl From<$inner> for Word {
            fn from(inner: $inner) -> Self {
                Reason::from(inner).into()
            }
        }

        impl From<&$inner> for Word {
            fn from(inner: &$inner) -> Self {
                Reason::from(inner.clone()).into()
            }
        }
    )* };
}

wrapped! { Uri(UriError) Prefix(PrefixError) Jwks(JwksError) NoRecipient(NoRecipient) Text(TextError) Form(FormError) }
wrapped! { Object(ObjectError) Scope(ScopeError) Authorization(AuthorizationError) Basic(BasicError) BasicHalf(BasicHalf) }
wrapped! { Shell(ShellReason) Proof(ProofFault) Upstream(UpstreamReason) }

/// A sentence of the server's English.
#[cfg(test)]
pub(crate) fn english(id: &str, words: Vec<(&'static str, Word)>) -> String {
    const ENGLISH: &str = include_str!("../../server/words/reasons.en.ftl");
    let line = ENGLISH.lines().find_map(|line| line.strip_prefix(id)?.strip_prefix(" = "));
    let text = line.unwrap_or_else(|| panic!("{id} has no sentence")).to_owned();
    words.into_iter().fold(text, |text, (name, word)| {
        let told = match word {
            Word::Number(number) => number.to_string(),
            Word::Text(text) => text.into(),
            Word::Why(why) => why.to_string(),
        };
        text.replace(&format!("{{ ${name} }}"), &told)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_is_used_twice() {
        let mut seen = HashSet::new();
        let twice: Vec<_> = Reason::all().into_iter().filter(|(id, _)| !seen.insert(*id)).collect();
        assert_eq!(twice, []);
    }
}
