//! Figures in names: `W >= 97 %`, `purity 99.995 %`, `5N`, and the sign before them.

use crate::good::{Comparison, Stated, value_parse};
use crate::reading::Value;

/// A number with its sign right after a word, in percent: `W >= 97 %`.
pub(crate) fn share_after(text: &str, from: usize) -> Option<Value> {
    let rest = text.get(from..)?.trim_start();
    let (comparison, number) = Comparison::split(rest);
    let (digits, after) = number_split(number)?;
    after.trim_start().starts_with('%').then_some(())?;
    Some(Value { stated: Stated { comparison, value: value_parse(digits)? }, field: "name" })
}

fn number_split(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    (end > 0).then(|| text.split_at(end))
}

/// The first number after a parameter's word, with the sign before it.
pub(crate) fn value_within(text: &str, from: usize, until: usize) -> Option<Value> {
    let part = text.get(from..until)?;
    let at = part.find(|c: char| c.is_ascii_digit())?;
    let before = part.get(..at)?;
    if before.chars().count() > 32 {
        return None;
    }
    let before = before.trim_end();
    let sign = Comparison::SIGNS.iter().find(|(sign, _)| before.ends_with(sign));
    let (digits, _) = number_split(part.get(at..)?)?;
    let comparison = sign.map_or(Comparison::Equal, |(_, c)| *c);
    Some(Value {
        stated: Stated { comparison, value: value_parse(digits.trim_end_matches('.'))? },
        field: "name",
    })
}

/// A percentage, or nines as in `5N` and `4N5`, that stands in a name without a word for what it is.
pub(crate) fn percent(text: &str) -> Option<Value> {
    for token in text.split([' ', ',', '(', ')', ';', '，', '（', '）']) {
        let bytes = token.as_bytes();
        let nines = match bytes {
            [n @ b'2'..=b'8', b'N'] => Some((n - b'0', 0)),
            [n @ b'2'..=b'8', b'N', d @ b'1'..=b'9'] => Some((n - b'0', d - b'0')),
            _ => None,
        };
        if let Some((nines, more)) = nines {
            let mut digits = "99.".to_owned();
            digits.extend(std::iter::repeat_n('9', usize::from(nines) - 2));
            if more > 0 {
                digits.push(char::from(b'0' + more));
            }
            let value = value_parse(&digits)?;
            return Some(Value {
                stated: Stated { comparison: Comparison::AtLeast, value },
                field: "name",
            });
        }
    }
    let at = text.find('%')?;
    let before = text.get(..at)?.trim_end();
    let start = before
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    let value = value_parse(before.get(start..)?)?;
    let sign = before.get(..start)?.trim_end();
    let comparison = Comparison::SIGNS
        .iter()
        .find(|(s, _)| sign.ends_with(s))
        .map_or(Comparison::Equal, |(_, c)| *c);
    Some(Value { stated: Stated { comparison, value }, field: "name" })
}
