//! Servers whose inputs a log in memory orders.

use super::*;
use crate::session::InProcessSession;
use crate::{Running, Server, ServerError, SessionEvent};
use chat_core::{
    Checked, Command, Event, HostCommand, Peer, Policy, Refusal, SessionId, Text, View,
};

/// A server, and the other end of its log.
struct Node {
    server: Running,
    rounds: mpsc::Receiver<Vec<Input>>,
    panics: mpsc::Receiver<(u64, usize)>,
    events: mpsc::Sender<LogEvent>,
}

/// A policy with a planted bug.
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

impl Node {
    fn start(node: u32) -> Self {
        let (to_append, rounds) = mpsc::channel(1);
        let (panicked, panics) = mpsc::channel(1);
        let (events, to_apply) = mpsc::channel(100);
        let log = OrderedLog {
            node,
            engine: EngineStart::new(|config| Engine::new(config, BEGUN)),
            rounds: to_append,
            panics: panicked,
            events: to_apply,
        };
        let server = Server::new().policy(Planted).ordered_log(log).start();
        Self { server, rounds, panics, events }
    }

    async fn enter(&self, name: &str) -> InProcessSession {
        let session = self.server.hub().open_in_process(Peer::default()).await.expect("it runs");
        session.command(Command::identify(name)).await.expect("it runs");
        session
    }

    async fn send(&self, event: LogEvent) {
        self.events.send(event).await.expect("the server runs");
    }

    /// Waits for the end of the server, whose log takes no more inputs.
    async fn end(self) -> String {
        let Self { server, rounds, events, .. } = self;
        drop((rounds, events));
        match server.wait().await {
            Err(ServerError::Log(failure)) => failure.0,
            other => panic!("{other:?}"),
        }
    }
}

/// Appends the next rounds of nodes to the log of all, until a session has an event that fits.
async fn append_until(
    nodes: &mut [&mut Node],
    session: &mut InProcessSession,
    fits: impl Fn(&Event) -> bool,
) {
    for position in 1.. {
        let mut waiting = Vec::new();
        for node in nodes.iter_mut() {
            waiting.push(Box::pin(node.rounds.recv()));
        }
        let next = futures::future::select_all(waiting);
        let (inputs, from) = tokio::select! {
            biased;
            event = session.next() => {
                let event = event.expect("the session is open");
                if let SessionEvent::Reply { event, .. } | SessionEvent::Event { event, .. } = event
                    && fits(&event)
                {
                    return;
                }
                continue;
            }
            (inputs, from, _) = next => (inputs.expect("the servers run"), from),
        };
        for (number, node) in nodes.iter().enumerate() {
            let (inputs, is_own) = (inputs.clone(), number == from);
            node.send(LogEvent::Round { position, time: BEGUN, inputs, is_own }).await;
        }
    }
}

#[tokio::test]
async fn servers_of_one_log_share_a_channel() {
    let (mut one, mut two) = (Node::start(1), Node::start(2));
    let (mut alice, mut bob) = (one.enter("alice").await, two.enter("bob").await);
    let is_bob = |event: &Event| {
        matches!(event, Event::Joined { user, .. } if user.nickname.shown() == "bob")
            || matches!(event, Event::Welcomed { lobby: Some(roster), .. } if roster.count == 2)
    };
    append_until(&mut [&mut one, &mut two], &mut alice, is_bob).await;
    alice.command(Command::say("lobby", "hi bob")).await.expect("it runs");
    let is_message =
        |event: &Event| matches!(event, Event::Said(said) if said.text.as_str() == "hi bob");
    append_until(&mut [&mut one, &mut two], &mut bob, is_message).await;
    // The other node fails, and its session ends.
    one.send(LogEvent::NodeEnded { time: BEGUN, node: 2 }).await;
    append_until(&mut [&mut one], &mut alice, |event| matches!(event, Event::Quit { .. })).await;
}

#[tokio::test]
async fn isolated_server_refuses_commands() {
    let mut node = Node::start(1);
    let mut alice = node.enter("alice").await;
    append_until(&mut [&mut node], &mut alice, |event| matches!(event, Event::Welcomed { .. }))
        .await;
    node.send(LogEvent::Differing(2)).await;
    node.send(LogEvent::Isolated(true)).await;
    // The look follows the event before it.
    let (seen, mut looked) = mpsc::channel(1);
    let look = EngineLook::new(move |engine| {
        let _ = seen.try_send(engine.durable().channel_count());
    });
    node.send(LogEvent::Look(look)).await;
    assert_eq!(looked.recv().await, Some(1), "there is the lobby");
    alice.command(Command::say("lobby", "hi")).await.expect("it runs");
    let is_refused = |event: &Event| matches!(event, Event::Rejected(Refusal::Isolated));
    append_until(&mut [&mut node], &mut alice, is_refused).await;
    assert!(node.rounds.try_recv().is_err(), "the command is not in the log");
    #[cfg(feature = "metrics")]
    {
        let metrics = node.server.hub().metrics().await.expect("it runs");
        assert!(metrics.contains("chat_cluster_isolated 1\n"), "{metrics}");
        assert!(metrics.contains("chat_cluster_state_mismatches_total 2\n"), "{metrics}");
    }
}

#[tokio::test]
async fn front_ends_begin_once_the_server_has_caught_up() {
    struct Noting(mpsc::Sender<()>);

    #[async_trait::async_trait]
    impl crate::FrontEnd for Noting {
        async fn serve(
            self: Box<Self>,
            _: crate::Hub,
            _: crate::CancellationToken,
        ) -> Result<(), crate::FrontEndError> {
            let _ = self.0.send(()).await;
            Ok(())
        }
    }

    let mut node = Node::start(1);
    let (noting, mut noted) = mpsc::channel(1);
    node.server.front_end(Box::new(Noting(noting)));
    let (seen, looked) = tokio::sync::oneshot::channel();
    node.send(LogEvent::Look(EngineLook::new(move |_| {
        let _ = seen.send(());
    })))
    .await;
    looked.await.expect("the server runs");
    assert!(noted.try_recv().is_err(), "the front end waits");
    node.send(LogEvent::CaughtUp).await;
    assert!(node.server.caught_up().await);
    assert_eq!(noted.recv().await, Some(()));
}

#[tokio::test]
async fn server_that_stops_while_it_catches_up_serves_nobody() {
    let node = Node::start(1);
    node.send(LogEvent::Failed(LogFailure("a reason".to_owned()))).await;
    assert!(!node.server.caught_up().await);
    assert_eq!(node.end().await, "a reason");
}

#[tokio::test]
async fn host_is_answered_after_the_log() {
    let mut node = Node::start(1);
    let hub = node.server.hub().clone();
    let said = tokio::spawn(async move { hub.host(HostCommand::say("lobby", "hi")).await });
    let inputs = node.rounds.recv().await.expect("a round");
    assert!(!said.is_finished());
    node.send(LogEvent::Round { position: 1, time: BEGUN, inputs, is_own: true }).await;
    let event = said.await.expect("it does not panic").expect("it is not refused");
    assert!(matches!(event, Event::Sent { .. }), "{event:?}");
    #[cfg(feature = "metrics")]
    {
        let metrics = node.server.hub().metrics().await.expect("it runs");
        assert!(metrics.contains("chat_cluster_entries_total 1\n"), "{metrics}");
        assert!(metrics.contains("chat_cluster_submission_seconds_count 1\n"), "{metrics}");
    }
}

#[tokio::test]
async fn server_stops_with_the_reason_of_its_log() {
    let node = Node::start(1);
    node.send(LogEvent::Failed(LogFailure("a reason".to_owned()))).await;
    assert_eq!(node.end().await, "a reason");
}

#[tokio::test]
async fn input_at_which_the_engine_panics_is_reported() {
    let mut node = Node::start(1);
    let mut alice = node.enter("alice").await;
    append_until(&mut [&mut node], &mut alice, |event| matches!(event, Event::Welcomed { .. }))
        .await;
    alice.command(Command::say("lobby", "boom")).await.expect("it runs");
    let inputs = node.rounds.recv().await.expect("a round");
    let mut inputs: Vec<Input> = inputs;
    inputs.insert(0, Input::Tick);
    node.send(LogEvent::Round { position: 7, time: BEGUN, inputs, is_own: true }).await;
    assert_eq!(node.panics.recv().await, Some((7, 1)));
    let reason = node.end().await;
    assert!(reason.contains("input 1 of entry 7"), "{reason}");
}

const BEGUN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
