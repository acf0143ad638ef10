//! Clients that talk, come back after each restart, and read everything back at the end.

use super::notes::{Delivered, Notes, Topic};
use super::plan::{SERVER, name};
use super::server::PORT;
use crate::Dice;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use turmoil::net::TcpStream;
use turmoil::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The present task of all clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Talk,
    /// Say nothing new.
    Quiet,
    ReadBack,
}

/// Runs a client, which connects again whenever its connection ends.
pub(crate) async fn talk(
    index: usize,
    seed: u64,
    clients: usize,
    notes: Notes,
    phase: watch::Receiver<Phase>,
) -> turmoil::Result {
    let mut client = Client {
        index,
        clients,
        notes,
        phase,
        dice: Dice::new(seed.wrapping_mul(31).wrapping_add(index as u64)),
        count: 0,
        unanswered: None,
    };
    while !client.has_read_back() {
        if let Ok(stream) = TcpStream::connect((SERVER, PORT)).await {
            // The connection has ended: the client comes back.
            let _ = client.visit(stream).await;
        }
        sleep(Duration::from_millis(client.dice.between(20, 300))).await;
    }
    Ok(())
}

struct Client {
    index: usize,
    clients: usize,
    notes: Notes,
    phase: watch::Receiver<Phase>,
    dice: Dice,
    /// The number of requests so far.
    count: u64,
    /// The last message, until the server has answered it.
    unanswered: Option<Value>,
}

/// A connection.
struct Wire {
    lines: Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
    /// The id of the last message that was delivered over it.
    last_id: u64,
}

/// The connection has ended, or the server does not answer.
struct Ended;

impl Client {
    fn has_read_back(&self) -> bool {
        self.notes.open().read_back.contains_key(&self.index)
    }

    async fn visit(&mut self, stream: TcpStream) -> Result<(), Ended> {
        let (reader, writer) = stream.into_split();
        let mut wire = Wire { lines: BufReader::new(reader).lines(), writer, last_id: 0 };
        let name = name(self.index);
        let hello = json!({"type": "hello", "version": 2, "token": name, "nickname": name});
        self.ask(&mut wire, hello).await?;
        self.ask(&mut wire, json!({"type": "join", "channel": "den"})).await?;
        loop {
            if *self.phase.borrow() == Phase::ReadBack && self.unanswered.is_none() {
                return self.read_back(&mut wire).await;
            }
            let pause = Duration::from_millis(self.dice.between(10, 600));
            self.listen(&mut wire, Instant::now() + pause).await?;
            match self.unanswered.clone() {
                Some(request) => self.say(&mut wire, request, true).await?,
                None if *self.phase.borrow() != Phase::Talk => {}
                None if self.dice.percent(15) && self.index == 0 => {
                    let topic = format!("topic {}", self.count);
                    let request = json!({"type": "topic", "channel": "den", "topic": topic});
                    self.ask(&mut wire, request).await?;
                }
                None => {
                    let request = self.next_message();
                    self.unanswered = Some(request.clone());
                    self.say(&mut wire, request, false).await?;
                }
            }
        }
    }

    fn next_message(&mut self) -> Value {
        let text = format!("{}.{}", self.index, self.count);
        let mut request = json!({"type": "chat", "text": text, "nonce": text});
        match self.dice.between(0, 3) {
            0 => request["channel"] = json!("lobby"),
            1 | 2 => request["channel"] = json!("den"),
            _ => {
                let other = self.dice.between(1, self.clients as u64 - 1) as usize;
                request["to"] = json!(name((self.index + other) % self.clients));
            }
        }
        request
    }

    /// Sends a message, and notes what the server has acknowledged.
    async fn say(&mut self, wire: &mut Wire, request: Value, is_again: bool) -> Result<(), Ended> {
        let answer = self.ask(wire, request.clone()).await?;
        if answer["type"] == "ack" {
            self.note(&request, &answer["id"], is_again);
        }
        if answer["code"] != "try_again" {
            self.unanswered = None;
        }
        Ok(())
    }

    /// Sends a request, and notes everything that arrives until its answer.
    async fn ask(&mut self, wire: &mut Wire, mut request: Value) -> Result<Value, Ended> {
        self.count += 1;
        let reference = self.count.to_string();
        request["ref"] = json!(reference);
        let line = format!("{request}\n");
        wire.writer.write_all(line.as_bytes()).await.map_err(|_| Ended)?;
        let end = Instant::now() + PATIENCE;
        loop {
            let object = self.next(wire, end).await?.ok_or(Ended)?;
            if object["ref"] == reference {
                return Ok(object);
            }
        }
    }

    async fn listen(&mut self, wire: &mut Wire, until: Instant) -> Result<(), Ended> {
        while self.next(wire, until).await?.is_some() {}
        Ok(())
    }

    /// Returns the next object, or `None` if there is none until then.
    async fn next(&mut self, wire: &mut Wire, until: Instant) -> Result<Option<Value>, Ended> {
        let Ok(line) = timeout_at(until, wire.lines.next_line()).await else { return Ok(None) };
        let line = line.ok().flatten().ok_or(Ended)?;
        let Ok(object) = serde_json::from_str::<Value>(&line) else {
            // A crash may have cut the last line short.
            return Err(Ended);
        };
        if object["type"] == "chat" {
            let id = object["id"].as_u64().unwrap_or_default();
            if id <= wire.last_id {
                let problem = format!("client{} received {id} after {}", self.index, wire.last_id);
                self.notes.open().problems.push(problem);
            }
            wire.last_id = id;
            self.note(&object, &object["id"], false);
        }
        let topic = object["topic"].as_str().and_then(|topic| topic.strip_prefix("topic "));
        if let (Some(number), Some(channel)) = (topic, object["channel"].as_str()) {
            let at = self.notes.elapsed();
            let topic = Topic { number: number.parse().unwrap_or_default(), at };
            let mut notes = self.notes.open();
            let newest = notes.topics.entry(channel.to_owned()).or_insert(topic);
            *newest = topic.max(*newest);
            notes.counters.topics += 1;
        }
        Ok(Some(object))
    }

    /// Notes a message that was delivered or acknowledged.
    fn note(&self, message: &Value, id: &Value, is_again: bool) {
        let text = |key: &str| message[key].as_str().map(str::to_owned);
        let place = match (text("to"), text("channel")) {
            (Some(to), _) => {
                let from = text("nickname").unwrap_or_else(|| name(self.index));
                conversation(&from, &to)
            }
            (None, channel) => channel.unwrap_or_default(),
        };
        let delivered = Delivered {
            at: self.notes.elapsed(),
            client: self.index,
            place,
            id: id.as_u64().unwrap_or_default(),
            text: text("text").unwrap_or_default(),
        };
        let mut notes = self.notes.open();
        let is_known =
            |known: &Delivered| (known.id, &known.text) == (delivered.id, &delivered.text);
        notes.counters.repeated += usize::from(is_again && notes.delivered.iter().any(is_known));
        notes.delivered.push(delivered);
    }

    async fn read_back(&mut self, wire: &mut Wire) -> Result<(), Ended> {
        let own = name(self.index);
        let mut places = vec![
            ("lobby".to_owned(), json!({"channel": "lobby"})),
            ("den".to_owned(), json!({"channel": "den"})),
        ];
        for other in (0..self.clients).map(name).filter(|other| *other != own) {
            places.push((conversation(&own, &other), json!({"to": other})));
        }
        let mut histories = std::collections::BTreeMap::new();
        for (place, mut request) in places {
            request["type"] = json!("history");
            let (mut history, mut more) = (Vec::new(), true);
            while more {
                request["after"] = json!(history.last().map_or(0, |&(id, _)| id));
                request["limit"] = json!(20);
                let page = self.ask(wire, request.clone()).await?;
                if page["code"] == "try_again" {
                    continue;
                }
                let messages = page["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
                history.extend(messages.iter().map(|message| {
                    let text = message["text"].as_str().unwrap_or_default();
                    (message["id"].as_u64().unwrap_or_default(), text.to_owned())
                }));
                more = page["more"] == true && !messages.is_empty();
            }
            histories.insert(place, history);
        }
        let topic = self.ask(wire, json!({"type": "topic", "channel": "den"})).await?;
        let topic = topic["topic"].as_str().unwrap_or_default().to_owned();
        let mut notes = self.notes.open();
        notes.last_topics.insert("den".to_owned(), topic);
        notes.read_back.insert(self.index, histories);
        Ok(())
    }
}

/// Returns the name of the conversation of two users.
fn conversation(one: &str, other: &str) -> String {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    format!("{first} and {second}")
}

/// The time that a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
