//! The client credentials grant (RFC 6749 §4.4; RFC 9068).

use crate::act::{Action, Target};
use crate::authenticate::ClientFacts;
use crate::change::{Changes, Note};
use crate::client::GrantType;
use crate::decision::{Judgement, Refusal};
use crate::draft::{Bearer, Draft, TokenPurpose, draft};
use crate::error::{ErrorCode, OAuthError};
use crate::issuing::Issuing;
use crate::reason::Reason;
use crate::resource::Limit;
use crate::scope::{Scope, is_person_scope};
use crate::time::Micros;

/// A client's request for a token of its own.
#[derive(Debug, Clone)]
pub struct ClientCredentialsRequest {
    /// What it asks for; nothing asked: all it may have.
    pub scope: Option<Scope>,
}

/// Decides what token an authenticated client gets.
///
/// # Errors
/// `unauthorized_client` where the grant is not among the client's; `invalid_scope` where nothing
/// of what was asked for may be granted; `invalid_target`.
pub fn issue(request: &ClientCredentialsRequest, issuing: &Issuing<'_>) -> Judgement<Draft> {
    let client = &issuing.facts.client;
    if !client.grant_types.contains(GrantType::ClientCredentials) || !client.kind.is_confidential() {
        return Err(Refusal::new(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            Reason::NotForClientCredentials,
        )));
    }
    let scope = granted_scope(request, issuing.facts, issuing.moment.now)?;
    let target = issuing.target(Limit::Client, &scope)?;
    if target.scope.is_empty() && request.scope.is_some() {
        return Err(no_scope(issuing.facts, issuing.moment.now));
    }
    let id = issuing.token_id();
    let changes = Changes::new(issuing.act(Action::AccessTokenIssued, Target::AccessToken(id)));
    Ok(draft(issuing, TokenPurpose { id, bearer: Bearer::Client, target }, changes))
}

/// No scope asked: all the client may have, but for OpenID Connect's scopes, which need a person.
/// Otherwise what was asked is clamped to that; nothing left is an error.
fn granted_scope(request: &ClientCredentialsRequest, facts: &ClientFacts, now: Micros) -> Judgement<Scope> {
    let allowed = facts.client.scope.without(is_person_scope);
    let Some(asked) = &request.scope else { return Ok(allowed) };
    let granted = asked.intersection(&allowed);
    if granted.is_empty() {
        return Err(no_scope(facts, now));
    }
    Ok(granted)
}

fn no_scope(facts: &ClientFacts, now: Micros) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeNone))
        .noting(Note::ScopeRefused { client: facts.client.id, at: now })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::LazyLock;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;
    use crate::change::{Actor, Change};
    use crate::client::{ClientKind, GrantTypes, TokenFormat};
    use crate::given::{ISSUER, NOW, ask, facts, scope};
    use crate::ids::TokenId;
    use crate::secret::sha256;
    use crate::token::{NewAccessToken, TokenRef};
    use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey, EncryptionKey, decrypt_compact};
    use writ_jose::{Algorithm, SigningKey};

    /// Names of each sort that the rules tell apart.
    const NAMES: [&str; 8] =
        ["read", "write", "reads", "oauth:read", "tenants:write", "openid", "email", "offline_access"];

    fn any_scope() -> impl Strategy<Value = Scope> {
        proptest::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len())
            .prop_shuffle()
            .prop_map(|names| scope(&names.join(" ")))
    }

    fn any_format() -> impl Strategy<Value = TokenFormat> {
        prop_oneof![Just(TokenFormat::Opaque), Just(TokenFormat::Jwt(None))]
    }

    /// A client's key to encrypt to, of either sort.
    static RECIPIENTS: LazyLock<[DecryptionKey; 2]> = LazyLock::new(|| {
        [
            DecryptionKey::generate_rsa(ContentEncryption::A256Gcm).unwrap(),
            DecryptionKey::generate_on(Curve::P256, ContentEncryption::A128CbcHs256).unwrap(),
        ]
    });

    fn seal(draft: Draft, recipient: Option<&DecryptionKey>) -> (String, NewAccessToken) {
        let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let recipient =
            recipient.map(|key| EncryptionKey::from_jwk(key.public_jwk(), key.encryption()).unwrap());
        let (issued, changes) = draft.seal(|unsigned| unsigned.seal(&key, recipient.as_ref())).unwrap();
        let (_, list, _) = changes.into_parts();
        let [Change::IssueAccessToken(new)] = <[Change; 1]>::try_from(list).unwrap() else { panic!() };
        (issued.access_token, *new)
    }

    proptest! {
        /// RFC 6749 §3.3: what is granted is never more than what was asked for and what is allowed.
        #[test]
        fn scope_never_grows(allowed in any_scope(), asked in proptest::option::of(any_scope())) {
            let facts = facts(|client, _| client.scope = allowed.clone());
            match ask(&facts, asked.clone()) {
                Ok(draft) => {
                    let granted = &draft.row.scope;
                    prop_assert!(granted.is_subset(&allowed));
                    prop_assert!(!granted.iter().any(is_person_scope), "a machine is not a person");
                    prop_assert!(asked.is_some() || *granted == allowed.without(is_person_scope));
                    prop_assert!(asked.is_none_or(|asked| granted.is_subset(&asked) && !granted.is_empty()));
                }
                Err(refusal) => {
                    let asked = asked.expect("asking for nothing in particular is never refused");
                    prop_assert_eq!(refusal.error.code(), ErrorCode::InvalidScope);
                    prop_assert!(asked.iter().all(|name| is_person_scope(name) || !allowed.contains(name)));
                    let note = Note::ScopeRefused { client: facts.client.id, at: NOW };
                    prop_assert_eq!(refusal.notes, vec![note]);
                    prop_assert!(refusal.changes.is_none());
                }
            }
        }

        /// RFC 9068 §2.2: there is an audience; Writ is in it where the token is for Writ, or for nobody else.
        #[test]
        fn the_issuer_is_in_the_audience_where_the_token_is_for_it(
            allowed in any_scope(),
            configured in proptest::sample::subsequence(vec!["https://a.example", "https://b.example"], 0..=2),
        ) {
            let facts = facts(|client, _| {
                client.scope = allowed;
                client.tokens.audience = configured.iter().map(|name| (*name).into()).collect();
            });
            let row = ask(&facts, None).unwrap().row;
            let permission = row.scope.iter().any(|name| name.contains(':'));
            let mut expected = configured.clone();
            if permission || configured.is_empty() {
                expected.push(ISSUER);
            }
            prop_assert_eq!(row.audience.iter().collect::<Vec<_>>(), expected);
        }

        /// Whatever was handed out is found again by its own text, and by no other.
        #[test]
        fn a_sealed_token_names_its_row(
            format in any_format(), allowed in any_scope(), at in any::<prop::sample::Index>(),
            recipient in proptest::option::of(0..2_usize),
        ) {
            let facts = facts(|client, _| (client.tokens.format, client.scope) = (format, allowed));
            let recipient = recipient.map(|at| &RECIPIENTS[at]);
            let (token, row) = seal(ask(&facts, None).unwrap(), recipient);
            let found = TokenRef::parse(&token).unwrap();
            prop_assert_eq!(found.id, row.id);
            prop_assert!(found.hash.ct_eq(&row.hash) && row.hash.ct_eq(&sha256(token.as_bytes())));

            let mut altered = token.into_bytes();
            let at = at.index(altered.len());
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            prop_assert!(TokenRef::parse(&altered).is_none_or(|found| !found.hash.ct_eq(&row.hash)));
        }

        #[test]
        fn no_text_makes_the_token_reader_panic(
            text in ".*",
            opaque in "at_[0-9A-Za-zé]{0,80}",
            jwt in "[A-Za-z0-9é_.-]{0,20}\\.(eyJqdGkiOiI)?[A-Za-z0-9é_-]{0,80}(\\.[a-z]?){0,3}",
            jwe in "(eyJqdGkiOiI)?[A-Za-z0-9é_-]{0,80}(\\.[a-z]?){3,5}",
        ) {
            for text in [text, opaque, jwt, jwe] {
                if let Some(found) = TokenRef::parse(&text) {
                    prop_assert!(found.hash.ct_eq(&sha256(text.as_bytes())));
                }
            }
        }
    }

    /// RFC 7519 §5.3, §11.2: signed, then encrypted; outside the encryption stands the `jti` and nothing else of what the
    /// token says. A header that claims another row leads there, and is not what that row's token was.
    #[test]
    fn an_encrypted_token_tells_its_row_and_no_more() {
        for key in RECIPIENTS.iter() {
            let facts = facts(|client, _| client.scope = scope("read"));
            let (token, row) = seal(ask(&facts, None).unwrap(), Some(key));
            let read = decrypt_compact(&token, std::slice::from_ref(key)).unwrap();
            assert_eq!(read.header.content_type.as_deref(), Some("JWT"));
            let nested = str::from_utf8(&read.plain).unwrap();
            assert_eq!(TokenRef::parse(nested).unwrap().id, row.id, "the same row, told within");
            assert!(
                !TokenRef::parse(nested).unwrap().hash.ct_eq(&row.hash),
                "the nested token was not handed out"
            );

            let segments: Vec<_> = token.split('.').collect();
            let header = URL_SAFE_NO_PAD.decode(segments[0]).unwrap();
            let header = String::from_utf8(header).unwrap();
            assert!(
                header.starts_with(&format!(r#"{{"jti":"{}","alg":"#, row.id)) && !header.contains("scope")
            );
            let elsewhere = header.replace(&row.id.to_string(), &TokenId::from_bytes([9; 16]).to_string());
            let forged = token.replacen(segments[0], &URL_SAFE_NO_PAD.encode(elsewhere), 1);
            let found = TokenRef::parse(&forged).unwrap();
            assert_eq!(found.id, TokenId::from_bytes([9; 16]));
            assert!(!found.hash.ct_eq(&row.hash));
            for cut in [&segments[..4], &[&segments[..], &["x"]].concat()] {
                assert!(TokenRef::parse(&cut.join(".")).is_none());
            }
        }
    }

    /// RFC 9068 §2.2; `jti` leads, for the token's row is found by it.
    #[test]
    fn the_claims_of_an_access_token() {
        let facts = facts(|client, _| {
            client.scope = scope("read oauth:read openid");
            client.tokens.audience = vec!["https://api.example".into()];
        });
        let draft = ask(&facts, None).unwrap();
        insta::assert_snapshot!(
            draft.payload().unwrap(),
            @r#"{"jti":"01a3185c-5000-7000-8102-030405060708","iss":"https://id.example","sub":"app","client_id":"app","aud":["https://api.example","https://id.example"],"iat":1800000000,"exp":1800003600,"scope":"read oauth:read"}"#
        );
        let plain = crate::given::facts(|client, _| client.scope = scope(""));
        insta::assert_snapshot!(
            ask(&plain, None).unwrap().payload().unwrap(),
            @r#"{"jti":"01a3185c-5000-7000-8102-030405060708","iss":"https://id.example","sub":"app","client_id":"app","aud":"https://id.example","iat":1800000000,"exp":1800003600}"#
        );
    }

    #[test]
    fn the_unit_of_a_token_says_who_did_what_on_which_facts() {
        let facts = facts(|client, _| client.tokens.format = TokenFormat::Opaque);
        let draft = ask(&facts, Some(scope("read"))).unwrap();
        assert_eq!(draft.payload(), None);
        let Ok((issued, changes)) =
            draft.seal(|_| -> Result<String, Infallible> { panic!("nothing to sign") });
        assert_eq!((issued.expires_in, issued.scope.as_str()), (facts.client.tokens.access_lifetime, "read"));
        let act = changes.act();
        assert_eq!((act.at, act.tenant, act.action), (NOW, facts.tenant.id, Action::AccessTokenIssued));
        assert_eq!(act.actor, Actor::Client { id: facts.client.id, name: "app".into() });
        let [Change::IssueAccessToken(new)] = changes.list() else { panic!("{changes:?}") };
        assert_eq!((act.target, new.basis), (Target::AccessToken(new.id), facts.basis()));
        assert_eq!((new.issued_at, new.expires_at), (NOW, NOW.plus(issued.expires_in)));
        assert_eq!(changes.notes(), [Note::ClientUsed { client: facts.client.id, at: NOW }]);
    }

    /// RFC 6749 §4.4: only a confidential client, and only one that is registered for it.
    #[test]
    fn the_grant_is_for_confidential_clients_that_are_registered_for_it() {
        let other =
            GrantTypes::new(GrantType::ALL.into_iter().filter(|g| *g != GrantType::ClientCredentials));
        let refused = [
            facts(|client, _| client.grant_types = other),
            facts(|client, _| client.kind = ClientKind::Spa),
            facts(|client, _| client.kind = ClientKind::Native),
        ];
        for facts in refused {
            let refusal = ask(&facts, None).unwrap_err();
            assert_eq!(refusal.error.code(), ErrorCode::UnauthorizedClient);
        }
        ask(&facts(|client, _| client.kind = ClientKind::Web), None).unwrap();
    }
}
