//! The cost of `apply`, by the number of recipients and of online users.

use chat_core::{Command, Config, Effect, Engine, Input, Peer, SessionId, Timestamp};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = message, join_and_leave, small_channel_among_many
}
criterion_main!(benches);

/// A message to channels of several sizes.
fn message(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("message");
    for members in [10, 1_000, 10_000] {
        let mut engine = engine_with(members);
        (1..=members).for_each(|number| join(&mut engine, number, "hall"));
        group.throughput(Throughput::Elements(members - 1));
        group.bench_function(format!("to {members}"), |bencher| {
            bencher.iter_batched(
                || say(1, "hall"),
                |input| drain(&mut engine, input),
                BatchSize::SmallInput,
            );
        });
    }
}

/// A join and a leave in a large channel, announced and not announced.
fn join_and_leave(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join and leave of 10000");
    for (what, announce_up_to) in [("told", usize::MAX), ("not told", 0)] {
        let mut engine = Engine::new(Config { announce_up_to, ..without_rate_limit() }, NOW);
        (1..=10_000).for_each(|number| arrive(&mut engine, number));
        (1..=10_000).for_each(|number| join(&mut engine, number, "hall"));
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                let leave = Command::Leave { channel: "hall".into(), reason: None };
                drain(&mut engine, command(5_000, leave));
                drain(&mut engine, command(5_000, Command::join("hall")))
            });
        });
    }
}

/// A message in a channel of ten, with few and with many users in other channels.
fn small_channel_among_many(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("message to 10");
    for online in [100, 100_000] {
        let mut engine = engine_with(online);
        for number in 1..=online {
            join(&mut engine, number, &room(number));
        }
        // A user in the middle, so that look-ups are neither best nor worst cases.
        let speaker = online / 2;
        group.bench_function(format!("of {online} online"), |bencher| {
            bencher.iter_batched(
                || say(speaker, &room(speaker)),
                |input| drain(&mut engine, input),
                BatchSize::SmallInput,
            );
        });
    }
}

fn engine_with(users: u64) -> Engine {
    let mut engine = Engine::new(without_rate_limit(), NOW);
    (1..=users).for_each(|number| arrive(&mut engine, number));
    engine
}

/// A configuration without a rate limit, and with room for all users.
fn without_rate_limit() -> Config {
    Config { commands_per_second: 0, channels: 100_000, ..Config::default() }
}

fn arrive(engine: &mut Engine, number: u64) {
    let open = Input::Open { session: SessionId(number), peer: Peer::default() };
    drain(engine, open);
    let nickname = Some(format!("member{number}"));
    let identify = Command::Identify {
        nickname,
        lobby: false,
        credential: None,
        resume: None,
        reconnect_key: None,
        profile: None,
    };
    drain(engine, command(number, identify));
}

fn join(engine: &mut Engine, number: u64, channel: &str) {
    drain(engine, command(number, Command::join(channel)));
}

/// Returns the channel of ten of a user. All names have the same length, because longer names take
/// longer to parse.
fn room(number: u64) -> String {
    format!("room{:05}", (number - 1) / 10)
}

fn say(number: u64, channel: &str) -> Input {
    command(number, Command::say(channel, "hello everybody"))
}

fn command(number: u64, command: Command) -> Input {
    Input::Command { session: SessionId(number), request: None, command }
}

/// Applies an input and reads every effect, as a runtime does.
fn drain(engine: &mut Engine, input: Input) -> usize {
    let mut told = 0;
    for effect in engine.apply(NOW, input) {
        if let Effect::Deliver { to, event } = effect {
            told += to.len();
            black_box(event);
        }
    }
    told
}

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
