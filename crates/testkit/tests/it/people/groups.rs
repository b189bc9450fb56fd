//! Groups of people, and the claim `groups`.

use http::Request;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::ids::UserId;
use writ_testkit::{Agent, Answer, Engine, TestClient, TestServer, TestTenant};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, claims, request, website};

const ADA: &str = "ada@example.org";
const SCOPE: &str = "openid groups offline_access";

/// A tenant with Ada in it, and an application of its own.
struct Scenery {
    server: TestServer,
    tenant: TestTenant,
    ada: UserId,
    site: TestClient,
}

impl Scenery {
    async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let ada = server.user(&tenant, ADA, PASSWORD).await;
        let site = website(&server, "site").of(&tenant).scope(SCOPE).create().await;
        Self { server, tenant, ada, site }
    }

    fn at(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    async fn manage(&self, (method, path): (&str, &str), body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.server.management_key()))
            .header("content-type", "application/json")
            .header("x-tenant-id", &self.tenant.slug);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.request(request.body(body).unwrap()).await
    }

    /// Makes a group and gives its path.
    async fn group(&self, name: &str, within: &[&str]) -> String {
        let body = json!({ "name": name, "within": within });
        let made = self.manage(("POST", "/api/v1/groups"), &body).await.expect(201).json();
        assert_eq!((&made["name"], &made["within"]), (&json!(name), &json!(within)));
        format!("/api/v1/groups/{}", made["id"].as_str().unwrap())
    }

    async fn members(&self, group: &str, body: Value) -> Answer {
        self.manage(("POST", &format!("{group}/members")), &body).await
    }

    async fn join(&self, group: &str) {
        let _ = self.members(group, json!({ "add": [self.ada.to_string()] })).await.expect(204);
    }

    /// Ada signs in and agrees: what the page says, and the answer of the token endpoint.
    async fn tokens(&self) -> (String, Value) {
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&self.at(&request(&self.site.client_id, &[("scope", SCOPE)]))).await;
        let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
        let shown = page.text().to_owned();
        let asked = page.text().contains("name=\"decision\"");
        let there = if asked { agent.submit(&page, &[("decision", "allow")]).await } else { page };
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &there.code()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        (shown, self.server.post(&self.at("/oauth2/token"), &self.site, &pairs).await.expect(200).json())
    }

    async fn userinfo(&self, token: &str) -> Value {
        let request =
            Request::get(self.at("/oauth2/userinfo")).header("authorization", format!("Bearer {token}"));
        self.server.request(request.body(String::new()).unwrap()).await.expect(200).json()
    }

    async fn introspected(&self, token: &str) -> Value {
        self.server
            .post(&self.at("/oauth2/introspect"), &self.site, &[("token", token)])
            .await
            .expect(200)
            .json()
    }
}

/// OpenID Connect Core §5.4 (a scope of one's own), RFC 9068 §2.2.3.1, RFC 7662 §2.2: the groups that a person is in, and
/// those that these are within, are told under the scope `groups`: as they are now, wherever they are asked for.
#[rstest]
#[tokio::test]
async fn applications_are_told_the_groups_of_a_person_as_they_are(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::new(engine, slug).await;
    let all = scenery.group("everybody", &[]).await;
    let _ = scenery.group("engineering", &["everybody"]).await;
    let platform = scenery.group("platform team", &["engineering"]).await;
    let _ = scenery.group("sales", &["everybody"]).await;
    scenery.join(&all).await;
    let (shown, first) = scenery.tokens().await;
    assert!(shown.contains("everybody"), "what would be told now: {shown}");
    let _ = scenery.members(&all, json!({ "remove": [scenery.ada.to_string()] })).await.expect(204);
    assert_eq!(claims(first["id_token"].as_str().unwrap())["groups"], json!(["everybody"]));
    assert!(shown.contains("See which groups you are in"), "{shown}");

    scenery.join(&platform).await;
    let theirs = json!(["engineering", "everybody", "platform team"]);
    let (_, tokens) = scenery.tokens().await;
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["groups"], theirs);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(scenery.userinfo(access).await["groups"], theirs);
    assert_eq!(scenery.introspected(access).await["groups"], theirs);
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    // A token of before says what is so now, where it is asked about.
    assert_eq!(scenery.userinfo(first["access_token"].as_str().unwrap()).await["groups"], theirs);

    let listed =
        scenery.manage(("GET", &format!("/api/v1/users/{}/groups", scenery.ada)), &Value::Null).await;
    let own: Vec<_> = listed.expect(200).json()["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["name"].as_str().unwrap().to_owned(), group["is_member"].as_bool().unwrap()))
        .collect();
    let expected = [("engineering", false), ("everybody", false), ("platform team", true)];
    assert_eq!(own, expected.map(|(name, own)| (name.to_owned(), own)));

    // What is between goes.
    let _ =
        scenery.manage(("PATCH", &platform), &json!({ "within": [], "name": "platform" })).await.expect(200);
    let refreshed =
        scenery.server.post(&scenery.at("/oauth2/token"), &scenery.site, &refresh).await.expect(200);
    assert_eq!(claims(refreshed.json()["id_token"].as_str().unwrap())["groups"], json!(["platform"]));
    scenery.join(&all).await;
    let _ = scenery.members(&platform, json!({ "remove": [scenery.ada.to_string()] })).await.expect(204);
    assert_eq!(scenery.userinfo(access).await["groups"], json!(["everybody"]));
    let _ = scenery.manage(("DELETE", &all), &Value::Null).await.expect(204);
    assert_eq!(scenery.userinfo(access).await["groups"], json!([]));
}

/// Nothing of them without the scope, and nobody is told who is in them.
#[tokio::test]
async fn without_the_scope_nothing_is_told() {
    let scenery = Scenery::new(Engine::Sqlite, "default").await;
    let group = scenery.group("staff", &[]).await;
    scenery.join(&group).await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&request(&scenery.site.client_id, &[("scope", "openid")])).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let there = agent.submit(&page, &[("decision", "allow")]).await;
    let body = crate::flow::redeem(&scenery.server, &scenery.site, &there.code()).await.expect(200).json();
    assert!(claims(body["id_token"].as_str().unwrap()).get("groups").is_none());
    assert!(scenery.userinfo(body["access_token"].as_str().unwrap()).await.get("groups").is_none());
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_with_a_group_is_named(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let scenery = Scenery::new(engine, "acme").await;
    let one = scenery.group("one", &[]).await;
    let _ = scenery.group("two", &["one"]).await;
    let wrong = async |body: Value| {
        let answer = scenery.manage(("PATCH", &one), &body).await.expect(400);
        answer.text().to_owned()
    };
    for (body, field) in [
        (json!({ "within": ["two"] }), "within: the group would be within itself"),
        (json!({ "within": ["one"] }), "within: the group would be within itself"),
        (json!({ "within": ["nobody's"] }), "within: there is no such group"),
        (json!({ "name": " " }), "name:"),
        (json!({ "description": "x".repeat(2001) }), "description:"),
        (json!({ "within": "two" }), "within:"),
    ] {
        let said = wrong(body).await;
        assert!(said.contains(field), "{said}");
    }
    let taken = scenery.manage(("POST", "/api/v1/groups"), &json!({ "name": "one" })).await.expect(409);
    assert!(taken.text().contains("this group name is taken"), "{}", taken.text());
    let elsewhere = scenery.server.tenant("elsewhere").await;
    let foreign = scenery.server.user(&elsewhere, "eve@example.org", PASSWORD).await;
    for body in [json!({ "add": [foreign.to_string()] }), json!({ "remove": ["nobody"] })] {
        let said = scenery.members(&one, body).await.expect(400);
        assert!(said.text().contains("there is no such user"), "{}", said.text());
    }
    // Nobody has come by what was refused, and the same twice is once.
    let both = json!({ "add": [scenery.ada.to_string(), foreign.to_string()] });
    let _ = scenery.members(&one, both).await.expect(400);
    let members = async || {
        scenery.manage(("GET", &format!("{one}/members")), &Value::Null).await.expect(200).json()["total"]
            .clone()
    };
    assert_eq!(members().await, 0);
    scenery.join(&one).await;
    scenery.join(&one).await;
    assert_eq!(members().await, 1);
    // Who is deleted is in no group.
    let _ =
        scenery.manage(("DELETE", &format!("/api/v1/users/{}", scenery.ada)), &Value::Null).await.expect(204);
    assert_eq!(members().await, 0);
}
