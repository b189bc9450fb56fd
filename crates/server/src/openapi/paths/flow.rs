//! The authorization endpoint, UserInfo, and the pages on which people sign in, decide and sign out.

use serde_json::json;
use writ_core::error::ErrorCode;

use super::super::operation::{Access, Contract, Media, Operation};
use super::users::claims;
use crate::call::schema::{Schema, optional, required};

/// The parameters of an authorization request, each with what it is for.
const AUTHORIZATION: [(&str, &str); 21] = [
    ("client_id", "Which application."),
    ("response_type", "code, or another one that the client is registered for."),
    ("redirect_uri", "Where the answer goes: one that is registered."),
    ("response_mode", "query (code alone), fragment or form_post, or one of them with .jwt behind it."),
    ("scope", "Space-separated; all that the client may have where absent."),
    ("resource", "The API that tokens are for, by its identifier; may be there several times (RFC 8707)."),
    ("state", "Comes back word for word; 4096 bytes at the most."),
    ("nonce", "Goes into the ID token; 4096 bytes at the most."),
    ("code_challenge", "PKCE: base64url of SHA-256 of the verifier."),
    ("code_challenge_method", "S256."),
    ("prompt", "none, login, consent, select_account, create."),
    ("max_age", "How old the sign-in may be, seconds."),
    ("login_hint", "What the person would type as their name."),
    ("id_token_hint", "An ID token of the person who is expected."),
    ("ui_locales", "Languages that the pages may be in, the most wanted first."),
    (
        "acr_values",
        "By which class people are to sign in, the best first: 2 is two factors. A wish; claims can require it.",
    ),
    ("claims", "Single claims, as JSON (OpenID Connect Core §5.5)."),
    ("request", "All of it as a JWT of the client (RFC 9101); then nothing beside it counts but client_id."),
    ("request_uri", "What /oauth2/par has answered, or where the client has such a JWT."),
    ("display", "page, popup or touch: the pages fit all of them alike."),
    ("claims_locales", "Ignored: claims are told as they were written."),
];

const FACTOR: [(&str, &str); 5] = [
    CHALLENGE,
    ("to", "Without a request that waits: the page of the account that it leads to."),
    ("proved", "What shows that one factor was proved a moment ago."),
    ("by", "recovery: by a recovery code. app: by what is set up now, instead of a code by mail."),
    ("mailed", "Which letter the code is in."),
];

const MAILED: [(&str, &str); 4] = [
    CHALLENGE,
    ("to", "Without a request that waits: the page of the account that it leads to."),
    ("asked", "A letter was asked for, and its code can be typed."),
    ("token", "Of the link in a letter."),
];

const LOGOUT: [(&str, &str); 6] = [
    ("id_token_hint", "An ID token of the person who shall be signed out."),
    ("logout_hint", "Ignored: nobody but who is signed in in this browser is signed out."),
    ("client_id", "Which application asks."),
    ("post_logout_redirect_uri", "Where the browser goes afterwards: one that is registered."),
    ("state", "Comes back word for word."),
    ("ui_locales", "Languages that the pages may be in, the most wanted first."),
];

const ACCOUNT: (&str, &str) = (
    "account",
    "That the person has chosen the account that they are signed in with: from the sign-in page.",
);

const CHALLENGE: (&str, &str) = ("login_challenge", "The request that waits for this person.");

const VERIFIER: (&str, &str) = (
    "consent_verifier",
    "Once decided elsewhere: the secret of the address that the decision gave. It lets the answer out, once.",
);

fn queried(operation: Operation, parameters: &[(&'static str, &'static str)]) -> Operation {
    parameters.iter().fold(operation, |operation, (name, about)| operation.query(name, about, Schema::text()))
}

fn form(parameters: &[(&'static str, &'static str)]) -> Schema {
    Schema::object(parameters.iter().map(|(name, about)| optional(name, Schema::text().about(about))))
}

fn authorize(method: &'static str, id: &'static str) -> Operation {
    Operation::new((method, "/oauth2/authorize"), id, Contract::People)
        .summary("Ask for a person's authorization")
        .about("RFC 6749 §4.1.1, OpenID Connect Core §3.1.2. Whatever is wrong before the redirect URI is known to be the client's is told on a page; all else goes to the client.")
        .redirects(303, "To the application with a code or an error, or to the page on which the person signs in or decides.")
        .shows(200, "With form_post: a form that posts the answer to the application.")
        .refuses(&[ErrorCode::NotFound, ErrorCode::TooManyRequests])
}

fn userinfo(method: &'static str, id: &'static str) -> Operation {
    let text = Schema::text;
    let answer = Schema::object([
        required("sub", text().about("The person.")),
        optional("name", text()),
        optional("preferred_username", text()),
        optional("updated_at", Schema::integer().about("Seconds since 1970.")),
        optional("email", text()),
        optional("email_verified", Schema::flag()),
        optional("roles", Schema::list(text()).about("The names of their roles; with the scope roles.")),
        optional(
            "entitlements",
            Schema::list(text()).about("The tenant's own names that those roles hold; with the scope roles."),
        ),
        optional("groups", Schema::list(text()).about("The names of their groups; with the scope groups.")),
    ])
    .with_members(claims())
    .named("UserInfo");
    let example = json!({
        "sub": "5f0c7d0e-9a1b-8c3d-8e5f-60712a3b4c5d",
        "preferred_username": "ada@example.org",
        "email": "ada@example.org",
        "email_verified": true,
        "updated_at": 1_795_166_400,
    });
    Operation::new((method, "/oauth2/userinfo"), id, Contract::Protocol)
        .summary("Who the person is")
        .about("OpenID Connect Core §5.3: the claims that the scope of the token lets its bearer know.")
        .access(Access::Bearer)
        .answers_or_jwt(
            "The claims; signed where the client is registered so.",
            (answer, example),
            Media::Jwt,
        )
        .refuses(&[ErrorCode::InsufficientScope, ErrorCode::NotFound])
}

fn logout(method: &'static str, id: &'static str) -> Operation {
    Operation::new((method, "/oauth2/logout"), id, Contract::People)
        .summary("Ask to sign a person out")
        .about("OpenID Connect RP-Initiated Logout 1.0.")
        .redirects(303, "To the page on which the person confirms it.")
        .refuses(&[ErrorCode::NotFound])
}

fn check_session() -> Operation {
    Operation::new(("GET", "/oauth2/check-session"), "checkSession", Contract::People)
        .summary("Whether a person still is signed in, for a frame")
        .about("OpenID Connect Session Management 1.0 §3: an application loads it in a frame and asks it by messages.")
        .shows(200, "A page with a script and nothing to be seen.")
        .refuses(&[ErrorCode::NotFound])
}

fn shown(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(("GET", path), id, Contract::People)
        .summary(summary)
        .shows(200, "A page with a form.")
        .redirects(303, "There is nothing to be asked here: to where it goes on.")
        .refuses(&[ErrorCode::NotFound])
}

fn sent(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(("POST", path), id, Contract::People)
        .summary(summary)
        .redirects(303, "To where it goes on.")
        .refuses(&[ErrorCode::NotFound])
}

fn taking(operation: Operation, fields: &[(&'static str, &'static str)]) -> Operation {
    operation.takes_as(Media::Form, form(fields), json!({}))
}

pub(super) fn all() -> Vec<Operation> {
    let csrf = ("csrf", "What the page was shown with.");
    let decision = |about| ("decision", about);
    vec![
        queried(authorize("GET", "authorize"), &AUTHORIZATION),
        taking(authorize("POST", "authorizeByForm"), &AUTHORIZATION),
        userinfo("GET", "getUserinfo"),
        taking(userinfo("POST", "postUserinfo"), &[("access_token", "Where it is not in the header.")]),
        queried(logout("GET", "requestLogout"), &LOGOUT),
        taking(logout("POST", "requestLogoutByForm"), &LOGOUT),
        check_session(),
        queried(shown("/login", "showLogin", "The sign-in page"), &[CHALLENGE]),
        taking(
            queried(sent("/login", "login", "Sign in"), &[CHALLENGE])
                .shows(200, "The account is to be deleted: whether its owner keeps it."),
            &[("username", "Or email address."), ("password", ""), ("passkey", "Instead of both: what the browser answers (Web Authentication, AuthenticationResponseJSON)."), csrf],
        ),
        queried(
            shown("/login/factor", "showSecondFactor", "Where somebody proves a second factor, or sets one up"),
            &FACTOR,
        ),
        taking(
            queried(sent("/login/factor", "proveSecondFactor", "Prove a second factor"), &FACTOR)
                .shows(200, "A factor is set up: the recovery codes that come with it."),
            &[
                ("code", "Of the app, of a letter, or a recovery code."),
                ("send", "1: a code is sent by mail."),
                ("remember", "yes: this device is not asked again for a while, where the tenant has `remembered_devices`."),
                ("passkey", "Instead of a code: what the browser answers (Web Authentication, AuthenticationResponseJSON)."),
                ("password", "Of somebody who began with a passkey that did not verify them."),
                ("offer", "Where an app is set up: what it was offered."),
                csrf,
            ],
        ),
        queried(
            shown("/login/mail", "showMailSignIn", "Where somebody signs in by mail")
                .about("Where the tenant has `mailed_sign_in` on. A link that is opened changes nothing, and works in the browser that asked for it alone."),
            &MAILED,
        ),
        taking(
            queried(sent("/login/mail", "signInByMail", "Ask for a link and a code by mail, or sign in with one"), &MAILED),
            &[
                ("username", "Or email address: a link and a code are sent there."),
                ("code", "Of the letter."),
                ("token", "Of the link."),
                csrf,
            ],
        ),
        queried(shown("/consent", "showConsent", "The consent page"), &[CHALLENGE, ACCOUNT, VERIFIER]),
        taking(
            queried(sent("/consent", "consent", "Decide"), &[CHALLENGE, ACCOUNT]).about("Beside these, a field `scope.NAME` for each scope that is left ticked. Without `boxes` and any such field, all that was asked for; `openid`, where it was asked for, is part of every yes."),
            &[decision("allow or deny."), ("boxes", "shown: whoever decides was shown a box for each scope."), csrf],
        ),
        queried(
            shown("/device", "showDevice", "The page for what a device shows").refuses(&[ErrorCode::TooManyRequests]),
            &[
                ("user_code", "What the device shows: then to the page on which the person decides."),
                ("done", "allowed or denied: the person has answered."),
            ],
        ),
        taking(
            sent("/device", "enterDeviceCode", "Type what a device shows"),
            &[("user_code", "In capitals or not, with or without the dash.")],
        ),
        queried(shown("/logout", "showLogout", "The sign-out page"), &LOGOUT),
        taking(sent("/logout", "logout", "Sign out"), &[decision("logout."), csrf]),
    ]
}
