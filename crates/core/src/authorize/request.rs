//! Reading an authorization request: the steps, in their order.

use std::sync::Arc;

use super::object::Object;
use super::prompt::Prompts;
use super::pushed::{Pushed, THUMBPRINT};
use super::reply::{Answered, ReplyTo, ResponseMode, refused};
use crate::claims::{AcrDemand, ClaimsRequest, Demanded};
use crate::client::{GrantType, Pkce, RegisteredClient, ResponseType, answer_parameter};
use crate::confirmation::Confirmation;
use crate::consent::ConsentFacts;
use crate::device_code::AskingDevice;
use crate::dpop::ProofFault;
use crate::error::{ErrorCode, OAuthError};
use crate::excerpt::Excerpt;
use crate::form::Form;
use crate::hint::SentHint;
use crate::pkce::CodeChallenge;
use crate::reason::Reason;
use crate::resource::{ResourceAsker, Resources, Wanted};
use crate::scope::Scope;
use crate::settings::{Choice, Choices, Switch, TenantSettings};
use crate::subject::Subject;
use crate::time::Seconds;
use crate::token::Audience;

/// The longest `state` that is carried from the request to its answer, bytes.
pub const STATE_LIMIT: usize = 4096;
/// The longest `nonce` that is carried from the request into the ID token, bytes.
pub const NONCE_LIMIT: usize = 4096;
/// Characters of a `login_hint` that are kept: no name is longer.
const LOGIN_HINT_LIMIT: usize = 255;
/// Bytes that a request has at the most before it is read: what its parameters may be, all of them escaped.
pub const REQUEST_LIMIT: usize = 32 * 1024;

/// Whether the request named its redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriSent {
    /// It did: the code exchange has to name it again.
    Yes,
    /// It is the only one that is registered.
    No,
}

/// A request that was found good: what a code will be given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// What the answer consists of.
    pub response_type: ResponseType,
    /// Where the answer goes.
    pub to: ReplyTo,
    /// Whether the redirect URI was named.
    pub uri_sent: UriSent,
    /// What may be granted of what was asked for.
    pub scope: Scope,
    /// The resources that it names (RFC 8707 §2.1); none: it names none.
    pub picked: Option<Audience>,
    /// What is asked for beside it, claim by claim, of what the client may have.
    pub claims: ClaimsRequest,
    /// Goes into the ID token.
    pub nonce: Option<Box<str>>,
    /// What the code exchange has to prove.
    pub pkce: Option<CodeChallenge>,
    /// The key that whoever redeems the code has to hold (RFC 9449 §10).
    pub cnf: Option<Confirmation>,
    /// How the person is asked.
    pub prompts: Prompts,
    /// How old the sign-in may be.
    pub max_age: Option<Seconds>,
    /// Whom the client expects, as the person would write it.
    pub login_hint: Option<Box<str>>,
    /// Whom the client expects, by an ID token of theirs.
    pub expected: Option<Subject>,
    /// The pushed request that it came as.
    pub pushed: Option<Pushed>,
    /// The device that it is for; none: the browser that it came with.
    pub device: Option<Box<AskingDevice>>,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With the browser, for everybody to see.
    Open,
    /// It is being pushed.
    Pushing,
    /// It was pushed before.
    Pushed(Pushed),
}

/// Whom `id_token_hint` names, as the shell found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// There is none.
    None,
    /// This person.
    Person(Subject),
    /// It is not an ID token of this issuer.
    Bad,
}

impl From<SentHint> for Hint {
    fn from(sent: SentHint) -> Self {
        match sent {
            SentHint::Nothing => Self::None,
            SentHint::Token(hinted) => Self::Person(hinted.subject),
            SentHint::Bad => Self::Bad,
        }
    }
}

/// A request that was refused.
#[derive(Debug, Clone)]
pub enum RefusedRequest {
    /// Where the answer would go is not known to be the client's: a page says so.
    Page(OAuthError),
    /// The client hears of it.
    Reply(Box<Answered>, OAuthError),
}

/// What a tenant demands of how requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demands {
    /// They are pushed (RFC 9126 §5).
    pub pushed: Switch,
    /// They are signed request objects (RFC 9101 §10.5).
    pub signed: Switch,
    /// Whether they may ask for an access token at once (RFC 9700 §2.1.2).
    pub legacy: Legacy,
    /// Whether every access token is bound to a key (RFC 9449 §5.2): nobody shows one here.
    pub bound: Switch,
}

/// A tenant's `legacy_implicit_grant`, and whom to ask where it is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legacy {
    /// Whether it is on.
    pub implicit: Switch,
    /// What its operator leaves to the tenant's administrators.
    pub left: Choices,
}

impl Demands {
    /// What the tenant demands of the requests of this client.
    pub fn of(settings: &TenantSettings) -> Self {
        Self {
            pushed: settings.require_pushed_authorization_requests,
            signed: settings.require_signed_request_object,
            legacy: Legacy {
                implicit: settings.legacy_implicit_grant,
                left: settings.left_to_administrators,
            },
            bound: settings.dpop_bound_access_tokens,
        }
    }

    /// Whether this client's have to be signed.
    pub fn signed(self, client: &RegisteredClient) -> Switch {
        Switch::from(self.signed.is_on() || client.registration.metadata.request.signed_only.is_on())
    }
}

/// Where a request is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// How it came.
    pub way: Way,
    /// Whom its `id_token_hint` names.
    pub hint: Hint,
    /// The request object that its parameters came in.
    pub object: &'a Object,
    /// What the tenant demands of requests.
    pub demands: Demands,
    /// The resources of the tenant.
    pub resources: &'a Resources,
    /// Who answers.
    pub issuer: &'a Arc<str>,
}

/// Reads a request. `client` is one of the tenant whose address was used.
///
/// # Errors
/// [`RefusedRequest`], by the first step that fails.
pub fn read(
    form: &Form<'_>,
    client: Option<&RegisteredClient>,
    reading: &Reading<'_>,
) -> Result<AuthorizationRequest, RefusedRequest> {
    let client = known(form, client).map_err(RefusedRequest::Page)?;
    let (uri, uri_sent) = redirect_uri(form, client).map_err(RefusedRequest::Page)?;
    unambiguous(uri).map_err(RefusedRequest::Page)?;
    let state = state(form).map_err(RefusedRequest::Page)?;
    let wanted = form.get("response_type").map(|text| ResponseType::by_name(text).ok_or(text));
    let likely = wanted.and_then(Result::ok).unwrap_or_default();
    let mode = ResponseMode::wanted(form.get("response_mode"), likely);
    let good_mode = mode.filter(|mode| mode.may_carry(likely)).unwrap_or(ResponseMode::usual(likely));
    let to = ReplyTo { redirect_uri: uri.into(), mode: good_mode, state: state.map(Into::into) };
    let rest = || -> Result<AuthorizationRequest, OAuthError> {
        good_object(reading, client)?;
        let response_type = response_type(wanted, client, reading.demands)?;
        if mode != Some(good_mode) {
            let unfit = mode.map_or(Reason::ResponseModeUnknown, |_| Reason::ResponseModeForTokens);
            return Err(invalid(unfit));
        }
        no_registration(form)?;
        as_demanded(reading, client)?;
        let asker = asker(client, reading.resources, reading.issuer);
        let picked = asker.picked(&Wanted::read(form)?)?;
        if response_type.has_token() {
            asker.one_in_a_token(picked.as_ref())?;
        }
        let scope =
            fitting(scope(form, client, |scope| asker.fitting(scope, picked.as_ref()))?, response_type)?;
        let pkce = pkce(form, client, response_type)?;
        let prompts = prompts(form)?;
        let (claims, demanded) = form.get("claims").map(ClaimsRequest::read).transpose()?.unwrap_or_default();
        let expected = expected(reading.hint, &demanded)?;
        Ok(AuthorizationRequest {
            response_type,
            to: to.clone(),
            uri_sent,
            scope,
            picked,
            claims: claims.wishing(acr_values(form, client)).within(&allowed(client)),
            nonce: nonce(form, response_type)?,
            pkce,
            cnf: thumbprint(form)?,
            prompts,
            max_age: max_age(form)?.or(client.registration.metadata.signing_in.default_max_age),
            login_hint: login_hint(form),
            expected,
            pushed: match reading.way {
                Way::Open | Way::Pushing => None,
                Way::Pushed(pushed) => Some(pushed),
            },
            device: None,
        })
    };
    rest().map_err(|error| RefusedRequest::Reply(Box::new(refused(&to, &error, reading.issuer)), error))
}

/// Looks once more at a request that has waited: what it was found good by may have been taken from the client meanwhile.
/// Gives it with what of its scope the client may still have.
///
/// # Errors
/// [`RefusedRequest`], as [`read`].
pub fn still_good(
    request: &AuthorizationRequest,
    client: &RegisteredClient,
    asked: (Demands, &Arc<str>, &Resources),
) -> Result<AuthorizationRequest, RefusedRequest> {
    let ((demands, issuer, resources), to) = (asked, &request.to);
    let who = asker(client, resources, issuer);
    if !client.client.enabled.is_yes() {
        return Err(RefusedRequest::Page(invalid(Reason::NoSuchApplication)));
    }
    if request.device.is_some() {
        return still_asked(request, client, &who).map_err(RefusedRequest::Page);
    }
    if client.redirect_uri(&to.redirect_uri).is_none() {
        let why = Reason::RedirectUriNoMore;
        return Err(RefusedRequest::Page(invalid(why)));
    }
    unambiguous(&to.redirect_uri).map_err(RefusedRequest::Page)?;
    let rest = || -> Result<AuthorizationRequest, OAuthError> {
        may_have(request.response_type, client, demands)?;
        if request.pkce.is_none() && proves_later(client, request.response_type) {
            return Err(invalid(Reason::PkceRequired));
        }
        let scope = fitting(still_fitting(request, client, &who)?, request.response_type)?;
        let claims = request.claims.within(&allowed(client));
        Ok(AuthorizationRequest { scope, claims, ..request.clone() })
    };
    rest().map_err(|error| RefusedRequest::Reply(Box::new(refused(to, &error, issuer)), error))
}

/// The same for what a device asks: it gets no answer at an address, so that whoever it is not good for any more is told
/// on the page.
fn still_asked(
    request: &AuthorizationRequest,
    client: &RegisteredClient,
    asker: &ResourceAsker<'_>,
) -> Result<AuthorizationRequest, OAuthError> {
    if !client.client.grant_types.contains(GrantType::DeviceCode) {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::NotForDeviceCode));
    }
    let scope = still_fitting(request, client, asker)?;
    Ok(AuthorizationRequest { scope, ..request.clone() })
}

/// What of its scope goes with the resources that it names, which are all there for the client still.
fn still_fitting(
    request: &AuthorizationRequest,
    client: &RegisteredClient,
    asker: &ResourceAsker<'_>,
) -> Result<Scope, OAuthError> {
    asker.still(request.picked.as_ref())?;
    clamped(&request.scope, client, |scope| asker.fitting(scope, request.picked.as_ref()))
}

fn asker<'a>(client: &'a RegisteredClient, known: &'a Resources, issuer: &'a str) -> ResourceAsker<'a> {
    ResourceAsker { known, client: &client.client, issuer }
}

/// What was registered before such addresses were refused is not answered either (RFC 6749 §3.1).
fn unambiguous(uri: &str) -> Result<(), OAuthError> {
    match answer_parameter(uri) {
        None => Ok(()),
        Some(name) => {
            let why = Reason::RedirectUriHasAnswer { name: name.into() };
            Err(OAuthError::new(ErrorCode::InvalidRequest, why))
        }
    }
}

fn invalid(public: Reason) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, public)
}

/// Unknown, disabled and foreign look the same.
fn known<'c>(
    form: &Form<'_>,
    client: Option<&'c RegisteredClient>,
) -> Result<&'c RegisteredClient, OAuthError> {
    if form.get("client_id").is_none() {
        return Err(invalid(Reason::ClientIdMissing));
    }
    client.filter(|known| known.client.enabled.is_yes()).ok_or_else(|| invalid(Reason::NoSuchApplication))
}

/// Exactly one of those registered (RFC 9700 §2.1). OpenID Connect requires it to be named.
fn redirect_uri<'f>(
    form: &'f Form<'_>,
    client: &'f RegisteredClient,
) -> Result<(&'f str, UriSent), OAuthError> {
    match form.get("redirect_uri") {
        Some(presented) if client.redirect_uri(presented).is_some() => Ok((presented, UriSent::Yes)),
        Some(presented) => {
            // Compared character by character: whoever looks for the difference has to see what came.
            let came = Excerpt::of_reason(&format!("redirect_uri: unregistered: {presented}"));
            Err(invalid(Reason::RedirectUriUnknown).internally(came))
        }
        None => {
            let openid = form.get("scope").is_some_and(|text| text.split(' ').any(|word| word == "openid"));
            match &*client.registration.redirect_uris {
                [only] if !openid => Ok((only.as_str(), UriSent::No)),
                _ => Err(invalid(Reason::RedirectUriMissing)),
            }
        }
    }
}

fn response_type(
    wanted: Option<Result<ResponseType, &str>>,
    client: &RegisteredClient,
    demands: Demands,
) -> Result<ResponseType, OAuthError> {
    match wanted {
        None => Err(invalid(Reason::ResponseTypeMissing)),
        Some(Ok(known)) => may_have(known, client, demands).map(|()| known),
        Some(Err(_)) => Err(OAuthError::new(ErrorCode::UnsupportedResponseType, Reason::ResponseTypeUnknown)),
    }
}

/// Each client asks for what it has registered (OpenID Connect Registration §2), and nobody gets an access token here where
/// the tenant has not said so, whatever was registered before.
fn may_have(wanted: ResponseType, client: &RegisteredClient, demands: Demands) -> Result<(), OAuthError> {
    let Demands { legacy, bound, .. } = demands;
    if wanted.has_token() && (bound.is_on() || client.client.tokens.choices.dpop_bound.is_on()) {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::TokenNotBound));
    }
    if wanted.has_token() && !legacy.implicit.is_on() {
        let why = legacy.left.turned_on_by(Choice::LegacyImplicitGrant);
        let why = Reason::ResponseTypeOff { why: why.into() };
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, why));
    }
    if client.response_types().any(|own| own == wanted) {
        return Ok(());
    }
    let why = Reason::ResponseTypeNotRegistered { named: wanted.name().into() };
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, why))
}

/// OpenID Connect Core §3.2.2.1: an ID token is for whoever signs people in. §11: nobody is away for long whose client gets
/// no code, and so no refresh token.
fn fitting(scope: Scope, of: ResponseType) -> Result<Scope, OAuthError> {
    if of.has_id_token() && !scope.contains("openid") {
        return Err(OAuthError::new(ErrorCode::InvalidScope, Reason::OpenidMissing));
    }
    if of.has_code() { Ok(scope) } else { Ok(scope.without(|token| token == "offline_access")) }
}

/// RFC 9101 §6: an object that is there is good, and one is there and signed where that is demanded. One that was pushed
/// was looked at then.
fn good_object(reading: &Reading<'_>, client: &RegisteredClient) -> Result<(), OAuthError> {
    let demanded = reading.demands.signed(client).is_on() && matches!(reading.way, Way::Open | Way::Pushing);
    match reading.object {
        Object::Bad(error) => Err(error.clone()),
        Object::Absent | Object::Unsigned if demanded => Err(invalid(Reason::SignedRequestRequired)),
        Object::Signed | Object::Absent | Object::Unsigned => Ok(()),
    }
}

fn no_registration(form: &Form<'_>) -> Result<(), OAuthError> {
    if form.get("registration").is_none() {
        return Ok(());
    }
    let why = Reason::RegistrationNotTaken;
    Err(OAuthError::new(ErrorCode::RegistrationNotSupported, why))
}

/// Some clients, and the clients of some tenants, push their requests and do nothing else (RFC 9126 §5, §6).
fn as_demanded(reading: &Reading<'_>, client: &RegisteredClient) -> Result<(), OAuthError> {
    let is_demanded = reading.demands.pushed.is_on() || client.registration.metadata.pushed_only.is_on();
    if is_demanded && reading.way == Way::Open {
        return Err(invalid(Reason::PushRequired));
    }
    Ok(())
}

/// What was asked for, clamped to what the client may have, and to what goes with the resources that are named; nothing
/// asked: all of that.
fn scope(
    form: &Form<'_>,
    client: &RegisteredClient,
    fitting: impl Fn(&Scope) -> Scope,
) -> Result<Scope, OAuthError> {
    let Some(text) = form.get("scope") else { return Ok(fitting(&allowed(client))) };
    let asked = Scope::parse(text)
        .map_err(|error| OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeBad { why: error.into() }))?;
    clamped(&asked, client, fitting)
}

fn allowed(client: &RegisteredClient) -> Scope {
    let refreshing = client.client.grant_types.contains(GrantType::RefreshToken);
    // Without refresh tokens there is nothing that offline access could mean.
    client.client.scope.without(|token| token == "offline_access" && !refreshing)
}

fn clamped(
    asked: &Scope,
    client: &RegisteredClient,
    fitting: impl Fn(&Scope) -> Scope,
) -> Result<Scope, OAuthError> {
    let granted = fitting(&asked.intersection(&allowed(client)));
    if granted.is_empty() && !asked.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeNone));
    }
    Ok(granted)
}

fn pkce(
    form: &Form<'_>,
    client: &RegisteredClient,
    of: ResponseType,
) -> Result<Option<CodeChallenge>, OAuthError> {
    match CodeChallenge::read(form)? {
        Some(challenge) => Ok(Some(challenge)),
        None if proves_later(client, of) => Err(invalid(Reason::PkceRequired)),
        None => Ok(None),
    }
}

/// RFC 9449 §10.
fn thumbprint(form: &Form<'_>) -> Result<Option<Confirmation>, OAuthError> {
    let Some(text) = form.get(THUMBPRINT) else { return Ok(None) };
    let cnf = Confirmation::of_thumbprint(text);
    cnf.map(Some).ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, ProofFault::Thumbprint))
}

/// Whether there is a code that its client has to prove to be its own.
fn proves_later(client: &RegisteredClient, of: ResponseType) -> bool {
    of.has_code() && client.pkce() == Pkce::Required
}

fn prompts(form: &Form<'_>) -> Result<Prompts, OAuthError> {
    let Some(text) = form.get("prompt") else { return Ok(Prompts::default()) };
    Prompts::parse(text).ok_or_else(|| invalid(Reason::PromptBad))
}

/// No answer can be sent without the `state` that was sent (RFC 6749 §4.1.2.1), and one that is too long is not kept:
/// so a page says so.
fn state<'f>(form: &'f Form<'_>) -> Result<Option<&'f str>, OAuthError> {
    match form.get("state") {
        Some(text) if text.len() > STATE_LIMIT => Err(invalid(Reason::StateTooLong)),
        state => Ok(state),
    }
}

/// Who it has to be, by `id_token_hint` or by the value of `sub` in `claims` (OpenID Connect Core §5.5.1).
fn expected(hint: Hint, demanded: &Demanded) -> Result<Option<Subject>, OAuthError> {
    let hinted = match hint {
        Hint::None => None,
        Hint::Person(subject) => Some(subject),
        Hint::Bad => return Err(invalid(Reason::IdTokenHintBad)),
    };
    match (hinted, demanded.subject) {
        (Some(hinted), Some(demanded)) if hinted != demanded => Err(invalid(Reason::ClaimsSubNotHinted)),
        (hinted, demanded) => Ok(hinted.or(demanded)),
    }
}

/// OpenID Connect Core §3.2.2.1, §3.3.2.11: required where an ID token comes with the browser.
fn nonce(form: &Form<'_>, of: ResponseType) -> Result<Option<Box<str>>, OAuthError> {
    match form.get("nonce") {
        None if of.has_id_token() => Err(invalid(Reason::NonceMissing)),
        Some(text) if text.len() > NONCE_LIMIT => Err(invalid(Reason::NonceTooLong)),
        nonce => Ok(nonce.map(Into::into)),
    }
}

/// The classes that somebody is asked to sign in by, in order of preference (OpenID Connect Core §3.1.2.1), or those that
/// the client has registered for when it names none (OpenID Connect Registration §2).
fn acr_values(form: &Form<'_>, client: &RegisteredClient) -> AcrDemand {
    let usual = &client.registration.metadata.signing_in.default_acr_values;
    match form.get("acr_values") {
        Some(values) => AcrDemand::of_values(values.split(' ')),
        None => AcrDemand::of_values(usual.iter().map(AsRef::as_ref)),
    }
}

fn login_hint(form: &Form<'_>) -> Option<Box<str>> {
    let hint = form.get("login_hint")?;
    Some(hint.chars().take(LOGIN_HINT_LIMIT).collect::<String>().into())
}

impl AuthorizationRequest {
    /// Whether what somebody has agreed to for good is all that it asks for: single claims and resources as well.
    pub fn is_covered_by(&self, consent: &ConsentFacts) -> bool {
        let agreed = &consent.remembered;
        let mut names = self.picked.iter().flat_map(Audience::iter);
        self.scope.is_subset(agreed)
            && self.claims.beyond(agreed).is_empty()
            && names.all(|name| consent.resources.as_ref().is_some_and(|known| known.names(name)))
    }

    /// Bytes of it that are kept while it waits, more or less: those that whoever sent it chose.
    pub fn weight(&self) -> usize {
        let text = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        self.to.redirect_uri.len()
            + self.scope.as_str().len()
            + self.picked.as_ref().map_or(0, |picked| picked.as_str().len())
            + self.claims.to_stored().map_or(0, |text| text.len())
            + text(&self.to.state)
            + text(&self.nonce)
            + text(&self.login_hint)
    }
}

fn max_age(form: &Form<'_>) -> Result<Option<Seconds>, OAuthError> {
    let Some(text) = form.get("max_age") else { return Ok(None) };
    let seconds = text.parse().ok().filter(|age: &i64| *age >= 0 && text.bytes().all(|b| b.is_ascii_digit()));
    seconds.map(|age| Some(Seconds(age))).ok_or_else(|| invalid(Reason::MaxAgeBad))
}
