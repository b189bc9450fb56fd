//! What is over goes by itself, whatever else there is to sweep.

use writ_core::time::Seconds;
use writ_server::state::sweeper::Sweeper;
use writ_testkit::Engine;

use super::{ELSEWHERE, Stage};
use crate::flow::request;

/// The tables of challenges, browsers and attempts have their turns, however long the walk over tokens takes.
#[tokio::test]
async fn every_table_has_its_turn_while_tokens_are_walked() {
    let stage = Stage::at((Engine::Sqlite, "default")).await;
    for n in 0..40 {
        let _ = stage.get_from(&format!("192.0.2.{n}"), &request("app", &[])).await.expect(303);
        let _ = stage.post_from(ELSEWHERE, "/reset-password", &[("username", &*format!("nobody-{n}"))]).await;
    }
    // More live tokens than the walk sees in these turns: a window of a thousand each.
    stage.server.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
         INSERT INTO access_tokens (id, tenant_id, client_id, hash, scope, audience, issued_at, expires_at, \
         client_generation, tenant_generation) \
         SELECT CAST(printf('%016d', i) AS BLOB), c.tenant_id, c.id, zeroblob(32), '', '', 0, ?1, 1, 1 \
         FROM n JOIN clients c ON c.client_id = 'app'",
        [i64::MAX / 2],
    );
    let left = |table: &str| stage.server.count(&format!("SELECT COUNT(*) FROM {table}"));
    assert_eq!((left("login_challenges"), left("browsers"), left("user_links")), (40, 40, 40));
    let mut sweeper = Sweeper::default();
    for _ in 0..9 {
        sweeper.turn(&stage.server.app).await.unwrap();
    }
    assert_eq!((left("login_challenges"), left("browsers"), left("user_links")), (40, 40, 40));
    // A week and more later, for late links are kept so long; half a minute of turns at the most until each has come.
    stage.server.clock.advance(Seconds(20_000 + 7 * 86_400));
    for _ in 0..400 {
        sweeper.turn(&stage.server.app).await.unwrap();
    }
    for table in ["login_challenges", "browsers", "user_links", "sign_in_attempts"] {
        assert_eq!(left(table), 0, "{table}");
    }
}
