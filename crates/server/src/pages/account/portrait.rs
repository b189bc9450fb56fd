//! The picture of a person: sent on the page of their profile, drawn anew, and served under an address that nobody knows
//! who has not been told.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use writ_core::claims::Claim;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::look::{Picture, PictureKind, PictureName};
use writ_core::manage::claims::ClaimsFacts;
use writ_core::multipart::MultipartForm;
use writ_core::people::portraits::{NewPortrait, portray};
use writ_core::shell_reason::ShellReason;

use super::super::flow::{FlowPage, Instead, shown};
use super::super::parts::{Button, Focus, FormField, InputKind, Needed, PortraitForm, Problem};
use super::super::people::form;
use super::edit;
use super::{Leaf, Owner};
use crate::call::csrf::from_our_own_page;
use crate::call::fault::Fault;
use crate::call::frame::{self, initial};
use crate::call::html;
use crate::call::request::Call;
use crate::call::words::{Html, say};
use crate::manage::standing::{addressed, place};
use crate::pages::not_found;
use crate::pictures;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// The field of the file.
pub(super) const FIELD: &str = "picture";

/// Where pictures of a tenant's people are.
const PLACE: &str = "/pictures/";

/// `GET /pictures/{file}`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    let found = match PictureName::parse(call.path("file")) {
        Some(name) if name.kind() == PictureKind::Portrait => look(&app, &call, &name).await,
        Some(_) | None => Ok(None),
    };
    match found {
        Ok(Some(content)) => frame::portrait(content),
        Ok(None) => not_found(&app),
        Err(fault) => html::failed(&fault),
    }
}

async fn look(app: &App, call: &Call, name: &PictureName) -> Result<Option<Vec<u8>>, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    Ok(app.store.portrait(name, tenant.id).await?)
}

/// The picture that somebody has sent; none: there is none, or the claim leads elsewhere.
pub(super) fn of(found: &ClaimsFacts) -> Option<PictureName> {
    found.claims.get(Claim::Picture).and_then(PictureName::portrait_at)
}

/// The same on a page of theirs.
pub(super) fn drawn(owner: &Owner, found: &ClaimsFacts) -> Option<Html> {
    let name = of(found)?;
    Some(Html::portrait(&place(&owner.tenant, &format!("{PLACE}{}", name.as_str()))))
}

/// The form of the picture, where the tenant wants to know one.
pub(super) fn portrait_form<'a>(
    app: &App,
    (owner, found): (&Owner, &ClaimsFacts),
    wrong: Option<&'a str>,
) -> Option<PortraitForm<'a>> {
    is_wanted(owner).then(|| {
        let called = found.account.name.as_deref().unwrap_or(&found.account.user.username);
        PortraitForm {
            shown: drawn(owner, found),
            initial: initial(called),
            action: place(&owner.tenant, "/account/picture"),
            csrf: owner.csrf(app),
            field: FormField {
                error: wrong,
                focus: if wrong.is_some() { Focus::Here } else { Focus::Elsewhere },
                hint: wrong.is_none().then(|| say("picture-hint")),
                needed: Needed::Yes,
                ..FormField::new(FIELD, InputKind::Picture, say("claim-picture"))
            },
            button: Button::other(say("picture-upload")),
            // Whatever the claim says, it can be taken away.
            remove: found.claims.get(Claim::Picture).map(|_| Button::other(say("picture-remove"))),
        }
    })
}

fn is_wanted(owner: &Owner) -> bool {
    owner.tenant.settings.profile_claims.contains(&Claim::Picture)
}

/// `POST /account/picture`: another one, or none any more.
pub async fn save(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(take(&app, &mut call).await)
}

async fn take(app: &App, call: &mut Call) -> FlowPage {
    from_our_own_page(&call.headers, &app.base)?;
    let owner = Owner::of(app, call, Leaf::Profile).await?;
    if !is_wanted(&owner) {
        return Ok(not_found(app));
    }
    if !call.has_file() {
        let body = call.page_form().await?;
        let form = form(&body)?;
        if !owner.is_our_form(app, (call, &form)) {
            return old(app, &owner).await;
        }
        return settle(app, call, &owner, None).await;
    }
    let body = match call.file_form().await {
        Ok(body) => body,
        Err(error) if error.code() == ErrorCode::PayloadTooLarge => return wrong(app, &owner).await,
        Err(error) => return Err(error.into()),
    };
    let bad = |_| OAuthError::new(ErrorCode::InvalidRequest, ShellReason::MultipartBad);
    let sent = MultipartForm::parse(call.content_type(), &body).map_err(bad)?;
    if !owner.is_ours(app, (call, sent.text("csrf").unwrap_or_default())) {
        return old(app, &owner).await;
    }
    let file = sent.get(FIELD).map(|file| body.slice_ref(file)).unwrap_or_default();
    match named(app, &owner, file).await {
        Some(new) => settle(app, call, &owner, Some(new)).await,
        None => wrong(app, &owner).await,
    }
}

/// The picture that was sent, drawn anew, under its address; none: it is no picture that can be shown.
async fn named(app: &App, owner: &Owner, file: Bytes) -> Option<NewPortrait> {
    let content = pictures::apart(move || pictures::portrait(&file)).await?;
    let name = PictureName::secret(owner.session.user, &content, &app.hash_key);
    let address = format!("{}{PLACE}{}", app.issuer(&owner.tenant), name.as_str()).into();
    Some(NewPortrait { picture: Arc::new(Picture { name, content }), address })
}

/// The form that comes twice finds the picture there, or gone.
async fn settle(app: &App, call: &Call, owner: &Owner, new: Option<NewPortrait>) -> FlowPage {
    let origin = call.origin();
    let (new, origin) = (new.as_ref(), &origin);
    let round = |_| async move {
        let found = owner.account(app).await?;
        let changes = portray(&found, new, &owner.scene(app, origin)).map_err(Fault::from)?;
        Ok::<_, Instead>(changes.map_or(Verdict::Answer(()), |changes| Verdict::Commit((), changes)))
    };
    app.rounds(round).await?;
    Ok(owner.done(if new.is_some() { "picture" } else { "picture-gone" }))
}

/// The page once more, for what is no picture.
async fn wrong(app: &App, owner: &Owner) -> FlowPage {
    let found = owner.account(app).await?;
    Ok(edit::with_wrong_picture(app, (owner, &found), say("picture-wrong")))
}

/// The page once more, for a form that was not shown in this browser since somebody signed in.
async fn old(app: &App, owner: &Owner) -> FlowPage {
    let found = owner.account(app).await?;
    Ok(edit::with_problem(app, (owner, &found), Leaf::Profile, Problem::new(say("old-form"))))
}
