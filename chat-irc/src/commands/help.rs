//! `HELP`: the syntax of the commands.

use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::split::pieces;
use chat_dialects::Reaction;

pub(super) fn help(client: &Client, line: &Line<'_>, reaction: &mut Reaction) {
    let asked = line.param(0).unwrap_or(INDEX);
    let wanted = asked.to_ascii_uppercase();
    let out = &mut reaction.frames;
    let topic = TOPICS.iter().find(|(name, _)| *name == wanted);
    let subject = Word(asked);
    if wanted == INDEX {
        client.numeric(out, 704, format_args!("{subject} :Commands of this server:"));
        let names: Vec<&str> = TOPICS.iter().map(|(name, _)| *name).collect();
        for names in pieces(&names.join(" "), INDEX_WIDTH) {
            client.numeric(out, 705, format_args!("{subject} :{names}"));
        }
        let text = "End of /HELP. HELP and the name of a command shows its syntax.";
        return client.numeric(out, 706, format_args!("{subject} :{text}"));
    }
    let Some((name, syntax)) = topic else {
        return client.numeric(out, 524, format_args!("{subject} :No help available"));
    };
    client.numeric(out, 704, format_args!("{subject} :{name}"));
    client.numeric(out, 705, format_args!("{subject} :{name} {syntax}"));
    client.numeric(out, 706, format_args!("{subject} :End of /HELP"));
}

/// The subject of the list of all commands.
const INDEX: &str = "*";
/// The length of a line in this list.
const INDEX_WIDTH: usize = 70;

/// The commands, and the syntax of their parameters.
const TOPICS: [(&str, &str); 44] = [
    ("ADMIN", ""),
    ("AUTHENTICATE", "<mechanism>|<response>|*"),
    ("AWAY", "[<text>]"),
    ("CAP", "LS [302]|LIST|REQ :<capabilities>|END"),
    ("CHANSERV", "<command> …"),
    ("CHATHISTORY", "LATEST|BEFORE|AFTER|AROUND|BETWEEN|TARGETS …"),
    ("HELP", "[<command>]"),
    ("INFO", ""),
    ("INVITE", "[<nickname> <channel>]"),
    ("ISON", "<nickname> …"),
    ("JOIN", "<channel>[,…] [<key>[,…]]|0"),
    ("KICK", "<channel> <nickname>[,…] [<reason>]"),
    ("KILL", "<nickname> [<reason>] (server operators)"),
    ("LINKS", ""),
    ("LIST", "[<channel>[,…]]"),
    ("LUSERS", ""),
    ("MODE", "<channel>|<nickname> [<modes> [<parameters>]]"),
    ("MONITOR", "+ <nickname>[,…]|- <nickname>[,…]|C|L|S"),
    ("MOTD", ""),
    ("NAMES", "<channel>"),
    ("NICK", "<nickname>"),
    ("NICKSERV", "<command> …"),
    ("NOTICE", "<channel>|<nickname>[,…] :<text>"),
    ("OPER", "<name> <password>"),
    ("PART", "<channel>[,…] [<reason>]"),
    ("PASS", "<password>"),
    ("PING", "<token>"),
    ("PONG", "<token>"),
    ("PRIVMSG", "<channel>|<nickname>[,…] :<text>"),
    ("QUIT", "[<reason>]"),
    ("REDACT", "<channel>|<nickname> <msgid> [:<reason>]"),
    ("REGISTER", "<account>|* <email>|* <password>"),
    ("REHASH", "(server operators)"),
    ("SETNAME", ":<real name>"),
    ("TAGMSG", "<channel>|<nickname>[,…]"),
    ("TIME", ""),
    ("TOPIC", "<channel> [:<topic>]"),
    ("USER", "<user name> 0 * :<real name>"),
    ("USERHOST", "<nickname> …"),
    ("VERSION", ""),
    ("WALLOPS", ":<text> (server operators)"),
    ("WHO", "<channel>|<mask> [%<fields>[,<token>]]"),
    ("WHOIS", "[<server>] <nickname>"),
    ("WHOWAS", "<nickname> [<count>]"),
];
