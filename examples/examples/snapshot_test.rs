//! Tests a sequence of commands with a custom policy: write a script, review its transcript
//! once, and let a snapshot tool report changes.
//! `cargo test --example snapshot_test` runs the test below; `cargo run --example snapshot_test`
//! shows the transcript.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_core::script::{Script, ScriptError};
use chat_core::{Checked, Command, Engine, Policy, SessionId, Text, View};

/// The policy of a support desk: customers cannot create channels, and card numbers are removed.
struct SupportDesk;

impl Policy for SupportDesk {
    fn review(
        &mut self,
        view: View<'_>,
        _: SessionId,
        mut command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        if let Command::Join { channel, .. } = &command
            && view.channel(channel).is_none()
        {
            return Err(Text::clean("ask us for a room"));
        }
        // This covers messages, topics and reasons.
        for text in command.texts_mut() {
            if text.as_str().chars().filter(|c| c.is_numeric()).count() >= 16 {
                *text = Text::clean("(a number, removed)");
            }
        }
        Ok(command)
    }
}

const SCRIPT: &str = "\
> customer, agent: connect
> customer, agent: name
> customer: join my-own-room
> customer: join #LOBBY
> customer: say #lobby my card is 4000 0000 0000 0002
> customer: topic #lobby 4000000000000002
> agent: say @customer please do not post that
> customer: quit 4000-0000-0000-0002
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_desk_policy_is_applied() -> Result<(), ScriptError> {
        insta::assert_snapshot!(transcript(SCRIPT)?, @r#"
        > customer, agent: connect
        > customer, agent: name
            customer <= welcomed as customer; #lobby has customer
            agent <= welcomed as agent; #lobby has agent, customer
            customer <- agent joined #lobby
        > customer: join my-own-room
            customer <= rejected (forbidden): ask us for a room
        > customer: join #LOBBY
            customer <= entered; #lobby has agent, customer
        > customer: say #lobby my card is 4000 0000 0000 0002
            customer <= sent 1
            record: 1 said by customer in #lobby: (a number, removed)
            agent <- 1 said by customer in #lobby: (a number, removed)
        > customer: topic #lobby 4000000000000002
            customer <= topic of #lobby changed by customer: "(a number, removed)" by customer
            record: topic of #lobby: "(a number, removed)" by customer
            agent <- topic of #lobby changed by customer: "(a number, removed)" by customer
        > agent: say @customer please do not post that
            agent <= sent 2
            record: 2 said by agent to customer: please do not post that
            customer <- 2 said by agent to customer: please do not post that
        > customer: quit 4000-0000-0000-0002
            customer <= goodbye: (a number, removed)
            agent <- customer quit (#lobby): (a number, removed)
            customer closed: quit: (a number, removed)
        "#);
        Ok(())
    }
}
