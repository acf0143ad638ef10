//! What many are told, written down once for all who read it alike.

use crate::news::News;
use crate::{Dialect, Form, Frames, Port};

/// One event as it is sent, for each way to read it that has been asked for.
pub(crate) struct Encodings<T> {
    known: Vec<Encoding<T>>,
    /// Where dialects write.
    frames: Frames,
}

/// A way to read an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Who has one dialect and one kind of port with others is of one group among those who are told.
    pub(crate) group: u32,
    pub(crate) form: Form,
}

struct Encoding<T> {
    reading: Reading,
    /// `None`: there is nothing to send.
    prepared: Option<T>,
}

impl<T> Default for Encodings<T> {
    fn default() -> Self {
        Self { known: Vec::new(), frames: Frames::default() }
    }
}

impl<T> Encodings<T> {
    pub(crate) fn clear(&mut self) {
        self.known.clear();
    }

    /// What somebody is sent who reads it so; `None` if that is nothing.
    pub(crate) fn of(
        &mut self,
        reading: Reading,
        dialect: &dyn Dialect,
        news: News<'_>,
        port: &mut impl Port<Prepared = T>,
    ) -> Option<&T> {
        let place = self.known.iter().position(|known| known.reading == reading);
        let index = place.unwrap_or_else(|| self.write(reading, dialect, news, port));
        self.known[index].prepared.as_ref()
    }

    #[cold]
    fn write(
        &mut self,
        reading: Reading,
        dialect: &dyn Dialect,
        news: News<'_>,
        port: &mut impl Port<Prepared = T>,
    ) -> usize {
        let Self { known, frames } = self;
        frames.clear();
        dialect.encode(reading.form, news.at, news.event, frames);
        let prepared = (!frames.is_empty()).then(|| port.prepare(frames));
        known.push(Encoding { reading, prepared });
        known.len() - 1
    }
}
