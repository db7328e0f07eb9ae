//! Completeness: everything that is missing or doubtful in an application, told at once.
//!
//! What a reviewer would ask for costs days, a question at a time; so an applicant learns all of it before
//! handing in. Each finding has a stable code, the place, what stands there, and what such a gap usually
//! costs by the pack ([`Rules::gaps`]).
//!
//! The delay expected of several gaps is that of the worst and not their sum: an authority that has to tell
//! everything missing in one request (PRC Administrative Licensing Law art. 32(4); Licensing Act of Ytteria
//! s.41) stops the clock once, and the applicant gathers what is asked for side by side.
//!
//! Nothing is looked up here: what `classify` says of a good, what the document store holds, what an end user
//! certified and who is on a list come as values ([`Evidence`]).

mod cells;
mod goods;
mod papers;
mod parties;

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use serde::Serialize;

use crate::application::{Application, Key};
use crate::quantity::Quantity;
use crate::rules::{Rules, TypeKind};

pub use papers::{certificate_is, form_is};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It cannot be handed in: nothing could be decided on.
    Blocks,
    /// It would be sent back, or asked for.
    Gap,
    /// It would be asked about.
    Doubt,
    /// It helps, and nobody may ask for it.
    Advice,
}

/// Every code with its weight, in the order of the parts of an application.
pub const CODES: [(&str, Weight); 78] = [
    ("licence_type_missing", Weight::Blocks),
    ("licence_type_unknown", Weight::Blocks),
    ("ground_missing", Weight::Gap),
    ("ground_unknown", Weight::Gap),
    ("appeal_grounds_missing", Weight::Blocks),
    ("condition_missing", Weight::Gap),
    ("condition_barred", Weight::Gap),
    ("condition_unknown", Weight::Gap),
    ("watch_listed_barred", Weight::Gap),
    ("contact_name_missing", Weight::Gap),
    ("contact_email_missing", Weight::Gap),
    ("contact_email_form", Weight::Gap),
    ("route_missing", Weight::Advice),
    ("key_missing", Weight::Blocks),
    ("key_repeated", Weight::Blocks),
    ("goods_missing", Weight::Blocks),
    ("good_name_missing", Weight::Gap),
    ("good_hs_missing", Weight::Gap),
    ("good_hs_form", Weight::Gap),
    ("good_grade_missing", Weight::Advice),
    ("good_form_unknown", Weight::Gap),
    ("good_origin_missing", Weight::Gap),
    ("good_origin_unknown", Weight::Gap),
    ("good_composition_missing", Weight::Gap),
    ("good_assay_missing", Weight::Gap),
    ("good_unreadable", Weight::Gap),
    ("good_unit_mass", Weight::Gap),
    ("good_codes_missing", Weight::Gap),
    ("good_codes_differ", Weight::Doubt),
    ("good_not_controlled", Weight::Doubt),
    ("good_undetermined", Weight::Doubt),
    ("good_unused", Weight::Doubt),
    ("consignee_missing", Weight::Blocks),
    ("end_user_missing", Weight::Blocks),
    ("party_name_missing", Weight::Gap),
    ("party_part_missing", Weight::Gap),
    ("party_country_missing", Weight::Gap),
    ("party_country_unknown", Weight::Gap),
    ("party_address_missing", Weight::Gap),
    ("party_identifier_missing", Weight::Gap),
    ("party_identifier_form", Weight::Gap),
    ("party_watch_listed", Weight::Doubt),
    ("party_unused", Weight::Doubt),
    ("uses_missing", Weight::Blocks),
    ("use_missing", Weight::Gap),
    ("use_unknown", Weight::Gap),
    ("use_text_missing", Weight::Gap),
    ("use_unused", Weight::Doubt),
    ("cells_missing", Weight::Blocks),
    ("cell_good_unknown", Weight::Blocks),
    ("cell_consignee_unknown", Weight::Blocks),
    ("cell_end_user_unknown", Weight::Blocks),
    ("cell_end_use_unknown", Weight::Blocks),
    ("cell_party_part", Weight::Blocks),
    ("cell_repeated", Weight::Blocks),
    ("cells_one_export", Weight::Gap),
    ("end_users_too_many", Weight::Gap),
    ("destination_missing", Weight::Blocks),
    ("destination_unknown", Weight::Gap),
    ("destination_differs", Weight::Doubt),
    ("quantity_missing", Weight::Blocks),
    ("quantity_invalid", Weight::Blocks),
    ("quantity_repeated", Weight::Blocks),
    ("quantity_unit_missing", Weight::Gap),
    ("unit_mass_differs", Weight::Doubt),
    ("content_exceeds_mass", Weight::Doubt),
    ("document_missing", Weight::Gap),
    ("document_advised", Weight::Advice),
    ("document_number_unknown", Weight::Gap),
    ("document_absent", Weight::Gap),
    ("document_unscanned", Weight::Doubt),
    ("document_infected", Weight::Blocks),
    ("certificate_missing", Weight::Gap),
    ("certificate_unusable", Weight::Gap),
    ("certificate_quantity", Weight::Gap),
    ("stock_missing", Weight::Advice),
    ("stock_end_user_unknown", Weight::Blocks),
    ("stock_stops_missing", Weight::Gap),
];

/// One thing that is missing or doubtful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its stable code: one of [`CODES`].
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// Where: a path in the application such as `goods/g1/hs`; of a list without entries its name.
    pub path: String,
    /// The entry that it is about, as the applicant named it; empty where it is about none.
    pub subject: String,
    /// What stands there, or what is wanted: codes, elements, numbers.
    pub found: String,
    /// Days that such a gap usually costs by the pack; nothing where it does not say.
    pub days: Option<u32>,
    /// The rule that asks for it; empty where none is named.
    pub citation: String,
}

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// In the order of the parts of an application.
    pub findings: Vec<Finding>,
    /// Days that the gaps and doubts together usually cost: those of the worst, see the module.
    pub days: u32,
}

impl Completeness {
    /// Whether nothing is missing or doubtful; advice may be left.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight == Weight::Advice)
    }

    /// Whether it can be handed in.
    #[must_use]
    pub fn can_be_handed_in(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight != Weight::Blocks)
    }
}

/// What other parts found out.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// The rules of the pack.
    pub rules: &'a Rules,
    /// The day of handing in.
    pub today: Date,
    /// Codes of forms of goods.
    pub forms: BTreeSet<&'a str>,
    /// What `classify` says of each good, by its key.
    pub goods: BTreeMap<Key, GoodKnown>,
    /// Keys of parties that are on the watch list.
    pub watch_listed: BTreeSet<Key>,
    /// Documents of the store, by SHA-256 in hexadecimal.
    pub documents: BTreeMap<String, DocumentState>,
    /// Certificates of end users, by id.
    pub certificates: BTreeMap<String, CertificateKnown>,
    /// Whether the application appeals a decision.
    pub appeals: bool,
}

/// What `classify` says of a good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoodKnown {
    /// Whether it is controlled.
    pub verdict: GoodVerdict,
    /// Codes of the items that apply.
    pub control_codes: Vec<String>,
    /// Elements that the items that apply are about and of which no assay is stated.
    pub assay_missing: Vec<String>,
    /// What could not be read of it: field and what stands there.
    pub faults: Vec<(String, String)>,
}

/// Whether a good is controlled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GoodVerdict {
    /// Nobody asked, or it could not be read.
    #[default]
    NotAsked,
    /// At least one item applies.
    Controlled,
    /// None applies.
    NotControlled,
    /// Something must be stated or asked first.
    Undetermined,
}

/// How far a document of the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// Scanned, and found clean.
    Clean,
    /// Not scanned yet.
    Unscanned,
    /// Found infected.
    Infected,
}

/// What is known of an end user's certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateKnown {
    /// Why it cannot be used: a code such as `revoked` or `not_signed`; empty where it can.
    pub unusable: String,
    /// The last day on which it is valid; nothing where it says none.
    pub valid_until: Option<Date>,
    /// What it covers; of a unit that is not here, any quantity.
    pub covers: Vec<Quantity>,
}

/// Everything that is missing or doubtful in an application.
#[must_use]
pub fn completeness(application: &Application, known: &Evidence<'_>) -> Completeness {
    let mut search = Search { application, known, findings: Vec::new() };
    search.kind();
    search.keys();
    search.goods();
    search.parties();
    search.uses();
    search.cells();
    search.documents();
    search.certificates();
    search.stock();
    let weighs = |finding: &&Finding| finding.weight != Weight::Advice;
    let days = search.findings.iter().filter(weighs).filter_map(|finding| finding.days).max();
    Completeness { days: days.unwrap_or(0), findings: search.findings }
}

/// The search through one application.
struct Search<'a> {
    application: &'a Application,
    known: &'a Evidence<'a>,
    findings: Vec<Finding>,
}

impl Search<'_> {
    /// Notes a finding.
    fn note(&mut self, code: &'static str, path: &str, subject: &str, found: &str) {
        self.note_ruled(code, path, subject, found, "");
    }

    /// Notes a finding that a rule is the reason of.
    fn note_ruled(
        &mut self,
        code: &'static str,
        path: &str,
        subject: &str,
        found: &str,
        citation: &str,
    ) {
        let known = CODES.iter().find(|row| row.0 == code);
        let gap = self.known.rules.gaps.iter().find(|gap| gap.id == code);
        self.findings.push(Finding {
            code,
            weight: known.map_or(Weight::Gap, |row| row.1),
            path: path.to_owned(),
            subject: subject.to_owned(),
            found: found.to_owned(),
            days: gap.map(|gap| gap.days),
            citation: citation.to_owned(),
        });
    }

    /// The kind of licence, its conditions, and whom to ask.
    fn kind(&mut self) {
        let (application, rules) = (self.application, self.known.rules);
        let id = application.licence_type.as_str();
        match rules.licence_type(id).filter(|rule| rules.applied_for(rule)) {
            None if id.is_empty() => self.note("licence_type_missing", "licence_type", "", ""),
            None => self.note("licence_type_unknown", "licence_type", "", id),
            Some(rule) => {
                let ground = application.ground.as_str();
                let wanted = rule.grounds.join(", ");
                if !rule.grounds.is_empty() && ground.is_empty() {
                    self.note("ground_missing", "ground", "", &wanted);
                } else if !ground.is_empty() && !rule.grounds.iter().any(|g| g == ground) {
                    self.note("ground_unknown", "ground", "", ground);
                }
                for condition in &rule.requires {
                    if !application.meets.contains(condition) {
                        self.note("condition_missing", "meets", "", condition);
                    }
                }
                for condition in &rule.barred_if {
                    if application.meets.contains(condition) {
                        self.note("condition_barred", "meets", "", condition);
                    } else if condition == WATCH_LISTED && !self.known.watch_listed.is_empty() {
                        self.note("watch_listed_barred", "licence_type", "", id);
                        // A registration has no decision in which this could be weighed.
                        if let Some(last) = self.findings.last_mut()
                            && rule.kind == TypeKind::Registration
                        {
                            last.weight = Weight::Blocks;
                        }
                    }
                }
            }
        }
        let mut conditions = rules
            .licence_types
            .iter()
            .flat_map(|rule| rule.requires.iter().chain(&rule.barred_if).chain(&rule.grounds));
        let known: BTreeSet<&String> = conditions.by_ref().collect();
        for condition in application.meets.iter().filter(|condition| !known.contains(condition)) {
            self.note("condition_unknown", "meets", "", condition);
        }
        if self.known.appeals && blank(&application.appeal_grounds) {
            self.note("appeal_grounds_missing", "appeal_grounds", "", "");
        }
        let contact = &application.contact;
        if blank(&contact.name) {
            self.note("contact_name_missing", "contact/name", "", "");
        }
        if blank(&contact.email) {
            self.note("contact_email_missing", "contact/email", "", "");
        } else if !email_like(&contact.email) {
            self.note("contact_email_form", "contact/email", "", &contact.email);
        }
        if blank(&application.route) {
            self.note("route_missing", "route", "", "");
        }
    }

    /// Keys: each part has one of its own.
    fn keys(&mut self) {
        let a = self.application;
        let lists: [(&str, Vec<&str>); 4] = [
            ("goods", a.goods.iter().map(|good| good.key.as_str()).collect()),
            ("parties", a.parties.iter().map(|party| party.key.as_str()).collect()),
            ("uses", a.uses.iter().map(|end_use| end_use.key.as_str()).collect()),
            ("cells", a.cells.iter().map(|cell| cell.key.as_str()).collect()),
        ];
        for (list, keys) in lists {
            let mut seen = BTreeSet::new();
            for key in keys {
                if key.is_empty() {
                    self.note("key_missing", list, "", "");
                } else if !seen.insert(key) {
                    self.note("key_repeated", &format!("{list}/{key}/key"), "", key);
                }
            }
        }
    }
}

/// The condition of a pack that a party of the watch list takes part.
const WATCH_LISTED: &str = "watch_listed_party";

/// The path of a field of an entry; of the entry itself where the field is empty.
fn path(list: &str, key: &str, field: &str) -> String {
    if field.is_empty() { format!("{list}/{key}") } else { format!("{list}/{key}/{field}") }
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether a text can be an e-mail address: something, an at sign, a host; whether it is one only a letter
/// tells.
fn email_like(text: &str) -> bool {
    let text = text.trim();
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let halves = text.rsplit_once('@');
    plain && halves.is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

#[cfg(test)]
mod tests;
