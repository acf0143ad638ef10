//! Bundles ES modules into one script, and modules that are loaded on demand into one script each.
//!
//! Each module becomes a function that returns the module's exports, and the functions run in the
//! order in which a browser would run the modules. The result behaves like the modules as long as
//! imports are not circular and exports are never reassigned. Therefore both are errors, and so is
//! every form of `import` and `export` that the page does not use.
//!
//! `import('./other.js')` loads a module on demand. Its script has the modules that only it needs,
//! as a function whose arguments are the modules of the first script that it imports. So it needs
//! no link to the first script, whose name depends on it.

#![allow(clippy::wildcard_enum_match_arm, reason = "most kinds of tokens do not matter here")]

use minifier::js::{ReservedChar, Token, Tokens, clean_tokens, tokenize};
use std::collections::BTreeMap;

/// The modules of a folder, by name.
#[derive(Default)]
pub(crate) struct Modules(BTreeMap<String, Module>);

struct Module {
    imports: Vec<Import>,
    /// The modules that it loads on demand.
    lazy: Vec<String>,
    exports: Vec<String>,
    /// The code without comments, imports and the keyword `export`.
    body: String,
}

struct Import {
    from: String,
    names: Names,
}

/// The names that a module imports from another.
enum Names {
    /// `import './other.js'`
    None,
    /// `import * as other from './other.js'`
    All(String),
    /// `import { one, two as too } from './other.js'`, as pairs of the exported and the local name.
    Some(Vec<(String, String)>),
}

/// A bundle: the first script, and those that are loaded on demand.
pub(crate) struct Bundle {
    script: String,
    pub(crate) lazy: Vec<LazyScript>,
}

/// A script that is loaded on demand.
pub(crate) struct LazyScript {
    /// The name of the module for which it is loaded.
    pub(crate) name: String,
    pub(crate) script: String,
    /// The variables of the first script that it needs.
    needs: Vec<String>,
}

impl Bundle {
    /// Returns the first script, with these names of the files of the scripts on demand.
    pub(crate) fn script(&self, file: impl Fn(&LazyScript) -> String) -> String {
        let mut script = self.script.clone();
        for lazy in &self.lazy {
            let load = format!(
                "import('./{}').then((lazy)=>lazy.default({}))",
                file(lazy),
                lazy.needs.join(",")
            );
            script = script.replace(&format!("import('./{}')", lazy.name), &load);
        }
        script
    }
}

impl Modules {
    /// Adds a module.
    pub(crate) fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        if source.contains(PREFIX) {
            return Err(format!("{name}: names with {PREFIX} are for the bundle"));
        }
        let module = Module::parse(source).map_err(|problem| format!("{name}: {problem}"))?;
        self.0.insert(name.to_owned(), module);
        Ok(())
    }

    /// Writes the module of this name and all its imports as one module. It is an error if a module
    /// is not imported.
    pub(crate) fn bundle(&self, main: &str) -> Result<Bundle, String> {
        let mut order = Vec::new();
        self.visit(main, &mut Vec::new(), &mut order)?;
        let mut script = String::new();
        for name in &order {
            self.write(name, &mut script)?;
        }
        let mut used = order.clone();
        let mut lazy = Vec::new();
        for name in order.iter().flat_map(|name| &self.0[*name].lazy) {
            if order.contains(&name.as_str()) {
                return Err(format!("{name} is loaded on demand, and imported as well"));
            }
            let mut all = order.clone();
            self.visit(name, &mut Vec::new(), &mut all)?;
            let own = &all[order.len()..];
            if let Some(twice) = own.iter().find(|name| used.contains(name)) {
                return Err(format!("{twice} would be loaded twice"));
            }
            lazy.push(self.lazy_script(name, own)?);
            used.extend(own);
        }
        if let Some(unused) = self.0.keys().find(|name| !used.contains(&name.as_str())) {
            return Err(format!("{unused} is imported by no module"));
        }
        Ok(Bundle { script, lazy })
    }

    /// Writes the modules that only one module on demand needs.
    fn lazy_script(&self, main: &str, own: &[&str]) -> Result<LazyScript, String> {
        let mut needs = Vec::new();
        let mut body = String::new();
        for name in own {
            if !self.0[*name].lazy.is_empty() {
                return Err(format!("{name} is loaded on demand, and cannot load others"));
            }
            for Import { from, .. } in &self.0[*name].imports {
                let variable = variable(from);
                if !own.contains(&from.as_str()) && !needs.contains(&variable) {
                    needs.push(variable);
                }
            }
            self.write(name, &mut body)?;
        }
        let arguments = needs.join(",");
        let script =
            format!("export default({arguments})=>{{\n{body}return {};}};\n", variable(main));
        Ok(LazyScript { name: main.to_owned(), script, needs })
    }

    /// Appends a module to the order, after the modules that it imports.
    fn visit<'a>(
        &'a self,
        name: &str,
        path: &mut Vec<&'a str>,
        order: &mut Vec<&'a str>,
    ) -> Result<(), String> {
        let Some((name, module)) = self.0.get_key_value(name) else {
            let by = path.last().unwrap_or(&"the page");
            return Err(format!("{by} imports {name}, which is missing"));
        };
        if order.contains(&name.as_str()) {
            return Ok(());
        }
        if path.contains(&name.as_str()) {
            return Err(format!("{} imports {name}, which is circular", path.join(" imports ")));
        }
        path.push(name);
        for import in &module.imports {
            self.visit(&import.from, path, order)?;
        }
        path.pop();
        order.push(name);
        Ok(())
    }

    fn write(&self, name: &str, bundle: &mut String) -> Result<(), String> {
        let module = &self.0[name];
        bundle.push_str(&format!("const {}=(()=>{{", variable(name)));
        for Import { from, names } in &module.imports {
            let other = variable(from);
            match names {
                Names::None => {}
                Names::All(local) => bundle.push_str(&format!("const {local}={other};")),
                Names::Some(names) => {
                    let mut bindings = Vec::new();
                    for (exported, local) in names {
                        if !self.0[from].exports.contains(exported) {
                            return Err(format!("{name}: {from} does not export {exported}"));
                        }
                        bindings.push(format!("{exported}:{local}"));
                    }
                    bundle.push_str(&format!("const{{{}}}={other};", bindings.join(",")));
                }
            }
        }
        bundle.push_str(&module.body);
        bundle.push_str(&format!(";return{{{}}};}})();\n", module.exports.join(",")));
        Ok(())
    }
}

impl Module {
    fn parse(source: &str) -> Result<Self, String> {
        let mut tokens = Reader(tokenize(source).apply(clean_tokens).0, 0);
        let (mut imports, mut exports, mut body) = (Vec::new(), Vec::new(), Vec::new());
        let mut lazy = Vec::new();
        let mut depth = 0_usize;
        while let Some(token) = tokens.next() {
            let is_property = body.last() == Some(&Token::Char(ReservedChar::Dot));
            match token {
                _ if is_property => body.push(token),
                Token::Char(ReservedChar::OpenCurlyBrace) => {
                    depth += 1;
                    body.push(token);
                }
                Token::Char(ReservedChar::CloseCurlyBrace) => {
                    depth = depth.checked_sub(1).ok_or("there is an unmatched }")?;
                    body.push(token);
                }
                // `import.meta` keeps its meaning: the bundle is served from the same folder.
                Token::Other("import") if tokens.peek() == Some(&DOT) => body.push(token),
                Token::Other("import") if tokens.peek() == Some(&PARENTHESIS) => {
                    lazy.push(tokens.loaded()?);
                    body.push(token);
                }
                Token::Other("import") if depth == 0 => imports.push(tokens.import()?),
                Token::Other("export") if depth == 0 => exports.push(tokens.export()?),
                Token::Other(word @ ("import" | "export")) => {
                    return Err(format!("{word} is not at the outermost level"));
                }
                Token::Other("await") if depth == 0 => {
                    return Err("await outside of a function is not supported".into());
                }
                _ => body.push(token),
            }
        }
        if depth != 0 {
            return Err("there is an unmatched {".into());
        }
        Ok(Self { imports, lazy, exports, body: Tokens(body).to_string() })
    }
}

/// The tokens of a module, and the index of the next one.
struct Reader<'a>(Vec<Token<'a>>, usize);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.0.get(self.1).cloned();
        self.1 += 1;
        token
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.0.get(self.1)
    }

    /// Returns the name of the module in `import('./other.js')`. No token is consumed.
    fn loaded(&self) -> Result<String, String> {
        match self.0.get(self.1 + 1) {
            Some(Token::String(path)) if path.starts_with('\'') => file(path),
            other => Err(format!("import({} is not supported", shown(other))),
        }
    }

    /// Parses the rest of a statement after `import`.
    fn import(&mut self) -> Result<Import, String> {
        let names = match self.next() {
            Some(Token::String(from)) => {
                self.expect(&SEMICOLON)?;
                return Ok(Import { from: file(from)?, names: Names::None });
            }
            Some(token) if is_star(&token) => {
                self.expect(&Token::Other("as"))?;
                Names::All(self.name()?)
            }
            Some(Token::Char(ReservedChar::OpenCurlyBrace)) => Names::Some(self.imported()?),
            other => return Err(format!("import {} is not supported", shown(other))),
        };
        self.expect(&Token::Other("from"))?;
        let from = match self.next() {
            Some(Token::String(from)) => file(from)?,
            other => return Err(format!("import … from {} is not supported", shown(other))),
        };
        self.expect(&SEMICOLON)?;
        Ok(Import { from, names })
    }

    /// Parses the names of an import, up to the closing brace.
    fn imported(&mut self) -> Result<Vec<(String, String)>, String> {
        let mut names = Vec::new();
        while self.peek() != Some(&Token::Char(ReservedChar::CloseCurlyBrace)) {
            let exported = self.name()?;
            let mut local = exported.clone();
            if self.peek() == Some(&Token::Other("as")) {
                self.next();
                local = self.name()?;
            }
            names.push((exported, local));
            match self.peek() {
                Some(Token::Char(ReservedChar::Comma)) => self.1 += 1,
                Some(Token::Char(ReservedChar::CloseCurlyBrace)) => {}
                other => return Err(format!("import {{ … {} is not supported", shown(other))),
            }
        }
        self.next();
        Ok(names)
    }

    /// Returns the name that is declared after `export`. The declaration itself is not consumed.
    fn export(&mut self) -> Result<String, String> {
        let mut ahead = self.1;
        let mut word = || {
            ahead += 1;
            self.0.get(ahead - 1).map(ToString::to_string).unwrap_or_default()
        };
        let mut kind = word();
        if kind == "async" {
            kind = word();
        }
        let mut name = word();
        if kind == "function" && name == "*" {
            name = word();
        }
        if !matches!(kind.as_str(), "function" | "class" | "const") || !is_name(&name) {
            return Err(format!("export {kind} {name} is not supported"));
        }
        // Further names after a comma would be missed here.
        if kind == "const" {
            self.check_single(ahead)?;
        }
        Ok(name)
    }

    /// Checks that a `const` declares only one name.
    fn check_single(&self, from: usize) -> Result<(), String> {
        let mut depth = 0_usize;
        for token in self.0.iter().skip(from) {
            match token {
                Token::Char(
                    ReservedChar::OpenCurlyBrace
                    | ReservedChar::OpenBracket
                    | ReservedChar::OpenParenthese,
                ) => depth += 1,
                Token::Char(
                    ReservedChar::CloseCurlyBrace
                    | ReservedChar::CloseBracket
                    | ReservedChar::CloseParenthese,
                ) => depth = depth.saturating_sub(1),
                Token::Char(ReservedChar::Comma) if depth == 0 => {
                    return Err("export const with several names is not supported".into());
                }
                Token::Char(ReservedChar::SemiColon) if depth == 0 => return Ok(()),
                _ => {}
            }
        }
        Err("export const without a semicolon at its end is not supported".into())
    }

    fn name(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Other(name)) if is_name(name) => Ok(name.to_owned()),
            other => Err(format!("expected a name, not {}", shown(other))),
        }
    }

    fn expect(&mut self, expected: &Token<'_>) -> Result<(), String> {
        match self.next() {
            Some(token) if token == *expected => Ok(()),
            other => Err(format!("expected {expected}, not {}", shown(other))),
        }
    }
}

/// Returns the file name of a quoted import path such as `'./other.js'`.
fn file(quoted: &str) -> Result<String, String> {
    let path = quoted.trim_matches(['\'', '"']);
    let name = path.strip_prefix("./").filter(|name| !name.contains('/'));
    name.map(str::to_owned).ok_or_else(|| format!("{path} is not a file in the same folder"))
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
        && !text.is_empty()
}

fn is_star(token: &Token<'_>) -> bool {
    token.to_string() == "*"
}

fn shown<T: ToString>(token: Option<T>) -> String {
    token.map_or_else(|| "the end".to_owned(), |token| token.to_string())
}

/// Returns the name of the variable that holds a module's exports.
fn variable(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{PREFIX}{plain}")
}

const PREFIX: &str = "__module_";
const PARENTHESIS: Token<'static> = Token::Char(ReservedChar::OpenParenthese);
const DOT: Token<'static> = Token::Char(ReservedChar::Dot);
const SEMICOLON: Token<'static> = Token::Char(ReservedChar::SemiColon);
