//! How a document is set: letterhead, title, facts and code, text in two columns, the table of lines,
//! conditions, signatures, the foot of each page.

use std::rc::Rc;

use super::document::{Condition, Document, Fact, Signatory, Words};
use super::flow::{
    BOTTOM, Flow, Item, Keep, MARGIN, Node, PAGE_HEIGHT, PAGE_WIDTH, Part, Role, Row, Shape, WIDTH,
};
use super::font::{Cut, Language};
use super::text::{Ink, Style, TextLine, measure, wrap};
use super::{PaperError, font::Fonts, table, words};

pub(super) const BODY: Style =
    Style { size: 9.0, leading: 13.2, cut: Cut::Regular, ink: Ink::Black };
pub(super) const SMALL: Style =
    Style { size: 6.8, leading: 9.2, cut: Cut::Regular, ink: Ink::Grey };
const AUTHORITY: Style = Style { size: 12.0, leading: 16.0, cut: Cut::Bold, ink: Ink::Black };
const TITLE: Style = Style { size: 21.0, leading: 26.0, cut: Cut::Bold, ink: Ink::Accent };
const TITLE_CHINESE: Style = Style { size: 17.0, leading: 24.0, cut: Cut::Bold, ink: Ink::Accent };
const HEADING: Style = Style { size: 11.0, leading: 16.0, cut: Cut::Bold, ink: Ink::Accent };
const VALUE: Style = Style { size: 9.0, leading: 12.6, cut: Cut::Bold, ink: Ink::Black };
const VALUE_CHINESE: Style = Style { size: 9.0, leading: 12.6, cut: Cut::Regular, ink: Ink::Black };
/// Side of the code in points: 44 mm, so that a module of a code with 16 lines is still 0.4 mm.
const CODE_SIDE: f32 = 124.0;
/// Share of the width that the English column takes, and the gap between the two.
const ENGLISH_SHARE: f32 = 0.54;
const GAP: f32 = 18.0;
/// The most lines that the notice at the foot takes.
const NOTICE_LINES_MAX: usize = 5;

/// The code of a licence as modules, row by row.
pub(super) struct Code {
    pub(super) modules: Rc<Vec<bool>>,
    pub(super) count: usize,
}

/// Sets a document; `key` is the id of the key that seals it.
pub(super) fn compose(
    document: &Document,
    code: Option<&Code>,
    key: &str,
) -> Result<Flow, PaperError> {
    let mut flow = Flow::new();
    letterhead(&mut flow, document)?;
    facts(&mut flow, document, code, key)?;
    for words in &document.paragraphs {
        paragraph(&mut flow, words, Keep::Free)?;
    }
    if !document.lines.is_empty() {
        heading(&mut flow, &words::lines_heading(document.kind))?;
        table::lines(&mut flow, &document.lines)?;
    }
    if !document.conditions.is_empty() {
        heading(&mut flow, &words::conditions_heading(document.kind))?;
        conditions(&mut flow, &document.conditions)?;
    }
    if !document.closing.is_empty() {
        flow.row(Row::space(8.0))?;
    }
    for words in &document.closing {
        paragraph(&mut flow, words, Keep::Free)?;
    }
    signatures(&mut flow, &document.signatories)?;
    flow.row(Row::space(10.0))?;
    pair(&mut flow, &words::verify(key), &SMALL, MARGIN, WIDTH, Keep::WithNext)?;
    flow.settle()?;
    feet(&mut flow, document)?;
    Ok(flow)
}

/// Items of lines of text, one below the other.
pub(super) fn stack(
    lines: Vec<TextLine>,
    part: Part,
    language: Language,
    style: Style,
    x: f32,
    y: f32,
) -> Vec<Item> {
    let item = |(n, line): (usize, TextLine)| Item {
        part,
        x,
        y: y + n as f32 * style.leading,
        shape: Shape::Text { line: Rc::new(line), style, language },
    };
    lines.into_iter().enumerate().map(item).collect()
}

pub(super) fn rule(x: f32, y: f32, width: f32, height: f32, ink: Ink) -> Item {
    Item { part: Part::Ornament, x, y, shape: Shape::Rule { width, height, ink } }
}

/// Both languages, one below the other, in a column; the height, the items and their leaves.
pub(super) fn column(
    flow: &mut Flow,
    words: &Words,
    styles: (Style, Style),
    (x, y, width): (f32, f32, f32),
) -> Result<(f32, Vec<Item>, Vec<Node>), PaperError> {
    let (mut height, mut items, mut nodes) = (0.0, Vec::new(), Vec::new());
    let both = [(&words.en, Language::English, styles.0), (&words.zh, Language::Chinese, styles.1)];
    for (text, language, style) in both {
        if text.trim().is_empty() {
            continue;
        }
        let leaf = flow.leaf();
        let lines = wrap(text, language, &style, width)?;
        let count = lines.len() as f32;
        items.extend(stack(lines, Part::Leaf(leaf), language, style, x, y + height));
        nodes.push(Node::Leaf(leaf));
        height += count * style.leading;
    }
    Ok((height, items, nodes))
}

fn letterhead(flow: &mut Flow, document: &Document) -> Result<(), PaperError> {
    let (height, mut items, nodes) =
        column(flow, &document.authority_name, (AUTHORITY, AUTHORITY), (MARGIN, 0.0, WIDTH))?;
    items.push(rule(MARGIN, height + 8.0, WIDTH, 0.7, Ink::Hairline));
    flow.structure.push(Node::Group(Role::Paragraph(Language::English), nodes));
    flow.row(Row { height: height + 18.0, items, keep: Keep::Free, head: None })?;
    flow.mark(document.title.both());
    let place = (MARGIN, 0.0, WIDTH);
    let (height, items, nodes) = column(flow, &document.title, (TITLE, TITLE_CHINESE), place)?;
    flow.structure.push(Node::Group(Role::Heading(1, document.title.both()), nodes));
    flow.row(Row { height: height + 12.0, items, keep: Keep::Free, head: None })
}

/// Labels and values in columns, and the code to their right.
fn facts(
    flow: &mut Flow,
    document: &Document,
    code: Option<&Code>,
    key: &str,
) -> Result<(), PaperError> {
    let (width, columns) = match code {
        Some(_) => (WIDTH - CODE_SIDE - 24.0, 2),
        None => (WIDTH, 3),
    };
    let mut row = facts_row(flow, &document.facts, columns, width)?;
    if let Some(code) = code {
        let height = code_beside(flow, code, &document.reference, key, &mut row.items)?;
        row.height = row.height.max(height);
    }
    row.height += 8.0;
    flow.row(row)
}

fn facts_row(
    flow: &mut Flow,
    facts: &[Fact],
    columns: usize,
    width: f32,
) -> Result<Row, PaperError> {
    let cell = width / columns as f32;
    let (mut y, mut items, mut list) = (0.0, Vec::new(), Vec::new());
    for row in facts.chunks(columns) {
        let mut tallest: f32 = 0.0;
        for (n, Fact { label, value }) in row.iter().enumerate() {
            let (x, width) = (MARGIN + n as f32 * cell, cell - 12.0);
            let label = Words::same(label.both());
            let (above, label, label_nodes) = column(flow, &label, (SMALL, SMALL), (x, y, width))?;
            let place = (x, y + above, width);
            let (below, value, value_nodes) = column(flow, value, (VALUE, VALUE_CHINESE), place)?;
            items.extend(label.into_iter().chain(value));
            let parts =
                vec![Node::Group(Role::Label, label_nodes), Node::Group(Role::Body, value_nodes)];
            list.push(Node::Group(Role::ListItem, parts));
            tallest = tallest.max(above + below + 8.0);
        }
        y += tallest;
    }
    if !list.is_empty() {
        flow.structure.push(Node::Group(Role::List, list));
    }
    Ok(Row { height: y, items, keep: Keep::Free, head: None })
}

/// The code at the right margin with what it is for; the height of both.
fn code_beside(
    flow: &mut Flow,
    code: &Code,
    reference: &str,
    key: &str,
    items: &mut Vec<Item>,
) -> Result<f32, PaperError> {
    let side = CODE_SIDE;
    let x = MARGIN + WIDTH - side;
    let leaf = flow.leaf();
    let shape = Shape::Code { modules: Rc::clone(&code.modules), count: code.count, side };
    items.push(Item { part: Part::Leaf(leaf), x, y: 2.0, shape });
    let alt = format!("QR code with the signed code of {reference}");
    flow.structure.push(Node::Group(Role::Figure(alt), vec![Node::Leaf(leaf)]));
    // Four modules of white around the code, as ISO/IEC 18004 asks.
    let mut y = 2.0 + side + 4.0 * side / code.count as f32;
    for text in [words::scan().both(), words::key(key)] {
        let (height, caption, nodes) =
            column(flow, &Words::same(text), (SMALL, SMALL), (x, y, side))?;
        items.extend(caption);
        flow.structure.push(Node::Group(Role::Paragraph(Language::English), nodes));
        y += height;
    }
    Ok(y + 10.0)
}

/// Both languages beside each other, line by line, so that a page may end anywhere in them.
fn pair(
    flow: &mut Flow,
    words: &Words,
    style: &Style,
    x: f32,
    width: f32,
    keep: Keep,
) -> Result<(), PaperError> {
    let english =
        if words.zh.trim().is_empty() { width } else { width * ENGLISH_SHARE - GAP / 2.0 };
    let chinese =
        if words.en.trim().is_empty() { width } else { width * (1.0 - ENGLISH_SHARE) - GAP / 2.0 };
    let sides = [
        (&words.en, Language::English, x, english),
        (&words.zh, Language::Chinese, x + width - chinese, chinese),
    ];
    let mut rows: Vec<Vec<Item>> = Vec::new();
    for (text, language, x, width) in sides {
        if text.trim().is_empty() {
            continue;
        }
        let leaf = flow.leaf();
        let node = Node::Group(Role::Paragraph(language), vec![Node::Leaf(leaf)]);
        flow.structure.push(node);
        for (n, line) in wrap(text, language, style, width)?.into_iter().enumerate() {
            if rows.len() <= n {
                rows.push(Vec::new());
            }
            let items = stack(vec![line], Part::Leaf(leaf), language, *style, x, 0.0);
            rows[n].extend(items);
        }
    }
    // No single line of a paragraph alone at the foot or the head of a page.
    let last = rows.len().saturating_sub(1);
    for (n, items) in rows.into_iter().enumerate() {
        let alone = n == 0 || n + 1 == last;
        let keep = if alone && n < last { Keep::WithNext } else { keep };
        flow.row(Row { height: style.leading, items, keep, head: None })?;
    }
    Ok(())
}

fn paragraph(flow: &mut Flow, words: &Words, keep: Keep) -> Result<(), PaperError> {
    pair(flow, words, &BODY, MARGIN, WIDTH, keep)?;
    flow.row(Row::space(6.0))
}

fn heading(flow: &mut Flow, words: &Words) -> Result<(), PaperError> {
    flow.row(Row::space(10.0))?;
    let title = words.both();
    flow.mark(title.clone());
    let (english, chinese) = (flow.leaf(), flow.leaf());
    let mut items = Vec::new();
    let mut x = MARGIN;
    for (text, language, leaf) in
        [(&words.en, Language::English, english), (&words.zh, Language::Chinese, chinese)]
    {
        let lines = wrap(text, language, &HEADING, WIDTH)?;
        let width = lines.first().map_or(0.0, |line| line.width);
        items.extend(stack(lines, Part::Leaf(leaf), language, HEADING, x, 0.0));
        x += width + 9.0;
    }
    let nodes = vec![Node::Leaf(english), Node::Leaf(chinese)];
    flow.structure.push(Node::Group(Role::Heading(2, title), nodes));
    flow.row(Row { height: HEADING.leading + 5.0, items, keep: Keep::WithNext, head: None })
}

fn conditions(flow: &mut Flow, all: &[Condition]) -> Result<(), PaperError> {
    let mut list = Vec::new();
    for (n, Condition { text, source }) in all.iter().enumerate() {
        let label = flow.leaf();
        let number = format!("{}.", n + 1);
        let lines = wrap(&number, Language::English, &BODY, 18.0)?;
        let items = stack(lines, Part::Leaf(label), Language::English, BODY, MARGIN, 0.0);
        // The number stands beside the first line: a row without height, kept with it.
        flow.row(Row { height: 0.0, items, keep: Keep::WithNext, head: None })?;
        let outer = std::mem::take(&mut flow.structure);
        let (x, width) = (MARGIN + 20.0, WIDTH - 20.0);
        pair(flow, text, &BODY, x, width, Keep::Free)?;
        if !source.en.trim().is_empty() || !source.zh.trim().is_empty() {
            pair(flow, source, &SMALL, x, width, Keep::Free)?;
        }
        flow.row(Row::space(5.0))?;
        let body = std::mem::replace(&mut flow.structure, outer);
        let label = Node::Group(Role::Label, vec![Node::Leaf(label)]);
        list.push(Node::Group(Role::ListItem, vec![label, Node::Group(Role::Body, body)]));
    }
    flow.structure.push(Node::Group(Role::List, list));
    Ok(())
}

fn signatures(flow: &mut Flow, all: &[Signatory]) -> Result<(), PaperError> {
    const COLUMNS: usize = 3;
    if all.is_empty() {
        return Ok(());
    }
    flow.row(Row::space(10.0))?;
    let label = Words::same(words::signed_by().both());
    let (height, items, nodes) = column(flow, &label, (SMALL, SMALL), (MARGIN, 0.0, WIDTH))?;
    flow.structure.push(Node::Group(Role::Paragraph(Language::English), nodes));
    flow.row(Row { height: height + 3.0, items, keep: Keep::WithNext, head: None })?;
    let cell = WIDTH / COLUMNS as f32;
    for row in all.chunks(COLUMNS) {
        let (mut items, mut tallest): (Vec<Item>, f32) = (Vec::new(), 0.0);
        for (n, Signatory { name, role, signed_on }) in row.iter().enumerate() {
            let (x, width) = (MARGIN + n as f32 * cell, cell - 14.0);
            items.push(rule(x, 0.0, width, 0.7, Ink::Accent));
            let mut y = 4.0;
            let date = Words::same(signed_on.to_string());
            let parts = [
                (&Words::same(name.as_str()), (VALUE, VALUE)),
                (role, (SMALL, SMALL)),
                (&date, (SMALL, SMALL)),
            ];
            for (words, styles) in parts {
                let (height, more, nodes) = column(flow, words, styles, (x, y, width))?;
                items.extend(more);
                flow.structure.push(Node::Group(Role::Paragraph(Language::English), nodes));
                y += height;
            }
            tallest = tallest.max(y + 10.0);
        }
        flow.row(Row { height: tallest, items, keep: Keep::Free, head: None })?;
    }
    Ok(())
}

/// Head and foot of each page, once it is known how many there are.
fn feet(flow: &mut Flow, document: &Document) -> Result<(), PaperError> {
    let count = flow.pages.len();
    let mut notice: Vec<(TextLine, Language)> = Vec::new();
    let sides =
        [(&document.notice.en, Language::English), (&document.notice.zh, Language::Chinese)];
    for (text, language) in sides {
        let lines = wrap(text, language, &SMALL, WIDTH - 120.0)?;
        notice.extend(lines.into_iter().map(|line| (line, language)));
    }
    if notice.len() > NOTICE_LINES_MAX {
        let message = format!("takes more than {NOTICE_LINES_MAX} lines at the foot of a page");
        return Err(PaperError::content("notice", &message));
    }
    let notice: Vec<_> =
        notice.into_iter().map(|(line, language)| (Rc::new(line), language)).collect();
    let top = BOTTOM + 14.0;
    let running = format!("{} · {}", document.authority_name.both(), document.title.both());
    for (n, page) in flow.pages.iter_mut().enumerate() {
        page.push(rule(MARGIN, top - 6.0, WIDTH, 0.5, Ink::Hairline));
        for (at, (line, language)) in notice.iter().enumerate() {
            let shape = Shape::Text { line: Rc::clone(line), style: SMALL, language: *language };
            let y = top + at as f32 * SMALL.leading;
            page.push(Item { part: Part::Ornament, x: MARGIN, y, shape });
        }
        let number = words::page(n + 1, count);
        right(page, &document.reference, Language::English, top)?;
        right(page, &number.en, Language::English, top + SMALL.leading)?;
        right(page, &number.zh, Language::Chinese, top + 2.0 * SMALL.leading)?;
        if n == 0 {
            page.push(rule(0.0, 0.0, PAGE_WIDTH, 9.0, Ink::Accent));
        } else {
            page.push(rule(0.0, 0.0, PAGE_WIDTH, 4.0, Ink::Accent));
            let mut lines = wrap(&running, Language::English, &SMALL, WIDTH)?;
            lines.truncate(1);
            let items = stack(lines, Part::Ornament, Language::English, SMALL, MARGIN, 34.0);
            page.extend(items);
            page.push(rule(MARGIN, 47.0, WIDTH, 0.5, Ink::Hairline));
        }
    }
    debug_assert!(top < PAGE_HEIGHT, "the foot is on the page");
    Ok(())
}

/// A short text at the right margin.
fn right(page: &mut Vec<Item>, text: &str, language: Language, y: f32) -> Result<(), PaperError> {
    let width = measure(Fonts::get()?, text, language, &SMALL);
    let lines = wrap(text, language, &SMALL, WIDTH)?;
    let x = MARGIN + WIDTH - width;
    page.extend(stack(lines, Part::Ornament, language, SMALL, x, y));
    Ok(())
}
