//! A session's end of the switchboard: what it speaks, and the way to it.

use crate::encodings::{Encodings, Reading};
use crate::fault::FaultWindow;
use crate::news::News;
use crate::silence::Silence;
use crate::slots::Grouped;
use crate::speech::Speech;
use crate::switchboard::SlowConsumer;
use crate::{Frames, Heard, Notice, Port, Tally, Turn};
use chat_core::{CloseReason, Timestamp};
use std::any::TypeId;
use std::sync::Arc;

/// A session: what it speaks, its port, and what it could not be told.
pub(crate) struct Line<P> {
    slot: u32,
    pub(crate) speech: Speech,
    pub(crate) port: P,
    /// How many things could not be told since the port was full.
    missed: u64,
    pub(crate) touched: bool,
    /// The client has sent a frame.
    pub(crate) heard: bool,
    /// In a box, since few clients have any.
    faults: Option<Box<FaultWindow>>,
    pub(crate) silence: Silence,
}

impl<P: Port> Line<P> {
    pub(crate) fn new(slot: u32, speech: Speech, port: P, silence: Silence) -> Self {
        Self { slot, speech, port, missed: 0, touched: false, heard: false, faults: None, silence }
    }

    /// Notes that it has been sent something.
    pub(crate) fn touch(&mut self, touched: &mut Vec<u32>) {
        if !self.touched {
            self.touched = true;
            touched.push(self.slot);
        }
    }

    /// Counts faults of the client's. Returns whether there are too many.
    pub(crate) fn count_faults(&mut self, now: Timestamp, faults: usize) -> bool {
        (0..faults)
            .fold(false, |too_many, _| self.faults.get_or_insert_default().note(now) || too_many)
    }

    /// Tells what others did.
    pub(crate) fn tell(
        &mut self,
        group: u32,
        news: News<'_>,
        encodings: &mut Encodings<P::Prepared>,
        tally: &mut Tally,
    ) {
        let Speech::Dialect(talk) = &self.speech else {
            return self.hear(Heard::Event { at: news.at, event: news.event }, tally);
        };
        let reading = Reading { group, form: talk.form(news.event) };
        if let Some(prepared) = encodings.of(reading, &**talk.dialect(), news, &mut self.port) {
            let is_sent = self.catch_up() && self.port.send(prepared).is_ok();
            self.note(is_sent, tally);
        }
    }

    /// Lets the conversation know that somebody is elsewhere now, which its client has been told. Returns what it wants because
    /// of that, beyond what it says.
    pub(crate) fn follow(
        &mut self,
        news: News<'_>,
        turn: &mut Turn,
        tally: &mut Tally,
    ) -> Option<Turn> {
        let Speech::Dialect(talk) = &mut self.speech else { return None };
        talk.let_speak(|conversation| conversation.moved(news.event, turn.begin(news.at)));
        self.send(&turn.frames, tally);
        turn.take_wishes()
    }

    pub(crate) fn send(&mut self, frames: &Frames, tally: &mut Tally) {
        if !frames.is_empty() {
            let is_sent = self.catch_up() && self.port.tell(frames).is_ok();
            self.note(is_sent, tally);
        }
    }

    /// Whether it has missed something and that is not to be.
    pub(crate) fn is_too_slow(&self, slow_consumer: SlowConsumer) -> bool {
        self.missed > 0 && slow_consumer == SlowConsumer::Disconnect
    }

    pub(crate) fn hear(&mut self, heard: Heard<'_>, tally: &mut Tally) {
        let is_sent = self.catch_up() && self.port.hear(heard).is_ok();
        self.note(is_sent, tally);
    }

    fn note(&mut self, is_sent: bool, tally: &mut Tally) {
        if is_sent {
            tally.deliveries += 1;
        } else {
            self.missed += 1;
            tally.lagged += 1;
        }
    }

    /// Asks the client whether it is still there, if there are words for that.
    pub(crate) fn ask(&mut self) {
        let Speech::Dialect(talk) = &mut self.speech else { return };
        // A client with a full queue has enough to read, and a question that does not fit is nothing that it misses.
        let mut question = Frames::default();
        let is_asked = self.port.ping()
            || self.missed == 0
                && talk.let_speak(|conversation| conversation.ping(&mut question))
                && self.port.tell(&question).is_ok();
        if is_asked {
            self.silence.note_question();
        }
    }

    /// Tells the client what it has missed, if it has and there is room. Returns whether there is no gap any more.
    pub(crate) fn catch_up(&mut self) -> bool {
        self.missed == 0 || self.tell_gap()
    }

    fn tell_gap(&mut self) -> bool {
        if !self.port.has_room() {
            return false;
        }
        let missed = self.missed;
        let told = match &mut self.speech {
            Speech::Dialect(talk) => {
                let mut frames = Frames::default();
                let lagged = Notice::Lagged { missed };
                talk.let_speak(|conversation| conversation.notice(&lagged, &mut frames));
                self.port.tell(&frames)
            }
            Speech::Events => self.port.hear(Heard::Lagged { missed }),
        };
        if told.is_ok() {
            self.missed = 0;
        }
        told.is_ok()
    }

    pub(crate) fn close(mut self, reason: &CloseReason) {
        self.catch_up();
        let mut last_words = Frames::default();
        // Room or not, so that what came before is not taken for all there was.
        let missed = self.missed;
        match &mut self.speech {
            Speech::Dialect(talk) => talk.let_speak(|conversation| {
                if missed > 0 {
                    conversation.notice(&Notice::Lagged { missed }, &mut last_words);
                }
                conversation.notice(&Notice::Closing(reason), &mut last_words);
            }),
            Speech::Events => {
                // It is the last thing, for which there is always room.
                let _ = self.port.hear(Heard::Closed { missed, reason });
            }
        }
        self.port.close(&last_words, reason);
    }
}

/// Those who read alike: of one dialect (by its address) behind one kind of port.
impl<P: Port> Grouped for Line<P> {
    type Group = (Option<usize>, TypeId);

    fn group(&self) -> Self::Group {
        let dialect = match &self.speech {
            Speech::Dialect(talk) => Some(Arc::as_ptr(talk.dialect()).addr()),
            Speech::Events => None,
        };
        (dialect, self.port.kind())
    }
}
