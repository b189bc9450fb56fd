//! Laws of views: what a contract shows of a client makes the same client again.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::own_clients::{keys, part};
use super::{CLIENTS, IDENTITY, OAUTH2, OWN, Stage, TENANT, is_json, text};

const URIS: &[&str] = &[
    "https://app.example.com/cb",
    "https://app.example.com/cb?x=1&y=%20",
    "https://APP.example.com:8443/",
    "https://xn--bcher-kva.example/cb",
    "http://localhost:3000/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:7/cb",
    "com.example.app://callback",
    "com.example.app:/callback",
];
const ORIGINS: &[&str] = &["https://app.example.com", "https://a.example:8443", "http://localhost:3000"];
const SCOPES: &[&str] = &["openid", "email", "read", "a:b", "https://x.example/y", "!~", "A", "[x]"];

/// A server that all cases share, and the runtime in which it lives.
fn stage() -> &'static (Runtime, Stage) {
    static STAGE: OnceLock<(Runtime, Stage)> = OnceLock::new();
    STAGE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let stage = runtime.block_on(Stage::new());
        (runtime, stage)
    })
}

fn some(from: &'static [&'static str], least: usize) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(from, least..=from.len()).prop_shuffle()
}

/// Bodies of **clients** and **tenant** and **identity** that together say everything of a client.
fn bodies() -> impl Strategy<Value = (Value, Value, Value)> {
    let kinds = prop::sample::select(&["web", "spa", "native", "machine"][..]);
    let lists = (some(URIS, 1), some(URIS, 0), some(ORIGINS, 0), some(SCOPES, 1));
    // What cannot be seen, or turns the text around it, no contract takes.
    let is_read = |text: &String| writ_core::text::check(text, 2000, writ_core::text::Lines::One).is_ok();
    let texts = (
        "[^\\p{C}\\s]{1,20}( [^\\p{C}\\s]{1,20})?".prop_filter("can be read", is_read),
        prop::option::of("[^\\p{C}]{1,40}".prop_filter("can be read", is_read)),
    );
    let rest = (60..=86_400_i64, 60..=31_536_000_i64, any::<[bool; 2]>(), prop::option::of(0..ORIGINS.len()));
    (kinds, lists, texts, rest).prop_map(
        |(kind, (uris, logout, origins, scopes), (name, description), (access, refresh, flags, home))| {
            let created = json!({
                "name": name, "type": kind, "redirect_uris": uris, "allowed_origins": origins,
                "post_logout_redirect_uris": logout, "scopes": scopes,
            });
            let tenant = json!({
                "description": description, "accessTokenTTL": access, "refreshTokenTTL": refresh, "enabled": flags[0],
            });
            let home = home.and_then(|at| ORIGINS.get(at));
            let identity = json!({ "is_first_party": flags[1], "client_uri": home, "logo_uri": home });
            (created, tenant, identity)
        },
    )
}

/// What the four contracts have no field for. Which keys are encrypted to is chosen beside them.
fn settings() -> impl Strategy<Value = Value> {
    let algorithm = || prop::option::of(prop::sample::select(&["ES256", "EdDSA", "RS256", "PS256"][..]));
    let sealed = || prop::option::of(prop::sample::select(&["A256GCM", "A128CBC-HS256"][..]));
    let audience = some(&["https://api.example", "urn:x:y", "x", "söhne"], 0);
    (any::<[bool; 2]>(), algorithm(), algorithm(), audience, prop::option::of(sealed()), sealed()).prop_map(
        |(flags, access, id, audience, access_sealed, id_sealed)| {
            // None: an opaque token, which is neither signed nor encrypted.
            let (access, access_sealed) = (access_sealed.and(access), access_sealed.flatten());
            let format = if access_sealed.is_none() && access.is_none() { "opaque" } else { "jwt" };
            let alg = |enc: Option<_>| enc.map(|_| "ECDH-ES");
            json!({
                "refresh_token_rotation": flags[1], "access_token_format": format, "audience": audience,
                "access_token_signed_response_alg": access, "id_token_signed_response_alg": id,
                "access_token_encrypted_response_alg": alg(access_sealed),
                "access_token_encrypted_response_enc": access_sealed,
                "id_token_encrypted_response_alg": alg(id_sealed), "id_token_encrypted_response_enc": id_sealed,
                "require_pkce": flags[0],
                "jwks": (flags[0] || access_sealed.is_some() || id_sealed.is_some()).then(keys),
            })
        },
    )
}

/// What a contract lets somebody send, of what it shows.
fn writable(contract: &str, view: &Value) -> Value {
    let names: BTreeSet<&str> = match contract {
        TENANT => [
            "name",
            "description",
            "grantTypes",
            "redirectURIs",
            "scopes",
            "accessTokenTTL",
            "refreshTokenTTL",
            "enabled",
        ]
        .into(),
        IDENTITY => [
            "client_name",
            "client_type",
            "redirect_uris",
            "allowed_scopes",
            "allowed_origins",
            "client_uri",
            "logo_uri",
        ]
        .into(),
        OAUTH2 => ["name", "redirect_uris", "grant_types", "scope", "confidential"].into(),
        _ => [
            "name",
            "type",
            "redirect_uris",
            "allowed_origins",
            "grant_types",
            "post_logout_redirect_uris",
            "scopes",
        ]
        .into(),
    };
    let members = view.as_object().unwrap().iter().filter(|(name, _)| names.contains(name.as_str()));
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

fn unwrapped(contract: &str, body: &Value) -> Value {
    match contract {
        TENANT => body["data"]["client"].clone(),
        IDENTITY => body["client"].clone(),
        _ => body.clone(),
    }
}

async fn view(stage: &Stage, contract: &str, client_id: &str) -> Value {
    let path = match contract {
        TENANT => {
            let found = is_json(&stage.get(&format!("{OAUTH2}/{client_id}")).await, 200);
            format!("{TENANT}/{}", text(&found["id"]))
        }
        other => format!("{other}/{client_id}"),
    };
    unwrapped(contract, &is_json(&stage.get(&path).await, 200))
}

async fn law(stage: &Stage, (created, tenant, identity): (Value, Value, Value), mut chosen: Value) {
    let made = is_json(&stage.post(CLIENTS, &created).await, 201);
    let client_id = text(&made["client_id"]);
    let row = text(&view(stage, OAUTH2, &client_id).await["id"]);
    let _ = stage.put(&format!("{TENANT}/{row}"), &tenant).await.expect(200);
    let _ = stage.patch(&format!("{IDENTITY}/{row}"), &identity).await.expect(200);
    let whole = format!("{OWN}/{client_id}");
    if matches!(created["type"].as_str(), Some("spa" | "native")) {
        chosen["require_pkce"] = json!(true);
        // RFC 9700 §4.14.2: those of a public client always rotate.
        chosen["refresh_token_rotation"] = json!(true);
    }
    assert_eq!(part(&is_json(&stage.patch(&whole, &chosen).await, 200), &chosen), chosen);
    for contract in [TENANT, IDENTITY, OAUTH2, CLIENTS] {
        let before = view(stage, contract, &client_id).await;
        let draft = writable(contract, &before);
        // Sent back as a change, it changes nothing.
        let mut patch = draft.clone();
        if contract == CLIENTS {
            patch.as_object_mut().unwrap().retain(|name, _| name != "type" && name != "grant_types");
        }
        let place =
            if contract == CLIENTS { format!("{CLIENTS}/{client_id}") } else { format!("{contract}/{row}") };
        let method = if matches!(contract, TENANT | OAUTH2) { "PUT" } else { "PATCH" };
        let answer = stage.send(stage.call(method, &place, Some(&patch))).await;
        let after = unwrapped(contract, &is_json(&answer, 200));
        assert_eq!(writable(contract, &after), draft, "{contract}");
        // Nor does it change anything that the contract knows nothing of.
        assert_eq!(part(&is_json(&stage.get(&whole).await, 200), &chosen), chosen, "{contract}");
        assert_eq!(part(&is_json(&stage.patch(&whole, &chosen).await, 200), &chosen), chosen, "{contract}");
        // Sent as a new client, it makes another one like it. tenant says nothing of a public client's kind.
        if contract == TENANT && before["clientSecret"].is_null() {
            continue;
        }
        // identity says nothing of grant types: a machine comes back as a web client with its redirect URIs.
        let again = unwrapped(contract, &is_json(&stage.post(contract, &draft).await, 201));
        let twin = text(again.get("clientId").or_else(|| again.get("client_id")).unwrap());
        assert_eq!(writable(contract, &view(stage, contract, &twin).await), draft, "{contract}");
    }
}

/// The whole client, sent back as it is shown, stays as it is; sent as a new one, it makes another like it.
async fn own_law(stage: &Stage, (created, tenant, _): (Value, Value, Value), chosen: Value) {
    let mut body = chosen;
    let of_tenant =
        [("accessTokenTTL", "access_token_lifetime"), ("refreshTokenTTL", "refresh_token_lifetime")];
    for (theirs, ours) in of_tenant {
        body[ours] = tenant[theirs].clone();
    }
    body["client_name"] = created["name"].clone();
    body["kind"] = created["type"].clone();
    for same in ["redirect_uris", "allowed_origins", "post_logout_redirect_uris"] {
        body[same] = created[same].clone();
    }
    body["scope"] =
        created["scopes"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" ").into();
    body["contacts"] = json!(["ada@example.com"]);
    if matches!(created["type"].as_str(), Some("spa" | "native")) {
        body["require_pkce"] = json!(true);
        body["refresh_token_rotation"] = json!(true);
    }
    let made = is_json(&stage.post(OWN, &body).await, 201);
    let path = format!("{OWN}/{}", text(&made["client_id"]));
    let shown = is_json(&stage.get(&path).await, 200);
    for method in ["PUT", "PATCH"] {
        let mut again = is_json(&stage.send(stage.call(method, &path, Some(&shown))).await, 200);
        again["updated_at"] = shown["updated_at"].clone();
        assert_eq!(again, shown, "{method}");
    }
    let mut twin = is_json(&stage.post(OWN, &shown).await, 201);
    twin.as_object_mut().unwrap().remove("client_secret");
    for its_own in ["id", "client_id", "client_secret_masked", "created_at", "updated_at"] {
        twin[its_own] = shown[its_own].clone();
    }
    assert_eq!(twin, shown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn view_draft_view_loses_nothing(bodies in bodies(), chosen in settings()) {
        let (runtime, stage) = stage();
        runtime.block_on(law(stage, bodies, chosen));
    }
    #[test]
    fn the_whole_client_makes_the_same_client_again(bodies in bodies(), chosen in settings()) {
        let (runtime, stage) = stage();
        runtime.block_on(own_law(stage, bodies, chosen));
    }
}
