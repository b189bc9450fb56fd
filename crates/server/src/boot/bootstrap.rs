//! The first start: a tenant, an administrator, a management client and an API key, and the file
//! that tells the operator of them.
//!
//! The file is written before the rows are committed and gets its name after: a crash in between
//! leaves either nothing, or rows whose secrets stand in a file that the next start names.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde::Serialize;
use writ_core::authority::Permissions;
use writ_core::base62;
use writ_core::change::{Action, Change, Changes, Enabled, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, ClientSecret, GrantType, GrantTypes, Naming, NewClient, Party, Prefix,
    Registration, SecretHash, TokenPolicy,
};
use writ_core::decision::{Moment, Random};
use writ_core::form::encode_component;
use writ_core::ids::{ApiKeyId, ClientId, SecretId, TenantId, UserId};
use writ_core::networks::AllowList;
use writ_core::people::password::prepared;
use writ_core::people::{is_address, username_is_valid};
use writ_core::reason::Reason;
use writ_core::scene::Scene;
use writ_core::scope::Scope;
use writ_core::secret::HashKey;
use writ_core::tenant::{DEFAULT_SLUG, NewTenant, TenantSettings};
use writ_core::time::Micros;
use writ_core::user::{API_KEY_PREFIX, ApiKey, NewApiKey, NewUser};
use writ_jose::MasterKey;
use writ_store::{CommitError, Store};
use zeroize::Zeroizing;

use crate::config::{Environment, Every, Flags, Settings};
use crate::passwords;
use crate::reasons;
use crate::state::master_key::sync_folder;

/// What the sealed hash key is bound to.
pub const HASH_KEY_CONTEXT: &[u8] = b"writ hash key";

const FILE: &str = "bootstrap.json";
const UNFINISHED: &str = "bootstrap.json.tmp";
const CLIENT_SECRET_PREFIX: &str = "csec_";
/// Characters of a client secret that somebody else chose, at the least: kept under argon2id.
const CHOSEN_SECRET: usize = 8;
/// Characters of an API key that somebody else chose, prefix included: kept under a fast keyed hash.
const CHOSEN_KEY: usize = 24;

/// Values to take instead of generated ones: `WRIT_BOOTSTRAP_…`.
#[derive(Default)]
pub struct BootstrapValues {
    /// `WRIT_BOOTSTRAP_TENANT_ID`: a UUID.
    pub tenant_id: Option<TenantId>,
    /// `WRIT_BOOTSTRAP_ADMIN_USERNAME`.
    pub admin_username: Option<String>,
    /// `WRIT_BOOTSTRAP_ADMIN_PASSWORD`.
    pub admin_password: Option<Zeroizing<String>>,
    /// `WRIT_BOOTSTRAP_CLIENT_ID`.
    pub client_id: Option<String>,
    /// `WRIT_BOOTSTRAP_CLIENT_SECRET`.
    pub client_secret: Option<Zeroizing<String>>,
    /// `WRIT_BOOTSTRAP_API_KEY`.
    pub api_key: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for BootstrapValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BootstrapValues")
    }
}

impl BootstrapValues {
    /// From the environment; `…_FILE` names a file to read instead.
    ///
    /// # Errors
    /// A value that cannot be used, named by its variable.
    pub fn from_environment() -> anyhow::Result<Self> {
        let settings = Settings::gather(&Flags::<Every>::default(), &Environment::of_process());
        let read = |name: &str| settings.revealed(&format!("bootstrap_{name}"));
        let plain = |name: &str| anyhow::Ok(read(name)?.map(|text| text.to_string()));
        let tenant_id = plain("tenant_id")?
            .map(|text| {
                let id = TenantId::parse_uuid(&text).or_else(|| TenantId::parse_prefixed(&text));
                id.with_context(|| format!("WRIT_BOOTSTRAP_TENANT_ID is {text}, which is not a UUID"))
            })
            .transpose()?;
        let values = Self {
            tenant_id,
            admin_username: plain("admin_username")?,
            admin_password: read("admin_password")?,
            client_id: plain("client_id")?,
            client_secret: read("client_secret")?,
            api_key: read("api_key")?,
        };
        values.check()?;
        Ok(values)
    }

    fn check(&self) -> anyhow::Result<()> {
        let long_enough = |name: &str, value: &Option<Zeroizing<String>>, least: usize| match value {
            Some(value) if value.len() < least => {
                bail!(
                    "WRIT_BOOTSTRAP_{name} is too short: take {least} characters or more, from a random source"
                )
            }
            Some(value) if value.len() > 256 || value.chars().any(char::is_control) => {
                bail!("WRIT_BOOTSTRAP_{name} must have 256 characters at the most and no control characters")
            }
            Some(_) | None => Ok(()),
        };
        long_enough("CLIENT_SECRET", &self.client_secret, CHOSEN_SECRET)?;
        long_enough("API_KEY", &self.api_key, CHOSEN_KEY)?;
        if self.api_key.as_ref().is_some_and(|key| !key.starts_with(API_KEY_PREFIX)) {
            bail!(
                "WRIT_BOOTSTRAP_API_KEY must begin with {API_KEY_PREFIX}: that is how a key is told from a token"
            );
        }
        if self.admin_username.as_ref().is_some_and(|name| !username_is_valid(name)) {
            bail!("WRIT_BOOTSTRAP_ADMIN_USERNAME must be {}", reasons::reason(&Reason::UsernameRule));
        }
        if self.admin_password.as_ref().is_some_and(|password| password.chars().count() < 8) {
            bail!("WRIT_BOOTSTRAP_ADMIN_PASSWORD is too short: take 8 characters or more");
        }
        let client_id_is_plain =
            |id: &String| (1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        if self.client_id.as_ref().is_some_and(|id| !client_id_is_plain(id)) {
            bail!("WRIT_BOOTSTRAP_CLIENT_ID must be 1 to 255 printable ASCII characters without spaces");
        }
        Ok(())
    }
}

/// What a first start needs.
pub struct Bootstrap<'a> {
    /// The base URL.
    pub base: &'a str,
    /// Values to take instead of generated ones.
    pub values: &'a BootstrapValues,
    /// What the client and its secret are called.
    pub naming: &'a Naming,
    /// When.
    pub now: Micros,
    /// The source of ids and secrets.
    pub random: &'a dyn Random,
    /// What the hash key is sealed under.
    pub master_key: &'a MasterKey,
}

/// The file's content.
#[derive(Serialize)]
struct Document<'a> {
    issuer: &'a str,
    tenant_id: String,
    admin: Admin<'a>,
    client: ClientCredential<'a>,
    api_key: &'a str,
}

#[derive(Serialize)]
struct Admin<'a> {
    username: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
struct ClientCredential<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

/// What was made; the secrets in it are shown once.
pub struct Bootstrapped {
    /// Where the file is.
    pub file: PathBuf,
    base: String,
    secrets: BootstrapSecrets,
}

struct BootstrapSecrets {
    username: String,
    password: Zeroizing<String>,
    /// The client's row; a generated `client_id` is named after it.
    client: ClientId,
    client_id: String,
    client_secret: Zeroizing<String>,
    api_key: Zeroizing<String>,
}

impl std::fmt::Debug for Bootstrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bootstrapped").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Bootstrapped {
    /// Tells the operator: on a terminal everything, once; elsewhere only where the file is.
    ///
    /// # Errors
    /// Those of the output.
    pub fn announce(&self, out: &mut impl Write, terminal: bool) -> std::io::Result<()> {
        if !terminal {
            return writeln!(out, "First start: the credentials are in {}", self.file.display());
        }
        let BootstrapSecrets { username, password, client: _, client_id, client_secret, api_key } =
            &self.secrets;
        let (base, file) = (&self.base, self.file.display());
        // RFC 6749 §2.3.1: each half is form-urlencoded before it becomes Basic.
        let user =
            shell_quoted(&format!("{}:{}", encode_component(client_id), encode_component(client_secret)));
        let (password, client_secret, api_key) =
            (password.as_str(), client_secret.as_str(), api_key.as_str());
        write!(
            out,
            "\n  Writ is ready at {base}\n\n  \
             These are shown once, and kept in {file} (for you alone):\n\n    \
             administrator  {username}  {password}\n    \
             client         {client_id}  {client_secret}\n    \
             API key        {api_key}\n\n  \
             A first token:\n\n    \
             curl -u {user} -d grant_type=client_credentials {base}/oauth2/token\n\n"
        )
    }
}

/// Quotes for a shell only what needs it.
fn shell_quoted(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-:.@".contains(&b)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Makes the first rows and the file. `None`: another process was faster.
///
/// # Errors
/// Texts for the operator.
pub async fn run(store: &Store, folder: &Path, first: Bootstrap<'_>) -> anyhow::Result<Option<Bootstrapped>> {
    let secrets = secrets(&first);
    let tenant = first.values.tenant_id.unwrap_or_else(|| TenantId::v7(first.now, first.random.bits()));
    let document = Document {
        issuer: first.base,
        tenant_id: tenant.to_string(),
        admin: Admin { username: &secrets.username, password: &secrets.password },
        client: ClientCredential { client_id: &secrets.client_id, client_secret: &secrets.client_secret },
        api_key: &secrets.api_key,
    };
    write_unfinished(folder, &document)?;
    let changes = changes(&first, tenant, &secrets)?;
    match store.commit(changes).await {
        Ok(_) => {}
        Err(CommitError::Guard | CommitError::Conflict(_)) => {
            discard_unfinished(folder)?;
            return Ok(None);
        }
        Err(error) => return Err(error).context("the first rows could not be written"),
    }
    finish(folder)?;
    Ok(Some(Bootstrapped { file: folder.join(FILE), base: first.base.to_owned(), secrets }))
}

fn secrets(first: &Bootstrap<'_>) -> BootstrapSecrets {
    let generate = |prefix: &str| {
        let mut bytes = Zeroizing::new([0u8; 32]);
        first.random.fill(&mut *bytes);
        Zeroizing::new(format!("{prefix}{}", base62::random_text(&bytes)))
    };
    let values = first.values;
    let drawn = ClientId::v7(first.now, first.random.bits());
    // A chosen `client_id` of the default form names its row too.
    let client = values.client_id.as_deref().and_then(ClientId::parse_prefixed).unwrap_or(drawn);
    BootstrapSecrets {
        username: values.admin_username.clone().unwrap_or_else(|| "admin@localhost".to_owned()),
        password: values.admin_password.clone().unwrap_or_else(|| {
            let mut bytes = Zeroizing::new([0u8; 16]);
            first.random.fill(&mut *bytes);
            Zeroizing::new(base62::random_text(&bytes))
        }),
        client,
        client_id: values
            .client_id
            .clone()
            .unwrap_or_else(|| format!("{}{}", first.naming.id_prefix, client.crockford())),
        client_secret: values.client_secret.clone().unwrap_or_else(|| generate(secret_prefix(first))),
        api_key: values.api_key.clone().unwrap_or_else(|| generate(API_KEY_PREFIX)),
    }
}

/// What a generated secret of the client begins with.
fn secret_prefix<'a>(first: &Bootstrap<'a>) -> &'a str {
    first.naming.secret_prefix.as_ref().map_or(CLIENT_SECRET_PREFIX, Prefix::as_str)
}

fn changes(first: &Bootstrap<'_>, tenant: TenantId, secrets: &BootstrapSecrets) -> anyhow::Result<Changes> {
    let Bootstrap { now, random, .. } = *first;
    let mut key = Zeroizing::new([0u8; 32]);
    random.fill(&mut *key);
    let sealed_hash_key = first.master_key.seal(HASH_KEY_CONTEXT, &*key)?;
    let hash_key = HashKey::new(key);
    let operator: Scope =
        Scope::parse(&Permissions::all().names().collect::<Vec<_>>().join(" ")).unwrap_or_default();

    let hash = match first.values.client_secret {
        None => SecretHash::Keyed(hash_key.hash(&secrets.client_secret)),
        // Somebody else chose it: how good it is nobody knows.
        Some(_) => SecretHash::Slow(passwords::hash(&secrets.client_secret, random)?.into()),
    };
    let usual = secret_prefix(first);
    let prefix = if secrets.client_secret.starts_with(usual) { usual } else { "" };
    let secret = ClientSecret {
        id: SecretId::v7(now, random.bits()),
        hash,
        prefix: prefix.into(),
        last_four: last_four(&secrets.client_secret),
        created_at: now,
        expires_at: None,
    };
    let new_client = NewClient {
        client: Client {
            id: secrets.client,
            tenant,
            client_id: secrets.client_id.as_str().into(),
            name: "Management client".into(),
            kind: ClientKind::Machine,
            auth_method: AuthMethod::AnySecret,
            grant_types: GrantTypes::new([GrantType::ClientCredentials]),
            scope: operator,
            tokens: TokenPolicy::default(),
            secrets: vec![secret],
            party: Party::Third,
            enabled: Enabled::Yes,
            version: 1,
        },
        registration: Registration {
            description: Some("Made at the first start, for the server's operator".into()),
            ..Registration::at(now)
        },
    };
    let user = NewUser {
        id: UserId::v7(now, random.bits()),
        tenant,
        username: secrets.username.as_str().into(),
        email: is_address(&secrets.username).then(|| secrets.username.as_str().into()),
        name: Some("Administrator".into()),
        // Whoever starts the server vouches for their own address.
        email_verified_at: Some(now).filter(|_| is_address(&secrets.username)),
        password_hash: Some(passwords::hash(&prepared(&secrets.password), random)?.into()),
        roles: vec!["admin".into()],
        created_at: now,
    };
    let api_key = NewApiKey {
        key: ApiKey {
            id: ApiKeyId::v7(now, random.bits()),
            tenant,
            name: Arc::from("Bootstrap key"),
            permissions: Permissions::all(),
            expires_at: None,
            networks: AllowList::default(),
        },
        hash: hash_key.hash(&secrets.api_key),
        last_four: last_four(&secrets.api_key),
        created_at: now,
    };
    let new_tenant = NewTenant {
        id: tenant,
        slug: DEFAULT_SLUG.into(),
        name: "Default".into(),
        settings: TenantSettings::default(),
        created_at: now,
    };
    let scene = Scene::of_system(tenant, Moment { now, random });
    Ok(scene
        .unit(Action::ServerInitialised, Target::Server)
        .with(Change::Initialise { at: now, sealed_hash_key })
        .with(Change::CreateTenant(Box::new(new_tenant)))
        .with(Change::CreateUser(Box::new(user)))
        .with(Change::CreateClient(Box::new(new_client)))
        .with(Change::CreateApiKey(Box::new(api_key))))
}

fn last_four(secret: &str) -> Box<str> {
    let tail: Vec<char> = secret.chars().rev().take(4).collect();
    tail.into_iter().rev().collect::<String>().into()
}

fn write_unfinished(folder: &Path, document: &Document<'_>) -> anyhow::Result<()> {
    let path = folder.join(UNFINISHED);
    let write = || -> anyhow::Result<()> {
        let text = Zeroizing::new(serde_json::to_string_pretty(document)?);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        sync_folder(&path)?;
        Ok(())
    };
    write().with_context(|| format!("{} could not be written", path.display()))
}

/// Gives the file its name, once the rows are there.
///
/// # Errors
/// Those of the file system, with the file's name.
pub fn finish(folder: &Path) -> anyhow::Result<()> {
    let from = folder.join(UNFINISHED);
    let to = folder.join(FILE);
    match std::fs::rename(&from, &to) {
        Ok(()) => sync_folder(&to).with_context(|| format!("{} could not be written", to.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{} could not be written", to.display())),
    }
}

/// Removes the file of a first start that never got to its rows.
///
/// # Errors
/// Those of the file system, with the file's name.
pub fn discard_unfinished(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(UNFINISHED);
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{} could not be removed", path.display())),
    }
}
