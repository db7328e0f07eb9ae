//! Pictures drawn on the server as SVG: no script, and each has a table beside it.
//!
//! Colours come from classes of `gd.css`, so that a picture follows the dark theme, forced colours
//! and print; nothing is told by colour alone.

pub(crate) mod bars;
pub(crate) mod lineage;

/// A text as it stands in XML.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        out
    })
}

/// About how wide a text is, in units of its font size: Chinese characters are one, capitals and
/// digits a bit over half.
#[must_use]
pub(crate) fn width_of(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            '\u{2e80}'..='\u{ffff}' => 1.0,
            'A'..='Z' | '%' | '@' => 0.7,
            'm' | 'w' => 0.8,
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ':' | ' ' | '-' | '|' | '\'' => 0.33,
            '\u{202f}' => 0.2,
            _ => 0.56,
        })
        .sum()
}

/// A text cut in its middle to a width in units of its font size: both ends of a lot id tell.
#[must_use]
pub(crate) fn fitted(text: &str, width: f64) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut keep = chars.len().saturating_sub(1);
    while keep > 2 {
        let head = keep.div_ceil(2);
        let tail = keep - head;
        let cut: String = chars[..head]
            .iter()
            .chain(std::iter::once(&'…'))
            .chain(&chars[chars.len() - tail..])
            .collect();
        if width_of(&cut) <= width {
            return cut;
        }
        keep -= 1;
    }
    chars.iter().take(1).chain(std::iter::once(&'…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_labels_keep_both_ends() {
        assert_eq!(fitted("LOT-1", 10.0), "LOT-1");
        let cut = fitted("SEP-C-2025-000001-DYO-0042", 8.0);
        assert!(cut.starts_with("SEP") && cut.ends_with("42") && cut.contains('…'), "{cut}");
        assert!(width_of(&cut) <= 8.0);
        assert_eq!(fitted("稀土氧化物", 1.0), "稀…");
    }

    #[test]
    fn markup_in_a_text_is_text() {
        assert_eq!(escaped("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
    }
}
