//! `POST /api/v1/tenant/preview`: a page or a letter with settings that are not kept, as one file that needs no other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use writ_core::look::PictureName;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::call::language::speaking;
use crate::call::routes::{Answer, Task};
use crate::contracts::previews::{PreviewWish, PreviewedPage};
use crate::pages::preview;
use crate::state::app::App;

/// Shows it. Nothing is written.
pub(super) async fn show(mut task: Task) -> Answer {
    let wish = PreviewWish::read(&mut task).await?;
    let mut tenant = task.acting.within().clone();
    tenant.settings = wish.settings.applied_to(&tenant.settings);
    if let Some(look) = &wish.client_look {
        tenant.settings = look.over(&tenant.settings);
    }
    let app = &*task.app;
    let html = match wish.page {
        PreviewedPage::Letter => speaking(Some(wish.language), || app.sample_letter(&tenant))?,
        PreviewedPage::SignIn | PreviewedPage::Registration | PreviewedPage::Consent => {
            let page = speaking(Some(wish.language), || match wish.page {
                PreviewedPage::Registration => preview::registration(&tenant),
                PreviewedPage::Consent => preview::consent(&tenant),
                PreviewedPage::SignIn | PreviewedPage::Letter => preview::sign_in(app, &tenant),
            });
            preview::whole(page).await?
        }
    };
    wish.shown(&with_logos(app, &wish, &tenant, html).await?)
}

/// With the logos in it, also those that are only sent.
async fn with_logos(
    app: &App,
    wish: &PreviewWish,
    tenant: &Tenant,
    mut html: String,
) -> Result<String, Fault> {
    for name in tenant.settings.look.pictures().map(PictureName::as_str) {
        let kept = match (wish.logo(name), PictureName::parse(name)) {
            (Some(picture), _) => Some(picture.content.to_vec()),
            (None, Some(name)) => app.store.picture(&name).await?,
            (None, None) => None,
        };
        if let Some(content) = kept {
            let inner = format!("data:image/png;base64,{}", STANDARD.encode(content));
            html = html.replace(&format!("/assets/{name}"), &inner);
        }
    }
    Ok(html)
}
