//! Small projects with one fault each, or with something that only looks like one.

use chat_structure::{cycles, exhaustive_enums, layers, lengths};
use std::fs;
use tempfile::TempDir;

/// Writes a project of one crate. Its root declares modules `a` and `b`.
fn crate_of_a_and_b(a: &str, b: &str) -> TempDir {
    project(&[("src/lib.rs", "mod a; mod b;"), ("src/a.rs", a), ("src/b.rs", b)])
}

/// Writes a project of one crate, `planted`.
fn project(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(&directory, "Cargo.toml", "[package]\nname = \"planted\"\n");
    for (path, text) in files {
        write(&directory, path, text);
    }
    directory
}

fn write(directory: &TempDir, path: &str, text: &str) {
    let path = directory.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Returns the report on all cycles of a project.
fn reported(project: &TempDir) -> String {
    cycles(project.path()).unwrap().iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_cycle(project: &TempDir, expected: &[&str]) {
    assert_eq!(reported(project).lines().map(str::trim).collect::<Vec<_>>(), expected);
}

#[track_caller]
fn assert_no_cycle(project: &TempDir) {
    assert_eq!(reported(project), "");
}

/// Each of these texts, as module `a`, uses the struct `B` of module `b`.
#[test]
fn every_way_to_use_an_item_counts() {
    for a in [
        "use crate::b::B;",
        "use super::b::B as Other;",
        "use super::{b::{self, B}};",
        "use crate::b::*; fn f(_: B) {}",
        "fn f(_: crate::b::B) {}",
        "fn f(_: Vec<Option<super::b::B>>) {}",
        "use crate::b; fn f(_: b::B) {}",
        "use crate::b as other; fn f(_: other::B) {}",
        "fn f() { use super::b; b::B::new(); }",
        "mod inner { fn f(_: super::super::b::B) {} }",
        "fn f() { println!(\"{}\", crate::b::B::new()); }",
        "fn f() { assert!(matches!(x, [crate::b::B { .. }, ..])); }",
        "macro_rules! m { () => { $crate::b::B } }",
        "#[serde(with = \"crate::b::B\")] struct S;",
        "#[error(\"{}\", crate::b::B)] struct S;",
        "impl crate::b::B { fn g() {} }",
        "trait T { fn f(&self) -> crate::b::B; }",
        "const C: u8 = crate::b::B::NUMBER;",
        "#[cfg(not(test))] use crate::b::B;",
        "#[cfg(any(test, unix))] use crate::b::B;",
        "pub(crate) use crate::b::B;",
    ] {
        let project =
            crate_of_a_and_b(&format!("pub struct A; {a}"), "use crate::a::A; pub struct B;");
        let report = reported(&project);
        let expected = "2 files use each other:\n  src/a.rs uses src/b.rs: B (line 1)\n";
        assert!(report.starts_with(expected), "{a}\n{report}");
    }
}

/// None of these texts, as module `a`, uses module `b`.
#[test]
fn other_names_do_not_count() {
    for a in [
        "",
        "use std::collections::BTreeMap as B;",
        "use b::B;",
        "use super::*;",
        "fn f() { let b = 1; b.b(); }",
        "struct B; fn f(_: B) {}",
        "// crate::b::B",
        "/// See [`crate::b::B`].\nfn f() {}",
        "pub(in crate::b) fn f() {}",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, unix))] fn f(_: crate::b::B) {}",
        "#[test] fn f() { crate::b::B::new(); }",
        "struct S { #[cfg(test)] b: crate::b::B }",
        "impl A { #[cfg(test)] fn f(_: crate::b::B) {} }",
        "fn f() { #[cfg(test)] let b = crate::b::B; }",
    ] {
        let project =
            crate_of_a_and_b(&format!("pub struct A; {a}"), "use crate::a::A; pub struct B;");
        assert_eq!(reported(&project), "", "{a}");
    }
}

#[test]
fn cycle_is_reported_with_its_files_and_uses() {
    let project = project(&[
        ("src/main.rs", "mod a; mod b; mod c; mod d;\nfn main() { a::f(); }"),
        ("src/a.rs", "pub fn f() {\n    crate::b::g();\n    crate::b::g();\n    crate::d::i();\n}"),
        ("src/b.rs", "use crate::c;\n\npub fn g() { c::h() }\npub struct B;"),
        ("src/c.rs", "use crate::{a, b::B};\npub fn h() { a::f() }"),
        ("src/d.rs", "pub fn i() {}"),
    ]);
    assert_cycle(
        &project,
        &[
            "3 files use each other:",
            "src/a.rs uses src/b.rs: g (line 2)",
            "src/b.rs uses src/c.rs: h (line 3)",
            "src/c.rs uses src/a.rs: f (line 2)",
            "src/c.rs uses src/b.rs: B (line 1)",
        ],
    );
}

#[test]
fn item_is_followed_through_reexports_to_its_file() {
    let project = project(&[
        ("src/lib.rs", "mod a; mod b; mod prelude;\npub use b::B as Named;"),
        ("src/prelude.rs", "pub(crate) use crate::Named;"),
        ("src/a.rs", "use crate::prelude::*;\npub struct A(Named);"),
        ("src/b.rs", "pub struct B;\nfn f(_: crate::a::A) {}"),
    ]);
    assert_cycle(
        &project,
        &[
            "2 files use each other:",
            "src/a.rs uses src/b.rs: B (line 2)",
            "src/b.rs uses src/a.rs: A (line 2)",
        ],
    );
}

#[test]
fn child_that_uses_its_parent_is_a_cycle_if_the_parent_uses_the_child() {
    let child = ("src/a/child.rs", "use super::Parent;\npub(crate) fn help(_: &Parent) {}");
    let using = "mod child;\npub struct Parent;\nfn f() { child::help(&Parent) }";
    assert_cycle(
        &project(&[("src/lib.rs", "mod a;"), ("src/a.rs", using), child]),
        &[
            "2 files use each other:",
            "src/a.rs uses src/a/child.rs: help (line 3)",
            "src/a/child.rs uses src/a.rs: Parent (line 1)",
        ],
    );
    let declaring = "mod child;\npub(crate) use child::help;\npub struct Parent;";
    assert_no_cycle(&project(&[("src/lib.rs", "mod a;"), ("src/a/mod.rs", declaring), child]));
}

#[test]
fn module_and_function_of_one_name_are_told_apart() {
    let root = "mod a; mod b;\nuse a::A;\nfn b() { a::f(); }";
    let a = "use super::b::B;\npub struct A(B);\npub fn f() {}";
    let b = "pub struct B;";
    assert_no_cycle(&project(&[("src/lib.rs", root), ("src/a.rs", a), ("src/b.rs", b)]));
}

#[test]
fn method_counts_where_its_impl_is() {
    let number = "pub struct Number;";
    let twice = "use crate::number::Number;\nimpl Number { pub fn twice(&self) { self.half() } }";
    let half =
        "use crate::number::Number;\nimpl Number { pub fn half(&self) { Self::twice(self) } }";
    let modules = "mod number; mod twice; mod half;";
    assert_cycle(
        &project(&[
            ("src/lib.rs", modules),
            ("src/number.rs", number),
            ("src/twice.rs", twice),
            ("src/half.rs", half),
        ]),
        &[
            "2 files use each other:",
            "src/half.rs uses src/twice.rs: Number::twice (line 2)",
            "src/twice.rs uses src/half.rs: Number::half (line 2)",
        ],
    );
}

#[test]
fn type_may_be_split_among_children_of_its_module() {
    let number = "mod twice;\npub struct Number;\nimpl Number { fn f(&self) { self.twice() } }";
    let twice = "impl super::Number { pub fn twice(&self) {} }";
    assert_no_cycle(&project(&[
        ("src/lib.rs", "mod number;"),
        ("src/number.rs", number),
        ("src/number/twice.rs", twice),
    ]));
}

#[test]
fn macro_without_a_path_is_found() {
    let a = "macro_rules! count { () => { crate::b::two() } }";
    assert_cycle(
        &crate_of_a_and_b(a, "pub fn two() -> u8 { 2 }\nfn one() -> u8 { count!() }"),
        &[
            "2 files use each other:",
            "src/a.rs uses src/b.rs: two (line 1)",
            "src/b.rs uses src/a.rs: count (line 2)",
        ],
    );
}

#[test]
fn imports_that_lead_to_themselves_are_no_trouble() {
    assert_no_cycle(&crate_of_a_and_b(
        "use a::B; pub use super::b::*; pub use super::a::*; fn f(_: B, _: Missing) {}",
        "pub use super::a::*; use b::Missing;",
    ));
}

#[test]
fn upward_dependency_is_reported() {
    let project = project(&[
        ("core/Cargo.toml", "[package]\nname = \"core\"\n[dependencies]\nserde = \"1\"\n"),
        (
            "wire/Cargo.toml",
            "[package]\nname = \"wire\"\n[dependencies]\ncore = {}\n\
             [dev-dependencies]\nserver = {}\n\
             [target.'cfg(unix)'.dependencies]\nrenamed = { package = \"server\" }\n",
        ),
        (
            "server/Cargo.toml",
            "[package]\nname = \"server\"\n[dependencies]\nwire = {}\nside = {}\n",
        ),
        ("side/Cargo.toml", "[package]\nname = \"side\"\n[build-dependencies]\ncore = {}\n"),
    ]);
    assert_eq!(
        layers(project.path(), &[&["core"], &["wire"], &["server", "side"]]).unwrap(),
        [
            "planted is in no layer",
            "server (layer 2) depends on side (layer 2), which is not below it",
            "wire (layer 1) depends on server (layer 2), which is not below it",
        ],
    );
}

#[test]
fn public_enum_that_cannot_grow_is_reported() {
    let project = project(&[(
        "one/src/lib.rs",
        "pub enum A { B } #[non_exhaustive] pub enum C { D } enum E { F } pub enum G {}",
    )]);
    let expected = ["one/src/lib.rs: A is not #[non_exhaustive]"];
    assert_eq!(exhaustive_enums(project.path(), "one").unwrap(), expected);
}

#[test]
fn long_file_is_reported() {
    let project = project(&[
        ("src/lib.rs", &"\n".repeat(10)),
        ("tests/long.rs", &"\n".repeat(11)),
        ("tests/long.txt", &"\n".repeat(11)),
        ("built/CACHEDIR.TAG", ""),
        ("built/long.rs", &"\n".repeat(11)),
        (".hidden/long.rs", &"\n".repeat(11)),
    ]);
    let expected = ["tests/long.rs has 11 lines, more than 10"];
    assert_eq!(lengths(project.path(), 10).unwrap(), expected);
}

#[test]
fn unreadable_projects_are_errors() {
    let error = |files: &[(&str, &str)]| {
        let project = project(files);
        let error = cycles(project.path()).unwrap_err().to_string();
        error.replace(&project.path().display().to_string(), "")
    };
    assert_eq!(error(&[("src/lib.rs", "mod a;")]), "/src/lib.rs: no file for `mod a;`");
    assert_eq!(
        error(&[("src/lib.rs", "\nfn f(")]),
        "/src/lib.rs:2: cannot parse string into token stream",
    );
    assert!(error(&[("a/Cargo.toml", "[")]).starts_with("/a/Cargo.toml: TOML parse error"));
}
