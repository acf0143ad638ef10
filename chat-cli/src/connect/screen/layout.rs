//! The layout of the screen.

use super::room::RoomKind;
use ratatui::layout::{Rect, Size};

/// The areas of the screen. An area without room is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) topic: Rect,
    pub(super) left: Rect,
    pub(super) middle: Rect,
    pub(super) right: Rect,
    pub(super) status: Rect,
    pub(super) input: Rect,
}

/// The least width at which the channels are shown.
const WITH_CHANNELS: u16 = 60;
/// The least width at which the members are shown too.
const WITH_PEOPLE: u16 = 80;
const CHANNELS: u16 = 16;
const PEOPLE: u16 = 18;

/// The most rows of the input.
const INPUT: u16 = 10;

/// Returns the areas of a screen of this size that shows a room of this kind, and an input of this
/// number of lines. The input takes at most a third of the screen.
pub(super) fn areas(size: Size, kind: RoomKind, lines: usize) -> Areas {
    let Size { width, height } = size;
    let most = (height / 3).clamp(1, INPUT);
    let input = u16::try_from(lines).unwrap_or(most).clamp(1, most).min(height);
    let status = u16::from(height >= input + 2);
    let topic = u16::from(height >= input + 4);
    let body = height - input - status - topic;
    let row = |y, height| Rect { x: 0, y, width, height };
    let left = if width >= WITH_CHANNELS { CHANNELS } else { 0 };
    let has_people = width >= WITH_PEOPLE && kind == RoomKind::Channel;
    let right = if has_people { PEOPLE } else { 0 };
    // A line separates each panel.
    let (left_edge, right_edge) = (u16::from(left > 0), u16::from(right > 0));
    let middle = width - left - left_edge - right - right_edge;
    let column = |x, width| Rect { x, y: topic, width, height: body };
    Areas {
        topic: row(0, topic),
        left: column(0, left),
        middle: column(left + left_edge, middle),
        right: column(width - right, right),
        status: row(topic + body, status),
        input: row(topic + body + status, input),
    }
}
