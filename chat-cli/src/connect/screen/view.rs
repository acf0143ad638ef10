//! Draws the screen as a function of the state.

use super::app::{App, ConnectionState};
use super::layout::Areas;
use super::room::{Room, RoomKind};
use super::rows::{BOLD, DIM, entry};
use super::wrap::fit;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws everything.
pub(super) fn render(app: &App, frame: &mut Frame<'_>) {
    let areas = app.areas();
    topic(app, areas.topic, frame);
    channels(app, areas.left, frame);
    messages(app.room(), areas.middle, frame);
    people(app.room(), areas.right, frame);
    edges(&areas, frame);
    status(app, &areas, frame);
    input(app, areas.input, frame);
}

const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);

fn topic(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let room = app.room();
    let text = match &room.topic {
        Some(topic) if !topic.is_empty() => format!(" {}: {topic}", room.label()),
        Some(_) | None => format!(" {}", room.label()),
    };
    bar(&text, "", area, frame);
}

fn channels(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let height = usize::from(area.height);
    // The list scrolls so that the current room is visible.
    let first = (app.current + 1).saturating_sub(height);
    let rooms = app.rooms.iter().enumerate().skip(first).take(height);
    for ((index, room), y) in rooms.zip(area.y..) {
        let is_current = index == app.current;
        let news = room.news();
        let unread = if news.is_empty() { news } else { format!(" {news}") };
        let width = usize::from(area.width).saturating_sub(unread.width() + 1);
        let sign = if is_current { ">" } else { " " };
        let label = fit(&room.label(), width);
        let space = " ".repeat(width.saturating_sub(label.width()));
        let style = match (is_current, room.mentions > 0, room.unread > 0) {
            (true, ..) => BAR,
            (_, true, _) => BOLD.fg(Color::Yellow),
            (_, _, true) => BOLD,
            _ if room.kind == RoomKind::Channel && !room.joined => DIM,
            _ => Style::new(),
        };
        let line = Line::styled(format!("{sign}{label}{space}{unread}"), style);
        line_at(line, Rect { y, height: 1, ..area }, frame);
    }
}

fn messages(room: &Room, area: Rect, frame: &mut Frame<'_>) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut below = room.scroll;
    let mut rows: Vec<Line<'static>> = Vec::new();
    for (known, day) in room.timeline.shown() {
        for row in entry(known, day, width).into_iter().rev() {
            if below > 0 {
                below -= 1;
            } else if rows.len() < height {
                rows.push(row);
            }
        }
        if rows.len() == height {
            break;
        }
    }
    for (row, y) in rows.into_iter().rev().zip(area.y..) {
        line_at(row, Rect { y, height: 1, ..area }, frame);
    }
}

fn people(room: &Room, area: Rect, frame: &mut Frame<'_>) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let people = room.people();
    let mut lines: Vec<Line<'static>> = people
        .iter()
        .map(|person| {
            let away = if person.away { " (away)" } else { "" };
            let name = fit(person.nickname.as_str(), width.saturating_sub(1 + away.len()));
            let line = format!("{}{name}{away}", person.role.sign());
            let style = if person.away { DIM } else { Style::new() };
            Line::styled(line, style)
        })
        .collect();
    if lines.len() > height || room.count > lines.len() {
        lines.truncate(height.saturating_sub(1));
        let more = room.count.saturating_sub(lines.len());
        lines.push(Line::styled(format!(" and {more} more"), DIM));
    }
    for (line, y) in lines.into_iter().take(height).zip(area.y..) {
        line_at(line, Rect { y, height: 1, ..area }, frame);
    }
}

fn edges(areas: &Areas, frame: &mut Frame<'_>) {
    let after_left = (areas.left.width > 0).then(|| areas.left.right());
    let before_right = (areas.right.width > 0).then(|| areas.right.x.saturating_sub(1));
    for x in after_left.into_iter().chain(before_right) {
        for y in areas.middle.top()..areas.middle.bottom() {
            line_at(Line::styled("│", DIM), Rect { x, y, width: 1, height: 1 }, frame);
        }
    }
}

fn status(app: &App, areas: &Areas, frame: &mut Frame<'_>) {
    let state = match &app.connection {
        ConnectionState::Connecting => "connecting".to_owned(),
        ConnectionState::Online => "connected".to_owned(),
        ConnectionState::Waiting { why, delay } => {
            format!("trying again in {} s: {why}", delay.as_millis().div_ceil(1_000))
        }
    };
    let away = if app.away.is_some() { " (away)" } else { "" };
    let left = format!(" {}{away} at {}: {state}", app.me, app.server);
    let mut right = String::new();
    if areas.left.width == 0 {
        let others = app.rooms.iter().filter(|room| !room.news().is_empty());
        let others: Vec<String> =
            others.map(|room| format!("{} {}", room.label(), room.news())).collect();
        right = others.join(", ");
    }
    if app.room().scroll > 0 {
        right = format!("{} more below", app.room().scroll);
    }
    bar(&left, &right, areas.status, frame);
}

fn input(app: &App, area: Rect, frame: &mut Frame<'_>) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    if let Some(question) = &app.question {
        let words = fit(&question.words(), usize::from(area.width).saturating_sub(1));
        let column = u16::try_from(words.width()).unwrap_or(u16::MAX);
        line_at(Line::styled(words, BOLD), Rect { height: 1, ..area }, frame);
        return frame.set_cursor_position(Position { x: area.x.saturating_add(column), y: area.y });
    }
    let width = usize::from(area.width);
    let prompt = format!("[{}] ", app.room().label());
    let prompt = if prompt.width() * 2 < width { prompt } else { String::new() };
    let editor = app.editor.rows(width - prompt.width(), usize::from(area.height));
    let space = " ".repeat(prompt.width());
    let leads = std::iter::once(&prompt).chain(std::iter::repeat(&space));
    for ((text, lead), y) in editor.rows.into_iter().zip(leads).zip(area.y..) {
        let line = Line::from(vec![Span::styled(lead, DIM), Span::raw(text)]);
        line_at(line, Rect { y, height: 1, ..area }, frame);
    }
    let column = u16::try_from(prompt.width() + editor.column).unwrap_or(u16::MAX);
    let row = u16::try_from(editor.row).unwrap_or(u16::MAX);
    let x = area.x.saturating_add(column).min(area.right().saturating_sub(1));
    let y = area.y.saturating_add(row).min(area.bottom().saturating_sub(1));
    frame.set_cursor_position(Position { x, y });
}

/// Draws a row in reverse video, with a text at each end.
fn bar(left: &str, right: &str, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width);
    let right =
        if right.is_empty() { String::new() } else { format!(" {} ", fit(right, width / 2)) };
    let left = fit(left, width.saturating_sub(right.width()));
    let space = " ".repeat(width.saturating_sub(left.width() + right.width()));
    line_at(Line::styled(format!("{left}{space}{right}"), BAR), area, frame);
}

/// Draws a row, clipped to the screen.
fn line_at(line: Line<'_>, area: Rect, frame: &mut Frame<'_>) {
    let area = area.intersection(frame.area());
    if !area.is_empty() {
        frame.render_widget(line, area);
    }
}
