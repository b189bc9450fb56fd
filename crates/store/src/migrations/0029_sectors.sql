-- The sector in which a client knows people by a name that no other sector knows (OpenID Connect Core section 8.1): a host;
-- none: by the name that all clients know.
ALTER TABLE clients ADD COLUMN sector TEXT;
