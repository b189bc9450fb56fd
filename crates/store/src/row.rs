//! One view of a result row for both engines.

use tokio_postgres::types::{FromSql, Type};
use writ_core::secret::Digest32;
use writ_core::time::Micros;

/// Reads columns of a row by position.
pub(crate) struct Row<'a> {
    inner: Inner<'a>,
}

enum Inner<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// A number of PostgreSQL: BIGINT, or the INTEGER that it makes of a literal.
struct PostgresNumber(i64);

impl<'a> FromSql<'a> for PostgresNumber {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        if *ty == Type::INT4 {
            i32::from_sql(ty, raw).map(|int| Self(int.into()))
        } else {
            i64::from_sql(ty, raw).map(Self)
        }
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INT8 || *ty == Type::INT4
    }
}

fn of_postgres<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, at: usize) -> Column<Option<T>> {
    row.try_get(at).map_err(|error| {
        let why = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
        format!("column {at}: {error}{why}")
    })
}

/// A column that is not what the statement promises.
pub(crate) type Column<T> = Result<T, String>;

impl<'a> Row<'a> {
    pub fn sqlite(row: &'a rusqlite::Row<'a>) -> Self {
        Self { inner: Inner::Sqlite(row) }
    }

    pub fn postgres(row: &'a tokio_postgres::Row) -> Self {
        Self { inner: Inner::Postgres(row) }
    }

    /// BIGINT or NULL.
    pub fn maybe_int(&self, at: usize) -> Column<Option<i64>> {
        match &self.inner {
            Inner::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|e| e.to_string())?;
                value.as_i64_or_null().map_err(|e| format!("column {at}: {e}"))
            }
            Inner::Postgres(row) => {
                Ok(of_postgres::<PostgresNumber>(row, at)?.map(|PostgresNumber(int)| int))
            }
        }
    }

    /// BIGINT.
    pub fn int(&self, at: usize) -> Column<i64> {
        self.maybe_int(at)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// TEXT or NULL, borrowed from the row.
    pub fn maybe_text(&self, at: usize) -> Column<Option<&str>> {
        match &self.inner {
            Inner::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|e| e.to_string())?;
                value.as_str_or_null().map_err(|e| format!("column {at}: {e}"))
            }
            Inner::Postgres(row) => of_postgres(row, at),
        }
    }

    /// TEXT.
    pub fn text(&self, at: usize) -> Column<&str> {
        self.maybe_text(at)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// Bytes or NULL, borrowed from the row.
    pub fn maybe_bytes(&self, at: usize) -> Column<Option<&[u8]>> {
        match &self.inner {
            Inner::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|e| e.to_string())?;
                value.as_blob_or_null().map_err(|e| format!("column {at}: {e}"))
            }
            Inner::Postgres(row) => of_postgres(row, at),
        }
    }

    /// Bytes.
    pub fn bytes(&self, at: usize) -> Column<&[u8]> {
        self.maybe_bytes(at)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// A row id or NULL.
    pub fn maybe_id(&self, at: usize) -> Column<Option<[u8; 16]>> {
        self.maybe_bytes(at)?
            .map(|bytes| bytes.try_into().map_err(|_| format!("column {at} is not a row id")))
            .transpose()
    }

    /// A row id.
    pub fn id(&self, at: usize) -> Column<[u8; 16]> {
        self.maybe_id(at)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// A hash or NULL.
    pub fn maybe_hash(&self, at: usize) -> Column<Option<Digest32>> {
        self.maybe_bytes(at)?
            .map(|bytes| {
                let bytes: [u8; 32] = bytes.try_into().map_err(|_| format!("column {at} is not a hash"))?;
                Ok(Digest32::from_bytes(bytes))
            })
            .transpose()
    }

    /// A hash.
    pub fn hash(&self, at: usize) -> Column<Digest32> {
        self.maybe_hash(at)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// A time.
    pub fn time(&self, at: usize) -> Column<Micros> {
        self.int(at).map(Micros)
    }

    /// A time or NULL.
    pub fn maybe_time(&self, at: usize) -> Column<Option<Micros>> {
        Ok(self.maybe_int(at)?.map(Micros))
    }
}
