//! Whom the letters of a tenant come from.

use std::fmt;

use crate::people::{domain_of_mail, email_is_valid};
use crate::text::{self, Lines};

/// Characters of the name of a sender at the most.
const NAME_MOST: usize = 60;

/// Whom letters come from: `Acme <no-reply@acme.example>`, or the address alone (RFC 5322 §3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSender {
    name: Option<Box<str>>,
    address: Box<str>,
}

impl MailSender {
    /// Reads one; none: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => {
                let (name, address) = rest.split_once('<')?;
                (Some(name.trim().trim_matches('"')).filter(|name| !name.is_empty()), address)
            }
            None => (None, text),
        };
        let is_fine = |name: &str| {
            text::check(name, NAME_MOST, Lines::One).is_ok() && !name.contains(['<', '>', '"', '\\'])
        };
        if !email_is_valid(address) || name.is_some_and(|name| !is_fine(name)) {
            return None;
        }
        Some(Self { name: name.map(Into::into), address: address.into() })
    }

    /// The name; none: the tenant's.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same, with a name for one that has none.
    #[must_use]
    pub fn called(self, name: &str) -> Self {
        Self { name: Some(self.name.unwrap_or_else(|| name.into())), ..self }
    }

    /// Whether its address is of one of these domains, which are in lower case.
    pub fn is_of<S: AsRef<str>>(&self, domains: &[S]) -> bool {
        let (_, domain) = self.address();
        domains.iter().any(|known| known.as_ref() == domain)
    }

    /// What comes before the `@`, and what comes behind it as mail servers name it, in lower case.
    pub fn address(&self) -> (&str, String) {
        let (local, domain) = self.address.rsplit_once('@').unwrap_or((&self.address, ""));
        (local, domain_of_mail(domain).unwrap_or_default().to_ascii_lowercase())
    }
}

impl fmt::Display for MailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_a_name_perhaps() {
        for (text, name, shown) in [
            ("a@acme.example", None, "a@acme.example"),
            ("Acme <a@acme.example>", Some("Acme"), "Acme <a@acme.example>"),
            ("\"Acme, Ltd\" <a@acme.example>", Some("Acme, Ltd"), "Acme, Ltd <a@acme.example>"),
            (" <a@acme.example> ", None, "a@acme.example"),
        ] {
            let sender = MailSender::parse(text).unwrap();
            assert_eq!((sender.name(), &*sender.to_string()), (name, shown));
            assert_eq!(MailSender::parse(&sender.to_string()), Some(sender), "{text}");
        }
        let (local, domain) = (MailSender::parse("A.B@Müller.Example").unwrap(), "xn--mller-kva.example");
        assert_eq!(local.address(), ("A.B", domain.to_owned()));
        let long = format!("{} <a@acme.example>", "x".repeat(61));
        for bad in [
            "",
            "acme",
            "a@",
            "Acme <a@acme.example",
            "Acme a@acme.example>",
            "<>",
            "a@acme.example, b@acme.example",
            "Acme\r\nBcc: x <a@acme.example>",
            "A <b> <a@acme.example>",
            "a\u{202e}b <a@acme.example>",
            &long,
        ] {
            assert_eq!(MailSender::parse(bad), None, "{bad}");
        }
    }
}
