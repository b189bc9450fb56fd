-- An answer that waits for its browser bears all that it was decided on, and opens to whoever brings the secret that its
-- decider was given. What was decided and waits from before bears none of that: it is over.

ALTER TABLE login_challenges ADD COLUMN verifier BLOB;
ALTER TABLE login_challenges ADD COLUMN session_id BLOB;
ALTER TABLE login_challenges ADD COLUMN client_generation BIGINT;
ALTER TABLE login_challenges ADD COLUMN tenant_generation BIGINT;
ALTER TABLE login_challenges ADD COLUMN user_generation BIGINT;
-- The code that the answer carried: a form that is sent twice gives the same answer twice.
ALTER TABLE login_challenges ADD COLUMN code_id BLOB;

-- Whoever comes within the grace with a refresh token that was used gets the same successor again.
ALTER TABLE refresh_tokens ADD COLUMN successor_id BLOB;
-- The refresh tokens of public clients always rotate (RFC 9700 section 4.14.2).
UPDATE clients SET refresh_rotation = 1 WHERE kind IN ('spa', 'native');
