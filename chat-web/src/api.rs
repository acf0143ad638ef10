//! The read-only HTTP API, for programs that do not join the chat. It shows public channels only.

use crate::accept::metrics_format;
use crate::problem::Problem;
use crate::shared::Shared;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use chat_runtime::chat_core::{ChannelName, ChannelView, HistoryRange, MessageId, View};
use chat_runtime::chat_dialects::MessageObject;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, VARY};
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
    let (users, channels) =
        shared.hub.look(|view| (view.user_count(), public_channels(view).count())).await?;
    Ok(Json(json!({
        "status": "online",
        "users": users,
        "channels": channels,
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": shared.started.elapsed().as_secs(),
    })))
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
            let users = view.users().take(view.config().listing);
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
    let range = match (number(&query, "before")?, number(&query, "after")?) {
        (Some(_), Some(_)) => return Err(Problem::bad_request("give before or after, not both")),
        (Some(id), None) => HistoryRange::Before(MessageId(id)),
        (None, Some(id)) => HistoryRange::After(MessageId(id)),
        (None, None) => HistoryRange::Latest,
    };
    let limit = number(&query, "limit")?.unwrap_or(50);
    let page = shared
        .hub
        .look(move |view| {
            let channel = view.channel(&name).filter(|channel| is_public(*channel))?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let (messages, more) = channel.history(range, limit.min(view.config().history_page));
            Some((channel.name().shown().to_owned(), messages, more))
        })
        .await?;
    let (channel, messages, more) = page.ok_or_else(|| Problem::not_found(missing))?;
    let messages: Vec<MessageObject<'_>> =
        messages.iter().map(|message| message.as_ref().into()).collect();
    Ok(Json(json!({ "channel": channel, "messages": messages, "more": more })))
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
