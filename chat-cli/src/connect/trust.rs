//! Verifies the certificates of servers.

use chat_server::tls::read_certificates;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The certificates that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Certificates of the issuers that this system trusts.
    System,
    /// Only certificates of the issuers in a file, and the certificates in the file themselves.
    File(PathBuf),
}

/// The reason for which no certificate can be verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    #[error("this system trusts no issuers of certificates; name some with --tls-ca FILE")]
    NoneKnown,
    #[error("--tls-ca: {0}")]
    File(#[from] chat_server::tls::CertificateError),
    #[error("--tls-ca: there is a certificate in {} that cannot be used: {error}", path.display())]
    Unusable { path: PathBuf, error: rustls::Error },
}

impl Trust {
    /// Returns a connector for handshakes. It reads the files each time, so that a reconnect uses
    /// their current content.
    pub(super) fn connector(&self) -> Result<TlsConnector, TrustError> {
        let provider = Arc::new(ring::default_provider());
        let (roots, given) = match self {
            Self::System => (system_roots()?, Vec::new()),
            Self::File(path) => {
                let given = read_certificates(path)?;
                let mut roots = RootCertStore::empty();
                for certificate in &given {
                    let added = roots.add(certificate.clone());
                    added.map_err(|error| TrustError::Unusable { path: path.clone(), error })?;
                }
                (roots, given)
            }
        };
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(roots, given, provider)))
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Returns the issuers that the system trusts. Unusable ones, which some systems have, are skipped.
fn system_roots() -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TrustError::NoneKnown) } else { Ok(roots) }
}

/// Verifies certificates in the standard way, and also accepts a certificate that the user has
/// given.
///
/// The standard check refuses a server certificate that may issue others. `openssl req -x509` makes
/// only such certificates, so a user who gives one trusts it as the server's.
#[derive(Debug)]
struct Verifier {
    standard: Arc<WebPkiServerVerifier>,
    given: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn new(
        roots: RootCertStore,
        given: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        let standard = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .expect("there are issuers, and no revocation lists that could be invalid");
        Self { standard, given }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.given.contains(certificate) {
            let result =
                self.standard.verify_server_cert(certificate, intermediates, name, ocsp, now);
            // For a self-issued certificate, the user needs to know only that it is not trusted.
            if let Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) = &result
                && is_self_issued(certificate)
            {
                return Err(CertificateError::UnknownIssuer.into());
            }
            return result;
        }
        check_time(certificate, now)?;
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.standard.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.standard.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.standard.supported_verify_schemes()
    }
}

fn is_self_issued(certificate: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(certificate)
        .is_ok_and(|(_, parsed)| parsed.issuer() == parsed.subject())
}

fn check_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let (_, parsed) =
        X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    // A time before 1970 becomes 1970.
    let time = |seconds: i64| {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap_or_default()))
    };
    let not_before = time(parsed.validity().not_before.timestamp());
    let not_after = time(parsed.validity().not_after.timestamp());
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time: now, not_before });
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after });
    }
    Ok(())
}
