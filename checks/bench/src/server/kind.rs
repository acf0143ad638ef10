//! The servers that can be compared.

use crate::protocol::{Irc, Json, Mqtt, Nats, Plain, Protocol, Text, WebSocket};
use std::fmt;

/// A server, with what it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The least that a server can do, built into this program.
    Floor,
    /// The floor with lines as long as JSON.
    FloorAsJson,
    /// This server, lines of text over TCP.
    Text,
    /// This server, JSON version 2 over TCP.
    Json,
    /// This server, JSON version 2 over WebSocket.
    Websocket,
    /// InspIRCd, IRC over TCP.
    Inspircd,
    /// ngIRCd, IRC over TCP.
    Ngircd,
    /// NATS.
    NatsServer,
    /// Mosquitto, MQTT 3.1.1 over TCP.
    Mosquitto,
}

impl Kind {
    /// What it speaks.
    pub(crate) fn protocol(self) -> &'static dyn Protocol {
        match self {
            Self::Floor => &Plain::BARE,
            Self::FloorAsJson => &Plain::AS_JSON,
            Self::Text => &Text,
            Self::Json => &Json,
            Self::Websocket => &WebSocket,
            Self::Inspircd | Self::Ngircd => &Irc,
            Self::NatsServer => &Nats,
            Self::Mosquitto => &Mqtt,
        }
    }

    /// Whether it is of this workspace.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Floor | Self::FloorAsJson | Self::Text | Self::Json | Self::Websocket)
    }

    /// What it is called in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::FloorAsJson => "floor, lines as long as JSON",
            Self::Text => "this server, TCP text",
            Self::Json => "this server, TCP JSON",
            Self::Websocket => "this server, WebSocket JSON",
            Self::Inspircd => "InspIRCd",
            Self::Ngircd => "ngIRCd",
            Self::NatsServer => "NATS server",
            Self::Mosquitto => "Mosquitto",
        }
    }
}

impl fmt::Display for Kind {
    /// Writes what it is called on the command line, which is its package for a peer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Floor => "floor",
            Self::FloorAsJson => "floor-as-json",
            Self::Text => "text",
            Self::Json => "json",
            Self::Websocket => "websocket",
            Self::Inspircd => "inspircd",
            Self::Ngircd => "ngircd",
            Self::NatsServer => "nats-server",
            Self::Mosquitto => "mosquitto",
        })
    }
}
