//! Whether a proof is for an address (RFC 9449 §4.3, item 9): both without query and fragment, in the form that RFC 3986
//! §6.2.2 and §6.2.3 give them. Two spellings of one address are the same, and nothing else is.

/// Whether both name the same, once both are in that form.
pub(super) fn is_same_target(claimed: &str, own: &str) -> bool {
    claimed == own || normal(claimed).is_some_and(|claimed| normal(own) == Some(claimed))
}

/// An http address in its normal form; none for anything else.
fn normal(text: &str) -> Option<String> {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (scheme, rest) = text.get(..end)?.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match &*scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    if authority.is_empty() || !authority.is_ascii() || authority.contains('@') {
        return None;
    }
    // An IPv6 address has colons of its own.
    let end = authority.rfind(']').map_or_else(|| authority.find(':'), |end| Some(end + 1));
    let (host, port) = authority.split_at(end.unwrap_or(authority.len()));
    let digits = port.strip_prefix(':').unwrap_or(port);
    if host.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let port = if digits.is_empty() || port == default_port { "" } else { port };
    Some(format!("{scheme}://{host}{port}{}", without_dots(&unescaped(path)?)))
}

/// RFC 3986 §6.2.2.1 and §6.2.2.2: what need not be escaped is not, and what is escaped has capital digits.
fn unescaped(path: &str) -> Option<String> {
    if !path.is_ascii() {
        return None;
    }
    let mut parts = path.split('%');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            plain.push('%');
            plain.push_str(&digits.to_ascii_uppercase());
        }
        plain.push_str(rest);
    }
    Some(plain)
}

/// RFC 3986 §5.2.4, for a path that is empty or begins with a slash.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len().saturating_sub(1);
    for (at, segment) in segments.iter().enumerate() {
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if at == last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWN: &str = "https://id.example/t/acme/oauth2/token";

    /// RFC 9449 §4.3, item 9; RFC 3986 §6.2.2, §6.2.3.
    #[test]
    fn spellings_of_one_address_are_the_same() {
        for same in [
            OWN,
            "HTTPS://ID.Example/t/acme/oauth2/token",
            "https://id.example:443/t/acme/oauth2/token",
            "https://id.example:/t/acme/oauth2/token",
            "https://id.example/t/%61cme/oauth2/token",
            "https://id.example/t/./x/../acme/oauth2/token",
            "https://id.example/t/acme/oauth2/token?resource=1",
            "https://id.example/t/acme/oauth2/token#part",
            "https://id.example/t/acme/oauth2/token?a#b?c",
        ] {
            assert!(is_same_target(same, OWN), "{same}");
        }
        assert!(is_same_target("http://[::1]:80/x", "http://[::1]/x"));
        assert!(is_same_target("http://127.0.0.1:80", "http://127.0.0.1/"));
        assert!(is_same_target("https://id.example/a%2fb", "https://id.example/a%2Fb"));
        assert!(is_same_target("https://id.example/a/..", "https://id.example/"));
    }

    #[test]
    fn another_address_is_another() {
        for other in [
            "",
            "https://id.example/t/acme/oauth2/token/",
            "https://id.example/t/acme//oauth2/token",
            "https://id.example/t/acme/oauth2/Token",
            "http://id.example/t/acme/oauth2/token",
            "https://id.example:80/t/acme/oauth2/token",
            "https://id.example:8443/t/acme/oauth2/token",
            "https://other.example/t/acme/oauth2/token",
            "https://id.example.evil.example/t/acme/oauth2/token",
            "https://id.example@evil.example/t/acme/oauth2/token",
            "https://user@id.example/t/acme/oauth2/token",
            "https://id.example/t/acme%2Foauth2/token",
            "https://id.example/t/acme/oauth2/token%",
            "https://id.example/t/acme/oauth2/token%0",
            "https://id.example/t/%C3%A4/oauth2/token",
            "https://id.example",
            "/t/acme/oauth2/token",
            "urn:x",
        ] {
            assert!(!is_same_target(other, OWN), "{other}");
        }
        assert!(!is_same_target("https://id.example/a%2Fb", "https://id.example/a/b"));
    }

    proptest! {
        #[test]
        fn the_normal_form_stays_as_it_is(text in "(https?|HTTP)://[a-zA-Z.:0-9]{1,9}(/|%2[eEfF]|%[46]1|\\.|[a-z]|%){0,12}") {
            if let Some(once) = normal(&text) {
                prop_assert_eq!(normal(&once), Some(once));
            }
        }

        #[test]
        fn any_text_is_compared(text in any::<String>()) {
            prop_assert!(is_same_target(&text, &text));
            let _ = is_same_target(&text, OWN);
        }
    }
}
