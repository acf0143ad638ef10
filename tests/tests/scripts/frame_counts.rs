//! How many frames everybody is told, and how many it should be by what the engine says.

use crate::moment::{Act, Moment, id};
use chat_core::script::{Action, Script};
use chat_core::{CloseReason, Effect, Engine, Event, Input, QuestionId, SessionId};
use std::collections::BTreeMap;

/// How many frames each session is told by each action of a script.
pub(crate) fn frame_counts(moments: &[Moment]) -> Vec<(String, BTreeMap<usize, usize>)> {
    let counted = moments.iter().filter(|moment| is_for_the_engine(moment));
    counted
        .map(|moment| {
            let counts = moment.told.iter().map(|(&session, told)| (session, told.frames.len()));
            (moment.heading.clone(), counts.filter(|(_, count)| *count > 0).collect())
        })
        .collect()
}

/// How many it should be, from the effects of the engine.
pub(crate) fn counts_of_the_engine(
    script: &Script,
    moments: &[Moment],
) -> Vec<(String, BTreeMap<usize, usize>)> {
    let mut engine = Engine::new(script.config().clone(), Script::START);
    let mut now = Script::START;
    let mut questions = BTreeMap::new();
    let counted = moments.iter().filter(|moment| is_for_the_engine(moment));
    counted
        .map(|moment| {
            let input = match (&moment.act, &moment.action) {
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
                (Act::Wait { duration }, _) => {
                    now = now + *duration;
                    Input::Tick
                }
                (Act::Send { .. } | Act::Answer { .. } | Act::Unsayable | Act::Stop, _) => {
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
                            CloseReason::Idle | CloseReason::NotNamed | CloseReason::Expired
                        );
                        count(session, usize::from(said));
                    }
                    Effect::Ask { session, question, .. } => {
                        questions.insert(session, question);
                    }
                    Effect::Record(_) => {}
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            (moment.heading.clone(), counts)
        })
        .collect()
}

/// Whether a moment is one that the script asks for, and not an addition of the dialect's.
fn is_for_the_engine(moment: &Moment) -> bool {
    match &moment.act {
        Act::Open { .. } | Act::Leave { .. } | Act::Answer { .. } | Act::Wait { .. } => true,
        Act::Send { .. } => moment.action.is_some(),
        Act::Unsayable | Act::Stop => false,
    }
}

/// How many objects of version 2 an event is.
fn frames_of(event: &Event) -> usize {
    if let Event::Quit { channels, .. } = event {
        return channels.len();
    }
    if let Event::EnteredMany { entered, .. } = event {
        return entered.len() + 1;
    }
    // With the roster of the lobby; as an answer, and to the sender as to everybody.
    let two = matches!(event, Event::Welcomed { lobby: Some(_), .. } | Event::Sent { .. });
    if two { 2 } else { 1 }
}
