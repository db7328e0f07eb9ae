//! The completeness of an application under the law of an installation: `classify` is asked, and what it
//! says is handed to the rules as values.

use std::collections::{BTreeMap, BTreeSet};

use base::common::Species;
use base::{Common, Timestamp};
use controls::answer::{Answer, Kind};
use controls::good::{Good as GoodAsked, GoodFault};
use controls::vocabulary::Vocabulary;
use licensing::application::{Application, Good, Key};
use licensing::completeness::{
    CertificateKnown, Completeness, DocumentState, Evidence, GoodKnown, GoodVerdict, completeness,
};

use crate::cases::{classifier_on, date_in, good_object, zone};
use crate::documents::{DocumentError, Documents, ScanState, case_fits, hash_parse};
use crate::law::Law;

/// What is known of documents, certificates and parties.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    /// Documents of the store, by SHA-256 in hexadecimal.
    pub documents: BTreeMap<String, DocumentState>,
    /// Certificates of end users, by id.
    pub certificates: BTreeMap<String, CertificateKnown>,
    /// Keys of parties that are on the watch list.
    pub watch_listed: BTreeSet<Key>,
    /// Whether a decision is appealed.
    pub appeals: bool,
}

impl Papers {
    /// What the store knows of the documents of an application.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses, or they are more than a case may have.
    pub fn of(
        documents: &Documents,
        owner: &str,
        application: &Application,
    ) -> Result<Papers, DocumentError> {
        let hashes: Vec<[u8; 32]> =
            application.documents.iter().filter_map(|entry| hash_parse(&entry.sha256)).collect();
        let state = |scan| match scan {
            ScanState::Clean => DocumentState::Clean,
            ScanState::Infected => DocumentState::Infected,
            _ => DocumentState::Unscanned,
        };
        let found = documents.documents(owner, &hashes)?;
        case_fits(&found)?;
        let documents = found.into_iter().map(|view| (view.sha256, state(view.scan))).collect();
        Ok(Papers { documents, ..Papers::default() })
    }
}

/// What `classify` says of a good, or why it could not be read.
#[derive(Debug, Clone)]
pub enum GoodAnswer {
    /// The answer.
    Answered(Box<Answer>),
    /// What is wrong with the good as stated.
    Unreadable(Vec<GoodFault>),
}

/// The completeness of an application, with what `classify` says of each good.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What is missing or doubtful.
    pub completeness: Completeness,
    /// By key of the good.
    pub goods: BTreeMap<Key, GoodAnswer>,
}

/// Checks an application as of an instant.
#[must_use]
pub fn application_check(
    law: &Law,
    application: &Application,
    papers: &Papers,
    now: Timestamp,
) -> Checked {
    let classifier = classifier_on(law, now);
    let answer = |good: &Good| match GoodAsked::from_object(&good_object(good)) {
        Ok(asked) => GoodAnswer::Answered(Box::new(classifier.classify(&asked))),
        Err((_, faults)) => GoodAnswer::Unreadable(faults),
    };
    let goods: BTreeMap<Key, GoodAnswer> =
        application.goods.iter().map(|good| (good.key.clone(), answer(good))).collect();
    let known = application
        .goods
        .iter()
        .filter_map(|good| Some((good.key.clone(), known(good, goods.get(&good.key)?))));
    let evidence = Evidence {
        rules: &law.rules,
        today: date_in(&zone(law), now),
        forms: Vocabulary::common().forms.iter().map(|form| form.kind.as_str()).collect(),
        goods: known.collect(),
        watch_listed: papers.watch_listed.clone(),
        documents: papers.documents.clone(),
        certificates: papers.certificates.clone(),
        appeals: papers.appeals,
    };
    Checked { completeness: completeness(application, &evidence), goods }
}

/// What `classify` says of one good.
#[must_use]
pub fn good_answer(law: &Law, good: &Good, now: Timestamp) -> GoodAnswer {
    match GoodAsked::from_object(&good_object(good)) {
        Ok(asked) => GoodAnswer::Answered(Box::new(classifier_on(law, now).classify(&asked))),
        Err((_, faults)) => GoodAnswer::Unreadable(faults),
    }
}

/// The answer in the words of the rules of completeness.
fn known(good: &Good, answer: &GoodAnswer) -> GoodKnown {
    let answer = match answer {
        GoodAnswer::Answered(answer) => answer,
        GoodAnswer::Unreadable(faults) => {
            let field = |fault: &GoodFault| {
                let field = fault.field.split('.').next().unwrap_or_default();
                let field = if field.is_empty() { "name" } else { field };
                (field.to_owned(), fault.message.clone())
            };
            // That nothing is said of it is told by what is missing.
            let told =
                faults.iter().filter(|fault| !fault.field.is_empty() && fault.field != "name");
            return GoodKnown { faults: told.map(field).collect(), ..GoodKnown::default() };
        }
    };
    let mut codes: Vec<String> =
        answer.items.iter().map(|item| item.control_code.clone()).collect();
    codes.retain(|code| !code.is_empty());
    codes.sort();
    codes.dedup();
    let analysed: BTreeSet<&str> =
        good.composition.keys().filter_map(|name| element_of(name)).collect();
    let mut missing = BTreeSet::new();
    for item in &answer.items {
        let elements: Vec<&str> =
            item.element.split(';').map(str::trim).filter(|e| !e.is_empty()).collect();
        if !elements.is_empty() && !elements.iter().any(|element| analysed.contains(element)) {
            missing.extend(elements.into_iter().map(str::to_owned));
        }
    }
    GoodKnown {
        verdict: match answer.answer {
            Kind::Controlled => GoodVerdict::Controlled,
            Kind::NotControlled => GoodVerdict::NotControlled,
            Kind::Unknown | Kind::Refer => GoodVerdict::Undetermined,
        },
        control_codes: codes,
        assay_missing: missing.into_iter().collect(),
        faults: Vec::new(),
    }
}

/// The element of a formula in a composition.
fn element_of(formula: &str) -> Option<&'static str> {
    let common = Common::embedded();
    match common.species(formula.trim())? {
        Species::Element(element) => Some(common.symbol(element)),
        Species::Oxide(place) => {
            let row = common.oxides.get(usize::from(place))?;
            Some(common.symbol(row.element))
        }
    }
}
