#![doc = include_str!("../README.md")]

mod error;
mod fetch_url;
mod fetcher;

pub use error::FetchError;
pub use fetch_url::FetchUrl;
pub use fetcher::Fetcher;
