//! The worked examples of `docs/extending.md`.

use std::path::Path;
use std::{fs, io};

/// `scripts/extending` tests the patches; this test keeps the quotes of the page equal to them.
#[test]
fn page_quotes_the_patches() -> io::Result<()> {
    let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    let page = fs::read_to_string(docs.join("extending.md"))?;
    let quotes: Vec<&str> = page
        .split("\n```diff\n")
        .skip(1)
        .map(|rest| rest.split_once("\n```").expect("the block ends").0)
        .collect();
    let mut patches = Vec::new();
    for entry in fs::read_dir(docs.join("extending"))? {
        let path = entry?.path();
        patches.push((path.display().to_string(), fs::read_to_string(path)?));
    }
    for quote in &quotes {
        let found = patches.iter().any(|(_, patch)| patch.contains(&format!("\n{quote}\n")));
        assert!(found, "no patch contains this block of docs/extending.md:\n{quote}");
    }
    for (path, patch) in &patches {
        let quoted = quotes.iter().any(|quote| patch.contains(quote));
        assert!(quoted, "docs/extending.md quotes nothing from {path}");
    }
    Ok(())
}
