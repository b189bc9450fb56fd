//! What a certificate says of itself.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use writ_core::time::Micros;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

use super::seen::CertificateFacts;
use crate::serve::{Tls, TlsFiles};

/// The certificates of a file; none where it cannot be read.
pub(super) fn chain(files: &TlsFiles) -> Vec<CertificateDer<'static>> {
    let read = CertificateDer::pem_file_iter(&files.certificate);
    read.map(|found| found.flatten().collect()).unwrap_or_default()
}

/// Looks at the first certificate of the files, for a host.
pub(super) fn look(files: &TlsFiles, host: &str) -> CertificateFacts {
    // Says which file is wrong, also where the key is another's.
    if let Err(error) = Tls::load(files.clone()) {
        return CertificateFacts::Unusable(error.to_string());
    }
    let chain = chain(files);
    let path = files.certificate.display().to_string();
    let Some(first) = chain.first() else {
        return CertificateFacts::Unusable(format!("there is no certificate in {path}"));
    };
    let parsed = match Certificate::from_der(first) {
        Ok(parsed) => parsed,
        Err(error) => return CertificateFacts::Unusable(format!("{path} cannot be read: {error}")),
    };
    let validity = &parsed.tbs_certificate.validity;
    CertificateFacts::Usable {
        path,
        not_before: micros(&validity.not_before),
        not_after: micros(&validity.not_after),
        covers_issuer: covers(first, host),
    }
}

fn micros(time: &Time) -> Micros {
    Micros::from_secs(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
}

/// RFC 9525: as clients compare.
fn covers(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(bare);
    name.is_ok_and(|name| {
        let certificate = webpki::EndEntityCert::try_from(certificate);
        certificate.is_ok_and(|certificate| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    })
}
