//! Tests of the bundler in the build script.

#[path = "../../build/bundle.rs"]
mod builder;

use builder::Modules;

fn bundled(modules: &[(&str, &str)]) -> Result<String, String> {
    let mut all = Modules::default();
    for (name, source) in modules {
        all.add(name, source)?;
    }
    all.bundle("main.js").map(|bundle| bundle.script(|lazy| lazy.name.clone()))
}

/// A module on demand uses the modules of the first script, and brings those that only it needs.
#[test]
fn module_on_demand_is_a_script_of_its_own() {
    let mut all = Modules::default();
    for (name, source) in [
        ("main.js", "import { a } from './a.js';\nconst load = () => import('./late.js');\n"),
        ("a.js", "export const a = 1;\n"),
        ("b.js", "export const b = 2;\n"),
        (
            "late.js",
            "import { a } from './a.js';\nimport { b } from './b.js';\nexport const c = a + b;\n",
        ),
    ] {
        all.add(name, source).expect("a module");
    }
    let bundle = all.bundle("main.js").expect("a bundle");
    let [late] = &bundle.lazy[..] else { panic!("one script on demand") };
    let expected = [
        "export default(__module_a_js)=>{\n",
        "const __module_b_js=(()=>{const b=2;;return{b};})();\n",
        "const __module_late_js=(()=>{const{a:a}=__module_a_js;const{b:b}=__module_b_js;",
        "const c=a+b;;return{c};})();\nreturn __module_late_js;};\n",
    ];
    assert_eq!(late.script, expected.concat());
    let script = bundle.script(|lazy| format!("0-{}", lazy.name));
    let load = "import('./0-late.js').then((lazy)=>lazy.default(__module_a_js))";
    assert!(script.contains(load), "{script}");
    assert!(!script.contains("const b=2"), "{script}");
}

#[test]
fn module_on_demand_must_not_be_needed_before() {
    let late = ("late.js", "export const x = 1;\n");
    let twice = "import { x } from './late.js';\nconst load = () => import('./late.js');\n";
    let error = bundled(&[("main.js", twice), late]).expect_err("an error");
    assert_eq!(error, "late.js is loaded on demand, and imported as well");
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
        ("const x = import(name);", "import(name is not supported"),
        ("const x = import(\"./other.js\");", "import(\"./other.js\" is not supported"),
        ("const x = { import: 1 };", "import is not at the outermost level"),
        ("function f() { import './other.js'; }", "import is not at the outermost level"),
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
