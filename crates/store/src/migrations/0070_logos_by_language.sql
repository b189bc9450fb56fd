-- A client may have another logo for a language (`logo_uri#ja`). Empty: the one for all others.
CREATE TABLE client_logos_by_language (
    client_id BLOB NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    tenant_id BLOB NOT NULL,
    uri TEXT,
    name TEXT,
    content BLOB,
    due_at BIGINT,
    good_until BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    PRIMARY KEY (client_id, language)
) WITHOUT ROWID;
INSERT INTO client_logos_by_language (client_id, tenant_id, uri, name, content, due_at, good_until, failures)
    SELECT client_id, tenant_id, uri, name, content, due_at, good_until, failures FROM client_logos;
DROP TABLE client_logos;
ALTER TABLE client_logos_by_language RENAME TO client_logos;
CREATE INDEX client_logos_tenant ON client_logos (tenant_id, name);
CREATE INDEX client_logos_name ON client_logos (name);
CREATE INDEX client_logos_due ON client_logos (due_at);
