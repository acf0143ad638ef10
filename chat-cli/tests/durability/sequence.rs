//! A value that one client changes step by step, such as a topic.

use std::fmt::Debug;

/// The values that were requested since the last restart. One request at a time is open.
///
/// A value counts as delivered as soon as any client has seen it: no earlier value may come back.
#[derive(Clone, Debug)]
pub(crate) struct Sequence<T> {
    values: Vec<T>,
    /// The index of the newest value that a client has seen.
    delivered: usize,
    /// True if the client that requested the newest value has no answer yet.
    is_open: bool,
}

impl<T: Clone + Debug + PartialEq> Sequence<T> {
    pub(crate) fn new(initial: T) -> Self {
        Self { values: vec![initial], delivered: 0, is_open: false }
    }

    /// Notes a request, while none is open.
    pub(crate) fn request(&mut self, value: T) {
        self.values.push(value);
        self.is_open = true;
    }

    /// Notes the answer to the request.
    pub(crate) fn answer(&mut self) {
        self.delivered = self.values.len() - 1;
        self.is_open = false;
    }

    /// Notes that a client has seen a value.
    pub(crate) fn deliver(&mut self, value: &T) {
        let later = self.values.iter().skip(self.delivered).position(|known| known == value);
        self.delivered += later.unwrap_or_default();
    }

    /// Compares with the value that a client reads after a restart. A request without an answer may
    /// have been carried out or not.
    pub(crate) fn read(&mut self, value: &T) -> Result<(), String> {
        let possible = &self.values[self.delivered..];
        if !possible.contains(value) {
            return Err(format!("is {value:?} after a restart, and may be one of {possible:?}"));
        }
        *self = Self::new(value.clone());
        Ok(())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns the value that was requested last.
    pub(crate) fn newest(&self) -> &T {
        self.values.last().expect("there is always one")
    }
}
