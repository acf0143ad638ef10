//! Taking a name, and with it the lobby.

use super::turn::Turn;
use super::{check, join, rename};
use crate::effect::EffectBuffer;
use crate::state::{Newcomer, Pending, State};
use crate::{
    Answer, ChannelName, Command, Event, Nickname, Peer, QuestionId, Refusal, RequestId, Secret,
    SessionId, Text, UserId,
};
use alloc::format;
use alloc::vec::Vec;

/// A request for a name.
pub(crate) struct Request {
    pub(crate) id: Option<RequestId>,
    /// The name that is asked for, or why it cannot be one.
    pub(crate) nickname: Result<Option<Nickname>, Refusal>,
    pub(crate) lobby: bool,
    pub(crate) token: Option<Secret>,
}

/// Takes a nickname that cannot be one out of a request for a name, if the host may decide the name. Returns what is wrong
/// with it, for the case that the host does not.
pub(crate) fn take_unusable_nickname(
    state: &State,
    session: SessionId,
    command: &mut Command,
) -> Option<Refusal> {
    let Command::Identify { nickname, .. } = command else {
        return None;
    };
    let newcomer = state.sessions.get(&session)?.newcomer()?;
    if !state.config.authenticate && !is_known(&newcomer.peer) {
        return None;
    }
    let refusal = check::wanted_nickname(state, nickname.as_deref()?).err()?;
    *nickname = None;
    Some(refusal)
}

/// Answers a request for a name, at once or when the host has said who it comes from.
pub(crate) fn request(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    request: Request,
) {
    let Request { id, nickname, lobby, token } = request;
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, .. }) = open.and_then(|open| open.newcomer()) else {
        return;
    };
    if is_known(peer) || !state.config.authenticate {
        let mark = out.mark();
        let answer = identify(state, out, session, nickname, lobby);
        return out.reply_at(mark, session, id, answer.unwrap_or_else(Event::Rejected));
    }
    let question = state.next_question_id();
    let until = state.now + state.config.answer_timeout;
    let open = state.sessions.get_mut(&session);
    if let Some(newcomer) = open.and_then(|open| open.newcomer_mut()) {
        let Peer { host, token: brought, .. } = &newcomer.peer;
        out.ask(session, question, host.clone(), token.or_else(|| brought.clone()));
        newcomer.pending = Some(Pending { question, request: id, nickname, lobby, until });
    }
    state.arm(session);
}

/// Goes on with a request for a name, now that the host has said who it comes from, or has said nothing in time.
pub(crate) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    question: QuestionId,
    answer: Answer,
) {
    let now = state.now;
    let Some(open) = state.sessions.get_mut(&session) else {
        return;
    };
    let asked = open.newcomer_mut().map(|newcomer| &mut newcomer.pending);
    let Some(pending) =
        asked.and_then(|asked| asked.take_if(|pending| pending.question == question))
    else {
        return;
    };
    let allowed = match answer {
        Answer::Account(identity) if identity.expires.is_some_and(|expires| expires <= now) => {
            Err(Refusal::AuthenticationFailed(Text::clean("your login has expired")))
        }
        Answer::Account(identity) => {
            open.know(identity);
            Ok(())
        }
        Answer::Guest => Ok(()),
        Answer::Refused(reason) => Err(Refusal::AuthenticationFailed(reason)),
        Answer::Unavailable => Err(Refusal::TryAgain),
    };
    let mark = out.mark();
    let Pending { request, nickname, lobby, .. } = pending;
    let event = allowed.and_then(|()| identify(state, out, session, nickname, lobby));
    out.reply_at(mark, session, request, event.unwrap_or_else(Event::Rejected));
    state.arm(session);
}

/// Whether the host has said who it is when it connected.
fn is_known(peer: &Peer) -> bool {
    peer.account.is_some() || peer.nickname.is_some()
}

fn identify(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    wanted: Result<Option<Nickname>, Refusal>,
    lobby: bool,
) -> Result<Event, Refusal> {
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, offered, .. }) = open.and_then(|open| open.newcomer()) else {
        return Err(Refusal::AlreadyIdentified);
    };
    let account = peer.account.as_ref();
    if let Some(user) = account.and_then(|account| state.user_of_account(account)) {
        return attach(state, out, session, user, lobby);
    }
    let is_free = |nickname: &Nickname| !state.names.is_taken(nickname, None);
    let mut by_host = offered.iter().map(|raw| usable(state, raw));
    let named_by_host;
    let nickname = if account.is_some() && !offered.is_empty() {
        // Whoever has an account comes in, if not under the name that the host has for them.
        let free = by_host.filter_map(Result::ok).find(is_free);
        named_by_host = free.is_some();
        free.or_else(|| wanted.ok().flatten().filter(is_free))
    } else {
        let given = by_host.next().transpose()?;
        named_by_host = given.is_some();
        match given {
            Some(nickname) => Some(nickname),
            None => wanted?,
        }
    };
    let nickname = match nickname {
        Some(nickname) => {
            rename::check_free(state, &nickname, None)?;
            nickname
        }
        None => next_guest(state),
    };
    let user = state.add_user(session, nickname.clone(), named_by_host);
    let roster = if lobby {
        let turn = &mut Turn::of(state, out, session, user)?;
        // A full lobby is no reason to refuse the name.
        join::lobby(turn).ok()
    } else {
        None
    };
    Ok(Event::Welcomed { nickname, lobby: roster, boot: state.started })
}

/// A name that the host has for somebody, if it can be a nickname here.
fn usable(state: &State, raw: &str) -> Result<Nickname, Refusal> {
    let nickname = check::wanted_nickname(state, raw)?;
    check::nickname_length(state, &nickname)?;
    Ok(nickname)
}

/// Makes the session one more of a user who is online. It hears which channels the user is in, and nobody else hears of it.
fn attach(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    user: UserId,
    lobby: bool,
) -> Result<Event, Refusal> {
    let limit = state.config.sessions_per_user;
    let held = state.users.get(&user).map_or(0, |user| user.sessions.len());
    if held >= limit {
        return Err(Refusal::TooManySessions { limit });
    }
    state.attach(session, user);
    let turn = &mut Turn::of(state, out, session, user)?;
    let roster = if lobby { join::lobby(turn).ok() } else { None };
    let joined: Vec<ChannelName> =
        turn.user().map(|user| user.channels.iter().cloned().collect()).unwrap_or_default();
    let shown = roster.as_ref().map(|roster| roster.channel.clone());
    for channel in joined.into_iter().filter(|channel| Some(channel) != shown.as_ref()) {
        let roster = join::roster(turn, &channel, turn.state.config.listing);
        turn.out.deliver(&[session], &[], || Event::Entered(roster));
    }
    Ok(Event::Welcomed { nickname: turn.nickname.clone(), lobby: roster, boot: turn.state.started })
}

/// The name with the next number that nobody has. Numbers are not given twice, so that nobody inherits another's name.
fn next_guest(state: &mut State) -> Nickname {
    loop {
        state.last_guest += 1;
        let number = state.last_guest;
        let name = Nickname::parse(&format!("{}{number}", state.config.guest_prefix))
            .or_else(|_| Nickname::parse(&format!("user{number}")))
            .expect("letters and digits make a name");
        if !state.names.is_taken(&name, None) {
            return name;
        }
    }
}
