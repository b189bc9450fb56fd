//! What takes something away asks first, and what cannot be done says what can.

use super::{Desk, WAYS, Way};

#[test]
fn nothing_is_taken_away_without_a_yes_where_nobody_can_be_asked() {
    for way in WAYS {
        let desk = Desk::new(way);
        desk.run(&["tenant", "create", "acme"]).good();
        let before = desk.audit();
        for line in [
            &["tenant", "delete", "acme"][..],
            &["tenant", "update", "acme", "--disable"],
            &["role", "delete", "clerk"],
            &["api-key", "revoke", "x"],
            &["key", "compromised", "x"],
            &["token", "revoke", "x"],
        ] {
            // A yes on standard input is not asked for, and not taken.
            desk.run_with(line, "y\n").refused(2, &["--yes"]);
        }
        assert_eq!(desk.audit(), before);
        assert_eq!(desk.run(&["tenant", "show", "acme", "--json"]).good().json()["enabled"], true);
    }
}

#[test]
fn a_refusal_is_the_api_s_own_with_exit_code_1() {
    for way in WAYS {
        let desk = Desk::new(way);
        desk.run(&["tenant", "create", "Not A Slug"]).refused(1, &["slug: "]);
        desk.run(&["tenant", "create", "default"]).refused(1, &["slug"]);
        desk.run(&["tenant", "show", "nobody"]).refused(1, &["no such tenant"]);
        desk.run(&["role", "list", "--tenant", "nobody"]).refused(1, &["nobody", "writ tenant list"]);
        desk.run(&["role", "create", "x", "--permission", "users:no"])
            .refused(1, &["permissions: users:no: there is no such permission", "oauth:read"]);
        desk.run(&["api-key", "create", "x", "--expires-at", "tomorrow"])
            .refused(1, &["expires_at", "2030-"]);
    }
}

#[test]
fn a_command_line_that_says_too_little_is_exit_code_2() {
    let desk = Desk::new(Way::Offline);
    desk.run(&["tenant", "update", "default"]).refused(2, &["nothing to change"]);
    desk.run(&["role", "show", ".."]).refused(2, &["names nothing"]);
    desk.run(&["token", "inspect", "-"]).refused(2, &["no token"]);
    for line in [&["tenant"][..], &["tenant", "sho", "x"], &["tenant", "create", "x", "--set", "no-value"]] {
        assert_eq!(desk.run(line).code, Some(2), "{line:?}");
    }
}
