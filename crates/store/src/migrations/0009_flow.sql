-- Browsers, sign-ins, authorization requests that wait, codes, refresh tokens, consents and their history.

CREATE TABLE browsers (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX browsers_expiry ON browsers (expires_at);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    browser_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    user_generation BIGINT NOT NULL,
    tenant_generation BIGINT NOT NULL,
    ip_address TEXT,
    user_agent TEXT
) WITHOUT ROWID;
CREATE INDEX sessions_browser ON sessions (browser_id, tenant_id, id);
CREATE INDEX sessions_tenant ON sessions (tenant_id, created_at, id);
CREATE INDEX sessions_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE login_challenges (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    browser_id BLOB NOT NULL,
    signed_in BLOB,
    redirect_uri TEXT NOT NULL,
    uri_sent BIGINT NOT NULL,
    response_mode TEXT NOT NULL,
    state TEXT,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge BLOB,
    prompt TEXT NOT NULL,
    max_age BIGINT,
    login_hint TEXT,
    expected BLOB,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    outcome TEXT,
    user_id BLOB,
    granted TEXT,
    consent_id BLOB,
    auth_time BIGINT,
    amr TEXT,
    fetched_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX login_challenges_hash ON login_challenges (hash);

-- Found by its own id; removed in the order of ids, which is that of time.
CREATE TABLE authorization_codes (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    session_id BLOB,
    consent_id BLOB,
    redirect_uri TEXT,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge BLOB,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    grant_id BLOB,
    client_generation BIGINT NOT NULL,
    tenant_generation BIGINT NOT NULL,
    user_generation BIGINT NOT NULL
) WITHOUT ROWID;

-- A grant is a family of refresh tokens too. Its generations are those of when the person decided.
ALTER TABLE grants ADD COLUMN session_id BLOB;
ALTER TABLE grants ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN offline BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN auth_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN amr TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN cnf TEXT;
ALTER TABLE grants ADD COLUMN audience TEXT;
ALTER TABLE grants ADD COLUMN expires_at BIGINT;
ALTER TABLE grants ADD COLUMN client_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN tenant_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN user_generation BIGINT NOT NULL DEFAULT 0;
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_expiry ON grants (expires_at);

CREATE TABLE refresh_tokens (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE user_consents (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    scope TEXT NOT NULL,
    remembered TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX user_consents_user ON user_consents (user_id, client_id);
CREATE INDEX user_consents_tenant ON user_consents (tenant_id, granted_at, id);

CREATE TABLE consent_history (
    id BLOB PRIMARY KEY,
    consent_id BLOB,
    tenant_id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    user_id BLOB NOT NULL,
    event TEXT NOT NULL,
    scope TEXT NOT NULL,
    at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX consent_history_tenant ON consent_history (tenant_id, at, id);
CREATE INDEX consent_history_user ON consent_history (user_id, at, id);

ALTER TABLE clients ADD COLUMN refresh_rotation BIGINT NOT NULL DEFAULT 1;
ALTER TABLE clients ADD COLUMN id_token_alg TEXT;
