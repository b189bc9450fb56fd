//! In which language people read a page: what they chose, what the application asked for, what their browser says.

use http::Request;
use rstest::rstest;
use writ_testkit::{Agent, Answer, TestServer};

use super::flow::{PASSWORD, ada, at, request, website};

async fn asked(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    server.request(request.body(String::new()).unwrap()).await
}

#[track_caller]
fn is_in(answer: &Answer, tag: &str, title: &str) {
    assert_eq!(answer.header("content-language"), tag);
    assert_eq!(answer.header("vary"), "accept-language, cookie");
    let dir = if tag == "ar" { "rtl" } else { "ltr" };
    assert!(answer.text().contains(&format!("<html lang=\"{tag}\" dir=\"{dir}\">")), "{}", answer.text());
    assert!(answer.text().contains(title), "{title}: {}", answer.text());
}

/// RFC 9110 §12.5.4; every language has every page, and a page leads to itself in the others.
#[rstest]
#[case("en", "Set a new password")]
#[case("de", "Neues Passwort setzen")]
#[case("fr", "Nouveau mot de passe")]
#[case("es", "Elegir una contraseña nueva")]
#[case("pt", "Definir uma nova palavra-passe")]
#[case("ja", "新しいパスワードの設定")]
#[case("ar", "تعيين كلمة مرور جديدة")]
#[tokio::test]
async fn a_page_is_in_the_language_of_the_browser(#[case] tag: &str, #[case] title: &str) {
    let server = TestServer::start().await;
    let _acme = server.tenant("acme").await;
    for path in ["/reset-password", "/t/acme/reset-password"] {
        let page =
            asked(&server, path, &[("accept-language", &format!("nl, {tag}-XX;q=0.7, *;q=0.1"))]).await;
        is_in(&page, tag, title);
        for other in ["en", "de", "fr", "es", "pt", "ja", "ar"] {
            assert!(page.text().contains(&format!("href=\"{path}?lang={other}\"")), "{other}");
        }
    }
}

/// What somebody chooses is kept, and counts whatever the browser or an application says.
#[tokio::test]
async fn what_a_person_chooses_is_kept() {
    let server = TestServer::start().await;
    let chosen = asked(&server, "/account/sign-in?lang=fr", &[("accept-language", "de")]).await;
    is_in(&chosen, "fr", "Connexion");
    let cookie = chosen.header("set-cookie").to_owned();
    assert_eq!(cookie, "writ_lang=fr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure");
    let later = [("cookie", "writ_lang=fr"), ("accept-language", "de")];
    for path in ["/account/sign-in", "/account/sign-in?ui_locales=ja"] {
        is_in(&asked(&server, path, &later).await, "fr", "Connexion");
    }
    for nonsense in ["writ_lang=xx", "writ_lang=\"><script>"] {
        let page =
            asked(&server, "/account/sign-in", &[("cookie", nonsense), ("accept-language", "de")]).await;
        is_in(&page, "de", "Anmelden");
    }
    let unknown = asked(&server, "/account/sign-in?lang=xx", &[]).await;
    assert_eq!(unknown.all("set-cookie").len(), 0);
    // What is no page is in no language.
    assert_eq!(asked(&server, "/oauth2/token?lang=fr", &[]).await.all("set-cookie").len(), 0);
}

/// OpenID Connect Core §3.1.2.1, `ui_locales`: from the request over every page on its way.
#[rstest]
#[tokio::test]
async fn an_application_asks_for_a_language(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = website(&server, "site").of(&tenant).create().await;
    let mut agent = Agent::new(&server);
    let path = at(&tenant, &request(&client.client_id, &[("ui_locales", "nl de-AT fr")]));
    let login = agent.open(&path).await;
    is_in(&login.answer, "de", "um mit <strong>");
    let wrong = agent.submit(&login, &[("username", "ada@example.org"), ("password", "x")]).await;
    is_in(&wrong.answer, "de", "Benutzername oder Passwort stimmt nicht");
    let consent = agent.submit(&login, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    assert!(consent.path.ends_with("&ui_locales=de"), "{}", consent.path);
    is_in(&consent.answer, "de", "Sie anmelden und wissen, wer Sie sind");
    let back = agent.submit(&consent, &[("decision", "allow")]).await;
    assert!(!back.code().is_empty());
    // What nobody asked for, or nobody speaks, is not carried along.
    for more in ["", "nl xx"] {
        let path = at(&tenant, &request(&client.client_id, &[("ui_locales", more), ("prompt", "login")]));
        let page = agent.open(&path).await;
        is_in(&page.answer, "en", "Sign in");
        assert!(!page.path.contains("ui_locales"), "{}", page.path);
    }
}

/// Letters are in the language of whoever asked for them.
#[tokio::test]
async fn a_letter_is_in_the_language_of_the_page() {
    let server = TestServer::start().await;
    ada(&server).await;
    let request = Request::post("/reset-password")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("accept-language", "ar");
    server.sql("UPDATE users SET email = ?1 WHERE username = ?1", ["ada@example.org"]);
    let sent = server.request(request.body("username=ada%40example.org".to_owned()).unwrap()).await;
    assert_eq!(sent.status, 303);
    let letters = server.letters().await;
    let letter = letters.first().expect("a letter");
    assert!(letter.subject.starts_with("تعيين كلمة مرور جديدة"), "{letter:?}");
    assert!(letter.html.contains("<html lang=\"ar\" dir=\"rtl\">"), "{letter:?}");
}

/// What stands on a page outside of the brackets of the language that nobody speaks, names apart.
fn unbracketed(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let (body, _) = body.split_once("<footer").unwrap();
    let (mut depth, mut left) = (0_usize, String::new());
    let mut parts = body.split('<');
    let _ = parts.next();
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let is_name = ["bdi", "code", "option"].iter().any(|name| tag.split(' ').next() == Some(name));
        let is_initial = tag.contains("aria-hidden=\"true\"");
        for letter in text.chars() {
            match letter {
                '⟦' => depth += 1,
                '⟧' => depth = depth.saturating_sub(1),
                _ if depth == 0 && !is_name && !is_initial => left.push(letter),
                _ => {}
            }
        }
        left.push(' ');
    }
    left.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In a language that is made of English, a third longer, with accents and from right to left, every page is whole, and
/// nothing on it is in no file of words.
#[tokio::test]
async fn every_page_is_made_of_words_alone() {
    let server = TestServer::start().await;
    ada(&server).await;
    let open = Request::put("/api/v1/tenants/default")
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("content-type", "application/json")
        .body("{\"settings\":{\"self_registration\":true,\"account_deletion\":true}}".to_owned());
    let _ = server.request(open.unwrap()).await.expect(200);
    let _ = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let mut seen = Vec::new();
    let login =
        agent.open(&request("site", &[("scope", "openid email profile read"), ("ui_locales", "qps")])).await;
    let wrong = agent.submit(&login, &[("username", "ada@example.org"), ("password", "wrong")]).await;
    let consent = agent.submit(&login, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    assert!(consent.path.starts_with("/consent"), "{}", consent.path);
    seen.extend([login, wrong, consent]);
    for path in ["", "/profile", "/email", "/password", "/activity", "/delete"] {
        seen.push(agent.open(&format!("/account{path}?lang=qps")).await);
    }
    let password = agent.open("/account/password").await;
    seen.push(agent.submit(&password, &[("current_password", PASSWORD), ("password", "password")]).await);
    for path in [
        "/logout",
        "/reset-password",
        "/reset-password?sent=1",
        "/verify-email",
        "/register",
        "/register?done=1",
    ] {
        seen.push(agent.open(path).await);
    }
    let register = agent.open("/register").await;
    seen.push(agent.submit(&register, &[("username", "a b"), ("name", ""), ("password", "short")]).await);
    seen.push(agent.open("/oauth2/authorize?client_id=nobody").await);
    for page in seen {
        let text = page.text();
        assert!(text.contains("<html lang=\"qps\" dir=\"rtl\">"), "{}: {text}", page.path);
        let (open, closed) = (text.matches('⟦').count(), text.matches('⟧').count());
        assert!(open > 3 && open == closed, "{}: {open} {closed}", page.path);
        let left = unbracketed(text).replace("Writ", "");
        assert!(!left.chars().any(char::is_alphabetic), "{}: {left}: {text}", page.path);
    }
}
