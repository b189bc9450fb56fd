//! Acts: who did what to which thing, when and from where. The audit record of every unit.

use std::net::IpAddr;
use std::sync::Arc;

use crate::ids::{
    ApiKeyId, AuditId, ClientId, GrantId, GroupId, KeyId, ResourceId, RoleId, ScopeId, TenantId, TokenId,
    UserId,
};
use crate::ids::{BrowserId, ConsentId, IdentityProviderId, RegistrationTokenId, SessionId};
use crate::time::Micros;

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The server itself: first start, scheduled work.
    System,
    /// Somebody without a credential.
    Anonymous,
    /// A client, by its own credential.
    Client {
        /// Row id.
        id: ClientId,
        /// Public `client_id`.
        name: Arc<str>,
    },
    /// A person.
    User {
        /// Row id.
        id: UserId,
        /// Username.
        name: Arc<str>,
    },
    /// The holder of an API key.
    ApiKey {
        /// Row id.
        id: ApiKeyId,
        /// Display name.
        name: Arc<str>,
    },
    /// The operator of the machine, at the server's socket or while no server runs.
    Local {
        /// The operating system's name of the user.
        name: Arc<str>,
    },
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// First start: tenant, administrator, management client and API key were made.
    ServerInitialised,
    /// A tenant was made.
    TenantCreated,
    /// Every token of a tenant was ended.
    TenantTokensEnded,
    /// A client was made.
    ClientCreated,
    /// A client was changed.
    ClientUpdated,
    /// A client may get tokens again.
    ClientEnabled,
    /// A client may get no more tokens.
    ClientDisabled,
    /// A client and all its tokens ended.
    ClientDeleted,
    /// Every token of a client was ended.
    ClientTokensEnded,
    /// A client got a further secret.
    ClientSecretAdded,
    /// A client's secret was given an end.
    ClientSecretEnded,
    /// A client's secret was removed.
    ClientSecretRemoved,
    /// A scope was added to the registry.
    ScopeCreated,
    /// A scope got another name or description.
    ScopeUpdated,
    /// A scope was removed from the registry.
    ScopeDeleted,
    /// A resource was registered.
    ResourceCreated,
    /// A resource was changed.
    ResourceUpdated,
    /// A resource was removed.
    ResourceDeleted,
    /// A user was made.
    UserCreated,
    /// A user may sign in again.
    UserEnabled,
    /// A user was locked out and all their tokens ended.
    UserDisabled,
    /// A user got other roles.
    UserRolesChanged,
    /// A user and all their tokens ended.
    UserDeleted,
    /// A user wishes that their account goes.
    UserDeletionRequested,
    /// A user keeps the account that was to go.
    UserDeletionCancelled,
    /// A user's account was changed.
    UserUpdated,
    /// Somebody tried to register with a name that is taken.
    UserRegistrationRepeated,
    /// Somebody asked for a link to set a new password.
    PasswordResetRequested,
    /// A user set a new password by a link.
    UserPasswordReset,
    /// Somebody asked for a link to verify an address.
    VerificationRequested,
    /// A user showed that an address is theirs.
    UserEmailVerified,
    /// A letter was given up: it is not sent any more.
    MailGivenUp,
    /// A client could not be told that a sign-in has ended.
    LogoutGivenUp,
    /// Somebody tried to sign in with a password.
    SignInAttempted,
    /// Somebody tried, and did not get in.
    SignInFailed,
    /// A user signed in: with a password, or at an identity provider.
    UserSignedIn,
    /// A user typed the right password, and a second factor is still wanted.
    PasswordAccepted,
    /// A user set up a second factor.
    FactorAdded,
    /// A second factor of a user was removed.
    FactorRemoved,
    /// Somebody asked to sign in by mail, or for a code by mail.
    SignInMailRequested,
    /// A user signed in by mail, and a second factor is still wanted.
    SignInMailAccepted,
    /// A user who is signed in proved with a passkey to be themselves.
    PasskeyProved,
    /// A passkey was refused that has counted fewer signatures than before.
    PasskeyCopied,
    /// A user has a device asked for the second factor again.
    DeviceForgotten,
    /// A user got other recovery codes.
    RecoveryCodesMade,
    /// An identity provider was made known.
    IdentityProviderCreated,
    /// An identity provider was changed.
    IdentityProviderUpdated,
    /// An identity provider was removed.
    IdentityProviderDeleted,
    /// A browser was sent to an identity provider.
    UpstreamSignInStarted,
    /// A user's account was connected with somebody at an identity provider.
    UserLinked,
    /// A connection was taken away.
    UserUnlinked,
    /// A grant was made.
    GrantCreated,
    /// A grant was ended.
    GrantEnded,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was changed.
    ApiKeyUpdated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// An initial access token was made.
    RegistrationTokenCreated,
    /// An initial access token was ended.
    RegistrationTokenDeleted,
    /// A role was made.
    RoleCreated,
    /// A role was changed.
    RoleUpdated,
    /// A role was removed.
    RoleDeleted,
    /// A group was made.
    GroupCreated,
    /// A group was changed.
    GroupUpdated,
    /// A group was removed.
    GroupDeleted,
    /// People became members of a group, or are none any more.
    GroupMembersChanged,
    /// A tenant was changed.
    TenantUpdated,
    /// A tenant and all that is in it was removed.
    TenantDeleted,
    /// A signing key was made.
    SigningKeyCreated,
    /// Another signing key signs, now or from a time on.
    SigningKeyRotated,
    /// A signing key was withdrawn: somebody else may have it.
    SigningKeyCompromised,
    /// A key was made that clients encrypt to.
    EncryptionKeyCreated,
    /// Another one took its place.
    EncryptionKeyRotated,
    /// One was withdrawn and erased: somebody else may have it.
    EncryptionKeyCompromised,
    /// Those that were replaced long ago were erased.
    EncryptionKeyErased,
    /// Everything that is sealed was sealed under another master key.
    MasterKeyChanged,
    /// A signing key may sign tokens that live longer than before.
    SigningKeyLifetimeRaised,
    /// An access token was issued.
    AccessTokenIssued,
    /// An access token was revoked.
    AccessTokenRevoked,
    /// Many tokens were ended at once.
    TokensRevoked,
    /// A client proved itself with an assertion.
    AssertionUsed,
    /// A client proved that it holds a key.
    ProofUsed,
    /// A credential was presented that is not good.
    AuthenticationRefused,
    /// Somebody wanted what they may not.
    AccessRefused,
    /// An authorization request was refused.
    AuthorizationRefused,
    /// A token request of a client was refused, though not for its credential.
    TokenRefused,
    /// An application sent a person, who has to sign in or to decide.
    AuthorizationStarted,
    /// A client has left an authorization request with the server.
    AuthorizationPushed,
    /// A device has begun to wait for its person.
    DeviceAuthorizationStarted,
    /// A code was given.
    AuthorizationApproved,
    /// A person said no.
    AuthorizationDenied,
    /// A person signed in.
    SessionStarted,
    /// A person who was signed in proved again to be themselves.
    SessionRenewed,
    /// A sign-in was ended.
    SessionEnded,
    /// A consent was recorded without a request that asked for it.
    ConsentRecorded,
    /// A consent was taken back.
    ConsentWithdrawn,
    /// A code was redeemed.
    CodeRedeemed,
    /// A code was presented again; its grant was ended.
    CodeReplayed,
    /// A refresh token was used.
    RefreshTokenUsed,
    /// A refresh token was presented long after it had been used; its grant was ended.
    RefreshTokenReplayed,
    /// A refresh token was revoked, and its grant with it.
    RefreshTokenRevoked,
    /// Tokens were issued for a person's password.
    PasswordGrantUsed,
    /// A token of a person was exchanged for another one.
    TokenExchanged,
}

impl Action {
    /// The name in the audit log: `noun.verb`.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerInitialised => "server.initialised",
            Self::TenantCreated => "tenant.created",
            Self::TenantTokensEnded => "tenant.tokens_ended",
            Self::ClientCreated => "client.created",
            Self::ClientUpdated => "client.updated",
            Self::ClientEnabled => "client.enabled",
            Self::ClientDisabled => "client.disabled",
            Self::ClientDeleted => "client.deleted",
            Self::ClientTokensEnded => "client.tokens_ended",
            Self::ClientSecretAdded => "client.secret_added",
            Self::ClientSecretEnded => "client.secret_ended",
            Self::ClientSecretRemoved => "client.secret_removed",
            Self::ScopeCreated => "scope.created",
            Self::ScopeUpdated => "scope.updated",
            Self::ScopeDeleted => "scope.deleted",
            Self::ResourceCreated => "resource.created",
            Self::ResourceUpdated => "resource.updated",
            Self::ResourceDeleted => "resource.deleted",
            Self::UserCreated => "user.created",
            Self::UserEnabled => "user.enabled",
            Self::UserDisabled => "user.disabled",
            Self::UserRolesChanged => "user.roles_changed",
            Self::UserDeleted => "user.deleted",
            Self::UserDeletionRequested => "user.deletion_requested",
            Self::UserDeletionCancelled => "user.deletion_cancelled",
            Self::UserUpdated => "user.updated",
            Self::UserRegistrationRepeated => "user.registration_repeated",
            Self::PasswordResetRequested => "user.password_reset_requested",
            Self::UserPasswordReset => "user.password_reset",
            Self::VerificationRequested => "user.verification_requested",
            Self::UserEmailVerified => "user.email_verified",
            Self::MailGivenUp => "mail.given_up",
            Self::LogoutGivenUp => "logout.given_up",
            Self::SignInAttempted => "user.sign_in_attempted",
            Self::SignInFailed => "user.sign_in_failed",
            Self::UserSignedIn => "user.signed_in",
            Self::PasswordAccepted => "user.password_accepted",
            Self::FactorAdded => "user.factor_added",
            Self::FactorRemoved => "user.factor_removed",
            Self::SignInMailRequested => "user.sign_in_mail_requested",
            Self::SignInMailAccepted => "user.sign_in_mail_accepted",
            Self::PasskeyProved => "user.passkey_proved",
            Self::PasskeyCopied => "user.passkey_copied",
            Self::DeviceForgotten => "user.device_forgotten",
            Self::RecoveryCodesMade => "user.recovery_codes_made",
            Self::IdentityProviderCreated => "identity_provider.created",
            Self::IdentityProviderUpdated => "identity_provider.updated",
            Self::IdentityProviderDeleted => "identity_provider.deleted",
            Self::UpstreamSignInStarted => "identity_provider.sign_in_started",
            Self::UserLinked => "user.linked",
            Self::UserUnlinked => "user.unlinked",
            Self::GrantCreated => "grant.created",
            Self::GrantEnded => "grant.ended",
            Self::ApiKeyCreated => "api_key.created",
            Self::ApiKeyUpdated => "api_key.updated",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::RegistrationTokenCreated => "registration_token.created",
            Self::RegistrationTokenDeleted => "registration_token.deleted",
            Self::RoleCreated => "role.created",
            Self::RoleUpdated => "role.updated",
            Self::RoleDeleted => "role.deleted",
            Self::GroupCreated => "group.created",
            Self::GroupUpdated => "group.updated",
            Self::GroupDeleted => "group.deleted",
            Self::GroupMembersChanged => "group.members_changed",
            Self::TenantUpdated => "tenant.updated",
            Self::TenantDeleted => "tenant.deleted",
            Self::SigningKeyCreated => "signing_key.created",
            Self::SigningKeyRotated => "signing_key.rotated",
            Self::SigningKeyCompromised => "signing_key.compromised",
            Self::EncryptionKeyCreated => "encryption_key.created",
            Self::EncryptionKeyRotated => "encryption_key.rotated",
            Self::EncryptionKeyCompromised => "encryption_key.compromised",
            Self::EncryptionKeyErased => "encryption_key.erased",
            Self::MasterKeyChanged => "master_key.changed",
            Self::SigningKeyLifetimeRaised => "signing_key.lifetime_raised",
            Self::AccessTokenIssued => "access_token.issued",
            Self::AccessTokenRevoked => "access_token.revoked",
            Self::TokensRevoked => "tokens.revoked",
            Self::AssertionUsed => "client.assertion_used",
            Self::ProofUsed => "client.proof_used",
            Self::AuthenticationRefused => "authentication.refused",
            Self::AccessRefused => "access.refused",
            Self::AuthorizationRefused => "authorization.refused",
            Self::TokenRefused => "token.refused",
            Self::AuthorizationStarted => "authorization.started",
            Self::AuthorizationPushed => "authorization.pushed",
            Self::DeviceAuthorizationStarted => "device_authorization.started",
            Self::AuthorizationApproved => "authorization.approved",
            Self::AuthorizationDenied => "authorization.denied",
            Self::SessionStarted => "session.started",
            Self::SessionRenewed => "session.renewed",
            Self::SessionEnded => "session.ended",
            Self::ConsentRecorded => "consent.recorded",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::CodeRedeemed => "authorization_code.redeemed",
            Self::CodeReplayed => "authorization_code.replayed",
            Self::RefreshTokenUsed => "refresh_token.used",
            Self::RefreshTokenReplayed => "refresh_token.replayed",
            Self::RefreshTokenRevoked => "refresh_token.revoked",
            Self::PasswordGrantUsed => "password_grant.used",
            Self::TokenExchanged => "token.exchanged",
        }
    }
}

/// What it was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The server as a whole.
    Server,
    /// A tenant.
    Tenant(TenantId),
    /// A client.
    Client(ClientId),
    /// A user.
    User(UserId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// An initial access token.
    RegistrationToken(RegistrationTokenId),
    /// A grant.
    Grant(GrantId),
    /// A role.
    Role(RoleId),
    /// A group.
    Group(GroupId),
    /// A scope.
    Scope(ScopeId),
    /// A resource.
    Resource(ResourceId),
    /// A signing key.
    SigningKey(KeyId),
    /// A key that clients encrypt to.
    EncryptionKey(KeyId),
    /// An access token.
    AccessToken(TokenId),
    /// A sign-in.
    Session(SessionId),
    /// A consent.
    Consent(ConsentId),
    /// An identity provider.
    IdentityProvider(IdentityProviderId),
}

/// Where a request came from, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to 256 characters.
    pub user_agent: Option<Arc<str>>,
    /// The request's id.
    pub request_id: Option<Arc<str>>,
    /// The browser that it came from, where one is known by its cookie. Not in the audit log.
    pub browser: Option<BrowserId>,
}

/// The audit record of a unit: who did what to which thing, when and from where.
#[derive(Debug, Clone)]
pub struct Act {
    /// Row id of the record.
    pub id: AuditId,
    /// When.
    pub at: Micros,
    /// In which tenant.
    pub tenant: TenantId,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To which thing.
    pub target: Target,
    /// From where.
    pub origin: Origin,
}
