//! The real binary as a process: what only killing, restarting and starving it can show.

mod arguments;
mod backups;
mod configuration;
mod disk_full;
mod doctor;
mod durability;
mod first_start;
mod master_keys;
mod memory;
mod operations;
mod paces;
mod sign_outs;
mod systemd;

use std::io::Write as _;
use std::path::Path;

use writ_core::change::{Act, Action, Actor, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, ClientSecret, GrantType, GrantTypes, NewClient, Party, Registration,
    SecretHash, TokenFormat, TokenPolicy,
};
use writ_core::decision::Random as _;
use writ_core::ids::{AuditId, ClientId, SecretId};
use writ_core::scope::Scope;
use writ_core::secret::HashKey;
use writ_core::tenant::DEFAULT_SLUG;
use writ_server::boot::bootstrap::HASH_KEY_CONTEXT;
use writ_server::state::clock::{Clock as _, SystemClock, SystemSource};
use writ_server::state::master_key;
use writ_store::{SqliteOptions, Store};
use writ_testkit::process::{Answer, Http};

/// A client's credential as form parameters.
#[derive(Debug, Clone)]
pub(crate) struct Credential(pub(crate) String);

impl Credential {
    /// A token of this client; panics unless the answer is a 200.
    pub(crate) fn token(&self, http: &mut Http) -> String {
        let answer = self.ask(http).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.text("access_token")
    }

    pub(crate) fn ask(&self, http: &mut Http) -> std::io::Result<Answer> {
        http.post("/oauth2/token", &format!("grant_type=client_credentials&{}", self.0))
    }

    pub(crate) fn revoke(&self, http: &mut Http, token: &str) -> std::io::Result<Answer> {
        http.post("/oauth2/revoke", &format!("token={token}&{}", self.0))
    }

    /// Whether introspection says that the token is live; panics unless it answers.
    pub(crate) fn active(&self, http: &mut Http, token: &str) -> bool {
        let answer = http.post("/oauth2/introspect", &format!("token={token}&{}", self.0)).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        if answer.body == "{\"active\":false}" {
            return false;
        }
        assert!(answer.body.starts_with("{\"active\":true,"), "{}", answer.body);
        true
    }
}

/// Writes a client whose tokens are opaque into the folder of a server that does not run.
fn opaque_client(folder: &Path) -> Credential {
    const NAME: &str = "opaque-client";
    const SECRET: &str = "csec_not_secret_at_all";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open_sqlite(&SqliteOptions::new(folder)).unwrap();
        let tenant = store.tenant_by_slug(DEFAULT_SLUG).await.unwrap().unwrap().id;
        let sealed = store.sealed_hash_key().await.unwrap().unwrap();
        let opened = master_key::load_or_make(folder, true).unwrap().open(HASH_KEY_CONTEXT, &sealed).unwrap();
        let key = HashKey::new(<[u8; 32]>::try_from(opened.as_slice()).unwrap().into());
        let (now, random) = (SystemClock::default().now(), SystemSource::default());
        let id = ClientId::v7(now, random.bits());
        let secret = ClientSecret {
            id: SecretId::v7(now, random.bits()),
            hash: SecretHash::Keyed(key.hash(SECRET)),
            prefix: "csec_".into(),
            last_four: "_all".into(),
            created_at: now,
            expires_at: None,
        };
        let client = Client {
            id,
            tenant,
            client_id: NAME.into(),
            name: "Opaque".into(),
            kind: ClientKind::Machine,
            auth_method: AuthMethod::AnySecret,
            grant_types: GrantTypes::new([GrantType::ClientCredentials]),
            scope: Scope::parse("read").unwrap(),
            tokens: TokenPolicy { format: TokenFormat::Opaque, ..TokenPolicy::default() },
            secrets: vec![secret],
            party: Party::Third,
            enabled: Enabled::Yes,
            version: 1,
        };
        let act = Act {
            id: AuditId::v7(now, random.bits()),
            at: now,
            tenant,
            actor: Actor::System,
            action: Action::ClientCreated,
            target: Target::Client(id),
            origin: Origin::default(),
        };
        let made = Change::CreateClient(Box::new(NewClient { client, registration: Registration::at(now) }));
        store.commit(Changes::new(act).with(made)).await.unwrap();
        store.close();
    });
    Credential(format!("client_id={NAME}&client_secret={SECRET}"))
}

/// Says something past the capture of the test harness: figures, and what could not be had here.
pub(crate) fn aloud(text: &str) {
    let mut standard_error = std::io::stderr();
    writeln!(standard_error, "{text}").unwrap();
}

/// The database of a server in a folder.
pub(crate) fn database(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("writ.db")).unwrap()
}

/// A pseudo-random sequence that a failure message can name (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
