//! Adds a reaction to a message, or removes it.

use super::super::context::CommandContext;
use super::super::voice::check_voice;
use super::change::{change, unchanged};
use crate::{Event, Message, MessageChangeKind, MessageReaction, Refusal, Target, Text};
use alloc::sync::Arc;

pub(super) fn react(
    context: &mut CommandContext<'_>,
    message: &Arc<Message>,
    emoji: Text,
    remove: bool,
) -> Result<Event, Refusal> {
    if let Target::Channel(name) = &message.target {
        let (name, channel, role) = context.joined_channel(name)?;
        check_voice(context, &name, channel, Some(role))?;
    }
    let reaction = MessageReaction {
        emoji: emoji.clone(),
        nickname: context.info.nickname.clone(),
        account: context.info.account.clone(),
        user: context.user,
    };
    let known = message.reactions().iter().position(|known| known.is_same(&reaction));
    let kind = MessageChangeKind::Reacted { emoji, removed: remove };
    let mut reactions = message.reactions().to_vec();
    match (known, remove) {
        (Some(place), true) => drop(reactions.remove(place)),
        (None, false) => {
            check_room(&reactions, &reaction.emoji)?;
            reactions.push(reaction);
        }
        (Some(_), false) | (None, true) => return Ok(unchanged(context, message, kind)),
    }
    change(context, message.with_reactions(reactions), kind)
}

/// Checks that there is room for another reaction.
fn check_room(reactions: &[MessageReaction], emoji: &Text) -> Result<(), Refusal> {
    let limit = MessageReaction::MOST;
    if reactions.len() >= limit {
        return Err(Refusal::TooManyReactions { limit });
    }
    let is_known = reactions.iter().any(|known| known.emoji == *emoji);
    let limit = MessageReaction::MOST_EMOJI;
    if !is_known && crate::message_reaction::by_emoji(reactions).len() >= limit {
        return Err(Refusal::TooManyReactions { limit });
    }
    Ok(())
}
