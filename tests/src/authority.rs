//! Certificates, made while a test runs.

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

/// Somebody who issues certificates, and whom clients trust.
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
    /// One of this name, with a key of its own.
    pub fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, new_key()).expect("a certificate"))
    }

    /// Its own certificate, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate for `localhost` and `127.0.0.1`.
    pub fn issue(&self) -> Issued {
        self.issue_for(&["localhost", "127.0.0.1"], 2000..4000)
    }

    /// Issues a certificate for hosts, that is valid from the beginning of a year to the beginning
    /// of another.
    pub fn issue_for(&self, hosts: &[&str], years: Range<i32>) -> Issued {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("names of hosts");
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let key = new_key();
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Issued { chain: certificate.pem(), key: key.serialize_pem() }
    }

    /// A client that trusts nobody else, and offers these protocols (ALPN).
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

    /// As [`connect`](Self::connect), on a TCP connection that is there already.
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
    /// A certificate for `localhost` that is its own issuer, as `openssl req -x509` makes them.
    pub fn by_itself() -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = new_key();
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { chain: certificate.pem(), key: key.serialize_pem() }
    }

    /// Writes both into a folder, which is made if it is not there, in place of those that were
    /// there.
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
