//! Certificates that are issued while a test runs.

use crate::PATIENCE;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use transport_tls::rustls::crypto::ring;
use transport_tls::rustls::pki_types::ServerName;
use transport_tls::rustls::{ClientConfig, RootCertStore};

/// A certificate authority that the clients of a test trust.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub chain: String,
    /// Its key.
    pub key: String,
}

impl Authority {
    /// Creates an authority of this name, with a new key.
    pub fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, new_key()).expect("a certificate"))
    }

    /// Returns its own certificate, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate for `localhost` and `127.0.0.1`.
    pub fn issue(&self) -> Issued {
        self.issue_for(&["localhost", "127.0.0.1"], 2000..4000)
    }

    /// Issues a certificate for hosts, valid from the beginning of the first year to the beginning
    /// of the last.
    pub fn issue_for(&self, hosts: &[&str], years: Range<i32>) -> Issued {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("names of hosts");
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let key = new_key();
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Issued { chain: certificate.pem(), key: key.serialize_pem() }
    }

    /// Returns the configuration of a client that trusts only this authority, and offers these
    /// protocols (ALPN).
    pub fn client(&self, protocols: &[&str]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a certificate");
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("cipher suites for all versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols =
            protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    /// Connects to a server at `localhost` that has a certificate of this authority.
    ///
    /// # Errors
    ///
    /// If the handshake fails.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        self.connect_on(stream).await
    }

    /// Does the same as [`connect`](Self::connect), on an open TCP connection.
    ///
    /// # Errors
    ///
    /// If the handshake fails.
    pub async fn connect_on(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        stream.set_nodelay(true).expect("an open socket");
        let host = ServerName::try_from("localhost").expect("the name of a host");
        let connecting = TlsConnector::from(self.client(&[])).connect(host, stream);
        timeout(PATIENCE, connecting).await.expect("a handshake in time")
    }
}

impl Issued {
    /// Creates a self-signed certificate for `localhost`, like `openssl req -x509`.
    pub fn by_itself() -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = new_key();
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { chain: certificate.pem(), key: key.serialize_pem() }
    }

    /// Writes both into a folder, which is created if needed, and replaces existing files.
    pub fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        std::fs::create_dir_all(folder).expect("a folder");
        let files = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&files.0, &self.chain).expect("a file");
        std::fs::write(&files.1, &self.key).expect("a file");
        files
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
