//! Messages of a host's store that were changed after the store had read them.

use super::{Asked, State};
use crate::Answer;
use crate::durable::Changes;

impl State {
    /// Returns the answer to a question with its messages as they are now. The host may have read
    /// them before they were changed, also if the question came later: it stores changes after the
    /// engine has made them.
    ///
    /// The host is unavailable if so many messages were changed since the question that the changes
    /// before it may be forgotten.
    pub(crate) fn current_answer(&self, asked: &Asked, mut answer: Answer) -> Answer {
        let (Answer::Messages { messages, .. } | Answer::Found { messages, .. }) = &mut answer
        else {
            return answer;
        };
        let made = self.changes_made.saturating_sub(asked.changes_made);
        if made > Changes::MOST as u64 / 2 {
            return Answer::Unavailable;
        }
        let changes = self.durable.changes();
        for message in messages {
            if let Some(current) = changes.current(message.id) {
                message.clone_from(current);
            }
        }
        answer
    }
}
