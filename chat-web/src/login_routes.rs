//! The state of the routes of a [login](crate::PageLogin) with another site.

use crate::page_login::PageLogin;
use cookie::Cookie;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The login of a page, with a limit of questions to the other site at once.
#[derive(Clone)]
pub(crate) struct LoginRoutes {
    pub(crate) login: Arc<dyn PageLogin>,
    pub(crate) places: Arc<Semaphore>,
}

impl LoginRoutes {
    pub(crate) fn new(login: Arc<dyn PageLogin>) -> Self {
        Self { login, places: Arc::new(Semaphore::new(PLACES)) }
    }

    /// Makes a cookie that scripts cannot read.
    pub(crate) fn cookie(&self, name: &str, value: &str) -> Cookie<'static> {
        Cookie::build((name.to_owned(), value.to_owned()))
            .http_only(true)
            .secure(self.login.page().starts_with("https://"))
            .build()
    }

    /// Returns the path of the page, for the cookie of the session.
    pub(crate) fn path(&self) -> &str {
        let after_scheme = self.login.page().split_once("://").map(|(_, rest)| rest);
        after_scheme.and_then(|rest| rest.find('/').map(|start| &rest[start..])).unwrap_or("/")
    }
}

/// The most questions to the other site at once, so that nobody uses the server to flood it.
const PLACES: usize = 32;
