//! Times in wire formats.

use chat_core::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
#[cfg(feature = "json")]
use serde::{Serialize, Serializer};
use std::fmt;

/// A time as RFC 3339 has it, in UTC, with milliseconds: `2026-01-01T14:03:22.250Z`.
///
/// Every message has one, so the digits are written here: a formatter that can do more takes ten
/// times as long.
#[derive(Clone, Copy)]
pub struct Rfc3339([u8; 24]);

impl Rfc3339 {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the text is ASCII")
    }

    /// Returns the time of day to the second: `14:03:22`.
    #[cfg(feature = "text")]
    pub(crate) fn of_day(&self) -> &str {
        &self.as_str()[11..19]
    }
}

impl From<Timestamp> for Rfc3339 {
    fn from(at: Timestamp) -> Self {
        let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
        let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        let civil = Offset::UTC.to_datetime(at);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // The year is between 1970 and 9999.
        write_digits(&mut text[..4], civil.year().unsigned_abs());
        write_digits(&mut text[5..7], civil.month().unsigned_abs().into());
        write_digits(&mut text[8..10], civil.day().unsigned_abs().into());
        write_digits(&mut text[11..13], civil.hour().unsigned_abs().into());
        write_digits(&mut text[14..16], civil.minute().unsigned_abs().into());
        write_digits(&mut text[17..19], civil.second().unsigned_abs().into());
        write_digits(&mut text[20..23], civil.millisecond().unsigned_abs());
        Self(text)
    }
}

/// Parses a time in the format of RFC 3339, such as `2026-01-01T14:03:22.250Z` or
/// `2026-01-01T15:03:22+01:00`: the form in which JSON has times. A fraction of a millisecond
/// counts as a whole one. A time before 1970 counts as the beginning of 1970, since no message is
/// older. Returns `None` for any other text.
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    // Unlike `jiff::Timestamp`, this has the last day of the year 9999.
    let pieces = Pieces::parse(text).ok()?;
    let (time, offset) = (pieces.time()?, pieces.to_numeric_offset()?);
    Some(timestamp(pieces.date().to_datetime(time), offset))
}

/// Converts a time in UTC as [`parse_rfc3339`] does.
pub(crate) fn in_utc(civil: DateTime) -> Timestamp {
    timestamp(civil, Offset::UTC)
}

fn timestamp(civil: DateTime, offset: Offset) -> Timestamp {
    let local = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_nanos();
    let nanos = local - i128::from(offset.seconds()) * 1_000_000_000;
    let millis = u128::try_from(nanos).unwrap_or_default().div_ceil(1_000_000);
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

impl fmt::Debug for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "json")]
impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Parses a time as [`parse_rfc3339`] does, or a date, which stands for its beginning in UTC.
pub(crate) fn parse_time(written: &str) -> Option<Timestamp> {
    if let Some(at) = parse_rfc3339(written) {
        return Some(at);
    }
    // A longer text is a date with a time without its zone.
    let date = written.parse().ok().filter(|_: &Date| written.len() <= "2026-01-01".len())?;
    Some(in_utc(date.into()))
}

/// Writes the last digits of a number, as many as `room` has bytes.
fn write_digits(room: &mut [u8], mut number: u16) {
    for digit in room.iter_mut().rev() {
        // The remainder is less than 10 and fits in a byte.
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        let at = Rfc3339::from(Timestamp::from_millis(1_767_225_600_000 + 50_602_000));
        assert_eq!(at.as_str(), "2026-01-01T14:03:22.000Z");
        assert_eq!(at.of_day(), "14:03:22");
        let at = Rfc3339::from(Timestamp::from_millis(7));
        assert_eq!(at.as_str(), "1970-01-01T00:00:00.007Z");
    }

    #[test]
    fn times_and_dates_are_parsed() {
        for (written, millis) in [
            ("2026-01-01", 1_767_225_600_000),
            ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2026-01-01T01:00:00.250+01:00", 1_767_225_600_250),
            ("2026-01-01T00:00:00.0001Z", 1_767_225_600_001),
            ("1970-01-01", 0),
            ("1969-12-31", 0),
            ("0000-01-01", 0),
            ("9999-12-31", 253_402_214_400_000),
        ] {
            assert_eq!(parse_time(written), Some(Timestamp::from_millis(millis)), "{written}");
        }
        for wrong in ["", "2026", "2026-13-01", "yesterday", "2026-01-01T00:00:00"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn latest_timestamp_is_formatted() {
        let at = Rfc3339::from(Timestamp::from_millis(u64::MAX));
        assert!(at.as_str().starts_with("9999-12-"));
    }

    #[test]
    fn rfc_3339_is_parsed() {
        let millis = |text| parse_rfc3339(text).map(Timestamp::as_millis);
        assert_eq!(millis("1970-01-01T00:00:01.250Z"), Some(1_250));
        assert_eq!(millis("1970-01-01T01:00:01+01:00"), Some(1_000));
        assert_eq!(millis("1970-01-01T00:00:00.0001Z"), Some(1));
        // No message is older than 1970, and RFC 3339 has the years 0 to 9999.
        assert_eq!(millis("1969-12-31T23:59:59Z"), Some(0));
        assert_eq!(millis("1970-01-01T00:59:59+01:00"), Some(0));
        assert_eq!(millis("0000-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("1969-12-31T23:59:59-00:01"), Some(59_000));
        assert_eq!(millis("9999-12-31T23:59:59.999Z"), Some(253_402_300_799_999));
        assert_eq!(millis("9999-12-31T23:59:59-23:59"), Some(253_402_387_139_000));
        for wrong in [
            "",
            "noon",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00[UTC]",
            "1970-02-30T00:00:00Z",
            "10000-01-01T00:00:00Z",
        ] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn time_has_the_format_of_jiff(millis in 0_i64..253_402_207_200_000) {
            let expected = jiff::Timestamp::from_millisecond(millis).expect("it is in range");
            let at = Rfc3339::from(Timestamp::from_millis(millis.unsigned_abs()));
            prop_assert_eq!(at.as_str(), format!("{expected:.3}"));
            let parsed = parse_rfc3339(at.as_str()).map(Timestamp::as_millis);
            prop_assert_eq!(parsed, Some(millis.unsigned_abs()));
        }
    }
}
