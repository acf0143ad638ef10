//! Refusals as numerics.

use crate::identity::channel;
use chat_core::{ChannelName, Refusal};

/// The numeric of a refusal and its parameters before the text.
pub(crate) struct Numeric {
    pub(crate) code: u16,
    pub(crate) params: String,
}

/// Returns the numeric for a refusal. `command` is the command that was refused, and `subject` the
/// name that it was about, as the client wrote it.
pub(crate) fn numeric(refusal: &Refusal, command: &str, subject: &str) -> Numeric {
    let is_message = matches!(command, "PRIVMSG" | "NOTICE" | "TAGMSG");
    let of_channel = |code, name: &ChannelName| (code, channel(name).into_owned());
    let (code, params) = match refusal {
        Refusal::NotIdentified | Refusal::Identifying => (451, String::new()),
        Refusal::AlreadyIdentified => (462, String::new()),
        Refusal::NicknameGiven => (447, String::new()),
        Refusal::AuthenticationFailed(_)
        | Refusal::LoginFailed
        | Refusal::PasswordWrong
        | Refusal::SessionEnded => (464, String::new()),
        Refusal::TryAgain
        | Refusal::HistoryUnavailable
        | Refusal::StoreFull
        | Refusal::Isolated
        | Refusal::RateLimited { .. }
        | Refusal::TooManyLogins { .. } => (263, command.to_owned()),
        Refusal::NicknameInvalid(_) => (432, subject.to_owned()),
        Refusal::NicknameReserved(nickname) => (432, nickname.shown().to_owned()),
        Refusal::NicknameInUse(nickname) | Refusal::NicknameRegistered(nickname) => {
            (433, nickname.shown().to_owned())
        }
        Refusal::ChannelNameInvalid(_) => (476, subject.to_owned()),
        Refusal::NoSuchChannel(name) => of_channel(403, name),
        Refusal::NoSuchUser(nickname) | Refusal::UserDisconnected(nickname) => {
            (401, nickname.shown().to_owned())
        }
        Refusal::NotInChannel(name) => of_channel(if is_message { 404 } else { 442 }, name),
        Refusal::UserNotInChannel { channel: name, nickname } => {
            (441, format!("{} {}", nickname.shown(), channel(name)))
        }
        Refusal::UserInChannel { channel: name, nickname } => {
            (443, format!("{} {}", nickname.shown(), channel(name)))
        }
        Refusal::NotPermitted { channel: name, .. } | Refusal::Outranked { channel: name, .. } => {
            of_channel(482, name)
        }
        Refusal::Banned(name) => of_channel(if is_message { 404 } else { 474 }, name),
        Refusal::Muted(name) | Refusal::Moderated(name) | Refusal::NoCtcp(name) => {
            of_channel(404, name)
        }
        Refusal::InviteOnly(name) => of_channel(473, name),
        Refusal::WrongKey(name) => of_channel(475, name),
        Refusal::ChannelFull { channel: name, .. } => of_channel(471, name),
        Refusal::TooManyChannelsJoined { .. }
        | Refusal::TooManyChannels { .. }
        | Refusal::TooManyChannelsOwned { .. } => (405, subject.to_owned()),
        Refusal::TooManyTargets { .. } => (407, subject.to_owned()),
        Refusal::ListFull { channel: name, .. } => of_channel(478, name),
        Refusal::MessageEmpty => (412, String::new()),
        Refusal::MessageTooLong { .. }
        | Refusal::TooManyLines { .. }
        | Refusal::DataTooLong { .. }
        | Refusal::TopicTooLong { .. }
        | Refusal::ReasonTooLong { .. }
        | Refusal::AwayTooLong { .. } => (417, String::new()),
        Refusal::KeyInvalid { .. } => (525, subject.to_owned()),
        Refusal::MaskInvalid(_) => (696, format!("* b {subject}")),
        Refusal::MemberLimitInvalid => (696, format!("{subject} l *")),
        Refusal::UsernameInvalid { .. } => (468, String::new()),
        Refusal::NotServerOperator | Refusal::AffectsServerOperator(_) => (481, String::new()),
        Refusal::ServerBanned { .. } => (465, String::new()),
        Refusal::Forbidden(_) if is_message => (404, subject.to_owned()),
        Refusal::AccountNeeded
        | Refusal::AlreadyLoggedIn(_)
        | Refusal::NoAccounts
        | Refusal::RegistrationClosed
        | Refusal::CodeInvalid
        | Refusal::AccountInvalid(_)
        | Refusal::AccountTaken(_)
        | Refusal::PasswordTooWeak(_)
        | Refusal::NoSuchSession(_)
        | Refusal::ReconnectKeyInvalid { .. }
        | Refusal::TooManySessions { .. }
        | Refusal::NotListed { .. }
        | Refusal::MaskNotListed { .. }
        | Refusal::TooManyInvitations { .. }
        | Refusal::NonceInvalid(_)
        | Refusal::SearchEmpty
        | Refusal::SearchTooLong { .. }
        | Refusal::KeepInvalid { .. }
        | Refusal::RealNameTooLong { .. }
        | Refusal::ChannelExists(_)
        | Refusal::LobbyKept
        | Refusal::NoSuchAccount(_)
        | Refusal::TooManyServerBans { .. }
        | Refusal::NotServerBanned(_)
        | Refusal::HostInvalid { .. }
        | Refusal::Forbidden(_)
        | _ => (400, command.to_owned()),
    };
    Numeric { code, params }
}
