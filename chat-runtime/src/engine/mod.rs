//! The engine task, which owns the engine and the switchboard, and the handles to it.

mod alarm;
mod failure;
mod history;
mod host;
mod hub;
mod message;
mod ordered_log;
mod session_handle;
mod task;

pub(crate) use failure::EngineFailure;
pub use history::{HistoryError, HistoryPage};
pub use host::HostError;
pub(crate) use hub::Sending;
pub use hub::{Hub, Stopped};
pub(crate) use message::{EngineMessage, Open};
pub use ordered_log::{EngineLook, EngineStart, LogEvent, LogFailure, OrderedLog};
pub(crate) use session_handle::SessionHandle;
pub(crate) use task::EngineTask;
