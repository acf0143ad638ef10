//! Reads the private messages between the user's account and another user.

use super::reader::Reader;
use crate::durable::{History, Stored};
use crate::{
    AccountName, Actor, Event, HistoryRange, Nickname, QueryResult, Question, Refusal, Target,
};

pub(super) fn read(
    reader: Reader<'_>,
    nickname: &Nickname,
    range: HistoryRange,
    limit: usize,
    stored: Option<Stored>,
) -> QueryResult {
    let account = reader.user.account().ok_or(Refusal::AccountNeeded)?;
    let known = conversation(reader, account, nickname);
    let is_private = |target: &Target| matches!(target, Target::User(_));
    let stored = stored.map(|stored| stored.retain(|message| is_private(&message.target)));
    let oldest = reader.state.oldest_readable();
    let (messages, more) = reader.page(&known, oldest, range, limit, stored);
    Ok(Event::PrivateHistory { nickname: nickname.clone(), messages, more })
}

/// Returns the question to the host if the page reaches beyond the messages in memory.
pub(super) fn question(
    reader: Reader<'_>,
    nickname: &Nickname,
    range: HistoryRange,
    limit: usize,
) -> Result<Option<Question>, Refusal> {
    let account = reader.user.account().ok_or(Refusal::AccountNeeded)?;
    let limit = reader.history_limit(limit);
    let known = conversation(reader, account, nickname);
    let asks = known.since(reader.state.oldest_readable()).ends_before(range, limit);
    let (account, nickname) = (account.clone(), nickname.clone());
    Ok(asks.then_some(Question::PrivateHistory { account, nickname, range, limit }))
}

/// Returns the private messages of an account to or from the users of a nickname.
fn conversation(reader: Reader<'_>, account: &AccountName, nickname: &Nickname) -> History {
    let known = reader.state.durable.account(account);
    known
        .map(|known| {
            let mailbox = &known.mailbox;
            mailbox.filter(|said| is_with((&said.sender, &said.target), account, nickname))
        })
        .unwrap_or_default()
}

/// Returns true if something private that `account` has sent or received is to or from a user of
/// this nickname.
pub(super) fn is_with(
    (sender, target): (&Actor, &Target),
    account: &AccountName,
    nickname: &Nickname,
) -> bool {
    let sender_account = sender.user().and_then(|user| user.account.as_ref());
    let is_to = matches!(target, Target::User(to) if to == nickname);
    // The sender of a message to oneself is the recipient too.
    if sender_account == Some(account) { is_to } else { sender.is_named(nickname) }
}
