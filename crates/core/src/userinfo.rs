//! UserInfo (OpenID Connect Core §5.3): what of a person a token's scope lets its bearer know.

use crate::ids::UserId;
use crate::scope::Scope;
use crate::subject::Subject;
use crate::time::Micros;
use writ_jose::JsonObject;

/// A person, as far as claims go.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Row id: `sub`.
    pub id: UserId,
    /// `preferred_username`.
    pub username: Box<str>,
    /// `name`.
    pub name: Option<Box<str>>,
    /// `email`.
    pub email: Option<Box<str>>,
    /// `email_verified`.
    pub email_verified: EmailVerified,
    /// `updated_at`.
    pub updated_at: Micros,
}

/// Whether a person has shown that an address is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerified {
    /// They have.
    Yes,
    /// Not yet.
    No,
}

/// The claims of a person by scope (§5.4). A claim without a value is left out (§5.3.2).
pub fn claims(person: &Profile, scope: &Scope) -> String {
    let mut json = JsonObject::with_capacity(256);
    json.string("sub", &Subject::of(person.id).to_string());
    if scope.contains("profile") {
        if let Some(name) = &person.name {
            json.string("name", name);
        }
        json.string("preferred_username", &person.username);
        json.number("updated_at", person.updated_at.as_secs());
    }
    if scope.contains("email")
        && let Some(email) = &person.email
    {
        json.string("email", email);
        json.boolean("email_verified", person.email_verified == EmailVerified::Yes);
    }
    json.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::scope;

    #[test]
    fn claims_follow_the_scope() {
        let person = Profile {
            id: UserId::from_bytes([7; 16]),
            username: "ada".into(),
            name: None,
            email: Some("ada@example.org".into()),
            email_verified: EmailVerified::No,
            updated_at: Micros::from_secs(5),
        };
        let of = |text| claims(&person, &scope(text));
        let sub = format!("\"sub\":\"{}\"", Subject::of(person.id));
        assert_eq!(of("openid"), format!("{{{sub}}}"));
        assert_eq!(
            of("openid profile email address phone"),
            format!(
                r#"{{{sub},"preferred_username":"ada","updated_at":5,"email":"ada@example.org","email_verified":false}}"#
            )
        );
    }
}
