//! What the program is asked to do.

use crate::scenario::{self, Scenario};

/// How many instructions the engine and the dialects need, and whether they need more than they
/// may.
#[derive(clap::Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Compare all scenarios with their budgets. This is what happens if nothing is said.
    Check,
    /// Make what all scenarios need now their budgets.
    Update,
    /// Print what scenarios need.
    Count {
        /// Which; all if none is named.
        #[arg(value_name = "SCENARIO", value_parser = named)]
        scenarios: Vec<&'static Scenario>,
    },
    /// Run one scenario, in this process and without counting: to be put under a profiler.
    Run {
        /// Which.
        #[arg(value_parser = named)]
        scenario: &'static Scenario,
    },
}

fn named(name: &str) -> Result<&'static Scenario, String> {
    scenario::named(name).ok_or_else(|| {
        let names: Vec<&str> = scenario::all().map(|scenario| scenario.name).collect();
        format!("there are {}", names.join(", "))
    })
}
