//! OpenID Connect Core §8, Dynamic Client Registration 1.0 §5: a person has one name in the applications of a sector, and
//! another one, that nobody can tell from a stranger's, everywhere else.

use http::{Request, header};
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::subject::Subject;
use writ_testkit::{Agent, Engine, KeysHost, TestClient, TestServer};

use super::{Stage, verified};
use crate::flow::{CALLBACK, PASSWORD, claims, request, sign_in, website};

const CLIENTS: &str = "/api/v1/clients";

impl Stage {
    /// An application that knows people by names of its sector, at another host than the others.
    async fn pairwise(&self, client_id: &str, host: &str) -> TestClient {
        let uri = format!("https://{host}/cb");
        let made =
            website(&self.server, client_id).of(&self.tenant).first_party().redirect(&uri).create().await;
        let body = json!({ "redirect_uris": [uri], "subject_type": "pairwise" });
        let path = format!("{CLIENTS}/{client_id}");
        let shown = self.manage(("PATCH", &path), &body).await.expect(200).json();
        assert_eq!(shown["subject_type"], "pairwise");
        made
    }

    /// What Ada brings an application at that host, and the browser that she came with.
    async fn brought(&self, client: &TestClient, host: &str) -> (Value, Agent<'_>) {
        let mut agent = Agent::new(&self.server);
        let uri = format!("https://{host}/cb");
        let more = [("redirect_uri", &*uri), ("scope", "openid offline_access")];
        let page = agent.open(&self.at(&request(&client.client_id, &more))).await;
        let page = sign_in(&mut agent, &page).await;
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*page.code()),
            ("redirect_uri", &uri),
            ("code_verifier", crate::flow::VERIFIER),
        ];
        let tokens = self.server.post(&self.at("/oauth2/token"), client, &pairs).await.expect(200).json();
        (tokens, agent)
    }

    /// Every name that an application gets of Ada, wherever it is told.
    async fn names(&self, client: &TestClient, tokens: &Value) -> Vec<String> {
        let text = |value: &Value| value["sub"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
        let mut names = vec![
            text(&claims(tokens["id_token"].as_str().unwrap())),
            text(&claims(tokens["access_token"].as_str().unwrap())),
            text(&self.userinfo(tokens).await),
            text(&self.introspected(client, &tokens["access_token"]).await),
            text(&self.introspected(client, &tokens["refresh_token"]).await),
        ];
        let after = self.refreshed(client, tokens).await;
        names.push(text(&claims(after["id_token"].as_str().unwrap())));
        names
    }
}

/// §8.1: the same in a sector, in every token and answer; another one in each other sector; never the public one beside it.
#[rstest]
#[tokio::test]
async fn two_clients_of_a_sector_have_one_name_and_two_sectors_two(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let public = Subject::of(stage.ada).to_string();
    let plain = stage.site("plain", "openid offline_access").await;
    let mut found = Vec::new();
    for (client_id, host) in [("one", "a.example"), ("two", "a.example"), ("three", "b.example")] {
        let client = stage.pairwise(client_id, host).await;
        let (tokens, _) = stage.brought(&client, host).await;
        let names = stage.names(&client, &tokens).await;
        assert!(names.iter().all(|name| *name == names[0]), "{client_id}: {names:?}");
        let told = stage.introspected(&client, &tokens["access_token"]).await;
        assert!(told.get("username").is_none(), "{told}");
        let everything = format!("{told}{}", claims(tokens["access_token"].as_str().unwrap()));
        assert!(!everything.contains(&public) && !everything.contains("ada@"), "{everything}");
        found.push(names[0].clone());
    }
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0], found[2]);
    assert!(!found.contains(&public));
    let tokens = stage.tokens(&plain, "openid offline_access").await;
    assert!(stage.names(&plain, &tokens).await.iter().all(|name| *name == public), "clients without it");
    let path = stage.at("/.well-known/openid-configuration");
    let metadata = stage.server.get(&path).await.json();
    assert_eq!(metadata["subject_types_supported"], json!(["public", "pairwise"]));
}

/// Core §3.1.2.1, §5.5.1: a client says by its own name whom it expects; the names of others are strangers' to it.
#[rstest]
#[tokio::test]
async fn a_client_expects_people_by_its_own_names(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let site = stage.pairwise("site", "a.example").await;
    let other = stage.pairwise("other", "b.example").await;
    let (tokens, mut agent) = stage.brought(&site, "a.example").await;
    let (theirs, _) = stage.brought(&other, "b.example").await;
    let name =
        |tokens: &Value| claims(tokens["id_token"].as_str().unwrap())["sub"].as_str().unwrap().to_owned();
    let public = Subject::of(stage.ada).to_string();
    let sub = |value: &str| json!({ "id_token": { "sub": { "value": value } } }).to_string();
    for (parameter, value, good) in [
        ("id_token_hint", tokens["id_token"].as_str().unwrap().to_owned(), true),
        ("id_token_hint", theirs["id_token"].as_str().unwrap().to_owned(), false),
        ("claims", sub(&name(&tokens)), true),
        ("claims", sub(&name(&theirs)), false),
        ("claims", sub(&public), false),
    ] {
        let more = [("redirect_uri", "https://a.example/cb"), ("prompt", "none"), (parameter, &*value)];
        let sent = agent.get(&stage.at(&request("site", &more))).await.sent();
        assert_eq!(
            sent.get("error").map(|error| &**error),
            (!good).then_some("login_required"),
            "{parameter}"
        );
    }
}

/// RP-Initiated Logout §2, Front-Channel Logout §3: the hint of such a client means its person.
#[tokio::test]
async fn its_hint_signs_its_person_out() {
    let stage = Stage::new(Engine::Sqlite, "acme").await;
    let site = stage.pairwise("site", "a.example").await;
    let (tokens, mut agent) = stage.brought(&site, "a.example").await;
    let hint = writ_testkit::form(&[
        ("id_token_hint", tokens["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", CALLBACK),
    ]);
    let page = agent.get(&stage.at(&format!("/oauth2/logout?{hint}"))).await;
    assert_eq!(page.location().as_deref(), Some(CALLBACK), "{page:?}");
}

/// What a client lists of its own tokens does not lead to the row of the account, which is the same for everybody.
#[tokio::test]
async fn its_own_list_of_tokens_names_no_account() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.pairwise("site", "a.example").await;
    let (_, _) = stage.brought(&site, "a.example").await;
    let by = writ_testkit::Credential::from(&site);
    let ask = Request::get("/api/v1/oauth/tokens").header(header::AUTHORIZATION, by.header().unwrap());
    let own = stage.server.request(ask.body("").unwrap()).await.expect(200);
    assert!(own.json()["tokens"].as_array().is_some_and(|tokens| !tokens.is_empty()), "{}", own.text());
    assert!(!own.text().contains(&stage.ada.to_string()), "{}", own.text());
    let all = stage.manage(("GET", "/api/v1/oauth/tokens"), &Value::Null).await.expect(200);
    assert!(all.text().contains(&stage.ada.to_string()), "{}", all.text());
}

/// Registration §5: `sector_identifier_uri` is fetched, and every redirect URI stands there; else the redirect URIs have one
/// host.
#[tokio::test]
async fn a_sector_of_several_hosts_is_listed() {
    let both = json!(["https://a.example/cb", "https://b.example/cb"]);
    let host = KeysHost::with(&both.to_string()).await;
    let server = TestServer::builder().outbound(host.settings()).start().await;
    let tenant = server.tenant("acme").await;
    let ada = server.user(&tenant, "ada@example.org", PASSWORD).await;
    let stage = Stage { server, tenant, ada };
    let sent = |uri: &str, uris: &Value| {
        json!({
            "client_name": "Shop", "redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": uri,
        })
    };
    let made = stage.manage(("POST", CLIENTS), &sent(&host.uri, &both)).await.expect(201).json();
    assert_eq!(made["sector_identifier_uri"], *host.uri);
    let path = format!("{CLIENTS}/{}", made["client_id"].as_str().unwrap());
    let more = json!(["https://a.example/cb", "https://c.example/cb"]);
    let refused = async |what: (&str, &str), body: &Value| {
        let answer = stage.manage(what, body).await.refused(400, "invalid_request");
        assert!(answer.text().contains("sector_identifier_uri"), "{}", answer.text());
    };
    refused(("PATCH", &path), &json!({ "redirect_uris": more })).await;
    refused(("POST", CLIENTS), &sent(&host.uri, &more)).await;
    refused(("POST", CLIENTS), &sent("", &both)).await;
    host.says("200 OK", "content-type: application/json\r\n", "{}");
    refused(("POST", CLIENTS), &sent(&host.uri, &both)).await;
    host.has(&json!(["https://c.example/cb"]).to_string());
    let moved = json!({ "redirect_uris": ["https://c.example/cb"] });
    let _ = stage.manage(("PATCH", &path), &moved).await.expect(200);
    let calls = host.calls();
    let _ = stage.manage(("PATCH", &path), &json!({ "client_name": "Other" })).await.expect(200);
    assert_eq!(host.calls(), calls, "nothing is fetched for another name");
    let public = json!({ "subject_type": null, "sector_identifier_uri": null });
    let shown = stage.manage(("PATCH", &path), &public).await.expect(200).json();
    assert_eq!((&shown["subject_type"], &shown["sector_identifier_uri"]), (&json!("public"), &Value::Null));
}

/// The same at `/oauth2/register`, where the application learns what it has.
#[tokio::test]
async fn an_application_registers_its_sector() {
    let listed = json!(["https://a.example/cb", "https://b.example/cb"]);
    let host = KeysHost::with(&listed.to_string()).await;
    let server = TestServer::builder().outbound(host.settings()).start().await;
    let tenant = server.tenant("acme").await;
    let ada = server.user(&tenant, "ada@example.org", PASSWORD).await;
    let stage = Stage { server, tenant, ada };
    let open = json!({ "settings": { "registration": "open" } });
    let _ = stage.manage(("PUT", "/api/v1/tenants/acme"), &open).await.expect(200);
    let register = async |body: Value| {
        let request =
            Request::post("/t/acme/oauth2/register").header(header::CONTENT_TYPE, "application/json");
        stage.server.request(request.body(body.to_string()).unwrap()).await
    };
    let sent =
        json!({ "redirect_uris": listed, "subject_type": "pairwise", "sector_identifier_uri": host.uri });
    let made = register(sent.clone()).await.expect(201).json();
    assert_eq!(
        (&made["subject_type"], &made["sector_identifier_uri"]),
        (&json!("pairwise"), &json!(host.uri))
    );
    let mut without = sent.clone();
    without.as_object_mut().unwrap().remove("sector_identifier_uri");
    let refused = register(without).await.refused(400, "invalid_client_metadata");
    assert!(refused.text().contains("sector_identifier_uri"), "{}", refused.text());
    // RFC 7592: what is sent again is looked at again, and what is not sent is gone.
    let path = made["registration_client_uri"].as_str().unwrap().replace("https://id.example", "");
    let token = made["registration_access_token"].as_str().unwrap();
    let put = Request::put(&path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "client_id": made["client_id"], "redirect_uris": listed });
    let after = stage.server.request(put.body(body.to_string()).unwrap()).await.expect(200).json();
    assert_eq!((&after["subject_type"], after.get("sector_identifier_uri")), (&json!("public"), None));
}

/// The JWTs of such a client are signed as all are.
#[tokio::test]
async fn its_tokens_are_signed_as_all_are() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.pairwise("site", "a.example").await;
    let (tokens, _) = stage.brought(&site, "a.example").await;
    let (_, id) = verified(&stage.server, tokens["id_token"].as_str().unwrap()).await;
    assert_ne!(id["sub"], Subject::of(stage.ada).to_string());
}
