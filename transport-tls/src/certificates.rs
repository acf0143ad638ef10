//! A server certificate and its key, loaded from files that can be reloaded.

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

/// A server's certificate chain and its private key. A clone is another handle to the same pair.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

/// The certificate and key that new connections use.
#[derive(Debug)]
struct Current {
    certified: Arc<CertifiedKey>,
    expires: SystemTime,
}

impl Certificates {
    /// Reads a certificate chain from one PEM file, the server's certificate first, and the private
    /// key from another PEM file or the same. Blocks while it reads the files.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or parsed, the key does not belong to the certificate, or the
    /// certificate is not valid at this time.
    pub fn load(
        chain: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, CertificateError> {
        let (chain, key) = (chain.into(), key.into());
        let current = RwLock::new(Current::read(&chain, &key)?);
        Ok(Self(Arc::new(Shared { chain, key, current })))
    }

    /// Reads the files again, and uses the new certificate for handshakes from now on. Existing
    /// connections stay open. A resumed TLS session does not present a certificate. Blocks while it
    /// reads the files.
    ///
    /// # Errors
    ///
    /// Like [`load`](Self::load). On an error, the current certificate stays in use.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let fresh = Current::read(&self.0.chain, &self.0.key)?;
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Returns the time at which the current certificate expires.
    pub fn expires(&self) -> SystemTime {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).expires
    }

    /// Returns true if the current certificate is self-issued. Clients trust such a certificate
    /// only if they have a copy of it.
    pub fn is_own_issuer(&self) -> bool {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        let certificate = current.certified.cert.first();
        let parsed = certificate.and_then(|der| X509Certificate::from_der(der).ok());
        parsed.is_some_and(|(_, certificate)| certificate.subject() == certificate.issuer())
    }

    /// Returns true if the current certificate is valid for this IP address. Most certificates
    /// contain only names, and a client that connects to an IP address does not accept them.
    pub fn is_for(&self, address: IpAddr) -> bool {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        let certificate = current.certified.cert.first();
        let parsed = certificate.and_then(|der| ParsedCertificate::try_from(der).ok());
        parsed.is_some_and(|parsed| verify_server_name(&parsed, &address.into()).is_ok())
    }

    /// Returns a configuration for TLS 1.2 and 1.3, which uses the new certificate after each
    /// [`reload`](Self::reload). `protocols` are the names that are negotiated with ALPN
    /// (RFC 7301): `http/1.1` for WebSocket. An empty list turns ALPN off, as for lines.
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
        // The requested server name is ignored: there is only one certificate, and the client
        // decides whether to accept it.
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

/// Checks that a certificate is valid now. Returns the time at which it expires.
fn check_time(
    certificate: &CertificateDer<'_>,
    chain: &Path,
) -> Result<SystemTime, CertificateError> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| unusable(chain, "it cannot be parsed".to_owned()))?;
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
