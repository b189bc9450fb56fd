//! Response types with tokens in them: who may ask for which, how, and what leaves.

use super::*;
use crate::act;
use crate::authenticate::ClientFacts;
use crate::change::{Change, Changes};
use crate::client::{ClientKind, ClientPatch, Party, RedirectUri, Registration, Update};
use crate::client::{
    GrantType, GrantTypes, IdTokenClaims, MetadataPatch, Profile, RegisteredClient, ResponseType, Rules,
};
use crate::draft::Unsigned;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::form::Form;
use crate::given::{
    Counted, ID_TOKENS, ISSUER, NO_RESOURCES, NOW, at, facts, hash_key, person, scope, session,
};
use crate::issuing::{IdTokenPolicy, Issuing};
use crate::resource::{Targets, Wanted};
use crate::secret::sha256;
use crate::settings::{Switch, TenantSettings};
use crate::time::Seconds;
use std::convert::Infallible;

const CALLBACK: &str = "https://app.example/cb";

fn settings(legacy: Switch) -> TenantSettings {
    TenantSettings { legacy_implicit_grant: legacy, ..TenantSettings::default() }
}

/// A client that has registered these types, by rules of a tenant that has everything on.
fn registered(types: &[&str], redirect_uri: &str) -> (ClientFacts, RegisteredClient) {
    let facts = facts(|client, tenant| {
        client.kind = ClientKind::Web;
        client.party = Party::First;
        client.grant_types =
            GrantTypes::new([GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit]);
        client.scope = scope("openid profile read offline_access");
        tenant.settings = settings(Switch::On);
    });
    let mut registration = Registration::at(NOW);
    registration.redirect_uris.push(RedirectUri::parse(redirect_uri).unwrap());
    let client = RegisteredClient { client: (*facts.client).clone(), registration };
    let patch = ClientPatch {
        metadata: MetadataPatch {
            response_types: Update::Set(types.iter().map(ToString::to_string).collect()),
            ..MetadataPatch::default()
        },
        ..ClientPatch::default()
    };
    let rules = Rules { legacy_implicit_grant: Switch::On, ..Rules::of(Profile::OWN) };
    (facts, patch.apply(&client, &rules).unwrap())
}

const EVERY: [&str; 7] =
    ["code", "id_token", "code id_token", "token", "id_token token", "code token", "code id_token token"];

fn ask(
    client: &RegisteredClient,
    legacy: Switch,
    more: &str,
) -> Result<AuthorizationRequest, RefusedRequest> {
    let text =
        format!("client_id=app&redirect_uri={CALLBACK}&scope=openid+profile+offline_access&state=s&{more}");
    let demands = Demands::of(&settings(legacy));
    let reading = Reading {
        way: Way::Open,
        hint: Hint::None,
        object: &Object::Absent,
        demands,
        resources: &NO_RESOURCES,
        issuer: &ISSUER.into(),
    };
    read(&Form::parse(text.as_bytes()).unwrap(), Some(client), &reading)
}

fn refused_as(answer: Result<AuthorizationRequest, RefusedRequest>) -> (ErrorCode, Carrier, String) {
    let Err(RefusedRequest::Reply(reply, error)) = answer else { panic!("{answer:?}") };
    (error.code(), reply.to.mode.carrier, format!("{error:?}"))
}

/// What is given for a request, sealed; tokens are what they would be without a signature.
fn given(
    facts: &ClientFacts,
    request: &AuthorizationRequest,
    policy: IdTokenPolicy,
) -> (Answered, Changes, Vec<serde_json::Value>) {
    let (origin, random, hash_key) = (act::Origin::default(), Counted::default(), hash_key());
    let moment = at(NOW, &random);
    let deciding = Deciding { facts, request, challenge: None, origin: &origin, moment, hash_key: &hash_key };
    let mut subject = Decider::from(&session());
    subject.user = person().id;
    let (mut answered, changes) = give(&deciding, &subject, None);
    let Some(front) = answered.front.take() else { return (answered, changes, Vec::new()) };
    assert_eq!(front.user(), person().id);
    let issuing = Issuing {
        facts,
        origin: &origin,
        moment,
        id_tokens: policy,
        hash_key: &hash_key,
        targets: Targets { known: &NO_RESOURCES, wanted: Wanted::NONE },
        confirmation: None,
    };
    let mut said = Vec::new();
    let sealed = front.draft(&person(), &issuing, Some(changes)).unwrap().seal(answered, |unsigned| {
        let (kind, payload) = match unsigned {
            Unsigned::AccessToken { payload, .. } => ("access", payload),
            Unsigned::IdToken { payload } => ("id", payload),
            Unsigned::LogoutToken { .. } => panic!("{unsigned:?}"),
        };
        said.push(serde_json::from_str(payload).unwrap());
        Ok::<_, Infallible>(format!("{kind}.{}.x", said.len()))
    });
    let Ok((answered, changes)) = sealed;
    (answered, changes.unwrap(), said)
}

fn names(answered: &Answered) -> Vec<&'static str> {
    answered.parameters.iter().map(|(name, _)| *name).collect()
}

fn value<'a>(answered: &'a Answered, wanted: &str) -> &'a str {
    answered.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| &**value).unwrap()
}

fn half(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&sha256(text.as_bytes()).as_bytes()[..16])
}

/// Multiple Response Types §3, §5; OpenID Connect Core §3.2.2.5, §3.3.2.5: each type has its parameters, and goes in the
/// fragment; §3.2.2.9, §3.2.2.10, §3.3.2.11: the ID token has the hashes of what is beside it.
#[test]
fn each_response_type_has_its_parameters_and_their_hashes() {
    let (facts, client) = registered(&EVERY, CALLBACK);
    for wanted in ResponseType::ALL {
        let more = format!("response_type={}&nonce=n", wanted.name().replace(' ', "+"));
        let request = ask(&client, Switch::On, &more).unwrap();
        let (answered, changes, said) = given(&facts, &request, ID_TOKENS);
        let has = names(&answered);
        for (name, expected) in [
            ("code", wanted.has_code()),
            ("id_token", wanted.has_id_token()),
            ("access_token", wanted.has_token()),
            ("token_type", wanted.has_token()),
            ("expires_in", wanted.has_token()),
            ("state", true),
            ("iss", true),
            ("session_state", true),
            ("refresh_token", false),
        ] {
            assert_eq!(has.contains(&name), expected, "{wanted:?} {name}: {has:?}");
        }
        let expected = if wanted == ResponseType::Code { Carrier::Query } else { Carrier::Fragment };
        assert_eq!(answered.to.mode.carrier, expected);
        if let Some(id) = said.iter().find(|said| said.get("nonce").is_some()) {
            let hash =
                |beside: Option<&str>| beside.map_or(serde_json::Value::Null, |text| half(text).into());
            let beside = |name, has: bool| has.then(|| value(&answered, name));
            assert_eq!(id["c_hash"], hash(beside("code", wanted.has_code())), "{wanted:?}");
            assert_eq!(id["at_hash"], hash(beside("access_token", wanted.has_token())), "{wanted:?}");
            assert_eq!((&id["s_hash"], &id["nonce"]), (&hash(Some("s")), &"n".into()));
            assert!(id["sid"].is_string() && id["sub"].is_string());
        } else {
            assert!(!wanted.has_id_token());
        }
        let code = changes.list().iter().find_map(|change| match change {
            Change::Flow(FlowChange::IssueCode(new)) => Some(new.grant),
            _ => None,
        });
        let opened = changes.list().iter().find_map(|change| match change {
            Change::Flow(FlowChange::OpenGrant(opened)) => Some(opened.grant),
            _ => None,
        });
        let token = changes.list().iter().find_map(|change| match change {
            Change::IssueAccessToken(new) => Some(new),
            _ => None,
        });
        assert_eq!(code, Some(opened), "the code belongs to the grant of the token, where there is one");
        assert_eq!(token.map(|token| token.grant.unwrap()), opened);
        assert_eq!(opened.is_some(), wanted.has_token());
        if let Some(token) = token {
            assert!(token.hash.ct_eq(&sha256(value(&answered, "access_token").as_bytes())));
            assert_eq!(token.expires_at, NOW.plus(FRONT_LIFETIME), "shorter than the hour of the client");
            assert_eq!(value(&answered, "expires_in"), FRONT_LIFETIME.0.to_string());
        }
    }
}

/// OpenID Connect Core §5.4: where no access token is given, the claims of the scopes are in the ID token.
#[test]
fn an_id_token_alone_tells_what_userinfo_would() {
    let (facts, client) = registered(&EVERY, CALLBACK);
    for (wanted, told) in [("id_token", true), ("code+id_token", false), ("id_token+token", false)] {
        let request = ask(&client, Switch::On, &format!("response_type={wanted}&nonce=n")).unwrap();
        let minimal = IdTokenPolicy { claims: IdTokenClaims::Minimal, ..ID_TOKENS };
        let (_, _, said) = given(&facts, &request, minimal);
        assert_eq!(said.last().unwrap().get("name").is_some(), told, "{wanted}");
    }
}

/// Each client has what it registered, and an access token in front takes the tenant's word each time.
#[test]
fn nobody_gets_what_is_not_registered_or_turned_off() {
    let (_, hybrid) = registered(&["code", "code id_token"], CALLBACK);
    let (_, every) = registered(&EVERY, CALLBACK);
    let with = |client, legacy, wanted: &str| {
        let wanted = wanted.replace(' ', "+");
        ask(client, legacy, &format!("response_type={wanted}&nonce=n"))
    };
    for wanted in EVERY {
        assert!(with(&every, Switch::On, wanted).is_ok(), "{wanted}");
        let is_legacy = wanted.split(' ').any(|word| word == "token");
        if is_legacy {
            let (code, carrier, why) = refused_as(with(&every, Switch::Off, wanted));
            assert_eq!((code, carrier), (ErrorCode::UnsupportedResponseType, Carrier::Fragment), "{wanted}");
            assert!(why.contains("legacy_implicit_grant"), "{why}");
        } else {
            assert!(with(&every, Switch::Off, wanted).is_ok(), "{wanted}");
        }
        let own = ["code", "code id_token"].contains(&wanted);
        match with(&hybrid, Switch::On, wanted) {
            Ok(request) => assert!(own && request.response_type.has_code()),
            other => assert_eq!((refused_as(other).0, own), (ErrorCode::UnauthorizedClient, false)),
        }
    }
    let (code, carrier, _) = refused_as(with(&every, Switch::On, "none"));
    assert_eq!((code, carrier), (ErrorCode::UnsupportedResponseType, Carrier::Query));
}

/// Multiple Response Types §3, JARM §2.3.1: never in the query; Core §3.2.2.1: with a nonce, for OpenID Connect alone.
#[test]
fn tokens_never_go_in_the_query_and_have_a_nonce() {
    let (_, client) = registered(&EVERY, CALLBACK);
    for (more, code) in [
        ("response_type=id_token", Some(ErrorCode::InvalidRequest)),
        ("response_type=code+id_token", Some(ErrorCode::InvalidRequest)),
        ("response_type=code+token", None),
        ("response_type=token", None),
        ("response_type=id_token&nonce=n&response_mode=query", Some(ErrorCode::InvalidRequest)),
        ("response_type=token&response_mode=query.jwt", Some(ErrorCode::InvalidRequest)),
        ("response_type=id_token&nonce=n&response_mode=fragment", None),
        ("response_type=id_token&nonce=n&response_mode=jwt", None),
        ("response_type=code+id_token&nonce=n&response_mode=somewhere", Some(ErrorCode::InvalidRequest)),
    ] {
        let answer = ask(&client, Switch::On, more);
        match code {
            None => assert_eq!(answer.unwrap().to.mode.carrier, Carrier::Fragment, "{more}"),
            Some(code) => {
                let (came, carrier, _) = refused_as(answer);
                assert_eq!((came, carrier), (code, Carrier::Fragment), "{more}");
            }
        }
    }
    let posted = ask(&client, Switch::On, "response_type=id_token&nonce=n&response_mode=form_post").unwrap();
    assert_eq!(posted.to.mode.carrier, Carrier::FormPost);
    let text = format!("client_id=app&redirect_uri={CALLBACK}&scope=read&response_type=id_token&nonce=n");
    let demands = Demands::of(&settings(Switch::On));
    let (way, object, issuer) = (Way::Open, &Object::Absent, &ISSUER.into());
    let reading = Reading { way, hint: Hint::None, object, demands, resources: &NO_RESOURCES, issuer };
    let answer = read(&Form::parse(text.as_bytes()).unwrap(), Some(&client), &reading);
    assert_eq!(refused_as(answer).0, ErrorCode::InvalidScope);
}

/// OpenID Connect Core §11: who gets no code is never away; and a code's client alone has something to prove.
#[test]
fn without_a_code_there_is_nothing_offline_and_nothing_to_prove() {
    let (_, mut client) = registered(&EVERY, CALLBACK);
    client.registration.pkce = crate::client::Pkce::Required;
    let offline = |wanted| {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let more =
            format!("response_type={wanted}&nonce=n&code_challenge_method=S256&code_challenge={challenge}");
        ask(&client, Switch::On, &more).unwrap().scope.contains("offline_access")
    };
    assert_eq!([offline("id_token"), offline("token"), offline("code+id_token")], [false, false, true]);
    assert!(ask(&client, Switch::On, "response_type=id_token&nonce=n").is_ok());
    let (code, ..) = refused_as(ask(&client, Switch::On, "response_type=code+id_token&nonce=n"));
    assert_eq!(code, ErrorCode::InvalidRequest);
}

/// RFC 8252 §8.6: what goes to a loopback address with a token in it is never given in silence.
#[test]
fn a_token_is_not_given_in_silence_to_whoever_listens_on_a_device() {
    let session = session();
    for (uri, wanted, silent) in [
        ("http://localhost/cb", "code", true),
        ("http://localhost/cb", "id_token", false),
        (CALLBACK, "id_token", true),
    ] {
        let (facts, client) = registered(&EVERY, CALLBACK);
        let mut request = ask(&client, Switch::On, &format!("response_type={wanted}&nonce=n")).unwrap();
        request.to.redirect_uri = uri.into();
        let standing = Standing {
            request: &request,
            client: &facts.client,
            hash_key: &hash_key(),
            session: Some(&session),
            consent: None,
            waiting_since: None,
            account: AccountChoice::Open,
            further: FurtherFactor::None,
        };
        let next: Result<Next<'_>, OAuthError> = next(&standing, NOW.plus(Seconds(1)));
        assert_eq!(matches!(next, Ok(Next::Give(_))), silent, "{uri} {wanted}");
    }
}
