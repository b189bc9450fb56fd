//! Pictures that people send of themselves. Applications are told where one is: the claim `picture` (OpenID Connect Core
//! §5.1) is its address, and what is kept goes with the claim.

use std::sync::Arc;

use super::PeopleChange;
use crate::act::{Action, Target};
use crate::change::{Change, Changes};
use crate::claims::{Claim, ClaimsPatch};
use crate::decision::Judgement;
use crate::details::Details;
use crate::look::Picture;
use crate::manage::claims::ClaimsFacts;
use crate::scene::Scene;
use crate::violation::Violations;

/// A picture of a person, and where it will be.
#[derive(Debug, Clone)]
pub struct NewPortrait {
    /// The picture.
    pub picture: Arc<Picture>,
    /// Its address.
    pub address: Box<str>,
}

/// Gives somebody another picture, or takes it away. None: it is so already, as where a form comes twice.
///
/// # Errors
/// `invalid_request` where the address is none that a claim can have.
pub fn portray(
    found: &ClaimsFacts,
    new: Option<&NewPortrait>,
    scene: &Scene<'_>,
) -> Judgement<Option<Changes>> {
    let mut claims = found.claims.clone();
    let sent = (Claim::Picture, new.map(|new| new.address.clone()));
    if let Err(wrong) = ClaimsPatch::new([sent]).apply_to(&mut claims) {
        let mut violations = Violations::default();
        for (claim, why) in wrong {
            violations.note(claim.path(), why);
        }
        violations.settle()?;
    }
    if claims == found.claims {
        return Ok(None);
    }
    let (user, at) = (&found.account.user, scene.moment.now);
    let (tenant, version) = (user.tenant, found.account.version);
    let unit = scene.unit(Action::UserUpdated, Target::User(user.id));
    let done = if new.is_some() { "replaced" } else { "removed" };
    let unit = unit.detailed(Details::new([("picture", done.to_owned())]));
    let told = PeopleChange::SetClaims { user: user.id, tenant, version, claims, at };
    let unit = unit.with(Change::People(told));
    Ok(Some(match new {
        Some(NewPortrait { picture, .. }) => {
            let portrait = Arc::clone(picture);
            unit.with(Change::People(PeopleChange::KeepPortrait { user: user.id, tenant, portrait, at }))
        }
        None => unit,
    }))
}
