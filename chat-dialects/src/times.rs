//! Times on the wire.

use chat_core::Timestamp;

/// The time of day in UTC, with a space after it: `14:03:22 `.
pub(crate) fn of_day(at: Timestamp) -> String {
    civil(at).strftime("%H:%M:%S ").to_string()
}

/// RFC 3339, in UTC, with milliseconds: `2026-01-01T14:03:22.250Z`.
pub(crate) fn rfc_3339(at: Timestamp) -> String {
    format!("{:.3}", civil(at))
}

fn civil(at: Timestamp) -> jiff::Timestamp {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_have_milliseconds() {
        let at = Timestamp::from_millis(1_767_225_600_000 + 50_602_000);
        assert_eq!(of_day(at), "14:03:22 ");
        assert_eq!(rfc_3339(at), "2026-01-01T14:03:22.000Z");
        assert_eq!(rfc_3339(Timestamp::from_millis(7)), "1970-01-01T00:00:00.007Z");
    }

    #[test]
    fn the_end_of_time_is_a_time() {
        assert!(rfc_3339(Timestamp::from_millis(u64::MAX)).starts_with("9999-12-"));
    }
}
