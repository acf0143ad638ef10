//! Public enums that cannot grow.

use crate::Error;
use crate::error::read;
use crate::files::{files, shown};
use std::path::Path;
use syn::{Attribute, Item, ItemEnum, Visibility};

/// Returns a line of text for each public enum of a crate that has variants and is not
/// `#[non_exhaustive]`: a new variant would break the crates of other people.
///
/// # Errors
///
/// Returns an error if a file cannot be read or parsed.
pub fn exhaustive_enums(project: &Path, package: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for path in files(&project.join(package).join("src"))? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let file = syn::parse_file(&read(&path)?)
                .map_err(|source| Error::Rust { path: path.clone(), source })?;
            let enums = file.items.iter().filter_map(|item| match item {
                Item::Enum(item) if can_not_grow(item) => Some(&item.ident),
                _ => None,
            });
            let path = shown(&path, project);
            found.extend(enums.map(|name| format!("{path}: {name} is not #[non_exhaustive]")));
        }
    }
    Ok(found)
}

fn can_not_grow(item: &ItemEnum) -> bool {
    let is_public = matches!(item.vis, Visibility::Public(_));
    let is_marked = |attribute: &Attribute| attribute.path().is_ident("non_exhaustive");
    is_public && !item.variants.is_empty() && !item.attrs.iter().any(is_marked)
}
