//! Commands about accounts that the engine keeps.

use crate::{LoginExchange, PasswordLogin, Secret, TokenId};
use alloc::boxed::Box;

/// A command about an account that the engine keeps, with
/// [`Config::accounts`](crate::Config::accounts). The host checks and hashes passwords.
///
/// A session without a nickname can register and log in, too; it still has to
/// [take one](crate::Command::Identify) then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum AccountCommand {
    /// Creates an account, and logs in. The name has to be a valid nickname that nobody else uses.
    /// Answer: [`LoggedIn`](crate::Event::LoggedIn).
    Register {
        /// The name, the password, and the device.
        login: PasswordLogin,
        /// The code with which the operator allows to register, if it is needed.
        code: Option<Secret>,
    },
    /// Logs in. Answer: [`LoggedIn`](crate::Event::LoggedIn).
    LogIn(PasswordLogin),
    /// Continues a login in which client and host exchange several messages. Answer:
    /// [`LoginChallenged`](crate::Event::LoginChallenged) with the next message of the host, or
    /// [`LoggedIn`](crate::Event::LoggedIn) after the last one.
    Exchange(Box<LoginExchange>),
    /// Ends the session, and revokes the token of its login. Answer:
    /// [`LoggedOut`](crate::Event::LoggedOut).
    LogOut,
    /// Changes the password, and revokes the tokens of all other logins. Answer:
    /// [`PasswordChanged`](crate::Event::PasswordChanged).
    ChangePassword {
        /// The password so far.
        old: Secret,
        /// The new password.
        new: Secret,
    },
    /// Deletes the account with everything that belongs to it alone. Its messages in channels stay.
    /// Answer: [`AccountRemoved`](crate::Event::AccountRemoved).
    Delete {
        /// The password.
        password: Secret,
    },
    /// Lists the logins of the account that are remembered. Answer:
    /// [`Sessions`](crate::Event::Sessions).
    ListSessions,
    /// Revokes the token of a login, and ends its sessions. Answer:
    /// [`SessionRevoked`](crate::Event::SessionRevoked).
    Revoke {
        /// The token.
        id: TokenId,
    },
}
