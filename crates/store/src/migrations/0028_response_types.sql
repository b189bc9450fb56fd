-- What the answer to a request that waits consists of (OAuth 2.0 Multiple Response Type Encoding Practices); none: a code.
ALTER TABLE login_challenges ADD COLUMN response_type TEXT;
