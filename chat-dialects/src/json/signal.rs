//! Signals: application data for those who are there now.

use super::data::{self, DataFields, DataObject};
use super::place::{Place, recipient};
use super::request::{Problem, Request};
use crate::{Frames, Rfc3339};
use chat_core::{Actor, Command, Signal};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct SignalRequest {
    channel: Option<String>,
    role: Option<String>,
    to: Option<String>,
    data: DataFields,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "signal")]
struct SignalObject<'a> {
    at: Rfc3339,
    nickname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    data: DataObject<'a>,
}

pub(super) fn command(request: Request) -> Result<Command, Problem> {
    request.read().and_then(|SignalRequest { channel, role, to, data }| {
        let to = recipient("signal", channel, role.as_deref(), to)?;
        let to = to.ok_or("signal: give \"channel\" or \"to\"")?;
        let data = data::check(Some(data)).map_err(|problem| format!("signal: {problem}"))?;
        Ok(Command::Signal { to, data })
    })
}

pub(super) fn write(signal: &Signal, out: &mut Frames) {
    let Place { channel, role, to } = Place::from(&signal.target);
    if channel.is_none() && to.is_none() {
        // There is no other place.
        return;
    }
    let sender: &Actor = &signal.sender;
    let account = sender.user().and_then(|user| user.account.as_ref());
    out.write_json(&SignalObject {
        at: signal.at.into(),
        nickname: sender.name(),
        account: account.map(|account| account.as_str()),
        channel,
        role,
        to,
        data: (&signal.data).into(),
    });
}
