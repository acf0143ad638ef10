//! The settings of IRC in the configuration file.

use super::process::{Program, log_has};
use crate::folder::{folder, path};
use chat_server::accounts::{Hasher, HasherConfig, Password};
use chat_server::engine::Secret;
use chat_tests::Client;
use std::fs;
use std::net::SocketAddr;

/// Returns the hash of a password, which is cheap to check.
async fn hash(password: &str) -> String {
    let mut config = HasherConfig::default();
    (config.memory, config.passes) = (8, 1);
    let hasher = Hasher::new(&config).expect("valid");
    let password = Password::prepare(&Secret::new(password)).expect("a password");
    hasher.hash(&password).await.expect("it is not busy").hash().expose().to_owned()
}

/// Reads until a line contains a text, and returns that line.
async fn until(client: &mut Client, text: &str) -> String {
    loop {
        let line = client.next().await;
        if line.contains(text) {
            return line.trim_end().to_owned();
        }
    }
}

/// Connects a client, and returns its mask.
async fn enter(address: SocketAddr, name: &str, first: Option<&str>) -> (Client, String) {
    let mut client = Client::tcp(name, address).await;
    if let Some(line) = first {
        client.send(line).await;
    }
    client.send(format!("NICK {name}")).await;
    client.send(format!("USER {name} 0 * :{name}")).await;
    let welcome = until(&mut client, " 001 ").await;
    let mask = welcome.rsplit(' ').next().expect("a mask").to_owned();
    (client, mask)
}

#[tokio::test]
async fn settings_apply_to_clients_and_some_are_reloaded() {
    let folder = folder("irc");
    let (file, motd) = (folder.join("chat.toml"), folder.join("motd.txt"));
    fs::write(&motd, "tea at five\n").expect("a file");
    let (operator, gateway) = (hash("operpassword").await, hash("s3cret").await);
    let source = format!(
        "[irc]\nserver_name = \"irc.test\"\nmotd = \"motd.txt\"\nsts_port = 6697\n\
         cloak_key = \"0123456789abcdef\"\noperators.op = \"{operator}\"\n\
         gateways.kiwi = {{ addresses = [\"127.0.0.1\"], password = \"{gateway}\" }}\n"
    );
    fs::write(&file, &source).expect("a file");
    let urls = ["irc://127.0.0.1:0", "irc://127.0.0.1:0?webirc=true"];
    let arguments = ["--config", path(&file), "--store", "memory"];
    let (mut program, mut log) = Program::serve_logged(&urls, &arguments).await;
    let [clients, gateways] = program.addresses("irc irc");

    let (mut alice, mask) = enter(clients, "alice", None).await;
    // The cloaks of this key.
    assert_eq!(mask, "alice!alice@c-anpqkh8w4bv5z2c3");
    assert!(until(&mut alice, " 372 ").await.ends_with("tea at five"));
    alice.send("CAP LS 302").await;
    assert!(until(&mut alice, " CAP ").await.contains(" sts=port=6697"));

    let first = "WEBIRC s3cret kiwi host.example 192.0.2.77";
    let (mut bob, mask) = enter(gateways, "bob", Some(first)).await;
    assert_eq!(mask, "bob!bob@c-2imqj4vi4he7jnvr");
    bob.send("CAP LS 302").await;
    assert!(!until(&mut bob, " CAP ").await.contains("sts="));
    let mut eve = Client::tcp("eve", gateways).await;
    eve.send("WEBIRC wrong kiwi host.example 192.0.2.77").await;
    until(&mut eve, "ERROR :WEBIRC is refused").await;

    fs::write(&motd, "tea at six\n").expect("a file");
    alice.send("REHASH").await;
    until(&mut alice, " 481 ").await;
    alice.send("OPER op operpassword").await;
    alice.send("REHASH").await;
    until(&mut alice, " 382 ").await;
    let reloaded = "the settings of IRC are those of the file";
    log_has(&mut log, reloaded).await;
    alice.send("MOTD").await;
    assert!(until(&mut alice, " 372 ").await.ends_with("tea at six"));

    fs::write(&file, source.replace("motd.txt", "nowhere.txt")).expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "the old settings of IRC stay in use").await;
    fs::write(&file, source.replace("6697", "6698")).expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "only motd and password in [irc] are reloaded").await;
    alice.send("MOTD").await;
    assert!(until(&mut alice, " 372 ").await.ends_with("tea at six"));
    program.signal("TERM").await;
    program.end().await;
}
