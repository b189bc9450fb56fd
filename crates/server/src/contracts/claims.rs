//! `/api/v1/users/{user_id}/claims`: the standard claims of a person that the user of the contracts has no field for
//! (OpenID Connect Core §5.1). Applications are told them under the scopes `profile`, `address` and `phone`.

use axum::response::Response;
use http::StatusCode;
use writ_core::claims::{Claim, ClaimGroup, ClaimsPatch};
use writ_core::manage::claims::{ClaimsDraft, ClaimsFacts};
use writ_jose::JsonObject;

use super::fields::Fields;
use crate::call::answer::json_no_store;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::claims;

fn view(found: &ClaimsFacts) -> Response {
    let mut json = JsonObject::default();
    for group in [ClaimGroup::Profile, ClaimGroup::Address, ClaimGroup::Phone] {
        found.claims.write_to(group, &mut json);
    }
    json_no_store(StatusCode::OK, json.finish())
}

/// What was sent of some claims: a value, or `null`, which removes it.
fn read(body: &mut Fields, group: impl Fn(ClaimGroup) -> bool) -> Vec<(Claim, Option<Box<str>>)> {
    let of_group = Claim::ALL.iter().copied().filter(|claim| group(claim.group()));
    let mut sent = Vec::new();
    for claim in of_group {
        let value = match claim {
            Claim::PhoneNumberVerified => {
                body.switch(claim.path()).map(|value| value.map(|value| value.to_string()))
            }
            _ => body.text_or_null(claim.path()),
        };
        sent.extend(value.map(|value| (claim, value.map(Into::into))));
    }
    sent
}

fn draft(mut body: Fields) -> ClaimsDraft {
    let mut sent = read(&mut body, |group| group != ClaimGroup::Address);
    if body.is_null("address") {
        let parts = Claim::ALL.iter().filter(|claim| claim.group() == ClaimGroup::Address);
        sent.extend(parts.map(|claim| (*claim, None)));
    }
    let address = body.object("address", |inner| read(inner, |group| group == ClaimGroup::Address));
    sent.extend(address.into_iter().flatten());
    // A typo would change nothing and be answered with 200.
    body.nothing_else();
    ClaimsDraft { patch: ClaimsPatch::new(sent), unread: body.unread() }
}

/// `GET /api/v1/users/{user_id}/claims`.
pub async fn show(task: Task) -> Answer {
    let found = claims::existing(&task).await?;
    task.show(&claims::tag(&found), Ok(view(&found)))
}

/// `PUT /api/v1/users/{user_id}/claims`: changes only what is sent; `null` removes.
pub async fn update(mut task: Task) -> Answer {
    let draft = draft(task.call.json().await?);
    let after = claims::update(&task, &draft).await?;
    tagged(&claims::tag(&after), Ok(view(&after)))
}
