//! The items that paths mean, by the rules of name resolution as far as they matter here: through
//! `use`, through re-exports and through `*`, to the module that defines the item.

use crate::tree::{FileId, Meaning, ModuleId, Tree, definition, plain};
use std::collections::{HashMap, HashSet};
use syn::{ImplItem, Item, ItemImpl, Type};

/// An item, by the module that defines it and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ItemId {
    pub(crate) module: ModuleId,
    pub(crate) name: String,
}

/// An item that a path leads to, and the segments behind it: a variant, an associated item.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) item: ItemId,
    pub(crate) rest: Vec<String>,
}

/// The names of one crate.
pub(crate) struct Names<'a> {
    pub(crate) tree: &'a Tree,
    /// The file of each associated item of an inherent `impl`.
    associated: HashMap<ItemId, HashMap<String, FileId>>,
    /// The modules of each `macro_rules!`, which need no path to be found.
    macros: HashMap<String, Vec<ModuleId>>,
}

/// The imports on the way to an item, by module and path. Each is followed once: imports may lead
/// back to themselves.
type Seen = HashSet<(ModuleId, Vec<String>)>;

impl<'a> Names<'a> {
    /// Indexes a crate.
    pub(crate) fn new(tree: &'a Tree) -> Self {
        let mut names = Self { tree, associated: HashMap::new(), macros: HashMap::new() };
        for (id, module) in tree.modules.iter().enumerate() {
            for item in &module.items {
                match item {
                    Item::Impl(block) if block.trait_.is_none() => names.add_impl(id, block),
                    Item::Macro(item) => {
                        let name = item.ident.as_ref().map(plain);
                        names.macros.entry(name.unwrap_or_default()).or_default().push(id);
                    }
                    _ => {}
                }
            }
        }
        names
    }

    /// Returns all items that a path may mean in a module. A path to a module or to another crate
    /// means none.
    pub(crate) fn resolve(&self, module: ModuleId, path: &[String]) -> Vec<Found> {
        let mut found = Vec::new();
        self.follow(module, path, &mut Seen::new(), &mut found, &mut Vec::new());
        found
    }

    /// Returns the items that the path of a macro call may mean.
    pub(crate) fn resolve_macro(&self, module: ModuleId, path: &[String]) -> Vec<Found> {
        let found = self.resolve(module, path);
        let [name] = path else { return found };
        if !found.is_empty() {
            return found;
        }
        let modules = self.macros.get(name).into_iter().flatten();
        modules
            .map(|&module| Found { item: ItemId { module, name: name.clone() }, rest: Vec::new() })
            .collect()
    }

    /// Returns the type that an `impl` is for, if this crate defines it.
    pub(crate) fn implemented(&self, module: ModuleId, block: &ItemImpl) -> Option<ItemId> {
        let Type::Path(path) = block.self_ty.as_ref() else { return None };
        let path: Vec<_> = path.path.segments.iter().map(|part| plain(&part.ident)).collect();
        self.resolve(module, &path).into_iter().next().map(|found| found.item)
    }

    /// Returns the file of a type's associated item, if an inherent `impl` defines it.
    pub(crate) fn associated(&self, of: &ItemId, name: &str) -> Option<FileId> {
        self.associated.get(of)?.get(name).copied()
    }

    fn add_impl(&mut self, module: ModuleId, block: &ItemImpl) {
        let Some(id) = self.implemented(module, block) else { return };
        // An `impl` in a child of the type's module is part of the type, and counts as the type's
        // file: a long type may be split that way.
        let is_part = self.tree.is_within(module, id.module);
        let file = self.tree.modules[if is_part { id.module } else { module }].file;
        let items = self.associated.entry(id).or_default();
        for item in &block.items {
            let name = match item {
                ImplItem::Const(item) => &item.ident,
                ImplItem::Fn(item) => &item.sig.ident,
                ImplItem::Type(item) => &item.ident,
                _ => continue,
            };
            items.insert(plain(name), file);
        }
    }

    /// Follows a path from a module. Adds the items that it may mean to `items`, and the modules to
    /// `modules`.
    fn follow(
        &self,
        module: ModuleId,
        path: &[String],
        seen: &mut Seen,
        items: &mut Vec<Found>,
        modules: &mut Vec<ModuleId>,
    ) {
        let Some((first, rest)) = path.split_first() else {
            modules.push(module);
            return;
        };
        let start = match first.as_str() {
            "crate" | "$crate" => Some(0),
            "self" => Some(module),
            "super" => self.tree.modules[module].parent,
            _ => None,
        };
        if let Some(start) = start {
            return self.follow(start, rest, seen, items, modules);
        }
        let Some(meanings) = self.tree.modules[module].names.get(first) else {
            return self.follow_globs(module, path, seen, items, modules);
        };
        for meaning in meanings {
            match meaning {
                Meaning::Module(id) => self.follow(*id, rest, seen, items, modules),
                Meaning::Value if !rest.is_empty() => {}
                Meaning::Type | Meaning::Value => items.push(Found {
                    item: ItemId { module, name: first.clone() },
                    rest: rest.to_vec(),
                }),
                Meaning::Import(import) => {
                    if seen.insert((module, import.clone())) {
                        let path: Vec<_> = import.iter().chain(rest).cloned().collect();
                        self.follow(module, &path, seen, items, modules);
                    }
                }
            }
        }
    }

    fn follow_globs(
        &self,
        module: ModuleId,
        path: &[String],
        seen: &mut Seen,
        items: &mut Vec<Found>,
        modules: &mut Vec<ModuleId>,
    ) {
        for glob in &self.tree.modules[module].globs {
            if seen.insert((module, glob.clone())) {
                let mut sources = Vec::new();
                self.follow(module, glob, seen, &mut Vec::new(), &mut sources);
                for source in sources {
                    self.follow(source, path, seen, items, modules);
                }
            }
        }
    }
}

/// Returns the items that a block defines, by name: they hide the module's.
pub(crate) fn local_items<'b>(items: impl Iterator<Item = &'b Item>) -> HashSet<String> {
    items.filter_map(definition).map(|(name, _)| plain(name)).collect()
}
