//! The metrics of a server, which exist with the feature `metrics`.

#[cfg(feature = "metrics")]
mod cluster;
#[cfg(not(feature = "metrics"))]
mod disabled;
#[cfg(feature = "metrics")]
mod format;
#[cfg(feature = "metrics")]
mod prometheus;
#[cfg(feature = "metrics")]
mod store;

#[cfg(not(feature = "metrics"))]
pub(crate) use disabled::{Counted, Metrics};
#[cfg(feature = "metrics")]
pub use format::MetricsFormat;
#[cfg(feature = "metrics")]
pub(crate) use prometheus::{Counted, Levels, Metrics};
