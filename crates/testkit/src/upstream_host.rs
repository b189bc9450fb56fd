//! Another identity provider: https on this machine, saying of people what a test wants, and counting.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use writ_jose::{Algorithm, JwtType, SigningKey};
use writ_server::outbound::{Loopback, OutboundSettings};

/// What it says, and what it has heard.
#[derive(Debug, Default)]
struct Desk {
    /// By path: the status, and the body; nothing: it takes the call and says nothing.
    says: BTreeMap<String, Option<(u16, String)>>,
    heard: Vec<HeardCall>,
}

/// A call that it has taken.
#[derive(Debug, Clone)]
pub struct HeardCall {
    /// The path.
    pub path: String,
    /// The head, as it came.
    pub head: String,
    /// The body.
    pub body: String,
}

/// The provider.
#[derive(Debug)]
pub struct UpstreamHost {
    /// Its issuer.
    pub issuer: String,
    ca: Vec<u8>,
    key: SigningKey,
    desk: Arc<Mutex<Desk>>,
}

fn open(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UpstreamHost {
    /// One that speaks OpenID Connect, with its metadata and keys in place.
    pub async fn start() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("TLS");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let issuer = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        let desk: Arc<Mutex<Desk>> = Arc::default();
        let (acceptor, shared) = (TlsAcceptor::from(Arc::new(config)), Arc::clone(&desk));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever calls may hang up.
                tokio::spawn(answer(acceptor.clone(), stream, Arc::clone(&shared)));
            }
        });
        let key = SigningKey::generate(Algorithm::Es256).expect("a key");
        let host = Self { issuer, ca: cert.pem().into_bytes(), key, desk };
        host.says("/.well-known/openid-configuration", 200, &host.metadata());
        host.says("/keys", 200, &host.keys());
        host
    }

    /// Its metadata.
    pub fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/keys"),
        })
    }

    /// Its keys.
    pub fn keys(&self) -> Value {
        let jwk: Value = serde_json::from_str(&self.key.public_jwk().to_json()).expect("JSON");
        json!({ "keys": [jwk] })
    }

    /// It says this at a path from now on.
    pub fn says(&self, path: &str, status: u16, body: &Value) {
        open(&self.desk).says.insert(path.to_owned(), Some((status, body.to_string())));
    }

    /// It says nothing at a path any more, and takes calls all the same.
    pub fn hangs(&self, path: &str) {
        open(&self.desk).says.insert(path.to_owned(), None);
    }

    /// The calls at a path so far.
    pub fn heard(&self, path: &str) -> Vec<HeardCall> {
        open(&self.desk).heard.iter().filter(|call| call.path == path).cloned().collect()
    }

    /// An ID token with these claims, signed with its key.
    pub fn signed(&self, claims: &Value) -> String {
        self.key.sign_compact(JwtType::IdToken, claims.to_string().as_bytes()).expect("a signature")
    }

    /// The next code is redeemed for this person: `claims` stand beside the usual ones.
    pub fn knows(&self, (client_id, nonce, now): (&str, &str, i64), claims: &Value) {
        let mut all = json!({
            "iss": self.issuer, "aud": client_id, "sub": "upstream-ada", "exp": now + 300, "iat": now, "nonce": nonce,
        });
        let members = claims.as_object().expect("an object");
        all.as_object_mut().expect("an object").extend(members.clone());
        self.says("/userinfo", 200, &json!({ "sub": all.get("sub") }));
        self.gives(&self.signed(&all));
    }

    /// The next code is redeemed for this ID token.
    pub fn gives(&self, id_token: &str) {
        let body = json!({ "access_token": "upstream-token", "token_type": "Bearer", "id_token": id_token });
        self.says("/token", 200, &body);
    }

    /// What a server is started with that may come here.
    pub fn settings(&self) -> OutboundSettings {
        OutboundSettings { loopback: Loopback::Allowed, extra_ca: Some(self.ca.clone()) }
    }

    /// The same, where it may come to another one too.
    pub fn settings_with(&self, other: &Self) -> OutboundSettings {
        let both = [&*self.ca, b"\n", &*other.ca].concat();
        OutboundSettings { loopback: Loopback::Allowed, extra_ca: Some(both) }
    }
}

async fn answer(acceptor: TlsAcceptor, stream: TcpStream, desk: Arc<Mutex<Desk>>) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let says = {
        let mut desk = open(&desk);
        let says = desk.says.get(&path).cloned().unwrap_or_else(|| Some((404, String::new())));
        desk.heard.push(HeardCall { path, head, body });
        says
    };
    match says {
        Some((status, body)) => {
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        None => std::future::pending().await,
    }
    stream.shutdown().await
}
