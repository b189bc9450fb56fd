//! Introspection (RFC 7662): what a caller may know of a token.

use crate::authority::{Permission, Permissions};
use crate::claims::ByRoles;
use crate::confirmation::TokenScheme;
use crate::handle::Handle;
use crate::ids::{ClientId, TenantId, UserId};
use crate::refresh_token::RefreshFacts;
use crate::resource::Resources;
use crate::scope::Scope;
use crate::secret::HashKey;
use crate::subject::{Sector, Subjects};
use crate::time::Micros;
use crate::token::{TokenFacts, TokenRef};
use writ_jose::JsonObject;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Introspector<'a> {
    /// The client that asks, or whose token is used to ask; none for an API key.
    pub client: Option<(ClientId, &'a str)>,
    /// What the caller may do.
    pub permissions: Permissions,
    /// The resources of the tenant.
    pub resources: &'a Resources,
}

/// Whether a token is live and this caller may know it. `None` is `{"active":false}`, for every
/// reason alike (RFC 7662 §2.2).
pub fn introspect<'f>(
    presented: &TokenRef,
    token: Option<&'f TokenFacts>,
    caller: &Introspector<'_>,
    now: Micros,
) -> Option<&'f TokenFacts> {
    let token = token?;
    token.live_as(presented, now).ok()?;
    may_see(token, caller).then_some(token)
}

/// A client sees its own tokens, those whose audience names it, and those for a resource that it answers for; `oauth:read`
/// sees all of the tenant.
fn may_see(token: &TokenFacts, caller: &Introspector<'_>) -> bool {
    caller.permissions.contains(Permission::OauthRead)
        || caller.client.is_some_and(|(id, name)| {
            token.client == id
                || token.audience.names(name)
                || caller.resources.answers_for(name, &token.audience)
        })
}

/// Whether a refresh token is live and this caller may know it: its own client, and who may read all of the tenant. It
/// is for nobody else, whoever its access tokens are for.
pub fn introspect_refresh<'f>(
    presented: &Handle,
    found: Option<&'f RefreshFacts>,
    caller: &Introspector<'_>,
    now: Micros,
) -> Option<&'f RefreshFacts> {
    let token = found.filter(|token| token.is_live_as(presented, now))?;
    let own = caller.client.is_some_and(|(id, _)| token.client == id);
    (own || caller.permissions.contains(Permission::OauthRead)).then_some(token)
}

/// What is said of anything that is not a live token that the caller may know.
pub const INACTIVE: &str = "{\"active\":false}";

/// Who tells of a token.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// Its tenant.
    pub tenant: TenantId,
    /// What the names of people in a sector follow from.
    pub hash_key: &'a HashKey,
}

impl Teller<'_> {
    /// Who a person is, by the name that the token's client knows. What they sign in with is the same for every client: where
    /// that one has people by a name of its own, it is told to those alone whom the person let know their profile.
    fn write_person(
        &self,
        user: UserId,
        (sector, username, scope): (Option<&Sector>, Option<&str>, &Scope),
        json: &mut JsonObject,
    ) {
        let subjects = Subjects { tenant: self.tenant, sector, hash_key: self.hash_key };
        json.string("sub", &subjects.name(user).to_string());
        if let Some(username) = username.filter(|_| sector.is_none() || scope.contains("profile")) {
            json.string("username", username);
        }
    }
}

/// What is said of a live token (RFC 7662 §2.2). `given`: what the roles of its person give now.
pub fn describe(token: &TokenFacts, given: &ByRoles, teller: &Teller<'_>) -> String {
    let client_id = token.client_id.as_deref().unwrap_or_default();
    let scope = if token.user.is_some() { given.may_have(&token.scope) } else { token.scope.clone() };
    let mut json = opened(&scope, (client_id, TokenScheme::of(token.cnf.as_ref()).name()));
    json.number("exp", token.expires_at.as_secs()).number("iat", token.issued_at.as_secs());
    match token.user {
        Some(user) => {
            let known = (token.sector.as_ref(), token.username.as_deref(), &scope);
            teller.write_person(user, known, &mut json);
        }
        None => {
            json.string("sub", client_id);
        }
    }
    token.audience.write_to(&mut json);
    json.string("iss", teller.issuer).string("jti", &token.id.to_string());
    if token.user.is_some() {
        if let Some(authentication) = &token.authentication {
            authentication.write_to(&mut json);
        }
        given.write_to(&token.roles, &scope, &mut json);
        token.actors.write_to(&mut json);
    }
    if let Some(cnf) = &token.cnf {
        json.raw("cnf", &cnf.to_json());
    }
    json.finish()
}

/// What is said of a live refresh token: its scope is that of its grant.
pub fn describe_refresh(token: &RefreshFacts, given: &ByRoles, teller: &Teller<'_>) -> String {
    let Some(grant) = &token.grant else { return INACTIVE.to_owned() };
    let mut json = opened(&given.may_have(&grant.scope), (&token.client_id, "refresh_token"));
    json.number("exp", token.expires_at.as_secs()).number("iat", token.issued_at.as_secs());
    let known = (token.sector.as_ref(), token.username.as_deref(), &grant.scope);
    teller.write_person(grant.user, known, &mut json);
    grant.terms.actors.write_to(&mut json);
    json.string("iss", teller.issuer);
    if let Some(cnf) = &grant.terms.cnf {
        json.raw("cnf", &cnf.to_json());
    }
    json.finish()
}

fn opened(scope: &Scope, of: (&str, &str)) -> JsonObject {
    let (client_id, token_type) = of;
    let mut json = JsonObject::with_capacity(512);
    json.boolean("active", true);
    if !scope.is_empty() {
        json.string("scope", scope.as_str());
    }
    json.string("client_id", client_id).string("token_type", token_type);
    json
}

/// The claims of a signed answer (RFC 9701 §5): what is said of the token stands below one of them, so that nobody takes the
/// answer for the token.
pub fn signed_answer(answer: &str, between: (&str, &str), now: Micros) -> String {
    let (issuer, client_id) = between;
    let mut json = JsonObject::with_capacity(answer.len() + 128);
    json.string("iss", issuer);
    json.string("aud", client_id);
    json.number("iat", now.as_secs());
    json.raw("token_introspection", answer);
    json.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ClaimsRequest;
    use crate::given::{ISSUER, NO_RESOURCES, NOW, facts, hash_key, scope, token};
    use crate::grant::{GrantFacts, Terms};
    use crate::ids::{GrantId, TokenId};
    use crate::refresh_token::RefreshState;
    use crate::secret::sha256;
    use crate::session::Authentication;
    use crate::time::Seconds;
    use crate::token::{Audience, GrantState, Parent};

    fn teller(hash_key: &HashKey) -> Teller<'_> {
        Teller { issuer: ISSUER, tenant: TenantId::from_bytes([1; 16]), hash_key }
    }

    const OTHER: ClientId = ClientId::from_bytes([9; 16]);

    fn client(id: ClientId, name: &str) -> Introspector<'_> {
        Introspector { client: Some((id, name)), permissions: Permissions::NONE, resources: &NO_RESOURCES }
    }

    #[test]
    fn a_client_sees_its_own_tokens_and_those_that_name_it() {
        let facts = facts(|_, _| {});
        let (text, mut token) = token(&facts);
        let presented = TokenRef::parse(&text).unwrap();
        token.audience = Audience::new(["api", "https://id.example"]);
        let reader = |client| Introspector {
            client,
            permissions: [Permission::OauthRead].into_iter().collect(),
            resources: &NO_RESOURCES,
        };
        let without_it = Permissions::all().names().filter(|name| *name != Permission::OauthRead.name());
        let other_permissions = Introspector {
            client: None,
            permissions: without_it.filter_map(Permission::by_name).collect(),
            resources: &NO_RESOURCES,
        };
        let cases = [
            (client(facts.client.id, "app"), true),
            (client(OTHER, "api"), true),
            (client(OTHER, "ap"), false),
            (client(OTHER, "app"), false),
            (reader(None), true),
            (reader(Some((OTHER, "other"))), true),
            (other_permissions, false),
        ];
        for (caller, sees) in cases {
            assert_eq!(introspect(&presented, Some(&token), &caller, NOW).is_some(), sees, "{caller:?}");
        }
    }

    /// RFC 7662 §2.2: whatever the reason, the answer is the same.
    #[test]
    fn only_a_live_token_is_active() {
        let facts = facts(|_, _| {});
        let (text, live) = token(&facts);
        let presented = TokenRef::parse(&text).unwrap();
        let caller = client(facts.client.id, "app");
        assert!(introspect(&presented, Some(&live), &caller, NOW).is_some());
        assert!(introspect(&presented, None, &caller, NOW).is_none());
        assert!(
            introspect(&presented, Some(&live), &caller, live.expires_at).is_none(),
            "the end is not part of it"
        );

        let ended = Parent::Present { stored: 3, current: 4 };
        let dead: [fn(&mut TokenFacts, Parent); 8] = [
            |token, _| token.revoked_at = Some(NOW),
            |token, _| token.hash = sha256(b"another text"),
            |token, _| token.client_parent = Parent::Gone,
            |token, ended| token.client_parent = ended,
            |token, ended| token.tenant_parent = ended,
            |token, ended| token.user_parent = ended,
            |token, _| token.grant = GrantState::Gone,
            |token, _| token.grant = GrantState::Ended,
        ];
        for (n, kill) in dead.into_iter().enumerate() {
            let mut token = live.clone();
            kill(&mut token, ended);
            assert!(introspect(&presented, Some(&token), &caller, NOW).is_none(), "{n}");
        }
        let mut token = live.clone();
        (token.grant, token.user_parent) = (GrantState::Live, Parent::Present { stored: 4, current: 4 });
        assert!(introspect(&presented, Some(&token), &caller, NOW).is_some());
    }

    /// RFC 7662 §2.2 and §2.1: a refresh token is for its own client, and for who may read all of the tenant.
    #[test]
    fn a_refresh_token_is_told_to_its_own_client_alone() {
        let presented = Handle { id: [7; 16], hash: sha256(b"rt") };
        let token = refresh_facts();
        let reader = Introspector {
            client: None,
            permissions: [Permission::OauthRead].into_iter().collect(),
            resources: &NO_RESOURCES,
        };
        for (caller, sees) in [
            (client(ClientId::from_bytes([2; 16]), "app"), true),
            (client(OTHER, "app"), false),
            (reader, true),
            (Introspector { client: None, permissions: Permissions::NONE, resources: &NO_RESOURCES }, false),
        ] {
            let found = introspect_refresh(&presented, Some(&token), &caller, NOW);
            assert_eq!(found.is_some(), sees, "{caller:?}");
        }
        let other = Handle { hash: sha256(b"another"), ..presented };
        assert!(introspect_refresh(&other, Some(&token), &reader, NOW).is_none());
        assert!(introspect_refresh(&presented, Some(&token), &reader, token.expires_at).is_none());
        assert!(introspect_refresh(&presented, None, &reader, NOW).is_none());
        let dies = |kill: &dyn Fn(&mut RefreshFacts)| {
            let mut dead = token.clone();
            kill(&mut dead);
            assert!(introspect_refresh(&presented, Some(&dead), &reader, NOW).is_none());
        };
        dies(&|token| token.grant = None);
        dies(&|token| token.issued_before = NOW.plus(Seconds(1)));
        dies(&|token| token.state = RefreshState::Used { at: NOW, successor: None });
        dies(&|token| token.grant.as_mut().unwrap().ended_at = Some(NOW));
        for n in 0..3 {
            dies(&|token| {
                token.grant.as_mut().unwrap().parents[n] = Parent::Present { stored: 1, current: 2 }
            });
            dies(&|token| token.grant.as_mut().unwrap().parents[n] = Parent::Gone);
        }
        let sub = crate::subject::Subject::of(UserId::from_bytes([4; 16]));
        assert_eq!(
            describe_refresh(&token, &ByRoles::default(), &teller(&hash_key())),
            format!(
                r#"{{"active":true,"scope":"openid read","client_id":"app","token_type":"refresh_token","exp":1800003600,"iat":1800000000,"sub":"{sub}","username":"ada","iss":"https://id.example"}}"#
            )
        );
    }

    fn refresh_facts() -> RefreshFacts {
        let present = Parent::Present { stored: 1, current: 1 };
        RefreshFacts {
            id: TokenId::from_bytes([7; 16]),
            hash: sha256(b"rt"),
            client: ClientId::from_bytes([2; 16]),
            client_id: "app".into(),
            username: Some("ada".into()),
            roles: Vec::new(),
            sector: None,
            issued_at: NOW,
            expires_at: NOW.plus(Seconds(3600)),
            issued_before: Micros(0),
            state: RefreshState::Live,
            grant: Some(GrantFacts {
                id: GrantId::from_bytes([8; 16]),
                user: UserId::from_bytes([4; 16]),
                scope: scope("openid read users:write"),
                claims: ClaimsRequest::default(),
                authentication: Authentication::by_password(NOW),
                session: None,
                terms: Terms::default(),
                ended_at: None,
                parents: [present; 3],
            }),
        }
    }

    /// RFC 7662 §2.2: whose token it is, what they may do now, and the roles that they bear now.
    #[test]
    fn a_persons_token_is_described_as_the_person_is_now() {
        let facts = facts(|client, _| client.scope = scope("read"));
        let (_, mut token) = token(&facts);
        token.user = Some(UserId::from_bytes([4; 16]));
        token.username = Some("ada".into());
        token.roles = vec!["editor".into()];
        token.scope = scope("openid roles groups users:read users:write");
        let given = ByRoles {
            permissions: [Permission::UsersRead].into_iter().collect(),
            entitlements: vec!["articles:publish".into()],
            groups: vec!["platform".into()],
        };
        let told: serde_json::Value =
            serde_json::from_str(&describe(&token, &given, &teller(&hash_key()))).unwrap();
        assert_eq!(told["scope"], "openid roles groups users:read");
        assert_eq!(told["groups"], serde_json::json!(["platform"]));
        assert_eq!((&told["username"], &told["token_type"]), (&"ada".into(), &"Bearer".into()));
        assert_eq!(told["roles"], serde_json::json!(["editor"]));
        assert_eq!(told["entitlements"], serde_json::json!(["articles:publish"]));

        // A machine's permissions are its client's own.
        (token.user, token.username) = (None, None);
        token.scope = scope("users:write");
        let told: serde_json::Value =
            serde_json::from_str(&describe(&token, &ByRoles::default(), &teller(&hash_key()))).unwrap();
        assert_eq!((&told["scope"], &told["sub"]), (&"users:write".into(), &"app".into()));
        assert!(told.get("username").is_none() && told.get("roles").is_none());
    }
}
