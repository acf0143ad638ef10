//! Actions of users, with words and names that are full of control characters.

use proptest::prelude::*;

/// The number of clients.
pub(super) const CLIENTS: usize = 10;

/// Something that a user does, with words and a name that are full of control characters.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) kind: Kind,
    pub(super) actor: usize,
    pub(super) target: usize,
    pub(super) words: String,
    pub(super) name: String,
    /// White space around a name, which the engine removes.
    pub(super) around: &'static str,
    /// Given to the engine directly: a dialect can express more replies than requests.
    pub(super) directly: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Say,
    Act,
    Notice,
    Private,
    Topic,
    Rename,
    Join,
    JoinMany,
    Leave,
    Quit,
    Kick,
    Ban,
    Mute,
    Unmute,
    Away,
    Invite,
    Modes,
    Look,
    /// An invalid request whose error may quote it.
    Nonsense,
}

pub(super) const KINDS: &[Kind] = &[
    Kind::Say,
    Kind::Act,
    Kind::Notice,
    Kind::Private,
    Kind::Topic,
    Kind::Rename,
    Kind::Join,
    Kind::JoinMany,
    Kind::Leave,
    Kind::Quit,
    Kind::Kick,
    Kind::Ban,
    Kind::Mute,
    Kind::Unmute,
    Kind::Away,
    Kind::Invite,
    Kind::Modes,
    Kind::Look,
    Kind::Nonsense,
];

pub(super) fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = (
        prop::sample::select(KINDS),
        0..CLIENTS,
        0..CLIENTS,
        words(),
        name(),
        prop::sample::select(&["", "", "\t", "\r\n", "\u{85}", "\u{2028}"][..]),
        any::<bool>(),
    );
    let action = action.prop_map(|(kind, actor, target, words, name, around, directly)| Action {
        kind,
        actor,
        target,
        words,
        name,
        around,
        directly,
    });
    prop::collection::vec(action, 1..40)
}

/// Generates words with harmful characters and sequences between them.
pub(super) fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => prop::sample::select(&["hello", "you there", "h\u{e9}", "/quit", "{name}", "\""][..])
            .prop_map(str::to_owned),
        2 => harmful().prop_map(String::from),
        1 => prop::sample::select(SEQUENCES).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// Generates a name, which is usually free, and contains a harmful character in one case of three.
pub(super) fn name() -> impl Strategy<Value = String> {
    (0..1_000_u32, 0..4_usize, prop::option::weighted(0.34, harmful())).prop_map(
        |(number, place, harmful)| {
            let mut name = format!("n\u{e9}w{number}");
            if let Some(harmful) = harmful {
                let place = name.char_indices().nth(place).map_or(0, |(place, _)| place);
                name.insert(place, harmful);
            }
            name
        },
    )
}

pub(super) fn harmful() -> impl Strategy<Value = char> {
    use prop::char::range;
    prop_oneof![
        range('\0', '\u{1f}'),
        range('\u{7f}', '\u{9f}'),
        range('\u{2028}', '\u{202e}'),
        range('\u{2066}', '\u{2069}'),
        prop::sample::select(&['\u{1b}', '\r', '\n', '\0', '\u{7}', '\u{9b}', '\u{202e}'][..]),
    ]
}

/// Sequences that control a terminal, or forge a line.
pub(super) const SEQUENCES: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://example.org\u{1b}\\",
    "\u{1b}P+q\u{1b}\\",
    "\u{9b}6n",
    "\u{9d}0;title\u{9c}",
    "\r\n/quit\r\n",
    "\n[bob]: forged",
    "\u{85}forged",
    "\u{202e}\u{2067}",
];

/// Returns true if a character can control a terminal, end a line, or change the direction of text.
pub(super) fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
