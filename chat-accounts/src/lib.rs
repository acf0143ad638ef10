#![doc = include_str!("../README.md")]

mod argon2_passwords;
mod argon2id;
mod credentials;
mod external_login;
mod hasher;
mod passwords;
mod pool;
mod random;
mod scram;
mod scram_exchange;
mod scram_logins;
mod strength;
mod token;

pub use argon2_passwords::Argon2Passwords;
pub use credentials::{Credentials, CredentialsError};
pub use external_login::ExternalLogin;
pub use hasher::{Hasher, HasherConfig, HasherConfigError, Verdict};
pub use passwords::{Password, PasswordError};
pub use pool::{Busy, HasherLoad};
pub use scram::ScramVerifier;
pub use token::SessionToken;
