//! Prints the messages that were said while the client was not connected.

use super::PipeSession;
use crate::connect::event::{Event, Incoming};
use crate::connect::pipe::json;
use crate::connect::received::{PASSING, ResumePoint};
use crate::connect::request::Request;
use crate::connect::requests::Answer;
use chat_server::engine::Text;

impl PipeSession {
    /// Prints a page of missed messages like messages that are said now.
    pub(super) fn missed(&mut self, raw: &str) {
        let (messages, more) = json::messages(raw);
        let is_empty = messages.is_empty();
        for message in messages {
            self.show_message(&message);
        }
        if more && !is_empty {
            self.ask_for_missed();
        }
        for message in self.catch_up.end_page(is_empty, more) {
            self.show_message(&message);
        }
    }

    /// Handles that the server has refused to read missed messages.
    pub(super) fn missed_refused(&mut self, event: Event) {
        if let Event::Error { code, message, .. } = event
            && !PASSING.contains(&code.as_str())
        {
            self.problem(None, &format!("missed messages could not be fetched: {message}"));
            for message in self.catch_up.end_page(true, false) {
                self.show_message(&message);
            }
        } else {
            self.catch_up.end_page(true, true);
        }
    }

    fn show_message(&mut self, raw: &str) {
        let Ok(frame) = Incoming::decode(raw) else { return };
        if let Event::Chat(message) = &frame.event
            && self.catch_up.is_new(message.id)
        {
            self.show_frame(raw, None, Answer::Unrelated, frame);
        }
    }

    /// Asks for the next page of missed messages.
    pub(in crate::connect::pipe) fn ask_for_missed(&mut self) {
        let after = self.catch_up.point().id;
        self.requests.continue_background(Request::Missed { after });
    }

    /// Takes the wish to ask for missed messages again a little later.
    pub(in crate::connect::pipe) fn take_ask_again(&mut self) -> bool {
        self.catch_up.take_ask_again()
    }

    /// Notes that all lines so far have been written.
    pub(in crate::connect::pipe) fn written(&mut self) {
        self.catch_up.written();
    }

    /// Returns the account, and the place at which its next client continues.
    pub(in crate::connect::pipe) fn next_start(&self) -> Option<(&Text, &ResumePoint)> {
        self.account.as_ref().map(|account| (account, self.catch_up.written_to()))
    }
}
