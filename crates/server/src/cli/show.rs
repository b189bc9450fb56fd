//! How answers look: tables on a terminal, tab-separated where the output goes elsewhere.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use serde_json::Value;
use writ_core::device;

/// A column of a list: its head, and the member that it shows; of several, with a bar between, the first that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableColumn(pub &'static str, pub &'static str);

/// Where the output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputLook {
    /// Columns of equal width, with heads.
    Terminal,
    /// Tab-separated, without.
    Plain,
}

impl OutputLook {
    /// What standard output is.
    pub(super) fn of_stdout() -> Self {
        if std::io::stdout().is_terminal() { Self::Terminal } else { Self::Plain }
    }
}

/// Writes to standard output. A reader that has gone, such as `head`, has all that it wanted.
pub(super) fn out(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Rows of a list as lines.
pub(super) fn table(rows: &[Value], columns: &[TableColumn], look: OutputLook) -> String {
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|column| shown(row, *column, look)).collect()).collect();
    match look {
        OutputLook::Plain => cells.iter().map(|row| row.join("\t") + "\n").collect(),
        OutputLook::Terminal if cells.is_empty() => "None.\n".to_owned(),
        OutputLook::Terminal => {
            let heads = columns.iter().map(|column| column.0.to_owned()).collect();
            aligned(&[vec![heads], cells].concat())
        }
    }
}

/// An object as a line for each of its members, those of `first` first.
pub(super) fn object(value: &Value, first: &[&str], look: OutputLook) -> String {
    let Some(members) = value.as_object() else { return cell(Some(value), look) + "\n" };
    let known = first.iter().filter_map(|name| members.get_key_value(*name));
    let others = members.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let mut lines = Vec::new();
    for (name, value) in known.chain(others) {
        match value {
            Value::Object(inner) => {
                lines.extend(
                    inner.iter().map(|(part, value)| vec![format!("{name}.{part}"), cell(Some(value), look)]),
                );
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                lines.push(vec![name.clone(), cell(Some(value), look)]);
            }
        }
    }
    match look {
        OutputLook::Plain => lines.iter().map(|line| line.join("\t") + "\n").collect(),
        OutputLook::Terminal => aligned(&lines),
    }
}

/// Only these members of an object, in this order, as far as they are there; a dot leads into an object.
pub(super) fn essentials(value: &Value, names: &[&str], look: OutputLook) -> String {
    let found = names.iter().filter_map(|name| Some(((*name).to_owned(), member(value, name)?.clone())));
    object(&Value::Object(found.collect()), names, look)
}

/// What a column shows of a row. What a browser says of itself is put as people call it.
fn shown(row: &Value, column: TableColumn, look: OutputLook) -> String {
    let value = column.1.split('|').find_map(|name| member(row, name).filter(|value| !value.is_null()));
    match (column.1, value.and_then(Value::as_str)) {
        ("user_agent", Some(text)) => cell(Some(&Value::String(device::named(text))), look),
        (_, _) => cell(value, look),
    }
}

/// A member; a dot leads into an object.
fn member<'a>(row: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(row, |value, part| value.get(part))
}

/// A value in one line, without anything that a terminal would obey.
fn cell(value: Option<&Value>, look: OutputLook) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(entries))
            if entries.iter().all(|entry| !entry.is_object() && !entry.is_array()) =>
        {
            entries.iter().map(|entry| cell(Some(entry), OutputLook::Plain)).collect::<Vec<_>>().join(" ")
        }
        Some(other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
            other.to_string()
        }
    };
    if text.is_empty() && look == OutputLook::Terminal {
        return "-".to_owned();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count().min(*width)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COLUMNS: [TableColumn; 3] =
        [TableColumn("NAME", "name"), TableColumn("PERMISSIONS", "permissions"), TableColumn("END", "end")];

    fn rows() -> Vec<Value> {
        vec![
            json!({ "name": "ci\u{1b}[31m", "permissions": ["a:read", "b:read"], "end": null }),
            json!({ "name": "tab\there", "permissions": [], "end": "2030-01-01T00:00:00Z" }),
        ]
    }

    #[test]
    fn a_terminal_gets_columns_and_nothing_to_obey() {
        let text = table(&rows(), &COLUMNS, OutputLook::Terminal);
        let wanted = "NAME      PERMISSIONS    END\nci [31m   a:read b:read  -\ntab here  -              2030-01-01T00:00:00Z\n";
        assert_eq!(text, wanted);
        assert_eq!(table(&[], &COLUMNS, OutputLook::Terminal), "None.\n");
    }

    #[test]
    fn a_pipe_gets_one_tab_between_cells_and_no_heads() {
        let text = table(&rows(), &COLUMNS, OutputLook::Plain);
        assert_eq!(text, "ci [31m\ta:read b:read\t\ntab here\t\t2030-01-01T00:00:00Z\n");
        assert_eq!(table(&[], &COLUMNS, OutputLook::Plain), "");
    }

    #[test]
    fn a_column_shows_the_first_of_its_members_that_is_there() {
        let rows =
            [json!({ "a": { "x": null }, "b": "2" }), json!({ "a": { "x": "1" }, "b": "2" }), json!({})];
        assert_eq!(table(&rows, &[TableColumn("X", "a.x|b")], OutputLook::Plain), "2\n1\n\n");
    }

    #[test]
    fn the_essentials_are_what_was_named() {
        let value = json!({ "id": 7, "name": "x", "settings": { "alg": "ES256", "n": null }, "more": true });
        let names = ["name", "id", "settings.alg", "gone"];
        assert_eq!(essentials(&value, &names, OutputLook::Plain), "name\tx\nid\t7\nsettings.alg\tES256\n");
    }

    #[test]
    fn an_object_is_a_line_a_member() {
        let value = json!({ "b": true, "name": "x", "settings": { "alg": "ES256", "n": null }, "a": 1 });
        assert_eq!(
            object(&value, &["name"], OutputLook::Plain),
            "name\tx\na\t1\nb\ttrue\nsettings.alg\tES256\nsettings.n\t\n"
        );
        assert_eq!(object(&json!({ "a": null }), &[], OutputLook::Terminal), "a  -\n");
    }
}
