//! Errors of scripts have the number of the line and a helpful message.

use chat_core::SettingError;
use chat_core::script::{Script, ScriptProblem};

/// Parses a script whose fourth line is the given, invalid one.
fn problem(line: &str) -> ScriptProblem {
    let source = format!("# a script\n\n> alice: connect\n{line}\n> alice: name\n");
    let error = source.parse::<Script>().expect_err(line);
    assert_eq!(error.line, 4, "{line}");
    assert_eq!(error.to_string(), format!("line 4: {}", error.problem));
    error.problem
}

#[test]
fn unknown_line_is_an_error() {
    for line in ["alice: name", "> alice", ">", "wait 5s", "config", "- 5s"] {
        assert_eq!(problem(line), ScriptProblem::UnknownLine, "{line}");
    }
}

#[test]
fn invalid_time_is_an_error() {
    let no_times = ["+", "+5", "+s", "+5 s", "+five s", "+5d", "+-5s", "+1.5s", "+5s later"];
    for line in no_times {
        assert_eq!(problem(line), ScriptProblem::Time(line.into()), "{line}");
    }
    // More milliseconds than a timestamp can hold.
    let endless = format!("+{}h", u64::MAX);
    assert_eq!(problem(&endless), ScriptProblem::Time(endless.clone()));
}

#[test]
fn invalid_setting_is_an_error() {
    let refused = |line: &str| {
        let error = format!("# first\n{line}\n").parse::<Script>().expect_err(line);
        assert_eq!(error.line, 2, "{line}");
        error.problem
    };
    let unknown = SettingError::Unknown { name: "colour".into() };
    assert_eq!(refused("config colour red"), ScriptProblem::Setting(unknown));
    assert_eq!(refused("config listing"), ScriptProblem::Usage("config NAME VALUE"));
    for (line, words) in [
        ("config listing many", "'many' is not a number for the setting 'listing'"),
        ("config channels -1", "'-1' is not a number for the setting 'channels'"),
        (
            "config idle_timeout soon",
            "'soon' is not a time such as 500ms, 61s, 5m or 2h, or none for the setting \
             'idle_timeout'",
        ),
    ] {
        let problem = refused(line);
        assert!(matches!(problem, ScriptProblem::Setting(SettingError::Value { .. })), "{line}");
        assert_eq!(problem.to_string(), words);
    }
}

#[test]
fn setting_after_the_first_step_is_an_error() {
    assert_eq!(problem("config listing 3"), ScriptProblem::LateSetting);
    // Waiting is a step as well.
    let error = "+5s\nconfig listing 3".parse::<Script>().expect_err("too late");
    assert_eq!((error.line, error.problem), (2, ScriptProblem::LateSetting));
}

#[test]
fn action_before_connect_is_an_error() {
    assert_eq!(problem("> bob: name"), ScriptProblem::NotConnected("bob".into()));
    assert_eq!(problem("> bob: disconnect"), ScriptProblem::NotConnected("bob".into()));
    assert_eq!(problem("> alice, bob: name"), ScriptProblem::NotConnected("bob".into()));
}

#[test]
fn second_connect_is_an_error() {
    let connected = ScriptProblem::Connected("alice".into());
    assert_eq!(problem("> alice: connect"), connected);
    assert_eq!(problem("> bob, alice: connect"), connected);
    assert_eq!(problem("> bob, bob: connect"), ScriptProblem::Connected("bob".into()));
}

#[test]
fn label_may_connect_again_after_its_session_has_ended() {
    for going in ["disconnect", "quit", "quit for now"] {
        let script = format!("> alice: connect\n> alice: {going}\n> alice: connect\n");
        assert!(script.parse::<Script>().is_ok(), "{going}");
    }
}

#[test]
fn invalid_label_is_an_error() {
    assert_eq!(problem("> : connect"), ScriptProblem::Label("".into()));
    assert_eq!(problem("> bob,: connect"), ScriptProblem::Label("".into()));
    assert_eq!(problem("> two words: connect"), ScriptProblem::Label("two words".into()));
    assert_eq!(problem("> b@b: connect"), ScriptProblem::Label("b@b".into()));
}

#[test]
fn unknown_action_is_an_error() {
    assert_eq!(problem("> alice: dance"), ScriptProblem::UnknownAction("dance".into()));
    assert_eq!(problem("> alice: Name"), ScriptProblem::UnknownAction("Name".into()));
    assert_eq!(problem("> alice:"), ScriptProblem::UnknownAction("".into()));
}

#[test]
fn wrong_words_of_an_action_are_an_error() {
    for line in [
        "> bob: connect everywhere",
        "> alice: disconnect now",
        "> alice: name-only",
        "> alice: guest one",
        "> alice: rename",
        "> alice: join",
        "> alice: leave",
        "> alice: say",
        "> alice: say #rust",
        "> alice: say rust hello",
        "> alice: me @bob",
        "> alice: notice bob hello",
        "> alice: topic",
        "> alice: untopic",
        "> alice: untopic #rust now",
        "> alice: modes",
        "> alice: modes #rust secret",
        "> alice: modes #rust +loud",
        "> alice: modes #rust limit=few",
        "> alice: modes #rust colour=red",
        "> alice: role #rust bob",
        "> alice: role #rust bob king",
        "> alice: role #rust bob owner now",
        "> alice: grant #rust bob member",
        "> alice: revoke #rust bob member",
        "> alice: kick #rust",
        "> alice: ban #rust",
        "> alice: mute",
        "> alice: unban #rust",
        "> alice: unmute #rust bob now",
        "> alice: exempt",
        "> alice: unexempt #rust",
        "> alice: invite #rust",
        "> alice: channels all",
        "> alice: history",
        "> alice: history #rust before",
        "> alice: history #rust before noon",
        "> alice: history #rust since 5",
        "> alice: history #rust at",
        "> alice: history #rust at noon",
        "> alice: private-history bob before",
        "> alice: users-page rust",
        "> alice: users-page #rust limit",
        "> alice: channels-page limit x",
        "> alice: list #rust",
        "> alice: list #rust friends",
        "> alice: list #rust bans offset x",
        "> alice: invitations all",
        "> alice: whois",
        "> alice: whowas bob 5",
        "> alice: whowas bob limit 5 6",
        "> alice: back soon",
    ] {
        assert!(matches!(problem(line), ScriptProblem::Usage(_)), "{line}");
    }
    assert_eq!(problem("> alice: rename").to_string(), "expected 'rename NAME'");
}

#[test]
fn unknown_escape_is_an_error() {
    let escape = |line: &str| {
        let problem = problem(line);
        let ScriptProblem::Escape(escape) = problem else { panic!("{line}: {problem}") };
        escape
    };
    assert_eq!(escape(r"> alice: say #rust \x41 there"), "x41");
    assert_eq!(escape(r"> alice: say #rust the end \"), "");
    assert_eq!(escape(r"> alice: name \u{110000}"), "u{110000}");
    assert_eq!(escape(r"> alice: name \u{d800}"), "u{d800}");
    assert_eq!(escape(r"> alice: name \u{}"), "u{}");
    assert_eq!(escape(r"> alice: name \u{61"), "u{61");
    assert_eq!(escape(r"> alice: name \u61"), "u61");
    assert_eq!(escape(r"> alice: join ru\st"), "st");
    assert_eq!(escape(r"> alice: modes #rust key=\q"), "q");
}
