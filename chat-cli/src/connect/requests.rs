//! Requests, sent one after the other, each with a time limit and as often as the server's rate
//! limit makes it necessary.

use super::event::{Event, Incoming};
use super::request::Request;
use super::server_limits::{ServerLimits, TooLong};
use chat_core::Text;
use std::collections::VecDeque;
use std::time::Duration;

/// Requests that wait, and the one that was sent. One at a time keeps them in order even where the
/// server says that they come too fast: the same one is sent again, and the others wait behind it.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// What the user asked for.
    asked: VecDeque<Request>,
    /// What is good to know, when there is nothing else to do.
    background: VecDeque<Request>,
    sent: Option<Sent>,
    count: u64,
    limits: ServerLimits,
}

#[derive(Debug)]
struct Sent {
    reference: String,
    request: Request,
    /// Whether the user asked for it.
    asked: bool,
    /// Whether it has to be sent again, later.
    again: bool,
    /// How often the server has said that it came too fast.
    retries: u32,
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

/// How long an answer may take: longer than the server gives whoever it has to ask itself (10
/// seconds).
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(15);
/// The longest pause that is made because a server asks for it. A request that would have to wait
/// longer has failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often a request is sent again. The server's own limit lets the second or third attempt
/// through.
const MOST_RETRIES: u32 = 20;

impl Requests {
    /// From now on, only what this server takes is sent.
    pub(super) fn set_limits(&mut self, limits: ServerLimits) {
        self.limits = limits;
    }

    /// Adds what the user asked for.
    ///
    /// # Errors
    ///
    /// If the server would not take it. Over WebSocket it would even close the connection.
    pub(super) fn push(&mut self, request: Request) -> Result<(), TooLong> {
        self.limits.check(&request)?;
        self.asked.push_back(request);
        Ok(())
    }

    /// Adds what can wait until the user has been served.
    pub(super) fn push_background(&mut self, request: Request) {
        self.background.push_back(request);
    }

    /// Adds what goes on from something in the background that has just been answered: it comes
    /// before the rest.
    pub(super) fn continue_background(&mut self, request: Request) {
        self.background.push_front(request);
    }

    /// The frame to send now, if there is one. It has to be answered within [`ANSWER_TIME`]; if it
    /// is not, [`no_answer`](Self::no_answer) settles it.
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
        self.sent = Some(Sent { reference, request, asked, again: false, retries: 0 });
        Some(frame)
    }

    /// Sees whether a frame is an answer.
    ///
    /// An error without a reference answers the request that was sent: a line that is too long for
    /// the server, for example, is skipped together with its reference.
    pub(super) fn answered(&mut self, frame: &Incoming) -> Answer {
        let Some(sent) = &mut self.sent else { return Answer::Unasked };
        let is_answer = match &frame.reference {
            Some(reference) => *reference == sent.reference,
            None => matches!(frame.event, Event::Error { .. }) && !sent.again,
        };
        if !is_answer {
            return Answer::Unasked;
        }
        if let Event::Error { retry_after_ms: Some(wait), .. } = frame.event {
            let wait = Duration::from_millis(wait);
            if wait <= LONGEST_PAUSE && sent.retries < MOST_RETRIES {
                sent.again = true;
                sent.retries += 1;
                return Answer::Later(wait);
            }
        }
        self.settle()
    }

    /// The time for an answer is over. Settles the request that was sent, if it is still waited
    /// for.
    pub(super) fn no_answer(&mut self) -> Option<(Answer, Event)> {
        self.sent.as_ref().filter(|sent| !sent.again)?;
        let message = format!("no answer within {} seconds", ANSWER_TIME.as_secs());
        let (code, message) = ("no_answer".to_owned(), Text::clean(&message));
        Some((self.settle(), Event::Error { code, message, retry_after_ms: None }))
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

    fn settle(&mut self) -> Answer {
        match self.sent.take() {
            Some(Sent { request, asked: true, .. }) => Answer::To(request),
            Some(Sent { request, asked: false, .. }) => Answer::ToBackground(request),
            None => Answer::Unasked,
        }
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

    fn push(requests: &mut Requests, request: Request) {
        requests.push(request).expect("it is short");
    }

    #[test]
    fn the_next_request_waits_for_the_answer_to_the_one_before() {
        let mut requests = Requests::default();
        requests.push_background(Request::Channels);
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
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
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
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
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        requests.next_frame();
        assert_eq!(requests.reset(), [away("one"), away("two")]);
        assert!(requests.is_idle());
    }

    #[test]
    fn an_error_without_a_reference_settles_the_request_that_was_sent() {
        let mut requests = Requests::default();
        let error = r#"{"type":"error","code":"line_too_long","message":"line is longer"}"#;
        assert_eq!(requests.answered(&frame(error)), Answer::Unasked);
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        requests.next_frame();
        assert_eq!(requests.answered(&frame(r#"{"type":"shutting_down"}"#)), Answer::Unasked);
        assert_eq!(requests.answered(&frame(error)), Answer::To(away("one")));
        assert!(requests.next_frame().is_some_and(|frame| frame.contains("two")));
    }

    #[test]
    fn a_request_is_given_up_when_its_time_is_over() {
        let mut requests = Requests::default();
        assert_eq!(requests.no_answer(), None);
        push(&mut requests, away("one"));
        requests.next_frame();
        let (answer, event) = requests.no_answer().expect("it is waited for");
        assert_eq!(answer, Answer::To(away("one")));
        let Event::Error { message, .. } = event else { panic!("{event:?}") };
        assert_eq!(message.as_str(), "no answer within 15 seconds");
        let late = requests.answered(&frame(r#"{"type":"ok","ref":"1"}"#));
        assert_eq!((late, requests.is_idle()), (Answer::Unasked, true));
    }

    #[test]
    fn no_server_can_make_a_request_wait_for_ever() {
        let refused = |wait: u64| {
            frame(&format!(
                r#"{{"type":"error","ref":"1","code":"rate_limited","message":"wait","retry_after_ms":{wait}}}"#
            ))
        };
        let mut requests = Requests::default();
        push(&mut requests, away("one"));
        requests.next_frame();
        for _ in 0..20 {
            assert_eq!(requests.answered(&refused(0)), Answer::Later(Duration::ZERO));
            assert_eq!(requests.no_answer(), None, "it is not waited for");
            assert!(requests.retry().is_some());
        }
        assert_eq!(requests.answered(&refused(0)), Answer::To(away("one")));

        let mut requests = Requests::default();
        push(&mut requests, away("one"));
        requests.next_frame();
        assert_eq!(requests.answered(&refused(u64::MAX)), Answer::To(away("one")));
    }

    #[test]
    fn what_the_server_would_not_take_is_not_sent() {
        use crate::connect::request::To;
        let said =
            |text: String| Request::Chat { to: To::Channel("lobby".into()), kind: "message", text };
        let mut requests = Requests::default();
        assert_eq!(requests.push(said("x".repeat(4_096))), Ok(()));
        let too_long = TooLong::Message { bytes: 4_097, limit: 4_096 };
        assert_eq!(requests.push(said("x".repeat(4_097))), Err(too_long));
        // The server cleans before it counts.
        assert_eq!(requests.push(said(format!("\u{7f}{}", "x".repeat(4_096)))), Ok(()));
        // Short enough as a message, but JSON writes each of these as two bytes.
        let quotes = requests.push(said("\"".repeat(4_096)));
        assert!(matches!(quotes, Err(TooLong::Frame { limit: 8_192, .. })), "{quotes:?}");

        let limits = serde_json::from_str(r#"{"frame_bytes":100,"message_bytes":50}"#);
        requests.set_limits(limits.expect("limits"));
        let join = Request::Join { channel: "x".repeat(90), key: None };
        assert!(matches!(requests.push(join), Err(TooLong::Frame { limit: 100, .. })));
        let too_long = TooLong::Message { bytes: 51, limit: 50 };
        assert_eq!(requests.push(said("x".repeat(51))), Err(too_long));
        requests.set_limits(serde_json::from_str(r#"{"frame_bytes":65536}"#).expect("limits"));
        assert_eq!(requests.push(said("\"".repeat(4_096))), Ok(()));
    }
}
