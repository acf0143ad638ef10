//! Connections that keep their tasks, on systems where that is all they can do.

use super::connection::Served;
use std::sync::Arc;

/// Returns the connection, which has to go on.
pub(super) fn rest<S>(served: Arc<Served>, source: Box<S>) -> Result<(), (Arc<Served>, Box<S>)> {
    Err((served, source))
}
