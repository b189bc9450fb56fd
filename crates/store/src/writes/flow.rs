//! How the changes of signing in, deciding and redeeming become SQL.

use writ_core::authorization_code::NewCode;
use writ_core::authorize::{CHALLENGE_LIFETIME, NewChallenge, NewPushed, UriSent};
use writ_core::client::ResponseType;
use writ_core::confirmation::Confirmation;
use writ_core::consent::ConsentWrite;
use writ_core::device_code::NewDeviceRequest;
use writ_core::flow::{ChallengeOutcome, FlowChange, GrantMade, Redemption};
use writ_core::grant::{NewGrant, Terms};
use writ_core::ids::{ChallengeId, ClientId, CodeId, TenantId, UserId};
use writ_core::session::NewSession;
use writ_core::subject::Subject;
use writ_core::time::Micros;
use writ_core::token::Audience;
use writ_core::token_exchange::NewExchange;

use super::logouts::{Ended, given, tell};
use crate::statements::flow as sql;
use crate::value::{Step, Value};

/// The steps of a change.
pub(super) fn push(change: FlowChange, steps: &mut Vec<Step>) {
    match change {
        FlowChange::CreateBrowser(new) => {
            let values = [new.id.into(), new.hash.into(), new.created_at.into(), new.expires_at.into()];
            steps.push(Step::new(&sql::BROWSER_INSERT, values));
        }
        FlowChange::RotateBrowser { browser, from, to, expires_at } => {
            let values = [browser.into(), from.into(), to.into(), expires_at.into()];
            steps.push(Step::new(&sql::BROWSER_ROTATE, values).guarded());
        }
        FlowChange::StartSession(new) => steps.push(session(*new)),
        FlowChange::RenewSession { session, tenant, authentication, expires_at } => {
            let values = [
                session.into(),
                tenant.into(),
                authentication.at.into(),
                authentication.methods.into(),
                expires_at.into(),
            ];
            steps.push(Step::new(&sql::SESSION_RENEW, values).guarded());
        }
        FlowChange::EndSession { session, tenant, at } => {
            let values = [session.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::SESSION_END, values).guarded());
            let values = [session.into(), at.into()];
            steps.push(Step::new(&sql::GRANTS_END_OF_SESSION, values).detail());
            tell(Ended::Session(session), at, steps);
        }
        FlowChange::PushRequest(new) => steps.push(pushed(*new)),
        FlowChange::UsePushed { pushed, tenant, at } => {
            let values = [pushed.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::PUSHED_USE, values).guarded());
        }
        FlowChange::StartDevice(new) => steps.push(device(*new)),
        FlowChange::AnswerDevice { device, tenant, at, code } => {
            let values = [device.into(), tenant.into(), at.into(), code.into()];
            steps.push(Step::new(&sql::DEVICE_ANSWER, values).guarded());
        }
        FlowChange::StartChallenge(new) => steps.push(challenge(*new)),
        FlowChange::DecideChallenge { challenge, tenant, at, outcome } => {
            let mut values = vec![challenge.into(), tenant.into(), at.into()];
            values.extend(outcome_values(*outcome));
            steps.push(Step::new(&sql::CHALLENGE_DECIDE, values).guarded());
        }
        FlowChange::FetchAnswer { challenge, tenant, at, code } => {
            let values = [challenge.into(), tenant.into(), at.into(), code.into()];
            steps.push(Step::new(&sql::CHALLENGE_FETCH, values).guarded());
        }
        FlowChange::IssueCode(new) => {
            let given = given(&new);
            steps.push(code(*new));
            steps.extend(given);
        }
        FlowChange::RedeemCode(redemption) => push_redemption(&redemption, steps),
        FlowChange::OpenGrant(opened) => push_grant(&opened, steps),
        FlowChange::ExtendGrant { grant, tenant, expires_at } => {
            let values = [grant.into(), tenant.into(), expires_at.into()];
            steps.push(Step::new(&sql::GRANT_EXTEND, values).guarded());
        }
        FlowChange::IssueRefreshToken(new) => {
            let values = [
                new.id.into(),
                new.hash.into(),
                new.tenant.into(),
                new.client.into(),
                new.grant.into(),
                new.issued_at.into(),
                new.expires_at.into(),
                new.user.into(),
            ];
            steps.push(Step::new(&sql::REFRESH_INSERT, values));
        }
        FlowChange::UseRefreshToken { token, tenant, at, successor } => {
            let values = [token.into(), tenant.into(), at.into(), successor.into()];
            steps.push(Step::new(&sql::REFRESH_USE, values).guarded());
        }
        FlowChange::WriteConsent(write) => steps.push(consent(*write)),
        FlowChange::RecordConsent(record) => {
            let values = [
                record.id.into(),
                record.consent.into(),
                record.tenant.into(),
                record.client_id.into(),
                record.user.into(),
                record.event.name().into(),
                (&record.scope).into(),
                record.at.into(),
            ];
            steps.push(Step::new(&sql::CONSENT_EVENT_INSERT, values));
        }
        FlowChange::WithdrawConsent { consent, tenant, client, user, at } => {
            let values = [consent.into(), tenant.into(), user.into(), client.into()];
            steps.push(Step::new(&sql::CONSENT_DELETE, values).guarded());
            let values = [user.into(), client.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::GRANTS_END_OF_CONSENT, values).detail());
            tell(Ended::Between(user, client), at, steps);
        }
    }
}

/// Ends what was decided between a person and a client before a time and has not become a grant. It comes before the grants
/// end: who redeems a code meanwhile is waited for.
pub(super) fn end_pending(between: (UserId, ClientId, TenantId), before: Micros, steps: &mut Vec<Step>) {
    let (user, client, tenant) = between;
    let at = before.minus(CHALLENGE_LIFETIME);
    let oldest = ChallengeId::v7(at, [0; 8]);
    let values = [user.into(), client.into(), tenant.into(), oldest.into(), before.into()];
    steps.push(Step::new(&sql::WAITING_END_BETWEEN, values).detail());
    let oldest = CodeId::v7(at, [0; 8]);
    let values = [user.into(), client.into(), tenant.into(), oldest.into(), before.into()];
    steps.push(Step::new(&sql::CODES_END_BETWEEN, values).detail());
}

/// A grant that no code is behind.
pub(super) fn grant(new: NewGrant) -> Step {
    let [audience, cnf, actors] = bound(&new.terms);
    let values = [
        new.id.into(),
        new.tenant.into(),
        new.client.into(),
        new.user.into(),
        (&new.scope).into(),
        new.authentication.at.into(),
        new.authentication.methods.into(),
        new.created_at.into(),
        new.expires_at.into(),
        audience,
        cnf,
        actors,
    ];
    Step::new(&crate::statements::GRANT_INSERT, values).guarded()
}

/// A grant that comes of another one, and what it comes of.
pub(super) fn push_exchange(new: &NewExchange, steps: &mut Vec<Step>) {
    let [audience, cnf, actors] = bound(&new.terms);
    let values = [
        new.id.into(),
        new.parent.into(),
        new.client.into(),
        new.tenant.into(),
        (&new.scope).into(),
        new.created_at.into(),
        new.expires_at.into(),
        audience,
        cnf,
        actors,
    ];
    steps.push(Step::new(&sql::GRANT_EXCHANGED, values).guarded());
    for line in [&sql::GRANT_LINES, &sql::GRANT_LINE] {
        let values = [new.id.into(), new.parent.into(), new.expires_at.into()];
        steps.push(Step::new(line, values).detail());
    }
}

/// Audience, confirmation and actors of a grant.
fn bound(terms: &Terms) -> [Value; 3] {
    let Terms { audience, cnf, actors } = terms.clone();
    [
        audience.map(Audience::into_stored).into(),
        cnf.as_ref().map(Confirmation::to_json).into(),
        actors.to_stored().into(),
    ]
}

fn session(new: NewSession) -> Step {
    let values = [
        new.id.into(),
        new.tenant.into(),
        new.browser.into(),
        new.user.into(),
        new.authentication.at.into(),
        new.authentication.methods.into(),
        new.expires_at.into(),
        new.ip.map(|ip| ip.to_string()).into(),
        new.user_agent.into(),
        new.user_generation.into(),
    ];
    Step::new(&sql::SESSION_INSERT, values).guarded()
}

fn pushed(new: NewPushed) -> Step {
    let values = [
        new.id.into(),
        new.hash.into(),
        new.tenant.into(),
        new.client.into(),
        new.form.into(),
        new.expires_at.into(),
    ];
    Step::new(&sql::PUSHED_INSERT, values)
}

fn device(new: NewDeviceRequest) -> Step {
    let values = [
        new.id.into(),
        new.hash.into(),
        new.tenant.into(),
        new.client.into(),
        new.user_code.as_str().to_owned().into(),
        (&new.scope).into(),
        new.ip.into(),
        new.created_at.into(),
        new.expires_at.into(),
        new.picked.map(Audience::into_stored).into(),
    ];
    Step::new(&sql::DEVICE_INSERT, values).guarded()
}

fn challenge(new: NewChallenge) -> Step {
    let request = new.request;
    let values = [
        new.id.into(),
        new.hash.into(),
        new.tenant.into(),
        new.client.into(),
        new.browser.into(),
        new.signed_in.into(),
        request.to.redirect_uri.into(),
        (request.uri_sent == UriSent::Yes).into(),
        request.to.mode.name().into(),
        request.to.state.into(),
        (&request.scope).into(),
        request.nonce.into(),
        request.pkce.map(|pkce| pkce.hash()).into(),
        request.prompts.joined().into(),
        request.max_age.map(|age| age.0).into(),
        request.login_hint.into(),
        request.expected.map(Subject::to_bytes).map_or(Value::Null, Value::Id),
        new.created_at.into(),
        new.expires_at.into(),
        request.pushed.map(|pushed| pushed.id).into(),
        request.claims.to_stored().into(),
        Some(request.response_type)
            .filter(|wanted| *wanted != ResponseType::Code)
            .map(ResponseType::name)
            .into(),
        request.device.map(|device| device.id).into(),
        request.cnf.as_ref().map(Confirmation::to_json).into(),
        request.picked.map(Audience::into_stored).into(),
    ];
    Step::new(&sql::CHALLENGE_INSERT, values)
}

/// Outcome, user, granted scope, consent, time and methods of the sign-in; verifier, sign-in, generation of the person, code.
fn outcome_values(outcome: ChallengeOutcome) -> [Value; 10] {
    let nothing = || Value::Null;
    match outcome {
        ChallengeOutcome::Answered { by, code } => [
            "answered".into(),
            by.into(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            code.into(),
        ],
        ChallengeOutcome::Held { by, verifier, agreed: None } => [
            "denied".into(),
            by.into(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            verifier.into(),
            nothing(),
            nothing(),
            nothing(),
        ],
        ChallengeOutcome::Held { by, verifier, agreed: Some((agreed, generation)) } => [
            "agreed".into(),
            by.into(),
            (&agreed.scope).into(),
            agreed.consent.into(),
            agreed.authentication.at.into(),
            agreed.authentication.methods.into(),
            verifier.into(),
            agreed.session.into(),
            generation.into(),
            nothing(),
        ],
    }
}

fn code(new: NewCode) -> Step {
    let values = [
        new.id.into(),
        new.hash.into(),
        new.tenant.into(),
        new.client.into(),
        new.user.into(),
        new.session.into(),
        new.consent.into(),
        new.redirect_uri.into(),
        (&new.scope).into(),
        new.nonce.into(),
        new.pkce.map(|pkce| pkce.hash()).into(),
        new.authentication.at.into(),
        new.authentication.methods.into(),
        new.created_at.into(),
        new.expires_at.into(),
        new.basis.client_version.into(),
        new.basis.tenant_version.into(),
        new.generations.client.into(),
        new.generations.tenant.into(),
        new.generations.user.into(),
        new.claims.to_stored().into(),
        new.grant.into(),
        new.cnf.as_ref().map(Confirmation::to_json).into(),
        new.picked.map(Audience::into_stored).into(),
    ];
    Step::new(&sql::CODE_INSERT, values).guarded()
}

/// The code's row first, then what it rests on: who ends one of those meanwhile waits for this unit, and then
/// finds the grant that it made. A guard that only read could miss it.
fn push_redemption(redemption: &Redemption, steps: &mut Vec<Step>) {
    let Redemption { code, tenant, grant, at, .. } = *redemption;
    let values = [code.into(), tenant.into(), at.into(), grant.into()];
    steps.push(Step::new(&sql::CODE_REDEEM, values).guarded());
    push_grant(redemption, steps);
}

/// What a grant rests on, and then the grant.
fn push_grant(redemption: &Redemption, steps: &mut Vec<Step>) {
    let Redemption { code, tenant, grant, session, consent, at, expires_at, ref terms, made } = *redemption;
    if let Some(session) = session {
        steps.push(Step::new(&sql::SESSION_HOLD, [session.into(), at.into()]).guarded().detail());
    }
    if let Some(consent) = consent {
        steps.push(Step::new(&sql::CONSENT_HOLD, [consent.into(), at.into()]).guarded().detail());
    }
    match made {
        GrantMade::Now => {
            let [audience, cnf, actors] = bound(terms);
            let values = [grant.into(), code.into(), at.into(), expires_at.into(), audience, cnf, actors];
            steps.push(Step::new(&sql::GRANT_FROM_CODE, values).detail());
        }
        GrantMade::Before => {
            let values = [grant.into(), tenant.into(), expires_at.into()];
            steps.push(Step::new(&sql::GRANT_EXTEND, values).guarded().detail());
        }
    }
}

fn consent(write: ConsentWrite) -> Step {
    let ConsentWrite { from, to, tenant, client, user, at } = write;
    match from {
        None => {
            let values = [
                to.id.into(),
                tenant.into(),
                user.into(),
                client.into(),
                (&to.scope).into(),
                (&to.remembered).into(),
                at.into(),
                to.resources.map(Audience::into_stored).into(),
            ];
            Step::new(&sql::CONSENT_INSERT, values).guarded()
        }
        Some(from) => {
            let values = [
                to.id.into(),
                tenant.into(),
                (&to.scope).into(),
                (&to.remembered).into(),
                at.into(),
                (&from.scope).into(),
                (&from.remembered).into(),
                to.resources.map(Audience::into_stored).into(),
                from.resources.map_or_else(|| "".into(), Audience::into_stored).into(),
            ];
            Step::new(&sql::CONSENT_UPDATE, values).guarded()
        }
    }
}
