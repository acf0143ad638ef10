//! Cycles between the files of a crate.

use crate::Error;
use crate::files::shown;
use crate::names::Names;
use crate::packages::Package;
use crate::tree::{FileId, Tree};
use crate::uses::{FileUse, uses};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// Files of a crate of which each uses all others, directly or through some of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The files, sorted, relative to the project.
    pub files: Vec<String>,
    /// The uses between them, sorted.
    pub uses: Vec<Use>,
}

/// The uses of one file's items by another file.
#[derive(Debug, PartialEq, Eq)]
pub struct Use {
    /// The file that uses the items.
    pub from: String,
    /// The file that defines the items.
    pub to: String,
    /// Each item, `name` or `Type::name`, with the first line that uses it.
    pub items: Vec<(String, usize)>,
}

/// Returns the cycles between the files of each library, program and build script below `project`.
///
/// A file uses another if its code names an item that the other file defines. The name is followed
/// through imports and re-exports. A method counts where it is called on `self` or by the name of
/// its type. Not counted are `mod` declarations, re-exports of a child module's items, methods that
/// a child module adds to its parent's type, and code that is compiled for tests only.
///
/// # Errors
///
/// Returns an error if a `Cargo.toml` or a source file cannot be read.
pub fn cycles(project: &Path) -> Result<Vec<Cycle>, Error> {
    let mut cycles = Vec::new();
    for package in Package::all(project)? {
        for root in &package.roots {
            let tree = Tree::read(root)?;
            cycles.extend(cycles_of(&tree, project));
        }
    }
    Ok(cycles)
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} files use each other:", self.files.len())?;
        for Use { from, to, items } in &self.uses {
            let items: Vec<_> =
                items.iter().map(|(name, line)| format!("{name} (line {line})")).collect();
            writeln!(f, "  {from} uses {to}: {}", items.join(", "))?;
        }
        Ok(())
    }
}

fn cycles_of(tree: &Tree, project: &Path) -> Vec<Cycle> {
    let uses = uses(&Names::new(tree));
    let mut next: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
    for FileUse { from, to, .. } in &uses {
        next.entry(*from).or_default().insert(*to);
    }
    let reached: Vec<_> = (0..tree.files.len()).map(|file| reachable(file, &next)).collect();
    let mut seen: BTreeSet<FileId> = BTreeSet::new();
    let mut cycles = Vec::new();
    for (file, others) in reached.iter().enumerate() {
        if !others.contains(&file) || seen.contains(&file) {
            continue;
        }
        let members: BTreeSet<_> =
            others.iter().copied().filter(|&other| reached[other].contains(&file)).collect();
        seen.extend(&members);
        cycles.push(cycle(tree, &members, &uses, project));
    }
    cycles
}

fn cycle(tree: &Tree, members: &BTreeSet<FileId>, uses: &[FileUse], project: &Path) -> Cycle {
    let name = |file: FileId| shown(&tree.files[file], project);
    let mut items: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for FileUse { from, to, line, name: item } in uses {
        if members.contains(from) && members.contains(to) {
            let items = items.entry((name(*from), name(*to))).or_default();
            let first = items.entry(item.clone()).or_insert(*line);
            *first = (*line).min(*first);
        }
    }
    let uses = items.into_iter().map(|((from, to), items)| Use {
        from,
        to,
        items: items.into_iter().collect(),
    });
    let (mut files, uses) =
        (members.iter().map(|&file| name(file)).collect::<Vec<_>>(), uses.collect());
    files.sort();
    Cycle { files, uses }
}

/// Returns all files that a file uses, directly or through others. The file itself is one of them
/// only if it is in a cycle.
fn reachable(file: FileId, next: &BTreeMap<FileId, BTreeSet<FileId>>) -> BTreeSet<FileId> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for &other in next.get(&file).into_iter().flatten() {
            if reached.insert(other) {
                open.push(other);
            }
        }
    }
    reached
}
