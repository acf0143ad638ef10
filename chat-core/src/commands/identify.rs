//! Takes a nickname, and joins the lobby.

use super::context::CommandContext;
use super::join::{self, RosterBudget};
use super::{check, rename, server_ban};
use crate::effect::EffectBuffer;
use crate::state::{NameRequest, Newcomer, State, Waiting};
use crate::{
    Answer, ChannelName, CloseReason, Command, Event, Nickname, Peer, Question, Record, Refusal,
    RequestId, Secret, SessionId, Text, UserId,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// A request for a nickname.
pub(crate) struct Request {
    pub(crate) id: Option<RequestId>,
    pub(crate) wanted: NameRequest,
    pub(crate) token: Option<Secret>,
}

/// Removes an invalid nickname from a request, if the host may decide the nickname. Returns its
/// error, for the case that the host does not.
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
    let refusal = check::chosen_nickname(state, None, nickname.as_deref()?).err()?;
    *nickname = None;
    Some(refusal)
}

/// Handles a request for a nickname: answers it at once, or asks the host to authenticate first.
pub(crate) fn request(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    request: Request,
) {
    let Request { id, wanted, token } = request;
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, .. }) = open.and_then(|open| open.newcomer()) else {
        return;
    };
    let refused = server_ban::check_address(state, session).err();
    if refused.is_some() || is_known(peer) || !state.config.authenticate {
        let mark = out.mark();
        let answer = match refused {
            Some(refusal) => Err(refusal),
            None => identify(state, out, session, wanted),
        };
        return out.reply_at(mark, session, id, answer.unwrap_or_else(Event::Rejected));
    }
    let (address, token) = (peer.address.clone(), token.or_else(|| peer.token.clone()));
    let question = Question::Authenticate { address, token };
    state.ask(out, (session, id), question, Waiting::Identify(wanted));
}

/// Completes a request for a nickname when the host has answered, or has not answered in time.
pub(crate) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    wanted: NameRequest,
    answer: Answer,
) -> Result<Event, Refusal> {
    let identity = match answer {
        Answer::Account(identity) => Some(identity),
        Answer::Guest => None,
        Answer::Refused(reason) => {
            return Err(Refusal::AuthenticationFailed(reason.single_line()));
        }
        Answer::Unavailable | Answer::Messages { .. } | Answer::Found { .. } => {
            return Err(Refusal::TryAgain);
        }
    };
    if let Some(identity) = identity {
        if identity.expires.is_some_and(|expires| expires <= state.now) {
            return Err(Refusal::AuthenticationFailed(Text::clean("your login has expired")));
        }
        if let Some(open) = state.sessions.get_mut(&session) {
            open.set_identity(identity);
        }
    }
    let welcome = identify(state, out, session, wanted);
    // The login may have an end.
    state.arm(session);
    welcome
}

/// Returns true if the host has already authenticated the client when it connected.
fn is_known(peer: &Peer) -> bool {
    peer.account.is_some() || peer.nickname.is_some()
}

fn identify(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    wanted: NameRequest,
) -> Result<Event, Refusal> {
    let NameRequest { nickname: wanted, lobby, reconnect_key, profile } = wanted;
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, offered, .. }) = open.and_then(|open| open.newcomer()) else {
        return Err(Refusal::AlreadyIdentified);
    };
    let account = peer.account.as_ref();
    if let Some(account) = account {
        server_ban::check_account(state, account)?;
    }
    if let Some(user) = account.and_then(|account| state.user_of_account(account)) {
        return attach(state, out, session, user, lobby, reconnect_key);
    }
    let is_free = |nickname: &Nickname| !state.names.is_taken(nickname, None);
    let mut by_host = offered.iter().map(|raw| usable(state, raw));
    let named_by_host;
    let nickname = if account.is_some() && !offered.is_empty() {
        // A user with an account is admitted even if none of the host's names is usable.
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
    let returning = nickname.as_ref().and_then(|nickname| state.user_named(nickname));
    if let (None, Some((id, user)), Some(key)) = (account, returning, &reconnect_key)
        && user.account().is_none()
        && user.reconnect_key().is_some_and(|known| known.is_same(key))
    {
        return take_over(state, out, session, id, lobby, reconnect_key);
    }
    let nickname = match nickname {
        Some(nickname) => {
            server_ban::check_nickname(state, &nickname)?;
            rename::check_free(state, &nickname, None)?;
            nickname
        }
        None => next_guest(state, out),
    };
    state.reserve_user_id(out);
    if let Some(account) = state.account_of(session) {
        state.record(out, Record::AccountSeen { account });
    }
    let user = state.add_user(session, nickname, named_by_host, profile.map(|profile| *profile));
    set_reconnect_key(state, user, reconnect_key);
    let roster = if lobby {
        let context = &mut CommandContext::of(state, out, Some(session), user)?;
        // A full lobby does not prevent identifying.
        join::lobby(context).ok()
    } else {
        None
    };
    let (boot, epoch) = (state.started, state.durable.epoch());
    let lobby = roster.map(Box::new);
    let user = state.user(user).map(|user| user.info.clone()).ok_or(Refusal::NotIdentified)?;
    Ok(Event::Welcomed { user, lobby, boot, epoch, reconnected: None })
}

/// Parses a name from the host, if it is a valid nickname here. The host may give a reserved name,
/// for example to its own service.
fn usable(state: &State, raw: &str) -> Result<Nickname, Refusal> {
    let nickname = check::wanted_nickname(state, raw)?;
    check::nickname_length(state, &nickname)?;
    Ok(nickname)
}

/// Attaches the session to the user whose client has lost its connection and has proved its
/// identity with the reconnect key. The engine may not know yet that the old connection is dead.
fn take_over(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    user: UserId,
    lobby: bool,
    key: Option<Secret>,
) -> Result<Event, Refusal> {
    let sessions = state.sessions_of(user);
    if let Some(&oldest) = sessions.first()
        && sessions.len() >= state.config.sessions_per_user
    {
        state.detach(oldest);
        out.close(oldest, CloseReason::Disconnected);
    }
    attach(state, out, session, user, lobby, key)
}

/// Attaches the session to a user who is online or disconnected. The session is told the user's
/// channels; it is not announced to others.
fn attach(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    user: UserId,
    lobby: bool,
    key: Option<Secret>,
) -> Result<Event, Refusal> {
    let limit = state.config.sessions_per_user;
    let known = state.user(user);
    if known.is_some_and(|known| known.sessions.len() >= limit) {
        return Err(Refusal::TooManySessions { limit });
    }
    let is_same_client = known.is_some_and(|known| {
        let has_key = key.as_ref().zip(known.reconnect_key());
        known.is_disconnected() || has_key.is_some_and(|(key, known)| key.is_same(known))
    });
    state.attach(session, user);
    set_reconnect_key(state, user, key);
    let channels = |state: &State| -> Vec<ChannelName> {
        state.user(user).map(|user| user.channels.to_vec()).unwrap_or_default()
    };
    let reconnected = is_same_client.then(|| channels(state));
    // A user who was kicked out of the lobby while disconnected does not rejoin it implicitly.
    let lobby_kept =
        reconnected.as_ref().is_none_or(|channels| channels.iter().any(ChannelName::is_lobby));
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    let roster = if lobby && lobby_kept { join::lobby(context).ok() } else { None };
    let shown = roster.as_ref().map(|roster| roster.channel.clone());
    let mut room = RosterBudget::of(&context.state.config);
    for channel in channels(context.state).into_iter().filter(|name| Some(name) != shown.as_ref()) {
        let roster = join::roster(context, &channel, room.next(), true);
        room.take(&roster);
        context.out.deliver(&[session], &[], || Event::Entered(roster));
    }
    let (user, lobby) = (context.info.clone(), roster.map(Box::new));
    let (boot, epoch) = (context.state.started, context.state.durable.epoch());
    Ok(Event::Welcomed { user, lobby, boot, epoch, reconnected })
}

fn set_reconnect_key(state: &mut State, user: UserId, key: Option<Secret>) {
    if let (Some(key), Some(user)) = (key, state.users.get_mut(&user)) {
        user.set_reconnect_key(key);
    }
}

/// Returns the guest name with the next number that is neither in use nor reserved. Numbers are not
/// reused, so that no user inherits another's name.
fn next_guest(state: &mut State, out: &mut EffectBuffer) -> Nickname {
    loop {
        state.reserve_guest_number(out);
        state.last_guest += 1;
        let number = state.last_guest;
        let name = Nickname::parse(&format!("{}{number}", state.config.guest_prefix))
            .or_else(|_| Nickname::parse(&format!("user{number}")))
            .expect("letters and digits make a name");
        let is_banned = server_ban::check_nickname(state, &name).is_err();
        if !is_banned && !state.names.is_taken(&name, None) && !state.names.is_reserved(&name) {
            return name;
        }
    }
}
