//! Compares the number of frames that sessions receive with the number that follows from the
//! engine's effects.

use crate::exchange::{Act, Exchange, id};
use chat_core::script::{Action, Script};
use chat_core::{CloseReason, Effect, Engine, Event, Input, QuestionId, SessionId};
use std::collections::BTreeMap;

/// Returns how many frames each session receives for each action of a script.
pub(crate) fn frame_counts(exchanges: &[Exchange]) -> Vec<(String, BTreeMap<usize, usize>)> {
    let counted = exchanges.iter().filter(|exchange| is_for_the_engine(exchange));
    counted
        .map(|exchange| {
            let counts =
                exchange.outputs.iter().map(|(&session, outputs)| (session, outputs.frames.len()));
            (exchange.heading.clone(), counts.filter(|(_, count)| *count > 0).collect())
        })
        .collect()
}

/// Returns the expected numbers, from the effects of the engine.
pub(crate) fn counts_of_the_engine(
    script: &Script,
    exchanges: &[Exchange],
) -> Vec<(String, BTreeMap<usize, usize>)> {
    let mut engine = Engine::new(script.config().clone(), Script::START);
    let mut now = Script::START;
    let mut questions = BTreeMap::new();
    let counted = exchanges.iter().filter(|exchange| is_for_the_engine(exchange));
    counted
        .map(|exchange| {
            let input = match (&exchange.act, &exchange.action) {
                (Act::Open { session, peer }, _) => {
                    Input::Open { session: id(*session), peer: peer.clone() }
                }
                (Act::Send { session, .. }, Some(Action::Command(command))) => {
                    let (session, command) = (id(*session), command.clone());
                    Input::Command { session, request: None, command }
                }
                (Act::Answer { session, answer: Some(answer) }, _) => {
                    let session = id(*session);
                    let question = questions.remove(&session).unwrap_or(QuestionId(0));
                    Input::Answer { session, question, answer: answer.clone() }
                }
                (Act::Leave { session }, _) => {
                    Input::Close { session: id(*session), reason: CloseReason::Disconnected }
                }
                (Act::Host { command }, _) => Input::Host(command.clone()),
                (Act::Wait { duration }, _) => {
                    now = now + *duration;
                    Input::Tick
                }
                (Act::Send { .. } | Act::Answer { .. } | Act::Unsupported | Act::Stop, _) => {
                    Input::Tick
                }
            };
            let mut counts = BTreeMap::new();
            let mut count = |session: SessionId, frames: usize| {
                if frames > 0 {
                    let index = usize::try_from(session.0).expect("a small number") - 1;
                    *counts.entry(index).or_insert(0) += frames;
                }
            };
            for effect in engine.apply(now, input) {
                match effect {
                    Effect::Reply { session, event, .. } => count(session, frames_of(event)),
                    Effect::Deliver { to, event } => {
                        to.iter().for_each(|&session| count(session, frames_of(event)));
                    }
                    Effect::Close { session, reason } => {
                        let said = matches!(
                            reason,
                            CloseReason::Idle
                                | CloseReason::NotNamed
                                | CloseReason::Expired
                                | CloseReason::Removed(_)
                        );
                        count(session, usize::from(said));
                    }
                    Effect::Ask { session, question, .. } => {
                        questions.insert(session, question);
                    }
                    Effect::HostReply { .. } | Effect::Record(_) => {}
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            (exchange.heading.clone(), counts)
        })
        .collect()
}

/// Returns true if an exchange comes from the script, and was not added by the dialect.
fn is_for_the_engine(exchange: &Exchange) -> bool {
    match &exchange.act {
        Act::Open { .. }
        | Act::Leave { .. }
        | Act::Answer { .. }
        | Act::Host { .. }
        | Act::Wait { .. } => true,
        Act::Send { .. } => exchange.action.is_some(),
        Act::Unsupported | Act::Stop => false,
    }
}

/// Returns how many objects of version 2 encode an event.
fn frames_of(event: &Event) -> usize {
    if let Event::Quit { channels, .. } = event {
        return channels.len();
    }
    if let Event::EnteredMany { entered, .. } = event {
        return entered.len() + 1;
    }
    // A welcome has the roster of the lobby; a sent message has an ack and, the first time, an
    // echo.
    let two = matches!(
        event,
        Event::Welcomed { lobby: Some(_), .. } | Event::Sent { repeated: false, .. }
    );
    if two { 2 } else { 1 }
}
