//! Parses what a user types, with the commands of the text dialect.

use super::request::{Member, Range, Request, RoleChange, To};
use chat_server::engine::ModeChange;
use serde_json::{Map, Value};

/// A parsed line of the user's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UserInput {
    Empty,
    /// Send a request to the server.
    Ask(Request),
    /// Switch to another conversation.
    Switch(String),
    /// Open a conversation with a user, and optionally send a first message.
    Query(String, Option<Request>),
    /// Send a message in reply to the last one of a user.
    Reply(String, Request),
    /// Change the last message of the user here.
    ChangeLast(Change),
    /// Close the current private conversation.
    Close,
    /// Do something with an account that needs a password.
    Account(AccountInput),
    /// Hide the messages of a user.
    Ignore(String),
    /// Show the messages of a user again.
    Unignore(String),
    /// List the ignored users.
    Ignored,
    /// Clear the screen.
    Clear,
    Help,
    Quit(Option<String>),
    /// The input is invalid, for this reason.
    Problem(String),
}

/// A change of a message of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Edit { text: String },
    Delete { reason: Option<String> },
}

impl Change {
    /// Returns the request for a message.
    pub(super) fn of(self, id: u64) -> Request {
        match self {
            Self::Edit { text } => Request::Edit { id, text },
            Self::Delete { reason } => Request::Delete { id, reason },
        }
    }
}

/// The problem with a change if there is no message.
pub(super) const NOTHING_TO_CHANGE: &str = "there is no message of yours here";

/// A command that needs the password of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AccountInput {
    Register { account: String, code: Option<String> },
    LogIn { account: String },
    Password,
    Unregister,
}

/// The number of messages that `/history` requests by default.
const HISTORY: usize = 20;

/// Parses a line, or a text of several lines. A command without a channel applies to the current
/// conversation, `here`.
pub(super) fn parse(text: &str, here: Option<&To>) -> UserInput {
    let line = text.trim();
    if line.is_empty() {
        return UserInput::Empty;
    }
    // The indentation of a message stays. Several lines that are indented are no command, even if
    // the first one begins with a slash, as a comment does.
    let text = text.trim_end().trim_start_matches(['\r', '\n']);
    let has_lines = line.contains('\n');
    let command = if has_lines { text } else { line }.strip_prefix('/');
    let Some(command) = command else { return say("message", text, here) };
    if command.starts_with('/') {
        return say("message", command, here);
    }
    let (verb, rest) = first_word(command);
    if has_lines
        && !["msg", "w", "me", "query", "edit", "reply"].contains(&&*verb.to_ascii_lowercase())
    {
        return UserInput::Problem("a command is one line; nothing was done".into());
    }
    let given = (!rest.is_empty()).then(|| rest.to_owned());
    match verb.to_ascii_lowercase().as_str() {
        "help" => UserInput::Help,
        "name" | "nick" => {
            with(given, "/name <your_name>", |nickname| Request::Rename { nickname })
        }
        "users" | "who" => UserInput::Ask(Request::Users { channel: given }),
        "join" => {
            let (channel, key) = first_word(rest);
            with(filled(channel), "/join <channel> [key]", |channel| Request::Join {
                channel,
                key: filled(key),
            })
        }
        "leave" | "part" => match (given, here) {
            (Some(channel), _) => UserInput::Ask(Request::Leave { channel }),
            (None, Some(To::User(_))) => UserInput::Close,
            (None, _) => on_channel(here, |channel| Request::Leave { channel }),
        },
        "query" => match first_word(rest) {
            ("", _) => usage("/query <user> [text]"),
            (user, text) => {
                let to = To::User(user.to_owned());
                let said = filled(text).map(|text| Request::chat(to, "message", text));
                UserInput::Query(user.to_owned(), said)
            }
        },
        "close" => match here {
            Some(To::User(_)) => UserInput::Close,
            Some(To::Channel(channel)) => {
                UserInput::Ask(Request::Leave { channel: channel.clone() })
            }
            None => UserInput::Problem("there is nothing to close here".into()),
        },
        "ignore" => given.map_or(UserInput::Ignored, UserInput::Ignore),
        "unignore" => given.map_or_else(|| usage("/unignore <user>"), UserInput::Unignore),
        "clear" => UserInput::Clear,
        "switch" => given.map_or_else(|| usage("/switch <channel>"), UserInput::Switch),
        "channels" | "list" => UserInput::Ask(Request::Channels),
        "topic" => on_channel(here, |channel| Request::Topic { channel, topic: given }),
        "msg" | "w" => match first_word(rest) {
            (_, "") => usage("/msg <user> <text>"),
            (user, text) => say("message", text, Some(&To::User(user.to_owned()))),
        },
        "reply" => match (first_word(rest), here) {
            ((_, ""), _) => usage("/reply <user> <text>"),
            ((user, text), Some(here)) => {
                UserInput::Reply(user.to_owned(), Request::chat(here.clone(), "message", text))
            }
            (_, None) => UserInput::Problem(NO_CHANNEL.into()),
        },
        "edit" => match given {
            Some(text) => UserInput::ChangeLast(Change::Edit { text }),
            None => usage("/edit <text>"),
        },
        "delete" => UserInput::ChangeLast(Change::Delete { reason: given }),
        "me" => given.map_or_else(|| usage("/me <action>"), |action| say("action", &action, here)),
        "history" => match given.map_or(Ok(HISTORY), |count| count.parse()) {
            Ok(limit) => on_channel(here, |channel| Request::History {
                of: To::Channel(channel),
                range: Range::Latest {},
                limit,
            }),
            Err(_) => usage("/history [n]"),
        },
        "search" | "find" => search(rest).map_or_else(|| usage(SEARCH), UserInput::Ask),
        "away" => UserInput::Ask(Request::Away { message: given }),
        "op" => role(here, given, RoleChange::Grant("operator"), "/op <user>"),
        "deop" => role(here, given, RoleChange::Revoke("operator"), "/deop <user>"),
        "voice" => role(here, given, RoleChange::Grant("voiced"), "/voice <user>"),
        "devoice" => role(here, given, RoleChange::Revoke("voiced"), "/devoice <user>"),
        "owner" => role(here, given, RoleChange::Role("owner"), "/owner <user>"),
        "kick" => member(here, rest, "/kick <user> [reason]", Request::Kick),
        "ban" => member(here, rest, "/ban <user> [reason]", Request::Ban),
        "unban" => member(here, rest, "/unban <user>", Request::Unban),
        "mute" => member(here, rest, "/mute <user> [reason]", Request::Mute),
        "unmute" => member(here, rest, "/unmute <user>", Request::Unmute),
        "invite" => {
            let (user, channel) = first_word(rest);
            let invited = |channel| Member { channel, nickname: user.to_owned(), reason: None };
            match (user, filled(channel)) {
                ("", _) => usage("/invite <user> [channel]"),
                (_, Some(channel)) => UserInput::Ask(Request::Invite(invited(channel))),
                (_, None) => on_channel(here, |channel| Request::Invite(invited(channel))),
            }
        }
        "modes" | "mode" => match rest.split_whitespace().map(mode).collect() {
            Some(changes) => on_channel(here, |channel| Request::Modes { channel, changes }),
            None => usage(MODES),
        },
        "register" => match rest.split_whitespace().collect::<Vec<_>>()[..] {
            [account] => UserInput::Account(AccountInput::Register {
                account: account.to_owned(),
                code: None,
            }),
            [account, code] if code.starts_with("code=") => {
                let code = code.strip_prefix("code=").map(str::to_owned);
                UserInput::Account(AccountInput::Register { account: account.to_owned(), code })
            }
            _ => usage("/register <account> [code=<code>]; the password is asked for"),
        },
        "login" => match rest.split_whitespace().collect::<Vec<_>>()[..] {
            [account] => UserInput::Account(AccountInput::LogIn { account: account.to_owned() }),
            _ => usage("/login <account>; the password is asked for"),
        },
        "password" if rest.is_empty() => UserInput::Account(AccountInput::Password),
        "password" => usage("/password; the passwords are asked for"),
        "unregister" if rest.is_empty() => UserInput::Account(AccountInput::Unregister),
        "unregister" => usage("/unregister; the password is asked for"),
        "logout" => UserInput::Ask(Request::LogOut),
        "sessions" => UserInput::Ask(Request::Sessions),
        "revoke" => with(given, "/revoke <session>", |id| Request::Revoke { id }),
        "quit" => UserInput::Quit(given),
        _ => UserInput::Problem("unknown command; /help lists them".into()),
    }
}

/// Returns true if a text may contain a password, so that it must not be recalled.
pub(super) fn may_have_password(text: &str) -> bool {
    let (verb, rest) = first_word(text.trim());
    let verb = verb.to_ascii_lowercase();
    match verb.as_str() {
        "/register" | "/login" => rest.split_whitespace().count() > 1,
        "/password" | "/unregister" => !rest.is_empty(),
        _ => false,
    }
}

/// Returns the first word of a text, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn usage(usage: &str) -> UserInput {
    UserInput::Problem(format!("usage: {usage}"))
}

fn with(given: Option<String>, how: &str, request: impl FnOnce(String) -> Request) -> UserInput {
    given.map_or_else(|| usage(how), |given| UserInput::Ask(request(given)))
}

fn say(kind: &'static str, text: &str, to: Option<&To>) -> UserInput {
    match to {
        Some(to) => UserInput::Ask(Request::chat(to.clone(), kind, text)),
        None => UserInput::Problem(NO_CHANNEL.into()),
    }
}

fn on_channel(here: Option<&To>, request: impl FnOnce(String) -> Request) -> UserInput {
    match here {
        Some(To::Channel(channel)) => UserInput::Ask(request(channel.clone())),
        Some(To::User(_)) | None => UserInput::Problem(NO_CHANNEL.into()),
    }
}

fn role(here: Option<&To>, user: Option<String>, change: RoleChange, how: &str) -> UserInput {
    let Some(nickname) = user else { return usage(how) };
    on_channel(here, |channel| Request::Role { channel, nickname, change })
}

fn member(here: Option<&To>, rest: &str, how: &str, request: fn(Member) -> Request) -> UserInput {
    let (user, reason) = first_word(rest);
    let Some(nickname) = filled(user) else { return usage(how) };
    on_channel(here, |channel| request(Member { channel, nickname, reason: filled(reason) }))
}

fn mode(word: &str) -> Option<(String, Value)> {
    let (name, value) = match word.split_once('=') {
        Some(("key", key)) => ("key", key.into()),
        Some(("limit", limit)) => ("limit", limit.parse::<u32>().ok()?.into()),
        Some(("keep", keep)) => {
            let Some(ModeChange::Keep(Some(keep))) = ModeChange::keep(keep) else { return None };
            ("keep_seconds", keep.as_secs().into())
        }
        Some(_) => return None,
        None => match word.split_at_checked(1)? {
            ("-", name @ ("key" | "limit")) => (name, Value::Null),
            ("-", "keep") => ("keep_seconds", Value::Null),
            (sign @ ("+" | "-"), name) if SWITCHES.contains(&name) => (name, (sign == "+").into()),
            _ => return None,
        },
    };
    Some((name.to_owned(), value))
}

const SEARCH: &str = "/search <words> [in:<channel>] [from:<user>] [after:<date>] \
     [before:<date>] [below:<number>]; a date is 2026-01-01 or 2026-01-01T14:03:22Z";

/// Parses the words of a search and its filters, in any order; `None` if there are no words, or if
/// `below` is no number. The server checks the rest.
fn search(rest: &str) -> Option<Request> {
    let mut filters = Map::new();
    let mut text = Vec::new();
    for word in rest.split_whitespace() {
        let (field, value) = match word.split_once(':').filter(|(_, value)| !value.is_empty()) {
            Some(("in", channel)) => ("channel", channel.into()),
            Some((name @ ("from" | "after" | "before"), value)) => (name, value.into()),
            Some(("below", id)) => ("older_than", id.parse::<u64>().ok()?.into()),
            _ => {
                text.push(word);
                continue;
            }
        };
        filters.insert(field.to_owned(), value);
    }
    (!text.is_empty()).then(|| Request::Search { text: text.join(" "), filters })
}

/// The modes of a channel that can be switched on and off.
const SWITCHES: [&str; 6] =
    ["secret", "invite_only", "moderated", "members_only", "operator_topic", "no_ctcp"];
const MODES: &str = "/modes [+secret] [-secret] [key=<key>] [-key] [limit=<n>] [-limit] \
     [keep=<time>] [-keep]; modes are secret, invite_only, moderated, members_only, \
     operator_topic, no_ctcp; a time is 90d, 12h, 30m or 45s";
const NO_CHANNEL: &str = "you are not on a channel; join one with /join <channel>";

/// All commands, with their arguments and their purpose.
pub(super) const COMMANDS: [(&str, &str, &str); 42] = [
    ("join", "<channel> [key]", "join a channel, or create it"),
    ("leave", "[channel]", "leave a channel"),
    ("switch", "<channel>", "talk in another of your channels"),
    ("msg", "<user> <text>", "send a private message"),
    ("reply", "<user> <text>", "reply to the last message of a user"),
    ("edit", "<text>", "give your last message another text"),
    ("delete", "[reason]", "delete your last message"),
    ("me", "<action>", "describe an action"),
    ("topic", "[text]", "show or set the topic"),
    ("users", "[channel]", "list the users online, or the members of a channel"),
    ("channels", "", "list the channels"),
    ("history", "[n]", "show earlier messages"),
    ("search", "<words> [in:<channel>] [from:<user>] [before:<date>]", "find messages"),
    ("away", "[text]", "mark yourself as away, or back"),
    ("name", "<name>", "take another name"),
    ("invite", "<user> [channel]", "invite a user to a channel"),
    ("op", "<user>", "make a user an operator"),
    ("deop", "<user>", "revoke the role of an operator"),
    ("voice", "<user>", "let a user speak in a moderated channel"),
    ("devoice", "<user>", "revoke the voice of a user"),
    ("owner", "<user>", "make a user an owner of the channel"),
    ("mute", "<user> [reason]", "prevent a user from speaking"),
    ("unmute", "<user>", "let a muted user speak again"),
    ("kick", "<user> [reason]", "remove a user from the channel"),
    ("ban", "<user> [reason]", "remove a user, and prevent them from coming back"),
    ("unban", "<user>", "lift the ban of a user"),
    ("modes", "[change ...]", "show or change the channel's modes"),
    ("ignore", "[user]", "hide the messages of a user, or list ignored users"),
    ("unignore", "<user>", "show the messages of a user again"),
    ("close", "", "close this conversation, or leave this channel"),
    ("clear", "", "clear the screen"),
    ("register", "<account> [code=<code>]", "create an account, and log in"),
    ("login", "<account>", "log in to an account"),
    ("logout", "", "end the login, and leave the server"),
    ("password", "", "change the password of the account"),
    ("sessions", "", "list the logins of the account"),
    ("revoke", "<session>", "end one of these logins"),
    ("unregister", "", "delete the account"),
    ("help", "", "show this"),
    ("quit", "[reason]", "leave the server"),
    ("query", "<user> [text]", "talk with a user, until /close"),
    ("/x", "", "send the message /x"),
];

/// Returns the lines of `/help`.
pub(super) fn help() -> impl Iterator<Item = String> {
    COMMANDS.into_iter().map(|(name, arguments, purpose)| {
        let space = if arguments.is_empty() { "" } else { " " };
        format!("/{name}{space}{arguments} - {purpose}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_rust(line: &str) -> UserInput {
        parse(line, Some(&To::Channel("rust".into())))
    }

    fn asks(line: &str) -> String {
        let read = in_rust(line);
        let UserInput::Ask(request) = read else { panic!("{line}: {read:?}") };
        request.encode("1")
    }

    #[test]
    fn line_without_a_slash_is_sent_to_the_current_conversation() {
        assert_eq!(in_rust(" \t"), UserInput::Empty);
        assert!(
            asks("hi there").contains(r#""channel":"rust","kind":"message","text":"hi there""#)
        );
        assert!(asks("  hi there \r\n").contains(r#""text":"  hi there""#));
        assert_eq!(asks("  /me waves"), asks("/me waves"));
        assert!(asks("//help").contains(r#""text":"/help""#));
        assert!(asks("/me waves").contains(r#""kind":"action","text":"waves""#));
        let alone = parse("hi", Some(&To::User("bob".into())));
        assert_eq!(alone, parse("/msg bob hi", None));
        assert_eq!(parse("hi", None), UserInput::Problem(NO_CHANNEL.into()));
    }

    #[test]
    fn commands_become_requests() {
        let lines = [
            "/nick bob",
            "/WHO",
            "/who rust",
            "/join #a",
            "/join a sesame",
            "/part",
            "/leave a",
            "/list",
            "/topic",
            "/topic a b",
            "/w bob  hi you",
            "/history",
            "/history 3",
            "/search user-name c++",
            "/find hi in:#a from:bob after:2026-01-01 before:2026-02-01 below:7 x:",
            "/away",
            "/away out",
            "/op bob",
            "/owner bob",
            "/kick bob be nice",
            "/mute bob",
            "/invite bob",
            "/invite bob a",
            "/modes",
            "/modes +secret -moderated key=x limit=3",
            "/modes -key",
            "/modes keep=90d",
            "/modes -keep",
        ];
        let frames: Vec<String> = lines.into_iter().map(asks).collect();
        insta::assert_snapshot!(frames.join("\n"), @r##"
        {"type":"rename","nickname":"bob","ref":"1"}
        {"type":"users","ref":"1"}
        {"type":"users","channel":"rust","ref":"1"}
        {"type":"join","channel":"#a","ref":"1"}
        {"type":"join","channel":"a","key":"sesame","ref":"1"}
        {"type":"leave","channel":"rust","ref":"1"}
        {"type":"leave","channel":"a","ref":"1"}
        {"type":"channels","ref":"1"}
        {"type":"topic","channel":"rust","ref":"1"}
        {"type":"topic","channel":"rust","topic":"a b","ref":"1"}
        {"type":"chat","to":"bob","kind":"message","text":"hi you","ref":"1"}
        {"type":"history","channel":"rust","limit":20,"ref":"1"}
        {"type":"history","channel":"rust","limit":3,"ref":"1"}
        {"type":"search","text":"user-name c++","ref":"1"}
        {"type":"search","text":"hi x:","after":"2026-01-01","before":"2026-02-01","channel":"#a","from":"bob","older_than":7,"ref":"1"}
        {"type":"away","ref":"1"}
        {"type":"away","message":"out","ref":"1"}
        {"type":"role","channel":"rust","nickname":"bob","grant":"operator","ref":"1"}
        {"type":"role","channel":"rust","nickname":"bob","role":"owner","ref":"1"}
        {"type":"kick","channel":"rust","nickname":"bob","reason":"be nice","ref":"1"}
        {"type":"mute","channel":"rust","nickname":"bob","ref":"1"}
        {"type":"invite","channel":"rust","nickname":"bob","ref":"1"}
        {"type":"invite","channel":"a","nickname":"bob","ref":"1"}
        {"type":"modes","channel":"rust","ref":"1"}
        {"type":"modes","channel":"rust","key":"x","limit":3,"moderated":false,"secret":true,"ref":"1"}
        {"type":"modes","channel":"rust","key":null,"ref":"1"}
        {"type":"modes","channel":"rust","keep_seconds":7776000,"ref":"1"}
        {"type":"modes","channel":"rust","keep_seconds":null,"ref":"1"}
        "##);
    }

    #[test]
    fn several_lines_are_one_message() {
        assert!(asks("\n\tif:\n\t  go\n").contains(r#""text":"\tif:\n\t  go""#));
        assert!(asks("  // one\n  two").contains(r#""text":"  // one\n  two""#));
        assert!(asks("//one\n/two").contains(r#""text":"/one\n/two""#));
        assert!(asks("/me waves\nand nods").contains(r#""text":"waves\nand nods""#));
        assert!(asks("/msg bob one\n  two").contains(r#""text":"one\n  two""#));
        let problem = UserInput::Problem("a command is one line; nothing was done".into());
        for text in ["/topic one\ntwo", "/quit\n/topic", "/dance\nnow"] {
            assert_eq!(in_rust(text), problem, "{text}");
        }
    }

    #[test]
    fn conversations_are_opened_and_closed() {
        let said = parse("/msg bob hi there", None);
        let UserInput::Ask(said) = said else { panic!("{said:?}") };
        assert_eq!(in_rust("/query bob hi there"), UserInput::Query("bob".into(), Some(said)));
        assert_eq!(in_rust("/query bob"), UserInput::Query("bob".into(), None));
        assert_eq!(in_rust("/close"), in_rust("/leave rust"));
        assert_eq!(parse("/close", Some(&To::User("bob".into()))), UserInput::Close);
        assert!(matches!(parse("/close", None), UserInput::Problem(_)));
    }

    #[test]
    fn users_are_ignored_and_listed() {
        assert_eq!(in_rust("/ignore bob"), UserInput::Ignore("bob".into()));
        assert_eq!(in_rust("/ignore"), UserInput::Ignored);
        assert_eq!(in_rust("/unignore bob"), UserInput::Unignore("bob".into()));
    }

    #[test]
    fn incomplete_command_is_answered_with_its_usage() {
        for line in [
            "/name",
            "/join ",
            "/switch",
            "/msg",
            "/msg bob",
            "/me",
            "/history x",
            "/search",
            "/search in:rust",
            "/search hi below:x",
            "/query",
            "/unignore",
            "/op",
            "/kick",
            "/invite",
            "/modes secret",
            "/modes +nonsense",
            "/modes limit=x",
            "/modes keep=90",
            "/modes é",
        ] {
            assert!(
                matches!(in_rust(line), UserInput::Problem(usage) if usage.starts_with("usage: /"))
            );
        }
        assert!(matches!(in_rust("/dance"), UserInput::Problem(_)));
        assert!(matches!(in_rust("/"), UserInput::Problem(_)));
    }

    #[test]
    fn every_entry_of_the_help_is_a_command() {
        for (name, ..) in COMMANDS {
            let unknown = UserInput::Problem("unknown command; /help lists them".into());
            assert_ne!(in_rust(&format!("/{name}")), unknown, "{name}");
        }
    }
}
