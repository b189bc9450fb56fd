//! A request that is decided elsewhere than on Writ's own page: in an application of the tenant's, with a person's token.

use super::challenge::ChallengeFacts;
use super::prompt::Prompt;
use crate::claims::AcrDemand;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{SessionId, UserId};
use crate::reason::Reason;
use crate::session::Authentication;
use crate::subject::Subjects;
use crate::time::Micros;
use crate::token::Parent;

/// What a person's access token says of them.
#[derive(Debug, Clone)]
pub struct BearerFacts {
    /// How they had proved to be themselves.
    pub authentication: Authentication,
    /// The sign-in that the token came from, as long as it goes on.
    pub session: Option<SessionId>,
    /// The generation of the person.
    pub parent: Parent,
}

impl BearerFacts {
    /// The generation of a person whose token is good; none: it is not any more.
    pub fn generation(&self) -> Option<i64> {
        match self.parent {
            Parent::Present { stored, .. } if self.parent.alive() => Some(stored),
            Parent::Present { .. } | Parent::None | Parent::Gone => None,
        }
    }
}

impl ChallengeFacts {
    /// Whether this person may decide it at `now`: it is open, and whoever was signed in in its browser when it began, or
    /// is now, is they, and whom the client expects. `there`: who is signed in there now.
    pub fn is_decided_by(
        &self,
        (user, subjects): (UserId, Subjects<'_>),
        there: Option<UserId>,
        now: Micros,
    ) -> bool {
        self.is_open(now)
            && self.signed_in.is_none_or(|began| began == user)
            && there.is_none_or(|signed_in| signed_in == user)
            && self.request.expected.is_none_or(|expected| expected == subjects.name(user))
    }

    /// A request that wants the person to sign in afresh is not met by an older sign-in (OpenID Connect Core §3.1.2.1), nor
    /// one that wants two factors by one (§5.5.1.1).
    ///
    /// # Errors
    /// `access_denied`.
    pub fn is_recent(&self, authentication: &Authentication) -> Result<(), OAuthError> {
        let request = &self.request;
        if request.claims.acr() == AcrDemand::Required && !authentication.is_two_factor() {
            return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::SecondFactorAtWrit));
        }
        let again = [Prompt::Login, Prompt::SelectAccount, Prompt::Create]
            .iter()
            .any(|prompt| request.prompts.has(*prompt));
        let oldest = match request.max_age {
            _ if again => self.created_at,
            Some(age) => self.created_at.minus(age),
            None => return Ok(()),
        };
        if authentication.at >= oldest {
            return Ok(());
        }
        Err(OAuthError::new(ErrorCode::AccessDenied, Reason::SignInAgain))
    }
}
