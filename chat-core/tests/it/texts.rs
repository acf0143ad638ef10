//! Properties of clean texts.

use chat_core::Text;
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;

/// Generates texts with many line ends, indentation and characters that are removed.
fn raw() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(&["\n", "\r", "\r\n", "\t", " ", "\u{3000}", "a", "b c"][..])
            .prop_map(str::to_owned),
        1 => prop::sample::select(
            &["\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}", "\u{7}", "\u{202e}", "\u{200b}"][..],
        )
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(4_096) })]

    #[test]
    fn message_has_clean_lines(raw in raw()) {
        let text = Text::clean_lines(&raw);
        prop_assert_eq!(&Text::clean_lines(text.as_str()), &text, "cleaned twice");
        let is_allowed = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
        prop_assert!(text.as_str().chars().all(is_allowed), "{:?}", text);
        prop_assert!(!text.as_str().contains(['\u{2028}', '\u{2029}', '\u{202e}']), "{:?}", text);
        prop_assert!(text.as_str().len() <= raw.len());
        prop_assert!(text.line_count() <= 1 + raw.matches(['\r', '\n']).count());
        prop_assert_eq!(text.line_count(), text.lines().count());
        prop_assert!(text.lines().all(|line| line.trim_end() == line), "{:?}", text);
        prop_assert_eq!(text.is_empty(), Text::clean(&raw).is_empty());
        if text.line_count() > 1 {
            let is_visible = |line: Option<&str>| line.is_some_and(|line| !Text::clean(line).is_empty());
            prop_assert!(is_visible(text.lines().next()) && is_visible(text.lines().last()));
        }
    }

    #[test]
    fn single_line_has_no_line_break(raw in raw()) {
        let text = Text::clean(&raw);
        prop_assert!(!text.as_str().contains(char::is_control), "{:?}", text);
        prop_assert_eq!(&text.single_line(), &text);
        prop_assert_eq!(Text::clean_lines(text.as_str()), text);
        let message = Text::clean_lines(&raw).single_line();
        prop_assert!(!message.as_str().contains(char::is_control), "{:?}", message);
        prop_assert_eq!(Text::clean(message.as_str()), message);
    }

    #[test]
    fn line_of_a_message_equals_a_single_line_after_its_indentation(
        raw in r"[ a-z\u{3000}\u{e9}\u{200d}\u{202e}\u{7}]{0,20}",
    ) {
        let (text, single) = (Text::clean_lines(&raw), Text::clean(&raw));
        prop_assert_eq!(text.is_empty(), single.is_empty());
        if !text.is_empty() {
            prop_assert_eq!(text.as_str().trim_start(), single.as_str());
        }
    }
}
