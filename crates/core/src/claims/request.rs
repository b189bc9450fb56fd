//! The `claims` parameter (OpenID Connect Core §5.5): single claims that a request asks for, beside those of its scopes.

use writ_jose::{Json, JsonObject};

use super::{Claim, ClaimGroup, Person};
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::scope::Scope;
use crate::subject::Subject;

/// The claims of people that are no standard claims of [`Claim`], with the scope that each belongs to.
const OWN: [(&str, &str); 5] = [
    ("name", "profile"),
    ("preferred_username", "profile"),
    ("updated_at", "profile"),
    ("email", "email"),
    ("email_verified", "email"),
];

/// Whether somebody who signed in with one factor is good enough (`acr`).
pub const ONE_FACTOR: &str = "1";

/// Somebody who signed in with two.
pub const TWO_FACTORS: &str = "2";

/// The values of `acr` that discovery names: what a person can prove here.
pub const ACR_VALUES: [&str; 2] = [ONE_FACTOR, TWO_FACTORS];

/// Whether a request asks for two factors (`acr`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AcrDemand {
    /// It does not, or is content with one.
    #[default]
    Nothing,
    /// It would rather have two (OpenID Connect Core §3.1.2.1: `acr_values` is a wish).
    Wished,
    /// It does not go on without (§5.5.1.1).
    Required,
}

impl AcrDemand {
    /// What a list of values says, in order of preference: the first that there is counts.
    pub fn of_values<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        match values.into_iter().find(|value| ACR_VALUES.contains(value)) {
            Some(TWO_FACTORS) => Self::Wished,
            Some(_) | None => Self::Nothing,
        }
    }

    /// The word as stored.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Wished => Some("wished"),
            Self::Required => Some("required"),
        }
    }

    fn by_name(name: &str) -> Self {
        [Self::Wished, Self::Required]
            .into_iter()
            .find(|demand| demand.name() == Some(name))
            .unwrap_or_default()
    }
}

/// Where claims are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimPlace {
    /// At UserInfo.
    UserInfo,
    /// In ID tokens.
    IdToken,
}

impl ClaimPlace {
    /// The member of `claims` that is about it.
    const fn name(self) -> &'static str {
        match self {
            Self::UserInfo => "userinfo",
            Self::IdToken => "id_token",
        }
    }
}

/// The claims of people that a request asks for; all others are passed over (§5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    userinfo: Vec<&'static str>,
    id_token: Vec<&'static str>,
    /// How the person has to prove to be themselves.
    acr: AcrDemand,
}

/// What `claims` demands of the sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demanded {
    /// Who it has to be.
    pub subject: Option<Subject>,
}

fn wrong(why: Reason) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, why)
}

/// The scope that a claim belongs to, with its name as it is told.
fn known(name: &str) -> Option<(&'static str, &'static str)> {
    let own = OWN.into_iter().find(|(known, _)| *known == name);
    let address = (name == "address").then_some(("address", "address"));
    own.or(address).or_else(|| {
        let claim =
            Claim::ALL.iter().find(|claim| claim.group() != ClaimGroup::Address && claim.name() == name)?;
        Some((claim.name(), if claim.group() == ClaimGroup::Phone { "phone" } else { "profile" }))
    })
}

impl ClaimsRequest {
    /// Reads the parameter, with what it demands of the sign-in.
    ///
    /// # Errors
    /// `invalid_request` for what is not of the form of §5.5; `unmet_authentication_requirements` for an essential `acr` that
    /// nobody can have here.
    pub fn read(text: &str) -> Result<(Self, Demanded), OAuthError> {
        let json = Json::parse(text.as_bytes()).map_err(|_| wrong(Reason::ClaimsBad))?;
        if json.as_object().is_none() {
            return Err(wrong(Reason::ClaimsBad));
        }
        let mut request = Self {
            userinfo: names(&json, ClaimPlace::UserInfo)?,
            id_token: names(&json, ClaimPlace::IdToken)?,
            acr: AcrDemand::Nothing,
        };
        let mut demanded = Demanded::default();
        for place in [ClaimPlace::UserInfo, ClaimPlace::IdToken] {
            let about = |name: &str| json.get(place.name()).and_then(|claims| claims.get(name));
            if let Some(sub) = about("sub").and_then(|sub| sub.get("value")) {
                let subject = sub.as_str().and_then(Subject::parse);
                let subject = subject.ok_or_else(|| wrong(Reason::ClaimsSubUnknown))?;
                if demanded.subject.replace(subject).is_some_and(|other| other != subject) {
                    return Err(wrong(Reason::ClaimsSubTwo));
                }
            }
            if let Some(acr) = about("acr") {
                match (demand(acr)?, request.acr) {
                    (AcrDemand::Required, _) => request.acr = AcrDemand::Required,
                    (AcrDemand::Wished, AcrDemand::Nothing) => request.acr = AcrDemand::Wished,
                    (AcrDemand::Wished | AcrDemand::Nothing, _) => {}
                }
            }
        }
        Ok((request, demanded))
    }

    /// The same with what `acr_values` says, where `claims` says nothing stronger.
    #[must_use]
    pub fn wishing(self, acr: AcrDemand) -> Self {
        match self.acr {
            AcrDemand::Nothing => Self { acr, ..self },
            AcrDemand::Wished | AcrDemand::Required => self,
        }
    }

    /// Whether two factors are asked for.
    pub const fn acr(&self) -> AcrDemand {
        self.acr
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty() && self.acr == AcrDemand::Nothing
    }

    /// As stored: a JSON object of names; none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut json = JsonObject::with_capacity(64);
        json.strings(ClaimPlace::UserInfo.name(), &self.userinfo);
        json.strings(ClaimPlace::IdToken.name(), &self.id_token);
        if let Some(acr) = self.acr.name() {
            json.string("acr", acr);
        }
        Some(json.finish())
    }

    /// From the stored text. What is not known here is passed over: a later version may have written it.
    pub fn from_stored(text: &str) -> Self {
        let json = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        let names = |place: ClaimPlace| {
            let stored = json.get(place.name()).and_then(Json::as_array).unwrap_or_default();
            stored.iter().filter_map(Json::as_str).filter_map(known).map(|(name, _)| name).collect()
        };
        let acr = json.get("acr").and_then(Json::as_str).map(AcrDemand::by_name).unwrap_or_default();
        Self { userinfo: names(ClaimPlace::UserInfo), id_token: names(ClaimPlace::IdToken), acr }
    }

    /// Without the claims of scopes for which this does not hold.
    #[must_use]
    fn of_scopes(&self, holds: impl Fn(&str) -> bool) -> Self {
        let keep = |names: &[&'static str]| {
            names.iter().copied().filter(|name| known(name).is_some_and(|(_, scope)| holds(scope))).collect()
        };
        Self { userinfo: keep(&self.userinfo), id_token: keep(&self.id_token), acr: self.acr }
    }

    /// Those that a client may have: the claims of its scopes.
    #[must_use]
    pub fn within(&self, allowed: &Scope) -> Self {
        self.of_scopes(|scope| allowed.contains(scope))
    }

    /// Those that a person has agreed to who was asked for some scopes and granted some of them: who leaves out a scope
    /// leaves out its claims.
    #[must_use]
    pub fn granted(&self, asked: &Scope, granted: &Scope) -> Self {
        self.of_scopes(|scope| granted.contains(scope) || !asked.contains(scope))
    }

    /// The claims that no scope of these tells, each once: what a person is asked about beside them.
    pub fn beyond(&self, scope: &Scope) -> Vec<&'static str> {
        let beyond = self.of_scopes(|of| !scope.contains(of));
        let mut names = beyond.userinfo;
        names.extend(beyond.id_token);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Those that are told at a place and that no scope of these tells there.
    fn told(&self, place: ClaimPlace, scope: &Scope) -> Vec<&'static str> {
        let beyond = self.of_scopes(|of| !scope.contains(of));
        match place {
            ClaimPlace::UserInfo => beyond.userinfo,
            ClaimPlace::IdToken => beyond.id_token,
        }
    }
}

/// The names of known claims of a member, each once.
fn names(json: &Json, place: ClaimPlace) -> Result<Vec<&'static str>, OAuthError> {
    let mut names = Vec::new();
    let Some(member) = json.get(place.name()) else { return Ok(names) };
    let claims = match member {
        Json::Null => return Ok(names),
        member => member.as_object().ok_or_else(|| wrong(Reason::ClaimsBad))?,
    };
    for (name, about) in claims {
        well_formed(about)?;
        names.extend(known(name).map(|(name, _)| name));
    }
    Ok(names)
}

/// §5.5.1: `null`, or an object whose `essential` is a yes or no and whose `values` are a list.
fn well_formed(about: &Json) -> Result<(), OAuthError> {
    let Json::Object(members) = about else {
        return if *about == Json::Null { Ok(()) } else { Err(wrong(Reason::ClaimsBad)) };
    };
    if members.get("essential").is_some_and(|essential| !matches!(essential, Json::Boolean(_))) {
        return Err(wrong(Reason::ClaimsBad));
    }
    if members.get("values").is_some_and(|values| values.as_array().is_none()) {
        return Err(wrong(Reason::ClaimsBad));
    }
    Ok(())
}

/// §5.5.1.1: an essential `acr` is one of those named, or the request fails.
fn demand(acr: &Json) -> Result<AcrDemand, OAuthError> {
    let named: Vec<&Json> = acr
        .get("value")
        .into_iter()
        .chain(acr.get("values").and_then(Json::as_array).unwrap_or_default())
        .collect();
    let essential = acr.get("essential") == Some(&Json::Boolean(true));
    let has = |acr: &str| named.iter().any(|value| value.as_str() == Some(acr));
    match (has(ONE_FACTOR), has(TWO_FACTORS), essential) {
        (false, true, true) => return Ok(AcrDemand::Required),
        (false, true, false) => return Ok(AcrDemand::Wished),
        (true, _, _) | (false, false, false) => return Ok(AcrDemand::Nothing),
        (false, false, true) if named.is_empty() => return Ok(AcrDemand::Nothing),
        (false, false, true) => {}
    }
    Err(OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, Reason::ClaimsAcrUnmet))
}

impl Person {
    /// Adds the claims that were asked for one by one, and that no scope tells. One without a value is left out.
    pub fn write_asked(&self, asked: (&ClaimsRequest, ClaimPlace), scope: &Scope, json: &mut JsonObject) {
        let (claims, place) = asked;
        for name in claims.told(place, scope) {
            self.write_named(name, json);
        }
    }

    fn write_named(&self, name: &str, json: &mut JsonObject) {
        match (name, &self.name, &self.email) {
            ("name", Some(own), _) => drop(json.string(name, own)),
            ("preferred_username", _, _) => drop(json.string(name, &self.username)),
            ("updated_at", _, _) => drop(json.number(name, self.updated_at.as_secs())),
            ("email", _, Some(email)) => drop(json.string(name, email)),
            ("email_verified", _, Some(_)) => drop(json.boolean(name, self.is_verified())),
            ("address", _, _) => self.more.write_to(ClaimGroup::Address, json),
            _ => self.more.write_named(name, json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{person, scope};

    fn read(text: &str) -> ClaimsRequest {
        ClaimsRequest::read(text).unwrap().0
    }

    fn told(request: &ClaimsRequest, place: ClaimPlace, asked: &str) -> String {
        let mut json = JsonObject::default();
        person().write_asked((request, place), &scope(asked), &mut json);
        json.finish()
    }

    /// §5.5: what is known is told where it was asked for; what is unknown is passed over; a scope tells its own.
    #[test]
    fn single_claims_are_told_where_they_were_asked_for() {
        let request = read(
            r#"{"userinfo":{"email":null,"http://example.info/claims/groups":null,"name":{"essential":true,"values":["x"]}},
                "id_token":{"email":{"value":"y"},"auth_time":{"essential":true},"roles":null},"other":7}"#,
        );
        assert_eq!(
            told(&request, ClaimPlace::UserInfo, "openid"),
            r#"{"email":"ada@example.org","name":"Ada"}"#
        );
        assert_eq!(told(&request, ClaimPlace::IdToken, "openid"), r#"{"email":"ada@example.org"}"#);
        assert_eq!(told(&request, ClaimPlace::UserInfo, "openid email"), r#"{"name":"Ada"}"#);
        assert_eq!(request.beyond(&scope("openid")), ["email", "name"]);
        assert_eq!(request.beyond(&scope("openid email profile")), Vec::<&str>::new());
        assert_eq!(ClaimsRequest::from_stored(&request.to_stored().unwrap()), request);
        assert_eq!(read("{}").to_stored(), None);
        assert_eq!(told(&read(r#"{"userinfo":null}"#), ClaimPlace::UserInfo, "openid"), "{}");
    }

    /// A client gets no claim of a scope that it may not have, and a person who leaves out a scope gives none of it.
    #[test]
    fn claims_are_no_way_round_scopes() {
        let request = read(r#"{"userinfo":{"email":null,"name":null,"phone_number":null}}"#);
        assert_eq!(request.within(&scope("openid email")), read(r#"{"userinfo":{"email":null}}"#));
        let granted = request.granted(&scope("openid email"), &scope("openid"));
        assert_eq!(granted, read(r#"{"userinfo":{"name":null,"phone_number":null}}"#));
    }

    /// §5.5.1.1.
    #[test]
    fn an_essential_acr_that_nobody_can_have_is_refused() {
        let refused = |text: &str| ClaimsRequest::read(text).err().map(|error| error.code());
        let unmet = Some(ErrorCode::UnmetAuthenticationRequirements);
        for (acr, expected) in [
            (r#"{"essential":true,"values":["3","4"]}"#, unmet),
            (r#"{"essential":true,"value":"3"}"#, unmet),
            (r#"{"essential":true,"values":["2","3"]}"#, None),
            (r#"{"essential":true,"values":["2","1"]}"#, None),
            (r#"{"values":["2"]}"#, None),
            (r#"{"essential":true}"#, None),
            ("null", None),
        ] {
            assert_eq!(refused(&format!(r#"{{"id_token":{{"acr":{acr}}}}}"#)), expected, "{acr}");
        }
    }

    /// §5.5.1.1, §3.1.2.1: an essential `acr` is required, any other and `acr_values` are a wish, and one factor is always
    /// enough where it is named.
    #[test]
    fn two_factors_are_required_wished_for_or_neither() {
        let of_claims =
            |acr: &str| ClaimsRequest::read(&format!(r#"{{"id_token":{{"acr":{acr}}}}}"#)).unwrap().0.acr();
        for (acr, expected) in [
            (r#"{"essential":true,"value":"2"}"#, AcrDemand::Required),
            (r#"{"essential":true,"values":["2","3"]}"#, AcrDemand::Required),
            (r#"{"essential":true,"values":["2","1"]}"#, AcrDemand::Nothing),
            (r#"{"essential":true}"#, AcrDemand::Nothing),
            (r#"{"value":"2"}"#, AcrDemand::Wished),
            (r#"{"value":"3"}"#, AcrDemand::Nothing),
            ("null", AcrDemand::Nothing),
        ] {
            assert_eq!(of_claims(acr), expected, "{acr}");
            let stored = ClaimsRequest::read(&format!(r#"{{"id_token":{{"acr":{acr}}}}}"#)).unwrap().0;
            let read = stored.to_stored().map(|text| ClaimsRequest::from_stored(&text)).unwrap_or_default();
            assert_eq!(read, stored, "{acr}");
        }
        let of_values = |values: &str| AcrDemand::of_values(values.split(' '));
        for (values, expected) in [
            ("2", AcrDemand::Wished),
            ("urn:x 2 1", AcrDemand::Wished),
            ("1 2", AcrDemand::Nothing),
            ("urn:x", AcrDemand::Nothing),
            ("", AcrDemand::Nothing),
        ] {
            assert_eq!(of_values(values), expected, "{values}");
        }
        let required =
            ClaimsRequest::read(r#"{"id_token":{"acr":{"essential":true,"value":"2"}}}"#).unwrap().0;
        assert_eq!(required.wishing(AcrDemand::Nothing).acr(), AcrDemand::Required);
        assert_eq!(ClaimsRequest::default().wishing(AcrDemand::Wished).acr(), AcrDemand::Wished);
    }

    /// §5.5: what is not of its form is refused, and said.
    #[test]
    fn what_is_malformed_is_refused() {
        for text in [
            "",
            "x",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"email":1}}"#,
            r#"{"id_token":{"x":{"essential":"yes"}}}"#,
            r#"{"id_token":{"x":{"values":"yes"}}}"#,
            r#"{"id_token":{"sub":{"value":"somebody"}}}"#,
            r#"{"id_token":{},"id_token":{}}"#,
        ] {
            assert_eq!(ClaimsRequest::read(text).unwrap_err().code(), ErrorCode::InvalidRequest, "{text}");
        }
        let subject = Subject::of(person().id);
        let (_, demanded) =
            ClaimsRequest::read(&format!(r#"{{"id_token":{{"sub":{{"value":"{subject}"}}}}}}"#)).unwrap();
        assert_eq!(demanded.subject, Some(subject));
    }
}
