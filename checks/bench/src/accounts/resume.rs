//! Compares clients that resume after a restart with guests that connect.

use super::crowd::{self, Client, Next, Unexpected};
use super::figures::{Comparison, Values};
use super::prepare;
use super::register::{Account, register};
use crate::arguments::ResumeArguments;
use crate::server::{AccountServer, Programs, Server};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

/// Measures, and prints a table.
pub(crate) fn measure(arguments: &ResumeArguments) -> Result<(), Box<dyn Error>> {
    let machine = prepare(arguments.machine.cores)?;
    let programs = Programs::find(arguments.machine.chat.clone())?;
    let server = AccountServer::new(&programs)?;
    let count = arguments.clients;
    eprintln!("registering {count} accounts, which takes about 10 ms for each");
    let running = server.prepare()?;
    let accounts = (0..count).map(|number| (format!("resumer{number}"), channels(number)));
    let accounts = register(running.address(), accounts)?;
    let epoch = talk(&running, &accounts, arguments.missed)?;
    drop(running);

    let (mut resuming, mut guests) = (Side::default(), Side::default());
    let mut missed = 0;
    for _ in 0..arguments.runs {
        let clients = (0..count).map(|number| Guest { channels: channels(number) });
        guests.add(&server, clients.collect())?;
        let clients = accounts.iter().map(|account| Resuming {
            token: account.token.clone(),
            epoch: epoch.clone(),
            missed: 0,
        });
        let clients = resuming.add(&server, clients.collect())?;
        missed = clients.iter().map(|client| client.missed).sum();
    }
    let expected = accounts.iter().zip(0..).map(|(_, number)| channels(number).len());
    let expected = expected.sum::<usize>() * arguments.missed;
    if missed != expected {
        return Err(format!("the clients have received {missed} of {expected} messages").into());
    }
    let mut comparison = Comparison::new(["resuming", "guests"]);
    comparison.row("server CPU for each [µs]", &resuming.cpu, &guests.cpu);
    comparison.row("until the last one is back [ms]", &resuming.time, &guests.time);
    let (runs, text) = (arguments.runs, comparison.into_text());
    let text = format!(
        "{runs} runs: {count} clients at once, half of them in one room of ten, half in two; the \
         resuming ones receive {missed} missed messages.\n{machine}\n\n{text}"
    );
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The figures of one side, one for each run.
#[derive(Default)]
struct Side {
    /// Processor time for each client, in microseconds.
    cpu: Values,
    /// In milliseconds.
    time: Values,
}

impl Side {
    /// Starts a server with the kept store, and lets all clients connect at once.
    fn add<C: Client>(
        &mut self,
        server: &AccountServer,
        clients: Vec<C>,
    ) -> Result<Vec<C>, Box<dyn Error>> {
        let (server, count) = (server.start()?, clients.len());
        settle(&server)?;
        let before = server.usage()?;
        let run = crowd::run(server.address(), clients, count, true)?;
        settle(&server)?;
        let cpu = server.usage()?.cpu_since(before);
        self.cpu.0.push(cpu.as_secs_f64() * 1e6 / count as f64);
        self.time.0.push(run.time.as_secs_f64() * 1e3);
        drop(run.connections);
        Ok(run.clients)
    }
}

/// Waits until the server has nothing to do, so that work that can wait counts as well.
fn settle(server: &Server) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut last = server.usage()?;
    loop {
        thread::sleep(QUIET);
        let now = server.usage()?;
        if now.cpu_since(last) < QUIET / 50 {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err("the server does not come to rest".into());
        }
        last = now;
    }
}

/// Returns the channels of a client: a room of ten, and for every other client a second one.
fn channels(number: usize) -> Vec<String> {
    let mut channels = vec![format!("room{}", number / 10)];
    if number.is_multiple_of(2) {
        channels.push(format!("also{}", number / 20));
    }
    channels
}

/// Lets one member of each channel say messages. Returns the epoch.
fn talk(server: &Server, accounts: &[Account], missed: usize) -> Result<String, Box<dyn Error>> {
    // The first member of each channel of the second kind is the first of one of the first kind.
    let speakers = accounts.iter().zip(0..).filter(|(_, number)| number % 10 == 0);
    let speakers = speakers.map(|(account, number)| {
        let mut channels = channels(number);
        channels.truncate(if number % 20 == 0 { 2 } else { 1 });
        let requests = channels.iter().flat_map(|channel| {
            let say =
                move |index| json!({ "type": "chat", "channel": channel, "text": text(index) });
            (0..missed).map(say)
        });
        let requests: Vec<Value> = requests.collect();
        let token = account.token.clone();
        Speaker { token, unanswered: requests.len(), requests, epoch: String::new() }
    });
    let run = crowd::run(server.address(), speakers.collect(), 16, false)?;
    Ok(run.clients.first().map(|speaker| speaker.epoch.clone()).unwrap_or_default())
}

fn text(index: usize) -> String {
    format!("message {index}, of the length that people write when they talk to others")
}

/// A client that says something, so that others miss it.
struct Speaker {
    token: String,
    requests: Vec<Value>,
    unanswered: usize,
    epoch: String,
}

impl Client for Speaker {
    fn begin(&mut self) -> Value {
        hello(&self.token, "", 0)
    }

    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected> {
        match kind {
            "welcome" => {
                self.epoch = message["epoch"].as_str().ok_or(Unexpected)?.to_owned();
                Ok(Next::Send(std::mem::take(&mut self.requests)))
            }
            "ack" => {
                self.unanswered -= 1;
                Ok(if self.unanswered == 0 { Next::Done } else { Next::Wait })
            }
            "error" => Err(Unexpected),
            _ => Ok(Next::Wait),
        }
    }
}

/// A client that resumes.
struct Resuming {
    token: String,
    epoch: String,
    missed: usize,
}

impl Client for Resuming {
    fn begin(&mut self) -> Value {
        hello(&self.token, &self.epoch, 0)
    }

    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected> {
        match kind {
            "welcome" if message["resumed"] == true => Ok(Next::Wait),
            "welcome" | "error" => Err(Unexpected),
            "missed" => {
                let messages = message["messages"].as_array().ok_or(Unexpected)?;
                self.missed += messages.len();
                let Some(last) = messages.last().filter(|_| message["more"] == true) else {
                    return Ok(Next::Done);
                };
                let after = json!({ "type": "missed", "after": last["id"] });
                Ok(Next::Send(vec![after]))
            }
            _ => Ok(Next::Wait),
        }
    }
}

/// A guest that joins channels.
struct Guest {
    channels: Vec<String>,
}

impl Client for Guest {
    fn begin(&mut self) -> Value {
        json!({ "type": "hello", "version": 2, "guest": true, "lobby": false })
    }

    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected> {
        match kind {
            "welcome" => Ok(Next::Send(vec![json!({ "type": "join", "channels": self.channels })])),
            "joined" if message["refused"].as_array().is_none_or(Vec::is_empty) => Ok(Next::Done),
            "joined" | "error" => Err(Unexpected),
            _ => Ok(Next::Wait),
        }
    }
}

fn hello(token: &str, epoch: &str, id: u64) -> Value {
    let resume = json!({ "epoch": epoch, "id": id });
    json!({ "type": "hello", "version": 2, "lobby": false, "session": token, "resume": resume })
}

/// The time in which a server at rest needs no processor.
const QUIET: Duration = Duration::from_millis(200);

/// The longest time until a server is at rest.
const PATIENCE: Duration = Duration::from_secs(60);
