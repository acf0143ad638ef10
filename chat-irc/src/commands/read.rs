//! `MARKREAD` (IRCv3 draft/read-marker).

use crate::client::Client;
use crate::history::Point;
use crate::identity::Word;
use crate::line::Line;
use crate::pending::Pending;
use crate::replies;
use chat_core::{Command, HistoryRange};
use chat_dialects::Reaction;
use std::time::Duration;

pub(super) fn markread(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(target) = line.param(0) else {
        let rest = format_args!("FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters");
        return client.line(&mut reaction.frames, rest);
    };
    let Some(written) = line.params.get(1) else {
        return replies::show_read_mark(client, target, reaction);
    };
    let Some(at) = Point::time(written) else {
        let (target, written) = (Word(target), Word(written));
        let rest = format_args!("FAIL MARKREAD INVALID_PARAMS {target} {written} :No such time");
        return client.line(&mut reaction.frames, rest);
    };
    let at = client.read_marks.note_time(target, at);
    replies::read_mark(client, target, Some(at), reaction);
    // The engine marks messages: the last one up to this time, if the user has an account.
    if client.user.as_ref().is_some_and(|user| user.account.is_some()) {
        let range = HistoryRange::BeforeTime(at + Duration::from_millis(1));
        let query = replies::one_message(target, range);
        let pending = Pending::MarkRead { target: target.into() };
        client.ask(pending, Command::Query(query), reaction);
    }
}
