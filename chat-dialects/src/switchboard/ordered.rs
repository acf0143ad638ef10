//! Inputs whose order a log decides that several nodes share.

use super::Switchboard;
use crate::Port;
use crate::held::WaitReason;
use crate::input_order::{InputOrder, first_session};
use chat_core::{Engine, Event, HostCommand, Input, Refusal, RequestId, SessionId, Timestamp};

impl<P: Port> Switchboard<P> {
    /// Lets a log order the inputs of several switchboards from now on. Nothing is applied before
    /// the host has [taken](Self::take_submitted) it, appended it to the log, and given it to
    /// [`apply_ordered`](Self::apply_ordered) of every switchboard. Frames of a session wait until
    /// its last command is applied. Keep-alive and the pace of sessions do not use the log.
    ///
    /// All switchboards begin with engines of the same configuration and time, or with the state
    /// that another one had at the same place of the log. `node` is a number that no other
    /// switchboard of the log has or had. The numbers of its sessions follow
    /// [`first_session`](Self::first_session). Sessions that the engine has already are those of
    /// other nodes.
    ///
    /// # Panics
    ///
    /// If this switchboard has sessions.
    pub fn order_inputs(&mut self, now: Timestamp, node: u32) {
        assert_eq!(self.sessions.sessions().count(), 0, "inputs are ordered from the first");
        let order = InputOrder::new(node, now, self.view().sessions());
        self.order = Some(Box::new(order));
    }

    /// Returns the number before that of the first session of a node.
    pub fn first_session(node: u32) -> SessionId {
        first_session(node)
    }

    /// Returns true if there are inputs to [take](Self::take_submitted).
    pub fn has_submitted(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.has_submitted())
    }

    /// Returns true if the engine has panicked at an input that a log has ordered. Nothing more is
    /// applied then.
    pub fn has_panicked(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.has_panicked)
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes the inputs of this switchboard that have to be appended to the log, in order.
    pub fn take_submitted(&mut self) -> Vec<Input> {
        self.order.as_mut().map(|order| order.take_submitted()).unwrap_or_default()
    }

    /// Submits a command of the host. Its answer is among the
    /// [replies](Self::take_host_replies) after it is applied.
    pub fn submit_host(&mut self, now: Timestamp, command: HostCommand) {
        self.apply(now, Input::Host(command));
    }

    /// Takes the answers to the commands of the host that this switchboard has submitted and
    /// applied, in the order of the commands.
    pub fn take_host_replies(&mut self) -> Vec<Event> {
        let order = self.order.as_mut();
        order.map(|order| order.host_replies.drain(..).collect()).unwrap_or_default()
    }

    /// Applies an input of the log. `input_time` is that of the log, and equal for all
    /// switchboards; `now` is that of this host. `is_own` is true if this switchboard has submitted
    /// the input.
    pub fn apply_ordered(
        &mut self,
        now: Timestamp,
        input_time: Timestamp,
        input: Input,
        is_own: bool,
    ) {
        if let Some(order) = &mut self.order {
            order.note_ordered(&input);
        }
        let (mut ended, mut is_host) = (None, false);
        match &input {
            Input::Command { session, .. } if is_own => self.held.release_ordered(*session),
            Input::Close { session, .. } => ended = Some(*session).filter(|_| is_own),
            Input::Host(_) => is_host = true,
            Input::Open { .. } | Input::Command { .. } | Input::Answer { .. } | Input::Tick | _ => {
            }
        }
        self.apply_at(now, input_time, input);
        if let Some(order) = &mut self.order {
            if let Some(session) = ended {
                order.note_end_applied(session);
            }
            let reply = self.host_reply.take().filter(|_| is_host && is_own);
            order.host_replies.extend(reply);
        }
        self.settle(now);
    }

    /// Closes the sessions of a node that has failed, as if their connections had been lost. All
    /// other switchboards do so at the same place of the log, and apply no later input of the node.
    pub fn end_node(&mut self, now: Timestamp, input_time: Timestamp, node: u32) {
        let ends = self.order.as_ref().map(|order| order.ends_of(node)).unwrap_or_default();
        for end in ends {
            self.apply_ordered(now, input_time, end, false);
        }
    }

    /// Refuses commands from now on, or takes them again. A host whose log takes no inputs at the
    /// moment refuses them with [`Refusal::Isolated`]: its clients can go to another node. Commands
    /// that were submitted before wait for their place in the log.
    pub fn refuse_commands(&mut self, refuses: bool) {
        if let Some(order) = &mut self.order {
            order.refuses = refuses;
        }
    }

    /// Submits an input. The session of a command waits until it is applied.
    pub(super) fn submit(&mut self, now: Timestamp, input: Input) {
        if self.order.as_ref().is_some_and(|order| order.refuses)
            && let Input::Command { session, request, .. } = &input
        {
            return self.refuse(now, *session, request.as_ref());
        }
        if let Input::Command { session, .. } = &input {
            self.held.begin(*session, WaitReason::Order);
        }
        // A tick before the deadline has no effect, and need not be in the log.
        let is_due = || {
            let next_tick = self.order.as_ref().map(|order| order.next_tick());
            let deadline = self.engine.next_deadline();
            deadline.is_some_and(|at| at <= now) && next_tick.is_some_and(|at| at <= now)
        };
        if input == Input::Tick && !is_due() {
            return;
        }
        if let Some(order) = &mut self.order {
            order.submit(now, input);
        }
    }

    /// Answers a command without the engine.
    fn refuse(&mut self, now: Timestamp, session: SessionId, request: Option<&RequestId>) {
        let event = Event::Rejected(Refusal::Isolated);
        self.log.counters.note_reply(&event);
        let Some(entry) = self.sessions.get_mut(session) else { return };
        let mut reaction = std::mem::take(&mut self.reaction);
        entry.reply(now, request, &event, &mut reaction, &mut self.log);
        let followup = reaction.take_followup();
        self.reaction = reaction;
        if let Some(mut followup) = followup {
            self.carry_out(now, session, &mut followup);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{DialectSwitch, Inbound, JsonDialect, Recorder, Switchboard, TextDialect};
    use chat_core::{
        AccountCommand, Answer, ChannelName, Checked, CloseReason, Command, Config, Credential,
        Engine, Event, HistoryRange, HostCommand, Input, Peer, Policy, Question, Secret, SessionId,
        Text, Timestamp, View,
    };
    use std::sync::Arc;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// Two nodes whose clocks differ by an hour, and the log between them.
    struct Nodes {
        nodes: Vec<Switchboard<Recorder>>,
        log: Vec<(usize, Input)>,
        /// All inputs that were in the log.
        inputs: Vec<Input>,
        now: Timestamp,
    }

    impl Nodes {
        fn new() -> Self {
            Self::with_config(&Config::default())
        }

        fn with_config(config: &Config) -> Self {
            let node = |number| {
                let mut node = Switchboard::new(Engine::new(config.clone(), NOW));
                node.order_inputs(NOW, number);
                node
            };
            let nodes = (1..=2).map(node).collect();
            Self { nodes, log: Vec::new(), inputs: Vec::new(), now: NOW }
        }

        /// Adds alice, who types, to the first node, and bob, who speaks JSON, to the second.
        fn with_clients() -> (Self, (SessionId, Recorder), (SessionId, Recorder)) {
            let mut nodes = Self::new();
            let (alice, typed) = nodes.open(0, 1, false);
            let (bob, json) = nodes.open(1, 1, true);
            nodes.frame(0, alice, "/name alice");
            nodes.frame(1, bob, r#"{"type":"hello","nickname":"bob","version":2}"#);
            nodes.apply();
            typed.take();
            json.take();
            (nodes, (alice, typed), (bob, json))
        }

        fn clock(&self, node: usize) -> Timestamp {
            self.now + Duration::from_secs(3_600) * node as u32
        }

        fn open(&mut self, node: usize, local: u64, is_json: bool) -> (SessionId, Recorder) {
            let first = Switchboard::<Recorder>::first_session(node as u32 + 1);
            let (session, port) = (SessionId(first.0 + local), Recorder::default());
            let (now, switchboard) = (self.clock(node), &mut self.nodes[node]);
            if is_json {
                let dialect = Arc::new(JsonDialect::default());
                switchboard.open(now, session, Peer::default(), dialect, port.clone());
            } else {
                let dialect = Arc::new(TextDialect::plain());
                switchboard.open(now, session, Peer::default(), dialect, port.clone());
            }
            (session, port)
        }

        fn frame(&mut self, node: usize, session: SessionId, frame: &str) {
            let now = self.clock(node);
            self.nodes[node].receive_frame(now, session, frame.as_bytes());
        }

        /// Appends all inputs to the log, and applies it, until nothing more follows.
        fn apply(&mut self) {
            loop {
                for (node, switchboard) in self.nodes.iter_mut().enumerate() {
                    let inputs = switchboard.take_submitted();
                    self.log.extend(inputs.into_iter().map(|input| (node, input)));
                }
                if self.log.is_empty() {
                    break;
                }
                for (from, input) in std::mem::take(&mut self.log) {
                    self.inputs.push(input.clone());
                    for node in 0..self.nodes.len() {
                        let now = self.clock(node);
                        let is_own = node == from;
                        self.nodes[node].apply_ordered(now, self.now, input.clone(), is_own);
                    }
                }
            }
            let [one, two] = &self.nodes[..] else { panic!("two nodes") };
            assert_eq!(one.engine.durable(), two.engine.durable());
            assert_eq!(one.view().session_count(), two.view().session_count());
        }
    }

    #[test]
    fn clients_of_two_nodes_share_a_channel() {
        let (mut nodes, (alice, typed), (bob, json)) = Nodes::with_clients();
        nodes.frame(0, alice, "hi bob");
        assert!(json.take().is_empty() && typed.take().is_empty(), "nothing before the log");
        nodes.apply();
        let frames = json.take();
        assert!(frames.iter().any(|frame| frame.contains("hi bob")), "{frames:?}");
        nodes.frame(1, bob, r#"{"type":"chat","channel":"lobby","text":"hi alice"}"#);
        nodes.apply();
        let frames = typed.take();
        assert!(frames.iter().any(|frame| frame.contains("hi alice")), "{frames:?}");
    }

    #[test]
    fn frame_is_decoded_after_the_command_before_it_is_applied() {
        let mut nodes = Nodes::new();
        let (alice, typed) = nodes.open(0, 1, false);
        for line in ["/name alice", "/join tea", "to tea"] {
            nodes.frame(0, alice, line);
        }
        let submitted = nodes.nodes[0].take_submitted();
        assert_eq!(submitted.len(), 2, "the session and its name: {submitted:?}");
        nodes.log = submitted.into_iter().map(|input| (0, input)).collect();
        nodes.apply();
        let tea = ChannelName::parse("tea").expect("a name");
        let view = nodes.nodes[1].view();
        let channel = view.channel(&tea).expect("the channel");
        let (messages, _) = channel.history(HistoryRange::Latest, 10);
        assert_eq!(messages.len(), 1, "{:?}", typed.take());
    }

    #[test]
    fn sessions_of_a_node_that_fails_end_on_the_others() {
        let (mut nodes, _, (_, json)) = Nodes::with_clients();
        let (now, time) = (nodes.clock(1), nodes.now);
        nodes.nodes[1].end_node(now, time, 1);
        assert_eq!(nodes.nodes[1].view().session_count(), 1);
        let frames = json.take();
        assert!(frames.iter().any(|frame| frame.contains("alice")), "{frames:?}");
        nodes.nodes[1].end_node(now, time, 1);
        assert!(json.take().is_empty(), "they end once");
    }

    #[test]
    fn session_that_switches_its_dialect_stays_open() {
        let mut nodes = Nodes::new();
        let (alice, port) = nodes.open(0, 1, true);
        let dialect = Arc::new(TextDialect::plain());
        let switch = Box::new(DialectSwitch { peer: Peer::default(), dialect });
        nodes.nodes[0].receive(NOW, alice, Inbound::Switch(switch));
        nodes.frame(0, alice, "/name alice");
        nodes.apply();
        assert_eq!(port.closed(), None);
        assert!(port.take().iter().any(|frame| frame.contains("known as alice")));
        nodes.nodes[0].receive(NOW, alice, Inbound::Close(CloseReason::Disconnected));
        nodes.apply();
        assert_eq!(port.closed(), Some(CloseReason::Disconnected));
    }

    #[test]
    fn answer_to_the_host_follows_the_log() {
        let mut nodes = Nodes::new();
        nodes.nodes[0].submit_host(NOW, HostCommand::say("lobby", "hi"));
        assert!(nodes.nodes[0].take_host_replies().is_empty());
        nodes.apply();
        assert!(matches!(nodes.nodes[0].take_host_replies()[..], [Event::Sent { .. }]));
        assert!(nodes.nodes[1].take_host_replies().is_empty());
    }

    #[test]
    fn log_contains_no_secret() {
        let config = Config { accounts: true, registration: true, ..Config::default() };
        let mut nodes = Nodes::with_config(&config);
        let (alice, port) = nodes.open(0, 1, true);
        let key = "a-reconnect-key-of-alice";
        for frame in [
            format!(r#"{{"type":"hello","nickname":"alice","version":2,"reconnect_key":"{key}"}}"#),
            r#"{"type":"register","account":"alice","password":"pass-word"}"#.to_owned(),
        ] {
            nodes.frame(0, alice, &frame);
        }
        nodes.apply();
        let request = nodes.nodes[0].take_requests().pop().expect("a question");
        let Question::Register { password, .. } = &request.question else {
            panic!("{:?}", request.question)
        };
        assert_eq!(password.expose(), "pass-word", "the host of the node checks it");
        assert!(nodes.nodes[1].take_requests().is_empty());
        let answer = Answer::Password {
            credentials: Some(Secret::new("a hash")),
            token: Some(Secret::new("a-session-token")),
        };
        let answer = Inbound::Answer { question: request.id, answer };
        nodes.nodes[0].receive(NOW, alice, answer);
        nodes.apply();
        let frames = port.take();
        assert!(frames.iter().any(|frame| frame.contains("a-session-token")), "{frames:?}");
        // Another node knows the user by the token.
        let (other, port) = nodes.open(1, 1, true);
        let hello = r#"{"type":"hello","version":2,"token":"a-session-token"}"#;
        nodes.frame(1, other, hello);
        nodes.apply();
        let frames = port.take();
        assert!(frames.iter().any(|frame| frame.contains(r#""account":"alice""#)), "{frames:?}");
        for secret in [key, "pass-word", "a-session-token"] {
            let exposes = |input: &Input| exposed(input).iter().any(|known| known == secret);
            assert!(!nodes.inputs.iter().any(exposes), "{secret}: {:?}", nodes.inputs);
        }
        let known = nodes.inputs.iter().flat_map(exposed).count();
        assert_eq!(known, 4, "each has a stand-in");
    }

    /// Returns the secrets of an input.
    fn exposed(input: &Input) -> Vec<String> {
        let mut secrets = Vec::new();
        if let Input::Answer { answer: Answer::Password { token, .. }, .. } = input {
            secrets.extend(token);
        }
        if let Input::Command {
            command: Command::Identify { credential, reconnect_key, .. }, ..
        } = input
        {
            secrets.extend(reconnect_key);
            if let Some(Credential::Session(token) | Credential::Token(token)) = credential {
                secrets.push(token);
            }
        }
        if let Input::Command { command: Command::Account(command), .. } = input
            && let AccountCommand::Register { login, .. } = command
        {
            secrets.push(&login.password);
        }
        secrets.into_iter().map(|secret: &Secret| secret.expose().to_owned()).collect()
    }

    #[test]
    fn input_at_which_the_engine_panics_is_the_last_one() {
        struct Planted;

        impl Policy for Planted {
            fn review(
                &mut self,
                _: View<'_>,
                _: SessionId,
                command: Command<Checked>,
            ) -> Result<Command<Checked>, Text> {
                assert!(!format!("{command:?}").contains("boom"), "planted");
                Ok(command)
            }
        }

        let (mut nodes, (alice, _), (_, json)) = Nodes::with_clients();
        nodes.nodes.iter_mut().for_each(|node| node.engine.set_policy(Planted));
        nodes.frame(0, alice, "boom");
        nodes.apply();
        assert!(nodes.nodes.iter().all(Switchboard::has_panicked));
        nodes.frame(0, alice, "hi");
        nodes.apply();
        assert!(json.take().is_empty(), "nothing is applied to a state of no use");
    }

    #[test]
    fn isolated_node_refuses_commands() {
        let (mut nodes, (alice, typed), (_, json)) = Nodes::with_clients();
        nodes.nodes[0].refuse_commands(true);
        nodes.frame(0, alice, "hi bob");
        assert!(!nodes.nodes[0].has_submitted());
        let frames = typed.take();
        assert!(frames.iter().any(|frame| frame.contains("cannot reach")), "{frames:?}");
        nodes.nodes[0].refuse_commands(false);
        nodes.frame(0, alice, "hi again");
        nodes.apply();
        let frames = json.take();
        assert!(frames.iter().any(|frame| frame.contains("hi again")), "{frames:?}");
        assert!(!frames.iter().any(|frame| frame.contains("hi bob")), "{frames:?}");
    }

    #[test]
    fn nameless_session_ends_by_the_time_of_the_log() {
        let mut nodes = Nodes::new();
        nodes.open(0, 1, false);
        nodes.apply();
        // The clock of the second node is an hour ahead. Its tick changes nothing.
        let late = nodes.clock(1);
        nodes.nodes[1].tick(late);
        assert!(nodes.nodes[1].has_submitted());
        assert!(nodes.nodes[1].next_deadline().is_some_and(|at| at > late), "one tick at a time");
        nodes.apply();
        assert_eq!(nodes.nodes[0].view().session_count(), 1);
        nodes.now = NOW + Duration::from_secs(86_400);
        let now = nodes.clock(0);
        nodes.nodes[0].tick(now);
        nodes.apply();
        assert_eq!(nodes.nodes[1].view().session_count(), 0);
    }
}
