//! Sets that mostly have one thing in them.

use alloc::boxed::Box;
use core::ops::Deref;

/// A sorted set without room to grow. Every user has some, mostly of one thing, for which a tree would make room for eleven.
/// It reads as a slice.
#[derive(Debug)]
pub(crate) struct Few<T>(Box<[T]>);

impl<T: Ord> Few<T> {
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

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sorted_and_has_nothing_twice() {
        let mut few = Few::default();
        [3, 1, 2, 3].into_iter().for_each(|value| few.insert(value));
        assert_eq!(*few, [1, 2, 3]);
        [2, 4].iter().for_each(|value| few.remove(value));
        assert_eq!(*few, [1, 3]);
    }
}
