//! Dependencies between crates.

use crate::Error;
use crate::packages::Package;
use std::path::Path;

/// Returns a line of text for each dependency that does not point to a lower layer, and for each
/// package that is in no layer.
///
/// `table` names the packages of each layer, the lowest first. Dev-dependencies may point anywhere.
///
/// # Errors
///
/// Returns an error if a `Cargo.toml` cannot be read.
pub fn layers(project: &Path, table: &[&[&str]]) -> Result<Vec<String>, Error> {
    let packages = Package::all(project)?;
    let layer = |name: &str| table.iter().position(|layer| layer.contains(&name));
    let mut faults = Vec::new();
    for Package { name, dependencies, .. } in &packages {
        let Some(own) = layer(name) else {
            faults.push(format!("{name} is in no layer"));
            continue;
        };
        for dependency in dependencies {
            // Packages from elsewhere are in no layer.
            if let Some(other) = layer(dependency)
                && other >= own
            {
                faults.push(format!(
                    "{name} (layer {own}) depends on {dependency} (layer {other}), \
                     which is not below it"
                ));
            }
        }
    }
    Ok(faults)
}
