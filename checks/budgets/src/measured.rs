//! The part of a run that is counted.

use crate::scenario::work::Work;
use std::hint::black_box;

/// Name of the function that callgrind counts: [`measured`], with everything that it calls.
pub(crate) const NAME: &str = concat!(module_path!(), "::measured");

/// Runs the work. Only this call is counted; the work was prepared before.
#[inline(never)]
pub(crate) fn measured(work: &mut dyn Work) {
    work.run();
    // Prevents a tail call: callgrind could not tell the jump from a return.
    black_box(());
}
