//! Tests of the bundler in the build script.

#[path = "../../build/bundle.rs"]
mod builder;

use builder::Modules;

fn bundled(modules: &[(&str, &str)]) -> Result<String, String> {
    let mut all = Modules::default();
    for (name, source) in modules {
        all.add(name, source)?;
    }
    all.bundle("main.js")
}

#[test]
fn module_runs_after_its_imports() {
    let bundle = bundled(&[
        (
            "main.js",
            "// The beginning.\nimport { one, two as too } from './a-b.js';\n\
             import * as c from './c.js';\nimport './d.js';\n\
             const url = new URL('../ws', import.meta.url);\none(too, c.three);\n",
        ),
        (
            "a-b.js",
            "import { three } from './c.js';\nexport function one() { return three; }\n\
             export const two = [1, 2];\n",
        ),
        (
            "c.js",
            "/* It says: export nothing */\nexport class three {}\n\
             const text = `import { x } from './y.js'`;\n",
        ),
        ("d.js", "export async function* four() { yield 4; }\n"),
    ])
    .expect("a bundle");
    let expected = [
        "const __module_c_js=(()=>{",
        "class three{}const text=`import { x } from './y.js'`;;return{three};})();\n",
        "const __module_a_b_js=(()=>{const{three:three}=__module_c_js;",
        "function one(){return three;}const two=[1,2];;return{one,two};})();\n",
        "const __module_d_js=(()=>{async function*four(){yield 4;};return{four};})();\n",
        "const __module_main_js=(()=>{const{one:one,two:too}=__module_a_b_js;",
        "const c=__module_c_js;const url=new URL('../ws',import.meta.url);",
        "one(too,c.three);;return{};})();\n",
    ];
    assert_eq!(bundle, expected.concat());
}

#[test]
fn unsupported_syntax_fails_the_build() {
    let other = ("other.js", "export const x = 1;\n");
    for (source, problem) in [
        ("import x from './other.js';", "import x is not supported"),
        ("import x, { y } from './other.js';", "import x is not supported"),
        ("import { x } from 'other';", "other is not a file in the same folder"),
        (
            "import { x } from './deep/other.js';",
            "./deep/other.js is not a file in the same folder",
        ),
        ("import { x } from './other.js' with { type: 'json' };", "expected ;, not with"),
        ("const x = import('./other.js');", "import ( is not supported"),
        ("const x = { import: 1 };", "import is not at the outermost level"),
        ("function f() { return import('./other.js'); }", "import is not at the outermost level"),
        ("export default 1;", "export default 1 is not supported"),
        ("export * from './other.js';", "export * from is not supported"),
        ("export { x } from './other.js';", "export { x is not supported"),
        ("const x = 1;\nexport { x };", "export { x is not supported"),
        ("export let x = 1;", "export let x is not supported"),
        ("export const { x } = y;", "export const { is not supported"),
        ("export const x = 1, y = 2;", "export const with several names is not supported"),
        ("export const x = 1", "export const without a semicolon at its end is not supported"),
        ("const x = await y;", "await outside of a function is not supported"),
        ("function f() {", "there is an unmatched {"),
        ("const __module_x = 1;", "names with __module_ are for the bundle"),
    ] {
        let result = bundled(&[("main.js", source), other]);
        assert_eq!(result, Err(format!("main.js: {problem}")), "{source}");
    }
}

#[test]
fn missing_circular_and_unused_modules_fail_the_build() {
    let missing = bundled(&[("main.js", "import './other.js';")]);
    assert_eq!(missing, Err("main.js imports other.js, which is missing".into()));
    let unknown = bundled(&[
        ("main.js", "import { y } from './other.js';"),
        ("other.js", "export const x = 1;"),
    ]);
    assert_eq!(unknown, Err("main.js: other.js does not export y".into()));
    let circular = bundled(&[
        ("main.js", "import './a.js';"),
        ("a.js", "import './b.js';"),
        ("b.js", "import './a.js';"),
    ]);
    let expected = "main.js imports a.js imports b.js imports a.js, which is circular";
    assert_eq!(circular, Err(expected.into()));
    let unused = bundled(&[("main.js", "f();"), ("other.js", "g();")]);
    assert_eq!(unused, Err("other.js is imported by no module".into()));
}
