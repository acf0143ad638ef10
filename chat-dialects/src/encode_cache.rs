//! A cache of encoded events: an event is encoded once for all recipients that read it alike.

use crate::broadcast::Broadcast;
use crate::{Dialect, Form, Frames, Port};

/// The encodings of one event that were needed so far.
pub(crate) struct EncodeCache<T> {
    /// The recipients' keys so far, each with the index of its encoding: the first [`MOST_KEYS`] of
    /// them, because they are searched in order.
    keys: Vec<(CacheKey, usize)>,
    encodings: Vec<Encoding<T>>,
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
    /// The key of its recipients, with the [relevant](Dialect::relevant) bits of their forms.
    key: CacheKey,
    /// `None` if the dialect encodes the event as nothing.
    prepared: Option<T>,
}

impl<T> Default for EncodeCache<T> {
    fn default() -> Self {
        Self { keys: Vec::new(), encodings: Vec::new(), frames: Frames::default() }
    }
}

impl<T> EncodeCache<T> {
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.encodings.clear();
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
        let known = self.keys.iter().find(|(known, _)| *known == key);
        let index = match known {
            Some(&(_, index)) => index,
            None => self.add(key, dialect, broadcast, port),
        };
        self.encodings[index].prepared.as_ref()
    }

    /// Finds the encoding for a key with the relevant bits of its form, or makes it. Returns its
    /// index.
    #[cold]
    fn add(
        &mut self,
        key: CacheKey,
        dialect: &dyn Dialect,
        broadcast: Broadcast<'_>,
        port: &mut impl Port<Prepared = T>,
    ) -> usize {
        let Self { keys, encodings, frames } = self;
        let form = Form(key.form.0 & dialect.relevant(broadcast.event).0);
        let relevant = CacheKey { form, ..key };
        let place = encodings.iter().position(|encoding| encoding.key == relevant);
        let index = place.unwrap_or_else(|| {
            frames.clear();
            dialect.encode(form, broadcast.at, broadcast.event, frames);
            let prepared = (!frames.is_empty()).then(|| port.prepare(frames));
            encodings.push(Encoding { key: relevant, prepared });
            encodings.len() - 1
        });
        if keys.len() < MOST_KEYS {
            keys.push((key, index));
        }
        index
    }
}

/// The most keys that are searched for each recipient. A key after them takes longer to find.
const MOST_KEYS: usize = 16;
