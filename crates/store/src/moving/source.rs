//! The SQLite database that is moved: its tables, its rows in order, its marks.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{META, MOVED_TO, MOVING, MoveError, Tally};
use crate::statements as sql;
use crate::value::Value;
use crate::writes::HASH_KEY;

/// A table and its columns, those of its key first in order.
pub(super) struct MovedTable {
    pub name: String,
    pub columns: Vec<String>,
    /// What its rows are in order by.
    order: String,
}

impl MovedTable {
    /// The columns, as a statement of either engine names them.
    pub fn list(&self) -> String {
        self.columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
    }

    fn rows(&self) -> String {
        let own = if self.name == META { super::target::NOT_OWN } else { "" };
        format!(
            "SELECT {} FROM \"{}\"{own} ORDER BY {} LIMIT -1 OFFSET ?1",
            self.list(),
            self.name,
            self.order
        )
    }
}

/// The number of a move.
pub(super) struct MoveMark {
    pub id: Vec<u8>,
    /// One that broke off.
    pub was_there: bool,
}

/// What is moved.
pub(super) struct MoveSource {
    pub connection: Connection,
}

impl MoveSource {
    /// The key that makes it a database of Writ's.
    pub fn hash_key(&self) -> rusqlite::Result<Option<Vec<u8>>> {
        self.meta(HASH_KEY)
    }

    fn meta(&self, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        self.connection.query_row(sql::META_GET.sqlite(), [name], |row| row.get(0)).optional()
    }

    /// Marks it as on its way, with the number of this move or of the one that broke off.
    pub fn mark(&self, id: [u8; 16]) -> rusqlite::Result<MoveMark> {
        let made = self.connection.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            params![MOVING, id.as_slice()],
        )?;
        Ok(MoveMark { id: self.meta(MOVING)?.unwrap_or_default(), was_there: made == 0 })
    }

    /// Takes the marks off.
    pub fn unmark(&self) -> rusqlite::Result<bool> {
        let gone = self.connection.execute("DELETE FROM meta WHERE name IN (?1, ?2)", [MOVING, MOVED_TO])?;
        Ok(gone > 0)
    }

    /// Marks it as moved.
    pub fn moved(&self, to: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![MOVED_TO, to.as_bytes()],
        )?;
        transaction.execute("DELETE FROM meta WHERE name = ?1", [MOVING])?;
        transaction.commit()
    }

    /// All tables of Writ's, by name; `meta` last.
    pub fn tables(&self) -> rusqlite::Result<Vec<MovedTable>> {
        let mut statement = self.connection.prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name <> 'schema_migrations' ORDER BY name = 'meta', name",
        )?;
        let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        names.into_iter().map(|name| self.table(name)).collect()
    }

    fn table(&self, name: String) -> rusqlite::Result<MovedTable> {
        let mut statement = self.connection.prepare("SELECT name, pk FROM pragma_table_info(?1)")?;
        let columns = statement.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let columns: Vec<(String, i64)> = columns.collect::<Result<_, _>>()?;
        let mut key: Vec<_> = columns.iter().filter(|(_, place)| *place > 0).collect();
        key.sort_by_key(|(_, place)| *place);
        let order: Vec<_> = key.iter().map(|(column, _)| format!("\"{column}\"")).collect();
        let order = if order.is_empty() { "rowid".to_owned() } else { order.join(", ") };
        Ok(MovedTable { name, columns: columns.into_iter().map(|(column, _)| column).collect(), order })
    }

    /// How many rows a table has.
    pub fn count(&self, table: &MovedTable) -> Result<u64, MoveError> {
        let own = if table.name == META { super::target::NOT_OWN } else { "" };
        let text = format!("SELECT COUNT(*) FROM \"{}\"{own}", table.name);
        let count: i64 =
            self.connection.query_row(&text, [], |row| row.get(0)).map_err(MoveError::sqlite(&table.name))?;
        Ok(count.unsigned_abs())
    }

    /// Tables and their rows.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, MoveError> {
        let tables = self.tables().map_err(MoveError::sqlite(META))?;
        tables.into_iter().map(|table| self.count(&table).map(|rows| (table.name, rows))).collect()
    }

    /// Gives the rows of a table past the first so many, in order, in pieces.
    pub async fn pieces(
        &self,
        table: &MovedTable,
        past: u64,
        give: &mut impl AsyncFnMut(Vec<Vec<Value>>) -> Result<(), MoveError>,
    ) -> Result<(), MoveError> {
        let failed = |error| MoveError::sqlite(&table.name)(error);
        let mut statement = self.connection.prepare(&table.rows()).map_err(failed)?;
        let past = i64::try_from(past).unwrap_or(i64::MAX);
        let mut rows = statement.query([past]).map_err(failed)?;
        let mut piece = Piece::default();
        while let Some(row) = rows.next().map_err(failed)? {
            piece.add(table, row)?;
            if piece.is_full() {
                give(piece.take()).await?;
            }
        }
        if piece.rows.is_empty() { Ok(()) } else { give(piece.take()).await }
    }

    /// What a table has, whatever the order.
    pub fn tally(&self, table: &MovedTable) -> Result<Tally, MoveError> {
        let failed = |error| MoveError::sqlite(&table.name)(error);
        let mut statement = self.connection.prepare(&table.rows()).map_err(failed)?;
        let mut rows = statement.query([0]).map_err(failed)?;
        let mut tally = Tally::default();
        while let Some(row) = rows.next().map_err(failed)? {
            tally.add(&values(table, row)?);
        }
        Ok(tally)
    }
}

/// Rows that go together.
#[derive(Default)]
struct Piece {
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl Piece {
    fn add(&mut self, table: &MovedTable, row: &Row<'_>) -> Result<(), MoveError> {
        let row = values(table, row)?;
        self.bytes += row.iter().map(size).sum::<usize>();
        self.rows.push(row);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= 10_000 || self.bytes >= 8 * 1024 * 1024
    }

    fn take(&mut self) -> Vec<Vec<Value>> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Owned(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}

fn values(table: &MovedTable, row: &Row<'_>) -> Result<Vec<Value>, MoveError> {
    let value = |(place, column): (usize, &String)| {
        let wrong =
            |what: &str| MoveError::Row { table: table.name.clone(), what: format!("{column} {what}") };
        Ok(match row.get_ref(place).map_err(MoveError::sqlite(&table.name))? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(int) => Value::Int(int),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| wrong("is not UTF-8"))?;
                if text.contains('\0') {
                    return Err(wrong("has a NUL in it, which PostgreSQL does not take"));
                }
                Value::Owned(text.into())
            }
            ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
            ValueRef::Real(_) => return Err(wrong("is a fraction")),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}
