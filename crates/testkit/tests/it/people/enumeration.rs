//! What answers tell of who has an account: nothing, neither by status nor by header, body or work.

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::client::{GrantType, PasswordGrant};
use writ_core::settings::{Switch, TenantSettings};
use writ_testkit::{Agent, Answer, Credential, Page, TestClient, TestServer, TestTenant, form};

use crate::flow::{CALLBACK, request, website};

const RIGHT: &str = "a long enough password";
const NOBODY: &str = "nobody-at-all@example.org";
const WRONG: &str = "wrong-password@example.org";
const DISABLED: &str = "is-disabled@example.org";
const UNVERIFIED: &str = "is-unverified@example.org";
const LOCKED: &str = "is-locked-out@example.org";

/// Everything of an answer but what is its own: the request's id, and what the request itself said.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Passwords hashed, and units handed to the writer.
    work: (u64, u64),
}

struct Stage {
    server: TestServer,
    tenant: TestTenant,
    app: TestClient,
}

impl Stage {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let settings = TenantSettings {
            require_verified_email: Switch::On,
            self_registration: Switch::On,
            password_grant: PasswordGrant::On,
            ..TenantSettings::default()
        };
        let tenant = server.tenant_with("acme", settings).await;
        for name in [WRONG, DISABLED, UNVERIFIED, LOCKED] {
            server.user(&tenant, name, RIGHT).await;
        }
        server.sql(
            "UPDATE users SET email = username, email_verified_at = 1 WHERE username <> ?1",
            [UNVERIFIED],
        );
        server.sql("UPDATE users SET email = username WHERE username = ?1", [UNVERIFIED]);
        server.sql("UPDATE users SET enabled = 0 WHERE username = ?1", [DISABLED]);
        let grants = [GrantType::AuthorizationCode, GrantType::Password];
        let app = website(&server, "app").of(&tenant).grants(&grants).create().await;
        Self { server, tenant, app }
    }

    async fn units(&self) -> u64 {
        let metrics = self.server.metrics("/metrics").await;
        let line = metrics.text().lines().find_map(|line| line.strip_prefix("writ_store_units_total "));
        line.unwrap().parse().unwrap()
    }

    /// What an answer tells whoever asked with this text.
    async fn told(&self, sent: &str, ask: impl AsyncFnOnce() -> Answer) -> Told {
        let before = (self.server.app.passwords.hashed(), self.units().await);
        let answer = ask().await;
        let work = (self.server.app.passwords.hashed() - before.0, self.units().await - before.1);
        // A shorter name makes a shorter page: its length is told by who sent it.
        let own = |name: &str| name == "x-request-id" || name == "content-length";
        let headers = answer.headers.iter().filter(|(name, _)| !own(name.as_str()));
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let body = without_challenges(answer.text());
        let body = if sent.is_empty() { body } else { body.replace(sent, "SENT") };
        Told { status: answer.status, headers: headers.collect(), body, work }
    }

    async fn post(&self, path: &str, (content_type, body): (&str, String)) -> Answer {
        let request = Request::post(self.tenant.path(path)).header(header::CONTENT_TYPE, content_type);
        self.server.request(request.body(body).unwrap()).await
    }

    async fn json(&self, path: &str, body: Value) -> Answer {
        self.post(path, ("application/json", body.to_string())).await
    }

    async fn page(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post(path, ("application/x-www-form-urlencoded", form(fields))).await
    }

    async fn grant(&self, username: &str, password: &str) -> Answer {
        let pairs = [("grant_type", "password"), ("username", username), ("password", password)];
        self.server.post(&self.tenant.path("/oauth2/token"), &self.app, &pairs).await
    }
}

/// A page without what it asks passkeys to sign: something else each time.
fn without_challenges(page: &str) -> String {
    let mut parts = page.split("data-options=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + part.split_once('"').map_or("", |(_, rest)| rest))
}

/// All alike; the work is this much.
#[track_caller]
fn alike(all: &[(&str, Told)], status: u16, work: (u64, u64)) {
    for (what, told) in all {
        assert_eq!(told, &all[0].1, "{what}, and {}", all[0].0);
    }
    assert_eq!((all[0].1.status, all[0].1.work), (status, work));
}

/// Names and passwords of people who do not get in.
const TRIES: [(&str, &str); 5] = [
    (NOBODY, RIGHT),
    (WRONG, "a wrong password"),
    (DISABLED, RIGHT),
    (UNVERIFIED, "a wrong password"),
    (LOCKED, RIGHT),
];

#[tokio::test]
async fn signing_in_tells_nothing() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let page: Page = agent.open(&stage.tenant.path(&request("app", &[("redirect_uri", CALLBACK)]))).await;
    for _ in 0..10 {
        assert_eq!(stage.grant(LOCKED, "a wrong password").await.status, 400);
    }
    let (mut pages, mut grants) = (Vec::new(), Vec::new());
    for (name, password) in TRIES {
        let fields = [("username", name), ("password", password)];
        let sent = stage.told(name, async || agent.send_form(&page, &fields).await.answer).await;
        pages.push((name, sent));
        grants.push((name, stage.told(name, async || stage.grant(name, password).await).await));
    }
    alike(&pages, 400, (1, 1));
    alike(&grants, 400, (1, 1));
    assert!(pages[0].1.body.contains("username or password is incorrect"), "{}", pages[0].1.body);
    // Whoever knows the password hears what is missing.
    let fields = [("username", UNVERIFIED), ("password", RIGHT)];
    let told = agent.send_form(&page, &fields).await.answer;
    assert!(
        told.text().contains("not confirmed yet") && told.text().contains("/verify-email"),
        "{}",
        told.text()
    );
    for _ in 0..10 {
        assert_eq!(stage.grant(NOBODY, "a wrong password").await.status, 400);
    }
    let locked = stage.told(NOBODY, async || stage.grant(NOBODY, RIGHT).await).await;
    alike(&[grants.remove(0), ("locked, and nobody's", locked)], 400, (1, 1));
}

#[tokio::test]
async fn asking_for_a_link_tells_nothing() {
    let stage = Stage::new().await;
    for path in ["/api/v1/users/reset-password", "/api/v1/users/verify-email"] {
        let mut told = Vec::new();
        for name in [NOBODY, WRONG, DISABLED, UNVERIFIED] {
            let ask = async || stage.json(path, json!({ "username": name })).await;
            told.push((name, stage.told(name, ask).await));
        }
        alike(&told, 202, (0, 1));
    }
    let mut told = Vec::new();
    for name in [NOBODY, WRONG, DISABLED, UNVERIFIED] {
        let ask = async || stage.page("/reset-password", &[("username", name)]).await;
        told.push((name, stage.told(name, ask).await));
    }
    alike(&told, 303, (0, 1));
}

/// Asking for a letter to sign in with, and guessing at the code in it.
#[tokio::test]
async fn signing_in_by_mail_tells_nothing() {
    let stage = Stage::new().await;
    crate::leaving::set(&stage.server, &stage.tenant, json!({ "mailed_sign_in": true })).await;
    let (mut asked, mut guessed) = (Vec::new(), Vec::new());
    for name in [NOBODY, WRONG, DISABLED, UNVERIFIED] {
        let mut agent = Agent::new(&stage.server);
        let page = agent.open(&stage.tenant.path("/login/mail")).await;
        let mut waiting = None;
        let sent = stage
            .told(name, async || {
                let page = agent.send_form(&page, &[("username", name)]).await;
                waiting = Some(page.clone());
                page.answer
            })
            .await;
        asked.push((name, Told { headers: Vec::new(), ..sent }));
        let page = agent.follow(waiting.unwrap()).await;
        for _ in 0..11 {
            let wrong = stage
                .told(name, async || agent.send_form(&page, &[("code", "0000 0000")]).await.answer)
                .await;
            let id = page.path.split("asked=").nth(1).unwrap();
            guessed.push((name, Told { headers: Vec::new(), body: wrong.body.replace(id, "ID"), ..wrong }));
        }
    }
    alike(&asked, 303, (0, 1));
    let (last, others): (Vec<_>, Vec<_>) = guessed.into_iter().enumerate().partition(|(at, _)| at % 11 == 10);
    let plain =
        |list: Vec<(usize, (&'static str, Told))>| list.into_iter().map(|(_, told)| told).collect::<Vec<_>>();
    alike(&plain(others), 400, (0, 1));
    let last = plain(last);
    assert!(last[0].1.body.contains("too many wrong codes"), "{}", last[0].1.body);
    alike(&last, 400, (0, 1));
}

#[tokio::test]
async fn registering_tells_nothing() {
    let stage = Stage::new().await;
    let (mut answers, mut pages) = (Vec::new(), Vec::new());
    for (what, name) in [("free", NOBODY), ("taken", WRONG), ("of a disabled one", DISABLED)] {
        let fields = [("username", name), ("password", RIGHT), ("name", "Somebody")];
        let body = json!({ "username": name, "password": RIGHT, "name": "Somebody" });
        let page = async || stage.page("/register", &[("username", &*format!("p-{name}")), fields[1]]).await;
        let mut told = stage.told(name, async || stage.json("/api/v1/users", body).await).await;
        let mut view: Value = serde_json::from_str(&told.body).unwrap();
        // Each is another one, of the same form.
        let id = view["id"].take();
        assert_eq!(id.as_str().unwrap().len(), 36);
        told.body = view.to_string();
        answers.push((what, told));
        pages.push((what, stage.told(name, page).await));
    }
    alike(&answers, 201, (1, 1));
    alike(&pages, 303, (1, 1));
    // By the page, a name that is taken.
    let fields = [("username", WRONG), ("password", RIGHT)];
    let told = stage.told(WRONG, async || stage.page("/register", &fields).await).await;
    alike(&[pages.remove(0), ("taken", told)], 303, (1, 1));
}

/// RFC 6749 §2.2: the identifier of a client is no secret; what its secrets are is.
#[tokio::test]
async fn authenticating_a_client_tells_nothing() {
    let stage = Stage::new().await;
    let off = website(&stage.server, "off").of(&stage.tenant).disabled().create().await;
    let mut told = Vec::new();
    for (what, by) in [
        ("unknown", Credential::basic("nobody", "wrong")),
        ("wrong", stage.app.with_secret("wrong")),
        ("disabled", Credential::from(&off)),
    ] {
        let path = stage.tenant.path("/oauth2/token");
        let ask = async || stage.server.post(&path, by, &[("grant_type", "client_credentials")]).await;
        told.push((what, stage.told("", ask).await));
    }
    alike(&told, 401, (0, 0));
}
