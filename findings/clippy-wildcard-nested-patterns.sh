#!/usr/bin/env bash
# Tool: clippy 0.1.95 (its lint `wildcard_enum_match_arm`), with the enum `Lit` of syn 2.0.106, which
# is non-exhaustive.
#
# Expectation: in a match on a non-exhaustive enum of another crate, where the language requires `_`,
# the lint rejects each `_` or accepts each. Only rustc's lint `non_exhaustive_omitted_patterns`, which
# is not stable, tells a match that lists all known variants from one that omits some.
#
# Behaviour: the stable lint tells them apart. It accepts `_` behind all known variants, and reports
# `_` where one is omitted. But it counts a variant as listed only if one pattern covers all of it: a
# variant that two patterns cover together, such as `true` and `false` of its field, is reported as
# omitted.
#
# Where it matters: a library marks its enums as non-exhaustive, and the other crates of its workspace
# list all variants. With the lint, a new variant is reported at each place that has to handle it, on
# a stable toolchain. The field of a variant has to be matched inside of the arm.
#
# Seen on 2026-11-28.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CARGO_TARGET_DIR="$dir/target"
mkdir "$dir/src"

case "$(cargo clippy --version)" in
    "clippy 0.1.95 "*) ;;
    *) echo "this needs clippy 0.1.95, and there is $(cargo clippy --version)"; exit 2 ;;
esac

cat >"$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
syn = "=2.0.106"
[workspace]
TOML

cat >"$dir/src/lib.rs" <<'RUST'
#![warn(clippy::wildcard_enum_match_arm)]

use syn::Lit;

pub fn complete(literal: &Lit) -> bool {
    match literal {
        Lit::Str(_) | Lit::ByteStr(_) | Lit::CStr(_) | Lit::Byte(_) | Lit::Char(_) => true,
        Lit::Int(_) | Lit::Float(_) | Lit::Verbatim(_) => true,
        Lit::Bool(literal) => literal.value,
        _ => false,
    }
}

pub fn omitted(literal: &Lit) -> bool {
    match literal {
        Lit::Str(_) | Lit::ByteStr(_) | Lit::CStr(_) | Lit::Byte(_) | Lit::Char(_) => true,
        Lit::Int(_) | Lit::Float(_) | Lit::Verbatim(_) => true,
        _ => false,
    }
}

pub fn nested(literal: &Lit) -> bool {
    match literal {
        Lit::Str(_) | Lit::ByteStr(_) | Lit::CStr(_) | Lit::Byte(_) | Lit::Char(_) => true,
        Lit::Int(_) | Lit::Float(_) | Lit::Verbatim(_) => true,
        Lit::Bool(syn::LitBool { value: true, .. }) => true,
        Lit::Bool(syn::LitBool { value: false, .. }) => false,
        _ => false,
    }
}
RUST

seen=$(cd "$dir" && cargo clippy --quiet 2>&1)
lines=$(echo "$seen" | grep -A1 'wildcard matches' | grep -oE 'lib.rs:[0-9]+' | paste -sd ' ')
echo "clippy reports the wildcards at: $lines"
if [ "$lines" != "lib.rs:18 lib.rs:28" ]; then
    echo "CHANGED: the wildcard of \`complete\` is at line 10, that of \`omitted\` at 18, that of \`nested\` at 28"
    echo "$seen"
    exit 1
fi
