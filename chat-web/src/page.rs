//! The page and what belongs to it, embedded in the program.

use crate::problem::Problem;
use axum::extract::rejection::PathRejection;
use axum::extract::{OriginalUri, Path, Request};
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "assets/"]
struct Assets;

pub(crate) async fn index(headers: HeaderMap, request: Request) -> Response {
    let original = request.extensions().get::<OriginalUri>().map(|OriginalUri(uri)| uri.path());
    let path = original.unwrap_or_else(|| request.uri().path());
    // Nested at /chat, the page is at /chat as well as at /chat/, and what stands beside it is a step further down.
    let beside = path.rsplit('/').next().unwrap_or_default();
    if !beside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)) {
        return Problem::not_found("there is no page here").into_response();
    }
    let Some(mut page) = Assets::get("index.html") else {
        return Problem::not_found("this server has no page").into_response();
    };
    if !beside.is_empty() {
        let html = String::from_utf8_lossy(&page.data);
        let html = html.replace("\"assets/", &format!("\"{beside}/assets/"));
        page.data = html.into_bytes().into();
    }
    answer(page, &headers)
}

pub(crate) async fn asset(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(name) = name?;
    let file = Assets::get(&name);
    let file = file.ok_or_else(|| Problem::not_found(format!("there is no asset '{name}'")))?;
    Ok(answer(file, &headers))
}

fn answer(file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = entity_tag(&file);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, file.metadata.mimetype().to_owned())], file.data).into_response()
    };
    response.headers_mut().insert(ETAG, tag);
    response
        .headers_mut()
        .extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("hexadecimal digits make a header")
}

/// What a browser may do with the page: nothing from elsewhere, no script or style but its own files, no frame around it.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    // Asked for again each time, and sent again only when it has changed.
    (CACHE_CONTROL, "no-cache"),
];
