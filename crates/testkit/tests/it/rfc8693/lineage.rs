//! RFC 8693 §5: what ends a token ends all that came of it.

use super::*;
use rstest::rstest;

/// What is to end.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The grant, by its refresh token.
    Grant,
    /// The consent.
    Consent,
    /// The client that the person signed in to.
    Client,
    /// The one that exchanged first.
    Middle,
    /// The one that exchanged last.
    Last,
    /// Everything of the person.
    Person,
    /// The client that the person signed in to is removed.
    Removed,
}

#[rstest]
#[tokio::test]
async fn whatever_ends_what_it_comes_of_ends_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(End::Grant, End::Consent, End::Client, End::Middle, End::Last, End::Person, End::Removed)]
    end: End,
) {
    let stage = Stage::on(engine).await;
    stage.change("stock-api", json!({ "exchange_subjects": ["orders-api"] })).await;
    let sent = stage.sent().await;
    let first = stage.exchange(&stage.orders, text(&sent, "access_token"), &[("resource", STOCK)]).await;
    let first = first.expect(200).json();
    let second = stage.exchange(&stage.stock, text(&first, "access_token"), &[]).await.expect(200).json();
    let (first, second) = (text(&first, "access_token"), text(&second, "access_token"));
    assert!(stage.is_live(&stage.stock, first).await && stage.is_live(&stage.stock, second).await);
    let revoke = async |body: Value| {
        let _ = manage(&stage.server, ("POST", "/api/v1/oauth/tokens/bulk-revoke"), &body).await.expect(200);
    };
    match end {
        End::Grant => {
            let _ = stage.server.revoke(&stage.shop, text(&sent, "refresh_token")).await.expect(200);
        }
        End::Consent => {
            const CONSENTS: &str = "/api/v1/oauth/consents";
            let found = manage(&stage.server, ("GET", CONSENTS), &Value::Null).await.expect(200).json();
            let path = format!("{CONSENTS}/{}", text(&found["consents"][0], "id"));
            let _ = manage(&stage.server, ("DELETE", &path), &Value::Null).await.expect(204);
        }
        End::Client => revoke(json!({ "client_id": "shop" })).await,
        End::Middle => revoke(json!({ "client_id": "orders-api" })).await,
        End::Last => revoke(json!({ "client_id": "stock-api" })).await,
        End::Person => revoke(json!({ "user_id": stage.ada.to_string() })).await,
        End::Removed => {
            let _ = manage(&stage.server, ("DELETE", "/api/v1/clients/shop"), &Value::Null).await.expect(204);
        }
    }
    let survives = matches!(end, End::Last);
    assert_eq!(stage.is_live(&stage.stock, first).await, survives, "{end:?}");
    assert!(!stage.is_live(&stage.stock, second).await, "{end:?}");
    let again = stage.exchange(&stage.stock, first, &[]).await.status;
    assert_eq!(again, if survives { 200 } else { 400 });
}
