-- A link that was used stays for a while: the form behind it may be sent twice.
ALTER TABLE user_links ADD COLUMN used_at BIGINT;
