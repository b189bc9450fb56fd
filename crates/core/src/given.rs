//! What the tests of decisions begin with: a clock that stands, counted randomness, a client.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::actors::ActorChain;
use crate::authenticate::ClientFacts;
use crate::caller::{Acting, Addressed, Caller, Needs, TenantHeader, act};
use crate::change::{Enabled, Origin};
use crate::claims::{ByRoles, EmailVerified, Person, StandardClaims};
use crate::client::{Client, ClientKind, ClientSecret, GrantType, GrantTypes, SecretHash, TokenPolicy};
use crate::client_credentials::{ClientCredentialsRequest, issue};
use crate::decision::{Judgement, Moment, Random};
use crate::draft::{Draft, Unsigned};
use crate::ids::{BrowserId, ClientId, SecretId, SessionId, TenantId, UserId};
use crate::issuing::{IdTokenPolicy, Issuing};
use crate::resource::{Resources, Targets, Wanted};
use crate::scope::Scope;
use crate::secret::{Digest32, HashKey, sha256};
use crate::session::{Authentication, SessionFacts};
use crate::tenant::{Tenant, TenantSettings};
use crate::time::{Micros, Seconds};
use crate::token::{GrantState, NewAccessToken, Parent, TokenFacts, TokenKind};
use writ_jose::Algorithm;

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: Micros = Micros::from_secs(1_800_000_000);
pub(crate) const ISSUER: &str = "https://id.example";

/// Randomness that counts: 1, 2, 3 …
#[derive(Default)]
pub(crate) struct Counted(AtomicU8);

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        }
    }
}

/// The moment of a test, with randomness that starts anew.
pub(crate) fn at(now: Micros, random: &Counted) -> Moment<'_> {
    Moment { now, random }
}

/// A secret that is known by a keyed hash; its row id is `n`.
pub(crate) fn keyed(n: u8, hash: Digest32, expires_at: Option<Micros>) -> ClientSecret {
    ClientSecret {
        id: SecretId::from_bytes([n; 16]),
        hash: SecretHash::Keyed(hash),
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: Micros(0),
        expires_at,
    }
}

/// The server's key.
pub(crate) fn hash_key() -> HashKey {
    HashKey::new(zeroize::Zeroizing::new([7; 32]))
}

/// The keyed hash of what the client's one secret is, as far as a test has to know it.
pub(crate) fn secret_hash() -> Digest32 {
    sha256(b"the right secret")
}

/// A machine client that may get tokens, changed as a test wants it.
pub(crate) fn facts(change: impl FnOnce(&mut Client, &mut Tenant)) -> ClientFacts {
    let mut tenant = Tenant {
        id: TenantId::from_bytes([1; 16]),
        slug: "default".into(),
        name: "Default".into(),
        enabled: Enabled::Yes,
        settings: TenantSettings::default(),
        version: 5,
    };
    let mut client = Client {
        id: ClientId::from_bytes([2; 16]),
        tenant: tenant.id,
        client_id: "app".into(),
        name: "App".into(),
        kind: ClientKind::Machine,
        auth_method: crate::client::AuthMethod::AnySecret,
        grant_types: GrantTypes::new([GrantType::ClientCredentials]),
        scope: scope("read write"),
        tokens: TokenPolicy::default(),
        secrets: vec![keyed(1, secret_hash(), None)],
        party: crate::client::Party::Third,
        enabled: Enabled::Yes,
        version: 7,
    };
    change(&mut client, &mut tenant);
    let permissions = client.own_permissions();
    ClientFacts { tenant: tenant.into(), issuer: ISSUER.into(), client: client.into(), permissions }
}

/// A caller who may do what `needs` says, in their own tenant.
pub(crate) fn acting(caller: Caller, needs: Needs) -> Acting {
    let home = Tenant { id: caller.home, ..Tenant::clone(&facts(|_, _| {}).tenant) };
    let permit = act(caller, needs, Addressed { path: None, header: None }, TenantHeader::Optional);
    permit.unwrap().within(Some(home)).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

/// What a client gets that asks for `scope`.
pub(crate) fn ask(facts: &ClientFacts, scope: Option<Scope>) -> Judgement<Draft> {
    let random = Counted::default();
    issuing(facts, &at(NOW, &random), |issuing| issue(&ClientCredentialsRequest { scope }, issuing))
}

/// A tenant without resources.
pub(crate) static NO_RESOURCES: LazyLock<Resources> = LazyLock::new(Resources::default);

/// How ID tokens are made where a test does not care.
pub(crate) const ID_TOKENS: IdTokenPolicy =
    IdTokenPolicy { algorithm: Algorithm::Es256, claims: crate::client::IdTokenClaims::Scopes };

/// Decides on the usual terms.
pub(crate) fn issuing<T>(
    facts: &ClientFacts,
    moment: &Moment<'_>,
    decide: impl FnOnce(&Issuing<'_>) -> T,
) -> T {
    let (origin, hash_key) = (Origin::default(), hash_key());
    decide(&Issuing {
        facts,
        origin: &origin,
        moment: *moment,
        id_tokens: ID_TOKENS,
        hash_key: &hash_key,
        targets: Targets { known: &NO_RESOURCES, wanted: Wanted::NONE },
        confirmation: None,
    })
}

/// A person without any role.
pub(crate) fn person() -> Person {
    Person {
        id: UserId::from_bytes([4; 16]),
        username: "ada".into(),
        name: Some("Ada".into()),
        email: Some("ada@example.org".into()),
        email_verified: EmailVerified::No,
        updated_at: Micros::from_secs(5),
        more: StandardClaims::default(),
        roles: Vec::new(),
        given: ByRoles::default(),
    }
}

/// The row of a token as it is read back while all its parents are there.
pub(crate) fn recorded(new: &NewAccessToken, client_id: &str) -> TokenFacts {
    let present = Parent::Present { stored: 3, current: 3 };
    TokenFacts {
        id: new.id,
        kind: TokenKind::Access,
        client: new.client,
        user: new.user,
        hash: new.hash,
        scope: new.scope.clone(),
        audience: new.audience.clone(),
        cnf: new.cnf.clone(),
        issued_at: new.issued_at,
        expires_at: new.expires_at,
        revoked_at: None,
        client_id: Some(client_id.into()),
        username: None,
        roles: Vec::new(),
        sector: None,
        client_parent: present,
        tenant_parent: present,
        user_parent: if new.user.is_some() { present } else { Parent::None },
        grant: GrantState::None,
        actors: ActorChain::default(),
        authentication: None,
        issued_before: Micros(0),
    }
}

/// A token of a client, as presented and as recorded.
pub(crate) fn token(facts: &ClientFacts) -> (String, TokenFacts) {
    use base64::Engine;
    use std::convert::Infallible;
    let sign = |unsigned: Unsigned<'_>| {
        let Unsigned::AccessToken { payload, .. } = unsigned else { panic!("{unsigned:?}") };
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(payload);
        Ok::<_, Infallible>(format!("header.{payload}.signature"))
    };
    let Ok((issued, changes)) = ask(facts, None).unwrap().seal(sign);
    let [crate::change::Change::IssueAccessToken(new)] = changes.list() else { panic!("{changes:?}") };
    (issued.access_token, recorded(new, &facts.client.client_id))
}

/// A sign-in of a person with the row id 3, just now, in a browser with the row id 2.
pub(crate) fn session() -> SessionFacts {
    let present = Parent::Present { stored: 1, current: 1 };
    SessionFacts {
        id: SessionId::from_bytes([1; 16]),
        browser: BrowserId::from_bytes([2; 16]),
        user: UserId::from_bytes([3; 16]),
        username: Some("ada".into()),
        authentication: Authentication::by_password(NOW),
        last_seen_at: NOW,
        expires_at: NOW.plus(Seconds(604_800)),
        ended_at: None,
        user_parent: present,
        tenant_parent: present,
    }
}
