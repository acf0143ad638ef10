//! What a client calls a request: the `ref` that its answer bears.

use chat_core::RequestId;
use serde::Serialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::fmt;

/// A `ref` that an error can repeat.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reference {
    /// One that a request may have.
    Text(RequestId),
    /// A number: it is refused, but its sender has to find out for which request.
    Number(Number),
}

/// A `ref` as an error repeats it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Echo<'a> {
    Text(&'a str),
    Number(&'a Number),
}

impl Reference {
    /// The longest that a request may have, in bytes.
    pub(super) const LONGEST: usize = 64;

    /// The `ref` of an object.
    pub(super) fn of(fields: &Map<String, Value>) -> Option<Self> {
        Self::read(fields.get("ref")?)
    }

    /// Finds the `ref` in a frame that cannot be read as a whole. What comes after a fault in its
    /// syntax is not found.
    pub(super) fn find(frame: &str) -> Option<Self> {
        let mut found = None;
        // The frame is at fault, as is known already.
        let _ = serde_json::Deserializer::from_str(frame).deserialize_map(Fields(&mut found));
        Self::read(&found?)
    }

    /// Finds the `ref` in a frame that is not UTF-8, if that is not what is wrong with the `ref`
    /// itself.
    pub(super) fn find_in_bytes(frame: &[u8]) -> Option<Self> {
        let found = Self::find(&String::from_utf8_lossy(frame))?;
        let is_intact = match &found {
            Self::Text(request) => !request.0.contains(char::REPLACEMENT_CHARACTER),
            Self::Number(_) => true,
        };
        is_intact.then_some(found)
    }

    /// As it is repeated.
    pub(super) fn echo(&self) -> Echo<'_> {
        match self {
            Self::Text(request) => Echo::Text(&request.0),
            Self::Number(number) => Echo::Number(number),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) if text.len() <= Self::LONGEST => {
                Some(Self::Text(RequestId(text.as_str().into())))
            }
            Value::Number(number) => Some(Self::Number(number.clone())),
            Value::Null
            | Value::Bool(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        }
    }
}

impl From<RequestId> for Reference {
    fn from(request: RequestId) -> Self {
        Self::Text(request)
    }
}

/// Keeps the `ref` among the fields of an object.
struct Fields<'a>(&'a mut Option<Value>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
            if name == "ref" {
                *self.0 = Some(fields.next_value()?);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_before_a_fault_and_in_any_string_that_is_not_text() {
        let text = |text: &str| Some(Reference::Text(RequestId(text.into())));
        for (frame, reference) in [
            (r#"{"ref":"2","text":"\x"}"#, text("2")),
            (r#"{"text":"\ud83d","ref":"2"}"#, text("2")),
            (r#"{"more":1e999,"ref":"2"}"#, text("2")),
            (r#"{"ref":"2"} {}"#, text("2")),
            (r#"{"ref":"2""#, text("2")),
            (r#"{"ref":"1","ref":"2"}"#, text("2")),
            (r#"{"ref":7,"text":"#, Some(Reference::Number(7.into()))),
            (r#"{"text":"\x","ref":"2"}"#, None),
            (r#"{"ref":"2"#, None),
            (r#"[{"ref":"2"}]"#, None),
            (r#""ref""#, None),
            ("", None),
        ] {
            assert_eq!(Reference::find(frame), reference, "{frame}");
        }
    }
}
