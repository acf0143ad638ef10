//! Protects server operators from each other, and from their own mistakes.

use crate::state::State;
use crate::{AccountName, BanTarget, Checked, Nickname, OperatorCommand, Refusal};

/// Refuses a command that bans or disconnects a server operator, or removes its account. A ban of
/// all addresses would lock everybody out, also the operators who could lift it.
pub(super) fn check(state: &State, command: &OperatorCommand<Checked>) -> Result<(), Refusal> {
    let is_operator = |account: &AccountName| {
        let user = state.user_of_account(account);
        state.is_server_operator(account) || user.is_some_and(|user| state.is_operator(user))
    };
    let affected = match command {
        OperatorCommand::BanServer { target: BanTarget::Account(account), .. }
        | OperatorCommand::RemoveAccount { account } => Some(account.clone()).filter(is_operator),
        OperatorCommand::BanServer { target: BanTarget::Nickname(nickname), .. }
        | OperatorCommand::Disconnect { nickname, .. } => operator_named(state, nickname),
        OperatorCommand::BanServer { target: BanTarget::Addresses(range), .. } => {
            let sessions = state.sessions_within(*range).into_iter();
            let mut open = sessions.filter_map(|session| {
                let user = state.sessions.get(&session).and_then(|open| open.user());
                let by_login = user.and_then(|user| state.operator_name(user));
                by_login.or_else(|| state.account_of(session).filter(is_operator))
            });
            open.next()
        }
        OperatorCommand::UnbanServer { .. }
        | OperatorCommand::CloseChannel { .. }
        | OperatorCommand::SetRole { .. }
        | OperatorCommand::Announce { .. }
        | OperatorCommand::CloseReport { .. } => None,
    };
    affected.map_or(Ok(()), |account| Err(Refusal::AffectsServerOperator(account)))
}

/// Returns the server operator who has a nickname, or whose account has the same name.
fn operator_named(state: &State, nickname: &Nickname) -> Option<AccountName> {
    let online = state.user_named(nickname).and_then(|(id, _)| state.operator_name(id));
    let is_named = |account: &&AccountName| account.is_same_as(nickname);
    online.or_else(|| state.config.server_operators.iter().find(is_named).cloned())
}
