//! Inputs that wait while their session waits for an answer of the host, or for its rate.

use crate::Fault;
use chat_core::{Command, Event, Refusal, RequestId, SessionId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The frames and commands of sessions that wait until the host has answered a question.
///
/// While the host authenticates, only the frames of people wait: they cannot know that the host has
/// not answered yet. A program can: it has not received its `welcome`. For any other question, all
/// that a session sends waits, so that replies keep their order. The same holds for a paced session
/// whose next command has to wait.
#[derive(Debug, Default)]
pub(crate) struct HeldInputs {
    /// The sessions that wait.
    waiting: BTreeMap<SessionId, Waiting>,
    /// Inputs that are ready to be handled, in order.
    released: VecDeque<(SessionId, HeldInput)>,
    /// The times at which paced sessions go on.
    due: BTreeSet<(Timestamp, SessionId)>,
    /// The sessions whose clients are not read from.
    paused: BTreeSet<SessionId>,
    /// Those of them whose inputs were released.
    resumable: Vec<SessionId>,
}

/// A session that waits.
#[derive(Debug)]
struct Waiting {
    reason: WaitReason,
    /// The inputs of the session since then, in order.
    inputs: VecDeque<HeldInput>,
}

/// The question that a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitReason {
    Authentication,
    /// A question that a command has caused, whose reply follows the answer.
    Command,
    /// The host's store has no room.
    Store,
    /// A command has been submitted to a log, and is not applied yet.
    Order,
    /// The next command would be too early, or the client has to read first.
    Pace {
        until: Timestamp,
    },
}

/// An input of a session that waits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeldInput {
    Frame(Box<[u8]>),
    /// Bytes that the transport could not read as a frame, whose answer keeps its place.
    Fault(Fault),
    Command(Option<RequestId>, Box<Command>),
    /// The connection has ended.
    End,
}

/// The result of holding an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The input is held.
    Held,
    /// Too many inputs are held already. The session is closed, because handling the input now
    /// would change the order, and dropping it would lose it silently.
    Full,
}

impl HeldInputs {
    /// Maximum number of held inputs of one session, without the end of its connection: far more
    /// than a person types in that time.
    const MAX_INPUTS: usize = 64;
    /// Maximum number of bytes in the held frames of one session.
    const MAX_BYTES: usize = 64 * 1024;

    /// Maximum number of held inputs of a paced session, and of bytes in its frames: what it has
    /// sent before its port stops reading.
    const MAX_PACED_INPUTS: usize = 2_048;
    const MAX_PACED_BYTES: usize = 256 * 1024;
    /// The number of held inputs of a paced session at which its port stops reading, and the one at
    /// which it goes on.
    const PAUSE_AT: usize = 32;
    const RESUME_AT: usize = 16;

    /// Starts holding the inputs of a paced session, until a time, unless it waits already.
    pub(crate) fn begin_pace(&mut self, session: SessionId, until: Timestamp) {
        if !self.waiting.contains_key(&session) {
            self.begin(session, WaitReason::Pace { until });
            self.due.insert((until, session));
        }
    }

    /// Returns the time at which the next paced session goes on.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Releases the inputs of paced sessions that may go on. Returns true if there is such a
    /// session.
    pub(crate) fn release_due(&mut self, now: Timestamp) -> bool {
        let mut is_any = false;
        while self.next_due().is_some_and(|at| at <= now)
            && let Some((_, session)) = self.due.pop_first()
        {
            self.release(session);
            is_any = true;
        }
        is_any
    }

    /// Notes that a session has many inputs here. Returns true if its port has to stop reading.
    pub(crate) fn pauses(&mut self, session: SessionId) -> bool {
        self.count(session) >= Self::PAUSE_AT && self.paused.insert(session)
    }

    /// Takes a session whose port can read again.
    pub(crate) fn take_resumable(&mut self) -> Option<SessionId> {
        while let Some(session) = self.resumable.pop() {
            if self.count(session) <= Self::RESUME_AT && self.paused.remove(&session) {
                return Some(session);
            }
        }
        None
    }

    fn count(&self, session: SessionId) -> usize {
        self.waiting.get(&session).map_or(0, |waiting| waiting.inputs.len())
    }

    /// Starts holding the inputs of a session.
    pub(crate) fn begin(&mut self, session: SessionId, reason: WaitReason) {
        let waiting = || Waiting { reason, inputs: VecDeque::new() };
        self.waiting.entry(session).or_insert_with(waiting);
    }

    /// Returns true if the session waits for a question, and its frames have to be held.
    pub(crate) fn holds_frames(&self, session: SessionId) -> bool {
        // Usually no session is waiting, and the lookup is not needed.
        !self.waiting.is_empty() && self.waiting.contains_key(&session)
    }

    /// Returns true if the session waits for a question, and its commands have to be held.
    pub(crate) fn holds_commands(&self, session: SessionId) -> bool {
        !self.waiting.is_empty()
            && self
                .waiting
                .get(&session)
                .is_some_and(|waiting| waiting.reason != WaitReason::Authentication)
    }

    /// Holds the end of a connection whose session waits for the reply to a command: a client that
    /// pipes its requests has ended its side before the reply, and still reads. Returns false if
    /// the session does not wait.
    pub(crate) fn hold_end(&mut self, session: SessionId) -> bool {
        let waiting = self.waiting.get_mut(&session);
        let Some(waiting) = waiting.filter(|waiting| waiting.reason != WaitReason::Authentication)
        else {
            return false;
        };
        // A connection may report its end twice.
        if waiting.inputs.back() != Some(&HeldInput::End) {
            waiting.inputs.push_back(HeldInput::End);
        }
        true
    }

    /// Holds an input of a session that waits.
    pub(crate) fn hold(&mut self, session: SessionId, input: HeldInput, is_paced: bool) -> Hold {
        let Some(Waiting { inputs, .. }) = self.waiting.get_mut(&session) else {
            self.released.push_back((session, input));
            return Hold::Held;
        };
        let bytes: usize = inputs.iter().map(HeldInput::bytes).sum();
        let (most, most_bytes) = if is_paced {
            (Self::MAX_PACED_INPUTS, Self::MAX_PACED_BYTES)
        } else {
            (Self::MAX_INPUTS, Self::MAX_BYTES)
        };
        if inputs.len() == most || bytes + input.bytes() > most_bytes {
            return Hold::Full;
        }
        inputs.push_back(input);
        Hold::Held
    }

    /// Notes a reply to a session, and releases its inputs if the reply shows that the session no
    /// longer waits.
    pub(crate) fn note_reply(&mut self, session: SessionId, event: &Event) {
        if self.waiting.is_empty() {
            return;
        }
        let Some(waiting) = self.waiting.get(&session) else { return };
        let is_before_answer = waiting.reason == WaitReason::Authentication
            && matches!(
                event,
                Event::Rejected(
                    Refusal::Identifying | Refusal::NotIdentified | Refusal::RateLimited { .. }
                )
            );
        // Replies of the host do not change the pace, and a command in the log has none yet.
        if !is_before_answer
            && !matches!(waiting.reason, WaitReason::Pace { .. } | WaitReason::Order)
        {
            self.release(session);
        }
    }

    /// Releases the inputs of a session whose command has its place in the log.
    pub(crate) fn release_ordered(&mut self, session: SessionId) {
        if self.waiting.get(&session).is_some_and(|waiting| waiting.reason == WaitReason::Order) {
            self.release(session);
        }
    }

    fn release(&mut self, session: SessionId) {
        let Some(waiting) = self.waiting.remove(&session) else { return };
        self.released.extend(waiting.inputs.into_iter().map(|input| (session, input)));
        if self.paused.contains(&session) {
            self.resumable.push(session);
        }
    }

    /// Releases the inputs that have waited for the host's store.
    pub(crate) fn release_store(&mut self) {
        let is_for_store = |waiting: &Waiting| waiting.reason == WaitReason::Store;
        let sessions = self.waiting.iter().filter(|(_, waiting)| is_for_store(waiting));
        let sessions: Vec<SessionId> = sessions.map(|(session, _)| *session).collect();
        sessions.into_iter().for_each(|session| self.release(session));
    }

    /// Drops the inputs of a session that has ended.
    pub(crate) fn forget(&mut self, session: SessionId) {
        if let Some(Waiting { reason: WaitReason::Pace { until }, .. }) =
            self.waiting.remove(&session)
        {
            self.due.remove(&(until, session));
        }
        self.paused.remove(&session);
    }

    /// Takes the next released input of a session that does not wait again.
    pub(crate) fn next_released(&mut self) -> Option<(SessionId, HeldInput)> {
        while let Some((session, input)) = self.released.pop_front() {
            match self.waiting.get_mut(&session) {
                // An input before this one has caused another question. All of them were within the
                // limits before.
                Some(waiting) => waiting.inputs.push_back(input),
                None => return Some((session, input)),
            }
        }
        None
    }
}

impl HeldInput {
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Command(..) | Self::Fault(_) | Self::End => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        EventPort, Frames, Full, Inbound, JsonDialect, Port, Recorder, SessionEventRef,
        Switchboard, TextDialect,
    };
    use chat_core::{
        Answer, ChannelName, CloseReason, Config, Engine, HistoryRange, Identity, Message,
        MessageId, Nickname, Peer, Query, Secret, Target, Text, Timestamp, UserInfo,
    };
    use std::sync::{Arc, Mutex};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const ALICE: SessionId = SessionId(1);

    /// Returns the frames that a client with a token is sent after the host's answer, if it has
    /// sent the lines before the answer.
    fn typed_early(lines: &[&str], answer: Answer) -> Vec<String> {
        let config = Config { authenticate: true, ..Config::default() };
        let mut switchboard = Switchboard::new(Engine::new(config, NOW));
        let peer = Peer { token: Some(Secret::new("t0ken")), ..Peer::default() };
        let port = Recorder::default();
        switchboard.open(NOW, ALICE, peer, Arc::new(TextDialect::plain()), port.clone());
        for line in lines {
            switchboard.receive_frame(NOW, ALICE, line.as_bytes());
        }
        port.take();
        let question = switchboard.take_auth_requests().pop().expect("an authentication request");
        switchboard.receive(NOW, ALICE, Inbound::Answer { question: question.id, answer });
        port.take()
    }

    fn alice() -> Answer {
        Answer::Account(Identity::new("al").with_nicknames(["Alice"]))
    }

    #[test]
    fn lines_before_the_answer_are_handled_in_order_after_it() {
        let frames = typed_early(&["hi", "/join tea", "/topic", "/name Mallory"], alice());
        assert_eq!(frames[0], "You are now known as Alice");
        assert!(frames[1].contains("tea"), "{frames:?}");
        assert_eq!(
            frames.last().map(String::as_str),
            Some("Your nickname is given by your login and cannot be changed.")
        );
    }

    #[test]
    fn lines_of_a_refused_client_are_dropped() {
        let frames = typed_early(&["hi"], Answer::Refused(Text::clean("no")));
        assert_eq!(frames, ["No."]);
    }

    #[test]
    fn lines_keep_their_order() {
        let lines: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push("/quit bye");
        let frames = typed_early(&lines, alice());
        let refused = frames.iter().filter(|line| line.starts_with("Too many commands")).count();
        assert_eq!(refused, 20, "every line beyond the burst gets an error: {frames:?}");
        assert_eq!(frames.last().map(String::as_str), Some("Goodbye!"));
    }

    #[test]
    fn held_frames_are_limited() {
        let frame = |bytes: &[u8]| HeldInput::Frame(bytes.into());
        let mut held = HeldInputs::default();
        held.begin(ALICE, WaitReason::Authentication);
        let mut hold = || held.hold(ALICE, frame(b"hi"), false);
        assert!((0..HeldInputs::MAX_INPUTS).all(|_| hold() == Hold::Held));
        assert_eq!(hold(), Hold::Full);
        assert!(held.holds_frames(ALICE) && !held.holds_commands(ALICE));
        assert!(!held.holds_frames(SessionId(2)));
        held.forget(ALICE);
        assert!(!held.holds_frames(ALICE));
        assert_eq!(held.next_released(), None);
        held.begin(ALICE, WaitReason::Command);
        assert!(held.holds_commands(ALICE));
        assert_eq!(held.hold(ALICE, frame(&[b'x'; HeldInputs::MAX_BYTES]), false), Hold::Held);
        assert_eq!(held.hold(ALICE, frame(b"x"), false), Hold::Full);
    }

    #[test]
    fn session_that_has_ended_has_no_pace() {
        let at = Timestamp::from_millis;
        let mut held = HeldInputs::default();
        held.begin_pace(ALICE, at(1));
        held.begin_pace(ALICE, at(2));
        assert_eq!(held.next_due(), Some(at(1)));
        held.forget(ALICE);
        assert_eq!(held.next_due(), None);
        held.begin(ALICE, WaitReason::Authentication);
        held.begin_pace(ALICE, at(3));
        assert_eq!(held.next_due(), None, "the session waits for something else");
        held.forget(ALICE);
        held.begin_pace(ALICE, at(4));
        assert!(!held.release_due(at(3)) && held.release_due(at(4)));
        assert!(!held.holds_frames(ALICE));
    }

    /// The port of a session in the same process.
    #[derive(Clone, Default)]
    struct Bot(Arc<Mutex<Vec<String>>>);

    impl EventPort for Bot {
        fn receive(&mut self, event: SessionEventRef<'_>) -> Result<(), Full> {
            if let SessionEventRef::Reply { request, event, .. } = event {
                let request = request.map(|request| request.0.to_string()).unwrap_or_default();
                self.0.lock().expect("not poisoned").push(format!("{request}: {event}"));
            }
            Ok(())
        }

        fn has_room(&self) -> bool {
            true
        }
    }

    /// A port that is never used: all sessions are in the same process.
    struct NoPort;

    impl Port for NoPort {
        type Prepared = ();
        type Events = Bot;

        fn prepare(&mut self, _: &Frames) {}

        fn send(&mut self, (): &()) -> Result<(), Full> {
            Ok(())
        }

        fn has_room(&self) -> bool {
            true
        }

        fn close(&mut self, _: &Frames, _: &CloseReason) {}
    }

    fn with_a_store() -> Engine {
        let config = Config { older_history: true, history_page: 2, ..Config::default() };
        Engine::new(config, NOW)
    }

    /// Opens a session that speaks JSON.
    fn alice_with_a_store() -> (Switchboard<Recorder>, Recorder) {
        let mut switchboard = Switchboard::new(with_a_store());
        let port = Recorder::default();
        let json = Arc::new(JsonDialect::default());
        switchboard.open(NOW, ALICE, Peer::default(), json, port.clone());
        (switchboard, port)
    }

    fn stored(id: u64, text: &str) -> Arc<Message> {
        let sender = Arc::new(UserInfo::guest(Nickname::parse("old").expect("a name")));
        let target = Target::Channel(ChannelName::lobby());
        Arc::new(Message::new(MessageId(id), NOW, sender, target, Text::clean(text)))
    }

    #[test]
    fn requests_behind_a_question_are_answered_in_order_after_it() {
        let (mut switchboard, port) = alice_with_a_store();
        for frame in [
            r#"{"type":"hello","nickname":"alice","version":2}"#,
            r#"{"type":"history","channel":"lobby","ref":"1"}"#,
            r#"{"type":"away","message":"lunch","ref":"2"}"#,
            r#"{"type":"history","channel":"lobby","before":5,"ref":"3"}"#,
            r#"{"type":"users","ref":"4"}"#,
            r#"{"type":"ping","ref":"5"}"#,
        ] {
            switchboard.receive_frame(NOW, ALICE, frame.as_bytes());
        }
        let references = |port: &Recorder| -> Vec<String> {
            let reference = |frame: String| Some(frame.split_once("\"ref\":\"")?.1[..1].to_owned());
            port.take().into_iter().filter_map(reference).collect()
        };
        assert_eq!(references(&port), Vec::<String>::new());
        let mut answer = |messages| {
            let asked = switchboard.take_requests();
            let [request] = &asked[..] else { panic!("one question at a time: {asked:?}") };
            let answer = Answer::Messages { messages, more: false };
            let answer = Inbound::Answer { question: request.id, answer };
            switchboard.receive(NOW, ALICE, answer);
            references(&port)
        };
        // The second history causes a question of its own.
        assert_eq!(answer(vec![stored(1, "one")]), ["1", "2"]);
        assert_eq!(answer(vec![]), ["3", "4", "5"]);
        assert!(switchboard.take_requests().is_empty());
    }

    #[test]
    fn end_of_a_connection_waits_for_the_reply() {
        let (mut switchboard, port) = alice_with_a_store();
        for frame in [
            r#"{"type":"hello","nickname":"alice","version":2}"#,
            r#"{"type":"history","channel":"lobby"}"#,
            r#"{"type":"topic","channel":"lobby"}"#,
        ] {
            switchboard.receive_frame(NOW, ALICE, frame.as_bytes());
        }
        port.take();
        for _ in 0..2 {
            switchboard.receive(NOW, ALICE, Inbound::Close(CloseReason::Disconnected));
            assert_eq!(port.closed(), None);
        }
        switchboard.tick(NOW + Config::default().answer_timeout);
        let frames = port.take();
        assert_eq!(frames.len(), 2, "{frames:?}");
        assert_eq!(port.closed(), Some(CloseReason::Disconnected));
        assert_eq!(switchboard.view().session_count(), 0);
    }

    #[test]
    fn other_reasons_close_a_session_that_waits() {
        let (mut switchboard, port) = alice_with_a_store();
        let hello = br#"{"type":"hello","nickname":"alice","version":2}"#;
        let history = br#"{"type":"history","channel":"lobby"}"#;
        switchboard.receive_frame(NOW, ALICE, hello);
        switchboard.receive_frame(NOW, ALICE, history);
        switchboard.receive(NOW, ALICE, Inbound::Close(CloseReason::TooSlow));
        assert_eq!(port.closed(), Some(CloseReason::TooSlow));
    }

    #[test]
    fn commands_in_the_same_process_wait_too() {
        let mut switchboard = Switchboard::<NoPort>::new(with_a_store());
        let bot = Bot::default();
        switchboard.open_in_process(NOW, ALICE, Peer::default(), bot.clone());
        let lobby = || "lobby".to_owned();
        for (request, command) in (1..).zip([
            Command::identify("alice"),
            Command::Query(Query::History {
                channel: lobby(),
                range: HistoryRange::Latest,
                limit: 2,
            }),
            Command::say("lobby", "hi"),
            Command::ShowTopic { channel: lobby() },
        ]) {
            let request = Some(RequestId(request.to_string().into()));
            switchboard.receive(NOW, ALICE, Inbound::Command { request, command });
        }
        let replies = || std::mem::take(&mut *bot.0.lock().expect("not poisoned"));
        assert_eq!(replies(), ["1: welcomed as alice; #lobby has alice"]);
        // The host does not answer in time.
        let late = NOW + Config::default().answer_timeout;
        switchboard.tick(late);
        assert_eq!(
            replies(),
            [
                "2: rejected (try_again): earlier messages cannot be read at the moment; try again",
                "3: sent 1",
                "4: topic of #lobby: none",
            ]
        );
    }

    #[test]
    fn session_that_sends_too_much_while_it_waits_is_closed() {
        let (mut switchboard, port) = alice_with_a_store();
        let hello = br#"{"type":"hello","nickname":"alice","version":2}"#;
        let history = br#"{"type":"history","channel":"lobby"}"#;
        switchboard.receive_frame(NOW, ALICE, hello);
        for _ in 0..=HeldInputs::MAX_INPUTS {
            assert_eq!(port.closed(), None);
            switchboard.receive_frame(NOW, ALICE, history);
        }
        switchboard.receive_frame(NOW, ALICE, history);
        assert_eq!(port.closed(), Some(CloseReason::TooManyFaults));
        // A late answer has no effect.
        let question = switchboard.take_requests().pop().expect("a question").id;
        let answer = Answer::Messages { messages: Vec::new(), more: false };
        port.take();
        switchboard.receive(NOW, ALICE, Inbound::Answer { question, answer });
        assert_eq!(port.take(), Vec::<String>::new());
    }
}
