//! What tests of sign-ins stand on: a tenant with Ada and Bob in it, and an application of its own.

use http::Request;
use serde_json::{Value, json};
use writ_core::ids::UserId;
use writ_core::people::factors::totp::TotpSecret;
use writ_core::time::Seconds;
use writ_server::mail::Mail;
use writ_testkit::{Agent, Answer, Engine, Page, TestClient, TestServer, TestTenant};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, claims, request, website};
use crate::openid_connect::manage_in;

pub(super) const ADA: &str = "ada@example.org";
pub(super) const BOB: &str = "bob@example.org";
pub(super) const ESSENTIAL: &str = r#"{"id_token":{"acr":{"essential":true,"value":"2"}}}"#;

/// A tenant with Ada in it, and an application of its own.
pub(super) struct Scenery {
    pub(super) server: TestServer,
    pub(super) tenant: TestTenant,
    pub(super) ada: UserId,
    pub(super) site: TestClient,
    engine: Engine,
}

impl Scenery {
    pub(super) async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let ada = server.user(&tenant, ADA, PASSWORD).await;
        server.user(&tenant, BOB, PASSWORD).await;
        let site = website(&server, "site").of(&tenant).scope("openid profile").first_party().create().await;
        Self { server, tenant, ada, site, engine }
    }

    /// The same, and Ada has shown that her address is hers.
    pub(super) async fn with_mail(engine: Engine, slug: &str) -> Self {
        let scenery = Self::new(engine, slug).await;
        let path = format!("/api/v1/users/{}", scenery.ada);
        let address = json!({ "email": ADA, "email_verified": true });
        let done = manage_in(&scenery.server, &scenery.tenant, ("PUT", &path), &address).await;
        let _ = done.expect(200);
        scenery
    }

    /// Sign-ins that there are, where the test can count them.
    pub(super) fn sessions(&self) -> Option<i64> {
        (self.engine == Engine::Sqlite).then(|| self.server.count("SELECT COUNT(*) FROM sessions"))
    }

    pub(super) fn at(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    pub(super) fn asking(&self, more: &[(&str, &str)]) -> String {
        let more: Vec<_> = [("scope", "openid profile")].into_iter().chain(more.iter().copied()).collect();
        self.at(&request(&self.site.client_id, &more))
    }

    /// The code that an app shows now.
    pub(super) fn code(&self, secret: &TotpSecret) -> String {
        secret.code(self.server.app.clock.now().as_secs() / 30)
    }

    /// Half a minute later.
    pub(super) fn next_step(&self) {
        self.server.clock.advance(Seconds(30));
    }

    /// Somebody signs in to their account with their password.
    pub(super) async fn signed_in(&self, agent: &mut Agent<'_>, who: &str) -> Page {
        let page = agent.open(&self.at("/account/sign-in")).await;
        agent.submit(&page, &[("username", who), ("password", PASSWORD)]).await
    }

    /// Ada sets up an app on the page of her account. Gives what it shares, and the recovery codes.
    pub(super) async fn enrolled(&self, agent: &mut Agent<'_>) -> (TotpSecret, Vec<String>) {
        self.enrolled_as(agent, ADA).await
    }

    /// Somebody does.
    pub(super) async fn enrolled_as(&self, agent: &mut Agent<'_>, who: &str) -> (TotpSecret, Vec<String>) {
        let _ = self.signed_in(agent, who).await;
        let page = agent.open(&self.at("/account/app")).await;
        let secret = key_on(&page);
        let typed = self.code(&secret);
        let fill = [("code", typed.as_str()), ("name", "Phone"), ("current_password", PASSWORD)];
        let page = agent.submit(&page, &fill).await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        let codes = codes_on(&page);
        assert_eq!(codes.len(), 10, "{}", page.text());
        self.next_step();
        (secret, codes)
    }

    /// Somebody begins to sign in and types the right password: the page that asks for the second factor.
    pub(super) async fn half_way(&self, agent: &mut Agent<'_>, more: &[(&str, &str)]) -> Page {
        let page = agent.open(&self.asking(more)).await;
        let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
        assert!(page.path.starts_with(&self.at("/login/factor")), "{}: {}", page.path, page.text());
        page
    }

    pub(super) async fn id_token(&self, code: &str) -> Value {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.server.post(&self.at("/oauth2/token"), &self.site, &pairs).await;
        claims(answer.expect(200).json()["id_token"].as_str().unwrap())
    }

    pub(super) async fn managed(&self, method: &str) -> Answer {
        let path = format!("/api/v1/users/{}/factors", self.ada);
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header("authorization", format!("Bearer {}", self.server.management_key()))
            .header("x-tenant-id", &self.tenant.slug);
        self.server.request(request.body(String::new()).unwrap()).await
    }

    pub(super) async fn subjects(&self) -> Vec<String> {
        self.server.letters().await.iter().map(|letter| letter.subject.clone()).collect()
    }

    pub(super) fn recorded(&self, action: &str) -> i64 {
        self.server.count(&format!("SELECT COUNT(*) FROM audit_logs WHERE action = '{action}'"))
    }

    /// The newest letter that went to somebody.
    pub(super) async fn newest_letter(&self) -> Mail {
        self.server.letters().await.pop().expect("a letter")
    }
}

/// The code in a letter.
#[track_caller]
pub(super) fn code_in(letter: &Mail) -> String {
    let line = letter.text.lines().find(|line| line.starts_with("    "));
    line.unwrap_or_else(|| panic!("{}", letter.text)).trim().to_owned()
}

/// The key on the page that an app is set up on.
#[track_caller]
pub(super) fn key_on(page: &Page) -> TotpSecret {
    let (_, rest) = page.text().split_once("id=\"key\">").expect("a key");
    let key: String = rest.split('<').next().unwrap().chars().filter(|c| !c.is_whitespace()).collect();
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for letter in key.bytes() {
        let five = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        (bits, held) = (bits << 5 | u32::from(five), held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    TotpSecret::from_slice(&bytes).expect("twenty bytes")
}

pub(super) fn codes_on(page: &Page) -> Vec<String> {
    let codes = page.text().split("<li><code>").skip(1);
    codes.map(|code| code.split('<').next().unwrap().to_owned()).collect()
}
