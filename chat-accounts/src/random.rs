//! Random numbers of the operating system.

/// Returns random bytes.
///
/// # Panics
///
/// If the operating system has none: then nothing here is safe.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}
