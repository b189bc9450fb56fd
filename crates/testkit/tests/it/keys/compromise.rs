//! A key that somebody else may have.

use writ_core::time::Seconds;
use writ_testkit::Credential;

use super::{compromise, kid, listed, published, rotate, server, states};

#[tokio::test]
async fn a_compromised_key_is_withdrawn_and_all_tokens_of_the_tenant_end_at_once() {
    let server = server().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").scope("oauth:read").create().await;
    let opaque = server.client("opaque").opaque().create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let (token, plain) = (server.access_token(&app).await, server.access_token(&opaque).await);
    let foreign = server.access_token(&theirs).await;
    let bad = kid(&token);
    assert!(published(&server).await.contains(&bad));

    server.clock.advance(Seconds(1));
    let _ = compromise(&server, &bad).await.expect(204);
    assert!(!published(&server).await.contains(&bad), "withdrawn from the next answer on");
    assert_eq!(states(&server).await, ["active", "compromised"]);
    for (by, ended) in [(&app, &token), (&opaque, &plain)] {
        assert!(!server.is_active(by, ended).await);
    }
    let _ = server.introspect(Credential::bearer(&token), &token).await.refused(401, "invalid_token");
    assert!(server.is_active(&theirs, &foreign).await, "another tenant's tokens live on");

    let again = server.access_token(&app).await;
    assert_ne!(kid(&again), bad);
    assert!(published(&server).await.contains(&kid(&again)));
    assert!(server.is_active(&app, &again).await);
}

/// The key that waits is known to some verifiers already: it is the one that takes over.
#[tokio::test]
async fn the_next_key_takes_over_where_there_is_one() {
    let server = server().await;
    let app = server.client("app").create().await;
    let bad = kid(&server.access_token(&app).await);
    let next = rotate(&server).await["kid"].as_str().unwrap().to_owned();
    server.clock.advance(Seconds(10));
    let _ = compromise(&server, &bad).await.expect(204);
    assert_eq!(kid(&server.access_token(&app).await), next);
    assert_eq!(listed(&server).await.len(), 2, "no further key is made");
}

/// It has signed nothing: it goes, and everything else stays as it is.
#[tokio::test]
async fn a_compromised_next_key_takes_no_token_with_it() {
    let server = server().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let next = rotate(&server).await["kid"].as_str().unwrap().to_owned();
    let _ = compromise(&server, &next).await.expect(204);
    assert_eq!(published(&server).await, [kid(&token)].into());
    assert!(server.is_active(&app, &token).await);
    // The one that was to be followed goes on past that time.
    server.clock.advance(Seconds(1000));
    assert_eq!(kid(&server.access_token(&app).await), kid(&token));
    assert_eq!(states(&server).await, ["compromised", "active"]);
}

#[tokio::test]
async fn a_key_is_withdrawn_once_and_only_where_it_is_at_home() {
    let server = server().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let (own, foreign) = (server.access_token(&app).await, server.access_token(&theirs).await);
    for unknown in ["nothing", "%00", &kid(&foreign)] {
        let _ = compromise(&server, unknown).await.refused(404, "not_found");
    }
    assert!(server.is_active(&theirs, &foreign).await);
    let _ = compromise(&server, &kid(&own)).await.expect(204);
    let _ = compromise(&server, &kid(&own)).await.refused(409, "conflict");
}
