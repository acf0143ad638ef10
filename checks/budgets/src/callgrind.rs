//! Counts instructions with callgrind.

use crate::budget::Instructions;
use crate::measured;
use crate::scenario::{ROUNDS, Scenario};
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The error of a count that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CountError {
    /// Valgrind or another needed file is missing.
    #[error("valgrind (Debian's package `valgrind`) could not be run: {0}")]
    Run(#[from] io::Error),
    /// The scenario had the wrong outcome, or valgrind does not work here.
    #[error("{scenario} failed under valgrind:\n{said}")]
    Failed {
        /// The scenario.
        scenario: &'static str,
        /// The output of the scenario or of valgrind.
        said: String,
    },
    /// No called function has the name of the counted one.
    #[error(
        "callgrind counted nothing in {scenario}; has the program been stripped of its symbols?"
    )]
    Nothing {
        /// The scenario.
        scenario: &'static str,
    },
}

/// Counts scenarios, as many in parallel as there are processors: parallel runs do not change each
/// other's counts.
pub(crate) fn count_all(scenarios: &[&'static Scenario]) -> Result<Instructions, CountError> {
    let program = std::env::current_exe()?;
    let next = AtomicUsize::new(0);
    let count_some = || -> Result<Instructions, CountError> {
        let mut counts = Instructions::new();
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Relaxed)) {
            counts.insert(scenario.name.to_owned(), count(&program, scenario)?);
        }
        Ok(counts)
    };
    let processors = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let counting: Vec<_> = (0..processors).map(|_| scope.spawn(count_some)).collect();
        counting.into_iter().try_fold(Instructions::new(), |mut counts, thread| {
            counts.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic))?);
            Ok(counts)
        })
    })
}

/// Runs a scenario in its own process under callgrind, and returns the number of instructions for
/// one operation.
fn count(program: &Path, scenario: &'static Scenario) -> Result<u64, CountError> {
    let counts = tempfile::NamedTempFile::new()?;
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--toggle-collect={}", measured::NAME))
        .arg(format!("--callgrind-out-file={}", counts.path().display()))
        .arg(concat!("./", env!("CARGO_BIN_NAME")))
        .args(["run", scenario.name])
        // The program's path and environment lie on its stack, so their lengths would change memory
        // addresses and with them the counts.
        .current_dir(program.with_file_name(""))
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("GLIBC_TUNABLES", PLAIN_PROCESSOR)
        .output()?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        return Err(CountError::Failed { scenario: scenario.name, said });
    }
    match total(&std::fs::read_to_string(counts.path())?) {
        None | Some(0) => Err(CountError::Nothing { scenario: scenario.name }),
        Some(instructions) => Ok(instructions / ROUNDS),
    }
}

/// Returns the number of instructions in a file of callgrind.
fn total(counts: &str) -> Option<u64> {
    counts.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
}

/// Makes glibc copy and compare memory as on any x86-64 processor, so that counts do not depend on
/// the machine. Glibc ignores settings that its version does not know.
const PLAIN_PROCESSOR: &str = concat!(
    "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX2_Usable,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,",
    "-AVX512BW,-EVEX,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2",
    ":glibc.cpu.x86_non_temporal_threshold=0xc0000",
    ":glibc.cpu.x86_rep_movsb_threshold=0x800:glibc.cpu.x86_rep_stosb_threshold=0x800"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn total_is_read_from_the_totals_line() {
        let file =
            "version: 1\nevents: Ir\nsummary: 7\n\nfn=(1) measured\n0 5000\n\ntotals: 123456\n";
        assert_eq!(total(file), Some(123_456));
        assert_eq!(total("version: 1\nevents: Ir\n"), None);
    }
}
