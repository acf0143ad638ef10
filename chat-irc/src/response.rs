//! Responses to labelled commands (IRCv3 labeled-response).

use crate::tags::with_tag;
use chat_dialects::Frames;
use std::collections::BTreeMap;

/// The labelled commands of a client whose responses are not complete.
#[derive(Debug, Default)]
pub(crate) struct Responses {
    open: BTreeMap<u32, Response>,
    /// The response that is being written.
    current: Option<u32>,
    last: u32,
}

/// The response to a labelled command.
#[derive(Debug)]
struct Response {
    label: Box<str>,
    /// The number of commands of the engine whose replies belong to it and have not come yet.
    waiting: usize,
    written: Written,
}

/// The part of a response that the client has been sent.
#[derive(Debug)]
enum Written {
    /// Nothing yet.
    Nothing,
    /// Nothing yet. The only line so far is held back until it is known whether it is the last.
    OneLine(Box<str>),
    /// The beginning of a batch of all lines.
    Batch,
    /// The beginning of a batch that the command itself has. Batches are not nested.
    OwnBatch,
}

impl Responses {
    /// Begins the response to a command. What follows until [`end`](Self::end) belongs to it.
    pub(crate) fn begin(&mut self, label: &str) {
        self.last = self.last.wrapping_add(1);
        let response = Response { label: label.into(), waiting: 0, written: Written::Nothing };
        self.open.insert(self.last, response);
        self.current = Some(self.last);
    }

    /// Notes a command to the engine. Returns the response to which its reply belongs, if any.
    pub(crate) fn note_asked(&mut self) -> Option<u32> {
        let number = self.current?;
        self.open.get_mut(&number)?.waiting += 1;
        Some(number)
    }

    /// Continues a response with the reply to a command.
    pub(crate) fn resume(&mut self, number: Option<u32>) {
        let Some(number) = number else { return };
        if let Some(response) = self.open.get_mut(&number) {
            response.waiting = response.waiting.saturating_sub(1);
            // The line that ends a batch has no response of its own.
            if let Some(own) = self.current.replace(number) {
                self.open.remove(&own);
            }
        }
    }

    /// Labels the lines that were written since the beginning or the last reply, and completes the
    /// response if no further reply belongs to it.
    pub(crate) fn end(&mut self, server: &str, frames: &mut Frames) {
        let Some(number) = self.current.take() else { return };
        let Some(mut response) = self.open.remove(&number) else { return };
        let lines = std::mem::take(frames);
        for frame in lines.iter() {
            response.add(number, server, &String::from_utf8_lossy(frame.bytes()), frames);
        }
        if response.waiting > 0 {
            self.open.insert(number, response);
        } else {
            response.finish(number, server, frames);
        }
    }
}

impl Response {
    fn add(&mut self, number: u32, server: &str, line: &str, frames: &mut Frames) {
        match std::mem::replace(&mut self.written, Written::Batch) {
            Written::Nothing if begins_batch(line) => {
                frames.push(with_tag(line, "label", &self.label));
                self.written = Written::OwnBatch;
            }
            Written::Nothing => self.written = Written::OneLine(line.into()),
            Written::OneLine(first) => {
                let id = batch_id(number);
                let begin = format!(":{server} BATCH +{id} labeled-response");
                frames.push(with_tag(&begin, "label", &self.label));
                for line in [&*first, line] {
                    frames.push(with_tag(line, "batch", &id));
                }
            }
            Written::Batch => frames.push(with_tag(line, "batch", &batch_id(number))),
            Written::OwnBatch => {
                frames.push(line);
                self.written = Written::OwnBatch;
            }
        }
    }

    fn finish(self, number: u32, server: &str, frames: &mut Frames) {
        let Self { label, written, .. } = self;
        match written {
            Written::Nothing => {
                frames.push(with_tag(&format!(":{server} ACK"), "label", &label));
            }
            Written::OneLine(line) => frames.push(with_tag(&line, "label", &label)),
            Written::Batch => frames.push(format!(":{server} BATCH -{}", batch_id(number))),
            Written::OwnBatch => {}
        }
    }
}

/// The name of the batch of a response, different from those of other batches.
fn batch_id(number: u32) -> String {
    format!("label-{number}")
}

/// Returns true if a line of the server begins a batch.
fn begins_batch(line: &str) -> bool {
    let (_, line) = crate::tags::Tags::split(line);
    let mut words = line.split(' ').skip(1);
    words.next() == Some("BATCH") && words.next().is_some_and(|id| id.starts_with('+'))
}
