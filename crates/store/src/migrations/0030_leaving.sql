-- When an account goes whose owner wished so; none: it stays.
ALTER TABLE users ADD COLUMN leaves_at BIGINT;
CREATE INDEX users_leaving ON users (leaves_at) WHERE leaves_at IS NOT NULL;
