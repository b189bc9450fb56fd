//! What a person agrees to, and takes back.

use super::*;
use crate::act::Origin;
use crate::authority::Permission;
use crate::caller::{Caller, Identity, Needs, Scheme};
use crate::given::{self, Counted, NOW, at, facts, scope};
use crate::ids::ApiKeyId;

const ADA: UserId = UserId::from_bytes([4; 16]);

fn with_deed<T>(what: impl FnOnce(&Deed<'_>) -> T) -> T {
    let caller = Caller {
        identity: Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() },
        home: TenantId::from_bytes([1; 16]),
        permissions: [Permission::OauthWrite].into_iter().collect(),
        scheme: Scheme::Bearer,
    };
    let needs = Needs::Permission(Permission::OauthWrite);
    let acting = given::acting(caller, needs);
    let (origin, random) = (Origin::default(), Counted::default());
    what(&Deed { acting: &acting, origin: &origin, moment: at(NOW, &random) })
}

fn known(all: &str, remembered: &str) -> ConsentFacts {
    ConsentFacts {
        id: ConsentId::from_bytes([3; 16]),
        scope: scope(all),
        remembered: scope(remembered),
        resources: None,
    }
}

fn written(changes: &[Change]) -> (&ConsentWrite, &ConsentRecord) {
    let [Change::Flow(FlowChange::WriteConsent(write)), Change::Flow(FlowChange::RecordConsent(record))] =
        changes
    else {
        panic!("{changes:?}")
    };
    (write, record)
}

/// A consent grows, is one row, and is written as it was decided on.
#[test]
fn a_yes_is_added_to_what_was_agreed_to_before() {
    let facts = facts(|_, _| {});
    let (random, scope) = (Counted::default(), scope("write"));
    let client = (facts.client.id, &facts.client.client_id);
    let agreement = Agreement { tenant: facts.tenant.id, client, user: ADA, scope: &scope, picked: None };
    for (before, remember, all, remembered, event) in [
        (None, Remember::No, "write", "", ConsentEvent::Granted),
        (None, Remember::Yes, "write", "write", ConsentEvent::Granted),
        (Some(known("read", "read")), Remember::No, "read write", "read", ConsentEvent::Extended),
        (Some(known("read", "read")), Remember::Yes, "read write", "read write", ConsentEvent::Extended),
    ] {
        let (id, changes) = agreement.give(before.as_ref(), remember, &at(NOW, &random));
        let (write, record) = written(&changes);
        assert_eq!((write.to.id, &write.from, record.consent), (id, &before, Some(id)));
        assert_eq!((write.to.scope.as_str(), write.to.remembered.as_str()), (all, remembered));
        assert_eq!((record.event, record.scope.as_str(), record.user), (event, "write", ADA));
    }
}

#[test]
fn a_consent_is_recorded_for_no_more_than_the_client_may_have() {
    let client = facts(|_, _| {}).client;
    let of = |client: Option<&Client>, wanted: &str| {
        let wanted = Scope::parse(wanted).unwrap();
        with_deed(|deed| record((client, ADA), &wanted, None, deed)).map_err(|refusal| refusal.error.code())
    };
    assert!(of(Some(&client), "read").is_ok());
    assert_eq!(of(Some(&client), "read admin").unwrap_err(), ErrorCode::InvalidScope);
    assert_eq!(of(Some(&client), "").unwrap_err(), ErrorCode::InvalidScope);
    assert_eq!(of(None, "read").unwrap_err(), ErrorCode::NotFound);
}

#[test]
fn a_withdrawal_takes_the_row_and_ends_the_grants_of_that_person_alone() {
    let found = ShownConsent {
        id: ConsentId::from_bytes([3; 16]),
        client: ClientId::from_bytes([2; 16]),
        client_id: "app".into(),
        client_name: "App".into(),
        translations: Translations::default(),
        user: ADA,
        scope: scope("read"),
        granted_at: NOW,
        logo: None,
        agent_lifetime: None,
    };
    let ((), changes) = with_deed(|deed| withdraw(Some(&found), &deed.scene())).unwrap();
    let [
        Change::Flow(FlowChange::WithdrawConsent { consent, client, user, .. }),
        Change::Flow(FlowChange::RecordConsent(record)),
    ] = changes.list()
    else {
        panic!("{changes:?}")
    };
    assert_eq!((*consent, *client, *user), (found.id, found.client, ADA));
    assert_eq!((record.event, record.consent), (ConsentEvent::Withdrawn, Some(found.id)));
    assert_eq!(
        with_deed(|deed| withdraw(None, &deed.scene())).unwrap_err().error.code(),
        ErrorCode::NotFound
    );
}
