-- What clients may do with tokens of others (RFC 8693), and which of them are agents. Who acts with the tokens of a grant.
-- And what a grant comes of that was made by an exchange: each grant before it, with the client that had that one; where one
-- of these is over, so is everything behind it.

ALTER TABLE clients ADD COLUMN exchange TEXT;
ALTER TABLE grants ADD COLUMN actors TEXT;

CREATE TABLE grant_lines (
    grant_id BLOB NOT NULL,
    parent_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    client_generation BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (grant_id, parent_id)
) WITHOUT ROWID;
CREATE INDEX grant_lines_expiry ON grant_lines (expires_at);
