//! What makes a record unreadable, and how it is told.

use tracking::{Column, Rejection};

use crate::dialect::Dialect;
use crate::layout::{Layout, shown};

/// Whether a character may stand in no field: control characters (general category Cc), and those
/// that change the direction of text (property Bidi_Control), with which a text can be made to
/// read otherwise than it is. Tabs and line ends are told apart by [`forbidden_in`].
pub(crate) fn forbidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// The first forbidden character of a field.
pub(crate) fn forbidden_in(column: Column, text: &str) -> Option<char> {
    let breaks = text_column(column);
    text.chars().find(|&c| forbidden(c) && !(breaks && matches!(c, '\t' | '\n' | '\r')))
}

/// Whether people write free text in a column, in which tabs and line ends have a place. An
/// identifier with a line end would be two in every list of identifiers.
fn text_column(column: Column) -> bool {
    matches!(
        column,
        Column::Note
            | Column::Product
            | Column::Grade
            | Column::Laboratory
            | Column::CustomerName
            | Column::EndUserName
    )
}

/// The lines that a record stands on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) first_line: u64,
    pub(crate) lines: u64,
}

impl Place {
    fn reject(
        self,
        column: Option<Column>,
        code: &'static str,
        message: String,
        accepted: String,
    ) -> Rejection {
        Rejection { line: self.first_line, column, code, message, accepted }
    }

    /// What to say of a record over several lines whose fields do not add up.
    fn lines_hint(self) -> String {
        if self.lines < 2 {
            return String::new();
        }
        let last = self.first_line + self.lines - 1;
        format!("; it runs from line {} to {last}: is a quote missing?", self.first_line)
    }

    pub(crate) fn field_count(self, found: usize, layout: &Layout) -> Rejection {
        let expected = layout.names().len();
        let code = if found < expected { "too_few_fields" } else { "too_many_fields" };
        let message =
            format!("the row has {found} fields, the header {expected}{}", self.lines_hint());
        self.reject(None, code, message, field_count_accepted(layout.dialect(), expected))
    }

    pub(crate) fn not_utf8(self, byte: usize, name: &str, column: Option<Column>) -> Rejection {
        let message = format!("not UTF-8 at byte {byte} of column `{}`", shown(name));
        let accepted = "text in UTF-8 (in a spreadsheet: save as `CSV UTF-8`)".to_owned();
        self.reject(column, "not_utf8", message, accepted)
    }

    pub(crate) fn control_character(self, column: Column, character: char) -> Rejection {
        let what = match character {
            '\n' | '\r' => "a line end".to_owned(),
            '\t' => "a tab".to_owned(),
            '\0' => "a NUL".to_owned(),
            other => format!("the control character U+{:04X}", u32::from(other)),
        };
        let message = format!("{what} in `{}`", column.name());
        let accepted = "text without control characters".to_owned();
        self.reject(Some(column), "control_character", message, accepted)
    }

    pub(crate) fn ambiguous_decimal(self, column: Column, text: &str) -> Rejection {
        let message = format!(
            "`{}` in `{}` has a decimal point, in a file with decimal commas",
            shown(text),
            column.name()
        );
        let accepted = "the decimal mark of the file, a comma, and no separators of thousands";
        self.reject(Some(column), "ambiguous_decimal", message, accepted.to_owned())
    }

    pub(crate) fn line_too_long(self, most: usize) -> Rejection {
        let message = format!("the line is longer than {most} bytes");
        self.reject(None, "line_too_long", message, format!("a record of at most {most} bytes"))
    }

    pub(crate) fn quote_unclosed(self, most: usize) -> Rejection {
        let message = "a quoted field that begins on this line does not end".to_owned();
        let accepted = format!(
            "a closing quote within {most} bytes; a quote that is meant as such is doubled inside \
             quotes"
        );
        self.reject(None, "quote_unclosed", message, accepted)
    }
}

fn field_count_accepted(dialect: &Dialect, expected: usize) -> String {
    let separator = dialect.separator.name();
    format!("{expected} fields; one that holds a {separator} or a line end stands in quotes")
}
