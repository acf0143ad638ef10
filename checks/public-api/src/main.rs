//! Lists the public items of a crate: `chat-public-api CRATE.json`, where the file is what rustdoc
//! writes as JSON.
//!
//! Implementations of auto traits and blanket implementations are left out: they follow from the
//! other items, and would be most of the list.

use public_api::Builder;
use std::env::args_os;
use std::error::Error;
use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let json = args_os().nth(1).ok_or("usage: chat-public-api CRATE.json")?;
    let api = Builder::from_rustdoc_json(json)
        .sorted(true)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()?;
    let mut out = stdout().lock();
    for item in api.items() {
        writeln!(out, "{item}")?;
    }
    Ok(())
}
