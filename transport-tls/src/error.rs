//! Errors in certificates and keys.

use jiff::Timestamp;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;
use tokio_rustls::rustls;

/// The reason for which a certificate or its key cannot be used. Each message names the file and
/// states what is required.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file does not exist or cannot be read.
    #[error(
        "cannot read {}: {error}; it has to be a PEM file that the server may read",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// A file has PEM lines, but its content is not valid.
    #[error(
        "{} is damaged; between each BEGIN line and its END line a PEM file has Base64",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file contains no certificate.
    #[error(
        "there is no certificate in {}; it has to be a PEM file with a BEGIN CERTIFICATE line",
        path.display()
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file contains no private key.
    #[error(
        "there is no readable key in {}; it has to be a PEM file with a private key that is not \
         encrypted",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The certificate cannot be used for TLS.
    #[error(
        "the first certificate in {} cannot be used: {why}; it has to be an X.509 certificate of \
         version 3",
        path.display()
    )]
    UnusableCertificate {
        /// The file.
        path: PathBuf,
        /// The problem.
        why: String,
    },
    /// The type of the key is not supported.
    #[error(
        "the key in {} cannot be used: {error}; it has to be RSA of 2,048 bits or more, ECDSA on \
         P-256 or P-384, or Ed25519",
        path.display()
    )]
    UnusableKey {
        /// The file.
        path: PathBuf,
        /// The problem.
        error: rustls::Error,
    },
    /// The key does not belong to the certificate.
    #[error(
        "the key in {} does not belong to the first certificate in {}, which has to be the \
         server's own, before those of its issuers",
        key.display(),
        chain.display()
    )]
    Mismatch {
        /// The file with the certificate.
        chain: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// The certificate has expired.
    #[error("the certificate in {} expired on {}; it has to be renewed", path.display(), date(*at))]
    Expired {
        /// The file.
        path: PathBuf,
        /// The end of the certificate's validity.
        at: SystemTime,
    },
    /// The certificate is not valid yet.
    #[error(
        "the certificate in {} is not valid before {}; use a valid one, or correct the clock of \
         this machine",
        path.display(),
        date(*at)
    )]
    NotYetValid {
        /// The file.
        path: PathBuf,
        /// The beginning of the certificate's validity.
        at: SystemTime,
    },
}

/// Converts a time for display (RFC 3339).
fn date(at: SystemTime) -> Timestamp {
    // A certificate without an end has the last second of the year 9999 (RFC 5280 §4.1.2.5).
    Timestamp::try_from(at).unwrap_or(Timestamp::MAX)
}
