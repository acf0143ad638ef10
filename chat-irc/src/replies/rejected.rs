//! Refusals.

use super::{history, members, metadata, monitor, read, redact, user};
use crate::client::Client;
use crate::identity::Word;
use crate::pending::{Monitor, Pending};
use crate::refusal::{Numeric, numeric};
use chat_core::{JoinRefusal, Refusal};
use chat_dialects::Reaction;

/// Writes the refusal of a command.
pub(super) fn rejected(
    client: &mut Client,
    pending: Option<Pending>,
    refusal: &Refusal,
    reaction: &mut Reaction,
) {
    match pending {
        Some(Pending::Identify) => not_identified(client, refusal, reaction),
        Some(Pending::LogIn) => {
            client.registration.sasl = None;
            client.numeric(&mut reaction.frames, 904, format_args!(":{refusal}"));
        }
        Some(Pending::Register { account }) => not_registered(client, &account, refusal, reaction),
        Some(Pending::Metadata(of)) => metadata::refused(client, &of, refusal, reaction),
        Some(Pending::Service(service)) => service.refuses(client, refusal, reaction),
        // A channel that does not exist, or whose members the client may not see, has none.
        Some(Pending::Names { channel }) if !is_delay(refusal) => {
            members::end_of_names(client, &channel, reaction);
        }
        Some(Pending::Who(who)) if !is_delay(refusal) => user::end_of_who(client, &who, reaction),
        Some(Pending::Whois { nickname }) => {
            refuse(client, refusal, ("WHOIS", &nickname), reaction);
            user::end_of_whois(client, &nickname, reaction);
        }
        Some(Pending::Whowas { nickname }) => {
            refuse(client, refusal, ("WHOWAS", &nickname), reaction);
            user::end_of_whowas(client, &nickname, reaction);
        }
        Some(Pending::LookUp(look_up)) if !is_delay(refusal) => {
            user::continue_look_up(client, *look_up, reaction);
        }
        // The server does not know the message that it replies to.
        Some(Pending::Reply { name, subject, plain })
            if matches!(
                refusal,
                Refusal::NoSuchMessage(_) | Refusal::HistoryUnavailable | Refusal::NotInChannel(_)
            ) =>
        {
            client.command(name, &subject, *plain, reaction);
        }
        Some(Pending::Reply { name, subject, .. }) => {
            rejected(client, Some(Pending::Command { name, subject }), refusal, reaction);
        }
        // A notice has no answer (RFC 2812 §3.3.2).
        Some(Pending::Command { name: "NOTICE", .. }) => {}
        // A mask that is not on a list is not removed, which is no error in IRC.
        Some(Pending::Command { name: "MODE", .. })
            if matches!(refusal, Refusal::NotListed { .. } | Refusal::MaskNotListed { .. }) => {}
        Some(Pending::Command { name, subject }) => {
            refuse(client, refusal, (name, &subject), reaction);
        }
        Some(Pending::Topic { channel }) => refuse(client, refusal, ("TOPIC", &channel), reaction),
        Some(Pending::Modes { channel } | Pending::List { channel, .. }) => {
            refuse(client, refusal, ("MODE", &channel), reaction);
        }
        Some(Pending::Names { channel }) => refuse(client, refusal, ("NAMES", &channel), reaction),
        Some(Pending::Who(who)) => refuse(client, refusal, ("WHO", &who.mask), reaction),
        Some(Pending::LookUp(_)) => refuse(client, refusal, ("ISON", "*"), reaction),
        Some(Pending::Channels { .. }) => {
            refuse(client, refusal, ("LIST", "*"), reaction);
            client.numeric(&mut reaction.frames, 323, format_args!(":End of /LIST"));
        }
        Some(Pending::History { subcommand, target, .. }) => {
            history::refused(client, (&subcommand, &target), refusal, reaction);
        }
        Some(Pending::Redact { target, id }) => {
            redact::refused(client, (&target, &id), refusal, reaction);
        }
        Some(Pending::PreAway) => refuse(client, refusal, ("AWAY", "*"), reaction),
        // The client has its answer already.
        Some(Pending::MarkRead { .. } | Pending::ReadMarked) => {}
        Some(Pending::ReadMark { target, .. }) => {
            let at = client.read_marks.get(&target).at;
            read::read_mark(client, &target, at, reaction);
        }
        Some(Pending::Targets) => {
            history::refused(client, ("TARGETS", "*"), refusal, reaction);
        }
        Some(Pending::Invitations) => refuse(client, refusal, ("INVITE", "*"), reaction),
        Some(Pending::UserModes { .. }) => refuse(client, refusal, ("MODE", "*"), reaction),
        Some(Pending::Monitor(asked)) => match (asked, refusal) {
            (Monitor::Added { targets }, Refusal::TooManyWatched { limit }) => {
                monitor::full(client, *limit, &targets, reaction);
            }
            _ => refuse(client, refusal, ("MONITOR", "*"), reaction),
        },
        Some(Pending::Rehash) => refuse(client, refusal, ("REHASH", "*"), reaction),
        Some(Pending::Operator) => refuse(client, refusal, ("OPER", "*"), reaction),
        Some(Pending::Lusers) => refuse(client, refusal, ("LUSERS", "*"), reaction),
        None => refuse(client, refusal, ("*", "*"), reaction),
    }
}

/// Writes that one of several channels could not be joined.
pub(super) fn not_joined(client: &Client, refusal: &JoinRefusal, reaction: &mut Reaction) {
    refuse(client, &refusal.refusal, ("JOIN", refusal.channel.as_str()), reaction);
}

/// Writes a refusal as a numeric.
fn refuse(
    client: &Client,
    refusal: &Refusal,
    (command, subject): (&str, &str),
    reaction: &mut Reaction,
) {
    let subject = Word(subject).to_string();
    let Numeric { code, params } = numeric(refusal, command, &subject);
    let space = if params.is_empty() { "" } else { " " };
    client.numeric(&mut reaction.frames, code, format_args!("{params}{space}:{refusal}"));
}

/// Writes that no account was registered.
fn not_registered(client: &Client, account: &str, refusal: &Refusal, reaction: &mut Reaction) {
    let code = if matches!(
        refusal,
        Refusal::AccountTaken(_)
            | Refusal::NicknameInUse(_)
            | Refusal::NicknameReserved(_)
            | Refusal::NicknameRegistered(_)
    ) {
        "ACCOUNT_EXISTS"
    } else if matches!(refusal, Refusal::AccountInvalid(_) | Refusal::NicknameInvalid(_)) {
        "BAD_ACCOUNT_NAME"
    } else if matches!(refusal, Refusal::PasswordTooWeak(_)) {
        "WEAK_PASSWORD"
    } else if matches!(refusal, Refusal::AlreadyLoggedIn(_)) {
        "ALREADY_AUTHENTICATED"
    } else {
        "TEMPORARILY_UNAVAILABLE"
    };
    let rest = format_args!("FAIL REGISTER {code} {} :{refusal}", Word(account));
    client.line(&mut reaction.frames, rest);
}

/// Writes that a client gets no nickname. It may try another one, or the session ends.
fn not_identified(client: &mut Client, refusal: &Refusal, reaction: &mut Reaction) {
    client.registration.is_identifying = false;
    let wanted = client.registration.nickname.take().unwrap_or_default();
    refuse(client, refusal, ("NICK", &wanted), reaction);
    client.registration.refused += 1;
    let is_about_name = matches!(
        refusal,
        Refusal::NicknameInvalid(_)
            | Refusal::NicknameInUse(_)
            | Refusal::NicknameReserved(_)
            | Refusal::NicknameRegistered(_)
    );
    let may_try_again = is_about_name || is_delay(refusal) || *refusal == Refusal::TryAgain;
    if !may_try_again || client.registration.refused >= MOST_REFUSED {
        reaction.end();
    }
}

/// Returns true if the same command would be accepted later.
fn is_delay(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::RateLimited { .. })
}

/// The most nicknames that a client may be refused: some clients try for ever.
const MOST_REFUSED: usize = 50;
