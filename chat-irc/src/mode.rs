//! Letters of modes, and the prefixes of members.

use chat_core::{List, ModeChange, Modes, Status, StatusSet, UserModes};

/// Returns the letter of a status.
pub(crate) fn status_letter(status: Status) -> Option<char> {
    if status == Status::Owner {
        Some('q')
    } else if status == Status::Operator {
        Some('o')
    } else if status == Status::Voiced {
        Some('v')
    } else {
        None
    }
}

/// Returns the status of a letter.
pub(crate) fn status(letter: char) -> Option<Status> {
    match letter {
        'q' => Some(Status::Owner),
        'o' => Some(Status::Operator),
        'v' => Some(Status::Voiced),
        _ => None,
    }
}

/// Returns the list of a letter: `b`, `e` or `I`.
pub(crate) fn list_of_letter(letter: char) -> List {
    match letter {
        'e' => List::Exceptions,
        'I' => List::InviteExceptions,
        _ => List::Bans,
    }
}

/// Returns the letter of a list, and what precedes its masks.
pub(crate) fn list_letter(list: List) -> (char, &'static str) {
    if list == List::Exceptions {
        ('e', "")
    } else if list == List::MuteExceptions {
        ('e', MUTE)
    } else if list == List::InviteExceptions {
        ('I', "")
    } else if list == List::Mutes {
        ('b', MUTE)
    } else {
        ('b', "")
    }
}

/// The beginning of a ban that only mutes, and of an exception from mutes.
pub(crate) const MUTE: &str = "~m:";

/// Returns the prefixes of a member: all with `multi-prefix`, otherwise that of the highest status.
pub(crate) fn prefixes(statuses: StatusSet, multi_prefix: bool) -> String {
    let all = statuses.iter().filter_map(|status| match status_letter(status)? {
        'q' => Some('~'),
        'o' => Some('@'),
        _ => Some('+'),
    });
    all.take(if multi_prefix { usize::MAX } else { 1 }).collect()
}

/// Returns the change that switches the mode of a letter.
pub(crate) fn switch(letter: char, on: bool) -> Option<ModeChange> {
    SWITCHES
        .iter()
        .find(|(known, _)| *known == letter)
        .and_then(|(_, name)| ModeChange::switch(name, on))
}

/// Returns the modes of a channel with their parameters, as in `+nkl key 5`.
pub(crate) fn written(modes: &Modes) -> String {
    let mut letters = String::from("+");
    for (letter, name) in SWITCHES {
        if modes.switches().iter().any(|(known, on)| *known == name && *on) {
            letters.push(letter);
        }
    }
    let mut params = String::new();
    if let Some(key) = &modes.key {
        letters.push('k');
        params.push(' ');
        params.push_str(key);
    }
    if let Some(limit) = modes.member_limit {
        letters.push('l');
        params.push_str(&format!(" {limit}"));
    }
    letters + &params
}

/// Returns the letters of the modes of a user, as in `+iw`.
pub(crate) fn user_letters(modes: UserModes, bot: bool) -> String {
    let letters = user_modes(modes).into_iter().chain([('B', bot)]);
    let letters = letters.filter(|(_, on)| *on).map(|(letter, _)| letter);
    core::iter::once('+').chain(letters).collect()
}

/// Returns the letters of the changes of the modes of a user, as in `+o-i`.
pub(crate) fn user_changes(before: UserModes, after: UserModes) -> Option<String> {
    let mut changes = Changes::default();
    for ((letter, before), (_, after)) in user_modes(before).into_iter().zip(user_modes(after)) {
        if before != after {
            changes.add(after, letter, None);
        }
    }
    changes.finish()
}

fn user_modes(modes: UserModes) -> [(char, bool); 3] {
    [('i', modes.invisible), ('o', modes.operator), ('w', modes.announcements)]
}

/// Signs, letters and parameters of changes, as in `+nt-k *`.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    letters: String,
    params: String,
    is_on: Option<bool>,
}

impl Changes {
    pub(crate) fn add(&mut self, on: bool, letter: char, param: Option<&str>) {
        if self.is_on != Some(on) {
            self.letters.push(if on { '+' } else { '-' });
            self.is_on = Some(on);
        }
        self.letters.push(letter);
        if let Some(param) = param {
            self.params.push(' ');
            self.params.push_str(param);
        }
    }

    /// Adds the changes that have letters.
    pub(crate) fn add_all(&mut self, changes: &[ModeChange]) {
        for change in changes {
            for (letter, _) in SWITCHES {
                for on in [true, false] {
                    if switch(letter, on).as_ref() == Some(change) {
                        self.add(on, letter, None);
                    }
                }
            }
            if let ModeChange::Key(key) = change {
                self.add(key.is_some(), 'k', Some(key.as_deref().unwrap_or("*")));
            } else if let ModeChange::MemberLimit(limit) = change {
                let param = limit.map(|limit| limit.to_string());
                self.add(limit.is_some(), 'l', param.as_deref());
            }
        }
    }

    /// Returns the text, unless there are no changes.
    pub(crate) fn finish(self) -> Option<String> {
        (!self.letters.is_empty()).then(|| self.letters + &self.params)
    }
}

/// The modes that are switched on or off, by their letters.
const SWITCHES: [(char, &str); 6] = [
    ('C', "no_ctcp"),
    ('i', "invite_only"),
    ('m', "moderated"),
    ('n', "members_only"),
    ('s', "secret"),
    ('t', "operator_topic"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_a_letter() {
        for (name, _) in Modes::default().switches() {
            let letter = SWITCHES.iter().find(|(_, known)| *known == name).expect("a letter").0;
            assert!(switch(letter, true).is_some(), "{letter}");
        }
        assert_eq!(switch('x', true), None);
    }

    #[test]
    fn changes_share_their_signs() {
        let mut changes = Changes::default();
        changes.add_all(&[
            ModeChange::Secret(true),
            ModeChange::OperatorTopic(true),
            ModeChange::Key(None),
            ModeChange::MemberLimit(Some(5)),
        ]);
        assert_eq!(changes.finish().as_deref(), Some("+st-k+l * 5"));
        assert_eq!(Changes::default().finish(), None);
    }

    #[test]
    fn modes_are_written_with_parameters() {
        let modes = Modes { key: Some("k".into()), member_limit: Some(3), ..Modes::default() };
        assert_eq!(written(&modes), "+nkl k 3");
    }

    #[test]
    fn prefixes_begin_with_the_highest() {
        let mut statuses = StatusSet::default();
        assert_eq!(prefixes(statuses, true), "");
        statuses.insert(Status::Voiced);
        statuses.insert(Status::Owner);
        assert_eq!(prefixes(statuses, true), "~+");
        assert_eq!(prefixes(statuses, false), "~");
    }
}
