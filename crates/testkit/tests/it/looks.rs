//! The look of a tenant: on its pages and in its letters, in nobody else's, and readable whatever was chosen.

use http::Request;
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_testkit::{Agent, Answer, TestServer, TestTenant};

use super::flow::{PASSWORD, at, request, website};

async fn ask(server: &TestServer, route: (&str, &str), key: &str, settings: &Value) -> Answer {
    let request = Request::builder().method(route.0).uri(route.1);
    let request =
        request.header("authorization", format!("Bearer {key}")).header("content-type", "application/json");
    server.request(request.body(json!({ "settings": settings }).to_string()).unwrap()).await
}

/// What an operator sends of a look.
async fn put(server: &TestServer, tenant: &TestTenant, look: &Value) -> Answer {
    let path = format!("/api/v1/tenants/{}", tenant.slug);
    ask(server, ("PUT", &path), &server.management_key(), &json!({ "look": look })).await
}

async fn shown(server: &TestServer, tenant: &TestTenant, look: &Value) -> Value {
    put(server, tenant, look).await.expect(200).json()["settings"]["look"].clone()
}

/// The stylesheet that stands in a page; its policy names it, and no other.
#[track_caller]
fn style(answer: &Answer) -> Option<String> {
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe"), "{policy}");
    let style = answer.text().split_once("<style>").map(|(_, rest)| rest.split("</style>").next().unwrap());
    let source = style.map(|style| {
        use base64::Engine as _;
        let hash = writ_core::secret::sha256(style.as_bytes());
        format!(" 'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(hash.as_bytes()))
    });
    let allowed = format!("style-src 'self'{};", source.as_deref().unwrap_or_default());
    assert!(policy.contains(&allowed), "{policy}: {allowed}");
    assert!(answer.text().matches("<style").count() <= 1);
    style.map(str::to_owned)
}

/// Three tenants in one browser: each page has the look of its own tenant, and nothing of the others'.
#[tokio::test]
async fn two_tenants_in_one_browser_never_mix() {
    let server = TestServer::start().await;
    let (bank, game, plain) =
        (server.tenant("bank").await, server.tenant("game").await, server.tenant("plain").await);
    let looks = [
        (
            &bank,
            json!({ "brand_color": "#0e4a3c", "ground_color": "#0c3028", "corners": 3,
                        "tos_uri": "https://bank.example/terms" }),
        ),
        (
            &game,
            json!({ "brand_color": "#ff5d2e", "corners": 16, "font": "rounded",
                        "help_uri": "https://game.example/help?a=1&b=%22" }),
        ),
    ];
    let mut agent = Agent::new(&server);
    for (tenant, look) in &looks {
        let _ = put(&server, tenant, look).await.expect(200);
    }
    for tenant in [&bank, &game, &plain] {
        server.user(tenant, "ada@example.org", PASSWORD).await;
        let id = format!("shop-{}", tenant.slug);
        let _ = website(&server, &id).of(tenant).create().await;
        // Sign-in, consent, account, and an error of a form: each page of the flow.
        let sign_in = agent.open(&at(tenant, &request(&id, &[]))).await;
        let wrong = agent.submit(&sign_in, &[("username", "ada@example.org"), ("password", "wrong")]).await;
        let consent =
            agent.submit(&sign_in, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        let account = agent.open(&at(tenant, "/account")).await;
        let out = agent.open(&at(tenant, "/logout")).await;
        for page in [&sign_in, &wrong, &consent, &account, &out] {
            let style = style(&page.answer);
            let text = page.text();
            assert_eq!(text.contains("--brand:#0e4a3c"), tenant.slug == "bank", "{}", page.path);
            assert_eq!(text.contains("--r:16px"), tenant.slug == "game", "{}", page.path);
            assert_eq!(style.is_none(), tenant.slug == "plain", "{}", page.path);
            let terms = "<a href=\"https://bank.example/terms\">Terms</a>";
            assert_eq!(text.contains(terms), tenant.slug == "bank", "{}", page.path);
            let help = "<a href=\"https://game.example/help?a=1&#38;b=%22\">Help</a>";
            assert_eq!(text.contains(help), tenant.slug == "game", "{}", page.path);
            assert!(text.len() < 30_000, "{} {}", page.path, text.len());
        }
        assert!(consent.path.contains("/consent"), "{}", consent.path);
        assert!(account.text().contains("ada@example.org"), "{}", account.path);
    }
}

/// What is not sent stays, `null` is Writ's own, and what is wrong is named.
#[tokio::test]
async fn a_look_is_changed_member_by_member() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let none = json!({
        "brand_color": null, "ground_color": null, "hue": null, "corners": null, "font": "sans",
        "logo": null, "logo_dark": null, "icon": null, "tos_uri": null, "policy_uri": null, "help_uri": null,
    });
    assert_eq!(shown(&server, &acme, &json!({})).await, none);
    let mut expected = none.clone();
    for (name, value, kept) in [
        ("brand_color", json!("#FA0"), json!("#ffaa00")),
        ("ground_color", json!("#0c3028"), json!("#0c3028")),
        ("hue", json!(359), json!(359)),
        ("corners", json!(0), json!(0)),
        ("font", json!("serif"), json!("serif")),
        ("tos_uri", json!("https://acme.example/terms"), json!("https://acme.example/terms")),
        ("policy_uri", json!("https://acme.example/privacy"), json!("https://acme.example/privacy")),
        ("help_uri", json!("https://acme.example/"), json!("https://acme.example/")),
    ] {
        expected[name] = kept;
        assert_eq!(shown(&server, &acme, &json!({ name: value })).await, expected);
    }
    assert_eq!(shown(&server, &acme, &expected).await, expected);
    for (name, wrong) in [
        ("brand_color", json!("green")),
        ("brand_color", json!("#12345")),
        ("ground_color", json!("#0c3028;}</style><script>")),
        ("hue", json!(360)),
        ("corners", json!(25)),
        ("corners", json!("3px")),
        ("font", json!("Comic Sans")),
        ("tos_uri", json!("javascript:alert(1)")),
        ("help_uri", json!("http://acme.example/")),
    ] {
        let told = put(&server, &acme, &json!({ name: wrong })).await.refused(400, "invalid_request");
        let told = told.member("error_description");
        assert!(told.starts_with(&format!("settings.look.{name}: ")), "{told}");
    }
    let told = put(&server, &acme, &json!({ "brand_colour": "#000" })).await.refused(400, "invalid_request");
    assert!(told.member("error_description").contains("did you mean brand_color?"));
    let _ = put(&server, &acme, &json!("blue")).await.refused(400, "invalid_request");
    expected["hue"] = Value::Null;
    assert_eq!(shown(&server, &acme, &json!({ "hue": null })).await, expected);
    assert_eq!(shown(&server, &acme, &Value::Null).await, none);
}

/// Administrators choose the look of their own tenant, nobody with less, and of no other.
#[tokio::test]
async fn administrators_choose_the_look_of_their_own_tenant() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    let admin: Vec<_> = writ_core::role::built_in("admin").unwrap().iter().collect();
    let key = server.api_key(&acme, &admin, None).await;
    let look = json!({ "look": { "brand_color": "#0e4a3c" } });
    let own = ask(&server, ("PATCH", "/api/v1/tenant"), &key, &look).await.expect(200).json();
    assert_eq!(own["settings"]["look"]["brand_color"], "#0e4a3c");
    let _ = ask(&server, ("PUT", "/api/v1/tenants/other"), &key, &look).await.expect(403);
    for less in [Permission::OauthWrite, Permission::UsersWrite] {
        let key = server.api_key(&acme, &[less], None).await;
        let _ = ask(&server, ("PATCH", "/api/v1/tenant"), &key, &look).await.expect(403);
    }
    let page = server.get(&at(&acme, "/account/sign-in")).await.expect(200);
    assert!(style(&page).unwrap().contains("--brand:#0e4a3c"));
    assert_eq!(style(&server.get(&at(&other, "/account/sign-in")).await.expect(200)), None);
    // What changes is seen at once.
    let gone = json!({ "look": null });
    let _ = ask(&server, ("PATCH", "/api/v1/tenant"), &key, &gone).await.expect(200);
    assert_eq!(style(&server.get(&at(&acme, "/account/sign-in")).await.expect(200)), None);
}

/// A letter has the colours and the links of the tenant that writes it.
#[tokio::test]
async fn letters_have_the_look_of_their_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    server.user(&acme, "ada@example.org", PASSWORD).await;
    server.sql("UPDATE users SET email = username", []);
    let look = json!({ "brand_color": "#ffff00", "corners": 0, "help_uri": "https://acme.example/help" });
    let _ = put(&server, &acme, &look).await.expect(200);
    let mut agent = Agent::new(&server);
    let page = agent.open(&at(&acme, "/reset-password")).await;
    let _ = agent.submit(&page, &[("username", "ada@example.org")]).await;
    let letters = server.letters().await;
    let letter = letters.first().unwrap();
    assert!(letter.html.contains("background:#ffff00;color:#10131a;"), "{}", letter.html);
    assert!(letter.html.contains("border-radius:0px"), "{}", letter.html);
    assert!(letter.html.contains("<a href=\"https://acme.example/help\""), "{}", letter.html);
    assert!(letter.text.contains("Help: https://acme.example/help"), "{}", letter.text);
    assert!(!letter.html.contains("<img") && !letter.html.contains("url("));
}

/// A PNG of two colours, as small as they are.
const RED: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==";
const CLEAR: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYDjBAAABlQDJEvng/gAAAABJRU5ErkJggg==";

/// A logo is drawn anew, served for good under a name that follows from it, and gone when nobody shows it any more.
#[tokio::test]
async fn a_logo_is_served_as_a_file_of_its_own() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    let look = shown(&server, &acme, &json!({ "logo": RED })).await;
    let path = look["logo"].as_str().unwrap().to_owned();
    assert!(path.starts_with("/assets/logo-"), "{path}");
    let file = server.get(&path).await.expect(200);
    assert_eq!(file.header("content-type"), "image/png");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(file.body.starts_with(b"\x89PNG"));
    // On the pages of this tenant, on a light plate, and on no others.
    let page = server.get(&at(&acme, "/account/sign-in")).await.expect(200);
    assert!(page.text().contains(&format!("<img src=\"{path}\" alt=\"\"")), "{}", page.text());
    assert!(page.text().contains("class=\"plate pale\""), "{}", page.text());
    assert!(page.header("content-security-policy").contains("; img-src 'self';"));
    let elsewhere = server.get(&at(&other, "/account/sign-in")).await.expect(200);
    assert!(!elsewhere.text().contains("<img") && !elsewhere.text().contains(&path));
    // What is shown can be sent back; another one for dark pages.
    assert_eq!(shown(&server, &acme, &look).await, look);
    let both = shown(&server, &acme, &json!({ "logo_dark": CLEAR })).await;
    let page = server.get(&at(&acme, "/account/sign-in")).await.expect(200);
    let dark = format!("srcset=\"{}\"", both["logo_dark"].as_str().unwrap());
    assert!(page.text().contains(&dark) && !page.text().contains("pale"), "{}", page.text());
    // One that is another tenant's is none that can be named.
    let stolen = put(&server, &other, &json!({ "logo": path })).await.refused(400, "invalid_request");
    let told = stolen.member("error_description");
    assert!(told.starts_with("settings.look.logo: is not a logo that is there already"), "{told}");
    for wrong in
        ["data:image/png;base64,AAAA", "data:image/svg+xml;base64,PHN2Zz4=", "https://x.example/a.png", ""]
    {
        let told = put(&server, &acme, &json!({ "logo": wrong })).await.refused(400, "invalid_request");
        let told = told.member("error_description");
        assert!(told.starts_with("settings.look.logo: must be a picture"), "{told}");
    }
    // The same picture twice is one file for each; taken away by one, it stays for the other.
    let _ = shown(&server, &other, &json!({ "logo": RED })).await;
    let _ = shown(&server, &acme, &Value::Null).await;
    let _ = shown(&server, &acme, &json!({})).await;
    assert_eq!(server.count("SELECT COUNT(*) FROM pictures"), 1);
    let _ = server.get(&path).await.expect(200);
    let _ = server.get(both["logo_dark"].as_str().unwrap()).await.expect(404);
    let key = server.management_key();
    let _ = ask(&server, ("DELETE", "/api/v1/tenants/other"), &key, &json!({})).await.expect(204);
    assert_eq!(server.count("SELECT COUNT(*) FROM pictures"), 0);
    let _ = server.get(&path).await.expect(404);
    let _ = server.get("/assets/logo-..%2f..%2fetc.png").await.expect(404);
}

/// An application has a look of its own where people come from it, as far as the tenant allows that; what it does not choose
/// is the tenant's, and what people are asked stays Writ's.
#[tokio::test]
async fn an_application_has_a_look_of_its_own() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    server.user(&acme, "ada@example.org", PASSWORD).await;
    let _ = website(&server, "shop").of(&acme).create().await;
    let _ = website(&server, "plain").of(&acme).create().await;
    let key = server.management_key();
    let client = async |method: &str, body: &Value| {
        let request = Request::builder().method(method).uri("/api/v1/clients/shop");
        let request = request.header("authorization", format!("Bearer {key}")).header("x-tenant-id", "acme");
        let request = request.header("content-type", "application/json");
        server.request(request.body(body.to_string()).unwrap()).await
    };
    let look = json!({
        "brand_color": "#ff5d2e", "ground_color": null, "hue": null, "corners": 16, "font": null,
        "texts": { "en": { "sign_in_title": "Open the shop", "consent_intro": "We sell tea." } },
    });
    let told = client("PATCH", &json!({ "look": look })).await.expect(200).json();
    assert_eq!(told["look"], look);
    for (wrong, part) in [
        (json!({ "brand_color": "red" }), "brand_color is a colour"),
        (json!({ "logo": "x" }), "unknown: logo"),
        (json!({ "texts": { "en": { "footer": "x" } } }), "texts.en is of sign_in_title"),
    ] {
        let told = client("PATCH", &json!({ "look": wrong })).await.refused(400, "invalid_request");
        let told = told.member("error_description");
        assert!(told.starts_with("look: ") && told.contains(part), "{told}");
    }
    let own = json!({ "brand_color": "#0e4a3c", "ground_color": "#fdf3e1" });
    let _ = put(&server, &acme, &own).await.expect(200);
    let mut agent = Agent::new(&server);
    let pages = async |agent: &mut Agent<'_>, id: &str| {
        let sign_in = agent.open(&at(&acme, &request(id, &[("prompt", "login consent")]))).await;
        let consent =
            agent.submit(&sign_in, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        assert!(consent.path.contains("/consent"), "{}", consent.path);
        [sign_in, consent]
    };
    // It is seen before it is saved.
    let wish = json!({ "page": "consent", "client_look": look }).to_string();
    let preview = Request::post("/api/v1/tenant/preview").header("authorization", format!("Bearer {key}"));
    let preview = preview.header("x-tenant-id", "acme").header("content-type", "application/json");
    let preview = server.request(preview.body(wish).unwrap()).await.expect(200).json();
    let html = preview["html"].as_str().unwrap();
    assert!(
        html.contains("--brand:#ff5d2e;")
            && html.contains("--ground:#fdf3e1;")
            && html.contains("We sell tea.")
    );
    // Not before the tenant allows it.
    for page in pages(&mut agent, "shop").await {
        assert!(style(&page.answer).unwrap().contains("--brand:#0e4a3c;"), "{}", page.text());
        assert!(!page.text().contains("Open the shop") && !page.text().contains("We sell tea."));
    }
    let path = format!("/api/v1/tenants/{}", acme.slug);
    let _ = ask(&server, ("PUT", &path), &key, &json!({ "application_looks": true })).await.expect(200);
    let [sign_in, consent] = pages(&mut agent, "shop").await;
    for page in [&sign_in, &consent] {
        let style = style(&page.answer).unwrap();
        assert!(
            style.contains("--r:16px;--brand:#ff5d2e;") && style.contains("--ground:#fdf3e1;"),
            "{style}"
        );
    }
    assert!(sign_in.text().contains("<h1>Open the shop</h1>"), "{}", sign_in.text());
    assert!(consent.text().contains("We sell tea.") && consent.text().contains("wants to use your"));
    // No other application, and not the account.
    for page in pages(&mut agent, "plain").await {
        assert!(style(&page.answer).unwrap().contains("--brand:#0e4a3c;"), "{}", page.text());
    }
    let account = agent.open(&at(&acme, "/account")).await;
    assert!(style(&account.answer).unwrap().contains("--brand:#0e4a3c;"));
    let told = client("PATCH", &json!({ "look": null })).await.expect(200).json();
    assert_eq!(told["look"], Value::Null);
}
