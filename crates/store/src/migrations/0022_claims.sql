-- What a token is bound to; a grant has its columns for that and for its audience since 0009. How a client's tokens are
-- made, as far as it is rarely chosen: a JSON object. The standard claims of a person that have no column: a JSON object.
-- The tenant's own names in a role, with spaces between them.

ALTER TABLE access_tokens ADD COLUMN cnf TEXT;
ALTER TABLE clients ADD COLUMN token_choices TEXT;
ALTER TABLE users ADD COLUMN claims TEXT;
ALTER TABLE roles ADD COLUMN entitlements TEXT NOT NULL DEFAULT '';

-- The scope "roles" is built in from now on; clients that have it keep it.
DELETE FROM scopes WHERE name = 'roles';
