//! A store that no server uses, changed by the rules of the engine.

use super::error::Error;
use crate::store::{StoreConfig, StorePlace};
use crate::store_file::StoreFile;
use chat_server::accounts::Credentials;
use chat_server::engine::{
    AccountCommand, AccountName, Actor, Answer, AuditAction, AuditEntry, AuditId, Command, Config,
    Effect, Engine, Event, HostCommand, Input, PasswordLogin, Peer, Question, QuestionId, Record,
    Refusal, Secret, SessionId, StampedRecord, Timestamp, TokenId,
};
use chat_server::runtime::{Clock, SystemClock};
use chat_server::sqlite::{self, SqliteOptions};
use chat_server::store::{Opened, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A store that no server uses, with an engine that decides about the changes.
pub(crate) struct ClosedStore {
    path: PathBuf,
    store: Box<dyn Store>,
    engine: Engine,
    now: Timestamp,
    /// The question of the engine about the password of a new account.
    asked: Option<QuestionId>,
}

impl ClosedStore {
    /// Opens a store that exists.
    pub(crate) fn open(file: StoreFile) -> Result<Self, Error> {
        let path = file.path()?;
        if !path.exists() {
            // Opening it would make one. Reading it is an error that says what to do.
            sqlite::list_accounts(&path)?;
        }
        let now = SystemClock::new().now();
        let opened = SqliteOptions::default().open(&path, now)?;
        Ok(Self::of(path, opened, now))
    }

    /// Opens a store, or makes it.
    pub(super) fn open_or_create(file: StoreFile) -> Result<Self, Error> {
        let config =
            StoreConfig { place: file.path.map(StorePlace::File), ..StoreConfig::default() };
        let now = SystemClock::new().now();
        let opened = config.open(&Config::default(), now)?;
        let (path, opened) = opened.expect("the place is a file");
        Ok(Self::of(path, opened, now))
    }

    fn of(path: PathBuf, opened: Opened, now: Timestamp) -> Self {
        let config = Config {
            accounts: true,
            registration: true,
            // The operator guesses no passwords, and decides how many accounts there are.
            login_burst: 0,
            registered_accounts: usize::MAX,
            // The server's own limits apply when it is started.
            server_bans: usize::MAX,
            audit_entries: usize::MAX,
            audit_age: None,
            ..Config::default()
        };
        let Opened { store, state, .. } = opened;
        Self { path, store, engine: Engine::restore(config, state, now), now, asked: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that a new account can have a name, as if a client registered it. Returns the name.
    pub(super) fn free_name(&mut self, name: &str) -> Result<AccountName, Error> {
        let open = Input::Open { session: SESSION, peer: Peer::default() };
        drop(self.engine.apply(self.now, open));
        // The engine asks its host about the password, and does not look at it.
        let login = PasswordLogin::new(name, Secret::new(""));
        let register = AccountCommand::Register { login, code: None };
        let command = Command::Account(register);
        let input = Input::Command { session: SESSION, request: None, command };
        for effect in self.engine.apply(self.now, input) {
            if let Effect::Ask { question, ask: Question::Register { account, .. }, .. } = effect {
                self.asked = Some(question);
                return Ok(account.clone());
            }
            refusal(effect)?;
        }
        Err(Error::Refused(Refusal::TryAgain))
    }

    /// Registers the account whose name was checked.
    pub(super) fn register(
        &mut self,
        account: &AccountName,
        credentials: &Credentials,
    ) -> Result<(), Error> {
        let Some(question) = self.asked.take() else {
            return Err(Error::Refused(Refusal::TryAgain));
        };
        let credentials = Some(credentials.to_secret());
        let answer = Answer::Password { credentials, token: None };
        let mut records = self.records_of(Input::Answer { session: SESSION, question, answer })?;
        records.push(self.audited(AuditAction::AccountAdded { account: account.clone() })?);
        self.commit(records)
    }

    /// Sets new credentials for an account, and ends its logins.
    pub(super) fn reset(
        &mut self,
        account: &AccountName,
        credentials: &Credentials,
        logins: &[TokenId],
    ) -> Result<(), Error> {
        let credentials = credentials.to_secret();
        let mut records =
            vec![Record::CredentialsChanged { account: account.clone(), credentials }];
        let revoked = |&token| Record::TokenRevoked { account: account.clone(), token };
        records.extend(logins.iter().map(revoked));
        records.push(self.audited(AuditAction::PasswordReset { account: account.clone() })?);
        self.commit(records)
    }

    /// Removes an account.
    pub(super) fn remove(&mut self, account: &AccountName) -> Result<(), Error> {
        self.give(HostCommand::RemoveAccount { account: account.clone() })
    }

    /// Carries out a command of the host.
    pub(crate) fn give(&mut self, command: HostCommand) -> Result<(), Error> {
        self.apply(Input::Host(command))
    }

    /// Applies an input, and commits what it changes.
    fn apply(&mut self, input: Input) -> Result<(), Error> {
        let records = self.records_of(input)?;
        self.commit(records)
    }

    /// Applies an input. Returns what it changes.
    fn records_of(&mut self, input: Input) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        for effect in self.engine.apply(self.now, input) {
            if let Effect::Record(record) = effect {
                records.push(record.clone());
            }
            refusal(effect)?;
        }
        Ok(records)
    }

    /// Returns the next entry of the audit log, about an action that the engine does not know.
    fn audited(&self, action: AuditAction) -> Result<Record, Error> {
        let log = sqlite::read_audit_log(&self.path)?;
        let id = AuditId(log.last().map_or(0, |newest| newest.id.0) + 1);
        let entry = Arc::new(AuditEntry::new(id, self.now, Actor::Server, action));
        // The server's own limits apply with its next entry.
        Ok(Record::Audited { entry, oldest: AuditId(0) })
    }

    /// Commits records. The engine is not told of them.
    fn commit(&mut self, records: Vec<Record>) -> Result<(), Error> {
        let stamped = records.into_iter().map(|record| StampedRecord { at: self.now, record });
        self.store.commit(&stamped.collect::<Vec<_>>())?;
        Ok(self.store.sync()?)
    }
}

/// Returns the refusal that an effect is.
fn refusal(effect: Effect<'_>) -> Result<(), Error> {
    let (Effect::Reply { event, .. } | Effect::HostReply { event }) = effect else { return Ok(()) };
    if let Event::Rejected(refusal) = event {
        return Err(Error::Refused(refusal.clone()));
    }
    Ok(())
}

/// The session that registers accounts.
const SESSION: SessionId = SessionId(1);
