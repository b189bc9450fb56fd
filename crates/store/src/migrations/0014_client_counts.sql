-- How many clients a tenant has: counting a hundred thousand of them takes longer than a page of their list.

ALTER TABLE tenants ADD COLUMN client_count BIGINT NOT NULL DEFAULT 0;
UPDATE tenants SET client_count = (SELECT COUNT(*) FROM clients c WHERE c.tenant_id = tenants.id);
