//! The commands of clients.

mod account;
mod batch;
mod capability;
mod channel;
mod help;
mod history;
mod message;
mod metadata;
mod mode;
mod monitor;
mod operator;
mod react;
mod read;
mod redact;
mod registration;
mod reply;
mod sasl;
mod server;
mod service;
mod user;
mod user_mode;

use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::service::Service;
use chat_dialects::Reaction;

/// Handles a command.
pub(crate) fn run(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let name = line.command.to_ascii_uppercase();
    match &*name {
        "CAP" => return capability::cap(client, line, reaction),
        "AUTHENTICATE" => return sasl::authenticate(client, line, reaction),
        "REGISTER" => return account::register(client, line, reaction),
        "VERIFY" => return account::verify(client, line, reaction),
        "PASS" => return registration::pass(client, line, reaction),
        "NICK" => return registration::nick(client, line, reaction),
        "USER" => return registration::user(client, line, reaction),
        "QUIT" => return registration::quit(client, line, reaction),
        "PING" => return registration::ping(client, line, reaction),
        // It counts as a sign of life, which is all that it is for.
        "PONG" => return,
        "AWAY" if client.user.is_none() && client.has(Capabilities::PRE_AWAY) => {
            return message::pre_away(client, line, reaction);
        }
        "METADATA" if client.user.is_none() && client.has(Capabilities::METADATA) => {
            return metadata::before_connect(client, line, reaction);
        }
        _ => {}
    }
    if client.user.is_none() {
        let text = "You have not registered";
        return client.numeric(&mut reaction.frames, 451, format_args!(":{text}"));
    }
    match &*name {
        "JOIN" => channel::join(client, line, reaction),
        "PART" => channel::part(client, line, reaction),
        "NAMES" => channel::names(client, line, reaction),
        "TOPIC" => channel::topic(client, line, reaction),
        "KICK" => channel::kick(client, line, reaction),
        "INVITE" => channel::invite(client, line, reaction),
        "LIST" => channel::list(client, line, reaction),
        "MODE" => mode::mode(client, line, reaction),
        "PRIVMSG" => say(client, line, "PRIVMSG", reaction),
        "NOTICE" => say(client, line, "NOTICE", reaction),
        "TAGMSG" => message::tagmsg(client, line, reaction),
        "NICKSERV" | "NS" => service::run(client, Service::NickServ, line, reaction),
        "CHANSERV" | "CS" => service::run(client, Service::ChanServ, line, reaction),
        "BATCH" => batch::batch(client, line, reaction),
        "METADATA" => metadata::metadata(client, line, reaction),
        "MARKREAD" => read::markread(client, line, reaction),
        "REDACT" => redact::redact(client, line, reaction),
        "CHATHISTORY" => history::chathistory(client, line, reaction),
        "AWAY" => message::away(client, line, reaction),
        "SETNAME" => message::setname(client, line, reaction),
        "WHO" => user::who(client, line, reaction),
        "WHOIS" => user::whois(client, line, reaction),
        "WHOWAS" => user::whowas(client, line, reaction),
        "ISON" => user::look_up(client, line, false, reaction),
        "USERHOST" => user::look_up(client, line, true, reaction),
        "MOTD" => server::motd(client, reaction),
        "LUSERS" => server::lusers(client, reaction),
        "VERSION" => server::version(client, reaction),
        "TIME" => server::time(client, reaction),
        "ADMIN" => server::admin(client, reaction),
        "INFO" => server::info(client, reaction),
        "MONITOR" => monitor::monitor(client, line, reaction),
        "LINKS" => server::links(client, reaction),
        "HELP" | "HELPOP" => help::help(client, line, reaction),
        "OPER" => operator::oper(client, line, reaction),
        "KILL" => operator::kill(client, line, reaction),
        "WALLOPS" => operator::wallops(client, line, reaction),
        "REHASH" => operator::rehash(client, reaction),
        _ => {
            let name = Word(line.command);
            client.numeric(&mut reaction.frames, 421, format_args!("{name} :Unknown command"));
        }
    }
}

/// Says something, or adds a line to the message of several lines that the client is sending.
fn say(client: &mut Client, line: &Line<'_>, name: &'static str, reaction: &mut Reaction) {
    if !batch::add(client, line, name, reaction) {
        message::say(client, line, name, reaction);
    }
}
