//! The actions of clients, each in its own dialect.

use crate::Dice;
use serde_json::json;
use std::time::Duration;

/// A client's dialect and transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum ClientKind {
    Json2,
    Json1,
    Bracket,
    Star,
    AutoJson2,
    AutoText,
    TxtChat,
    WsJson2,
    WsJson1,
    WsText,
    Irc,
    AutoIrc,
    WsIrc,
}

/// One action of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sends a frame.
    Send(String),
    /// Sends raw bytes that are no valid frame; over WebSocket as a binary message.
    Bytes(Vec<u8>),
    /// Carries out several actions without a pause.
    Burst(Vec<Self>),
    /// Waits.
    Pause(Duration),
    /// Stops reading.
    StopReading,
    /// Resumes reading.
    ReadAgain,
    /// Sends this quit command, and nothing after it.
    Quit(String),
    /// Shuts down the sending half of the connection, and reads on.
    HalfClose,
    /// Drops the connection.
    Drop,
}

/// The port, or the protocol of a WebSocket, over which a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Lines, on this port.
    Tcp(u16),
    /// WebSocket, with this protocol.
    WebSocket(Option<&'static str>),
}

impl ClientKind {
    /// All kinds; those that can be checked most closely appear more than once.
    pub const ALL: [Self; 17] = [
        Self::Json2,
        Self::Json2,
        Self::Json2,
        Self::Json1,
        Self::Bracket,
        Self::Star,
        Self::AutoJson2,
        Self::AutoText,
        Self::TxtChat,
        Self::WsJson2,
        Self::WsJson2,
        Self::WsJson1,
        Self::WsText,
        Self::Irc,
        Self::Irc,
        Self::AutoIrc,
        Self::WsIrc,
    ];

    /// Returns the endpoint at which it connects.
    pub fn endpoint(self) -> Endpoint {
        match self {
            Self::Json2 | Self::Json1 => Endpoint::Tcp(JSON),
            Self::Bracket => Endpoint::Tcp(BRACKET),
            Self::Star => Endpoint::Tcp(STAR),
            Self::AutoJson2 | Self::AutoText | Self::TxtChat | Self::AutoIrc => Endpoint::Tcp(AUTO),
            Self::Irc => Endpoint::Tcp(IRC),
            Self::WsIrc => Endpoint::WebSocket(Some("text.ircv3.net")),
            Self::WsJson2 | Self::WsJson1 => Endpoint::WebSocket(Some("chat.json")),
            Self::WsText => Endpoint::WebSocket(None),
        }
    }

    /// Returns true if it speaks JSON version 2.
    pub fn is_json_2(self) -> bool {
        matches!(self, Self::Json2 | Self::AutoJson2 | Self::WsJson2)
    }

    /// Returns true if it speaks a text dialect.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Bracket | Self::Star | Self::AutoText | Self::WsText)
    }

    /// Returns true if it speaks IRC.
    pub fn is_irc(self) -> bool {
        matches!(self, Self::Irc | Self::AutoIrc | Self::WsIrc)
    }

    /// Returns the actions with which a client takes a nickname.
    pub fn hello(self, dice: &mut Dice, index: usize) -> Vec<Action> {
        // Some clients ask for the same nickname.
        let name = if dice.percent(90) { format!("c{index}") } else { "popular".to_owned() };
        let frame = match self {
            Self::Json2 | Self::AutoJson2 | Self::WsJson2 => {
                let mut hello = json!({"type": "hello", "nickname": name, "version": 2});
                // Most clients can resume their user.
                if dice.percent(90) {
                    hello["reconnect_key"] = json!(format!("the key of client {index}"));
                }
                hello.to_string()
            }
            Self::Json1 | Self::WsJson1 => json!({"type": "hello", "nickname": name}).to_string(),
            Self::Star => name,
            Self::Bracket | Self::AutoText | Self::WsText => format!("/name {name}"),
            Self::TxtChat => format!("reg${name}"),
            Self::Irc | Self::AutoIrc | Self::WsIrc => {
                let capabilities = *dice.pick(&CAPABILITIES);
                let user = format!("USER {name} 0 * :{name}");
                return [format!("CAP REQ :{capabilities}"), format!("NICK {name}"), user]
                    .into_iter()
                    .chain(["CAP END".to_owned()])
                    .map(Action::Send)
                    .collect();
            }
        };
        vec![Action::Send(frame)]
    }

    /// Returns the quit command, or a half-close where the dialect has none.
    pub fn quit(self) -> Action {
        // On an auto-detecting port the first bytes may have come too late to select JSON.
        if self.is_json_2() && self != Self::AutoJson2 {
            Action::Quit(json!({"type": "quit", "reason": "enough", "ref": "quit"}).to_string())
        } else if self.is_text() {
            Action::Quit("/quit enough".to_owned())
        } else if matches!(self, Self::Irc | Self::WsIrc) {
            Action::Quit("QUIT :enough".to_owned())
        } else {
            Action::HalfClose
        }
    }

    /// Returns input that no dialect accepts.
    pub fn garbage(self, dice: &mut Dice) -> Action {
        match dice.between(0, 5) {
            0 => Action::Bytes(b"\xff\xfe\xfd\n".to_vec()),
            1 => Action::Send("x".repeat(3_000)),
            2 => Action::Send("{\"type\":".to_owned()),
            3 => Action::Send("[]".to_owned()),
            4 => Action::Send("/nonsense".to_owned()),
            _ => Action::Send(String::new()),
        }
    }

    /// Returns the requests with which a client of JSON version 2 asks for the members of each
    /// channel.
    pub fn audit() -> Action {
        let ask = |channel| {
            let request =
                json!({"type": "users", "channel": channel, "ref": audit_reference(channel)});
            // The shortest queues have room for two answers, so the requests are spaced out.
            [Action::Send(request.to_string()), Action::Pause(Duration::from_millis(200))]
        };
        Action::Burst(CHANNELS.into_iter().flat_map(ask).collect())
    }
}

/// Draws a message or a request. `number` makes every text unique.
pub fn next_action(
    dice: &mut Dice,
    kind: ClientKind,
    index: usize,
    count: usize,
    number: &mut u64,
    frame_bytes: usize,
) -> Action {
    *number += 1;
    let own = *number;
    let length = *dice.pick(&[0, 0, 10, 100, 600]);
    let text = format!("{index}.{own} {}", "x".repeat(length.min(frame_bytes / 2)));
    let channel = *dice.pick(&CHANNELS);
    let other = dice.between(0, count as u64 - 1);
    let other = if dice.percent(80) { format!("c{other}") } else { format!("n{other}") };
    let what = dice.between(0, 99);
    if kind.is_json_2() {
        return Action::Send(ask(what, channel, &other, &text, index, own));
    }
    if kind.is_text() {
        return Action::Send(command(what, channel, &other, text, index));
    }
    if kind.is_irc() {
        return Action::Send(line(what, channel, &other, &text, index, own));
    }
    if kind == ClientKind::TxtChat {
        return Action::Send(match what {
            0..=49 => format!("send_msg${UID}${UID}${text}"),
            50..=64 => format!("send_msg${UID}${channel}${text}"),
            65..=84 => format!("join${UID}${channel}"),
            85..=94 => format!("leave${UID}${channel}"),
            _ => format!("create_chan${UID}$topic {own}"),
        });
    }
    Action::Send(json!({"type": "chat", "text": text}).to_string())
}

fn ask(what: u64, channel: &str, other: &str, text: &str, index: usize, number: u64) -> String {
    let mut request = match what {
        0..=24 => json!({"type": "chat", "text": text}),
        25..=44 => json!({"type": "chat", "channel": channel, "text": text}),
        45..=49 => json!({"type": "chat", "to": other, "text": text}),
        50..=64 => json!({"type": "join", "channel": channel}),
        65..=69 => json!({"type": "leave", "channel": channel}),
        70..=74 => {
            let first = if number.is_multiple_of(2) { "c" } else { "n" };
            json!({"type": "rename", "nickname": format!("{first}{index}")})
        }
        75..=77 => json!({"type": "away", "message": "tea"}),
        78 => json!({"type": "away"}),
        79..=82 => json!({"type": "history", "channel": channel, "limit": 10}),
        83..=85 => json!({"type": "users", "channel": channel}),
        86 => json!({"type": "channels"}),
        87..=88 => json!({"type": "topic", "channel": channel, "topic": text}),
        89..=90 => json!({"type": "kick", "channel": channel, "nickname": other}),
        91 => json!({"type": "mute", "channel": channel, "nickname": other}),
        92 => json!({"type": "unmute", "channel": channel, "nickname": other}),
        93 => json!({"type": "ban", "channel": channel, "nickname": other}),
        94 => json!({"type": "unban", "channel": channel, "nickname": other}),
        95..=96 => {
            json!({"type": "role", "channel": channel, "nickname": other, "role": "operator"})
        }
        97 => json!({"type": "invite", "channel": channel, "nickname": other}),
        _ => json!({"type": "ping"}),
    };
    request["ref"] = json!(format!("{index}.{number}"));
    // So that the client can send it again.
    if request["type"] == "chat" {
        request["nonce"] = json!(format!("{index}.{number}"));
    }
    request.to_string()
}

/// Returns a line of IRC. None asks for the members of a channel, which would correct the list of a
/// client.
fn line(what: u64, channel: &str, other: &str, text: &str, index: usize, number: u64) -> String {
    match what {
        0..=39 => format!("PRIVMSG #{channel} :{text}"),
        40..=44 => format!("PRIVMSG {other} :{text}"),
        45..=64 => format!("JOIN #{channel}"),
        65..=69 => format!("PART #{channel} :{text}"),
        70..=74 => {
            let first = if number.is_multiple_of(2) { "c" } else { "n" };
            format!("NICK {first}{index}")
        }
        75..=77 => format!("AWAY :{text}"),
        78 => "AWAY".to_owned(),
        79..=80 => format!("TOPIC #{channel} :{text}"),
        81..=83 => format!("KICK #{channel} {other}"),
        84..=85 => format!("MODE #{channel} +o {other}"),
        86 => format!("MODE #{channel} -o {other}"),
        87 => format!("MODE #{channel} +vq {other} {other}"),
        88 => format!("MODE #{channel} -v {other}"),
        89 => format!("MODE #{channel} +b {other}!*@*"),
        90 => format!("MODE #{channel} -b {other}!*@*"),
        91 => format!("MODE #{channel} +l-l 50"),
        92..=93 => format!("TAGMSG #{channel}"),
        94 => format!("INVITE {other} #{channel}"),
        95 => format!("WHO #{channel}"),
        96 => format!("WHOIS {other}"),
        97 => "LIST".to_owned(),
        98 => format!("SETNAME :{text}"),
        _ => "PING here".to_owned(),
    }
}

fn command(what: u64, channel: &str, other: &str, text: String, index: usize) -> String {
    match what {
        0..=49 => text,
        50..=54 => format!("/me {text}"),
        55..=59 => format!("/msg {other} {text}"),
        60..=71 => format!("/join {channel}"),
        72..=75 => format!("/leave {channel}"),
        76..=79 => format!("/switch {channel}"),
        80..=83 => format!("/name n{index}"),
        84..=85 => "/users".to_owned(),
        86..=87 => "/history 5".to_owned(),
        88..=89 => format!("/away {text}"),
        90..=91 => format!("/topic {text}"),
        92..=93 => format!("/kick {other}"),
        94 => format!("/mute {other}"),
        95 => format!("/op {other}"),
        96 => "/channels".to_owned(),
        97 => "/help".to_owned(),
        _ => format!("/name c{index}"),
    }
}

/// Returns the `ref` of the audit request for a channel.
pub fn audit_reference(channel: &str) -> String {
    format!("audit {channel}")
}

/// The channels that clients use.
pub const CHANNELS: [&str; 4] = ["lobby", "red", "green", "blue"];
/// Placeholder for the client's address, which is known once it has connected.
pub const UID: &str = "{uid}";
/// The time that a client tries to connect.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The capabilities that clients of IRC ask for.
const CAPABILITIES: [&str; 4] = [
    "multi-prefix",
    "multi-prefix server-time",
    "multi-prefix server-time message-tags account-tag extended-join away-notify setname",
    "multi-prefix batch labeled-response message-tags echo-message",
];

/// Port of IRC.
pub const IRC: u16 = 6_667;
/// Port of the JSON dialect.
pub const JSON: u16 = 5_000;
/// Port of the text dialect in style `bracket`.
pub const BRACKET: u16 = 7_000;
/// Port of the text dialect in style `star`.
pub const STAR: u16 = 7_001;
/// Port on which the first bytes select the dialect.
pub const AUTO: u16 = 7_100;
/// Port of WebSocket.
pub const WEB_SOCKET: u16 = 8_080;
