//! The servers that can be compared.

use crate::protocol::{Irc, Json, Mqtt, Nats, Plain, Protocol, Text, WebSocket};
use clap::ValueEnum;
use std::fmt;

/// A server with its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The server that does only the minimum, built into this program.
    Floor,
    /// The floor with lines as long as JSON.
    FloorAsJson,
    /// This server, lines of text over TCP.
    Text,
    /// This server, lines of text over TCP, with a store that outlasts a crash of the process.
    TextProcess,
    /// This server, lines of text over TCP, with a store that outlasts a loss of power.
    TextPower,
    /// This server, JSON version 2 over TCP.
    Json,
    /// This server, JSON version 2 over WebSocket.
    Websocket,
    /// This server, IRC over TCP.
    Irc,
    /// This server, IRC over TCP to clients that get all tags.
    IrcTags,
    /// This server, IRC over TCP to clients with three sets of capabilities in turn.
    IrcThree,
    /// This server, to clients of text, JSON, WebSocket and IRC with all tags in turn.
    Mixed,
    /// InspIRCd, IRC over TCP.
    Inspircd,
    /// ngIRCd, IRC over TCP.
    Ngircd,
    /// NATS.
    NatsServer,
    /// Mosquitto, MQTT 3.1.1 over TCP.
    Mosquitto,
}

/// The origin of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This program.
    Floor,
    /// This project.
    Own,
    /// Another project.
    Peer,
}

impl Kind {
    /// Returns the origin of the server.
    pub(crate) fn origin(self) -> Origin {
        match self {
            Self::Floor | Self::FloorAsJson => Origin::Floor,
            Self::Text
            | Self::TextProcess
            | Self::TextPower
            | Self::Json
            | Self::Websocket
            | Self::Irc
            | Self::IrcTags
            | Self::IrcThree
            | Self::Mixed => Origin::Own,
            Self::Inspircd | Self::Ngircd | Self::NatsServer | Self::Mosquitto => Origin::Peer,
        }
    }

    /// Returns the protocols that its clients speak in turn.
    pub(crate) fn protocols(self) -> &'static [&'static dyn Protocol] {
        match self {
            Self::Floor => &[&Plain::BARE],
            Self::FloorAsJson => &[&Plain::AS_JSON],
            Self::Text | Self::TextProcess | Self::TextPower => &[&Text],
            Self::Json => &[&Json],
            Self::Websocket => &[&WebSocket],
            Self::Irc | Self::Inspircd | Self::Ngircd => &[&Irc::PLAIN],
            Self::IrcTags => &[&Irc::TAGS],
            Self::IrcThree => &[&Irc::PLAIN, &Irc::TIMES, &Irc::TAGS],
            Self::Mixed => &[&Text, &Json, &WebSocket, &Irc::TAGS],
            Self::NatsServer => &[&Nats],
            Self::Mosquitto => &[&Mqtt],
        }
    }

    /// Returns true if it is part of this workspace.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Floor | Self::FloorAsJson) || self.is_chat()
    }

    /// Returns true if it is started from the program of this server.
    pub(crate) fn is_chat(self) -> bool {
        self.origin() == Origin::Own
    }

    /// Returns the `durability` of its store, if it has one.
    pub(crate) fn durability(self) -> Option<&'static str> {
        if self == Self::TextProcess {
            Some("process")
        } else if self == Self::TextPower {
            Some("power")
        } else {
            None
        }
    }

    /// Returns its name in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::FloorAsJson => "floor, lines as long as JSON",
            Self::Text => "this server, TCP text",
            Self::TextProcess => "the same, stored (`process`)",
            Self::TextPower => "the same, stored (`power`)",
            Self::Json => "this server, TCP JSON",
            Self::Websocket => "this server, WebSocket JSON",
            Self::Irc => "this server, IRC",
            Self::IrcTags => "this server, IRC with all tags",
            Self::IrcThree => "this server, IRC, three sets of capabilities",
            Self::Mixed => "this server, text, JSON, WebSocket and IRC with all tags",
            Self::Inspircd => "InspIRCd",
            Self::Ngircd => "ngIRCd",
            Self::NatsServer => "NATS server",
            Self::Mosquitto => "Mosquitto",
        }
    }
}

impl fmt::Display for Kind {
    /// Writes its name on the command line, which for a peer is its Debian package.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().expect("no kind is skipped").get_name())
    }
}
