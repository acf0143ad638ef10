//! Tests of requests to servers on this machine.

use chat_fetch::{FetchError, FetchUrl, Fetcher};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

#[tokio::test]
async fn document_is_fetched() {
    let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    assert_eq!(fetcher().get(&url).await.expect("a document"), b"{}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
    let url = serve(answer.as_bytes()).await;
    let refused = fetcher().get(&url).await;
    assert!(matches!(refused, Err(FetchError::Status { status: 302, .. })), "{refused:?}");
}

#[tokio::test]
async fn long_answer_is_refused() {
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536));
    let endless =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(6));
    let body = "x".repeat(Fetcher::LONGEST + 1);
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for answer in [endless, announced] {
        let url = serve(answer.as_bytes()).await;
        let refused = fetcher().get(&url).await;
        assert!(
            matches!(refused, Err(FetchError::TooLong { longest: Fetcher::LONGEST, .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn broken_answer_is_an_error() {
    let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}").await;
    let refused = fetcher().get(&url).await;
    assert!(matches!(refused, Err(FetchError::BrokenOff { .. })), "{refused:?}");
    for answer in [&b""[..], b"SSH-2.0-x\r\n", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"] {
        let url = serve(answer).await;
        let refused = fetcher().get(&url).await.expect_err("an error");
        let expected = matches!(
            refused,
            FetchError::Unreachable { .. } | FetchError::Status { status: 500, .. }
        );
        assert!(expected, "{refused:?}");
    }
}

#[tokio::test]
async fn server_that_does_not_answer_is_given_up() {
    // The connection is accepted by the system, and nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("http://{address}/").parse().expect("a URL");
    let patience = Duration::from_millis(20);
    let refused = fetcher().patience(patience).get(&url).await;
    assert!(matches!(refused, Err(FetchError::TooSlow { .. })), "{refused:?}");
    drop(listener);
    let refused = fetcher().get(&url).await.expect_err("an error").to_string();
    let expected = format!("{address} cannot be reached: Connection refused");
    assert!(refused.starts_with(&expected), "{refused}");
}

#[tokio::test]
async fn certificate_has_to_be_trusted() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            }
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).expect("a certificate");
    let url = |host: &str| format!("https://{host}:{port}/").parse().expect("a URL");
    let trusting = Fetcher::trusting(roots);
    assert_eq!(trusting.get(&url("localhost")).await.expect("a document"), b"{}");
    // The name is not that of the certificate, or its issuer is unknown.
    for (fetcher, host) in [(&trusting, "127.0.0.1"), (&fetcher(), "localhost")] {
        let refused = fetcher.get(&url(host)).await.expect_err("an error").to_string();
        assert!(refused.contains("invalid peer certificate"), "{refused}");
    }
}

#[tokio::test]
async fn requests_to_other_places_are_not_sent() {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = "http://192.0.2.1/".parse().expect("a URL");
    let refused = fetcher().send(request).await;
    assert!(matches!(refused, Err(FetchError::NotHttps)), "{refused:?}");
}

fn fetcher() -> Fetcher {
    Fetcher::trusting(RootCertStore::empty()).patience(Duration::from_secs(60))
}

/// Answers every request with these bytes, and closes the connection.
async fn serve(bytes: &[u8]) -> FetchUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let bytes = bytes.to_vec();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answer(stream, &bytes).await;
        }
    });
    format!("http://{address}/keys").parse().expect("a URL")
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    // The client may close the connection before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
}
