//! Comparing what a client has seen with what it was owed.

use crate::ledger::{Account, Owed};

/// How far a client has come in what it was owed.
#[derive(Debug)]
pub(crate) struct Reading {
    /// How many things it was told it has missed.
    pub(crate) missed: u64,
    /// The first thing of which it was neither told, nor told that it has missed it.
    pub(crate) left_out: Option<String>,
}

/// Reads what has come as what was owed, in order: each thing whole, or in a gap whose length was
/// told exactly. The last may be cut off.
pub(crate) fn read_back(
    seen: &[u8],
    account: &Account,
    as_messages: bool,
) -> Result<Reading, String> {
    let mut rest = seen;
    let mut missed = 0;
    let mut owed = account.owed.iter();
    let mut next = owed.next();
    while !rest.is_empty() {
        if let Some(due) = next {
            let bytes = Owed::bytes(&due.frames, as_messages);
            if let Some(after) = rest.strip_prefix(&*bytes) {
                rest = after;
                next = owed.next();
                continue;
            }
            // The connection has ended in the middle of it.
            if bytes.starts_with(rest) {
                break;
            }
        }
        let gap = account.gaps.iter().find_map(|(missed, frames)| {
            let after = rest.strip_prefix(&*Owed::bytes(frames, as_messages))?;
            Some((*missed, after))
        });
        if let Some((length, after)) = gap {
            rest = after;
            missed += length;
            let mut left = length;
            while left > 0 {
                let Some(due) = next else {
                    return Err(format!(
                        "told of {length} things missed, {left} more than there were"
                    ));
                };
                left -= u64::from(!due.is_question);
                next = owed.next();
            }
            continue;
        }
        let is_cut = |frames| Owed::bytes(frames, as_messages).starts_with(rest);
        if account.gaps.iter().any(|(_, frames)| is_cut(frames)) {
            break;
        }
        match next {
            Some(due) if due.is_question => next = owed.next(),
            Some(due) => {
                let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line);
                return Err(format!("was told: {line}\n    and was owed: {}", due.text()));
            }
            None => {
                let line = String::from_utf8_lossy(rest);
                return Err(format!("was told, and was owed nothing: {line}"));
            }
        }
    }
    let left_out = next.into_iter().chain(owed).find(|due| !due.is_question).map(Owed::text);
    Ok(Reading { missed, left_out })
}
