//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), step by step.
//!
//! 1. [`read`]: malformed → client → redirect URI → (from here the client hears of it) response type and
//!    mode → request object → scope → PKCE → prompt.
//! 2. [`next`]: whether somebody has to sign in, or to decide, or whether a code can be given at once.
//! 3. [`start`]: what waits for a person becomes a challenge, which is decided once.
//! 4. [`approve`] and [`deny`]: the answer.

mod challenge;
mod decide;
mod proceed;
mod reply;
mod request;
#[cfg(test)]
mod tests;

pub use challenge::{
    CHALLENGE_LIFETIME, ChallengeFacts, ChallengeRef, ChallengeState, NewChallenge, Started, Starting, start,
};
pub use decide::{Approved, Deciding, Subject, approve, decide_later, deny, fetch, give};
pub use proceed::{Next, Standing, next};
pub use reply::{Answered, ReplyTo, ResponseMode, refused};
pub use request::{AuthorizationRequest, Hint, Prompt, Prompts, Refused, UriSent, read};
