//! What many are told, written down once for all who read it alike.

use crate::{Dialect, Form, Frames, Port};
use chat_core::{Event, Timestamp};
use std::any::TypeId;
use std::sync::Arc;

/// One event as it is sent, for each dialect (by its address), form and kind of port that has been asked for.
pub(crate) struct Encodings<T> {
    known: Vec<Encoding<T>>,
    /// Where dialects write.
    frames: Frames,
}

struct Encoding<T> {
    dialect: usize,
    form: Form,
    kind: TypeId,
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

    pub(crate) fn of(
        &mut self,
        dialect: &Arc<dyn Dialect>,
        form: Form,
        at: Timestamp,
        event: &Event,
        port: &mut impl Port<Prepared = T>,
    ) -> Option<&T> {
        let Self { known, frames } = self;
        let (address, kind) = (Arc::as_ptr(dialect).addr(), port.kind());
        let place = known
            .iter()
            .position(|known| known.dialect == address && known.form == form && known.kind == kind);
        let index = place.unwrap_or_else(|| {
            frames.clear();
            dialect.encode(form, at, event, frames);
            let prepared = (!frames.is_empty()).then(|| port.prepare(frames));
            known.push(Encoding { dialect: address, form, kind, prepared });
            known.len() - 1
        });
        known[index].prepared.as_ref()
    }
}
