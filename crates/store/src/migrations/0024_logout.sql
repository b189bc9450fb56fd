-- Which clients a sign-in has given codes to, by the code that it was; and whom the server has yet to tell that it has ended.

CREATE TABLE session_clients (
    session_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    told_at BIGINT,
    PRIMARY KEY (session_id, client_id)
) WITHOUT ROWID;
INSERT INTO session_clients (session_id, client_id, id, tenant_id, user_id)
    SELECT g.session_id, g.client_id, g.id, g.tenant_id, g.user_id FROM grants g
    WHERE g.session_id IS NOT NULL AND g.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM grants o
        WHERE o.session_id = g.session_id AND o.client_id = g.client_id AND o.ended_at IS NULL AND o.id > g.id);

-- What was given up has no time at which it is due, and is kept for a while to be looked at.
CREATE TABLE logout_queue (
    id BLOB PRIMARY KEY,
    session_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT,
    tries BIGINT NOT NULL,
    problem TEXT,
    given_up_at BIGINT
) WITHOUT ROWID;
CREATE INDEX logout_queue_due ON logout_queue (next_at, client_id, tenant_id);
CREATE INDEX logout_queue_client ON logout_queue (client_id, next_at, id);
CREATE INDEX logout_queue_tenant ON logout_queue (tenant_id, created_at, id);
CREATE INDEX logout_queue_given_up ON logout_queue (given_up_at);
