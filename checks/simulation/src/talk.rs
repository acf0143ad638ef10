//! What clients send, each in its own dialect.

use crate::Dice;
use serde_json::json;
use std::time::Duration;

/// What a client speaks, over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum Speaks {
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
}

/// One thing that a client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Sends a frame.
    Send(String),
    /// Sends bytes that make no frame, or over WebSocket a binary message.
    Bytes(Vec<u8>),
    /// Does several things without a pause.
    Burst(Vec<Self>),
    /// Waits.
    Pause(Duration),
    /// Reads nothing from now on.
    StopReading,
    /// Reads again.
    ReadAgain,
    /// Sends this, and nothing after it.
    Quit(String),
    /// Ends its own half of the connection, and reads on.
    HalfClose,
    /// Drops the connection.
    Drop,
}

/// How a client of TCP or WebSocket reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Lines, on this port.
    Tcp(u16),
    /// WebSocket, with this protocol.
    WebSocket(Option<&'static str>),
}

impl Speaks {
    /// All of them, the most telling more often than once.
    pub const ALL: [Self; 13] = [
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
    ];

    /// Where it is spoken.
    pub fn endpoint(self) -> Endpoint {
        match self {
            Self::Json2 | Self::Json1 => Endpoint::Tcp(JSON),
            Self::Bracket => Endpoint::Tcp(BRACKET),
            Self::Star => Endpoint::Tcp(STAR),
            Self::AutoJson2 | Self::AutoText | Self::TxtChat => Endpoint::Tcp(AUTO),
            Self::WsJson2 | Self::WsJson1 => Endpoint::WebSocket(Some("chat.json")),
            Self::WsText => Endpoint::WebSocket(None),
        }
    }

    /// Whether it is JSON version 2.
    pub fn is_json_2(self) -> bool {
        matches!(self, Self::Json2 | Self::AutoJson2 | Self::WsJson2)
    }

    /// Whether it is text.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Bracket | Self::Star | Self::AutoText | Self::WsText)
    }

    /// How a client takes a name, if it does so by itself.
    pub fn hello(self, dice: &mut Dice, index: usize) -> Option<Deed> {
        // Now and then two want the same name.
        let name = if dice.percent(90) { format!("c{index}") } else { "popular".to_owned() };
        Some(Deed::Send(match self {
            Self::Json2 | Self::AutoJson2 | Self::WsJson2 => {
                let mut hello = json!({"type": "hello", "nickname": name, "version": 2});
                // Most can come back as the user that they were.
                if dice.percent(90) {
                    hello["reconnect_key"] = json!(format!("the key of client {index}"));
                }
                hello.to_string()
            }
            Self::Json1 | Self::WsJson1 => json!({"type": "hello", "nickname": name}).to_string(),
            Self::Star => name,
            Self::Bracket | Self::AutoText | Self::WsText => format!("/name {name}"),
            Self::TxtChat => format!("reg${name}"),
        }))
    }

    /// How it goes properly, or just goes where there is no word for that.
    pub fn quit(self) -> Deed {
        // Where the first bytes decide, they may have come too late for this to be understood.
        if self.is_json_2() && self != Self::AutoJson2 {
            Deed::Quit(json!({"type": "quit", "reason": "enough", "ref": "quit"}).to_string())
        } else if self.is_text() {
            Deed::Quit("/quit enough".to_owned())
        } else {
            Deed::HalfClose
        }
    }

    /// Something that nobody understands.
    pub fn garbage(self, dice: &mut Dice) -> Deed {
        match dice.between(0, 5) {
            0 => Deed::Bytes(b"\xff\xfe\xfd\n".to_vec()),
            1 => Deed::Send("x".repeat(3_000)),
            2 => Deed::Send("{\"type\":".to_owned()),
            3 => Deed::Send("[]".to_owned()),
            4 => Deed::Send("/nonsense".to_owned()),
            _ => Deed::Send(String::new()),
        }
    }

    /// What a client of JSON version 2 asks at the end, to compare what it is told with what is so.
    pub fn audit() -> Deed {
        let ask = |channel| {
            let request = json!({"type": "users", "channel": channel, "ref": audit_of(channel)});
            // The shortest queues have room for two answers.
            [Deed::Send(request.to_string()), Deed::Pause(Duration::from_millis(200))]
        };
        Deed::Burst(CHANNELS.into_iter().flat_map(ask).collect())
    }
}

/// Something that a client says or asks for. `number` makes every text another one.
pub fn sayings(
    dice: &mut Dice,
    speaks: Speaks,
    index: usize,
    count: usize,
    number: &mut u64,
    frame_bytes: usize,
) -> Deed {
    *number += 1;
    let own = *number;
    let length = *dice.pick(&[0, 0, 10, 100, 600]);
    let text = format!("{index}.{own} {}", "x".repeat(length.min(frame_bytes / 2)));
    let channel = *dice.pick(&CHANNELS);
    let other = dice.between(0, count as u64 - 1);
    let other = if dice.percent(80) { format!("c{other}") } else { format!("n{other}") };
    let what = dice.between(0, 99);
    if speaks.is_json_2() {
        return Deed::Send(ask(what, channel, &other, &text, index, own));
    }
    if speaks.is_text() {
        return Deed::Send(command(what, channel, &other, text, index));
    }
    if speaks == Speaks::TxtChat {
        return Deed::Send(match what {
            0..=49 => format!("send_msg${UID}${UID}${text}"),
            50..=64 => format!("send_msg${UID}${channel}${text}"),
            65..=84 => format!("join${UID}${channel}"),
            85..=94 => format!("leave${UID}${channel}"),
            _ => format!("create_chan${UID}$topic {own}"),
        });
    }
    Deed::Send(json!({"type": "chat", "text": text}).to_string())
}

fn ask(what: u64, channel: &str, other: &str, text: &str, index: usize, number: u64) -> String {
    let mut request = match what {
        0..=24 => json!({"type": "chat", "text": text}),
        25..=44 => json!({"type": "chat", "channel": channel, "text": text}),
        45..=49 => json!({"type": "chat", "to": other, "text": text}),
        50..=64 => json!({"type": "join", "channel": channel}),
        65..=69 => json!({"type": "leave", "channel": channel}),
        70..=74 => {
            json!({"type": "rename", "nickname": format!("{}{index}", if number.is_multiple_of(2) { "c" } else { "n" })})
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
    request.to_string()
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

/// The mark of the question who is on a channel.
pub fn audit_of(channel: &str) -> String {
    format!("audit {channel}")
}

/// The channels that clients meet in.
pub const CHANNELS: [&str; 4] = ["lobby", "red", "green", "blue"];
/// Stands for the address of a client, which it learns when it connects.
pub const UID: &str = "{uid}";
/// How long a client tries to connect.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Where JSON is spoken.
pub const JSON: u16 = 5_000;
/// Where text in style `bracket` is spoken.
pub const BRACKET: u16 = 7_000;
/// Where text in style `star` is spoken.
pub const STAR: u16 = 7_001;
/// Where the first bytes decide.
pub const AUTO: u16 = 7_100;
/// Where WebSocket is spoken.
pub const WEB_SOCKET: u16 = 8_080;
