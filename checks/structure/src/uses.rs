//! The uses of other files' items in a crate's code.

use crate::names::{Found, ItemId, Names, local_items};
use crate::test_only::{Attributes, is_test_only};
use crate::tree::{FileId, Import, Module, ModuleId, imports, is_reexport, plain};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashMap;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, Expr, ExprMethodCall, Field, FieldValue, ImplItem, Item, ItemImpl,
    ItemUse, Lit, Local, Macro, Meta, Path, Stmt, TraitItem, Variant, VisRestricted,
};

/// One place in one file that uses an item of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileUse {
    pub(crate) from: FileId,
    pub(crate) to: FileId,
    pub(crate) line: usize,
    pub(crate) name: String,
}

/// Returns all uses between different files of a crate.
pub(crate) fn uses(names: &Names<'_>) -> Vec<FileUse> {
    let mut uses = Vec::new();
    for (module, Module { file, items, .. }) in names.tree.modules.iter().enumerate() {
        let file = *file;
        let (own_type, scopes) = (None, Vec::new());
        let mut visitor = Visitor { names, module, file, own_type, scopes, uses: &mut uses };
        for item in items {
            visitor.visit_item(item);
        }
    }
    uses.sort();
    uses.dedup();
    uses
}

/// Walks through the code of one module.
struct Visitor<'a, 'n> {
    names: &'a Names<'n>,
    module: ModuleId,
    file: FileId,
    /// The type that `Self` means.
    own_type: Option<ItemId>,
    /// The names of each block around the current place, the innermost last: the path of a `use`,
    /// or none for an item that the block defines.
    scopes: Vec<HashMap<String, Option<Vec<String>>>>,
    uses: &'a mut Vec<FileUse>,
}

impl Visitor<'_, '_> {
    /// Notes the use of a path.
    fn note(&mut self, path: Vec<String>, line: usize) {
        let Some(path) = self.outside_blocks(path) else { return };
        if path[0] == "Self" {
            if let (Some(own_type), Some(name)) = (self.own_type.clone(), path.get(1)) {
                self.note_associated(&own_type, name, line);
            }
            return;
        }
        let found = self.names.resolve(self.module, &path);
        self.note_found(found, line);
    }

    fn note_found(&mut self, found: Vec<Found>, line: usize) {
        for Found { item, rest } in found {
            if let Some(name) = rest.first() {
                self.note_associated(&item, name, line);
            }
            self.add(self.names.tree.modules[item.module].file, line, item.name);
        }
    }

    /// Notes the use of a type's associated item, which may be in another file than the type.
    fn note_associated(&mut self, of: &ItemId, name: &str, line: usize) {
        if let Some(file) = self.names.associated(of, name) {
            self.add(file, line, format!("{}::{name}", of.name));
        }
    }

    fn add(&mut self, to: FileId, line: usize, name: String) {
        if to != self.file {
            self.uses.push(FileUse { from: self.file, to, line, name });
        }
    }

    /// Returns a path as it would be written outside all blocks, or nothing if it starts with an
    /// item that a block defines.
    fn outside_blocks(&self, path: Vec<String>) -> Option<Vec<String>> {
        for scope in self.scopes.iter().rev() {
            match scope.get(&path[0]) {
                Some(Some(import)) if import[0] != path[0] => {
                    return Some(import.iter().chain(&path[1..]).cloned().collect());
                }
                Some(Some(_)) | None => {}
                Some(None) => return None,
            }
        }
        Some(path)
    }

    /// Notes the uses in tokens that are not parsed: each sequence of names between `::`, and each
    /// `self.method(`.
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut next = 0;
        while let Some(token) = tokens.get(next) {
            next += 1;
            match token {
                TokenTree::Group(group) => self.visit_tokens(group.stream()),
                TokenTree::Ident(name) if !is_punct(tokens.get(next.wrapping_sub(2)), '.') => {
                    let line = name.span().start().line;
                    let mut path = vec![plain(name)];
                    while let Some(segment) = next_segment(&tokens, next) {
                        path.push(plain(segment));
                        next += 3;
                    }
                    if path == ["self"]
                        && let Some(method) = called_method(&tokens, next)
                        && let Some(own_type) = self.own_type.clone()
                    {
                        self.note_associated(&own_type, &plain(method), line);
                    }
                    if is_punct(tokens.get(next), '!') {
                        let found = self.names.resolve_macro(self.module, &path);
                        self.note_found(found, line);
                    } else {
                        self.note(path, line);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Visits a node unless it is compiled for tests only.
    fn unless_test<'ast, N: Attributes>(&mut self, node: &'ast N, visit: fn(&mut Self, &'ast N)) {
        if !is_test_only(node.attributes()) {
            visit(self, node);
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.unless_test(item, visit::visit_item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        self.unless_test(item, visit::visit_impl_item);
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        self.unless_test(item, visit::visit_trait_item);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        self.unless_test(local, visit::visit_local);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.unless_test(arm, visit::visit_arm);
    }

    fn visit_field(&mut self, field: &'ast Field) {
        self.unless_test(field, visit::visit_field);
    }

    fn visit_field_value(&mut self, field: &'ast FieldValue) {
        self.unless_test(field, visit::visit_field_value);
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        self.unless_test(variant, visit::visit_variant);
    }

    /// A module's `use` counts, except where it re-exports what a child of the module defines.
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for Import { path, line, .. } in imports(&item.tree) {
            let mut found = self.names.resolve(self.module, &path);
            if is_reexport(&item.vis) {
                found.retain(|found| !self.names.tree.is_within(found.item.module, self.module));
            }
            self.note_found(found, line);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let outer = self.own_type.take();
        self.own_type = self.names.implemented(self.module, block);
        visit::visit_item_impl(self, block);
        self.own_type = outer;
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let items = || {
            block.stmts.iter().filter_map(|statement| match statement {
                Stmt::Item(item) => Some(item),
                Stmt::Local(_) | Stmt::Expr(..) | Stmt::Macro(_) => None,
            })
        };
        let mut scope: HashMap<_, _> =
            local_items(items()).into_iter().map(|name| (name, None)).collect();
        for item in items() {
            if let Item::Use(item) = item {
                let imports = imports(&item.tree).into_iter();
                scope.extend(
                    imports.filter_map(|Import { path, name, .. }| Some((name?, Some(path)))),
                );
            }
        }
        self.scopes.push(scope);
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let line = first.ident.span().start().line;
            self.note(path.segments.iter().map(|part| plain(&part.ident)).collect(), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let Expr::Path(receiver) = call.receiver.as_ref()
            && receiver.path.is_ident("self")
            && let Some(own_type) = self.own_type.clone()
        {
            let line = call.method.span().start().line;
            self.note_associated(&own_type, &plain(&call.method), line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let path: Vec<_> = call.path.segments.iter().map(|part| plain(&part.ident)).collect();
        if let Some(first) = call.path.segments.first() {
            let line = first.ident.span().start().line;
            let found = self.names.resolve_macro(self.module, &path);
            self.note_found(found, line);
        }
        self.visit_tokens(call.tokens.clone());
    }

    /// Paths in attributes count, also those that `serde` wants in quotes.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.visit_tokens(list.tokens.clone());
            if list.path.is_ident("serde") {
                for path in quoted_paths(list.tokens.clone()) {
                    self.visit_path(&path);
                }
            }
        }
    }

    /// The path of `pub(in path)` limits the visibility. It uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

/// Returns the name in `::name` at an index.
fn next_segment(tokens: &[TokenTree], at: usize) -> Option<&proc_macro2::Ident> {
    let colons = is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':');
    match tokens.get(at + 2) {
        Some(TokenTree::Ident(name)) if colons => Some(name),
        _ => None,
    }
}

/// Returns the name in `.name(` at an index.
fn called_method(tokens: &[TokenTree], at: usize) -> Option<&proc_macro2::Ident> {
    match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(_)))
            if is_punct(tokens.get(at), '.') =>
        {
            Some(name)
        }
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn quoted_paths(tokens: TokenStream) -> Vec<Path> {
    let literals = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Literal(literal) => Some(Lit::new(literal)),
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => None,
    });
    literals
        .filter_map(|literal| match literal {
            Lit::Str(text) => text.parse().ok(),
            _ => None,
        })
        .collect()
}
