-- People: verified addresses, when they last signed in, and how often somebody may try to sign in.

ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
ALTER TABLE users ADD COLUMN new_email TEXT;
ALTER TABLE users ADD COLUMN last_login_at BIGINT;
CREATE INDEX users_tenant ON users (tenant_id, created_at, id);

-- A bucket of attempts: its id is a keyed hash of tenant and username, and of a network where there is one.
CREATE TABLE sign_in_attempts (
    id BLOB PRIMARY KEY,
    busy_until BIGINT NOT NULL,
    kept_until BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_attempts_kept ON sign_in_attempts (kept_until);
