//! `/api/v1/groups`.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{display_name, page};
use crate::call::schema::{Schema, SchemaMember, optional, required};

const GROUPS: &str = "/api/v1/groups";
const GROUP: &str = "/api/v1/groups/{group_id}";
const MEMBERS: &str = "/api/v1/groups/{group_id}/members";
const OF_USER: &str = "/api/v1/users/{user_id}/groups";
const ID: (&str, &str, &str) = ("group_id", "The group's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072");
const USER: (&str, &str, &str) = ("user_id", "The user's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");

fn view() -> Schema {
    Schema::object([
        required("id", Schema::text()),
        required("name", display_name()),
        required("description", Schema::text().or_null()),
        required("within", within()),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
    ])
    .named("Group")
}

fn within() -> Schema {
    Schema::list(Schema::text()).about(
        "The names of the groups that this one is within: whoever is a member of this one is in those too.",
    )
}

fn sent() -> [SchemaMember; 2] {
    [
        optional("description", Schema::text().between(0, 2000).or_null()),
        optional("within", within().or_null()),
    ]
}

fn example() -> Value {
    json!({
        "id": ID.2,
        "name": "platform",
        "description": "Runs the clusters",
        "within": ["engineering"],
        "created_at": "2027-01-15T08:00:00Z",
        "updated_at": "2027-01-15T08:00:00Z",
    })
}

fn member() -> Schema {
    Schema::object([
        required("user_id", Schema::text()),
        required("username", Schema::text()),
        required("name", Schema::text().or_null()),
        required("since", Schema::time()),
    ])
    .named("GroupMember")
}

fn membership() -> Schema {
    let about = "Whether the person is a member of the group itself, not only of one within it.";
    Schema::object([
        required("id", Schema::text()),
        required("name", Schema::text()),
        required("is_member", Schema::flag().about(about)),
    ])
    .named("Membership")
}

fn users() -> Schema {
    Schema::list(Schema::text()).about("Ids of users, 100 at the most.").or_null()
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let mut all = groups();
    all.extend([
        new(("GET", MEMBERS), "listGroupMembers")
            .summary("List the members of a group")
            .about("Those of the group itself, newest first; members of groups within it are not among them.")
            .path(ID.0, ID.1, ID.2)
            .paged()
            .answers(
                200,
                "A page of members.",
                (
                    page("members", member()),
                    json!({
                        "members": [{
                            "user_id": USER.2, "username": "ada", "name": "Ada", "since": "2027-01-15T08:00:00Z",
                        }],
                        "total": 1,
                    }),
                ),
            ),
        new(("POST", MEMBERS), "changeGroupMembers")
            .summary("Add members to a group, or remove them")
            .about("All at once, or nothing. Who is a member already, or is none, stays so. Who is in both lists is removed.")
            .path(ID.0, ID.1, ID.2)
            .takes(
                Schema::object([optional("add", users()), optional("remove", users())]),
                json!({ "add": [USER.2], "remove": [] }),
            )
            .answers_nothing(204, "It is done."),
        new(("GET", OF_USER), "listGroupsOfUser")
            .summary("List the groups that a user is in")
            .about("By name, 500 at the most: what applications with the scope groups are told.")
            .path(USER.0, USER.1, USER.2)
            .answers(
                200,
                "The groups.",
                (
                    Schema::object([required("groups", Schema::list(membership()))]),
                    json!({ "groups": [{ "id": ID.2, "name": "platform", "is_member": true }] }),
                ),
            ),
    ]);
    all
}

fn groups() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    vec![
        new(("GET", GROUPS), "listGroups").summary("List the groups").about("Newest first.").paged().answers(
            200,
            "A page of groups.",
            (page("groups", view()), json!({ "groups": [example()], "total": 1 })),
        ),
        new(("POST", GROUPS), "createGroup")
            .summary("Make a group")
            .about(
                "Applications with the scope groups get the names of a person's groups as the claim groups.",
            )
            .takes(
                Schema::object([required("name", display_name())]).with_members(sent()),
                json!({ "name": "platform", "description": "Runs the clusters", "within": [] }),
            )
            .answers(201, "The group.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        new(("GET", GROUP), "getGroup")
            .summary("Show a group")
            .path(ID.0, ID.1, ID.2)
            .answers(200, "The group.", (view(), example()))
            .versioned(),
        new(("PATCH", GROUP), "updateGroup")
            .summary("Change a group")
            .about("What is not sent stays as it is.")
            .path(ID.0, ID.1, ID.2)
            .takes(
                Schema::object([optional("name", display_name().or_null())]).with_members(sent()),
                json!({ "within": [] }),
            )
            .answers(200, "The group, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        new(("DELETE", GROUP), "deleteGroup")
            .summary("Remove a group")
            .about("Its members stay users, and groups within it stay groups.")
            .path(ID.0, ID.1, ID.2)
            .answers_nothing(204, "It is gone.")
            .versioned(),
    ]
}
