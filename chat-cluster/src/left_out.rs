//! The inputs at which the engine panics, and which all nodes leave out.

use crate::entry::{Body, Entry};
use crate::error::one_line;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use std::time::Duration;
use tokio::time::sleep;

/// Returns the inputs that are left out, and the position of the entry that lists them, or 0.
pub(crate) async fn read(
    stream: &Stream,
    subject: &str,
) -> Result<(Vec<(u64, usize)>, u64), String> {
    let message = match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
            return Ok((Vec::new(), 0));
        }
        Err(error) => return Err(one_line(&error)),
    };
    let entry: Entry =
        serde_json::from_slice(&message.payload).map_err(|error| one_line(&error))?;
    let Body::LeaveOut { inputs } = entry.body else {
        return Err(format!("entry {} lists no inputs", message.sequence));
    };
    Ok((inputs, message.sequence))
}

/// Adds an input. Several nodes add the same one, each once it has panicked; it is listed once.
pub(crate) async fn add(
    context: &Context,
    stream: &Stream,
    subject: &str,
    process: u64,
    input: (u64, usize),
) -> Result<(), String> {
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(context, stream, subject, process, input).await {
            Ok(()) => return Ok(()),
            Err(reason) if tries == TRIES => return Err(reason),
            // Another node may have added it meanwhile.
            Err(_) => sleep(RETRY).await,
        }
    }
}

async fn attempt(
    context: &Context,
    stream: &Stream,
    subject: &str,
    process: u64,
    input: (u64, usize),
) -> Result<(), String> {
    let (mut inputs, last) = read(stream, subject).await?;
    if inputs.contains(&input) {
        return Ok(());
    }
    inputs.push(input);
    // No entry of the node itself has this count.
    let entry = Entry { process, count: u64::MAX, body: Body::LeaveOut { inputs } };
    let message = PublishMessage::build().payload(entry.to_bytes().into());
    let message = message.expected_last_subject_sequence(last);
    let sent = context.send_publish(subject.to_owned(), message).await;
    let acknowledgement = sent.map_err(|error| one_line(&error))?;
    acknowledgement.await.map(drop).map_err(|error| one_line(&error))
}

/// The attempts to add an input, and the time between two.
const TRIES: u32 = 10;
const RETRY: Duration = Duration::from_millis(250);
