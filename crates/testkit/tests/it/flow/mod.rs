//! The authorization code flow, end to end: from the request over the pages to the tokens, and what ends them.

mod attacks;
mod authorize;
mod boxes;
mod code;
mod form_post;
mod laws;
mod races;
mod refresh;
mod select;
mod shown;
mod sign_in;
mod sign_out;
mod taken;
mod twice;
mod userinfo;
mod waiting;
mod ways;

use writ_core::client::{ClientKind, GrantType};
use writ_core::ids::UserId;
use writ_testkit::{Agent, Answer, Credential, GivenClient, Page, TestClient, TestServer, TestTenant, form};

/// Names and values.
pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(crate) const CALLBACK: &str = "https://app.example/cb?from=writ";
/// RFC 7636 Appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A client of a website, with the usual grants.
pub(crate) fn website<'s>(server: &'s TestServer, client_id: &str) -> GivenClient<'s> {
    server
        .client(client_id)
        .kind(ClientKind::Web)
        .grants(&[GrantType::AuthorizationCode, GrantType::RefreshToken])
        .scope("openid profile email offline_access read write")
        .redirect(CALLBACK)
}

/// A person of the first tenant.
pub(crate) async fn ada(server: &TestServer) -> UserId {
    server.user(&server.default_tenant(), "ada@example.org", PASSWORD).await
}

/// An authorization request; `more` replaces or adds, an empty value removes.
pub(crate) fn request(client_id: &str, more: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", client_id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid read"),
        ("state", "a state+&="),
        ("nonce", "a nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let pairs: Vec<_> = usual.chain(more.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
    format!("/oauth2/authorize?{}", form(&pairs))
}

/// A path in a tenant: the first one's place is the root.
pub(crate) fn at(tenant: &TestTenant, path: &str) -> String {
    if tenant.slug == "default" { path.to_owned() } else { tenant.path(path) }
}

/// Types name and password on the sign-in page.
pub(crate) async fn sign_in(agent: &mut Agent<'_>, page: &Page) -> Page {
    assert!(page.text().contains("Sign in"), "{}", page.text());
    agent.submit(page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await
}

/// From the request to the redirect that carries the code, with consent if it is asked for.
pub(crate) async fn code(agent: &mut Agent<'_>, client: &TestClient, more: &[(&str, &str)]) -> Page {
    let mut page = agent.open(&request(&client.client_id, more)).await;
    if page.path.contains("/login") {
        page = sign_in(agent, &page).await;
    }
    if page.path.contains("/consent") && page.location().is_none() {
        page = agent.submit(&page, &[("decision", "allow")]).await;
    }
    page
}

/// Redeems a code.
pub(crate) async fn redeem(server: &TestServer, by: impl Into<Credential>, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    server.post("/oauth2/token", by, &pairs).await
}

/// Uses a refresh token.
pub(crate) async fn refresh(server: &TestServer, by: impl Into<Credential>, token: &str) -> Answer {
    server.post("/oauth2/token", by, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// The claims of a JWT, unchecked.
pub(crate) fn claims(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
