//! Applies inputs, and survives those at which the engine panics.

use crate::input_order::InputOrder;
use chat_core::{Effects, Engine, Input, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Applies an input. With a log, returns `None` if the engine panics, or has panicked before: its
/// state is of no use then, and the host applies the log once more without that input. Without a
/// log, a panic is one of the host.
// Inlined, so that inputs and effects are not copied.
#[inline(always)]
pub(super) fn apply_guarded<'a>(
    engine: &'a mut Engine,
    order: Option<&mut InputOrder>,
    now: Timestamp,
    input: Input,
) -> Option<Effects<'a>> {
    match order {
        None => Some(engine.apply(now, input)),
        Some(order) => apply_ordered(engine, order, now, input),
    }
}

#[inline(never)]
fn apply_ordered<'a>(
    engine: &'a mut Engine,
    order: &mut InputOrder,
    now: Timestamp,
    input: Input,
) -> Option<Effects<'a>> {
    if order.has_panicked {
        return None;
    }
    let applied = catch_unwind(AssertUnwindSafe(move || engine.apply(now, input)));
    order.has_panicked = applied.is_err();
    applied.ok()
}
