-- Clients that a document describes: their public id is its address, which each tenant may take for itself. taken_by: that
-- tenant; empty for all other clients, whose id is one in the whole server. idle: how long a client that came by itself
-- lives without getting a token, once it has got one; null: for good.

ALTER TABLE clients ADD COLUMN taken_by TEXT NOT NULL DEFAULT '';
DROP INDEX clients_client_id;
CREATE UNIQUE INDEX clients_client_id ON clients (client_id, taken_by);

ALTER TABLE registered_clients ADD COLUMN idle BIGINT;
