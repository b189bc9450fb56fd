//! An act of `writ client` is one request: done whole, or not at all, whichever way it goes.

use super::{Desk, WAYS};

#[test]
fn a_change_whose_last_field_is_wrong_changes_nothing() {
    for way in WAYS {
        let desk = Desk::new(way);
        let made = desk.run(&["client", "create", "Job", "--type", "machine", "--json"]).good().json();
        let client = made["client_id"].as_str().unwrap();
        let show = || desk.run(&["client", "show", client, "--json"]).good().json();
        let before = show();
        let records = desk.audit().len();
        let wrong = ["--name", "Other", "--description", "Words", "--logo-uri", "ftp://x"];
        let said = desk.run(&[&["client", "update", client][..], &wrong].concat());
        assert_ne!(said.code, Some(0));
        assert!(said.err.contains("logo_uri: "), "{}", said.err);
        assert_eq!(show(), before, "{way:?}");

        // What is wrong with two fields of what were two contracts is said at once; and no client is left.
        let many = ["--access-token-ttl", "1", "--tos-uri", "ftp://x"];
        let said = desk.run(&[&["client", "create", "Other", "--type", "machine"][..], &many].concat());
        assert_ne!(said.code, Some(0));
        assert!(
            said.err.contains("access_token_lifetime: ") && said.err.contains("tos_uri: "),
            "{}",
            said.err
        );
        let listed = desk.run(&["client", "list", "--json"]).good().json();
        let names: Vec<_> =
            listed["clients"].as_array().unwrap().iter().map(|one| &one["client_name"]).collect();
        assert!(names.iter().all(|name| *name != "Other"), "{names:?}");

        // Everything in one request leaves one record.
        let all = [
            "--name",
            "Other",
            "--description",
            "Words",
            "--logo-uri",
            "https://example.com/l.png",
            "--contact",
            "ada@example.com",
            "--auth-method",
            "client_secret_basic",
            "--audience",
            "https://api.example.com",
            "--access-token-ttl",
            "600",
            "--disable",
        ];
        let after = desk.run(&[&["client", "update", client, "--json"][..], &all].concat()).good().json();
        assert_eq!((&after["client_name"], &after["enabled"]), (&"Other".into(), &false.into()));
        assert_eq!(show(), after, "{way:?}");
        let updated = desk.audit().iter().filter(|record| record[0] == "client.updated").count();
        assert_eq!(updated, 1, "{way:?}: of {records} records before");
    }
}
