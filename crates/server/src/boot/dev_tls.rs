//! `--dev-tls`: a certificate of the server's own for this machine, kept in the data folder.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use writ_core::time::Micros;

use crate::serve::TlsFiles;

/// Whom the certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long it is good for. Some clients refuse more than 398 days.
const LIFETIME: Duration = Duration::from_hours(397 * 24);
/// At this age a start makes a new one.
const OLD: Duration = Duration::from_hours(365 * 24);

/// The files of the certificate, made where they are missing or old.
///
/// # Errors
/// Where they cannot be written.
pub fn files(data_dir: &Path, now: Micros) -> anyhow::Result<TlsFiles> {
    let files = TlsFiles { certificate: data_dir.join("dev-tls.crt"), key: data_dir.join("dev-tls.key") };
    let now = Duration::from_secs(u64::try_from(now.as_secs()).unwrap_or_default());
    if !is_fresh(&files, now) {
        make(&files, now).with_context(|| format!("{} cannot be made", files.certificate.display()))?;
    }
    Ok(files)
}

fn is_fresh(files: &TlsFiles, now: Duration) -> bool {
    let made = std::fs::metadata(&files.certificate).and_then(|of| of.modified()).ok();
    let made = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    files.key.is_file() && made.is_some_and(|made| now.saturating_sub(made) < OLD)
}

/// The old certificate goes first and the new one comes last: an end in between leaves none, not a wrong pair.
fn make(files: &TlsFiles, now: Duration) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Writ on localhost, for development");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = date_time_ymd(1970, 1, 1) + now;
    // A client's clock may be a little behind.
    params.not_before = now - Duration::from_hours(1);
    params.not_after = now + LIFETIME;
    let certificate = params.self_signed(&key)?;
    for path in [&files.certificate, &files.key] {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    for (path, mode, text) in
        [(&files.key, 0o600, key.serialize_pem()), (&files.certificate, 0o644, certificate.pem())]
    {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Tls;
    use crate::state::clock::{Clock as _, SystemClock};
    use std::os::unix::fs::PermissionsExt as _;
    use writ_core::time::Seconds;

    #[test]
    fn a_certificate_is_made_once_and_anew_when_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemClock::default().now();
        let made = files(folder.path(), now).unwrap();
        assert!(Tls::load(made.clone()).is_ok());
        let bits = std::fs::metadata(&made.key).unwrap().permissions().mode();
        assert_eq!(bits & 0o777, 0o600);
        let read = || std::fs::read_to_string(&made.certificate).unwrap();
        let first = read();
        files(folder.path(), now.plus(Seconds(364 * 86400))).unwrap();
        assert_eq!(read(), first);
        files(folder.path(), now.plus(Seconds(366 * 86400))).unwrap();
        assert_ne!(read(), first);
        assert!(Tls::load(made.clone()).is_ok());
    }

    #[test]
    fn half_of_a_pair_is_no_pair() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemClock::default().now();
        let made = files(folder.path(), now).unwrap();
        std::fs::remove_file(&made.key).unwrap();
        assert!(Tls::load(files(folder.path(), now).unwrap()).is_ok());
    }
}
