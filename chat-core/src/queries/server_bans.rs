//! Lists the bans from the whole server.

use super::reader::Reader;
use crate::{Event, QueryResult};
use alloc::vec::Vec;

pub(super) fn show(reader: Reader<'_>, offset: usize, limit: usize) -> QueryResult {
    reader.check_server_operator()?;
    let state = reader.state;
    let bans: Vec<_> = state.durable.server_bans().active(state.now).collect();
    let rest = bans.get(offset..).unwrap_or_default();
    let page = &rest[..limit.min(state.config.listing).min(rest.len())];
    let (count, more) = (bans.len(), page.len() < rest.len());
    Ok(Event::ServerBansShown { bans: page.iter().copied().cloned().collect(), count, more })
}
