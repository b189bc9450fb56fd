-- Passkeys among the factors. What a credential is found by is SHA-256 of its id. The last step of a passkey is how many
-- signatures it had counted.
ALTER TABLE factors ADD COLUMN credential_hash BLOB;
ALTER TABLE factors ADD COLUMN credential BLOB;
ALTER TABLE factors ADD COLUMN public_key BLOB;
ALTER TABLE factors ADD COLUMN aaguid BLOB;
ALTER TABLE factors ADD COLUMN transports TEXT;
ALTER TABLE factors ADD COLUMN copyable BIGINT;
ALTER TABLE factors ADD COLUMN copied BIGINT;
CREATE UNIQUE INDEX factors_credential ON factors (tenant_id, credential_hash);
