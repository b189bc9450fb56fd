-- What people consented to for a client goes with it.

CREATE INDEX user_consents_client ON user_consents (client_id);
