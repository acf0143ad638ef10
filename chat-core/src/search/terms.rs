//! The terms of a search.

use super::tokens::{Open, Tokens, tokens};
use alloc::string::String;
use alloc::vec::Vec;

/// The terms of a search. A message has to contain all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerms(Vec<SearchTerm>);

/// A term: tokens that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerm {
    /// The tokens, each with a space before it; and a space at the end, unless the last one is a
    /// word, which may continue.
    tokens: String,
}

impl SearchTerms {
    /// Parses the text of a search. `None` if it contains no token.
    ///
    /// ```
    /// use chat_core::search::SearchTerms;
    ///
    /// let terms = SearchTerms::parse("user-na c++").expect("there are words");
    /// assert!(terms.are_in("C++: what is your User-Name?"));
    /// assert!(!terms.are_in("c++ user"));
    /// assert_eq!(SearchTerms::parse(" \t"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut terms: Vec<SearchTerm> = Vec::new();
        for term in text.split_whitespace().filter_map(SearchTerm::parse) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        (!terms.is_empty()).then_some(Self(terms))
    }

    /// Returns true if a text contains all terms.
    pub fn are_in(&self, text: &str) -> bool {
        let tokens = tokens(text);
        self.0.iter().all(|term| tokens.contains(&term.tokens))
    }

    /// The terms, each once, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &SearchTerm> {
        self.0.iter()
    }
}

impl SearchTerm {
    fn parse(text: &str) -> Option<Self> {
        let (mut tokens, end) = Tokens::of(text);
        if let Open::Word(_) = end {
            tokens.truncate(tokens.trim_ascii_end().len());
        }
        (!tokens.is_empty()).then_some(Self { tokens })
    }

    /// The tokens of the term; at least one.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.split_ascii_whitespace()
    }

    /// Returns true if the last token may continue in a message.
    pub fn is_prefix(&self) -> bool {
        !self.tokens.ends_with(' ')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, text: &str) -> bool {
        SearchTerms::parse(search).expect("it has tokens").are_in(text)
    }

    #[test]
    fn every_character_stands_for_itself() {
        for (search, text) in [
            ("user-name", "my user-name is x"),
            ("c++", "I like C++."),
            ("c++", "c + +"),
            ("don't", "please don’t"),
            ("#rust", "join #rust!"),
            ("\"", "a \" b"),
            ("*", "2 * 3"),
            ("a OR b", "b or a"),
            ("NOT (x:y)", "not (x:y)"),
            ("r", "rust"),
            ("rus", "crab rustacean"),
            ("京", "東京都"),
            ("京都", "東京都"),
            ("한국", "한국어"),
            ("국어", "한국어"),
            ("ラー", "らーめん ラーメン"),
            ("น้ำ", "กินน้ำแล้ว"),
            ("straße", "STRASSE 1"),
            ("strasse", "Straße"),
            ("dien", "điện thoại"),
            ("ısı", "ISI"),
            ("👍", "ok 👍🏽"),
            ("rust  rust", "rust"),
        ] {
            assert!(finds(search, text), "{search} in {text}");
        }
        for (search, text) in [
            ("port", "transport"),
            ("c++", "c+"),
            ("user-name", "user name"),
            ("user name", "user"),
            ("東都", "東京都"),
            ("name user-", "user name"),
            ("かな", "カナ"),
        ] {
            assert!(!finds(search, text), "{search} in {text}");
        }
    }

    #[test]
    fn word_at_the_end_of_a_term_may_continue() {
        let terms = SearchTerms::parse("Foo-bar c+ 京 x京").expect("it has tokens");
        let terms: Vec<(Vec<&str>, bool)> =
            terms.iter().map(|term| (term.tokens().collect(), term.is_prefix())).collect();
        assert_eq!(terms[0], (alloc::vec!["foo", "-", "bar"], true));
        assert_eq!(terms[1], (alloc::vec!["c", "+"], false));
        assert_eq!(terms[2], (alloc::vec!["京"], false));
        assert_eq!(terms[3], (alloc::vec!["x", "京"], false));
    }

    #[test]
    fn long_word_is_found_by_its_beginning() {
        let word = "x".repeat(200);
        for length in [1, 63, 64, 65, 128, 129, 200] {
            assert!(finds(&word[..length], &word), "{length}");
        }
        assert!(!finds(&"x".repeat(201), &word));
    }
}
