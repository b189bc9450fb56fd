//! Row ids: 128-bit UUIDs of version 7 (RFC 9562 §5.7), one type for each kind of row.
//!
//! They order by the time they were made, so that new rows land at the end of a table. They are names, not secrets.

use std::fmt;

use crate::time::Micros;

/// Crockford's base32 alphabet: no I, L, O, U.
const CROCKFORD: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CROCKFORD_WIDTH: usize = 26;
const UUID_WIDTH: usize = 36;

/// Defines id types; those with a prefix also have the public form `prefix` + Crockford base32.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $(= $prefix:literal)?;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// A new id of version 7: 48 bits of milliseconds, 12 bits of the fraction of the millisecond
            /// (RFC 9562 §6.2 method 3), 62 bits of `random`. Ids of different microseconds order by time.
            /// An instant before the epoch counts as the epoch.
            pub fn v7(now: Micros, random: [u8; 8]) -> Self {
                Self(v7(now, random))
            }

            /// The id with these bytes, most significant first.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(u128::from_be_bytes(bytes))
            }

            /// The bytes, most significant first: they order as the ids do.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// When the id was made, in milliseconds since the epoch; meaningful for version 7 only.
            pub const fn issued_ms(self) -> u64 {
                (self.0 >> 80) as u64
            }

            /// Reads `8-4-4-4-12` hexadecimal digits of either case (RFC 9562 §4).
            pub fn parse_uuid(text: &str) -> Option<Self> {
                parse_uuid(text).map(Self)
            }

            /// Appends the UUID in lower case.
            pub fn write_uuid(&self, out: &mut String) {
                out.push_str(uuid_text(&uuid_characters(self.0)));
            }

            /// 26 characters of Crockford base32 in upper case, as in a ULID.
            pub fn crockford(&self) -> String {
                crockford("", self.0)
            }

            /// Reads 26 characters of Crockford base32 of either case. The look-alikes I, L, O and U are refused,
            /// and so is a first character beyond `7`, which would overflow.
            pub fn parse_crockford(text: &str) -> Option<Self> {
                parse_crockford(text).map(Self)
            }

            $(
                /// The start of the public form.
                pub const PREFIX: &str = $prefix;

                /// The public form: [`Self::PREFIX`] and 26 characters of Crockford base32 in upper case.
                pub fn prefixed(&self) -> String {
                    crockford($prefix, self.0)
                }

                /// Reads exactly what [`Self::prefixed`] writes. Nothing else, not even another case: identifiers
                /// are compared as texts elsewhere, and an id with two spellings would be two ids there.
                pub fn parse_prefixed(text: &str) -> Option<Self> {
                    let digits = text.strip_prefix($prefix)?;
                    if digits.bytes().any(|byte| byte.is_ascii_lowercase()) {
                        return None;
                    }
                    parse_crockford(digits).map(Self)
                }
            )?
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(uuid_text(&uuid_characters(self.0)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    TenantId = "tnt_";
    /// A client's row; its public form serves as `client_id` where none was chosen.
    ClientId = "cli_";
    /// A person's row.
    UserId;
    /// A grant: what a resource owner, or a client for itself, has allowed.
    GrantId;
    /// A token of any kind, also a JWT's `jti`.
    TokenId;
    /// A signing key.
    KeyId;
    /// A management API key.
    ApiKeyId;
    /// An initial access token, with which a client registers itself.
    RegistrationTokenId;
    /// A client secret's row.
    SecretId;
    /// A record in the audit trail.
    AuditId;
    /// A role.
    RoleId;
    /// A group of people.
    GroupId;
    /// A second factor of a person.
    FactorId;
    /// A device on which somebody is not asked for the second factor.
    RememberedId;
    /// An identity provider.
    IdentityProviderId;
    /// A browser that was sent to one.
    UpstreamRequestId;
    /// A link sent by mail.
    LinkId;
    /// A letter that waits to be sent.
    MailId;
    /// A client that is to be told that a sign-in has ended.
    LogoutId;
    /// A scope in a tenant's registry.
    ScopeId;
    /// A resource.
    ResourceId;
    /// A browser, known by its cookie.
    BrowserId;
    /// A sign-in of a person in one browser and tenant.
    SessionId;
    /// An authorization request that waits for a person's decision.
    ChallengeId;
    /// An authorization request that a client has pushed.
    PushedId;
    /// A device's request.
    DeviceRequestId;
    /// An authorization code.
    CodeId;
    /// What a person has consented to for one client.
    ConsentId;
    /// A record in the history of consents.
    ConsentEventId;
}

fn v7(now: Micros, random: [u8; 8]) -> u128 {
    const LARGEST_MS: u64 = (1 << 48) - 1;
    let micros = u64::try_from(now.0).unwrap_or(0);
    let ms = (micros / 1000).min(LARGEST_MS);
    let fraction = (micros % 1000) * 4096 / 1000;
    let random = u64::from_be_bytes(random) & (u64::MAX >> 2);
    u128::from(ms) << 80 | 7 << 76 | u128::from(fraction) << 64 | 0b10 << 62 | u128::from(random)
}

fn uuid_characters(id: u128) -> [u8; UUID_WIDTH] {
    let mut characters = [b'-'; UUID_WIDTH];
    let mut places = characters.iter_mut();
    for (index, byte) in id.to_be_bytes().into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            places.next();
        }
        for (place, digit) in places.by_ref().take(2).zip([byte >> 4, byte & 0x0F]) {
            *place = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        }
    }
    characters
}

fn uuid_text(characters: &[u8; UUID_WIDTH]) -> &str {
    str::from_utf8(characters).unwrap_or_default()
}

fn parse_uuid(text: &str) -> Option<u128> {
    let characters: &[u8; UUID_WIDTH] = text.as_bytes().try_into().ok()?;
    let mut id = 0;
    for (index, &character) in characters.iter().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if character != b'-' {
                return None;
            }
        } else {
            id = id << 4 | u128::from(char::from(character).to_digit(16)?);
        }
    }
    Some(id)
}

fn crockford(prefix: &str, id: u128) -> String {
    let mut digits = [b'0'; CROCKFORD_WIDTH];
    let mut rest = id;
    for digit in digits.iter_mut().rev() {
        *digit = CROCKFORD.get((rest & 31) as usize).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    let mut text = String::with_capacity(prefix.len() + CROCKFORD_WIDTH);
    text.push_str(prefix);
    text.push_str(str::from_utf8(&digits).unwrap_or_default());
    text
}

fn parse_crockford(text: &str) -> Option<u128> {
    let characters: &[u8; CROCKFORD_WIDTH] = text.as_bytes().try_into().ok()?;
    if !matches!(characters.first(), Some(b'0'..=b'7')) {
        return None;
    }
    let mut id = 0;
    for character in characters {
        let digit = CROCKFORD.iter().position(|known| known.eq_ignore_ascii_case(character))?;
        id = id << 5 | u128::try_from(digit).ok()?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 9562 Appendix A.6, its example: 2022-02-22T19:22:22Z, `rand_a` 0xCC3, `rand_b` 0x18C4DC0C0C07398F.
    #[test]
    fn version_7_example() {
        let id = TokenId::parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F").unwrap();
        assert_eq!(id.issued_ms(), 1_645_557_742_000);
        assert_eq!(id.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        // 0xCC3 of 4096 is what 797.6 µs become; 797 and 798 lie on either side.
        let made = |micros: i64| {
            TokenId::v7(Micros(1_645_557_742_000_000 + micros), 0x18C4_DC0C_0C07_398F_u64.to_be_bytes())
        };
        assert!(made(797) < id && id < made(798));
        assert_eq!(made(0).to_string(), "017f22e2-79b0-7000-98c4-dc0c0c07398f");
    }

    #[test]
    fn times_outside_the_range_are_clamped() {
        assert_eq!(UserId::v7(Micros(-1), [0xFF; 8]).to_string(), "00000000-0000-7000-bfff-ffffffffffff");
        assert_eq!(UserId::v7(Micros(i64::MAX), [0; 8]).issued_ms(), (1 << 48) - 1);
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        let good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
        assert!(KeyId::parse_uuid(good).is_some());
        let bad = [
            String::new(),
            good.replace('-', ""),
            good.replace('-', "+"),
            format!("{{{good}}}"),
            format!("urn:uuid:{good}"),
            good.replacen('0', "g", 1),
            good.replacen('0', "+", 1),
            good.replacen("01", "é", 1),
            format!("{good} "),
            good[1..].to_owned(),
            "017f22e27-9b0-7cc3-98c4-dc0c0c07398f".to_owned(),
        ];
        for text in bad {
            assert_eq!(KeyId::parse_uuid(&text), None, "{text:?}");
        }
    }

    #[test]
    fn crockford_is_bounded_and_without_look_alikes() {
        let most = ClientId::from_bytes([0xFF; 16]);
        assert_eq!(most.crockford(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(ClientId::parse_crockford("7zzzzzzzzzzzzzzzzzzzzzzzzz"), Some(most));
        let bad =
            ["", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "7ZZZZZZZZZZZZZZZZZZZZZZZZ", "7ZZZZZZZZZZZZZZZZZZZZZZZZZZ"];
        let alike = ["I", "L", "O", "U", "i", "o", "-", " "].map(|c| format!("0{c}{}", "0".repeat(24)));
        for text in bad.into_iter().chain(alike.iter().map(String::as_str)) {
            assert_eq!(ClientId::parse_crockford(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_public_id_has_one_spelling() {
        let id = ClientId::from_bytes([0xAB; 16]);
        let text = id.prefixed();
        assert_eq!(ClientId::parse_prefixed(&text), Some(id));
        for other in [text.to_lowercase(), text.to_uppercase(), text.replace("cli_", "tnt_"), id.crockford()]
        {
            assert_eq!(ClientId::parse_prefixed(&other), None, "{other}");
        }
        assert!(TenantId::from_bytes([0; 16]).prefixed().starts_with("tnt_0000"));
    }

    #[test]
    fn debug_names_the_type() {
        assert_eq!(
            format!("{:?}", RoleId::from_bytes([0; 16])),
            "RoleId(00000000-0000-0000-0000-000000000000)"
        );
    }

    proptest! {
        #[test]
        fn every_form_round_trips(bytes: [u8; 16]) {
            let id = TenantId::from_bytes(bytes);
            prop_assert_eq!(id.to_bytes(), bytes);
            prop_assert_eq!(TenantId::parse_uuid(&id.to_string()), Some(id));
            prop_assert_eq!(TenantId::parse_uuid(&id.to_string().to_uppercase()), Some(id));
            prop_assert_eq!(TenantId::parse_crockford(&id.crockford()), Some(id));
            prop_assert_eq!(TenantId::parse_crockford(&id.crockford().to_lowercase()), Some(id));
            prop_assert_eq!(TenantId::parse_prefixed(&id.prefixed()), Some(id));
            let mut written = "x".to_owned();
            id.write_uuid(&mut written);
            prop_assert_eq!(written, format!("x{id}"));
        }

        #[test]
        fn what_is_read_is_written_back(uuid in "[0-9a-f-]{36}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", base32 in "[0-9A-Z]{26}", any in ".{0,40}") {
            for text in [&uuid, &base32, &any] {
                if let Some(id) = AuditId::parse_uuid(text) {
                    prop_assert_eq!(id.to_string(), text.to_lowercase());
                }
                if let Some(id) = AuditId::parse_crockford(text) {
                    prop_assert_eq!(id.crockford(), text.to_uppercase());
                }
            }
        }

        #[test]
        fn ids_order_by_time_in_every_form(a in 0..1_i64 << 51, step in 1..5_000_i64, r: [u8; 8], s: [u8; 8]) {
            let (a, b) = (GrantId::v7(Micros(a), r), GrantId::v7(Micros(a + step), s));
            prop_assert!(a < b);
            prop_assert!(a.to_bytes() < b.to_bytes() && a.to_string() < b.to_string() && a.crockford() < b.crockford());
        }

        #[test]
        fn version_and_variant_are_set(now: i64, random: [u8; 8]) {
            let bytes = ApiKeyId::v7(Micros(now), random).to_bytes();
            prop_assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (7, 0b10));
            prop_assert_eq!(&bytes[9..], &random[1..]);
        }

        #[test]
        fn the_millisecond_can_be_read_back(ms in 0..1_i64 << 48, micros in 0..1000_i64, random: [u8; 8]) {
            let id = SecretId::v7(Micros(ms * 1000 + micros), random);
            prop_assert_eq!(id.issued_ms(), u64::try_from(ms).unwrap());
        }
    }
}
