//! Passwords that are tried first.

use unicode_normalization::UnicodeNormalization;

/// Returns true if a text repeats its first characters, or consists of at most two runs, such as
/// `aaaa`, `1234` and `dcba`.
pub(crate) fn is_pattern(folded: &str) -> bool {
    let characters: Vec<i64> = folded.chars().map(|c| u32::from(c).into()).collect();
    let repeats =
        |period: usize| characters.iter().skip(period).zip(&characters).all(|(c, d)| c == d);
    (1..=LONGEST_PERIOD).any(repeats) || runs(&characters) <= 2
}

/// Counts the runs of a text: as many characters as possible that are equal, or of which each is
/// the successor, or the predecessor, of the one before it.
fn runs(mut rest: &[i64]) -> usize {
    let mut runs = 0;
    while let [first, others @ ..] = rest {
        let step = others.first().map(|second| second - first);
        let steps = rest.windows(2).take_while(|pair| Some(pair[1] - pair[0]) == step);
        let length = if matches!(step, Some(-1..=1)) { 1 + steps.count() } else { 1 };
        rest = &rest[length..];
        runs += 1;
    }
    runs
}

/// Returns true if a password is a part of a name, or the name with a few characters around it,
/// also backwards.
pub(crate) fn resembles_name(folded: &str, name: &str) -> bool {
    let name = name.nfkc().collect::<String>().to_lowercase();
    let backwards: String = name.chars().rev().collect();
    if name.chars().count() < SHORTEST_NAME {
        return false;
    }
    [name, backwards].iter().any(|name| {
        name.contains(folded)
            || folded.contains(name.as_str())
                && folded.replace(name.as_str(), "").chars().count() <= LITTLE_MORE
    })
}

/// Returns true if a password is one of the most common ones, perhaps with a few digits or symbols
/// around it.
pub(crate) fn is_common(folded: &str) -> bool {
    let word = folded.trim_matches(|c: char| !c.is_alphabetic());
    let around = folded.chars().count() - word.chars().count();
    let listed = |password| common().any(|common| common == password);
    listed(folded) || around <= LITTLE_MORE && listed(word)
}

/// The most common passwords: in lower case, and with at least five characters, since a shorter
/// word is too little of a password to decide about it.
fn common() -> impl Iterator<Item = &'static str> {
    include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#'))
}

/// The length of the longest repeated part that makes a password a pattern, in characters.
const LONGEST_PERIOD: usize = 4;

/// Names of fewer characters than this occur in passwords by chance.
const SHORTEST_NAME: usize = 3;

/// The most characters around a name or a common password that are no help: those are tried first,
/// years for instance.
const LITTLE_MORE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_of_common_passwords_is_as_documented() {
        assert_eq!(common().count(), 3_000);
        for password in common() {
            assert!(password.chars().count() >= 5 && password == password.to_lowercase());
        }
    }

    #[test]
    fn runs_are_counted() {
        let count = |text: &str| runs(&text.bytes().map(Into::into).collect::<Vec<_>>());
        let counts = ["", "a", "aaaa", "1234", "4321", "1234aaaa", "ace", "aaab"].map(count);
        assert_eq!(counts, [0, 1, 1, 1, 1, 2, 3, 2]);
    }
}
