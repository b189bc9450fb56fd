//! What applications are told of a person: one mapping from scopes to claims (OpenID Connect Core §5.4), which UserInfo,
//! ID token, access token and introspection share.

mod request;
mod standard;

use std::sync::Arc;

use crate::authority::{Permission, Permissions};
use crate::ids::UserId;
use crate::role::{Role, entitlements_of, permissions_of};
use crate::scope::{GROUPS, PERSON_SCOPES, ROLES, Scope};
use crate::subject::Subject;
use crate::time::Micros;
use writ_jose::JsonObject;

pub use request::{ACR_VALUES, AcrDemand, ClaimPlace, ClaimsRequest, Demanded, ONE_FACTOR, TWO_FACTORS};
pub use standard::{Claim, ClaimGroup, ClaimsPatch, StandardClaims};

/// A person, as far as applications may know of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Row id: `sub` follows from it.
    pub id: UserId,
    /// `preferred_username`.
    pub username: Arc<str>,
    /// `name`.
    pub name: Option<Box<str>>,
    /// `email`.
    pub email: Option<Box<str>>,
    /// `email_verified`.
    pub email_verified: EmailVerified,
    /// `updated_at`.
    pub updated_at: Micros,
    /// The rest of the standard claims.
    pub more: StandardClaims,
    /// The names of the roles that they bear: `roles`.
    pub roles: Vec<Box<str>>,
    /// What those roles give.
    pub given: ByRoles,
}

/// What a person has by their roles, and which groups they are in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByRoles {
    /// What they may do at Writ's own APIs.
    pub permissions: Permissions,
    /// The tenant's own names.
    pub entitlements: Vec<Box<str>>,
    /// The names of the groups: `groups`. Read where the scope has them.
    pub groups: Vec<Box<str>>,
}

impl ByRoles {
    /// What these roles give, of those that the tenant defined.
    pub fn of(names: &[Box<str>], defined: &[Role]) -> Self {
        let names = || names.iter().map(|name| &**name);
        Self {
            permissions: permissions_of(names(), defined),
            entitlements: entitlements_of(names(), defined),
            groups: Vec::new(),
        }
    }

    /// A scope without Writ's permissions that these roles do not give.
    pub fn may_have(&self, scope: &Scope) -> Scope {
        scope.without(|token| {
            Permission::by_name(token).is_some_and(|permission| !self.permissions.contains(permission))
        })
    }

    /// Adds `roles` and `entitlements`, where the scope has `roles`, and `groups`, where it has that (RFC 9068 §2.2.3.1).
    pub fn write_to(&self, roles: &[Box<str>], scope: &Scope, json: &mut JsonObject) {
        if scope.contains(ROLES) {
            json.strings("roles", roles);
            if !self.entitlements.is_empty() {
                json.strings("entitlements", &self.entitlements);
            }
        }
        if scope.contains(GROUPS) {
            json.strings("groups", &self.groups);
        }
    }
}

/// Whether anything of a scope depends on the roles that a person bears, or on the groups that they are in.
pub fn depends_on_roles(scope: &Scope) -> bool {
    scope.contains(ROLES) || scope.contains(GROUPS) || !Permissions::of_scope(scope).is_empty()
}

/// Whether a person has shown that an address is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerified {
    /// They have.
    Yes,
    /// Not yet.
    No,
}

impl Person {
    /// A scope without Writ's permissions that the person does not have.
    pub fn may_have(&self, scope: &Scope) -> Scope {
        self.given.may_have(scope)
    }

    fn is_verified(&self) -> bool {
        self.email_verified == EmailVerified::Yes
    }

    /// What UserInfo says (OpenID Connect Core §5.3.2): the claims of the scope, and those that were asked for one by one;
    /// with who says it and to whom, where that is signed.
    pub fn userinfo(
        &self,
        subject: Subject,
        told: (&Scope, &ClaimsRequest),
        signed: Option<(&str, &str)>,
    ) -> String {
        let (scope, asked) = told;
        let mut json = JsonObject::with_capacity(256);
        if let Some((issuer, client_id)) = signed {
            json.string("iss", issuer);
            json.string("aud", client_id);
        }
        json.string("sub", &subject.to_string());
        self.write_to(scope, &mut json);
        self.write_asked((asked, ClaimPlace::UserInfo), scope, &mut json);
        json.finish()
    }

    /// Adds the claims of a scope, but for `sub`. A claim without a value is left out (§5.3.2).
    pub fn write_to(&self, scope: &Scope, json: &mut JsonObject) {
        if scope.contains("profile") {
            if let Some(name) = &self.name {
                json.string("name", name);
            }
            self.more.write_to(ClaimGroup::Profile, json);
            json.string("preferred_username", &self.username);
            json.number("updated_at", self.updated_at.as_secs());
        }
        if scope.contains("email")
            && let Some(email) = &self.email
        {
            json.string("email", email);
            json.boolean("email_verified", self.is_verified());
        }
        if scope.contains("address") {
            self.more.write_to(ClaimGroup::Address, json);
        }
        if scope.contains("phone") {
            self.more.write_to(ClaimGroup::Phone, json);
        }
        self.write_roles(scope, json);
    }

    /// Adds the claims about roles.
    pub fn write_roles(&self, scope: &Scope, json: &mut JsonObject) {
        self.given.write_to(&self.roles, scope, json);
    }
}

/// The scopes that have something behind them, as discovery names them.
pub const SCOPES_SUPPORTED: [&str; 8] = PERSON_SCOPES;

/// The claims of people that discovery names (`claims_supported`).
pub fn supported() -> impl Iterator<Item = &'static str> {
    ["name", "preferred_username", "updated_at", "email", "email_verified"]
        .into_iter()
        .chain(
            Claim::ALL.iter().filter(|claim| claim.group() != ClaimGroup::Address).map(|claim| claim.name()),
        )
        .chain(["address", "roles", "entitlements", "groups"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{person, scope};

    /// OpenID Connect Core §5.4.
    #[test]
    fn claims_follow_the_scope() {
        let person = Person { name: None, ..person() };
        let of =
            |text| person.userinfo(Subject::of(person.id), (&scope(text), &ClaimsRequest::default()), None);
        let sub = format!("\"sub\":\"{}\"", Subject::of(person.id));
        assert_eq!(of("openid"), format!("{{{sub}}}"));
        assert_eq!(
            of("openid profile email address phone"),
            format!(
                r#"{{{sub},"preferred_username":"ada","updated_at":5,"email":"ada@example.org","email_verified":false}}"#
            )
        );
    }

    /// OpenID Connect Core §5.1 and §5.1.1.
    #[test]
    fn every_standard_claim_is_told_under_its_scope() {
        let mut more = StandardClaims::default();
        let sent = Claim::ALL.iter().map(|claim| {
            let value = match claim {
                Claim::Picture | Claim::Profile | Claim::Website => "https://ada.example/",
                Claim::Birthdate => "1815-12-10",
                Claim::PhoneNumber => "+44 20 7946 0000",
                Claim::PhoneNumberVerified => "true",
                Claim::Locale => "en-GB",
                Claim::Zoneinfo => "Europe/London",
                _ => "x",
            };
            (*claim, Some(value.into()))
        });
        ClaimsPatch::new(sent).apply_to(&mut more).unwrap();
        let person = Person { more, ..person() };
        let read = |text: &str| -> serde_json::Value {
            serde_json::from_str(&person.userinfo(
                Subject::of(person.id),
                (&scope(text), &ClaimsRequest::default()),
                None,
            ))
            .unwrap()
        };
        let profile = read("openid profile");
        for name in [
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ] {
            assert!(profile.get(name).is_some(), "{name}: {profile}");
        }
        assert!(profile.get("address").is_none() && profile.get("phone_number").is_none());
        let phone = read("openid phone");
        assert_eq!(phone["phone_number"], "+44 20 7946 0000");
        assert_eq!(phone["phone_number_verified"], true);
        let address = read("openid address");
        for part in ["formatted", "street_address", "locality", "region", "postal_code", "country"] {
            assert_eq!(address["address"][part], "x", "{address}");
        }
        let told = read("openid profile email address phone roles groups");
        for name in supported().filter(|name| *name != "entitlements") {
            assert!(told.get(name).is_some(), "{name} is offered and told");
        }
    }

    /// RFC 9068 §2.2.3.1; a role's own permissions are nobody's business but Writ's.
    #[test]
    fn roles_are_told_under_their_scope_alone() {
        let mut person = person();
        person.roles = vec!["user".into(), "editor".into()];
        person.given.entitlements = vec!["articles:publish".into()];
        let of =
            |text| person.userinfo(Subject::of(person.id), (&scope(text), &ClaimsRequest::default()), None);
        assert!(!of("openid profile").contains("roles"));
        let told = of("openid roles");
        assert!(
            told.ends_with(r#""roles":["user","editor"],"entitlements":["articles:publish"]}"#),
            "{told}"
        );
    }

    #[test]
    fn a_scope_lists_no_permission_that_the_roles_lack() {
        let mut person = person();
        person.given.permissions = [Permission::UsersRead].into_iter().collect();
        let asked = scope("openid users:write read users:read tenants:write");
        assert_eq!(person.may_have(&asked).as_str(), "openid read users:read");
    }
}
