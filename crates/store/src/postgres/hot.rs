//! The changes that come by the thousand: many units as one statement, each with its own guard.
//!
//! A unit of this kind is one guarded statement and its audit record. Their parameters become
//! columns of arrays, position by position, so a value goes from the unit to the wire without a
//! copy in between. What the statement answers is which units' guards held.
//!
//! No row of a parent is locked. The statement reads a client's version and generation in one
//! snapshot: either it saw the client before "end all its tokens" committed, and then the token
//! bears the old generation and is dead with the others; or it saw it after, and then the version
//! is not the one decided on. A test holds that.

use tokio_postgres::types::ToSql;

use crate::sql::{Sql, SqlKind};
use crate::statements as sql;
use crate::value::{Expect, Part, Step, Value};

/// A kind of unit that is written many at once.
#[derive(Debug)]
pub(super) struct Hot {
    pub name: &'static str,
    pub text: &'static str,
    change: &'static Sql,
}

/// The audit record's columns as parameters, after those of the change.
macro_rules! audit_columns {
    () => {
        "a_id, a_tenant, a_at, a_actor_type, a_actor_id, a_actor_name, a_action, a_target_type, a_target_id, \
         a_outcome, a_ip, a_agent, a_request, a_details"
    };
}

macro_rules! audit_insert {
    ($from:literal) => {
        concat!(
            "INSERT INTO audit_logs (id, tenant_id, at, actor_type, actor_id, actor_name, action, target_type, \
             target_id, outcome, ip_address, user_agent, request_id, details) SELECT ",
            audit_columns!(),
            " FROM ",
            $from
        )
    };
}

/// Access tokens of machines.
pub(super) static ISSUE: Hot = Hot {
    name: "HOT_ISSUE",
    change: &sql::ACCESS_TOKEN_INSERT,
    text: concat!(
        "WITH input AS (SELECT * FROM UNNEST($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], \
         $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], \
         $11::text[], $12::bytea[], $13::bytea[], $14::bigint[], $15::text[], $16::bytea[], $17::text[], $18::text[], $19::text[], \
         $20::bytea[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[]) WITH ORDINALITY AS i \
         (id, client_id, tenant_id, hash, scope, audience, issued_at, expires_at, client_version, tenant_version, cnf, ",
        audit_columns!(),
        ", n)), \
         held AS MATERIALIZED (SELECT i.*, c.generation AS client_generation, t.generation AS tenant_generation \
         FROM input i JOIN clients c ON c.id = i.client_id AND c.tenant_id = i.tenant_id AND c.version = i.client_version \
         JOIN tenants t ON t.id = c.tenant_id AND t.version = i.tenant_version), \
         issued AS (INSERT INTO access_tokens (id, tenant_id, client_id, hash, scope, audience, issued_at, expires_at, \
         client_generation, tenant_generation, cnf) SELECT id, tenant_id, client_id, hash, scope, audience, issued_at, expires_at, \
         client_generation, tenant_generation, cnf FROM held), \
         logged AS (",
        audit_insert!("held"),
        ") SELECT n FROM held"
    ),
};

/// Revocations of access tokens. Locked in the order of their ids, so that two such statements
/// never wait for one another; a token named twice in one statement is revoked for one of the two.
pub(super) static REVOKE: Hot = Hot {
    name: "HOT_REVOKE",
    change: &sql::ACCESS_TOKEN_REVOKE,
    text: concat!(
        "WITH input AS (SELECT * FROM UNNEST($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[], \
         $7::bytea[], $8::bytea[], $9::bigint[], $10::text[], $11::bytea[], $12::text[], $13::text[], $14::text[], \
         $15::bytea[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[]) WITH ORDINALITY AS i \
         (id, tenant_id, at, client_id, client_version, tenant_version, ",
        audit_columns!(),
        ", n)), \
         held AS MATERIALIZED (SELECT i.* FROM input i \
         JOIN access_tokens a ON a.id = i.id AND a.tenant_id = i.tenant_id AND a.revoked_at IS NULL \
         WHERE EXISTS (SELECT 1 FROM clients c JOIN tenants t ON t.id = c.tenant_id \
         WHERE c.id = i.client_id AND c.version = i.client_version AND t.version = i.tenant_version) \
         ORDER BY i.id FOR NO KEY UPDATE OF a), \
         revoked AS (UPDATE access_tokens a SET revoked_at = h.at FROM held h WHERE a.id = h.id RETURNING h.n), \
         logged AS (",
        audit_insert!("held JOIN revoked USING (n)"),
        ") SELECT n FROM revoked"
    ),
};

/// All kinds: the list that a test prepares.
#[cfg(test)]
pub(super) static ALL: &[&Hot] = &[&ISSUE, &REVOKE];

impl Hot {
    /// The kind of a unit; `None`: it has a transaction of its own.
    pub fn of(steps: &[Step]) -> Option<&'static Self> {
        let [change, audit] = steps else { return None };
        let shaped = change.expect == Expect::One
            && change.part == Part::Change
            && audit.expect == Expect::Any
            && audit.sql.kind == SqlKind::Audit;
        if !shaped {
            return None;
        }
        match change.sql.kind {
            SqlKind::Issue => Some(&ISSUE),
            SqlKind::Revoke => Some(&REVOKE),
            SqlKind::Plain
            | SqlKind::Audit
            | SqlKind::UnderTenant
            | SqlKind::Independent
            | SqlKind::Together => None,
        }
    }

    /// What its changes are.
    pub const fn kind(&self) -> SqlKind {
        self.change.kind
    }

    /// How many parameters the statement takes: the change's, then the audit record's.
    #[cfg(test)]
    pub fn parameters(&self) -> usize {
        self.change.parameters() + sql::AUDIT_INSERT.parameters()
    }
}

/// The units' parameters, turned from rows into columns.
pub(super) struct Columns<'a>(Vec<Vec<&'a Value>>);

impl<'a> Columns<'a> {
    pub fn of(units: impl ExactSizeIterator<Item = &'a [Step]>) -> Self {
        let count = units.len();
        let mut columns: Vec<Vec<&Value>> = Vec::new();
        for unit in units {
            let values = unit.iter().flat_map(|step| step.values.iter());
            for (at, value) in values.enumerate() {
                if at == columns.len() {
                    columns.push(Vec::with_capacity(count));
                }
                if let Some(column) = columns.get_mut(at) {
                    column.push(value);
                }
            }
        }
        Self(columns)
    }

    pub fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|column| -> &(dyn ToSql + Sync) { column }).collect()
    }
}
