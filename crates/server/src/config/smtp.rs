//! The settings of mail.

use lettre::message::Mailbox;
use writ_core::people::email_is_valid;

use super::{ConfigProblem, ConfigReader, is_loopback};
use crate::outbound::{SmtpSettings, SmtpTls};

/// A host alone: what a port stands behind has a setting of its own.
fn checked_host(host: &str) -> Result<(), String> {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(format!("is a host and a port; write {name} here, and smtp.port = {port}"))
        }
        _ if host.contains("://") => Err("is a URL; write the name of the host alone".to_owned()),
        _ if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) => {
            Err("is no host; write a name such as mail.example.com".to_owned())
        }
        _ => Ok(()),
    }
}

impl ConfigReader<'_> {
    /// Where mail is sent through; none: nowhere.
    pub(super) fn smtp(&mut self) -> Option<SmtpSettings> {
        let from = self.text("smtp.from");
        let from = from.and_then(|text| self.check("smtp.from", text.parse::<Mailbox>()));
        let password = self.settings.revealed("smtp.password");
        let password = self.keep(password).flatten();
        let ca = self.path("smtp.ca_file");
        let ca = ca.and_then(|path| self.check("smtp.ca_file", std::fs::read(&path)));
        let hello = self.text("smtp.hello");
        let is_plain = |text: &String| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
        };
        if hello.as_ref().is_some_and(|hello| !is_plain(hello)) {
            self.problems
                .push(ConfigProblem::new("smtp.hello", "is no host name; write one such as id.example.com"));
        }
        let sender_domains = self.list("smtp.sender_domains");
        let is_domain = |domain: &String| email_is_valid(&format!("a@{domain}"));
        if let Some(odd) = sender_domains.iter().find(|domain| !is_domain(domain)) {
            let why = format!("{odd} is no domain; write one such as acme.example");
            self.problems.push(ConfigProblem::new("smtp.sender_domains", why));
        }
        let user = self.text("smtp.user");
        let host = self.text("smtp.host")?;
        self.check("smtp.host", checked_host(&host));
        let tls = match self.text("smtp.tls").as_deref() {
            Some("implicit") => SmtpTls::Implicit,
            Some("off") => SmtpTls::Off,
            Some(_) | None => SmtpTls::StartTls,
        };
        let port = match self.whole("smtp.port") {
            0 => tls.port(),
            port => {
                self.check("smtp.port", u16::try_from(port).map_err(|_| "a port is 65535 at the most"))?
            }
        };
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                self.problems.push(ConfigProblem::new("smtp.password", "is missing; a user has one"));
                None
            }
            (None, Some(_)) => {
                self.problems.push(ConfigProblem::new("smtp.user", "is missing; a password is somebody's"));
                None
            }
        };
        if credentials.is_some() && tls == SmtpTls::Off && !is_loopback(&host) {
            let why = "would send the password over the network in the clear; take starttls or implicit";
            self.problems.push(ConfigProblem::new("smtp.tls", why));
        }
        let Some(from) = from else {
            let why = "is missing; write an address such as Writ <no-reply@example.com>";
            if self.problems.iter().all(|problem| problem.name != "smtp.from") {
                self.problems.push(ConfigProblem::new("smtp.from", why));
            }
            return None;
        };
        Some(SmtpSettings { host, port, tls, credentials, ca, from, hello, sender_domains })
    }
}
