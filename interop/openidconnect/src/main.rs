//! A program that signs somebody in with the `openidconnect` crate.
//!
//! It prints the address to open, reads the address that the browser came back to from standard input, and prints
//! what it has found out.

use std::io::{self, Write};

use anyhow::{Context, Result, ensure};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdTokenVerifier, CoreProviderMetadata,
};
use openidconnect::reqwest::{Url, blocking, redirect};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse, UserInfoClaims,
};

fn main() -> Result<()> {
    let http = blocking::ClientBuilder::new().redirect(redirect::Policy::none()).build()?;
    let issuer = IssuerUrl::new(setting("ISSUER")?)?;
    let metadata = CoreProviderMetadata::discover(&issuer, &http).context("discovery")?;
    let secret = std::env::var("CLIENT_SECRET").ok().filter(|secret| !secret.is_empty());
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(setting("CLIENT_ID")?),
        secret.map(ClientSecret::new),
    )
    .set_redirect_uri(RedirectUrl::new(setting("CALLBACK")?)?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["email", "profile", "offline_access"].map(|name| Scope::new(name.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    println!("{address}");
    io::stdout().flush()?;

    let mut arrived = String::new();
    io::stdin().read_line(&mut arrived)?;
    let arrived = Url::parse(arrived.trim())?;
    let answer =
        |name: &str| arrived.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    ensure!(answer("state").as_deref() == Some(state.secret()), "another state");
    let code = answer("code").context(answer("error").unwrap_or_default())?;
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))?
        .set_pkce_verifier(verifier)
        .request(&http)
        .context("exchange")?;

    let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
    let id_token = tokens.id_token().context("no ID token")?;
    let claims = id_token.claims(&verifier, &nonce).context("ID token")?;
    let hash = claims.access_token_hash().context("no at_hash")?;
    let expected = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg()?,
        id_token.signing_key(&verifier)?,
    )?;
    ensure!(*hash == expected, "another at_hash");
    let person: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?
        .request(&http)
        .context("UserInfo")?;
    let refresh = tokens.refresh_token().context("no refresh token")?;
    let fresh = client.exchange_refresh_token(refresh)?.request(&http).context("refresh")?;
    let found = serde_json::json!({
        "email": claims.email().map(|email| email.as_str()),
        "userinfo": person.email().map(|email| email.as_str()),
        "rotated": fresh.refresh_token().map(|token| token.secret()) != Some(refresh.secret()),
        "alg": id_token.signing_alg().ok().map(|alg| format!("{alg:?}")),
    });
    println!("{found}");
    Ok(())
}

fn setting(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}
