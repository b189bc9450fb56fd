//! Why something about other identity providers is refused.

use crate::reason::{Word, reasons};

reasons! {
    /// Why.
    pub enum UpstreamReason {
        /// A place in addresses that cannot be one.
        SlugRule = "provider-slug-rule";
        /// A slug that another provider of the tenant has.
        SlugTaken = "provider-slug-taken";
        /// There are too many.
        ProvidersMost { most: Word } = "providers-most";
        /// An issuer with a query or a fragment (OpenID Connect Discovery §3), or by http.
        IssuerRule = "provider-issuer-rule";
        /// Microsoft's address for all directories: whoever makes a directory could say anything there.
        OneDirectory = "provider-one-directory";
        /// A member that this preset has no use for.
        NotOfPreset { preset: Word } = "provider-not-of-preset";
        /// A provider is asked for who somebody is by `openid`.
        OpenidScope = "provider-openid-scope";
        /// A domain that is none.
        DomainRule { entry: Word } = "provider-domain-rule";
        /// A secret has to be there, and is not.
        SecretNeeded = "provider-secret-needed";
        /// Apple's key is none.
        SigningKeyBad = "provider-signing-key-bad";
        /// No such provider.
        NoSuchProvider = "no-such-identity-provider";
        /// No such connection.
        NoSuchLink = "no-such-link";
        /// Who they are there is another account's.
        LinkedElsewhere = "upstream-linked-elsewhere";
        /// The account is connected with somebody else there.
        LinkedAlready = "upstream-linked-already";
        /// There is no other way into the account.
        LastWay = "upstream-last-way";
        /// What the browser brought leads nowhere.
        ReturnUnknown = "upstream-return-unknown";
    }
}
