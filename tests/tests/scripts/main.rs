//! Runs every script of `scripts/`: on the engine alone ([`engine`]), and in JSON version 2 three
//! ways: on a [`Switchboard`](chat_runtime::chat_dialects::Switchboard) without any I/O, over TCP
//! and over WebSocket. Each session has to receive the same frames all three ways, times included.
//! The switchboard's frames are snapshotted for JSON version 2, and for some scripts in every other
//! dialect as well.
//!
//! The scripts of `scripts/restart/` restart the engine, and run on the engine alone.
//!
//! If a dialect does not support an action, its transcript has a line `# unsupported` instead.
//!
//! To see how a change affects the transcripts, run with `INSTA_UPDATE=always` and read the diff.

mod client_dialect;
mod engine;
mod exchange;
mod frame_counts;
mod replay;
mod script_runner;
mod transcript;

use chat_core::script::Script;
use chat_runtime::chat_dialects::Style;
use client_dialect::{Json1, Json2, Text};
use engine::{engine_agrees_with_the_snapshot, transcript_is_a_script_with_the_same_transcript};
use exchange::Act;
use frame_counts::{counts_of_the_engine, frame_counts};
use replay::{Transport, replay};
use script_runner::{Accounts, play};
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use transcript::{snapshot, transcript};

datatest_stable::harness! {
    { test = engine_agrees_with_the_snapshot, root = "scripts", pattern = EVERY },
    { test = transcript_is_a_script_with_the_same_transcript, root = "scripts", pattern = EVERY },
    { test = engine_agrees_with_the_snapshot, root = "scripts/restart", pattern = EVERY },
    { test = transcript_is_a_script_with_the_same_transcript, root = "scripts/restart", pattern = EVERY },
    { test = json_2_agrees_with_the_snapshot, root = "scripts", pattern = EVERY },
    { test = json_2_has_the_frames_of_the_engines_effects, root = "scripts", pattern = EVERY },
    { test = each_request_has_one_answer_with_its_ref, root = "scripts", pattern = EVERY },
    { test = tcp_agrees_with_the_switchboard, root = "scripts", pattern = EVERY },
    { test = web_socket_agrees_with_the_switchboard, root = "scripts", pattern = EVERY },
    { test = json_1_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = bracket_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = star_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = plain_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
}

const EVERY: &str = r"^[a-z0-9_]+\.chat$";
/// Scripts with nicknames, messages, channels, quits and refusals, most of which every dialect
/// supports.
const CHOSEN: &str = concat!(
    r"^(access_lists|accounts_typed|away|cleaning|disconnect|hello|history|history_at|host_closes",
    r"|host_messages|host_removals|kick|messages|nicknames_refused|offline_messages",
    r"|older_history|search",
    r"|server_operators_typed|several_lines|several_sessions|topic|whois|whowas)\.chat$"
);

type TestResult = Result<(), Box<dyn Error>>;

fn json_2_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    snapshot(
        "dialects/json_2",
        path,
        &transcript(&play(&script, &mut Json2::default(), Accounts::Kept)),
    )
}

fn json_2_has_the_frames_of_the_engines_effects(_: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    let exchanges = play(&script, &mut Json2::default(), Accounts::Kept);
    assert_eq!(frame_counts(&exchanges), counts_of_the_engine(&script, &exchanges));
    Ok(())
}

fn each_request_has_one_answer_with_its_ref(_: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    let exchanges = play(&script, &mut Json2::default(), Accounts::Kept);
    let mut open = BTreeSet::new();
    // Requests that wait for the host's answer.
    let mut waiting: Vec<(usize, Value)> = Vec::new();
    for exchange in &exchanges {
        let mut answers = Vec::new();
        for (session, frame) in exchange.frames() {
            let object: Value = serde_json::from_str(frame)?;
            if let Some(reference) = object.get("ref") {
                answers.push((session, reference.clone()));
            }
        }
        let mut asked: Vec<(usize, Value)> = match &exchange.act {
            Act::Send { session, frame } if open.contains(session) => {
                let request: Value = serde_json::from_str(frame)?;
                request.get("ref").filter(|r| r.is_string()).map(|r| (*session, r.clone()))
            }
            Act::Open { session, .. } => {
                open.insert(*session);
                None
            }
            Act::Leave { session } => {
                open.remove(session);
                None
            }
            Act::Send { .. }
            | Act::Answer { .. }
            | Act::Host { .. }
            | Act::Unsupported
            | Act::Wait { .. }
            | Act::Stop => None,
        }
        .into_iter()
        .collect();
        // A client that resumes is welcomed before the host is asked for what it has missed.
        if exchange.asks && answers.is_empty() {
            waiting.append(&mut asked);
        } else if asked.is_empty() {
            asked = waiting.extract_if(.., |request| answers.contains(request)).collect();
        }
        assert_eq!(answers, asked, "after {}", exchange.heading);
        let closed = exchange.outputs.iter().filter(|(_, outputs)| outputs.closed);
        closed.for_each(|(session, _)| {
            open.remove(session);
        });
    }
    Ok(())
}

fn tcp_agrees_with_the_switchboard(_: &Path, source: String) -> TestResult {
    agrees_with_the_switchboard(&source, Transport::Tcp)
}

fn web_socket_agrees_with_the_switchboard(_: &Path, source: String) -> TestResult {
    agrees_with_the_switchboard(&source, Transport::WebSocket)
}

fn agrees_with_the_switchboard(source: &str, transport: Transport) -> TestResult {
    let script: Script = source.parse()?;
    // A connection has no account, since no frame carries one.
    let exchanges = play(&script, &mut Json2::default(), Accounts::Dropped);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let again = runtime.block_on(replay(&script, &exchanges, transport));
    assert_eq!(transcript(&again), transcript(&exchanges));
    Ok(())
}

fn json_1_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    snapshot("dialects/json_1", path, &transcript(&play(&script, &mut Json1, Accounts::Kept)))
}

fn bracket_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("dialects/bracket", Style::bracket(), path, &source)
}

fn star_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("dialects/star", Style::star(), path, &source)
}

fn plain_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("dialects/plain", Style::plain(), path, &source)
}

fn style_agrees_with_the_snapshot(
    folder: &str,
    style: Style,
    path: &Path,
    source: &str,
) -> TestResult {
    let script: Script = source.parse()?;
    let mut text = Text::new(style);
    snapshot(folder, path, &transcript(&play(&script, &mut text, Accounts::Kept)))
}
