//! The task that owns the engine and the switchboard.

mod ordered;
#[cfg(test)]
mod tests;

use super::alarm::Alarm;
use super::failure::EngineFailure;
use super::message::{EngineMessage, Open};
use super::ordered_log::{self, NodeLog};
use crate::authenticator::AuthQueue;
use crate::clock::Clock;
use crate::history_source::HistoryQueue;
#[cfg(feature = "metrics")]
use crate::metrics::Levels;
use crate::metrics::Metrics;
use crate::outbound::{Dispatch, Outbox};
use crate::passwords::PasswordQueue;
use crate::store_writer::StoreWriter;
use chat_core::{Answer, Event, Question, QuestionId, SessionId, Timestamp};
use chat_dialects::{Inbound, Switchboard};
use chat_store::StoreError;
use std::collections::{HashSet, VecDeque};
use std::future::pending;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// Processes messages in rounds, in the order of their arrival. At the end of a round it writes
/// once to each session that the round has touched.
pub(crate) struct EngineTask {
    pub(crate) switchboard: Switchboard<Outbox>,
    pub(crate) messages: mpsc::Receiver<EngineMessage>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The server's authenticator, if it has one.
    pub(crate) auth_queue: Option<AuthQueue>,
    /// The server's source of older messages, if it has one.
    pub(crate) history_queue: Option<HistoryQueue>,
    /// The server's password check, if it has one.
    pub(crate) password_queue: Option<PasswordQueue>,
    pub(crate) metrics: Arc<Metrics>,
    /// Dropped after the switchboard, because it dispatches the last frames of its sessions.
    pub(crate) dispatch: Dispatch,
    /// The sender for answers to the engine's questions. It is weak, so that it does not keep the
    /// task running when all handles are gone.
    pub(crate) answers: mpsc::WeakSender<EngineMessage>,
    /// The server's store, if it has one.
    pub(crate) store: Option<StoreWriter>,
    /// The answers to commands of the host, until the round is committed.
    pub(crate) host_answers: Vec<(oneshot::Sender<Event>, Event)>,
    /// The sessions that messages of the round come from, if there is a store: the round may have
    /// replies to them.
    pub(crate) concerned: Vec<SessionId>,
    /// Messages that have arrived while the store had no room, and wait for the next round.
    pub(crate) waiting: Vec<EngineMessage>,
    /// The time at which announcements that wait are written.
    pub(crate) announcements_due: Option<Timestamp>,
    /// The log that orders the inputs of several servers, if there is one.
    pub(crate) log: Option<NodeLog>,
    /// The time at which the oldest round was submitted to the log that is not applied yet.
    pub(crate) submitted: Option<Instant>,
    /// The callers whose commands of the host are in the log.
    pub(crate) host_waiting: VecDeque<oneshot::Sender<Event>>,
    /// True once the server serves clients. A server with a log catches up first.
    pub(crate) serves: watch::Sender<bool>,
    /// Stops the server.
    pub(crate) stop: CancellationToken,
}

impl EngineTask {
    /// Runs until `stop`. Then it handles the messages that were sent by then, tells all clients,
    /// and closes their queues.
    ///
    /// # Errors
    ///
    /// If the store or the log fails. Clients are told that the server stops, and see nothing of
    /// the round that could not be committed.
    pub(crate) async fn run(mut self) -> Result<(), EngineFailure> {
        let result = self.run_rounds().await;
        if result.is_err() {
            self.messages.close();
            self.switchboard.release_announcements();
            self.switchboard.touched(Outbox::discard);
            self.dispatch.round.abandon();
        }
        self.switchboard.shut_down();
        self.dispatch.round.carry_out_endings();
        self.dispatch.send().await;
        if let Some(store) = self.store.take() {
            store.close().await;
        }
        if let Some(log) = self.log.take() {
            log.close().await;
        }
        result
    }

    async fn run_rounds(&mut self) -> Result<(), EngineFailure> {
        let stop = self.stop.clone();
        let mut batch = Vec::with_capacity(BATCH);
        let clock = self.clock.clone();
        let mut alarm = Alarm::new(&*clock);
        let mut stopped = pin!(stop.cancelled());
        // True if the last round had more than one message.
        let mut is_busy = false;
        // The messages that rounds of a busy server have had lately.
        let mut usual = 0;
        // Each round checks the stop and the deadline itself, so that no flood of messages delays
        // them. A message that has arrived waits for neither.
        while !stop.is_cancelled() {
            self.follow_arrived().await?;
            let mut deadline = self.next_deadline();
            if deadline.is_some_and(|deadline| deadline <= clock.now()) {
                self.switchboard.tick(clock.now());
                self.end_round().await?;
                deadline = self.next_deadline();
            }
            alarm.set(deadline);
            self.submit_round();
            let has_round = self.switchboard.has_submitted();
            let count = tokio::select! {
                biased;
                count = self.messages.recv_many(&mut batch, BATCH) => count,
                () = alarm.rings() => continue,
                () = &mut stopped => continue,
                result = tend(&mut self.store) => {
                    result?;
                    continue;
                }
                event = ordered_log::next(&mut self.log, has_round) => {
                    if let Some(event) = event {
                        self.follow(event).await?;
                    }
                    continue;
                }
            };
            if count == 0 {
                break;
            }
            self.handle(&mut batch).await?;
            // While the server is busy, other tasks run once before the round is flushed: they read
            // more messages from their sockets, and all output for a session is written at once. A
            // single message is flushed without that delay.
            let mut total = count;
            if is_busy || count > 1 {
                tokio::task::yield_now().await;
                while batch.len() < BATCH
                    && let Ok(message) = self.messages.try_recv()
                {
                    batch.push(message);
                }
                total += batch.len();
                self.handle(&mut batch).await?;
                total += self.gather(total, usual).await?;
            }
            is_busy = total > 1;
            usual = if is_busy { total.max(usual - usual / 8).min(2 * BATCH) } else { 0 };
            self.end_round().await?;
        }
        self.messages.close();
        // Drain the permits that were reserved before `close()`: a lost `Open` would hang its
        // connection.
        let messages = &mut self.messages;
        let rest = async {
            while let Some(message) = messages.recv().await {
                batch.push(message);
            }
        };
        let _ = timeout(GRACE, rest).await;
        self.handle(&mut batch).await?;
        Ok(self.end_round().await?)
    }

    /// Handles more messages if the round has records and few messages, compared with the `usual`.
    /// Returns their number.
    ///
    /// While the engine waits for a commit, clients that were served go on. Their messages would
    /// be divided among ever more commits, and more writes to each socket, if every round was
    /// committed as soon as it had one of them.
    async fn gather(&mut self, total: usize, usual: usize) -> Result<usize, StoreError> {
        let enough = usual - usual / 4;
        if usual < GATHERED
            || total >= enough
            || !self.store.as_ref().is_some_and(StoreWriter::waits)
            || !self.switchboard.has_records()
        {
            return Ok(0);
        }
        let (mut more, mut batch) = (0, Vec::new());
        let stop = self.stop.clone();
        let mut over = pin!(sleep(GATHERING));
        while total + more < enough {
            let count = tokio::select! {
                biased;
                count = self.messages.recv_many(&mut batch, BATCH) => count,
                () = &mut over => break,
                () = stop.cancelled() => break,
            };
            if count == 0 {
                break;
            }
            more += count;
            self.handle(&mut batch).await?;
        }
        Ok(more)
    }

    /// Flushes the round, and then handles the messages that have waited for the store meanwhile.
    async fn end_round(&mut self) -> Result<(), StoreError> {
        loop {
            self.flush().await?;
            self.concerned.clear();
            if self.waiting.is_empty() {
                return Ok(());
            }
            let mut waiting = mem::take(&mut self.waiting);
            self.handle(&mut waiting).await?;
        }
    }

    /// Handles messages, and then those that have waited for a commit meanwhile, so that no later
    /// one overtakes them.
    async fn handle(&mut self, messages: &mut Vec<EngineMessage>) -> Result<(), StoreError> {
        while !messages.is_empty() {
            if self.store.is_some() {
                self.concerned.extend(messages.iter().filter_map(EngineMessage::session));
            }
            for message in messages.drain(..) {
                let now = self.clock.now();
                if message.is_look() {
                    // Messages may have expired since the last input.
                    self.switchboard.tick(now);
                    // Nobody sees what is not committed.
                    if self.switchboard.has_records() {
                        self.flush().await?;
                    }
                }
                let begun = Instant::now();
                self.handle_one(now, message);
                self.metrics.note_input(begun.elapsed());
                if self.dispatch.round.is_long() {
                    self.flush().await?;
                }
            }
            messages.append(&mut self.waiting);
        }
        Ok(())
    }

    /// Sends the output of a round: commits its records, answers the host, writes to the sessions
    /// that the round has touched, and passes the engine's questions on.
    async fn flush(&mut self) -> Result<(), StoreError> {
        if self.store.is_some() {
            // While the store had no room, more may have happened.
            while self.switchboard.has_records() {
                self.commit().await?;
            }
            self.dispatch.round.carry_out_endings();
        }
        for (answer, event) in self.host_answers.drain(..) {
            // The caller may have been cancelled.
            let _ = answer.send(event);
        }
        self.release_announcements();
        if self.dispatch.is_needed() {
            // Other shards first: they write while this one does.
            self.switchboard.touched(Outbox::flush_to_other_shard);
            self.dispatch.send().await;
        }
        self.switchboard.flush(Outbox::flush);
        // The sessions whose announcements wait have pieces of the round.
        if !self.switchboard.has_announcements() {
            self.dispatch.round.clear();
        }
        self.metrics.note(&self.switchboard.take_counters());
        self.authenticate();
        self.answer_questions();
        Ok(())
    }

    /// Lets this flush write the announcements that wait, if they have waited long enough or the
    /// round has become long.
    fn release_announcements(&mut self) {
        if !self.switchboard.has_announcements() {
            return;
        }
        let round = &self.dispatch.round;
        let (now, delay) = (self.clock.now(), round.limits().announcement_delay);
        let due = *self.announcements_due.get_or_insert(now + delay);
        if due <= now || round.is_too_long_to_wait() {
            self.switchboard.release_announcements();
            self.announcements_due = None;
        }
    }

    /// Returns the time at which a round begins if no message arrives.
    fn next_deadline(&self) -> Option<Timestamp> {
        self.switchboard.next_deadline().into_iter().chain(self.announcements_due).min()
    }

    /// Commits the records of the round, and waits as long as there is no room for them.
    async fn commit(&mut self) -> Result<(), StoreError> {
        let mut records = self.switchboard.take_records();
        let mut has_waited = false;
        self.metrics.note_waiting_rounds(1);
        while let Some(store) = &mut self.store
            && let Err(failure) = store.commit(records).await
        {
            let error = failure.error;
            if !error.is_temporary() {
                return Err(error);
            }
            if !mem::replace(&mut has_waited, true) {
                error!(%error, "nothing is delivered until the store has room again");
            }
            records = failure.records;
            self.metrics.note_retry();
            if !self.wait_for_room().await {
                return Err(error);
            }
        }
        self.metrics.note_waiting_rounds(0);
        if has_waited {
            info!("the store has room again");
            self.switchboard.go_on(self.clock.now());
        }
        Ok(())
    }

    /// Waits until the commit is worth another attempt, and refuses messages of clients meanwhile.
    /// Returns false if the server is to stop.
    async fn wait_for_room(&mut self) -> bool {
        let waiting = self.waiting.iter().filter_map(EngineMessage::session);
        let mut busy: HashSet<SessionId> = self.concerned.iter().copied().chain(waiting).collect();
        let mut retry = pin!(sleep(RETRY));
        let stop = self.stop.clone();
        loop {
            // A queue that is full makes clients wait.
            let has_room = self.waiting.len() < BATCH;
            let message = tokio::select! {
                biased;
                () = &mut retry => return true,
                () = stop.cancelled() => return false,
                message = self.messages.recv(), if has_room => message,
            };
            match message {
                Some(EngineMessage::Inbound { session, inbound: Inbound::Frame(frame) })
                    if !busy.contains(&session) =>
                {
                    self.switchboard.decline(self.clock.now(), session, &frame);
                    if self.dispatch.is_needed() {
                        self.dispatch.send().await;
                    }
                }
                Some(message) => {
                    busy.extend(message.session());
                    self.waiting.push(message);
                }
                None => {
                    retry.await;
                    return true;
                }
            }
        }
    }

    /// Starts a task for each request to authenticate a session, so that the engine does not wait.
    fn authenticate(&mut self) {
        for request in self.switchboard.take_auth_requests() {
            let (auth_queue, answers) = (self.auth_queue.clone(), self.answers.clone());
            let metrics = self.metrics.clone();
            tokio::spawn(async move {
                let answer = match &auth_queue {
                    Some(auth_queue) => auth_queue.answer(&request).await,
                    None => Answer::Unavailable,
                };
                metrics.note_answer(&answer);
                send_answer(&answers, request.session, request.id, answer).await;
            });
        }
    }

    /// Starts a task for each other question, so that the engine does not wait. Without a source of
    /// older messages, or a password check, the engine asks only if
    /// [`older_history`](chat_core::Config::older_history) or
    /// [`accounts`](chat_core::Config::accounts) is set by mistake.
    fn answer_questions(&mut self) {
        for request in self.switchboard.take_requests() {
            let (history_queue, answers) = (self.history_queue.clone(), self.answers.clone());
            let password_queue = self.password_queue.clone();
            tokio::spawn(async move {
                let answer = match (&request.question, &history_queue, &password_queue) {
                    (
                        Question::Register { .. }
                        | Question::CheckPassword { .. }
                        | Question::Exchange { .. },
                        _,
                        passwords,
                    ) => match passwords {
                        Some(passwords) => passwords.answer(&request).await,
                        None => Answer::Unavailable,
                    },
                    (_, Some(history_queue), _) => history_queue.answer(&request).await,
                    (_, None, _) => Answer::Unavailable,
                };
                send_answer(&answers, request.session, request.id, answer).await;
            });
        }
    }

    fn handle_one(&mut self, now: Timestamp, message: EngineMessage) {
        let switchboard = &mut self.switchboard;
        match message {
            EngineMessage::Inbound { session, inbound } => {
                switchboard.receive(now, session, inbound);
            }
            EngineMessage::Open(open) => {
                let Open { session, peer, dialect, outbox } = *open;
                switchboard.open(now, session, peer, dialect, outbox);
                switchboard.watch(now, session);
            }
            EngineMessage::OpenInProcess { session, peer, port } => {
                switchboard.open_in_process(now, session, peer, port);
            }
            EngineMessage::Host { command, answer } if self.log.is_some() => {
                self.host_waiting.push_back(answer);
                switchboard.submit_host(now, *command);
            }
            EngineMessage::Host { command, answer } => {
                self.host_answers.push((answer, switchboard.host(now, *command)));
            }
            EngineMessage::Look(look) => look(switchboard.view()),
            #[cfg(feature = "metrics")]
            EngineMessage::Measure(answer) => {
                // The caller may have been cancelled.
                let _ = answer.send(levels(switchboard));
            }
        }
    }
}

/// Does what is due in the server's store, if it is one that this task has to care for.
async fn tend(store: &mut Option<StoreWriter>) -> Result<(), StoreError> {
    match store {
        Some(store) => store.tend().await,
        None => pending().await,
    }
}

/// Sends the answer to a question to the engine task.
async fn send_answer(
    answers: &mpsc::WeakSender<EngineMessage>,
    session: SessionId,
    question: QuestionId,
    answer: Answer,
) {
    let inbound = Inbound::Answer { question, answer };
    // A server that has stopped needs no answer.
    if let Some(messages) = answers.upgrade() {
        let _ = messages.send(EngineMessage::Inbound { session, inbound }).await;
    }
}

#[cfg(feature = "metrics")]
fn levels(switchboard: &Switchboard<Outbox>) -> Levels {
    let view = switchboard.view();
    let mut levels =
        Levels { users: view.user_count(), channels: view.channel_count(), ..Levels::default() };
    for outbox in switchboard.ports() {
        let (bytes, frames) = outbox.load();
        levels.queue_bytes += bytes;
        levels.queue_frames += frames;
    }
    levels
}

/// The most messages that are handled before others may run; a round has up to two batches, and a
/// round that waits for more up to three.
const BATCH: usize = 1_024;
/// The messages that rounds have at least for one of fewer to wait for more: a server that is
/// less busy commits each round at once.
const GATHERED: usize = 16;
/// The time that it waits for them, which is the shortest that Tokio's timers measure.
const GATHERING: Duration = Duration::from_millis(1);
/// The time in which a task that has reserved room for a message has to send it after the stop.
const GRACE: Duration = Duration::from_secs(1);
/// The time after which a commit is tried again that found no room.
const RETRY: Duration = Duration::from_millis(250);
