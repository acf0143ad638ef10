//! The modules of one crate and the files that they are in.

use crate::Error;
use crate::error::read;
use crate::test_only::{Attributes, is_test_only};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use syn::{Attribute, Expr, ExprLit, Ident, Item, ItemMod, Lit, Meta, UseTree, Visibility};

/// An index in [`Tree::modules`].
pub(crate) type ModuleId = usize;

/// An index in [`Tree::files`].
pub(crate) type FileId = usize;

/// The modules of one crate, without those that are compiled for tests only. The root is number 0.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
    pub(crate) files: Vec<PathBuf>,
}

/// One module: a file's, or one that is written inside a file.
pub(crate) struct Module {
    pub(crate) parent: Option<ModuleId>,
    pub(crate) file: FileId,
    /// The module's items, without the contents of modules inside.
    pub(crate) items: Vec<Item>,
    /// The meanings of each name. Types, values and macros share this table: a name that means two
    /// things has two entries.
    pub(crate) names: HashMap<String, Vec<Meaning>>,
    /// The paths of `use path::*`.
    pub(crate) globs: Vec<Vec<String>>,
}

/// The meaning of a name in a module.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// A module below this one.
    Module(ModuleId),
    /// A type or a trait that is defined here.
    Type,
    /// A function, a constant, a static or a macro that is defined here. No path leads through it.
    Value,
    /// An item from elsewhere: the path of a `use`.
    Import(Vec<String>),
}

/// One leaf of a `use`.
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// The name that it has here; none for `*`.
    pub(crate) name: Option<String>,
    pub(crate) line: usize,
}

impl Tree {
    /// Reads the file of a crate's root and of all its modules.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let mut tree = Self::default();
        let directory = root.parent().unwrap_or(root).to_owned();
        tree.add_file(root, None, directory)?;
        Ok(tree)
    }

    /// Returns true if a module is another one or is anywhere below it.
    pub(crate) fn is_within(&self, module: ModuleId, outer: ModuleId) -> bool {
        let mut current = Some(module);
        while let Some(id) = current {
            if id == outer {
                return true;
            }
            current = self.modules[id].parent;
        }
        false
    }

    /// Adds the module of a file. `directory` is where the files of its child modules are. Returns
    /// nothing for a file of tests.
    fn add_file(
        &mut self,
        path: &Path,
        parent: Option<ModuleId>,
        directory: PathBuf,
    ) -> Result<Option<ModuleId>, Error> {
        let syntax = syn::parse_file(&read(path)?)
            .map_err(|source| Error::Rust { path: path.to_owned(), source })?;
        if is_test_only(&syntax.attrs) {
            return Ok(None);
        }
        let file = self.files.len();
        self.files.push(path.to_owned());
        self.add_module(syntax.items, file, parent, &directory).map(Some)
    }

    fn add_module(
        &mut self,
        mut items: Vec<Item>,
        file: FileId,
        parent: Option<ModuleId>,
        directory: &Path,
    ) -> Result<ModuleId, Error> {
        items.retain(|item| !is_test_only(item.attributes()));
        let id = self.modules.len();
        let (names, globs) = (HashMap::new(), Vec::new());
        self.modules.push(Module { parent, file, items: Vec::new(), names, globs });
        for item in &mut items {
            match item {
                Item::Mod(module) => {
                    if let Some(child) = self.add_child(module, file, id, directory)? {
                        self.add_name(id, &module.ident, Meaning::Module(child));
                    }
                }
                Item::Use(item) => self.add_imports(id, imports(&item.tree)),
                item => {
                    if let Some((name, meaning)) = definition(item) {
                        self.add_name(id, name, meaning);
                    }
                }
            }
        }
        self.modules[id].items = items;
        Ok(id)
    }

    /// Adds a `mod name;` or a `mod name { ... }`, whose contents it moves.
    fn add_child(
        &mut self,
        module: &mut ItemMod,
        file: FileId,
        parent: ModuleId,
        directory: &Path,
    ) -> Result<Option<ModuleId>, Error> {
        let name = plain(&module.ident);
        if let Some((_, items)) = &mut module.content {
            let items = std::mem::take(items);
            return self.add_module(items, file, Some(parent), &directory.join(name)).map(Some);
        }
        let declared_in = self.files[file].clone();
        if let Some(path) = path_attribute(&module.attrs) {
            let path = declared_in.parent().unwrap_or(directory).join(path);
            let directory = path.parent().unwrap_or(directory).to_owned();
            return self.add_file(&path, Some(parent), directory);
        }
        let (flat, nested) =
            (directory.join(format!("{name}.rs")), directory.join(&name).join("mod.rs"));
        let path = [flat, nested].into_iter().find(|path| path.is_file());
        let path = path.ok_or_else(|| Error::Module { path: declared_in, module: name.clone() })?;
        self.add_file(&path, Some(parent), directory.join(name))
    }

    fn add_imports(&mut self, id: ModuleId, imports: Vec<Import>) {
        let module = &mut self.modules[id];
        for Import { path, name, .. } in imports {
            match name {
                Some(name) => module.names.entry(name).or_default().push(Meaning::Import(path)),
                None => module.globs.push(path),
            }
        }
    }

    fn add_name(&mut self, id: ModuleId, name: &Ident, meaning: Meaning) {
        self.modules[id].names.entry(plain(name)).or_default().push(meaning);
    }
}

/// Returns each leaf of a `use`.
pub(crate) fn imports(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    collect_imports(tree, Vec::new(), &mut found);
    found
}

/// Returns true for a `use` that other modules see: `pub use`, `pub(crate) use`.
pub(crate) fn is_reexport(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

/// Returns a name without `r#`.
pub(crate) fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// Returns the name that an item defines in its module, and its meaning.
pub(crate) fn definition(item: &Item) -> Option<(&Ident, Meaning)> {
    match item {
        Item::Const(item) => Some((&item.ident, Meaning::Value)),
        Item::Enum(item) => Some((&item.ident, Meaning::Type)),
        Item::Fn(item) => Some((&item.sig.ident, Meaning::Value)),
        Item::Macro(item) => Some((item.ident.as_ref()?, Meaning::Value)),
        Item::Static(item) => Some((&item.ident, Meaning::Value)),
        Item::Struct(item) => Some((&item.ident, Meaning::Type)),
        Item::Trait(item) => Some((&item.ident, Meaning::Type)),
        Item::TraitAlias(item) => Some((&item.ident, Meaning::Type)),
        Item::Type(item) => Some((&item.ident, Meaning::Type)),
        Item::Union(item) => Some((&item.ident, Meaning::Type)),
        _ => None,
    }
}

fn collect_imports(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<Import>) {
    match tree {
        UseTree::Path(tree) => {
            path.push(plain(&tree.ident));
            collect_imports(&tree.tree, path, found);
        }
        UseTree::Name(tree) => {
            let line = tree.ident.span().start().line;
            // `use path::{self}` has the name of the path's last segment.
            if tree.ident != "self" {
                path.push(plain(&tree.ident));
            }
            let name = path.last().cloned();
            found.push(Import { path, name, line });
        }
        UseTree::Rename(tree) => {
            let line = tree.ident.span().start().line;
            if tree.ident != "self" {
                path.push(plain(&tree.ident));
            }
            found.push(Import { path, name: Some(plain(&tree.rename)), line });
        }
        UseTree::Glob(tree) => {
            let line = tree.star_token.spans[0].start().line;
            found.push(Import { path, name: None, line });
        }
        UseTree::Group(tree) => {
            for tree in &tree.items {
                collect_imports(tree, path.clone(), found);
            }
        }
    }
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}
