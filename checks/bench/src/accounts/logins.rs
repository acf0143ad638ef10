//! Measures how logins with passwords delay the messages of others.

use super::crowd::{self, Client, Next, Unexpected};
use super::figures::{Comparison, Values};
use super::prepare;
use super::register::{PASSWORD, register};
use crate::arguments::LoginsArguments;
use crate::generator::{self, Generator, Rooms};
use crate::server::{AccountServer, Programs, Server};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

/// Measures, and prints a table.
pub(crate) fn measure(arguments: &LoginsArguments) -> Result<(), Box<dyn Error>> {
    let machine = prepare(arguments.machine.cores)?;
    let programs = Programs::find(arguments.machine.chat.clone())?;
    let accounts = AccountServer::new(&programs)?;
    let running = accounts.prepare()?;
    let named = |number| (format!("login{number}"), vec!["lobby".to_owned()]);
    register(running.address(), (0..arguments.accounts).map(named))?;
    drop(running);

    let (mut busy, mut quiet) = (Latencies::default(), Latencies::default());
    let mut storms = Storms::default();
    for _ in 0..arguments.runs {
        // Each run has a new server, so that its peak of memory is that of these logins.
        let server = accounts.start()?;
        let mut room = Room::open(&server, arguments)?;
        quiet.add(&room.talk(arguments.messages)?);
        let before = server.memory()?;
        busy.add(&storm(&server, &mut room, arguments, &mut storms)?);
        storms.growth.0.push((server.memory()?.peak - before.resident) as f64 / MIB);
    }
    let mut comparison = Comparison::new(["during logins", "quiet"]);
    comparison.row("p50 [µs]", &busy.p50, &quiet.p50);
    comparison.row("p90 [µs]", &busy.p90, &quiet.p90);
    comparison.row("p95 [µs]", &busy.p95, &quiet.p95);
    comparison.row("p99 [µs]", &busy.p99, &quiet.p99);
    comparison.row("longest [µs]", &busy.longest, &quiet.longest);
    let LoginsArguments { logins, members, rate, runs, .. } = arguments;
    let (time, growth) = (storms.time.shown(), storms.growth.shown());
    let too_late = storms.too_late.shown();
    let table = comparison.into_text();
    let text = format!(
        "{runs} runs: {logins} logins with passwords at once, while a room of {members} gets \
         {rate} deliveries a second.\n{machine}\n\n{table}\nThe logins took {time} s, and \
         {too_late} of them were told to try again. The peak of resident memory was {growth} MiB \
         above what it was before them.\n"
    );
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The quantiles of each run, in microseconds.
#[derive(Default)]
struct Latencies {
    p50: Values,
    p90: Values,
    p95: Values,
    p99: Values,
    longest: Values,
}

impl Latencies {
    fn add(&mut self, latencies: &Histogram<u64>) {
        let at = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
        self.p50.0.push(at(0.5));
        self.p90.0.push(at(0.9));
        self.p95.0.push(at(0.95));
        self.p99.0.push(at(0.99));
        self.longest.0.push(latencies.max() as f64 / 1e3);
    }
}

#[derive(Default)]
struct Storms {
    /// The time until the last login was answered, in seconds.
    time: Values,
    /// The logins that were told to try again.
    too_late: Values,
    /// The growth of resident memory, in MiB.
    growth: Values,
}

/// A room in which one member talks steadily.
struct Room<'a> {
    generator: Generator<'a>,
    interval: Duration,
}

impl<'a> Room<'a> {
    fn open(server: &'a Server, arguments: &LoginsArguments) -> Result<Self, generator::Error> {
        let mut generator = Generator::new(&server.endpoints, SIZE)?;
        generator.connect(Rooms::with_one_sender(arguments.members))?;
        generator.settle()?;
        let interval = arguments.members as f64 / f64::from(arguments.rate);
        let mut room = Self { generator, interval: Duration::from_secs_f64(interval) };
        room.talk(WARM_UP)?;
        Ok(room)
    }

    /// Says so many messages. Returns the latencies of their deliveries.
    fn talk(&mut self, messages: u32) -> Result<Histogram<u64>, generator::Error> {
        self.generator.run_steadily(self.interval, messages, &mut |_| {})
    }
}

/// Lets clients that are connected log in at once, on another thread, and the room talk as long as
/// that takes.
fn storm(
    server: &Server,
    room: &mut Room<'_>,
    arguments: &LoginsArguments,
    storms: &mut Storms,
) -> Result<Histogram<u64>, Box<dyn Error>> {
    let (address, count) = (server.address(), arguments.logins);
    let login = |number| Login {
        account: format!("login{}", number % arguments.accounts),
        is_too_late: false,
    };
    let clients: Vec<Login> = (0..count).map(login).collect();
    // The logins are measured, and not the connections.
    let crowd = crowd::connect(address, clients)?;
    room.talk(WARM_UP)?;
    let (done, is_done) = mpsc::channel();
    let logins = thread::spawn(move || {
        let run = crowd.finish(count);
        // The receiver waits for it, or has failed.
        let _ = done.send(());
        run
    });
    let mut latencies = Histogram::new(3)?;
    while is_done.try_recv() == Err(TryRecvError::Empty) {
        latencies.add(room.talk(PIECE)?)?;
    }
    let run = logins.join().map_err(|_| "the thread of the logins has panicked")??;
    storms.time.0.push(run.time.as_secs_f64());
    let too_late = run.clients.iter().filter(|client| client.is_too_late).count();
    storms.too_late.0.push(too_late as f64);
    Ok(latencies)
}

/// A client that logs in with a password.
struct Login {
    account: String,
    /// True if the server had no time for the password within `answer_timeout`.
    is_too_late: bool,
}

impl Client for Login {
    fn begin(&mut self) -> Value {
        json!({
            "type": "hello", "version": 2, "lobby": false, "account": self.account,
            "password": PASSWORD,
        })
    }

    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected> {
        match kind {
            "welcome" => Ok(Next::Done),
            "error" if message["code"] == "try_again" => {
                self.is_too_late = true;
                Ok(Next::Done)
            }
            "error" => Err(Unexpected),
            _ => Ok(Next::Wait),
        }
    }
}

const MIB: f64 = 1024.0 * 1024.0;

/// The size of messages, in bytes.
const SIZE: usize = 64;

/// The messages before the measurement.
const WARM_UP: u32 = 50;

/// The messages after which it is looked whether the logins have ended.
const PIECE: u32 = 10;
