//! Statements on groups of people.

use crate::sql::statements;

macro_rules! group_columns {
    () => {
        "g.id, g.tenant_id, g.name, g.description, g.created_at, g.updated_at, g.version"
    };
}

statements! {
    /// Makes a group.
    GROUP_INSERT = "INSERT INTO person_groups (id, tenant_id, name, description, created_at, updated_at, version) \
        VALUES ($1, $2, $3, $4, $5, $5, 1)";
    /// Changes a group.
    GROUP_UPDATE = "UPDATE person_groups SET name = $3, description = $4, updated_at = $5, version = version + 1 \
        WHERE id = $1 AND tenant_id = $2 AND version = $6";
    /// Removes a group.
    GROUP_DELETE = "DELETE FROM person_groups WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Puts a group within another one of its tenant.
    GROUP_PARENT_INSERT = "INSERT INTO group_parents (group_id, parent_id, tenant_id) \
        SELECT $1, g.id, g.tenant_id FROM person_groups g WHERE g.id = $2 AND g.tenant_id = $3";
    /// Takes a group out of all that it is within.
    GROUP_PARENTS_DELETE = "DELETE FROM group_parents WHERE group_id = $1";
    /// Takes all out of a group that are within it.
    GROUP_CHILDREN_DELETE = "DELETE FROM group_parents WHERE parent_id = $1";
    /// Takes all members out of a group.
    GROUP_MEMBERS_DELETE = "DELETE FROM group_members WHERE group_id = $1";
    /// Makes a person of the tenant a member of a group of it.
    GROUP_JOIN = "INSERT INTO group_members (group_id, user_id, tenant_id, since) \
        SELECT g.id, u.id, g.tenant_id, $4 FROM person_groups g JOIN users u ON u.tenant_id = g.tenant_id \
        WHERE g.id = $1 AND u.id = $2 AND g.tenant_id = $3 ON CONFLICT (group_id, user_id) DO NOTHING";
    /// Takes a member out.
    GROUP_LEAVE = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2 AND tenant_id = $3";
    /// A group by row id.
    GROUP_BY_ID = concat!("SELECT ", group_columns!(), " FROM person_groups g WHERE g.id = $1 AND g.tenant_id = $2");
    /// A group by name.
    GROUP_BY_NAME = "SELECT g.id, g.name FROM person_groups g WHERE g.tenant_id = $1 AND g.name = $2";
    /// The names of the groups that a group is within.
    GROUP_PARENTS = "SELECT g.name FROM group_parents p JOIN person_groups g ON g.id = p.parent_id WHERE p.group_id = $1 ORDER BY g.name";
    /// All groups that a group is within, at any distance.
    GROUPS_ABOVE = "WITH RECURSIVE up (id) AS (SELECT p.parent_id FROM group_parents p WHERE p.group_id = $1 \
        UNION SELECT p.parent_id FROM up JOIN group_parents p ON p.group_id = up.id) SELECT id FROM up";
    /// A page of a tenant's groups, newest first.
    GROUPS_PAGE = concat!("SELECT ", group_columns!(), " FROM person_groups g \
        WHERE g.tenant_id = $1 AND (g.created_at, g.id) < ($2, $3) ORDER BY g.created_at DESC, g.id DESC LIMIT $4");
    /// How many groups a tenant has.
    GROUPS_COUNT = "SELECT COUNT(*) FROM person_groups WHERE tenant_id = $1";
    /// A page of a group's members, newest first.
    GROUP_MEMBERS = "SELECT u.id, u.username, u.name, m.since FROM group_members m JOIN users u ON u.id = m.user_id \
        WHERE m.group_id = $1 AND (m.since, m.user_id) < ($2, $3) ORDER BY m.since DESC, m.user_id DESC LIMIT $4";
    /// How many members a group has.
    GROUP_MEMBERS_COUNT = "SELECT COUNT(*) FROM group_members WHERE group_id = $1";
    /// Whether somebody is a member of a group itself.
    GROUP_HAS_MEMBER = "SELECT since FROM group_members WHERE group_id = $1 AND user_id = $2";
    /// The groups that a person is in, and whether as a member of the group itself.
    GROUPS_OF_PERSON = "WITH RECURSIVE up (id) AS (SELECT m.group_id FROM group_members m WHERE m.user_id = $1 AND m.tenant_id = $2 \
        UNION SELECT p.parent_id FROM up JOIN group_parents p ON p.group_id = up.id) \
        SELECT g.id, g.name, m.since FROM up JOIN person_groups g ON g.id = up.id \
        LEFT JOIN group_members m ON m.group_id = g.id AND m.user_id = $1 ORDER BY g.name LIMIT $3";
    /// Takes a person out of all groups.
    USER_DELETE_MEMBERSHIPS = "DELETE FROM group_members WHERE user_id = $1";
    /// Removes the memberships of a tenant.
    TENANT_DELETE_MEMBERSHIPS = "DELETE FROM group_members WHERE tenant_id = $1";
    /// Removes the places of a tenant's groups.
    TENANT_DELETE_GROUP_PARENTS = "DELETE FROM group_parents WHERE tenant_id = $1";
    /// Removes the groups of a tenant.
    TENANT_DELETE_GROUPS = "DELETE FROM person_groups WHERE tenant_id = $1";
}
