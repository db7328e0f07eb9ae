//! XML of published lists, record by record.
//!
//! A record (one listed party) is read into a small tree and handed on; nothing else is held. There are no
//! external entities and no document types: `<!DOCTYPE` ends the reading, and of entities only the five of
//! XML 1.0 (section 4.6) and characters by number are known. Depth, elements and bytes of a record are bounded.
//!
//! What is not well-formed ends the reading with its place, for what follows cannot be told apart; a record
//! that is well-formed and says too little costs only itself.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::bounded::{Allowance, Bounded};
use super::fault::{Outcome, Place, shown};
use super::gather::Gather;

/// An element of a record: local names, without prefixes.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The text of an attribute, or nothing.
    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The children of a name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements of a name below the children of another.
    pub(super) fn each<'e>(
        &'e self,
        parent: &'e str,
        name: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.all(parent).flat_map(move |child| child.all(name))
    }

    /// The text of the first child of a name, or nothing.
    pub(super) fn child(&self, name: &str) -> &str {
        let found = self.children.iter().find(|child| child.name == name);
        found.map_or("", |child| child.text.trim())
    }
}

/// Why reading ended before the end.
type End = (&'static str, String, &'static str);

/// Reads the records of a file; `each` gets an element of one of the names that stand anywhere, and the
/// number of the record. Elements of `notes` are handed over like records and are not counted.
pub(super) fn records(
    source: impl BufRead,
    names: &[&str],
    notes: &[&str],
    gather: &mut Gather,
    mut each: impl FnMut(&mut Gather, u64, &Element),
) {
    let allowance = Allowance::new(gather.limits.record_bytes);
    let mut reader = Reader::from_reader(Bounded::new(source, &allowance));
    reader.config_mut().check_end_names = true;
    let mut walk =
        Walk { names, notes, limits: gather.limits, stack: Vec::new(), depth: 0, elements: 0 };
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        if walk.stack.is_empty() {
            allowance.renew();
        }
        buffer.clear();
        let step = match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) if walk.depth == 0 => return,
            Ok(Event::Eof) => {
                Err(("xml_cut_off", "the file ends within an element".to_owned(), "the whole file"))
            }
            Ok(event) => walk.step(event),
            Err(_) if allowance.spent() => {
                let message =
                    format!("a record is longer than {} bytes", gather.limits.record_bytes);
                Err(("record_too_long", message, "records of at most 1 MiB"))
            }
            Err(error) => Err(("xml_broken", shown(&error.to_string()), "well-formed XML")),
        };
        match step {
            Ok(None) => {}
            Ok(Some(element)) => {
                if walk.names.contains(&element.name.as_str()) {
                    number += 1;
                }
                each(gather, number, &element);
                if gather.stopped {
                    return;
                }
            }
            Err((code, message, accepted)) => {
                let message = format!("{message} (byte {})", reader.buffer_position());
                let place = Place::Record(number + 1);
                gather.tell(place, Outcome::Stopped, ("", code, message, accepted));
                return;
            }
        }
    }
}

struct Walk<'n> {
    names: &'n [&'n str],
    notes: &'n [&'n str],
    limits: super::ListLimits,
    /// The record that is read, from its root to the element that is open.
    stack: Vec<Element>,
    depth: usize,
    elements: usize,
}

impl Walk<'_> {
    fn step(&mut self, event: Event<'_>) -> Result<Option<Element>, End> {
        match event {
            Event::Start(start) => self.open(&start).map(|()| None),
            Event::Empty(start) => {
                self.open(&start)?;
                Ok(self.close())
            }
            Event::End(_) => Ok(self.close()),
            Event::Text(text) => Ok(self.text(&text)),
            Event::CData(data) => Ok(self.text(&data)),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(_) => Err((
                "xml_doctype",
                "a document type declaration (`<!DOCTYPE`)".to_owned(),
                "the list as it is published, without one",
            )),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(None),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), End> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            let message = format!("elements stand deeper than {} levels", self.limits.depth);
            return Err(("xml_too_deep", message, "the list as it is published"));
        }
        let name = start.local_name();
        let name: &str = name.as_ref();
        if self.stack.is_empty() && !self.names.contains(&name) && !self.notes.contains(&name) {
            return Ok(());
        }
        if self.stack.is_empty() {
            self.elements = 0;
        }
        self.elements += 1;
        if self.elements > self.limits.record_elements {
            let message =
                format!("a record has more than {} elements", self.limits.record_elements);
            return Err(("record_too_long", message, "the list as it is published"));
        }
        let mut element = Element { name: name.to_owned(), ..Element::default() };
        for attribute in start.attributes() {
            let broken = |text: String| ("xml_broken", shown(&text), "well-formed XML");
            let attribute = attribute.map_err(|error| broken(error.to_string()))?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|error| broken(error.to_string()))?;
            let key = attribute.key.local_name();
            let key: &str = key.as_ref();
            element.attributes.push((key.to_owned(), value.into_owned()));
        }
        self.stack.push(element);
        Ok(())
    }

    /// Closes the open element; gives the record where it was the last.
    fn close(&mut self) -> Option<Element> {
        self.depth = self.depth.saturating_sub(1);
        let element = self.stack.pop()?;
        match self.stack.last_mut() {
            Some(parent) => {
                parent.children.push(element);
                None
            }
            None => Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Option<Element> {
        if let Some(element) = self.stack.last_mut() {
            element.text.push_str(text);
        }
        None
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<Option<Element>, End> {
        let unknown = || {
            let name: &str = reference;
            let message = format!("the entity `&{};`", shown(name));
            (
                "xml_entity",
                message,
                "`&amp;` `&lt;` `&gt;` `&quot;` `&apos;`, and characters by number",
            )
        };
        match reference.resolve_char_ref() {
            Ok(Some(c)) => Ok(self.text(c.encode_utf8(&mut [0; 4]))),
            Ok(None) => {
                let name: &str = reference;
                let text =
                    quick_xml::escape::resolve_predefined_entity(name).ok_or_else(unknown)?;
                Ok(self.text(text))
            }
            Err(_) => Err(unknown()),
        }
    }
}
