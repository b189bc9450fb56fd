-- Groups of people, who is in them, and which groups are within which.

CREATE TABLE person_groups (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX person_groups_name ON person_groups (tenant_id, name);
CREATE INDEX person_groups_tenant ON person_groups (tenant_id, created_at, id);

CREATE TABLE group_parents (
    group_id BLOB NOT NULL,
    parent_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    PRIMARY KEY (group_id, parent_id)
) WITHOUT ROWID;
CREATE INDEX group_parents_parent ON group_parents (parent_id);
CREATE INDEX group_parents_tenant ON group_parents (tenant_id);

CREATE TABLE group_members (
    group_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;
CREATE INDEX group_members_user ON group_members (user_id);
CREATE INDEX group_members_since ON group_members (group_id, since, user_id);
CREATE INDEX group_members_tenant ON group_members (tenant_id);

-- Every tenant has this scope now; one of that name that a tenant had made is it.
DELETE FROM scopes WHERE name = 'groups';
