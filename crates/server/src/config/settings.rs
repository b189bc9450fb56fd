//! The table of all settings: what the command line, the environment, the file and the reference page are
//! made from.

use std::sync::LazyLock;

use crate::edge::access_log::AccessLog;

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A text.
    Text,
    /// The path of a file or a folder.
    Path,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several texts: an array in the file, elsewhere with commas between them.
    List,
    /// A whole number, 0 or more.
    Whole,
    /// `true` or `false`; the flag alone means `true`.
    Switch,
}

/// What holds where nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This value.
    Value(&'static str),
    /// What this text describes.
    Described(&'static str),
    /// Nothing.
    Nothing,
}

/// Where a setting may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Flag, environment, file.
    Everywhere,
    /// Flag, environment: the path of the file itself.
    NotInFile,
    /// The value itself in the environment alone; the path of the file that holds it everywhere.
    EnvironmentOrPath,
    /// The environment alone; looked at on the first start.
    FirstStart,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It may not; a file may hold it instead (`…_file`, `…_FILE`).
    Secret,
    /// It may not, and is no value that a file could hold instead.
    Hidden,
}

/// When a changed value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesEffect {
    /// From the next SIGHUP on.
    Hangup,
    /// From the next start on.
    Restart,
}

/// Under which heading a setting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Addresses and TLS.
    Network,
    /// Where things are kept.
    Storage,
    /// Tokens and keys.
    Keys,
    /// Clients.
    Clients,
    /// People and their passwords.
    People,
    /// Mail to people.
    Mail,
    /// Calls to others.
    Outbound,
    /// Logs and metrics.
    Operations,
    /// The first start.
    FirstStart,
}

impl Topic {
    /// All of them, in the order of the reference page.
    pub const ALL: [Self; 9] = [
        Self::Network,
        Self::Storage,
        Self::Keys,
        Self::Clients,
        Self::People,
        Self::Mail,
        Self::Outbound,
        Self::Operations,
        Self::FirstStart,
    ];

    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Storage => "Storage",
            Self::Keys => "Tokens and keys",
            Self::Clients => "Clients",
            Self::People => "People",
            Self::Mail => "Mail",
            Self::Outbound => "Calls to others",
            Self::Operations => "Operations",
            Self::FirstStart => "First start",
        }
    }
}

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name, and its key in the file. A dot leads into a table of the file.
    pub key: &'static str,
    /// Under which heading it stands.
    pub topic: Topic,
    /// What a value looks like.
    pub kind: ValueKind,
    /// What help calls the value.
    pub value: &'static str,
    /// What holds where nobody says anything.
    pub fallback: Fallback,
    /// What it does.
    pub what: &'static str,
    /// Where it may stand.
    pub places: Places,
    /// Whether its value may be shown.
    pub secrecy: Secrecy,
    /// When a changed value holds.
    pub reload: TakesEffect,
}

impl Setting {
    const fn new(topic: Topic, key: &'static str, kind: ValueKind, value: &'static str) -> Self {
        Self {
            key,
            topic,
            kind,
            value,
            fallback: Fallback::Nothing,
            what: "",
            places: Places::Everywhere,
            secrecy: Secrecy::Open,
            reload: TakesEffect::Restart,
        }
    }

    const fn says(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    const fn or(self, value: &'static str) -> Self {
        Self { fallback: Fallback::Value(value), ..self }
    }

    const fn or_else(self, text: &'static str) -> Self {
        Self { fallback: Fallback::Described(text), ..self }
    }

    const fn live(self) -> Self {
        Self { reload: TakesEffect::Hangup, ..self }
    }

    const fn secret(self) -> Self {
        Self { secrecy: Secrecy::Secret, ..self }
    }

    const fn hidden(self) -> Self {
        Self { secrecy: Secrecy::Hidden, ..self }
    }

    const fn only(self, places: Places) -> Self {
        Self { places, ..self }
    }
}

/// A place for a value of a setting, or for the path of a file that holds the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The setting.
    pub setting: &'static Setting,
    /// What stands there.
    pub form: SlotForm,
}

/// What stands in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotForm {
    /// The value.
    Value,
    /// The path of a file that holds the value: `…_file`.
    PathOf,
}

impl Slot {
    /// Its name, and its key in the file.
    pub fn key(&self) -> String {
        match self.form {
            SlotForm::Value => self.setting.key.to_owned(),
            SlotForm::PathOf => format!("{}_file", self.setting.key),
        }
    }

    /// Its variable in the environment.
    pub fn variable(&self) -> String {
        match self.setting.key {
            // Older than the rule.
            "log_filter" => "WRIT_LOG".to_owned(),
            _ => format!("WRIT_{}", self.key().to_ascii_uppercase().replace('.', "_")),
        }
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> Option<String> {
        let has_one = match (self.setting.places, self.form) {
            (Places::Everywhere | Places::NotInFile, _) | (Places::EnvironmentOrPath, SlotForm::PathOf) => {
                true
            }
            (Places::EnvironmentOrPath, SlotForm::Value) | (Places::FirstStart, _) => false,
        };
        has_one.then(|| self.key().replace(['_', '.'], "-"))
    }

    /// Whether it may stand in the file.
    pub fn is_in_file(&self) -> bool {
        match (self.setting.places, self.form) {
            (Places::Everywhere, _) | (Places::EnvironmentOrPath, SlotForm::PathOf) => true,
            (Places::NotInFile | Places::FirstStart, _) | (Places::EnvironmentOrPath, SlotForm::Value) => {
                false
            }
        }
    }

    /// What stands there looks like this.
    pub const fn kind(&self) -> ValueKind {
        match self.form {
            SlotForm::Value => self.setting.kind,
            SlotForm::PathOf => Path,
        }
    }

    /// What help calls it.
    pub const fn value(&self) -> &'static str {
        match self.form {
            SlotForm::Value => self.setting.value,
            SlotForm::PathOf => "FILE",
        }
    }

    /// Whether what stands there may be shown: the path of a secret may.
    pub fn is_shown(&self) -> bool {
        self.form == SlotForm::PathOf || self.setting.secrecy == Secrecy::Open
    }
}

/// All slots, in the order of the table.
pub fn slots() -> &'static [Slot] {
    static SLOTS: LazyLock<Vec<Slot>> = LazyLock::new(|| {
        let both = SETTINGS.iter().flat_map(|setting| {
            let value = Slot { setting, form: SlotForm::Value };
            let path = Slot { setting, form: SlotForm::PathOf };
            [Some(value), (setting.secrecy == Secrecy::Secret).then_some(path)]
        });
        both.flatten().collect()
    });
    &SLOTS
}

/// The slot of a key.
pub fn slot(key: &str) -> Option<&'static Slot> {
    slots().iter().find(|slot| slot.key() == key)
}

/// Where the server keeps its things: settings that every command takes which looks into them.
pub fn is_place(setting: &Setting) -> bool {
    setting.key == "config"
        || setting.topic == Storage
        || matches!(setting.key, "master_key" | "master_key_command")
}

use Topic::{Clients, FirstStart, Keys, Mail, Network, Operations, Outbound, People, Storage};
use ValueKind::{Choice, List, Path, Switch, Text, Whole};

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(Network, "listen", List, "ADDRESS").or("localhost:8080").says(
        "Where to listen: `HOST:PORT`, `[IPV6]:PORT`, or `:PORT` for all addresses; `localhost` means both loopback \
         addresses. Sockets from systemd replace it",
    ),
    Setting::new(Network, "issuer", Text, "URL")
        .or_else("`http://localhost:PORT`, with TLS `https://…`")
        .says(
            "The base URL as clients see it, without a path: https, or http on loopback. It is the issuer of the first \
             tenant and is in every token, so set it before you issue the first one. All nodes need the same",
        ),
    Setting::new(Network, "allow_insecure_issuer", Switch, "")
        .or("false")
        .says("Accept an issuer that is plain http on a host that is not loopback"),
    Setting::new(Network, "tls_cert", Path, "FILE").live().says(
        "The certificate chain (PEM) for TLS 1.2 and 1.3, with HTTP/2 and HTTP/1.1. Reloaded when it changes",
    ),
    Setting::new(Network, "tls_key", Path, "FILE").live().says("The key of the certificate (PEM)"),
    Setting::new(Network, "dev_tls", Switch, "").or("false").says(
        "Speak TLS on localhost with a self-signed certificate, kept in the data folder as `dev-tls.crt` and \
         `dev-tls.key`",
    ),
    Setting::new(Network, "redirect_listen", Text, "ADDRESS")
        .says("An address where plain http is redirected to the https issuer (308)"),
    Setting::new(Network, "trusted_proxies", List, "CIDR").live().says(
        "Addresses or networks of the proxies whose word on the client's address is believed. They send it in the header \
         that `proxy_headers` names, and must set that header or append to it",
    ),
    Setting::new(Network, "proxy_headers", Choice(&["x-forwarded-for", "forwarded"]), "HEADER")
        .or("x-forwarded-for")
        .live()
        .says(
            "The header in which trusted proxies send the client's address: `X-Forwarded-For` (and `X-Forwarded-Proto`), \
             or `Forwarded` (RFC 7239). The other one is ignored",
        ),
    Setting::new(Network, "allowed_networks", List, "CIDR").live().or_else("everybody").says(
        "Addresses or networks that may use the server; everybody else gets 403. `/health/…` and commands on the \
         machine itself are always allowed. See [operating](operating.md#allow-lists)",
    ),
    Setting::new(Network, "max_connections", Whole, "N")
        .or("10000")
        .says("The maximum number of open connections; further ones wait in the kernel's backlog"),
    Setting::new(Network, "rate_limits", Choice(&["on", "off"]), "WORD").or("on").live().says(
        "Whether calls are limited, by each node for itself: tokens per client (`token_rate`), 1,000 management calls a \
         second per caller, and few failed client authentications. Use `off` for benchmarks, or if something in front of \
         the server limits calls",
    ),
    Setting::new(Network, "token_rate", Whole, "N").or("10000").live().says(
        "How many tokens a second a client may get, from each node, if neither the client nor its tenant has a \
         `token_rate` of its own; 1 to 1000000. See [operating](operating.md#rate-limits)",
    ),
    Setting::new(Network, "token_burst", Whole, "N").or_else("twice `token_rate`").live().says(
        "How many tokens such a client may get at once; 1 to 2000000. What it has not used comes back at the speed of \
         `token_rate`",
    ),
    Setting::new(Network, "per_network.connections", Whole, "N")
        .or_else("an eighth of `max_connections`, 16 at least")
        .says(
            "The maximum number of open connections from one network (an IPv4 address, or a /56 of IPv6). Connections of \
             trusted proxies are not counted",
        ),
    Setting::new(Network, "per_network.body_bytes", Whole, "BYTES").or("8388608").live().says(
        "The maximum number of bytes of request bodies that one network may be sending at the same time. A body that \
         arrives together with its head is not counted. 0: no limit",
    ),
    Setting::new(Network, "per_network.authorizations", Whole, "N").or("2000").live().says(
        "The maximum number of authorization requests from one network, in ten minutes, that nobody answers; each KiB \
         counts as one. Like the next four, each node counts for itself, and `rate_limits = \"off\"` turns it off. \
         0: no limit",
    ),
    Setting::new(Network, "per_network.sign_ins", Whole, "N").or("600").live().says(
        "The maximum number of failed sign-ins from one network in ten minutes, for all names together. A browser in \
         which somebody has signed in before is not counted for that account. 0: no limit",
    ),
    Setting::new(Network, "per_network.registrations", Whole, "N")
        .or("200")
        .live()
        .says("The maximum number of accounts registered from one network in ten minutes. 0: no limit"),
    Setting::new(Network, "per_network.clients", Whole, "N").or("50").live().says(
        "The maximum number of applications that register themselves from one network in ten minutes without an initial \
         access token. 0: no limit",
    ),
    Setting::new(Network, "per_network.links", Whole, "N").or("100").live().says(
        "The maximum number of links that one network may request by mail, or follow although they do not work, in ten \
         minutes. 0: no limit",
    ),
    Setting::new(Network, "per_network.refusals", Whole, "N").or("2000").live().says(
        "The maximum number of refused requests from one network in ten seconds. Callers with a valid credential do not \
         count; each KiB of a body counts as another request. Beyond it, each refusal is answered half a second later. \
         0: no limit",
    ),
    Setting::new(Storage, "config", Path, "FILE")
        .only(Places::NotInFile)
        .says("A configuration file (TOML). Unknown keys are refused"),
    Setting::new(Storage, "data_dir", Path, "FOLDER")
        .or("writ-data")
        .says("Where all data is kept; `serve` creates it if it is missing"),
    Setting::new(Storage, "database_url", Text, "URL").secret().says(
        "A PostgreSQL database, `postgres://USER:PASSWORD@HOST/NAME`, instead of SQLite in the data folder. A \
         connection to another machine is encrypted, and its certificate is verified",
    ),
    Setting::new(Storage, "database_ca_file", Path, "FILE")
        .or_else("those of this machine")
        .says("CA certificates (PEM) to verify the database's certificate"),
    Setting::new(Storage, "allow_plaintext_database", Switch, "")
        .or("false")
        .says("Allow `sslmode=disable` for a database on another machine"),
    Setting::new(Keys, "access_token_alg", Choice(&["ES256", "EdDSA", "RS256", "PS256"]), "ALG")
        .or("ES256")
        .says("How access tokens are signed if neither client nor tenant names an algorithm"),
    Setting::new(Keys, "id_token_alg", Choice(&["RS256", "ES256", "EdDSA", "PS256"]), "ALG").or("RS256").says(
        "How ID tokens are signed if neither client nor tenant names an algorithm. Every OpenID Connect client supports \
         RS256; ES256 takes a twentieth of the time, if your clients support it",
    ),
    Setting::new(Keys, "id_token_claims", Choice(&["scopes", "minimal"]), "CHOICE").or("scopes").says(
        "What ID tokens tell of a person where neither client nor tenant says: the claims of the scopes, as UserInfo \
         does, or only who it is",
    ),
    Setting::new(Keys, "key_rotation_days", Whole, "DAYS")
        .or("90")
        .live()
        .says("Days after which a signing key is replaced by a new one; 0: never"),
    Setting::new(Keys, "master_key", Text, "HEX")
        .secret()
        .only(Places::EnvironmentOrPath)
        .or_else("`master.key` in the data folder, made on the first start")
        .says("The master key, 64 hexadecimal digits. See [keys](keys.md)"),
    Setting::new(Keys, "master_key_command", Text, "COMMAND")
        .hidden()
        .says("A command that prints the master key, for example from a secret store"),
    Setting::new(Clients, "clients.id_prefix", Text, "PREFIX").or("cli_").says(
        "The prefix of the `client_id` of new clients: up to 32 letters, digits, `-`, `.` and `_`. Existing clients keep \
         theirs. Row ids are shown as `cli_…` in any case",
    ),
    Setting::new(Clients, "clients.secret_prefix", Text, "PREFIX")
        .or_else("`sk_live_` or `csec_`, depending on the API that creates the client")
        .says(
            "The prefix of generated client secrets; the same characters are allowed. A rotation keeps the prefix of \
             the old secret",
        ),
    Setting::new(People, "breached_passwords", Path, "FILE").says(
        "A file of passwords that attackers know; new passwords that are in it are refused. Lines are `HASH:COUNT`, the \
         hash being SHA-1 in 40 hexadecimal digits, ordered by hash, as the downloader of Pwned Passwords writes them. \
         The file is searched on the disk; no password and no hash leaves the machine",
    ),
    Setting::new(Mail, "smtp.host", Text, "HOST").says(
        "The mail server. Mail to people has links to set a new password or to verify an address. Without a mail server \
         nothing is sent; if the listener and the issuer are on this machine only, `/dev/mailbox` shows the mail",
    ),
    Setting::new(Mail, "smtp.port", Whole, "PORT").or_else("465 for `implicit`, 587 for `starttls`, 25 for `off`").says("Its port"),
    Setting::new(Mail, "smtp.tls", Choice(&["starttls", "implicit", "off"]), "MODE")
        .or("starttls")
        .says("How the connection is encrypted; `starttls` never continues without encryption"),
    Setting::new(Mail, "smtp.user", Text, "NAME").says("The user name, if the server requires one"),
    Setting::new(Mail, "smtp.password", Text, "PASSWORD").secret().says("The password of that user"),
    Setting::new(Mail, "smtp.ca_file", Path, "FILE")
        .or_else("those of this machine")
        .says("A CA certificate (PEM) to verify the mail server's certificate"),
    Setting::new(Mail, "smtp.from", Text, "ADDRESS")
        .says("The sender of mail, for example `Writ <no-reply@example.com>`"),
    Setting::new(Mail, "smtp.sender_domains", List, "DOMAIN").or_else("none").says(
        "Domains, besides that of `smtp.from`, whose addresses tenants may send mail from (`mail_sender`). Their SPF, DKIM and \
         DMARC records have to allow this server's mail",
    ),
    Setting::new(Mail, "smtp.hello", Text, "HOST")
        .or_else("the issuer's host")
        .says("The name of this server for the mail server (`EHLO`) and in message ids"),
    Setting::new(Outbound, "outbound.allow_loopback", Switch, "").or("false").says(
        "Whether the server may call this machine itself where somebody has registered such an address, as for tests. \
         Private and reserved addresses are never called",
    ),
    Setting::new(Outbound, "outbound.extra_ca", Path, "FILE").or_else("only those of this machine").says(
        "CA certificates (PEM) to verify the servers that are called, beside those that this machine trusts",
    ),
    Setting::new(Operations, "metrics_listen", Text, "ADDRESS").or("127.0.0.1:9464").says(
        "Where `/metrics` is served, or `off`. If the default address is taken, the server starts without metrics and \
         warns; an address that you set must be free",
    ),
    Setting::new(Operations, "log_format", Choice(&["auto", "human", "json"]), "FORMAT")
        .or("auto")
        .says("The format of log lines; `auto`: readable text on a terminal, JSON elsewhere"),
    Setting::new(Operations, "log_filter", Text, "FILTER")
        .or("info")
        .live()
        .says("Which log lines are written, for example `info,writ_server=debug`"),
    Setting::new(Operations, "access_log", Choice(&AccessLog::WORDS), "WORD").or("off").live().says(
        "Which requests are logged: none, those answered with an error, or all. One line each, with request ID, method, \
         path, status, time, address and caller, without query and without secrets. Refused authorization and token \
         requests are always logged",
    ),
    Setting::new(Operations, "audit_retention_days", Whole, "DAYS")
        .or("365")
        .live()
        .says("Days after which audit records are removed; 0: never"),
    Setting::new(FirstStart, "bootstrap_tenant_id", Text, "UUID")
        .secret()
        .only(Places::FirstStart)
        .or_else("generated")
        .says("The id of the first tenant"),
    Setting::new(FirstStart, "bootstrap_admin_username", Text, "NAME")
        .secret()
        .only(Places::FirstStart)
        .or_else("`admin@localhost`")
        .says("The name of the first administrator"),
    Setting::new(FirstStart, "bootstrap_admin_password", Text, "PASSWORD")
        .secret()
        .only(Places::FirstStart)
        .or_else("generated")
        .says("The administrator's password, 8 characters or more"),
    Setting::new(FirstStart, "bootstrap_client_id", Text, "ID")
        .secret()
        .only(Places::FirstStart)
        .or_else("generated")
        .says("The `client_id` of the management client"),
    Setting::new(FirstStart, "bootstrap_client_secret", Text, "SECRET")
        .secret()
        .only(Places::FirstStart)
        .or_else("generated")
        .says("Its secret, 8 characters or more"),
    Setting::new(FirstStart, "bootstrap_api_key", Text, "KEY")
        .secret()
        .only(Places::FirstStart)
        .or_else("generated")
        .says("The first API key: 24 characters or more, begins with `sk_live_`"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_setting_says_what_it_does() {
        let mut seen = BTreeSet::new();
        for slot in slots() {
            assert!(seen.insert(slot.key()), "{} stands twice", slot.key());
            assert!(seen.insert(slot.variable()), "{} stands twice", slot.variable());
            assert!(!slot.setting.what.is_empty() && !slot.setting.what.ends_with('.'), "{}", slot.key());
        }
    }

    #[test]
    fn a_secret_is_never_a_default() {
        for setting in SETTINGS.iter().filter(|setting| setting.secrecy != Secrecy::Open) {
            assert!(!matches!(setting.fallback, Fallback::Value(_)), "{}", setting.key);
        }
    }
}
