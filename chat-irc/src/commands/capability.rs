//! `CAP`: the negotiation of capabilities.

use super::registration::register;
use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::metadata::Subscriptions;
use crate::sasl::Mechanism;
use crate::strict_transport::StrictTransport;
use chat_core::{AppData, DataChange, Text};
use chat_dialects::{Reaction, SendLimits};

pub(super) fn cap(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(subcommand) = line.param(0) else {
        return client.needs_more("CAP", reaction);
    };
    let offered = Capabilities::offered(reaction.features);
    match &*subcommand.to_ascii_uppercase() {
        "LS" => {
            client.registration.is_negotiating = client.user.is_none();
            let version = line.param(1).and_then(|version| version.parse::<u32>().ok());
            let has_values = version.is_some_and(|version| version >= 302);
            if has_values {
                client.capabilities = client.capabilities.with(Capabilities::CAP_NOTIFY);
            }
            // Clients that negotiate in the old way get one line, without drafts.
            let names = offered.names().filter(|name| has_values || !name.starts_with("draft/"));
            let SendLimits { message_bytes, message_lines, .. } = reaction.limits;
            let multiline =
                format!("draft/multiline=max-bytes={message_bytes},max-lines={message_lines}");
            let metadata = metadata_capability();
            let sasl = format!("sasl={}", Mechanism::offered(client.settings.scram));
            let names = names.map(|name| match name {
                "draft/multiline" => &*multiline,
                "draft/metadata-3" => &*metadata,
                "sasl" if has_values => &*sasl,
                "draft/account-registration" => {
                    "draft/account-registration=before-connect,custom-account-name"
                }
                name => name,
            });
            let policy = client.settings.strict_transport.filter(|_| has_values);
            let policy = policy.map(StrictTransport::capability);
            let names = names.chain(policy.as_deref());
            list(client, "LS", names, has_values, reaction);
        }
        "LIST" => {
            let has_values = client.has(Capabilities::CAP_NOTIFY);
            list(client, "LIST", client.capabilities.names(), has_values, reaction);
        }
        "REQ" => {
            client.registration.is_negotiating = client.user.is_none();
            request(client, line.param(1).unwrap_or_default(), offered, reaction);
        }
        "END" => {
            client.registration.is_negotiating = false;
            register(client, reaction);
        }
        _ => {
            let subcommand = Word(subcommand);
            let rest = format_args!("{subcommand} :Invalid CAP command");
            client.numeric(&mut reaction.frames, 410, rest);
        }
    }
}

/// Returns the capability for metadata with its limits.
fn metadata_capability() -> String {
    let (subs, keys) = (Subscriptions::MOST, AppData::MOST_ENTRIES);
    let bytes = DataChange::LONGEST_TEXT;
    format!(
        "draft/metadata-3=before-connect,max-subs={subs},max-keys={keys},max-value-bytes={bytes}"
    )
}

/// Switches the requested capabilities on or off: all, or none if one of them is not offered.
fn request(client: &mut Client, names: &str, offered: Capabilities, reaction: &mut Reaction) {
    let mut capabilities = client.capabilities;
    for name in names.split_ascii_whitespace() {
        let (is_on, known) = match name.strip_prefix('-') {
            Some(name) => (false, Capabilities::from_name(name)),
            None => (true, Capabilities::from_name(name)),
        };
        let Some(capability) = known.filter(|capability| offered.has(*capability)) else {
            return reply(client, "NAK", Text::clean(names).as_str(), reaction);
        };
        capabilities =
            if is_on { capabilities.with(capability) } else { capabilities.without(capability) };
    }
    client.capabilities = capabilities;
    reply(client, "ACK", names.trim(), reaction);
}

/// Writes names, in several lines if the client can read them.
fn list<'a>(
    client: &Client,
    subcommand: &str,
    names: impl Iterator<Item = &'a str>,
    is_split: bool,
    reaction: &mut Reaction,
) {
    let nickname = client.nickname();
    let room = client.room().saturating_sub(subcommand.len() + " * :".len());
    let names: Vec<&str> = names.collect();
    let is_long = names.join(" ").len() > room;
    let is_draft = |name: &str| name.starts_with("draft/");
    let mut line = String::new();
    for name in names {
        // Some clients read only the last line, which has all but the drafts.
        let is_first_other = is_long && is_draft(&line) && !is_draft(name);
        let is_full = !line.is_empty() && line.len() + 1 + name.len() > room;
        if is_split && (is_full || is_first_other) {
            let rest = format_args!("CAP {nickname} {subcommand} * :{line}");
            client.line(&mut reaction.frames, rest);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(name);
    }
    reply(client, subcommand, &line, reaction);
}

fn reply(client: &Client, subcommand: &str, names: &str, reaction: &mut Reaction) {
    let nickname = client.nickname();
    client.line(&mut reaction.frames, format_args!("CAP {nickname} {subcommand} :{names}"));
}
