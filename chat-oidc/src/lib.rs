#![doc = include_str!("../README.md")]

mod config;
mod error;
mod login_flow;
mod oidc;
mod page_login;
mod provider;

pub use config::OidcConfig;
pub use error::OidcError;
pub use oidc::{Oidc, OidcUser};
