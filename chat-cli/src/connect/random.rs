//! Random strings, for nonces and reconnect keys.

/// Returns 128 random bits in hexadecimal, or none if the system has no random numbers.
pub(super) fn random_key() -> Option<String> {
    let halves = [getrandom::u64().ok()?, getrandom::u64().ok()?];
    Some(format!("{:016x}{:016x}", halves[0], halves[1]))
}
