//! Plots the comparison: a panel for each scenario, with a bar for each server.

use super::table::number;
use super::{Column, Report};
use crate::server::{Kind, Origin};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The error of a plot that cannot be drawn.
pub(crate) type PlotError = Box<dyn std::error::Error>;

/// Draws the costs of deliveries and idle connections on one processor. Each panel has its own
/// scale.
pub(crate) fn svg(report: &Report, servers: &[Kind]) -> Result<String, PlotError> {
    let panels = panels(report, servers);
    let panel_height = PANEL_TITLE + servers.len() as i32 * ROW + PANEL_GAP;
    let height = HEAD + panel_height * panels.len().div_ceil(2).max(1) as i32;
    let mut out = String::new();
    {
        let area =
            SVGBackend::with_string(&mut out, (WIDTH as u32, height as u32)).into_drawing_area();
        area.fill(&WHITE)?;
        // The library divides font sizes by 1.24.
        let text = |size: i32, color: RGBColor, h: HPos| {
            ("sans-serif", size).into_font().color(&color).pos(Pos::new(h, VPos::Center))
        };
        let title = "Server CPU seconds for a million deliveries, and memory of an idle \
                     connection; one processor (lower is better)";
        area.draw(&Text::new(title, (MARGIN, 24), text(20, DARK, HPos::Left)))?;
        let width = (WIDTH - 3 * MARGIN) / 2;
        for (place, (column, values)) in panels.iter().enumerate() {
            let left = MARGIN + (place as i32 % 2) * (width + MARGIN);
            let top = HEAD + (place as i32 / 2) * panel_height;
            area.draw(&Text::new(column.title(), (left, top + 8), text(17, DARK, HPos::Left)))?;
            let most = values.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max);
            let room = f64::from(width - NAMES - VALUES);
            for (row, (kind, value)) in values.iter().enumerate() {
                let middle = top + PANEL_TITLE + row as i32 * ROW + ROW / 2;
                let name = (left + NAMES - 8, middle);
                area.draw(&Text::new(kind.title(), name, text(15, DARK, HPos::Right)))?;
                let begin = left + NAMES;
                let end =
                    begin + value.map_or(0, |value| (value / most * room).round() as i32).max(1);
                let bar = [(begin, middle - BAR / 2), (end, middle + BAR / 2)];
                area.draw(&Rectangle::new(bar, color(*kind).filled()))?;
                let words = value.map_or_else(|| "not measured".to_owned(), number);
                area.draw(&Text::new(words, (end + 6, middle), text(15, GREY, HPos::Left)))?;
            }
        }
        area.present()?;
    }
    Ok(out)
}

/// The servers, each with its value.
type Bars = Vec<(Kind, Option<f64>)>;

/// Returns the panels: the columns that have any values.
fn panels(report: &Report, servers: &[Kind]) -> Vec<(Column, Bars)> {
    let panels = Column::THROUGHPUT.into_iter().chain([Column::Idle]).map(|column| {
        let value = |kind: Kind| report.median(&kind.to_string(), 1, column, column.figures()[0]);
        let shown = servers.iter().filter(|&&kind| column.compares(kind));
        (column, shown.map(|&kind| (kind, value(kind))).collect::<Bars>())
    });
    panels.filter(|(_, values)| values.iter().any(|(_, value)| value.is_some())).collect()
}

fn color(kind: Kind) -> RGBColor {
    match kind.origin() {
        Origin::Floor => RGBColor(150, 150, 150),
        Origin::Own => RGBColor(31, 119, 180),
        Origin::Peer => RGBColor(214, 158, 80),
    }
}

const DARK: RGBColor = RGBColor(30, 30, 30);
const GREY: RGBColor = RGBColor(90, 90, 90);
const WIDTH: i32 = 960;
const MARGIN: i32 = 20;
const HEAD: i32 = 52;
const PANEL_TITLE: i32 = 22;
const PANEL_GAP: i32 = 18;
const ROW: i32 = 20;
const BAR: i32 = 13;
/// Widths of the names and of the numbers.
const NAMES: i32 = 180;
const VALUES: i32 = 50;
