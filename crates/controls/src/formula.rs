//! Chemical formulas in names: `Dy2O3`, `DyFe`, `Nd2Fe14B`, `SmCo5`.

use crate::vocabulary::{Elements, Vocabulary};

/// What a formula names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(crate) elements: Elements,
    /// How many symbols stand in it.
    pub(crate) symbols: u32,
    /// Whether a symbol of two letters stands in it.
    pub(crate) two_letters: bool,
    pub(crate) digits: bool,
}

/// Reads a token that is symbols and numbers and nothing else.
pub(crate) fn formula_parse(token: &str, vocabulary: &Vocabulary) -> Option<Formula> {
    let bytes = token.as_bytes();
    let mut formula =
        Formula { elements: Elements::default(), symbols: 0, two_letters: false, digits: false };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'A'..=b'Z' => {
                let long = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
                let end = at + 1 + usize::from(long);
                let z = vocabulary.symbol(token.get(at..end)?)?;
                formula.elements = formula.elements.with(Elements::one(z));
                formula.symbols += 1;
                formula.two_letters |= long;
                at = end;
            }
            b'0'..=b'9' => {
                formula.digits = true;
                at += 1;
            }
            b'(' | b')' | b'.' => at += 1,
            _ => return None,
        }
    }
    (formula.symbols > 0).then_some(formula)
}

impl Formula {
    /// Whether a token in a name is meant as formula: capitals alone, such as `UH` or `PCB`, are not,
    /// unless they are numbered and hold oxygen (`Y2O3`).
    pub(crate) fn meant(self, vocabulary: &Vocabulary) -> bool {
        let oxygen = vocabulary.symbol("O").is_some_and(|o| self.elements.has(o));
        match self.symbols {
            1 => !self.elements.iter().any(|z| vocabulary.element(z).is_none_or(|e| e.ambiguous)),
            _ => self.two_letters || self.digits && oxygen,
        }
    }
}
