//! RFC 7523 §2.2 and §3, with RFC 7521 §4.2: a client proves itself with an assertion that it has signed, under its secret
//! or under a key of its own.

mod door;
mod jwks_uri;
mod once;
mod registration;

use std::sync::atomic::{AtomicU32, Ordering};

use http::{Request, header};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_jose::{Algorithm, SigningKey};
use writ_testkit::{Answer, Credential, TestServer, TestTenant};

use crate::signing::{manage, set, signed};

const CLIENTS: &str = "/api/v1/clients";

/// What signs.
pub(crate) enum By {
    Key(Box<SigningKey>),
    Secret(String),
}

/// A client that signs, as its developer knows it.
pub(crate) struct Party {
    client_id: String,
    issuer: String,
    /// What stands before a path of its tenant.
    place: String,
    by: By,
    now: i64,
}

/// A machine with this method, and what else is sent of it.
async fn machine(server: &TestServer, tenant: &TestTenant, method: &str, more: &Value) -> Value {
    let mut body = json!({
        "client_name": "Job", "grant_types": ["client_credentials"], "scope": "read",
        "token_endpoint_auth_method": method,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    manage(server, tenant, ("POST", CLIENTS), &body).await.expect(201).json()
}

impl Party {
    /// A client with a key or a secret of its own, in the first tenant where none is named.
    pub(crate) async fn made(server: &TestServer, tenant: Option<&TestTenant>, method: &str) -> Self {
        let first = server.default_tenant();
        let (tenant, place) = match tenant {
            Some(tenant) => (tenant, tenant.path("")),
            None => (&first, String::new()),
        };
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let more = if method == "private_key_jwt" { json!({ "jwks": set(&[&key]) }) } else { json!({}) };
        let made = machine(server, tenant, method, &more).await;
        let by = match made["client_secret"].as_str() {
            Some(secret) => By::Secret(secret.to_owned()),
            None => By::Key(Box::new(key)),
        };
        Self::of(server, tenant, &made).at(&place).with(by)
    }

    /// A client as it was made; it has nothing to sign with.
    fn of(server: &TestServer, tenant: &TestTenant, made: &Value) -> Self {
        Self {
            client_id: made["client_id"].as_str().unwrap().to_owned(),
            issuer: tenant.issuer.clone(),
            place: String::new(),
            by: By::Secret(String::new()),
            now: server.app.clock.now().as_secs(),
        }
    }

    fn at(self, place: &str) -> Self {
        Self { place: place.to_owned(), ..self }
    }

    fn with(self, by: By) -> Self {
        Self { by, ..self }
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.place)
    }

    fn url(&self) -> String {
        format!("{CLIENTS}/{}", self.client_id)
    }

    /// What a good assertion says, with a `jti` of its own.
    fn claims(&self) -> Value {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer,
            "exp": self.now + 60, "iat": self.now, "jti": NEXT.fetch_add(1, Ordering::Relaxed).to_string(),
        })
    }

    /// A good assertion.
    pub(crate) fn assertion(&self) -> String {
        self.saying(&self.claims())
    }

    /// An assertion that says this.
    fn saying(&self, claims: &Value) -> String {
        match &self.by {
            By::Key(key) => signed(key, &json!({ "alg": key.algorithm().name(), "kid": key.kid() }), claims),
            By::Secret(secret) => {
                let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
                jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
            }
        }
    }

    /// A good assertion in which one claim is another; null: is missing.
    fn but(&self, name: &str, value: &Value) -> String {
        let mut claims = self.claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
        self.saying(&claims)
    }

    async fn token_by(&self, server: &TestServer, assertion: String) -> Answer {
        let by = Credential::Assertion(assertion);
        server.post(&self.path("/oauth2/token"), by, &[("grant_type", "client_credentials")]).await
    }

    async fn token(&self, server: &TestServer) -> Answer {
        self.token_by(server, self.assertion()).await
    }
}

/// The reasons for which a client was refused, as the operator finds them, newest first.
async fn reasons(server: &TestServer, tenant: &TestTenant) -> Vec<String> {
    server.app.store.flush_last_notes(tenant.id).await.unwrap();
    let key = server.api_key(tenant, &[Permission::AuditRead], None).await;
    let path = "/api/v1/audit-logs?action=authentication.refused";
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {key}"));
    let found = server.request(request.body("").unwrap()).await.expect(200).json();
    let rows = found["audit_logs"].as_array().unwrap().iter();
    rows.map(|row| row["details"]["reason"].as_str().unwrap().to_owned()).collect()
}

/// Both methods, at the root and below a tenant's path.
async fn everywhere(server: &TestServer) -> Vec<Party> {
    everywhere_in(server, &server.tenant("acme").await).await
}

/// The same, where the tenant is there already.
async fn everywhere_in(server: &TestServer, acme: &TestTenant) -> Vec<Party> {
    let mut parties = Vec::new();
    for method in ["client_secret_jwt", "private_key_jwt"] {
        parties.push(Party::made(server, None, method).await);
        parties.push(Party::made(server, Some(acme), method).await);
    }
    parties
}
