//! What was seen of a set-up: nothing in it is judged.

use writ_core::time::Micros;

use crate::edge::proxies::ProxyHeaders;

/// Everything that was seen.
#[derive(Debug, Clone)]
pub struct Facts {
    /// This machine's clock.
    pub now: Micros,
    /// The issuer and what answers there.
    pub issuer: IssuerFacts,
    /// What answers on this machine where the settings say that the server listens.
    pub server: Heard,
    /// What answers at the socket in the data folder; nothing: no server runs on it.
    pub socket: Option<Heard>,
    /// The addresses that the server listens on.
    pub ports: Vec<PortFacts>,
    /// The data folder.
    pub folder: FolderFacts,
    /// Files that hold secrets.
    pub files: Vec<SecretFile>,
    /// The master key.
    pub master_key: MasterKeyFacts,
    /// The database.
    pub database: DatabaseFacts,
    /// The certificate, where the settings name one.
    pub certificate: Option<CertificateFacts>,
    /// The proxies before the server.
    pub proxies: ProxyFacts,
    /// Where letters go.
    pub mail: MailFacts,
    /// The file of passwords that attackers know.
    pub breached: BreachedFacts,
}

/// The file of passwords that attackers know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreachedFacts {
    /// The settings name none.
    None,
    /// It is there, with about so many passwords.
    List(u64),
    /// It cannot be used.
    Unusable(String),
}

/// The proxies before the server, as the settings have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFacts {
    /// None is trusted, and no header is named.
    None,
    /// A header is named, and nobody is trusted to set it.
    HeaderOfNobody(ProxyHeaders),
    /// Some are trusted, and set this header.
    Trusted(ProxyHeaders),
}

/// Where letters go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFacts {
    /// To a mail server, by its name.
    Server(String),
    /// Nowhere: they are shown to a developer on this machine.
    Mailbox,
    /// Nowhere.
    Nowhere,
}

/// The issuer.
#[derive(Debug, Clone)]
pub struct IssuerFacts {
    /// The base URL that the settings mean.
    pub base: String,
    /// What answers at its metadata.
    pub heard: Heard,
}

/// What a question for the metadata brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Its host has no address.
    Unresolved(String),
    /// Nothing, for this reason.
    Silence(String),
    /// Something that is no metadata.
    Other {
        /// Its status.
        status: u16,
    },
    /// Metadata.
    Metadata {
        /// The issuer that it names.
        issuer: String,
        /// Its `Date`.
        date: Option<Micros>,
    },
}

/// An address to listen on.
#[derive(Debug, Clone)]
pub struct PortFacts {
    /// Which setting names it.
    pub setting: &'static str,
    /// The address.
    pub address: String,
    /// Whether it can be had.
    pub state: PortState,
}

/// Whether an address can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortState {
    /// It is free.
    Free,
    /// A Writ answers there.
    Ours,
    /// Another program is there, or it cannot be had at all: why.
    Refused(String),
}

/// The data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderFacts {
    /// It can be written.
    Writable,
    /// It is missing, and the first start makes it.
    Missing,
    /// It cannot be written, or made: why.
    Unwritable(String),
}

/// Who may read a file at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shielding {
    /// Its owner alone.
    Owner,
    /// Its owner and its group: where others than we put it there.
    Group,
}

/// A file that holds a secret.
#[derive(Debug, Clone)]
pub struct SecretFile {
    /// Where it is.
    pub path: String,
    /// What is in it.
    pub holds: &'static str,
    /// Its permission bits.
    pub mode: u32,
    /// Who may read it.
    pub shielding: Shielding,
}

/// The master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeyFacts {
    /// It opens the database.
    Opens,
    /// There is none, and none is needed yet: the first start makes it.
    NotYet,
    /// The database needs it, and it is not there or cannot be read: why.
    Missing(String),
    /// It does not open the database.
    Wrong,
    /// The database could not be asked.
    Unknown,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseFacts {
    /// There is none yet: the first start makes it.
    NotYet,
    /// It cannot be reached or read: why, with what to do.
    Unreachable(String),
    /// It answers.
    Read {
        /// Migrations that have not run: number and name.
        pending: Vec<(i64, String)>,
        /// When its newest record was written.
        newest: Option<Micros>,
    },
}

/// The certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFacts {
    /// It cannot be used: missing, damaged, or its key is another's.
    Unusable(String),
    /// It can be used.
    Usable {
        /// Its file.
        path: String,
        /// From when on it is good.
        not_before: Micros,
        /// Until when it is good.
        not_after: Micros,
        /// Whether it covers the issuer's host.
        covers_issuer: bool,
    },
}
