//! The rows that the entries of a room's timeline take on the screen.

use super::room::Room;
use super::timeline::{Entry, TimelineMessage};
use super::wrap::wrap;
use crate::connect::describe::SYSTEM;
use crate::connect::event::Kind;
use crate::connect::marks::TAB;
use crate::connect::names::nickname_key;
use jiff::civil::Date;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// Returns the number of rows of a room's entries. Stops counting at `enough`.
pub(super) fn rows(room: &Room, width: usize, enough: usize) -> usize {
    let mut rows = 0;
    for (known, day) in room.timeline.shown() {
        rows += entry(known, day, width).len();
        if rows >= enough {
            break;
        }
    }
    rows
}

/// Returns the rows of an entry, below the line of the day that begins with it.
pub(super) fn entry(entry: &Entry, day: Option<Date>, width: usize) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    if let Some(day) = day {
        let day = day.strftime("%A, %-d %B %Y").to_string();
        rows.extend(wrap(
            &[(format!("   -- {day} --"), DIM.add_modifier(Modifier::BOLD))],
            width,
            INDENT,
        ));
    }
    match entry {
        Entry::Message(said) => rows.extend(said_rows(said, width)),
        Entry::Line(line) | Entry::Join(line) => {
            // The sign `*` distinguishes actions of users from lines of the client itself.
            let sign = if line.starts_with("* ") { "    " } else { "   -- " };
            rows.extend(wrap(&[(format!("{sign}{line}"), DIM)], width, INDENT));
        }
    }
    rows
}

pub(super) const DIM: Style = Style::new().fg(Color::DarkGray);
pub(super) const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
/// The width of the time and the space after it.
const INDENT: usize = 6;
/// The beginning of a further line of a message. It distinguishes the line from messages of other
/// users and from lines of the client itself.
const FURTHER: &str = "      │ ";
const COLOURS: [Color; 6] =
    [Color::Cyan, Color::Green, Color::Yellow, Color::Blue, Color::Magenta, Color::LightRed];

fn said_rows(said: &TimelineMessage, width: usize) -> Vec<Line<'static>> {
    let name = Style::new().fg(colour(said.nickname.as_str())).add_modifier(Modifier::BOLD);
    let text = if said.mentions { BOLD.fg(Color::Yellow) } else { Style::new() };
    let clock =
        said.time.map_or_else(|| "--:--".to_owned(), |time| time.strftime("%H:%M").to_string());
    let (before, after) = match said.kind {
        Kind::Message => ("", ": "),
        Kind::Action => ("* ", " "),
        Kind::Notice => ("-", "- "),
    };
    let sign = if said.system { SYSTEM } else { "" };
    let mut lines = said.text.lines().map(|line| line.replace('\t', TAB));
    let pieces = [
        (format!("{clock} "), DIM),
        (format!("{before}{sign}{}{after}", said.sender), name),
        (lines.next().unwrap_or_default(), text),
    ];
    let mut rows = wrap(&pieces, width, INDENT);
    for line in lines {
        let pieces = [(FURTHER.to_owned(), DIM), (line, text)];
        rows.extend(wrap(&pieces, width, FURTHER.width()));
    }
    rows
}

/// Returns the colour of a user, which depends only on the nickname.
fn colour(nickname: &str) -> Color {
    let sum = nickname_key(nickname)
        .bytes()
        .fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    COLOURS[sum % COLOURS.len()]
}
