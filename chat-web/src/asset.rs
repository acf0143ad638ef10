//! The files of the page as the build script has made them, and their responses.

use crate::encoding::Encoding;
use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use headers::{ETag, HeaderMapExt, IfMatch, IfNoneMatch};
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY,
    VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::borrow::Cow;

/// A file of the page.
pub(crate) struct Asset {
    /// The name, which contains a hash of the content, so that a file of this name never changes.
    pub(crate) name: &'static str,
    media_type: &'static str,
    hash: &'static str,
    pub(crate) plain: &'static [u8],
    gzip: &'static [u8],
    br: &'static [u8],
}

// `PAGE`, and `LINKED`: the files that the page links to, or loads on demand.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// Returns the linked file of this name.
    pub(crate) fn linked(name: &str) -> Option<Self> {
        LINKED.into_iter().find(|asset| asset.name == name)
    }

    /// Sends the page itself. Browsers revalidate it on each visit.
    pub(crate) fn page(&self, headers: &HeaderMap) -> Response {
        self.answer(headers, Encoding::ALL, Self::encoded, "no-cache")
    }

    /// Sends the page with other links. It is not compressed, because the links depend on the
    /// request.
    pub(crate) fn page_with(&self, headers: &HeaderMap, html: String) -> Response {
        self.answer(headers, &[Encoding::Identity], |_, _| Cow::Owned(html.into()), "no-cache")
    }

    /// Sends a file whose name contains a hash. Browsers may cache it without revalidation.
    pub(crate) fn immutable(&self, headers: &HeaderMap) -> Response {
        let caching = "public, max-age=31536000, immutable";
        self.answer(headers, Encoding::ALL, Self::encoded, caching)
    }

    fn encoded(&self, encoding: Encoding) -> Cow<'static, [u8]> {
        Cow::Borrowed(match encoding {
            Encoding::Brotli => self.br,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => self.plain,
        })
    }

    fn answer(
        &self,
        headers: &HeaderMap,
        offered: &[Encoding],
        content: impl FnOnce(&Self, Encoding) -> Cow<'static, [u8]>,
        caching: &'static str,
    ) -> Response {
        let Some(encoding) = Encoding::choose(headers, offered) else {
            let names: Vec<&str> = offered.iter().map(|one| one.name()).collect();
            let detail = format!("the available encodings are: {}", names.join(", "));
            let mut response = Problem::new(StatusCode::NOT_ACCEPTABLE, detail).into_response();
            response.headers_mut().insert(VARY, VARIES);
            return response;
        };
        let tag = self.entity_tag(encoding);
        let mut response = if let Some(status) = unmet_condition(headers, &tag) {
            status.into_response()
        } else {
            let mut response =
                ([(CONTENT_TYPE, self.media_type)], content(self, encoding)).into_response();
            if encoding != Encoding::Identity {
                let name = HeaderValue::from_static(encoding.name());
                response.headers_mut().insert(CONTENT_ENCODING, name);
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(ETAG, tag);
        headers.insert(VARY, VARIES);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }

    /// Returns the entity tag. Each encoding has its own, since its bytes differ
    /// (RFC 9110 §8.8.3.3).
    fn entity_tag(&self, encoding: Encoding) -> HeaderValue {
        let tag = match encoding {
            Encoding::Identity => format!("\"{}\"", self.hash),
            Encoding::Brotli | Encoding::Gzip => format!("\"{}-{}\"", self.hash, encoding.name()),
        };
        HeaderValue::from_str(&tag).expect("hexadecimal digits and a name make a header")
    }
}

/// Returns the status of the response if a conditional request gets no content
/// (RFC 9110 §13.2.2).
fn unmet_condition(headers: &HeaderMap, tag: &HeaderValue) -> Option<StatusCode> {
    let tag: ETag = tag.to_str().ok()?.parse().ok()?;
    let if_match = headers.typed_get::<IfMatch>();
    if if_match.is_some_and(|condition| !condition.precondition_passes(&tag)) {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    let if_none_match = headers.typed_get::<IfNoneMatch>();
    if if_none_match.is_some_and(|condition| !condition.precondition_passes(&tag)) {
        return Some(StatusCode::NOT_MODIFIED);
    }
    None
}

const VARIES: HeaderValue = HeaderValue::from_static("accept-encoding");

/// The security headers: the page may load only files of its own server, runs no inline scripts or
/// styles, and cannot be framed.
const HEADERS: [(HeaderName, &str); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
];
