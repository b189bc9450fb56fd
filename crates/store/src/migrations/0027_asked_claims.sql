-- The claims that a request asks for one by one (OpenID Connect Core section 5.5), as JSON; none: no such.
ALTER TABLE login_challenges ADD COLUMN claims TEXT;
ALTER TABLE authorization_codes ADD COLUMN claims TEXT;
ALTER TABLE grants ADD COLUMN claims TEXT;
