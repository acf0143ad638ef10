//! Connections of gateways.

use chat_runtime::{Listener, PeerAddress, Plain, TrustedProxies, bind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use transport_proxy::{Gateway, WebircListener};

fn listener(addresses: &str) -> (WebircListener<TcpListener>, SocketAddr) {
    let gateway = |name: &str, right: &'static str| {
        let addresses = TrustedProxies::default().trust(addresses).expect("addresses");
        Gateway::new(name, addresses, move |password| async move { password == right })
    };
    let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let gateways = vec![gateway("one", "s3cret"), gateway("two", "other")];
    let listener = WebircListener::new(listener, gateways);
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

async fn connect(address: SocketAddr, line: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(line.as_bytes()).await.expect("it reads");
    stream
}

#[tokio::test]
async fn client_has_the_address_that_its_gateway_states() {
    let (mut listener, address) = listener("127.0.0.0/8");
    for (line, client) in [
        ("WEBIRC s3cret one host 192.0.2.1\r\nNICK a\r\n", "192.0.2.1:0"),
        ("WEBIRC other two host 2001:db8::1 :secure\r\nNICK a\r\n", "[2001:db8::1]:0"),
    ] {
        let _gateway = connect(address, line).await;
        let (Plain(mut stream), found) = listener.accept().await.expect("it is accepted");
        assert_eq!(found, PeerAddress::Ip(client.parse().expect("an address")));
        let mut rest = [0; 8];
        stream.read_exact(&mut rest).await.expect("the rest");
        assert_eq!(&rest, b"NICK a\r\n");
    }
}

#[tokio::test]
async fn other_connections_are_refused_with_the_reason() {
    let (mut gateways, address) = listener("127.0.0.1");
    for (line, reason) in [
        ("WEBIRC wrong one host 192.0.2.1\r\n", "the password of its WEBIRC is wrong"),
        ("WEBIRC s3cret one host nowhere\r\n", "its WEBIRC has no address of a client"),
        ("NICK alice\r\n", "it does not begin with WEBIRC"),
    ] {
        let mut stream = connect(address, line).await;
        let error = gateways.accept().await.expect_err("it is refused").to_string();
        assert!(error.contains(reason), "{error}");
        let mut answer = Vec::new();
        // The rest of an input that was not read resets the connection after the answer.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(b"ERROR :WEBIRC is refused\r\n".starts_with(&answer));
    }
    let (mut strangers, address) = listener("192.0.2.1");
    let _stranger = connect(address, "WEBIRC s3cret one host 192.0.2.1\r\n").await;
    let error = strangers.accept().await.expect_err("it is refused").to_string();
    assert!(error.contains("only gateways may connect here"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn silent_gateway_is_refused_and_a_health_check_is_not_counted() {
    let (gateways, address) = listener("127.0.0.1");
    let mut gateways = gateways.patience(Duration::from_secs(1));
    drop(connect(address, "").await);
    let _silent = connect(address, "WEBIRC s3cret").await;
    let error = gateways.accept().await.expect_err("it is refused").to_string();
    assert!(error.contains("took too long"), "{error}");
}
