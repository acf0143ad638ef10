//! The packages of a project, from their `Cargo.toml` files.

use crate::Error;
use crate::error::read;
use crate::files::files;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// One package.
pub(crate) struct Package {
    pub(crate) name: String,
    /// The names of the packages that it depends on, without dev-dependencies.
    pub(crate) dependencies: Vec<String>,
    /// The root file of each library, program and build script.
    pub(crate) roots: Vec<PathBuf>,
}

impl Package {
    /// Returns all packages below a directory, whether they belong to one workspace or not.
    pub(crate) fn all(project: &Path) -> Result<Vec<Self>, Error> {
        let mut packages = Vec::new();
        for path in files(project)? {
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                let manifest: Table = read(&path)?
                    .parse()
                    .map_err(|source| Error::Toml { path: path.clone(), source })?;
                packages.extend(Self::new(&manifest, path.parent().unwrap_or(project)));
            }
        }
        Ok(packages)
    }

    /// Returns nothing for a manifest that has no package: a workspace's.
    fn new(manifest: &Table, directory: &Path) -> Option<Self> {
        let package = manifest.get("package")?.as_table()?;
        let name = package.get("name")?.as_str()?.to_owned();
        Some(Self {
            name,
            dependencies: dependencies(manifest),
            roots: roots(manifest, package, directory),
        })
    }
}

fn dependencies(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut names = Vec::new();
    for table in tables.chain([manifest]) {
        for kind in ["dependencies", "build-dependencies"] {
            for (name, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                // A dependency may have another name in the code than its package has.
                let package = value.get("package").and_then(Value::as_str);
                names.push(package.unwrap_or(name).to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

fn roots(manifest: &Table, package: &Table, directory: &Path) -> Vec<PathBuf> {
    let mut paths = vec![directory.join("src/lib.rs"), directory.join("src/main.rs")];
    let script = package.get("build").and_then(Value::as_str).unwrap_or("build.rs");
    paths.push(directory.join(script));
    let programs = manifest.get("bin").and_then(Value::as_array).into_iter().flatten();
    let libraries = manifest.get("lib").into_iter();
    for target in programs.chain(libraries) {
        paths.extend(target.get("path").and_then(Value::as_str).map(|path| directory.join(path)));
    }
    paths.extend(directory.join("src/bin").read_dir().into_iter().flatten().flatten().map(
        |program| {
            let path = program.path();
            if path.is_dir() { path.join("main.rs") } else { path }
        },
    ));
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.dedup();
    paths
}
