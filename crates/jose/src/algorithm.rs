//! The closed set of signature algorithms, and of the token types that Writ signs.

use std::fmt;

/// A signature algorithm that Writ signs and verifies with. RFC 7518 §3.1, RFC 8037 §3.1.
///
/// `none` and the HMAC family are not members: a token that names them cannot even be represented. The one use that there
/// is for HS256 has a type of its own, [`super::MacKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; 64-byte `r ‖ s` signatures. RFC 7518 §3.4.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256. RFC 7518 §3.3.
    Rs256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, 32-byte salt. RFC 7518 §3.5.
    Ps256,
    /// Ed25519; 64-byte signatures. RFC 8037 §3.1.
    EdDsa,
}

impl Algorithm {
    /// Every member, in the order in which metadata lists them.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The registered name, as in the `alg` header parameter: `ES256`, `RS256`, `PS256`, `EdDSA`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The member with this registered name; names are case-sensitive (RFC 7515 §4.1.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The type of key that the algorithm works with. RFC 7518 §6.1, RFC 8037 §2.
    pub const fn key_type(self) -> KeyType {
        match self {
            Self::Es256 => KeyType::Ec,
            Self::Rs256 | Self::Ps256 => KeyType::Rsa,
            Self::EdDsa => KeyType::Okp,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The family of a key, the `kty` member of a JWK. RFC 7518 §6.1, RFC 8037 §2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Elliptic curve; for signatures always P-256.
    Ec,
    /// RSA, 2048 to 8192 bits.
    Rsa,
    /// Octet key pair; Ed25519 for signatures, X25519 for encryption.
    Okp,
}

impl KeyType {
    /// The registered name: `EC`, `RSA`, `OKP`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ec => "EC",
            Self::Rsa => "RSA",
            Self::Okp => "OKP",
        }
    }

    /// The member with this registered name; names are case-sensitive (RFC 7517 §4.1).
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Ec, Self::Rsa, Self::Okp].into_iter().find(|key_type| key_type.name() == name)
    }
}

/// The kinds of token that Writ signs, told apart by their `typ` header so that none passes for another
/// (RFC 8725 §3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JwtType {
    /// Access token, `at+jwt`. RFC 9068 §2.1.
    AccessToken,
    /// ID token, `JWT`. RFC 7519 §5.1.
    IdToken,
    /// Back-channel logout token, `logout+jwt`. OpenID Connect Back-Channel Logout 1.0 §2.4.
    LogoutToken,
    /// UserInfo response, `userinfo+jwt`: no specification names one, and `JWT` is what ID tokens are called.
    UserInfo,
    /// Introspection response, `token-introspection+jwt`. RFC 9701 §5.
    Introspection,
}

impl JwtType {
    /// The value of the `typ` header parameter.
    pub const fn typ(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::IdToken => "JWT",
            Self::LogoutToken => "logout+jwt",
            Self::UserInfo => "userinfo+jwt",
            Self::Introspection => "token-introspection+jwt",
        }
    }

    /// Whether a received `typ` value names this type: without regard to case, and with or without the
    /// `application/` prefix that senders may omit. RFC 7515 §4.1.9.
    pub fn is_named_by(self, typ: &str) -> bool {
        typ_is(typ, self.typ())
    }
}

/// Whether a received `typ` value is this one: without regard to case, and with or without the `application/` prefix that
/// senders may omit. RFC 7515 §4.1.9.
pub fn typ_is(received: &str, name: &str) -> bool {
    const PREFIX: &str = "application/";
    let bare = match received.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        Some(_) | None => received,
    };
    bare.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_only_exactly() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.name()), Some(algorithm));
            assert_eq!(Algorithm::parse(&format!("{algorithm} ")), None);
        }
        for refused in ["none", "None", "HS256", "es256", "ES384", "Rs256", "eddsa", ""] {
            assert_eq!(Algorithm::parse(refused), None, "{refused}");
        }
    }

    /// RFC 7515 §4.1.9
    #[test]
    fn typ_is_compared_as_a_media_type() {
        for same in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(JwtType::AccessToken.is_named_by(same), "{same}");
        }
        for other in ["JWT", "", "application/", "text/at+jwt", "at+jwt ", "ätäätäätäätä/at+jwt"] {
            assert!(!JwtType::AccessToken.is_named_by(other), "{other}");
        }
    }
}
