//! Compares a client's received bytes with the session's expected deliveries.

use crate::ledger::{ExpectedDelivery, SessionRecord};

/// The result of a comparison.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// The number of deliveries that were reported to the client as missed.
    pub(crate) missed: u64,
    /// The first delivery that has neither arrived nor been reported as missed.
    pub(crate) undelivered: Option<String>,
}

/// Matches the received bytes with the expected deliveries, in order: each has arrived whole, or
/// lies in a gap whose length was reported exactly. The last may be cut off.
pub(crate) fn compare(
    seen: &[u8],
    record: &SessionRecord,
    as_messages: bool,
) -> Result<Comparison, String> {
    let mut rest = seen;
    let mut missed = 0;
    let mut expected = record.expected.iter();
    let mut next = expected.next();
    while !rest.is_empty() {
        if let Some(due) = next {
            let bytes = due.bytes(as_messages);
            if let Some(after) = rest.strip_prefix(&*bytes) {
                rest = after;
                next = expected.next();
                continue;
            }
            // The connection ended in the middle of this delivery.
            if bytes.starts_with(rest) {
                break;
            }
        }
        let gap = record.gaps.iter().find_map(|(missed, notice)| {
            let after = rest.strip_prefix(&*notice.bytes(as_messages))?;
            Some((*missed, after))
        });
        if let Some((length, after)) = gap {
            rest = after;
            missed += length;
            let mut left = length;
            while left > 0 {
                let Some(due) = next else {
                    return Err(format!(
                        "the notice says that {length} deliveries were missed, {left} more than \
                         there were"
                    ));
                };
                left -= u64::from(!due.is_ping);
                next = expected.next();
            }
            continue;
        }
        if record.gaps.iter().any(|(_, notice)| notice.bytes(as_messages).starts_with(rest)) {
            break;
        }
        match next {
            Some(due) if due.is_ping => next = expected.next(),
            Some(due) => {
                let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line);
                return Err(format!("received: {line}\n    instead of: {}", due.text()));
            }
            None => {
                let line = String::from_utf8_lossy(rest);
                return Err(format!("received, but nothing was expected: {line}"));
            }
        }
    }
    let undelivered =
        next.into_iter().chain(expected).find(|due| !due.is_ping).map(ExpectedDelivery::text);
    Ok(Comparison { missed, undelivered })
}
