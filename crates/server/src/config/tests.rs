//! What a configuration means, and what is refused.

use super::*;
use rstest::rstest;

#[rstest]
#[case("https://id.example.com", Some("https://id.example.com"))]
#[case("https://id.example.com/", Some("https://id.example.com"))]
#[case("http://localhost:8080", Some("http://localhost:8080"))]
#[case("http://127.0.0.1:1", Some("http://127.0.0.1:1"))]
#[case("http://[::1]:8080", Some("http://[::1]:8080"))]
#[case("http://id.example.com", None)]
#[case("http://localhost.example.com", None)]
#[case("https://id.example.com/path", None)]
#[case("https://id.example.com?x=1", None)]
#[case("https://id.example.com#f", None)]
#[case("https://u:p@id.example.com", None)]
#[case("ftp://id.example.com", None)]
#[case("id.example.com", None)]
#[case("", None)]
fn issuers(#[case] text: &str, #[case] good: Option<&str>) {
    assert_eq!(checked_issuer(text, InsecureIssuer::Refused).ok().as_deref(), good, "{text}");
}

#[test]
fn plain_http_takes_an_explicit_flag() {
    assert!(checked_issuer("http://id.example.com", InsecureIssuer::Allowed).is_ok());
}

#[rstest]
#[case(None, None, TlsMode::Off, Ok("http"))]
#[case(Some("c"), Some("k"), TlsMode::Off, Ok("https"))]
#[case(None, None, TlsMode::Development, Ok("https"))]
#[case(Some("c"), None, TlsMode::Off, Err("tls_key"))]
#[case(None, Some("k"), TlsMode::Off, Err("tls_cert"))]
#[case(Some("c"), Some("k"), TlsMode::Development, Err("dev_tls"))]
#[case(Some("c"), None, TlsMode::Development, Err("dev_tls"))]
fn tls_modes(
    #[case] certificate: Option<&str>,
    #[case] key: Option<&str>,
    #[case] otherwise: TlsMode,
    #[case] expected: Result<&str, &str>,
) {
    match (tls_mode(certificate.map(Into::into), key.map(Into::into), otherwise), expected) {
        (Ok(mode), Ok(scheme)) => assert_eq!(mode.scheme(), scheme),
        (Err(error), Err(name)) => assert!(error.to_string().starts_with(name), "{error}"),
        (result, expected) => panic!("{result:?}, not {expected:?}"),
    }
}

#[rstest]
#[case(TlsMode::Off, Some("http://localhost:1"), false, true)]
#[case(TlsMode::Development, None, true, true)]
#[case(TlsMode::Development, Some("http://localhost:1"), false, false)]
#[case(TlsMode::Off, None, true, false)]
#[case(TlsMode::Off, Some("http://localhost:1"), true, false)]
#[case(TlsMode::Off, Some("https://id.example.com"), true, true)]
fn fronts(#[case] tls: TlsMode, #[case] issuer: Option<&str>, #[case] redirects: bool, #[case] good: bool) {
    let redirect = redirects.then_some(ListenAddress::Every { port: 80 });
    let front = Front { tls, redirect, ..Front::default() };
    assert_eq!(checked_front(&front, issuer).is_ok(), good);
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn flags(pairs: &[(&str, &str)]) -> Flags<Every> {
    pairs.iter().fold(Flags::default(), |flags, (key, value)| flags.with(key, *value))
}

fn config(flags_: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::of(&Settings::gather(&flags(flags_), &environment(variables)))
}

/// What a setting takes that is not its default, with what it cannot be without.
fn another(key: &str) -> Vec<(&'static str, &'static str)> {
    const HOST: (&str, &str) = ("smtp.host", "mail");
    const FROM: (&str, &str) = ("smtp.from", "a@id.example");
    let pairs: &[(&str, &str)] = match key {
        "listen" => &[("listen", ":9")],
        "issuer" => &[("issuer", "https://id.example.com")],
        "allow_insecure_issuer" | "dev_tls" | "outbound.allow_loopback" => &[("", "true")],
        "tls_cert" | "tls_key" => &[("tls_cert", "a.crt"), ("tls_key", "a.key")],
        "redirect_listen" => &[("redirect_listen", ":80"), ("issuer", "https://id.example.com")],
        "trusted_proxies" => &[("trusted_proxies", "10.0.0.0/8")],
        "proxy_headers" => &[("proxy_headers", "forwarded")],
        "allowed_networks" => &[("allowed_networks", "10.0.0.0/8")],
        "data_dir" => &[("data_dir", "elsewhere")],
        "database_url" => &[("database_url", "postgres://a@h/d")],
        "database_ca_file" => &[("database_url", "postgres://a@h/d"), ("database_ca_file", "a certificate")],
        "allow_plaintext_database" => {
            &[("database_url", "postgres://a@h/d"), ("allow_plaintext_database", "true")]
        }
        "breached_passwords" => &[("breached_passwords", "a list")],
        "smtp.host" => &[("smtp.host", "mail"), FROM],
        "smtp.from" => &[("smtp.host", "mail"), ("smtp.from", "b@id.example")],
        "smtp.port" => &[HOST, FROM, ("smtp.port", "7")],
        "smtp.tls" => &[HOST, FROM, ("smtp.tls", "implicit")],
        "smtp.user" | "smtp.password" => &[HOST, FROM, ("smtp.user", "u"), ("smtp.password", "p")],
        "smtp.hello" => &[HOST, FROM, ("smtp.hello", "id.example")],
        "smtp.sender_domains" => &[HOST, FROM, ("smtp.sender_domains", "acme.example")],
        "smtp.ca_file" => &[HOST, FROM, ("smtp.ca_file", "/dev/null")],
        "outbound.extra_ca" => &[("outbound.extra_ca", "a certificate")],
        "access_token_alg" => &[("access_token_alg", "EdDSA")],
        "id_token_alg" => &[("id_token_alg", "ES256")],
        "id_token_claims" => &[("id_token_claims", "minimal")],
        "clients.id_prefix" => &[("clients.id_prefix", "app-")],
        "clients.secret_prefix" => &[("clients.secret_prefix", "s.")],
        "master_key_file" => &[("master_key_file", "key")],
        "master_key_command" => &[("master_key_command", "cat key")],
        "metrics_listen" => &[("metrics_listen", "off")],
        "log_format" => &[("log_format", "json")],
        "rate_limits" => &[("rate_limits", "off")],
        "access_log" => &[("access_log", "all")],
        "log_filter" => &[("log_filter", "debug")],
        _ => &[("", "7")],
    };
    pairs.to_vec()
}

/// A row of the table that nobody reads would be a setting that does nothing.
#[test]
fn every_setting_has_an_effect() {
    let usual = format!("{:?}", config(&[], &[]).unwrap());
    let certificate = tempfile::NamedTempFile::new().unwrap();
    let made = rcgen::generate_simple_self_signed(["db.example".to_owned()]).unwrap();
    std::fs::write(certificate.path(), made.cert.pem()).unwrap();
    for slot in settings::slots() {
        let key = slot.key();
        if slot.flag().is_none()
            || key == "config"
            || key.ends_with("_url_file")
            || key == "smtp.password_file"
        {
            continue;
        }
        let pairs = another(&key);
        let value = |value: &'static str| match value {
            "a certificate" => certificate.path().to_str().unwrap(),
            _ => value,
        };
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, given)| (if name.is_empty() { &*key } else { *name }, value(given)))
            .collect();
        let changed = format!("{:?}", config(&pairs, &[]).unwrap());
        assert_ne!(changed, usual, "{key}");
        let without: Vec<_> = pairs.iter().copied().filter(|(name, _)| *name != key).collect();
        if let Ok(without) = config(&without, &[]) {
            assert_ne!(changed, format!("{without:?}"), "{key}");
        }
    }
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_code() {
    let config = config(&[], &[]).unwrap();
    assert_eq!(config.key_max_age, MaxAge::days(KEY_ROTATION_DAYS));
    assert_eq!(config.audit_retention, Some(Seconds(365 * 86_400)));
    assert!(matches!(config.metrics, MetricsAddress::Usual(_)));
    assert!(matches!(config.master_key, MasterKeySource::DataFolder));
}

#[test]
fn the_strongest_layer_that_speaks_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("writ.toml");
    let text =
        "data_dir = \"file\"\nmax_connections = 1\nlog_filter = \"trace\"\nlisten = [\":1\", \":2\"]\n";
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let variables = [
        ("WRIT_CONFIG", path),
        ("WRIT_DATA_DIR", "variable"),
        ("WRIT_MAX_CONNECTIONS", "2"),
        ("WRIT_LOG", ""),
    ];
    let given = Settings::gather(&flags(&[("data_dir", "flag")]), &environment(&variables));
    let config = Config::of(&given).unwrap();
    assert_eq!((config.data_dir.to_str(), config.max_connections), (Some("flag"), 2));
    assert_eq!((config.log_filter.as_str(), config.listen.len()), ("trace", 2));
    let origin = |key| given.find(key).unwrap().origin.clone();
    assert_eq!(origin("data_dir"), ValueOrigin::Flag("data-dir".to_owned()));
    assert_eq!(origin("max_connections"), ValueOrigin::Variable("WRIT_MAX_CONNECTIONS".to_owned()));
    assert_eq!(origin("log_filter"), ValueOrigin::File { path: path.to_owned(), line: 3 });
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_its_origin() {
    let variables =
        [("WRIT_ISSUER", "http://id.example.com"), ("WRIT_MAX_CONNECTIONS", "many"), ("WRIT_LOG", "a=b=c")];
    let error = config(&[("listen", "nowhere")], &variables).unwrap_err();
    let text = error.to_string();
    for part in [
        "listen (--listen): ",
        "issuer (WRIT_ISSUER): ",
        "max_connections (WRIT_MAX_CONNECTIONS): ",
        "log_filter (WRIT_LOG): ",
    ] {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
    assert_eq!(error.problems.len(), 4, "{text}");
}

#[test]
fn a_secret_may_stand_in_a_file_and_the_stronger_layer_wins_in_either_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, "postgres://of-file@h/d\n").unwrap();
    let path = file.to_str().unwrap();
    let url = |flags: &[(&str, &str)], variables: &[(&str, &str)]| {
        config(flags, variables).map(|config| config.database.unwrap().url)
    };
    let plain = "postgres://plain@h/d";
    assert_eq!(url(&[], &[("WRIT_DATABASE_URL_FILE", path)]).unwrap(), "postgres://of-file@h/d");
    assert_eq!(
        url(&[("database_url_file", path)], &[("WRIT_DATABASE_URL", plain)]).unwrap(),
        "postgres://of-file@h/d"
    );
    assert_eq!(url(&[("database_url", plain)], &[("WRIT_DATABASE_URL_FILE", path)]).unwrap(), plain);
    let both =
        url(&[], &[("WRIT_DATABASE_URL", plain), ("WRIT_DATABASE_URL_FILE", path)]).unwrap_err().to_string();
    assert!(
        both.contains("twice") && both.contains("WRIT_DATABASE_URL_FILE") && !both.contains("plain@"),
        "{both}"
    );
    let gone = url(&[], &[("WRIT_DATABASE_URL_FILE", "/gone/url")]).unwrap_err().to_string();
    assert!(gone.contains("database_url_file (WRIT_DATABASE_URL_FILE): names /gone/url"), "{gone}");
}

#[test]
fn an_overridden_form_of_a_secret_is_not_in_effect() {
    let given =
        Settings::gather(&flags(&[("database_url_file", "f")]), &environment(&[("WRIT_DATABASE_URL", "u")]));
    let effective =
        |key: &str| given.effective(settings::slot(key).unwrap()).map(|found| found.raw.to_string());
    assert_eq!((effective("database_url"), effective("database_url_file")), (None, Some("f".to_owned())));
}

#[test]
fn the_master_key_is_in_one_place() {
    let digits = "0".repeat(64);
    let two = [("WRIT_MASTER_KEY", &*digits), ("WRIT_MASTER_KEY_COMMAND", "cat")];
    assert!(config(&[], &two).unwrap_err().to_string().contains("take one of"));
    let two = [("WRIT_MASTER_KEY", &*digits), ("WRIT_MASTER_KEY_FILE", "f")];
    assert!(config(&[], &two).unwrap_err().to_string().contains("given twice"));
    let here = config(&[], &[("WRIT_MASTER_KEY", &*digits)]).unwrap().master_key;
    assert!(matches!(here, MasterKeySource::Digits(_)));
}

#[rstest]
#[case("WRIT_ISUER", Some("did you mean WRIT_ISSUER?"))]
#[case("WRIT_LOG_FILTER", Some("WRIT_LOG_FILTER is not a variable of writ; did you mean WRIT_LOG"))]
#[case("WRIT_COLOUR_OF_THE_SEA", Some("is not a variable of writ"))]
#[case("WRIT_ISSUER", None)]
#[case("WRIT_MASTER_KEY_FILE", None)]
#[case("WRIT_BOOTSTRAP_API_KEY_FILE", None)]
#[case("WRIT_SERVICE_HOST", None)]
#[case("WRIT_PORT_8080_TCP_ADDR", None)]
#[case("WRIT_OF_A_COMMAND", None)]
fn an_unknown_variable_is_pointed_out(#[case] name: &str, #[case] says: Option<&str>) {
    let strangers = environment(&[(name, "x")]).strangers(&["WRIT_OF_A_COMMAND".to_owned()]);
    match says {
        None => assert_eq!(strangers, Vec::<String>::new()),
        Some(says) => assert!(strangers.len() == 1 && strangers[0].contains(says), "{strangers:?}"),
    }
}

#[test]
fn what_clients_are_called_has_only_characters_that_nothing_escapes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let naming = |text: &str| {
        std::fs::write(file.path(), text).unwrap();
        config(&[("config", file.path().to_str().unwrap())], &[]).map(|config| config.naming)
    };
    let chosen = naming("[clients]\nid_prefix = \"app-\"\nsecret_prefix = \"s.\"\n").unwrap();
    assert_eq!((chosen.id_prefix.as_str(), chosen.secret_prefix.unwrap().as_str()), ("app-", "s."));
    assert_eq!(naming("[clients]\nid_prefix = \"\"\n").unwrap().id_prefix.as_str(), "");
    let both = naming("[clients]\nid_prefix = \"a b\"\nsecret_prefix = \"s:\"\n").unwrap_err().to_string();
    assert!(both.contains("clients.id_prefix (") && both.contains("clients.secret_prefix ("), "{both}");
    assert!(naming(&format!("[clients]\nid_prefix = \"{}\"\n", "x".repeat(33))).is_err());
}
