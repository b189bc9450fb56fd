//! Statements on whom a sign-in has given something to, and who is yet to be told that it has ended.

use crate::sql::statements;

/// The clients of a person's sign-ins.
macro_rules! of_user {
    () => {
        "session_id IN (SELECT x.id FROM sessions x WHERE x.user_id = $1)"
    };
}

/// The clients of a tenant's sign-ins.
macro_rules! of_tenant {
    () => {
        "session_id IN (SELECT x.id FROM sessions x WHERE x.tenant_id = $1)"
    };
}

/// Queues what the clients have to be told that want to hear it from the server, and have not been told. What a client
/// has registered is one JSON text; a name within another text of it would have its quotes escaped.
macro_rules! queue {
    ($those:expr) => {
        concat!(
            "INSERT INTO logout_queue (id, session_id, client_id, tenant_id, user_id, created_at, next_at, tries) \
             SELECT s.id, s.session_id, s.client_id, s.tenant_id, s.user_id, $2, $2, 0 FROM session_clients s \
             JOIN client_registrations r ON r.client_id = s.client_id WHERE s.",
            $those,
            " AND s.told_at IS NULL AND r.metadata LIKE '%\"backchannel_logout_uri\":\"%' ON CONFLICT (id) DO NOTHING"
        )
    };
}

/// Marks clients as told.
macro_rules! told {
    ($those:expr) => {
        concat!("UPDATE session_clients SET told_at = $2 WHERE ", $those, " AND told_at IS NULL")
    };
}

macro_rules! waiting_columns {
    () => {
        "q.id, q.session_id, q.client_id, q.tenant_id, q.user_id, q.created_at, q.tries, q.next_at, q.problem, q.given_up_at"
    };
}

statements! {
    /// A sign-in has given a client a code. One that was told of its end is to be told again.
    SESSION_CLIENT_ADD = "INSERT INTO session_clients (session_id, client_id, id, tenant_id, user_id) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (session_id, client_id) DO UPDATE SET id = excluded.id, told_at = NULL WHERE session_clients.told_at IS NOT NULL";
    /// Queues what the clients of a sign-in are told.
    LOGOUTS_OF_SESSION = queue!("session_id = $1");
    /// They are as good as told.
    TOLD_OF_SESSION = told!("session_id = $1");
    /// Queues what the clients of all sign-ins of a person are told.
    LOGOUTS_OF_USER = queue!(of_user!());
    /// They are as good as told.
    TOLD_OF_USER = told!(of_user!());
    /// Queues what the clients of all sign-ins of a tenant are told.
    LOGOUTS_OF_TENANT = queue!(of_tenant!());
    /// They are as good as told.
    TOLD_OF_TENANT = told!(of_tenant!());
    /// Queues what one client of a person's sign-ins is told.
    LOGOUTS_BETWEEN = queue!(concat!(of_user!(), " AND s.client_id = $3"));
    /// It is as good as told.
    TOLD_BETWEEN = told!(concat!(of_user!(), " AND client_id = $3"));

    /// The clients of a sign-in that want to hear of its end from the browser.
    TOLD_IN_BROWSER = "SELECT s.client_id, r.metadata FROM session_clients s JOIN client_registrations r ON r.client_id = s.client_id \
        WHERE s.session_id = $1 AND r.metadata LIKE '%\"frontchannel_logout_uri\":\"%' ORDER BY s.client_id LIMIT $2";
    /// The newest sign-in of a browser in a tenant that was ended since.
    SESSION_ENDED_SINCE = "SELECT id FROM sessions WHERE browser_id = $1 AND tenant_id = $2 AND ended_at >= $3 \
        ORDER BY id DESC LIMIT 1";

    /// Clients for which something is due.
    LOGOUTS_DUE = "SELECT DISTINCT client_id, tenant_id FROM logout_queue WHERE next_at <= $1";
    /// What is due for a client.
    LOGOUTS_DUE_OF = concat!("SELECT ", waiting_columns!(), " FROM logout_queue q WHERE q.client_id = $1 AND q.next_at <= $2 \
        ORDER BY q.next_at, q.id LIMIT $3");
    /// Takes one to be sent; it is due again should nobody say what came of it.
    LOGOUT_TAKE = "UPDATE logout_queue SET tries = tries + 1, next_at = $3 WHERE id = $1 AND next_at = $2";
    /// It was sent.
    LOGOUT_DELETE = "DELETE FROM logout_queue WHERE id = $1 AND next_at = $2";
    /// It was not, and is due again at a time.
    LOGOUT_AGAIN = "UPDATE logout_queue SET next_at = $3, problem = $4 WHERE id = $1 AND next_at = $2";
    /// It is given up.
    LOGOUT_GIVE_UP = "UPDATE logout_queue SET next_at = NULL, given_up_at = $3, problem = COALESCE($4, problem) \
        WHERE id = $1 AND next_at = $2";
    /// What else is due for a client waits for as long.
    LOGOUTS_POSTPONE = "UPDATE logout_queue SET next_at = $3 WHERE client_id = $1 AND next_at <= $2";
    /// A page of what a tenant's clients are yet to be told, newest first.
    LOGOUTS_PAGE = concat!("SELECT ", waiting_columns!(), ", c.client_id FROM logout_queue q JOIN clients c ON c.id = q.client_id \
        WHERE q.tenant_id = $1 AND (q.created_at, q.id) < ($2, $3) ORDER BY q.created_at DESC, q.id DESC LIMIT $4");
    /// How much that is.
    LOGOUTS_COUNT = "SELECT COUNT(*) FROM logout_queue q JOIN clients c ON c.id = q.client_id WHERE q.tenant_id = $1";

    /// Forgets the clients of sign-ins whose time is over; those are removed next.
    SESSION_CLIENTS_DELETE_OLD = "DELETE FROM session_clients WHERE session_id IN \
        (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// Forgets the clients of a person's sign-ins.
    USER_DELETE_SESSION_CLIENTS = concat!("DELETE FROM session_clients WHERE ", of_user!());
    /// Forgets the clients of a tenant's sign-ins.
    TENANT_DELETE_SESSION_CLIENTS = concat!("DELETE FROM session_clients WHERE ", of_tenant!());
    /// Nobody of a tenant is told anything any more.
    TENANT_DELETE_LOGOUTS = "DELETE FROM logout_queue WHERE tenant_id = $1";
    /// Removes what was given up long ago.
    LOGOUTS_DELETE_OLD = "DELETE FROM logout_queue WHERE id IN \
        (SELECT id FROM logout_queue WHERE given_up_at < $1 ORDER BY given_up_at LIMIT $2)";
}
