//! What systemd does with a service: hands over sockets that it holds, and hears how far the service is.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Stdio};
use std::time::Duration;

use writ_testkit::process::{Http, Writ, signal};

/// A shell becomes the server, after it has moved its standard input to where systemd puts the first socket.
const HAND_OVER: [&str; 4] =
    ["sh", "-c", "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\" 3<&0 0</dev/null", "sh"];

/// A process that is killed when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn handed(writ: &mut Writ, listener: TcpListener) -> Running {
    let mut command = writ.through(HAND_OVER).command().unwrap();
    let socket = Stdio::from(OwnedFd::from(listener));
    Running(command.stdin(socket).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

#[test]
fn a_socket_that_is_handed_over_is_the_listener_and_the_service_says_how_far_it_is() {
    let mut writ = Writ::new().unwrap();
    let path = writ.home().join("notify");
    let notified = UnixDatagram::bind(&path).unwrap();
    notified.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let hear = || {
        let mut buffer = [0; 512];
        let count = notified.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // `--listen` names another address, which must not be bound.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = elsewhere.local_addr().unwrap().to_string();
    writ.arguments(["--listen", &taken, "--metrics-listen", "off"]).environment("NOTIFY_SOCKET", &path);
    let mut running = handed(&mut writ, listener);
    assert_eq!(hear().trim(), "READY=1");
    assert_eq!(Http::new(address).get("/health/ready").unwrap().status, 200);

    signal("HUP", running.0.id()).unwrap();
    let reloading = hear();
    assert!(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="), "{reloading}");
    assert_eq!(hear().trim(), "READY=1");

    signal("TERM", running.0.id()).unwrap();
    assert_eq!(hear().trim(), "STOPPING=1");
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn a_name_says_what_a_socket_is_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut writ = Writ::new().unwrap();
    writ.environment("LISTEN_FDNAMES", "metrics");
    let path = writ.home().join("notify");
    let notified = UnixDatagram::bind(&path).unwrap();
    notified.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    writ.environment("NOTIFY_SOCKET", &path);
    let _running = handed(&mut writ, listener);
    notified.recv(&mut [0; 512]).unwrap();
    let metrics = Http::new(address).get("/metrics").unwrap();
    assert!(metrics.status == 200 && metrics.body.contains("writ_"), "{}", metrics.body);
}

/// Sockets of another process are no business of ours.
#[test]
fn sockets_for_another_process_are_left_alone() {
    let mut writ = Writ::new().unwrap();
    writ.environment("LISTEN_PID", "1").environment("LISTEN_FDS", "1").start().unwrap();
    assert_eq!(writ.http().unwrap().get("/health/live").unwrap().status, 200);
    assert!(writ.terminate().unwrap().success());
}
