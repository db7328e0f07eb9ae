//! The table of the lines of a licence: a row stays together, the head stands again on each page.

use std::rc::Rc;

use licensing::quantity::Quantity;

use super::PaperError;
use super::compose::{SMALL, column, rule};
use super::document::{Line, Words};
use super::flow::{Flow, Head, Item, Keep, MARGIN, Node, Part, Role, Row, WIDTH};
use super::font::Cut;
use super::text::{Ink, Style};
use super::words;

const CELL: Style = Style { size: 8.0, leading: 10.5, cut: Cut::Regular, ink: Ink::Black };
const CELL_BOLD: Style = Style { cut: Cut::Bold, ..CELL };
const HEAD: Style = Style { size: 7.2, leading: 9.8, cut: Cut::Bold, ink: Ink::Accent };
const HEAD_CHINESE: Style = Style { cut: Cut::Regular, ..HEAD };
/// Widths of the columns; together the width of the text.
const WIDTHS: [f32; 6] = [26.0, 134.0, 76.0, 62.0, 107.0, 82.0];
const PADDING: f32 = 5.0;

/// Left edge and width of the text in a column.
fn place(column: usize) -> (f32, f32) {
    let left: f32 = WIDTHS.iter().take(column).sum();
    let width = WIDTHS.get(column).copied().unwrap_or(0.0);
    (MARGIN + left + PADDING, width - 2.0 * PADDING)
}

/// Sets the table.
pub(super) fn lines(flow: &mut Flow, all: &[Line]) -> Result<(), PaperError> {
    let (head, head_node) = head(flow)?;
    let ornament = |item: &Item| Item { part: Part::Ornament, ..item.clone() };
    let again =
        Rc::new(Head { height: head.height, items: head.items.iter().map(ornament).collect() });
    flow.row(head)?;
    let mut rows = Vec::new();
    for (n, line) in all.iter().enumerate() {
        let (mut row, cells) = line_row(flow, line)?;
        if n > 0 {
            row.head = Some(Rc::clone(&again));
        }
        rows.push(Node::Group(Role::TableRow, cells));
        flow.row(row)?;
    }
    let head = Node::Group(Role::TableHead, vec![head_node]);
    let body = Node::Group(Role::TableBody, rows);
    flow.structure.push(Node::Group(Role::Table, vec![head, body]));
    flow.row(Row::space(4.0))
}

fn head(flow: &mut Flow) -> Result<(Row, Node), PaperError> {
    let (mut tallest, mut items, mut cells): (f32, Vec<Item>, Vec<Node>) =
        (0.0, Vec::new(), Vec::new());
    for (n, words) in words::columns().iter().enumerate() {
        let (x, width) = place(n);
        let (height, texts, nodes) = column(flow, words, (HEAD, HEAD_CHINESE), (x, 5.0, width))?;
        items.extend(texts);
        cells.push(Node::Group(Role::HeadCell, nodes));
        tallest = tallest.max(height + 10.0);
    }
    items.insert(0, rule(MARGIN, 0.0, WIDTH, tallest, Ink::Tint));
    items.push(rule(MARGIN, tallest, WIDTH, 0.9, Ink::Accent));
    let row = Row { height: tallest + 1.0, items, keep: Keep::WithNext, head: None };
    Ok((row, Node::Group(Role::TableRow, cells)))
}

fn line_row(flow: &mut Flow, line: &Line) -> Result<(Row, Vec<Node>), PaperError> {
    let plain = (CELL, CELL);
    let strong = (CELL_BOLD, CELL);
    let small = (SMALL, SMALL);
    let label = |words: Words| Words::same(words.both());
    let number = Words::same(line.number.to_string());
    let code = Words::same(line.control_codes.join(", "));
    let quantity = |quantity: &Quantity| {
        let amount = Words::same(words::quantity(quantity));
        [(amount, strong), (words::unit(&quantity.unit), small)]
    };
    let country = Words::same(line.destination.as_str());
    let consignee = Words::same(line.consignee.as_str());
    let end_user = Words::same(line.end_user.as_str());
    let cells: [Vec<(Words, (Style, Style))>; 6] = [
        vec![(number, plain)],
        vec![(line.goods.clone(), plain), (code, strong)],
        line.quantities.iter().flat_map(quantity).collect(),
        vec![(line.destination_name.clone(), plain), (country, small)],
        vec![
            (label(words::consignee()), small),
            (consignee, plain),
            (label(words::end_user()), small),
            (end_user, plain),
        ],
        vec![(line.end_use.clone(), plain)],
    ];
    let (mut tallest, mut items, mut nodes): (f32, Vec<Item>, Vec<Node>) =
        (0.0, Vec::new(), Vec::new());
    for (n, parts) in cells.iter().enumerate() {
        let (x, width) = place(n);
        let mut y = 4.0;
        let mut leaves = Vec::new();
        for (words, styles) in parts {
            let (height, texts, more) = column(flow, words, *styles, (x, y, width))?;
            items.extend(texts);
            leaves.extend(more);
            y += height;
        }
        nodes.push(Node::Group(Role::Cell, leaves));
        tallest = tallest.max(y + 4.5);
    }
    items.push(rule(MARGIN, tallest, WIDTH, 0.5, Ink::Hairline));
    Ok((Row { height: tallest + 0.5, items, keep: Keep::Free, head: None }, nodes))
}
