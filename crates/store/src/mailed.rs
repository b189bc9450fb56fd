//! What is kept of letters that people sign in by: it lies among the links.

use writ_core::ids::{LinkId, TenantId, UserId};
use writ_core::people::mailed::{MailedFacts, MailedKind, NewMailed};

use crate::error::ReadError;
use crate::row::{Column, Row};
use crate::statements as sql;
use crate::store::Store;
use crate::value::{Step, Value};

pub(crate) fn kept(new: NewMailed) -> Step {
    let values: [Value; 9] = [
        new.id.into(),
        new.tenant.into(),
        new.user.into(),
        new.kind.name().into(),
        new.hash.into(),
        new.email.into(),
        new.generation.into(),
        new.guesses.into(),
        new.expires_at.into(),
    ];
    Step::new(&sql::MAILED_INSERT, values)
}

fn mailed(row: &Row<'_>) -> Column<MailedFacts> {
    Ok(MailedFacts {
        kept: NewMailed {
            id: LinkId::from_bytes(row.id()?),
            tenant: TenantId::from_bytes(row.id()?),
            user: row.maybe_id()?.map(UserId::from_bytes),
            kind: {
                let name = row.text()?;
                MailedKind::by_name(name).ok_or_else(|| format!("unknown kind of code by mail {name}"))?
            },
            hash: row.hash()?,
            email: row.maybe_text()?.map(Into::into),
            generation: row.int()?,
            guesses: row.hash()?,
            expires_at: row.time()?,
        },
        used_at: row.maybe_time()?,
    })
}

impl Store {
    /// What is kept of a letter that somebody signs in by, nobody's too.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn mailed(&self, id: LinkId, tenant: TenantId) -> Result<Option<MailedFacts>, ReadError> {
        self.read_one(&sql::MAILED_BY_ID, &[id.into(), tenant.into()], &mut mailed).await
    }
}
