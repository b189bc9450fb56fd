//! Clients that no administrator has registered and that have not registered themselves: their `client_id` is the address
//! of a document that says what they are (draft-ietf-oauth-client-id-metadata-document-01 §3).

use std::borrow::Cow;
use std::sync::Arc;

use super::uri::{Leniency, Sorted, UriError, scan, sort};
use super::{RedirectUri, WebUri};
use crate::basic::CLIENT_ID_LIMIT;
use crate::ids::TenantId;
use crate::reason::Reason;

/// What such an id begins with. No id that the server makes has a colon.
const BEGINNING: &str = "https://";

/// A `client_id` that is the address of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentId<'a> {
    text: &'a str,
    host: &'a str,
}

impl<'a> DocumentId<'a> {
    /// Whether a `client_id` is meant to be one.
    pub fn is_meant(client_id: &str) -> bool {
        client_id.starts_with(BEGINNING)
    }

    /// Reads one: https, a host in lower case, a path without dot segments, no user, no fragment. It is compared as a
    /// text, so that it has one spelling.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let wrong = |why: UriError| Reason::DocumentIdBad { why: Reason::from(why).into() };
        if text.len() > CLIENT_ID_LIMIT {
            return Err(Reason::DocumentIdLong { most: CLIENT_ID_LIMIT.into() });
        }
        scan(text).map_err(wrong)?;
        if text.contains('#') {
            return Err(wrong(UriError::Fragment));
        }
        let Sorted::Https(located) = sort(text, Leniency::default()).map_err(wrong)? else {
            return Err(Reason::DocumentIdNotHttps);
        };
        if !Self::is_meant(text) || located.host_text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(wrong(UriError::NotLowerCase));
        }
        if !located.rest.starts_with('/') {
            return Err(Reason::DocumentIdWithoutPath);
        }
        let authority = text.get(BEGINNING.len()..text.len() - located.rest.len()).unwrap_or_default();
        Ok(Self { text, host: authority })
    }

    /// The whole address.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// The host, with a port where it names one: what people are shown.
    pub const fn host(&self) -> &'a str {
        self.host
    }

    /// The address, to be fetched.
    pub fn uri(&self) -> WebUri {
        WebUri::from_stored(self.text)
    }

    /// The same as an address that a list of hosts is asked about.
    pub(crate) fn as_destination(&self) -> RedirectUri {
        RedirectUri::from_stored(self.text)
    }
}

/// By what a client is found: its public id, which no other client of the server has; or, where that is the address of a
/// document, the address and the tenant that has taken it. Other tenants may take the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientName<'a> {
    id: &'a str,
    taken_by: Option<TenantId>,
}

impl<'a> ClientName<'a> {
    /// A client that is looked for in a tenant.
    pub fn within(client_id: &'a str, tenant: TenantId) -> Self {
        Self { id: client_id, taken_by: DocumentId::is_meant(client_id).then_some(tenant) }
    }

    /// The public id.
    pub const fn id(&self) -> &'a str {
        self.id
    }

    /// The tenant that has taken the document, as it is stored; empty for all other ids.
    pub fn taken_by(&self) -> String {
        self.taken_by.map(|tenant| tenant.to_string()).unwrap_or_default()
    }

    /// Under what it is kept in memory.
    pub fn key(&self) -> Cow<'a, str> {
        match self.taken_by {
            None => Cow::Borrowed(self.id),
            // No address has a fragment.
            Some(tenant) => Cow::Owned(format!("{}#{tenant}", self.id)),
        }
    }
}

impl<'a> From<&'a str> for ClientName<'a> {
    /// An id that the server has made. The address of a document finds nobody this way.
    fn from(client_id: &'a str) -> Self {
        Self { id: client_id, taken_by: None }
    }
}

impl<'a> From<&'a String> for ClientName<'a> {
    fn from(client_id: &'a String) -> Self {
        Self::from(client_id.as_str())
    }
}

impl<'a> From<&'a Arc<str>> for ClientName<'a> {
    fn from(client_id: &'a Arc<str>) -> Self {
        Self::from(&**client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-ietf-oauth-client-id-metadata-document-01 §3.
    #[test]
    fn an_id_is_an_https_address_with_a_path_and_has_one_spelling() {
        for (text, host) in [
            ("https://app.example.com/client.json", "app.example.com"),
            ("https://app.example.com/", "app.example.com"),
            ("https://app.example.com:8443/a/b?v=1", "app.example.com:8443"),
            ("https://xn--80ak6aa92e.example/c", "xn--80ak6aa92e.example"),
        ] {
            let id = DocumentId::parse(text).unwrap();
            assert_eq!((id.as_str(), id.host()), (text, host));
        }
        let long = format!("https://app.example.com/{}", "x".repeat(CLIENT_ID_LIMIT));
        for text in [
            "",
            "cli_01",
            "http://app.example.com/client.json",
            "http://localhost/client.json",
            "https://app.example.com",
            "https://app.example.com?client",
            "https://app.example.com/client.json#one",
            "https://app.example.com/a/../client.json",
            "https://app.example.com/./client.json",
            "https://app.example.com/a/%2e%2e/client.json",
            "https://user@app.example.com/client.json",
            "https://user:pass@app.example.com/client.json",
            "https://App.example.com/client.json",
            "HTTPS://app.example.com/client.json",
            "https://app.example.com:0443/client.json",
            "https://\u{430}pp.example.com/client.json",
            "https:///client.json",
            "com.example.app:/client.json",
            &long,
        ] {
            assert!(DocumentId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_document_is_a_client_of_each_tenant_that_takes_it() {
        let [one, other] = [1, 2].map(|byte| TenantId::from_bytes([byte; 16]));
        let url = "https://app.example.com/client.json";
        let names = [ClientName::within(url, one), ClientName::within(url, other), ClientName::from(url)];
        let keys = names.map(|name| name.key().into_owned());
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
        assert_eq!(names.map(|name| name.id()), [url; 3]);
        assert_eq!(names[2].taken_by(), "");
        // Whoever writes another's key as an id finds nobody.
        let forged = ClientName::within(&keys[1], one);
        assert!(forged.key() != keys[1] && DocumentId::parse(&keys[1]).is_err());
        // All other ids are one client in the whole server.
        for tenant in [one, other] {
            assert_eq!(ClientName::within("cli_01", tenant), ClientName::from("cli_01"));
        }
    }
}
