//! What a provider says of a person: an ID token (OpenID Connect Core §3.1.3.7), or what an address tells for a token.

use writ_jose::{Algorithm, Json};

use crate::id_token::half_hash;
use crate::time::{Micros, Seconds};

/// How far clocks may be apart.
const SKEW: Seconds = Seconds(60);
/// How old an ID token may be that was just fetched.
const OLDEST: Seconds = Seconds(600);
/// Bytes of a subject at the most (OpenID Connect Core §2 has 255 for ASCII).
const SUBJECT: usize = 255;
/// Characters of any other text that is believed.
const TEXT: usize = 255;
/// The words of `amr` that a provider may be trusted with (RFC 8176 §2).
const METHODS: [&str; 13] =
    ["face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pwd", "sc", "swk"];

/// Somebody, as a provider tells of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldIdentity {
    /// What they are called there: never given to somebody else.
    pub subject: Box<str>,
    /// Their address.
    pub email: Option<Box<str>>,
    /// Whether the provider says that it has seen it to be theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<Box<str>>,
    /// What they sign in with there.
    pub username: Option<Box<str>>,
    /// When they signed in there.
    pub auth_time: Option<Micros>,
    /// How (`amr`), as far as the words are known.
    pub methods: Vec<&'static str>,
}

/// What an ID token has to be.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedToken<'a> {
    /// Of whom.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// For which request.
    pub nonce: &'a str,
    /// The access token that came beside it.
    pub access_token: Option<&'a str>,
    /// What it was signed with.
    pub algorithm: Algorithm,
    /// Now.
    pub now: Micros,
}

/// Why what a provider says is not believed. For the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ToldFault {
    /// `iss`
    #[error("the ID token is of another issuer")]
    Issuer,
    /// `aud`, `azp`
    #[error("the ID token is for another client")]
    Audience,
    /// `exp`
    #[error("the ID token has expired, or never does")]
    Expired,
    /// `iat`
    #[error("the ID token was not made just now")]
    Issued,
    /// `nonce`
    #[error("the ID token is of another request")]
    Nonce,
    /// `at_hash`
    #[error("the access token is not the one that the ID token was made for")]
    AccessToken,
    /// `sub`
    #[error("it is not said who it is")]
    Subject,
    /// `sub` of UserInfo (OpenID Connect Core §5.3.2)
    #[error("UserInfo is about somebody else")]
    SomebodyElse,
}

impl ExpectedToken<'_> {
    /// Whether the claims of an ID token whose signature is good are what they have to be.
    ///
    /// # Errors
    /// [`ToldFault`]
    pub fn judge(&self, claims: &Json) -> Result<(), ToldFault> {
        let text = |name: &str| claims.get(name).and_then(Json::as_str);
        let time = |name: &str| claims.get(name).and_then(Json::as_i64);
        if text("iss") != Some(self.issuer) {
            return Err(ToldFault::Issuer);
        }
        let audience: Vec<&str> = match claims.get("aud") {
            Some(Json::String(one)) => vec![one],
            Some(several) => several.as_array().unwrap_or_default().iter().filter_map(Json::as_str).collect(),
            None => Vec::new(),
        };
        let party = text("azp");
        let is_ours = audience.contains(&self.client_id)
            && party.is_none_or(|party| party == self.client_id)
            && (audience.len() == 1 || party.is_some());
        if !is_ours {
            return Err(ToldFault::Audience);
        }
        let (now, skew) = (self.now.as_secs(), SKEW.0);
        if time("exp").is_none_or(|end| end.saturating_add(skew) <= now) {
            return Err(ToldFault::Expired);
        }
        if time("iat").is_none_or(|at| at > now.saturating_add(skew) || at < now.saturating_sub(OLDEST.0)) {
            return Err(ToldFault::Issued);
        }
        if text("nonce") != Some(self.nonce) {
            return Err(ToldFault::Nonce);
        }
        match (text("at_hash"), self.access_token) {
            (Some(said), Some(token)) if said != half_hash(self.algorithm, token) => {
                Err(ToldFault::AccessToken)
            }
            (Some(_) | None, _) => Ok(()),
        }
    }
}

fn said(claims: &Json, name: &str) -> Option<Box<str>> {
    let text = claims.get(name).and_then(Json::as_str)?.trim();
    let is_good = !text.is_empty() && text.chars().count() <= TEXT;
    is_good.then(|| text.into())
}

impl ToldIdentity {
    /// From the claims of an ID token, or of what tells who somebody is. A subject may be a number: GitHub has those.
    ///
    /// # Errors
    /// [`ToldFault::Subject`]
    pub fn read(claims: &Json) -> Result<Self, ToldFault> {
        let number = |name: &str| claims.get(name).and_then(Json::as_i64).map(|id| id.to_string());
        let subject = match claims.get("sub") {
            Some(sub) => sub.as_str().map(str::to_owned),
            None => number("id").or_else(|| claims.get("id").and_then(Json::as_str).map(str::to_owned)),
        };
        let subject =
            subject.filter(|sub| (1..=SUBJECT).contains(&sub.len()) && sub.chars().all(|c| !c.is_control()));
        let words = claims.get("amr").and_then(Json::as_array).unwrap_or_default();
        let is_said = |method: &&str| words.iter().any(|word| word.as_str() == Some(*method));
        Ok(Self {
            subject: subject.ok_or(ToldFault::Subject)?.into(),
            email: said(claims, "email"),
            // Apple, among others, says it in a text.
            email_verified: match claims.get("email_verified") {
                Some(Json::Boolean(is)) => *is,
                Some(text) => text.as_str() == Some("true"),
                None => false,
            },
            name: said(claims, "name"),
            username: said(claims, "preferred_username").or_else(|| said(claims, "login")),
            auth_time: claims.get("auth_time").and_then(Json::as_i64).map(Micros::from_secs),
            methods: METHODS.into_iter().filter(is_said).collect(),
        })
    }

    /// With what UserInfo says besides; the ID token's own words count for more.
    ///
    /// # Errors
    /// [`ToldFault::SomebodyElse`]
    pub fn with_userinfo(self, claims: &Json) -> Result<Self, ToldFault> {
        let more = Self::read(claims)?;
        if more.subject != self.subject {
            return Err(ToldFault::SomebodyElse);
        }
        let (email, email_verified) = match self.email {
            Some(email) => (Some(email), self.email_verified),
            None => (more.email, more.email_verified),
        };
        let (name, username) = (self.name.or(more.name), self.username.or(more.username));
        Ok(Self { email, email_verified, name, username, ..self })
    }

    /// With the mailboxes that GitHub tells apart: of those that are verified the one that is said to be the first.
    #[must_use]
    pub fn with_mailboxes(self, told: &Json) -> Self {
        let is = |one: &Json, name: &str| one.get(name) == Some(&Json::Boolean(true));
        let all = told.as_array().unwrap_or_default();
        let verified = || all.iter().filter(|one| is(one, "verified"));
        let chosen = verified().find(|one| is(one, "primary")).or_else(|| verified().next());
        match chosen.and_then(|one| said(one, "email")) {
            Some(email) => Self { email: Some(email), email_verified: true, ..self },
            None => Self { email_verified: false, ..self },
        }
    }
}

#[cfg(test)]
pub(crate) mod given {
    use std::sync::Arc;

    use super::super::preset::Preset;
    use super::super::provider::{IdentityProvider, LinkByEmail, ProviderSettings, Spoken, UpstreamAuth};
    use crate::change::Enabled;
    use crate::client::WebUri;
    use crate::given::NOW;
    use crate::ids::{IdentityProviderId, TenantId};
    use crate::settings::Switch;

    /// A provider at `https://up.example`.
    pub(crate) fn provider() -> IdentityProvider {
        let settings = ProviderSettings {
            preset: Preset::OpenId,
            spoken: Spoken::OpenId(WebUri::from_stored("https://up.example")),
            client_id: "writ".into(),
            auth: UpstreamAuth::Basic,
            signer: None,
            scopes: "openid profile email".into(),
            domains: Vec::new(),
            link_by_email: LinkByEmail::Never,
            create_accounts: Switch::On,
            trust_email: Switch::On,
            trust_second_factor: Switch::Off,
        };
        IdentityProvider {
            id: IdentityProviderId::from_bytes([7; 16]),
            tenant: TenantId::from_bytes([1; 16]),
            slug: "up".into(),
            name: "Upstream".into(),
            enabled: Enabled::Yes,
            settings: Arc::new(settings),
            secret: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::NOW;

    fn claims(change: &[(&str, &str)]) -> Json {
        let now = NOW.as_secs();
        let mut members = vec![
            ("iss", "\"https://up.example\"".to_owned()),
            ("aud", "\"writ\"".to_owned()),
            ("sub", "\"ada\"".to_owned()),
            ("exp", (now + 300).to_string()),
            ("iat", now.to_string()),
            ("nonce", "\"n\"".to_owned()),
        ];
        for (name, value) in change {
            members.retain(|(known, _)| known != name);
            if !value.is_empty() {
                members.push((name, (*value).to_owned()));
            }
        }
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Json::parse(format!("{{{}}}", members.join(",")).as_bytes()).unwrap()
    }

    fn judged(change: &[(&str, &str)]) -> Result<(), ToldFault> {
        let expected = ExpectedToken {
            issuer: "https://up.example",
            client_id: "writ",
            nonce: "n",
            access_token: Some("token"),
            algorithm: Algorithm::Rs256,
            now: NOW,
        };
        expected.judge(&claims(change))
    }

    /// OpenID Connect Core §3.1.3.7, clause by clause.
    #[test]
    fn an_id_token_is_of_this_provider_for_us_now_and_for_this_request() {
        let now = NOW.as_secs();
        let hash = format!("\"{}\"", half_hash(Algorithm::Rs256, "token"));
        for good in [
            &[][..],
            &[("aud", "[\"writ\"]")],
            &[("aud", "[\"writ\",\"other\"]"), ("azp", "\"writ\"")],
            &[("at_hash", &hash)],
            &[("exp", &(now - 59).to_string())],
        ] {
            assert_eq!(judged(good), Ok(()), "{good:?}");
        }
        for (wrong, why) in [
            (&[("iss", "\"https://evil.example\"")][..], ToldFault::Issuer),
            (&[("iss", "\"https://up.example/\"")], ToldFault::Issuer),
            (&[("iss", "")], ToldFault::Issuer),
            (&[("aud", "\"other\"")], ToldFault::Audience),
            (&[("aud", "")], ToldFault::Audience),
            (&[("aud", "[]")], ToldFault::Audience),
            (&[("aud", "[\"writ\",\"other\"]")], ToldFault::Audience),
            (&[("azp", "\"other\"")], ToldFault::Audience),
            (&[("exp", &(now - 60).to_string())], ToldFault::Expired),
            (&[("exp", "")], ToldFault::Expired),
            (&[("exp", "\"never\"")], ToldFault::Expired),
            (&[("iat", &(now + 61).to_string())], ToldFault::Issued),
            (&[("iat", &(now - 601).to_string())], ToldFault::Issued),
            (&[("iat", "")], ToldFault::Issued),
            (&[("nonce", "\"m\"")], ToldFault::Nonce),
            (&[("nonce", "")], ToldFault::Nonce),
            (&[("at_hash", "\"AAAA\"")], ToldFault::AccessToken),
        ] {
            assert_eq!(judged(wrong), Err(why), "{wrong:?}");
        }
    }

    #[test]
    fn who_it_is_is_read_as_far_as_it_can_be_believed() {
        let read = |change: &[(&str, &str)]| ToldIdentity::read(&claims(change));
        let ada = read(&[
            ("email", "\"ada@example.org\""),
            ("email_verified", "true"),
            ("name", "\" Ada \""),
            ("preferred_username", "\"ada\""),
            ("amr", "[\"pwd\",\"mfa\",\"from tomorrow\",7]"),
            ("auth_time", "1000"),
        ])
        .unwrap();
        assert_eq!(
            (&*ada.subject, ada.email.as_deref(), ada.email_verified),
            ("ada", Some("ada@example.org"), true)
        );
        assert_eq!((ada.name.as_deref(), ada.auth_time), (Some("Ada"), Some(Micros::from_secs(1000))));
        assert_eq!(ada.methods, ["mfa", "pwd"]);
        for (value, verified) in
            [("\"true\"", true), ("\"false\"", false), ("1", false), ("\"yes\"", false), ("", false)]
        {
            assert_eq!(read(&[("email_verified", value)]).unwrap().email_verified, verified, "{value}");
        }
        for wrong in ["", "\"\"", "7", "\"a\\nb\"", &format!("\"{}\"", "x".repeat(256))] {
            assert_eq!(read(&[("sub", wrong)]), Err(ToldFault::Subject), "{wrong}");
        }
        // GitHub: a number, and the mailboxes apart.
        let octocat =
            Json::parse(br#"{"id":583231,"login":"octocat","name":null,"email":"public@example.org"}"#)
                .unwrap();
        let octocat = ToldIdentity::read(&octocat).unwrap();
        assert_eq!((&*octocat.subject, octocat.username.as_deref()), ("583231", Some("octocat")));
        let mailboxes = br#"[{"email":"x@a","verified":false,"primary":true},{"email":"y@a","verified":true,"primary":false}]"#;
        let with = octocat.clone().with_mailboxes(&Json::parse(mailboxes).unwrap());
        assert_eq!((with.email.as_deref(), with.email_verified), (Some("y@a"), true));
        assert!(!octocat.with_mailboxes(&Json::parse(b"[]").unwrap()).email_verified);
    }

    /// OpenID Connect Core §5.3.2: what is about somebody else is nothing; and an address of UserInfo brings its own word.
    #[test]
    fn userinfo_adds_what_is_missing_about_the_same_person() {
        let ada = ToldIdentity::read(&claims(&[("email_verified", "true")])).unwrap();
        let more = claims(&[("email", "\"a@b\""), ("email_verified", "false"), ("name", "\"Ada\"")]);
        let both = ada.clone().with_userinfo(&more).unwrap();
        assert_eq!(
            (both.email.as_deref(), both.email_verified, both.name.as_deref()),
            (Some("a@b"), false, Some("Ada"))
        );
        assert_eq!(ada.with_userinfo(&claims(&[("sub", "\"bob\"")])), Err(ToldFault::SomebodyElse));
    }
}
