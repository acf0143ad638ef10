//! A set for few elements: usually it has exactly one.

use alloc::boxed::Box;
use core::ops::Deref;

/// A sorted set in a boxed slice without spare capacity. Every user has several of them, most with
/// one element; a `BTreeSet` would allocate room for eleven. It dereferences to a slice.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct SortedSet<T>(Box<[T]>);

impl<T: Ord> SortedSet<T> {
    pub(crate) fn insert(&mut self, value: T) {
        if let Err(place) = self.binary_search(&value) {
            let mut values = core::mem::take(&mut self.0).into_vec();
            values.reserve_exact(1);
            values.insert(place, value);
            self.0 = values.into_boxed_slice();
        }
    }

    pub(crate) fn remove(&mut self, value: &T) {
        if let Ok(place) = self.binary_search(value) {
            let mut values = core::mem::take(&mut self.0).into_vec();
            values.remove(place);
            self.0 = values.into_boxed_slice();
        }
    }
}

impl<T> Deref for SortedSet<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_is_sorted_and_has_no_duplicates() {
        let mut sorted_set = SortedSet::default();
        [3, 1, 2, 3].into_iter().for_each(|value| sorted_set.insert(value));
        assert_eq!(*sorted_set, [1, 2, 3]);
        [2, 4].iter().for_each(|value| sorted_set.remove(value));
        assert_eq!(*sorted_set, [1, 3]);
    }
}
