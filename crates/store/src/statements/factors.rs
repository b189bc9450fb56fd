//! Statements on second factors and recovery codes.

use crate::sql::statements;

/// The columns of a factor, in the order in which they are read.
macro_rules! factor_columns {
    () => {
        "id, kind, name, sealed, last_step, created_at, used_at, credential, public_key, aaguid, transports, copyable, copied"
    };
}

/// The columns of a remembered device, in the order in which they are read.
macro_rules! remembered_columns {
    () => {
        "id, user_id, tenant_id, hash, user_generation, created_at, expires_at, ip_address, user_agent"
    };
}

statements! {
    /// Remembers a device.
    REMEMBERED_INSERT = concat!("INSERT INTO remembered_devices (", remembered_columns!(), ") \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    /// A remembered device.
    REMEMBERED_BY_ID = concat!("SELECT ", remembered_columns!(), " FROM remembered_devices WHERE id = $1 AND tenant_id = $2");
    /// Those of a person, the newest first.
    REMEMBERED_OF = concat!("SELECT ", remembered_columns!(), " FROM remembered_devices \
        WHERE user_id = $1 AND tenant_id = $2 ORDER BY id DESC LIMIT $3");
    /// Forgets one.
    REMEMBERED_FORGET = "DELETE FROM remembered_devices WHERE id = $1 AND user_id = $2 AND tenant_id = $3";
    /// Forgets those of a person.
    USER_DELETE_REMEMBERED = "DELETE FROM remembered_devices WHERE user_id = $1";
    /// Forgets those of a tenant.
    TENANT_DELETE_REMEMBERED = "DELETE FROM remembered_devices WHERE tenant_id = $1";
    /// Removes those whose time is over.
    REMEMBERED_DELETE_OLD = "DELETE FROM remembered_devices WHERE id IN \
        (SELECT id FROM remembered_devices WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// An account still is what was decided on.
    FACTORS_TOUCH = "UPDATE users SET version = version + 1 WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Keeps a factor.
    FACTOR_INSERT = "INSERT INTO factors (id, tenant_id, user_id, kind, name, sealed, last_step, created_at, \
        credential_hash, credential, public_key, aaguid, transports, copyable, copied) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// The factors of a person, oldest first.
    FACTORS_OF: Together = concat!("SELECT ", factor_columns!(), " FROM factors WHERE user_id = $1 AND tenant_id = $2 ORDER BY id");
    /// A passkey by its credential, and whose it is.
    PASSKEY_BY_CREDENTIAL = concat!(
        "SELECT ", factor_columns!(), ", user_id FROM factors WHERE tenant_id = $1 AND credential_hash = $2"
    );
    /// A passkey is used, on condition that it has counted more signatures than before, or none at all.
    PASSKEY_USE = "UPDATE factors SET last_step = $3, copied = $4, used_at = $5 \
        WHERE id = $1 AND tenant_id = $2 AND (last_step < $3 OR (last_step = 0 AND $3 = 0))";
    /// A code of a step is used, on condition that none of it or of a later one was.
    FACTOR_USE = "UPDATE factors SET last_step = $3, used_at = $4 WHERE id = $1 AND tenant_id = $2 AND last_step < $3";
    /// Removes a factor.
    FACTOR_DELETE = "DELETE FROM factors WHERE id = $1 AND user_id = $2 AND tenant_id = $3";
    /// The recovery codes of a person.
    RECOVERY_CODES_OF = "SELECT hash, used_at FROM recovery_codes WHERE user_id = $1 AND tenant_id = $2";
    /// Keeps a recovery code.
    RECOVERY_CODE_INSERT = "INSERT INTO recovery_codes (user_id, hash, tenant_id) VALUES ($1, $2, $3)";
    /// Uses a recovery code up.
    RECOVERY_CODE_USE = "UPDATE recovery_codes SET used_at = $4 \
        WHERE user_id = $1 AND hash = $2 AND tenant_id = $3 AND used_at IS NULL";
    /// Removes the recovery codes of a person.
    USER_DELETE_CODES = "DELETE FROM recovery_codes WHERE user_id = $1";
    /// Removes the factors of a person.
    USER_DELETE_FACTORS = "DELETE FROM factors WHERE user_id = $1";
    /// Removes the recovery codes of a tenant.
    TENANT_DELETE_CODES = "DELETE FROM recovery_codes WHERE tenant_id = $1";
    /// Removes the factors of a tenant.
    TENANT_DELETE_FACTORS = "DELETE FROM factors WHERE tenant_id = $1";
}
