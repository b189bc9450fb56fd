//! Records of the audit log in words.

use writ_core::audit::AuditRecord;

use crate::call::words::{say, say_of};

/// Whether it is something to worry about.
pub(crate) fn is_bad(action: &str) -> bool {
    matches!(action, "user.sign_in_failed" | "authorization_code.replayed" | "refresh_token.replayed")
}

/// What happened, as people read it; `client`: what the application is called that it is about. None where it tells them
/// nothing.
pub(crate) fn words(record: &AuditRecord, client: impl Fn() -> String) -> Option<String> {
    Some(match &*record.action {
        "user.signed_in" => say("event-signed-in"),
        "user.password_accepted" => say("event-password-accepted"),
        "user.sign_in_mail_requested" => say("event-sign-in-mail"),
        "user.sign_in_mail_accepted" => say("event-mail-accepted"),
        "user.factor_added" => say("event-factor-added"),
        "user.factor_removed" => say("event-factor-removed"),
        "user.passkey_copied" => say("event-passkey-copied"),
        "user.device_forgotten" => say("event-device-forgotten"),
        "user.recovery_codes_made" => say("event-codes"),
        "user.sign_in_failed" => say("event-sign-in-failed"),
        "user.created" => say("event-created"),
        "user.updated" => say("event-updated"),
        "user.roles_changed" => say("event-roles"),
        "user.deletion_requested" => say("event-leaving"),
        "user.deletion_cancelled" => say("event-kept"),
        "user.enabled" => say("event-enabled"),
        "user.disabled" => say("event-disabled"),
        "user.password_reset_requested" => say("event-reset-requested"),
        "user.password_reset" => say("event-reset"),
        "user.email_verified" => say("event-email-verified"),
        "session.ended" => say("event-signed-out"),
        "authorization.approved" => say_of("event-approved", &[("client", &client())]),
        "authorization.denied" => say_of("event-denied", &[("client", &client())]),
        "consent.withdrawn" => say("event-withdrawn"),
        "tokens.revoked" => say("event-tokens-revoked"),
        "authorization_code.replayed" | "refresh_token.replayed" => say("event-replayed"),
        _ => return None,
    })
}
