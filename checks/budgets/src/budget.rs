//! The file of budgets.

use crate::environment::Environment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Instructions for one operation, by the name of the scenario.
pub(crate) type Instructions = BTreeMap<String, u64>;

/// The budgets of all scenarios, and the toolchain that they were counted with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Budget {
    /// The toolchain that built the counted program.
    pub(crate) counted_with: Environment,
    /// The budget of each scenario.
    pub(crate) instructions: Instructions,
}

/// The error of a file of budgets that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BudgetError {
    /// The file cannot be read or written.
    #[error("{FILE}: {0}")]
    File(#[from] io::Error),
    /// The file is not valid.
    #[error("{FILE}: {0}")]
    Content(#[from] toml::de::Error),
    /// The budgets cannot be encoded.
    #[error("{FILE}: {0}")]
    Form(#[from] toml::ser::Error),
}

impl Budget {
    /// Reads the budgets of this repository.
    pub(crate) fn read() -> Result<Self, BudgetError> {
        Ok(Self::parse(&std::fs::read_to_string(FILE)?)?)
    }

    /// Makes these the budgets of this repository.
    pub(crate) fn write(&self) -> Result<(), BudgetError> {
        Ok(std::fs::write(FILE, self.text()?)?)
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The text of the file: sorted, with a line for each scenario.
    fn text(&self) -> Result<String, toml::ser::Error> {
        Ok(format!("{HEADING}\n{}", toml::to_string(self)?))
    }
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.toml");

const HEADING: &str = "\
# Instructions for one operation of each scenario, as `scripts/budgets update` counts them.
# What it means and when to change it: docs/benchmarks/README.md, \"Budgets\".
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_survives_writing_and_reading() {
        let instructions = [("b", 2), ("a", 1)].map(|(name, count)| (name.to_owned(), count));
        let counted_with = Environment { compiler: "rustc 1".into(), c_library: "glibc 2".into() };
        let budget = Budget { counted_with, instructions: instructions.into() };
        let text = budget.text().expect("a table of numbers is TOML");
        assert!(text.ends_with("\n[instructions]\na = 1\nb = 2\n"), "{text}");
        assert_eq!(Budget::parse(&text), Ok(budget));
    }
}
