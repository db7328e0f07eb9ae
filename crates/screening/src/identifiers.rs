//! Numbers of registers: exact, but for spaces, points and case.

use crate::party::Identifier;

/// Letters and digits of an identifier in capitals; nothing where fewer than four are left.
pub(crate) fn normal(value: &str) -> Option<String> {
    let kept: String = value
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .take(64)
        .collect();
    (kept.chars().count() >= 4).then_some(kept)
}

/// What the identifiers of two parties say about each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// Nothing.
    Silent,
    /// A register that both name gave both the same number.
    Same(String),
    /// The same number, of a register that one of them does not name.
    SameUnnamed(String),
    /// A register that both name gave them different numbers.
    Different(String),
}

fn scheme(identifier: &Identifier) -> String {
    identifier.scheme.trim().to_lowercase()
}

/// Compares the identifiers of a query with those of a listed party. One that is the same outweighs all that
/// differ: a party may have several of one kind.
pub(crate) fn compare(query: &[Identifier], listed: &[Identifier]) -> Agreement {
    let mut said = Agreement::Silent;
    for asked in query {
        let Some(value) = normal(&asked.value) else { continue };
        let (register, mut same_register, mut met) = (scheme(asked), None, false);
        for known in listed {
            let Some(other) = normal(&known.value) else { continue };
            let named = !register.is_empty() && register == scheme(known);
            let unnamed = register.is_empty() || known.scheme.trim().is_empty();
            if value == other && named {
                return Agreement::Same(format!("{register}:{}", known.value));
            }
            if value == other && unnamed && value.len() >= 6 {
                met = true;
                said = Agreement::SameUnnamed(known.value.clone());
            }
            if named {
                same_register = Some(format!("{register}:{} / {}", asked.value, known.value));
            }
        }
        if let (Agreement::Silent, Some(detail), false) = (&said, same_register, met) {
            said = Agreement::Different(detail);
        }
    }
    said
}
