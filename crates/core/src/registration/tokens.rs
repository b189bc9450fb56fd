//! Initial access tokens (RFC 7591 §1.2): made by an administrator, given to whoever is to register clients.

use std::sync::Arc;

use super::RegisteringChange;
use crate::change::{Action, Change, Target};
use crate::client::MASK;
use crate::decision::Decision;
use crate::handle::{Drawn, INITIAL_PREFIX};
use crate::ids::{RegistrationTokenId, TenantId};
use crate::manage::{Deed, name_is_valid, no_such};
use crate::reason::Reason;
use crate::secret::Digest32;
use crate::time::Micros;
use crate::violation::{Violations, Wrong};

/// An initial access token, as it is shown.
#[derive(Debug, Clone)]
pub struct RegistrationToken {
    /// Row id.
    pub id: RegistrationTokenId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Display name.
    pub name: Arc<str>,
    /// SHA-256 of the whole text.
    pub hash: Digest32,
    /// The last four characters, for the mask.
    pub last_four: Box<str>,
    /// How many clients may still come with it; none: any number.
    pub uses_left: Option<i64>,
    /// How many have come with it.
    pub uses: i64,
    /// When it was made.
    pub created_at: Micros,
    /// When it stops working.
    pub expires_at: Option<Micros>,
    /// When a client last came with it.
    pub last_used_at: Option<Micros>,
}

impl RegistrationToken {
    /// The uses that one may be given at the most.
    pub const MOST_USES: i64 = 1_000_000;

    /// How it is shown ever after.
    pub fn masked(&self) -> String {
        format!("{INITIAL_PREFIX}{MASK}{}", self.last_four)
    }

    /// Whether a client may come with it at `now`.
    pub fn is_good(&self, now: Micros) -> bool {
        self.uses_left.is_none_or(|left| left > 0) && self.expires_at.is_none_or(|end| now < end)
    }
}

/// An initial access token to be made.
#[derive(Debug, Clone)]
pub struct NewRegistrationToken {
    /// The token, as yet unused.
    pub token: RegistrationToken,
}

/// What a new token shall be; the name has to be there.
#[derive(Debug, Clone, Default)]
pub struct TokenDraft {
    /// Display name.
    pub name: Option<String>,
    /// How many clients may come with it: once where nothing is said, `Some(None)`: any number.
    pub uses: Option<Option<u32>>,
    /// When it stops working.
    pub expires_at: Option<Micros>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// A new token, with the one chance to see it.
#[derive(Debug)]
pub struct MadeToken {
    /// The whole text.
    pub drawn: Drawn,
    /// The token as it is shown from now on.
    pub shown: RegistrationToken,
}

/// Makes a token.
///
/// # Errors
/// `invalid_request` naming the fields.
pub fn create(draft: &TokenDraft, deed: &Deed<'_>) -> Decision<MadeToken> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    violations.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
    let is_over = draft.expires_at.is_some_and(|end| end <= deed.moment.now);
    violations.when(Wrong(is_over), "expires_at", Reason::NotInTheFuture);
    let name = violations.settle_with(name)?;
    let id = RegistrationTokenId::v7(deed.moment.now, deed.moment.random.bits());
    let drawn = Drawn::new(INITIAL_PREFIX, id.to_bytes(), &deed.moment);
    let shown = RegistrationToken {
        id,
        tenant: deed.acting.tenant(),
        name: name.into(),
        hash: drawn.hash,
        last_four: drawn.text.get(drawn.text.len().saturating_sub(4)..).unwrap_or_default().into(),
        uses_left: draft.uses.unwrap_or(Some(1)).map(i64::from),
        uses: 0,
        created_at: deed.moment.now,
        expires_at: draft.expires_at,
        last_used_at: None,
    };
    let change = RegisteringChange::CreateToken(Box::new(NewRegistrationToken { token: shown.clone() }));
    let unit = deed.unit(Action::RegistrationTokenCreated, Target::RegistrationToken(id));
    Ok((MadeToken { drawn, shown }, unit.with(Change::Registering(change))))
}

/// Ends a token; the clients that came with it stay.
///
/// # Errors
/// `not_found`.
pub fn delete(found: Option<&RegistrationToken>, deed: &Deed<'_>) -> Decision<()> {
    let tenant = deed.acting.tenant();
    let found = found
        .filter(|found| found.tenant == tenant)
        .ok_or_else(|| no_such(Reason::NoSuchRegistrationToken))?;
    let change = RegisteringChange::DeleteToken { token: found.id, tenant };
    let unit = deed.unit(Action::RegistrationTokenDeleted, Target::RegistrationToken(found.id));
    Ok(((), unit.with(Change::Registering(change))))
}
