//! How each change becomes SQL. No other place knows.

mod clients;
mod factors;
mod flow;
mod groups;
mod logouts;
mod registering;
mod resources;
mod scopes;
mod upstream;

pub(crate) use logouts::{Ended, tell};
pub(crate) use scopes::between_spaces;

use writ_core::change::{Act, Actor, Change, Details, Outcome, Rewrap, Target, TokensOf};
use writ_core::confirmation::Confirmation;
use writ_core::encryption_key::{NewEncryptionKey, OldKey, Replacement};
use writ_core::ids::TenantId;
use writ_core::key::{KeySchedule, NewSigningKey};
use writ_core::look::{PictureChange, PictureName};
use writ_core::people;
use writ_core::role::NewRole;
use writ_core::subject::Subject;
use writ_core::tenant::NewTenant;
use writ_core::time::{Micros, Seconds};
use writ_core::token::NewAccessToken;
use writ_core::user::{NewApiKey, NewUser};

use crate::sql::Sql;
use crate::statements as sql;
use crate::value::{Step, Value};

fn push_picture(change: PictureChange, steps: &mut Vec<Step>) {
    match change {
        PictureChange::Keep { tenant, picture, at } => {
            let content = picture.content.to_vec();
            let values = [picture.name.as_str().to_owned().into(), tenant.into(), content.into(), at.into()];
            steps.push(Step::new(&sql::PICTURE_INSERT, values).detail());
        }
        PictureChange::KeepOnly { tenant, names } => {
            let name = |name: Option<PictureName>| {
                Value::from(name.map(|name| name.as_str().to_owned()).unwrap_or_default())
            };
            let [before, after] = names;
            let ([one, two, three], [four, five, six]) = (before.map(name), after.map(name));
            let values = [tenant.into(), one, two, three, four, five, six];
            steps.push(Step::new(&sql::PICTURES_KEEP_ONLY, values).detail());
        }
    }
}

/// The name under which the hash key is kept; its presence means "initialised".
pub(crate) const HASH_KEY: &str = "hash_key";

/// The steps of a unit of this time: each change's, then the audit record, where it is written in the unit.
pub(crate) fn steps(changes: Vec<Change>, at: Micros, record: Option<Step>) -> Vec<Step> {
    let mut steps = Vec::with_capacity(changes.len() + 1);
    for change in changes {
        push(change, at, &mut steps);
    }
    steps.extend(record);
    steps
}

#[expect(clippy::too_many_lines, reason = "an arm a change: the closed list stands in one place")]
fn push(change: Change, now: Micros, steps: &mut Vec<Step>) {
    match change {
        Change::Initialise { at: _, sealed_hash_key } => {
            steps.push(Step::new(&sql::META_PUT_ONCE, [HASH_KEY.into(), sealed_hash_key.into()]).guarded());
        }
        Change::Rewrap(rewrap) => push_rewrap(*rewrap, steps),
        Change::CreateTenant(new) => steps.push(tenant(*new)),
        Change::EndTenantTokens { tenant } => {
            steps.push(Step::new(&sql::TENANT_END_TOKENS, [tenant.into()]).guarded());
            tell(Ended::Tenant(tenant), now, steps);
        }
        Change::CreateClient(new) => clients::push_client(*new, steps),
        Change::Picture(change) => push_picture(change, steps),
        Change::Registering(change) => registering::push(change, steps),
        Change::UpdateClient(update) => clients::push_update(*update, steps),
        Change::SetClientLogo(update) => clients::push_logo(*update, steps),
        Change::SetClientEnabled { client, tenant, enabled, at } => steps.push(
            Step::new(
                &sql::CLIENT_SET_ENABLED,
                [client.into(), tenant.into(), enabled.is_yes().into(), at.into()],
            )
            .guarded(),
        ),
        Change::DeleteClient { client, tenant, only } => {
            clients::push_deletion((client, tenant), only, steps);
        }
        Change::EndClientTokens { client, tenant } => {
            steps.push(Step::new(&sql::CLIENT_END_TOKENS, [client.into(), tenant.into()]).guarded());
        }
        Change::AddClientSecret { client, tenant, version, secret } => {
            clients::push_secret((client, tenant), version, *secret, steps);
        }
        Change::EndClientSecret { secret, client, tenant, end, at } => {
            steps.push(clients::touch(client, tenant, at));
            let values = [secret.into(), client.into(), end.into()];
            steps.push(Step::new(&sql::CLIENT_SECRET_END, values).guarded());
        }
        Change::RemoveClientSecret { secret, client, tenant, at } => {
            steps.push(clients::touch(client, tenant, at));
            steps.push(Step::new(&sql::CLIENT_SECRET_DELETE, [secret.into(), client.into()]).guarded());
        }
        Change::RegisterScopes(scopes) => scopes::push_registered(scopes, steps),
        Change::CreateScope(new) => steps.push(scopes::created(*new)),
        Change::UpdateScope(update) => scopes::push_update(*update, steps),
        Change::DeleteScope(removal) => scopes::push_removal(*removal, steps),
        Change::Resource(change) => resources::push(change, steps),
        Change::People(change) => crate::people::push(change, steps),
        Change::Factor(change) => factors::push(change, steps),
        Change::Upstream(change) => upstream::push(change, steps),
        Change::Group(change) => groups::push(change, steps),
        Change::CreateUser(new) => steps.push(user(*new)),
        Change::SetUserEnabled { user, tenant, enabled, at } => {
            let values = [user.into(), tenant.into(), enabled.is_yes().into(), at.into()];
            steps.push(Step::new(&sql::USER_SET_ENABLED, values).guarded());
            if !enabled.is_yes() {
                tell(Ended::User(user), at, steps);
            }
        }
        Change::SetUserRoles { user, tenant, from, to, at } => {
            let values = [user.into(), tenant.into(), from.join(" ").into(), to.join(" ").into(), at.into()];
            steps.push(Step::new(&sql::USER_SET_ROLES, values).guarded());
        }
        Change::DeleteUser { user, tenant, only } => {
            steps.push(Step::new(&sql::USER_DELETE, [user.into(), tenant.into(), only.into()]).guarded());
            tell(Ended::User(user), now, steps);
            let content = [
                &sql::logouts::USER_DELETE_SESSION_CLIENTS,
                &sql::USER_DELETE_PORTRAIT,
                &sql::flow::USER_DELETE_SESSIONS,
                &sql::flow::USER_DELETE_CONSENTS,
                &sql::LINKS_END_USER,
                &sql::factors::USER_DELETE_CODES,
                &sql::factors::USER_DELETE_FACTORS,
                &sql::factors::USER_DELETE_REMEMBERED,
                &sql::upstream::USER_DELETE_UPSTREAM_LINKS,
                &sql::groups::USER_DELETE_MEMBERSHIPS,
            ];
            for content in content {
                steps.push(Step::new(content, [user.into()]).detail());
            }
        }
        Change::CreateGrant(new) => steps.push(flow::grant(*new)),
        Change::Exchange(new) => flow::push_exchange(&new, steps),
        Change::Flow(change) => flow::push(change, steps),
        Change::EndGrant { grant, tenant, at } => {
            steps.push(Step::new(&sql::GRANT_END, [grant.into(), tenant.into(), at.into()]).guarded());
        }
        Change::CreateApiKey(new) => steps.push(api_key(*new)),
        Change::CreateSigningKey(new) => {
            let tenant = new.tenant;
            steps.push(Step::new(&sql::SIGNING_KEY_INSERT, signing_key(*new)).guarded());
            steps.push(Step::new(&sql::TENANT_TOUCH, [tenant.into()]).detail());
        }
        Change::CreateEncryptionKey(new) => {
            let tenant = new.tenant;
            steps.push(Step::new(&sql::ENCRYPTION_KEY_INSERT, encryption_key(*new)).guarded());
            steps.push(Step::new(&sql::TENANT_TOUCH, [tenant.into()]).detail());
        }
        Change::ReplaceEncryptionKey(replacement) => push_replacement(*replacement, steps),
        Change::EraseEncryptionKeys { tenant, until } => {
            steps.push(Step::new(&sql::ENCRYPTION_KEYS_ERASE, [tenant.into(), until.into()]));
        }
        Change::ScheduleSigningKeys(schedule) => push_schedule(*schedule, steps),
        Change::RaiseKeyLifetime { key, tenant, longest } => {
            let values = [key.into(), tenant.into(), longest.0.into()];
            steps.push(Step::new(&sql::SIGNING_KEY_RAISE, values).guarded());
            steps.push(Step::new(&sql::TENANT_TOUCH, [tenant.into()]).detail());
        }
        Change::UpdateApiKey { to, version } => {
            let values = [
                to.id.into(),
                to.tenant.into(),
                to.name.into(),
                to.permissions.to_bits().into(),
                to.expires_at.into(),
                version.into(),
                to.networks.stored().into(),
            ];
            steps.push(Step::new(&sql::API_KEY_UPDATE, values).guarded());
        }
        Change::DeleteApiKey { key, tenant, only } => {
            steps.push(Step::new(&sql::API_KEY_DELETE, [key.into(), tenant.into(), only.into()]).guarded());
        }
        Change::CreateRole(new) => steps.push(role(*new)),
        Change::UpdateRole { role, tenant, permissions, entitlements, version, at } => {
            let values = [
                role.into(),
                tenant.into(),
                permissions.to_bits().into(),
                version.into(),
                at.into(),
                entitlements.join(" ").into(),
            ];
            steps.push(Step::new(&sql::ROLE_UPDATE, values).guarded());
        }
        Change::DeleteRole { role, tenant, name, version } => {
            let values = [role.into(), tenant.into(), crate::manage::borne(&name).into(), version.into()];
            steps.push(Step::new(&sql::ROLE_DELETE, values).guarded());
        }
        Change::UpdateTenant { tenant, name, settings, enabled, version, at } => {
            let values = [
                tenant.into(),
                name.into(),
                crate::settings::stored(&settings).into(),
                enabled.is_yes().into(),
                version.into(),
                at.into(),
            ];
            steps.push(Step::new(&sql::TENANT_UPDATE, values).guarded());
        }
        Change::DeleteTenant { tenant, only } => {
            steps.push(Step::new(&sql::TENANT_DELETE, [tenant.into(), only.into()]).guarded());
            steps.extend(TENANT_CONTENT.iter().map(|sql| Step::new(sql, [tenant.into()]).detail()));
        }
        Change::Remember(answer) => {
            let values = [
                answer.name.into(),
                answer.tenant.into(),
                answer.request.into(),
                answer.sealed.into(),
                answer.at.into(),
                answer.expires_at.into(),
            ];
            steps.push(Step::new(&sql::REMEMBER, values).guarded().detail());
        }
        Change::UseOnce(used) => {
            let values = [used.name.into(), used.expires_at.into(), used.at.into()];
            steps.push(Step::new(&sql::ASSERTION_USE, values).guarded());
        }
        Change::IssueAccessToken(new) => steps.push(access_token(*new)),
        Change::RevokeAccessToken { token, tenant, client, at, basis } => steps.push(
            Step::new(
                &sql::ACCESS_TOKEN_REVOKE,
                [
                    token.into(),
                    tenant.into(),
                    at.into(),
                    client.into(),
                    basis.client_version.into(),
                    basis.tenant_version.into(),
                ],
            )
            .guarded(),
        ),
        Change::EndAccessToken { token, tenant, at } => {
            steps.push(Step::new(&sql::ACCESS_TOKEN_END, [token.into(), tenant.into(), at.into()]));
        }
        Change::EndFamily { grant, tenant, at } => {
            steps.push(Step::new(&sql::GRANT_END, [grant.into(), tenant.into(), at.into()]));
        }
        Change::EndUserTokens { user, tenant } => {
            steps.push(Step::new(&sql::USER_END_TOKENS, [user.into(), tenant.into()]).guarded());
            tell(Ended::User(user), now, steps);
        }
        Change::EndTokensIssuedBefore { of, tenant, before } => {
            if let TokensOf::Between(client, user) = of {
                flow::end_pending((user, client, tenant), before, steps);
            }
            steps.push(issued_before(of, tenant, before));
            if let TokensOf::User(user) = of {
                steps.push(Step::new(&sql::LINKS_END_USER, [user.into()]).detail());
            }
        }
        Change::EndGrantsBetween { client, user, tenant, at } => {
            // What was decided at this very moment too.
            flow::end_pending((user, client, tenant), at.plus(Seconds(1)), steps);
            let values = [user.into(), client.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::GRANTS_END_BETWEEN, values));
            tell(Ended::Between(user, client), at, steps);
        }
    }
}

fn issued_before(of: TokensOf, tenant: TenantId, before: Micros) -> Step {
    match of {
        TokensOf::Tenant => Step::new(&sql::TENANT_ISSUED_BEFORE, [tenant.into(), before.into()]).guarded(),
        TokensOf::Client(client) => {
            Step::new(&sql::CLIENT_ISSUED_BEFORE, [client.into(), tenant.into(), before.into()]).guarded()
        }
        TokensOf::User(user) => {
            Step::new(&sql::USER_ISSUED_BEFORE, [user.into(), tenant.into(), before.into()]).guarded()
        }
        // However many grants there are between the two, none included.
        TokensOf::Between(client, user) => {
            Step::new(&sql::GRANTS_ISSUED_BEFORE, [user.into(), client.into(), tenant.into(), before.into()])
        }
    }
}

/// What goes with a tenant. Its tokens are dead without it, and swept when their time is over.
const TENANT_CONTENT: [&Sql; 31] = [
    &sql::TENANT_DELETE_PORTRAITS,
    &sql::TENANT_DELETE_PICTURES,
    &sql::logos::TENANT_DELETE_LOGOS,
    &sql::factors::TENANT_DELETE_CODES,
    &sql::factors::TENANT_DELETE_FACTORS,
    &sql::factors::TENANT_DELETE_REMEMBERED,
    &sql::upstream::TENANT_DELETE_UPSTREAM_LINKS,
    &sql::upstream::TENANT_DELETE_PROVIDERS,
    &sql::groups::TENANT_DELETE_MEMBERSHIPS,
    &sql::groups::TENANT_DELETE_GROUP_PARENTS,
    &sql::groups::TENANT_DELETE_GROUPS,
    &sql::logouts::TENANT_DELETE_LOGOUTS,
    &sql::logouts::TENANT_DELETE_SESSION_CLIENTS,
    &sql::flow::TENANT_DELETE_SESSIONS,
    &sql::flow::TENANT_DELETE_CONSENTS,
    &sql::flow::TENANT_DELETE_CONSENT_HISTORY,
    &sql::registering::TENANT_DELETE_REGISTERED,
    &sql::registering::TENANT_DELETE_REGISTRATION_TOKENS,
    &sql::TENANT_DELETE_SECRETS,
    &sql::TENANT_DELETE_NOTES,
    &sql::TENANT_DELETE_REGISTRATIONS,
    &sql::TENANT_DELETE_ORIGINS,
    &sql::TENANT_DELETE_CLIENT_SCOPES,
    &sql::TENANT_DELETE_SCOPES,
    &sql::TENANT_DELETE_RESOURCES,
    &sql::TENANT_DELETE_CLIENTS,
    &sql::TENANT_DELETE_USERS,
    &sql::TENANT_DELETE_API_KEYS,
    &sql::TENANT_DELETE_ROLES,
    &sql::TENANT_DELETE_KEYS,
    &sql::TENANT_DELETE_ENCRYPTION_KEYS,
];

fn role(new: NewRole) -> Step {
    Step::new(
        &sql::ROLE_INSERT,
        [
            new.id.into(),
            new.tenant.into(),
            new.name.into(),
            new.permissions.to_bits().into(),
            new.created_at.into(),
            new.entitlements.join(" ").into(),
        ],
    )
}

fn tenant(new: NewTenant) -> Step {
    Step::new(
        &sql::TENANT_INSERT,
        [
            new.id.into(),
            new.slug.into(),
            new.name.into(),
            crate::settings::stored(&new.settings).into(),
            new.created_at.into(),
        ],
    )
}

fn user(new: NewUser) -> Step {
    let username_key = people::username_key(&new.username);
    let address = people::address_key(&new.username, new.email.as_deref(), new.email_verified_at);
    Step::new(
        &sql::USER_INSERT,
        [
            new.id.into(),
            new.tenant.into(),
            new.username.into(),
            username_key.into(),
            new.email.into(),
            new.name.into(),
            new.password_hash.into(),
            new.roles.join(" ").into(),
            new.created_at.into(),
            new.email_verified_at.into(),
            Value::Id(Subject::of(new.id).to_bytes()),
            address.into(),
        ],
    )
}

fn api_key(new: NewApiKey) -> Step {
    Step::new(
        &sql::API_KEY_INSERT,
        [
            new.key.id.into(),
            new.key.tenant.into(),
            new.key.name.into(),
            new.hash.into(),
            new.last_four.into(),
            new.key.permissions.to_bits().into(),
            new.created_at.into(),
            new.key.expires_at.into(),
            new.key.networks.stored().into(),
        ],
    )
}

fn signing_key(new: NewSigningKey) -> [Value; 9] {
    [
        new.id.into(),
        new.tenant.into(),
        new.algorithm.name().into(),
        new.kid.into(),
        new.public_jwk.into(),
        new.sealed.into(),
        new.created_at.into(),
        new.active_from.into(),
        new.longest_lifetime.0.into(),
    ]
}

fn encryption_key(new: NewEncryptionKey) -> [Value; 7] {
    [
        new.id.into(),
        new.tenant.into(),
        new.management.name().into(),
        new.kid.into(),
        new.public_jwk.into(),
        new.sealed.into(),
        new.created_at.into(),
    ]
}

/// The key that goes comes first: of two units that put another one in its place, the second finds it gone.
fn push_replacement(replacement: Replacement, steps: &mut Vec<Step>) {
    let Replacement { old, before, new } = replacement;
    let tenant = new.tenant;
    steps.push(match before {
        OldKey::Opens => {
            let values = [old.into(), tenant.into(), new.created_at.into()];
            Step::new(&sql::ENCRYPTION_KEY_REPLACE, values).guarded()
        }
        OldKey::Erased => Step::new(&sql::ENCRYPTION_KEY_ERASE, [old.into(), tenant.into()]).guarded(),
    });
    steps.push(Step::new(&sql::ENCRYPTION_KEY_ADD, encryption_key(new)).detail());
    steps.push(Step::new(&sql::TENANT_TOUCH, [tenant.into()]).detail());
}

fn push_rewrap(rewrap: Rewrap, steps: &mut Vec<Step>) {
    let Rewrap { hash_key, keys, encryption_keys, secrets } = rewrap;
    let values = [HASH_KEY.into(), hash_key.before.into(), hash_key.after.into()];
    steps.push(Step::new(&sql::META_REPLACE, values).guarded());
    steps.extend(keys.into_iter().map(|(id, sealed)| {
        let values = [id.into(), sealed.before.into(), sealed.after.into()];
        Step::new(&sql::SIGNING_KEY_RESEAL, values).guarded().detail()
    }));
    steps.extend(encryption_keys.into_iter().map(|(id, sealed)| {
        let values = [id.into(), sealed.before.into(), sealed.after.into()];
        Step::new(&sql::ENCRYPTION_KEY_RESEAL, values).guarded().detail()
    }));
    steps.extend(secrets.into_iter().map(|(id, sealed)| {
        let values = [id.into(), sealed.before.into(), sealed.after.into()];
        Step::new(&sql::CLIENT_SECRET_RESEAL, values).guarded().detail()
    }));
}

/// The tenant's row comes first: it is locked by its update, so that of two units decided on the same
/// keys the second one finds another version.
fn push_schedule(schedule: KeySchedule, steps: &mut Vec<Step>) {
    let KeySchedule { tenant, version, new, times } = schedule;
    steps.push(Step::new(&sql::TENANT_TOUCH_VERSION, [tenant.into(), version.into()]).guarded());
    steps.extend(new.map(|new| Step::new(&sql::SIGNING_KEY_ADD, signing_key(new)).detail()));
    steps.extend(times.into_iter().map(|key| {
        let values = [
            key.id.into(),
            tenant.into(),
            key.active_from.into(),
            key.retired_at.into(),
            key.compromised_at.into(),
        ];
        Step::new(&sql::SIGNING_KEY_TIMES, values).guarded().detail()
    }));
}

fn access_token(new: NewAccessToken) -> Step {
    let mut values = Vec::with_capacity(13);
    values.extend([
        new.id.into(),
        new.client.into(),
        new.tenant.into(),
        new.hash.into(),
        (&new.scope).into(),
        Value::Text(new.audience.into_stored()),
        new.issued_at.into(),
        new.expires_at.into(),
        new.basis.client_version.into(),
        new.basis.tenant_version.into(),
        new.cnf.as_ref().map(Confirmation::to_json).into(),
    ]);
    match new.user {
        None => Step::new(&sql::ACCESS_TOKEN_INSERT, values).guarded(),
        Some(user) => {
            values.extend([user.into(), new.grant.into()]);
            match new.grant {
                // Its generations are the grant's: those of when the person decided.
                Some(_) => Step::new(&sql::flow::ACCESS_TOKEN_INSERT_GRANT, values).guarded(),
                None => Step::new(&sql::ACCESS_TOKEN_INSERT_PERSON, values).guarded(),
            }
        }
    }
}

/// The audit record of an act.
pub(crate) fn audit(act: Act, outcome: Outcome, details: Option<&Details>) -> Step {
    let (actor_type, actor_id, actor_name): (_, Value, Value) = match act.actor {
        Actor::System => ("system", Value::Null, Value::Null),
        Actor::Anonymous => ("anonymous", Value::Null, Value::Null),
        Actor::Client { id, name } => ("client", id.into(), name.into()),
        Actor::User { id, name } => ("user", id.into(), name.into()),
        Actor::ApiKey { id, name } => ("api_key", id.into(), name.into()),
        Actor::Local { name } => ("local", Value::Null, name.into()),
    };
    let (target_type, target_id): (_, Value) = match act.target {
        Target::Server => ("server", Value::Null),
        Target::Tenant(id) => ("tenant", id.into()),
        Target::Client(id) => ("client", id.into()),
        Target::User(id) => ("user", id.into()),
        Target::ApiKey(id) => ("api_key", id.into()),
        Target::RegistrationToken(id) => ("registration_token", id.into()),
        Target::Grant(id) => ("grant", id.into()),
        Target::Role(id) => ("role", id.into()),
        Target::Group(id) => ("group", id.into()),
        Target::Scope(id) => ("scope", id.into()),
        Target::Resource(id) => ("resource", id.into()),
        Target::SigningKey(id) => ("signing_key", id.into()),
        Target::EncryptionKey(id) => ("encryption_key", id.into()),
        Target::AccessToken(id) => ("access_token", id.into()),
        Target::Session(id) => ("session", id.into()),
        Target::Consent(id) => ("consent", id.into()),
        Target::IdentityProvider(id) => ("identity_provider", id.into()),
    };
    let ip = act.origin.ip.map(|ip| ip.to_string());
    Step::new(
        &sql::AUDIT_INSERT,
        [
            act.id.into(),
            act.tenant.into(),
            act.at.into(),
            actor_type.into(),
            actor_id,
            actor_name,
            act.action.name().into(),
            target_type.into(),
            target_id,
            outcome.name().into(),
            ip.into(),
            act.origin.user_agent.into(),
            act.origin.request_id.into(),
            details.map(|details| Box::<str>::from(details.as_str())).into(),
        ],
    )
    .detail()
}
