//! Writes questions as text for transcripts.

use super::step::START;
use crate::search::{SearchRequest, SearchedChannel};
use crate::{HistoryRange, MessageRequest, MissedRequest, Question, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Writes a question about the session of a label.
pub(super) fn describe_question(question: &Question, label: &str) -> String {
    match question {
        Question::Authenticate { address: _, token } => {
            let token = if token.is_some() { " (with a token)" } else { "" };
            format!("who is {label}?{token}")
        }
        Question::History { channel, id: _, range, limit } => {
            format!("history of {channel}{}, up to {limit}, for {label}?", range_of(*range))
        }
        Question::PrivateHistory { account, nickname, range, limit } => {
            let range = range_of(*range);
            format!(
                "private messages of account {account} with {nickname}{range}, up to {limit}, for \
                 {label}?"
            )
        }
        Question::Register { account, password: _, code } => {
            let code = if code.is_some() { " (with a code)" } else { "" };
            format!("may {label} register account {account}{code}?")
        }
        Question::CheckPassword { account, password: _, credentials, new } => {
            let known = if credentials.is_some() { "" } else { ", which is unknown" };
            let new = if new.is_some() { ", with a new one" } else { "" };
            format!("is the password of {label} that of account {account}{known}{new}?")
        }
        Question::Exchange { mechanism, account, messages, credentials } => {
            let known = if credentials.is_some() { "" } else { ", which is unknown" };
            let count = messages.len();
            format!("is {label} account {account}{known}, by {mechanism}, message {count}?")
        }
        Question::Missed(request) => {
            let MissedRequest { channels, mailbox, limit, up_to: _ } = &**request;
            let mut places: Vec<String> = channels
                .iter()
                .map(|missed| format!("{} after {}", missed.channel, missed.after.0))
                .collect();
            let mailbox = mailbox.as_ref();
            places.extend(mailbox.map(|(account, id)| format!("account {account} after {}", id.0)));
            format!("messages of {}, up to {limit}, for {label}?", places.join(", "))
        }
        Question::Message(request) => {
            let MessageRequest { id, channels, account } = &**request;
            let names = channels.iter().map(|(name, _)| name.to_string());
            let account = account.iter().map(|account| format!("account {account}"));
            let places: Vec<String> = names.chain(account).collect();
            format!("message {} in {}, for {label}?", id.0, places.join(", "))
        }
        Question::Search(request) => format!("search for {}, for {label}?", search_of(request)),
    }
}

/// Writes what is searched for, and where.
fn search_of(request: &SearchRequest) -> String {
    let mut text = format!("{:?}", request.text.as_str());
    for SearchedChannel { id: _, name, after } in &request.channels {
        let after = after.map(|after| format!(" after {}", after.as_millis()));
        text.push_str(&format!(" in {name}{}", after.unwrap_or_default()));
    }
    let parts = [
        request.account.as_ref().map(|account| format!(" in the mailbox of {account}")),
        request.from.as_ref().map(|from| format!(" from {from}")),
        request.after.map(|after| format!(" after {}", after.as_millis())),
        request.before.map(|before| format!(" before {}", before.as_millis())),
        request.older_than.map(|bound| format!(" below {}", bound.0)),
    ];
    parts.into_iter().flatten().for_each(|part| text.push_str(&part));
    format!("{text}, up to {}", request.limit)
}

fn range_of(range: HistoryRange) -> String {
    match range {
        HistoryRange::Latest => String::new(),
        HistoryRange::Before(id) => format!(" before {}", id.0),
        HistoryRange::After(id) => format!(" after {}", id.0),
        HistoryRange::Around(id) => format!(" around {}", id.0),
        HistoryRange::At(at) => format!(" at {}", elapsed(at)),
        HistoryRange::BeforeTime(at) => format!(" earlier than {}", elapsed(at)),
        HistoryRange::AfterTime(at) => format!(" later than {}", elapsed(at)),
    }
}

/// Writes the time since the beginning of a script.
fn elapsed(at: Timestamp) -> String {
    let elapsed = at.since(START).as_millis();
    match elapsed % 1_000 {
        0 => format!("{}s", elapsed / 1_000),
        _ => format!("{elapsed}ms"),
    }
}
