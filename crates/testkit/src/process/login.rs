//! The sign-in page, filled in as a browser would.

use std::io;

use super::{Answer, Http, Request};
use crate::ask::form;

/// The sign-in page of a request that waits, in one browser.
#[derive(Debug, Clone)]
pub struct LoginPage {
    /// Path and query.
    pub path: String,
    cookie: String,
    csrf: String,
}

impl LoginPage {
    /// Begins an authorization, whose path and query these are, in a browser that was never here before; `base` is
    /// what the server calls itself.
    ///
    /// # Errors
    /// Where no whole answer came back.
    ///
    /// # Panics
    /// Where no sign-in page comes of it.
    pub fn open(http: &mut Http, base: &str, authorize: &str) -> io::Result<Self> {
        let asked = http.get(authorize)?;
        let login = asked.header("location").unwrap_or_else(|| panic!("{asked:?}"));
        let path = login.strip_prefix(base).unwrap_or(login).to_owned();
        let cookie = asked.header("set-cookie").and_then(|cookie| cookie.split_once(';'));
        let (cookie, _) = cookie.unwrap_or_else(|| panic!("no cookie: {asked:?}"));
        let headers = [("cookie", cookie)];
        let page = http.send(&Request { method: "GET", path: &path, headers: &headers, form: "" })?;
        let csrf = page.body.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let (csrf, _) = csrf.unwrap_or_else(|| panic!("no form: {page:?}"));
        Ok(Self { cookie: cookie.to_owned(), csrf: csrf.to_owned(), path })
    }

    /// Sends the form with a name and a password, from where `headers` say.
    ///
    /// # Errors
    /// Where no whole answer came back.
    pub fn send(
        &self,
        http: &mut Http,
        (username, password): (&str, &str),
        headers: &[(&str, &str)],
    ) -> io::Result<Answer> {
        let filled = form(&[("csrf", &self.csrf), ("username", username), ("password", password)]);
        let mut all = vec![("cookie", self.cookie.as_str())];
        all.extend(headers);
        http.send(&Request { method: "POST", path: &self.path, headers: &all, form: &filled })
    }

    /// The challenge in its address.
    pub fn challenge(&self) -> &str {
        self.path.split_once("login_challenge=").map(|(_, challenge)| challenge).unwrap_or_default()
    }
}
