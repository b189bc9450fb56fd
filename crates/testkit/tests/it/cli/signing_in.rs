//! Somebody signs in, as with a browser, at the server that commands are about.

use writ_testkit::form;
use writ_testkit::process::{Http, Request};

use super::{Desk, Way};
use crate::flow::{Pairs, request};

impl Desk {
    /// Signs somebody in at a tenant, for a client of it whose redirect URI is `https://example.com/cb`.
    /// Offline, the server runs as long as that takes.
    #[track_caller]
    pub(super) fn sign_in(&mut self, tenant: &str, client: &str, who: (&str, &str)) {
        if self.way == Way::Offline {
            self.writ.start().unwrap();
        }
        let more: Pairs<'_> = &[("redirect_uri", "https://example.com/cb"), ("scope", "openid")];
        let path = format!("/t/{tenant}{}", request(client, more));
        let mut http = Http::new(self.writ.listen()[0]);
        let asked = http.get(&path).unwrap();
        let login = asked.header("location").unwrap_or_else(|| panic!("{asked:?}"));
        let login = login.strip_prefix("http://localhost:8080").unwrap_or(login);
        let (cookie, _) = asked.header("set-cookie").unwrap().split_once(';').unwrap();
        let headers = [("cookie", cookie)];
        let page = http.send(&Request { method: "GET", path: login, headers: &headers, form: "" }).unwrap();
        let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("{page:?}"));
        let (csrf, _) = rest.split_once('"').unwrap();
        let filled = form(&[("csrf", csrf), ("username", who.0), ("password", who.1)]);
        let sent = http.send(&Request { method: "POST", path: login, headers: &headers, form: &filled });
        let sent = sent.unwrap();
        assert_eq!(sent.status, 303, "{sent:?}");
        if self.way == Way::Offline {
            assert!(self.writ.terminate().unwrap().success());
        }
    }
}
