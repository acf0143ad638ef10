//! A crate of somebody else: it names every public enum that a new variant may extend, in a match
//! with one known variant and `_`.

use chat_server::prelude::{Command, Config, Peer, Server, Stopped};
use chat_server::{dialects, engine, engine::script, runtime};

pub fn command(value: &engine::Command) -> bool {
    match value {
        engine::Command::ListChannels => true,
        _ => false,
    }
}

pub fn history_range(value: &engine::HistoryRange) -> bool {
    match value {
        engine::HistoryRange::Latest => true,
        _ => false,
    }
}

pub fn recipient(value: &engine::Recipient) -> bool {
    match value {
        engine::Recipient::User(_) => true,
        _ => false,
    }
}

pub fn setting_error(value: &engine::SettingError) -> bool {
    match value {
        engine::SettingError::TooSmall { .. } => true,
        _ => false,
    }
}

pub fn event(value: &engine::Event) -> bool {
    match value {
        engine::Event::Said(_) => true,
        _ => false,
    }
}

pub fn input(value: &engine::Input) -> bool {
    match value {
        engine::Input::Tick => true,
        _ => false,
    }
}

pub fn close_reason(value: &engine::CloseReason) -> bool {
    match value {
        engine::CloseReason::Idle => true,
        _ => false,
    }
}

pub fn message_kind(value: &engine::MessageKind) -> bool {
    match value {
        engine::MessageKind::Message => true,
        _ => false,
    }
}

pub fn target(value: &engine::Target) -> bool {
    match value {
        engine::Target::User(_) => true,
        _ => false,
    }
}

pub fn mode_change(value: &engine::ModeChange) -> bool {
    match value {
        engine::ModeChange::Key(_) => true,
        _ => false,
    }
}

pub fn channel_name_error(value: &engine::ChannelNameError) -> bool {
    match value {
        engine::ChannelNameError::Empty => true,
        _ => false,
    }
}

pub fn nickname_error(value: &engine::NicknameError) -> bool {
    match value {
        engine::NicknameError::Empty => true,
        _ => false,
    }
}

pub fn answer(value: &engine::Answer) -> bool {
    match value {
        engine::Answer::Guest => true,
        _ => false,
    }
}

pub fn record(value: &engine::Record) -> bool {
    match value {
        engine::Record::ChannelCreated { .. } => true,
        _ => false,
    }
}

pub fn list(value: &engine::List) -> bool {
    match value {
        engine::List::Bans => true,
        _ => false,
    }
}

pub fn list_subject(value: &engine::ListSubject) -> bool {
    match value {
        engine::ListSubject::User { .. } => true,
        _ => false,
    }
}

pub fn mask_error(value: &engine::MaskError) -> bool {
    match value {
        engine::MaskError::Empty => true,
        _ => false,
    }
}

pub fn refusal(value: &engine::Refusal) -> bool {
    match value {
        engine::Refusal::NotIdentified => true,
        _ => false,
    }
}

pub fn status(value: &engine::Status) -> bool {
    match value {
        engine::Status::Voiced => true,
        _ => false,
    }
}

pub fn role(value: &engine::Role) -> bool {
    match value {
        engine::Role::Owner => true,
        _ => false,
    }
}

pub fn status_change(value: &engine::StatusChange) -> bool {
    match value {
        engine::StatusChange::Grant(_) => true,
        _ => false,
    }
}

pub fn step(value: &script::Step) -> bool {
    match value {
        script::Step::Act(..) => true,
        _ => false,
    }
}

pub fn action(value: &script::Action) -> bool {
    match value {
        script::Action::Connect(..) => true,
        _ => false,
    }
}

pub fn script_problem(value: &script::ScriptProblem) -> bool {
    match value {
        script::ScriptProblem::UnknownLine => true,
        _ => false,
    }
}

pub fn fault(value: &dialects::Fault) -> bool {
    match value {
        dialects::Fault::NotUtf8 => true,
        _ => false,
    }
}

pub fn slow_consumer(value: &dialects::SlowConsumer) -> bool {
    match value {
        dialects::SlowConsumer::Lag => true,
        _ => false,
    }
}

pub fn turned_away(value: &dialects::TurnedAway) -> bool {
    match value {
        dialects::TurnedAway::TooFast => true,
        _ => false,
    }
}

pub fn inbound(value: &dialects::Inbound) -> bool {
    match value {
        dialects::Inbound::Alive => true,
        _ => false,
    }
}

pub fn peer_address(value: &runtime::PeerAddress) -> bool {
    match value {
        runtime::PeerAddress::Ip(..) => true,
        _ => false,
    }
}

pub fn forwarded_header(value: &runtime::ForwardedHeader) -> bool {
    match value {
        runtime::ForwardedHeader::Forwarded => true,
        _ => false,
    }
}

pub fn server_error(value: &runtime::ServerError) -> bool {
    match value {
        runtime::ServerError::Task(_) => true,
        _ => false,
    }
}

pub fn received(value: &runtime::Received) -> bool {
    match value {
        runtime::Received::Ping(_) => true,
        _ => false,
    }
}

pub fn session_event(value: &runtime::SessionEvent) -> bool {
    match value {
        runtime::SessionEvent::Closed { .. } => true,
        _ => false,
    }
}

pub fn effect(value: &engine::Effect<'_>) -> bool {
    match value {
        engine::Effect::Record(_) => true,
        _ => false,
    }
}

pub fn notice(value: &dialects::Notice<'_>) -> bool {
    match value {
        dialects::Notice::Closing(_) => true,
        _ => false,
    }
}

pub fn session_event_ref(value: &dialects::SessionEventRef<'_>) -> bool {
    match value {
        dialects::SessionEventRef::Closed { .. } => true,
        _ => false,
    }
}

#[cfg(feature = "default")]
pub fn naming(value: &dialects::Naming) -> bool {
    match value {
        dialects::Naming::Given => true,
        _ => false,
    }
}

#[cfg(feature = "default")]
pub fn user_list(value: &dialects::UserList) -> bool {
    match value {
        dialects::UserList::Line(_) => true,
        _ => false,
    }
}

#[cfg(feature = "default")]
pub fn metrics_format(value: &runtime::MetricsFormat) -> bool {
    match value {
        runtime::MetricsFormat::OpenMetrics => true,
        _ => false,
    }
}

#[cfg(feature = "default")]
pub fn login(value: &chat_server::web::Login) -> bool {
    match value {
        chat_server::web::Login::Anybody => true,
        _ => false,
    }
}

#[cfg(feature = "jwt")]
pub fn key_error(value: &chat_server::jwt::KeyError) -> bool {
    match value {
        chat_server::jwt::KeyError::SecretTooShort { .. } => true,
        _ => false,
    }
}

#[cfg(feature = "tls")]
pub fn certificate_error(value: &chat_server::tls::CertificateError) -> bool {
    match value {
        chat_server::tls::CertificateError::Unreadable { .. } => true,
        _ => false,
    }
}

/// A server without front ends, as an application with transports of its own has it.
pub async fn serve() -> Result<(), Stopped> {
    let config = Config { message_bytes: 1_000, ..Config::default() };
    let server = Server::new().config(config).start();
    let mut session = server.hub().open_in_process(Peer::default()).await?;
    session.command(Command::identify("bot")).await?;
    session.next().await;
    Ok(())
}
