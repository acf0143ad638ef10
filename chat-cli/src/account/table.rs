//! The table of accounts that `chat account list` prints.

use chat_server::engine::Timestamp;
use chat_server::sqlite::StoredAccount;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Writes accounts as aligned columns, with `-` for nothing, so that programs can split them at the
/// spaces.
pub(super) fn write(accounts: &[StoredAccount], out: &mut impl Write) -> io::Result<()> {
    let heading = ["NAME", "CREATED", "LAST SEEN", "LOGINS", "OWNS"].map(str::to_owned);
    let rows: Vec<_> = [heading].into_iter().chain(accounts.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    for [aligned @ .., last] in &rows {
        for (cell, width) in aligned.iter().zip(widths) {
            // The padding of the standard library counts characters, some of which are wide.
            let padding = width - cell.width() + 2;
            write!(out, "{cell}{:padding$}", "")?;
        }
        writeln!(out, "{last}")?;
    }
    Ok(())
}

fn row(account: &StoredAccount) -> [String; 5] {
    let StoredAccount { name, since, last_seen, tokens, owned, .. } = account;
    let owned: Vec<String> = owned.iter().map(|channel| format!("#{}", channel.shown())).collect();
    [
        name.to_string(),
        minute(*since),
        last_seen.map_or_else(|| "-".to_owned(), minute),
        tokens.len().to_string(),
        if owned.is_empty() { "-".to_owned() } else { owned.join(" ") },
    ]
}

/// Writes a time in UTC, exact to a minute, such as `2026-01-31T12:00Z` (ISO 8601).
fn minute(at: Timestamp) -> String {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis);
    time.map_or_else(|_| "-".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%MZ").to_string())
}
