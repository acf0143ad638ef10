//! Compares what clients have received with what the last server knows.

use super::notes::{Contents, Delivered, Notes};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Returns the differences that must not be.
pub(crate) fn compare(notes: &Notes, syncs_each_commit: bool) -> Vec<String> {
    let mut notes = notes.open();
    let mut problems = std::mem::take(&mut notes.problems);
    let histories = histories(&notes, &mut problems);
    let kept: BTreeMap<(&str, u64), &str> = histories
        .iter()
        .flat_map(|(place, history)| {
            history.iter().map(|(id, text)| ((place.as_str(), *id), text.as_str()))
        })
        .collect();
    let may_be_lost = |at: Duration| {
        let lost = |loss: &Duration| at <= *loss && *loss - at <= LOST;
        !syncs_each_commit && notes.losses.iter().any(lost)
    };
    for delivered in &notes.delivered {
        let Delivered { at, place, id, text, .. } = delivered;
        let is_kept = kept.get(&(place.as_str(), *id)) == Some(&text.as_str());
        if !is_kept && !may_be_lost(*at) {
            problems.push(format!("a message that was delivered is missing: {delivered:?}"));
        }
    }
    let (mut ids, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for (place, history) in &histories {
        if !history.is_sorted_by(|one, next| one.0 < next.0) {
            problems.push(format!("the history of {place} is not in order"));
        }
        for (id, text) in history {
            if !ids.insert(id) {
                problems.push(format!("two messages have the id {id}"));
            }
            if !texts.insert(text) {
                problems.push(format!("{text:?} was accepted twice"));
            }
        }
    }
    for (channel, topic) in &notes.topics {
        let last = notes.last_topics.get(channel).and_then(|topic| topic.strip_prefix("topic "));
        let last: u64 = last.and_then(|number| number.parse().ok()).unwrap_or_default();
        if last < topic.number && !may_be_lost(topic.at) {
            problems.push(format!("the topic of {channel} is {last}, and was {topic:?}"));
        }
    }
    let count = texts.len();
    drop(histories);
    notes.counters.kept = count;
    problems
}

/// Returns the history of each place. All clients that may read it have to see the same.
fn histories(notes: &Contents, problems: &mut Vec<String>) -> BTreeMap<String, Vec<(u64, String)>> {
    let mut histories: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for (client, read) in &notes.read_back {
        for (place, history) in read {
            let first = histories.entry(place.clone()).or_insert_with(|| history.clone());
            if first != history {
                problems.push(format!("client{client} reads another history of {place}"));
            }
        }
    }
    histories
}

/// The time before a loss of power within which commits may be lost that were not synced. Stores
/// are synced once a second, while they have no room at the next attempt of a commit after that,
/// and a message takes some time to arrive.
const LOST: Duration = Duration::from_millis(1_350);
