//! The `ref` with which a client labels a request, and which the reply repeats.

use chat_core::RequestId;
use serde::Serialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::fmt;

/// A `ref` that an error can repeat.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reference {
    /// A valid `ref`.
    Text(RequestId),
    /// A number. It is refused, and the error repeats it so that the client knows which request
    /// failed.
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
    /// Maximum length in bytes.
    pub(super) const MAX_BYTES: usize = 64;

    /// Returns the `ref` of an object.
    pub(super) fn of(fields: &Map<String, Value>) -> Option<Self> {
        Self::read(fields.get("ref")?)
    }

    /// Finds the `ref` in a frame that cannot be parsed, unless it comes after the syntax error.
    pub(super) fn find(frame: &str) -> Option<Self> {
        let mut found = None;
        // The error is known already: the frame cannot be parsed.
        let _ = serde_json::Deserializer::from_str(frame).deserialize_map(RefVisitor(&mut found));
        Self::read(&found?)
    }

    /// Finds the `ref` in a frame that is not UTF-8. A `ref` that is itself not UTF-8 is not found.
    pub(super) fn find_in_bytes(frame: &[u8]) -> Option<Self> {
        let found = Self::find(&String::from_utf8_lossy(frame))?;
        let is_intact = match &found {
            Self::Text(request) => !request.0.contains(char::REPLACEMENT_CHARACTER),
            Self::Number(_) => true,
        };
        is_intact.then_some(found)
    }

    /// Returns the form in which an error repeats it.
    pub(super) fn echo(&self) -> Echo<'_> {
        match self {
            Self::Text(request) => Echo::Text(&request.0),
            Self::Number(number) => Echo::Number(number),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) if text.len() <= Self::MAX_BYTES => {
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

/// A visitor of an object that stores the value of the field `ref`.
struct RefVisitor<'a>(&'a mut Option<Value>);

impl<'de> Visitor<'de> for RefVisitor<'_> {
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
    fn reference_is_found_before_an_error_and_beside_invalid_strings() {
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
