//! Finds registered accounts by name and by session token.

use super::names::NameIndex;
use crate::durable::DurableState;
use crate::{AccountName, Nickname, Record, Secret, TokenDigest};
use alloc::collections::{BTreeMap, BTreeSet};

/// The registered accounts, by their names, their session tokens and their credentials: an index of
/// the durable state.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    names: NameIndex<AccountName>,
    tokens: BTreeMap<TokenDigest, AccountName>,
    /// The digests of the credentials. Hosts give equal ones to several accounts at their own risk.
    credentials: BTreeSet<(TokenDigest, AccountName)>,
}

impl Logins {
    pub(super) fn of(durable: &DurableState) -> Self {
        let mut logins = Self::default();
        for (account, registration) in durable.registrations() {
            logins.add_name(account);
            logins
                .credentials
                .insert((TokenDigest::of(&registration.credentials), account.clone()));
            for token in registration.tokens.values() {
                logins.tokens.insert(token.digest, account.clone());
            }
        }
        logins
    }

    /// Notes a record that is about to be applied to the durable state.
    pub(super) fn note(&mut self, record: &Record, durable: &DurableState) {
        match record {
            Record::AccountRegistered { account, credentials } => {
                self.add_name(account);
                self.replace_credentials(account, credentials, durable);
            }
            Record::CredentialsChanged { account, credentials } => {
                self.replace_credentials(account, credentials, durable);
            }
            Record::AccountRemoved { account } => {
                let Some(registration) = durable.registration(account) else { return };
                for token in registration.tokens.values() {
                    self.tokens.remove(&token.digest);
                }
                let digest = TokenDigest::of(&registration.credentials);
                self.credentials.remove(&(digest, account.clone()));
                if let Ok(name) = Nickname::parse(account.as_str()) {
                    self.names.remove(&name);
                }
            }
            Record::TokenIssued { account, digest, .. } => {
                if let Some(registration) = durable.registration(account) {
                    if let Some(replaced) = registration.tokens.get(&digest.id()) {
                        self.tokens.remove(&replaced.digest);
                    }
                    self.tokens.insert(*digest, account.clone());
                }
            }
            Record::TokenRevoked { account, token } => {
                let registration = durable.registration(account);
                if let Some(token) = registration.and_then(|known| known.tokens.get(token)) {
                    self.tokens.remove(&token.digest);
                }
            }
            Record::TokenUsed { .. }
            | Record::ChannelCreated { .. }
            | Record::ChannelForgotten { .. }
            | Record::ChannelJoined { .. }
            | Record::ChannelLeft { .. }
            | Record::ReadMarked { .. }
            | Record::Said { .. }
            | Record::MessageChanged { .. }
            | Record::TopicChanged { .. }
            | Record::ChannelDataChanged { .. }
            | Record::ModesChanged { .. }
            | Record::RoleChanged { .. }
            | Record::Listed { .. }
            | Record::Unlisted { .. }
            | Record::MaskUnlisted { .. }
            | Record::Invited { .. }
            | Record::InvitationUsed { .. }
            | Record::AccountSeen { .. }
            | Record::AccountDataChanged { .. }
            | Record::ServerBanned(_)
            | Record::ServerUnbanned { .. }
            | Record::Audited { .. }
            | Record::Reported(_)
            | Record::ReportClosed { .. }
            | Record::UserIdsReserved { .. }
            | Record::GuestNumbersReserved { .. } => {}
        }
    }

    /// Returns the number of registered accounts.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    /// Returns the account of this name, compared like a nickname.
    pub(crate) fn named(&self, name: &Nickname) -> Option<AccountName> {
        self.names.owner(name)
    }

    /// Returns the account with a session token.
    pub(crate) fn with_token(&self, token: &Secret) -> Option<(&AccountName, TokenDigest)> {
        if self.tokens.is_empty() {
            return None;
        }
        let digest = TokenDigest::of(token);
        self.tokens.get(&digest).map(|account| (account, digest))
    }

    /// Returns the account with these credentials.
    pub(crate) fn with_credentials(&self, credentials: &Secret) -> Option<AccountName> {
        let digest = TokenDigest::of(credentials);
        let mut from = self.credentials.range((digest, AccountName::from(""))..);
        from.next().filter(|(known, _)| *known == digest).map(|(_, account)| account.clone())
    }

    /// Returns true if this is a session token of an account.
    pub(crate) fn has_token(&self, account: &AccountName, token: &Secret) -> bool {
        self.with_token(token).is_some_and(|(known, _)| known == account)
    }

    /// Returns true if another account than `own` has this name or one that looks the same.
    pub(crate) fn is_taken(&self, name: &Nickname, own: Option<&AccountName>) -> bool {
        let own = own.and_then(|account| Nickname::parse(account.as_str()).ok());
        let own = own.filter(|own| self.names.owner(own).is_some());
        self.names.is_taken(name, own.as_ref())
    }

    fn replace_credentials(
        &mut self,
        account: &AccountName,
        credentials: &Secret,
        durable: &DurableState,
    ) {
        if let Some(old) = durable.registration(account) {
            self.credentials.remove(&(TokenDigest::of(&old.credentials), account.clone()));
        }
        self.credentials.insert((TokenDigest::of(credentials), account.clone()));
    }

    fn add_name(&mut self, account: &AccountName) {
        if let Ok(name) = Nickname::parse(account.as_str())
            && self.names.owner(&name).is_none()
        {
            self.names.insert(&name, account.clone());
        }
    }
}
