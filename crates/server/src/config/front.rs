//! The settings of the side that the network sees.

use crate::edge::proxies::TrustedProxies;
use crate::serve::{ListenAddress, TlsFiles};

/// Settings of the side that the network sees.
#[derive(Debug, Clone, Default)]
pub struct Front {
    /// What the server speaks where it listens.
    pub tls: TlsMode,
    /// Where plain http is sent on to the issuer.
    pub redirect: Option<ListenAddress>,
    /// Whose word on the client's address counts.
    pub proxies: TrustedProxies,
}

/// What a server speaks where it listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// http.
    #[default]
    Off,
    /// https with the certificate in these files.
    Files(TlsFiles),
    /// https with a certificate of its own, for this machine alone.
    Development,
}

impl TlsMode {
    /// The scheme of its addresses.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Off => "http",
            Self::Files(_) | Self::Development => "https",
        }
    }
}
