//! Rounds of a server whose inputs a log orders.

use super::{BATCH, EngineTask};
use crate::engine::failure::EngineFailure;
use crate::engine::ordered_log::{LogEvent, LogFailure, NodeLog};
use std::time::Instant;
use tracing::{info, warn};

impl EngineTask {
    /// Submits the inputs that wait for the log, if it has room for a round.
    pub(super) fn submit_round(&mut self) {
        if let Some(log) = &self.log
            && self.switchboard.has_submitted()
            && log.submit(|| self.switchboard.take_submitted())
        {
            self.submitted.get_or_insert_with(Instant::now);
        }
    }

    /// Handles the events of the log that have arrived, as one round. The loop calls this before it
    /// waits, so that no flood of messages delays them.
    pub(super) async fn follow_arrived(&mut self) -> Result<(), EngineFailure> {
        match self.log.as_mut().and_then(NodeLog::try_next) {
            Some(event) => self.follow(event).await,
            None => Ok(()),
        }
    }

    /// Handles an event of the log, and those that have arrived after it, as one round.
    pub(super) async fn follow(&mut self, event: LogEvent) -> Result<(), EngineFailure> {
        let waiting = self.log.as_ref().map_or(0, NodeLog::waiting);
        self.metrics.note_waiting_entries(waiting);
        self.handle_event(event)?;
        for _ in 1..BATCH {
            let Some(event) = self.log.as_mut().and_then(NodeLog::try_next) else { break };
            self.handle_event(event)?;
            if self.dispatch.round.is_long() {
                self.flush().await?;
            }
        }
        Ok(self.end_round().await?)
    }

    /// Tells the log that the engine has panicked at an input. Returns the reason for the stop.
    fn note_panic(&self, position: u64, number: usize) -> LogFailure {
        if let Some(log) = &self.log {
            // There is room: this is the first and only one.
            let _ = log.panics.try_send((position, number));
        }
        LogFailure(format!(
            "the engine panicked at input {number} of entry {position} of the log, which all nodes \
             leave out after their next start: a bug"
        ))
    }

    fn handle_event(&mut self, event: LogEvent) -> Result<(), LogFailure> {
        let now = self.clock.now();
        match event {
            LogEvent::Round { position, time, inputs, is_own } => {
                let submitted = if is_own { self.submitted.take() } else { None };
                self.metrics.note_entry(submitted.map(|at| at.elapsed()));
                for (number, input) in inputs.into_iter().enumerate() {
                    self.switchboard.apply_ordered(now, time, input, is_own);
                    if self.switchboard.has_panicked() {
                        return Err(self.note_panic(position, number));
                    }
                }
            }
            LogEvent::NodeEnded { time, node } => {
                self.metrics.note_entry(None);
                self.switchboard.end_node(now, time, node);
                if self.switchboard.has_panicked() {
                    let reason = format!("the engine panicked at the end of node {node}: a bug");
                    return Err(LogFailure(reason));
                }
            }
            LogEvent::Look(look) => look.call(self.switchboard.engine()),
            LogEvent::Differing(nodes) => self.metrics.note_differing(nodes),
            LogEvent::CaughtUp => {
                self.serves.send_replace(true);
            }
            LogEvent::Isolated(is_isolated) => {
                self.switchboard.refuse_commands(is_isolated);
                self.metrics.note_isolated(is_isolated);
                if is_isolated {
                    warn!("the cluster takes no commands; those of clients are refused until then");
                } else {
                    info!("the cluster takes commands again");
                }
            }
            LogEvent::Failed(failure) => return Err(failure),
        }
        for event in self.switchboard.take_host_replies() {
            if let Some(answer) = self.host_waiting.pop_front() {
                self.host_answers.push((answer, event));
            }
        }
        Ok(())
    }
}
