//! A certificate and its key, from files that may be replaced.

use crate::CertificateError;
use crate::pem::{read_certificates, read_key};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate};

/// A server's certificate, those of its issuers, and its key. Cloning gives another handle to the
/// same.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

/// What new connections are shown.
#[derive(Debug)]
struct Current {
    certified: Arc<CertifiedKey>,
    expires: SystemTime,
}

impl Certificates {
    /// Reads a certificate with those of its issuers from one PEM file, its own first, and its key
    /// from another, or from the same. Reading blocks for as long as the disk does.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is not what it has to be, the two do not belong together, or the
    /// certificate is not valid now.
    pub fn load(
        chain: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, CertificateError> {
        let (chain, key) = (chain.into(), key.into());
        let current = RwLock::new(Current::read(&chain, &key)?);
        Ok(Self(Arc::new(Shared { chain, key, current })))
    }

    /// Reads the files again, and shows what is in them to whoever connects from now on. Those who
    /// are connected stay. Who resumes a TLS session is not shown a certificate again. Reading
    /// blocks for as long as the disk does.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); then everything stays as it was.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let fresh = Current::read(&self.0.chain, &self.0.key)?;
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// When the certificate that is shown now expires.
    pub fn expires(&self) -> SystemTime {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).expires
    }

    /// Returns true if the certificate that is shown now is its own issuer. Clients trust it only
    /// if they are given it.
    pub fn is_own_issuer(&self) -> bool {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        let certificate = current.certified.cert.first();
        let parsed = certificate.and_then(|der| X509Certificate::from_der(der).ok());
        parsed.is_some_and(|(_, certificate)| certificate.subject() == certificate.issuer())
    }

    /// Returns true if the certificate that is shown now is for this address. Most are for names
    /// alone: a client that connects to the address does not accept those.
    pub fn is_for(&self, address: IpAddr) -> bool {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        let certificate = current.certified.cert.first();
        let parsed = certificate.and_then(|der| ParsedCertificate::try_from(der).ok());
        parsed.is_some_and(|parsed| verify_server_name(&parsed, &address.into()).is_ok())
    }

    /// A configuration for TLS 1.2 and 1.3, which follows each [`reload`](Self::reload). Clients
    /// choose one of `protocols` (ALPN, RFC 7301): `http/1.1` for WebSocket, none for lines, over
    /// which nothing is chosen.
    pub fn server_config(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has cipher suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(self.0.clone());
        config.alpn_protocols =
            protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

impl ResolvesServerCert for Shared {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Whatever name the client asks for: this is the only certificate, and the client decides
        // whether it will do.
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).certified.clone())
    }
}

impl Current {
    fn read(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let certificates = read_certificates(chain)?;
        let expires = check_time(&certificates[0], chain)?;
        let signing_key = ring::default_provider()
            .key_provider
            .load_private_key(read_key(key)?)
            .map_err(|error| CertificateError::UnusableKey { path: key.to_owned(), error })?;
        let certified = CertifiedKey::new(certificates, signing_key);
        if let Err(error) = certified.keys_match() {
            return Err(if let rustls::Error::InconsistentKeys(_) = error {
                CertificateError::Mismatch { chain: chain.to_owned(), key: key.to_owned() }
            } else {
                unusable(chain, error.to_string())
            });
        }
        Ok(Self { certified: Arc::new(certified), expires })
    }
}

/// Checks that a certificate is valid now. Returns when it expires.
fn check_time(
    certificate: &CertificateDer<'_>,
    chain: &Path,
) -> Result<SystemTime, CertificateError> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| unusable(chain, "it cannot be understood".to_owned()))?;
    let (from, until) =
        (system_time(parsed.validity().not_before), system_time(parsed.validity().not_after));
    let now = SystemTime::now();
    if now < from {
        return Err(CertificateError::NotYetValid { path: chain.to_owned(), at: from });
    }
    if now > until {
        return Err(CertificateError::Expired { path: chain.to_owned(), at: until });
    }
    Ok(until)
}

fn unusable(path: &Path, why: String) -> CertificateError {
    CertificateError::UnusableCertificate { path: path.to_owned(), why }
}

fn system_time(time: ASN1Time) -> SystemTime {
    let since = Duration::from_secs(time.timestamp().unsigned_abs());
    let time = if time.timestamp() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(since)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
