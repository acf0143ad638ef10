//! Runs seeds until one fails:
//! `cargo run --release -p chat-simulation --example simulate -- COUNT [FIRST]`.
//!
//! Without FIRST it picks a random first seed and prints it. A failing seed stops all threads; its
//! report and the command that repeats it are printed. Progress is shown once a second, and only on
//! a terminal.

use chat_simulation::Counters;
use std::hash::{BuildHasher, RandomState};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (count, first) = match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(Ok(count)), None, None) => (count, by_chance()),
        (Some(Ok(count)), Some(Ok(first)), None) => (count, first),
        _ => {
            eprintln!("usage: simulate COUNT [FIRST]");
            return ExitCode::from(2);
        }
    };
    eprintln!("seeds {first} to {}", first.saturating_add(count.saturating_sub(1)));

    let begun = Instant::now();
    let (taken, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let stop = AtomicBool::new(false);
    let (failed, total) = (Mutex::new(None), Mutex::new(Counters::default()));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = taken.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let seed = first.wrapping_add(index);
                    let outcome = chat_simulation::run(seed);
                    total.lock().expect("no thread panics with it").add(&outcome.counters);
                    done.fetch_add(1, Ordering::Relaxed);
                    if let Some(report) = outcome.report(seed) {
                        stop.store(true, Ordering::Relaxed);
                        *failed.lock().expect("no thread panics with it") = Some(report);
                    }
                }
            });
        }
        let is_terminal = std::io::stderr().is_terminal();
        let mut shown = begun;
        while done.load(Ordering::Relaxed) < count && !stop.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(100));
            if is_terminal && shown.elapsed() >= Duration::from_secs(1) {
                shown = Instant::now();
                progress(done.load(Ordering::Relaxed), count, begun.elapsed());
            }
        }
        if is_terminal {
            progress(done.load(Ordering::Relaxed), count, begun.elapsed());
            eprintln!();
        }
    });
    match failed.into_inner().expect("no thread panics with it") {
        None => {
            let Counters { visits, complete, held_up, reconnected, messages, faults, .. } =
                total.into_inner().expect("no thread panics with it");
            eprintln!(
                "{count} seeds without a failure: {faults} faults, {messages} messages, {visits} \
                 connections; {complete} of them were told everything, {held_up} of those after \
                 an outage; with {reconnected} a client came back as the same user"
            );
            ExitCode::SUCCESS
        }
        Some(report) => {
            eprintln!("{report}");
            ExitCode::FAILURE
        }
    }
}

fn progress(done: u64, count: u64, time: Duration) {
    let rate = done as f64 / time.as_secs_f64();
    eprint!("\r{done} of {count}, {rate:.0} a second ");
    // A failure to show the progress is ignored.
    let _ = std::io::stderr().flush();
}

fn by_chance() -> u64 {
    // Halved, so that `first + count` does not overflow.
    RandomState::new().hash_one(Instant::now()) >> 1
}
