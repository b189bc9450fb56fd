//! Tokens at the management APIs: who may list and end which, and how many are ended by one act.

use std::collections::BTreeSet;

use super::{Deed, Violations, Wrong};
use crate::authority::Permission;
use crate::caller::{Acting, Identity};
use crate::change::{Action, Change, Changes, Details, Target, TokensOf};
use crate::decision::Judgement;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{ClientId, TokenId, UserId};
use crate::reason::Reason;
use crate::time::Micros;
use crate::token::{Parent, TokenFacts, TokenKind, TokenType};

/// Tokens that one request may name at the most.
pub const NAMED_MOST: usize = 500;

/// Whose tokens a caller reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of the tenant.
    All,
    /// Those issued to this client.
    Client(ClientId),
    /// Those that speak for this person.
    User(UserId),
}

/// A row that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamedRow<T> {
    /// It names none: any.
    #[default]
    Any,
    /// It names one that the tenant does not have.
    Unknown,
    /// This one.
    One(T),
}

impl<T> NamedRow<T> {
    /// What a name was found to be; `None`: the request has none.
    pub fn found(name: Option<&str>, row: Option<T>) -> Self {
        match (name, row) {
            (None, _) => Self::Any,
            (Some(_), None) => Self::Unknown,
            (Some(_), Some(row)) => Self::One(row),
        }
    }

    /// As a filter; `None`: nothing can pass it.
    #[expect(clippy::option_option, reason = "nothing passes, everything passes, and one passes")]
    fn one(self) -> Option<Option<T>> {
        match self {
            Self::Any => Some(None),
            Self::One(row) => Some(Some(row)),
            Self::Unknown => None,
        }
    }
}

/// Which tokens of a tenant; everything that is set has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenFilter {
    /// Issued to this client.
    pub client: Option<ClientId>,
    /// Speaking for this person.
    pub user: Option<UserId>,
    /// Issued before this time.
    pub issued_before: Option<Micros>,
    /// Of this type.
    pub of_type: Option<TokenType>,
}

impl TokenFilter {
    /// Whether a token is meant.
    pub fn takes(&self, token: &TokenFacts) -> bool {
        self.of_type.is_none_or(|of_type| of_type == token.kind.of_type())
            && self.client.is_none_or(|client| client == token.client)
            && self.user.is_none_or(|user| Some(user) == token.user)
            && self.issued_before.is_none_or(|before| token.issued_at < before)
    }
}

impl Reach {
    /// What a caller reaches: all with the permission, else what is their own.
    ///
    /// # Errors
    /// `insufficient_scope` for a caller who has nothing of their own.
    pub fn of(acting: &Acting, permission: Permission) -> Judgement<Self> {
        let caller = acting.caller();
        if caller.permissions.contains(permission) {
            return Ok(Self::All);
        }
        match caller.identity {
            Identity::Application { client, .. } => Ok(Self::Client(client)),
            Identity::Person { user, .. } => Ok(Self::User(user)),
            Identity::ApiKey { .. } | Identity::AtConsole { .. } | Identity::Local { .. } => {
                Err(others(permission))
            }
        }
    }

    /// Narrows what a request asks for to what the caller reaches. `None`: no token can be meant.
    ///
    /// # Errors
    /// `insufficient_scope` where the request names somebody else.
    pub fn narrow(
        self,
        client: NamedRow<ClientId>,
        user: NamedRow<UserId>,
        permission: Permission,
    ) -> Judgement<Option<TokenFilter>> {
        let (client, user) = match self {
            Self::All => (client, user),
            Self::Client(own) => (mine(client, own, permission)?, user),
            Self::User(own) => (client, mine(user, own, permission)?),
        };
        Ok(match (client.one(), user.one()) {
            (Some(client), Some(user)) => Some(TokenFilter { client, user, ..TokenFilter::default() }),
            (None, _) | (_, None) => None,
        })
    }

    fn covers(self, token: &TokenFacts) -> bool {
        match self {
            Self::All => true,
            Self::Client(own) => token.client == own,
            Self::User(own) => token.user == Some(own),
        }
    }
}

fn mine<T: PartialEq + Copy>(named: NamedRow<T>, own: T, permission: Permission) -> Judgement<NamedRow<T>> {
    match named {
        NamedRow::Any => Ok(NamedRow::One(own)),
        NamedRow::One(id) if id == own => Ok(named),
        // Whether somebody else exists is not said.
        NamedRow::One(_) | NamedRow::Unknown => Err(others(permission)),
    }
}

fn others(permission: Permission) -> Box<crate::decision::Refusal> {
    let text = Reason::TokensOfOthers { permission: permission.name().into() };
    OAuthError::new(ErrorCode::InsufficientScope, text).into()
}

/// Decides the end of one token; a refresh token's is that of its whole grant. `None`: there is no such token,
/// or nothing ends with it; that is a success.
///
/// # Errors
/// `insufficient_scope` for a token that is not the caller's and with which something would end.
pub fn revoke(found: Option<&TokenFacts>, reach: Reach, deed: &Deed<'_>) -> Judgement<Option<Changes>> {
    let Some(token) = found.filter(|token| token.holds_something(deed.moment.now)) else { return Ok(None) };
    if !reach.covers(token) {
        return Err(others(Permission::OauthWrite));
    }
    let changes = match token.kind {
        TokenKind::Access => deed.unit(Action::AccessTokenRevoked, Target::AccessToken(token.id)),
        TokenKind::Refresh { family } => deed.unit(Action::RefreshTokenRevoked, Target::Grant(family)),
    };
    Ok(Some(changes.with(end(token, deed))))
}

fn end(token: &TokenFacts, deed: &Deed<'_>) -> Change {
    let (tenant, at) = (deed.acting.tenant(), deed.moment.now);
    match token.kind {
        TokenKind::Access => Change::EndAccessToken { token: token.id, tenant, at },
        TokenKind::Refresh { family } => Change::EndFamily { grant: family, tenant, at },
    }
}

/// What a request to end many tokens names.
#[derive(Debug, Clone, Default)]
pub struct BulkRevoke {
    /// Issued to this client.
    pub client: NamedRow<ClientId>,
    /// Speaking for this person.
    pub user: NamedRow<UserId>,
    /// Among these.
    pub tokens: Option<BTreeSet<TokenId>>,
    /// Issued before this time.
    pub issued_before: Option<Micros>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// How the tokens are ended. Everything but [`Ending::Tokens`] is one bounded act, however many
/// tokens there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Nothing can be meant.
    Nothing,
    /// These, one by one, as far as they are live and match.
    Tokens(BTreeSet<TokenId>, TokenFilter),
    /// All that a client has: its generation.
    Client(ClientId),
    /// All that speak for a person: their generation.
    User(UserId),
    /// All that a client has for a person: their grants.
    Between(ClientId, UserId),
    /// All that were issued before a time: a mark at their parent.
    Before(TokensOf, Micros),
}

impl BulkRevoke {
    /// Decides which tokens are meant and how they are ended.
    ///
    /// # Errors
    /// `invalid_request` where nothing is named or a field is not right; `insufficient_scope` where the
    /// request names somebody else's tokens.
    pub fn plan(&self, reach: Reach, now: Micros) -> Judgement<Ending> {
        let mut violations = self.unread.clone();
        let future = self.issued_before.is_some_and(|before| before > now);
        violations.when(Wrong(future), "issued_before", Reason::InTheFuture);
        let many = self.tokens.as_ref().is_some_and(|tokens| tokens.len() > NAMED_MOST);
        violations.when(Wrong(many), "token_ids", Reason::TokensMost { most: NAMED_MOST.into() });
        violations.settle()?;
        if self.client == NamedRow::Any
            && self.user == NamedRow::Any
            && self.tokens.is_none()
            && self.issued_before.is_none()
        {
            let text = Reason::TokensUnnamed;
            return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
        }
        let narrowed = reach.narrow(self.client, self.user, Permission::OauthWrite)?;
        let Some(filter) = narrowed else { return Ok(Ending::Nothing) };
        let filter = TokenFilter { issued_before: self.issued_before, ..filter };
        if let Some(tokens) = &self.tokens {
            return Ok(Ending::Tokens(tokens.clone(), filter));
        }
        Ok(match (filter.client, filter.user, filter.issued_before) {
            (None, None, None) => Ending::Nothing,
            (Some(client), None, None) => Ending::Client(client),
            (None, Some(user), None) => Ending::User(user),
            (Some(client), Some(user), None) => Ending::Between(client, user),
            (None, None, Some(before)) => Ending::Before(TokensOf::Tenant, before),
            (Some(client), None, Some(before)) => Ending::Before(TokensOf::Client(client), before),
            (None, Some(user), Some(before)) => Ending::Before(TokensOf::User(user), before),
            (Some(client), Some(user), Some(before)) => {
                Ending::Before(TokensOf::Between(client, user), before)
            }
        })
    }
}

impl Ending {
    /// Which tokens it ends.
    pub fn filter(&self) -> TokenFilter {
        match self {
            Self::Nothing => TokenFilter::default(),
            Self::Tokens(_, filter) => *filter,
            Self::Client(client) => TokenFilter { client: Some(*client), ..TokenFilter::default() },
            Self::User(user) => TokenFilter { user: Some(*user), ..TokenFilter::default() },
            Self::Between(client, user) => {
                TokenFilter { client: Some(*client), user: Some(*user), ..TokenFilter::default() }
            }
            Self::Before(of, before) => {
                let (client, user) = match of {
                    TokensOf::Tenant => (None, None),
                    TokensOf::Client(client) => (Some(*client), None),
                    TokensOf::User(user) => (None, Some(*user)),
                    TokensOf::Between(client, user) => (Some(*client), Some(*user)),
                };
                TokenFilter { client, user, issued_before: Some(*before), of_type: None }
            }
        }
    }

    /// The unit that ends them; `named` are the facts of the tokens that the request names. `None`:
    /// there is nothing to end.
    pub fn changes(&self, named: &[TokenFacts], deed: &Deed<'_>) -> Option<Changes> {
        let (tenant, at) = (deed.acting.tenant(), deed.moment.now);
        let of = |target, change| deed.unit(Action::TokensRevoked, target).with(change);
        let changes = match self {
            Self::Nothing => return None,
            Self::Tokens(_, filter) => {
                let meant = named.iter().filter(|token| filter.takes(token) && token.live(at).is_ok());
                let ends: Vec<_> = meant.map(|token| end(token, deed)).collect();
                if ends.is_empty() {
                    return None;
                }
                let count = ends.len().to_string();
                let changes = deed.unit(Action::TokensRevoked, Target::Tenant(tenant));
                return Some(
                    ends.into_iter()
                        .fold(changes, Changes::with)
                        .detailed(Details::new([("named_tokens", count)])),
                );
            }
            Self::Client(client) => {
                of(Target::Client(*client), Change::EndClientTokens { client: *client, tenant })
            }
            Self::User(user) => of(Target::User(*user), Change::EndUserTokens { user: *user, tenant }),
            Self::Between(client, user) => of(
                Target::Client(*client),
                Change::EndGrantsBetween { client: *client, user: *user, tenant, at },
            ),
            Self::Before(tokens, before) => {
                let target = match tokens {
                    TokensOf::Tenant => Target::Tenant(tenant),
                    TokensOf::Client(client) | TokensOf::Between(client, _) => Target::Client(*client),
                    TokensOf::User(user) => Target::User(*user),
                };
                of(target, Change::EndTokensIssuedBefore { of: *tokens, tenant, before: *before })
            }
        };
        Some(changes.detailed(self.details()))
    }

    fn details(&self) -> Details {
        let filter = self.filter();
        let members = [
            ("client_id", filter.client.map(|id| id.to_string())),
            ("user_id", filter.user.map(|id| id.to_string())),
            ("issued_before_us", filter.issued_before.map(|at| at.0.to_string())),
        ];
        Details::new(members.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}

/// A token as it was before the generation of its client or user went up from `before`: what such an
/// act ended is counted after it, when nothing can be added to it any more.
pub fn before_the_end(mut token: TokenFacts, of: &Ending, before: i64) -> TokenFacts {
    let restore = |parent: &mut Parent| {
        if let Parent::Present { stored, current } = parent
            && *stored == before
        {
            *current = before;
        }
    };
    match of {
        Ending::Client(_) => restore(&mut token.client_parent),
        Ending::User(_) => restore(&mut token.user_parent),
        Ending::Nothing | Ending::Tokens(..) | Ending::Between(..) | Ending::Before(..) => {}
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::{Caller, Needs, Scheme};
    use crate::change::Origin;
    use crate::given::{self, Counted, NOW, at, facts, token};
    use crate::ids::{ApiKeyId, GrantId, TenantId};
    use crate::time::Seconds;
    use crate::token::GrantState;

    /// As somebody in a tenant.
    fn deeds<T>(tenant: TenantId, what: impl FnOnce(&Deed<'_>) -> T) -> T {
        let identity = Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() };
        let permissions = [Permission::OauthWrite].into_iter().collect();
        let caller = Caller { identity, home: tenant, permissions, scheme: Scheme::Bearer };
        let needs = Needs::Permission(Permission::OauthWrite);
        let acting = given::acting(caller, needs);
        let (random, origin) = (Counted::default(), Origin::default());
        what(&Deed { acting: &acting, origin: &origin, moment: at(NOW, &random) })
    }

    const OWN: ClientId = ClientId::from_bytes([1; 16]);
    const OTHER: ClientId = ClientId::from_bytes([2; 16]);
    const ANN: UserId = UserId::from_bytes([3; 16]);
    const BOB: UserId = UserId::from_bytes([4; 16]);

    fn filter(client: Option<ClientId>, user: Option<UserId>) -> TokenFilter {
        TokenFilter { client, user, ..TokenFilter::default() }
    }

    #[test]
    fn nobody_reaches_beyond_their_own() {
        use NamedRow::{Any, One, Unknown};
        let cases = [
            (Reach::All, Any, Any, Ok(Some(filter(None, None)))),
            (Reach::All, One(OTHER), One(BOB), Ok(Some(filter(Some(OTHER), Some(BOB))))),
            (Reach::All, Unknown, Any, Ok(None)),
            (Reach::All, One(OTHER), Unknown, Ok(None)),
            (Reach::Client(OWN), Any, Any, Ok(Some(filter(Some(OWN), None)))),
            (Reach::Client(OWN), One(OWN), One(BOB), Ok(Some(filter(Some(OWN), Some(BOB))))),
            (Reach::Client(OWN), One(OTHER), Any, Err(ErrorCode::InsufficientScope)),
            (Reach::Client(OWN), Unknown, Any, Err(ErrorCode::InsufficientScope)),
            (Reach::User(ANN), Any, Any, Ok(Some(filter(None, Some(ANN))))),
            (Reach::User(ANN), One(OTHER), Any, Ok(Some(filter(Some(OTHER), Some(ANN))))),
            (Reach::User(ANN), Any, One(BOB), Err(ErrorCode::InsufficientScope)),
            (Reach::User(ANN), Any, Unknown, Err(ErrorCode::InsufficientScope)),
        ];
        for (reach, client, user, expected) in cases {
            let found = reach.narrow(client, user, Permission::OauthRead);
            assert_eq!(found.map_err(|refusal| refusal.error.code()), expected, "{reach:?}");
        }
    }

    fn asked(
        client: NamedRow<ClientId>,
        user: NamedRow<UserId>,
        issued_before: Option<Micros>,
    ) -> BulkRevoke {
        BulkRevoke { client, user, issued_before, ..BulkRevoke::default() }
    }

    #[test]
    fn each_combination_has_its_own_one_act() {
        let (client, user) = (NamedRow::One(OWN), NamedRow::One(ANN));
        let at = NOW.minus(Seconds(1));
        let cases = [
            (asked(client, NamedRow::Any, None), Ending::Client(OWN)),
            (asked(NamedRow::Any, user, None), Ending::User(ANN)),
            (asked(client, user, None), Ending::Between(OWN, ANN)),
            (asked(NamedRow::Any, NamedRow::Any, Some(at)), Ending::Before(TokensOf::Tenant, at)),
            (asked(client, NamedRow::Any, Some(at)), Ending::Before(TokensOf::Client(OWN), at)),
            (asked(NamedRow::Any, user, Some(at)), Ending::Before(TokensOf::User(ANN), at)),
            (asked(client, user, Some(at)), Ending::Before(TokensOf::Between(OWN, ANN), at)),
            (asked(NamedRow::Unknown, user, Some(at)), Ending::Nothing),
        ];
        for (asked, expected) in cases {
            assert_eq!(asked.plan(Reach::All, NOW).unwrap(), expected);
        }
        // What a caller without the permission names is narrowed to their own.
        let own = asked(NamedRow::Any, NamedRow::Any, Some(at)).plan(Reach::Client(OWN), NOW).unwrap();
        assert_eq!(own, Ending::Before(TokensOf::Client(OWN), at));
        let own = asked(client, NamedRow::Any, None).plan(Reach::User(ANN), NOW).unwrap();
        assert_eq!(own, Ending::Between(OWN, ANN));
    }

    #[test]
    fn nothing_named_and_the_future_are_refused() {
        for reach in [Reach::All, Reach::Client(OWN), Reach::User(ANN)] {
            let refusal = BulkRevoke::default().plan(reach, NOW).unwrap_err();
            assert!(refusal.error.public().contains("at least one"), "{}", refusal.error.public());
        }
        let later = asked(NamedRow::Any, NamedRow::Any, Some(NOW.plus(Seconds(1))))
            .plan(Reach::All, NOW)
            .unwrap_err();
        assert!(later.error.public().starts_with("issued_before: "), "{}", later.error.public());
        let many = BulkRevoke {
            tokens: Some((0..=NAMED_MOST as u128).map(|n| TokenId::from_bytes(n.to_be_bytes())).collect()),
            ..BulkRevoke::default()
        };
        assert!(many.plan(Reach::All, NOW).unwrap_err().error.public().starts_with("token_ids: "));
    }

    /// AUTHORITY: revoking a refresh token ends its whole grant, access tokens included.
    #[test]
    fn a_refresh_token_ends_its_family_also_after_it_was_used() {
        let family = GrantId::from_bytes([7; 16]);
        let facts = facts(|_, _| {});
        let (_, mut token) = token(&facts);
        (token.kind, token.grant) = (TokenKind::Refresh { family }, GrantState::Live);
        let decide = |token: &TokenFacts, reach| {
            deeds(facts.tenant.id, |deed| {
                revoke(Some(token), reach, deed).map(|changes| changes.map(|changes| changes.list().to_vec()))
            })
        };
        for used in [None, Some(NOW)] {
            token.revoked_at = used;
            let changes = decide(&token, Reach::Client(token.client)).unwrap().unwrap();
            let [Change::EndFamily { grant, tenant, at }] = &changes[..] else { panic!("{changes:?}") };
            assert_eq!((*grant, *tenant, *at), (family, facts.tenant.id, NOW));
            let refusal = decide(&token, Reach::User(ANN)).unwrap_err();
            assert_eq!(refusal.error.code(), ErrorCode::InsufficientScope);
        }
        token.grant = GrantState::Ended;
        assert!(decide(&token, Reach::User(ANN)).unwrap().is_none(), "nothing is left of it");
        assert_eq!(TokenType::by_name("refresh_token"), Some(token.kind.of_type()));
        let filter = TokenFilter { of_type: Some(TokenType::Access), ..TokenFilter::default() };
        assert!(!filter.takes(&token) && TokenFilter::default().takes(&token));
    }

    #[test]
    fn what_an_act_ended_was_live_before_it() {
        let facts = facts(|_, _| {});
        let (_, mut token) = token(&facts);
        token.client_parent = Parent::Present { stored: 3, current: 4 };
        assert!(token.live(NOW).is_err());
        let ended = Ending::Client(facts.client.id);
        assert!(before_the_end(token.clone(), &ended, 3).live(NOW).is_ok());
        assert!(before_the_end(token.clone(), &ended, 2).live(NOW).is_err(), "an earlier act ended it");
        assert!(before_the_end(token.clone(), &Ending::User(ANN), 3).live(NOW).is_err());
        token.revoked_at = Some(NOW);
        assert!(before_the_end(token, &ended, 3).live(NOW).is_err());
    }

    #[test]
    fn a_mark_ends_what_was_issued_before_it_and_nothing_else() {
        let facts = facts(|_, _| {});
        let (_, mut token) = token(&facts);
        token.issued_before = token.issued_at;
        assert!(token.live(NOW).is_ok());
        token.issued_before = Micros(token.issued_at.0 + 1);
        assert_eq!(token.live(NOW), Err(crate::token::Dead::ParentEnded));
    }
}
