//! The lineage of a lot as a picture: material flows from left to right.
//!
//! A card is a lot. Cards stand in columns by how many steps they are from the lot asked about; a
//! ribbon between two cards is as wide as the content that went along it. Within a column the cards
//! are ordered by where their ribbons come from (the barycentre of Sugiyama's method), so that few
//! ribbons cross. Cards have room for their words and never overlap.

use std::fmt::Write as _;

use super::{escaped, fitted};

/// One card.
pub(crate) struct Card {
    /// Column; 0 is the lot asked about, upstream is negative.
    pub(crate) layer: i32,
    /// First line: the lot.
    pub(crate) name: String,
    /// Second line: the party.
    pub(crate) party: String,
    /// Third line: share and content.
    pub(crate) amount: String,
    /// Spoken whole.
    pub(crate) title: String,
    /// Where it leads; empty for none.
    pub(crate) href: String,
    /// Class of its kind of material (`gd-kind-…`).
    pub(crate) kind: &'static str,
    /// Content in micrograms.
    pub(crate) content_ug: i64,
}

/// One ribbon, from card to card by position.
pub(crate) struct Ribbon {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) content_ug: i64,
    /// Spoken whole.
    pub(crate) title: String,
}

/// Height of a card with three lines of words.
const CARD_HEIGHT: f64 = 66.0;
/// Between two cards of a column.
const CARD_GAP: f64 = 16.0;
/// Ribbons of the whole content are this wide.
const RIBBON_MOST: f64 = 120.0;
/// A ribbon is never thinner, so that it is seen.
const RIBBON_LEAST: f64 = 1.5;
const FONT_NAME: f64 = 13.0;
/// Bold letters are wider than those that [`super::width_of`] counts.
const BOLD: f64 = 1.06;
const FONT_SMALL: f64 = 12.5;
const PAGE_WIDTH: f64 = 1080.0;
const HEAD: f64 = 34.0;

struct Place {
    x: f64,
    y: f64,
    height: f64,
}

/// Draws the picture; `columns` are the words over the columns, by layer.
#[must_use]
pub(crate) fn draw(
    name: &str,
    description: &str,
    cards: &[Card],
    ribbons: &[Ribbon],
    columns: &[(i32, String)],
) -> String {
    let Some(first) = cards.iter().map(|card| card.layer).min() else { return String::new() };
    let last = cards.iter().map(|card| card.layer).max().unwrap_or(first);
    let count = usize::try_from(last - first).unwrap_or(0) + 1;
    let scale = ribbon_scale(cards, ribbons);
    let (card_width, gap) = card_size(count);
    let width = card_width * to_f64(count) + gap * (to_f64(count) - 1.0) + 4.0;
    let layers = ordered(cards, ribbons, first, count);
    let mut places: Vec<Place> =
        cards.iter().map(|_| Place { x: 0.0, y: 0.0, height: CARD_HEIGHT }).collect();
    let mut tallest: f64 = 0.0;
    for (column, layer) in layers.iter().enumerate() {
        let mut y = 0.0;
        for &i in layer {
            let flow = f64::max(flow(ribbons, i, End::In), flow(ribbons, i, End::Out)) * scale;
            places[i] = Place {
                x: 2.0 + to_f64(column) * (card_width + gap),
                y,
                height: CARD_HEIGHT.max(flow + 8.0),
            };
            y += places[i].height + CARD_GAP;
        }
        tallest = tallest.max(y - CARD_GAP);
    }
    for layer in &layers {
        let end = layer.last().map_or(0.0, |&i| places[i].y + places[i].height);
        for &i in layer {
            places[i].y += HEAD + (tallest - end) / 2.0;
        }
    }
    let height = tallest + HEAD + 4.0;
    let mut svg = format!(
        "<svg class=\"gd-lineage\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"group\" aria-labelledby=\"lineage-name lineage-text\">\
         <title id=\"lineage-name\">{}</title><desc id=\"lineage-text\">{}</desc>",
        escaped(name),
        escaped(description)
    );
    for (layer, words) in columns.iter().filter(|c| (first..=last).contains(&c.0)) {
        let column = usize::try_from(layer - first).unwrap_or(0);
        let x = 2.0 + to_f64(column) * (card_width + gap);
        let words = fitted(words, (card_width + gap - 12.0) / FONT_SMALL);
        let _ = write!(
            svg,
            "<text class=\"gd-lineage-head\" x=\"{x:.1}\" y=\"16\">{}</text>",
            escaped(&words)
        );
    }
    ribbons_draw(&mut svg, cards, ribbons, &places, &layers, scale, card_width);
    for (i, card) in cards.iter().enumerate() {
        card_draw(&mut svg, card, &places[i], card_width);
    }
    svg.push_str("</svg>");
    svg
}

/// Cards fill the page when there are few columns; with many the picture grows and scrolls.
fn card_size(columns: usize) -> (f64, f64) {
    let gap = if columns <= 4 { 96.0 } else { 42.0 };
    let width = (PAGE_WIDTH - gap * (to_f64(columns) - 1.0)) / to_f64(columns);
    (width.clamp(158.0, 230.0), gap)
}

/// Pixels of ribbon per microgram.
fn ribbon_scale(cards: &[Card], ribbons: &[Ribbon]) -> f64 {
    let most = (0..cards.len())
        .map(|i| f64::max(flow(ribbons, i, End::In), flow(ribbons, i, End::Out)))
        .fold(0.0, f64::max);
    if most > 0.0 { RIBBON_MOST / most } else { 0.0 }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    In,
    Out,
}

/// The content that enters or leaves a card by ribbons, in micrograms.
fn flow(ribbons: &[Ribbon], card: usize, end: End) -> f64 {
    ribbons
        .iter()
        .filter(|ribbon| card == if end == End::In { ribbon.to } else { ribbon.from })
        .map(|ribbon| content(ribbon.content_ug))
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a tenth of a pixel")]
fn content(ug: i64) -> f64 {
    ug.max(0) as f64
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

/// The cards of each column in the order in which they stand: by the mean position of their
/// neighbours, swept a few times from both sides; largest first where that does not decide.
fn ordered(cards: &[Card], ribbons: &[Ribbon], first: i32, count: usize) -> Vec<Vec<usize>> {
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, card) in cards.iter().enumerate() {
        let column = usize::try_from(card.layer - first).unwrap_or(0);
        layers[column].push(i);
    }
    for layer in &mut layers {
        layer.sort_by_key(|&i| std::cmp::Reverse(cards[i].content_ug));
    }
    for sweep in 0..6 {
        let mut position = vec![0.0; cards.len()];
        for layer in &layers {
            for (at, &i) in layer.iter().enumerate() {
                position[i] = (to_f64(at) + 0.5) / to_f64(layer.len());
            }
        }
        let turn = |column: usize| if sweep % 2 == 0 { column } else { count - 1 - column };
        for column in (0..count).map(turn) {
            let mut keyed: Vec<(f64, usize)> = layers[column]
                .iter()
                .map(|&i| {
                    let near = ribbons.iter().filter_map(|ribbon| {
                        let other = match (ribbon.from == i, ribbon.to == i) {
                            (true, false) => ribbon.to,
                            (false, true) => ribbon.from,
                            _ => return None,
                        };
                        Some((position[other], content(ribbon.content_ug)))
                    });
                    let (sum, weight) = near.fold((0.0, 0.0), |(s, w), (p, c)| (s + p * c, w + c));
                    (if weight > 0.0 { sum / weight } else { position[i] }, i)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            let size = to_f64(keyed.len());
            for (at, &(_, i)) in keyed.iter().enumerate() {
                position[i] = (to_f64(at) + 0.5) / size;
            }
            layers[column] = keyed.into_iter().map(|pair| pair.1).collect();
        }
    }
    layers
}

fn ribbons_draw(
    svg: &mut String,
    cards: &[Card],
    ribbons: &[Ribbon],
    places: &[Place],
    layers: &[Vec<usize>],
    scale: f64,
    card_width: f64,
) {
    let mut rank = vec![0; cards.len()];
    for layer in layers {
        for (at, &i) in layer.iter().enumerate() {
            rank[i] = at;
        }
    }
    let mut used_out = vec![0.0; cards.len()];
    let mut used_in = vec![0.0; cards.len()];
    let start =
        |i: usize, end: End| places[i].y + (places[i].height - flow(ribbons, i, end) * scale) / 2.0;
    // Ribbons leave a card in the order of where they go, and enter in the order of where from.
    let mut leaving: Vec<usize> = (0..ribbons.len()).collect();
    leaving.sort_by_key(|&r| (ribbons[r].from, rank[ribbons[r].to]));
    let mut entering: Vec<usize> = (0..ribbons.len()).collect();
    entering.sort_by_key(|&r| (ribbons[r].to, rank[ribbons[r].from]));
    let mut left = vec![0.0; ribbons.len()];
    let mut right = vec![0.0; ribbons.len()];
    for r in leaving {
        let from = ribbons[r].from;
        left[r] = start(from, End::Out) + used_out[from];
        used_out[from] += content(ribbons[r].content_ug) * scale;
    }
    for r in entering {
        let to = ribbons[r].to;
        right[r] = start(to, End::In) + used_in[to];
        used_in[to] += content(ribbons[r].content_ug) * scale;
    }
    for (r, ribbon) in ribbons.iter().enumerate() {
        let wide = (content(ribbon.content_ug) * scale).max(RIBBON_LEAST);
        let (x1, x2) = (places[ribbon.from].x + card_width, places[ribbon.to].x);
        let (y1, y2) = (left[r], right[r]);
        let bend = (x2 - x1) / 2.0;
        let (a, b) = (x1 + bend, x2 - bend);
        let _ = write!(
            svg,
            "<path class=\"gd-ribbon {}\" d=\"M{x1:.1} {y1:.1}C{a:.1} {y1:.1} {b:.1} {y2:.1} \
             {x2:.1} {y2:.1}V{:.1}C{b:.1} {:.1} {a:.1} {:.1} {x1:.1} {:.1}Z\"><title>{}</title>\
             </path>",
            cards[ribbon.from].kind,
            y2 + wide,
            y2 + wide,
            y1 + wide,
            y1 + wide,
            escaped(&ribbon.title),
        );
    }
}

fn card_draw(svg: &mut String, card: &Card, place: &Place, width: f64) {
    let (x, y, height) = (place.x, place.y, place.height);
    let middle = y + height / 2.0;
    let room = width - 26.0;
    let here = if card.layer == 0 { " gd-card-here" } else { "" };
    let open = if card.href.is_empty() {
        "<g>".to_owned()
    } else {
        format!("<a href=\"{}\">", escaped(&card.href))
    };
    let close = if card.href.is_empty() { "</g>" } else { "</a>" };
    let _ = write!(
        svg,
        "{open}<title>{}</title>\
         <rect class=\"gd-card{here}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" rx=\"4\"/>\
         <rect class=\"gd-card-band {}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"7\" \
         height=\"{height:.1}\" rx=\"2\"/>\
         <text class=\"gd-card-name\" x=\"{:.1}\" y=\"{:.1}\">{}</text> \
         <text class=\"gd-card-party\" x=\"{:.1}\" y=\"{:.1}\">{}</text> \
         <text class=\"gd-card-amount\" x=\"{:.1}\" y=\"{:.1}\">{}</text>{close}",
        escaped(&card.title),
        card.kind,
        x + 17.0,
        middle - 13.0,
        escaped(&fitted(&card.name, room / (FONT_NAME * BOLD))),
        x + 17.0,
        middle + 5.0,
        escaped(&fitted(&card.party, room / FONT_SMALL)),
        x + 17.0,
        middle + 23.0,
        escaped(&fitted(&card.amount, room / FONT_SMALL)),
    );
}

/// The class of a kind of material, by its stage: along the chain, secondary, or not known.
#[must_use]
pub(crate) fn kind(stage: &str) -> &'static str {
    match base::Common::embedded().stages.iter().find(|row| row.code == stage).map(|r| r.order) {
        Some(0..=29) => "gd-kind-mine",
        Some(30..=49) => "gd-kind-separation",
        Some(50..=69) => "gd-kind-metal",
        Some(70..=99) => "gd-kind-magnet",
        Some(100..=119) => "gd-kind-product",
        Some(_) => "gd-kind-secondary",
        None => "gd-kind-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(layer: i32, name: &str, content_ug: i64) -> Card {
        Card {
            layer,
            name: name.into(),
            party: "gad:a".into(),
            amount: "50 %".into(),
            title: name.into(),
            href: format!("/lots/{name}"),
            kind: "gd-kind-mine",
            content_ug,
        }
    }

    fn ribbon(from: usize, to: usize, content_ug: i64) -> Ribbon {
        Ribbon { from, to, content_ug, title: String::new() }
    }

    fn rects(svg: &str) -> Vec<[f64; 4]> {
        svg.split("<rect class=\"gd-card\"")
            .skip(1)
            .map(|rest| {
                ["x=\"", "y=\"", "width=\"", "height=\""].map(|name| {
                    rest.split(name).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
                })
            })
            .collect()
    }

    #[test]
    fn cards_never_overlap_and_stand_inside_the_picture() {
        let mut cards: Vec<Card> = (0..9).map(|i| card(-2, &format!("A{i}"), 10 + i)).collect();
        cards.extend((0..5).map(|i| card(-1, &format!("B{i}"), 20)));
        cards.push(card(0, "C", 100));
        let mut ribbons: Vec<Ribbon> = (0..9).map(|i| ribbon(i, 9 + i % 5, 10)).collect();
        ribbons.extend((0..5).map(|i| ribbon(9 + i, 14, 20)));
        let svg = draw("n", "d", &cards, &ribbons, &[(0, "here".into())]);
        let rects = rects(&svg);
        assert_eq!(rects.len(), 14, "the lot asked about has a class of its own");
        let height: f64 =
            svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        for (i, a) in rects.iter().enumerate() {
            assert!(a[1] >= 0.0 && a[1] + a[3] <= height);
            for b in &rects[i + 1..] {
                let apart = a[0] + a[2] <= b[0]
                    || b[0] + b[2] <= a[0]
                    || a[1] + a[3] <= b[1]
                    || b[1] + b[3] <= a[1];
                assert!(apart, "{a:?} over {b:?}");
            }
        }
    }

    #[test]
    fn a_ribbon_is_as_wide_as_its_content_and_names_are_escaped() {
        let cards = [card(-1, "<script>", 30), card(-1, "B", 10), card(0, "C", 40)];
        let svg = draw("n", "d", &cards, &[ribbon(0, 2, 30), ribbon(1, 2, 10)], &[]);
        assert!(!svg.contains("<script>") && !svg.contains("style="));
        let widths: Vec<f64> = svg
            .split("<path")
            .skip(1)
            .map(|path| {
                let end = |text: &str| -> f64 {
                    text.trim().rsplit(' ').next().unwrap().parse().unwrap()
                };
                let upper = path.split('V').next().unwrap();
                let lower: f64 =
                    path.split('V').nth(1).unwrap().split('C').next().unwrap().parse().unwrap();
                lower - end(upper)
            })
            .collect();
        assert!((widths[0] - 3.0 * widths[1]).abs() < 0.3, "{widths:?}");
    }

    #[test]
    fn ribbons_of_two_parallel_chains_do_not_cross() {
        let cards = [
            card(-2, "A1", 1),
            card(-2, "A2", 2),
            card(-1, "B2", 2),
            card(-1, "B1", 1),
            card(0, "C", 3),
        ];
        let ribbons = [ribbon(0, 3, 1), ribbon(1, 2, 2), ribbon(2, 4, 2), ribbon(3, 4, 1)];
        let layers = ordered(&cards, &ribbons, -2, 3);
        let row = |i: usize| layers.iter().find_map(|l| l.iter().position(|&j| j == i)).unwrap();
        assert_eq!((row(0) < row(1)), (row(3) < row(2)));
    }
}
