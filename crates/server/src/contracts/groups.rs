//! `/api/v1/groups`: groups of people, and who is in them.

use http::StatusCode;
use serde::Serialize;
use writ_core::group::{Group, GroupMember, Membership, MembershipBy};
use writ_core::ids::UserId;
use writ_core::manage::groups::{GroupDraft, MembersDraft};
use writ_core::reason::Reason;

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::groups;

#[derive(Serialize)]
struct GroupView<'a> {
    id: String,
    name: &'a str,
    description: Option<&'a str>,
    within: &'a [Box<str>],
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct GroupList<'a> {
    groups: Vec<GroupView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct GroupMemberView<'a> {
    user_id: String,
    username: &'a str,
    name: Option<&'a str>,
    since: String,
}

#[derive(Serialize)]
struct GroupMemberList<'a> {
    members: Vec<GroupMemberView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct MembershipView<'a> {
    id: String,
    name: &'a str,
    /// Whether the person is a member of the group itself, not only of one within it.
    is_member: bool,
}

#[derive(Serialize)]
struct MembershipList<'a> {
    groups: Vec<MembershipView<'a>>,
}

impl<'a> From<&'a Group> for GroupView<'a> {
    fn from(group: &'a Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: &group.name,
            description: group.description.as_deref(),
            within: &group.within,
            created_at: time(group.created_at),
            updated_at: time(group.updated_at),
        }
    }
}

impl<'a> From<&'a GroupMember> for GroupMemberView<'a> {
    fn from(member: &'a GroupMember) -> Self {
        Self {
            user_id: member.user.to_string(),
            username: &member.username,
            name: member.name.as_deref(),
            since: time(member.since),
        }
    }
}

impl<'a> From<&'a Membership> for MembershipView<'a> {
    fn from(found: &'a Membership) -> Self {
        let is_member = found.by == MembershipBy::Itself;
        Self { id: found.group.to_string(), name: &found.name, is_member }
    }
}

/// The body of a request.
async fn draft(task: &mut Task) -> Result<GroupDraft, Fault> {
    let mut body: Fields = task.call.json().await?;
    Ok(GroupDraft {
        name: body.text("name"),
        description: body.nullable_text("description"),
        within: body.texts("within").map(Option::unwrap_or_default),
        unread: body.unread(),
    })
}

/// `GET /api/v1/groups`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = groups::page(&task).await?;
    json(
        StatusCode::OK,
        &GroupList { groups: rows.iter().map(GroupView::from).collect(), total, next_cursor },
    )
}

/// `POST /api/v1/groups`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    groups::create(&task, &draft, |group| json(StatusCode::CREATED, &GroupView::from(group))).await
}

/// `GET /api/v1/groups/{group_id}`.
pub async fn show(task: Task) -> Answer {
    let group = groups::existing(&task).await?;
    task.show(&groups::tag(&group), json(StatusCode::OK, &GroupView::from(&group)))
}

/// `PATCH /api/v1/groups/{group_id}`.
pub async fn update(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    let group = groups::update(&task, &draft).await?;
    tagged(&groups::tag(&group), json(StatusCode::OK, &GroupView::from(&group)))
}

/// `DELETE /api/v1/groups/{group_id}`.
pub async fn delete(task: Task) -> Answer {
    groups::delete(&task).await?;
    Ok(no_content())
}

/// `GET /api/v1/groups/{group_id}/members`.
pub async fn members(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = groups::members(&task).await?;
    let members = rows.iter().map(GroupMemberView::from).collect();
    json(StatusCode::OK, &GroupMemberList { members, total, next_cursor })
}

/// `POST /api/v1/groups/{group_id}/members`.
pub async fn change_members(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let [add, remove] = ["add", "remove"].map(|name| users(&mut body, name));
    groups::change_members(&task, &MembersDraft { add, remove, unread: body.unread() }).await?;
    Ok(no_content())
}

/// The ids of people in a list.
fn users(body: &mut Fields, name: &'static str) -> Vec<UserId> {
    let sent = body.texts(name).flatten().unwrap_or_default();
    let users: Vec<_> = sent.iter().filter_map(|id| UserId::parse_uuid(id)).collect();
    if users.len() != sent.len() {
        body.wrong(name, Reason::NoSuchUser);
    }
    users
}

/// `GET /api/v1/users/{user_id}/groups`.
pub async fn of_user(task: Task) -> Answer {
    let found = groups::of_user(&task).await?;
    json(StatusCode::OK, &MembershipList { groups: found.iter().map(MembershipView::from).collect() })
}
