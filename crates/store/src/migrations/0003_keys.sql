-- The life of a signing key: when somebody else got it, and how long the tokens that it signs may live.

ALTER TABLE signing_keys ADD COLUMN compromised_at BIGINT;
ALTER TABLE signing_keys ADD COLUMN longest_lifetime BIGINT NOT NULL DEFAULT 3600;

-- Keys that have signed already signed for clients that may have longer ones.
UPDATE signing_keys SET longest_lifetime =
    (SELECT MAX(c.access_lifetime) FROM clients c WHERE c.tenant_id = signing_keys.tenant_id)
    WHERE EXISTS (SELECT 1 FROM clients c WHERE c.tenant_id = signing_keys.tenant_id AND c.access_lifetime > 3600);
