//! Keys of a tenant that clients encrypt to.

use crate::sql::statements;

statements! {
    /// Makes one where the tenant has none for that.
    ENCRYPTION_KEY_INSERT: UnderTenant = "INSERT INTO encryption_keys (id, tenant_id, management, kid, public_jwk, sealed, created_at) \
        SELECT $1, t.id, $3, $4, $5, $6, $7 FROM tenants t WHERE t.id = $2 AND NOT EXISTS \
        (SELECT 1 FROM encryption_keys e WHERE e.tenant_id = $2 AND e.management = $3 AND e.replaced_at IS NULL)";
    /// Adds one in the place of another.
    ENCRYPTION_KEY_ADD = "INSERT INTO encryption_keys (id, tenant_id, management, kid, public_jwk, sealed, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Those of a tenant, oldest first.
    ENCRYPTION_KEYS = "SELECT id, management, kid, public_jwk, sealed, created_at, replaced_at \
        FROM encryption_keys WHERE tenant_id = $1 ORDER BY id";
    /// Takes the published one back.
    ENCRYPTION_KEY_REPLACE = "UPDATE encryption_keys SET replaced_at = $3 WHERE id = $1 AND tenant_id = $2 AND replaced_at IS NULL";
    /// The same, and nothing is left of it.
    ENCRYPTION_KEY_ERASE = "DELETE FROM encryption_keys WHERE id = $1 AND tenant_id = $2 AND replaced_at IS NULL";
    /// Erases what was replaced long ago.
    ENCRYPTION_KEYS_ERASE = "DELETE FROM encryption_keys WHERE tenant_id = $1 AND replaced_at <= $2";
    /// A page of the tenants with one that was made at `$2` or before, or replaced at `$3` or before.
    ENCRYPTION_KEYS_DUE = "SELECT DISTINCT tenant_id FROM encryption_keys WHERE tenant_id > $1 \
        AND (replaced_at <= $3 OR (replaced_at IS NULL AND created_at <= $2)) ORDER BY tenant_id LIMIT $4";
}
