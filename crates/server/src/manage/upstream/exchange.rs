//! Talking to a provider: a code is redeemed for what it says of the person (OpenID Connect Core §3.1.3; RFC 6749 §4.1.3).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use writ_core::client::WebUri;
use writ_core::form::write_pair;
use writ_core::upstream::IdentityProvider;
use writ_core::upstream::ask::RequestSecrets;
use writ_core::upstream::provider::UpstreamAuth;
use writ_core::upstream::told::{ExpectedToken, ToldIdentity};
use writ_jose::{Algorithm, JoseError, Json, JsonObject, SigningKey, Verified, verify_compact};

use crate::outbound::{Ask, Bounds};
use crate::state::app::App;
use crate::state::upstream_metadata::UpstreamEndpoints;

/// What a call may cost.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(5), bytes: 64 * 1024 };
/// How long Apple may take to look at what is signed for it, seconds.
const SIGNED_FOR: i64 = 300;

/// One code, on its way.
pub(super) struct CodeExchange<'a> {
    pub app: &'a App,
    pub provider: &'a IdentityProvider,
    pub endpoints: &'a UpstreamEndpoints,
    pub redirect_uri: String,
}

/// What a token endpoint gave.
struct RedeemedCode {
    access_token: Box<str>,
    id_token: Option<Box<str>>,
}

fn say(why: impl std::fmt::Display) -> Box<str> {
    why.to_string().into()
}

/// RFC 6749 §2.3.1: both halves are form-encoded first.
fn basic(client_id: &str, secret: &str) -> Option<HeaderValue> {
    let encoded = |text: &str| {
        let mut pair = String::new();
        write_pair("", text, &mut pair);
        pair.trim_start_matches('=').to_owned()
    };
    let text = STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret)));
    sensitive(&format!("Basic {text}"))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The DER within a private key as its owner got it (PEM, RFC 7468).
pub(super) fn der_of(pem: &str) -> Option<Vec<u8>> {
    let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).ok()
}

impl CodeExchange<'_> {
    fn ask<'u>(&self, uri: &'u WebUri) -> Ask<'u> {
        Ask { uri: uri.as_str(), accept: "application/json", tenant: self.provider.tenant, bounds: BOUNDS }
    }

    /// What the provider says of whoever has a code.
    pub(super) async fn told(&self, code: &str, secrets: &RequestSecrets) -> Result<ToldIdentity, Box<str>> {
        let given = self.redeemed(code, secrets).await?;
        let Some(jwks) = &self.endpoints.jwks else { return self.told_by_address(&given).await };
        let id_token = given.id_token.as_deref().ok_or("there is no ID token")?;
        let verified = self.verified(id_token, jwks).await?;
        let issuer = self.provider.issuer().ok_or("it has no issuer")?;
        let claims = verified.claims().map_err(say)?;
        let expected = ExpectedToken {
            issuer: issuer.as_str(),
            client_id: &self.provider.settings.client_id,
            nonce: &secrets.nonce,
            access_token: Some(&given.access_token),
            algorithm: verified.header.algorithm,
            now: self.app.clock.now(),
        };
        expected.judge(&claims).map_err(say)?;
        let told = ToldIdentity::read(&claims).map_err(say)?;
        match &self.endpoints.userinfo {
            Some(userinfo) if told.email.is_none() => {
                let more = self.fetched(userinfo, &given.access_token).await?;
                // One that signs its answers, or has nothing to add, is no reason to refuse anybody.
                if more.get("sub").is_some() { told.with_userinfo(&more).map_err(say) } else { Ok(told) }
            }
            Some(_) | None => Ok(told),
        }
    }

    /// Of a provider that signs nothing: what an address says for the token, and where its mailboxes are.
    async fn told_by_address(&self, given: &RedeemedCode) -> Result<ToldIdentity, Box<str>> {
        let userinfo =
            self.endpoints.userinfo.as_ref().ok_or("it has no address that tells who somebody is")?;
        let told = self.fetched(userinfo, &given.access_token).await?;
        let told = ToldIdentity::read(&told).map_err(say)?;
        match self.provider.settings.preset.emails_endpoint() {
            Some(emails) => {
                let all = self.fetched(&WebUri::from_stored(emails), &given.access_token).await?;
                Ok(told.with_mailboxes(&all))
            }
            None => Ok(told),
        }
    }

    async fn fetched(&self, uri: &WebUri, token: &str) -> Result<Json, Box<str>> {
        let credential = sensitive(&format!("Bearer {token}")).ok_or("the access token is none")?;
        let answer = self.app.outbound.get_as(self.ask(uri), credential).await.map_err(say)?;
        Json::parse(&answer.body).map_err(say)
    }

    /// Redeems a code. The provider's refusal is told to the log alone.
    async fn redeemed(&self, code: &str, secrets: &RequestSecrets) -> Result<RedeemedCode, Box<str>> {
        let settings = &self.provider.settings;
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &*self.redirect_uri),
            ("code_verifier", &*secrets.verifier),
        ];
        let secret = self.secret()?;
        let secret = secret.as_deref().unwrap_or_default();
        let credential = match settings.auth {
            UpstreamAuth::Basic => basic(&settings.client_id, secret),
            UpstreamAuth::Post | UpstreamAuth::SignedSecret => {
                pairs.extend([("client_id", &*settings.client_id), ("client_secret", secret)]);
                None
            }
            UpstreamAuth::None => {
                pairs.push(("client_id", &settings.client_id));
                None
            }
        };
        let mut form = String::with_capacity(512);
        for (name, value) in pairs {
            if !form.is_empty() {
                form.push('&');
            }
            write_pair(name, value, &mut form);
        }
        let ask = self.ask(&self.endpoints.token);
        let answer = self.app.outbound.redeem(ask, form, credential).await.map_err(say)?;
        let json = Json::parse(&answer.body).map_err(say)?;
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        if let Some(error) = text("error") {
            let about = text("error_description").unwrap_or_default();
            return Err(
                format!("it answers {:.64} {:.200}", error.escape_debug(), about.escape_debug()).into()
            );
        }
        let access_token = text("access_token").ok_or("there is no access token")?.into();
        Ok(RedeemedCode { access_token, id_token: text("id_token").map(Into::into) })
    }

    /// What Writ shows at the token endpoint.
    fn secret(&self) -> Result<Option<String>, Box<str>> {
        let opened = self.app.open_provider_secret(self.provider).map_err(|fault| say(fault.line()))?;
        let settings = &self.provider.settings;
        match (settings.auth, opened, &settings.signer) {
            (UpstreamAuth::SignedSecret, Some(pem), Some((team, key))) => {
                self.signed(&pem, (team, key)).map(Some)
            }
            (UpstreamAuth::SignedSecret, _, _) => Err("there is no key to sign with".into()),
            (_, opened, _) => Ok(opened),
        }
    }

    /// Apple's kind of secret: a JWT that says for a while who asks.
    fn signed(&self, pem: &str, (team, key): (&str, &str)) -> Result<String, Box<str>> {
        let der = der_of(pem).ok_or("the key is no PEM")?;
        let signer = SigningKey::from_pkcs8(Algorithm::Es256, &der).map_err(say)?;
        let issuer = self.provider.issuer().ok_or("it has no issuer")?;
        let now = self.app.clock.now().as_secs();
        let (mut header, mut claims) = (JsonObject::with_capacity(64), JsonObject::with_capacity(256));
        header.string("alg", Algorithm::Es256.name()).string("kid", key);
        claims
            .string("iss", team)
            .string("sub", &self.provider.settings.client_id)
            .string("aud", issuer.as_str())
            .number("iat", now)
            .number("exp", now + SIGNED_FOR);
        let [header, claims] = [header.finish(), claims.finish()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let input = format!("{header}.{claims}");
        let signature = signer.sign(input.as_bytes()).map_err(say)?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// By one of the provider's keys; where none of those that are known will do, by one of those that are there now.
    async fn verified(&self, token: &str, jwks: &WebUri) -> Result<Verified, Box<str>> {
        let entry = self.app.client_keys.of(self.provider.tenant, jwks);
        let known = self.app.fetched(&entry).await?;
        let verify =
            |keys: &[_]| -> Result<Verified, JoseError> { verify_compact(token, keys, &Algorithm::ALL) };
        let first = match verify(&known.keys) {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        match self.app.fetched_since(&entry, &known).await {
            Some(newer) => verify(&newer.keys).map_err(say),
            None => Err(say(first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §2.3.1
    #[test]
    fn both_halves_of_a_credential_are_form_encoded() {
        let value = basic("a:b", "s p+\u{e9}").unwrap();
        let text = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(text).unwrap(), b"a%3Ab:s%20p%2B%C3%A9");
        assert!(value.is_sensitive());
    }

    #[test]
    fn a_key_is_taken_out_of_its_pem() {
        let made = SigningKey::generate(Algorithm::Es256).unwrap();
        let text = STANDARD.encode(made.to_pkcs8().unwrap());
        let (first, rest) = text.split_at(64);
        let pem = format!("-----BEGIN PRIVATE KEY-----\r\n{first}\r\n{rest}\n-----END PRIVATE KEY-----\n");
        let read = SigningKey::from_pkcs8(Algorithm::Es256, &der_of(&pem).unwrap()).unwrap();
        assert_eq!(read.public_jwk(), made.public_jwk());
        assert!(der_of("-----BEGIN").is_none_or(|der| der.is_empty()));
    }
}
