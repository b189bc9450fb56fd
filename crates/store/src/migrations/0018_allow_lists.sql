-- From where a client or an API key may be used: networks with spaces between them; nothing: from everywhere.

ALTER TABLE clients ADD COLUMN allowed_networks TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN allowed_networks TEXT NOT NULL DEFAULT '';
