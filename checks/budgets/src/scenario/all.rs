//! The list of all scenarios.

use super::{Scenario, encode, engine, switchboard};

/// All scenarios.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [engine::SCENARIOS, encode::SCENARIOS, switchboard::SCENARIOS].into_iter().flatten()
}

/// The scenario of this name.
pub(crate) fn named(name: &str) -> Option<&'static Scenario> {
    all().find(|scenario| scenario.name == name)
}
