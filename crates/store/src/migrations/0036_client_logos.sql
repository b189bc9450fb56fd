-- Logos of clients as they are served: PNG, made anew from what lies at their `logo_uri`, or from what somebody sent
-- (then there is no `uri`). Without a picture: it is still to be fetched, or there is none that can be shown.
CREATE TABLE client_logos (
    client_id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    uri TEXT,
    name TEXT,
    content BLOB,
    due_at BIGINT,
    good_until BIGINT NOT NULL,
    failures BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX client_logos_tenant ON client_logos (tenant_id, name);
CREATE INDEX client_logos_name ON client_logos (name);
CREATE INDEX client_logos_due ON client_logos (due_at);
-- Those that are registered already are fetched once the server runs.
INSERT INTO client_logos (client_id, tenant_id, uri, due_at, good_until, failures)
    SELECT r.client_id, c.tenant_id, r.logo_uri, 0, 0, 0 FROM client_registrations r
    JOIN clients c ON c.id = r.client_id WHERE r.logo_uri IS NOT NULL;
