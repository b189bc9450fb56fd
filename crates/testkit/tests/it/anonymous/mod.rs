//! What callers without a credential can make the server do, at the limits that an operator has who says nothing: each
//! network has its share, and one that floods takes nothing from the others. On both engines, at the root and in a tenant.

mod authorizations;
mod guesses;
mod letters;
mod sweeping;

use http::{Request, header};
use writ_core::change::Origin;
use writ_core::claims::AcrDemand;
use writ_core::client::ClientKind;
use writ_core::secret::Presented;
use writ_core::settings::{Switch, TenantSettings};
use writ_server::call::fault::Fault;
use writ_server::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use writ_testkit::postgres::fresh_database;
use writ_testkit::{Answer, Engine, TestServer, TestTenant, form};

use crate::flow::CALLBACK;

/// The network that floods.
const CROWD: &str = "203.0.113.5";
/// Somebody else's.
const ELSEWHERE: &str = "198.51.100.9";
const RIGHT: &str = "a long enough password";

/// Where a test runs.
const PLACES: [(Engine, &str); 4] = [
    (Engine::Sqlite, "default"),
    (Engine::Sqlite, "acme"),
    (Engine::Postgres, "default"),
    (Engine::Postgres, "acme"),
];

/// A server with its limits, and a tenant where people may register, with an application.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
}

impl Stage {
    async fn at((engine, slug): (Engine, &str)) -> Self {
        let builder = TestServer::builder().rate_limits();
        let server = match engine {
            Engine::Sqlite => builder.start().await,
            Engine::Postgres => builder.database(&fresh_database().await.unwrap()).start().await,
        };
        let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
        let tenant = match slug {
            "default" => server.default_tenant(),
            slug => server.tenant_with(slug, settings).await,
        };
        server
            .client("app")
            .of(&tenant)
            .kind(ClientKind::Web)
            .grants(&[writ_core::client::GrantType::AuthorizationCode])
            .scope("openid read")
            .redirect(CALLBACK)
            .create()
            .await;
        Self { server, tenant }
    }

    /// A path of the tenant.
    fn path(&self, path: &str) -> String {
        if self.tenant.slug == "default" { path.to_owned() } else { self.tenant.path(path) }
    }

    async fn get_from(&self, peer: &str, path: &str) -> Answer {
        self.server.request_from(peer, Request::get(self.path(path)).body("").unwrap()).await
    }

    async fn post_from(&self, peer: &str, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(self.path(path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.server.request_from(peer, request.body(form(pairs)).unwrap()).await
    }

    /// Tries a password from there.
    async fn try_password(&self, name: &str, password: &str, origin: Origin) -> Result<(), Fault> {
        let tenant = self.server.app.store.tenant_by_id(self.tenant.id).await.unwrap().unwrap();
        let password = Presented::new(password.to_owned());
        let attempt = PasswordAttempt {
            tenant: &tenant,
            username: name,
            password: &password,
            origin: &origin,
            purpose: PasswordPurpose::SignIn(AcrDemand::Nothing),
        };
        self.server.app.check_password(&attempt).await.map(drop)
    }
}

fn from(peer: &str) -> Origin {
    Origin { ip: peer.parse().ok(), ..Origin::default() }
}
