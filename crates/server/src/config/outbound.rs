//! The settings of calls to others.

use super::ConfigReader;
use crate::outbound::{Loopback, OutboundSettings, certificates};

impl ConfigReader<'_> {
    /// What holds for calls to others.
    pub(super) fn outbound(&mut self) -> OutboundSettings {
        let file = self.path("outbound.extra_ca");
        let pem = file.and_then(|path| self.check("outbound.extra_ca", std::fs::read(&path)));
        let extra_ca = pem.filter(|pem| self.check("outbound.extra_ca", certificates(pem)).is_some());
        OutboundSettings { loopback: Loopback::from(self.switch("outbound.allow_loopback")), extra_ca }
    }
}
