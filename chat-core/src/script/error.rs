//! The error of a script that cannot be parsed.

use crate::SettingError;
use alloc::string::String;

/// The error of a script that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The number of the line, from 1.
    pub line: usize,
    /// The problem.
    pub problem: ScriptProblem,
}

/// The problem of a line of a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptProblem {
    /// The line is of no known kind.
    #[error("expected '> WHO: ACTION', '+TIME', 'config NAME VALUE', or '#' for a comment")]
    UnknownLine,
    /// The time cannot be read.
    #[error("'{0}' is not a time such as +500ms, +61s, +5m or +2h")]
    Time(String),
    /// A setting comes too late or makes no sense.
    #[error("{0}")]
    Setting(SettingError),
    /// A setting comes after something has happened.
    #[error("settings have to come before the first step")]
    LateSetting,
    /// A session that never connected acts.
    #[error("'{0}' has not connected: '> {0}: connect' has to come first")]
    NotConnected(String),
    /// A session that is connected already connects.
    #[error("'{0}' is connected already")]
    Connected(String),
    /// A label is empty or has characters other than letters, digits, `-` and `_`.
    #[error("'{0}' is not a label: use letters, digits, '-' and '_'")]
    Label(String),
    /// There is no such action.
    #[error("unknown action '{0}'")]
    UnknownAction(String),
    /// Only sessions have this action.
    #[error("'{0}' is not an action of the host")]
    NotOfHost(String),
    /// An action has too few words, too many, or invalid ones.
    #[error("expected '{0}'")]
    Usage(&'static str),
    /// A backslash is followed by something unknown.
    #[error("unknown escape '\\{0}': there are \\n, \\r, \\t, \\e, \\\\ and \\u{{…}}")]
    Escape(String),
}
