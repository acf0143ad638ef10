//! Scripts of sessions' actions, and transcripts of their effects.
//!
//! A *script* is a text file. Its *transcript* is the same file with every effect under the line
//! that caused it, written to be read in a diff. Together with a snapshot tool they test sequences
//! of commands, or a custom [`Policy`](crate::Policy), without a network or a clock, so that the
//! tests are not flaky.
//!
//! ```
//! use chat_core::script::Script;
//!
//! let script: Script = "\
//! > alice, bob: connect
//! > alice, bob: name
//! > alice: say #lobby hello there
//! > bob: away gone fishing
//! > alice: say @bob are you there?
//! "
//! .parse()?;
//!
//! assert_eq!(
//!     script.run().to_string(),
//!     "\
//! > alice, bob: connect
//! > alice, bob: name
//!     alice <= welcomed as alice; #lobby has alice
//!     bob <= welcomed as bob; #lobby has alice, bob
//!     alice <- bob joined #lobby
//! > alice: say #lobby hello there
//!     alice <= sent 1
//!     record: 1 said by alice in #lobby: hello there
//!     bob <- 1 said by alice in #lobby: hello there
//! > bob: away gone fishing
//!     bob <= bob is away: gone fishing
//!     alice <- bob is away: gone fishing
//! > alice: say @bob are you there?
//!     alice <= sent 2; bob is away: gone fishing
//!     record: 2 said by alice to bob: are you there?
//!     bob <- 2 said by alice to bob: are you there?
//! "
//! );
//! # Ok::<(), chat_core::script::ScriptError>(())
//! ```
//!
//! # Scripts
//!
//! | line | meaning |
//! | --- | --- |
//! | `> WHO: ACTION` | a session acts; `WHO` is a label for a session, or several separated by commas, which act one after the other |
//! | `+61s` | time passes, in `ms`, `s`, `m` or `h`; it does not pass otherwise |
//! | `> restart` | the engine stops without a warning, and is [restored](crate::Engine::restore) from its durable state; all connections are lost |
//! | `config NAME VALUE` | sets a field of [`Config`]; before the first step |
//! | `# …`, empty | a comment |
//! | indented | skipped, so that a transcript is a script too |
//!
//! | action | command |
//! | --- | --- |
//! | `connect [name=NAME] [account=NAME] [address=ADDRESS] [host=HOST] [username=NAME] [real_name=NAME] [token=TOKEN] [person] [bot]`, `disconnect` | [`Input::Open`](crate::Input::Open), [`Input::Close`](crate::Input::Close) |
//! | `name [NAME]`, `name-only NAME`, `guest`, `rename NAME` | takes a nickname (the label if none is given) and joins the lobby; takes one without the lobby; takes the next guest name; renames |
//! | `resume ID [key=KEY] [NAME]` | takes a nickname, and goes on after the message of this id |
//! | `missed ID [limit N]`, `read #CHANNEL\|@USER ID` | reads the messages after one; marks messages as read |
//! | `login TOKEN [NAME]` | takes a nickname, with a token |
//! | `name-with [username=NAME] [real_name=NAME] [bot]` | takes the label as the nickname, with a profile |
//! | `profile [real_name=NAME] [-real_name] [+bot] [-bot]` | changes the profile |
//! | `set-data [KEY=TEXT …] [-KEY …]`, `set-channel-data CHANNEL [KEY=TEXT …] [-KEY …]` | |
//! | `answer account ACCOUNT [name=NAME] [for=TIME]`, `answer guest`, `answer refused REASON`, `answer unavailable` | the host answers the last question about the session |
//! | `answer messages [more] [TO/FROM/ID/TEXT …]` | the host answers with messages of its store; `TO` is `#channel` or `@user` |
//! | `answer found [next=ID] [TO/FROM/ID/TEXT …]` | the host answers a search in the same way |
//! | `join-many CHANNEL[=KEY] …` | joins several channels at once |
//! | `join CHANNEL [KEY]`, `leave CHANNEL [REASON]` | |
//! | `say`, `me`, `notice` `TO TEXT` | `TO` is `#channel`, `ROLE@#channel` or `@user` |
//! | `say-nonce NONCE TO TEXT` | says something, with a nonce |
//! | `delete ID [REASON]`, `delete-in CHANNEL ID [REASON]` | deletes a message |
//! | `edit ID TEXT` | gives a message another text |
//! | `say-data [KEY=VALUE …] TO TEXT` | says something, with application data |
//! | `topic CHANNEL [TEXT]`, `untopic CHANNEL` | reads or sets the topic; removes it |
//! | `modes CHANNEL [CHANGE …]` | `+secret`, `-members_only`, `key=KEY`, `-key`, `limit=N`, `-limit`, `keep=TIME` such as `keep=90d`, `-keep` |
//! | `role`, `grant`, `revoke` `CHANNEL NAME ROLE` | `owner`, `operator`, `voiced`; `role` also `member` |
//! | `kick`, `ban`, `mute` `CHANNEL NAME [REASON]` | |
//! | `unban`, `unmute`, `exempt`, `unexempt`, `invite` `CHANNEL NAME` | |
//! | `users [CHANNEL]`, `channels` | |
//! | `users-page [#CHANNEL] [after NAME] [limit N]`, `channels-page [after CHANNEL] [limit N]` | a page of a list |
//! | `history CHANNEL [before\|after\|around ID \| at TIME] [limit N]`, `private-history NAME` with the same | `TIME` is the time since [`Script::START`], such as `61s` |
//! | `search [in=CHANNEL] [from=NAME] [after=TIME] [before=TIME] [below=ID] [limit=N] TEXT` | a time is counted from the beginning of the script, such as `61s` |
//! | `list-mask`, `unlist-mask` `CHANNEL LIST MASK [REASON]` | |
//! | `list CHANNEL LIST [offset N] [limit N]`, `invitations` | |
//! | `whois NAME`, `whowas NAME [limit N]` | |
//! | `report ID [REASON]`, `report @NAME [REASON]` | reports a message or a user |
//! | `become-operator NAME PASSWORD` | becomes a server operator |
//! | `user-modes [+invisible] [+announcements] [-operator] …` | changes the user's own modes |
//! | `watch [NAME …]`, `unwatch [NAME …]` | watches nicknames, or these no longer |
//! | `counts` | counts users, sessions and channels |
//! | `away [TEXT]`, `back`, `quit [REASON]` | |
//!
//! `LIST` is `bans`, `mutes`, `exceptions`, `mute_exceptions` or `invite_exceptions`.
//!
//! Server operators have these actions:
//!
//! | action of a server operator | command |
//! | --- | --- |
//! | `ban-server name=NAME [for=TIME] [REASON]`, `unban-server name=NAME` | bans from the server; `account=NAME` bans an account, `address=RANGE` addresses |
//! | `server-bans [offset N] [limit N]` | lists the bans from the server |
//! | `audit-log [below ID] [limit N]` | reads the audit log |
//! | `reports [after ID] [limit N]`, `close-report ID [REASON]` | reads the open reports; closes one |
//! | `announce TEXT` | tells something to the users who want to hear it |
//! | `remove NAME [REASON]` | disconnects a user |
//! | `remove-account ACCOUNT` | removes an account |
//! | `close CHANNEL [REASON]` | closes a channel |
//! | `server-role CHANNEL NAME ROLE` | changes a role in any channel |
//!
//! `host` is the label of the host, which needs no `connect`. It has the actions `say`,
//! `say-data`, `me`, `notice`, `topic CHANNEL TEXT`, `untopic`, `modes`, `role`, `grant`, `revoke`,
//! `kick`, `ban`, `unban`, `mute`, `unmute`, `exempt`, `unexempt`, `list-mask`, `unlist-mask` and
//! `invite`, those of server operators that change something, and these:
//!
//! | action of the host | command |
//! | --- | --- |
//! | `create CHANNEL [owner=ACCOUNT] [topic=TOPIC] [CHANGE …]` | creates a channel, with changes of modes |
//! | `join CHANNEL NAME`, `leave CHANNEL NAME [REASON]` | lets a user join or leave |
//! | `change NAME [host=HOST] [-host] [real_name=NAME] [-real_name] [+bot] [-bot]` | changes a user's identity |
//! | `channel-data CHANNEL [KEY=VALUE …]`, `user-data NAME [KEY=VALUE …]` | replaces the application data of a channel or a user |
//!
//! In texts and names, `\n`, `\r`, `\t`, `\e`, `\\` and `\u{202e}` stand for characters that are
//! hard to write, and `""` for an empty text.
//!
//! # Transcripts
//!
//! `alice <= …` is the reply to alice's command, `alice, bob <- …` is an event for other sessions,
//! `record: …` is a record for a store, `host <= …` is the reply to the host, `host <- …?` is a
//! question to the host, such as `host <- who is alice?`, and `alice closed: …` is the end of a
//! session.

mod account_action;
mod action;
mod describe;
mod describe_message;
mod describe_question;
mod describe_user;
mod error;
mod history_action;
mod host_action;
mod message_action;
mod operator_action;
mod run;
mod step;
mod user_action;
mod words;

pub use error::{ScriptError, ScriptProblem};
pub use run::Transcript;
pub use step::{Action, Step};

use crate::{Command, Config};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

/// A script that has been parsed.
#[derive(Clone, Debug)]
pub struct Script {
    config: Config,
    lines: Vec<Line>,
}

/// A line of a script, as it was written, and its step, unless it is empty, a comment or a setting.
#[derive(Clone, Debug)]
struct Line {
    source: String,
    step: Option<Step>,
}

impl Script {
    /// The limits that the script asks for.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The steps in order, each with the number of its line.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        let numbered = self.lines.iter().enumerate();
        numbered.filter_map(|(index, line)| Some((index + 1, line.step.as_ref()?)))
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(source: &str) -> Result<Self, ScriptError> {
        let mut script = Self { config: Config::default(), lines: Vec::new() };
        let mut labels = Labels::default();
        let mut begun = false;
        for (index, line) in source.lines().enumerate() {
            // Lines that a transcript has added are not part of the script.
            if line.starts_with([' ', '\t']) && !line.trim().is_empty() {
                continue;
            }
            let step = parse_line(line, &mut script.config, begun, &mut labels)
                .map_err(|problem| ScriptError { line: index + 1, problem })?;
            begun |= step.is_some();
            script.lines.push(Line { source: line.trim_end().to_owned(), step });
        }
        Ok(script)
    }
}

/// The labels that have been connected, and whether they still are.
#[derive(Debug, Default)]
struct Labels(Vec<(String, bool)>);

impl Labels {
    fn disconnect_all(&mut self) {
        self.0.iter_mut().for_each(|(_, connected)| *connected = false);
    }

    fn note(&mut self, label: &str, action: &Action) -> Result<(), ScriptProblem> {
        let connects = matches!(action, Action::Connect(_));
        let disconnects =
            matches!(action, Action::Disconnect | Action::Command(Command::Quit { .. }));
        match self.0.iter_mut().find(|(known, _)| known == label) {
            Some((_, true)) if connects => return Err(ScriptProblem::Connected(label.to_owned())),
            Some((_, connected)) => *connected = connects || (*connected && !disconnects),
            None if connects => self.0.push((label.to_owned(), true)),
            None => return Err(ScriptProblem::NotConnected(label.to_owned())),
        }
        Ok(())
    }
}

fn parse_line(
    line: &str,
    config: &mut Config,
    begun: bool,
    labels: &mut Labels,
) -> Result<Option<Step>, ScriptProblem> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    if let Some(time) = line.strip_prefix('+') {
        let duration = crate::config::parse_duration(time)
            .ok_or_else(|| ScriptProblem::Time(line.to_owned()))?;
        return Ok(Some(Step::Wait(duration)));
    }
    if let Some(setting) = line.strip_prefix("config ") {
        if begun {
            return Err(ScriptProblem::LateSetting);
        }
        let (name, value) =
            setting.trim().split_once(' ').ok_or(ScriptProblem::Usage("config NAME VALUE"))?;
        config.set(name, value.trim()).map_err(ScriptProblem::Setting)?;
        return Ok(None);
    }
    if line == "> restart" {
        labels.disconnect_all();
        return Ok(Some(Step::Restart));
    }
    let Some((who, action)) = line.strip_prefix('>').and_then(|rest| rest.split_once(':')) else {
        return Err(ScriptProblem::UnknownLine);
    };
    let mut acts = Vec::new();
    for label in who.split(',') {
        let label = parse_label(label.trim())?;
        if label == HOST {
            acts.push((label, parse_host(action.trim())?));
            continue;
        }
        let action = action::parse(&label, action.trim())?;
        labels.note(&label, &action)?;
        acts.push((label, action));
    }
    Ok(Some(Step::Act(acts)))
}

/// The label of the host, which is no session.
const HOST: &str = "host";

fn parse_host(source: &str) -> Result<Action, ScriptProblem> {
    if let Some(command) = host_action::parse(source)? {
        return Ok(Action::Host(command));
    }
    let command = match action::parse(HOST, source)? {
        Action::Command(command) => host_action::of_host(command),
        Action::Connect(_) | Action::Disconnect | Action::Answer(..) | Action::Host(_) => None,
    };
    let verb = source.split(' ').next().unwrap_or_default();
    let unknown = || ScriptProblem::NotOfHost(verb.to_owned());
    command.map(Action::Host).ok_or_else(unknown)
}

fn parse_label(label: &str) -> Result<String, ScriptProblem> {
    let plain = label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    if label.is_empty() || !plain {
        return Err(ScriptProblem::Label(label.to_owned()));
    }
    Ok(label.to_owned())
}
