//! Questions for passwords. What the user types is not shown, and cannot be recalled.

use crate::connect::command::AccountInput;
use crate::connect::proof::device;
use crate::connect::request::{NewLogin, Request};
use chat_server::engine::Secret;

/// The questions of one command.
#[derive(Debug)]
pub(super) struct Question {
    input: AccountInput,
    /// The answers so far, in order.
    answers: Vec<Secret>,
    typed: Hidden,
}

/// The next step after an answer.
pub(super) enum Next {
    /// There is another question.
    Question(Question),
    Request(Request),
    /// The answers do not match, for this reason.
    Problem(&'static str),
}

/// A text that is not shown, in messages for programmers either.
#[derive(Default)]
struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// The longest password, in bytes.
const LONGEST: usize = 1_024;

impl Question {
    pub(super) fn new(input: AccountInput) -> Self {
        Self { input, answers: Vec::new(), typed: Hidden::default() }
    }

    /// Returns the words of the question.
    pub(super) fn words(&self) -> String {
        match (&self.input, self.answers.len()) {
            (AccountInput::LogIn { account }, _) => format!("Password for {account}: "),
            (AccountInput::Register { account, .. }, 0) => format!("New password for {account}: "),
            (AccountInput::Password, 0) => "Present password: ".to_owned(),
            (AccountInput::Password, 1) => "New password: ".to_owned(),
            (AccountInput::Register { .. } | AccountInput::Password, _) => {
                "The same again: ".to_owned()
            }
            (AccountInput::Unregister, _) => "Password, to delete your account: ".to_owned(),
        }
    }

    /// Adds to the answer. A longer text than a password can be is not taken.
    pub(super) fn insert(&mut self, text: &str) {
        let text = text.chars().filter(|c| !c.is_control()).collect::<String>();
        if self.typed.0.len() + text.len() <= LONGEST {
            self.typed.0.push_str(&text);
        }
    }

    pub(super) fn backspace(&mut self) {
        self.typed.0.pop();
    }

    pub(super) fn clear(&mut self) {
        self.typed.0.clear();
    }

    /// Ends the answer.
    pub(super) fn enter(mut self) -> Next {
        self.answers.push(Secret::new(std::mem::take(&mut self.typed.0)));
        let new_login = |account: &str, password: &Secret| NewLogin {
            account: account.to_owned(),
            password: password.clone(),
            device: device(),
        };
        let request = match (&self.input, self.answers.as_slice()) {
            (AccountInput::LogIn { account }, [password, ..]) => {
                Request::LogIn(new_login(account, password))
            }
            (AccountInput::Unregister, [password, ..]) => {
                Request::DeleteAccount { password: password.clone() }
            }
            (AccountInput::Register { .. }, [first, second, ..])
            | (AccountInput::Password, [_, first, second, ..])
                if !first.is_same(second) =>
            {
                return Next::Problem("the two passwords are not the same");
            }
            (AccountInput::Register { account, code }, [password, _, ..]) => Request::Register {
                login: new_login(account, password),
                code: code.as_deref().map(Secret::new),
            },
            (AccountInput::Password, [old, new, _, ..]) => {
                Request::Password { old: old.clone(), new: new.clone() }
            }
            (
                AccountInput::LogIn { .. }
                | AccountInput::Register { .. }
                | AccountInput::Password
                | AccountInput::Unregister,
                _,
            ) => return Next::Question(self),
        };
        Next::Request(request)
    }
}
