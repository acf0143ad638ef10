//! Key sets that the server fetches.

use super::process::{Program, log_has};
use crate::folder::{folder, path};
use chat_tests::Client;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::SecretKey;
use p256::elliptic_curve::JwkEcKey;
use p256::pkcs8::EncodePrivateKey;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn keys_are_fetched_and_tokens_wait_for_them() {
    let login = Login::start().await;
    login.answers(503, "");
    let folder = folder("key_sets");
    let file = folder.join("chat.toml");
    let jwks = format!("[auth]\njwks = \"http://{}/jwks.json\"\n", login.address);
    fs::write(&file, jwks).expect("a file");
    let urls = ["tcp+json://127.0.0.1:0"];
    let (mut program, mut log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [json] = program.addresses("tcp+json");
    let said = "the keys for tokens cannot be fetched; clients with a token are told to try again";
    log_has(&mut log, said).await;
    let mut client = Client::tcp("ann", json).await;
    hello(&mut client, 1, "one").await;
    client.expect_error("try_again").await;

    login.answers(200, &json!({ "keys": [jwk(1, "one")] }).to_string());
    program.signal("HUP").await;
    log_has(&mut log, "the keys for tokens have been fetched keys=1").await;
    hello(&mut client, 2, "one").await;
    client.expect_error("authentication_failed").await;
    hello(&mut client, 1, "one").await;
    assert_eq!(client.expect_type("welcome").await["nickname"], "ann");
    client.expect_type("roster").await;

    // The keys stay while the login has a problem.
    login.answers(200, "<html>");
    program.signal("HUP").await;
    let said = "the keys for tokens cannot be fetched; the old ones stay in use";
    log_has(&mut log, said).await;
    let mut again = Client::tcp("again", json).await;
    hello(&mut again, 1, "one").await;
    again.expect_type("welcome").await;

    // A new key replaces the old one.
    login.answers(200, &json!({ "keys": [jwk(2, "two"), jwk(3, "three")] }).to_string());
    program.signal("HUP").await;
    log_has(&mut log, "the keys for tokens have been fetched keys=2").await;
    let mut other = Client::tcp("other", json).await;
    hello(&mut other, 1, "one").await;
    other.expect_error("authentication_failed").await;
    hello(&mut other, 3, "three").await;
    other.expect_type("welcome").await;
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn key_set_in_a_file_is_reloaded() {
    let folder = folder("key_set_file");
    let (file, keys) = (folder.join("chat.toml"), folder.join("keys.json"));
    fs::write(&file, "[auth]\njwks = \"keys.json\"\n").expect("a file");
    fs::write(&keys, json!({ "keys": [jwk(1, "one"), { "kty": "x" }] }).to_string())
        .expect("a file");
    let urls = ["tcp+json://127.0.0.1:0"];
    let (mut program, mut log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [json] = program.addresses("tcp+json");
    log_has(&mut log, "[auth]: a key is ignored").await;
    let mut client = Client::tcp("ann", json).await;
    hello(&mut client, 2, "two").await;
    client.expect_error("authentication_failed").await;
    fs::write(&keys, json!({ "keys": [jwk(2, "two")] }).to_string()).expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "SIGHUP: tokens are verified with the new keys").await;
    hello(&mut client, 2, "two").await;
    client.expect_type("welcome").await;
    fs::write(&keys, "{}").expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "keys.json: it is not a key set").await;
    program.signal("TERM").await;
    program.end().await;
}

/// Sends a token of `ann` that is signed with a key.
async fn hello(client: &mut Client, seed: u8, kid: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
    let claims = json!({ "sub": "ann", "name": "ann", "exp": now + 3_600 });
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::ES256) };
    let der = key(seed).to_pkcs8_der().expect("DER");
    let signing = EncodingKey::from_ec_der(der.as_bytes());
    let token = encode(&header, &claims, &signing).expect("a token");
    client.send(json!({ "type": "hello", "version": 2, "token": token }).to_string()).await;
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).expect("a key")
}

fn jwk(seed: u8, kid: &str) -> Value {
    let mut jwk = serde_json::to_value(JwkEcKey::from(key(seed).public_key())).expect("JSON");
    jwk["kid"] = kid.into();
    jwk
}

/// A login that publishes its keys over HTTP.
struct Login {
    address: SocketAddr,
    answer: Arc<Mutex<String>>,
}

impl Login {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let answer = Arc::new(Mutex::new(String::new()));
        let login = Self { address, answer: answer.clone() };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n")
                    && stream.read_buf(&mut head).await.is_ok_and(|read| read > 0)
                {}
                let answer = answer.lock().expect("no panic").clone();
                // The server may stop at this moment.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        login
    }

    fn answers(&self, status: u16, body: &str) {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}");
        *self.answer.lock().expect("no panic") = answer;
    }
}
