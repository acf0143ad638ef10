//! The queue of requests. They are sent one after the other, each with a time limit, and again if
//! the server's rate limit refuses them.

use super::event::{Event, Incoming};
use super::request::Request;
use super::server_limits::{ServerLimits, TooLong};
use chat_server::engine::Text;
use std::collections::VecDeque;
use std::time::Duration;

/// The waiting requests, and the one that was sent. Only one request is sent at a time, so that the
/// order is kept even if the server refuses a request by its rate limit: that request is sent again
/// before the others.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Requests of the user.
    foreground: VecDeque<Request>,
    /// Requests of the client itself, which are sent when no request of the user waits.
    background: VecDeque<Request>,
    sent: Option<Sent>,
    count: u64,
    limits: ServerLimits,
    /// The beginning of all nonces; messages have none without it.
    nonce_prefix: Option<String>,
    /// The number of nonces.
    nonces: u64,
}

#[derive(Debug)]
struct Sent {
    reference: String,
    request: Request,
    /// True if it is a request of the user.
    is_foreground: bool,
    /// True if it waits to be sent again.
    again: bool,
    /// The number of times that the server's rate limit has refused it.
    retries: u32,
}

/// The relation of an incoming frame to the requests.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The frame answers this request of the user.
    To(Request),
    /// The frame answers this background request.
    ToBackground(Request),
    /// The request is to be sent [again](Requests::retry) after this delay.
    RetryIn(Duration),
    /// The frame answers no request.
    Unrelated,
}

/// The time limit for an answer. It is longer than the server's own limit for its authenticator (10
/// seconds).
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(15);
/// The time limit for the server's goodbye. The client exits without it after this time.
pub(super) const GOODBYE_TIME: Duration = Duration::from_secs(3);
/// The longest delay before a request is sent again. If the server demands a longer one, the
/// request fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The most times that a request is sent again. With the server's own limits, the second or third
/// attempt succeeds.
const MOST_RETRIES: u32 = 20;

impl Requests {
    /// Makes a queue that gives each message a nonce, which is the prefix and a number. The prefix
    /// has to be random, so that no other client of the same user has the same nonces.
    pub(super) fn with_nonces(prefix: Option<String>) -> Self {
        Self { nonce_prefix: prefix, ..Self::default() }
    }

    /// Sets the limits that requests have to meet.
    pub(super) fn set_limits(&mut self, limits: ServerLimits) {
        self.limits = limits;
    }

    /// Adds a request of the user.
    ///
    /// # Errors
    ///
    /// If the request exceeds a limit of the server, which would refuse it, and over WebSocket even
    /// close the connection.
    pub(super) fn push(&mut self, mut request: Request) -> Result<(), TooLong> {
        if let Request::Chat { nonce: nonce @ None, .. } = &mut request
            && let Some(prefix) = &self.nonce_prefix
        {
            self.nonces += 1;
            *nonce = Some(format!("{prefix}-{}", self.nonces));
        }
        self.limits.check(&request)?;
        self.foreground.push_back(request);
        Ok(())
    }

    /// Adds a background request.
    pub(super) fn push_background(&mut self, request: Request) {
        self.background.push_back(request);
    }

    /// Adds a background request that continues the one that has just been answered. It is sent
    /// before the others.
    pub(super) fn continue_background(&mut self, request: Request) {
        self.background.push_front(request);
    }

    /// Returns the frame to send now, if there is one. If it is not answered within
    /// [`ANSWER_TIME`], the caller has to call [`no_answer`](Self::no_answer).
    pub(super) fn next_frame(&mut self) -> Option<String> {
        if self.sent.is_some() {
            return None;
        }
        let (request, is_foreground) = match self.foreground.pop_front() {
            Some(request) => (request, true),
            None => (self.background.pop_front()?, false),
        };
        self.count += 1;
        let reference = self.count.to_string();
        let frame = request.encode(&reference);
        self.sent = Some(Sent { reference, request, is_foreground, again: false, retries: 0 });
        Some(frame)
    }

    /// Matches a frame with the request that was sent.
    ///
    /// An error without a reference answers that request: for example, the server skips a line that
    /// is too long together with its reference.
    pub(super) fn answered(&mut self, frame: &Incoming) -> Answer {
        let Some(sent) = &mut self.sent else { return Answer::Unrelated };
        let is_answer = match &frame.reference {
            Some(reference) => *reference == sent.reference,
            None => matches!(frame.event, Event::Error { .. }) && !sent.again,
        };
        if !is_answer {
            return Answer::Unrelated;
        }
        if let Event::Error { retry_after_ms: Some(wait), .. } = frame.event {
            let wait = Duration::from_millis(wait);
            if wait <= LONGEST_PAUSE && sent.retries < MOST_RETRIES {
                sent.again = true;
                sent.retries += 1;
                return Answer::RetryIn(wait);
            }
        }
        self.settle()
    }

    /// Gives up the request that was sent, if its answer is still expected. Returns it with an
    /// error in place of the answer.
    pub(super) fn no_answer(&mut self) -> Option<(Answer, Event)> {
        self.sent.as_ref().filter(|sent| !sent.again)?;
        let message = format!("no answer within {} seconds", ANSWER_TIME.as_secs());
        let (code, message) = ("no_answer".to_owned(), Text::clean(&message));
        Some((self.settle(), Event::Error { code, message, retry_after_ms: None }))
    }

    /// Returns the frame to send again after its delay.
    pub(super) fn retry(&mut self) -> Option<String> {
        let sent = self.sent.as_mut().filter(|sent| sent.again)?;
        sent.again = false;
        Some(sent.request.encode(&sent.reference))
    }

    /// Removes the requests that are not the user's and have not been sent.
    pub(super) fn clear_background(&mut self) {
        self.background.clear();
    }

    /// Removes all requests. Returns the unanswered ones of the user.
    pub(super) fn reset(&mut self) -> Vec<Request> {
        self.background.clear();
        let sent = self.sent.take().filter(|sent| sent.is_foreground).map(|sent| sent.request);
        sent.into_iter().chain(self.foreground.drain(..)).collect()
    }

    /// Returns true if all requests have been answered.
    pub(super) fn is_idle(&self) -> bool {
        self.sent.is_none() && self.foreground.is_empty() && self.background.is_empty()
    }

    fn settle(&mut self) -> Answer {
        match self.sent.take() {
            Some(Sent { request, is_foreground: true, .. }) => Answer::To(request),
            Some(Sent { request, is_foreground: false, .. }) => Answer::ToBackground(request),
            None => Answer::Unrelated,
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
    fn next_request_waits_for_the_answer_to_the_previous_one() {
        let mut requests = Requests::default();
        requests.push_background(Request::Channels);
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        let sent = requests.next_frame();
        assert_eq!(sent.as_deref(), Some(r#"{"type":"away","message":"one","ref":"1"}"#));
        assert_eq!(requests.next_frame(), None);
        assert_eq!(requests.answered(&frame(r#"{"type":"ok","ref":"x"}"#)), Answer::Unrelated);
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
    fn rate_limited_request_is_sent_again_before_the_others() {
        let mut requests = Requests::default();
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        let first = requests.next_frame();
        assert_eq!(requests.retry(), None);
        let refused = r#"{"type":"error","ref":"1","code":"rate_limited","message":"wait",
            "retry_after_ms":70}"#;
        let later = Answer::RetryIn(Duration::from_millis(70));
        assert_eq!(requests.answered(&frame(refused)), later);
        assert_eq!(requests.next_frame(), None);
        assert_eq!(requests.retry(), first);
        assert_eq!(requests.retry(), None);
    }

    #[test]
    fn reset_returns_unanswered_requests_of_the_user() {
        let mut requests = Requests::default();
        requests.push_background(Request::Channels);
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        requests.next_frame();
        assert_eq!(requests.reset(), [away("one"), away("two")]);
        assert!(requests.is_idle());
    }

    #[test]
    fn message_keeps_its_nonce_when_it_is_sent_again() {
        use crate::connect::request::To;
        let mut requests = Requests::with_nonces(Some("n".into()));
        for text in ["one", "two"] {
            push(&mut requests, Request::chat(To::User("bob".into()), "message", text));
        }
        push(&mut requests, away("three"));
        let frame = requests.next_frame().expect("a message");
        assert!(frame.contains(r#""text":"one","nonce":"n-1""#), "{frame}");
        requests.reset().into_iter().for_each(|request| push(&mut requests, request));
        let again = requests.next_frame().expect("a message");
        assert!(again.contains(r#""text":"one","nonce":"n-1""#), "{again}");
        requests.answered(&frame_of_ack("2"));
        let next = requests.next_frame().expect("a message");
        assert!(next.contains(r#""text":"two","nonce":"n-2""#), "{next}");
    }

    fn frame_of_ack(reference: &str) -> Incoming {
        frame(&format!(r#"{{"type":"ack","ref":"{reference}","id":1}}"#))
    }

    #[test]
    fn error_without_a_reference_answers_the_request_that_was_sent() {
        let mut requests = Requests::default();
        let error = r#"{"type":"error","code":"line_too_long","message":"line is longer"}"#;
        assert_eq!(requests.answered(&frame(error)), Answer::Unrelated);
        push(&mut requests, away("one"));
        push(&mut requests, away("two"));
        requests.next_frame();
        assert_eq!(requests.answered(&frame(r#"{"type":"shutting_down"}"#)), Answer::Unrelated);
        assert_eq!(requests.answered(&frame(error)), Answer::To(away("one")));
        assert!(requests.next_frame().is_some_and(|frame| frame.contains("two")));
    }

    #[test]
    fn request_is_given_up_when_its_answer_is_overdue() {
        let mut requests = Requests::default();
        assert_eq!(requests.no_answer(), None);
        push(&mut requests, away("one"));
        requests.next_frame();
        let (answer, event) = requests.no_answer().expect("an answer is expected");
        assert_eq!(answer, Answer::To(away("one")));
        let Event::Error { message, .. } = event else { panic!("{event:?}") };
        assert_eq!(message.as_str(), "no answer within 15 seconds");
        let late = requests.answered(&frame(r#"{"type":"ok","ref":"1"}"#));
        assert_eq!((late, requests.is_idle()), (Answer::Unrelated, true));
    }

    #[test]
    fn retries_and_delays_of_a_request_are_limited() {
        let refused = |wait: u64| {
            frame(&format!(
                r#"{{"type":"error","ref":"1","code":"rate_limited","message":"wait",
                    "retry_after_ms":{wait}}}"#
            ))
        };
        let mut requests = Requests::default();
        push(&mut requests, away("one"));
        requests.next_frame();
        for _ in 0..20 {
            assert_eq!(requests.answered(&refused(0)), Answer::RetryIn(Duration::ZERO));
            assert_eq!(requests.no_answer(), None, "no answer is expected");
            assert!(requests.retry().is_some());
        }
        assert_eq!(requests.answered(&refused(0)), Answer::To(away("one")));

        let mut requests = Requests::default();
        push(&mut requests, away("one"));
        requests.next_frame();
        assert_eq!(requests.answered(&refused(u64::MAX)), Answer::To(away("one")));
    }

    #[test]
    fn request_that_exceeds_a_limit_is_not_sent() {
        use crate::connect::request::To;
        let said = |text: String| Request::chat(To::Channel("lobby".into()), "message", text);
        let mut requests = Requests::default();
        assert_eq!(requests.push(said("x".repeat(4_096))), Ok(()));
        let too_long = TooLong::Message { bytes: 4_097, limit: 4_096 };
        assert_eq!(requests.push(said("x".repeat(4_097))), Err(too_long));
        // The server cleans a message before it counts its bytes.
        assert_eq!(requests.push(said(format!("\u{7f}{}", "x".repeat(4_096)))), Ok(()));
        // The message meets the limit, but JSON escapes each of these characters to two bytes.
        let quotes = requests.push(said("\"".repeat(4_096)));
        assert!(matches!(quotes, Err(TooLong::Frame { limit: 8_192, .. })), "{quotes:?}");

        let limits = serde_json::from_str(r#"{"frame_bytes":100,"message_bytes":50}"#);
        requests.set_limits(limits.expect("limits"));
        let join = Request::Join { channel: "x".repeat(90), key: None };
        assert!(matches!(requests.push(join), Err(TooLong::Frame { limit: 100, .. })));
        let too_long = TooLong::Message { bytes: 51, limit: 50 };
        assert_eq!(requests.push(said("x".repeat(51))), Err(too_long));
        requests.set_limits(serde_json::from_str(r#"{"message_lines":2}"#).expect("limits"));
        assert_eq!(requests.push(said("\none\r\ntwo\n".to_owned())), Ok(()));
        let too_long = TooLong::Lines { lines: 3, limit: 2 };
        assert_eq!(requests.push(said("one\n\nthree".to_owned())), Err(too_long));
        requests.set_limits(serde_json::from_str(r#"{"frame_bytes":65536}"#).expect("limits"));
        assert_eq!(requests.push(said("\"".repeat(4_096))), Ok(()));
    }
}
