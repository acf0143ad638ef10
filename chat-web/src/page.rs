//! The page and its files, embedded in the program.

use crate::asset::{Asset, PAGE};
use crate::problem::Problem;
use axum::extract::rejection::PathRejection;
use axum::extract::{OriginalUri, Path, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;

pub(crate) async fn index(headers: HeaderMap, request: Request) -> Response {
    let original = request.extensions().get::<OriginalUri>().map(|OriginalUri(uri)| uri.path());
    let path = original.unwrap_or_else(|| request.uri().path());
    // If the router is nested at /chat, the page is at /chat as well as at /chat/. At /chat, the
    // relative links need the prefix chat/.
    let segment = path.rsplit('/').next().unwrap_or_default();
    if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)) {
        return Problem::not_found("there is no page here").into_response();
    }
    if segment.is_empty() {
        return PAGE.page(&headers);
    }
    let html = String::from_utf8_lossy(PAGE.plain);
    PAGE.page_with(&headers, html.replace("\"assets/", &format!("\"{segment}/assets/")))
}

pub(crate) async fn asset(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(name) = name?;
    let asset = Asset::linked(&name);
    let asset = asset.ok_or_else(|| Problem::not_found(format!("there is no asset '{name}'")))?;
    Ok(asset.immutable(&headers))
}
