//! The request that a browser is sent to a provider with, and what it comes back with.
//!
//! Its `state` leads to a row here, as a code does, and belongs to the browser that keeps a cookie for it: a code that
//! somebody else has begun is of no use in it. `nonce` and PKCE's verifier follow from the state under the server's key, so
//! that nothing has to be stored which would be of use to whoever reads the database.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::UpstreamChange;
use super::provider::IdentityProvider;
use crate::act::{Action, Actor, Origin, Target};
use crate::change::{Changes, Recorded};
use crate::decision::Moment;
use crate::form::{Form, write_pair};
use crate::handle::{Drawn, Handle};
use crate::ids::{IdentityProviderId, TenantId, UpstreamRequestId};
use crate::scene::Scene;
use crate::secret::{Digest32, HashKey, sha256};
use crate::time::{Micros, Seconds};

/// How long somebody may be away at a provider.
pub const AWAY: Seconds = Seconds(600);
/// What a state begins with.
const PREFIX: &str = "up_";

/// What a browser is sent away with, to be kept.
#[derive(Clone)]
pub struct NewUpstreamRequest {
    /// Row id.
    pub id: UpstreamRequestId,
    /// SHA-256 of the state.
    pub hash: Digest32,
    /// In which tenant.
    pub tenant: TenantId,
    /// To which provider.
    pub provider: IdentityProviderId,
    /// What for, sealed.
    pub sealed: Vec<u8>,
    /// Until when it may come back.
    pub expires_at: Micros,
}

impl fmt::Debug for NewUpstreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUpstreamRequest").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The same, as read from storage.
#[derive(Clone)]
pub struct UpstreamRequest {
    /// Row id.
    pub id: UpstreamRequestId,
    /// SHA-256 of the state.
    pub hash: Digest32,
    /// To which provider.
    pub provider: IdentityProviderId,
    /// What for, sealed.
    pub sealed: Vec<u8>,
    /// Until when it may come back.
    pub expires_at: Micros,
    /// When it came back, and was good.
    pub used_at: Option<Micros>,
}

impl fmt::Debug for UpstreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamRequest").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What follows from a state, and is known to nobody else.
pub struct RequestSecrets {
    /// What the ID token has to bear (OpenID Connect Core §3.1.2.1).
    pub nonce: Zeroizing<String>,
    /// What redeems the code (RFC 7636 §4.1): 43 characters.
    pub verifier: Zeroizing<String>,
}

impl fmt::Debug for RequestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSecrets([redacted])")
    }
}

impl RequestSecrets {
    /// Those of a state.
    pub fn of(state: &str, hash_key: &HashKey) -> Self {
        let follows = |what: &str| {
            let digest = hash_key.hash(&format!("upstream {what} of {state}"));
            Zeroizing::new(URL_SAFE_NO_PAD.encode(digest.as_bytes()))
        };
        Self { nonce: follows("nonce"), verifier: follows("verifier") }
    }
}

/// A state that was just drawn, before anything is kept of it.
#[derive(Debug)]
pub struct DrawnState {
    /// The text and its hash.
    pub drawn: Drawn,
    /// Row id.
    pub id: UpstreamRequestId,
}

impl DrawnState {
    /// A new one.
    pub fn new(moment: &Moment<'_>) -> Self {
        let id = UpstreamRequestId::v7(moment.now, moment.random.bits());
        Self { drawn: Drawn::new(PREFIX, id.to_bytes(), moment), id }
    }

    /// The unit that keeps it. Anybody can be sent away: the record of it is one with a count.
    pub fn kept(
        &self,
        provider: &IdentityProvider,
        sealed: Vec<u8>,
        (origin, moment): (&Origin, &Moment<'_>),
    ) -> Changes {
        let new = NewUpstreamRequest {
            id: self.id,
            hash: self.drawn.hash,
            tenant: provider.tenant,
            provider: provider.id,
            sealed,
            expires_at: moment.now.plus(AWAY),
        };
        let scene = Scene { tenant: provider.tenant, actor: Actor::Anonymous, origin, moment: *moment };
        scene
            .unit(Action::UpstreamSignInStarted, Target::IdentityProvider(provider.id))
            .with(UpstreamChange::Begin(Box::new(new)).into())
            .recorded(Recorded::Noted)
    }
}

/// What a provider is asked for.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamAsk<'a> {
    /// Whom.
    pub provider: &'a IdentityProvider,
    /// Where (`authorization_endpoint`).
    pub endpoint: &'a str,
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// The state.
    pub state: &'a str,
    /// What follows from it.
    pub secrets: &'a RequestSecrets,
    /// Who it will probably be.
    pub login_hint: Option<&'a str>,
    /// Whether they are to prove it anew, though they are signed in there.
    pub anew: Anew,
}

/// Whether somebody who is signed in at a provider proves to be themselves once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// As the provider likes.
    No,
    /// They do (`prompt=login`, OpenID Connect Core §3.1.2.1).
    Yes,
}

impl UpstreamAsk<'_> {
    /// The address that the browser is sent to.
    pub fn address(&self) -> String {
        let Self { provider, endpoint, redirect_uri, state, secrets, login_hint, anew } = self;
        let settings = &provider.settings;
        let challenge = URL_SAFE_NO_PAD.encode(sha256(secrets.verifier.as_bytes()).as_bytes());
        let is_openid = settings.preset.is_openid();
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &*settings.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &*settings.scopes),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if is_openid {
            pairs.push(("nonce", &secrets.nonce));
            if *anew == Anew::Yes {
                pairs.push(("prompt", "login"));
            }
            pairs.extend(login_hint.map(|hint| ("login_hint", hint)));
        }
        if settings.preset.posts_its_answer() {
            pairs.push(("response_mode", "form_post"));
        }
        let mut address = (*endpoint).to_owned();
        let mut separator = if endpoint.contains('?') { '&' } else { '?' };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push(separator);
            write_pair(name, value, &mut address);
            separator = '&';
        }
        address
    }
}

/// A state as it came back.
#[derive(Debug, Clone, Copy)]
pub struct StateRef(Handle);

impl StateRef {
    /// Reads one. `None`: nothing that this server could have drawn.
    pub fn parse(state: &str) -> Option<Self> {
        Handle::parse(PREFIX, state).map(Self)
    }

    /// Where its row would be.
    pub fn id(&self) -> UpstreamRequestId {
        UpstreamRequestId::from_bytes(self.0.id)
    }
}

/// What is known of where an answer comes from.
#[derive(Debug, Clone, Copy)]
pub struct Returning<'a> {
    /// What the browser was sent away with; none: nothing that is known.
    pub request: Option<&'a UpstreamRequest>,
    /// Whether it was this browser.
    pub same_browser: bool,
    /// The provider whose address it came back to: each has its own (RFC 9700 §4.4.2.2).
    pub provider: &'a IdentityProvider,
    /// Whether that one says in its metadata that it names itself in answers (RFC 9207 §3).
    pub names_itself: bool,
}

/// Why an answer is no good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReturnFault {
    /// No request here has the state, or it was another browser's, or another provider's.
    #[error("the state is of no request that began in this browser with this provider")]
    Unknown,
    /// It took too long.
    #[error("the state has expired")]
    Late,
    /// It came before.
    #[error("the state was used before")]
    Used,
    /// It is not of this provider (RFC 9207 §2.4).
    #[error("the answer names another issuer, or none")]
    Issuer,
    /// The provider says no, or the person.
    #[error("the provider answered {0}")]
    Denied(Box<str>),
    /// There is no code in it.
    #[error("there is no code in the answer")]
    Codeless,
}

impl Returning<'_> {
    /// The code that an answer brings.
    ///
    /// # Errors
    /// [`ReturnFault`]. What the answer says is looked at once it is known to be for this browser and of this provider.
    pub fn code(
        &self,
        presented: Option<&StateRef>,
        answer: &Form<'_>,
        now: Micros,
    ) -> Result<Box<str>, ReturnFault> {
        let found = self.request.zip(presented).filter(|(request, presented)| {
            request.hash.ct_eq(&presented.0.hash) && request.provider == self.provider.id && self.same_browser
        });
        let (request, _) = found.ok_or(ReturnFault::Unknown)?;
        if request.used_at.is_some() {
            return Err(ReturnFault::Used);
        }
        if request.expires_at <= now {
            return Err(ReturnFault::Late);
        }
        let own = self.provider.issuer().map(crate::client::WebUri::as_str);
        match (answer.get("iss"), own) {
            // One that has no issuer has nothing to compare with: its own address is what tells it from others.
            (Some(named), Some(own)) if named != own => return Err(ReturnFault::Issuer),
            (None, Some(_)) if self.names_itself => return Err(ReturnFault::Issuer),
            (Some(_) | None, _) => {}
        }
        if let Some(error) = answer.get("error") {
            let plain = error.chars().filter(char::is_ascii_graphic).take(64).collect::<String>();
            return Err(ReturnFault::Denied(plain.into()));
        }
        answer.get("code").filter(|code| !code.is_empty()).map(Into::into).ok_or(ReturnFault::Codeless)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at, hash_key};
    use crate::upstream::told::given::provider;

    fn begun(state: &DrawnState) -> UpstreamRequest {
        UpstreamRequest {
            id: state.id,
            hash: state.drawn.hash,
            provider: provider().id,
            sealed: Vec::new(),
            expires_at: NOW.plus(AWAY),
            used_at: None,
        }
    }

    fn came(
        state: &DrawnState,
        change: impl FnOnce(&mut UpstreamRequest, &mut Returning<'_>),
        answer: &str,
    ) -> Result<Box<str>, ReturnFault> {
        let (mut request, of) = (begun(state), provider());
        let mut returning =
            Returning { request: None, same_browser: true, provider: &of, names_itself: false };
        change(&mut request, &mut returning);
        let returning = Returning { request: Some(&request), ..returning };
        let presented = StateRef::parse(&state.drawn.text);
        returning.code(presented.as_ref(), &Form::parse(answer.as_bytes()).unwrap(), NOW)
    }

    /// OpenID Connect Core §3.1.2.1, RFC 7636 §4.3, RFC 9700 §2.1.1: state, nonce and challenge are there, each another one.
    #[test]
    fn a_browser_is_sent_away_with_state_nonce_and_challenge() {
        let (random, key, of) = (Counted::default(), hash_key(), provider());
        let state = DrawnState::new(&at(NOW, &random));
        let secrets = RequestSecrets::of(&state.drawn.text, &key);
        let ask = |anew| UpstreamAsk {
            provider: &of,
            endpoint: "https://up.example/authorize?tenant=a",
            redirect_uri: "https://id.example/login/with/up/callback",
            state: &state.drawn.text,
            secrets: &secrets,
            login_hint: Some("ada@example.org"),
            anew,
        };
        let address = ask(Anew::Yes).address();
        let query = address.strip_prefix("https://up.example/authorize?tenant=a&").unwrap();
        let sent = Form::parse(query.as_bytes()).unwrap();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "writ"),
            ("redirect_uri", "https://id.example/login/with/up/callback"),
            ("scope", "openid profile email"),
            ("state", &state.drawn.text),
            ("nonce", &secrets.nonce),
            ("code_challenge_method", "S256"),
            ("login_hint", "ada@example.org"),
            ("prompt", "login"),
        ] {
            assert_eq!(sent.get(name), Some(value), "{name}");
        }
        assert_eq!(sent.get("code_challenge").unwrap().len(), 43);
        assert!(secrets.verifier.len() == 43 && !address.contains(&*secrets.verifier));
        assert!(!ask(Anew::No).address().contains("prompt="));
        // Nobody works them out from the state, and each state has others.
        let other = DrawnState::new(&at(NOW, &random));
        let others = RequestSecrets::of(&other.drawn.text, &key);
        assert!(others.nonce != secrets.nonce && others.verifier != secrets.verifier);
        assert!(secrets.nonce != secrets.verifier && !format!("{secrets:?}").contains(&*secrets.nonce));
    }

    /// RFC 9700 §4.4, §4.5, RFC 9207 §2.4: another browser's, another provider's, one that was used, is late, or names another
    /// issuer.
    #[test]
    fn an_answer_is_for_its_browser_of_its_provider_once_and_in_time() {
        let random = Counted::default();
        let state = DrawnState::new(&at(NOW, &random));
        let good = "code=c&iss=https%3A%2F%2Fup.example";
        assert_eq!(came(&state, |_, _| {}, good).as_deref(), Ok("c"));
        assert_eq!(came(&state, |_, _| {}, "code=c").as_deref(), Ok("c"));
        let refused = |change: &dyn Fn(&mut UpstreamRequest, &mut Returning<'_>), answer| {
            came(&state, change, answer).unwrap_err()
        };
        let other = IdentityProviderId::from_bytes([9; 16]);
        assert_eq!(refused(&|request, _| request.hash = sha256(b"x"), good), ReturnFault::Unknown);
        assert_eq!(refused(&|request, _| request.provider = other, good), ReturnFault::Unknown);
        assert_eq!(refused(&|_, returning| returning.same_browser = false, good), ReturnFault::Unknown);
        assert_eq!(refused(&|request, _| request.used_at = Some(NOW), good), ReturnFault::Used);
        assert_eq!(refused(&|request, _| request.expires_at = NOW, good), ReturnFault::Late);
        for wrong in ["code=c&iss=https%3A%2F%2Fevil.example", "code=c&iss=https%3A%2F%2Fup.example%2F"] {
            assert_eq!(refused(&|_, _| {}, wrong), ReturnFault::Issuer, "{wrong}");
        }
        // One without a value is none (RFC 6749 §3.1).
        for without in ["code=c", "code=c&iss="] {
            let fault = refused(&|_, returning| returning.names_itself = true, without);
            assert_eq!(fault, ReturnFault::Issuer, "{without}");
        }
        // An error of another issuer is not believed either.
        let foreign = "error=access_denied&iss=https%3A%2F%2Fevil.example";
        assert_eq!(refused(&|_, _| {}, foreign), ReturnFault::Issuer);
        assert_eq!(refused(&|_, _| {}, "error=access_denied"), ReturnFault::Denied("access_denied".into()));
        for none in ["code=", "state=x", ""] {
            assert_eq!(refused(&|_, _| {}, none), ReturnFault::Codeless);
        }
    }
}
