//! What stands on the pages of the flow: names that are set apart, and whose page it is.

use writ_core::client::WebUri;
use writ_core::settings::TenantSettings;
use writ_testkit::{Agent, TestServer};

use super::{PASSWORD, at, request, sign_in, website};

const ADA: &str = "ada@example.org";

/// A name says what it says: it is set apart from the sentence that it stands in, in the page by `<bdi>`, in its title by
/// isolates (UAX 9), and markup in it is text.
#[tokio::test]
async fn names_on_the_consent_page_are_set_apart() {
    let server = TestServer::start().await;
    for (tenant, name) in [
        (server.default_tenant(), "\u{5e9}\u{5dc}\u{5d5}\u{5dd} (shop)"),
        (server.tenant("acme").await, "<b>Shop</b> & \"Co\""),
    ] {
        server.user(&tenant, ADA, PASSWORD).await;
        let id = format!("site-{}", tenant.slug);
        let client = website(&server, &id).of(&tenant).create().await;
        server.sql("UPDATE clients SET name = ?2 WHERE id = ?1", (client.id.to_bytes().to_vec(), name));
        let mut agent = Agent::new(&server);
        let page = agent.open(&at(&tenant, &request(&id, &[]))).await;
        let consent = sign_in(&mut agent, &page).await;
        let escaped =
            name.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
        for shown in [&page, &consent] {
            assert!(shown.text().contains(&format!("<bdi>{escaped}</bdi>")), "{}", shown.text());
            assert!(!shown.text().contains("<b>Shop"), "{}", shown.text());
        }
        let (_, title) = consent.text().split_once("<title>").unwrap();
        let (title, _) = title.split_once("</title>").unwrap();
        let is_turned = name.starts_with('\u{5e9}');
        let isolated = if is_turned { format!("\u{2068}{escaped}\u{2069}") } else { escaped.clone() };
        assert!(title.starts_with(&format!("{isolated} wants to use your ")), "{title}");
        let (_, heading) = consent.text().split_once("<h1 class=\"any\">").unwrap();
        assert!(heading.starts_with(&format!("<bdi>{escaped}</bdi> wants to use your <bdi>")), "{heading}");
        assert!(consent.text().contains(&format!("<bdi>{ADA}</bdi>")));
        assert!(consent.text().contains("<bdi dir=\"ltr\">app.example</bdi>"), "{}", consent.text());
    }
}

/// AUTHORITY: Writ's permissions are approved on Writ's own page, by a person who is signed in there, also where the tenant
/// has pages of its own.
#[tokio::test]
async fn permissions_are_asked_for_on_our_own_pages_alone() {
    let server = TestServer::start().await;
    let settings = TenantSettings {
        login_url: Some(WebUri::parse("https://login.example/in").unwrap()),
        consent_url: Some(WebUri::parse("https://login.example/agree").unwrap()),
        ..TenantSettings::default()
    };
    let tenant = server.tenant_with("own", settings).await;
    server.user(&tenant, ADA, PASSWORD).await;
    website(&server, "site").of(&tenant).scope("openid read users:read").create().await;
    let ask = |scope| tenant.path(&request("site", &[("scope", scope)]));
    let mut agent = Agent::new(&server);
    let theirs = agent.get(&ask("openid read")).await.location().unwrap();
    assert!(theirs.starts_with("https://login.example/in?login_challenge=ch_"), "{theirs}");
    // Nobody is signed in, and then somebody is.
    let login = agent.open(&ask("openid users:read")).await;
    assert!(login.path.starts_with(&tenant.path("/login?login_challenge=ch_")), "{}", login.path);
    let consent = sign_in(&mut agent, &login).await;
    assert!(consent.path.starts_with(&tenant.path("/consent?login_challenge=ch_")), "{}", consent.path);
    assert!(consent.form().has("scope.users:read"), "{}", consent.text());
    assert_eq!(consent.link("Use another account"), login.path, "nor is the other account theirs to ask for");
    let again = agent.open(&ask("openid users:read")).await;
    assert!(again.path.starts_with(&tenant.path("/consent?")), "{}", again.path);
    // Without such a permission, the tenant's own page asks.
    let theirs = agent.get(&ask("openid read")).await.location().unwrap();
    assert!(theirs.starts_with("https://login.example/agree?login_challenge=ch_"), "{theirs}");
    let ours = theirs.replace("https://login.example/agree", &tenant.path("/consent"));
    assert_eq!(agent.get(&ours).await.location(), Some(theirs), "and ours leads there");
}

/// OpenID Connect Registration §2: whoever signs in for an application, or decides about it, can read what it does with what
/// it is told (`policy_uri`) and under which terms (`tos_uri`). One that says nothing has no line about it.
#[tokio::test]
async fn an_application_says_more_of_itself() {
    let server = TestServer::start().await;
    super::ada(&server).await;
    website(&server, "site").create().await;
    website(&server, "silent").create().await;
    let own = [("policy_uri", "https://app.example/privacy"), ("tos_uri", "https://app.example/terms")];
    let body = serde_json::Value::from_iter(own);
    let path = ("PATCH", "/api/v1/clients/site");
    let _ = crate::openid_connect::manage(&server, path, &body).await.expect(200);
    for (client_id, is_told) in [("site", true), ("silent", false)] {
        let mut agent = Agent::new(&server);
        let page = agent.open(&request(client_id, &[])).await;
        let consent = sign_in(&mut agent, &page).await;
        for page in [&page, &consent] {
            for (_, uri) in own {
                let link = format!("<a href=\"{uri}\" target=\"_blank\" rel=\"noopener noreferrer\">");
                assert_eq!(page.text().contains(&link), is_told, "{client_id} {uri}: {}", page.text());
            }
        }
    }
}
