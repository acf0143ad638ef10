//! Builds the files that a browser loads from the sources in `assets/`: the page, one script and
//! one style sheet, and scripts that the page loads on demand. They are compressed, and their names
//! change with their content.
//!
//! The sources are ES modules that a browser can run directly. The bundler supports only the syntax
//! that they use; anything else fails the build.

#![allow(clippy::print_stdout, reason = "a build script passes instructions to cargo on stdout")]

mod bundle;
mod install;
mod output;
mod page;

use bundle::{LazyScript, Modules};
use output::Output;
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io, process};

fn main() {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=build");
    if let Err(problem) = build(Path::new("assets")) {
        println!("cargo::error={problem}");
        process::exit(1);
    }
}

fn build(folder: &Path) -> Result<(), String> {
    let mut files = read(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let icons = install::Icons::take(&mut files);
    let mut files = texts(files)?;
    let mut take =
        |name: &str| files.remove(name).ok_or_else(|| format!("assets/{name} is missing"));
    let source = page::Source::parse(&take("index.html")?)?;
    let icon = take(page::ICON)?;
    let manifest = icons.link(&take(install::MANIFEST)?)?;
    let mut style = String::new();
    for sheet in source.style_sheets() {
        style.push_str(&take(sheet)?);
    }
    let mut modules = Modules::default();
    for (name, text) in std::mem::take(&mut files) {
        if !name.ends_with(".js") {
            return Err(format!("assets/{name} is not part of the page"));
        }
        modules.add(&name, &text)?;
    }
    let bundle = modules.bundle(source.script())?;

    let lazy = |script: &LazyScript| Output::new(&script.name, SCRIPT, script.script.clone());
    let first = bundle.script(|script| lazy(script).hashed_name());
    let mut linked: Vec<Output> = bundle.lazy.iter().map(lazy).collect();
    let script = Output::new("chat.js", SCRIPT, first);
    let style = Output::new("chat.css", STYLE, style);
    let links = page::Links {
        script: script.hashed_name(),
        style: style.hashed_name(),
        manifest: manifest.hashed_name(),
        touch_icon: icons.touch_icon()?,
        icon,
    };
    let page = Output::new("index.html", PAGE, source.write(&links));
    linked.extend([script, style, manifest]);
    linked.extend(icons.files);

    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    let mut table = String::new();
    let mut write = |output: &Output, before: &str, after: &str| {
        table.push_str(before);
        let written = output.write(Path::new(&folder), &mut table);
        table.push_str(after);
        written.map_err(|error| format!("cannot write {}: {error}", output.name))
    };
    write(&page, "pub(crate) const PAGE: Asset = ", ";\n")?;
    let count = linked.len();
    for (index, output) in linked.iter().enumerate() {
        let begin = format!("const LINKED: [Asset; {count}] = [\n");
        let before = if index == 0 { begin.as_str() } else { "" };
        write(output, before, if index + 1 == count { ",\n];\n" } else { ",\n" })?;
    }
    let path = Path::new(&folder).join("assets.rs");
    fs::write(&path, table).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads all files of a folder except hidden ones, which editors create.
fn read(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

fn texts(files: BTreeMap<String, Vec<u8>>) -> Result<BTreeMap<String, String>, String> {
    let text = |(name, bytes)| match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(format!("assets/{name}: {error}")),
    };
    files.into_iter().map(text).collect()
}

const PAGE: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
