//! What tests of people begin with: the tenant's own application, a third party's site, people, and a crowd that
//! asks at the same moment.

use std::sync::Barrier;

use serde_json::{Value, json};
use writ_testkit::form;
use writ_testkit::process::{Answer, Http, Request, Writ};

use super::{api_key, manage};
use crate::flow::{CALLBACK, PASSWORD};
use crate::process::Credential;

/// How many ask at the same moment.
pub(super) const CROWD: usize = 64;

/// A registered application.
pub(super) struct Registered {
    pub client_id: String,
    pub credential: Credential,
}

/// Servers of one tenant that share their storage.
pub(super) struct Stage {
    pub nodes: Vec<Writ>,
    key: String,
    /// The tenant's own application: people act through it, and give it their password.
    pub own: Registered,
    /// Somebody else's site: people are asked.
    pub third: Registered,
}

impl Stage {
    pub fn of(nodes: Vec<Writ>) -> Self {
        let key = api_key(&nodes[0]);
        let mut http = nodes[0].http().unwrap();
        let settings = json!({ "settings": { "password_grant": true } });
        asked(&mut http, &key, ("PUT", "/api/v1/tenants/default"), &settings);
        let mut register = |name: &str, grants: Value| {
            let sent = json!({
                "name": name, "redirect_uris": [CALLBACK], "grant_types": grants,
                "scope": "openid offline_access read",
            });
            let made = asked(&mut http, &key, ("POST", "/api/v1/oauth/clients"), &sent);
            let (client_id, secret) = (made.text("client_id"), made.text("client_secret"));
            let credential = super::credential(&client_id, &secret);
            (made.text("id"), Registered { client_id, credential })
        };
        let (_, third) = register("Third", json!(["authorization_code", "refresh_token"]));
        let (id, own) = register("Own", json!(["authorization_code", "refresh_token", "password"]));
        let path = format!("/v1/admin/oauth-clients/{id}");
        asked(&mut http, &key, ("PATCH", &path), &json!({ "is_first_party": true }));
        let settings = json!({ "settings": { "interaction_clients": [own.client_id] } });
        asked(&mut http, &key, ("PUT", "/api/v1/tenants/default"), &settings);
        Self { nodes, key, own, third }
    }

    /// A client of one of the nodes.
    pub fn http(&self, number: usize) -> Http {
        self.nodes[number % self.nodes.len()].http().unwrap()
    }

    /// Asks the management API, and is not refused.
    pub fn manage(&self, route: (&str, &str), body: &Value) -> Answer {
        asked(&mut self.http(0), &self.key, route, body)
    }

    /// A new person, whose password is [`PASSWORD`]; their id.
    pub fn person(&self, username: &str) -> String {
        let sent = json!({ "username": username, "password": PASSWORD });
        self.manage(("POST", "/api/v1/users"), &sent).text("id")
    }

    /// Gives a name and a password to the own application.
    pub fn password_grant(
        &self,
        http: &mut Http,
        (username, password): (&str, &str),
        headers: &[(&str, &str)],
    ) -> Answer {
        let pairs = form(&[("username", username), ("password", password), ("scope", "openid read")]);
        let form = format!("grant_type=password&{pairs}&{}", self.own.credential.0);
        http.send(&Request { method: "POST", path: "/oauth2/token", headers, form: &form }).unwrap()
    }

    /// Lets a crowd ask at the same moment, each over a connection of its own, evenly spread over the nodes.
    pub fn crowd<T: Send>(&self, ask: impl Fn(&mut Http, usize) -> T + Sync) -> Vec<T> {
        let gate = Barrier::new(CROWD);
        std::thread::scope(|scope| {
            let asking: Vec<_> = (0..CROWD)
                .map(|number| {
                    let (gate, ask, mut http) = (&gate, &ask, self.http(number));
                    scope.spawn(move || {
                        // The connection is there before anybody asks.
                        assert_eq!(http.get("/health/live").unwrap().status, 200);
                        gate.wait();
                        ask(&mut http, number)
                    })
                })
                .collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        })
    }
}

fn asked(http: &mut Http, key: &str, route: (&str, &str), body: &Value) -> Answer {
    let answer = manage(http, key, route, &body.to_string());
    assert!((200..300).contains(&answer.status), "{route:?}: {answer:?}");
    answer
}
