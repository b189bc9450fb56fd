//! What the contracts in the oauth2 style share: times, pages, created and deleted.

use axum::response::Response;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::manage::clients::RotatedSecret;
use writ_core::time::Micros;

use super::members::Time;
use crate::call::answer;
use crate::call::fault::Fault;
pub use crate::call::page::Page;
use crate::call::when::exact;

/// RFC 3339 in UTC, to the second.
pub fn time(at: Micros) -> String {
    exact(at)
}

/// A new secret, shown once: **identity**, **oauth2** and **clients** say it alike.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RotatedClientSecret")]
pub struct NewSecret<'a> {
    client_id: &'a str,
    /// Shown this once.
    client_secret: &'a str,
    rotated_at: Time,
}

impl<'a> From<&'a RotatedSecret> for NewSecret<'a> {
    fn from(rotated: &'a RotatedSecret) -> Self {
        Self {
            client_id: &rotated.client.client_id,
            client_secret: rotated.secret.text.as_str(),
            rotated_at: rotated.rotated_at.into(),
        }
    }
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Response, Fault> {
    serde_json::to_string(body).map(|text| answer::json_no_store(status, text)).map_err(Fault::internal)
}

/// 204.
pub fn no_content() -> Response {
    answer::respond(StatusCode::NO_CONTENT, &[], axum::body::Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_utc_with_z() {
        assert_eq!(time(Micros::from_secs(1_700_000_000)), "2023-11-14T22:13:20Z");
    }
}
