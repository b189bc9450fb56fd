//! A disk that is full: said, survived, and forgotten as soon as there is space.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use writ_testkit::process::{Http, Request, Writ};

use super::{Credential, aloud};

/// A small file system of one's own, unmounted at the end.
struct Mount(tempfile::TempDir);

impl Mount {
    /// Needs root, and a container that lets root mount. Where that is not to be had it says so past the
    /// capture of the test harness; `a_file_that_must_not_grow_is_survived` needs no right.
    fn new() -> Option<Self> {
        let at = tempfile::tempdir().unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "none"])
            .arg(at.path())
            .output()
            .unwrap();
        if output.status.success() {
            return Some(Self(at));
        }
        let why = String::from_utf8_lossy(&output.stderr);
        aloud(&format!("no small file system could be mounted here: {}", why.trim()));
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Issues tokens until one cannot be had; gives those that could.
fn until_refused(http: &mut Http, credential: &Credential) -> Vec<String> {
    let mut tokens = Vec::new();
    loop {
        let request = Request {
            method: "POST",
            path: "/oauth2/token",
            headers: &[("x-request-id", "find-me-in-the-log")],
            form: &format!("grant_type=client_credentials&{}", credential.0),
        };
        let answer = http.send(&request).unwrap();
        if answer.status == 200 {
            tokens.push(answer.text("access_token"));
            assert!(tokens.len() < 50_000, "the disk never got full");
            continue;
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.text("error"), "temporarily_unavailable", "{}", answer.body);
        assert!(answer.header("retry-after").is_some_and(|after| after.parse::<u32>().is_ok()), "{answer:?}");
        assert_eq!(answer.header("x-request-id"), Some("find-me-in-the-log"));
        return tokens;
    }
}

/// What has to hold while nothing can be written, and after something can be again.
fn full_and_free_again(writ: &mut Writ, fill: impl FnOnce(&Writ), free: impl FnOnce(&Writ)) {
    let credential = Credential(writ.client_form().unwrap());
    let mut http = writ.http().unwrap();
    let mut tokens: Vec<_> = (0..20).map(|_| credential.token(&mut http)).collect();
    let revoked = credential.token(&mut http);
    assert_eq!(credential.revoke(&mut http, &revoked).unwrap().status, 200);
    let unrevoked = credential.token(&mut http);

    fill(writ);
    tokens.extend(until_refused(&mut http, &credential));
    // Asked again and again: readiness does not come back by itself while nothing can be written.
    for _ in 0..20 {
        assert_eq!(http.get("/health/ready").unwrap().status, 503);
        assert_eq!(http.get("/health/live").unwrap().status, 200);
    }
    assert_eq!(credential.revoke(&mut http, &unrevoked).unwrap().status, 503);
    assert!(credential.active(&mut http, &unrevoked), "a revocation that was refused did not happen");
    assert!(!credential.active(&mut http, &revoked));
    for token in &tokens {
        assert!(credential.active(&mut http, token));
    }
    let line = writ.log_line("find-me-in-the-log").unwrap();
    assert!(line.contains("503"), "{line}");
    // Of all that failed, the first request was told.
    let told = writ.log();
    let told: Vec<_> = told.lines().filter(|line| line.contains("\"status\":503")).collect();
    assert_eq!(told.len(), 1, "{told:?}");

    free(writ);
    assert_eq!(http.get("/health/ready").unwrap().status, 200, "{}", writ.log());
    tokens.push(credential.token(&mut http));
    writ.log_line("commits succeed again").unwrap();
    writ.kill9().unwrap();
    writ.start().unwrap();
    let mut http = writ.http().unwrap();
    for token in tokens.iter().chain([&unrevoked]) {
        assert!(credential.active(&mut http, token), "lost: {token}");
    }
    assert!(!credential.active(&mut http, &revoked));
}

#[test]
fn a_full_file_system_is_survived() {
    let mut writ = Writ::new().unwrap();
    let Some(disk) = Mount::new() else { return };
    let filler = disk.path().join("filler");
    writ.keep_in(disk.path().join("data")).start().unwrap();
    full_and_free_again(
        &mut writ,
        |_| {
            let mut file = File::create(&filler).unwrap();
            while file.write_all(&[0; 4096]).is_ok() {}
        },
        |writ| {
            writ.log_line("the disk is full").unwrap();
            std::fs::remove_file(&filler).unwrap();
        },
    );
}

#[test]
fn a_first_start_on_a_full_file_system_says_so_and_does_not_block_the_next() {
    let mut writ = Writ::new().unwrap();
    let Some(disk) = Mount::new() else { return };
    let filler = disk.path().join("filler");
    writ.keep_in(disk.path().join("data"));
    // From nothing at all in steps of a page to enough for a whole start.
    let mut refused = 0;
    for pages in 0..400 {
        let mut file = File::create(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        file.set_len(file.metadata().unwrap().len() - pages * 3 * 4096).unwrap();
        if writ.start().is_ok() {
            assert!(writ.terminate().is_ok());
            break;
        }
        refused += 1;
    }
    assert!(refused > 0);
    let log = writ.log();
    assert!(!log.contains("panicked") && !log.contains("damaged"), "{log}");
    std::fs::remove_file(&filler).unwrap();
    writ.start().unwrap();
    Credential(writ.client_form().unwrap()).token(&mut writ.http().unwrap());
}

/// The same without any right: a bound on the size of files (`RLIMIT_FSIZE`), whose signal is ignored, so
/// that writing behind it fails as on a bad disk.
#[test]
fn a_file_that_must_not_grow_is_survived() {
    let limit = |writ: &Writ, bytes: &str| {
        let pid = writ.pid().unwrap().to_string();
        let set =
            Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status().unwrap();
        assert!(set.success());
    };
    let mut writ = Writ::new().unwrap();
    writ.through(["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).start().unwrap();
    full_and_free_again(&mut writ, |writ| limit(writ, "4096"), |writ| limit(writ, "unlimited"));
}
