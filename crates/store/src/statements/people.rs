//! Statements on people: their accounts, attempts to sign in, links and letters.

use crate::sql::statements;

/// The columns of an account, in the order in which `people.rs` reads them.
macro_rules! account_columns {
    () => {
        "u.id, u.tenant_id, u.username, u.roles, u.enabled, u.email, u.email_verified_at, u.new_email, u.name, \
         u.created_at, u.updated_at, u.last_login_at, u.version, u.generation, u.leaves_at, u.leaves_in"
    };
}

statements! {
    /// An account by row id.
    ACCOUNT_BY_ID: Together = concat!("SELECT ", account_columns!(), " FROM users u WHERE u.id = $1 AND u.tenant_id = $2");
    /// A page of a tenant's accounts, newest first.
    ACCOUNTS_PAGE = concat!("SELECT ", account_columns!(), " FROM users u \
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) ORDER BY u.created_at DESC, u.id DESC LIMIT $4");
    /// A page of those of a tenant's accounts whose name, username or address has a text in it, newest first.
    ACCOUNTS_SEARCH = concat!("SELECT ", account_columns!(), " FROM users u \
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) \
        AND (u.username_key LIKE $4 ESCAPE '!' OR LOWER(u.email) LIKE $4 ESCAPE '!' OR LOWER(u.name) LIKE $4 ESCAPE '!' \
        OR u.name LIKE $5 ESCAPE '!') ORDER BY u.created_at DESC, u.id DESC LIMIT $6");
    /// How many those are.
    ACCOUNTS_SEARCH_COUNT = "SELECT COUNT(*) FROM users u WHERE u.tenant_id = $1 \
        AND (u.username_key LIKE $2 ESCAPE '!' OR LOWER(u.email) LIKE $2 ESCAPE '!' OR LOWER(u.name) LIKE $2 ESCAPE '!' \
        OR u.name LIKE $3 ESCAPE '!')";
    /// An account by what tokens call the person.
    ACCOUNT_BY_SUBJECT = concat!("SELECT ", account_columns!(), " FROM users u WHERE u.subject = $1 AND u.tenant_id = $2");
    /// Accounts of whom it is not written down what tokens call them.
    USERS_WITHOUT_SUBJECT = "SELECT id FROM users WHERE subject IS NULL LIMIT $1";
    /// Writes it down.
    USER_SET_SUBJECT = "UPDATE users SET subject = $2 WHERE id = $1 AND subject IS NULL";
    /// How many accounts a tenant has.
    ACCOUNTS_COUNT = "SELECT COUNT(*) FROM users WHERE tenant_id = $1";
    /// What signing in begins with, by the key of a username or of an address that leads to an account.
    CANDIDATE: Together = concat!("SELECT ", account_columns!(), ", u.password_hash \
        FROM users u WHERE (u.tenant_id = $1 AND u.username_key = $2) OR (u.tenant_id = $1 AND u.address = $2) \
        ORDER BY CASE WHEN u.username_key = $2 THEN 0 ELSE 1 END LIMIT 1");
    /// Whether a bucket is remembered.
    ATTEMPTS_KNOWN = "SELECT kept_until FROM sign_in_attempts WHERE id = $1";
    /// Takes an attempt out of a bucket, on condition that there is one. No bucket is ever busy for so long that it
    /// lies two attempts beyond empty: such a row was written by a clock that was ahead, and counts as a full bucket.
    ATTEMPT_RESERVE = "INSERT INTO sign_in_attempts (id, busy_until, kept_until) VALUES ($1, $3, $6) \
        ON CONFLICT (id) DO UPDATE SET \
        busy_until = CASE WHEN sign_in_attempts.busy_until > $2 AND sign_in_attempts.busy_until <= $5 THEN sign_in_attempts.busy_until + $4 ELSE excluded.busy_until END, \
        kept_until = CASE WHEN sign_in_attempts.kept_until > excluded.kept_until AND sign_in_attempts.busy_until <= $5 THEN sign_in_attempts.kept_until ELSE excluded.kept_until END \
        WHERE sign_in_attempts.busy_until <= $5 OR sign_in_attempts.busy_until > $5 + $4 + $4";
    /// Fills a bucket, and remembers it.
    ATTEMPTS_REMEMBER = "INSERT INTO sign_in_attempts (id, busy_until, kept_until) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET busy_until = excluded.busy_until, kept_until = excluded.kept_until";
    /// Fills a bucket.
    ATTEMPTS_FORGET = "DELETE FROM sign_in_attempts WHERE id = $1";
    /// Fills all buckets of a name.
    ATTEMPTS_FILL_ALL = "UPDATE sign_in_attempts SET busy_until = $3 WHERE id BETWEEN $1 AND $2 AND busy_until > $3";
    /// Removes buckets that are worth nothing any more.
    ATTEMPTS_DELETE_OLD = "DELETE FROM sign_in_attempts WHERE id IN \
        (SELECT id FROM sign_in_attempts WHERE kept_until < $1 ORDER BY kept_until LIMIT $2)";
    /// Somebody signed in, on condition that they may and that their password is the one that was checked.
    USER_SIGN_IN = "UPDATE users SET last_login_at = $3, password_hash = $5 \
        WHERE id = $1 AND tenant_id = $2 AND enabled = 1 AND leaves_at IS NULL AND password_hash = $4";
    /// Somebody signed in without a password, on condition that they may.
    USER_ENTER = "UPDATE users SET last_login_at = $3 WHERE id = $1 AND tenant_id = $2 AND enabled = 1 AND leaves_at IS NULL";
    /// Changes an account that still is what was decided on.
    ACCOUNT_UPDATE = "UPDATE users SET email = $4, email_verified_at = $5, new_email = $6, name = $7, roles = $8, enabled = $9, \
        password_hash = COALESCE($10, password_hash), generation = generation + $11, version = version + 1, updated_at = $12, \
        username = $13, username_key = $14, address = $15, leaves_at = $16, \
        leaves_in = CASE WHEN CAST($16 AS BIGINT) IS NULL THEN NULL ELSE leaves_in END \
        WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// Keeps a picture of a person, instead of the one before.
    PORTRAIT_KEEP = "INSERT INTO portraits (user_id, tenant_id, name, content, created_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, content = excluded.content, created_at = excluded.created_at";
    /// Removes the picture of a person, unless it is this one.
    PORTRAITS_KEEP_ONLY = "DELETE FROM portraits WHERE user_id = $1 AND name <> $2";
    /// A picture of somebody of a tenant.
    PORTRAIT_BY_NAME = "SELECT content FROM portraits WHERE name = $1 AND tenant_id = $2";
    /// Removes the picture of a person.
    USER_DELETE_PORTRAIT = "DELETE FROM portraits WHERE user_id = $1";
    /// Removes the pictures of a tenant's people.
    TENANT_DELETE_PORTRAITS = "DELETE FROM portraits WHERE tenant_id = $1";
    /// The standard claims of a person that have no column.
    USER_CLAIMS = "SELECT claims FROM users WHERE id = $1 AND tenant_id = $2";
    /// Changes those of an account that still is what was decided on.
    USER_SET_CLAIMS = "UPDATE users SET claims = $4, version = version + 1, updated_at = $5 \
        WHERE id = $1 AND tenant_id = $2 AND version = $3";
    /// An account is to go: its generation goes up, and what waited for its owner is forgotten.
    USER_LEAVE = "UPDATE users SET leaves_at = $5, leaves_in = $6, new_email = NULL, generation = generation + 1, version = version + 1, updated_at = $4 \
        WHERE id = $1 AND tenant_id = $2 AND version = $3 AND leaves_at IS NULL";
    /// It stays.
    USER_KEEP = "UPDATE users SET leaves_at = NULL, leaves_in = NULL, version = version + 1, updated_at = $4 \
        WHERE id = $1 AND tenant_id = $2 AND version = $3 AND leaves_at IS NOT NULL";
    /// Accounts whose time is over.
    USERS_LEAVING = "SELECT u.id, u.tenant_id, u.leaves_at FROM users u \
        WHERE (u.leaves_at, u.id) > ($1, $2) AND u.leaves_at <= $3 ORDER BY u.leaves_at, u.id LIMIT $4";
    /// Keeps a link.
    LINK_INSERT = "INSERT INTO user_links (id, tenant_id, user_id, kind, hash, email, user_generation, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A link and whose it is.
    LINK_BY_ID = concat!("SELECT ", account_columns!(), ", u.password_hash, l.kind, l.hash, l.email, l.user_generation, l.expires_at, l.used_at \
        FROM user_links l JOIN users u ON u.id = l.user_id AND u.tenant_id = l.tenant_id WHERE l.id = $1 AND l.tenant_id = $2 AND l.guesses IS NULL");
    /// Keeps what goes with a letter that somebody signs in by.
    MAILED_INSERT = "INSERT INTO user_links (id, tenant_id, user_id, kind, hash, email, user_generation, guesses, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// What is kept of such a letter, nobody's too.
    MAILED_BY_ID = "SELECT id, tenant_id, user_id, kind, hash, email, user_generation, guesses, expires_at, used_at \
        FROM user_links WHERE id = $1 AND tenant_id = $2 AND guesses IS NOT NULL";
    /// Uses a link up.
    LINK_USE = "UPDATE user_links SET used_at = $3 WHERE id = $1 AND tenant_id = $2 AND used_at IS NULL";
    /// Ends the links of a person.
    LINKS_END_USER = "DELETE FROM user_links WHERE user_id = $1";
    /// Removes links whose time is over.
    LINKS_DELETE_OLD = "DELETE FROM user_links WHERE id IN \
        (SELECT id FROM user_links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";

    /// Keeps a letter until it is sent.
    MAIL_INSERT = "INSERT INTO mail_queue (id, tenant_id, sealed, tries, next_at, created_at, expires_at) \
        VALUES ($1, $2, $3, 0, $4, $4, $5)";
    /// Letters that are due, in the order in which they are.
    MAIL_DUE = "SELECT id, sealed, tries, next_at, created_at, expires_at, tenant_id FROM mail_queue WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2";
    /// A letter.
    MAIL_BY_ID = "SELECT id, sealed, tries, next_at, created_at, expires_at, tenant_id FROM mail_queue WHERE id = $1";
    /// Takes a letter to be sent, on condition that nobody has taken it: it is due again later.
    MAIL_TAKE = "UPDATE mail_queue SET tries = tries + 1, next_at = $3 WHERE id = $1 AND next_at = $2";
    /// Removes a letter.
    MAIL_DELETE = "DELETE FROM mail_queue WHERE id = $1";
}
