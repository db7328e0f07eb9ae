//! The rules of a pack for the procedure: which agencies advise, who signs, what a kind of licence allows.
//!
//! They are read from `licensing.toml` of the pack and from what the pack says of its kinds of
//! licences, as values; nothing in this crate decides for a jurisdiction.

use jiff::Span;
use jiff::civil::Date;
use serde::Deserialize;

use crate::general::GeneralLicence;

/// The rules of the procedure.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The pack.
    pub pack: String,
    /// What numbers of cases and licences begin with.
    pub number_prefix: String,
    /// The event of the export against which a licence's validity is tested.
    pub validity_event: ValidityEvent,
    /// How long a reservation of customs holds at most, in hours; nothing where the pack does not say.
    pub reservation_hours: Option<u32>,
    /// By how many parts of a million pieces × unit mass may differ from the net mass before that is marked;
    /// nothing where the pack does not say.
    pub unit_mass_tolerance_ppm: Option<u32>,
    /// Kinds of licences with which users are registered after the issue.
    pub registered_users: Vec<String>,
    /// Kinds of licences.
    pub licence_types: Vec<TypeRule>,
    /// What a change of an application means.
    pub changes: Vec<ChangeRule>,
    /// Agencies that advise.
    pub agencies: Vec<Agency>,
    /// Signatures that a decision needs, in order.
    pub signatures: Vec<SignatureRule>,
    /// Conditions that may be set on a licence.
    pub conditions: Vec<Phrase>,
    /// Reasons that may be given for a refusal or a return.
    pub reasons: Vec<Phrase>,
    /// What a gap of an application usually costs.
    pub gaps: Vec<GapRule>,
    /// Units in which each cell must say its quantity.
    pub units: Vec<UnitRule>,
    /// By how much an export may exceed a line.
    pub tolerances: Vec<Tolerance>,
    /// Whether and until when a refusal can be appealed.
    pub appeal: Option<AppealRule>,
    /// How far an answer to an enquiry binds; nothing where the law does not say.
    pub enquiry: Option<EnquiryRule>,
    /// What the certificate of an end user must hold.
    pub certificate: CertificateRule,
    /// General licences that are published for all.
    pub general_licences: Vec<GeneralLicence>,
}

/// Against what a licence's validity is tested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityEvent {
    /// The day on which the declaration is lodged.
    #[default]
    Declaration,
    /// The day on which customs release the goods.
    Release,
    /// The day on which the goods leave.
    Departure,
}

/// What a kind of licence allows.
#[derive(Debug, Clone, Default)]
pub struct TypeRule {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// What it is.
    pub kind: TypeKind,
    /// How long it is valid at most.
    pub max_validity: Option<Span>,
    /// How many exports at most.
    pub max_exports: Option<u32>,
    /// How many end users at most.
    pub max_end_users: Option<u32>,
    /// Whether what is left lapses with the first completed export.
    pub lapses_when_completed: bool,
    /// Conditions that the applicant must meet.
    pub requires: Vec<String>,
    /// Conditions of which none may hold.
    pub barred_if: Vec<String>,
    /// Grounds of which one must be given.
    pub grounds: Vec<String>,
    /// The kind to apply for instead.
    pub falls_back_to: Option<String>,
    /// Documents that it needs.
    pub documents: Vec<DocumentRule>,
}

/// What a kind of licence is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TypeKind {
    /// Applied for and decided.
    #[default]
    Licence,
    /// Registered before each export, without a decision on the merits.
    Registration,
    /// Nothing is applied for.
    None,
}

/// A document that is asked for.
#[derive(Debug, Clone, Default)]
pub struct DocumentRule {
    /// Its number in the pack.
    pub number: String,
    /// What it is.
    pub name: String,
    /// Who provides it.
    pub provided_by: String,
    /// Only where a party of the watch list takes part.
    pub only_watch_listed: bool,
    /// Asked in practice, not by the law.
    pub only_practice: bool,
    /// The rule.
    pub citation: String,
}

/// What a change of an element means.
#[derive(Debug, Clone)]
pub struct ChangeRule {
    /// The element: `item_kind`, `destination`, `end_user`, `end_use`, `consignee`, `quantity`, or `other`.
    pub element: String,
    /// Whether it needs a new application.
    pub key: bool,
    /// What follows.
    pub effect: String,
    /// The rule.
    pub citation: String,
}

/// When a rule applies: to a case that fits everything that is said here; nothing said fits every case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// One of these destinations, ISO 3166-1 alpha-2.
    pub destinations: Vec<String>,
    /// A control code that begins with one of these.
    pub control_codes: Vec<String>,
    /// One of these kinds of licences.
    pub licence_types: Vec<String>,
    /// One of these uses.
    pub uses: Vec<String>,
    /// A party of the watch list takes part.
    pub watch_listed: bool,
    /// An agency's objection or condition is overruled.
    pub overruled: bool,
    /// Something is refused.
    pub refused: bool,
    /// Net mass of all cells, kg, at least.
    pub net_mass_kg_at_least: Option<u64>,
}

/// An agency that advises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// On which cases it must be asked.
    #[serde(default)]
    pub when: When,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// A signature that a decision needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRule {
    /// Its place, from 1.
    pub order: u32,
    /// Role of who signs.
    pub grade: String,
    /// On which cases.
    #[serde(default)]
    pub when: When,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// A sentence with a code, in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// Its code.
    pub id: String,
    /// The sentence.
    pub text_en: String,
    /// The sentence in Chinese.
    pub text_zh: String,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// What a gap usually costs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapRule {
    /// Its code: that of a finding of the completeness check.
    pub id: String,
    /// Days that an application with it usually loses.
    pub days: u32,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// A unit in which a cell must say its quantity.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRule {
    /// The unit: `net_mass`, `pieces`, or `content`, `oxide`, `value` of whatever element or currency.
    pub unit: String,
    /// Of which cells.
    #[serde(default)]
    pub when: When,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// By how much an export may exceed a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Kind of unit: `net_mass`, `content`, `oxide`, `pieces` or `value`.
    pub unit: String,
    /// Parts per million of the licensed quantity.
    pub ppm: u32,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// How a refusal can be appealed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealRule {
    /// Calendar days from the decision.
    pub within_days: u32,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

impl AppealRule {
    /// The last day on which what was decided on a day can be appealed, that day included.
    #[must_use]
    pub fn last_day(&self, decided: Date) -> Option<Date> {
        decided.checked_add(Span::new().try_days(self.within_days).ok()?).ok()
    }
}

/// How far an officer's answer to a classification enquiry binds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnquiryRule {
    /// In English.
    pub binding_en: String,
    /// In Chinese.
    pub binding_zh: String,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

/// What the certificate of an end user must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateRule {
    /// What is asked of the end user, by code; no more than that.
    pub asks: Vec<String>,
    /// Promises that it makes.
    pub promises: Vec<Phrase>,
    /// When its government must certify it.
    pub government_when: Option<When>,
    /// Whether the original on paper must come.
    pub original: bool,
    /// Languages into which it must be translated.
    pub translation: Vec<String>,
    /// Months that it is valid at most.
    pub valid_months: Option<u32>,
    /// The rule.
    pub citation: String,
}

/// What is known of a case when the rules are asked which of them apply.
#[derive(Debug, Clone, Default)]
pub struct CaseFacts<'a> {
    /// Kind of licence.
    pub licence_type: &'a str,
    /// Destinations of its cells.
    pub destinations: Vec<&'a str>,
    /// Control codes of its goods.
    pub control_codes: Vec<&'a str>,
    /// Uses of its cells.
    pub uses: Vec<&'a str>,
    /// Whether a party of the watch list takes part.
    pub watch_listed: bool,
    /// Whether an agency is overruled.
    pub overruled: bool,
    /// Whether something is refused.
    pub refused: bool,
    /// Net mass of all cells, mg.
    pub net_mass_mg: i64,
}

impl When {
    /// Whether a case fits.
    #[must_use]
    pub fn fits(&self, facts: &CaseFacts<'_>) -> bool {
        let any = |wanted: &[String], found: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|w| found.contains(&w.as_str()))
        };
        let code = self.control_codes.is_empty()
            || self
                .control_codes
                .iter()
                .any(|prefix| facts.control_codes.iter().any(|c| c.starts_with(prefix.as_str())));
        let mass = self
            .net_mass_kg_at_least
            .is_none_or(|kg| i128::from(facts.net_mass_mg) >= i128::from(kg) * 1_000_000);
        any(&self.destinations, &facts.destinations)
            && code
            && any(&self.licence_types, &[facts.licence_type])
            && any(&self.uses, &facts.uses)
            && (!self.watch_listed || facts.watch_listed)
            && (!self.overruled || facts.overruled)
            && (!self.refused || facts.refused)
            && mass
    }
}

impl Rules {
    /// The kind of licence of a code.
    #[must_use]
    pub fn licence_type(&self, id: &str) -> Option<&TypeRule> {
        self.licence_types.iter().find(|rule| rule.id == id)
    }

    /// Whether a kind of licence is applied for: not where nothing is, nor where it is published for all.
    #[must_use]
    pub fn applied_for(&self, kind: &TypeRule) -> bool {
        kind.kind != TypeKind::None
            && !self.general_licences.iter().any(|general| general.licence_type == kind.id)
    }

    /// The general licence of a code.
    #[must_use]
    pub fn general_licence(&self, id: &str) -> Option<&GeneralLicence> {
        self.general_licences.iter().find(|general| general.id == id)
    }

    /// The agencies that must be asked on a case.
    #[must_use]
    pub fn agencies_of(&self, facts: &CaseFacts<'_>) -> Vec<&Agency> {
        self.agencies.iter().filter(|agency| agency.when.fits(facts)).collect()
    }

    /// The signatures that a decision on a case needs, in their order; rules of one order and grade are
    /// alternatives, any of which asks for that one signature.
    #[must_use]
    pub fn signatures_of(&self, facts: &CaseFacts<'_>) -> Vec<&SignatureRule> {
        let mut rules: Vec<&SignatureRule> =
            self.signatures.iter().filter(|rule| rule.when.fits(facts)).collect();
        rules.sort_by(|one, other| (one.order, &one.grade).cmp(&(other.order, &other.grade)));
        rules.dedup_by(|one, other| (one.order, &one.grade) == (other.order, &other.grade));
        rules
    }

    /// What a change of an element means.
    ///
    /// A rule that names no element of an application, such as `parties` or `key`, stands for all that an
    /// application is about: what is exported, to where, to whom and for what. `other` stands for every
    /// element that no rule names.
    #[must_use]
    pub fn change(&self, element: &str) -> Option<&ChangeRule> {
        const ABOUT: [&str; 5] = ["item_kind", "destination", "end_user", "end_use", "consignee"];
        let rule = |wanted: &str| self.changes.iter().find(|change| change.element == wanted);
        let whole = self.changes.iter().find(|change| {
            let named = ABOUT.contains(&change.element.as_str());
            !named && change.element != "quantity" && change.element != "other"
        });
        rule(element)
            .or_else(|| whole.filter(|_| ABOUT.contains(&element)))
            .or_else(|| rule("other"))
    }
}
