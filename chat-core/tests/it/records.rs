//! The records of a run, applied to a new durable state, yield the engine's own after every input,
//! and the [ledger](crate::ledger) agrees. An engine that is restored continues like one that has
//! lost all connections.

use crate::generate::{InputGenerator, Seed, small_limits};
use crate::ledger::Ledger;
use chat_core::{
    CloseReason, Command, Config, DurableState, Effect, Engine, Input, SessionId, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;
use serde_json::Value;
use std::time::Duration;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The number of inputs in a run.
const INPUTS: usize = 200;

/// An engine, and a state to which its records are applied.
struct Replicated {
    engine: Engine,
    replica: DurableState,
    ledger: Ledger,
    generator: InputGenerator,
    now: Timestamp,
}

impl Replicated {
    fn new(config: Config) -> Self {
        Self {
            replica: DurableState::new(&config, START),
            ledger: Ledger::new(config.clone(), START),
            engine: Engine::new(config, START),
            generator: InputGenerator::new(START),
            now: START,
        }
    }

    fn step(&mut self, seed: Seed) {
        let (at, input) = self.generator.input(seed);
        self.apply(at, input);
    }

    fn apply(&mut self, at: Timestamp, input: Input) {
        self.now = self.now.max(at);
        let effects = self.engine.apply(at, input);
        let at = effects.at();
        let mut replies = Vec::new();
        for effect in effects {
            if let Effect::Record(record) = effect {
                self.replica.apply(at, record);
            }
            if let Effect::Reply { session, event, .. } = effect {
                replies.push((Some(session), event.clone()));
            }
            if let Effect::HostReply { event } = effect {
                replies.push((None, event.clone()));
            }
            self.generator.note(effect);
        }
        self.ledger.note(&self.engine, at, &replies);
    }

    /// Replaces the engine with one that is restored from the replica.
    fn restart(&mut self) {
        let config = self.engine.config().clone();
        self.engine = Engine::restore(config, self.replica.clone(), self.now);
        self.ledger.restart(self.now);
        self.generator.lose_connections();
    }
}

/// Channels disappear with their members, as by default, or stay; they have owners or operators.
fn configs() -> impl Strategy<Value = Config> {
    let statuses =
        prop::sample::select(vec![chat_core::Status::Owner, chat_core::Status::Operator]);
    (any::<bool>(), statuses).prop_map(|(keep_empty_channels, creator_status)| Config {
        keep_empty_channels,
        creator_status,
        ..small_limits()
    })
}

fn seeds(count: usize) -> impl Strategy<Value = Vec<Seed>> {
    prop::collection::vec(any::<Seed>(), count)
}

/// Returns a state as JSON, without what tells a restart from lost connections: the counters, which
/// skip reserved numbers, and the times at which accounts were seen.
fn kept(state: &DurableState) -> Value {
    let mut state = serde_json::to_value(state).expect("the state can be serialised as JSON");
    for counter in ["at", "user_ids", "guest_numbers"] {
        state[counter] = Value::Null;
    }
    let accounts = state["accounts"].as_object_mut().expect("a map");
    for account in accounts.values_mut() {
        account["last_seen"] = Value::Null;
    }
    state
}

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(10_000) })]

    #[test]
    fn records_yield_the_state_after_every_input(
        config in configs(),
        seeds in seeds(INPUTS),
        restart_at in 0..2 * INPUTS,
    ) {
        let mut run = Replicated::new(config);
        for (index, seed) in seeds.into_iter().enumerate() {
            if index == restart_at {
                run.restart();
            }
            run.step(seed);
            prop_assert_eq!(run.engine.durable(), &run.replica, "after input {}", index);
            // Written as JSON, the state is expensive to read.
            if index % 20 == 19 {
                run.ledger.compare(&run.replica);
                run.ledger.check_missed(&run.engine, (index as u64 * 7) % 30);
            }
        }
    }
}

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(500) })]

    #[test]
    fn restored_engine_is_one_that_has_lost_all_connections(
        config in configs(),
        seeds in seeds(INPUTS),
    ) {
        let mut run = Replicated::new(config.clone());
        seeds.into_iter().for_each(|seed| run.step(seed));
        let mut restored = Engine::restore(config.clone(), run.replica.clone(), run.now);
        // A copy that was written and read again is the same.
        let written = serde_json::to_string(&run.replica).expect("JSON");
        let read: DurableState = serde_json::from_str(&written).expect("the same state");
        prop_assert_eq!(&read, &run.replica);

        let open: Vec<SessionId> = run.generator.sessions().collect();
        for session in open {
            let reason = CloseReason::Disconnected;
            run.apply(run.now, Input::Close { session, reason });
        }
        let stay = config.reconnect_period.max(config.linger).unwrap_or_default();
        let later = run.now + stay + Duration::from_secs(4);
        run.apply(later, Input::Tick);
        restored.apply(later, Input::Tick).for_each(drop);
        prop_assert_eq!(run.engine.view().user_count(), 0);
        prop_assert_eq!(kept(restored.durable()), kept(run.engine.durable()));

        // Ids continue.
        let last = run.replica.last_message();
        let session = SessionId(u64::MAX);
        for (input, _) in [
            (Input::Open { session, peer: Default::default() }, 0),
            (Input::Command { session, request: None, command: Command::identify("dora") }, 0),
            (Input::Command { session, request: None, command: Command::say("lobby", "hi") }, 0),
        ] {
            restored.apply(later, input).for_each(drop);
        }
        if restored.view().user_count() == 1 {
            prop_assert!(restored.durable().last_message() > last);
        }
    }
}

/// A long run: `CHAT_RECORD_INPUTS=1000000 cargo test -p chat-core --test it long_run`.
#[test]
fn records_yield_the_state_in_a_long_run() {
    let inputs = std::env::var("CHAT_RECORD_INPUTS").ok();
    let inputs: usize = inputs.map_or(20_000, |inputs| inputs.parse().expect("a number"));
    let mut run = Replicated::new(small_limits());
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    for index in 0..inputs {
        // xorshift64 (Marsaglia 2003): good enough for varied inputs.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let [a, .., b, c, d, e] = random.to_be_bytes();
        if index % 5_000 == usize::from(a) {
            run.restart();
        }
        run.step([b, c, d, e]);
        assert_eq!(run.engine.durable(), &run.replica, "after input {index}");
        if index % 20 == 19 {
            run.ledger.compare(&run.replica);
        }
    }
}
