//! Writ's core: what an OAuth 2.1 and OpenID Connect server decides, and nothing of how it is stored
//! or sent. No clock, no environment, no SQL, no HTTP: time and randomness are arguments, and a
//! decision lists its own writes as data ([`change::Changes`]).
//!
//! Read [`decision`] first, then [`client_credentials`] for one whole path.

pub mod act;
pub mod assertion;
pub mod audit;
pub mod authenticate;
pub mod authority;
pub mod authorization;
pub mod authorization_code;
pub mod authorize;
pub mod backchannel;
pub mod base62;
pub mod basic;
pub mod browser_state;
pub mod caller;
pub mod change;
pub mod claims;
pub mod client;
pub mod client_credentials;
pub mod confirmation;
pub mod consent;
pub mod decision;
pub mod details;
pub mod device;
pub mod device_code;
pub mod dpop;
pub mod draft;
pub mod encryption_key;
pub mod error;
pub mod excerpt;
pub mod flow;
pub mod form;
#[cfg(test)]
mod given;
pub mod grant;
pub mod handle;
pub mod hint;
pub mod id_token;
pub mod ids;
pub mod introspect;
pub mod issuing;
pub mod key;
pub mod logout;
pub mod look;
pub mod manage;
pub mod multipart;
pub mod network;
pub mod networks;
pub mod noted;
pub mod password_grant;
pub mod people;
pub mod pkce;
pub mod reason;
pub mod refresh_token;
pub mod registration;
pub mod resource;
pub mod revoke;
pub mod role;
pub mod rotation;
pub mod scene;
pub mod scope;
pub mod scope_registry;
pub mod secret;
pub mod session;
pub mod settings;
pub mod shell_reason;
pub mod subject;
pub mod tenant;
pub mod text;
pub mod time;
pub mod token;
pub mod used_once;
pub mod user;
pub mod violation;
