//! Documents through the door of the crate: what is taken and refused, stored once an owner, given out only
//! when it was found clean, and gone without a trace when it was cut off.

use std::io::{Read, Seek, SeekFrom};

use app::documents::{
    CASE_BYTES_MAX, CASE_DOCUMENTS_MAX, DAY_BYTES_MAX, DOCUMENT_BYTES_MAX, DocumentCount,
    DocumentError, DocumentView, Documents, Kind, Refusal, SCAN_JOB, ScanState, ScanTask, Stored,
    Verdict, case_fits, hash_parse,
};
use app::jobs::TRIES_MAX;
use app::people::{By, Moment};
use app::platform::OpenOptions;
use app::{ImportOptions, Mode, Platform};
use base::Timestamp;

const PARTIES: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
    O1,opening,2025-01-01,gad:own,FAB,X-1,scrap_magnet,1,Nd=25.0\n\
    O1,opening,2025-01-01,gad:other,FAB,X-2,scrap_magnet,1,Nd=25.0\n";

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n";

struct Place {
    dir: tempfile::TempDir,
    platform: Platform,
    documents: Documents,
    moments: std::cell::Cell<i64>,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [7; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        let options = ImportOptions::default();
        let report = platform.import(Box::new(PARTIES.as_bytes()), options, &mut |_| {}).unwrap();
        assert_eq!(report.filings.filed, 2);
        let documents = Documents::open(&platform, [5; 32]).unwrap();
        Place { dir, platform, documents, moments: std::cell::Cell::new(1_764_000_000_000_000) }
    }

    fn moment(&self) -> Moment {
        let us = self.moments.replace(self.moments.get() + 1_000);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&us.to_be_bytes());
        Moment { now: Timestamp::from_us(us), seed }
    }

    fn store(&self, owner: &str, name: &str, bytes: impl Read) -> Result<Stored, DocumentError> {
        self.documents.store(owner, name, bytes, By::account("mira"), &self.moment())
    }

    fn refused(&self, name: &str, bytes: impl Read) -> Refusal {
        match self.store("gad:own", name, bytes) {
            Err(DocumentError::Refused(refusal)) => refusal,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn scanned(&self, document: &DocumentView, owner: &str, verdict: &Verdict) -> bool {
        let task = ScanTask { key: document.key, owner: owner.to_owned() };
        self.documents.scanned(&task, verdict, "test", self.moment().now).unwrap()
    }

    fn nothing_stored(&self, why: &str) {
        assert_eq!(self.documents.count().unwrap(), DocumentCount::default(), "{why}");
        assert_eq!(self.platform.job_count().unwrap().open, 0, "{why}");
        let names: Vec<_> =
            std::fs::read_dir(self.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".tmp")), "{names:?}");
    }
}

/// A ZIP container of files that are stored as they are.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let at = bytes.len() as u32;
        let sizes = [(text.len() as u32).to_le_bytes(), (text.len() as u32).to_le_bytes()].concat();
        let name_length = (name.len() as u16).to_le_bytes();
        bytes.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend_from_slice(&sizes);
        bytes.extend_from_slice(&name_length);
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(text.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        directory.extend_from_slice(&sizes);
        directory.extend_from_slice(&name_length);
        directory.extend_from_slice(&[0; 12]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let count = (files.len() as u16).to_le_bytes();
    let ends = [(directory.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes()];
    bytes.extend(directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&count);
    bytes.extend_from_slice(&count);
    bytes.extend_from_slice(&ends.concat());
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

fn odf(media: &str) -> Vec<u8> {
    let media = format!("application/vnd.oasis.opendocument.{media}");
    zip(&[("mimetype", &media), ("content.xml", "<x/>")])
}

fn ooxml(part: &str) -> Vec<u8> {
    zip(&[("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<r/>"), (part, "<x/>")])
}

#[test]
fn each_kind_is_told_by_its_content_and_taken_under_its_name() {
    let place = Place::new();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[1; 30]].concat();
    for (name, bytes, kind, media) in [
        ("a.pdf", PDF.to_vec(), Kind::Pdf, "application/pdf"),
        ("A.PDF", [PDF, b" "].concat(), Kind::Pdf, "application/pdf"),
        ("a.png", png, Kind::Png, "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), Kind::Jpeg, "image/jpeg"),
        ("a.jpeg", b"\xff\xd8\xff\xe1\0\x10Exif\0".to_vec(), Kind::Jpeg, "image/jpeg"),
        ("a.tif", b"II*\0\x08\0\0\0".to_vec(), Kind::Tiff, "image/tiff"),
        ("a.tiff", b"MM\0*\0\0\0\x08".to_vec(), Kind::Tiff, "image/tiff"),
        ("a.docx", ooxml("word/document.xml"), Kind::Docx, "wordprocessingml"),
        ("a.xlsx", ooxml("xl/workbook.xml"), Kind::Xlsx, "spreadsheetml"),
        ("a.odt", odf("text"), Kind::Odt, "opendocument.text"),
        ("a.ods", odf("spreadsheet"), Kind::Ods, "opendocument.spreadsheet"),
        ("a.txt", "Endverbleib: Prüfstände, 局\n".into(), Kind::Text, "text/plain; charset=utf-8"),
        ("a.csv", b"lot,kg\nMAG-1,3\n".to_vec(), Kind::Csv, "text/csv; charset=utf-8"),
        ("b.csv", b"MZ,3\nZM,4\n".to_vec(), Kind::Csv, "text/csv"),
        ("a.xml", b"<?xml version=\"1.0\"?><svg/>".to_vec(), Kind::Xml, "application/xml"),
        (
            "b.xml",
            b"\xef\xbb\xbf<?xml version=\"1.0\"?><a/>".to_vec(),
            Kind::Xml,
            "application/xml",
        ),
    ] {
        let stored = place.store("gad:own", name, bytes.as_slice()).unwrap();
        let found = stored.document();
        assert!(matches!(stored, Stored::New(_)), "{name}");
        assert_eq!((found.kind, found.name.as_str()), (kind, name));
        assert_eq!((found.bytes, found.scan), (bytes.len() as u64, ScanState::Waiting));
        assert!(found.kind.media_type().contains(media), "{name}");
    }
    assert_eq!(app::platform::fsck(place.dir.path()).unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_not_what_its_name_says_is_refused_with_what_it_is_and_what_would_be_taken() {
    let place = Place::new();
    let kind = |name: &str, bytes: &[u8], found: &str, accepted: &str| {
        let refusal = place.refused(name, bytes);
        assert_eq!(refusal.code(), "document_kind", "{name} {bytes:?}");
        let told = refusal.to_string();
        assert!(told.contains(found), "{name}: {told}");
        assert!(refusal.accepted().contains(accepted), "{name}: {}", refusal.accepted());
    };
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 60]].concat();
    let exe = [b"MZ\x90\0".as_slice(), &[0; 60]].concat();
    kind("report.pdf", &exe, "Executable", "a PDF");
    kind("report.pdf", &elf, "Executable", "a PDF");
    kind("report.pdf", b"<!DOCTYPE html><script>alert(1)</script>", "HyperText", "a PDF");
    kind("report.pdf", b"hello", "plain text", "a PDF");
    kind("report.pdf", b"x%PDF-1.7", "plain text", "a PDF");
    kind("report.pdf", &[0, 1, 2, 3], "no kind that is known", "docx");
    kind("report.docx", PDF, "Portable Document Format", "a Word document");
    kind("report.docx", &zip(&[("a.exe", "x")]), "ZIP", "a Word document");
    kind("report.docx", &ooxml("xl/workbook.xml"), "Spreadsheet", "a Word document");
    kind("report.odt", &odf("spreadsheet"), "Spreadsheet", "OpenDocument text");
    kind("scan.png", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "Joint Photographic", "a PNG picture");
    kind("page.txt", b"<html><script>alert(1)</script>", "HyperText", "plain text in UTF-8");
    kind("page.csv", b"<!DOCTYPE html>", "HyperText", "a table of text in UTF-8");
    kind("page.xml", b"<html></html>", "HyperText", "XML in UTF-8");
    kind("run.txt", b"#!/bin/sh\nrm -rf /\n", "Shell", "plain text");
    kind("tower.txt", b"a\xff\xfeb", "not text in UTF-8", "plain text in UTF-8");
    kind("gb.csv", b"\xbe\xd6,\xb9\xab\n", "not text in UTF-8", "in UTF-8");
    kind("nul.csv", b"a,b\0\n", "not text in UTF-8", "in UTF-8");
    kind("cut.txt", b"caf\xc3", "not text in UTF-8", "in UTF-8");
    kind("wide.xml", b"<?xml version=\"1.0\"?>\xff", "not text in UTF-8", "in UTF-8");
    // Far behind its beginning too.
    let late = [vec![b'a'; 200_000], vec![0]].concat();
    kind("late.txt", &late, "not text in UTF-8", "in UTF-8");
    for (name, code) in [
        ("archive.zip", "document_extension"),
        ("run.exe", "document_extension"),
        ("macro.docm", "document_extension"),
        ("page.html", "document_extension"),
        ("noending", "document_name"),
        ("../..", "document_name"),
    ] {
        assert_eq!(place.refused(name, PDF).code(), code, "{name}");
    }
    assert_eq!(place.refused("a.pdf", std::io::empty()), Refusal::Empty);
    place.nothing_stored("refused");
}

#[test]
fn a_document_is_as_large_as_it_may_be_and_not_by_a_byte_larger() {
    let place = Place::new();
    let most = PDF.chain(std::io::repeat(b' ')).take(DOCUMENT_BYTES_MAX + 1);
    assert_eq!(place.refused("large.pdf", most), Refusal::TooLarge);
    place.nothing_stored("too large");
    let most = PDF.chain(std::io::repeat(b' ')).take(DOCUMENT_BYTES_MAX);
    let stored = place.store("gad:own", "large.pdf", most).unwrap();
    assert_eq!(stored.document().bytes, DOCUMENT_BYTES_MAX);
    let mut content = place.documents.sealed(&stored.document().key).unwrap();
    let mut whole = 0;
    while let Some(chunk) = content.next_chunk().unwrap() {
        whole += chunk.len() as u64;
    }
    assert_eq!(whole, DOCUMENT_BYTES_MAX);
}

/// Gives what it has, then what the connection says.
struct Cut<'b>(&'b [u8]);

impl Read for Cut<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(to)? {
            0 => Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
            read => Ok(read),
        }
    }
}

#[test]
fn an_upload_that_is_cut_off_leaves_nothing() {
    let place = Place::new();
    let long = [PDF, &[b' '; 300_000]].concat();
    let cut = place.store("gad:own", "a.pdf", Cut(&long));
    assert!(matches!(cut, Err(DocumentError::Source(_))), "{cut:?}");
    let mut upload = place.documents.begin("gad:own", "a.pdf", &place.moment()).unwrap();
    upload.write(&long).unwrap();
    drop(upload);
    place.nothing_stored("cut off");
}

#[test]
fn the_same_bytes_are_stored_once_an_owner_and_another_learns_nothing() {
    let place = Place::new();
    let first = place.store("gad:own", "a.pdf", PDF).unwrap();
    let again = place.store("gad:own", "b.pdf", PDF).unwrap();
    assert_eq!(again, Stored::There(first.document().clone()), "under its first name");
    let sha256 = first.document().key.sha256;
    assert_eq!(hash_parse(&first.document().sha256), Some(sha256));
    assert_eq!(place.platform.job_count().unwrap().open, 1);
    // What another has is as what nobody has.
    let other = place.documents.document("gad:other", &sha256);
    let nobody = place.documents.document("gad:other", &[0; 32]);
    assert_eq!(other.unwrap_err().to_string(), nobody.unwrap_err().to_string());
    let theirs = place.store("gad:other", "c.pdf", PDF).unwrap();
    assert!(matches!(&theirs, Stored::New(document) if document.name == "c.pdf"));
    assert!(place.store("gad:nobody", "a.pdf", PDF).is_err());
    assert_eq!(place.documents.count().unwrap().all(), 2);
    // Plain bytes are in no file of the data directory, and no two documents look alike.
    let mut database = std::fs::read(place.dir.path().join("gadolin.sqlite")).unwrap();
    database.extend(std::fs::read(place.dir.path().join("gadolin.sqlite-wal")).unwrap());
    assert!(!database.windows(12).any(|part| part == &PDF[9..21]));
    // An extension in capitals is the same extension.
    assert!(matches!(place.store("gad:own", "A.PDF", PDF), Ok(Stored::There(_))));
}

#[test]
fn only_what_was_found_clean_is_given_out() {
    let place = Place::new();
    let stored = place.store("gad:own", "a.pdf", PDF).unwrap();
    let document = stored.document();
    let sha256 = document.key.sha256;
    let given = || {
        let mut content = place.documents.content("gad:own", &sha256)?;
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        Ok::<_, DocumentError>(bytes)
    };
    let refused = |state: ScanState| {
        let error = given().unwrap_err();
        assert!(
            matches!(error, DocumentError::Refused(Refusal::NotClean { state: found }) if found == state)
        );
        assert!(!place.documents.all_clean("gad:own", &[sha256]).unwrap());
    };
    refused(ScanState::Waiting);
    assert!(place.scanned(document, "gad:own", &Verdict::Failed("the scanner is away".into())));
    refused(ScanState::Failed);
    assert!(place.scanned(document, "gad:own", &Verdict::Clean));
    assert_eq!(given().unwrap(), PDF);
    assert!(place.documents.all_clean("gad:own", &[sha256]).unwrap());
    assert!(!place.documents.all_clean("gad:own", &[sha256, [0; 32]]).unwrap());
    assert!(!place.documents.all_clean("gad:other", &[sha256]).unwrap());
    assert!(place.documents.content("gad:other", &sha256).is_err());
    // What was found clean stays so; so does what was found infected, for good.
    assert!(!place.scanned(document, "gad:own", &Verdict::Infected("X".into())));
    let bad = place.store("gad:own", "b.pdf", [PDF, b"x"].concat().as_slice()).unwrap();
    let hash = bad.document().key.sha256;
    assert!(place.scanned(bad.document(), "gad:own", &Verdict::Infected("Eicar\u{202e}\n".into())));
    assert!(!place.scanned(bad.document(), "gad:own", &Verdict::Clean));
    assert!(place.documents.content("gad:own", &hash).is_err());
    let found = place.documents.documents("gad:own", &[hash, [9; 32], sha256]).unwrap();
    let told: Vec<_> =
        found.iter().map(|one| (one.scan.code(), one.scan_detail.as_str())).collect();
    assert_eq!(told, [("infected", "Eicar"), ("clean", "")]);
    // Kept, as evidence.
    let mut kept = Vec::new();
    place.documents.sealed(&bad.document().key).unwrap().read_to_end(&mut kept).unwrap();
    assert_eq!(kept, [PDF, b"x"].concat());
}

#[test]
fn the_job_of_a_document_says_what_is_to_be_scanned_and_is_tried_anew_when_there_is_a_scanner() {
    let place = Place::new();
    let stored = place.store("gad:own", "a.pdf", PDF).unwrap();
    let job = place.platform.job_take(place.moment().now).unwrap().unwrap();
    assert_eq!(job.kind, SCAN_JOB);
    let task = ScanTask::parse(&job.body).unwrap();
    assert_eq!((task.key, task.owner.as_str()), (stored.document().key, "gad:own"));
    assert_eq!(ScanTask::parse("{}"), None);
    place.platform.job_failed(&job, "no scanner", None, place.moment().now).unwrap();
    assert_eq!(place.documents.scans_again(place.moment().now).unwrap(), 1);
    let again = place.platform.job_take(place.moment().now).unwrap().unwrap();
    assert!(again.job_id == job.job_id && again.tries == 1 && TRIES_MAX > 1);
}

#[test]
fn content_is_read_from_anywhere_in_it() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..200_000_u32).map(|i| b"abcdefghijk\n"[(i % 12) as usize]).collect();
    let stored = place.store("gad:own", "a.txt", bytes.as_slice()).unwrap();
    let mut content = place.documents.sealed(&stored.document().key).unwrap();
    for (at, length) in
        [(0, 10), (65_530, 20), (131_072, 65_536), (199_999, 5), (200_000, 5), (3, 70_000)]
    {
        content.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut part = Vec::new();
        content.by_ref().take(length as u64).read_to_end(&mut part).unwrap();
        assert_eq!(part, bytes[at..bytes.len().min(at + length)], "{at}");
    }
    assert_eq!(content.seek(SeekFrom::End(-4)).unwrap(), 199_996);
    assert!(content.seek(SeekFrom::End(-200_001)).is_err());
}

#[test]
fn a_case_and_a_day_hold_so_much_and_no_more() {
    let place = Place::new();
    let stored = place.store("gad:own", "a.pdf", PDF).unwrap();
    let of = |bytes: u64| DocumentView { bytes, ..stored.document().clone() };
    assert_eq!(case_fits(&vec![of(1); CASE_DOCUMENTS_MAX]), Ok(()));
    let many = case_fits(&vec![of(1); CASE_DOCUMENTS_MAX + 1]).unwrap_err();
    assert_eq!(many.code(), "case_documents");
    assert_eq!(case_fits(&[of(CASE_BYTES_MAX - 1), of(1)]), Ok(()));
    assert_eq!(case_fits(&[of(CASE_BYTES_MAX), of(1)]).unwrap_err().code(), "case_bytes");
    // A full case can be uploaded in one day.
    const { assert!(CASE_BYTES_MAX <= DAY_BYTES_MAX && DOCUMENT_BYTES_MAX <= CASE_BYTES_MAX) };
}

#[test]
fn without_their_key_documents_are_not_opened_with_a_new_one() {
    let place = Place::new();
    place.store("gad:own", "a.pdf", PDF).unwrap();
    let key = place.dir.path().join("documents.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let missing = Documents::open(&place.platform, [6; 32]).unwrap_err();
    assert!(matches!(missing, DocumentError::KeyMissing { .. }), "{missing}");
    assert!(!key.exists(), "no new one is made");
    // One that was put there on purpose takes new documents; the old one stays closed.
    std::fs::write(&key, [8; 32]).unwrap();
    assert!(
        Documents::open(&place.platform, [6; 32]).unwrap_err().to_string().contains("chmod 600")
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let anew = Documents::open(&place.platform, [6; 32]).unwrap();
    assert!(anew.key_of_others().unwrap());
    let by = By::account("mira");
    let new = anew.store("gad:own", "b.txt", b"b".as_slice(), by, &place.moment()).unwrap();
    assert!(anew.sealed(&new.document().key).is_ok());
    let wrong = app::platform::fsck(place.dir.path()).unwrap();
    assert!(wrong.len() == 1 && wrong[0].contains("another key"), "{wrong:?}");
    std::fs::write(&key, kept).unwrap();
    assert!(
        Documents::open(&place.platform, [6; 32]).unwrap().sealed(&new.document().key).is_err()
    );
}
