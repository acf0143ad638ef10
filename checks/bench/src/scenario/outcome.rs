//! The outcome of a scenario.

use serde::Serialize;

/// The outcome of a scenario: figures with their names and units.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Outcome {
    pub(crate) figures: Vec<Figure>,
}

/// A number with its name and unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

impl Outcome {
    /// Returns the value of the figure with this name.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    /// Adds a figure.
    pub(crate) fn with(mut self, name: &'static str, unit: &'static str, value: f64) -> Self {
        self.figures.push(Figure { name, unit, value });
        self
    }
}
