//! Requests one after the other, each as often as the server's limits make it necessary.

use super::event::{Event, Incoming};
use super::request::Request;
use std::collections::VecDeque;
use std::time::Duration;

/// Requests that wait, and the one that was sent. One at a time keeps them in order even where the server says that
/// they come too fast: the same one is sent again, and the others wait behind it.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// What the user asked for.
    asked: VecDeque<Request>,
    /// What is good to know, when there is nothing else to do.
    background: VecDeque<Request>,
    sent: Option<Sent>,
    count: u64,
}

#[derive(Debug)]
struct Sent {
    reference: String,
    request: Request,
    /// Whether the user asked for it.
    asked: bool,
    /// Whether it has to be sent again, later.
    again: bool,
}

/// What an incoming frame has to do with the requests.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It answers this request of the user's.
    To(Request),
    /// It answers this request, which the user knows nothing of.
    ToBackground(Request),
    /// The request is to be sent [again](Requests::retry) after this long.
    Later(Duration),
    /// It answers none.
    Unasked,
}

impl Requests {
    /// Adds what the user asked for.
    pub(super) fn push(&mut self, request: Request) {
        self.asked.push_back(request);
    }

    /// Adds what can wait until the user has been served.
    pub(super) fn push_background(&mut self, request: Request) {
        self.background.push_back(request);
    }

    /// Adds what goes on from something in the background that has just been answered: it comes before the rest.
    pub(super) fn continue_background(&mut self, request: Request) {
        self.background.push_front(request);
    }

    /// The frame to send now, if there is one.
    pub(super) fn next_frame(&mut self) -> Option<String> {
        if self.sent.is_some() {
            return None;
        }
        let (request, asked) = match self.asked.pop_front() {
            Some(request) => (request, true),
            None => (self.background.pop_front()?, false),
        };
        self.count += 1;
        let reference = self.count.to_string();
        let frame = request.encode(&reference);
        self.sent = Some(Sent { reference, request, asked, again: false });
        Some(frame)
    }

    /// Sees whether a frame is an answer.
    pub(super) fn answered(&mut self, frame: &Incoming) -> Answer {
        let Some(sent) = &mut self.sent else { return Answer::Unasked };
        if frame.reference.as_ref() != Some(&sent.reference) {
            return Answer::Unasked;
        }
        if let Event::Error { retry_after_ms: Some(wait), .. } = frame.event {
            sent.again = true;
            return Answer::Later(Duration::from_millis(wait));
        }
        match self.sent.take() {
            Some(Sent { request, asked: true, .. }) => Answer::To(request),
            Some(Sent { request, asked: false, .. }) => Answer::ToBackground(request),
            None => Answer::Unasked,
        }
    }

    /// The frame to send again, now that its time has come.
    pub(super) fn retry(&mut self) -> Option<String> {
        let sent = self.sent.as_mut().filter(|sent| sent.again)?;
        sent.again = false;
        Some(sent.request.encode(&sent.reference))
    }

    /// Forgets everything, and says what the user had asked for and never got an answer to.
    pub(super) fn reset(&mut self) -> Vec<Request> {
        self.background.clear();
        let sent = self.sent.take().filter(|sent| sent.asked).map(|sent| sent.request);
        sent.into_iter().chain(self.asked.drain(..)).collect()
    }

    /// Whether everything has been answered.
    pub(super) fn is_idle(&self) -> bool {
        self.sent.is_none() && self.asked.is_empty() && self.background.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Incoming {
        Incoming::decode(text).expect("a frame")
    }

    fn away(message: &str) -> Request {
        Request::Away { message: Some(message.into()) }
    }

    #[test]
    fn the_next_request_waits_for_the_answer_to_the_one_before() {
        let mut requests = Requests::default();
        requests.push_background(Request::Channels);
        requests.push(away("one"));
        requests.push(away("two"));
        let sent = requests.next_frame();
        assert_eq!(sent.as_deref(), Some(r#"{"type":"away","message":"one","ref":"1"}"#));
        assert_eq!(requests.next_frame(), None);
        assert_eq!(requests.answered(&frame(r#"{"type":"ok","ref":"x"}"#)), Answer::Unasked);
        assert_eq!(
            requests.answered(&frame(r#"{"type":"ok","ref":"1"}"#)),
            Answer::To(away("one"))
        );
        assert!(requests.next_frame().is_some_and(|frame| frame.contains("two")));
        requests.answered(&frame(r#"{"type":"ok","ref":"2"}"#));
        assert!(requests.next_frame().is_some_and(|frame| frame.contains("channels")));
        assert!(!requests.is_idle());
        requests.answered(&frame(r#"{"type":"channels","ref":"3","channels":[]}"#));
        assert!(requests.is_idle());
    }

    #[test]
    fn what_came_too_fast_is_sent_again_before_anything_else() {
        let mut requests = Requests::default();
        requests.push(away("one"));
        requests.push(away("two"));
        let first = requests.next_frame();
        assert_eq!(requests.retry(), None);
        let refused = r#"{"type":"error","ref":"1","code":"rate_limited","message":"wait","retry_after_ms":70}"#;
        let later = Answer::Later(Duration::from_millis(70));
        assert_eq!(requests.answered(&frame(refused)), later);
        assert_eq!(requests.next_frame(), None);
        assert_eq!(requests.retry(), first);
        assert_eq!(requests.retry(), None);
    }

    #[test]
    fn what_was_not_answered_is_given_back() {
        let mut requests = Requests::default();
        requests.push_background(Request::Channels);
        requests.push(away("one"));
        requests.push(away("two"));
        requests.next_frame();
        assert_eq!(requests.reset(), [away("one"), away("two")]);
        assert!(requests.is_idle());
    }
}
