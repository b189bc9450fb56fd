//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), step by step.
//!
//! 1. [`RequestObject`]: where there is one, its parameters are the request's.
//!    [`read`]: malformed → client → redirect URI → (from here the client hears of it) request object → response type and
//!    mode → scope → PKCE → prompt.
//! 2. [`next`]: whether somebody has to sign in, or to decide, or whether a code can be given at once.
//! 3. [`start`]: what waits for a person becomes a challenge, which is decided once.
//! 4. [`approve`] and [`deny`]: the answer; [`still_good`] has looked once more at what the request was found good by.
//! 5. [`fetch`]: an answer that waited leaves, with the browser that it belongs to.

mod challenge;
mod decide;
#[cfg(test)]
mod deciding_tests;
mod elsewhere;
mod front;
#[cfg(test)]
mod front_tests;
mod object;
mod proceed;
mod prompt;
mod pushed;
mod reply;
mod request;
#[cfg(test)]
mod tests;

pub use challenge::{
    Agreed, AnsweredFacts, CHALLENGE_LIFETIME, ChallengeFacts, ChallengeRef, ChallengeState, HeldAnswer,
    HeldFacts, NewChallenge, PresentedChallenge, Shows, StartedChallenge, Starting, flow_proof, start,
};
pub use decide::{
    Approved, Coming, Decided, Decider, Deciding, Leaving, NotHeld, Say, again, approve, deny, fetch, give,
};
pub use elsewhere::BearerFacts;
pub use front::{FRONT_LIFETIME, FrontDraft, FrontTokens};
pub use object::{Judging, Object, ObjectError, RequestObject};
pub use proceed::{AccountChoice, FurtherFactor, Next, Offer, Standing, is_wished_of, next, offer};
pub use prompt::{Prompt, Prompts};
pub use pushed::{
    NewPushed, PUSHED_LIFETIME, Pushed, PushedFacts, PushedRef, Reference, Used, bound, kept, push, resolve,
};
pub use reply::{Answered, Carrier, ReplyTo, ResponseMode, Wrapping, refused};
pub use request::{
    AuthorizationRequest, Demands, Hint, Legacy, REQUEST_LIMIT, Reading, RefusedRequest, UriSent, Way, read,
    still_good,
};
