//! The read-only HTTP API, for programs that do not join the chat. It shows public channels only.

use crate::accept::metrics_format;
use crate::problem::Problem;
use crate::shared::Shared;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use chat_runtime::chat_core::{ChannelName, ChannelView, HistoryRange, MessageId, View};
use chat_runtime::chat_dialects::{MessageObject, parse_rfc3339};
use chat_runtime::{HistoryError, HistoryPage};
use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct ChannelObject {
    name: String,
    topic: Option<String>,
    members: usize,
}

pub(crate) async fn status(State(shared): State<Shared>) -> Result<Json<Value>, Problem> {
    let (users, channels, accounts) = shared
        .hub
        .look(|view| (view.user_count(), public_channels(view).count(), accounts(view)))
        .await?;
    let mut status = json!({
        "status": "online",
        "users": users,
        "channels": channels,
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": shared.started.elapsed().as_secs(),
    });
    if let Some(accounts) = accounts {
        status["accounts"] = accounts;
    }
    Ok(Json(status))
}

/// Returns what `welcome` says about accounts with passwords; `None` if the server keeps none.
fn accounts(view: View<'_>) -> Option<Value> {
    let config = view.config();
    config.accounts.then(|| json!({ "register": config.registration }))
}

/// Returns the metrics in the format that the client prefers.
pub(crate) async fn metrics(
    State(shared): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = metrics_format(&headers);
    let text = shared.hub.metrics_in(format).await?;
    Ok(([(CONTENT_TYPE, format.content_type()), (VARY, "accept")], text).into_response())
}

pub(crate) async fn users(State(shared): State<Shared>) -> Result<Json<Value>, Problem> {
    let (users, count) = shared
        .hub
        .look(|view| {
            let users = view.visible_users().take(view.config().listing);
            let names: Vec<String> = users.map(|user| user.nickname().to_string()).collect();
            (names, view.user_count())
        })
        .await?;
    Ok(Json(json!({ "users": users, "count": count })))
}

pub(crate) async fn channels(State(shared): State<Shared>) -> Result<Json<Value>, Problem> {
    let (channels, count) = shared
        .hub
        .look(|view| {
            let listed = public_channels(view).take(view.config().listing);
            let listed: Vec<ChannelObject> = listed
                .map(|channel| ChannelObject {
                    name: channel.name().shown().to_owned(),
                    topic: channel.topic().map(|topic| topic.text.to_string()),
                    members: channel.member_count(),
                })
                .collect();
            (listed, public_channels(view).count())
        })
        .await?;
    Ok(Json(json!({ "channels": channels, "count": count })))
}

pub(crate) async fn messages(
    State(shared): State<Shared>,
    channel: Result<Path<String>, PathRejection>,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(channel), Query(query)) = (channel?, query?);
    let missing = format!("there is no public channel '{channel}'");
    let name = ChannelName::parse(&channel).map_err(|_| Problem::not_found(missing.as_str()))?;
    let range = range(&query)?;
    let limit = number(&query, "limit")?.unwrap_or(50);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = shared.hub.history(name, range, limit, is_public).await;
    let HistoryPage { channel, messages, more, .. } = page.map_err(|error| match error {
        HistoryError::NoSuchChannel(_) => Problem::not_found(missing),
        HistoryError::Stopped(stopped) => stopped.into(),
        HistoryError::Refused(reason) => Problem::new(StatusCode::FORBIDDEN, reason.to_string()),
        HistoryError::Unavailable | _ => {
            Problem::unavailable(HistoryError::Unavailable.to_string())
        }
    })?;
    let messages: Vec<MessageObject<'_>> =
        messages.iter().map(|message| message.as_ref().into()).collect();
    Ok(Json(json!({ "channel": channel.shown(), "messages": messages, "more": more })))
}

/// Returns the part of the history that a request asks for.
fn range(query: &BTreeMap<String, String>) -> Result<HistoryRange, Problem> {
    let id = |name| number(query, name).map(|id| id.map(MessageId));
    let at = match query.get("at") {
        None => None,
        Some(text) => Some(parse_rfc3339(text).ok_or_else(|| {
            Problem::bad_request("at has to be a time such as 2026-01-01T14:03:22Z")
        })?),
    };
    match (id("before")?, id("after")?, id("around")?, at) {
        (None, None, None, None) => Ok(HistoryRange::Latest),
        (Some(id), None, None, None) => Ok(HistoryRange::Before(id)),
        (None, Some(id), None, None) => Ok(HistoryRange::After(id)),
        (None, None, Some(id), None) => Ok(HistoryRange::Around(id)),
        (None, None, None, Some(at)) => Ok(HistoryRange::At(at)),
        _ => Err(Problem::bad_request("give only one of before, after, around and at")),
    }
}

fn number(query: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, Problem> {
    let Some(value) = query.get(name) else { return Ok(None) };
    let number = value.parse();
    number.map(Some).map_err(|_| Problem::bad_request(format!("{name} has to be a number")))
}

fn public_channels(view: View<'_>) -> impl Iterator<Item = ChannelView<'_>> {
    view.channels().filter(|channel| is_public(*channel))
}

/// Returns true if anybody may join the channel. Messages of other channels are not public.
fn is_public(channel: ChannelView<'_>) -> bool {
    let modes = channel.modes();
    !modes.secret && !modes.invite_only && modes.key.is_none()
}
