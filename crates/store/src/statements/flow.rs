//! Statements of signing in, deciding and redeeming.

use crate::sql::statements;

/// The columns of a challenge, in the order in which `reads/flow.rs` reads them.
macro_rules! challenge_columns {
    () => {
        "h.id, h.tenant_id, h.client_id, h.browser_id, h.signed_in, h.redirect_uri, h.uri_sent, h.response_mode, \
         h.state, h.scope, h.nonce, h.code_challenge, h.prompt, h.max_age, h.login_hint, h.expected, h.created_at, \
         h.expires_at, h.decided_at, h.outcome, h.user_id, h.granted, h.consent_id, h.auth_time, h.amr, h.fetched_at, \
         h.verifier, h.session_id, h.client_generation, h.tenant_generation, h.user_generation, h.code_id, \
         h.pushed_id"
    };
}

macro_rules! device_shown {
    () => {
        "SELECT d.id, d.hash, d.client_id, c.client_id, d.user_code, d.scope, d.ip_address, d.created_at, d.expires_at, \
         d.decided_at, d.code_id, d.resources FROM device_requests d LEFT JOIN clients c ON c.id = d.client_id "
    };
}

macro_rules! consent_shown {
    () => {
        "SELECT s.id, s.client_id, c.client_id, c.name, r.metadata, s.user_id, s.scope, s.granted_at, l.name, c.exchange, \
         c.refresh_lifetime \
         FROM user_consents s JOIN clients c ON c.id = s.client_id JOIN client_registrations r ON r.client_id = c.id \
         LEFT JOIN client_logos l ON l.client_id = s.client_id AND l.language = '' "
    };
}

macro_rules! session_shown {
    () => {
        "SELECT s.id, s.user_id, u.username, s.created_at, s.last_seen_at, s.expires_at, s.ip_address, s.user_agent \
         FROM sessions s JOIN tenants t ON t.id = s.tenant_id JOIN users u ON u.id = s.user_id "
    };
}

/// A sign-in that has not ended, been left unused, or lost its person.
macro_rules! session_lives {
    () => {
        " AND s.ended_at IS NULL AND s.user_generation = u.generation AND s.tenant_generation = t.generation \
          AND u.enabled = 1"
    };
}

macro_rules! event_columns {
    () => {
        "SELECT e.id, e.consent_id, e.client_id, e.user_id, e.event, e.scope, e.at FROM consent_history e "
    };
}

/// The columns of a code with the present state of all it depends on, in the order in which they are read.
macro_rules! code_columns {
    () => {
        "k.id, k.hash, k.client_id, k.user_id, k.session_id, k.consent_id, k.redirect_uri, k.scope, k.nonce, \
         k.code_challenge, k.auth_time, k.amr, k.expires_at, k.redeemed_at, k.grant_id, g.ended_at, \
         s.id, s.ended_at, n.id, k.client_generation, c.generation, k.tenant_generation, t.generation, k.user_generation, \
         CASE WHEN u.enabled = 1 THEN u.generation END, k.created_at, c.issued_before, t.issued_before, u.issued_before, \
         k.claims, k.resources, k.cnf"
    };
}

macro_rules! code_joins {
    () => {
        " FROM authorization_codes k LEFT JOIN grants g ON g.id = k.grant_id LEFT JOIN sessions s ON s.id = k.session_id \
         LEFT JOIN user_consents n ON n.id = k.consent_id LEFT JOIN clients c ON c.id = k.client_id \
         LEFT JOIN tenants t ON t.id = k.tenant_id LEFT JOIN users u ON u.id = k.user_id \
         WHERE k.id = $1 AND k.tenant_id = $2"
    };
}

/// The columns of a refresh token with the present state of its grant.
macro_rules! refresh_columns {
    () => {
        "r.id, r.hash, r.client_id, r.issued_at, r.expires_at, r.used_at, \
         g.id, g.user_id, g.scope, g.auth_time, g.amr, g.ended_at, g.client_generation, c.generation, \
         g.tenant_generation, t.generation, g.user_generation, CASE WHEN u.enabled = 1 THEN u.generation END, c.client_id, \
         c.issued_before, t.issued_before, u.issued_before, g.issued_before, r.successor_id, g.audience, g.cnf, g.actors, u.username, \
         u.roles, g.session_id, g.claims, c.sector"
    };
}

macro_rules! refresh_joins {
    () => {
        " FROM refresh_tokens r LEFT JOIN grants g ON g.id = r.grant_id AND g.tenant_id = r.tenant_id \
         LEFT JOIN clients c ON c.id = r.client_id LEFT JOIN tenants t ON t.id = r.tenant_id \
         LEFT JOIN users u ON u.id = g.user_id WHERE r.id = $1 AND r.tenant_id = $2"
    };
}

/// The columns of the person that a row is about; the first one is null where they are locked out, or of another tenant.
macro_rules! person_columns {
    ($of:literal) => {
        concat!(
            "CASE WHEN u.enabled = 1 AND u.tenant_id = ",
            $of,
            ".tenant_id THEN u.id END, u.username, u.name, u.email, u.updated_at, u.email_verified_at, u.claims, u.roles"
        )
    };
}

macro_rules! session_columns {
    () => {
        "s.id, s.browser_id, s.user_id, CASE WHEN u.enabled = 1 THEN u.username END, s.auth_time, s.amr, \
         s.last_seen_at, s.expires_at, s.ended_at, s.user_generation, u.generation, s.tenant_generation, t.generation"
    };
}

macro_rules! session_joins {
    () => {
        " LEFT JOIN users u ON u.id = s.user_id AND u.tenant_id = s.tenant_id LEFT JOIN tenants t ON t.id = s.tenant_id"
    };
}

statements! {
    /// Remembers a browser.
    BROWSER_INSERT = "INSERT INTO browsers (id, hash, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    /// A browser by its cookie's row id.
    BROWSER_BY_ID: Together = "SELECT id, hash, expires_at FROM browsers WHERE id = $1";
    /// Gives a browser another cookie; never a shorter life.
    BROWSER_ROTATE = "UPDATE browsers SET hash = $3, expires_at = CASE WHEN expires_at > CAST($4 AS BIGINT) THEN expires_at \
        ELSE CAST($4 AS BIGINT) END WHERE id = $1 AND hash = $2";

    /// Records a sign-in of somebody who may sign in.
    SESSION_INSERT = "INSERT INTO sessions (id, tenant_id, browser_id, user_id, auth_time, amr, created_at, last_seen_at, \
        expires_at, user_generation, tenant_generation, ip_address, user_agent) \
        SELECT $1, t.id, $3, u.id, $5, $6, $5, $5, $7, u.generation, t.generation, $8, $9 \
        FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.id = $4 AND u.tenant_id = $2 AND u.enabled = 1 \
        AND u.generation = $10";
    /// The newest sign-in of a browser in a tenant that was not ended.
    SESSION_OF_BROWSER: Together = concat!("SELECT ", session_columns!(), " FROM sessions s", session_joins!(),
        " WHERE s.browser_id = $1 AND s.tenant_id = $2 AND s.ended_at IS NULL ORDER BY s.id DESC LIMIT 1");
    /// A browser, that sign-in, and what its person consented to for a client.
    BROWSER_AND_SESSION: Together = concat!("SELECT b.id, b.hash, b.expires_at, n.id, n.scope, n.remembered, n.resources, ", session_columns!(),
        " FROM browsers b LEFT JOIN sessions s ON s.id = (SELECT id FROM sessions WHERE browser_id = $1 AND tenant_id = $2 \
        AND ended_at IS NULL ORDER BY id DESC LIMIT 1)", session_joins!(),
        " LEFT JOIN user_consents n ON n.user_id = s.user_id AND n.client_id = $3 WHERE b.id = $1");
    /// A sign-in was proved again.
    SESSION_RENEW = "UPDATE sessions SET auth_time = $3, last_seen_at = $3, amr = $4, expires_at = $5 \
        WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL";
    /// Ends a sign-in.
    SESSION_END = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL";
    /// A sign-in is used, and goes on. Whoever ends it meanwhile waits for this, and then sees what came of it.
    SESSION_HOLD = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND ended_at IS NULL";
    /// Notes when a sign-in was last used.
    SESSION_NOTE: Independent = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
    /// Ends the grants made in a sign-in, except for offline access.
    GRANTS_END_OF_SESSION = "UPDATE grants SET ended_at = $2 WHERE session_id = $1 AND offline = 0 AND ended_at IS NULL";
    /// A live sign-in of a tenant.
    SESSION_SHOWN = concat!(session_shown!(), "WHERE s.id = $1 AND s.tenant_id = $2 AND s.expires_at > $3 \
        AND s.last_seen_at > $4", session_lives!());
    /// A page of a tenant's live sign-ins, newest first.
    SESSIONS_PAGE = concat!(session_shown!(), "WHERE s.tenant_id = $1 AND (s.created_at, s.id) < ($2, $3) \
        AND s.expires_at > $4 AND s.last_seen_at > $5", session_lives!(), " ORDER BY s.created_at DESC, s.id DESC LIMIT $6");
    /// How many live sign-ins a tenant has.
    SESSIONS_COUNT = concat!("SELECT COUNT(*) FROM sessions s JOIN tenants t ON t.id = s.tenant_id JOIN users u ON u.id = s.user_id \
        WHERE s.tenant_id = $1 AND s.expires_at > $2 AND s.last_seen_at > $3", session_lives!());
    /// A page of a person's live sign-ins, newest first.
    SESSIONS_OF_USER = concat!(session_shown!(), "WHERE s.user_id = $1 AND (s.created_at, s.id) < ($2, $3) \
        AND s.expires_at > $4 AND s.last_seen_at > $5", session_lives!(), " ORDER BY s.created_at DESC, s.id DESC LIMIT $6");
    /// How many live sign-ins a person has.
    SESSIONS_OF_USER_COUNT = concat!("SELECT COUNT(*) FROM sessions s JOIN tenants t ON t.id = s.tenant_id \
        JOIN users u ON u.id = s.user_id WHERE s.user_id = $1 AND s.expires_at > $2 AND s.last_seen_at > $3", session_lives!());

    /// Keeps a request that was pushed.
    PUSHED_INSERT = "INSERT INTO pushed_requests (id, hash, tenant_id, client_id, form, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// A request that was pushed.
    PUSHED_BY_ID: Together = "SELECT id, hash, client_id, form, expires_at, used_at FROM pushed_requests WHERE id = $1 AND tenant_id = $2";
    /// A code is given for it, for the first time.
    PUSHED_USE = "UPDATE pushed_requests SET used_at = $3 WHERE id = $1 AND tenant_id = $2 AND used_at IS NULL";

    /// Lets a device wait, where no other one in the tenant shows the same code.
    DEVICE_INSERT = "INSERT INTO device_requests (id, hash, tenant_id, client_id, user_code, scope, ip_address, created_at, expires_at, resources) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, user_code) DO NOTHING";
    /// A device's request by the id in its own code.
    DEVICE_BY_ID = concat!(device_shown!(), "WHERE d.id = $1 AND d.tenant_id = $2");
    /// A device's request by what its person types.
    DEVICE_BY_USER_CODE = concat!(device_shown!(), "WHERE d.tenant_id = $1 AND d.user_code = $2");
    /// A person has answered a device, for the first time.
    DEVICE_ANSWER = "UPDATE device_requests SET decided_at = $3, code_id = $4 \
        WHERE id = $1 AND tenant_id = $2 AND decided_at IS NULL AND expires_at > $3";

    /// Lets an authorization request wait.
    CHALLENGE_INSERT = "INSERT INTO login_challenges (id, hash, tenant_id, client_id, browser_id, signed_in, redirect_uri, uri_sent, \
        response_mode, state, scope, nonce, code_challenge, prompt, max_age, login_hint, expected, created_at, expires_at, \
        pushed_id, claims, response_type, device_id, cnf, resources) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";
    /// A challenge by its hash, with the public id of its client.
    CHALLENGE_BY_HASH: Together = concat!("SELECT ", challenge_columns!(), ", c.client_id, c.generation, t.generation, \
        CASE WHEN u.enabled = 1 THEN u.generation END, c.issued_before, t.issued_before, u.issued_before, \
        s.id, s.ended_at, n.id, p.used_at, h.claims, h.response_type, h.cnf, \
        d.id, d.user_code, d.ip_address, d.created_at, d.expires_at, d.decided_at, h.resources FROM login_challenges h \
        LEFT JOIN clients c ON c.id = h.client_id LEFT JOIN tenants t ON t.id = h.tenant_id \
        LEFT JOIN users u ON u.id = h.user_id AND u.tenant_id = h.tenant_id LEFT JOIN sessions s ON s.id = h.session_id \
        LEFT JOIN user_consents n ON n.id = h.consent_id LEFT JOIN pushed_requests p ON p.id = h.pushed_id \
        LEFT JOIN device_requests d ON d.id = h.device_id WHERE h.hash = $1 AND h.tenant_id = $2");
    /// Decides a challenge; what was decided bears the generations of now.
    CHALLENGE_DECIDE = "UPDATE login_challenges SET decided_at = $3, outcome = $4, user_id = $5, granted = $6, consent_id = $7, \
        auth_time = $8, amr = $9, verifier = $10, session_id = $11, user_generation = $12, code_id = $13, \
        client_generation = (SELECT generation FROM clients WHERE id = login_challenges.client_id), \
        tenant_generation = (SELECT generation FROM tenants WHERE id = login_challenges.tenant_id) \
        WHERE id = $1 AND tenant_id = $2 AND decided_at IS NULL AND expires_at > $3";
    /// Ends the answers between a user and a client that wait; an id bears its time.
    WAITING_END_BETWEEN = "UPDATE login_challenges SET fetched_at = 0 WHERE id >= $4 AND tenant_id = $3 AND client_id = $2 AND user_id = $1 \
        AND decided_at < $5 AND fetched_at IS NULL";
    /// Removes the codes between a user and a client that were not redeemed; an id bears its time.
    CODES_END_BETWEEN = "DELETE FROM authorization_codes WHERE id >= $4 AND tenant_id = $3 AND client_id = $2 AND user_id = $1 \
        AND created_at < $5 AND redeemed_at IS NULL";
    /// The browser has come for what was decided.
    CHALLENGE_FETCH = "UPDATE login_challenges SET fetched_at = $3, code_id = $4 WHERE id = $1 AND tenant_id = $2 AND decided_at IS NOT NULL \
        AND fetched_at IS NULL AND expires_at > $3";

    /// Records a code, with the generations that it was decided on.
    CODE_INSERT = "INSERT INTO authorization_codes (id, hash, tenant_id, client_id, user_id, session_id, consent_id, redirect_uri, \
        scope, nonce, code_challenge, auth_time, amr, created_at, expires_at, client_generation, tenant_generation, user_generation, claims, grant_id, cnf, resources) \
        SELECT $1, $2, t.id, c.id, u.id, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
        COALESCE(CAST($18 AS BIGINT), c.generation), COALESCE(CAST($19 AS BIGINT), t.generation), $20, $21, $22, $23, $24 \
        FROM clients c JOIN tenants t ON t.id = c.tenant_id JOIN users u ON u.id = $5 AND u.tenant_id = t.id \
        WHERE c.id = $4 AND c.tenant_id = $3 AND c.version = $16 AND t.version = $17 AND u.enabled = 1";
    /// A code with the present state of all it depends on.
    CODE_BY_ID: Together = concat!("SELECT ", code_columns!(), code_joins!());
    /// The same, with its person.
    CODE_OF_PERSON: Together = concat!("SELECT ", code_columns!(), ", ", person_columns!("k"), code_joins!());
    /// Redeems a code.
    CODE_REDEEM = "UPDATE authorization_codes SET redeemed_at = $3, grant_id = $4 WHERE id = $1 AND tenant_id = $2 AND redeemed_at IS NULL";
    /// A consent is used, and stands. Whoever withdraws it meanwhile waits for this, and then sees what came of it.
    CONSENT_HOLD = "UPDATE user_consents SET used_at = $2 WHERE id = $1";
    /// The grant of a code, after [`CODE_REDEEM`].
    GRANT_FROM_CODE = "INSERT INTO grants (id, tenant_id, client_id, user_id, session_id, scope, offline, auth_time, amr, created_at, \
        expires_at, client_generation, tenant_generation, user_generation, audience, cnf, claims, actors) \
        SELECT $1, k.tenant_id, k.client_id, k.user_id, k.session_id, k.scope, \
        CASE WHEN (' ' || k.scope || ' ') LIKE '% offline!_access %' ESCAPE '!' THEN 1 ELSE 0 END, k.auth_time, k.amr, $3, $4, \
        k.client_generation, k.tenant_generation, k.user_generation, $5, $6, k.claims, $7 FROM authorization_codes k WHERE k.id = $2";
    /// A grant that comes of another one, on condition that that one goes on. Its person and tenant are of the generations of
    /// that one: nothing that was decided before all of theirs was ended lives after it.
    GRANT_EXCHANGED = "INSERT INTO grants (id, tenant_id, client_id, user_id, scope, offline, auth_time, amr, created_at, expires_at, \
        client_generation, tenant_generation, user_generation, audience, cnf, actors) \
        SELECT $1, p.tenant_id, c.id, p.user_id, $5, 0, p.auth_time, p.amr, $6, $7, c.generation, p.tenant_generation, \
        p.user_generation, $8, $9, $10 FROM grants p JOIN clients c ON c.id = $3 AND c.tenant_id = p.tenant_id \
        WHERE p.id = $2 AND p.tenant_id = $4 AND p.ended_at IS NULL";
    /// The grant that it comes of, and its client.
    GRANT_LINE = "INSERT INTO grant_lines (grant_id, parent_id, client_id, client_generation, expires_at) \
        SELECT $1, p.id, p.client_id, p.client_generation, $3 FROM grants p WHERE p.id = $2";
    /// All that that one comes of.
    GRANT_LINES = "INSERT INTO grant_lines (grant_id, parent_id, client_id, client_generation, expires_at) \
        SELECT $1, l.parent_id, l.client_id, l.client_generation, $3 FROM grant_lines l WHERE l.grant_id = $2";
    /// Forgets what grants came of that are over.
    GRANT_LINES_DELETE_OLD = "DELETE FROM grant_lines WHERE grant_id IN \
        (SELECT grant_id FROM grant_lines WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// Says until when a grant's youngest token lives, on condition that it has not ended.
    GRANT_EXTEND = "UPDATE grants SET expires_at = $3 WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL";
    /// Records an access token of a grant, on condition that its client, tenant and person are as decided on.
    ACCESS_TOKEN_INSERT_GRANT = "INSERT INTO access_tokens (id, tenant_id, client_id, user_id, grant_id, hash, scope, audience, \
        issued_at, expires_at, client_generation, tenant_generation, user_generation, cnf) \
        SELECT $1, t.id, c.id, u.id, g.id, $4, $5, $6, $7, $8, g.client_generation, g.tenant_generation, g.user_generation, $11 \
        FROM clients c JOIN tenants t ON t.id = c.tenant_id JOIN users u ON u.id = $12 AND u.tenant_id = t.id \
        JOIN grants g ON g.id = $13 AND g.tenant_id = t.id AND g.client_id = c.id AND g.user_id = u.id \
        WHERE c.id = $2 AND c.tenant_id = $3 AND c.version = $9 AND t.version = $10 AND u.enabled = 1";

    /// Records a refresh token.
    REFRESH_INSERT = "INSERT INTO refresh_tokens (id, hash, tenant_id, client_id, grant_id, issued_at, expires_at, user_id) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A refresh token with the present state of its grant, and the versions of a client that asks.
    REFRESH_BY_ID: Together = concat!("SELECT ", refresh_columns!(), refresh_joins!());
    /// The same, with its person.
    REFRESH_OF_PERSON: Together = concat!("SELECT ", refresh_columns!(), ", ", person_columns!("r"), refresh_joins!());
    /// Uses up a refresh token.
    REFRESH_USE = "UPDATE refresh_tokens SET used_at = $3, successor_id = $4 \
        WHERE id = $1 AND tenant_id = $2 AND used_at IS NULL";

    /// What a person lets an agent have.
    AGENT_CONSENT = "SELECT scope, granted_at FROM user_consents WHERE user_id = $1 AND client_id = $2";
    /// Makes a consent where there is none.
    CONSENT_INSERT = "INSERT INTO user_consents (id, tenant_id, user_id, client_id, scope, remembered, granted_at, used_at, resources) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) ON CONFLICT (user_id, client_id) DO NOTHING";
    /// Changes a consent that is as it was decided on.
    CONSENT_UPDATE = "UPDATE user_consents SET scope = $3, remembered = $4, granted_at = $5, used_at = $5, resources = $8 \
        WHERE id = $1 AND tenant_id = $2 AND scope = $6 AND remembered = $7 AND COALESCE(resources, '') = $9";
    /// Takes a consent back.
    CONSENT_DELETE = "DELETE FROM user_consents WHERE id = $1 AND tenant_id = $2 AND user_id = $3 AND client_id = $4";
    /// Ends the grants behind a consent.
    GRANTS_END_OF_CONSENT = "UPDATE grants SET ended_at = $4 WHERE user_id = $1 AND client_id = $2 AND tenant_id = $3 AND ended_at IS NULL";
    /// What a person has consented to for a client.
    CONSENT_OF: Together = "SELECT id, scope, remembered, resources FROM user_consents WHERE user_id = $1 AND client_id = $2";
    /// A consent of a tenant.
    CONSENT_SHOWN = concat!(consent_shown!(), "WHERE s.id = $1 AND s.tenant_id = $2");
    /// A person's consent by the public id of its client.
    CONSENT_BY_CLIENT_ID = concat!(consent_shown!(), "WHERE s.user_id = $1 AND c.client_id = $2 AND s.tenant_id = $3");
    /// A page of a tenant's consents, newest first.
    CONSENTS_PAGE = concat!(consent_shown!(), "WHERE s.tenant_id = $1 AND (s.granted_at, s.id) < ($2, $3) \
        ORDER BY s.granted_at DESC, s.id DESC LIMIT $4");
    /// How many consents a tenant has.
    CONSENTS_COUNT = "SELECT COUNT(*) FROM user_consents s JOIN clients c ON c.id = s.client_id WHERE s.tenant_id = $1";
    /// A page of a person's consents, newest first.
    CONSENTS_OF_USER = concat!(consent_shown!(), "WHERE s.user_id = $1 AND (s.granted_at, s.id) < ($2, $3) \
        ORDER BY s.granted_at DESC, s.id DESC LIMIT $4");
    /// How many consents a person has given.
    CONSENTS_OF_USER_COUNT = "SELECT COUNT(*) FROM user_consents s JOIN clients c ON c.id = s.client_id WHERE s.user_id = $1";
    /// Adds to the history of consents.
    CONSENT_EVENT_INSERT = "INSERT INTO consent_history (id, consent_id, tenant_id, client_id, user_id, event, scope, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A page of a tenant's history of consents, newest first.
    CONSENT_HISTORY = concat!(event_columns!(), "WHERE e.tenant_id = $1 AND (e.at, e.id) < ($2, $3) \
        ORDER BY e.at DESC, e.id DESC LIMIT $4");
    /// How long the history of a tenant is.
    CONSENT_HISTORY_COUNT = "SELECT COUNT(*) FROM consent_history WHERE tenant_id = $1";
    /// A page of a person's history of consents, newest first.
    CONSENT_HISTORY_OF_USER = concat!(event_columns!(), "WHERE e.user_id = $1 AND (e.at, e.id) < ($2, $3) \
        ORDER BY e.at DESC, e.id DESC LIMIT $4");
    /// How long the history of a person is.
    CONSENT_HISTORY_OF_USER_COUNT = "SELECT COUNT(*) FROM consent_history WHERE user_id = $1";

    /// How the person behind an access token had proved to be themselves (without a grant, when the token was issued), and
    /// in which sign-in, if that goes on.
    TOKEN_AUTHENTICATION: Together = "SELECT COALESCE(g.auth_time, a.issued_at), COALESCE(g.amr, ''), \
        CASE WHEN s.ended_at IS NULL THEN s.id END, a.user_generation, CASE WHEN u.enabled = 1 THEN u.generation END \
        FROM access_tokens a LEFT JOIN grants g ON g.id = a.grant_id LEFT JOIN sessions s ON s.id = g.session_id \
        LEFT JOIN users u ON u.id = a.user_id WHERE a.id = $1";
    /// The claims that the grant of a token allows one by one, and how its client wants to be told them.
    TOKEN_CLAIMS: Together = "SELECT g.claims, c.client_id, c.token_choices, c.sector, c.answer_recipients \
        FROM access_tokens a JOIN clients c ON c.id = a.client_id \
        LEFT JOIN grants g ON g.id = a.grant_id WHERE a.id = $1";
    /// A person as far as claims go.
    PROFILE: Together = "SELECT id, username, name, email, updated_at, email_verified_at, claims, roles FROM users WHERE id = $1 AND tenant_id = $2 AND enabled = 1";

    /// Removes what was consented to for a client.
    CLIENT_DELETE_CONSENTS = "DELETE FROM user_consents WHERE client_id = $1";
    /// Removes what a user consented to.
    USER_DELETE_CONSENTS = "DELETE FROM user_consents WHERE user_id = $1";
    /// Removes the sign-ins of a user.
    USER_DELETE_SESSIONS = "DELETE FROM sessions WHERE user_id = $1";
    /// Removes what was consented to in a tenant.
    TENANT_DELETE_CONSENTS = "DELETE FROM user_consents WHERE tenant_id = $1";
    /// Removes the history of consents of a tenant.
    TENANT_DELETE_CONSENT_HISTORY = "DELETE FROM consent_history WHERE tenant_id = $1";
    /// Removes the sign-ins of a tenant.
    TENANT_DELETE_SESSIONS = "DELETE FROM sessions WHERE tenant_id = $1";

    /// Removes devices that began to wait long ago; an id bears its time.
    DEVICES_DELETE_OLD = "DELETE FROM device_requests WHERE id IN (SELECT id FROM device_requests WHERE id < $1 ORDER BY id LIMIT $2)";
    /// Removes requests that were pushed long ago; an id bears its time.
    PUSHED_DELETE_OLD = "DELETE FROM pushed_requests WHERE id IN (SELECT id FROM pushed_requests WHERE id < $1 ORDER BY id LIMIT $2)";
    /// Removes requests that nobody decided, or that were decided long ago; an id bears its time.
    CHALLENGES_DELETE_OLD = "DELETE FROM login_challenges WHERE id IN (SELECT id FROM login_challenges WHERE id < $1 ORDER BY id LIMIT $2)";
    /// Removes codes that were redeemed, or not, long ago.
    CODES_DELETE_OLD = "DELETE FROM authorization_codes WHERE id IN (SELECT id FROM authorization_codes WHERE id < $1 ORDER BY id LIMIT $2)";
    /// Removes grants whose last token's time is over.
    GRANTS_DELETE_OLD = "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// Removes sign-ins whose time is over.
    SESSIONS_DELETE_OLD = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// Removes browsers whose time is over.
    BROWSERS_DELETE_OLD = "DELETE FROM browsers WHERE id IN (SELECT id FROM browsers WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}
