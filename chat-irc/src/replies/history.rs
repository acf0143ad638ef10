//! Answers to `CHATHISTORY`.

use crate::capability::Capabilities;
use crate::client::Client;
use crate::history::Part;
use crate::identity::{Word, channel};
use crate::output::Output;
use crate::tags::with_tag;
use chat_core::{Event, Message, PlaybackItem, Refusal, Target};
use chat_dialects::{Frames, Reaction, Rfc3339};

/// Writes a page of messages, with events if the client has asked for them.
pub(super) fn messages(
    client: &mut Client,
    (target, part): (&str, Part),
    event: &Event,
    reaction: &mut Reaction,
) {
    let mut lines = Frames::default();
    // Batches are not nested.
    let form = client.capabilities.without(Capabilities::MULTILINE);
    let output = Output { form, ..client.output(reaction.at) };
    // Messages that were deleted are left out.
    let kept = |message: &Message, lines: &mut Frames| {
        if message.deletion().is_none() {
            output.message(message, lines);
        }
    };
    if let Event::Playback(playback) = event {
        for item in part.of_page(&playback.items) {
            match item {
                PlaybackItem::Message(message) => kept(message, &mut lines),
                PlaybackItem::Event(event) => {
                    Output { at: event.at, ..output }.event(&event.event, &mut lines);
                }
                _ => {}
            }
        }
    } else if let Event::History { messages, .. } | Event::PrivateHistory { messages, .. } = event {
        for message in messages.iter().filter(|message| part.contains(message)) {
            kept(message, &mut lines);
        }
    } else {
        return;
    }
    batch(client, format_args!("chathistory {}", Word(target)), &lines, reaction);
}

/// Writes the channels and conversations that have messages of a time.
pub(super) fn targets(client: &mut Client, event: &Event, reaction: &mut Reaction) {
    let Event::Targets { targets, .. } = event else { return };
    let mut lines = Frames::default();
    for active in targets {
        let name = match &active.target {
            Target::Channel(name) | Target::Members { channel: name, .. } => channel(name),
            Target::User(nickname) => nickname.shown().into(),
            _ => continue,
        };
        let at = Rfc3339::from(active.at);
        client.line(&mut lines, format_args!("CHATHISTORY TARGETS {name} {}", at.as_str()));
    }
    batch(client, format_args!("draft/chathistory-targets"), &lines, reaction);
}

/// Writes the refusal of a request for messages.
pub(super) fn refused(
    client: &Client,
    (subcommand, target): (&str, &str),
    refusal: &Refusal,
    reaction: &mut Reaction,
) {
    let is_about_target = matches!(
        refusal,
        Refusal::NoSuchChannel(_)
            | Refusal::NotInChannel(_)
            | Refusal::ChannelNameInvalid(_)
            | Refusal::NicknameInvalid(_)
            | Refusal::AccountNeeded
    );
    let code = if is_about_target { "INVALID_TARGET" } else { "MESSAGE_ERROR" };
    let target = Word(target);
    let rest = format_args!("FAIL CHATHISTORY {code} {subcommand} {target} :{refusal}");
    client.line(&mut reaction.frames, rest);
}

/// Writes lines as a batch, if the client knows batches.
fn batch(
    client: &mut Client,
    kind: std::fmt::Arguments<'_>,
    lines: &Frames,
    reaction: &mut Reaction,
) {
    let texts = lines.iter().map(|line| String::from_utf8_lossy(line.bytes()));
    if !client.has(Capabilities::BATCH) {
        texts.for_each(|line| reaction.frames.push(&*line));
        return;
    }
    let id = client.next_batch("history");
    client.line(&mut reaction.frames, format_args!("BATCH +{id} {kind}"));
    for line in texts {
        reaction.frames.push(with_tag(&line, "batch", &id));
    }
    client.line(&mut reaction.frames, format_args!("BATCH -{id}"));
}
