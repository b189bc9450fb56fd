-- A tenant's choices as one JSON object, in which what is absent has its default.

ALTER TABLE tenants ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
UPDATE tenants SET settings = '{"access_token_alg":"' || access_token_alg || '"}' WHERE access_token_alg IS NOT NULL;
ALTER TABLE tenants DROP COLUMN access_token_alg;
