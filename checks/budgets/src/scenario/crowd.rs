//! An engine with users, and the inputs of these users.

use super::work::{NOW, Outcome, ROUNDS, WARM_UP, WORDS, Work};
use chat_core::{
    AccountName, Command, Config, DurableState, Effect, Engine, Event, Input, MessageKind, Peer,
    Recipient, Record, SessionId,
};
use std::hint::black_box;

/// An engine with users whose sessions are numbered from 1.
pub(super) struct Crowd {
    engine: Engine,
}

/// Inputs to be applied where it is counted.
struct Inputs {
    engine: Engine,
    waiting: Vec<Input>,
    outcome: Outcome,
}

impl Crowd {
    /// Creates an engine with `users` users, who are in no room.
    pub(super) fn new(users: u64) -> Self {
        // There is no rate limit.
        let config = Config { commands_per_second: 0, ..Config::default() };
        let mut crowd = Self { engine: Engine::new(config, NOW) };
        for number in 1..=users {
            crowd.apply(open(number));
            crowd.apply(identify(number, false));
        }
        crowd
    }

    /// Creates an engine with ten users who have accounts, restored from a state that knows
    /// `accounts` accounts in all.
    pub(super) fn of_accounts(accounts: u64) -> Self {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let mut durable = DurableState::new(&config, NOW);
        for number in 1..=accounts {
            durable.apply(NOW, &Record::AccountSeen { account: account(number) });
        }
        let mut crowd = Self { engine: Engine::restore(config, durable, NOW) };
        for number in 1..=10 {
            let peer = Peer { account: Some(account(number)), ..Peer::default() };
            crowd.apply(Input::Open { session: SessionId(number), peer });
            crowd.apply(identify(number, false));
        }
        crowd
    }

    /// Joins the users with the numbers in `members` to a room.
    pub(super) fn in_room(mut self, room: &str, members: impl Iterator<Item = u64>) -> Self {
        members.for_each(|number| self.apply(join(number, room)));
        self
    }

    /// Applies an input `times` times before counting.
    pub(super) fn after(mut self, times: u64, input: impl Fn() -> Input) -> Self {
        (0..times).for_each(|_| self.apply(input()));
        self
    }

    /// Applies the inputs of `operation` for the warm-up rounds, and returns the work of the
    /// counted rounds.
    pub(super) fn repeating<const N: usize>(
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
                consume(effect, &mut self.outcome);
            }
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.outcome
    }
}

/// Consumes an effect, as a runtime does, and adds it to the outcome.
fn consume(effect: Effect<'_>, outcome: &mut Outcome) {
    match effect {
        Effect::Reply { event, .. } => {
            outcome.delivered += 1;
            outcome.messages += u64::from(matches!(event, Event::Sent { .. }));
            outcome.refused += u64::from(matches!(event, Event::Rejected(_)));
        }
        Effect::Deliver { to, event } => {
            outcome.delivered += to.len() as u64;
            black_box(event);
        }
        Effect::HostReply { .. }
        | Effect::Ask { .. }
        | Effect::Close { .. }
        | Effect::Record(_) => {
            black_box(effect);
        }
        _ => unreachable!("a variant that this test does not know"),
    }
}

fn account(number: u64) -> AccountName {
    format!("account{number}").into()
}

/// Opens a session.
pub(super) fn open(number: u64) -> Input {
    Input::Open { session: SessionId(number), peer: Peer::default() }
}

/// Takes a nickname, and joins the lobby if `lobby` is true.
pub(super) fn identify(number: u64, lobby: bool) -> Input {
    command(
        number,
        Command::Identify {
            nickname: Some(nickname(number)),
            lobby,
            credential: None,
            resume: None,
            reconnect_key: None,
            profile: None,
        },
    )
}

/// Joins a room.
pub(super) fn join(number: u64, room: &str) -> Input {
    command(number, Command::Join { channel: room.into(), key: None })
}

/// Sends a message to a room.
pub(super) fn say(number: u64, room: &str) -> Input {
    tell(number, Recipient::Channel(room.into()))
}

/// Sends a message to a room or a user.
pub(super) fn tell(number: u64, to: Recipient) -> Input {
    command(
        number,
        Command::Say {
            to,
            kind: MessageKind::Message,
            text: WORDS.into(),
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
    )
}

/// Wraps a command of a session as an input.
pub(super) fn command(number: u64, command: Command) -> Input {
    Input::Command { session: SessionId(number), request: None, command }
}

/// Returns the nickname of a user.
pub(super) fn nickname(number: u64) -> String {
    format!("member{number}")
}
