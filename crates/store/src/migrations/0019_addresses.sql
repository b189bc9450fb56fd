-- The address that leads to an account: its username where that is one, else its email once that is verified.

ALTER TABLE users ADD COLUMN address TEXT;
CREATE INDEX users_email ON users (tenant_id, LOWER(email));

-- A username that is an address is that person's email. Whoever proved another one is called by that from now on ...
UPDATE users SET username = email, username_key = LOWER(email), new_email = NULL, version = version + 1
WHERE username_key LIKE '%@%' AND email_verified_at IS NOT NULL AND email IS NOT NULL AND LOWER(email) <> username_key
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.tenant_id = users.tenant_id AND o.id <> users.id
        AND o.username_key = LOWER(users.email))
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.tenant_id = users.tenant_id AND o.id <> users.id
        AND LOWER(o.email) = LOWER(users.email));
-- ... and what nobody proved goes.
UPDATE users SET email = username, email_verified_at = NULL, new_email = NULL, version = version + 1
WHERE username_key LIKE '%@%' AND (email IS NULL OR LOWER(email) <> username_key);

UPDATE users SET address = username_key WHERE username_key LIKE '%@%';
UPDATE users SET address = LOWER(email)
WHERE address IS NULL AND email_verified_at IS NOT NULL AND email IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.tenant_id = users.tenant_id AND o.id <> users.id
        AND o.username_key = LOWER(users.email))
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.tenant_id = users.tenant_id AND o.id < users.id
        AND LOWER(o.email) = LOWER(users.email) AND o.email_verified_at IS NOT NULL);
DROP INDEX users_email;
CREATE UNIQUE INDEX users_address ON users (tenant_id, address);

-- Whatever ends everything of a person ends their links.
CREATE INDEX user_links_user ON user_links (user_id);
