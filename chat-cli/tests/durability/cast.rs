//! The clients: who they are, and how they connect.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use std::ops::Range;

/// The secret with which tokens are signed.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The rooms, each with an owner of its own. All clients are in the lobby, too.
pub(crate) const ROOMS: usize = 4;

/// A client that connects in every run.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) is_web_socket: bool,
    /// The proof of the client that the account is its own.
    pub(crate) login: Login,
    /// The channels besides the lobby.
    pub(crate) rooms: Vec<String>,
    /// The room that the client owns.
    pub(crate) owns: Option<usize>,
    /// The room in which its role is changed by the owner.
    pub(crate) has_role_in: Option<usize>,
    /// The account with which it has private messages.
    pub(crate) partner: Option<String>,
    /// True for the one that only reads the histories.
    pub(crate) is_auditor: bool,
    /// True if it goes to a channel without an account, which a restart forgets.
    pub(crate) is_in_den: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// It is a guest.
    None,
    /// With this token, in every run anew.
    Token(String),
    /// It registers with a password, and resumes where its last connection has ended.
    Resumes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Json2,
    Json1,
    Text,
    TxtChat,
}

/// Returns the name of a room.
pub(crate) fn room(index: usize) -> String {
    format!("room{index}")
}

/// Returns 50 clients that talk, and the auditor.
pub(crate) fn cast() -> Vec<Role> {
    let mut roles: Vec<Role> = (0..ACCOUNTS).map(account).collect();
    let guests = [
        (Dialect::Json2, 3, 3),
        (Dialect::Json1, 4, 4),
        (Dialect::Text, 8, 6),
        (Dialect::TxtChat, 8, 0),
    ];
    for (dialect, tcp, web_sockets) in guests {
        for index in 0..tcp + web_sockets {
            let number = roles.len();
            // Version 1 knows the lobby only.
            let has_rooms = dialect != Dialect::Json1;
            roles.push(Role {
                name: format!("guest{number}"),
                dialect,
                is_web_socket: index >= tcp,
                login: Login::None,
                rooms: has_rooms.then(|| room(number % ROOMS)).into_iter().collect(),
                owns: None,
                has_role_in: None,
                partner: None,
                is_auditor: false,
                is_in_den: dialect == Dialect::Json2 && index < 3,
            });
        }
    }
    let mut auditor = account(ACCOUNTS);
    auditor.is_auditor = true;
    auditor.partner = None;
    auditor.rooms = (0..ROOMS).map(room).collect();
    roles.push(auditor);
    roles
}

fn account(number: usize) -> Role {
    let name = format!("user{number}x");
    let claims = json!({ "sub": name, "nickname": name, "exp": 4_000_000_000_u64 });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = encode(&Header::default(), &claims, &key).expect("a token");
    Role {
        login: if RESUMING.contains(&number) { Login::Resumes } else { Login::Token(token) },
        dialect: Dialect::Json2,
        is_web_socket: number % 2 == 1,
        // Owners create their rooms, and so they join no others.
        rooms: (number..number + if number < ROOMS { 1 } else { 2 })
            .map(|number| room(number % ROOMS))
            .collect(),
        owns: (number < ROOMS).then_some(number),
        has_role_in: (ROOMS..2 * ROOMS).contains(&number).then_some(number % ROOMS),
        partner: Some(format!("user{}x", number ^ 1)),
        is_auditor: false,
        is_in_den: false,
        name,
    }
}

/// The accounts that talk.
const ACCOUNTS: usize = 14;

/// Those of them that resume.
const RESUMING: Range<usize> = 8..ACCOUNTS;
