//! Whether a document is built as PDF/A-3a and PDF/UA-1 ask, read by a program that is not ours (qpdf).
//!
//! No validator of the standards is at hand, so this says what is looked at, with the clause of ISO 19005-3
//! (or of ISO 14289-1, "UA"); what a validator would look at besides is not proved here.

use std::collections::BTreeMap;
use std::process::Command;

use data_encoding::BASE64;
use serde_json::Value;

use super::samples_tests::{licence, refusal};
use super::*;

/// The objects of a file as qpdf reads them.
struct Objects {
    trailer: Value,
    all: BTreeMap<String, Value>,
}

impl Objects {
    fn read(pdf: &[u8]) -> Objects {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("document.pdf");
        std::fs::write(&path, pdf).unwrap();
        let qpdf = |args: &[&str]| {
            let run = Command::new("qpdf").args(args).arg(&path).output();
            let run = run.expect("qpdf, which `cargo xtask setup` installs");
            let said = String::from_utf8_lossy(&run.stderr).into_owned();
            assert!(run.status.success() && said.is_empty(), "{said}");
            String::from_utf8(run.stdout).unwrap()
        };
        let checked = qpdf(&["--check"]);
        assert!(checked.contains("No syntax or stream encoding errors found"), "{checked}");
        let json = qpdf(&["--json=2", "--json-stream-data=inline", "--decode-level=generalized"]);
        let json: Value = serde_json::from_str(&json).unwrap();
        let objects = json["qpdf"][1].as_object().unwrap();
        let trailer = objects["trailer"]["value"].clone();
        let all = objects.iter().filter_map(|(name, object)| {
            Some((name.strip_prefix("obj:")?.to_owned(), object.clone()))
        });
        Objects { trailer, all: all.collect() }
    }

    /// A value, or what it points to; of a stream its dictionary.
    fn get<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(object) = value.as_str().and_then(|name| self.all.get(name)) else {
            return value;
        };
        if object["stream"].is_object() { &object["stream"]["dict"] } else { &object["value"] }
    }

    fn data(&self, value: &Value) -> Vec<u8> {
        let object = &self.all[value.as_str().unwrap()];
        BASE64.decode(object["stream"]["data"].as_str().unwrap().as_bytes()).unwrap()
    }

    /// All dictionaries whose `name` is `value`.
    fn with(&self, name: &str, value: &str) -> Vec<&Value> {
        let mut found = Vec::new();
        let mut open: Vec<&Value> = self.all.values().collect();
        while let Some(next) = open.pop() {
            if next[name] == value {
                found.push(next);
            }
            match next {
                Value::Object(fields) => open.extend(fields.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        found
    }

    /// Every name that is used as a key or a value.
    fn names(&self) -> String {
        let without_data = |object: &Value| {
            let mut object = object.clone();
            if let Some(stream) = object.get_mut("stream").and_then(Value::as_object_mut) {
                stream.remove("data");
            }
            object.to_string()
        };
        self.all.values().map(without_data).collect()
    }
}

fn check(document: &Document) {
    let pdf = document_write(document, &SigningKey::from_seed([7; 32])).unwrap().pdf;
    let objects = Objects::read(&pdf);
    file(&pdf, &objects);
    catalog(&objects, document);
    metadata(&objects, document);
    fonts(&objects);
    attachments(&objects, document);
    structure(&objects, document);
}

/// 6.1.2 header, 6.1.3 trailer, 6.1.13 and 6.5, 6.6 what must not be there.
fn file(pdf: &[u8], objects: &Objects) {
    assert!(pdf.starts_with(b"%PDF-1.7\n%"));
    assert!(pdf.get(10..14).unwrap().iter().all(|byte| *byte > 127), "a binary comment");
    assert!(pdf.ends_with(b"%%EOF") || pdf.ends_with(b"%%EOF\n"));
    assert_eq!(pdf.windows(5).filter(|window| window == b"%%EOF").count(), 1, "one revision");
    assert_eq!(objects.trailer["/ID"].as_array().map(Vec::len), Some(2));
    let names = objects.names();
    for banned in [
        "/Encrypt",
        "/JavaScript",
        "/JS\"",
        "/AA\"",
        "/Launch",
        "/OpenAction",
        "/AcroForm",
        "/XFA",
        "/LZWDecode",
        "/Crypt",
        "/DeviceCMYK",
        "/OCProperties",
        "/Movie",
        "/Sound",
        "/RichMedia",
        "/PostScript",
        "/Type3",
        "/FFilter",
        "/Alternates",
    ] {
        assert!(!names.contains(banned), "{banned}");
    }
    assert!(objects.trailer["/Encrypt"].is_null());
}

/// 6.2.3 output intent; 6.7 (level A) marked, with structure and language; UA 7.1 title shown.
fn catalog(objects: &Objects, document: &Document) {
    let catalog = objects.get(&objects.trailer["/Root"]);
    assert_eq!(objects.get(&catalog["/MarkInfo"])["/Marked"], true);
    assert_eq!(catalog["/Lang"], "u:en");
    let preferences = objects.get(&catalog["/ViewerPreferences"]);
    assert_eq!(preferences["/DisplayDocTitle"], true);
    let intents = objects.get(&catalog["/OutputIntents"]).as_array().unwrap();
    let intent = objects.get(&intents[0]);
    assert_eq!((intents.len(), &intent["/S"]), (1, &Value::from("/GTS_PDFA1")));
    let profile = objects.data(&intent["/DestOutputProfile"]);
    assert_eq!(objects.get(&intent["/DestOutputProfile"])["/N"], 3);
    assert_eq!((&profile[16..20], &profile[36..40]), (b"RGB ".as_slice(), b"acsp".as_slice()));
    assert!(!objects.with("/Type", "/Outlines").is_empty(), "an outline");
    let pages = objects.with("/Type", "/Page");
    assert!(!pages.is_empty());
    for page in pages {
        assert!(page["/StructParents"].is_number() && page["/Tabs"] == "/S", "{page}");
    }
    assert!(document.title.both().len() > 1);
}

/// 6.6.2 XMP, in plain; 6.6.4 identification; UA 5.
fn metadata(objects: &Objects, document: &Document) {
    let catalog = objects.get(&objects.trailer["/Root"]);
    assert!(objects.get(&catalog["/Metadata"])["/Filter"].is_null());
    let xmp = String::from_utf8(objects.data(&catalog["/Metadata"])).unwrap();
    for part in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        &format!("{} {}", document.title.both(), document.reference),
        "GADOLIN-SEAL/1:",
    ] {
        assert!(xmp.contains(part), "{part}: {xmp}");
    }
    let information = objects.get(&objects.trailer["/Info"]);
    let title = format!("u:{} {}", document.title.both(), document.reference);
    assert_eq!(information["/Title"], title.as_str());
    let day = document.issued_on.to_string();
    assert!(xmp.contains(&format!("<xmp:CreateDate>{day}T00:00:00")), "{xmp}");
    assert!(information["/CreationDate"].as_str().unwrap().contains(&day.replace('-', "")));
}

/// 6.2.11 fonts: embedded, subset, mapped to Unicode, glyphs by their own number.
fn fonts(objects: &Objects) {
    let fonts = objects.with("/Subtype", "/Type0");
    assert_eq!(fonts.len(), 4, "two alphabets in two cuts");
    for font in &fonts {
        assert!(objects.data(&font["/ToUnicode"]).starts_with(b"%!PS"), "{font}");
        assert_eq!(font["/Encoding"], "/Identity-H");
        let descendant = objects.get(&objects.get(&font["/DescendantFonts"])[0]);
        assert_eq!(descendant["/CIDToGIDMap"], "/Identity");
        let descriptor = objects.get(&descendant["/FontDescriptor"]);
        let name = descriptor["/FontName"].as_str().unwrap();
        assert_eq!(name.find('+'), Some(7), "{name}");
        assert!(objects.data(&descriptor["/FontFile2"]).len() > 1_000, "{name}");
    }
    let all = objects.with("/Type", "/Font").len();
    assert_eq!(all, fonts.len() * 2, "no font besides these and their descendants");
}

/// 6.8 embedded files: name, relation, type, date, and that they are those of the document.
fn attachments(objects: &Objects, document: &Document) {
    let catalog = objects.get(&objects.trailer["/Root"]);
    let files = objects.get(&catalog["/AF"]).as_array().unwrap();
    let mut found = Vec::new();
    for file in files {
        let file = objects.get(file);
        assert_eq!(file["/AFRelationship"], "/Data");
        assert!(file["/Desc"].is_string() && file["/F"].is_string());
        let stream = &objects.get(&file["/EF"])["/F"];
        let dictionary = objects.get(stream);
        assert!(dictionary["/Params"]["/ModDate"].is_string(), "{dictionary}");
        assert!(dictionary["/Filter"].is_null(), "to be read without a PDF library");
        found.push((file["/UF"].as_str().unwrap().to_owned(), objects.data(stream)));
    }
    let json = document.canonical_json().unwrap();
    assert!(found.contains(&("u:document.json".to_owned(), json)));
    assert_eq!(found.len(), if document.validity.is_some() { 2 } else { 1 });
}

/// UA 7: headings, tables with heads of columns, lists, pictures with words, both languages told.
fn structure(objects: &Objects, document: &Document) {
    let count = |role: &str| objects.with("/S", role).len();
    assert_eq!(count("/H1"), 1);
    assert_eq!(count("/H2"), 2, "the table and the conditions");
    assert_eq!(count("/TH"), 6);
    assert_eq!(count("/TR"), 1 + document.lines.len());
    assert_eq!(count("/TD"), 6 * document.lines.len());
    assert_eq!(count("/LI"), document.facts.len() + document.conditions.len());
    for head in objects.with("/S", "/TH") {
        assert_eq!(objects.get(&head["/A"])[0]["/Scope"], "/Column", "{head}");
    }
    let figures = objects.with("/S", "/Figure");
    assert_eq!(figures.len(), usize::from(document.validity.is_some()));
    assert!(figures.iter().all(|figure| figure["/Alt"].is_string()), "{figures:?}");
    let chinese = objects.with("/Lang", "u:zh-CN").len();
    assert!(chinese > document.paragraphs.len(), "{chinese} parts in Chinese");
}

#[test]
fn a_licence_is_built_as_the_standards_of_archived_and_accessible_documents_ask() {
    check(&licence(5));
}

#[test]
fn a_long_licence_is_too() {
    check(&licence(60));
}

#[test]
fn a_letter_is_too() {
    check(&refusal());
}
