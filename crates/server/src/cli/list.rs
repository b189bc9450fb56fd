//! Lists of the API: read by their pages, shown as a table, or printed as lines of JSON.

use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};
use writ_core::form::encode_component;

use super::api::{Api, ApiAnswer, Output};
use super::show::{self, TableColumn};

/// Rows of a page: the most that the API gives.
const PAGE: usize = 200;

/// A page of a list that is asked for.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Pages {
    /// Maximum number of rows [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Continue a list from its `next_cursor`
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

/// A list of the API.
#[derive(Debug, Clone)]
pub(super) struct ApiList<'a> {
    /// Its path, with the query that filters it.
    pub path: String,
    /// The member of the answer that holds the rows.
    pub member: &'a str,
    /// What a table shows of them.
    pub columns: &'a [TableColumn],
}

impl Api {
    /// Reads a list by its pages and prints it. With `--json` a list of one page is the answer as it
    /// came; one of several has the rows of all of them.
    pub(super) async fn list(&self, list: &ApiList<'_>, pages: &Pages) -> anyhow::Result<()> {
        let mut gathered = GatheredPages::default();
        let mut cursor = pages.cursor.clone();
        loop {
            let page =
                pages.limit.map_or(PAGE, |limit| limit.saturating_sub(gathered.rows.len()).clamp(1, PAGE));
            let answer = self.get(with_page(&list.path, page, cursor.as_deref())).await?;
            cursor = gathered.add(answer, list.member)?;
            let is_enough = pages.limit.is_some_and(|limit| gathered.rows.len() >= limit);
            if cursor.is_none() || is_enough {
                break;
            }
        }
        gathered.finish();
        match self.output {
            Output::Json => show::out(&gathered.json(list.member, cursor.as_deref())?),
            Output::People(look) => {
                show::out(&show::table(&gathered.rows, list.columns, look))?;
                if let Some(cursor) = cursor {
                    eprintln!("There is more: --cursor {cursor}");
                }
                Ok(())
            }
        }
    }

    /// A member of the one row of a list whose member has a value, whatever the case.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub(super) async fn find(
        &self,
        list: (&str, &str),
        wanted: (&str, &str),
        gives: &str,
    ) -> anyhow::Result<String> {
        let ((path, member), (name, value)) = (list, wanted);
        let mut found = std::collections::BTreeSet::new();
        let mut gathered = GatheredPages::default();
        let mut cursor = None;
        loop {
            let answer = self.get(with_page(path, PAGE, cursor.as_deref())).await?;
            cursor = gathered.add(answer, member)?;
            let rows = std::mem::take(&mut gathered.rows);
            let is_it = |row: &&Value| {
                row.get(name)
                    .and_then(Value::as_str)
                    .is_some_and(|text| text.to_lowercase() == value.to_lowercase())
            };
            let those = rows.iter().filter(is_it).filter_map(|row| row.get(gives)?.as_str());
            found.extend(those.map(str::to_owned));
            if cursor.is_none() {
                gathered.finish();
                break;
            }
        }
        let several = found.len() > 1;
        match found.pop_first() {
            Some(_) if several => {
                bail!("there are several with the {name} {value}: take the {gives} of the one you mean")
            }
            Some(one) => Ok(one),
            None => bail!("there is no {name} {value} here"),
        }
    }

    /// A member of every row of a list.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn column(&self, list: (&str, &str), gives: &str) -> anyhow::Result<Vec<String>> {
        let (path, member) = list;
        let mut gathered = GatheredPages::default();
        let mut cursor = None;
        loop {
            let answer = self.get(with_page(path, PAGE, cursor.as_deref())).await?;
            cursor = gathered.add(answer, member)?;
            if cursor.is_none() {
                gathered.finish();
                break;
            }
        }
        let texts = gathered.rows.iter().filter_map(|row| row.get(gives)?.as_str());
        Ok(texts.map(str::to_owned).collect())
    }

    /// Prints a list that has no pages.
    pub(super) async fn all(&self, list: (&str, &str), columns: &[TableColumn]) -> anyhow::Result<()> {
        let (path, member) = list;
        let answer = self.get(path).await?;
        let mut gathered = GatheredPages::default();
        gathered.add(answer, member)?;
        match self.output {
            Output::Json => show::out(&gathered.json(member, None)?),
            Output::People(look) => show::out(&show::table(&gathered.rows, columns, look)),
        }
    }

    /// Reads a list by its pages and prints each row as a line of JSON as it comes.
    pub(super) async fn export(&self, list: &ApiList<'_>, pages: &Pages) -> anyhow::Result<()> {
        let mut gathered = GatheredPages::default();
        let mut cursor = pages.cursor.clone();
        let mut left = pages.limit.unwrap_or(usize::MAX);
        while left > 0 {
            let answer = self.get(with_page(&list.path, left.min(PAGE), cursor.as_deref())).await?;
            cursor = gathered.add(answer, list.member)?;
            let rows = std::mem::take(&mut gathered.rows);
            left = left.saturating_sub(rows.len());
            show::out(&lines(&rows))?;
            if cursor.is_none() {
                break;
            }
        }
        gathered.finish();
        Ok(())
    }
}

/// The pages of a list so far.
#[derive(Default)]
struct GatheredPages {
    rows: Vec<Value>,
    answers: usize,
    text: String,
    total: Option<u64>,
    progress: Option<ProgressBar>,
}

impl GatheredPages {
    /// Adds a page and gives the place of the next.
    fn add(&mut self, answer: ApiAnswer, member: &str) -> anyhow::Result<Option<String>> {
        let Some(rows) = answer.value.get(member).and_then(Value::as_array) else {
            bail!("what answered is not Writ's management API: its answer has no {member}");
        };
        self.answers += 1;
        self.rows.extend(rows.iter().cloned());
        self.total = answer.value.get("total").and_then(Value::as_u64).or(self.total);
        let cursor = answer.value.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
        let read = rows.len() as u64;
        self.text = answer.text;
        // One page is no long work.
        if cursor.is_some() || self.progress.is_some() {
            self.progress.get_or_insert_with(|| progress(self.total)).inc(read);
        }
        Ok(cursor)
    }

    fn finish(&self) {
        if let Some(progress) = &self.progress {
            progress.finish_and_clear();
        }
    }

    fn json(&self, member: &str, cursor: Option<&str>) -> anyhow::Result<String> {
        if self.answers == 1 {
            return Ok(format!("{}\n", self.text));
        }
        let mut all = Map::new();
        all.insert(member.to_owned(), Value::Array(self.rows.clone()));
        if let Some(total) = self.total {
            all.insert("total".to_owned(), total.into());
        }
        if let Some(cursor) = cursor {
            all.insert("next_cursor".to_owned(), cursor.into());
        }
        Ok(format!("{}\n", serde_json::to_string(&Value::Object(all))?))
    }
}

/// On a terminal alone; elsewhere nothing is drawn.
fn progress(total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    let template = if total.is_some() { "{bar:40} {pos}/{len} {eta}" } else { "{spinner} {pos}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Rows as JSON, one a line.
fn lines(rows: &[Value]) -> String {
    rows.iter().map(Value::to_string).flat_map(|row| [row, "\n".to_owned()]).collect()
}

fn with_page(path: &str, limit: usize, cursor: Option<&str>) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let cursor = cursor.map(|cursor| format!("&cursor={}", encode_component(cursor))).unwrap_or_default();
    format!("{path}{separator}limit={limit}{cursor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_in_the_query() {
        assert_eq!(with_page("/a", 5, None), "/a?limit=5");
        assert_eq!(with_page("/a?x=1", 200, Some("a+b")), "/a?x=1&limit=200&cursor=a%2Bb");
    }

    #[test]
    fn one_page_is_the_answer_as_it_came_and_several_have_the_rows_of_all() {
        let page =
            |text: &str| ApiAnswer { text: text.to_owned(), value: serde_json::from_str(text).unwrap() };
        let mut one = GatheredPages::default();
        assert_eq!(one.add(page(r#"{"total":1, "x":[1]}"#), "x").unwrap(), None);
        assert_eq!(one.json("x", None).unwrap(), "{\"total\":1, \"x\":[1]}\n");
        let mut two = GatheredPages::default();
        let next = two.add(page(r#"{"x":[1],"total":2,"next_cursor":"c"}"#), "x").unwrap();
        assert_eq!(next.as_deref(), Some("c"));
        assert_eq!(two.add(page(r#"{"x":[2],"total":2}"#), "x").unwrap(), None);
        let all: Value = serde_json::from_str(&two.json("x", None).unwrap()).unwrap();
        assert_eq!(all, serde_json::json!({ "x": [1, 2], "total": 2 }));
        assert!(two.add(page("{}"), "x").is_err());
    }
}
