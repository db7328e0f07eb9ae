//! The fonts of documents: Noto Sans for the alphabets and Noto Sans SC for everything else, in two cuts,
//! carried in the program and made by `tools/fonts`. They are free under the SIL Open Font License.
//!
//! INVARIANT: a character is drawn by a glyph of its own or named in an error; never as a box, never left out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

use super::PaperError;

/// The largest font unpacked, in bytes; ours have 2.3 MB.
const FONT_BYTES_MAX: usize = 4 << 20;

/// A language in which a text is set: it decides whose quotation marks and dashes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

impl Language {
    /// As PDF names it (RFC 3066).
    pub(super) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        }
    }
}

/// How heavy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Regular,
    Bold,
}

/// A text as it is drawn: letters with their marks as one character where there is one (NFC).
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// A font with the glyphs of its characters.
pub(super) struct Face {
    pub(super) font: Font,
    /// Character, glyph and its width in 1/1000 of the size; ordered.
    glyphs: Vec<(char, u32, f32)>,
}

impl Face {
    fn open(packed: &'static [u8]) -> Option<Face> {
        let data = zstd::bulk::decompress(packed, FONT_BYTES_MAX).ok()?;
        let reader = FontRef::new(&data).ok()?;
        let metrics = reader.glyph_metrics(Size::new(1.0), LocationRef::default());
        let glyph = |(point, id): (u32, skrifa::GlyphId)| {
            Some((char::from_u32(point)?, id.to_u32(), metrics.advance_width(id)?))
        };
        let mut glyphs: Vec<_> = reader.charmap().mappings().filter_map(glyph).collect();
        glyphs.sort_by_key(|(character, _, _)| *character);
        Some(Face { font: Font::new(data.into(), 0)?, glyphs })
    }

    /// Glyph and width of a character, as a share of the size.
    pub(super) fn glyph(&self, character: char) -> Option<(u32, f32)> {
        let at = self.glyphs.binary_search_by_key(&character, |(c, _, _)| *c).ok()?;
        self.glyphs.get(at).map(|(_, id, width)| (*id, *width))
    }
}

/// All fonts.
pub(super) struct Fonts {
    latin: [Face; 2],
    chinese: [Face; 2],
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    Some(Fonts {
        latin: [
            Face::open(include_bytes!("../../assets/fonts/latin-regular.ttf.zst"))?,
            Face::open(include_bytes!("../../assets/fonts/latin-bold.ttf.zst"))?,
        ],
        chinese: [
            Face::open(include_bytes!("../../assets/fonts/chinese-regular.ttf.zst"))?,
            Face::open(include_bytes!("../../assets/fonts/chinese-bold.ttf.zst"))?,
        ],
    })
});

impl Fonts {
    /// The fonts, unpacked when they are first needed.
    pub(super) fn get() -> Result<&'static Fonts, PaperError> {
        FONTS.as_ref().ok_or_else(|| PaperError::Writing("the fonts cannot be read".to_owned()))
    }

    /// The font that draws a character in a text of a language.
    pub(super) fn face(&self, character: char, language: Language, cut: Cut) -> Option<&Face> {
        let at = match cut {
            Cut::Regular => 0,
            Cut::Bold => 1,
        };
        let (latin, chinese) = (self.latin.get(at)?, self.chinese.get(at)?);
        // Quotation marks, dashes and dots that both scripts write with the same code point.
        let shared = matches!(character, '\u{2010}'..='\u{2027}' | '·');
        let order = match language {
            Language::Chinese if shared => [chinese, latin],
            Language::Chinese | Language::English => [latin, chinese],
        };
        order.into_iter().find(|face| face.glyph(character).is_some())
    }

    /// Which characters of texts no font has, once they are composed ([`composed`]).
    pub(super) fn missing<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Vec<char> {
        let characters: BTreeSet<char> = texts.flat_map(UnicodeNormalization::nfc).collect();
        let has = |c: char| self.face(c, Language::Chinese, Cut::Regular).is_some();
        characters.into_iter().filter(|c| *c != '\n' && !has(*c)).collect()
    }
}
