//! A bar chart of counts over months.

use std::fmt::Write as _;

use super::escaped;

/// One bar.
pub(crate) struct Bar {
    /// Under the axis.
    pub(crate) label: String,
    /// Under the label where it changes: the year.
    pub(crate) group: String,
    /// Height.
    pub(crate) value: u64,
    /// The value as people read it.
    pub(crate) shown: String,
    /// Spoken whole: "May 2025: 1 204".
    pub(crate) title: String,
    /// Whether it is the one that the heading speaks of.
    pub(crate) marked: bool,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 8.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 50.0;

/// The least round number at or above `value`: 1, 2 or 5 times a power of ten.
#[must_use]
fn round_above(value: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 5] {
            if unit.saturating_mul(step) >= value {
                return unit.saturating_mul(step);
            }
        }
        match unit.checked_mul(10) {
            Some(next) => unit = next,
            None => return value,
        }
    }
}

/// Draws the bars; `name` and `description` are its accessible name and text.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are drawn to a tenth of a pixel")]
pub(crate) fn draw(name: &str, description: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    // The scale ends a little above the highest bar, not at the next round number.
    let top = most as f64 * 1.04;
    let room = HEIGHT - TOP - BOTTOM;
    let slot = (WIDTH - LEFT * 2.0) / bars.len().max(1) as f64;
    let wide = (slot * 0.68).min(64.0);
    let mut svg = format!(
        "<svg class=\"gd-chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-labelledby=\"bars-name bars-text\"><title id=\"bars-name\">{}</title>\
         <desc id=\"bars-text\">{}</desc>",
        escaped(name),
        escaped(description)
    );
    let step = round_above(most.div_ceil(4));
    let mut line = step;
    while (line as f64) < top {
        let y = HEIGHT - BOTTOM - room * line as f64 / top;
        let _ = write!(
            svg,
            "<line class=\"gd-grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
            WIDTH - LEFT
        );
        line += step;
    }
    let mut group = "";
    for (i, bar) in bars.iter().enumerate() {
        let height = room * bar.value as f64 / top;
        let x = LEFT + slot * i as f64 + (slot - wide) / 2.0;
        let y = HEIGHT - BOTTOM - height;
        let middle = x + wide / 2.0;
        let mark = if bar.marked { " gd-bar-marked" } else { "" };
        let _ = write!(
            svg,
            "<g><title>{}</title><rect class=\"gd-bar-rect{mark}\" x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{wide:.1}\" height=\"{height:.1}\" rx=\"2\"/>\
             <text class=\"gd-bar-value\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>\
             <text class=\"gd-bar-label\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text></g>",
            escaped(&bar.title),
            y - 7.0,
            escaped(&bar.shown),
            HEIGHT - BOTTOM + 19.0,
            escaped(&bar.label),
        );
        if bar.group != group {
            group = &bar.group;
            let _ = write!(
                svg,
                "<text class=\"gd-bar-group\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>",
                HEIGHT - BOTTOM + 38.0,
                escaped(group)
            );
        }
    }
    let y = HEIGHT - BOTTOM;
    let _ = write!(
        svg,
        "<line class=\"gd-axis\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\"/></svg>",
        WIDTH - LEFT
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: u64) -> Bar {
        Bar {
            label: "May".into(),
            group: "2025".into(),
            value,
            shown: value.to_string(),
            title: format!("<May>: {value}"),
            marked: false,
        }
    }

    #[test]
    fn heights_are_proportional_and_texts_escaped() {
        let svg = draw("n", "d", &[bar(10), bar(20), bar(0)]);
        let heights: Vec<f64> = svg
            .split("height=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(heights.len(), 3);
        assert!((heights[1] - 2.0 * heights[0]).abs() < 0.2 && heights[2] == 0.0, "{heights:?}");
        assert!(svg.contains("&lt;May&gt;") && !svg.contains("<May>"));
        assert!(!svg.contains("style="), "the policy forbids inline style");
    }

    #[test]
    fn the_scale_has_round_steps() {
        for (value, expected) in [(1, 1), (3, 5), (11, 20), (200, 200), (5_001, 10_000)] {
            assert_eq!(round_above(value), expected);
        }
    }
}
