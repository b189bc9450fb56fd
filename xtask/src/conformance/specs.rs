//! The specifications, what each demands by section, and what is left out on purpose.

/// A specification.
pub(super) struct Spec {
    /// Its name here.
    pub(super) name: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// Where it is published.
    pub(super) address: &'static str,
    /// What comments call it.
    pub(super) called: &'static [&'static str],
    /// What its sections demand of a server, in their order.
    pub(super) demands: &'static [(&'static str, &'static str)],
}

/// Documents that are heeded on the way: what comments call them, and their name here.
pub(super) const OTHERS: [(&str, &str); 4] = [
    ("Multiple Response Type", "Multiple Response Types"),
    ("JWT Secured Authorization Response Mode", "JARM"),
    ("JARM", "JARM"),
    ("Initiating User Registration via OpenID Connect", "Initiating User Registration"),
];

/// What is deliberately not there, and why.
pub(super) const LEFT_OUT: [(&str, &str); 8] = [
    (
        "Aggregated and distributed claims (Core §5.6.2)",
        "Writ is the only source of what it tells of people.",
    ),
    ("Self-issued OpenID Providers (Core §7)", "that is for wallets; SIOPv2 has replaced it."),
    ("`plain` PKCE, `none` for ID tokens, HMAC for ID tokens", "OAuth 2.1 and RFC 9700 advise against each."),
    (
        "Access tokens from the authorization endpoint",
        "OAuth 2.1 has dropped them; a tenant can turn `legacy_implicit_grant` on for applications that still need them.",
    ),
    ("WebFinger (Discovery §2)", "people sign in at one known issuer; nothing asks for it."),
    (
        "`RSA1_5`, `dir` and key wrapping with AES for encrypted tokens",
        "RFC 8725 §3.2 advises against the first, and symmetric keys would have to be derived from secrets that are only kept as hashes.",
    ),
    (
        "Request objects without a signature",
        "RFC 9101 §4 wants one; `none` is for a client that has registered it (OpenID Connect's older mode), and is therefore not in the metadata.",
    ),
    (
        "Request objects at any address",
        "only `request_uris` that are registered are fetched: else anybody could make the server call others.",
    ),
];

/// All of them.
pub(super) const SPECS: [Spec; 18] = [
    Spec {
        name: "Core",
        title: "OpenID Connect Core 1.0",
        address: "https://openid.net/specs/openid-connect-core-1_0.html",
        called: &["OpenID Connect Core", "Core"],
        demands: &[
            (
                "2",
                "ID tokens have iss, sub, aud, exp and iat, with auth_time, nonce, acr and amr where due, and are signed",
            ),
            (
                "3.1.2.1",
                "an authorization request: scope openid, response_type, client_id, redirect_uri; prompt, max_age, login_hint, id_token_hint",
            ),
            ("3.1.2.2", "the request is validated; sub that was asked for is the one who signs in"),
            ("3.1.2.3", "a person is asked to sign in, and is not with prompt=none"),
            ("3.1.2.4", "a person agrees before anything is told"),
            ("3.1.2.6", "errors go to the redirect URI, with the request's state"),
            ("3.1.3.2", "a code is good for its client, its redirect URI, and once"),
            ("3.1.3.3", "the token response has an ID token, and no cache keeps it"),
            ("3.1.3.4", "a token request that is no good is an error in JSON"),
            ("3.1.3.6", "at_hash fits the access token"),
            ("3.2.2.1", "nonce is demanded of the implicit flow"),
            ("3.2.2.5", "the answer of the implicit flow is in the fragment"),
            ("3.2.2.10", "at_hash is in an ID token that comes with an access token"),
            ("3.3.2.5", "the answer of the hybrid flow is in the fragment"),
            ("3.3.2.11", "c_hash is in an ID token that comes with a code"),
            ("3.3.3.6", "both ID tokens of the hybrid flow have the same iss and sub"),
            ("4", "a sign-in can begin at the initiate_login_uri"),
            ("5.1", "the standard claims"),
            ("5.2", "claims_locales may be given"),
            ("5.3.1", "UserInfo takes a Bearer token, by GET and by POST"),
            ("5.3.2", "UserInfo has sub; it is signed and encrypted where the client wants it"),
            ("5.3.3", "an error of UserInfo is one of RFC 6750"),
            ("5.4", "scopes ask for claims"),
            ("5.5", "the claims parameter"),
            ("5.5.1", "essential claims, and values"),
            ("6.1", "request objects by value"),
            ("6.2", "request objects by reference"),
            ("6.3", "request objects are validated"),
            ("8", "sub is public or pairwise"),
            ("8.1", "pairwise subjects are one for each sector"),
            ("9", "client authentication, with each method"),
            ("10.1", "keys that sign follow one another"),
            ("10.2", "keys that encrypt follow one another"),
            ("11", "offline_access takes consent"),
            ("12.1", "a refresh request is authenticated"),
            ("12.2", "an ID token of a refresh has the same iss and sub, and the auth_time of the sign-in"),
            ("13", "serialisations"),
            ("15.1", "RS256, prompt, display, ui_locales and acr_values are understood"),
            ("15.2", "a dynamic server has discovery and registration"),
        ],
    },
    Spec {
        name: "Discovery",
        title: "OpenID Connect Discovery 1.0",
        address: "https://openid.net/specs/openid-connect-discovery-1_0.html",
        called: &["OpenID Connect Discovery", "Discovery"],
        demands: &[
            ("3", "what the metadata says is so"),
            ("4", "the metadata is below the issuer, also of an issuer with a path"),
        ],
    },
    Spec {
        name: "Registration",
        title: "OpenID Connect Dynamic Client Registration 1.0",
        address: "https://openid.net/specs/openid-connect-registration-1_0.html",
        called: &[
            "OpenID Connect Dynamic Client Registration",
            "OpenID Connect Dynamic Registration",
            "OpenID Connect Registration",
            "Dynamic Client Registration",
            "Dynamic Registration",
            "Registration",
        ],
        demands: &[
            ("2", "client metadata"),
            ("2.1", "metadata in languages and scripts"),
            ("3", "the registration endpoint"),
            ("4", "a client reads its configuration"),
            ("5", "the sector_identifier_uri is fetched and holds every redirect URI"),
        ],
    },
    Spec {
        name: "RP-Initiated Logout",
        title: "OpenID Connect RP-Initiated Logout 1.0",
        address: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
        called: &["OpenID Connect RP-Initiated Logout", "RP-Initiated Logout"],
        demands: &[
            ("2", "by GET and POST; who is not known by their hint is asked"),
            ("3", "nobody is sent to an address that is not registered"),
            ("4", "an expired ID token is a good hint"),
        ],
    },
    Spec {
        name: "Session Management",
        title: "OpenID Connect Session Management 1.0",
        address: "https://openid.net/specs/openid-connect-session-1_0.html",
        called: &["OpenID Connect Session Management", "Session Management"],
        demands: &[
            ("2", "session_state is in authorization answers"),
            ("3.2", "the frame answers changed, unchanged or error"),
            ("3.3", "check_session_iframe is in the metadata"),
        ],
    },
    Spec {
        name: "Front-Channel Logout",
        title: "OpenID Connect Front-Channel Logout 1.0",
        address: "https://openid.net/specs/openid-connect-frontchannel-1_0.html",
        called: &["OpenID Connect Front-Channel Logout", "Front-Channel Logout"],
        demands: &[
            ("2", "the signed-out page loads each application of the sign-in; iss and sid come together"),
            ("3", "the metadata, and sid in ID tokens"),
        ],
    },
    Spec {
        name: "Back-Channel Logout",
        title: "OpenID Connect Back-Channel Logout 1.0",
        address: "https://openid.net/specs/openid-connect-backchannel-1_0.html",
        called: &["OpenID Connect Back-Channel Logout", "Back-Channel Logout"],
        demands: &[
            ("2.1", "the metadata, and sid in ID tokens"),
            ("2.3", "every application of the sign-in is told"),
            ("2.4", "what a logout token has in it, and has not"),
            ("2.5", "how it is sent"),
            ("2.8", "what the answer means"),
        ],
    },
    Spec {
        name: "RFC 7009",
        title: "RFC 7009: OAuth 2.0 Token Revocation",
        address: "https://www.rfc-editor.org/rfc/rfc7009",
        called: &[],
        demands: &[
            ("2", "over TLS, by POST"),
            ("2.1", "the client authenticates, and ends its own tokens alone"),
            ("2.2", "an unknown token is a success"),
        ],
    },
    Spec {
        name: "RFC 7523",
        title: "RFC 7523: JWT Profile for OAuth 2.0 Client Authentication",
        address: "https://www.rfc-editor.org/rfc/rfc7523",
        called: &[],
        demands: &[
            ("2.2", "how a client sends an assertion"),
            ("3", "what an assertion has to say"),
            ("3.2", "an assertion that is no good is invalid_client"),
        ],
    },
    Spec {
        name: "RFC 7591",
        title: "RFC 7591: OAuth 2.0 Dynamic Client Registration Protocol",
        address: "https://www.rfc-editor.org/rfc/rfc7591",
        called: &[],
        demands: &[
            ("2", "client metadata"),
            ("2.1", "grant types and response types go together"),
            ("2.2", "names and addresses in languages"),
            ("2.3", "software statements"),
            ("3.1", "a registration request"),
            ("3.2.1", "the answer has all that is registered"),
            ("3.2.2", "the errors"),
            ("5", "nobody gives themselves more than the policy does"),
        ],
    },
    Spec {
        name: "RFC 7592",
        title: "RFC 7592: OAuth 2.0 Dynamic Client Registration Management Protocol",
        address: "https://www.rfc-editor.org/rfc/rfc7592",
        called: &[],
        demands: &[
            ("2", "only with the registration access token"),
            ("2.1", "reading"),
            ("2.2", "updating: what is absent becomes its default"),
            ("2.3", "removing: everything of the client ends"),
            ("3", "the answer"),
        ],
    },
    Spec {
        name: "RFC 7662",
        title: "RFC 7662: OAuth 2.0 Token Introspection",
        address: "https://www.rfc-editor.org/rfc/rfc7662",
        called: &[],
        demands: &[
            ("2.1", "the endpoint is protected"),
            ("2.2", "whatever is not a live token is active: false, and nothing more"),
            ("2.3", "errors"),
        ],
    },
    Spec {
        name: "RFC 8414",
        title: "RFC 8414: OAuth 2.0 Authorization Server Metadata",
        address: "https://www.rfc-editor.org/rfc/rfc8414",
        called: &[],
        demands: &[
            ("2", "what the metadata has in it"),
            ("3", "where it is"),
            ("3.1", "the inserted form of an issuer with a path"),
            ("3.3", "the issuer is the one that was asked"),
        ],
    },
    Spec {
        name: "RFC 9068",
        title: "RFC 9068: JWT Profile for OAuth 2.0 Access Tokens",
        address: "https://www.rfc-editor.org/rfc/rfc9068",
        called: &[],
        demands: &[
            ("2.1", "the type at+jwt, and a signature"),
            ("2.2", "iss, exp, aud, sub, client_id, iat and jti"),
            ("2.2.1", "auth_time, acr and amr"),
            ("2.2.3.1", "roles and entitlements"),
            ("3", "the audience of a request with resource, and without"),
        ],
    },
    Spec {
        name: "RFC 9101",
        title: "RFC 9101: JWT-Secured Authorization Request",
        address: "https://www.rfc-editor.org/rfc/rfc9101",
        called: &[],
        demands: &[
            ("4", "what a request object has in it"),
            ("5", "by value and by reference"),
            ("5.2", "request_uri"),
            ("6.1", "encrypted request objects"),
            ("6.2", "the signature"),
            ("6.3", "only what is in the object counts"),
            ("7", "the errors"),
            ("10.5", "signed objects can be demanded"),
            ("10.8", "nothing else is taken for one"),
        ],
    },
    Spec {
        name: "RFC 9126",
        title: "RFC 9126: OAuth 2.0 Pushed Authorization Requests",
        address: "https://www.rfc-editor.org/rfc/rfc9126",
        called: &[],
        demands: &[
            ("2", "the endpoint"),
            ("2.1", "the client authenticates; request_uri is refused"),
            ("2.2", "201, and a reference that cannot be guessed"),
            ("2.3", "the errors"),
            ("3", "request objects at this endpoint"),
            ("4", "the reference, at the authorization endpoint"),
            ("5", "the metadata of the server"),
            ("6", "the metadata of the client"),
            ("7.3", "a reference is used once"),
        ],
    },
    Spec {
        name: "RFC 9207",
        title: "RFC 9207: OAuth 2.0 Authorization Server Issuer Identification",
        address: "https://www.rfc-editor.org/rfc/rfc9207",
        called: &[],
        demands: &[("2", "iss is in every answer, errors too"), ("3", "the metadata says so")],
    },
    Spec {
        name: "RFC 9701",
        title: "RFC 9701: JWT Response for OAuth 2.0 Token Introspection",
        address: "https://www.rfc-editor.org/rfc/rfc9701",
        called: &[],
        demands: &[
            ("4", "who accepts the media type gets a JWT"),
            ("5", "what is in it: iss, aud, iat and token_introspection, and neither sub nor exp"),
            ("6", "the metadata of the client; signed, then encrypted"),
            ("7", "the metadata of the server"),
        ],
    },
];
