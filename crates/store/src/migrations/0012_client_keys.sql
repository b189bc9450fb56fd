-- The public keys of a client, and those of them that its tokens are encrypted to: cipher, space, JWK.

ALTER TABLE client_registrations ADD COLUMN jwks TEXT;
ALTER TABLE clients ADD COLUMN id_token_recipient TEXT;
ALTER TABLE clients ADD COLUMN access_token_recipient TEXT;
