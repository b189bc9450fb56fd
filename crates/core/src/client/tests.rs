//! Drafts and patches: what is inferred, what is filled in, what is refused.

use std::collections::BTreeSet;

use super::*;
use crate::given::{self, NOW};
use crate::reason::Reason;

pub(super) const CODE_AND_REFRESH: [GrantType; 2] = [GrantType::AuthorizationCode, GrantType::RefreshToken];

pub(super) fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What every contract accepts as a web client.
pub(super) fn draft() -> ClientDraft {
    ClientDraft {
        kind: Some(SentKind::Exactly(ClientKind::Web)),
        name: Some("App".to_owned()),
        grant_types: Some(list(&["authorization_code"])),
        redirect_uris: Some(list(&["https://app.example.com/cb"])),
        scopes: Some(list(&["openid"])),
        ..ClientDraft::default()
    }
}

fn checked(profile: Profile, change: impl FnOnce(&mut ClientDraft)) -> Result<ClientSpec, Violations> {
    let mut draft = draft();
    change(&mut draft);
    draft.check(&Rules::of(profile))
}

pub(super) fn fields(violations: &Violations) -> Vec<Field> {
    violations.iter().map(|violation| violation.field.clone()).collect()
}

pub(super) fn reasons<T: fmt::Debug>(result: Result<T, Violations>, field: &Field) -> String {
    let violations = result.unwrap_err();
    let of_field = violations.iter().filter(|violation| violation.field == *field);
    of_field.map(|violation| violation.reason.to_string()).collect::<Vec<_>>().join("; ")
}

pub(super) fn registered(spec: ClientSpec) -> RegisteredClient {
    let mut client = (*given::facts(|_, _| {}).client).clone();
    client.name = spec.name;
    client.kind = spec.kind;
    client.grant_types = spec.grant_types;
    client.scope = spec.scope;
    client.auth_method = spec.auth_method;
    client.tokens = spec.tokens;
    client.party = spec.party;
    client.enabled = spec.enabled;
    let registration = Registration { created_at: NOW, updated_at: NOW, ..spec.registration };
    RegisteredClient { client, registration }
}

pub(super) fn web() -> RegisteredClient {
    registered(draft().check(&Rules::of(Profile::OAUTH2)).unwrap())
}

pub(super) fn machine() -> RegisteredClient {
    let draft = ClientDraft {
        kind: Some(SentKind::Exactly(ClientKind::Machine)),
        name: Some("Job".to_owned()),
        ..ClientDraft::default()
    };
    registered(draft.check(&Rules::of(Profile::CLIENTS)).unwrap())
}

#[test]
fn kinds_are_inferred_as_each_contract_says() {
    use ClientKind::{Machine, Native, Spa, Web};
    use SentKind::{Confidential, Public};
    const HTTPS: &str = "https://app.example.com/cb";
    type Case = (Profile, Option<SentKind>, &'static [&'static str], &'static [&'static str], ClientKind);
    let cases: [Case; 14] = [
        (Profile::TENANT, None, &["client_credentials"], &[], Machine),
        (Profile::TENANT, None, &["client_credentials"], &[HTTPS], Machine),
        (Profile::TENANT, None, &["authorization_code", "refresh_token"], &["com.example.app://cb"], Web),
        (Profile::TENANT, None, &["client_credentials", "refresh_token"], &[], Web),
        (Profile::TENANT, None, &["authorization_code", "client_credentials"], &[HTTPS], Web),
        (Profile::OAUTH2, None, &["client_credentials"], &[], Machine),
        (Profile::OAUTH2, Some(Confidential), &["client_credentials"], &[], Machine),
        (Profile::OAUTH2, Some(Confidential), &["authorization_code"], &[HTTPS], Web),
        (Profile::OAUTH2, Some(Public), &["authorization_code"], &[HTTPS], Spa),
        (Profile::OAUTH2, Some(Public), &["authorization_code"], &[HTTPS, "http://localhost:1/"], Native),
        (Profile::OAUTH2, Some(Public), &["authorization_code"], &["com.example.app:/cb"], Native),
        (Profile::IDENTITY, Some(Public), &["authorization_code"], &["http://[::1]/cb"], Native),
        (Profile::IDENTITY, None, &["authorization_code"], &["http://localhost/cb"], Web),
        (
            Profile::CLIENTS,
            Some(SentKind::Exactly(Spa)),
            &["authorization_code"],
            &["http://localhost/cb"],
            Spa,
        ),
    ];
    for (profile, kind, grants, uris, expected) in cases {
        let spec = checked(profile, |draft| {
            draft.kind = kind;
            draft.grant_types = Some(list(grants));
            draft.redirect_uris = Some(list(uris));
        });
        assert_eq!(spec.unwrap().kind, expected, "{profile:?} {kind:?} {grants:?} {uris:?}");
    }
}

/// The documents' own sample requests.
#[test]
fn the_published_samples_are_accepted() {
    let dashboard = ClientDraft {
        name: Some("Internal Dashboard".to_owned()),
        description: Some("Internal analytics dashboard using client credentials".to_owned()),
        grant_types: Some(list(&["client_credentials"])),
        scopes: Some(list(&["analytics:read", "report:read"])),
        access_lifetime: Some(1800),
        ..ClientDraft::default()
    };
    let mobile = ClientDraft {
        name: Some("Mobile App".to_owned()),
        grant_types: Some(list(&["authorization_code", "refresh_token"])),
        redirect_uris: Some(list(&["https://app.example.com/callback", "com.example.app://callback"])),
        scopes: Some(list(&["openid", "profile", "email"])),
        ..ClientDraft::default()
    };
    let application = ClientDraft {
        kind: Some(SentKind::Confidential),
        name: Some("My Application".to_owned()),
        redirect_uris: Some(list(&["https://app.example.com/callback"])),
        grant_types: Some(list(&["authorization_code", "refresh_token"])),
        scopes: Some(list(&["read", "write"])),
        ..ClientDraft::default()
    };
    let react = ClientDraft {
        kind: Some(SentKind::Exactly(ClientKind::Spa)),
        name: Some("My React App".to_owned()),
        redirect_uris: Some(list(&[
            "https://app.example.com/auth/callback",
            "http://localhost:3000/auth/callback",
        ])),
        allowed_origins: Some(list(&["https://app.example.com", "http://localhost:3000"])),
        ..ClientDraft::default()
    };
    let backend = ClientDraft {
        kind: Some(SentKind::Exactly(ClientKind::Machine)),
        name: Some("Backend Service".to_owned()),
        ..ClientDraft::default()
    };
    for (profile, draft, kind) in [
        (Profile::TENANT, dashboard, ClientKind::Machine),
        (Profile::TENANT, mobile, ClientKind::Web),
        (Profile::OAUTH2, application, ClientKind::Web),
        (Profile::CLIENTS, react, ClientKind::Spa),
        (Profile::CLIENTS, backend, ClientKind::Machine),
    ] {
        assert_eq!(draft.check(&Rules::of(profile)).unwrap().kind, kind, "{draft:?}");
    }
}

#[test]
fn what_is_not_sent_is_filled_in() {
    for (kind, grants) in [
        (ClientKind::Web, CODE_AND_REFRESH.to_vec()),
        (ClientKind::Spa, CODE_AND_REFRESH.to_vec()),
        (ClientKind::Native, CODE_AND_REFRESH.to_vec()),
        (ClientKind::Machine, vec![GrantType::ClientCredentials]),
    ] {
        let spec = checked(Profile::CLIENTS, |draft| {
            *draft = ClientDraft {
                kind: Some(SentKind::Exactly(kind)),
                name: draft.name.take(),
                redirect_uris: draft.redirect_uris.take(),
                ..ClientDraft::default()
            };
        })
        .unwrap();
        assert_eq!(spec.grant_types.iter().collect::<Vec<_>>(), grants);
        assert_eq!(spec.scope.as_str(), "openid email profile");
        assert_eq!(
            (spec.tokens.access_lifetime, spec.tokens.refresh_lifetime),
            (Seconds(3600), Seconds(2_592_000))
        );
        assert_eq!(
            (spec.enabled, spec.party, spec.registration.pkce),
            (Enabled::Yes, Party::Third, Pkce::WhenSent)
        );
    }
    for profile in [Profile::TENANT, Profile::OAUTH2] {
        assert_eq!(checked(profile, |draft| draft.scopes = None).unwrap().scope.as_str(), "openid");
    }
    assert_eq!(reasons(checked(Profile::IDENTITY, |draft| draft.scopes = None), &Field::Scopes), "missing");
}

#[test]
fn a_default_lifetime_keeps_to_the_bounds_of_the_tenant() {
    let rules = Rules {
        access_lifetimes: 60..=600,
        refresh_lifetimes: 3_000_000..=4_000_000,
        ..Rules::of(Profile::OAUTH2)
    };
    let spec = draft().check(&rules).unwrap();
    assert_eq!(
        (spec.tokens.access_lifetime, spec.tokens.refresh_lifetime),
        (Seconds(600), Seconds(3_000_000))
    );
}

#[test]
fn everything_wrong_is_said_at_once() {
    use Field::{
        AccessLifetime, AllowedOrigins, ClientUri, Description, GrantTypes, LogoUri, Name, Other,
        PostLogoutRedirectUris, RedirectUris, RefreshLifetime, Scopes,
    };
    let draft = ClientDraft {
        kind: Some(SentKind::Public),
        name: Some(String::new()),
        description: Some("x".repeat(2001)),
        grant_types: Some(list(&["client_credentials", "implicit", "client_credentials"])),
        redirect_uris: Some(list(&["https://a.example/#x", "javascript:alert(1)"])),
        post_logout_redirect_uris: Some(list(&["http://a.example/"])),
        allowed_origins: Some(list(&["https://a.example/"])),
        scopes: Some(list(&["a b", "é"])),
        access_lifetime: Some(0),
        refresh_lifetime: Some(i64::MAX),
        client_uri: Some("a.example".to_owned()),
        logo_uri: Some("data:image/png,x".to_owned()),
        unread: Violations::of(Other("colour".into()), Reason::Missing),
        ..ClientDraft::default()
    };
    let violations = draft.check(&Rules::of(Profile::OAUTH2)).unwrap_err();
    let expected = [
        Other("colour".into()),
        Name,
        Description,
        GrantTypes,
        GrantTypes,
        RedirectUris,
        RedirectUris,
        GrantTypes,
        PostLogoutRedirectUris,
        AllowedOrigins,
        Scopes,
        Scopes,
        AccessLifetime,
        RefreshLifetime,
        ClientUri,
        LogoUri,
    ];
    assert_eq!(fields(&violations), expected, "{violations:?}");
    let spelled = violations.spelled(|field| if *field == RedirectUris { "uris" } else { "other" }.into());
    let text = spelled.text();
    assert!(text.contains("uris: entry 1 (https://a.example/#x) has a fragment; uris: entry 2"), "{text}");
    assert!(text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)), "{text}");
}

#[test]
fn what_must_be_sent_is_missed_once() {
    use Field::{GrantTypes, Kind, Name, RedirectUris, Scopes};
    for (profile, expected) in [
        (Profile::TENANT, vec![Name, GrantTypes]),
        (Profile::IDENTITY, vec![Name, RedirectUris, Scopes]),
        (Profile::OAUTH2, vec![Name, RedirectUris]),
        (Profile::CLIENTS, vec![Name, Kind]),
    ] {
        let violations = ClientDraft::default().check(&Rules::of(profile)).unwrap_err();
        assert_eq!(fields(&violations), expected, "{profile:?}");
        let mut unread = Violations::default();
        for field in &expected {
            unread.note(field.clone(), Reason::Missing);
        }
        let draft = ClientDraft { unread: unread.clone(), ..ClientDraft::default() };
        assert_eq!(draft.check(&Rules::of(profile)).unwrap_err(), unread, "{profile:?}");
    }
}

#[test]
fn grant_types_fit_the_kind() {
    use ClientKind::{Machine, Native, Spa, Web};
    let cases: [(ClientKind, &[&str], Option<&str>); 15] = [
        (Web, &["authorization_code", "refresh_token", "client_credentials"], None),
        (Web, &["client_credentials"], None),
        (Web, &["client_credentials", "refresh_token"], None),
        (Web, &["refresh_token"], Some("refresh_token alone")),
        (Web, &["password"], Some("setting password_grant is off")),
        (Web, &["implicit"], Some("is not offered here")),
        (Web, &["Authorization_Code"], Some("not a grant type")),
        (Web, &[], Some("at least one grant type")),
        (Web, &["authorization_code", "authorization_code"], Some("is there twice")),
        (Machine, &["client_credentials"], None),
        (Machine, &["client_credentials", "authorization_code"], Some("does not fit a machine client")),
        (Machine, &["refresh_token"], Some("does not fit a machine client")),
        (Spa, &["authorization_code", "refresh_token"], None),
        (Spa, &["authorization_code", "client_credentials"], Some("confidential clients only")),
        (Native, &["client_credentials"], Some("confidential clients only")),
    ];
    for (kind, grants, wrong) in cases {
        let spec = checked(Profile::CLIENTS, |draft| {
            draft.kind = Some(SentKind::Exactly(kind));
            draft.grant_types = Some(list(grants));
        });
        match wrong {
            None => assert!(spec.is_ok(), "{kind:?} {grants:?} {spec:?}"),
            Some(wrong) => {
                let reasons = reasons(spec, &Field::GrantTypes);
                assert!(reasons.contains(wrong), "{kind:?} {grants:?} {reasons}");
            }
        }
    }
}

#[test]
fn password_is_for_confidential_clients_where_the_tenant_has_it_on() {
    let password = ClientDraft { grant_types: Some(list(&["password"])), redirect_uris: None, ..draft() };
    let public = ClientDraft { kind: Some(SentKind::Public), ..password.clone() };
    let on = |profile| Rules { password_grant: PasswordGrant::On, ..Rules::of(profile) };
    assert!(password.check(&on(Profile::OAUTH2)).is_ok());
    assert!(
        reasons(password.check(&Rules::of(Profile::OAUTH2)), &Field::GrantTypes)
            .contains("setting password_grant is off")
    );
    assert!(reasons(public.check(&on(Profile::OAUTH2)), &Field::GrantTypes).contains("confidential"));
    assert!(reasons(password.check(&on(Profile::TENANT)), &Field::GrantTypes).contains("not offered here"));
}

#[test]
fn redirect_uris_are_there_where_they_are_needed() {
    let needed = |profile, grants: &[&str], kind| {
        let result = checked(profile, |draft| {
            draft.grant_types = Some(list(grants));
            draft.kind = Some(SentKind::Exactly(kind));
            draft.redirect_uris = Some(Vec::new());
        });
        result.map_err(|violations| fields(&violations)).err()
    };
    let missing = Some(vec![Field::RedirectUris]);
    let credentials: &[&str] = &["client_credentials"];
    for profile in [Profile::TENANT, Profile::IDENTITY, Profile::OAUTH2, Profile::CLIENTS] {
        assert_eq!(needed(profile, &["authorization_code"], ClientKind::Web), missing);
    }
    assert_eq!(needed(Profile::TENANT, credentials, ClientKind::Machine), None);
    assert_eq!(needed(Profile::OAUTH2, credentials, ClientKind::Web), None);
    assert_eq!(needed(Profile::CLIENTS, credentials, ClientKind::Machine), None);
    assert_eq!(needed(Profile::CLIENTS, credentials, ClientKind::Web), missing);
    assert_eq!(needed(Profile::IDENTITY, credentials, ClientKind::Machine), missing);
    // Where the only one is bad, it is not missing, too.
    let bad = checked(Profile::OAUTH2, |draft| draft.redirect_uris = Some(list(&["/cb"])));
    assert_eq!(bad.unwrap_err().iter().count(), 1);
}

#[test]
fn lists_are_bounded_and_have_no_entry_twice() {
    let many = |count: usize| Some((0..count).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>());
    assert!(checked(Profile::OAUTH2, |draft| draft.redirect_uris = many(100)).is_ok());
    let too_many = checked(Profile::OAUTH2, |draft| draft.redirect_uris = many(101));
    assert_eq!(reasons(too_many, &Field::RedirectUris), "has more than 100 entries");
    let twice = checked(Profile::OAUTH2, |draft| {
        draft.redirect_uris = Some(list(&["https://a.example/", "https://b.example/", "https://a.example/"]));
        draft.allowed_origins = Some(list(&["https://a.example", "https://a.example"]));
        draft.scopes = Some(list(&["a", "A", "a"]));
    })
    .unwrap_err();
    assert_eq!(fields(&twice), [Field::RedirectUris, Field::AllowedOrigins, Field::Scopes]);
    assert!(twice.iter().all(|violation| violation.reason.to_string().ends_with("is there twice")));
}

#[test]
fn names_and_descriptions_are_bounded_in_characters() {
    for (name, good) in
        [("é".repeat(255), true), ("é".repeat(256), false), (" a".into(), false), ("a\nb".into(), false)]
    {
        assert_eq!(
            checked(Profile::OAUTH2, |draft| draft.name = Some(name.clone())).is_ok(),
            good,
            "{name:?}"
        );
    }
    for (text, good) in
        [("é".repeat(2000), true), ("é".repeat(2001), false), ("a\nb".into(), true), ("\0".into(), false)]
    {
        let spec = checked(Profile::TENANT, |draft| draft.description = Some(text.clone()));
        assert_eq!(spec.is_ok(), good, "{text:?}");
    }
    assert_eq!(
        checked(Profile::TENANT, |draft| draft.description = Some(String::new()))
            .unwrap()
            .registration
            .description,
        None
    );
}

#[test]
fn strict_scopes_refuse_what_is_unknown_and_not_held() {
    let known: BTreeSet<Box<str>> = [Box::from("read")].into();
    let rules = Rules { scopes: ScopeRegistry::Strict(&known), ..Rules::of(Profile::OAUTH2) };
    let asking = |scopes: &[&str]| ClientDraft { scopes: Some(list(scopes)), ..draft() };
    assert!(asking(&["read", "openid", "oauth:read"]).check(&rules).is_ok());
    let refused = asking(&["read", "write"]).check(&rules);
    assert_eq!(reasons(refused, &Field::Scopes), "write is not a scope of this tenant");
    let mut holder = web();
    holder.client.scope = given::scope("write");
    let patch = |scopes: &[&str]| ClientPatch { scopes: Update::Set(list(scopes)), ..ClientPatch::default() };
    assert!(patch(&["write", "read"]).apply(&holder, &rules).is_ok());
    assert!(patch(&["write", "admin"]).apply(&holder, &rules).is_err());
}

#[test]
fn public_clients_always_need_pkce() {
    for (kind, setting, expected) in [
        (ClientKind::Web, Pkce::WhenSent, Pkce::WhenSent),
        (ClientKind::Web, Pkce::Required, Pkce::Required),
        (ClientKind::Spa, Pkce::WhenSent, Pkce::Required),
        (ClientKind::Native, Pkce::WhenSent, Pkce::Required),
    ] {
        let mut client = web();
        client.client.kind = kind;
        client.registration.pkce = setting;
        assert_eq!(client.pkce(), expected);
    }
}

/// Between machine and web the kind follows the grant types, unless they are those that a web client has anyway.
#[test]
fn a_confidential_client_is_what_its_grant_types_make_it() {
    use ClientKind::{Machine, Web};
    let codes: &[&str] = &["authorization_code"];
    let own: &[&str] = &["client_credentials"];
    for (kind, before, after, said, expected) in [
        (Machine, own, codes, None, Ok(Web)),
        (Machine, own, own, None, Ok(Machine)),
        (Machine, own, codes, Some(Web), Ok(Web)),
        (Machine, own, codes, Some(Machine), Err("kind: is web with these grant types")),
        (Machine, own, own, Some(Web), Err("kind: is machine and cannot be changed")),
        (Web, codes, own, None, Ok(Machine)),
        (Web, codes, own, Some(Web), Ok(Web)),
        (Web, codes, own, Some(Machine), Ok(Machine)),
        // One that was made as a website for itself alone stays one while nothing else is asked for.
        (Web, own, own, None, Ok(Web)),
        (Web, own, codes, None, Ok(Web)),
    ] {
        let mut client = web();
        client.client.kind = kind;
        client.client.grant_types =
            GrantTypes::new(before.iter().filter_map(|name| GrantType::by_name(name)));
        let patch = ClientPatch {
            kind: said.map(SentKind::Exactly).into(),
            grant_types: Update::Set(after.iter().map(ToString::to_string).collect()),
            ..ClientPatch::default()
        };
        let found = patch.apply(&client, &Rules::of(Profile::OWN));
        let found = found.map(|after| after.client.kind).map_err(|wrong| wrong.text());
        assert_eq!(found, expected.map_err(str::to_owned), "{kind:?} {before:?} {after:?} {said:?}");
    }
}
