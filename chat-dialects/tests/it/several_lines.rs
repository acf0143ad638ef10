//! A message of several lines is one piece: a queue takes all of its lines or none.

use chat_core::{CloseReason, Command, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{
    Dialect, Frame, Frames, Full, NoEvents, Port, Switchboard, TextDialect, TxtChatDialect,
};
use std::sync::{Arc, Mutex, MutexGuard};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const WRITER: SessionId = SessionId(1);
const READER: SessionId = SessionId(2);

#[test]
fn full_queue_takes_all_lines_of_a_message_or_none() {
    let text = [
        (
            Arc::new(TextDialect::bracket()) as Arc<dyn Dialect>,
            "/name reader",
            ["[user1]: one", "[user1]:     two", "[user1]: three"],
            "[missed 1 messages]",
        ),
        (
            Arc::new(TxtChatDialect::new(7).names(true)),
            "reg$reader",
            ["user1: one", "user1:     two", "user1: three"],
            "$$error: missed 1 messages",
        ),
    ];
    for (dialect, hello, lines, missed) in text {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        let (writer, reader) = (Queue::default(), Queue::default());
        let bracket = Arc::new(TextDialect::bracket());
        switchboard.open(NOW, WRITER, Peer::default(), bracket, writer);
        switchboard.open(NOW, READER, Peer::default(), dialect, reader.clone());
        switchboard.receive_frame(NOW, READER, hello.as_bytes());
        switchboard.command(NOW, READER, None, Command::join("lobby"));
        reader.take();

        let mut say = || {
            let said = Command::say("lobby", "one\n\ttwo\r\nthree");
            switchboard.command(NOW, WRITER, None, said);
        };
        for (room, expected) in [(3, &lines[..]), (2, &[])] {
            reader.lock().room = room;
            say();
            assert_eq!(reader.take(), expected, "with room for {room} frames");
        }
        reader.lock().room = 9;
        say();
        assert_eq!(reader.take(), [&[missed], &lines[..]].concat());
    }
}

/// A queue with room for some frames.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<Queued>>);

struct Queued {
    frames: Vec<String>,
    room: usize,
}

impl Default for Queued {
    fn default() -> Self {
        Self { frames: Vec::new(), room: usize::MAX }
    }
}

impl Queue {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().frames)
    }

    fn lock(&self) -> MutexGuard<'_, Queued> {
        self.0.lock().expect("nobody panics while it is locked")
    }
}

impl Port for Queue {
    type Prepared = Vec<String>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<String> {
        let text = |frame: &Frame| String::from_utf8_lossy(frame.bytes()).into_owned();
        frames.iter().map(text).collect()
    }

    fn send(&mut self, texts: &Vec<String>) -> Result<(), Full> {
        let mut queued = self.lock();
        if queued.frames.len() + texts.len() > queued.room {
            return Err(Full);
        }
        queued.frames.extend_from_slice(texts);
        Ok(())
    }

    fn has_room(&self) -> bool {
        let queued = self.lock();
        queued.frames.len() < queued.room
    }

    fn close(&mut self, last_words: &Frames, _: &CloseReason) {
        let texts = self.prepare(last_words);
        self.lock().frames.extend(texts);
    }
}
