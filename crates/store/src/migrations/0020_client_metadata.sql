-- How a client proves who it is; NULL: as its kind does. What else is registered of it, and rarely used: a JSON object.

ALTER TABLE clients ADD COLUMN token_endpoint_auth_method TEXT;
ALTER TABLE client_registrations ADD COLUMN metadata TEXT;
