//! Sends application data to those who are there now.

use super::context::CommandContext;
use super::voice::check_voice;
use crate::{AppData, Event, Refusal, Signal, Target};
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
            let signal = signal(context, Target::Channel(name.clone()), data);
            context.tell_channel(&name, || Event::Signalled(signal.clone()));
            if role.is_none() {
                context.tell_own(|| Event::Signalled(signal.clone()));
            }
            Ok(Event::Signalled(signal))
        }
        Target::Members { channel: name, least } => {
            let (name, channel) = context.channel(name)?;
            let role = channel.presence.role(&context.info.nickname);
            check_voice(context, &name, channel, role)?;
            let target = Target::Members { channel: name.clone(), least: *least };
            let signal = signal(context, target, data);
            context.tell_members(&name, *least, || Event::Signalled(signal.clone()));
            Ok(Event::Signalled(signal))
        }
        Target::User(nickname) => {
            let (id, user) = context.online(nickname)?;
            let target = Target::User(user.nickname().clone());
            let signal = signal(context, target, data);
            let users = [id, context.user].into_iter();
            let audiences = users.map(|user| context.state.sessions_of(user));
            let event = || Event::Signalled(signal.clone());
            context.out.deliver_once(audiences, context.session, event);
            Ok(Event::Signalled(signal))
        }
    }
}

fn signal(context: &mut CommandContext<'_>, target: Target, data: AppData) -> Arc<Signal> {
    let number = context.state.next_signal();
    let (at, sender) = (context.now(), context.actor());
    Arc::new(Signal { number, at, sender, target, data })
}
