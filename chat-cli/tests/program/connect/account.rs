//! `chat account` in a terminal.

use super::process::terminal::Terminal;
use crate::folder::path;
use tempfile::TempDir;

const GOOD: &str = "correct horse bättery staple";

#[test]
fn password_is_typed_twice_and_not_shown() {
    let home = TempDir::new().expect("a folder");
    let store = home.path().join("chat.db");
    let run = |arguments: &[&str]| {
        let mut terminal = Terminal::of(&[arguments, &["--store", path(&store)]].concat());
        terminal.wait_for("the question", |screen| screen.contains("alice"));
        terminal
    };
    let asks_again = |terminal: &mut Terminal| {
        terminal.wait_for("the second question", |screen| screen.contains("The same again: "));
    };
    let [first, second] = ["New password for alice: ", "The same again: "];
    let add = ["account", "add", "alice"];
    let mut terminal = run(&add);
    terminal.types(&format!("{GOOD}\r"));
    asks_again(&mut terminal);
    terminal.types("something else\r");
    terminal.ends(&format!("{first}\n{second}\nchat: the two passwords are not the same"), 1);

    let mut terminal = run(&add);
    terminal.types("typed\u{3}");
    terminal.ends(&format!("{first}\nchat: nothing was changed"), 1);

    // Ctrl+U deletes everything, and Backspace one character, not one byte.
    let mut terminal = run(&add);
    terminal.types(&format!("wrong\u{15}{GOOD}ü\u{7f}\r"));
    asks_again(&mut terminal);
    terminal.types(&format!("{GOOD}\r"));
    terminal.ends(&format!("{first}\n{second}\nadded account alice"), 0);

    let question =
        "Delete account alice with its roles, its private messages and its logins? [y/N]";
    let delete = ["account", "delete", "alice"];
    let mut terminal = run(&delete);
    terminal.types("\r");
    terminal.ends(&format!("{question} \nchat: nothing was deleted"), 1);
    let mut terminal = run(&delete);
    terminal.types("y\r");
    terminal.ends(&format!("{question} y\ndeleted account alice"), 0);
}
