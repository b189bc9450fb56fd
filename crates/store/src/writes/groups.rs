//! How changes about groups become SQL.

use writ_core::group::{Group, GroupChange};
use writ_core::ids::GroupId;

use crate::statements::groups as sql;
use crate::value::Step;

pub(super) fn push(change: GroupChange, steps: &mut Vec<Step>) {
    match change {
        GroupChange::Create(new, parents) => {
            let values = [
                new.id.into(),
                new.tenant.into(),
                new.name.clone().into(),
                new.description.clone().into(),
                new.created_at.into(),
            ];
            steps.push(Step::new(&sql::GROUP_INSERT, values));
            push_parents(&new, parents, steps);
        }
        GroupChange::Update(group, parents) => {
            let values = [
                group.id.into(),
                group.tenant.into(),
                group.name.clone().into(),
                group.description.clone().into(),
                group.updated_at.into(),
                (group.version - 1).into(),
            ];
            steps.push(Step::new(&sql::GROUP_UPDATE, values).guarded());
            steps.push(Step::new(&sql::GROUP_PARENTS_DELETE, [group.id.into()]).detail());
            push_parents(&group, parents, steps);
        }
        GroupChange::Delete(group, tenant, version) => {
            let values = [group.into(), tenant.into(), version.into()];
            steps.push(Step::new(&sql::GROUP_DELETE, values).guarded());
            for content in
                [&sql::GROUP_PARENTS_DELETE, &sql::GROUP_CHILDREN_DELETE, &sql::GROUP_MEMBERS_DELETE]
            {
                steps.push(Step::new(content, [group.into()]).detail());
            }
        }
        GroupChange::Join(group, user, tenant, at) => {
            let values = [group.into(), user.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::GROUP_JOIN, values).guarded());
        }
        GroupChange::Leave(group, user, tenant) => {
            steps.push(Step::new(&sql::GROUP_LEAVE, [group.into(), user.into(), tenant.into()]).guarded());
        }
    }
}

/// Each has to be there still.
fn push_parents(group: &Group, parents: Vec<GroupId>, steps: &mut Vec<Step>) {
    for parent in parents {
        let values = [group.id.into(), parent.into(), group.tenant.into()];
        steps.push(Step::new(&sql::GROUP_PARENT_INSERT, values).guarded());
    }
}
