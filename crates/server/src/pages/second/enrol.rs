//! Setting up the second factor without which nobody is let in: an authenticator app, and the recovery codes that come with
//! it.

use askama::Template;
use axum::response::Response;
use fast_qr::{ECL, QRBuilder};
use http::StatusCode;
use writ_core::change::{Actor, Origin};
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::people::accounts::CurrentPassword;
use writ_core::people::factors::Factor;
use writ_core::people::factors::codes::RecoveryCodes;
use writ_core::people::factors::passkey::{PasskeyPurpose, is_refused};
use writ_core::people::factors::policy::Sufficiency;
use writ_core::people::sign_in::SignedInUser;
use writ_core::scene::Scene;
use writ_core::session::{FactorUsed, PasskeyUse};
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::webauthn::UserVerification;
use zeroize::Zeroizing;

use super::super::flow::{FlowPage, Instead};
use super::super::parts::{Button, Focus, FormField, InputKind, Needed, Problem};
use super::super::passkeys::{PASSKEY, PasskeyButton, PasskeyMaker, make_button, own_bound, suggested_name};
use super::super::people::{later, said_of, secret};
use super::{HalfWay, admit};
use crate::call::browser::Seated;
use crate::call::copy::CopyButton;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::passkeys::MadePasskey;
use crate::call::request::Call;
use crate::call::words::{Html, say, say_html};
use crate::manage::account::OwnAccount;
use crate::manage::factors::OfferedTotp;
use crate::manage::passkeys::asked;
use crate::manage::standing::with_cookie;
use crate::state::app::App;

/// The page on which somebody sets up an authenticator app.
#[derive(Template)]
#[template(path = "people/authenticator.html")]
pub(in super::super) struct AuthenticatorPage<'a> {
    frame: Frame<'a>,
    title: String,
    what: Html,
    problem: Option<Problem>,
    /// The picture for the app's camera: what its paths draw, and how wide it is.
    picture: Option<QrPath>,
    /// The address that opens the app on this device.
    address: Zeroizing<String>,
    /// What can be typed instead.
    key: Zeroizing<String>,
    action: &'a str,
    hidden: &'a [(&'static str, &'a str)],
    account: Legible<'a>,
    fields: Vec<FormField<'a>>,
    button: Button,
    /// What makes a passkey instead.
    passkey: Option<PasskeyButton>,
    under: Option<(String, String)>,
}

framed!(AuthenticatorPage);

/// A picture for cameras, as one path of squares.
pub(in super::super) struct QrPath {
    path: String,
    width: usize,
}

impl QrPath {
    /// None where the text is too long for one.
    fn of(text: &str) -> Option<Self> {
        const MARGIN: usize = 3;
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for y in 0..code.size {
            for x in (0..code.size).filter(|x| code[y].get(*x).is_some_and(|module| module.value())) {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + MARGIN, y + MARGIN);
            }
        }
        Some(Self { path, width: code.size + 2 * MARGIN })
    }
}

/// What is around an app that is being set up.
pub(in super::super) struct Authenticator<'a> {
    pub tenant: &'a Tenant,
    pub username: &'a str,
    pub offered: &'a OfferedTotp,
    pub what: Html,
    pub action: &'a str,
    pub hidden: &'a [(&'static str, &'a str)],
    /// Those before the code.
    pub fields: Vec<FormField<'a>>,
    pub code_error: Option<&'a str>,
    pub problem: Option<Problem>,
    pub passkey: Option<PasskeyButton>,
    pub under: Option<(String, String)>,
    pub forms: Forms,
}

impl Authenticator<'_> {
    /// The page.
    pub(in super::super) fn shown(self) -> Response {
        let Self { tenant, username, offered, problem, code_error, .. } = self;
        let is_fine =
            problem.is_none() && code_error.is_none() && self.fields.iter().all(|f| f.error.is_none());
        let issuer = Legible::of(&tenant.name);
        let address = offered.secret.address(issuer.as_str(), username);
        let title = say("authenticator-title");
        let code = FormField {
            error: code_error,
            hint: Some(say("authenticator-code-hint")),
            focus: Focus::Elsewhere,
            ..FormField::new("code", InputKind::OneTimeCode, say("factor-code-label"))
        };
        let mut fields = vec![code];
        fields.extend(self.fields);
        let page = AuthenticatorPage {
            frame: PasskeyButton::in_frame(Frame::of(tenant, &title), self.passkey.as_ref()),
            title,
            what: self.what,
            problem,
            picture: QrPath::of(&address),
            address,
            key: spaced(&offered.secret.base32()),
            action: self.action,
            hidden: self.hidden,
            account: Legible::of(username),
            fields,
            button: Button::main(say("authenticator-button")),
            passkey: self.passkey,
            under: self.under,
        };
        let status = if is_fine { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        html::private(status, &page, self.forms)
    }
}

/// A key in groups of four, as people type it.
fn spaced(key: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(key.len() * 5 / 4));
    for (at, letter) in key.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// The page with the recovery codes, shown once.
#[derive(Template)]
#[template(path = "people/codes.html")]
struct CodesPage<'a> {
    frame: Frame<'a>,
    title: String,
    codes: Vec<Zeroizing<String>>,
    onward: &'a str,
}

framed!(CodesPage);

/// Shows recovery codes, and the way on.
pub(in super::super) fn codes(tenant: &Tenant, codes: &RecoveryCodes, onward: &str) -> Response {
    let title = say("codes-title");
    let page = CodesPage { frame: Frame::of(tenant, &title), title, codes: codes.shown(), onward };
    html::private(StatusCode::OK, &page, Forms::Own)
}

/// What was wrong with a form.
pub(super) struct EnrolmentProblem {
    code: Option<String>,
    problem: Option<Problem>,
}

/// The page on which somebody sets up what they lack.
pub(super) fn page(
    app: &App,
    half: &HalfWay,
    offered: &OfferedTotp,
    wrong: Option<EnrolmentProblem>,
) -> Response {
    let csrf = half.errand.csrf(app);
    let mut hidden = vec![("offer", offered.slip.as_str())];
    hidden.extend(csrf.as_deref().map(|csrf| ("csrf", csrf)));
    let EnrolmentProblem { code, problem } = wrong.unwrap_or(EnrolmentProblem { code: None, problem: None });
    let own = Html::name(Legible::of(&half.errand.tenant.name).as_str());
    Authenticator {
        tenant: &half.errand.tenant,
        username: &half.account.user.username,
        offered,
        what: say_html("authenticator-required", &[("tenant", own)]),
        action: &half.here,
        hidden: &hidden,
        fields: Vec::new(),
        code_error: code.as_deref(),
        problem,
        passkey: passkey_button(app, half),
        under: None,
        forms: half.errand.forms(),
    }
    .shown()
}

fn passkey_button(app: &App, half: &HalfWay) -> Option<PasskeyButton> {
    let party = app.passkey_party(&half.errand.tenant)?;
    let user = &half.account.user;
    let maker = PasskeyMaker {
        tenant: &half.errand.tenant,
        user: user.id,
        username: &user.username,
        factors: &half.factors,
    };
    Some(make_button(app, party, &maker))
}

/// Takes the passkey that was made, and signs its owner in.
pub(super) async fn take_passkey(
    app: &App,
    call: &Call,
    half: &HalfWay,
    (form, sent): (&Form<'_>, &str),
) -> FlowPage {
    let (tenant, user) = (&*half.errand.tenant, half.account.user.id);
    let again = |problem| {
        let wrong = EnrolmentProblem { code: None, problem: Some(problem) };
        page(app, half, &app.offer_totp(tenant.id, user), Some(wrong))
    };
    if !half.errand.is_our_form(app, call, form) {
        return Ok(again(Problem::new(say("old-form"))));
    }
    let made = MadePasskey::read(sent);
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let (bound, name) = (own_bound(tenant, user), suggested_name(call));
    let challenge = asked(PasskeyPurpose::Make, &bound);
    let added = app
        .rounds(|_| async {
            // Whoever is here has just shown the password.
            let wish = (&made, name.as_str(), CurrentPassword::Right);
            app.add_passkey(&own(app, half, &origin), challenge, wish).await
        })
        .await;
    match added {
        Ok(new) => let_in(app, call, half, (new, &origin)).await,
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            Ok(again(Problem::new(said_of(&fault, PASSKEY).unwrap_or_else(|| say("passkey-not-made")))))
        }
        Err(fault) if is_refused(&fault.error) => Ok(again(Problem::new(say("passkey-not-made")))),
        Err(fault) => later(fault, again),
    }
}

/// Takes the code that the new app shows, and signs its owner in.
pub(super) async fn take(app: &App, call: &Call, half: &HalfWay, form: &Form<'_>) -> FlowPage {
    let (tenant, user) = (&*half.errand.tenant, half.account.user.id);
    let offered = app.offered_totp(tenant.id, user, form.get("offer").unwrap_or_default());
    let ours = half.errand.is_our_form(app, call, form);
    let Some(offered) = offered.filter(|_| ours) else {
        let problem = Some(Problem::new(say("old-form")));
        return Ok(page(
            app,
            half,
            &app.offer_totp(tenant.id, user),
            Some(EnrolmentProblem { code: None, problem }),
        ));
    };
    let browser = app.browser(&call.headers).await?;
    let origin = Origin { browser: browser.map(|browser| browser.facts.id), ..call.origin() };
    let (typed, name) = (secret(form, "code"), say("authenticator-name"));
    // Whoever is here has just shown the password.
    let proof = CurrentPassword::Right;
    let added = app
        .rounds(|_| async {
            let own = own(app, half, &origin);
            app.add_totp(&own, &offered, (&name, &typed, proof)).await
        })
        .await;
    let new = match added {
        Ok(new) => new,
        Err(fault) if fault.error.code() == ErrorCode::InvalidRequest => {
            let code = said_of(&fault, "code").map(|_| say("factor-wrong"));
            let problem = code.is_none().then(|| Problem::new(say("old-form")));
            return Ok(page(app, half, &offered, Some(EnrolmentProblem { code, problem })));
        }
        Err(fault) => {
            return later(fault, |problem| {
                page(app, half, &offered, Some(EnrolmentProblem { code: None, problem: Some(problem) }))
            });
        }
    };
    let_in(app, call, half, (new, &origin)).await
}

/// Signs somebody in who has set up what they lacked, and shows them the recovery codes that came with it.
async fn let_in(
    app: &App,
    call: &Call,
    half: &HalfWay,
    (new, origin): (Option<RecoveryCodes>, &Origin),
) -> FlowPage {
    let (tenant, user) = (&*half.errand.tenant, half.account.user.id);
    let known = app.known_factors(user, tenant.id).await?;
    let assurance = known.assurance(&tenant.settings, half.errand.demand());
    let account = app.store.account(user, tenant.id).await.map_err(Fault::from)?;
    let Some(account) = account else { return Ok(html::see_other(&half.errand.onward())) };
    // What was set up last has just been shown.
    let shown = match known.factors.list.last().and_then(Factor::passkey) {
        Some(passkey) => FactorUsed::Passkey(PasskeyUse {
            is_copyable: passkey.is_copyable,
            verification: UserVerification::NotDone,
        }),
        None => FactorUsed::Totp,
    };
    let person = SignedInUser::of(&account, half.proved.and(shown), Some(&assurance));
    let Some(Sufficiency::Enough(admitted)) = &person.sufficiency else {
        return Ok(html::see_other(&half.here));
    };
    let onward = half.errand.onward();
    let answer = || match &new {
        Some(new) => codes(tenant, new, &onward),
        None => html::see_other(&onward),
    };
    let done: Result<Response, Fault> =
        app.rounds(|_| admit(app, call, half, (admitted, &person, origin), answer)).await;
    Ok(done?)
}

/// The same codes once more, for a form that came twice: to the browser that was signed in by it, and nobody else.
pub(super) async fn again(
    app: &App,
    call: &Call,
    half: &HalfWay,
    offer: &str,
) -> Result<Option<Response>, Instead> {
    let (tenant, user) = (&*half.errand.tenant, half.account.user.id);
    let Seated::Already(cookie) = app.seat(&call.headers, half.errand.entry(half.account.user.id)).await?
    else {
        return Ok(None);
    };
    let Some(offered) = app.offered_totp(tenant.id, user, offer) else { return Ok(None) };
    let new = app.codes_of(tenant.id, user, &offered).await?;
    Ok(new.map(|new| with_cookie(codes(tenant, &new, &half.errand.onward()), app.set_cookie(&cookie))))
}

fn own<'a>(app: &'a App, half: &'a HalfWay, origin: &'a Origin) -> OwnAccount<'a> {
    let user = &half.account.user;
    let actor = Actor::User { id: user.id, name: std::sync::Arc::clone(&user.username) };
    let scene = Scene { tenant: half.errand.tenant.id, actor, origin, moment: app.moment() };
    OwnAccount { tenant: &half.errand.tenant, user: user.id, scene, through: None }
}

/// A field for a name, where somebody has several apps.
pub(in super::super) fn name_field(value: &str) -> FormField<'_> {
    FormField {
        value,
        needed: Needed::No,
        ..FormField::new("name", InputKind::Name, say("authenticator-name-label"))
    }
}
