-- Refresh tokens stand in the lists of tokens, and go with the sweep, which walks them in the order of their ids: no
-- index by expiry has to be paid for by every one that is issued.

ALTER TABLE refresh_tokens ADD COLUMN user_id BLOB;
UPDATE refresh_tokens SET user_id = (SELECT g.user_id FROM grants g WHERE g.id = refresh_tokens.grant_id);
DROP INDEX refresh_tokens_expiry;

INSERT INTO token_index (owner_id, id) SELECT tenant_id, id FROM refresh_tokens WHERE used_at IS NULL;
INSERT INTO token_index (owner_id, id) SELECT client_id, id FROM refresh_tokens WHERE used_at IS NULL;
INSERT INTO token_index (owner_id, id) SELECT user_id, id FROM refresh_tokens WHERE used_at IS NULL AND user_id IS NOT NULL;
