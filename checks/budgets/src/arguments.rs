//! The arguments of the program.

use crate::scenario::{self, Scenario};

/// Counts the instructions of the engine and the dialects, and compares them with their budgets.
#[derive(clap::Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Compare all scenarios with their budgets. This is the default.
    Check,
    /// Set the budgets of all scenarios to their present counts.
    Update,
    /// Print the counts of scenarios.
    Count {
        /// The scenarios; all if none is named.
        #[arg(value_name = "SCENARIO", value_parser = named)]
        scenarios: Vec<&'static Scenario>,
    },
    /// Run one scenario in this process without counting, for use under a profiler.
    Run {
        /// The scenario.
        #[arg(value_parser = named)]
        scenario: &'static Scenario,
    },
}

fn named(name: &str) -> Result<&'static Scenario, String> {
    scenario::named(name).ok_or_else(|| {
        let names: Vec<&str> = scenario::all().map(|scenario| scenario.name).collect();
        format!("the scenarios are {}", names.join(", "))
    })
}
