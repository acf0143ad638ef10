//! The pinned messages of a channel.

use crate::{Message, MessageId, Pin};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The pinned messages of a channel, at most [`Pin::MOST`], in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Pins(Vec<Arc<Message>>);

impl Pins {
    /// Notes a message as it is now: it may be pinned, or no longer.
    pub(crate) fn note(&mut self, message: &Arc<Message>) {
        let place = self.0.binary_search_by_key(&message.id, |known| known.id);
        match (place, message.pin()) {
            (Ok(place), Some(_)) => self.0[place].clone_from(message),
            (Ok(place), None) => drop(self.0.remove(place)),
            (Err(place), Some(_)) => self.0.insert(place, message.clone()),
            (Err(_), None) => {}
        }
        // The oldest may have expired.
        while self.0.len() > Pin::MOST {
            self.0.remove(0);
        }
    }

    /// Returns the pinned message of an id.
    pub(crate) fn get(&self, id: MessageId) -> Option<&Arc<Message>> {
        let place = self.0.binary_search_by_key(&id, |known| known.id).ok()?;
        self.0.get(place)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.0.iter()
    }

    #[cfg_attr(not(feature = "serde"), expect(dead_code, reason = "it serves serde"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
