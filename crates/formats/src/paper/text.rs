//! Lines of text: where they break (Unicode Standard Annex 14, which knows both scripts) and how wide they
//! are.

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;

use super::PaperError;
use super::font::{Cut, Face, Fonts, Language, composed};

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Size in points.
    pub(super) size: f32,
    /// Distance of two baselines in points.
    pub(super) leading: f32,
    pub(super) cut: Cut,
    pub(super) ink: Ink,
}

/// What colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Grey,
    Accent,
    Tint,
    Hairline,
}

/// A part of a line in one font.
pub(super) struct Run {
    pub(super) face: &'static Face,
    pub(super) text: String,
    /// Width in points.
    pub(super) width: f32,
}

/// A line as it is drawn.
#[derive(Default)]
pub(super) struct TextLine {
    pub(super) runs: Vec<Run>,
    /// Width in points without the space at its end.
    pub(super) width: f32,
}

impl TextLine {
    fn of(
        fonts: &'static Fonts,
        text: &str,
        language: Language,
        style: &Style,
    ) -> Result<TextLine, PaperError> {
        let mut line = TextLine::default();
        for character in text.chars() {
            let face = fonts
                .face(character, language, style.cut)
                .ok_or_else(|| PaperError::CharactersMissing(vec![character]))?;
            let width = face.glyph(character).map_or(0.0, |(_, width)| width) * style.size;
            match line.runs.last_mut() {
                Some(run) if std::ptr::eq(run.face, face) => {
                    run.text.push(character);
                    run.width += width;
                }
                _ => line.runs.push(Run { face, text: character.to_string(), width }),
            }
        }
        line.width = measure(fonts, text.trim_end(), language, style);
        Ok(line)
    }
}

/// Width of a text in points.
pub(super) fn measure(fonts: &Fonts, text: &str, language: Language, style: &Style) -> f32 {
    let width = |c: char| {
        let face = fonts.face(c, language, style.cut);
        face.and_then(|face| face.glyph(c)).map_or(0.0, |(_, width)| width)
    };
    text.chars().map(width).sum::<f32>() * style.size
}

/// Breaks a text into lines of at most `width` points; a word that is wider is broken between characters.
pub(super) fn wrap(
    text: &str,
    language: Language,
    style: &Style,
    width: f32,
) -> Result<Vec<TextLine>, PaperError> {
    let fonts = Fonts::get()?;
    let missing = fonts.missing(std::iter::once(text));
    if !missing.is_empty() {
        return Err(PaperError::CharactersMissing(missing));
    }
    let text = composed(text);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        for line in broken(fonts, paragraph, language, style, width) {
            lines.push(TextLine::of(fonts, &line, language, style)?);
        }
    }
    Ok(lines)
}

/// Whether a place is behind a hyphen within a number such as `YT-L-2026-000417`, which stays in one piece.
fn in_number(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let numeral = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    before.strip_suffix('-').is_some_and(|before| before.ends_with(numeral))
        && after.starts_with(numeral)
}

fn broken(fonts: &Fonts, text: &str, language: Language, style: &Style, width: f32) -> Vec<String> {
    let segmenter = LineSegmenter::new_for_non_complex_scripts(LineBreakOptions::default());
    let fits = |line: &str| measure(fonts, line.trim_end(), language, style) <= width;
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for to in segmenter.segment_str(text).skip(1).filter(|to| !in_number(text, *to)) {
        let word = text.get(from..to).unwrap_or_default();
        from = to;
        if fits(&(line.clone() + word)) {
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    lines.push(line);
    lines
}
