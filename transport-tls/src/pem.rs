//! Reads PEM files (RFC 7468).

use crate::CertificateError;
use std::path::Path;
use tokio_rustls::rustls::pki_types::pem::{Error, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Reads all certificates of a PEM file, at least one. The certificates are not parsed, and other
/// items in the file are skipped.
///
/// # Errors
///
/// If the file cannot be read, is damaged, or contains no certificate.
pub fn read_certificates(
    path: impl AsRef<Path>,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let path = path.as_ref();
    let source = read(path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&source)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::Damaged { path: path.to_owned() })?;
    if certificates.is_empty() {
        return Err(CertificateError::NoCertificate { path: path.to_owned() });
    }
    Ok(certificates)
}

/// Reads the first private key of a PEM file.
pub(crate) fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| {
        if let Error::NoItemsFound = error {
            CertificateError::NoKey { path: path.to_owned() }
        } else {
            CertificateError::Damaged { path: path.to_owned() }
        }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path)
        .map_err(|error| CertificateError::Unreadable { path: path.to_owned(), error })
}
