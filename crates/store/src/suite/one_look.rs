//! What is read in one look is what several find, whatever has become of the rows.

use std::sync::Arc;

use writ_core::change::{Change, Enabled};
use writ_core::ids::{BrowserId, CodeId, ConsentId, SessionId, TokenId};

use super::flow::{Stage, agreed, code, end, new_code, redeem, stage, start};
use super::given::{self, id, unit};
use crate::clients::ClientVersions;
use crate::store::Store;

/// All that was made on a stage.
struct Made {
    stage: Stage,
    code: CodeId,
    refresh: TokenId,
}

async fn made(store: &Store) -> Made {
    let stage = stage(store).await;
    let redeemed = code(store, &stage, new_code(&stage, "openid read")).await;
    let (changes, _, _, refresh) = redeem(&stage, redeemed, None);
    store.commit(changes).await.unwrap();
    Made { code: code(store, &stage, new_code(&stage, "openid")).await, stage, refresh }
}

/// Says what is found in one look, after it was compared with what several find.
async fn compared(store: &Store, made: &Made) -> String {
    let Made { stage, code, refresh } = made;
    let browser = store.browser(stage.browser).await.unwrap();
    let session = store.session_of(stage.browser, stage.tenant).await.unwrap();
    let consent = match &session {
        Some(session) => store.consent_of(session.user, stage.client.id).await.unwrap(),
        None => None,
    };
    let found = store.signed_in(stage.browser, stage.client.id, stage.tenant).await.unwrap();
    let found = found.map(|found| (found.browser, found.session, found.consent));
    let several = browser.map(|browser| (browser, session, consent));
    assert_eq!(format!("{found:?}"), format!("{several:?}"));

    let person = store.person(stage.user, stage.tenant).await.unwrap();
    let code_found = store.code_of_person(*code, stage.tenant).await.unwrap();
    let several = store.code(*code, stage.tenant).await.unwrap().map(|code| (code, person.clone()));
    assert_eq!(format!("{code_found:?}"), format!("{several:?}"));
    let token_found = store.refresh_token_of_person(*refresh, stage.tenant).await.unwrap();
    let several = store.refresh_token(*refresh, stage.tenant).await.unwrap().map(|token| (token, person));
    assert_eq!(format!("{token_found:?}"), format!("{several:?}"));
    format!("{found:?} {code_found:?} {token_found:?}")
}

pub(crate) async fn what_a_flow_stands_on(store: &Arc<Store>) {
    let made = made(store).await;
    let stage = &made.stage;
    let mut seen = vec![compared(store, &made).await];
    let consent = ConsentId::from_bytes(id());
    store.commit(agreed(stage, consent, None, "openid read")).await.unwrap();
    seen.push(compared(store, &made).await);
    // The newest of two sign-ins in one browser.
    store.commit(start(stage, SessionId::from_bytes(id()), 0)).await.unwrap();
    seen.push(compared(store, &made).await);
    for enabled in [Enabled::No, Enabled::Yes] {
        let change =
            Change::SetUserEnabled { user: stage.user, tenant: stage.tenant, enabled, at: given::NOW };
        store.commit(unit(stage.tenant, change)).await.unwrap();
        seen.push(compared(store, &made).await);
    }
    store.commit(end(stage)).await.unwrap();
    seen.push(compared(store, &made).await);
    let change = Change::DeleteUser { user: stage.user, tenant: stage.tenant, only: None };
    store.commit(unit(stage.tenant, change)).await.unwrap();
    seen.push(compared(store, &made).await);
    seen.dedup();
    assert_eq!(seen.len(), 7, "each of these changes what is found");

    let foreign = given::tenant(store).await.id;
    let found = store.signed_in(stage.browser, stage.client.id, foreign).await.unwrap().unwrap();
    assert!(found.session.is_none() && found.consent.is_none(), "of another tenant");
    let nobody = BrowserId::from_bytes(id());
    assert!(store.signed_in(nobody, stage.client.id, stage.tenant).await.unwrap().is_none());
    assert!(store.code_of_person(made.code, foreign).await.unwrap().is_none());
    assert!(store.refresh_token_of_person(made.refresh, foreign).await.unwrap().is_none());
}

/// Each change of a client, of what was registered and of its tenant shows in the versions.
pub(crate) async fn whether_a_client_has_changed(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    let client = given::client(store, tenant.id).await;
    let versions = async || store.client_versions(&client.client_id).await.unwrap();
    let first = ClientVersions { client: client.id, version: 1, tenant_version: tenant.version };
    assert_eq!(versions().await, Some(first));
    store.commit(unit(tenant.id, Change::EndTenantTokens { tenant: tenant.id })).await.unwrap();
    let second = ClientVersions { tenant_version: tenant.version + 1, ..first };
    assert_eq!(versions().await, Some(second));
    let change = Change::SetClientEnabled {
        client: client.id,
        tenant: tenant.id,
        enabled: Enabled::No,
        at: given::NOW,
    };
    store.commit(unit(tenant.id, change)).await.unwrap();
    assert_eq!(versions().await, Some(ClientVersions { version: 2, ..second }));
    let change = Change::DeleteClient { client: client.id, tenant: tenant.id, only: None };
    store.commit(unit(tenant.id, change)).await.unwrap();
    assert_eq!(versions().await, None);
}
