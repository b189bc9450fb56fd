//! What is wrong with a set-up, and what to do. `collect` looks at files, database, sockets and the running server;
//! `judge` turns what it saw into findings and does nothing else.

mod certificate;
mod collect;
mod judge;
pub mod probe;
mod seen;

pub use collect::collect;
pub(crate) use collect::{own_certificates, port_of};
pub use judge::{Check, CheckState, ReportLine, judge};
pub use seen::{
    CertificateFacts, DatabaseFacts, Facts, FolderFacts, Heard, IssuerFacts, MasterKeyFacts, PortFacts,
    PortState, SecretFile, Shielding,
};
