//! Tests of `chat connect` with TLS: trusted certificates, and errors for others.

use crate::connect::process::{Client, Server};
use crate::folder::{folder, path};
use chat_tests::{Authority, Issued};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

#[test]
fn clients_talk_over_tls() {
    let (authority, folder) = (Authority::new("Test"), folder("secure/talk"));
    let ca = ca(&authority, &folder);
    let server = server(&authority.issue(), &folder);
    let trust = ["--tls-ca", &ca];
    let mut alice = Client::start(&server.tcp.replace("tcps+json", "tcps"), "alice", &trust);
    alice.expect(&["connected as alice", "you joined lobby: alice"]);
    let mut bob = Client::start(&server.ws.replace("127.0.0.1", "localhost"), "bob", &trust);
    bob.expect(&["connected as bob", "you joined lobby: alice, bob"]);
    alice.expect(&["* bob joined lobby"]);
    alice.say("hi there");
    for client in [&mut alice, &mut bob] {
        client.expect(&["[lobby] alice: hi there"]);
    }
    bob.say("/quit so long");
    bob.ends_well();
    alice.expect(&["* bob left lobby: so long"]);
    alice.end_of_input();
    alice.ends_well();
}

#[test]
fn messages_are_sent_and_refused_over_tls() {
    let (authority, folder) = (Authority::new("Test"), folder("secure/send"));
    let ca = ca(&authority, &folder);
    let server = server(&authority.issue(), &folder);
    let trust = ["--tls-ca", &ca];
    let mut alice = Client::start(&server.tcp, "alice", &trust);
    alice.expect(&["connected as alice", "you joined lobby: alice"]);
    for url in [&server.tcp, &server.ws] {
        let sent = Client::send(url, "ci", &[&trust[..], &["it is", "green"]].concat());
        assert_eq!(sent, (Some(0), String::new()));
        alice.expect(&["* ci joined lobby", "[lobby] ci: it is green", "* ci left lobby"]);
        let mut bob = Client::start(url, "bob", &[&trust[..], &["-c", "x", "--json"]].concat());
        while !bob.line().contains(r#""channel":"x""#) {}
        bob.say(&"x".repeat(9_000));
        let refused = bob.line();
        assert!(refused.contains("at most 4096"), "{refused}");
        bob.say("still here");
        assert!(bob.line().starts_with(r#"{"type":"ack","line":2,"#));
    }
}

#[test]
fn issuers_of_the_system_are_trusted() {
    let (authority, folder) = (Authority::new("Test"), folder("secure/system"));
    let ca = ca(&authority, &folder);
    let server = server(&authority.issue(), &folder);
    // SSL_CERT_FILE replaces the roots of the system.
    let mut alice = Client::start_with(&server.tcp, "alice", &[], &[("SSL_CERT_FILE", &ca)]);
    alice.expect(&["connected as alice"]);
    alice.end_of_input();

    let other = self::ca(&Authority::new("Other"), &folder.join("other"));
    let mut bob = Client::start_with(&server.ws, "bob", &[], &[("SSL_CERT_FILE", &other)]);
    bob.fails_with(
        ": its certificate is from an issuer that this system does not know; if you trust it, name \
         it with --tls-ca FILE",
    );
}

#[test]
fn self_issued_certificate_is_trusted_if_it_is_given() {
    let (issued, folder) = (Issued::by_itself(), folder("secure/itself"));
    let server = server(&issued, &folder);
    let chain = folder.join("chain.pem");
    let trust = ["--tls-ca", path(&chain)];
    let mut alice = Client::start(&server.tcp.replace("127.0.0.1", "localhost"), "alice", &trust);
    alice.expect(&["connected as alice"]);
    alice.end_of_input();
    let mut bob = Client::start(&server.ws, "bob", &trust);
    bob.fails_with(": its certificate is for localhost, not for 127.0.0.1");

    // Another certificate of the same name and for the same host is not trusted.
    let another = Issued::by_itself().write(&folder.join("another")).0;
    let url = server.tcp.replace("127.0.0.1", "localhost");
    let mut eve = Client::start(&url, "eve", &["--tls-ca", path(&another)]);
    eve.fails_with("which --tls-ca names\n");
}

#[test]
fn untrusted_certificate_is_reported_in_one_line() {
    let (authority, folder) = (Authority::new("Test"), folder("secure/untrusted"));
    let ca = ca(&authority, &folder);
    let local = ["localhost", "127.0.0.1"];
    let hosts = ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"];
    for (issued, said) in [
        (authority.issue_for(&local, 2000..2020), "expired on 2020-01-01T00:00:00Z"),
        (
            authority.issue_for(&local, 3000..4000),
            "is not valid before 3000-01-01T00:00:00Z; check",
        ),
        (
            authority.issue_for(&["chat.example"], 2000..4000),
            "is for chat.example, not for 127.0.0.1",
        ),
        (
            authority.issue_for(&hosts, 2000..4000),
            "d.example, e.example, 1 more, not for 127.0.0.1",
        ),
        (authority.issue_for(&[], 2000..4000), "is for no host at all, not for 127.0.0.1"),
        (Authority::new("Other").issue(), "is not from an issuer in "),
        (Authority::new("Test").issue(), "is not from an issuer in "),
    ] {
        for scheme in ["tcps+json", "wss"] {
            let address = present(&issued);
            let mut client =
                Client::start(&format!("{scheme}://{address}"), "alice", &["--tls-ca", &ca]);
            client.fails_with(said);
        }
    }
}

#[test]
fn server_without_tls_is_recognised() {
    let server = Server::start_with(&["tcp+json://127.0.0.1:0", "ws://127.0.0.1:0"]);
    let ca = ca(&Authority::new("Test"), &folder("secure/without"));
    let trust = ["--tls-ca", &ca];
    let mut alice = Client::start(&server.tcp.replace("tcp", "tcps"), "alice", &trust);
    let said = format!(": it does not speak TLS; the address without TLS is {}\n", server.tcp);
    alice.fails_with(&said);
    let mut bob = Client::start(&server.ws.replace("ws", "wss"), "bob", &trust);
    let said = format!(": it does not speak TLS; the address without TLS is {}\n", server.ws);
    bob.fails_with(&said);
    let text = Server::start_with(&["tcp+text://127.0.0.1:0"]);
    let mut carol = Client::start(&text.tcp.replace("tcp+text", "tcps"), "carol", &trust);
    carol.fails_with(": it does not speak TLS; the address without TLS is tcp+json://");
}

#[test]
fn server_with_tls_is_recognised_by_a_client_without() {
    let folder = folder("secure/with");
    let server = server(&Authority::new("Test").issue(), &folder);
    let mut alice = Client::start(&server.tcp.replace("tcps", "tcp"), "alice", &[]);
    alice.fails_with(&format!(" speaks TLS; its address is {}\n", server.tcp));
    let mut bob = Client::start(&server.ws.replace("wss", "ws"), "bob", &[]);
    bob.fails_with(&format!(
        "it does not speak HTTP; if it speaks TLS, its address is {}\n",
        server.ws
    ));
}

#[test]
fn unusable_ca_file_is_reported() {
    let folder = folder("secure/files");
    let nothing = folder.join("nothing.pem");
    let mut alice =
        Client::start(&format!("tcps://{}", listening()), "alice", &["--tls-ca", path(&nothing)]);
    alice.fails_with("--tls-ca: cannot read ");
    let mut bob = Client::start("tcp://127.0.0.1:7000", "bob", &["--tls-ca", path(&nothing)]);
    bob.fails(
        "chat: --tls-ca needs TLS, which this address does not use; the address with TLS is \
         tcps+json://127.0.0.1:7000",
    );
    let key = Authority::new("Test").issue().write(&folder).1;
    let mut carol =
        Client::start(&format!("wss://{}", listening()), "carol", &["--tls-ca", path(&key)]);
    carol.fails_with("--tls-ca: there is no certificate in ");
}

/// Starts a server for programs and browsers, with this certificate.
fn server(issued: &Issued, folder: &Path) -> Server {
    let (cert, key) = issued.write(folder);
    let files = ["--tls-cert", path(&cert), "--tls-key", path(&key)];
    Server::start_as(&["tcps+json://127.0.0.1:0", "wss://127.0.0.1:0"], &files)
}

/// Presents a certificate to the first client, even an invalid one, with which `chat serve` would
/// not start.
fn present(issued: &Issued) -> SocketAddr {
    let chain = CertificateDer::pem_slice_iter(issued.chain.as_bytes());
    let chain = chain.collect::<Result<_, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("cipher suites for all versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a key that belongs to it");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut connection = ServerConnection::new(Arc::new(config)).expect("a configuration");
        // The client refuses the certificate, and disconnects.
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
    });
    address
}

/// Returns the address of a listener that sends nothing.
fn listening() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.accept());
    address
}

/// Writes the authority's own certificate to a file.
fn ca(authority: &Authority, folder: &Path) -> String {
    fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("ca.pem");
    fs::write(&file, authority.pem()).expect("a file");
    path(&file).to_owned()
}
