//! How to test a sequence of commands, and a policy of one's own: write a script, look at its transcript once, and let a
//! snapshot tool tell you when it changes. `cargo test --example snapshot_test` runs the test below;
//! `cargo run --example snapshot_test` shows the transcript.

#![allow(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "programs print, and look at the events that they care for"
)]

use chat_core::script::{Script, ScriptError};
use chat_core::{Command, Engine, Policy, SessionId, Text, View};

/// A support desk: customers may not make channels of their own, and nobody passes on card numbers.
struct SupportDesk;

impl Policy for SupportDesk {
    fn review(&mut self, view: View<'_>, _: SessionId, command: Command) -> Result<Command, Text> {
        match command {
            Command::Join { channel, key } => {
                let known = view.channels().any(|known| known.name().shown() == channel);
                if known {
                    Ok(Command::Join { channel, key })
                } else {
                    Err(refusal("ask us for a room"))
                }
            }
            Command::Say { to, kind, text } => {
                let digits = text.chars().filter(char::is_ascii_digit).count();
                let text = if digits >= 16 { "(a number, removed)".into() } else { text };
                Ok(Command::Say { to, kind, text })
            }
            other => Ok(other),
        }
    }
}

const SCRIPT: &str = "\
> customer, agent: connect
> customer, agent: name
> customer: join my-own-room
> customer: say #lobby my card is 4000 0000 0000 0002
> agent: say @customer please do not post that
";

fn main() -> Result<(), ScriptError> {
    print!("{}", transcript(SCRIPT)?);
    Ok(())
}

fn transcript(source: &str) -> Result<String, ScriptError> {
    let script: Script = source.parse()?;
    let mut engine = Engine::with_policy(script.config().clone(), Script::START, SupportDesk);
    Ok(script.run_on(&mut engine).to_string())
}

fn refusal(words: &str) -> Text {
    Text::clean(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_support_desk_keeps_its_rules() -> Result<(), ScriptError> {
        insta::assert_snapshot!(transcript(SCRIPT)?, @r"
        > customer, agent: connect
        > customer, agent: name
            customer <= welcomed as customer; #lobby has customer
            agent <= welcomed as agent; #lobby has agent, customer
            customer <- agent joined #lobby
        > customer: join my-own-room
            customer <= rejected (forbidden): ask us for a room
        > customer: say #lobby my card is 4000 0000 0000 0002
            customer <= sent 1
            record: 1 said by customer in #lobby: (a number, removed)
            agent <- 1 said by customer in #lobby: (a number, removed)
        > agent: say @customer please do not post that
            agent <= sent 2
            record: 2 said by agent to customer: please do not post that
            customer <- 2 said by agent to customer: please do not post that
        ");
        Ok(())
    }
}
