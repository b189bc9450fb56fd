-- The keys that UserInfo, answers to authorization requests and those about tokens are encrypted to, as JSON; none: they are
-- not encrypted (OpenID Connect Registration section 2, JARM section 3, RFC 9701 section 6).
ALTER TABLE clients ADD COLUMN answer_recipients TEXT;
