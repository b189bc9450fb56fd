//! The resources of a tenant, kept in memory as of one version of its row.

use std::sync::Arc;

use writ_core::resource::Resources;
use writ_core::tenant::Tenant;

use crate::state::app::App;
use crate::state::fault::Fault;

/// The resources of a tenant.
pub struct KeptResources {
    /// The tenant's version when they were read.
    version: i64,
    resources: Arc<Resources>,
}

impl App {
    /// The resources of a tenant as of its version; read where those that are kept are of another one. Whatever is decided
    /// on them is guarded by that version.
    pub(crate) async fn resources(&self, tenant: &Tenant) -> Result<Arc<Resources>, Fault> {
        let known = self.resources.get(&tenant.id).filter(|known| known.version == tenant.version);
        if let Some(known) = known {
            return Ok(Arc::clone(&known.resources));
        }
        // Rare, and large: in a future of its own.
        Box::pin(self.load_resources(tenant)).await
    }

    async fn load_resources(&self, tenant: &Tenant) -> Result<Arc<Resources>, Fault> {
        let resources = Arc::new(Resources::new(self.store.resources(tenant.id).await?));
        let kept = KeptResources { version: tenant.version, resources: Arc::clone(&resources) };
        self.resources.insert(tenant.id, Arc::new(kept));
        Ok(resources)
    }
}
