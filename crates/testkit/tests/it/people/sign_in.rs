//! Signing in with a password, as every page and endpoint does it.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Action, Change, Enabled, Origin, Target};
use writ_core::claims::AcrDemand;
use writ_core::error::ErrorCode;
use writ_core::ids::{TenantId, UserId};
use writ_core::people::sign_in::SignedInUser;
use writ_core::secret::Presented;
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_server::call::fault::Fault;
use writ_server::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use writ_server::state::app::App;
use writ_testkit::{Engine, TestServer, TestTenant};

const HOME: &str = "203.0.113.5";
const ELSEWHERE: &str = "198.51.100.9";
const RIGHT: &str = "a long enough password";

async fn sign_in_from(
    app: &App,
    tenant: TenantId,
    (username, password): (&str, &str),
    from: &str,
) -> Result<SignedInUser, Fault> {
    let tenant = app.store.tenant_by_id(tenant).await.unwrap().unwrap();
    let origin = Origin { ip: from.parse::<IpAddr>().ok(), ..Origin::default() };
    let password = Presented::new(password.to_owned());
    let purpose = PasswordPurpose::SignIn(AcrDemand::Nothing);
    let attempt =
        PasswordAttempt { tenant: &tenant, username, password: &password, origin: &origin, purpose };
    app.check_password(&attempt).await
}

async fn gets_in(server: &TestServer, tenant: &TestTenant, password: &str, from: &str) -> bool {
    match sign_in_from(&server.app, tenant.id, ("alice", password), from).await {
        Ok(_) => true,
        Err(fault) => {
            assert_eq!(fault.error.code(), ErrorCode::InvalidGrant, "{fault:?}");
            false
        }
    }
}

async fn given() -> (TestServer, TestTenant, UserId) {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let alice = server.user(&tenant, "alice", RIGHT).await;
    (server, tenant, alice)
}

#[tokio::test]
async fn the_right_password_signs_in_whatever_the_case_of_the_name() {
    let (server, tenant, alice) = given().await;
    for name in ["alice", "ALICE", "ａｌｉｃｅ"] {
        let signed_in = sign_in_from(&server.app, tenant.id, (name, RIGHT), HOME).await.unwrap();
        assert_eq!((signed_in.id, signed_in.tenant, &*signed_in.username), (alice, tenant.id, "alice"));
    }
    let account = server.app.store.account(alice, tenant.id).await.unwrap().unwrap();
    assert_eq!(account.last_login_at, Some(writ_testkit::START));
    let elsewhere = server.tenant("other").await;
    assert!(!gets_in(&server, &elsewhere, RIGHT, HOME).await);
    let records = server.app.store.audit_newest(tenant.id, 2).await.unwrap();
    let mut names: Vec<_> = records.iter().map(|(action, actor)| (action.as_str(), actor.as_str())).collect();
    // Of the same instant: which comes first is chance.
    names.sort_unstable();
    assert_eq!(names, [("user.sign_in_attempted", "anonymous"), ("user.signed_in", "user")]);
}

/// RFC 6819 §4.4.3.4 and the authority page: what is wrong is nobody's business.
#[tokio::test]
async fn unknown_wrong_disabled_unverified_and_locked_are_one_answer_and_one_piece_of_work() {
    let (server, tenant, _) = given().await;
    let settings = TenantSettings { require_verified_email: Switch::On, ..TenantSettings::default() };
    let strict = server.tenant_with("strict", settings).await;
    server.user(&strict, "unverified", RIGHT).await;
    let disabled = server.user(&tenant, "disabled", RIGHT).await;
    let change = Change::SetUserEnabled {
        user: disabled,
        tenant: tenant.id,
        enabled: Enabled::No,
        at: writ_testkit::START,
    };
    server.change(tenant.id, (Action::UserDisabled, Target::User(disabled)), change).await;
    server.user(&tenant, "locked", RIGHT).await;
    for _ in 0..10 {
        let wrong = sign_in_from(&server.app, tenant.id, ("locked", "wrong"), HOME).await;
        assert!(wrong.is_err());
    }
    server.user(&tenant, "imported", RIGHT).await;
    server.sql(
        "UPDATE users SET password_hash = '$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' WHERE username = ?1",
        ["imported"],
    );
    let mut told = Vec::new();
    for (tenant, name, password) in [
        (&tenant, "nobody", RIGHT),
        (&tenant, "", RIGHT),
        (&tenant, "no\0body", RIGHT),
        (&tenant, "alice", "wrong"),
        (&tenant, "alice", ""),
        (&tenant, "disabled", RIGHT),
        (&tenant, "locked", RIGHT),
        (&tenant, "imported", "wrong"),
        (&strict, "unverified", "wrong"),
    ] {
        let hashed = server.app.passwords.hashed();
        let fault = sign_in_from(&server.app, tenant.id, (name, password), HOME).await.unwrap_err();
        assert_eq!(server.app.passwords.hashed() - hashed, 1, "{name}");
        told.push((fault.error.code(), fault.line(), fault.retry_after));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    // Whoever knows the password hears that the address has to be verified.
    let fault = sign_in_from(&server.app, strict.id, ("unverified", RIGHT), HOME).await.unwrap_err();
    assert!(fault.line().contains("not verified yet"), "{}", fault.line());
}

#[tokio::test]
async fn sixty_four_guesses_at_once_are_ten() {
    let (server, tenant, _) = given().await;
    for right_one in [false, true] {
        let name = format!("victim-{right_one}");
        server.user(&tenant, &name, RIGHT).await;
        let mut crowd = JoinSet::new();
        for _ in 0..64 {
            let (app, name, tenant) = (Arc::clone(&server.app), name.clone(), tenant.id);
            crowd.spawn(async move { sign_in_from(&app, tenant, (&name, "a guess"), HOME).await });
        }
        while let Some(outcome) = crowd.join_next().await {
            assert_eq!(outcome.unwrap().unwrap_err().error.code(), ErrorCode::InvalidGrant);
        }
        let records = server.app.store.audit_newest(tenant.id, 1000).await.unwrap();
        let attempts = records.iter().filter(|(action, _)| action == "user.sign_in_attempted").count();
        // Those of the one before: ten guesses, and the right password in the end.
        assert_eq!(attempts, if right_one { 11 + 10 } else { 10 });
        // The right password is not looked at any more, until an attempt comes back.
        assert!(sign_in_from(&server.app, tenant.id, (&name, RIGHT), HOME).await.is_err());
        server.clock.advance(Seconds(600));
        assert!(sign_in_from(&server.app, tenant.id, (&name, RIGHT), HOME).await.is_ok());
    }
}

/// Whoever keeps trying keeps strangers out, but not the person where they usually are.
#[tokio::test]
async fn nobody_is_locked_out_of_where_they_signed_in_before() {
    let (server, tenant, _) = given().await;
    assert!(gets_in(&server, &tenant, RIGHT, HOME).await);
    for minute in 0..120 {
        server.clock.advance(Seconds(60));
        assert!(!gets_in(&server, &tenant, "a guess", ELSEWHERE).await);
        if minute % 30 == 25 {
            assert!(!gets_in(&server, &tenant, RIGHT, "192.0.2.77").await, "strangers share what is left");
            assert!(gets_in(&server, &tenant, RIGHT, HOME).await);
        }
    }
    // Their own place has its limit, too.
    for _ in 0..10 {
        assert!(!gets_in(&server, &tenant, "a guess", HOME).await);
    }
    assert!(!gets_in(&server, &tenant, RIGHT, HOME).await);
}

#[tokio::test]
async fn a_hash_from_elsewhere_becomes_ours_at_the_first_sign_in() {
    let (server, tenant, _) = given().await;
    let stored =
        "$pbkdf2-sha256$i=29000,l=32$AAECAwQFBgcICQoLDA0ODw$m/kLywdyNwK9GV2kWntRGvZzmeiVsuqehNWlLst2eWY";
    server.sql("UPDATE users SET password_hash = ?1", [stored]);
    let password = "correct horse battery staple";
    assert!(!gets_in(&server, &tenant, RIGHT, HOME).await);
    let kept = async || {
        server.app.store.candidate(tenant.id, "alice").await.unwrap().unwrap().password_hash.unwrap()
    };
    assert_eq!(&*kept().await, stored);
    // Two at once: both get in, whichever hash is kept.
    let (one, other) = tokio::join!(
        gets_in(&server, &tenant, password, HOME),
        gets_in(&server, &tenant, password, ELSEWHERE)
    );
    assert!(one && other);
    let ours = kept().await;
    assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
    assert!(gets_in(&server, &tenant, password, HOME).await);
    assert_eq!(kept().await, ours);
}

/// A clock that was a day ahead while somebody guessed, and was put right since, locks nobody out: what it wrote
/// counts as now.
#[rstest::rstest]
#[tokio::test]
async fn guesses_dated_in_the_future_lock_nobody_out(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let server = TestServer::on(engine).await;
    let tenant = server.default_tenant();
    server.user(&tenant, "alice", RIGHT).await;
    server.clock.advance(Seconds(86_400));
    for _ in 0..12 {
        assert!(!gets_in(&server, &tenant, "a wrong password", HOME).await);
    }
    assert!(!gets_in(&server, &tenant, RIGHT, HOME).await, "the attempts are used up");
    server.clock.advance(Seconds(-86_400));
    assert!(gets_in(&server, &tenant, RIGHT, HOME).await);
    for _ in 0..12 {
        assert!(!gets_in(&server, &tenant, "a wrong password", HOME).await);
    }
    assert!(!gets_in(&server, &tenant, RIGHT, HOME).await, "and guesses are still counted");
}
