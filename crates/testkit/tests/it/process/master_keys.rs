//! The master key: kept in one of several places, lost, and changed.

use std::os::unix::fs::PermissionsExt as _;

use writ_testkit::process::Writ;

/// The status of a token request by the bootstrap client, whose secret is hashed under the hash key
/// and whose token is signed with a private key: both lie sealed under the master key.
fn token(writ: &Writ) -> u16 {
    let form = format!("grant_type=client_credentials&{}", writ.client_form().unwrap());
    writ.http().unwrap().post("/oauth2/token", &form).unwrap().status
}

/// A server that has signed a token with its own key, and is stopped.
fn stopped() -> Writ {
    let mut writ = Writ::started().unwrap();
    assert_eq!(token(&writ), 200);
    assert!(writ.terminate().unwrap().success());
    writ
}

#[test]
fn the_key_may_be_in_a_file_in_the_environment_or_printed_by_a_command() {
    let writ = stopped();
    let kept = writ.home().join("kept.key");
    std::fs::rename(writ.data_dir().join("master.key"), &kept).unwrap();
    let digits = std::fs::read_to_string(&kept).unwrap();
    let command = format!("cat '{}'", kept.display());
    let file = kept.display().to_string();
    for (name, value) in
        [("WRIT_MASTER_KEY_FILE", &file), ("WRIT_MASTER_KEY", &digits), ("WRIT_MASTER_KEY_COMMAND", &command)]
    {
        let mut other = Writ::new().unwrap();
        other.keep_in(writ.data_dir()).environment(name, value).start().unwrap();
        assert_eq!(token(&other), 200, "{name}");
        assert!(other.terminate().unwrap().success());
        assert!(!writ.data_dir().join("master.key").exists(), "{name}");
    }
    let mut both = Writ::new().unwrap();
    both.keep_in(writ.data_dir())
        .environment("WRIT_MASTER_KEY_FILE", &file)
        .environment("WRIT_MASTER_KEY", &digits);
    assert!(both.refusal().unwrap().text.contains("not more"));
}

fn rewrap(writ: &Writ, to: &std::path::Path) -> (bool, String) {
    let output = std::process::Command::new(writ_testkit::process::binary().unwrap())
        .current_dir(writ.home())
        .args(["key", "rewrap", "--to"])
        .arg(to)
        .arg("--data-dir")
        .arg(writ.data_dir())
        .env_clear()
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn everything_can_be_sealed_under_another_key() {
    let mut writ = stopped();
    let old = writ.data_dir().join("master.key");
    let new = writ.home().join("new.key");
    let (good, said) = rewrap(&writ, std::path::Path::new("new.key"));
    assert!(good && said.starts_with("1 signing keys, 0 client secrets and the hash key"), "{said}");
    assert_eq!(std::fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o600);
    assert_ne!(std::fs::read(&new).unwrap(), std::fs::read(&old).unwrap());

    let refusal = writ.refusal().unwrap();
    assert!(refusal.text.contains("does not open this database"), "{}", refusal.text);
    std::fs::copy(&new, &old).unwrap();
    writ.start().unwrap();
    assert_eq!(token(&writ), 200);

    let (good, said) = rewrap(&writ, &writ.home().join("third.key"));
    assert!(!good && said.contains("writ: "), "a server is running: {said}");
    assert!(writ.terminate().unwrap().success());
    let (good, said) = rewrap(&writ, &new);
    assert!(!good && said.contains("in use already"), "{said}");
    std::fs::write(&old, "00".repeat(32)).unwrap();
    let (good, said) = rewrap(&writ, &writ.home().join("fourth.key"));
    assert!(!good && said.contains("does not open this database"), "{said}");
}
