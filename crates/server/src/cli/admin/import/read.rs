//! People as other systems write them down: CSV with a header, JSON, lines of JSON, and what Firebase exports.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use writ_core::claims::{Claim, ClaimGroup};

/// Members of an account.
const ACCOUNT: [&str; 7] =
    ["username", "email", "email_verified", "name", "roles", "enabled", "password_hash"];
/// A password in the file, for those who have nothing else.
const PASSWORD: &str = "password";
const GROUPS: &str = "groups";
/// The parts of an address together, in JSON.
const ADDRESS: &str = "address";
/// What stands before the name of a part of it, in a column.
const PART_OF_ADDRESS: &str = "address.";

/// Somebody, as the API takes them.
#[derive(Debug, PartialEq)]
pub(super) struct ImportedPerson {
    /// Where they stand in the file: the line, or in JSON the place in the list.
    pub line: usize,
    /// The account.
    pub account: Map<String, Value>,
    /// The standard claims that an account has no member for.
    pub claims: Map<String, Value>,
    /// The names of their groups.
    pub groups: Vec<String>,
}

impl ImportedPerson {
    /// The username.
    pub fn username(&self) -> &str {
        self.account.get("username").and_then(Value::as_str).unwrap_or_default()
    }

    /// Who it is, for people who look for what went wrong.
    pub fn shown(&self) -> Map<String, Value> {
        let is_told = |name: &str| name != "password_hash" && name != PASSWORD;
        self.account
            .iter()
            .filter(|(name, _)| is_told(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// What the hashes of a Firebase project need, as its console shows it.
#[derive(Debug, Deserialize)]
pub(super) struct Firebase {
    base64_signer_key: String,
    base64_salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

impl Firebase {
    /// Reads the parameters.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        serde_json::from_str(text).context(
            "this is not a project's hash parameters: a JSON object with base64_signer_key, base64_salt_separator, \
             rounds and mem_cost",
        )
    }

    fn hash(&self, salt: &str, hash: &str) -> String {
        // An export writes Base64 for addresses.
        let plain = |text: &str| text.replace('-', "+").replace('_', "/");
        format!(
            "$firebase-scrypt$ln={},r={}${}${}${}${}",
            self.mem_cost,
            self.rounds,
            plain(salt),
            plain(hash),
            plain(&self.base64_salt_separator),
            plain(&self.base64_signer_key)
        )
    }
}

/// Everybody in a text.
///
/// # Errors
/// It is of no known form, or a member is not known: then nobody is imported.
pub(super) fn people(text: &str, firebase: Option<&Firebase>) -> anyhow::Result<Vec<ImportedPerson>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().chars().next() {
        None => bail!("it is empty"),
        Some('[' | '{') => rows_of_json(text)?
            .into_iter()
            .map(|(line, row)| person((line, row), firebase).with_context(|| format!("line {line}")))
            .collect(),
        Some(_) => rows_of_csv(text)?
            .into_iter()
            .map(|(line, row)| person((line, row), firebase).with_context(|| format!("line {line}")))
            .collect(),
    }
}

type NumberedRow = (usize, Map<String, Value>);

/// A list, an object with the list `users` in it, or an object a line.
fn rows_of_json(text: &str) -> anyhow::Result<Vec<NumberedRow>> {
    let listed = |rows: Vec<Value>| (1..).zip(rows).map(|(place, row)| Ok((place, object(row)?))).collect();
    match serde_json::from_str(text) {
        Ok(Value::Array(rows)) => return listed(rows),
        Ok(Value::Object(mut whole)) => {
            return match whole.remove("users") {
                Some(Value::Array(rows)) => listed(rows),
                Some(_) => bail!("users: must be a list"),
                // A file of one line.
                None => Ok(vec![(1, whole)]),
            };
        }
        Ok(_) | Err(_) => {}
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let row = serde_json::from_str(line).with_context(|| format!("line {number} is no JSON"))?;
            Ok((number, object(row).with_context(|| format!("line {number}"))?))
        })
        .collect()
}

fn object(row: Value) -> anyhow::Result<Map<String, Value>> {
    match row {
        Value::Object(row) => Ok(row),
        _ => bail!("somebody must be a JSON object"),
    }
}

fn rows_of_csv(text: &str) -> anyhow::Result<Vec<NumberedRow>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().context("the header cannot be read")?.clone();
    if !head.iter().any(|name| name == "username" || name == "email") {
        bail!("the first line must name the columns; `username` or `email` has to be among them");
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.context("it is no CSV")?;
        let line = record.position().map_or(0, |at| line_of(text, at));
        let mut row = Map::new();
        for (name, cell) in head.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
            let value = match name {
                "email_verified" | "enabled" | "phone_number_verified" => {
                    let read = switch(cell).with_context(|| format!("line {line}, {name}"));
                    Value::Bool(read?)
                }
                "roles" | GROUPS => cell.split([';', ',', ' ']).filter(|one| !one.is_empty()).collect(),
                _ => cell.into(),
            };
            row.insert(name.to_owned(), value);
        }
        rows.push((line, row));
    }
    Ok(rows)
}

/// The line on which a record begins: its position is before the empty lines that stand above it.
fn line_of(text: &str, at: &csv::Position) -> usize {
    let (byte, line) = (usize::try_from(at.byte()), usize::try_from(at.line()).unwrap_or_default());
    let rest = byte.ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    line + empty.filter(|byte| **byte == b'\n').count()
}

fn switch(cell: &str) -> anyhow::Result<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "t" | "y" => Ok(true),
        "false" | "no" | "0" | "f" | "n" => Ok(false),
        _ => bail!("must be true or false"),
    }
}

/// Somebody by the members of their row.
fn person((line, row): NumberedRow, firebase: Option<&Firebase>) -> anyhow::Result<ImportedPerson> {
    let row = if row.contains_key("localId") { of_firebase(&row, firebase)? } else { row };
    let mut person = ImportedPerson { line, account: Map::new(), claims: Map::new(), groups: Vec::new() };
    let mut address = Map::new();
    for (name, value) in row {
        match name.as_str() {
            GROUPS => {
                let Value::Array(names) = value else { bail!("groups: must be a list") };
                person.groups = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            }
            ADDRESS => {
                let Value::Object(parts) = value else { bail!("address: must be an object") };
                address.extend(parts);
            }
            known if ACCOUNT.contains(&known) || known == PASSWORD => {
                person.account.insert(name, value);
            }
            known => match Claim::ALL.iter().find(|claim| claim.path() == known).map(|claim| claim.group()) {
                Some(ClaimGroup::Address) => {
                    let part = name.strip_prefix(PART_OF_ADDRESS).unwrap_or(&name);
                    address.insert(part.to_owned(), value);
                }
                Some(_) => drop(person.claims.insert(name, value)),
                None => bail!("{known} is not known. Known are {}", known_members()),
            },
        }
    }
    if !address.is_empty() {
        person.claims.insert(ADDRESS.to_owned(), Value::Object(address));
    }
    if !person.account.contains_key("username") {
        let Some(email) = person.account.get("email").cloned() else { bail!("there is no username") };
        person.account.insert("username".to_owned(), email);
    }
    Ok(person)
}

fn known_members() -> String {
    let claims = Claim::ALL.iter().map(|claim| claim.path());
    let all: Vec<_> = ACCOUNT.into_iter().chain([PASSWORD, GROUPS]).chain(claims).collect();
    all.join(", ")
}

/// What Firebase exports of somebody.
fn of_firebase(row: &Map<String, Value>, firebase: Option<&Firebase>) -> anyhow::Result<Map<String, Value>> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("localId").unwrap_or_default();
    let mut person = Map::new();
    person.insert("username".to_owned(), text("email").or_else(|| text("phoneNumber")).unwrap_or(id).into());
    for (theirs, ours) in [("email", "email"), ("displayName", "name"), ("phoneNumber", "phone_number")] {
        if let Some(value) = text(theirs) {
            person.insert(ours.to_owned(), value.into());
        }
    }
    let is = |name: &str| row.get(name) == Some(&Value::Bool(true));
    if text("email").is_some() {
        person.insert("email_verified".to_owned(), is("emailVerified").into());
    }
    person.insert("enabled".to_owned(), (!is("disabled")).into());
    if let (Some(hash), Some(salt)) = (text("passwordHash"), text("salt")) {
        let Some(firebase) = firebase else {
            bail!(
                "this is an export of Firebase: --firebase FILE has to name the hash parameters of its project"
            )
        };
        person.insert("password_hash".to_owned(), json!(firebase.hash(salt, hash)));
    }
    Ok(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<ImportedPerson> {
        people(text, None).unwrap_or_else(|error| panic!("{error:#}"))
    }

    #[test]
    fn the_same_people_come_from_each_form() {
        let csv = "username,email_verified,roles,groups,given_name,address.locality,password_hash\n\
                   ada@example.org,yes,admin;user,staff,\"Ada, Countess\",London,$2b$05$x\n\
                   \n\
                   bob,,,,,,\n";
        let ada = json!({
            "username": "ada@example.org", "email_verified": true, "roles": ["admin", "user"], "groups": ["staff"],
            "given_name": "Ada, Countess", "address": { "locality": "London" }, "password_hash": "$2b$05$x",
        });
        let bob = json!({ "username": "bob" });
        let all = [
            csv.to_owned(),
            json!([ada, bob]).to_string(),
            json!({ "users": [ada, bob] }).to_string(),
            format!("{ada}\n\n{bob}\n"),
        ];
        let expected = read(csv);
        assert_eq!(expected.len(), 2);
        assert_eq!(expected[0].claims.get("address"), Some(&json!({ "locality": "London" })));
        assert_eq!(expected[0].groups, ["staff"]);
        assert_eq!(expected[0].account.get("roles"), Some(&json!(["admin", "user"])));
        for text in all {
            for (person, expected) in read(&text).iter().zip(&expected) {
                assert_eq!(person.account, expected.account, "{text}");
                assert_eq!((&person.claims, &person.groups), (&expected.claims, &expected.groups), "{text}");
            }
        }
        assert_eq!((expected[0].line, expected[1].line), (2, 4), "lines of the file");
    }

    #[test]
    fn a_username_is_the_address_where_there_is_none() {
        assert_eq!(read("email\nada@example.org\n")[0].username(), "ada@example.org");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_before_anybody_is_imported() {
        for (text, expected) in [
            ("", "it is empty"),
            ("name\nAda\n", "the first line must name the columns"),
            ("username,shoe_size\nada,39\n", "line 2: shoe_size is not known. Known are username, email"),
            ("username,enabled\nada,perhaps\n", "line 2, enabled: must be true or false"),
            ("{\"username\":\"a\"}\n{\n", "line 2 is no JSON"),
            ("[1]", "somebody must be a JSON object"),
            ("{\"users\":1}", "users: must be a list"),
            ("{\"name\":\"a\"}", "line 1: there is no username"),
            ("{\"localId\":\"1\",\"passwordHash\":\"a\",\"salt\":\"b\"}", "--firebase FILE"),
        ] {
            let error = format!("{:#}", people(text, None).unwrap_err());
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn an_export_of_firebase_is_read() {
        let project = Firebase::parse(
            r#"{"algorithm":"SCRYPT","base64_signer_key":"S_-=","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}"#,
        );
        let export = r#"{"users":[{"localId":"x1","email":"ada@example.org","emailVerified":true,"passwordHash":"aa_-==",
            "salt":"bb==","displayName":"Ada","disabled":true,"providerUserInfo":[]}]}"#;
        let people = people(export, Some(&project.unwrap())).unwrap();
        let expected = json!({
            "username": "ada@example.org", "email": "ada@example.org", "email_verified": true, "name": "Ada",
            "enabled": false, "password_hash": "$firebase-scrypt$ln=14,r=8$bb==$aa/+==$Bw==$S/+=",
        });
        assert_eq!(Value::Object(people[0].account.clone()), expected);
        assert_eq!(people[0].shown().get("password_hash"), None, "no hash where refusals are kept");
    }
}
