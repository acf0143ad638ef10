//! Plots the curves: a small panel for each, with logarithmic axes.

use super::{Curve, Growth};
use crate::report::{PlotError, thousands};
use plotters::coord::Shift;
use plotters::prelude::*;

/// Draws the curves that have at least two points.
pub(crate) fn svg(growth: &Growth) -> Result<String, PlotError> {
    let panels: Vec<_> = DRAWN.into_iter().filter_map(|curve| Panel::of(growth, curve)).collect();
    let rows = panels.len().div_ceil(2).max(1);
    let mut out = String::new();
    {
        let size = (WIDTH, HEAD + rows as u32 * HEIGHT);
        let area = SVGBackend::with_string(&mut out, size).into_drawing_area();
        area.fill(&WHITE)?;
        let area = area.titled(TITLE, ("sans-serif", 20).into_font().color(&DARK))?;
        for (place, panel) in area.split_evenly((rows, 2)).iter().zip(&panels) {
            panel.draw(place)?;
        }
        area.present()?;
    }
    Ok(out)
}

/// A curve with its lines.
struct Panel<'a> {
    curve: Curve,
    lines: Vec<(&'a str, Vec<(f64, f64)>)>,
}

impl<'a> Panel<'a> {
    fn of(growth: &'a Growth, curve: Curve) -> Option<Self> {
        let figure = curve.figures()[0].0;
        let points = |series: &'a str| {
            let line = growth.line(curve, series, figure).into_iter();
            // A logarithmic axis has no zero.
            let line = line.filter(|(_, value)| *value > 0.0);
            (series, line.map(|(size, value)| (size as f64, value)).collect::<Vec<_>>())
        };
        let lines: Vec<_> = growth.series(curve).into_iter().map(points).collect();
        lines.iter().any(|(_, points)| points.len() > 1).then_some(Self { curve, lines })
    }

    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), PlotError> {
        let all = || self.lines.iter().flat_map(|(_, points)| points.iter().copied());
        let (left, right) = range(all().map(|(size, _)| size), 1.0);
        let (bottom, top) = range(all().map(|(_, value)| value), 10.0);
        let title = format!("{} [{}]", self.curve.title(), self.curve.figures()[0].1);
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 16).into_font().color(&DARK))
            .margin(12)
            .x_label_area_size(24)
            .y_label_area_size(56)
            // Above the lines there is room for their names.
            .build_cartesian_2d(
                (left..right).log_scale(),
                (bottom..top * NAMES.powi(self.lines.len() as i32)).log_scale(),
            )?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GREY.mix(0.2))
            .x_labels(6)
            .y_labels(5)
            .label_style(("sans-serif", 13).into_font().color(&GREY))
            .x_label_formatter(&|size| short(*size))
            .y_label_formatter(&|value| short(*value))
            .draw()?;
        for (place, (name, points)) in self.lines.iter().enumerate() {
            let color = COLORS[place % COLORS.len()];
            let style = color.stroke_width(2);
            let line = LineSeries::new(points.iter().copied(), style).point_size(3);
            chart.draw_series(line)?.label(*name).legend(move |(x, y)| {
                PathElement::new([(x, y), (x + 14, y)], color.stroke_width(2))
            });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(("sans-serif", 13).into_font().color(&DARK))
            .margin(2)
            .draw()?;
        Ok(())
    }
}

/// Returns the range of the values with a margin. The end is at least `least_span` times the
/// beginning, so that nearly flat curves look flat.
fn range(values: impl Iterator<Item = f64> + Clone, least_span: f64) -> (f64, f64) {
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(0.0, f64::max);
    let missing = (least_span / (most / least)).max(1.0).sqrt();
    (least / missing / 1.2, most * missing * 1.2)
}

/// Formats a number of an axis without needless digits.
fn short(value: f64) -> String {
    if value >= 1.0 { thousands(value.round() as i64) } else { value.to_string() }
}

const TITLE: &str = "How costs grow (both axes logarithmic; server CPU on one processor)";
/// Throughput by shards is not plotted, since it has two points only.
const DRAWN: [Curve; 6] =
    [Curve::Room, Curve::Elsewhere, Curve::Joins, Curve::Lobby, Curve::Memory, Curve::Connect];
const COLORS: [RGBColor; 8] = [
    RGBColor(150, 150, 150),
    RGBColor(31, 119, 180),
    RGBColor(214, 158, 80),
    RGBColor(44, 140, 80),
    RGBColor(190, 70, 70),
    RGBColor(130, 90, 170),
    RGBColor(110, 80, 60),
    RGBColor(60, 160, 170),
];
const DARK: RGBColor = RGBColor(30, 30, 30);
const GREY: RGBColor = RGBColor(90, 90, 90);
const WIDTH: u32 = 960;
const HEAD: u32 = 44;
const HEIGHT: u32 = 300;
/// Factor by which the axis is extended for the name of each line.
const NAMES: f64 = 1.7;

#[cfg(test)]
mod tests {
    use super::super::report::tests::lobby;
    use super::*;

    #[test]
    fn nearly_flat_curve_gets_a_wide_range() {
        let (bottom, top) = range([2.0, 2.2].into_iter(), 10.0);
        assert!(top / bottom >= 10.0);
        assert!(bottom < 2.0 && top > 2.2);
        let (bottom, top) = range([1.0, 1_000.0].into_iter(), 10.0);
        assert!(bottom < 1.0 && top < 1_500.0);
    }

    #[test]
    fn numbers_on_an_axis_are_short() {
        assert_eq!(short(0.1), "0.1");
        assert_eq!(short(10.0), "10");
        assert_eq!(short(100_000.0), "100,000");
    }

    #[test]
    fn curve_of_a_single_point_has_no_panel() {
        let title = Curve::Lobby.title();
        assert!(svg(&lobby(&[(10, 1.0), (100, 9.0)])).expect("a plot").contains(title));
        assert!(!svg(&lobby(&[(10, 1.0)])).expect("a plot").contains(title));
    }
}
