//! Party lists in every format: what is read, what is told of broken ones, and that nothing breaks the readers.
//! All names are invented.
#![expect(clippy::unwrap_used, reason = "tests")]

mod files;
mod mutate;

use std::fmt::Write as _;
use std::io::Cursor;

use files::{FIXTURES, Fixture};
use formats::party_list::{
    Beside, Duplicates, File, ListError, ListFormat, ListLimits, ListRead, ListSettings, Outcome,
    list_read,
};
use screening::{NameStrength, PartyKind};

fn file(bytes: &[u8]) -> File {
    Box::new(Cursor::new(bytes.to_vec()))
}

fn read_with(fixture: &Fixture, settings: &ListSettings) -> Result<ListRead, ListError> {
    let beside = Beside { names: fixture.names.map(file), addresses: fixture.addresses.map(file) };
    list_read(file(fixture.text), beside, settings)
}

fn settings() -> ListSettings {
    ListSettings { code: "own".to_owned(), ..ListSettings::default() }
}

fn fixture(name: &str) -> &'static Fixture {
    FIXTURES.iter().find(|fixture| fixture.name == name).unwrap()
}

fn read(name: &str) -> ListRead {
    read_with(fixture(name), &settings()).unwrap()
}

fn text_read(text: &str) -> Result<ListRead, ListError> {
    list_read(file(text.as_bytes()), Beside::default(), &settings())
}

/// The lists in short: `id kind | names | countries | years | numbers | programmes`; an alias begins with `=`,
/// a weak one with `~`.
fn shown(read: &ListRead) -> String {
    let mut text = String::new();
    for list in &read.lists {
        writeln!(text, "# {}", list.list.code).unwrap();
        let related = list.related.iter().map(|party| ("near ", party));
        for (mark, party) in list.list.parties.iter().map(|party| ("", party)).chain(related) {
            let kind = match party.kind {
                PartyKind::Person => "person",
                PartyKind::Organization => "body",
                PartyKind::Vessel => "ship",
                PartyKind::Aircraft => "aircraft",
                PartyKind::Unknown => "unknown",
            };
            let names: Vec<String> = party
                .names
                .iter()
                .map(|name| match name.strength {
                    NameStrength::Primary => name.text.clone(),
                    NameStrength::Alias => format!("={}", name.text),
                    NameStrength::Weak => format!("~{}", name.text),
                })
                .collect();
            let years: Vec<String> = party.birth_years.iter().map(u16::to_string).collect();
            let numbers: Vec<String> =
                party.identifiers.iter().map(|id| format!("{}:{}", id.scheme, id.value)).collect();
            writeln!(
                text,
                "{mark}{} {kind} | {} | {} | {} | {} | {}",
                party.id,
                names.join(" "),
                party.countries.join(" "),
                years.join(" "),
                numbers.join(" "),
                party.programmes.join(" + "),
            )
            .unwrap();
        }
        for own in &list.list.ownerships {
            writeln!(text, "{} owns {:?} of {}", own.owner, own.share_ppm, own.owned).unwrap();
        }
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn check(name: &str, format: ListFormat, expected: &str) {
    let read = read(name);
    assert_eq!(read.format, format, "{name}");
    let expected: String =
        expected.trim_start().lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(shown(&read), expected, "{name}");
    assert!(read.whole, "{name}: {:?}", read.faults);
    let hash = &read.lists[0].list.version;
    assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
}

#[test]
fn reads_the_simple_table_of_opensanctions() {
    check("targets.simple.csv", ListFormat::Targets, "
        # own
        ZZ-1 person | Orvald Quillfeather =O. Quillfeather =Quillfeather; the Elder =Орвальд Квиллфезер | RU UA | 1961 1962 | :P-99881 | TEST-A + TEST-B
        ZZ-2 body | Brackwater Magnet Works | CN |  |  | Only Words
        ZZ-3 ship | GREY HERON | PA |  | :IMO9999993 | ");
}

#[test]
fn reads_entities_of_follow_the_money_and_keeps_apart_who_is_not_listed() {
    check("entities.ftm.json", ListFormat::FollowTheMoney, "
        # own
        os-1 person | Orvald Quillfeather =Орвальд Квиллфезер ~Ovi | RU | 1961 | passport:X0000042 | TEST-A
        os-2 body | Brackwater Magnet Works | CN | 1999 | lei:5299000000000000TT01 registration:REG 77 uscc:91310000TEST000001 | TEST-A
        ve-1 ship | GREY HERON | PA | 2001 | imo:IMO9999993 | 
        near os-3 body | Lower Brackwater Alloys | NL |  |  | 
        os-1 owns None of os-3
        os-2 owns Some(625000) of os-3");
}

#[test]
fn reads_sdn_csv_with_the_files_beside_it() {
    check("sdn.csv", ListFormat::SdnCsv, "
        # us_ofac_sdn
        1001 person | QUILLFEATHER, Orvald =QUILFETHER, Orwald ~OVI | RU UA | 1961 1962 | passport:X0000042 | TESTA + TESTB
        1002 body | BRACKWATER MAGNET WORKS =UPPER BRACKWATER WORKS | CN |  | tax:770000001 uscc:91310000TEST000001 | TESTA
        1003 ship | GREY HERON | PA |  | imo:9999993 mmsi:999000001 | TESTC");
    let alone = Fixture { names: None, addresses: None, ..*fixture("sdn.csv") };
    let read = read_with(&alone, &settings()).unwrap();
    assert_eq!(read.lists[0].list.parties[0].countries, ["RU"], "the remarks alone");
}

#[test]
fn reads_sdn_xml() {
    check("sdn.xml", ListFormat::SdnXml, "
        # us_ofac_sdn
        1001 person | Orvald QUILLFEATHER =Orwald QUILFETHER ~OVI | UA RU | 1961 | passport:X0000042 | TESTA + TESTB
        1002 body | BRACKWATER & SONS “MAGNET” WORKS |  |  |  | TESTA
        1003 ship | GREY <HERON> | PA |  | imo:IMO 9999993 | TESTC");
}

#[test]
fn reads_the_consolidated_screening_list() {
    check("csl.csv", ListFormat::ScreeningListCsv, "
        # us_csl
        aa01 person | QUILLFEATHER, Orvald =QUILFETHER, Orwald =OVI | UA RU | 1961 | passport:X0000042 | TESTA + TESTB + Invented List (IL) - Test Bureau
        aa02 unknown | Brackwater Magnet Works =Upper Brackwater Works | CN |  |  | Entity Test (ET) - Test Bureau");
    check("csl.json", ListFormat::ScreeningListJson, "
        # us_csl
        aa01 person | QUILLFEATHER, Orvald =QUILFETHER, Orwald =OVI | UA RU | 1961 | passport:X0000042 | TESTA + TESTB + Invented List (IL) - Test Bureau
        aa02 unknown | Brackwater Magnet Works =Upper Brackwater Works | CN |  |  | Entity Test (ET) - Test Bureau");
}

#[test]
fn reads_the_list_of_the_un() {
    check("un.xml", ListFormat::UnXml, "
        # un_sc
        690001 person | ORVALD TAM QUILLFEATHER =أورفالد كويلفيذر =Orwald Quilfether =O. T. Quillfeather ~Ovi | IR YE | 1961 1963 1964 1965 | passport:X0000042 | Invented
        690002 body | BRACKWATER MAGNET WORKS =Brackmag | KP |  |  | Invented");
}

#[test]
fn reads_the_lists_of_the_eu() {
    check(
        "eu.csv",
        ListFormat::EuCsv,
        "
        # eu_fsf
        77 person | Orvald Quillfeather =Орвальд Квиллфезер | RU | 1961 | passport:X0000042 | TST
        78 body | Brackwater Magnet Works | CN |  |  | TST",
    );
    check(
        "eu10.csv",
        ListFormat::EuCsv,
        "
        # eu_fsf
        77 person | Orvald Quillfeather =Orwald Quilfether | UA | 1961 |  | TST",
    );
    check("eu.xml", ListFormat::EuXml, "
        # eu_fsf
        77 person | Orvald Quillfeather =Orwald T. Quilfether ~Ovi | RU | 1961 1963 1964 | passport:X0000042 | TST
        78 body | Brackwater & Sons | CN |  |  | TST");
}

#[test]
fn reads_the_lists_of_the_uk() {
    check("uk.csv", ListFormat::UkConsolidatedCsv, "
        # gb_hmt
        9001 person | Orvald QUILLFEATHER =Orwald QUILFETHER =Орвальд Квиллфезер ~OVI | RU UA CY | 1962 1961 | passport:X0000042 passport:X0000043 | Invented
        9002 body | BRACKWATER MAGNET WORKS | CN |  |  | Invented");
    check(
        "uk_sanctions.csv",
        ListFormat::UkSanctionsCsv,
        "
        # gb_fcdo
        TST0001 person | Orvald QUILLFEATHER ~OVI | RU | 1961 | passport:X0000042 | Invented
        TST0002 ship | GREY HERON | PA | 2001 | imo:9999993 | Invented",
    );
}

#[test]
fn reads_a_plain_table_and_counts_lines_where_it_has_no_ids() {
    check(
        "plain.csv",
        ListFormat::Plain,
        "
        # own
        own-1 unknown | Orvald Quillfeather =Orwald Quilfether =O. Quillfeather | RU |  |  | 
        line-3 unknown | Brackwater, Magnet & Works | CN |  |  | ",
    );
    for (separator, within) in [(";", "|"), ("\t", ";")] {
        let text = format!(
            "id{separator}name{separator}aliases\n1{separator}One{separator}Uno{within}Un\n"
        );
        let names = &text_read(&text).unwrap().lists[0].list.parties[0].names;
        assert_eq!(names.len(), 3, "{text}: {names:?}");
    }
}

#[test]
fn reads_the_json_lines_of_several_lists_and_tells_of_an_id_that_stands_twice() {
    check("list.jsonl", ListFormat::Canonical, "
        # test_a
        t-1 person | Orvald Quillfeather =Orwald Quilfether =Quillfeather the Elder ~Ovi | RU region: lowlands UA | 1961 1962 |  | TESTA + TESTC
        # test_b
        t-2 body | Brackwater Magnet Works | CN |  | uscc:91310000TEST000001 | TESTB");
    let merged = read("list.jsonl");
    assert_eq!((merged.records, merged.merged, merged.left), (3, 1, 0));
    assert_eq!(
        merged.faults[0].to_string(),
        "line 3, `id`: the id `t-1` stands on the list already; accepted: each id once; the records were put together"
    );
    let refuse = ListSettings { duplicates: Duplicates::Refuse, ..settings() };
    let refused = read_with(fixture("list.jsonl"), &refuse).unwrap();
    assert_eq!((refused.records, refused.merged, refused.left), (3, 0, 1));
    assert_eq!(refused.lists[0].list.parties[0].names.len(), 3, "the first record counts");
}

#[test]
fn a_compressed_list_is_the_same_list() {
    let plain = read("sdn.xml");
    let packed = zstd::encode_all(fixture("sdn.xml").text, 1).unwrap();
    let read = list_read(file(&packed), Beside::default(), &settings()).unwrap();
    assert_eq!(read.lists, plain.lists);
}

#[test]
fn what_is_no_list_is_refused_and_says_what_is_taken() {
    let refused = |text: &[u8], code: &str| {
        let error = list_read(file(text), Beside::default(), &settings()).unwrap_err();
        assert_eq!(error.code(), code, "{}", String::from_utf8_lossy(text));
        error
    };
    for text in
        ["a,b\n1,2\n", "{\"a\":1}", "<html><body>404</body></html>", "[1,2]", "no table", "1,2,3\n"]
    {
        let error = refused(text.as_bytes(), "unknown_format");
        for format in ListFormat::ALL {
            assert!(error.accepted().contains(format.title()), "{}", format.title());
        }
    }
    refused(b"", "empty_file");
    refused(b"\xef\xbb\xbf \n", "empty_file");
    refused(b"\xff\xfen\0a\0m\0e\0", "encoding");
    refused(b"<?xml version='1.0' encoding='ISO-8859-1'?><sdnList/>", "encoding");
    refused(
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><sdnList>&b;</sdnList>",
        "xml_doctype",
    );
    refused(fixture("sdn.csv").names.unwrap(), "beside_file");
    refused(fixture("sdn.csv").addresses.unwrap(), "beside_file");
}

/// The code of each fault of a broken text, and whether the text was read to its end.
fn faults(text: &str, codes: &[&str], whole: bool) -> ListRead {
    let read = text_read(text).unwrap();
    let found: Vec<&str> = read.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(found, codes, "{text}");
    assert_eq!(read.whole, whole, "{text}");
    assert_eq!(read.faults.iter().any(|f| f.outcome == Outcome::Stopped), !whole, "{text}");
    read
}

#[test]
fn a_broken_record_costs_only_itself_and_is_told_with_its_place() {
    let read =
        faults("name,id\nOne,1\nTwo\n,3\nFour,4\n", &["too_few_fields", "name_missing"], true);
    assert_eq!(read.lists[0].list.parties.len(), 2);
    assert_eq!((read.records, read.left), (4, 2));
    assert!(
        read.faults[0]
            .to_string()
            .starts_with("line 3: the row has 1 fields, the header 2; accepted: ")
    );
    let read = faults(
        "{\"id\":1,\"names\":[\"One\"]}\n{\"id\":2,\"names\":7}\n{\"id\n{\"id\":4,\"names\":[\"Four\"],\"birth_years\":[\"long ago\"]}\n",
        &["json_broken", "json_broken", "date_without_year"],
        true,
    );
    assert_eq!(read.lists[0].list.parties.len(), 2);
    let missing = "<sdnList><sdnEntry><uid>1</uid></sdnEntry><sdnEntry><lastName>X</lastName></sdnEntry><sdnEntry><uid>3</uid><lastName>Y</lastName></sdnEntry></sdnList>";
    let read = faults(missing, &["name_missing", "id_missing"], true);
    assert_eq!(read.lists[0].list.parties.len(), 1);
    faults("{\"results\":[7,{\"id\":\"1\",\"name\":\"One\"}]}", &["json_broken"], true);
}

#[test]
fn a_file_that_is_not_read_to_its_end_says_so() {
    let entry = "<sdnEntry><uid>1</uid><lastName>X</lastName></sdnEntry>";
    let cases = [
        (format!("<sdnList>{entry}<sdnEntry><uid>"), "xml_cut_off"),
        (format!("<sdnList>{entry}<sdnEntry><uid></sdnEntry></uid></sdnList>"), "xml_broken"),
        (format!("<sdnList>{entry}<sdnEntry><uid>&evil;</uid></sdnEntry></sdnList>"), "xml_entity"),
        (format!("<sdnList>{entry}<!DOCTYPE a></sdnList>"), "xml_doctype"),
        (format!("<sdnList>{entry}{}", "<a>".repeat(100)), "xml_too_deep"),
        (format!("<sdnList>{entry}<sdnEntry>{}", "<a/>".repeat(30_000)), "record_too_long"),
        (format!("<sdnList>{entry}<sdnEntry><uid>{}", "x".repeat(2 << 20)), "record_too_long"),
        (format!("name,id\nOne,1\n\"Two{}", "x\n".repeat(1 << 20)), "record_too_long"),
        ("{\"results\":[{\"id\":\"1\",\"name\":\"X\"},{\"id".to_owned(), "json_broken"),
    ];
    for (text, code) in cases {
        let read = text_read(&text).unwrap();
        let last = read.faults.last().unwrap();
        assert_eq!(
            (last.code, last.outcome, read.whole),
            (code, Outcome::Stopped, false),
            "{code}"
        );
        assert_eq!(read.lists[0].list.parties.len(), 1, "{code}: what came before is there");
    }
    let count = format!(
        "<sdnList><publshInformation><Record_Count>2</Record_Count></publshInformation>{entry}</sdnList>"
    );
    let read = faults(&count, &["record_count"], false);
    assert_eq!(read.lists[0].list.parties.len(), 1);
}

#[test]
fn faults_are_told_up_to_a_bound_and_counted_beyond_it() {
    let text = format!("name,id\n{}", "One\n".repeat(500));
    let read = text_read(&text).unwrap();
    assert_eq!((read.faults.len(), read.faults_all, read.left), (100, 500, 500));
}

#[test]
fn the_version_of_a_list_is_that_of_its_content() {
    let one = text_read("name,id\nOne,1\nTwo,2\n").unwrap();
    let turned = text_read("id,name\n2,Two\n1,One\n").unwrap();
    let other = text_read("name,id\nOne,1\nTwo!,2\n").unwrap();
    let version = |read: &ListRead| read.lists[0].list.version.clone();
    assert_eq!(version(&one), version(&turned));
    assert_ne!(version(&one), version(&other));
}

#[test]
fn no_broken_list_breaks_a_reader() {
    let seed = 20_251_124;
    let mut chance = mutate::Chance(seed);
    let limits = ListLimits { record_bytes: 4 << 10, ..ListLimits::default() };
    for round in 0..300 {
        for (at, fixture) in FIXTURES.iter().enumerate() {
            let other = &FIXTURES[(at + round) % FIXTURES.len()];
            let text = mutate::broken(fixture.text, other.text, &mut chance);
            let names = fixture.names.map(|names| mutate::broken(names, other.text, &mut chance));
            let beside = Beside {
                names: names.as_deref().map(file),
                addresses: fixture.addresses.map(file),
            };
            let settings = ListSettings { limits, ..settings() };
            let Ok(read) = list_read(file(&text), beside, &settings) else { continue };
            for list in &read.lists {
                let mut ids = std::collections::BTreeSet::new();
                for party in &list.list.parties {
                    assert!(
                        !party.names.is_empty() && ids.insert(&party.id),
                        "seed {seed}, {}",
                        fixture.name
                    );
                }
            }
            let told = read.faults.iter().any(|fault| fault.outcome == Outcome::Stopped);
            assert_eq!(told, !read.whole, "seed {seed}, {}", fixture.name);
            assert!(
                read.faults_all >= read.left,
                "seed {seed}, {}: each record left out is told",
                fixture.name
            );
        }
    }
}
