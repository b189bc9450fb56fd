-- Keys that clients encrypt their requests to (OpenID Connect Core section 10.2), apart from those that sign: one of each way
-- is published until another one takes its place, and opens what was encrypted to it for a day after that.
CREATE TABLE encryption_keys (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    management TEXT NOT NULL,
    kid TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    replaced_at BIGINT
) WITHOUT ROWID;
CREATE INDEX encryption_keys_tenant ON encryption_keys (tenant_id);
