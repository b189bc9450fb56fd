//! RFC 7662: who is told of a token that is for an API.

use writ_testkit::{Engine, TestServer};

use super::{FILES, MAIL, Stage};

/// RFC 7662 §2.1, §4: a client that answers for an API is told of tokens for that one, and of no others.
#[tokio::test]
async fn who_answers_for_an_api_may_introspect_its_tokens() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = TestServer::on(engine).await;
        let tenant = server.default_tenant();
        let own =
            |resource: &mut writ_core::resource::Resource| resource.introspectors = vec!["files-api".into()];
        server.resource(&tenant, (FILES, "files:read"), own).await;
        server.resource(&tenant, (MAIL, "mail:send"), |_| {}).await;
        let stage = Stage { server, tenant };
        let machine = stage.machine("machine").await;
        let api = stage.server.client("files-api").create().await;
        let token = async |resource| {
            stage.ask(&machine, &[("resource", resource)]).await.expect(200).member("access_token")
        };
        let (files, mail) = (token(FILES).await, token(MAIL).await);
        let told = stage.server.introspect(&api, &files).await.json();
        assert_eq!((&told["active"], &told["aud"]), (&true.into(), &FILES.into()));
        assert!(!stage.server.is_active(&api, &mail).await);
        let stranger = stage.server.client("stranger").create().await;
        assert!(!stage.server.is_active(&stranger, &files).await);
        // Another tenant's client of the same name cannot be: names are unique. One of another tenant sees nothing.
        let other = stage.server.tenant("other").await;
        let theirs = stage.server.client("theirs").of(&other).create().await;
        assert!(!stage.server.is_active(&theirs, &files).await);
    }
}
