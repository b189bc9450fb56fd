//! Laws of drafts and patches: nothing gets lost between a client and what is said of it.

use proptest::prelude::*;

use super::corpus::{GOOD_ORIGINS, GOOD_REDIRECT_URIS};
use super::tests::{list, registered};
use super::*;

fn is_read(text: &str) -> bool {
    crate::text::check(text, 2000, crate::text::Lines::One).is_ok()
}

fn some_of(from: &'static [&'static str], least: usize) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(from, least..=8).prop_shuffle().prop_map(|chosen| list(&chosen))
}

const SCOPES: &[&str] =
    &["openid", "email", "read", "write", "analytics:read", "a!", "https://x.example/y", "A", "[]"];

/// Any valid client.
fn spec() -> impl Strategy<Value = ClientSpec> {
    let grants = |all: &'static [&'static str]| prop::sample::subsequence(all, 0..=all.len()).prop_shuffle();
    let kind = prop_oneof![
        grants(&["client_credentials", "refresh_token", "password"]).prop_map(|mut grants| {
            grants.push("authorization_code");
            (ClientKind::Web, grants)
        }),
        grants(&["refresh_token"]).prop_flat_map(|mut grants| {
            grants.push("authorization_code");
            prop::sample::select(&[ClientKind::Spa, ClientKind::Native][..])
                .prop_map(move |kind| (kind, grants.clone()))
        }),
        Just((ClientKind::Machine, vec!["client_credentials"])),
    ];
    let lists = (
        some_of(GOOD_REDIRECT_URIS, 1),
        some_of(GOOD_REDIRECT_URIS, 0),
        some_of(GOOD_ORIGINS, 0),
        some_of(SCOPES, 1),
    );
    let texts = (
        "[^\\p{C}\\s]{1,30}( [^\\p{C}\\s]{1,30})?".prop_filter("can be read", |text| is_read(text)),
        prop::option::of("[^\\p{C}]{1,60}".prop_filter("can be read", |text| is_read(text))),
        prop::option::of(prop::sample::select(GOOD_ORIGINS)),
        prop::option::of(prop::sample::select(GOOD_ORIGINS)),
    );
    (kind, lists, texts, 60..=86_400_i64, 60..=31_536_000_i64, any::<[bool; 3]>()).prop_map(
        |(
            (kind, grants),
            (uris, logout, origins, scopes),
            (name, description, home, logo),
            access,
            refresh,
            flags,
        )| {
            let draft = ClientDraft {
                kind: Some(SentKind::Exactly(kind)),
                name: Some(name),
                description,
                grant_types: Some(list(&grants)),
                redirect_uris: Some(uris),
                post_logout_redirect_uris: Some(logout),
                allowed_origins: Some(origins),
                scopes: Some(scopes),
                access_lifetime: Some(access),
                refresh_lifetime: Some(refresh),
                enabled: Some(flags[0].into()),
                party: Some(if flags[1] { Party::First } else { Party::Third }),
                auth_method: None,
                client_uri: home.map(str::to_owned),
                logo_uri: logo.map(str::to_owned),
                settings: ClientSettingsPatch {
                    pkce: if flags[2] { Update::Set(Pkce::Required) } else { Update::Keep },
                    ..ClientSettingsPatch::default()
                },
                metadata: MetadataPatch::default(),
                unread: Violations::default(),
            };
            draft.check(&permissive(Profile::OAUTH2)).unwrap()
        },
    )
}

fn permissive(profile: Profile) -> Rules<'static> {
    Rules { password_grant: PasswordGrant::On, ..Rules::of(profile) }
}

proptest! {
    #[test]
    fn viewing_and_drafting_again_loses_nothing(spec in spec()) {
        let client = registered(spec.clone());
        for profile in [Profile::OAUTH2, Profile::CLIENTS, Profile::IDENTITY, Profile::TENANT] {
            if profile == Profile::TENANT && spec.grant_types.contains(GrantType::Password) {
                continue;
            }
            let again = ClientDraft::of(&client).check(&permissive(profile));
            prop_assert_eq!(again.as_ref(), Ok(&spec));
            let same = ClientPatch::restating(&client).apply(&client, &permissive(profile)).unwrap();
            prop_assert_eq!(format!("{:?}", same), format!("{:?}", client));
        }
    }

    /// Whatever it was before: a patch that says everything makes the one client out of the other.
    #[test]
    fn restating_one_client_over_another_of_its_kind_gives_the_first(one in spec(), other in spec()) {
        let (one, mut other) = (registered(one), registered(other));
        other.client.kind = one.client.kind;
        let made = ClientPatch::restating(&one).apply(&other, &permissive(Profile::OAUTH2)).unwrap();
        prop_assert_eq!(format!("{:?}", made), format!("{:?}", one));
    }

    #[test]
    fn an_empty_patch_changes_nothing(spec in spec()) {
        let client = registered(spec);
        let same = ClientPatch::default().apply(&client, &Rules::of(Profile::TENANT)).unwrap();
        prop_assert_eq!(format!("{:?}", same), format!("{:?}", client));
    }

    #[test]
    fn anything_sent_is_read_or_refused(
        name: String, lists in prop::collection::vec(prop::collection::vec(".{0,20}", 0..4), 5), lifetime: i64,
    ) {
        let [grants, uris, logout, origins, scopes] = <[Vec<String>; 5]>::try_from(lists).unwrap();
        let draft = ClientDraft {
            name: Some(name.clone()),
            description: Some(name),
            grant_types: Some(grants),
            redirect_uris: Some(uris),
            post_logout_redirect_uris: Some(logout),
            allowed_origins: Some(origins),
            scopes: Some(scopes),
            access_lifetime: Some(lifetime),
            ..ClientDraft::default()
        };
        if let Err(violations) = draft.check(&Rules::of(Profile::OAUTH2)) {
            prop_assert!(!violations.is_empty());
            prop_assert!(violations.text().bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
        }
    }
}
