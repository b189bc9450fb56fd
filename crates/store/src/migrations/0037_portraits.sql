-- Pictures of people, as they are served: PNG, made anew from what they sent. The claim `picture` says where they are.
CREATE TABLE portraits (
    user_id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX portraits_name ON portraits (name);
CREATE INDEX portraits_tenant ON portraits (tenant_id);
