//! Rows of text and rules, put on pages one below the other, and what each part means to a reader who hears
//! the document instead of seeing it.
//!
//! INVARIANT: each leaf of the structure is drawn somewhere, and each text that is drawn is in a leaf or is
//! an ornament of the page (head, foot, rule).

use std::rc::Rc;

use super::PaperError;
use super::font::Language;
use super::text::{Ink, Style, TextLine};

/// A4 in points.
pub(super) const PAGE_WIDTH: f32 = 595.28;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
pub(super) const MARGIN: f32 = 54.0;
pub(super) const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const TOP_FIRST: f32 = 38.0;
const TOP_NEXT: f32 = 64.0;
/// Where the text of a page ends and its foot begins.
pub(super) const BOTTOM: f32 = PAGE_HEIGHT - 70.0;
/// The most pages of a document.
const PAGES_MAX: usize = 500;

/// Which part of the structure something drawn belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A leaf of [`Node`], by its number.
    Leaf(usize),
    /// An ornament.
    Ornament,
}

/// What is drawn, at a place relative to its row (or page).
#[derive(Clone)]
pub(super) enum Shape {
    Text {
        line: Rc<TextLine>,
        style: Style,
        language: Language,
    },
    Rule {
        width: f32,
        height: f32,
        ink: Ink,
    },
    /// Modules of a QR code with the number in a line, and the side in points.
    Code {
        modules: Rc<Vec<bool>>,
        count: usize,
        side: f32,
    },
}

/// Something drawn.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) part: Part,
    pub(super) x: f32,
    /// The upper edge; of a text, that of its line.
    pub(super) y: f32,
    pub(super) shape: Shape,
}

/// Whether a row may be the last of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Free,
    WithNext,
}

/// What stays together.
pub(super) struct Row {
    pub(super) height: f32,
    pub(super) items: Vec<Item>,
    pub(super) keep: Keep,
    /// Repeated above the row when it begins a page: the head of its table.
    pub(super) head: Option<Rc<Head>>,
}

/// The head of a table, to be repeated.
pub(super) struct Head {
    pub(super) height: f32,
    pub(super) items: Vec<Item>,
}

impl Row {
    pub(super) fn space(height: f32) -> Row {
        Row { height, items: Vec::new(), keep: Keep::Free, head: None }
    }
}

/// What a part is, for whoever hears the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// A heading of a level, with its text.
    Heading(u16, String),
    Paragraph(Language),
    Table,
    TableHead,
    TableBody,
    TableRow,
    HeadCell,
    Cell,
    List,
    ListItem,
    Label,
    Body,
    /// A picture, with what it shows.
    Figure(String),
}

/// The structure of the document, in the order of reading.
#[derive(Debug)]
pub(super) enum Node {
    Group(Role, Vec<Node>),
    Leaf(usize),
}

/// A heading for the outline.
pub(super) struct Mark {
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// Pages being filled.
pub(super) struct Flow {
    pub(super) pages: Vec<Vec<Item>>,
    pub(super) marks: Vec<Mark>,
    pub(super) structure: Vec<Node>,
    pub(super) leaves: usize,
    pending: Vec<Row>,
    y: f32,
}

impl Flow {
    pub(super) fn new() -> Flow {
        Flow {
            pages: vec![Vec::new()],
            marks: Vec::new(),
            structure: Vec::new(),
            leaves: 0,
            pending: Vec::new(),
            y: TOP_FIRST,
        }
    }

    /// A new leaf.
    pub(super) fn leaf(&mut self) -> usize {
        self.leaves += 1;
        self.leaves - 1
    }

    /// Puts a row below the last one, on a new page where it does not fit.
    pub(super) fn row(&mut self, row: Row) -> Result<(), PaperError> {
        let keep = row.keep;
        self.pending.push(row);
        match keep {
            Keep::WithNext => Ok(()),
            Keep::Free => self.settle(),
        }
    }

    /// Notes a heading where the next row will stand.
    pub(super) fn mark(&mut self, title: String) {
        self.marks.push(Mark { title, page: usize::MAX, y: 0.0 });
    }

    /// Places the rows that were kept together.
    pub(super) fn settle(&mut self) -> Result<(), PaperError> {
        let rows = std::mem::take(&mut self.pending);
        let height: f32 = rows.iter().map(|row| row.height).sum();
        if rows.iter().all(|row| row.items.is_empty()) {
            // A space at the end of a page is none at the head of the next.
            self.y += height;
            return Ok(());
        }
        let head = rows.first().and_then(|row| row.head.clone());
        if self.y + height > BOTTOM {
            let above = head.as_ref().map_or(0.0, |head| head.height);
            if TOP_NEXT + above + height > BOTTOM {
                let message = "a part that stays together is higher than a page; write less in one";
                return Err(PaperError::content("document", message));
            }
            if self.pages.len() == PAGES_MAX {
                return Err(PaperError::content("document", &format!("at most {PAGES_MAX} pages")));
            }
            self.pages.push(Vec::new());
            self.y = TOP_NEXT;
            if let Some(head) = head {
                self.place(&head.items);
                self.y += head.height;
            }
        }
        let (page, y) = (self.pages.len() - 1, self.y);
        for mark in self.marks.iter_mut().filter(|mark| mark.page == usize::MAX) {
            (mark.page, mark.y) = (page, y);
        }
        for row in rows {
            self.place(&row.items);
            self.y += row.height;
        }
        Ok(())
    }

    fn place(&mut self, items: &[Item]) {
        let y = self.y;
        if let Some(page) = self.pages.last_mut() {
            page.extend(items.iter().cloned().map(|item| Item { y: item.y + y, ..item }));
        }
    }
}
