//! Back-Channel Logout 1.0 §2.5 with the real binary: who was to be told of a sign-out is told, however the process ends.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use writ_testkit::postgres::Cluster;
use writ_testkit::process::{Http, LoginPage, Request, Writ};
use writ_testkit::{Manner, RelyingParty};

use super::aloud;
use crate::flow::{CALLBACK, PASSWORD, claims, request};

const ADA: &str = "ada@example.org";
const PATH: &str = "/logout";
/// Sign-ins that end together.
const SIGN_INS: usize = 12;
/// How often the process is killed before it may tell all that is left.
const KILLS: usize = 4;

/// A server that may call the application.
fn server(rp: &RelyingParty) -> Writ {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("ca.pem");
    std::fs::write(&file, rp.ca()).unwrap();
    writ.environment("WRIT_OUTBOUND_ALLOW_LOOPBACK", "true").environment("WRIT_OUTBOUND_EXTRA_CA", &file);
    writ
}

fn manage(writ: &Writ, route: (&str, &str), body: &Value) -> Value {
    let key = format!("Bearer {}", writ.bootstrap().unwrap()["api_key"].as_str().unwrap());
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let request = Request { method: route.0, path: route.1, headers: &headers, form: &body.to_string() };
    let answer = writ.http().unwrap().send(&request).unwrap();
    assert!((200..300).contains(&answer.status), "{route:?}: {answer:?}");
    serde_json::from_str(&answer.body).unwrap_or_default()
}

/// Signs Ada in in a browser of her own, and gives the application its code.
fn sign_in(writ: &Writ, client_id: &str) {
    let mut http: Http = writ.http().unwrap();
    let page = LoginPage::open(&mut http, "http://localhost:8080", &request(client_id, &[])).unwrap();
    let sent = page.send(&mut http, (ADA, PASSWORD), &[]).unwrap();
    let cookie = sent.header("set-cookie").and_then(|cookie| cookie.split_once(';')).unwrap().0.to_owned();
    let path = sent.header("location").unwrap().to_owned();
    let headers = [("cookie", cookie.as_str())];
    let given = http.send(&Request { method: "GET", path: &path, headers: &headers, form: "" }).unwrap();
    assert!(given.header("location").is_some_and(|to| to.contains("code=")), "{given:?}");
}

fn sids(rp: &RelyingParty) -> BTreeSet<String> {
    let sid = |posted: &writ_testkit::Posted| claims(&posted.field("logout_token"))["sid"].to_string();
    rp.posted(PATH).iter().map(sid).collect()
}

fn killed_while_it_tells(runtime: &Runtime, rp: &RelyingParty, writ: &mut Writ) {
    let begun = Instant::now();
    writ.start().unwrap();
    let person = json!({ "username": ADA, "password": PASSWORD });
    let ada = manage(writ, ("POST", "/api/v1/users"), &person)["id"].clone();
    let new = json!({
        "client_name": "Site", "redirect_uris": [CALLBACK], "scope": "openid read", "first_party": true,
        "backchannel_logout_uri": rp.uri(PATH),
    });
    let made = manage(writ, ("POST", "/api/v1/clients"), &new);
    for _ in 0..SIGN_INS {
        sign_in(writ, made["client_id"].as_str().unwrap());
    }
    rp.behave(PATH, Manner::Hangs);
    manage(writ, ("POST", "/api/v1/oauth/tokens/bulk-revoke"), &json!({ "user_id": ada }));
    // Killed as soon as the answer is there; then each time while a logout is on its way.
    for kill in 0..KILLS {
        writ.kill9().unwrap();
        let before = rp.posted(PATH).len();
        writ.start().unwrap();
        runtime.block_on(rp.wait_for(PATH, before + 1));
        if kill + 2 == KILLS {
            // From now on each is taken, and the process dies between two of them.
            rp.behave(PATH, Manner::Status(200));
        }
    }
    while manage(writ, ("GET", "/api/v1/logouts"), &Value::Null)["total"] != 0 {
        assert!(begun.elapsed() < Duration::from_mins(3), "{}", writ.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(sids(rp).len(), SIGN_INS, "each of them was told, at least once");
    aloud(&format!(
        "sign-outs: {SIGN_INS} told with {} calls over {KILLS} kills, {:.1?}",
        rp.posted(PATH).len(),
        begun.elapsed()
    ));
    assert!(writ.terminate().unwrap().success());
}

#[test]
fn every_application_is_told_although_the_process_is_killed_while_it_tells() {
    let runtime = Runtime::new().unwrap();
    let rp = runtime.block_on(RelyingParty::start());
    killed_while_it_tells(&runtime, &rp, &mut server(&rp));
}

#[test]
fn every_application_is_told_from_postgresql_too() {
    let runtime = Runtime::new().unwrap();
    let rp = runtime.block_on(RelyingParty::start());
    let mut writ = server(&rp);
    writ.database(&Cluster::shared().unwrap().database().unwrap());
    killed_while_it_tells(&runtime, &rp, &mut writ);
}
