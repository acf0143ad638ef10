//! Policies: refusing a command, and replacing it with another.

use chat_core::script::Script;
use chat_core::{
    ChannelName, Checked, Command, Engine, JoinTarget, Nickname, Nonce, Policy, Query, Role,
    SessionId, Target, Text, View,
};

/// A policy that is a function.
struct Rule<F>(F);

impl<F> Policy for Rule<F>
where
    F: FnMut(View<'_>, SessionId, Command<Checked>) -> Result<Command<Checked>, Text>,
{
    fn review(
        &mut self,
        view: View<'_>,
        session: SessionId,
        command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        (self.0)(view, session, command)
    }
}

/// Runs a script on an engine whose policy is a function.
fn transcript<F>(source: &str, rule: F) -> String
where
    F: FnMut(View<'_>, SessionId, Command<Checked>) -> Result<Command<Checked>, Text>,
    F: Send + 'static,
{
    let script: Script = source.parse().expect("a script");
    let mut engine = Engine::with_policy(script.config().clone(), Script::START, Rule(rule));
    script.run_on(&mut engine).to_string()
}

/// Refuses to create channels, converts messages to lower case, and turns away into quit.
fn house(
    view: View<'_>,
    session: SessionId,
    command: Command<Checked>,
) -> Result<Command<Checked>, Text> {
    if let Command::Join { channel, key: _ } = &command {
        let known = view.channel(channel).is_some();
        return if known { Ok(command) } else { Err(Text::clean("the house makes channels")) };
    }
    if let Command::Say { to: to @ Target::Channel(_), kind, text, nonce, data, reply_to: None } =
        command
    {
        let text = Text::clean(&text.as_str().to_lowercase());
        return Ok(Command::Say { to, kind, text, nonce, data, reply_to: None });
    }
    if let Command::SetAway { message: _ } = command {
        return Ok(Command::Quit { reason: Some(Text::clean("away")) });
    }
    let identifies = matches!(command, Command::Identify { .. });
    assert_eq!(
        identifies,
        view.user_of(session).is_none(),
        "only sessions without a user identify"
    );
    Ok(command)
}

#[test]
fn refused_command_changes_nothing_and_has_a_reason() {
    let script = "\
> alice: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: join #rust
    alice <= rejected (forbidden): the house makes channels
> alice: channels
    alice <= channels: #lobby (1)
> alice: join #lobby
    alice <= entered; #lobby has alice
";
    assert_eq!(transcript(script, house), script);
}

#[test]
fn rewritten_command_is_carried_out() {
    let script = "\
> alice, bob: connect
> alice, bob: name
    alice <= welcomed as alice; #lobby has alice
    bob <= welcomed as bob; #lobby has alice, bob
    alice <- bob joined #lobby
> alice: say #lobby HELLO
    alice <= sent 1
    record: 1 said by alice in #lobby: hello
    bob <- 1 said by alice in #lobby: hello
> alice: say @bob HELLO
    alice <= sent 2
    record: 2 said by alice to bob: HELLO
    bob <- 2 said by alice to bob: HELLO
> alice: away
    alice <= goodbye: away
    bob <- alice quit (#lobby): away
    alice closed: quit: away
";
    assert_eq!(transcript(script, house), script);
}

#[test]
fn quitting_is_never_refused_and_reasons_are_clean() {
    let script = "\
> alice: connect
> alice: users
    alice <= rejected (not_identified): take a nickname first
> alice: name
    alice <= rejected (forbidden): closed for[5m today
> alice: quit
    alice <= goodbye
    alice closed: quit
";
    let closed = |_: View<'_>, _, _| Err(Text::clean("closed\nfor\x1b[5m today"));
    assert_eq!(transcript(script, closed), script);
}

#[test]
fn message_that_is_sent_again_is_answered_without_a_review() {
    // The policy refuses every text that it has seen before.
    let script = "\
> alice: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: say-nonce one #lobby hi
    alice <= sent 1
    record: 1 said by alice in #lobby: hi (nonce \"one\")
> alice: say-nonce one #lobby hi
    alice <= sent before as 1
> alice: say-nonce two #lobby hi
    alice <= rejected (forbidden): you have said that
> alice: say-nonce two #lobby ho
    alice <= sent 2
    record: 2 said by alice in #lobby: ho (nonce \"two\")
";
    let mut seen = Vec::new();
    let filter = move |_: View<'_>, _, mut command: Command<Checked>| {
        for text in command.texts_mut() {
            if seen.contains(text) {
                return Err(Text::clean("you have said that"));
            }
            seen.push(text.clone());
        }
        Ok(command)
    };
    assert_eq!(transcript(script, filter), script);
}

#[test]
fn nonce_from_a_policy_counts_like_that_of_a_client() {
    let script = "\
> alice: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: say #lobby hi
    alice <= sent 1
    record: 1 said by alice in #lobby: hi (nonce \"hi\")
> alice: say #lobby hi
    alice <= sent before as 1
";
    let names = |_: View<'_>, _, mut command: Command<Checked>| {
        if let Command::Say { text, nonce, .. } = &mut command {
            *nonce = Nonce::parse(text.as_str()).ok();
        }
        Ok(command)
    };
    assert_eq!(transcript(script, names), script);
}

#[test]
fn policy_reviews_only_commands_that_pass_the_engines_checks() {
    // Commands that the engine refuses, for the rate or without a nickname, do not reach the
    // policy.
    let script = "\
config command_burst 3
config commands_per_second 1
> alice: connect
> alice: users
    alice <= rejected (not_identified): take a nickname first
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: name
    alice <= rejected (already_identified): already connected
> alice: users
    alice <= online: alice
> alice: users
    alice <= rejected (forbidden): no more for today
> alice: users
    alice <= rejected (rate_limited): too many commands: wait 1.0 seconds
";
    let mut left = 2_usize;
    let ration = move |_: View<'_>, _, command| {
        left = left.checked_sub(1).ok_or_else(|| Text::clean("no more for today"))?;
        Ok(command)
    };
    assert_eq!(transcript(script, ration), script);
}

#[test]
fn policy_sees_the_state() {
    let script = "\
> alice, bob: connect
> alice, bob: name
    alice <= welcomed as alice; #lobby has alice
    bob <= welcomed as bob; #lobby has alice, bob
    alice <- bob joined #lobby
> alice, bob: join #rust
    alice <= entered; #rust has alice (owner)
    record: #rust created by alice
    bob <= entered; #rust has alice (owner), bob
    alice <- bob joined #rust
> bob: topic #rust mine
    bob <= rejected (forbidden): ask the owner
> alice: topic #rust mine
    alice <= topic of #rust changed by alice: \"mine\" by alice
    record: topic of #rust: \"mine\" by alice
    bob <- topic of #rust changed by alice: \"mine\" by alice
";
    let owners_set_topics = |view: View<'_>, session, command| {
        let Command::SetTopic { channel, topic: _ } = &command else {
            return Ok(command);
        };
        let owns = view.channel(channel).zip(view.user_of(session));
        match owns.and_then(|(channel, user)| channel.role(user.nickname())) {
            Some(Role::Owner) => Ok(command),
            Some(Role::Member | Role::Voiced | Role::Operator) | None => {
                Err(Text::clean("ask the owner"))
            }
            _ => unreachable!("a variant that this test does not know"),
        }
    };
    assert_eq!(transcript(script, owners_set_topics), script);
}

#[test]
fn rewritten_command_is_checked_again() {
    let script = "\
> alice, nobody: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: away
    alice <= rejected (already_identified): already connected
> nobody: name
    nobody <= rejected (not_identified): take a nickname first
> alice: users
    alice <= online: alice
";
    // An away command becomes an identify, and the identify of `nobody` a list of channels.
    let swap = |_: View<'_>, _, command: Command<Checked>| {
        if let Command::SetAway { .. } = command {
            let nickname = Nickname::parse("other").ok();
            return Ok(Command::Identify {
                nickname,
                lobby: true,
                resume: None,
                credential: None,
                reconnect_key: None,
                profile: None,
            });
        }
        let is_nobody = matches!(
            &command,
            Command::Identify { nickname: Some(nickname), .. } if nickname.folded() == "nobody"
        );
        Ok(if is_nobody { Command::ListChannels } else { command })
    };
    assert_eq!(transcript(script, swap), script);
}

#[test]
fn only_messages_have_several_lines_after_a_review() {
    let script = "\
> alice: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: say #lobby if:\\n\\tgo
    alice <= sent 1
    record: 1 said by alice in #lobby: if:\\n\\tgo\\nset by the house
> alice: topic lobby tea
    alice <= topic of #lobby changed by alice: \"tea set by the house\" by alice
    record: topic of #lobby: \"tea set by the house\" by alice
> alice: away out
    alice <= alice is away: out set by the house
> alice: users
    alice <= rejected (forbidden): not today
> alice: say #lobby one\\ntwo\\nthree\\nfour
    alice <= rejected (too_many_lines): message has more than 4 lines
> alice: quit done
    alice <= goodbye: done set by the house
    alice closed: quit: done set by the house
";
    let house = |_: View<'_>, _, mut command: Command<Checked>| {
        if matches!(command, Command::Query(Query::Users { .. })) {
            return Err(Text::clean_lines("not\ntoday"));
        }
        for text in command.texts_mut() {
            *text = Text::clean_lines(&format!("{text}\nset by the house"));
        }
        Ok(command)
    };
    let script = format!("config message_lines 4\n{script}");
    assert_eq!(transcript(&script, house), script);
}

#[test]
fn join_of_several_channels_is_reviewed_channel_by_channel() {
    let script = "\
> alice: connect
> alice: name
    alice <= welcomed as alice; #lobby has alice
> alice: join-many #rust #tea #art
    alice <= entered 2, refused 1
        #rust has alice (owner)
        #art has alice (owner)
        #tea (forbidden): join this channel on its own
    record: #rust created by alice
    record: #art created by alice
> alice: away
    alice <= entered 2, refused 0
        #rust has alice (owner)
        #zoo has alice (owner)
    record: #zoo created by alice
";
    // A join of #tea becomes a list of channels, and an away command a join of several channels.
    let swap = |_: View<'_>, _, command: Command<Checked>| {
        if let Command::SetAway { .. } = command {
            let channels = ["rust", "zoo"].map(|name| JoinTarget {
                channel: ChannelName::parse(name).expect("a name"),
                key: None,
            });
            return Ok(Command::JoinMany { channels: channels.into() });
        }
        let is_tea = command.channels().any(|channel| channel.folded() == "tea");
        Ok(if is_tea { Command::ListChannels } else { command })
    };
    assert_eq!(transcript(script, swap), script);
}
