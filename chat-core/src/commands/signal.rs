//! Sends application data outside of messages.

use super::context::CommandContext;
use super::voice::check_voice;
use crate::durable::Channel;
use crate::{AppData, ChannelName, Event, Refusal, Signal, Target};
use alloc::sync::Arc;

pub(super) fn send(
    context: &mut CommandContext<'_>,
    to: &Target,
    data: AppData,
) -> Result<Event, Refusal> {
    match to {
        Target::Channel(name) => {
            let (name, channel) = context.channel(name)?;
            let role = channel.presence.role(&context.info.nickname);
            check_voice(context, &name, channel, role)?;
            check_ctcp(&name, channel, &data)?;
            let members = channel.presence.members.len();
            let signal = signal(context, Target::Channel(name.clone()), data);
            if !is_passed_on(context, &signal, members) {
                return Ok(Event::Signalled(signal));
            }
            context.tell_channel(&name, || Event::Signalled(signal.clone()));
            if role.is_none() {
                context.tell_own(|| Event::Signalled(signal.clone()));
            }
            context.state.keep_signal(&name, &signal);
            Ok(Event::Signalled(signal))
        }
        Target::Members { channel: name, least } => {
            let (name, channel) = context.channel(name)?;
            let role = channel.presence.role(&context.info.nickname);
            check_voice(context, &name, channel, role)?;
            check_ctcp(&name, channel, &data)?;
            let target = Target::Members { channel: name.clone(), least: *least };
            let members = channel.presence.members.len();
            let signal = signal(context, target, data);
            if !is_passed_on(context, &signal, members) {
                return Ok(Event::Signalled(signal));
            }
            context.tell_members(&name, *least, || Event::Signalled(signal.clone()));
            Ok(Event::Signalled(signal))
        }
        Target::User(nickname) => {
            let (id, user) = context.online(nickname)?;
            let target = Target::User(user.nickname().clone());
            let signal = signal(context, target, data);
            if !is_passed_on(context, &signal, 2) {
                return Ok(Event::Signalled(signal));
            }
            let users = [id, context.user].into_iter();
            let audiences = users.map(|user| context.state.sessions_of(user));
            let event = || Event::Signalled(signal.clone());
            context.out.deliver_once(audiences, context.session, event);
            context.state.keep_private_signal([id, context.user], &signal);
            Ok(Event::Signalled(signal))
        }
    }
}

/// Refuses CTCP where a mode of the channel does not allow it.
fn check_ctcp(name: &ChannelName, channel: &Channel, data: &AppData) -> Result<(), Refusal> {
    if channel.modes.no_ctcp && data.is_ctcp() {
        return Err(Refusal::NoCtcp(name.clone()));
    }
    Ok(())
}

/// Returns false for a signal that the user is typing if there are too many members, or if one was
/// passed on a moment ago.
fn is_passed_on(context: &mut CommandContext<'_>, signal: &Signal, members: usize) -> bool {
    if !signal.data.is_typing() {
        return true;
    }
    let (now, state) = (context.now(), &mut *context.state);
    let (typing, interval) = (&mut state.typing, state.config.typing_interval);
    members <= state.config.typing_up_to
        && typing.admit(context.user, (&signal.target, &signal.data), now, interval)
}

fn signal(context: &mut CommandContext<'_>, target: Target, data: AppData) -> Arc<Signal> {
    let number = context.state.next_signal();
    let (at, sender) = (context.now(), context.actor());
    Arc::new(Signal { number, at, sender, target, data })
}
