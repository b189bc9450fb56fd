//! Metadata of other identity providers (OpenID Connect Discovery §4), and where those are that have none.

use writ_core::client::WebUri;
use writ_core::upstream::IdentityProvider;
use writ_core::upstream::provider::Spoken;
use writ_jose::Json;

use crate::state::app::App;
use crate::state::fetched::FetchedDocument;

/// Where metadata lie, below the issuer.
const PLACE: &str = "/.well-known/openid-configuration";

/// What a provider says of itself.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamMetadata {
    issuer: Box<str>,
    endpoints: UpstreamEndpoints,
}

/// Where a provider is talked to.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamEndpoints {
    /// Where browsers are sent.
    pub authorize: WebUri,
    /// Where codes are redeemed.
    pub token: WebUri,
    /// Where it is told who somebody is.
    pub userinfo: Option<WebUri>,
    /// Where its keys are; none: it signs nothing.
    pub jwks: Option<WebUri>,
    /// Whether it names itself in answers (RFC 9207 §3).
    pub names_itself: bool,
}

impl FetchedDocument for UpstreamMetadata {
    const WHAT: &'static str = "the metadata of an identity provider";
    const ACCEPT: &'static str = "application/json";
    const BYTES: usize = 64 * 1024;

    fn read(body: &str) -> Result<Self, String> {
        let json = Json::parse(body.as_bytes()).map_err(|why| format!("the answer is {why}"))?;
        let address = |name: &'static str| {
            let text = json.get(name).and_then(Json::as_str).ok_or_else(|| format!("{name} is missing"))?;
            WebUri::parse(text)
                .ok()
                .filter(|uri| uri.as_str().starts_with("https:"))
                .ok_or_else(|| format!("{name} is no https address"))
        };
        let userinfo = json.get("userinfo_endpoint").map(|_| address("userinfo_endpoint")).transpose()?;
        let promised = json.get("authorization_response_iss_parameter_supported");
        let endpoints = UpstreamEndpoints {
            authorize: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            userinfo,
            jwks: Some(address("jwks_uri")?),
            names_itself: promised == Some(&Json::Boolean(true)),
        };
        let issuer = json.get("issuer").and_then(Json::as_str).ok_or("issuer is missing")?;
        Ok(Self { issuer: issuer.into(), endpoints })
    }
}

impl App {
    /// Where a provider is talked to now.
    ///
    /// # Errors
    /// Why nobody knows: for the log.
    pub(crate) async fn upstream_endpoints(
        &self,
        provider: &IdentityProvider,
    ) -> Result<UpstreamEndpoints, Box<str>> {
        let issuer = match &provider.settings.spoken {
            Spoken::OpenId(issuer) => issuer,
            Spoken::OAuth2([authorize, token, userinfo]) => {
                return Ok(UpstreamEndpoints {
                    authorize: authorize.clone(),
                    token: token.clone(),
                    userinfo: Some(userinfo.clone()),
                    jwks: None,
                    names_itself: false,
                });
            }
        };
        // Discovery §4.1: a slash at the end of the issuer is none of the address.
        let place = format!("{}{PLACE}", issuer.as_str().trim_end_matches('/'));
        let entry = self.upstream_metadata.of(provider.tenant, &WebUri::from_stored(&place));
        let found = self.fetched(&entry).await?;
        // §4.3: whoever says that it is somebody else is not believed.
        if *found.issuer != *issuer.as_str() {
            return Err(format!("the metadata are of the issuer {}", found.issuer).into());
        }
        Ok(found.endpoints.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"issuer":"https://up.example","authorization_endpoint":"https://up.example/a",
        "token_endpoint":"https://up.example/t","jwks_uri":"https://up.example/j",
        "userinfo_endpoint":"https://up.example/u","authorization_response_iss_parameter_supported":true}"#;

    #[test]
    fn metadata_have_all_that_is_needed_by_https() {
        let read = UpstreamMetadata::read(GOOD).unwrap();
        assert!(read.endpoints.names_itself && &*read.issuer == "https://up.example");
        for (change, to, why) in [
            ("\"issuer\":\"https://up.example\",", "", "issuer is missing"),
            ("https://up.example/t", "http://up.example/t", "token_endpoint"),
            ("https://up.example/j", "file:///etc/passwd", "jwks_uri"),
            ("https://up.example/u", "javascript:alert(1)", "userinfo_endpoint"),
            ("\"authorization_endpoint\"", "\"other\"", "authorization_endpoint"),
            ("{", "[", "not JSON"),
        ] {
            let refused = UpstreamMetadata::read(&GOOD.replacen(change, to, 1)).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
