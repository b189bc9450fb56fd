//! Statements on resources.

use crate::sql::statements;

statements! {
    /// The resources of a tenant.
    RESOURCES: Together = "SELECT id, tenant_id, identifier, name, scope, token_format, token_alg, access_lifetime, clients, \
        introspectors, version, created_at, updated_at FROM resources WHERE tenant_id = $1 ORDER BY identifier_key";
    /// Registers a resource, after [`TENANT_TOUCH`](super::TENANT_TOUCH), where the tenant has less than `$14`.
    RESOURCE_INSERT = "INSERT INTO resources (id, tenant_id, identifier, identifier_key, name, scope, token_format, token_alg, \
        access_lifetime, clients, introspectors, version, created_at, updated_at) \
        SELECT $1, t.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13 FROM tenants t WHERE t.id = $2 \
        AND (SELECT COUNT(*) FROM resources r WHERE r.tenant_id = $2) < $14";
    /// Changes a resource that is as it was decided on.
    RESOURCE_UPDATE = "UPDATE resources SET name = $3, scope = $4, token_format = $5, token_alg = $6, access_lifetime = $7, \
        clients = $8, introspectors = $9, version = version + 1, updated_at = $10 \
        WHERE id = $1 AND tenant_id = $2 AND version = $11";
    /// Removes a resource. Where a version is given, it has that one.
    RESOURCE_DELETE = "DELETE FROM resources WHERE id = $1 AND tenant_id = $2 AND version = COALESCE(CAST($3 AS BIGINT), version)";
    /// Removes a tenant's resources.
    TENANT_DELETE_RESOURCES = "DELETE FROM resources WHERE tenant_id = $1";
}
