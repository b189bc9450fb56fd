-- Lists of tokens and of the audit log. Neither table gets an index that an issued token would have to pay for.

-- Which tokens a tenant, a client or a person has: filled in the background from access_tokens, in the order of
-- ids, up to the mark `token_index` in meta; what is younger is read from access_tokens itself.
CREATE TABLE token_index (
    owner_id BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (owner_id, id)
) WITHOUT ROWID;

-- The same for the audit records of issued tokens, up to the mark `audit_index`. All others are few: they are
-- indexed as they are written.
CREATE TABLE audit_index (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX audit_acts ON audit_logs (tenant_id, id) WHERE action <> 'access_token.issued';

-- Tokens issued before this time are ended.
ALTER TABLE tenants ADD COLUMN issued_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN issued_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN issued_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN issued_before BIGINT NOT NULL DEFAULT 0;
CREATE INDEX grants_user ON grants (user_id, client_id);
