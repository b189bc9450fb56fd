-- The key that whoever redeems a code has to hold (dpop_jkt, RFC 9449 §10): of a request that waits, and of the code that
-- comes of it. As in grants and access_tokens.

ALTER TABLE login_challenges ADD COLUMN cnf TEXT;
ALTER TABLE authorization_codes ADD COLUMN cnf TEXT;
