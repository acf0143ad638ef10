//! The state machine: inputs in, effects out.

use crate::commands::{self, JoiningMany, check, identify};
use crate::effect::EffectBuffer;
use crate::state::{Bucket, Due, NameRequest, Standing, State};
use crate::{
    Answer, Checked, CloseReason, Command, Config, DurableState, Effects, Event, Input, JoinTarget,
    Policy, Query, QueryResult, Refusal, RequestId, SessionId, Text, Timestamp, View, Words,
};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// A chat engine. See the [crate's documentation](crate) for an example.
pub struct Engine {
    pub(crate) state: State,
    /// `None` allows everything.
    policy: Option<Box<dyn Policy + Send>>,
    out: EffectBuffer,
}

impl Engine {
    /// Makes an engine without sessions.
    pub fn new(config: Config, now: Timestamp) -> Self {
        let durable = DurableState::new(&config, now);
        Self::of(State::new(config, durable, now))
    }

    /// Makes an engine that continues from the durable state of an earlier one, as if every
    /// connection had been lost at that moment.
    ///
    /// Time and ids continue: `now` counts as at least the time of the last record. A channel that
    /// no account owns is forgotten if nobody joins it within the
    /// [reconnect period](Config::reconnect_period).
    pub fn restore(config: Config, durable: DurableState, now: Timestamp) -> Self {
        Self::of(State::restore(config, durable, now))
    }

    /// Makes an engine that asks a host's own [`Policy`] about every command.
    pub fn with_policy(
        config: Config,
        now: Timestamp,
        policy: impl Policy + Send + 'static,
    ) -> Self {
        Self { policy: Some(Box::new(policy)), ..Self::new(config, now) }
    }

    pub(crate) fn of(state: State) -> Self {
        Self { state, policy: None, out: EffectBuffer::default() }
    }

    /// Applies one input, and returns its effects.
    ///
    /// It first lets time pass until `now`, and handles every deadline that is due. A `now` before
    /// that of the last input counts as equal to it. Then it handles the input. This never fails:
    /// an input that makes no sense has no effects, and a command that cannot be carried out is
    /// answered with [`Event::Rejected`].
    pub fn apply(&mut self, now: Timestamp, input: Input) -> Effects<'_> {
        self.out.clear();
        self.state.now = self.state.now.max(now);
        self.fire_deadlines();
        match input {
            Input::Open { session, peer } => self.state.open(session, peer),
            Input::Command { session, request, command } => self.command(session, request, command),
            Input::Close { session, reason } => {
                commands::depart(&mut self.state, &mut self.out, session, reason);
            }
            Input::Answer { session, question, answer } => {
                let Self { state, out, .. } = self;
                commands::answered(state, out, session, question, answer);
            }
            Input::Host(command) => {
                let Self { state, out, .. } = self;
                let mark = out.mark();
                let answer = commands::run_host(state, out, command);
                out.host_reply_at(mark, answer.unwrap_or_else(Event::Rejected));
            }
            Input::Tick => {}
        }
        self.out.effects(self.state.now)
    }

    /// Changes whether the host is [asked](crate::Effect::Ask) to authenticate clients that
    /// identify themselves from now on. The value is part of the configuration, so a replay has to
    /// begin with the same one.
    pub fn set_authenticate(&mut self, authenticate: bool) {
        self.state.config.authenticate = authenticate;
    }

    /// Returns the state that outlasts a restart.
    pub fn durable(&self) -> &DurableState {
        &self.state.durable
    }

    /// Asks a host's own [`Policy`] about every command from now on.
    pub fn set_policy(&mut self, policy: impl Policy + Send + 'static) {
        self.policy = Some(Box::new(policy));
    }

    /// Replaces the state with one that is restored from its durable part, and keeps the policy.
    pub(crate) fn restart(&mut self, now: Timestamp) {
        let (config, durable) = (self.state.config.clone(), self.state.durable.clone());
        self.state = State::restore(config, durable, now);
    }

    /// Returns the limits and rules of the engine.
    pub fn config(&self) -> &Config {
        &self.state.config
    }

    /// Returns the time at which the next deadline is due. The host then applies an input, such as
    /// [`Input::Tick`].
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.state.next_deadline()
    }

    /// Returns a read-only view of the state.
    pub fn view(&self) -> View<'_> {
        View(&self.state)
    }

    /// Answers a query of a session from memory, without the
    /// [older messages](Config::older_history) of a host. Nothing changes: there are no effects,
    /// the time does not pass, and the query does not count for the rate limit. The permissions are
    /// those of the session's user. The [`Policy`] is not asked.
    ///
    /// ```
    /// use chat_core::{Command, Config, Engine, Event, Input, Peer, Query, SessionId, Timestamp};
    ///
    /// let now = Timestamp::from_millis(1_767_225_600_000);
    /// let mut engine = Engine::new(Config::default(), now);
    /// let session = SessionId(1);
    /// engine.apply(now, Input::Open { session, peer: Peer::default() }).for_each(drop);
    /// let command = Command::identify("alice");
    /// engine.apply(now, Input::Command { session, request: None, command }).for_each(drop);
    ///
    /// let query = Query::User { nickname: "Alice".into() };
    /// let answer = engine.query(session, query);
    /// let Ok(Event::UserShown(card)) = answer else { panic!("she is here") };
    /// assert_eq!(card.channels[0].0.shown(), "lobby");
    /// ```
    ///
    /// # Errors
    ///
    /// The reason for which a client would be refused.
    pub fn query(&self, session: SessionId, query: Query) -> QueryResult {
        self.view().query(session, query)
    }

    /// Closes sessions whose deadlines have passed, and rearms the deadlines of sessions that were
    /// active meanwhile. Then removes the users who have not reconnected in time, and some of the
    /// nonces that have expired.
    fn fire_deadlines(&mut self) {
        let Self { state, out, .. } = self;
        while let Some(id) = state.take_due() {
            let Some(session) = state.sessions.get(&id) else {
                continue;
            };
            let Some((deadline, due)) = session.deadline(&state.config) else {
                continue;
            };
            if deadline > state.now {
                state.arm(id);
                continue;
            }
            let reason = match due {
                Due::Unanswered => {
                    if let Some((question, _)) = session.question() {
                        commands::answered(state, out, id, question, Answer::Unavailable);
                    }
                    continue;
                }
                Due::Expired => CloseReason::Expired,
                Due::Silent if session.user().is_some() => CloseReason::Idle,
                Due::Silent => CloseReason::NotNamed,
            };
            commands::depart(state, out, id, reason);
        }
        while let Some(user) = state.take_overdue() {
            commands::quit_user(state, out, user, &CloseReason::Disconnected);
        }
        if state.empty_until.is_some_and(|until| until <= state.now) {
            state.forget_empty_channels(out);
        }
        state.prune_nonces();
    }

    fn command(&mut self, session: SessionId, request: Option<RequestId>, mut command: Command) {
        let Self { state, policy, out } = self;
        let State { sessions, config, now, .. } = state;
        let Some(open) = sessions.get_mut(&session) else {
            return;
        };
        let mark = out.mark();
        let standing = open.standing();
        // Quitting is exempt from the rate limit.
        let answer = if let Command::Quit { .. } = command {
            let reason = review_quit(state, policy, session, standing, command);
            Ok(commands::quit(state, out, session, reason))
        } else {
            let admitted = open.admit(*now, config, Bucket::cost(&command));
            let admitted = admitted.map_err(|retry_after| Refusal::RateLimited { retry_after });
            if let Command::JoinMany { channels } = command {
                let joined = admitted
                    .and_then(|()| join_many(state, policy, out, (session, standing), channels));
                let answer = joined.unwrap_or_else(Event::Rejected);
                return out.reply_at(mark, session, request, answer);
            }
            let user = standing.user().filter(|_| admitted.is_ok());
            if let Some(event) = user.and_then(|user| commands::repeated(state, user, &command)) {
                return out.reply_at(mark, session, request, event);
            }
            let unusable = identify::take_unusable_nickname(state, session, &mut command);
            let reviewed =
                admitted.and_then(|()| review(state, policy, session, standing, command));
            match (reviewed, standing) {
                (
                    Ok(Command::Identify {
                        nickname,
                        lobby,
                        credential,
                        reconnect_key,
                        profile,
                        resume,
                    }),
                    _,
                ) => {
                    let nickname = match (nickname, unusable) {
                        (None, Some(refusal)) => Err(refusal),
                        (nickname, _) => Ok(nickname),
                    };
                    let wanted = NameRequest { nickname, lobby, reconnect_key, profile, resume };
                    let request = identify::Request { id: request, wanted, credential };
                    return identify::request(state, out, session, request);
                }
                (Ok(command), Standing::Named(user)) => {
                    let answer = commands::run(state, out, (session, user), &request, command);
                    match answer.transpose() {
                        Some(answer) => answer,
                        // The host is asked first.
                        None => return,
                    }
                }
                (Ok(Command::Account(command)), Standing::Nameless) => {
                    let answer = commands::run_account(state, out, (session, &request), command);
                    match answer.transpose() {
                        Some(answer) => answer,
                        None => return,
                    }
                }
                (Ok(_), Standing::Nameless | Standing::Asking) => Err(Refusal::NotIdentified),
                (Err(refusal), _) => Err(refusal),
            }
        };
        out.reply_at(mark, session, request, answer.unwrap_or_else(Event::Rejected));
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Reviews a command that has passed the rate limit: checks that the session has a user, checks the
/// command's words, and asks the host's policy.
fn review(
    state: &State,
    policy: &mut Option<Box<dyn Policy + Send>>,
    session: SessionId,
    standing: Standing,
    command: Command,
) -> Result<Command<Checked>, Refusal> {
    check_name(standing, &command)?;
    let command = check::check(state, standing.user(), command)?;
    let Some(policy) = policy else {
        return Ok(command);
    };
    let reviewed = policy.review(View(state), session, command);
    let mut command = reviewed.map_err(|reason| Refusal::Forbidden(reason.single_line()))?;
    // The policy may have returned another kind of command, or longer texts.
    check_name(standing, &command)?;
    check::limit(state, &mut command)?;
    Ok(command)
}

/// Joins several channels: each is checked and reviewed like a single join, after the earlier ones
/// have been joined.
fn join_many(
    state: &mut State,
    policy: &mut Option<Box<dyn Policy + Send>>,
    out: &mut EffectBuffer,
    (session, standing): (SessionId, Standing),
    channels: Vec<JoinTarget>,
) -> Result<Event, Refusal> {
    let user = standing.user().ok_or(Refusal::NotIdentified)?;
    check::limit_targets(state, channels.len())?;
    let mut joining = JoiningMany::new(&state.config);
    for (index, JoinTarget { channel, key }) in channels.into_iter().enumerate() {
        let name = Text::clean(&channel);
        let command = Command::Join { channel, key };
        let reviewed = review(state, policy, session, standing, command);
        let joined = reviewed.and_then(|command| {
            let Command::Join { channel, key } = command else {
                // Another command would need a separate answer.
                return Err(Refusal::Forbidden(Text::clean("join this channel on its own")));
            };
            joining.join(state, out, (session, user), JoinTarget { channel, key })
        });
        joined.unwrap_or_else(|refusal| joining.refuse(index, name, refusal));
    }
    Ok(joining.finish())
}

/// Returns the reason of a quit, or none if the host's policy does not allow it. A session without
/// a user needs no review, because its quit is not announced.
fn review_quit(
    state: &State,
    policy: &mut Option<Box<dyn Policy + Send>>,
    session: SessionId,
    standing: Standing,
    command: Command,
) -> Option<Text> {
    let user = standing.user()?;
    let mut command = check::check(state, Some(user), command).ok()?;
    if let Some(policy) = policy {
        command = policy.review(View(state), session, command).ok()?;
        check::limit(state, &mut command).ok()?;
    }
    if let Command::Quit { reason } = command { reason } else { None }
}

/// Checks that a command fits the session's standing: with or without a user.
fn check_name<W: Words>(standing: Standing, command: &Command<W>) -> Result<(), Refusal> {
    let identifies = matches!(command, Command::Identify { .. });
    let is_account = matches!(command, Command::Account(_));
    match standing {
        Standing::Named(_) if identifies => Err(Refusal::AlreadyIdentified),
        Standing::Asking if identifies || is_account => Err(Refusal::Identifying),
        Standing::Nameless if is_account => Ok(()),
        Standing::Nameless | Standing::Asking if !identifies => Err(Refusal::NotIdentified),
        Standing::Nameless | Standing::Asking | Standing::Named(_) => Ok(()),
    }
}
