//! Code that is compiled for tests only.

use syn::punctuated::Punctuated;
use syn::{
    Arm, Attribute, Field, FieldValue, ForeignItem, ImplItem, Item, Local, Meta, Token, TraitItem,
    Variant,
};

/// Returns true if one of the attributes is `#[test]` or a `#[cfg(...)]` that holds only in tests.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition))
        }
        Meta::List(_) | Meta::NameValue(_) => false,
    })
}

/// Returns true if the condition holds only where `test` is set.
fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
            let Ok(parts) = list.parse_args_with(parser) else { return false };
            if list.path.is_ident("all") {
                parts.iter().any(needs_test)
            } else {
                list.path.is_ident("any") && !parts.is_empty() && parts.iter().all(needs_test)
            }
        }
        Meta::NameValue(_) => false,
    }
}

/// A piece of syntax that can have attributes.
pub(crate) trait Attributes {
    /// Returns its attributes.
    fn attributes(&self) -> &[Attribute];
}

macro_rules! attributes_in_field {
    ($($node:ident),*) => {
        $(impl Attributes for $node {
            fn attributes(&self) -> &[Attribute] {
                &self.attrs
            }
        })*
    };
}

macro_rules! attributes_in_variants {
    ($($node:ident: $($variant:ident),*;)*) => {
        $(impl Attributes for $node {
            fn attributes(&self) -> &[Attribute] {
                match self {
                    $(Self::$variant(node) => &node.attrs,)*
                    _ => &[],
                }
            }
        })*
    };
}

attributes_in_field!(Arm, Field, FieldValue, Local, Variant);

attributes_in_variants! {
    ForeignItem: Fn, Static, Type, Macro;
    ImplItem: Const, Fn, Type, Macro;
    Item: Const, Enum, ExternCrate, Fn, ForeignMod, Impl, Macro, Mod, Static, Struct, Trait,
        TraitAlias, Type, Union, Use;
    TraitItem: Const, Fn, Type, Macro;
}
