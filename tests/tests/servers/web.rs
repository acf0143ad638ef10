//! The web front end over a real socket: the page, the API and the WebSocket on one port.

use super::http::wire::WebServer;
use chat_runtime::Server;
use chat_tests::Client;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn page_api_and_web_socket_are_on_one_port() {
    let server = WebServer::start(Server::new(), WsEndpoint::default(), |web| web);
    let mut wes = Client::web_socket("wes", server.address, Some("chat.json")).await;
    wes.join_lobby(r#"{"type":"hello","nickname":"wes","version":2}"#).await;

    let page = server.ask("GET", "/", "").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let users = server.ask("GET", "/api/users", "").await;
    assert_eq!(users.body, r#"{"count":1,"users":["wes"]}"#);

    server.running.stop();
    wes.expect_type("shutting_down").await;
    wes.expect_close_code(1001).await;
    server.stop().await;
}
