//! Request objects (RFC 9101, OpenID Connect Core §6): the parameters of a request, wherever they came from.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::authenticate::ClientFacts;
use writ_core::authorize::{Demands, Judging, Object, ObjectError, RequestObject};
use writ_core::client::{ObjectAlg, RegisteredClient};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::secret::sha256;
use writ_core::shell_reason::ShellReason;

use crate::call::fault::Fault;
use crate::outbound::{Ask, Bounds};
use crate::state::app::App;
use crate::state::proving::{Proving, Unproved};

/// What fetching an object may cost.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(5), bytes: 24 * 1024 };

/// The parameters of a request, and the object that they came in.
#[derive(Debug)]
pub(super) struct Params {
    /// Form-encoded; none: they are those of the request itself.
    pub form: Option<Box<str>>,
    /// What the object is worth.
    pub object: Object,
}

impl Params {
    /// Those of a request that was pushed: an object was opened then.
    pub fn pushed(form: &str) -> Self {
        Self { form: Some(form.into()), object: Object::Absent }
    }

    /// Those of the request itself.
    pub fn own() -> Self {
        Self { form: None, object: Object::Absent }
    }

    fn bad(form: Option<String>, error: OAuthError) -> Self {
        Self { form: form.map(Into::into), object: Object::Bad(error) }
    }

    /// The parameters of a client's request: those in the object that it brings or points at, and nothing beside them.
    pub async fn of(
        app: &App,
        form: &Form<'_>,
        client: (&RegisteredClient, &ClientFacts),
    ) -> Result<Self, Fault> {
        let text = match (form.get("request"), form.get("request_uri")) {
            (None, None) => return Ok(Self::own()),
            (Some(text), None) => text.to_owned(),
            // In boxes, here and below: most requests bring no object, and need not carry room for one.
            (None, Some(uri)) => match Box::pin(fetch(app, uri, client)).await {
                Ok(text) => text,
                Err(error) => return Ok(Self::bad(None, error)),
            },
            (Some(_), Some(_)) => {
                let why = ShellReason::RequestBesideUri;
                return Ok(Self::bad(None, OAuthError::new(ErrorCode::InvalidRequest, why)));
            }
        };
        let text = match Box::pin(opened(app, text, client.1)).await? {
            Ok(text) => text,
            Err(error) => return Ok(Self::bad(None, error)),
        };
        let object = match RequestObject::read(&text) {
            Ok(object) => object,
            Err(why) => return Ok(Self::bad(None, why.into())),
        };
        let inside = match object.parameters(&client.1.client.client_id) {
            Ok(inside) => inside,
            Err(why) => return Ok(Self::bad(None, why.into())),
        };
        Ok(match Box::pin(judged(app, (&object, form), client)).await? {
            Ok(object) => Self { form: Some(inside.into()), object },
            Err(error) => Self::bad(Some(inside), error),
        })
    }
}

/// The object within an encrypted one (RFC 9101 §6.1); any other as it is. Who has encrypted it nobody knows: what is within
/// is judged like any object.
async fn opened(app: &App, text: String, facts: &ClientFacts) -> Result<Result<String, OAuthError>, Fault> {
    if !RequestObject::is_encrypted(&text) {
        return Ok(Ok(text));
    }
    let opened = app.decrypted(&facts.tenant, &text).await?;
    Ok(opened.map_err(|why| OAuthError::from(ObjectError::Encryption).internally(why)))
}

/// What an object is worth. What can be refused without the client's keys is refused before anything is fetched or
/// computed.
async fn judged(
    app: &App,
    (object, beside): (&RequestObject, &Form<'_>),
    (client, facts): (&RegisteredClient, &ClientFacts),
) -> Result<Result<Object, OAuthError>, Fault> {
    let demanded = Demands::of(&facts.tenant.settings).signed(client);
    let judging = Judging { client, issuer: &facts.issuer, demanded, now: app.clock.now() };
    let alg = match object.agrees_with(beside).and_then(|()| object.suits(&judging)) {
        Ok(ObjectAlg::Signed(alg)) => alg,
        Ok(ObjectAlg::None) => return Ok(Ok(Object::Unsigned)),
        Err(why) => return Ok(Err(why.into())),
    };
    let proving = Proving::of_requests(app, client, alg)?;
    let signed = app.signed(object.token(), (&proving, facts.tenant.id)).await;
    Ok(signed.map(|()| Object::Signed).map_err(|why| unsigned(&why)))
}

fn unsigned(why: &Unproved) -> OAuthError {
    OAuthError::from(ObjectError::Signature).internally(why.to_string())
}

/// The object at an address that the client has registered (RFC 9101 §5.2, OpenID Connect Core §6.2). Why there is none is
/// for the log: whoever asked would learn about networks that they cannot reach.
async fn fetch(app: &App, uri: &str, of: (&RegisteredClient, &ClientFacts)) -> Result<String, OAuthError> {
    let (client, facts) = of;
    let refused = |why: ShellReason| OAuthError::new(ErrorCode::InvalidRequestUri, why);
    if !client.registration.metadata.request.has_uri(uri) {
        return Err(refused(ShellReason::RequestUriNotRegistered));
    }
    let kept = (facts.tenant.id, Box::from(uri));
    if let Some(text) = app.request_objects.get(&kept) {
        return Ok(text.to_string());
    }
    let (address, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let accept = "application/oauth-authz-req+jwt, application/jwt";
    let ask = Ask { uri: address, accept, tenant: facts.tenant.id, bounds: BOUNDS };
    let unreachable = || refused(ShellReason::RequestUriEmpty);
    let fetched = app.outbound.get(ask).await.map_err(|why| unreachable().internally(why.to_string()))?;
    let text = std::str::from_utf8(&fetched.body).map_err(|_| unreachable().internally("not UTF-8"))?.trim();
    // OpenID Connect Core §6.2: one whose address bears the hash of it never changes.
    if URL_SAFE_NO_PAD.decode(fragment).is_ok_and(|hash| hash == sha256(&fetched.body).as_bytes()) {
        app.request_objects.insert(kept, text.into());
    }
    Ok(text.to_owned())
}
