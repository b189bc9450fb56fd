//! Codes from an authenticator app: TOTP (RFC 6238) over HOTP (RFC 4226) with SHA-1, six digits and 30 seconds, which is
//! what all such apps can.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use zeroize::Zeroizing;

use crate::decision::Moment;
use crate::form::write_pair;
use crate::time::Micros;

/// Seconds of a step (RFC 6238 §4.1, X).
const STEP: i64 = 30;
/// Steps that the clock of a telephone may be off, before and after (RFC 6238 §5.2).
const DRIFT: i64 = 1;
/// Bytes of a secret (RFC 4226 §4, R6).
const LENGTH: usize = 20;
/// Digits of a code.
const DIGITS: usize = 6;
/// Base32 (RFC 4648 §6), as authenticator apps read it.
const BASE32: [char; 32] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U',
    'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
];

/// What an authenticator app and the server share.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; LENGTH]>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret([redacted])")
    }
}

impl TotpSecret {
    /// A new one.
    pub fn draw(moment: &Moment<'_>) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        moment.random.fill(&mut *bytes);
        Self(bytes)
    }

    /// One that was kept; none unless there are exactly twenty bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The bytes, for sealing.
    pub fn expose(&self) -> &[u8] {
        &*self.0
    }

    /// As somebody types it who cannot take a picture: base32 without padding.
    pub fn base32(&self) -> Zeroizing<String> {
        let (mut bits, mut held) = (0u32, 0u32);
        let mut text = Zeroizing::new(String::with_capacity(LENGTH * 8 / 5));
        for byte in *self.0 {
            (bits, held) = (bits << 8 | u32::from(byte), held + 8);
            while held >= 5 {
                held -= 5;
                let digit = usize::try_from(bits >> held & 31).unwrap_or_default();
                text.extend(BASE32.get(digit));
            }
        }
        text
    }

    /// The address that an app takes it from, by a picture. It names the issuer before the account, as apps show it.
    pub fn address(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let mut label = String::new();
        // `write_pair` escapes as forms do, where a space is a plus; here it is not.
        write_pair("", &format!("{issuer}:{account}"), &mut label);
        let label = label.trim_start_matches('=').replace('+', "%20");
        let mut address = Zeroizing::new(format!("otpauth://totp/{label}?secret={}&", &*self.base32()));
        let mut named = String::new();
        write_pair("issuer", issuer, &mut named);
        address.push_str(&named.replace('+', "%20"));
        address
    }

    /// The code of a step (RFC 4226 §5.3).
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let chosen = tag.get(offset..offset + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 4]);
        let number = (u32::from_be_bytes(chosen) & 0x7fff_ffff) % 1_000_000;
        format!("{number:0DIGITS$}")
    }

    /// The step that a typed code is of, as far as clocks may differ; none: it is of none of them.
    pub fn step_of(&self, typed: &str, now: Micros) -> Option<i64> {
        let typed = digits(typed)?;
        let present = now.as_secs().div_euclid(STEP);
        // All are compared, whichever it is.
        (present - DRIFT..=present + DRIFT).fold(None, |found, step| {
            let is_it =
                constant_time::verify_slices_are_equal(self.code(step).as_bytes(), typed.as_bytes()).is_ok();
            if is_it { Some(step) } else { found }
        })
    }
}

/// Six digits as somebody types them: with spaces between them, and in the digits of their language.
pub fn digits(typed: &str) -> Option<String> {
    let mut found = String::with_capacity(DIGITS);
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
        let digit = match letter {
            '0'..='9' => u32::from(letter) - u32::from('0'),
            '\u{660}'..='\u{669}' => u32::from(letter) - 0x660,
            '\u{6f0}'..='\u{6f9}' => u32::from(letter) - 0x6f0,
            '\u{ff10}'..='\u{ff19}' => u32::from(letter) - 0xff10,
            _ => return None,
        };
        found.extend(char::from_digit(digit, 10));
        if found.len() > DIGITS {
            return None;
        }
    }
    (found.len() == DIGITS).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> TotpSecret {
        TotpSecret::from_slice(b"12345678901234567890").unwrap()
    }

    /// RFC 4226 appendix D.
    #[test]
    fn hotp_codes_are_those_of_the_specification() {
        let codes: Vec<_> = (0..10).map(|step| known().code(step)).collect();
        assert_eq!(
            codes,
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
                "520489"
            ]
        );
    }

    /// RFC 6238 appendix B: the last six of the eight digits there.
    #[test]
    fn totp_codes_are_those_of_the_specification() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(known().step_of(code, Micros(seconds * 1_000_000)), Some(seconds / 30), "{seconds}");
        }
    }

    /// RFC 6238 §5.2: one step before and after, and no more.
    #[test]
    fn a_clock_may_be_one_step_off() {
        let now = Micros(1_000_000_000 * 1_000_000);
        let present = 1_000_000_000 / 30;
        for (off, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = present + off;
            assert_eq!(known().step_of(&known().code(step), now), good.then_some(step), "{off}");
        }
    }

    #[test]
    fn a_code_is_six_digits_however_they_are_written() {
        for typed in ["287082", " 287 082 ", "287-082", "٢٨٧٠٨٢", "۲۸۷۰۸۲", "２８７０８２"]
        {
            assert_eq!(digits(typed).as_deref(), Some("287082"), "{typed}");
        }
        for typed in ["", "28708", "2870822", "28708a", "+287082", "½87082"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }

    /// RFC 4648 §10 has no vector of twenty bytes; this one is widely used with RFC 6238's secret.
    #[test]
    fn a_secret_is_shown_in_base32_and_as_an_address() {
        assert_eq!(&*known().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            &*known().address("Acme & Co", "ada@acme.example"),
            "otpauth://totp/Acme%20%26%20Co%3Aada%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Co"
        );
        assert_eq!(format!("{:?}", known()), "TotpSecret([redacted])");
    }
}
