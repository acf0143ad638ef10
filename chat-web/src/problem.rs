//! Error responses as problem details (RFC 9457).

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// An error response for programs and people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    /// The authentication challenge, or the time to wait before a retry.
    header: Option<(HeaderName, HeaderValue)>,
}

/// The members of the object that clients may rely on. Its `type` is `about:blank`: the status
/// identifies the kind of problem.
#[derive(Serialize)]
struct Details<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), header: None }
    }

    /// The client has to log in first (RFC 9110 §15.5.2).
    pub(crate) fn unauthorized(challenge: HeaderValue, detail: impl Into<String>) -> Self {
        let header = Some((WWW_AUTHENTICATE, challenge));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// The login or the authenticator does not answer.
    pub(crate) fn login_unavailable() -> Self {
        Self::unavailable("it cannot be checked at the moment who you are; try again")
    }

    /// The request may succeed later.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        let header = Some((RETRY_AFTER, HeaderValue::from_static("5")));
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
}

impl From<chat_runtime::Stopped> for Problem {
    fn from(stopped: chat_runtime::Stopped) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let status = self.status.as_u16();
        let details = Details { r#type: "about:blank", title, status, detail: &self.detail };
        let mut response = (self.status, axum::Json(details)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response.headers_mut().extend(self.header);
        response
    }
}
