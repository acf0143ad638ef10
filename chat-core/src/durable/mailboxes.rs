//! The mailboxes of accounts, and who has which message.

use super::state::DurableState;
use crate::{AccountName, Message, MessageId};
use alloc::sync::Arc;
use alloc::vec::Vec;

impl DurableState {
    /// Adds a message to the mailbox of an account, and removes the oldest ones above the limit.
    pub(super) fn add_to_mailbox(&mut self, account: &AccountName, message: Arc<Message>) {
        let limit = self.limits.mailbox_per_account;
        if limit == 0 {
            self.account_mut(account);
            return;
        }
        let id = message.id;
        let mailbox = &mut self.account_mut(account).mailbox;
        let surplus = (mailbox.len() + 1).saturating_sub(limit);
        let dropped: Vec<MessageId> = mailbox.oldest(surplus).map(|message| message.id).collect();
        mailbox.push(message, limit);
        for id in dropped {
            self.holders.remove(&(id, account.clone()));
        }
        self.holders.insert((id, account.clone()));
    }

    /// Returns the accounts in whose mailboxes a message is, in order.
    pub(crate) fn holders(&self, id: MessageId) -> Vec<AccountName> {
        let holders = self.holders.range((id, AccountName::from(""))..);
        holders.take_while(|(held, _)| *held == id).map(|(_, account)| account.clone()).collect()
    }

    /// Forgets which messages are in the mailbox of an account.
    pub(super) fn forget_held(&mut self, account: &AccountName) {
        let Some(known) = self.accounts.get(account) else { return };
        for message in known.mailbox.newest_first(None) {
            self.holders.remove(&(message.id, account.clone()));
        }
    }
}
