//! A cache of encoded events: an event is encoded once for all recipients that read it alike.

use crate::broadcast::Broadcast;
use crate::{Dialect, Form, Frames, Port};

/// The encodings of one event that were needed so far.
pub(crate) struct EncodeCache<T> {
    known: Vec<Encoding<T>>,
    /// The buffer that dialects write to.
    frames: Frames,
}

/// The properties of a recipient that decide how an event is encoded for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheKey {
    /// Recipients with the same dialect and the same kind of port are in one group.
    pub(crate) group: u32,
    pub(crate) form: Form,
}

struct Encoding<T> {
    key: CacheKey,
    /// `None` if the dialect encodes the event as nothing.
    prepared: Option<T>,
}

impl<T> Default for EncodeCache<T> {
    fn default() -> Self {
        Self { known: Vec::new(), frames: Frames::default() }
    }
}

impl<T> EncodeCache<T> {
    pub(crate) fn clear(&mut self) {
        self.known.clear();
    }

    /// Returns the frames for recipients with this key; `None` if the dialect encodes the event as
    /// nothing.
    pub(crate) fn of(
        &mut self,
        key: CacheKey,
        dialect: &dyn Dialect,
        broadcast: Broadcast<'_>,
        port: &mut impl Port<Prepared = T>,
    ) -> Option<&T> {
        let place = self.known.iter().position(|known| known.key == key);
        let index = place.unwrap_or_else(|| self.write(key, dialect, broadcast, port));
        self.known[index].prepared.as_ref()
    }

    #[cold]
    fn write(
        &mut self,
        key: CacheKey,
        dialect: &dyn Dialect,
        broadcast: Broadcast<'_>,
        port: &mut impl Port<Prepared = T>,
    ) -> usize {
        let Self { known, frames } = self;
        frames.clear();
        dialect.encode(key.form, broadcast.at, broadcast.event, frames);
        let prepared = (!frames.is_empty()).then(|| port.prepare(frames));
        known.push(Encoding { key, prepared });
        known.len() - 1
    }
}
