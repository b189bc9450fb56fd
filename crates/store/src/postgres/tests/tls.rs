//! Encryption, and whom it is with.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::options;
use crate::cluster::{self, Cluster};
use crate::store::Store;

/// A CA and a certificate for `localhost` that it vouches for: `(CA, certificate, key)` in PEM.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    (ca.pem(), leaf.pem(), key.serialize_pem())
}

fn put(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    Cluster::give(path).unwrap();
}

#[tokio::test]
async fn only_the_right_name_with_the_right_certificate_is_the_database() {
    let url = cluster::fresh_database().await.unwrap();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let cluster = Cluster::shared().unwrap();
    let (ca, certificate, key) = certificates();
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("right.pem"), folder.path().join("wrong.pem"));
    fs::write(&right, ca).unwrap();
    fs::write(&wrong, certificates().0).unwrap();

    // A server without TLS is not spoken to where TLS is asked for.
    let mut asked = options(&format!("{url}?sslmode=verify-full").replace("127.0.0.1", "localhost"));
    asked.ca_file = Some(right.clone());
    let refused = Store::open_postgres(&asked).await.map(drop).unwrap_err().to_string();
    assert!(refused.contains("TLS"), "{refused}");

    put(&cluster.data().join("server.crt"), &certificate);
    put(&cluster.data().join("server.key"), &key);
    cluster.query("postgres", "ALTER SYSTEM SET ssl = on").unwrap();
    cluster.query("postgres", "SELECT pg_reload_conf()").unwrap();
    while cluster.query("postgres", "SHOW ssl").unwrap() != "on" {}

    let store = Store::open_postgres(&asked).await.unwrap();
    store.ping().await.unwrap();
    let encrypted = "SELECT BOOL_AND(ssl), COUNT(*) > 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(cluster.query(&name, encrypted).unwrap(), "t|t");
    drop(store);

    // The same by the address alone.
    asked.ca_file = None;
    asked.url =
        format!("{url}?sslmode=require&sslrootcert={}", right.display()).replace("127.0.0.1", "localhost");
    Store::open_postgres(&asked).await.unwrap();

    for (what, url, ca) in [
        ("an authority that nobody named", &asked.url, &wrong),
        ("another name than the certificate's", &format!("{url}?sslmode=require"), &right),
    ] {
        let mut options = options(url);
        options.ca_file = Some(ca.clone());
        let refused = Store::open_postgres(&options).await.map(drop).expect_err(what).to_string();
        assert!(refused.contains("certificate"), "{what}: {refused}");
    }
}
