//! How a client proves who it is (`token_endpoint_auth_method`, RFC 7591 §2, OpenID Connect Core §9).

use super::ClientKind;

/// The way in which a client authenticates, wherever it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    SecretBasic,
    /// `client_id` and `client_secret` in the body (RFC 6749 §2.3.1).
    SecretPost,
    /// Either of the two, one at a time: what a client has that nobody chose a method for.
    AnySecret,
    /// An assertion under its secret (RFC 7523 §2.2).
    SecretJwt,
    /// An assertion under a key of its own (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A public client only names itself.
    None,
}

/// What is kept of a client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKept {
    /// There is none.
    Nothing,
    /// A hash: it comes with every request.
    Hash,
    /// The secret itself, sealed: it never comes, and what it made has to be made again.
    Sealed,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::SecretBasic,
        Self::SecretPost,
        Self::AnySecret,
        Self::SecretJwt,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    /// The word on the wire; the one for either way is Writ's own.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::AnySecret => "client_secret",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Finds one by its word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The method of a client that nobody chose one for.
    pub const fn of(kind: ClientKind) -> Self {
        if kind.is_confidential() { Self::AnySecret } else { Self::None }
    }

    /// Whether a client of this kind can have it.
    pub const fn fits(self, kind: ClientKind) -> bool {
        match self {
            Self::SecretBasic
            | Self::SecretPost
            | Self::AnySecret
            | Self::SecretJwt
            | Self::PrivateKeyJwt => kind.is_confidential(),
            Self::None => !kind.is_confidential(),
        }
    }

    /// What is kept of the client's secret.
    pub const fn secret(self) -> SecretKept {
        match self {
            Self::SecretBasic | Self::SecretPost | Self::AnySecret => SecretKept::Hash,
            Self::SecretJwt => SecretKept::Sealed,
            Self::PrivateKeyJwt | Self::None => SecretKept::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_word() {
        for method in AuthMethod::ALL {
            assert_eq!(AuthMethod::by_name(method.name()), Some(method));
        }
        assert_eq!(AuthMethod::by_name("tls_client_auth"), None);
    }

    #[test]
    fn what_nobody_chose_fits_the_kind() {
        for kind in [ClientKind::Web, ClientKind::Spa, ClientKind::Native, ClientKind::Machine] {
            assert!(AuthMethod::of(kind).fits(kind), "{kind:?}");
            for method in AuthMethod::ALL {
                assert_eq!(method.fits(kind), kind.is_confidential() == (method != AuthMethod::None));
            }
        }
    }
}
