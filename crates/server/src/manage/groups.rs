//! Groups of people: listed, made, changed, and who is in them.

use writ_core::group::{Group, GroupMember, Membership};
use writ_core::ids::{GroupId, UserId};
use writ_core::manage::groups::{self, GroupDraft, MembersDraft};
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;
use crate::state::rounds::Verdict;

/// The version of a group.
pub fn tag(group: &Group) -> Tag {
    Tag::new(group.id.to_bytes(), group.version)
}

fn id(task: &Task) -> Option<GroupId> {
    GroupId::parse_uuid(task.call.path("group_id"))
}

async fn find(task: &Task) -> Result<Option<Group>, Fault> {
    match id(task) {
        Some(id) => Ok(task.app.store.group(id, task.acting.tenant()).await?),
        None => Ok(None),
    }
}

/// The page of the tenant's groups that the query asks for.
///
/// # Errors
/// 400 for a query that cannot be read; the storage's.
pub async fn page(task: &Task) -> Result<Listed<Group>, Fault> {
    let page = Page::of(&task.call)?;
    let found = task.app.store.groups_page(task.acting.tenant(), page.after, page.to_read()).await?;
    Ok(page.listed(found, |group| After { at: group.created_at, id: group.id.to_bytes() }))
}

/// The group that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<Group, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchGroup))?)
}

/// Makes a group, and the answer that shows it.
///
/// # Errors
/// Those of the decision; 409 for a name that is taken.
pub async fn create(task: &Task, draft: &GroupDraft, render: impl FnOnce(&Group) -> Answer) -> Answer {
    let named = draft.within.as_deref().unwrap_or_default();
    let places = task.app.store.group_places(named, task.acting.tenant()).await?;
    let answer = |group: Group| tagged(&tag(&group), render(&group));
    task.create(|_, deed| groups::create(draft, &places, deed), answer).await
}

/// Changes the group that the path names.
///
/// # Errors
/// Those of the decision; 409 for a name that is taken, 412 for another version.
pub async fn update(task: &Task, draft: &GroupDraft) -> Result<Group, Fault> {
    let found = find(task).await?;
    let kept = found.as_ref().map(|group| &*group.within).unwrap_or_default();
    let named = draft.within.as_deref().unwrap_or(kept);
    let places = task.app.store.group_places(named, task.acting.tenant()).await?;
    task.commit_on(found.as_ref().map(tag), |_, deed| groups::update(draft, found.as_ref(), &places, deed))
        .await
}

/// Removes the group that the path names.
///
/// # Errors
/// 404; 412 for another version.
pub async fn delete(task: &Task) -> Result<(), Fault> {
    let found = find(task).await?;
    task.commit_on(found.as_ref().map(tag), |_, deed| groups::delete(found.as_ref(), deed)).await
}

/// The page of the members of the group that the path names.
///
/// # Errors
/// 404; 400 for a query that cannot be read.
pub async fn members(task: &Task) -> Result<Listed<GroupMember>, Fault> {
    let group = existing(task).await?;
    let page = Page::of(&task.call)?;
    let found = task.app.store.group_members(group.id, page.after, page.to_read()).await?;
    Ok(page.listed(found, |member| After { at: member.since, id: member.user.to_bytes() }))
}

/// Makes people members of the group that the path names, or takes them out.
///
/// # Errors
/// Those of the decision.
pub async fn change_members(task: &Task, draft: &MembersDraft) -> Result<(), Fault> {
    task.rounds(|| async {
        let found = find(task).await?;
        let users = draft.add.iter().chain(&draft.remove).take(2 * groups::CHANGED_MOST);
        let people = match &found {
            Some(group) => task.app.store.people_for_group(group.id, users, task.acting.tenant()).await?,
            None => Vec::new(),
        };
        Ok(match groups::change_members(draft, found.as_ref(), &people, &task.deed()) {
            Ok(Some(changes)) => Verdict::Commit((), changes),
            Ok(None) => Verdict::Answer(()),
            Err(refusal) => Verdict::Refuse(refusal),
        })
    })
    .await
}

/// The groups that the person is in whom the path names.
///
/// # Errors
/// 404 for somebody who is unknown.
pub async fn of_user(task: &Task) -> Result<Vec<Membership>, Fault> {
    let tenant = task.acting.tenant();
    let user = UserId::parse_uuid(task.call.path("user_id")).ok_or_else(|| no_such(Reason::NoSuchUser))?;
    if task.app.store.account(user, tenant).await?.is_none() {
        return Err(no_such(Reason::NoSuchUser).into());
    }
    Ok(task.app.store.groups_of(user, tenant).await?)
}
