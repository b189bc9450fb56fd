//! Telling a client, server to server, that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0): what the logout
//! token says, and when one that could not be delivered is sent again.

use writ_jose::JsonObject;

use crate::decision::Moment;
use crate::ids::{ClientId, LogoutId, SessionId, TenantId, UserId};
use crate::secret::HashKey;
use crate::session::sid;
use crate::subject::{Sector, Subjects};
use crate::time::{Micros, Seconds};

/// How long a logout token is good for (§2.4 advises at most two minutes). Each try has one of its own.
pub const TOKEN_LIFETIME: Seconds = Seconds(120);
/// Pauses after the first tries that failed; there are as many tries as pauses, and one more.
const PAUSES: [Seconds; 8] = [
    Seconds(5),
    Seconds(30),
    Seconds(120),
    Seconds(600),
    Seconds(1800),
    Seconds(3600),
    Seconds(3 * 3600),
    Seconds(6 * 3600),
];
/// What is older is given up, however seldom it was tried: another one of its client may have stood before it.
const LIFETIME: Seconds = Seconds(24 * 3600);

/// A client that is yet to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDelivery {
    /// Row id.
    pub id: LogoutId,
    /// Which sign-in has ended.
    pub session: SessionId,
    /// Who is told.
    pub client: ClientId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose sign-in it was.
    pub user: UserId,
    /// When it ended.
    pub created_at: Micros,
    /// How often it was tried.
    pub tries: i64,
    /// When it is due; none: it was given up.
    pub next_at: Option<Micros>,
    /// Why the client has not been told yet.
    pub problem: Option<DeliveryProblem>,
    /// When it was given up.
    pub given_up_at: Option<Micros>,
}

/// Why a client could not be told. It is shown to whoever registered the address: no more than this, or they would learn
/// of networks that they cannot reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryProblem {
    /// It gave no answer.
    NoAnswer,
    /// It gave another one than 200 or 204.
    Status(u16),
    /// There is an error on our side.
    Internal,
}

impl DeliveryProblem {
    /// As stored and shown.
    pub fn to_stored(self) -> Box<str> {
        match self {
            Self::NoAnswer => "no_answer".into(),
            Self::Status(status) => format!("status_{status}").into(),
            Self::Internal => "internal".into(),
        }
    }

    /// From the stored text.
    pub fn from_stored(text: &str) -> Self {
        let status = text.strip_prefix("status_").and_then(|status| status.parse().ok());
        match (text, status) {
            (_, Some(status)) => Self::Status(status),
            ("internal", None) => Self::Internal,
            (_, None) => Self::NoAnswer,
        }
    }
}

/// What becomes of one that could not be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is tried again then.
    Again(Micros),
    /// It is given up.
    GiveUp,
}

impl WaitingDelivery {
    /// Whether its time is over before it is tried again.
    pub fn is_over(&self, now: Micros) -> bool {
        self.created_at.plus(LIFETIME) <= now
            || usize::try_from(self.tries).is_ok_and(|tries| tries > PAUSES.len())
    }

    /// What comes after a try that failed.
    pub fn after_failure(&self, now: Micros) -> AfterFailure {
        let tries = usize::try_from(self.tries).unwrap_or(usize::MAX);
        match PAUSES.get(tries.saturating_sub(1)) {
            Some(pause) if !self.is_over(now) => AfterFailure::Again(now.plus(*pause)),
            Some(_) | None => AfterFailure::GiveUp,
        }
    }

    /// The claims of the logout token (§2.4), for the client with this public id. There is no `nonce`, so that it is no ID
    /// token.
    pub fn claims(
        &self,
        (issuer, client_id): (&str, &str),
        (sector, hash_key): (Option<&Sector>, &HashKey),
        moment: &Moment<'_>,
    ) -> String {
        let subjects = Subjects { tenant: self.tenant, sector, hash_key };
        let mut json = JsonObject::with_capacity(384);
        json.string("iss", issuer);
        json.string("sub", &subjects.name(self.user).to_string());
        json.string("aud", client_id);
        json.number("iat", moment.now.as_secs());
        json.number("exp", moment.now.plus(TOKEN_LIFETIME).as_secs());
        json.string("jti", &LogoutId::v7(moment.now, moment.random.bits()).to_string());
        json.raw("events", r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#);
        json.string("sid", &sid(self.session, self.client, hash_key));
        json.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at, hash_key};

    fn waiting(tries: i64) -> WaitingDelivery {
        WaitingDelivery {
            id: LogoutId::from_bytes([1; 16]),
            session: SessionId::from_bytes([2; 16]),
            client: ClientId::from_bytes([3; 16]),
            tenant: TenantId::from_bytes([4; 16]),
            user: UserId::from_bytes([5; 16]),
            created_at: NOW,
            tries,
            next_at: Some(NOW),
            problem: None,
            given_up_at: None,
        }
    }

    /// Back-Channel Logout §2.4: iss, aud, iat, exp, jti and events, sub and sid; a nonce is prohibited.
    #[test]
    fn the_claims_of_a_logout_token() {
        let random = Counted::default();
        let claims = || -> serde_json::Value {
            let text =
                waiting(1).claims(("https://id.example", "app"), (None, &hash_key()), &at(NOW, &random));
            serde_json::from_str(&text).unwrap()
        };
        let first = claims();
        let expected = serde_json::json!({
            "iss": "https://id.example", "sub": crate::subject::Subject::of(UserId::from_bytes([5; 16])).to_string(), "aud": "app",
            "iat": NOW.as_secs(), "exp": NOW.as_secs() + 120, "jti": first["jti"],
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sid": sid(SessionId::from_bytes([2; 16]), ClientId::from_bytes([3; 16]), &hash_key()),
        });
        assert_eq!(first, expected);
        assert_ne!(first["jti"], claims()["jti"], "a try has a token of its own");
    }

    #[test]
    fn it_is_tried_again_later_and_later_and_given_up_in_the_end() {
        let mut now = NOW;
        let mut pauses = Vec::new();
        for tries in 1.. {
            match waiting(tries).after_failure(now) {
                AfterFailure::Again(then) => {
                    pauses.push((then.0 - now.0) / 1_000_000);
                    now = then;
                    assert!(!waiting(tries).is_over(now), "it is due, and it is tried");
                }
                AfterFailure::GiveUp => break,
            }
        }
        assert_eq!(pauses, PAUSES.map(|pause| pause.0));
        assert!(waiting(9).is_over(NOW), "after a crash in the last try");
        assert!(waiting(0).is_over(NOW.plus(LIFETIME)), "behind others that were not answered");
        assert_eq!(waiting(1).after_failure(NOW.plus(LIFETIME)), AfterFailure::GiveUp);
    }

    #[test]
    fn a_problem_comes_back_from_storage() {
        for problem in [DeliveryProblem::NoAnswer, DeliveryProblem::Status(400), DeliveryProblem::Internal] {
            assert_eq!(DeliveryProblem::from_stored(&problem.to_stored()), problem);
        }
    }
}
