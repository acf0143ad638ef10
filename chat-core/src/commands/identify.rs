//! Takes a nickname, and joins the lobby.

use super::context::CommandContext;
use super::join::{self, RosterBudget};
use super::{account, check, rename, resume, server_ban};
use crate::effect::EffectBuffer;
use crate::state::{NameRequest, Newcomer, PasswordPurpose, State, Waiting};
use crate::{
    AccountName, Answer, ChannelName, CloseReason, Command, Credential, Event, Nickname, Peer,
    PresenceChange, Question, Record, Refusal, RequestId, ResumePoint, Roster, Secret, SessionId,
    Text, UserId,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// A request for a nickname.
pub(crate) struct Request {
    pub(crate) id: Option<RequestId>,
    pub(crate) wanted: NameRequest,
    pub(crate) credential: Option<Credential>,
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
    let mark = out.mark();
    let id = request.id.clone();
    let answer = begin(state, out, session, request);
    if let Some(event) = answer.transpose() {
        out.reply_at(mark, session, id, event.unwrap_or_else(Event::Rejected));
    }
}

/// Gives the session a user, or asks the host about the client's credential first.
fn begin(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    Request { id, wanted, credential }: Request,
) -> Result<Option<Event>, Refusal> {
    server_ban::check_address(state, session)?;
    account::check_login(state, session)?;
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, .. }) = open.and_then(|open| open.newcomer()) else {
        return Err(Refusal::AlreadyIdentified);
    };
    let Peer { address, token: brought, account: known, .. } = peer;
    let (address, is_known) = (address.clone(), is_known(peer));
    match credential {
        Some(Credential::Session(_) | Credential::Password(_)) if !state.config.accounts => {
            return Err(Refusal::NoAccounts);
        }
        // A client that has logged in already may take another nickname than the first one.
        Some(Credential::Session(token)) => match known {
            Some(known) if !state.logins.has_token(known, &token) => {
                return Err(Refusal::AlreadyLoggedIn(known.clone()));
            }
            Some(_) => {}
            None => account::log_in_with_token(state, out, session, &token)?,
        },
        Some(Credential::Password(login)) => match known {
            Some(known) if !is_named(known, &login.account) => {
                return Err(Refusal::AlreadyLoggedIn(known.clone()));
            }
            Some(_) => {}
            None => {
                let purpose = PasswordPurpose::Identify(wanted);
                account::ask(state, out, (session, id), *login, purpose)?;
                return Ok(None);
            }
        },
        Some(Credential::Token(_)) | None if is_known => {}
        credential @ (Some(Credential::Token(_)) | None) => {
            let token = match credential {
                Some(Credential::Token(token)) => Some(token),
                _ => brought.clone(),
            };
            let is_session = state.config.accounts
                && token.as_ref().is_some_and(|token| {
                    account::log_in_with_token(state, out, session, token).is_ok()
                });
            if !is_session && state.config.authenticate {
                let question = Question::Authenticate { address, token };
                state.ask(out, (session, id), question, Waiting::Identify(wanted));
                return Ok(None);
            }
        }
    }
    identify(state, out, session, wanted).map(Some)
}

/// Returns true if a name is that of an account.
fn is_named(account: &AccountName, raw: &str) -> bool {
    let [known, other] = [account.as_str(), raw].map(|raw| Nickname::parse(raw).ok());
    known.is_some() && known == other
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
        Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Unavailable
        | Answer::Messages { .. }
        | Answer::Found { .. } => return Err(Refusal::TryAgain),
    };
    if let Some(identity) = identity {
        if identity.expires.is_some_and(|expires| expires <= state.now) {
            return Err(Refusal::AuthenticationFailed(Text::clean("your login has expired")));
        }
        // Somebody else may have registered the name: an account has one way to log in.
        if state.durable.registration(&identity.account).is_some() {
            let reason = format!(
                "the account {} is one of this server; log in to it with its password",
                identity.account
            );
            return Err(Refusal::AuthenticationFailed(Text::clean(&reason)));
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

pub(super) fn identify(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    wanted: NameRequest,
) -> Result<Event, Refusal> {
    let NameRequest { nickname: wanted, lobby, reconnect_key, profile, resume } = wanted;
    let open = state.sessions.get(&session);
    let Some(Newcomer { peer, offered, .. }) = open.and_then(|open| open.newcomer()) else {
        return Err(Refusal::AlreadyIdentified);
    };
    let account = peer.account.as_ref();
    if let Some(account) = account {
        server_ban::check_account(state, account)?;
    }
    if let Some(user) = account.and_then(|account| state.user_of_account(account)) {
        return attach(state, out, session, user, (lobby, resume), reconnect_key);
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
            None => wanted?.or_else(|| own_name(state, account?).filter(is_free)),
        }
    };
    let returning = nickname.as_ref().and_then(|nickname| state.user_named(nickname));
    if let (None, Some((id, user)), Some(key)) = (account, returning, &reconnect_key)
        && user.account().is_none()
        && user.reconnect_key().is_some_and(|known| known.is_same(key))
    {
        return take_over(state, out, session, id, (lobby, resume), reconnect_key);
    }
    let nickname = match nickname {
        Some(nickname) => {
            server_ban::check_nickname(state, &nickname)?;
            rename::check_free(state, &nickname, None)?;
            if !named_by_host {
                rename::check_registered(state, &nickname, account)?;
            }
            nickname
        }
        None => next_guest(state, out),
    };
    let token = account::issue_fresh(state, out, session);
    state.reserve_user_id(out);
    if let Some(account) = state.account_of(session) {
        state.record(out, Record::AccountSeen { account });
    }
    let user = state.add_user(session, nickname, named_by_host, profile.map(|profile| *profile));
    set_reconnect_key(state, user, reconnect_key);
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    context.state.tell_watchers(context.out, &context.info, PresenceChange::Online);
    // A full lobby does not prevent identifying.
    let roster = if lobby { join::lobby(context).ok() } else { None };
    let is_resumed = resume.is_some() && context.info.account.is_some();
    if is_resumed {
        resume::rejoin(context);
        show_channels(context, session, roster.as_ref().map(|roster| &roster.channel));
    }
    let reconnected = is_resumed.then(|| context.channels());
    let resumed = resume.map(|point| is_resumed && resume::resume(context, session, point));
    Ok(welcome(context, roster, (reconnected, resumed), token))
}

/// Returns the name of an account that the engine keeps, as a nickname.
fn own_name(state: &State, account: &AccountName) -> Option<Nickname> {
    state.durable.registration(account)?;
    Nickname::parse(account.as_str()).ok()
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
    (lobby, resume): (bool, Option<ResumePoint>),
    key: Option<Secret>,
) -> Result<Event, Refusal> {
    let sessions = state.sessions_of(user);
    if let Some(&oldest) = sessions.first()
        && sessions.len() >= state.config.sessions_per_user
    {
        state.detach(oldest);
        out.close(oldest, CloseReason::Disconnected);
    }
    attach(state, out, session, user, (lobby, resume), key)
}

/// Attaches the session to a user who is online or disconnected. The session is told the user's
/// channels; it is not announced to others.
fn attach(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    user: UserId,
    (lobby, resume): (bool, Option<ResumePoint>),
    key: Option<Secret>,
) -> Result<Event, Refusal> {
    check_session_count(state, user)?;
    let token = account::issue_fresh(state, out, session);
    let known = state.user(user);
    let is_same_client = known.is_some_and(|known| {
        let has_key = key.as_ref().zip(known.reconnect_key());
        known.is_disconnected() || has_key.is_some_and(|(key, known)| key.is_same(known))
    });
    state.attach(session, user);
    set_reconnect_key(state, user, key);
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    // A user who was kicked out of the lobby while disconnected does not rejoin it implicitly.
    let lobby_kept = !is_same_client || context.channels().iter().any(ChannelName::is_lobby);
    if resume.is_some() {
        resume::rejoin(context);
    }
    let is_resumed = is_same_client || resume.is_some() && context.info.account.is_some();
    let reconnected = is_resumed.then(|| context.channels());
    let roster = if lobby && lobby_kept { join::lobby(context).ok() } else { None };
    show_channels(context, session, roster.as_ref().map(|roster| &roster.channel));
    let resumed = resume.map(|point| is_resumed && resume::resume(context, session, point));
    Ok(welcome(context, roster, (reconnected, resumed), token))
}

/// Returns the answer to a request for a nickname.
fn welcome(
    context: &CommandContext<'_>,
    lobby: Option<Roster>,
    (reconnected, resumed): (Option<Vec<ChannelName>>, Option<bool>),
    token: Option<Secret>,
) -> Event {
    let state = &context.state;
    let account = context.info.account.as_ref();
    Event::Welcomed {
        user: context.info.clone(),
        lobby: lobby.map(Box::new),
        boot: state.started,
        epoch: state.durable.epoch(),
        reconnected,
        token,
        resumed,
        conversations: account.map(|account| state.conversations(account)).unwrap_or_default(),
    }
}

/// Refuses a further session of a user who has as many as it may have.
pub(super) fn check_session_count(state: &State, user: UserId) -> Result<(), Refusal> {
    let limit = state.config.sessions_per_user;
    let count = state.sessions_of(user).len();
    if count >= limit { Err(Refusal::TooManySessions { limit }) } else { Ok(()) }
}

/// Sends a session the rosters of its user's channels, except one that it is sent otherwise.
pub(super) fn show_channels(
    context: &mut CommandContext<'_>,
    session: SessionId,
    except: Option<&ChannelName>,
) {
    let channels = context.channels();
    let mut room = RosterBudget::of(&context.state.config);
    for channel in channels.iter().filter(|name| Some(*name) != except) {
        let roster = join::roster(context, channel, room.next(), true);
        room.take(&roster);
        context.out.deliver(&[session], &[], || Event::Entered(Box::new(roster)));
    }
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
        let is_registered = rename::check_registered(state, &name, None).is_err();
        let is_reserved = state.names.is_reserved(&name) || is_registered;
        if !is_banned && !state.names.is_taken(&name, None) && !is_reserved {
            return name;
        }
    }
}
