//! What can be wrong with a certificate and its key.

use jiff::Timestamp;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;
use tokio_rustls::rustls;

/// Why a certificate and its key cannot be used. Each names the file, and says what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file is not there, or may not be read.
    #[error("cannot read {}: {error}; it has to be a PEM file that the server may read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file looks like PEM and is not.
    #[error("{} is damaged; between each BEGIN line and its END line a PEM file has Base64", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// There is no certificate where one has to be.
    #[error("there is no certificate in {}; it has to be a PEM file with a BEGIN CERTIFICATE line", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// There is no private key where one has to be.
    #[error(
        "there is no key in {} that can be read; it has to be a PEM file with a private key that is not encrypted",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The certificate is not one that TLS can use.
    #[error("the first certificate in {} cannot be used: {why}; it has to be an X.509 certificate of version 3", path.display())]
    UnusableCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is of a kind that cannot be used.
    #[error(
        "the key in {} cannot be used: {error}; it has to be RSA of 2,048 bits or more, ECDSA on P-256 or P-384, or Ed25519",
        path.display()
    )]
    UnusableKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: rustls::Error,
    },
    /// The key is another certificate's.
    #[error(
        "the key in {} does not belong to the first certificate in {}; that has to be the server's own, before those of \
         its issuers",
        key.display(),
        chain.display()
    )]
    Mismatch {
        /// The file with the certificate.
        chain: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// The certificate's time is over.
    #[error("the certificate in {} expired on {}; it has to be renewed", path.display(), date(*at))]
    Expired {
        /// The file.
        path: PathBuf,
        /// The end of its time.
        at: SystemTime,
    },
    /// The certificate's time has not come.
    #[error(
        "the certificate in {} is not valid before {}; use one that is, or set the clock of this machine right",
        path.display(),
        date(*at)
    )]
    NotYetValid {
        /// The file.
        path: PathBuf,
        /// The beginning of its time.
        at: SystemTime,
    },
}

/// A time as people read it (RFC 3339).
fn date(at: SystemTime) -> Timestamp {
    // A certificate without an end says the last second of the year 9999 (RFC 5280 §4.1.2.5).
    Timestamp::try_from(at).unwrap_or(Timestamp::MAX)
}
