//! Requests of the engine to its host.

use chat_core::{Question, QuestionId, Secret, SessionId};
use std::sync::Arc;

/// A request to authenticate a session. The session waits until the host
/// [answers](crate::Inbound::Answer).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthRequest {
    /// The session; number 0, which no session has, for a
    /// [request](Self::is_about_request) without a session.
    pub session: SessionId,
    /// The number of the question.
    pub id: QuestionId,
    /// The client's network address, as the front end has given it.
    pub address: Option<Arc<str>>,
    /// The client's token.
    pub token: Option<Secret>,
}

impl AuthRequest {
    /// Makes a request that concerns no session, such as one of an HTTP API. The host makes it, not
    /// the engine.
    pub fn about_request(address: Option<Arc<str>>, token: Option<Secret>) -> Self {
        Self { session: SessionId(0), id: QuestionId(0), address, token }
    }

    /// Returns true if it concerns no session, so that the client cannot say `hello`.
    pub fn is_about_request(&self) -> bool {
        self.session == SessionId(0)
    }
}

/// A question of the engine other than an [`AuthRequest`], such as one for messages of a store. The
/// session waits until the host [answers](crate::Inbound::Answer).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostRequest {
    /// The session; number 0, which no session has, for a request without a session.
    pub session: SessionId,
    /// The number of the question.
    pub id: QuestionId,
    /// The question.
    pub question: Question,
}

impl HostRequest {
    /// Makes a request that concerns no session, such as one of an HTTP API. The host makes it, not
    /// the engine.
    pub fn about_request(question: Question) -> Self {
        Self { session: SessionId(0), id: QuestionId(0), question }
    }
}
