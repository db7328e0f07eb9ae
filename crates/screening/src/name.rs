//! A name as a row of parts, after forms of companies were found in it.

use crate::legal::{self, Form, LegalWord};
use crate::token::{Kind, Naming, Token};

/// Parts of a name at most.
pub(crate) const PARTS_MAX: usize = 24;

/// A part of a name; a form of a company takes several words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamePart {
    pub(crate) kind: Kind,
    /// The first of the tokens that it is made of.
    pub(crate) token: u16,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) lookalikes: bool,
}

/// Groups tokens into parts; `legal` has the legal word of each token. A name that would be nothing but
/// forms of companies has none.
pub(crate) fn parts(
    tokens: &[Token],
    legal: &[LegalWord],
    naming: Naming,
    parts: &mut Vec<NamePart>,
) {
    parts.clear();
    group(tokens, legal, naming, parts);
    if naming == Naming::Body && parts.iter().all(|p| matches!(p.kind, Kind::Legal(_))) {
        parts.clear();
        group(tokens, legal, Naming::Person, parts);
    }
    parts.truncate(PARTS_MAX);
}

fn group(tokens: &[Token], legal: &[LegalWord], naming: Naming, parts: &mut Vec<NamePart>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let found = match naming {
            Naming::Body => legal.get(at..).and_then(legal::phrase),
            Naming::Person => None,
        };
        let (kind, taken) = match found {
            Some((form, taken)) if taken > 1 || stands_outside(at, tokens.len(), form) => {
                (Kind::Legal(form), taken)
            }
            _ => (token.kind, 1),
        };
        let last = tokens.get(at + taken - 1).unwrap_or(token);
        let lookalikes = token.lookalikes;
        parts.push(NamePart {
            kind,
            token: at as u16,
            start: token.start,
            end: last.end,
            lookalikes,
        });
        at += taken;
    }
}

/// A form of one word counts in the middle of a name only where it is a whole word of its own, not `co`.
fn stands_outside(at: usize, length: usize, form: Form) -> bool {
    at == 0 || at + 2 >= length || matches!(form, Form::Limited | Form::Stock | Form::Company)
}
