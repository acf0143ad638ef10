//! The list of all scenarios.

use super::{Scenario, encode, engine, switchboard};

/// Returns all scenarios.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [engine::SCENARIOS, encode::SCENARIOS, switchboard::SCENARIOS].into_iter().flatten()
}

/// Returns the scenario of this name.
pub(crate) fn named(name: &str) -> Option<&'static Scenario> {
    all().find(|scenario| scenario.name == name)
}
