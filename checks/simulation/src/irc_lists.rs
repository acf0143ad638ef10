//! Channel membership as a client of IRC derives it from the lines that it receives.

use crate::client_view::ClientView;
use std::collections::BTreeMap;

/// The client's own nickname, and the members of each of its channels with their signs.
#[derive(Debug, Default)]
pub(crate) struct IrcLists {
    own: String,
    channels: BTreeMap<String, BTreeMap<String, Signs>>,
}

/// The signs of a member's statuses: `~`, `@` and `+`.
type Signs = BTreeMap<Status, char>;

/// A status by its rank: the first is the highest.
type Status = usize;

/// A line of the server, without its tags.
struct Line<'a> {
    /// The nickname in front of the line; the name of the server if that has written it.
    source: &'a str,
    command: &'a str,
    params: Vec<&'a str>,
}

impl IrcLists {
    /// Applies the received lines in order.
    pub(crate) fn of(received: &str) -> Self {
        let mut lists = Self::default();
        received.lines().for_each(|line| lists.hear(&Line::parse(line)));
        lists
    }

    /// Returns the client's view: the members of each channel, each after the sign of its role.
    pub(crate) fn view(&self) -> ClientView<'_> {
        let shown = |members: &BTreeMap<String, Signs>| {
            members.iter().map(|(name, signs)| shown(name, signs)).collect()
        };
        let channels = self.channels.iter();
        let channels = channels.map(|(name, members)| (name.as_str(), Some(shown(members))));
        ClientView { own: &self.own, channels: channels.collect() }
    }

    fn hear(&mut self, line: &Line<'_>) {
        let Line { source, command, params } = line;
        match (*command, params.as_slice()) {
            ("001", [own, ..]) => (*own).clone_into(&mut self.own),
            ("353", [_, _, channel, names]) => {
                let Some(members) = self.channels.get_mut(name_of(channel)) else { return };
                for name in names.split(' ') {
                    let nickname = name.trim_start_matches(is_sign);
                    let signs = name[..name.len() - nickname.len()].chars();
                    let signs = signs.filter_map(|sign| Some((SIGNS.find(sign)?, sign)));
                    members.insert(nickname.to_owned(), signs.collect());
                }
            }
            ("JOIN", [channel, ..]) => {
                let channel = name_of(channel).to_owned();
                if *source == self.own {
                    self.channels.insert(channel.clone(), BTreeMap::new());
                }
                if let Some(members) = self.channels.get_mut(&channel) {
                    members.insert((*source).to_owned(), Signs::new());
                }
            }
            ("PART", [channel, ..]) => self.lose(name_of(channel), source),
            ("KICK", [channel, nickname, ..]) => self.lose(name_of(channel), nickname),
            ("QUIT", _) => {
                for members in self.channels.values_mut() {
                    members.remove(*source);
                }
            }
            ("NICK", [nickname, ..]) => {
                if *source == self.own {
                    (*nickname).clone_into(&mut self.own);
                }
                for members in self.channels.values_mut() {
                    if let Some(signs) = members.remove(*source) {
                        members.insert((*nickname).to_owned(), signs);
                    }
                }
            }
            ("MODE", [target, letters, params @ ..]) if target.starts_with('#') => {
                self.change_modes(name_of(target), letters, params);
            }
            _ => {}
        }
    }

    fn change_modes(&mut self, channel: &str, letters: &str, params: &[&str]) {
        let Some(members) = self.channels.get_mut(channel) else { return };
        let (mut is_on, mut params) = (true, params.iter());
        for letter in letters.chars() {
            match letter {
                '+' => is_on = true,
                '-' => is_on = false,
                'b' | 'e' | 'k' => drop(params.next()),
                'l' if is_on => drop(params.next()),
                letter => {
                    let Some(status) = LETTERS.find(letter) else { continue };
                    let signs = params.next().and_then(|nickname| members.get_mut(*nickname));
                    let Some(signs) = signs else { continue };
                    if is_on {
                        signs.extend(SIGNS.chars().nth(status).map(|sign| (status, sign)));
                    } else {
                        signs.remove(&status);
                    }
                }
            }
        }
    }

    fn lose(&mut self, channel: &str, nickname: &str) {
        if nickname == self.own {
            self.channels.remove(channel);
        } else if let Some(members) = self.channels.get_mut(channel) {
            members.remove(nickname);
        }
    }
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Self {
        let after = |line: &'a str, sign: char| match line.strip_prefix(sign) {
            Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
            None => ("", line),
        };
        let (_, line) = after(line, '@');
        let (source, line) = after(line, ':');
        let (words, last) = match line.split_once(" :") {
            Some((words, last)) => (words, Some(last)),
            None => (line, None),
        };
        let mut words = words.split(' ');
        let command = words.next().unwrap_or_default();
        let source = source.split('!').next().unwrap_or_default();
        Self { source, command, params: words.chain(last).collect() }
    }
}

/// Returns a nickname after the sign of its role, which is that of its highest status.
fn shown(nickname: &str, signs: &Signs) -> String {
    signs.values().next().copied().into_iter().chain(nickname.chars()).collect()
}

/// Returns the name of a channel without the sign that a client of IRC writes in front.
fn name_of(channel: &str) -> &str {
    channel.strip_prefix('#').unwrap_or(channel)
}

fn is_sign(c: char) -> bool {
    SIGNS.contains(c)
}

/// The signs of statuses, the highest first.
const SIGNS: &str = "~@+";
/// The letters of statuses, the highest first.
const LETTERS: &str = "qov";
