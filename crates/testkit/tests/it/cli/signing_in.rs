//! Somebody signs in, as with a browser, at the server that commands are about.

use writ_testkit::process::{Http, LoginPage};

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
        let page = LoginPage::open(&mut http, "http://localhost:8080", &path).unwrap();
        let sent = page.send(&mut http, who, &[]).unwrap();
        assert_eq!(sent.status, 303, "{sent:?}");
        if self.way == Way::Offline {
            assert!(self.writ.terminate().unwrap().success());
        }
    }
}
