//! Keys that verify tokens and are fetched from the login.

use async_trait::async_trait;
use chat_server::fetch::{FetchUrl, Fetcher};
use chat_server::jwt::{FetchKeys, RemoteKeys, RemoteKeysConfig};
use std::error::Error;
use std::time::Duration;

struct Document {
    fetcher: Fetcher,
    url: FetchUrl,
}

#[async_trait]
impl FetchKeys for Document {
    async fn fetch(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.fetcher.get(&self.url).await?)
    }
}

/// Starts to fetch the key set at an address, on the current Tokio runtime.
pub(crate) fn fetch_keys(fetcher: Fetcher, url: &FetchUrl, refresh: Duration) -> RemoteKeys {
    let document = Document { fetcher, url: url.clone() };
    let mut config = RemoteKeysConfig::default();
    config.refresh = refresh;
    RemoteKeys::start(document, config)
}
