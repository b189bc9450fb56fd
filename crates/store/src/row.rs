//! One view of a result row for both engines.

use std::cell::Cell;

use tokio_postgres::types::{FromSql, Type};
use writ_core::secret::Digest32;
use writ_core::time::Micros;

/// Reads the columns of a row one after the other.
pub(crate) struct Row<'a> {
    inner: Inner<'a>,
    /// The column that is read next.
    at: Cell<usize>,
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

/// What is done with each row that was found.
pub(crate) type See<'s> = dyn FnMut(&Row<'_>) -> Column<()> + Send + 's;

/// Keeps what each row says.
pub(crate) fn keep<T>(
    kept: &mut Vec<T>,
    row: &Row<'_>,
    map: &mut dyn FnMut(&Row<'_>) -> Column<T>,
) -> Column<()> {
    kept.push(map(row)?);
    Ok(())
}

/// Keeps what the first row says.
pub(crate) fn keep_first<T>(
    kept: &mut Option<T>,
    row: &Row<'_>,
    map: &mut dyn FnMut(&Row<'_>) -> Column<T>,
) -> Column<()> {
    if kept.is_none() {
        *kept = Some(map(row)?);
    }
    Ok(())
}

impl<'a> Row<'a> {
    pub fn sqlite(row: &'a rusqlite::Row<'a>) -> Self {
        Self { inner: Inner::Sqlite(row), at: Cell::new(0) }
    }

    pub fn postgres(row: &'a tokio_postgres::Row) -> Self {
        Self { inner: Inner::Postgres(row), at: Cell::new(0) }
    }

    /// The next column.
    fn step(&self) -> usize {
        let at = self.at.get();
        self.at.set(at + 1);
        at
    }

    /// Passes columns over.
    pub fn skip(&self, columns: usize) {
        self.at.set(self.at.get() + columns);
    }

    /// What the next column has to have.
    fn needed<'s, T>(&'s self, read: impl FnOnce(&'s Self) -> Column<Option<T>>) -> Column<T> {
        let at = self.at.get();
        read(self)?.ok_or_else(|| format!("column {at} is null"))
    }

    /// BIGINT or NULL.
    pub fn maybe_int(&self) -> Column<Option<i64>> {
        let at = self.step();
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
    pub fn int(&self) -> Column<i64> {
        self.needed(Self::maybe_int)
    }

    /// TEXT or NULL, borrowed from the row.
    pub fn maybe_text(&self) -> Column<Option<&str>> {
        let at = self.step();
        match &self.inner {
            Inner::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|e| e.to_string())?;
                value.as_str_or_null().map_err(|e| format!("column {at}: {e}"))
            }
            Inner::Postgres(row) => of_postgres(row, at),
        }
    }

    /// TEXT.
    pub fn text(&self) -> Column<&str> {
        self.needed(Self::maybe_text)
    }

    /// Bytes or NULL, borrowed from the row.
    pub fn maybe_bytes(&self) -> Column<Option<&[u8]>> {
        let at = self.step();
        match &self.inner {
            Inner::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|e| e.to_string())?;
                value.as_blob_or_null().map_err(|e| format!("column {at}: {e}"))
            }
            Inner::Postgres(row) => of_postgres(row, at),
        }
    }

    /// Bytes.
    pub fn bytes(&self) -> Column<&[u8]> {
        self.needed(Self::maybe_bytes)
    }

    /// A row id or NULL.
    pub fn maybe_id(&self) -> Column<Option<[u8; 16]>> {
        let at = self.at.get();
        self.maybe_bytes()?
            .map(|bytes| bytes.try_into().map_err(|_| format!("column {at} is not a row id")))
            .transpose()
    }

    /// A row id.
    pub fn id(&self) -> Column<[u8; 16]> {
        self.needed(Self::maybe_id)
    }

    /// A hash or NULL.
    pub fn maybe_hash(&self) -> Column<Option<Digest32>> {
        let at = self.at.get();
        self.maybe_bytes()?
            .map(|bytes| {
                let bytes: [u8; 32] = bytes.try_into().map_err(|_| format!("column {at} is not a hash"))?;
                Ok(Digest32::from_bytes(bytes))
            })
            .transpose()
    }

    /// A hash.
    pub fn hash(&self) -> Column<Digest32> {
        self.needed(Self::maybe_hash)
    }

    /// A time.
    pub fn time(&self) -> Column<Micros> {
        self.int().map(Micros)
    }

    /// A time or NULL.
    pub fn maybe_time(&self) -> Column<Option<Micros>> {
        Ok(self.maybe_int()?.map(Micros))
    }
}
