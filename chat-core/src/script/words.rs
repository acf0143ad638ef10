//! Reads the words of an action.

use super::ScriptProblem;
use crate::{AppData, Recipient, Role};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The words of a line that have not been read yet.
pub(super) struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let line = self.0.trim_start();
        if line.is_empty() {
            return None;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        self.0 = rest;
        Some(word)
    }
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self(line)
    }

    /// Returns the next word; an error if there is none.
    pub(super) fn word(&mut self, usage: &'static str) -> Result<String, ScriptProblem> {
        unescape(self.next().ok_or(ScriptProblem::Usage(usage))?)
    }

    /// Returns the next word as a number.
    pub(super) fn number(&mut self, usage: &'static str) -> Result<usize, ScriptProblem> {
        self.next().and_then(|word| word.parse().ok()).ok_or(ScriptProblem::Usage(usage))
    }

    /// Returns a channel and a name.
    pub(super) fn pair(&mut self, usage: &'static str) -> Result<(String, String), ScriptProblem> {
        Ok((self.word(usage)?, self.word(usage)?))
    }

    /// Does the same as [`word`](Self::word); an error if more words follow.
    pub(super) fn only_word(&mut self, usage: &'static str) -> Result<String, ScriptProblem> {
        let word = self.word(usage)?;
        self.end(usage)?;
        Ok(word)
    }

    /// Does the same as [`pair`](Self::pair); an error if more words follow.
    pub(super) fn only_pair(
        &mut self,
        usage: &'static str,
    ) -> Result<(String, String), ScriptProblem> {
        let pair = self.pair(usage)?;
        self.end(usage)?;
        Ok(pair)
    }

    /// Returns the application data of the next words, as long as they are `KEY=VALUE`.
    pub(super) fn data(&mut self, usage: &'static str) -> Result<AppData, ScriptProblem> {
        let mut entries = Vec::new();
        loop {
            let before = self.0;
            match self.next().and_then(|word| word.split_once('=')) {
                Some((key, text)) if !key.starts_with(['#', '@']) => {
                    entries.push((key, unescape(text)?));
                }
                Some(_) | None => {
                    self.0 = before;
                    break;
                }
            }
        }
        AppData::new(entries).map_err(|_| ScriptProblem::Usage(usage))
    }

    /// Returns the value of the next word if it is `NAME=VALUE`, with its escapes.
    pub(super) fn value(&mut self, name: &str) -> Option<&'a str> {
        let before = self.0;
        let value = self.next().and_then(|word| word.strip_prefix(name)?.strip_prefix('='));
        if value.is_none() {
            self.0 = before;
        }
        value
    }

    /// Returns the rest of the line, if there is any.
    pub(super) fn rest(&mut self) -> Result<Option<String>, ScriptProblem> {
        let rest = core::mem::take(&mut self.0).trim();
        if rest.is_empty() { Ok(None) } else { unescape(rest).map(Some) }
    }

    /// Does the same as [`rest`](Self::rest); an error if there is none.
    pub(super) fn text(&mut self, usage: &'static str) -> Result<String, ScriptProblem> {
        self.rest()?.ok_or(ScriptProblem::Usage(usage))
    }

    pub(super) fn end(&mut self, usage: &'static str) -> Result<(), ScriptProblem> {
        if self.0.trim().is_empty() { Ok(()) } else { Err(ScriptProblem::Usage(usage)) }
    }
}

/// Replaces escapes with their characters.
pub(super) fn unescape(written: &str) -> Result<String, ScriptProblem> {
    if written == "\"\"" {
        return Ok(String::new());
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, length) = match escape.chars().next() {
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('t') => ('\t', 1),
            Some('e') => ('\u{1b}', 1),
            Some('\\') => ('\\', 1),
            Some('u') => code_point(escape)?,
            _ => return Err(bad_escape(escape)),
        };
        text.push(character);
        rest = &escape[length..];
    }
    text.push_str(rest);
    Ok(text)
}

/// Parses `u{1f600}`; returns the character and the length of the escape.
fn code_point(escape: &str) -> Result<(char, usize), ScriptProblem> {
    escape
        .strip_prefix("u{")
        .and_then(|inner| inner.split_once('}'))
        .and_then(|(digits, _)| {
            let code = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(code)?, digits.len() + "u{}".len()))
        })
        .ok_or_else(|| bad_escape(escape))
}

fn bad_escape(escape: &str) -> ScriptProblem {
    let end = escape.find(' ').unwrap_or(escape.len());
    ScriptProblem::Escape(escape[..end].to_owned())
}

/// Parses `#CHANNEL`, `ROLE@#CHANNEL` or `@USER`.
pub(super) fn recipient(
    words: &mut Words<'_>,
    usage: &'static str,
) -> Result<Recipient, ScriptProblem> {
    let word = words.word(usage)?;
    if let Some((role, channel)) = word.split_once("@#")
        && let Some(least) = Role::from_name(role)
    {
        return Ok(Recipient::Members { channel: channel.to_owned(), least });
    }
    match word.strip_prefix('@') {
        Some(user) => Ok(Recipient::User(user.to_owned())),
        None if word.starts_with('#') => Ok(Recipient::Channel(word)),
        None => Err(ScriptProblem::Usage(usage)),
    }
}
