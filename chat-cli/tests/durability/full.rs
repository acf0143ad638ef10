//! A disk that fills and is freed again.

use crate::disk::{inside, mounting, try_mount};
use crate::fault::{Fault, FaultLibrary};
use crate::server::{Launch, Server};
use chat_tests::Client;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

/// A disk that the test fills.
pub(crate) enum FillableDisk {
    /// A small file system in memory, which needs root.
    Tmpfs,
    /// Each write to the log fails while a file exists.
    Failing(FaultLibrary),
}

impl FillableDisk {
    /// Checks that the system can mount a file system.
    ///
    /// # Errors
    ///
    /// A text with the reason if it cannot.
    pub(crate) fn tmpfs() -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        try_mount(&mounting(TMPFS, folder.path()))?;
        Ok(Self::Tmpfs)
    }

    fn launch(&self, folder: &TempDir, marker: &TempDir) -> Launch {
        let mut launch = Launch::with_store(&folder.path().join("chat.db"));
        match self {
            Self::Tmpfs => {
                launch.wrapper = mounting(TMPFS, folder.path());
            }
            Self::Failing(library) => {
                let fault =
                    Fault { file: "log", call: "write", nth: 1, lasts: true, action: "full" };
                launch.variables = library.variables(&fault);
                let when = marker.path().join("full").display().to_string();
                launch.variables.push(("DISK_FAULT_WHEN".into(), when));
            }
        }
        launch
    }

    /// Returns the file whose existence means that the disk is full.
    fn filler(&self, server: &Server, folder: &TempDir, marker: &TempDir) -> PathBuf {
        match self {
            Self::Tmpfs => inside(server.id(), &folder.path().join("filler")),
            Self::Failing(_) => marker.path().join("full"),
        }
    }

    /// Creates that file, and fills a file system with it.
    fn fill(&self, filler: &Path) {
        let mut file = File::create(filler).expect("a file");
        if let Self::Failing(_) = self {
            return;
        }
        for size in [65_536, 4_096, 1] {
            // At most as much as the file system has.
            for _ in 0..5_000 {
                if file.write_all(&vec![0; size]).is_err() {
                    break;
                }
            }
        }
    }
}

/// Fills the disk while clients talk, and frees it: everything is delivered then, once and in
/// order, and a restart has it.
pub(crate) async fn check(disk: FillableDisk) {
    let (folder, marker) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let config = marker.path().join("chat.toml");
    fs::write(&config, "[limits]\ncommands_per_second = 0\n").expect("a file");
    let launch = disk.launch(&folder, &marker).with_config(&config);
    let server = launch.start().await.expect("it starts");
    let mut alice = Client::tcp("alice", server.address("tcp+json")).await;
    alice.join_lobby(r#"{"type":"hello","version":2,"nickname":"alice"}"#).await;
    let mut bob = Client::tcp("bob", server.address("tcp+json")).await;
    bob.join_lobby(r#"{"type":"hello","version":2,"nickname":"bob"}"#).await;
    alice.expect_type("user_joined").await;
    let mut expected = Vec::new();
    for round in 0..3 {
        let filler = disk.filler(&server, &folder, &marker);
        disk.fill(&filler);
        // The log may have room that it had taken before.
        for number in 1..MOST_MESSAGES {
            let text = format!("{round}.{number} {}", "x".repeat(1_000));
            alice.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
            expected.push(text);
            let Ok(answer) = timeout(WAITS, alice.next_json()).await else { break };
            assert_eq!(answer["type"], "ack", "{answer}");
            alice.expect_type("chat").await;
            bob.expect_type("chat").await;
        }
        // The last message waits, and so the next one of somebody else is refused.
        bob.send(r#"{"type":"chat","text":"refused"}"#).await;
        bob.expect_error("try_again").await;
        fs::remove_file(&filler).expect("it is there");
        let delivered = bob.expect_type("chat").await;
        assert_eq!(delivered["text"].as_str(), expected.last().map(String::as_str));
        alice.expect_type("ack").await;
        alice.expect_type("chat").await;
    }
    // The server is killed, with everything that it has delivered on the disk.
    let kept = TempDir::new().expect("a folder");
    for file in ["chat.db", "chat.db-wal", "chat.db-lock"] {
        let path = inside(server.id(), &folder.path().join(file));
        fs::copy(path, kept.path().join(file)).expect("a file");
    }
    drop((alice, bob));
    server.kill().await;
    let server = Launch::with_store(&kept.path().join("chat.db")).start().await.expect("it starts");
    let mut carol = Client::tcp("carol", server.address("tcp+json")).await;
    carol.join_lobby(r#"{"type":"hello","version":2,"nickname":"carol"}"#).await;
    let mut found: Vec<String> = Vec::new();
    let mut last = 0;
    loop {
        carol.send(format!(r#"{{"type":"history","channel":"lobby","after":{last}}}"#)).await;
        let history = carol.expect_type("history").await;
        for message in history["messages"].as_array().expect("a list") {
            last = message["id"].as_u64().expect("an id");
            found.push(message["text"].as_str().expect("a text").to_owned());
        }
        if history["more"] == false {
            break;
        }
    }
    assert_eq!(found, expected);
    server.stop().await;
}

/// The command that mounts the file system in memory.
const TMPFS: &str = "mount -t tmpfs -o size=4m tmpfs";
/// The most messages until the disk is full.
const MOST_MESSAGES: u32 = 5_000;
/// A message without an answer for so long waits for room.
const WAITS: Duration = Duration::from_secs(1);
