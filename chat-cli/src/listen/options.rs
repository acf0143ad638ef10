//! The options in the query of a listener's URL.

use super::error::ListenError;
use crate::place::mode;
use chat_server::dialects::Style;
use chat_server::ws::Origin;
use url::{Url, form_urlencoded};

/// The options of a listener.
#[derive(Default)]
pub(super) struct Options {
    style: Option<Style>,
    timestamps: Option<bool>,
    pub(super) names: bool,
    pub(super) origins: Vec<Origin>,
    pub(super) metrics: Option<bool>,
    pub(super) mode: Option<u32>,
    pub(super) proxy: bool,
    pub(super) webirc: bool,
    pub(super) socket: Option<String>,
}

impl Options {
    pub(super) fn of(url: &Url, known: &[&str]) -> Result<Self, ListenError> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        // A plus stands for a space only in HTML forms, so it is kept.
        let query = url.query().unwrap_or_default().replace('+', "%2B");
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) && name != "origin" {
                return Err(ListenError::Twice(name.into()));
            }
            seen.push(name.clone());
            match &*name {
                _ if !known.contains(&&*name) => return Err(unknown(url, &name, known)),
                "style" => {
                    let style = Style::from_name(&value);
                    options.style = Some(style.ok_or_else(|| ListenError::Style(value.into()))?);
                }
                "timestamps" => options.timestamps = Some(switch("timestamps", &value)?),
                "names" => options.names = switch("names", &value)?,
                "metrics" => options.metrics = Some(switch("metrics", &value)?),
                "fd" => options.socket = Some(value.into()),
                "proxy" => options.proxy = switch("proxy", &value)?,
                "webirc" => options.webirc = switch("webirc", &value)?,
                "mode" => options.mode = Some(mode(&value)?),
                "origin" => options.origins.push(parse_origin(&value)?),
                _ => return Err(unknown(url, &name, known)),
            }
        }
        Ok(options)
    }

    /// Returns the configured style, or the default one.
    pub(super) fn style(&self, default: Style) -> Style {
        let style = self.style.clone().unwrap_or(default);
        Style { timestamps: self.timestamps.unwrap_or(style.timestamps), ..style }
    }
}

fn unknown(url: &Url, name: &str, known: &[&str]) -> ListenError {
    let known = if known.is_empty() {
        "it has none".into()
    } else {
        format!("there are {}", known.join(", "))
    };
    ListenError::Option { scheme: url.scheme().to_owned(), name: name.to_owned(), known }
}

fn switch(name: &'static str, value: &str) -> Result<bool, ListenError> {
    value.parse().map_err(|_| ListenError::Switch { name, value: value.to_owned() })
}

/// Parses an origin, and converts a host that is not ASCII to Punycode. An origin that no browser
/// sends is refused, because it could never match.
fn parse_origin(value: &str) -> Result<Origin, ListenError> {
    let invalid = |error| ListenError::Origin { origin: value.to_owned(), error };
    let written = match Url::parse(value) {
        Ok(url) if url.origin().is_tuple() && is_bare(&url) => url.origin().ascii_serialization(),
        _ => value.to_owned(),
    };
    written.parse().map_err(invalid)
}

/// Returns true if a URL has only a scheme, a host and a port.
fn is_bare(url: &Url) -> bool {
    let has_user = !url.username().is_empty() || url.password().is_some();
    url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !has_user
}
