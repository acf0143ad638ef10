//! The targets of bans from the whole server, in requests and lines.

use chat_runtime::chat_core::BanTarget;
use serde_json::{Value, json};

/// Returns a request of this type about a target.
pub(crate) fn with_target(kind: &str, target: &BanTarget<String>) -> Result<Value, &'static str> {
    Ok(match target {
        BanTarget::Account(account) => json!({ "type": kind, "account": account.as_str() }),
        BanTarget::Nickname(nickname) => json!({ "type": kind, "nickname": nickname }),
        BanTarget::Addresses(range) => json!({ "type": kind, "addresses": range.to_string() }),
        _ => return Err("a target that is newer than the tests"),
    })
}

/// Returns a target as a word of a line.
pub(crate) fn target_word(target: &BanTarget<String>) -> Result<String, &'static str> {
    Ok(match target {
        BanTarget::Account(account) => format!("account={}", account.as_str()),
        BanTarget::Nickname(nickname) => nickname.clone(),
        BanTarget::Addresses(range) => format!("address={range}"),
        _ => return Err("a target that is newer than the tests"),
    })
}
