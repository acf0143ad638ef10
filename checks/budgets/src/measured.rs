//! The part of a run that counts.

use crate::scenario::work::Work;
use std::hint::black_box;

/// What callgrind is told to count: [`measured`] and all that it calls.
pub(crate) const NAME: &str = concat!(module_path!(), "::measured");

/// Does the work. All that is called from here counts, and nothing else does: what the work needs
/// is there already.
#[inline(never)]
pub(crate) fn measured(work: &mut dyn Work) {
    work.run();
    // Something is left to do, so that the call does not become a jump, which callgrind could not
    // tell from a return.
    black_box(());
}
