-- Links sent by mail, and letters that wait to be sent.

-- A link for nobody has no user: it is written so that asking for one tells nothing.
CREATE TABLE user_links (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    user_id BLOB,
    kind TEXT NOT NULL,
    hash BLOB NOT NULL,
    email TEXT,
    user_generation BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX user_links_expires ON user_links (expires_at);

-- Sealed: a letter may carry a link.
CREATE TABLE mail_queue (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX mail_queue_next ON mail_queue (next_at, id);
