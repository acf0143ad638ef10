//! Checks that the core is pure: no runtime among its dependencies, no clock or socket in its
//! sources, and no `std`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The allowed dependencies: Unicode data for names, networks, digests, errors, and serialisation.
/// All of them are `no_std`. `libc` finds out whether some processors have instructions for
/// SHA-256.
const MAY_DEPEND_ON: &[&str] = &[
    "block-buffer",
    "cfg-if",
    "chat-core",
    "cpufeatures",
    "crypto-common",
    "digest",
    "hybrid-array",
    "ipnet",
    "libc",
    "serde",
    "serde_core",
    "sha2",
    "thiserror",
    "tinyvec",
    "tinyvec_macros",
    "typenum",
    "unicode-normalization",
    "unicode-properties",
    "unicode-script",
    "unicode-security",
];

/// Words that must not appear in the core's sources. `core` and `alloc` have no such items, but a
/// dependency may.
const NEVER_NAMES: &str = "
    std async await unsafe thread rand tokio
    SystemTime Instant HashMap HashSet RandomState Mutex RwLock
    TcpStream TcpListener UdpSocket File println eprintln
";

#[test]
fn core_depends_on_allowed_crates_only() {
    let output = cargo()
        .args(["tree", "--offline", "--package", "chat-core", "--all-features", "--target", "all"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo runs");
    assert_success(&output);
    let tree = String::from_utf8_lossy(&output.stdout);
    let mut found = 0;
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(MAY_DEPEND_ON.contains(&name), "the core must not depend on {line}");
        found += 1;
    }
    assert!(found > 1, "cargo tree has no output:\n{tree}");
}

#[test]
fn sources_use_no_clock_socket_or_thread() {
    let never: Vec<&str> = NEVER_NAMES.split_whitespace().collect();
    let mut sources = Vec::new();
    collect(&root().join("src"), &mut sources);
    assert!(sources.len() > 30, "too few sources were found");
    for path in sources {
        let source = fs::read_to_string(&path).expect("a source in UTF-8");
        for (number, line) in code(&source) {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let named = words.find(|word| never.contains(word));
            assert_eq!(named, None, "{}:{number}: {line}", path.display());
        }
    }
}

#[test]
fn core_links_without_std() {
    let folder = root().join("tests/no_std");
    let output = cargo()
        .args(["build", "--locked", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_std"))
        .output()
        .expect("cargo runs");
    assert_success(&output);
}

/// Returns the lines of a source that are neither comments nor tests, each with its number.
fn code(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source
        .lines()
        .enumerate()
        // Tests come last in a file.
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            collect(&path, sources);
        } else {
            sources.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}

fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
