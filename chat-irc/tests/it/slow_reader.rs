use crate::room::NOW;
use chat_core::{CloseReason, Config, Engine, Peer, SessionId};
use chat_dialects::{Frames, Full, NoEvents, Port, Switchboard};
use chat_irc::{IrcDialect, IrcSettings};
use std::sync::{Arc, Mutex};

/// A port with room for some frames that are never read.
#[derive(Clone, Default)]
struct UnreadPort(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    frames: usize,
    last_words: Vec<String>,
    closed: Option<CloseReason>,
}

impl Port for UnreadPort {
    type Prepared = usize;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> usize {
        frames.iter().count()
    }

    fn send(&mut self, frames: &usize) -> Result<(), Full> {
        let mut state = self.0.lock().expect("not poisoned");
        if state.frames > 20 {
            return Err(Full);
        }
        state.frames += frames;
        Ok(())
    }

    fn has_room(&self) -> bool {
        false
    }

    fn has_room_for_pages(&self) -> bool {
        true
    }

    fn close(&mut self, last_words: &Frames, reason: &CloseReason) {
        let mut state = self.0.lock().expect("not poisoned");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        state.last_words = last_words.iter().map(|frame| text(frame.bytes())).collect();
        state.closed = Some(reason.clone());
    }
}

/// The host would only count what the client misses, which is not enough for IRC.
#[test]
fn client_that_misses_a_line_is_closed() {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let dialect = Arc::new(IrcDialect::new(IrcSettings::new("irc.test"), &config));
    let mut switchboard = Switchboard::new(Engine::new(config, NOW));
    let ports = [UnreadPort::default(), UnreadPort::default()];
    for (index, port) in ports.iter().enumerate() {
        let session = SessionId(index as u64 + 1);
        switchboard.open(NOW, session, Peer::default(), dialect.clone(), port.clone());
        for line in [format!("NICK u{index}"), "USER u 0 * u".into(), "JOIN #a".into()] {
            switchboard.receive_frame(NOW, session, line.as_bytes());
        }
    }
    for _ in 0..30 {
        switchboard.receive_frame(NOW, SessionId(1), b"PRIVMSG #a :hi");
    }
    let reader = ports[1].0.lock().expect("not poisoned");
    assert_eq!(reader.closed, Some(CloseReason::TooSlow));
    assert_eq!(reader.last_words, ["ERROR :Closing link: (too slow)"]);
    assert!(ports[0].0.lock().expect("not poisoned").closed.is_none());
}
