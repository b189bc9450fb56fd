//! Where a client is told that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0 §2.2, Front-Channel Logout 1.0
//! §2): a part of the rare metadata.

use writ_jose::{Json, JsonObject};

use super::metadata::Rare;
use super::read::ClientReader;
use super::{RedirectUri, Update, WebOrigin, WebUri};
use crate::form::write_pair;
use crate::reason::Reason;
use crate::settings::Switch;

/// What is registered of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogoutUris {
    /// Where the server itself tells it, with a logout token.
    pub backchannel: Option<WebUri>,
    /// Whether it wants `sid` in that token; it always gets it.
    pub backchannel_session: Switch,
    /// What the browser loads, out of sight, on the page of whoever has signed out.
    pub frontchannel: Option<WebUri>,
    /// Whether it wants `iss` and `sid` in that address.
    pub frontchannel_session: Switch,
}

/// What shall become of it, as it was sent. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct LogoutUrisPatch {
    /// Where the server itself tells it.
    pub backchannel: Update<String>,
    /// Whether it wants `sid` in the logout token.
    pub backchannel_session: Update<Switch>,
    /// What the browser loads.
    pub frontchannel: Update<String>,
    /// Whether it wants `iss` and `sid` in that address.
    pub frontchannel_session: Update<Switch>,
}

impl LogoutUrisPatch {
    /// The patch that says of every field what it is.
    pub(super) fn restating(held: &LogoutUris) -> Self {
        Self {
            backchannel: Update::sent(Some(held.backchannel.as_ref().map(WebUri::to_string))),
            backchannel_session: Update::Set(held.backchannel_session),
            frontchannel: Update::sent(Some(held.frontchannel.as_ref().map(WebUri::to_string))),
            frontchannel_session: Update::Set(held.frontchannel_session),
        }
    }

    pub(super) fn apply_to(&self, held: &mut LogoutUris, reader: &mut ClientReader<'_>) {
        address(&self.backchannel, Rare::BackchannelLogoutUri, (&mut held.backchannel, reader));
        address(&self.frontchannel, Rare::FrontchannelLogoutUri, (&mut held.frontchannel, reader));
        switch(&self.backchannel_session, &mut held.backchannel_session);
        switch(&self.frontchannel_session, &mut held.frontchannel_session);
    }
}

/// Neither may have a fragment.
fn address(patch: &Update<String>, name: Rare, (held, reader): (&mut Option<WebUri>, &mut ClientReader<'_>)) {
    match patch {
        Update::Keep => {}
        Update::Clear => *held = None,
        Update::Set(sent) if sent.contains('#') => {
            reader.violations.note(name, Reason::HasFragment);
        }
        Update::Set(sent) => *held = reader.web_uri(name.into(), sent),
    }
}

fn switch(patch: &Update<Switch>, held: &mut Switch) {
    match patch {
        Update::Keep => {}
        Update::Clear => *held = Switch::Off,
        Update::Set(sent) => *held = *sent,
    }
}

impl LogoutUris {
    /// Front-Channel Logout §2: scheme, host and port are those of a registered redirect URI. A page of ours loads the
    /// address in everybody's browser.
    pub(super) fn fits(&self, redirect_uris: &[RedirectUri], reader: &mut ClientReader<'_>) {
        let Some(uri) = &self.frontchannel else { return };
        let origin = WebOrigin::of(uri.as_str());
        if !redirect_uris.iter().any(|known| origin.is_some() && WebOrigin::of(known.as_str()) == origin) {
            let why = Reason::FrontchannelElsewhere;
            reader.violations.note(Rare::FrontchannelLogoutUri, why);
        }
    }

    /// Writes what there is into the stored object. Statements look for `"backchannel_logout_uri":"` in it.
    pub(super) fn write_to(&self, json: &mut JsonObject) {
        let addresses = [
            (Rare::BackchannelLogoutUri, &self.backchannel),
            (Rare::FrontchannelLogoutUri, &self.frontchannel),
        ];
        for (name, uri) in addresses {
            if let Some(uri) = uri {
                json.string(name.name(), uri.as_str());
            }
        }
        let switches = [
            (Rare::BackchannelLogoutSession, self.backchannel_session),
            (Rare::FrontchannelLogoutSession, self.frontchannel_session),
        ];
        for (name, _) in switches.into_iter().filter(|(_, switch)| switch.is_on()) {
            json.boolean(name.name(), true);
        }
    }

    /// What a browser loads, with `iss` and `sid` where the client wants them (Front-Channel Logout §2).
    pub fn frontchannel_address(&self, issuer: &str, sid: &str) -> Option<String> {
        let mut address = self.frontchannel.as_ref()?.to_string();
        if self.frontchannel_session.is_on() {
            address.push(if address.contains('?') { '&' } else { '?' });
            write_pair("iss", issuer, &mut address);
            address.push('&');
            write_pair("sid", sid, &mut address);
        }
        Some(address)
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let uri = |name: Rare| json.get(name.name()).and_then(Json::as_str).map(WebUri::from_stored);
        let switch = |name: Rare| Switch::from(json.get(name.name()) == Some(&Json::Boolean(true)));
        Self {
            backchannel: uri(Rare::BackchannelLogoutUri),
            backchannel_session: switch(Rare::BackchannelLogoutSession),
            frontchannel: uri(Rare::FrontchannelLogoutUri),
            frontchannel_session: switch(Rare::FrontchannelLogoutSession),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Field, Metadata, MetadataPatch, Profile, Rules, Violations};
    use super::*;

    fn patched(logout: LogoutUrisPatch) -> Result<LogoutUris, Violations> {
        let patch = ClientPatch {
            metadata: MetadataPatch { logout, ..MetadataPatch::default() },
            ..ClientPatch::default()
        };
        patch.apply(&web(), &Rules::of(Profile::OWN)).map(|after| after.registration.metadata.logout)
    }

    /// Front-Channel Logout §2: both parameters or none, beside those that the address has.
    #[test]
    fn what_a_browser_loads_says_which_sign_in_has_ended() {
        let address = |uri: &str, session| {
            let frontchannel = Some(WebUri::parse(uri).unwrap());
            let uris = LogoutUris { frontchannel, frontchannel_session: session, ..LogoutUris::default() };
            uris.frontchannel_address("https://id.example/t/a", "s-1").unwrap()
        };
        let both = "iss=https%3A%2F%2Fid.example%2Ft%2Fa&sid=s-1";
        assert_eq!(address("https://rp.example/out", Switch::On), format!("https://rp.example/out?{both}"));
        assert_eq!(
            address("https://rp.example/out?a=b", Switch::On),
            format!("https://rp.example/out?a=b&{both}")
        );
        assert_eq!(address("https://rp.example/out", Switch::Off), "https://rp.example/out");
        assert_eq!(LogoutUris::default().frontchannel_address("i", "s"), None);
    }

    fn set(text: &str) -> Update<String> {
        Update::Set(text.to_owned())
    }

    #[test]
    fn what_is_registered_comes_back_from_storage() {
        let logout = patched(LogoutUrisPatch {
            backchannel: set("https://rp.example/out?a=1"),
            backchannel_session: Update::Set(Switch::On),
            frontchannel: set("https://app.example.com/front"),
            frontchannel_session: Update::Clear,
        })
        .unwrap();
        let metadata = Metadata { logout, ..Metadata::default() };
        let stored = metadata.to_stored().unwrap();
        assert!(stored.contains(r#""backchannel_logout_uri":""#), "statements look for this: {stored}");
        assert_eq!(Metadata::from_stored(&stored), metadata);
        assert_eq!(patched(LogoutUrisPatch::restating(&metadata.logout)).unwrap(), metadata.logout);
    }

    /// Back-Channel Logout §2.2, Front-Channel Logout §2: no fragment; https, or this machine.
    #[test]
    fn an_address_is_one_that_can_be_called() {
        for bad in ["https://rp.example/#x", "http://rp.example/", "javascript:alert(1)", "/relative"] {
            let wrong =
                patched(LogoutUrisPatch { backchannel: set(bad), ..LogoutUrisPatch::default() }).unwrap_err();
            assert_eq!(fields(&wrong), [Field::from(Rare::BackchannelLogoutUri)], "{bad}");
            let wrong = patched(LogoutUrisPatch { frontchannel: set(bad), ..LogoutUrisPatch::default() })
                .unwrap_err();
            assert_eq!(fields(&wrong), [Field::from(Rare::FrontchannelLogoutUri)], "{bad}");
        }
    }

    /// Front-Channel Logout §2.
    #[test]
    fn what_a_browser_loads_is_where_a_redirect_uri_is() {
        for bad in ["https://other.example/", "https://app.example.com:8443/", "https://sub.app.example.com/"]
        {
            let wrong = patched(LogoutUrisPatch { frontchannel: set(bad), ..LogoutUrisPatch::default() })
                .unwrap_err();
            assert_eq!(fields(&wrong), [Field::from(Rare::FrontchannelLogoutUri)], "{bad}");
        }
        for good in ["https://app.example.com/x?y=z", "https://APP.example.com:443/x"] {
            assert!(
                patched(LogoutUrisPatch { frontchannel: set(good), ..LogoutUrisPatch::default() }).is_ok(),
                "{good}"
            );
        }
    }
}
