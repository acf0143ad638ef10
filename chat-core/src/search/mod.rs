//! The rules of searching: the tokens of a text, and the messages that a search finds.
//!
//! They are pure functions, so that memory, a store with an index and a store without one find the
//! same messages.
//!
//! A text is folded: compatibility forms, case and diacritics make no difference (`Straße` is
//! `STRASSE`, `Đà Nẵng` is `da nang`). The folded text is split into *tokens*:
//!
//! - a run of letters, digits and their marks is a token, a *word*;
//! - a character of a script that is written without spaces (Chinese, Japanese, Korean, Thai, Lao,
//!   Khmer, Burmese) is a token of its own;
//! - a punctuation mark or a symbol is a token of its own;
//! - white space separates tokens and is none.
//!
//! The text of a search is split at white space into *terms*. A message is found if it contains
//! every term: the tokens of the term, one after the other. If the last token of a term is a word,
//! the word may continue in the message: `rust` finds `rustaceans`. There is no syntax, and every
//! character stands for itself.
//!
//! White space between tokens makes no difference: `c++` finds `c ++`. The middle of a word is not
//! found: `port` does not find `transport`.

mod fold;
mod request;
mod terms;
mod tokens;

pub use request::{SearchRequest, SearchedChannel};
pub use terms::{SearchTerm, SearchTerms};
pub use tokens::{tokens, tokens_version};
