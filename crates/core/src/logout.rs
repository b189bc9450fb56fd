//! What an application may wish of a sign-out (OpenID Connect RP-Initiated Logout 1.0 §2).

use crate::client::RegisteredClient;
use crate::error::{ErrorCode, OAuthError};
use crate::form::{Form, write_pair};
use crate::hint::SentHint;
use crate::ids::{ClientId, TenantId};
use crate::reason::Reason;
use crate::secret::HashKey;
use crate::session::{SessionFacts, sid};
use crate::settings::TenantSettings;
use crate::subject::{Sector, Subject, Subjects};

/// The parameters that are carried to the page and back.
pub const PARAMETERS: [&str; 6] =
    ["id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];

/// What an application wishes.
#[derive(Debug, Clone)]
pub struct LogoutWish {
    /// Whom it means, as it has shown by an ID token of ours.
    meant: Option<Meant>,
    /// Where the browser goes afterwards, the whole address; none: a page of ours.
    pub back: Option<String>,
}

/// Whom an application means.
#[derive(Debug, Clone)]
struct Meant {
    person: Subject,
    /// What it knows the sign-in by.
    sid: Option<Box<str>>,
    /// Itself, and how it knows people; none: it is gone.
    client: Option<(ClientId, TenantId, Option<Sector>)>,
}

impl LogoutWish {
    /// Reads what was sent. `client` is the one that [`asking`] named, as far as it is one of the tenant.
    ///
    /// # Errors
    /// `invalid_request` for an address that is not registered for it: no other may send a person anywhere.
    pub fn read(
        form: &Form<'_>,
        hint: &SentHint,
        client: Option<&RegisteredClient>,
    ) -> Result<Self, OAuthError> {
        let meant = match hint {
            SentHint::Token(hinted) => Some(Meant {
                person: hinted.subject,
                sid: hinted.sid.clone(),
                client: client.map(|RegisteredClient { client, .. }| {
                    (client.id, client.tenant, client.tokens.sector.clone())
                }),
            }),
            SentHint::Nothing | SentHint::Bad => None,
        };
        Ok(Self { meant, back: way_back(form, client)? })
    }

    /// Whether somebody is signed out without being asked (§2): the application has shown by an ID token that it means this
    /// very sign-in of theirs, the address that they go back to is registered, and the tenant does not want them to be asked
    /// all the same.
    pub fn needs_no_asking(
        &self,
        settings: &TenantSettings,
        session: &SessionFacts,
        hash_key: &HashKey,
    ) -> bool {
        let is_meant = self.meant.as_ref().is_some_and(|meant| {
            meant.client.as_ref().is_some_and(|(client, tenant, sector)| {
                let subjects = Subjects { tenant: *tenant, sector: sector.as_ref(), hash_key };
                meant.person == subjects.name(session.user)
                    && meant.sid.as_deref() == Some(&*sid(session.id, *client, hash_key))
            })
        });
        !settings.confirm_sign_out.is_on() && self.back.is_some() && is_meant
    }
}

fn invalid(why: Reason) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, why)
}

/// The public id of the client that asks; none: nobody in particular does.
///
/// # Errors
/// `invalid_request` for a hint that is not ours, and for a client that it is not for.
pub fn asking<'r>(form: &'r Form<'_>, hint: &'r SentHint) -> Result<Option<&'r str>, OAuthError> {
    let hinted = match hint {
        SentHint::Nothing => None,
        SentHint::Token(hinted) => Some(&*hinted.client_id),
        SentHint::Bad => return Err(invalid(Reason::IdTokenHintBad)),
    };
    match (form.get("client_id"), hinted) {
        (Some(named), Some(hinted)) if named != hinted => Err(invalid(Reason::ClientIdNotHinted)),
        (named, hinted) => Ok(named.or(hinted)),
    }
}

/// Where the browser goes afterwards, with the `state` that was sent; none: a page of ours.
fn way_back(form: &Form<'_>, client: Option<&RegisteredClient>) -> Result<Option<String>, OAuthError> {
    let Some(uri) = form.get("post_logout_redirect_uri") else { return Ok(None) };
    if form.get("client_id").is_none() && form.get("id_token_hint").is_none() {
        return Err(invalid(Reason::PostLogoutUriNeedsClient));
    }
    let registered = client.is_some_and(|client| {
        let kind = client.client.kind;
        client.registration.post_logout_redirect_uris.iter().any(|known| known.matches(uri, kind))
    });
    if !registered {
        return Err(invalid(Reason::PostLogoutUriUnknown));
    }
    let mut back = uri.to_owned();
    if let Some(state) = form.get("state") {
        back.push(if uri.contains('?') { '&' } else { '?' });
        write_pair("state", state, &mut back);
    }
    Ok(Some(back))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientKind, RedirectUri, Registration};
    use crate::given::{NOW, facts, hash_key, session};
    use crate::hint::Hinted;
    use crate::ids::{SessionId, UserId};
    use crate::settings::Switch;

    fn form(text: &'static str) -> Form<'static> {
        Form::parse(text.as_bytes()).unwrap()
    }

    fn client(kind: ClientKind) -> RegisteredClient {
        let uris = ["https://app.example/bye", "https://app.example/bye?x=1", "http://localhost:1/bye"];
        RegisteredClient {
            client: (*facts(|client, _| client.kind = kind).client).clone(),
            registration: Registration {
                post_logout_redirect_uris: uris.map(|uri| RedirectUri::parse(uri).unwrap()).into(),
                ..Registration::at(NOW)
            },
        }
    }

    /// RP-Initiated Logout §2: where both are sent, the hint was issued to that client.
    #[test]
    fn the_client_is_the_one_that_is_named_or_hinted_at() {
        let hinted = SentHint::Token(Hinted {
            subject: Subject::of(UserId::from_bytes([7; 16])),
            client_id: "app".into(),
            sid: None,
        });
        for (sent, hint, asks) in [
            ("", &SentHint::Nothing, Ok(None)),
            ("client_id=app", &SentHint::Nothing, Ok(Some("app"))),
            ("", &hinted, Ok(Some("app"))),
            ("client_id=app", &hinted, Ok(Some("app"))),
            ("client_id=other", &hinted, Err(())),
            ("client_id=app", &SentHint::Bad, Err(())),
        ] {
            assert_eq!(asking(&form(sent), hint).map_err(drop), asks, "{sent} {hint:?}");
        }
    }

    /// §3: an exact match of what was registered.
    #[test]
    fn a_person_is_sent_to_registered_addresses_alone() {
        let web = client(ClientKind::Web);
        let back = |text, client| way_back(&form(text), client).map_err(drop);
        assert_eq!(back("state=x", Some(&web)), Ok(None));
        let good = "client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=a%26b";
        assert_eq!(back(good, Some(&web)), Ok(Some("https://app.example/bye?state=a%26b".to_owned())));
        let query = "client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%3Fx%3D1&state=s";
        assert_eq!(back(query, Some(&web)), Ok(Some("https://app.example/bye?x=1&state=s".to_owned())));
        assert_eq!(back(good, None), Err(()), "of nobody's");
        assert_eq!(
            back("client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%2F", Some(&web)),
            Err(())
        );
        let moved = "client_id=app&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fbye";
        assert_eq!(back(moved, Some(&web)), Err(()));
        assert!(back(moved, Some(&client(ClientKind::Native))).is_ok(), "RFC 8252 section 7.3");
    }

    /// §2: the OP must ask where the ID token is not of the present sign-in at the application, or not of whoever is signed in.
    #[test]
    fn only_who_shows_the_very_sign_in_ends_it_without_asking() {
        let web = client(ClientKind::Web);
        let text = "client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye";
        let session = session();
        let ours = sid(session.id, web.client.id, &hash_key());
        let other = sid(SessionId::from_bytes([9; 16]), web.client.id, &hash_key());
        let asked = |user: u8, sid: Option<&str>, text, client, confirm| {
            let subject = Subject::of(UserId::from_bytes([user; 16]));
            let hint = SentHint::Token(Hinted { subject, client_id: "app".into(), sid: sid.map(Box::from) });
            let wish = LogoutWish::read(&form(text), &hint, client).unwrap();
            let settings = TenantSettings { confirm_sign_out: confirm, ..TenantSettings::default() };
            !wish.needs_no_asking(&settings, &session, &hash_key())
        };
        assert!(!asked(3, Some(&ours), text, Some(&web), Switch::Off));
        assert!(asked(3, Some(&ours), text, Some(&web), Switch::On), "the tenant wants it");
        assert!(asked(4, Some(&ours), text, Some(&web), Switch::Off), "somebody else");
        assert!(asked(3, Some(&other), text, Some(&web), Switch::Off), "another sign-in");
        assert!(asked(3, None, text, Some(&web), Switch::Off), "no sign-in");
        assert!(asked(3, Some(&ours), "client_id=app", Some(&web), Switch::Off), "nowhere to go");
        assert!(asked(3, Some(&ours), "client_id=app", None, Switch::Off), "the application is gone");
        let wish = LogoutWish::read(&form(text), &SentHint::Nothing, Some(&web)).unwrap();
        assert!(!wish.needs_no_asking(&TenantSettings::default(), &session, &hash_key()), "no ID token");
    }
}
