//! What licences and letters have in common: who issues them, their facts, lines and signatures.

use std::collections::BTreeMap;

use base::authorisation::Role;
use base::{Date, Timestamp};
use formats::paper::{CELL_CHARS_MAX, Document, DocumentKind, FORM, Fact, Line, Signatory, Words};
use licensing::application::{Application, Cell, PartyEntry};
use licensing::case::{Case, Recorded, Signature};
use licensing::quantity::Quantity;
use licensing::rules::Phrase;

use super::names;
use crate::cases::{cell_codes, date_in, zone};
use crate::law::Law;
use crate::platform::{Platform, PlatformError};

/// Somebody as a document names them.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) words: Words,
    pub(super) role: Option<Role>,
}

/// Names of people by their account.
pub(super) type Names = BTreeMap<String, Name>;

/// A text of a person in the language it seems to be written in: in Chinese where it has such a character.
pub(super) fn in_its_language(text: &str) -> Words {
    let chinese = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}');
    if text.chars().any(chinese) { Words::new("", text) } else { Words::new(text, "") }
}

/// The authority of a pack that decides.
pub(super) fn authority(law: &Law) -> Words {
    let settings = &law.pack.settings;
    let decides = settings.authorities.iter().find(|authority| authority.role == "decides");
    match decides {
        Some(authority) => Words::new(&authority.name_en, &authority.name_zh),
        None => Words::new(&settings.title_en, &settings.title_zh),
    }
}

/// The day of an instant at the authority.
pub(super) fn day(law: &Law, at_us: i64) -> Date {
    date_in(&zone(law), Timestamp::from_us(at_us))
}

/// A document of which only the frame is there.
pub(super) fn frame(law: &Law, kind: DocumentKind, reference: String, issued_on: Date) -> Document {
    let settings = &law.pack.settings;
    Document {
        form: FORM.to_owned(),
        kind,
        authority: law.id.clone(),
        authority_name: authority(law),
        reference,
        issued_on,
        title: Words::default(),
        facts: Vec::new(),
        paragraphs: Vec::new(),
        validity: None,
        lines: Vec::new(),
        conditions: Vec::new(),
        closing: Vec::new(),
        signatories: Vec::new(),
        notice: Words::new(&settings.notice_en, &settings.notice_zh),
    }
}

pub(super) fn fact(en: &str, zh: &str, value: Words) -> Fact {
    Fact { label: Words::new(en, zh), value }
}

/// To whom it is, and about which application.
pub(super) fn case_facts(law: &Law, case: &Case, holder: &Words) -> Vec<Fact> {
    let received = day(law, case.received_at_us).to_string();
    let mut facts = vec![
        fact("To", "致", holder.clone()),
        fact("Application", "申请编号", Words::same(case.number.as_str())),
        fact("Received on", "收到日期", Words::same(received)),
        fact("Kind", "类别", kind_name(law, &case.application.licence_type)),
    ];
    let own = case.application.reference.trim();
    if !own.is_empty() {
        facts.push(fact("Your reference", "贵方编号", in_its_language(own)));
    }
    facts
}

impl Platform {
    /// The names of those who signed a case and of who did what its event says.
    pub(super) fn names_of(
        &self,
        case: &Case,
        event: Option<&Recorded>,
    ) -> Result<Names, PlatformError> {
        let signed = case.signatures_held().flat_map(|s| [s.by.as_str(), &s.acting_for]);
        let did = event.into_iter().flat_map(|e| [e.account.as_str(), &e.acting_for]);
        let reader = self.reader();
        let mut names = Names::new();
        for account in signed.chain(did).filter(|account| !account.is_empty()) {
            if let Some(person) = reader.people().person(account)? {
                let words = Words::new(person.name, person.local_name);
                let name = Name { words, role: Some(person.role) };
                names.insert(account.to_owned(), name);
            }
        }
        Ok(names)
    }

    /// The names of a party; its identifier where it has none on record.
    pub(super) fn party_words(&self, identifier: &str) -> Result<Words, PlatformError> {
        let reader = self.reader();
        let people = reader.people();
        let profile = match people.party_of(identifier)? {
            Some(party) => people.party_profile(&party)?,
            None => None,
        };
        Ok(profile.map_or_else(
            || Words::same(identifier),
            |profile| Words::new(profile.name, profile.local_name),
        ))
    }
}

/// The name of a kind of licence, with a capital letter.
pub(super) fn kind_name(law: &Law, id: &str) -> Words {
    let Some(kind) = law.rules.licence_type(id) else { return Words::same(id) };
    let mut letters = kind.name_en.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    Words::new(first + letters.as_str(), &kind.name_zh)
}

/// A sentence of the pack.
pub(super) fn phrase_words(phrase: &Phrase) -> Words {
    Words::new(&phrase.text_en, &phrase.text_zh)
}

/// A cell as a line of a document.
pub(super) fn cell_line(case: &Case, number: u16, cell: &Cell, quantities: &[Quantity]) -> Line {
    let application = &case.application;
    let good = application.good(&cell.good);
    let mut goods = good.map_or_else(|| cell.good.clone(), |good| good.name.clone());
    if let Some(grade) = good.map(|good| good.grade.trim()).filter(|grade| !grade.is_empty()) {
        goods = format!("{goods}, {grade}");
    }
    let end_use = application.end_use(&cell.end_use);
    let (code, text) =
        end_use.map_or((cell.end_use.as_str(), ""), |found| (&found.code, &found.text));
    Line {
        number,
        goods: short(in_its_language(&goods)),
        control_codes: cell_codes(case, &cell.good).to_vec(),
        quantities: quantities.to_vec(),
        destination: cell.destination.clone(),
        destination_name: names::country(&cell.destination),
        consignee: party_name(application, &cell.consignee),
        end_user: party_name(application, &cell.end_user),
        end_use: short(names::end_use(code, text)),
    }
}

/// A party by its Latin name: no document has the fonts of every script.
fn party_name(application: &Application, key: &str) -> String {
    application.party(key).map_or_else(|| key.to_owned(), |party: &PartyEntry| party.name.clone())
}

/// What goes into a cell of the table: a longer text is cut and says so, the application has it whole.
fn short(words: Words) -> Words {
    let cut = |text: String| {
        if text.chars().count() <= CELL_CHARS_MAX {
            return text;
        }
        let kept: String = text.chars().take(CELL_CHARS_MAX - 1).collect();
        format!("{kept}…")
    };
    Words::new(cut(words.en), cut(words.zh))
}

/// `Lines 1, 3: ` before a text that is not about all of them.
pub(super) fn about(numbers: &[u16], all: usize, words: Words) -> Words {
    if numbers.len() == all {
        return words;
    }
    let list = |join: &str| numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(join);
    let plural = if numbers.len() == 1 { "Line" } else { "Lines" };
    let before = |text: String, head: String| {
        if text.is_empty() { text } else { format!("{head}{text}") }
    };
    Words::new(
        before(words.en, format!("{plural} {}: ", list(", "))),
        before(words.zh, format!("第 {} 行：", list("、"))),
    )
}

/// Who signed a decision, in the order of the signatures.
pub(super) fn signatories(law: &Law, case: &Case, names: &Names) -> Vec<Signatory> {
    let mut held: Vec<&Signature> = case.signatures_held().collect();
    held.sort_by_key(|signature| signature.order);
    let signed = |signature: &Signature| {
        let role = Role::parse(&signature.grade);
        let on = day(law, signature.at_us);
        signatory(names, (&signature.by, &signature.acting_for), role, on)
    };
    held.into_iter().map(signed).collect()
}

/// Somebody who signed, for whom, in which role.
pub(super) fn signatory(
    names: &Names,
    (account, acting_for): (&str, &str),
    role: Option<Role>,
    signed_on: Date,
) -> Signatory {
    let words = |account: &str| {
        let named = names.get(account).map(|name| name.words.clone());
        named.unwrap_or_else(|| Words::same(account))
    };
    let role = role.or_else(|| names.get(account).and_then(|name| name.role));
    let mut role = role_words(role);
    if !acting_for.is_empty() {
        let other = words(acting_for);
        let local = if other.zh.is_empty() { other.en.clone() } else { other.zh };
        role = Words::new(
            format!("{}, for {}", role.en, other.en),
            format!("{}，代 {local}", role.zh),
        );
    }
    let name = words(account);
    Signatory { name: Words::both(&name), role, signed_on }
}

fn role_words(role: Option<Role>) -> Words {
    match role {
        Some(Role::Supervisor) => Words::new("Countersigning supervisor", "复签主管"),
        Some(Role::Officer) => Words::new("Licensing officer", "许可官员"),
        _ => Words::new("For the authority", "主管机关"),
    }
}
