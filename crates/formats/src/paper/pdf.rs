//! Pages as a file: PDF/A-3a (ISO 19005-3, level A) that is also PDF/UA-1 (ISO 14289-1): fonts embedded,
//! colours defined, structure and language of each text told, data attached. The same document and key give
//! the same bytes.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder, PdfVersion};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as TagNode, SpanTag,
    TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document as Pdf, SerializeSettings};

use super::PaperError;
use super::compose::{Code, compose};
use super::document::Document;
use super::flow::{Flow, Item, Node, PAGE_HEIGHT, PAGE_WIDTH, Part, Role, Shape};
use super::font::Language;
use super::key::KeyId;
use super::text::{Ink, Style, TextLine};

/// Name of the attached data.
pub(super) const JSON_NAME: &str = "document.json";
/// Name of the attached code.
pub(super) const CODE_NAME: &str = "code.txt";
/// Where the baseline of a line stands, as a share of the size above the middle of its leading.
const BASELINE: f32 = 0.36;

/// What is written beside the pages.
pub(super) struct Attached<'a> {
    pub(super) json: &'a [u8],
    pub(super) code: Option<&'a str>,
    pub(super) seal: &'a str,
    pub(super) key: KeyId,
}

/// The file of a document, not yet sealed.
pub(super) fn write(
    document: &Document,
    code: Option<&Code>,
    attached: &Attached<'_>,
) -> Result<Vec<u8>, PaperError> {
    let flow = compose(document, code, &attached.key.to_string())?;
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf17)
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PaperError::Writing(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut pdf = Pdf::new_with(settings);
    let date = date(document)?;
    pdf.set_metadata(metadata(document, attached, date));
    attach(&mut pdf, attached, date)?;
    let mut identifiers: Vec<Vec<Identifier>> = vec![Vec::new(); flow.leaves];
    for page in &flow.pages {
        draw(&mut pdf, page, &mut identifiers)?;
    }
    pdf.set_outline(outline(&flow));
    let mut tree = TagTree::new().with_lang(Some(Language::English.tag().to_owned()));
    for node in &flow.structure {
        if let Some(node) = tag(node, &mut identifiers) {
            tree.push(node);
        }
    }
    pdf.set_tag_tree(tree);
    pdf.finish().map_err(|error| PaperError::Writing(format!("{error}: {error:?}")))
}

fn date(document: &Document) -> Result<DateTime, PaperError> {
    let day = document.issued_on;
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let year = u16::try_from(day.year())
        .map_err(|_| PaperError::content("issued_on", "a year after 0"))?;
    Ok(DateTime::new(year)
        .month(part(day.month()))
        .day(part(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0))
}

fn metadata(document: &Document, attached: &Attached<'_>, date: DateTime) -> Metadata {
    let title = format!("{} {}", document.title.both(), document.reference);
    let mut keywords = vec![attached.seal.to_owned()];
    keywords.extend(attached.code.map(str::to_owned));
    Metadata::new()
        .title(title)
        .authors(vec![document.authority_name.both()])
        .description(document.notice.both())
        .keywords(keywords)
        .language(Language::English.tag().to_owned())
        .creator("Gadolin".to_owned())
        .producer("Gadolin".to_owned())
        .document_id(format!("{}/{}", document.authority, document.reference))
        .creation_date(date)
}

fn attach(pdf: &mut Pdf, attached: &Attached<'_>, date: DateTime) -> Result<(), PaperError> {
    let mut files = vec![(
        JSON_NAME,
        "application/json",
        "What this document says, as data; in its canonical form",
        attached.json,
    )];
    if let Some(code) = attached.code {
        files.push((
            CODE_NAME,
            "text/plain",
            "The signed code that is drawn as a QR code",
            code.as_bytes(),
        ));
    }
    for (name, mime, description, data) in files {
        let file = EmbeddedFile {
            path: name.to_owned(),
            mime_type: MimeType::new(mime),
            description: Some(description.to_owned()),
            association_kind: AssociationKind::Data,
            data: data.to_vec().into(),
            modification_date: Some(date),
            // The data can be read and digested without a PDF library.
            compress: Some(false),
            location: None,
        };
        pdf.embed_file(file)
            .ok_or_else(|| PaperError::Writing(format!("`{name}` is attached twice")))?;
    }
    Ok(())
}

fn outline(flow: &Flow) -> Outline {
    let mut outline = Outline::new();
    for mark in &flow.marks {
        let to = krilla::destination::XyzDestination::new(mark.page, Point::from_xy(0.0, mark.y));
        outline.push_child(OutlineNode::new(mark.title.clone(), to));
    }
    outline
}

fn draw(
    pdf: &mut Pdf,
    items: &[Item],
    identifiers: &mut [Vec<Identifier>],
) -> Result<(), PaperError> {
    let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
        .ok_or_else(|| PaperError::Writing("the size of a page".to_owned()))?;
    let mut page = pdf.start_page_with(settings);
    let mut surface = page.surface();
    for item in items {
        let language = match &item.shape {
            Shape::Text { language, .. } => Some(language.tag()),
            Shape::Rule { .. } | Shape::Code { .. } => None,
        };
        match item.part {
            Part::Ornament => {
                let artifact = Artifact::with_kind(ArtifactType::Layout);
                surface.start_tagged(ContentTag::Artifact(artifact));
            }
            Part::Leaf(leaf) => {
                let content = match language {
                    Some(language) => ContentTag::Span(SpanTag::empty().with_lang(Some(language))),
                    None => ContentTag::Other,
                };
                let identifier = surface.start_tagged(content);
                if let Some(all) = identifiers.get_mut(leaf) {
                    all.push(identifier);
                }
            }
        }
        match &item.shape {
            Shape::Text { line, style, .. } => text(&mut surface, item, line, style),
            Shape::Rule { width, height, ink } => {
                fill(&mut surface, *ink);
                rectangles(&mut surface, std::iter::once((item.x, item.y, *width, *height)));
            }
            Shape::Code { modules, count, side } => {
                fill(&mut surface, Ink::Black);
                rectangles(&mut surface, code_bars(modules, *count, *side, item));
            }
        }
        surface.end_tagged();
    }
    surface.finish();
    page.finish();
    Ok(())
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    let color = match ink {
        Ink::Black => rgb::Color::new(0x16, 0x1d, 0x20),
        Ink::Grey => rgb::Color::new(0x4d, 0x5a, 0x5e),
        Ink::Accent => rgb::Color::new(0x0b, 0x55, 0x63),
        Ink::Tint => rgb::Color::new(0xe9, 0xf1, 0xf2),
        Ink::Hairline => rgb::Color::new(0xa9, 0xbf, 0xc3),
    };
    let rule = FillRule::NonZero;
    surface.set_fill(Some(Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule }));
}

fn text(surface: &mut Surface<'_>, item: &Item, line: &TextLine, style: &Style) {
    fill(surface, style.ink);
    let mut x = item.x;
    let y = item.y + style.leading / 2.0 + style.size * BASELINE;
    for run in &line.runs {
        let glyph = |(at, character): (usize, char)| {
            let (id, width) = run.face.glyph(character)?;
            let range = at..at + character.len_utf8();
            Some(KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, range, None))
        };
        let glyphs: Vec<KrillaGlyph> = run.text.char_indices().filter_map(glyph).collect();
        let font = run.face.font.clone();
        surface.draw_glyphs(Point::from_xy(x, y), &glyphs, font, &run.text, style.size, false);
        x += run.width;
    }
}

/// The dark modules of a code, joined to bars within each row.
fn code_bars(
    modules: &[bool],
    count: usize,
    side: f32,
    item: &Item,
) -> impl Iterator<Item = (f32, f32, f32, f32)> {
    let module = side / count as f32;
    let rows = modules.chunks(count).enumerate();
    rows.flat_map(move |(y, row)| {
        let mut bars: Vec<(usize, usize)> = Vec::new();
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            match bars.last_mut() {
                Some((from, length)) if *from + *length == x => *length += 1,
                _ => bars.push((x, 1)),
            }
        }
        let (left, top) = (item.x, item.y + y as f32 * module);
        bars.into_iter()
            .map(move |(x, length)| (left + x as f32 * module, top, length as f32 * module, module))
    })
}

fn rectangles(surface: &mut Surface<'_>, all: impl Iterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in all {
        if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rectangle);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

/// The structure as krilla takes it.
fn tag(node: &Node, identifiers: &mut [Vec<Identifier>]) -> Option<TagNode> {
    let (role, children) = match node {
        Node::Leaf(_) => return None,
        Node::Group(role, children) => (role, children),
    };
    let mut group = group(role);
    for child in children {
        match child {
            Node::Leaf(leaf) => {
                let drawn = identifiers.get_mut(*leaf).map(std::mem::take).unwrap_or_default();
                drawn.into_iter().for_each(|identifier| group.push(identifier));
            }
            Node::Group(..) => {
                if let Some(child) = tag(child, identifiers) {
                    group.push(child);
                }
            }
        }
    }
    Some(group.into())
}

fn group(role: &Role) -> TagGroup {
    match role {
        Role::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            TagGroup::new(Tag::Hn(level, Some(title.clone())))
        }
        Role::Paragraph(language) => {
            TagGroup::new(Tag::P.with_lang(Some(language.tag().to_owned())))
        }
        Role::Table => TagGroup::new(Tag::Table),
        Role::TableHead => TagGroup::new(Tag::THead),
        Role::TableBody => TagGroup::new(Tag::TBody),
        Role::TableRow => TagGroup::new(Tag::TR),
        Role::HeadCell => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::Cell => TagGroup::new(Tag::TD),
        Role::List => TagGroup::new(Tag::L(ListNumbering::None)),
        Role::ListItem => TagGroup::new(Tag::LI),
        Role::Label => TagGroup::new(Tag::Lbl),
        Role::Body => TagGroup::new(Tag::LBody),
        Role::Figure(alt) => TagGroup::new(Tag::Figure(Some(alt.clone()))),
    }
}
