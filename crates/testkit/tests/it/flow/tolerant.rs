//! What applications send that is right, though it looks otherwise; and what looks without asking.

use http::{Method, Request, header};
use rstest::rstest;
use writ_testkit::{Agent, Credential, TestServer, form};

use super::{CALLBACK, PASSWORD, VERIFIER, ada, at, code, request, sign_in, website};

/// RFC 8707 §2: `resource` may be sent several times, where nothing else may.
#[rstest]
#[tokio::test]
async fn resource_twice_is_no_error_wherever_it_is_sent(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = website(&server, "own").of(&tenant).first_party().several_resources().create().await;
    for identifier in ["https://a.example", "https://b.example"] {
        server.resource(&tenant, (identifier, ""), |_| {}).await;
    }
    let twice = [("resource", "https://a.example"), ("resource", "https://b.example")];
    let mut agent = Agent::new(&server);
    let asked = format!("{}&{}", request("own", &[]), form(&twice));
    let page = agent.open(&at(&tenant, &asked)).await;
    let page = sign_in(&mut agent, &page).await;
    let code = page.code();
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    pairs.extend(twice);
    let token = at(&tenant, "/oauth2/token");
    let body = server.post(&token, &client, &pairs).await.expect(200).json();
    let mut pairs =
        vec![("grant_type", "refresh_token"), ("refresh_token", body["refresh_token"].as_str().unwrap())];
    pairs.extend(twice);
    let _ = server.post(&token, &client, &pairs).await.expect(200);
    let machine = server.client("machine").of(&tenant).several_resources().create().await;
    let mut pairs = vec![("grant_type", "client_credentials")];
    pairs.extend(twice);
    let _ = server.post(&token, &machine, &pairs).await.expect(200);
    pairs.extend([("scope", "a"), ("scope", "b")]);
    let _ = server.post(&token, &machine, &pairs).await.refused(400, "invalid_request");
}

/// WHATWG URL Standard §5.1: a form is UTF-8, whatever it calls itself. `application/x-www-form-urlencoded` has no
/// parameter (RFC 9110 §8.3.1 lets recipients ignore what they do not know).
#[tokio::test]
async fn the_charset_of_a_form_is_ignored() {
    let server = TestServer::start().await;
    let machine = server.client("machine").create().await;
    for charset in ["UTF-8", "iso-8859-1", "us-ascii", "\"windows-1252\""] {
        let request = Request::post("/oauth2/token")
            .header(header::AUTHORIZATION, Credential::from(&machine).header().unwrap())
            .header(header::CONTENT_TYPE, format!("application/x-www-form-urlencoded; charset={charset}"));
        let _ = server.request(request.body("grant_type=client_credentials").unwrap()).await.expect(200);
    }
}

/// RFC 7636 §4.6: the hash decides. What is said of a wrong verifier is never said of a right one.
#[tokio::test]
async fn a_verifier_whose_hash_is_right_is_right() {
    use base64::Engine as _;
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    for verifier in ["with+plus/and=padding==", "short", "ümläut", &"x".repeat(200)] {
        let hash = writ_core::secret::sha256(verifier.as_bytes());
        let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_bytes());
        let code = code(&mut agent, &client, &[("code_challenge", &challenge)]).await.code();
        let exchange = async |verifier: &str| {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", &*code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", verifier),
            ];
            server.post("/oauth2/token", &client, &pairs).await
        };
        let wrong = exchange("wrong").await.refused(400, "invalid_grant");
        assert!(wrong.member("error_description").starts_with("code_verifier: "), "{}", wrong.text());
        let _ = exchange(verifier).await.expect(200);
    }
}

/// RFC 9110 §9.3.2 and §9.2.1: HEAD is safe. A preview of a link gets no code, begins nothing and uses nothing up.
#[rstest]
#[tokio::test]
async fn a_head_gives_nothing_away_and_leaves_no_trace(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = website(&server, "own").of(&tenant).first_party().create().await;
    let asked = at(&tenant, &request("own", &[]));
    let rows = || {
        ["login_challenges", "authorization_codes", "browsers"]
            .map(|table| server.count(&format!("SELECT COUNT(*) FROM {table}")))
    };
    let before = rows();
    let nobody = server.ask(Method::HEAD, &asked).await;
    assert_eq!((nobody.status, nobody.text(), nobody.all("set-cookie").len()), (200, "", 0));
    assert_eq!(rows(), before);

    let mut agent = Agent::new(&server);
    let page = agent.open(&asked).await;
    let login = page.path.clone();
    sign_in(&mut agent, &page).await;
    let before = rows();
    let (out, page) = (at(&tenant, "/oauth2/logout"), at(&tenant, "/logout"));
    for path in [&asked, &login, &login.replace("/login", "/consent"), &out, &page] {
        let request = Request::head(path.as_str()).header(header::COOKIE, agent.cookies());
        let answer = server.request(request.body("").unwrap()).await;
        assert_eq!((answer.status, answer.header("location")), (200, ""), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(rows(), before);
    // The GET that follows is as good as it was.
    let page = agent.open(&asked).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*page.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let _ = server.post(&at(&tenant, "/oauth2/token"), &client, &pairs).await.expect(200);
}

/// W3C, A Well-Known URL for Changing Passwords §3.
#[rstest]
#[tokio::test]
async fn password_managers_find_the_page_that_changes_a_password(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    let mut agent = Agent::new(&server);
    let page = agent.open(&at(&tenant, "/.well-known/change-password")).await;
    assert_eq!(
        (page.answer.status, page.path.as_str()),
        (200, &*at(&tenant, "/account/sign-in?to=password"))
    );
    assert!(page.text().contains("<form"), "{}", page.text());
    assert_eq!(server.get("/t/nobody/.well-known/change-password").await.status, 404);
}

/// RFC 6749 §5.2: `error_uri` identifies a page with information about the *error*.
#[tokio::test]
async fn error_uri_ends_in_the_error_and_is_there() {
    let server = TestServer::start().await;
    let answers = [
        server.get("/api/v1/roles").await,
        server.ask(Method::PUT, "/oauth2/token").await,
        server.post("/oauth2/token", Credential::None, &[("grant_type", "x")]).await,
        server
            .request(
                Request::post("/oauth2/token").header(header::CONTENT_TYPE, "text/plain").body("x").unwrap(),
            )
            .await,
        server.get("/oauth2/userinfo").await,
    ];
    for answer in answers {
        let uri = answer.member("error_uri");
        assert_eq!(uri, format!("{}/errors/{}", server.base, answer.error()), "{}", answer.text());
        let _ = server.get(uri.strip_prefix(&server.base).unwrap()).await.expect(200);
    }
}
