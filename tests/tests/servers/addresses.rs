//! Tests of addresses on which a server can listen.

use chat_runtime::chat_dialects::TextDialect;
use chat_runtime::{Cloak, Server};
use chat_tests::{Client, stop};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use transport_tcp::TcpFrontEnd;

fn front_end(ip: impl Into<IpAddr>, port: u16) -> TcpFrontEnd {
    let address = SocketAddr::new(ip.into(), port);
    TcpFrontEnd::bind(address, TextDialect::bracket()).expect("the port is free")
}

#[tokio::test]
async fn ipv4_and_ipv6_listeners_share_a_port() {
    for v6_first in [false, true] {
        let (four, six);
        if v6_first {
            six = front_end(Ipv6Addr::UNSPECIFIED, 0);
            four = front_end(Ipv4Addr::UNSPECIFIED, six.local_addr().port());
        } else {
            four = front_end(Ipv4Addr::UNSPECIFIED, 0);
            six = front_end(Ipv6Addr::UNSPECIFIED, four.local_addr().port());
        }
        let port = four.local_addr().port();
        let server = Server::new().front_end(four).front_end(six).start();
        let mut one = Client::tcp("one", (Ipv4Addr::LOCALHOST, port).into()).await;
        one.expect(["* user1 joined the chat"]).await;
        let mut two = Client::tcp("two", (Ipv6Addr::LOCALHOST, port).into()).await;
        two.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
        stop(server).await;
    }
}

#[tokio::test]
async fn users_see_a_cloak_in_place_of_an_address() {
    let cloak = Cloak::with_key(b"a key");
    let host = cloak.host("127.0.0.1").expect("it hides the address");
    let front_end = front_end(Ipv4Addr::LOCALHOST, 0);
    let address = front_end.local_addr();
    let server = Server::new().cloak(cloak).front_end(front_end).start();
    let mut one = Client::tcp("one", address).await;
    one.expect(["* user1 joined the chat"]).await;
    one.send("/whois user1").await;
    one.expect([format!("* user1 is user1@{host}").as_str()]).await;
    stop(server).await;
}
