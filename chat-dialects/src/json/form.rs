//! The forms of the JSON dialect: one for each version.

use crate::Form;

/// The form for clients that said `hello` without a version, and for clients that have not said
/// `hello` yet.
pub(super) const VERSION_1: Form = Form(1);
/// The form for clients that asked for version 2.
pub(super) const VERSION_2: Form = Form(2);
