//! Roles: those that every tenant has, and those that it defines.

use writ_core::manage::no_such;
use writ_core::manage::roles::{self, RoleDraft};
use writ_core::reason::Reason;
use writ_core::role::{ADMIN, OPERATOR, Role, USER, built_in, name_is_valid};
use writ_core::time::Micros;
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The roles that every tenant has, as the oldest in its list.
const BUILT_IN: [&str; 3] = [USER, ADMIN, OPERATOR];
/// Their version: they only change with the server's.
const BUILT_IN_TAG: Tag = Tag::new([0; 16], 1);

/// A role of a tenant.
pub enum KnownRole {
    /// Every tenant has it.
    BuiltIn(&'static str),
    /// The tenant defined it.
    Defined(Role),
}

impl KnownRole {
    fn built_in(name: &str) -> Option<Self> {
        BUILT_IN.into_iter().find(|known| *known == name).map(Self::BuiltIn)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::BuiltIn(name) => name,
            Self::Defined(role) => &role.name,
        }
    }

    /// What it gives: Writ's permissions, then the tenant's own names.
    pub fn permissions(&self) -> Vec<&str> {
        match self {
            Self::BuiltIn(name) => built_in(name).map(|held| held.names().collect()).unwrap_or_default(),
            Self::Defined(role) => {
                let mut given: Vec<&str> = role.permissions.names().collect();
                given.extend(role.entitlements.iter().map(|name| &**name));
                given
            }
        }
    }

    /// Its version.
    pub fn tag(&self) -> Tag {
        match self {
            Self::BuiltIn(_) => BUILT_IN_TAG,
            Self::Defined(role) => tag(role),
        }
    }
}

/// The version of a role that was defined.
fn tag(role: &Role) -> Tag {
    Tag::new(role.id.to_bytes(), role.version)
}

fn place_of(role: &Role) -> After {
    After { at: role.created_at, id: role.id.to_bytes() }
}

/// A role that the tenant defined.
async fn find(task: &Task, name: &str) -> Result<Option<Role>, Fault> {
    // What cannot be a name is not looked for: not every text can be asked of every engine.
    if !name_is_valid(name) {
        return Ok(None);
    }
    Ok(task.app.store.role(task.acting.tenant(), name).await?)
}

/// The page that the query asks for: the tenant's own, newest first, then those that every tenant has.
pub async fn page(task: &Task) -> Result<Listed<KnownRole>, Fault> {
    let page = Page::of(&task.call)?;
    let mut defined = task.app.store.roles(task.acting.tenant()).await?;
    let total = i64::try_from(defined.len() + BUILT_IN.len()).unwrap_or(i64::MAX);
    defined.sort_by_key(|role| std::cmp::Reverse((role.created_at, role.id)));
    let own = defined.into_iter().map(|role| (place_of(&role), KnownRole::Defined(role)));
    let given = BUILT_IN.iter().enumerate().rev().map(|(n, name)| {
        let id = u128::try_from(n).unwrap_or_default().to_be_bytes();
        (After { at: Micros(0), id }, KnownRole::BuiltIn(name))
    });
    let behind = own.chain(given).filter(|(place, _)| (place.at, place.id) < (page.after.at, page.after.id));
    let most = usize::try_from(page.to_read()).unwrap_or(usize::MAX);
    let Listed { rows, total, next_cursor } =
        page.listed((behind.take(most).collect(), total), |(place, _)| *place);
    Ok(Listed { rows: rows.into_iter().map(|(_, role)| role).collect(), total, next_cursor })
}

/// Defines a role, and the answer that shows it.
pub async fn create(task: &Task, draft: &RoleDraft, render: impl FnOnce(&KnownRole) -> Answer) -> Answer {
    let answer = |role: Role| {
        let made = KnownRole::Defined(role);
        tagged(&made.tag(), render(&made))
    };
    task.create(|_, deed| roles::create(draft, deed), answer).await
}

/// The role that the path names.
///
/// # Errors
/// 404 for one that is unknown.
pub async fn existing(task: &Task) -> Result<KnownRole, Fault> {
    let name = task.call.path("name");
    if let Some(known) = KnownRole::built_in(name) {
        return Ok(known);
    }
    Ok(find(task, name).await?.map(KnownRole::Defined).ok_or_else(|| no_such(Reason::NoSuchRole))?)
}

/// Changes the role that the path names.
pub async fn update(task: &Task, draft: &RoleDraft) -> Result<KnownRole, Fault> {
    let name = task.call.path("name");
    let found = find(task, name).await?;
    let known = found.as_ref().map(tag);
    let role = task.commit_on(known, |_, deed| roles::update(name, draft, found.as_ref(), deed)).await?;
    Ok(KnownRole::Defined(role))
}

/// Removes the role that the path names.
pub async fn delete(task: &Task) -> Result<(), Fault> {
    let name = task.call.path("name");
    let found = find(task, name).await?;
    let bearers = match &found {
        Some(role) => task.app.store.role_bearers(task.acting.tenant(), &role.name).await?,
        None => 0,
    };
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| roles::delete(name, found.as_ref(), bearers, deed)).await
}
