//! Parses JSON objects as requests.

use super::data::{self, DataFields, SetData};
use super::place::recipient;
use super::reference::Reference;
use super::surrogates;
use crate::times::parse_rfc3339;
use chat_core::{
    Command, JoinTarget, MessageId, MessageKind, ModeChange, ProfileChange, Recipient, RequestId,
    Role, Secret, StatusChange, Text, Timestamp,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use std::time::Duration;

/// An object that a client has sent.
pub(super) struct Request {
    pub(super) kind: String,
    fields: Map<String, Value>,
}

/// A description of an invalid request, for people.
pub(super) type Problem = String;

/// The error of a frame that is no request.
pub(super) struct InvalidFrame {
    pub(super) problem: Problem,
    /// True if the frame is JSON, but not an object with a type.
    pub(super) is_json: bool,
    /// The `ref`, if one can be found.
    pub(super) reference: Option<Reference>,
}

/// A version of the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Request {
    /// Parses a frame as an object with a `type`. If a field occurs twice, the last one counts, as
    /// in JavaScript.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidFrame> {
        let value = parse_json(text).map_err(|error| InvalidFrame {
            problem: format!("not valid JSON: {error}"),
            is_json: false,
            reference: Reference::find(text),
        })?;
        let invalid_frame = |problem: &str, reference| InvalidFrame {
            problem: problem.into(),
            is_json: true,
            reference,
        };
        let Value::Object(fields) = value else {
            let problem = "expected a JSON object such as {\"type\":\"ping\"}";
            return Err(invalid_frame(problem, None));
        };
        let Some(Value::String(kind)) = fields.get("type") else {
            let problem = "expected a field \"type\" with a string";
            return Err(invalid_frame(problem, Reference::of(&fields)));
        };
        Ok(Self { kind: kind.clone(), fields })
    }

    /// Parses a plain `chat` of version 2 in one pass. Nearly all frames are of this kind.
    ///
    /// For any other frame it returns `None`, and [`parse`](Self::parse) decides: the frame may be
    /// another request, have repeated or unknown fields, or be invalid. A frame that this function
    /// parses has the same meaning there.
    pub(super) fn plain_chat(text: &str) -> Option<(Option<RequestId>, Command)> {
        let chat: PlainChat<'_> = serde_json::from_str(text).ok()?;
        let PlainChat { r#type, reference, .. } = chat;
        let is_plain = r#type == "chat"
            && reference.as_ref().is_none_or(|reference| reference.len() <= Reference::MAX_BYTES);
        let PlainChat { text, channel, role, to, kind, nonce, data, reply_to, .. } = chat;
        let chat = Chat { text, channel, role, to, kind, nonce, data, reply_to };
        let command = chat.command().ok().filter(|_| is_plain)?;
        Some((reference.map(RequestId), command))
    }

    /// Returns the valid `ref` of the request. Only version 2 has it.
    pub(super) fn reference(&self) -> Result<Option<RequestId>, Problem> {
        match (self.fields.get("ref"), self.any_reference()) {
            (None | Some(Value::Null), _) => Ok(None),
            (Some(_), Some(Reference::Text(request))) => Ok(Some(request)),
            (Some(_), Some(Reference::Number(_)) | None) => {
                let limit = Reference::MAX_BYTES;
                Err(format!("\"ref\" must be a string of at most {limit} bytes"))
            }
        }
    }

    /// Returns true if the request has a field that is not null.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|value| !value.is_null())
    }

    /// Returns the `ref` for an error, even if it is not valid.
    pub(super) fn any_reference(&self) -> Option<Reference> {
        Reference::of(&self.fields)
    }

    /// Returns the version of a `hello`, which is 1 if it is missing.
    pub(super) fn version(&self) -> Result<Version, Problem> {
        match self.fields.get("version") {
            None => Ok(Version::One),
            Some(Value::Number(number)) if number.as_f64() == Some(1.0) => Ok(Version::One),
            Some(Value::Number(number)) if number.as_f64() == Some(2.0) => Ok(Version::Two),
            Some(other) => {
                let other = quoted(&other.to_string());
                Err(format!("hello: version must be 1 or 2, not {other}"))
            }
        }
    }

    /// Returns the token of a `hello`.
    pub(super) fn token(&self) -> Option<Secret> {
        self.fields.get("token").and_then(Value::as_str).map(Secret::new)
    }

    /// Returns the nickname in a `hello` of version 1.
    pub(super) fn hello_nickname(self) -> Result<Option<String>, Problem> {
        #[derive(Deserialize)]
        struct Hello {
            nickname: Option<String>,
        }
        self.read().map(|Hello { nickname }| nickname)
    }

    /// Returns the text of a `chat` of version 1.
    pub(super) fn chat_text(self) -> Result<String, Problem> {
        #[derive(Deserialize)]
        struct Chat {
            text: String,
        }
        self.read().map(|Chat { text }| text)
    }

    /// Returns the engine's command for a request of version 2 that looks nothing up; `None` for an
    /// unknown type.
    pub(super) fn command(self) -> Option<Result<Command, Problem>> {
        Some(match self.kind.as_str() {
            "join" => self.read().and_then(Join::command),
            "leave" => {
                self.read().map(|Leave { channel, reason }| Command::Leave { channel, reason })
            }
            "chat" => self.read().and_then(Chat::command),
            "rename" => self.read().map(|Rename { nickname }| Command::Rename { nickname }),
            "profile" => self.read().map(Profile::command),
            "set_data" => self.read().map(SetData::command),
            "topic" => self.read().map(|topic| match topic {
                Topic { channel, topic: None } => Command::ShowTopic { channel },
                Topic { channel, topic: Some(topic) } => Command::SetTopic { channel, topic },
            }),
            "modes" => self.read().map(Modes::command),
            "role" => self.read().and_then(SetRole::command),
            "kick" => self.read().map(|Member { channel, nickname, reason }| Command::Kick {
                channel,
                nickname,
                reason,
            }),
            "ban" => self.read().map(|Member { channel, nickname, reason }| Command::Ban {
                channel,
                nickname,
                reason,
            }),
            "mute" => self.read().map(|Member { channel, nickname, reason }| Command::Mute {
                channel,
                nickname,
                reason,
            }),
            "unban" => self
                .read()
                .map(|Member { channel, nickname, .. }| Command::Unban { channel, nickname }),
            "unmute" => self
                .read()
                .map(|Member { channel, nickname, .. }| Command::Unmute { channel, nickname }),
            "exempt" => self
                .read()
                .map(|Member { channel, nickname, .. }| Command::Exempt { channel, nickname }),
            "unexempt" => self
                .read()
                .map(|Member { channel, nickname, .. }| Command::Unexempt { channel, nickname }),
            "invite" => self
                .read()
                .map(|Member { channel, nickname, .. }| Command::Invite { channel, nickname }),
            "away" => self.read().map(|Away { message }| Command::SetAway { message }),
            "quit" => self.read().map(|Quit { reason }| Command::Quit { reason }),
            _ => return None,
        })
    }

    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let Self { kind, fields } = self;
        serde_json::from_value(Value::Object(fields)).map_err(|error| format!("{kind}: {error}"))
    }
}

/// Returns the size of a page, which the engine cuts to its own limit.
pub(super) fn page(limit: Option<Whole<usize>>) -> usize {
    limit.map_or(usize::MAX, |Whole(limit)| limit)
}

/// Returns a client's string as an error can repeat it: shortened, and safe to show.
pub(super) fn quoted(text: &str) -> Text {
    let end = text.char_indices().nth(32).map_or(text.len(), |(end, _)| end);
    Text::clean(&text[..end])
}

/// One channel, or several.
#[derive(Deserialize)]
struct Join {
    channel: Option<String>,
    key: Option<String>,
    channels: Option<Vec<Target>>,
}

/// One of several channels: its name, or an object with its key as well.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the names of channels, or {\"channel\":…,\"key\":…}")]
enum Target {
    Name(String),
    WithKey { channel: String, key: Option<String> },
}

#[derive(Deserialize)]
struct Leave {
    channel: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Chat {
    text: String,
    channel: Option<String>,
    role: Option<Box<str>>,
    to: Option<String>,
    kind: Option<String>,
    nonce: Option<Box<str>>,
    data: Option<DataFields>,
    reply_to: Option<Whole<u64>>,
}

/// A [`Chat`] with everything that may be in its frame.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainChat<'a> {
    r#type: &'a str,
    #[serde(rename = "ref")]
    reference: Option<Box<str>>,
    text: String,
    channel: Option<String>,
    role: Option<Box<str>>,
    to: Option<String>,
    kind: Option<String>,
    nonce: Option<Box<str>>,
    data: Option<DataFields>,
    reply_to: Option<Whole<u64>>,
}

#[derive(Deserialize)]
struct Rename {
    nickname: String,
}

/// For `real_name`, absent is "as it is" and null is "none".
#[derive(Deserialize)]
struct Profile {
    #[serde(default, deserialize_with = "present")]
    real_name: Option<Option<String>>,
    bot: Option<bool>,
}

/// An absent topic is a question, null is none.
#[derive(Deserialize)]
struct Topic {
    channel: String,
    #[serde(default, deserialize_with = "present")]
    topic: Option<Option<String>>,
}

#[derive(Deserialize)]
struct SetRole {
    channel: String,
    nickname: String,
    role: Option<String>,
    grant: Option<String>,
    revoke: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    channel: String,
    nickname: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Away {
    message: Option<String>,
}

#[derive(Deserialize)]
struct Quit {
    reason: Option<String>,
}

/// For `key`, `limit` and `keep_seconds`, absent is "as it is" and null is "none".
#[derive(Deserialize)]
struct Modes {
    channel: String,
    secret: Option<bool>,
    invite_only: Option<bool>,
    moderated: Option<bool>,
    members_only: Option<bool>,
    operator_topic: Option<bool>,
    no_ctcp: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    key: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    limit: Option<Option<Whole<u32>>>,
    #[serde(default, deserialize_with = "present")]
    keep_seconds: Option<Option<Whole<u64>>>,
}

impl Profile {
    fn command(self) -> Command {
        let real_name = self.real_name.map(ProfileChange::RealName);
        let bot = self.bot.map(ProfileChange::Bot);
        Command::SetProfile { changes: real_name.into_iter().chain(bot).collect() }
    }
}

impl Join {
    fn command(self) -> Result<Command, Problem> {
        match self {
            Self { channel: Some(channel), key, channels: None } => {
                Ok(Command::Join { channel, key })
            }
            Self { channel: None, key: None, channels: Some(targets) } => {
                let target = |target| match target {
                    Target::Name(channel) => JoinTarget { channel, key: None },
                    Target::WithKey { channel, key } => JoinTarget { channel, key },
                };
                Ok(Command::JoinMany { channels: targets.into_iter().map(target).collect() })
            }
            Self { channel: None, key: _, channels: None } => {
                Err("join: missing field `channel`".into())
            }
            Self { channel: Some(_), key: _, channels: Some(_) } => {
                Err("join: give \"channel\" or \"channels\", not both".into())
            }
            Self { channel: None, key: Some(_), channels: Some(_) } => {
                Err("join: give each key with its channel: {\"channel\":…,\"key\":…}".into())
            }
        }
    }
}

impl Chat {
    fn command(self) -> Result<Command, Problem> {
        let to = recipient("chat", self.channel, self.role.as_deref(), self.to)?;
        let to = to.unwrap_or_else(|| Recipient::Channel("lobby".into()));
        let kind = match self.kind {
            None => MessageKind::Message,
            Some(kind) => MessageKind::from_name(&kind)
                .ok_or("chat: \"kind\" must be \"message\", \"action\" or \"notice\"")?,
        };
        let data = data::check(self.data).map_err(|problem| format!("chat: {problem}"))?;
        let reply_to = self.reply_to.map(|Whole(id)| MessageId(id));
        Ok(Command::Say { to, kind, text: self.text, nonce: self.nonce, data, reply_to })
    }
}

impl Modes {
    fn command(self) -> Command {
        let switches = [
            self.secret.map(ModeChange::Secret),
            self.invite_only.map(ModeChange::InviteOnly),
            self.moderated.map(ModeChange::Moderated),
            self.members_only.map(ModeChange::MembersOnly),
            self.operator_topic.map(ModeChange::OperatorTopic),
            self.no_ctcp.map(ModeChange::NoCtcp),
            self.key.map(ModeChange::Key),
            self.limit.map(|limit| ModeChange::MemberLimit(limit.map(|Whole(limit)| limit))),
            self.keep_seconds
                .map(|keep| ModeChange::Keep(keep.map(|Whole(keep)| Duration::from_secs(keep)))),
        ];
        let changes: Vec<ModeChange> = switches.into_iter().flatten().collect();
        if changes.is_empty() {
            return Command::ShowModes { channel: self.channel };
        }
        Command::SetModes { channel: self.channel, changes }
    }
}

impl SetRole {
    fn command(self) -> Result<Command, Problem> {
        let Self { channel, nickname, role, grant, revoke } = self;
        let change = role_change("role", role, grant, revoke)?;
        Ok(Command::SetRole { channel, nickname, change })
    }
}

/// Returns the change of a role that a request asks for.
pub(super) fn role_change(
    kind: &str,
    role: Option<String>,
    grant: Option<String>,
    revoke: Option<String>,
) -> Result<StatusChange, Problem> {
    let status = |role: String| Role::from_name(&role).and_then(Role::status);
    let change = match (role, grant, revoke) {
        (Some(role), None, None) => Role::from_name(&role).map(StatusChange::Become),
        (None, Some(role), None) => status(role).map(StatusChange::Grant),
        (None, None, Some(role)) => status(role).map(StatusChange::Revoke),
        _ => None,
    };
    change.ok_or_else(|| {
        format!("{kind}: \"role\" must be \"owner\", \"operator\", \"voiced\" or \"member\"")
    })
}

/// A whole number. It may be written with a fraction, because some languages write every number
/// like `50.0`.
pub(super) struct Whole<T>(pub(super) T);

impl<'de, T: TryFrom<u64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let whole = number.as_u64().or_else(|| whole(number.as_f64()?));
        whole.and_then(|whole| T::try_from(whole).ok()).map(Self).ok_or_else(|| {
            let number = quoted(&number.to_string());
            serde::de::Error::custom(format!("{number} is not a whole number in the valid range"))
        })
    }
}

/// A time in the format of RFC 3339.
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_rfc3339(&text).map(Self).ok_or_else(|| {
            let text = quoted(&text);
            serde::de::Error::custom(format!(
                "\"{text}\" is not a time such as \"2026-01-01T14:03:22Z\""
            ))
        })
    }
}

/// Converts a float to a whole number, up to 2^53. Larger floats are not exact.
fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    is_whole.then_some(number as u64)
}

/// Parses JSON, with U+FFFD in place of each lone surrogate.
fn parse_json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).or_else(|error| match surrogates::replace_lone(text) {
        Some(replaced) => serde_json::from_str(&replaced),
        None => Err(error),
    })
}

/// Distinguishes a field with the value null from a missing field.
fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a frame in the general way.
    fn parse_generally(text: &str) -> Option<(Option<RequestId>, Command)> {
        let request = Request::parse(text).ok()?;
        let reference = request.reference().ok()?;
        Some((reference, request.command()?.ok()?))
    }

    #[test]
    fn plain_chat_has_the_same_meaning_in_general_parsing() {
        for text in [
            r#"{"type":"chat","text":"hi"}"#,
            r#" {"text":"h\u00e9\n\"", "channel":"tea", "ref":"1", "type":"chat"} "#,
            r#"{"type":"chat","text":"hi","to":"bob","channel":null,"ref":null,"kind":"notice"}"#,
        ] {
            let command = Request::plain_chat(text);
            assert!(command.is_some(), "{text}");
            assert_eq!(command, parse_generally(text), "{text}");
        }
    }

    #[test]
    fn unusual_chat_has_the_meaning_of_its_plain_form() {
        for (text, same) in [
            (
                r#"{"type":"chat","text":"a\ud83d","ref":"2"}"#,
                r#"{"type":"chat","text":"a\ufffd","ref":"2"}"#,
            ),
            (r#"{"type":"chat","text":"a\\ud83d"}"#, r#"{"type":"chat","text":"a\u005cud83d"}"#),
            (r#"{"type":"chat","text":"hi","\ud83d":1}"#, r#"{"type":"chat","text":"hi"}"#),
            (
                r#"{"type":"chat","text":"hi","text":"ho","ref":"1","ref":"2"}"#,
                r#"{"type":"chat","text":"ho","ref":"2"}"#,
            ),
        ] {
            assert_eq!(
                Request::plain_chat(text),
                parse_generally(text).filter(|_| Request::plain_chat(text).is_some())
            );
            assert_eq!(parse_generally(text), Request::plain_chat(same), "{text}");
            assert!(parse_generally(text).is_some(), "{text}");
        }
    }

    #[test]
    fn unusual_frames_are_left_to_general_parsing() {
        let long = format!(r#"{{"type":"chat","text":"hi","ref":"{}"}}"#, "x".repeat(65));
        for text in [
            r#"{"type":"ch\u0061t","text":"hi"}"#,
            r#"{"type":"chat","text":"hi","text":"ho"}"#,
            r#"{"type":"chat","text":"hi","more":1e999}"#,
            r#"{"type":"chat","text":"hi","to":"bob","channel":"tea"}"#,
            r#"{"type":"chat","text":"hi","kind":"shout"}"#,
            r#"{"type":"chat","text":"hi","ref":1}"#,
            r#"{"type":"chat","text":1}"#,
            r#"{"type":"chat","text":"hi"} x"#,
            r#"{"type":"topic","channel":"tea","text":"hi"}"#,
            "[]",
            &long,
        ] {
            assert_eq!(Request::plain_chat(text), None, "{text}");
        }
    }
}
