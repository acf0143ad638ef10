//! Users of an engine, and inputs that they give it.

use super::work::{NOW, Outcome, ROUNDS, WARM_UP, WORDS, Work};
use chat_core::{
    Command, Config, Effect, Engine, Event, Input, MessageKind, Peer, Recipient, SessionId,
};
use std::hint::black_box;

/// An engine with users, whose sessions are numbered from 1.
pub(super) struct Crowd {
    engine: Engine,
}

/// Inputs that wait to be applied.
struct Inputs {
    engine: Engine,
    waiting: Vec<Input>,
    outcome: Outcome,
}

impl Crowd {
    /// So many users, who are in no room.
    pub(super) fn new(users: u64) -> Self {
        // Nobody is slowed down, and all find a room.
        let config = Config { commands_per_second: 0, ..Config::default() };
        let mut crowd = Self { engine: Engine::new(config, NOW) };
        for number in 1..=users {
            crowd.apply(open(number));
            crowd.apply(identify(number, false));
        }
        crowd
    }

    /// Puts the users with the numbers in `members` into a room.
    pub(super) fn in_room(mut self, room: &str, members: impl Iterator<Item = u64>) -> Self {
        members.for_each(|number| self.apply(join(number, room)));
        self
    }

    /// Has something done before, so many times.
    pub(super) fn having(mut self, times: u64, done: impl Fn() -> Input) -> Self {
        (0..times).for_each(|_| self.apply(done()));
        self
    }

    /// Does what `operation` says for each round, and gets ready to do it where it counts.
    pub(super) fn doing<const N: usize>(
        mut self,
        operation: impl Fn(u64) -> [Input; N],
    ) -> Box<dyn Work> {
        (0..WARM_UP).flat_map(&operation).for_each(|input| self.apply(input));
        let waiting = (WARM_UP..WARM_UP + ROUNDS).flat_map(&operation).collect();
        Box::new(Inputs { engine: self.engine, waiting, outcome: Outcome::default() })
    }

    fn apply(&mut self, input: Input) {
        self.engine.apply(NOW, input).for_each(drop);
    }
}

impl Work for Inputs {
    fn run(&mut self) {
        for input in self.waiting.drain(..) {
            for effect in self.engine.apply(NOW, input) {
                note(effect, &mut self.outcome);
            }
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.outcome
    }
}

/// Looks at an effect, as a host does.
fn note(effect: Effect<'_>, outcome: &mut Outcome) {
    match effect {
        Effect::Reply { event, .. } => {
            outcome.told += 1;
            outcome.messages += u64::from(matches!(event, Event::Sent { .. }));
            outcome.refused += u64::from(matches!(event, Event::Rejected(_)));
        }
        Effect::Deliver { to, event } => {
            outcome.told += to.len() as u64;
            black_box(event);
        }
        Effect::Ask { .. } | Effect::Close { .. } | Effect::Record(_) => {
            black_box(effect);
        }
        _ => unreachable!("a variant that this test does not know"),
    }
}

/// Somebody connects.
pub(super) fn open(number: u64) -> Input {
    Input::Open { session: SessionId(number), peer: Peer::default() }
}

/// Somebody takes a name, and perhaps comes into the lobby.
pub(super) fn identify(number: u64, lobby: bool) -> Input {
    command(
        number,
        Command::Identify {
            nickname: Some(nickname(number)),
            lobby,
            token: None,
            reconnect_key: None,
        },
    )
}

/// Somebody joins a room.
pub(super) fn join(number: u64, room: &str) -> Input {
    command(number, Command::Join { channel: room.into(), key: None })
}

/// Somebody says something in a room.
pub(super) fn say(number: u64, room: &str) -> Input {
    tell(number, Recipient::Channel(room.into()))
}

/// Somebody says something.
pub(super) fn tell(number: u64, to: Recipient) -> Input {
    command(number, Command::Say { to, kind: MessageKind::Message, text: WORDS.into() })
}

/// Somebody asks for something.
pub(super) fn command(number: u64, command: Command) -> Input {
    Input::Command { session: SessionId(number), request: None, command }
}

/// The name of somebody.
pub(super) fn nickname(number: u64) -> String {
    format!("member{number}")
}
