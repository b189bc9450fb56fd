//! The registry of scopes: made, put into words, removed.

use super::{Deed, Violations, description_problem, no_such};
use crate::authority::{Permission, Permissions};
use crate::change::{Action, Change, Target};
use crate::client::Update;
use crate::decision::{Decision, Judgement, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::ScopeId;
use crate::reason::Reason;
use crate::scope::ScopeToken;
use crate::scope_registry::{
    DESCRIPTION_LIMIT, InUse, NewScope, RegisteredScope, ScopeRemoval, ScopeUpdate, built_in,
};

/// What a new scope shall be; the name has to be there.
#[derive(Debug, Clone, Default)]
pub struct ScopeDraft {
    /// Its name.
    pub name: Option<String>,
    /// What it allows, for people.
    pub description: Option<String>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What shall be changed of a scope.
#[derive(Debug, Clone, Default)]
pub struct ScopePatch {
    /// Its name.
    pub name: Option<String>,
    /// What it allows, for people.
    pub description: Update<String>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// How a scope shall be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<'a> {
    /// Where clients have it.
    pub in_use: InUse,
    /// Only while it has this version.
    pub only: Option<i64>,
    /// The clients through which people act: the tenant's `interaction_clients`.
    pub interaction_clients: &'a [Box<str>],
}

/// How far a scope is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeUses {
    /// How many clients are registered for it.
    pub clients: i64,
    /// What somebody needs to change those clients, all together: what they may do, and `clients:trust` where one of
    /// them is trusted.
    pub authority: Permissions,
}

fn check_name(violations: &mut Violations, name: Option<&str>) {
    if let Some(Err(error)) = name.map(ScopeToken::parse) {
        violations.note("name", Reason::NotAScope { why: error.into() });
    }
}

fn check_description(violations: &mut Violations, description: Option<&str>) {
    let Some(text) = description else { return };
    if let Some(why) = description_problem(text, DESCRIPTION_LIMIT) {
        violations.note("description", why);
    }
}

/// A description as it is kept; the empty text is none.
fn kept(description: Option<&str>) -> Option<Box<str>> {
    description.filter(|text| !text.is_empty()).map(Into::into)
}

/// Adds a scope to the registry.
///
/// # Errors
/// `invalid_request` naming the fields; `conflict` for a built-in name. One that is taken is the store's to say.
pub fn create(draft: &ScopeDraft, deed: &Deed<'_>) -> Decision<RegisteredScope> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    check_name(&mut violations, name);
    check_description(&mut violations, draft.description.as_deref());
    let name = violations.settle_with(name)?;
    refuse_built_in(name)?;
    let now = deed.moment.now;
    let new = NewScope {
        id: ScopeId::v7(now, deed.moment.random.bits()),
        tenant: deed.acting.tenant(),
        name: name.into(),
        description: kept(draft.description.as_deref()),
        created_at: now,
    };
    let scope = RegisteredScope {
        id: new.id,
        tenant: new.tenant,
        name: new.name.clone(),
        description: new.description.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let changes =
        deed.unit(Action::ScopeCreated, Target::Scope(scope.id)).with(Change::CreateScope(Box::new(new)));
    Ok((scope, changes))
}

/// Changes a scope: its description, and its name where no client has it.
///
/// # Errors
/// `not_found`; `invalid_request`; `conflict` for another name of a scope that is built in or in use; `access_denied`
/// for the words of a permission that the caller lacks.
pub fn update(
    patch: &ScopePatch,
    found: Option<&RegisteredScope>,
    uses: ScopeUses,
    deed: &Deed<'_>,
) -> Decision<RegisteredScope> {
    let before = found_here(found, deed)?;
    // Its words are what people read before they hand the permission on.
    let carried: Permissions = Permission::by_name(&before.name).into_iter().collect();
    deed.acting.caller().may_grant(carried)?;
    let mut violations = patch.unread.clone();
    check_name(&mut violations, patch.name.as_deref());
    if let Update::Set(text) = &patch.description {
        check_description(&mut violations, Some(text));
    }
    violations.settle()?;
    let mut after = before.clone();
    if let Some(name) = patch.name.as_deref().filter(|name| *name != &*before.name) {
        if before.is_built_in() {
            return Err(conflict(Reason::ScopeNameBuiltIn));
        }
        refuse_built_in(name)?;
        if uses.clients > 0 {
            return Err(conflict(Reason::ScopeNameInUse));
        }
        after.name = name.into();
    }
    match &patch.description {
        Update::Keep => {}
        Update::Clear => after.description = built_in(&before.name).map(|known| known.description.into()),
        Update::Set(text) => after.description = kept(Some(text)),
    }
    after.version = before.version + 1;
    after.updated_at = deed.moment.now;
    let change = Change::UpdateScope(Box::new(ScopeUpdate { before: before.clone(), after: after.clone() }));
    Ok((after, deed.unit(Action::ScopeUpdated, Target::Scope(before.id)).with(change)))
}

/// Removes a scope. Where clients have it, it stays, unless it is to be taken from them; then it ends for
/// new tokens, and tokens that have it keep it until they expire. What the clients may do is judged here, for
/// the answer, and once more where it is written: by then they may be others.
///
/// # Errors
/// `not_found`; `conflict` for a built-in one and for one in use; `access_denied` where it would be taken
/// from a client that may do what the caller may not.
pub fn delete(
    found: Option<&RegisteredScope>,
    removal: Removal<'_>,
    uses: ScopeUses,
    deed: &Deed<'_>,
) -> Decision<()> {
    let scope = found_here(found, deed)?;
    let Removal { in_use, only, interaction_clients } = removal;
    if scope.is_built_in() {
        return Err(conflict(Reason::ScopeBuiltIn));
    }
    match in_use {
        InUse::Stays if uses.clients > 0 => {
            return Err(conflict(match uses.clients {
                1 => Reason::ScopeInUseByOne,
                clients => Reason::ScopeInUse { clients: clients.into() },
            }));
        }
        InUse::Stays => {}
        InUse::IsTaken => deed.acting.caller().may_grant(uses.authority)?,
    }
    let removal = ScopeRemoval {
        scope: scope.id,
        tenant: scope.tenant,
        name: scope.name.clone(),
        only,
        in_use,
        interaction_clients: interaction_clients.to_vec(),
        within: deed.acting.caller().permissions,
        at: deed.moment.now,
    };
    let changes =
        deed.unit(Action::ScopeDeleted, Target::Scope(scope.id)).with(Change::DeleteScope(Box::new(removal)));
    Ok(((), changes))
}

/// The scope, if it is there and of the tenant that is acted in.
fn found_here<'a>(found: Option<&'a RegisteredScope>, deed: &Deed<'_>) -> Judgement<&'a RegisteredScope> {
    found.filter(|scope| scope.tenant == deed.acting.tenant()).ok_or_else(|| no_such(Reason::NoSuchScope))
}

fn refuse_built_in(name: &str) -> Judgement<()> {
    match built_in(name) {
        Some(_) => Err(conflict(Reason::ScopeNameOfBuiltIn)),
        None => Ok(()),
    }
}

fn conflict(text: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::Conflict, text).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Permission;
    use crate::caller::{Acting, Caller, Identity, Needs, Scheme};
    use crate::change::Origin;
    use crate::given::{self, Counted, NOW, at};
    use crate::ids::{ApiKeyId, TenantId};

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);
    const UNUSED: ScopeUses = ScopeUses { clients: 0, authority: Permissions::NONE };

    fn acting() -> Acting {
        let identity = Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() };
        let permissions = [Permission::OauthWrite].into_iter().collect();
        let caller = Caller { identity, home: TENANT, permissions, scheme: Scheme::Bearer };
        let needs = Needs::Permission(Permission::OauthWrite);
        given::acting(caller, needs)
    }

    fn decide<T>(what: impl FnOnce(&Deed<'_>) -> Decision<T>) -> Result<T, (ErrorCode, String)> {
        let (acting, random, origin) = (acting(), Counted::default(), Origin::default());
        let deed = Deed { acting: &acting, origin: &origin, moment: at(NOW, &random) };
        what(&deed)
            .map(|(outcome, _)| outcome)
            .map_err(|refusal| (refusal.error.code(), refusal.error.public()))
    }

    fn draft(name: &str) -> ScopeDraft {
        ScopeDraft { name: Some(name.to_owned()), ..ScopeDraft::default() }
    }

    fn made(name: &str) -> RegisteredScope {
        decide(|deed| create(&draft(name), deed)).unwrap()
    }

    /// Whatever its version.
    fn any(in_use: InUse) -> Removal<'static> {
        Removal { in_use, only: None, interaction_clients: &[] }
    }

    fn renamed(name: &str) -> ScopePatch {
        ScopePatch { name: Some(name.to_owned()), ..ScopePatch::default() }
    }

    #[test]
    fn names_are_scope_tokens_and_not_built_in_ones() {
        assert_eq!(&*made("read_profile").name, "read_profile");
        for bad in ["", "a b", "a\"", "ä", &"a".repeat(129)] {
            let (code, text) = decide(|deed| create(&draft(bad), deed)).unwrap_err();
            assert_eq!(code, ErrorCode::InvalidRequest);
            assert!(text.starts_with("name: "), "{text}");
        }
        for taken in ["openid", "oauth:read"] {
            assert_eq!(decide(|deed| create(&draft(taken), deed)).unwrap_err().0, ErrorCode::Conflict);
        }
        let (_, text) = decide(|deed| create(&ScopeDraft::default(), deed)).unwrap_err();
        assert_eq!(text, "name: missing");
    }

    #[test]
    fn a_scope_in_use_keeps_its_name_and_stays_unless_it_is_taken() {
        let scope = made("read");
        let used = ScopeUses { clients: 2, authority: Permissions::NONE };
        let rename = |uses| decide(|deed| update(&renamed("write"), Some(&scope), uses, deed));
        assert_eq!(&*rename(UNUSED).unwrap().name, "write");
        assert_eq!(rename(used).unwrap_err().0, ErrorCode::Conflict);
        let remove = |in_use, uses| decide(|deed| delete(Some(&scope), any(in_use), uses, deed));
        assert!(remove(InUse::Stays, UNUSED).is_ok());
        assert_eq!(remove(InUse::Stays, used).unwrap_err().0, ErrorCode::Conflict);
        assert!(remove(InUse::IsTaken, used).is_ok());
        for authority in [Permissions::all(), [Permission::ClientsTrust].into_iter().collect()] {
            let wide = ScopeUses { clients: 1, authority };
            assert_eq!(remove(InUse::IsTaken, wide).unwrap_err().0, ErrorCode::AccessDenied);
        }
    }

    #[test]
    fn a_built_in_scope_may_be_put_into_other_words_and_nothing_else() {
        let openid = built_in("openid").unwrap().of(TENANT);
        for in_use in [InUse::Stays, InUse::IsTaken] {
            let refused = decide(|deed| delete(Some(&openid), any(in_use), UNUSED, deed)).unwrap_err();
            assert_eq!(refused.0, ErrorCode::Conflict);
        }
        let rename = decide(|deed| update(&renamed("mine"), Some(&openid), UNUSED, deed));
        assert_eq!(rename.unwrap_err().0, ErrorCode::Conflict);
        let words = |description| ScopePatch { description, ..ScopePatch::default() };
        let set = words(Update::Set("Anmelden".to_owned()));
        let after = decide(|deed| update(&set, Some(&openid), UNUSED, deed)).unwrap();
        assert_eq!((after.description.as_deref(), after.version), (Some("Anmelden"), 1));
        let back = decide(|deed| update(&words(Update::Clear), Some(&after), UNUSED, deed)).unwrap();
        assert_eq!(back.description, openid.description);
    }

    /// The words of a permission are those of who has it: the caller here has `oauth:write` alone.
    #[test]
    fn the_words_of_a_permission_are_changed_by_who_has_it() {
        let words = ScopePatch { description: Update::Set("Harmless".to_owned()), ..ScopePatch::default() };
        let clear = ScopePatch { description: Update::Clear, ..ScopePatch::default() };
        for permission in Permission::ALL {
            let scope = built_in(permission.name()).unwrap().of(TENANT);
            for patch in [&words, &clear] {
                let found =
                    decide(|deed| update(patch, Some(&scope), UNUSED, deed)).map_err(|(code, _)| code);
                let expected = *permission == Permission::OauthWrite;
                assert_eq!(found.is_ok(), expected, "{permission:?}: {found:?}");
                assert!(expected || found.unwrap_err() == ErrorCode::AccessDenied);
            }
        }
    }

    #[test]
    fn unknown_and_foreign_scopes_look_the_same() {
        let mut foreign = made("read");
        foreign.tenant = TenantId::from_bytes([2; 16]);
        for found in [None, Some(&foreign)] {
            let one = decide(|deed| update(&renamed("x"), found, UNUSED, deed)).unwrap_err();
            let other = decide(|deed| delete(found, any(InUse::IsTaken), UNUSED, deed)).unwrap_err();
            assert_eq!((one.0, &one), (ErrorCode::NotFound, &other));
        }
    }
}
