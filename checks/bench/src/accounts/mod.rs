//! Measurements of accounts: clients that resume, and logins with passwords.
//!
//! Each compares two loads on servers with the same settings, in turn.

mod crowd;
mod figures;
mod logins;
mod refusals;
mod register;
mod resume;

pub(crate) use logins::measure as logins;
pub(crate) use refusals::measure as refusals;
pub(crate) use resume::measure as resume;

use crate::proc::{self, Processors};
use crate::report::Machine;
use crate::stop;
use std::error::Error;

/// Prepares this process, and returns a line about the machine.
fn prepare(cores: usize) -> Result<String, Box<dyn Error>> {
    stop::listen()?;
    let files = proc::raise_file_limit()?;
    let cores = Processors::all()?.keep_to(cores)?;
    let Machine { processor, system, kernel, .. } = Machine::this();
    Ok(format!(
        "{processor}, {cores} processors that the load generator uses too, {system}, Linux \
         {kernel}; a process may have {files} files open."
    ))
}
