//! Export filings held against licences and what customs drew down on them.
//!
//! The rules are in [`licensing::tie`]. Here the exports are gathered out of the books and the stored rows,
//! each is asked of the control list in force on its day, and what does not fit becomes findings of the
//! list that everybody knows.

use std::collections::{BTreeMap, HashMap};

use base::decimal::Scaled;
use base::mass::content_ug;
use base::{Common, Date, Element, Mass, Severity, Timestamp};
use controls::answer::AnswerItem;
use controls::{AsOf, Classifier, Kind};
use licensing::fit::{Fit, fit};
use licensing::tie::{Controlled, ExportFiled, Tie, TieFinding, TieRule, TieRules, TieState, ties};

use crate::findings::{LedgerFinding, Score};
use crate::law::Law;
use crate::law::exported::Exported;
use crate::law::replay::good_of;
use crate::licence::LicenceError;
use crate::licensed::{Licensed, Whose};
use crate::platform::{Platform, PlatformError};

/// For so many days the other telling may be on its way: filings of a month are due by the tenth of the
/// next.
const GRACE_DAYS: u16 = 45;
/// So much may two weighings of one shipment differ, in millionths.
const TOLERANCE_PPM: u32 = 5_000;

/// Whether a good of an export needs a licence, as its control list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The answer in a word.
    pub answer: Kind,
    /// Control codes, or instruments where those have none.
    pub codes: Vec<String>,
}

/// A row of an export filing, with whether it needs a licence.
#[derive(Debug, Clone)]
pub struct ExportRow {
    /// As filed.
    pub filed: ExportFiled,
    /// Whether it needs a licence.
    pub need: Need,
}

/// The rows of a filing that name one declaration and licence line, and whether they fit it.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// Customs declaration; empty where none is named.
    pub declaration: String,
    /// Licence and line; empty where none is named.
    pub licence: String,
    /// The rows.
    pub rows: Vec<ExportRow>,
    /// Whether it fits what is left; nothing where no licence is named, or none are kept here.
    pub fit: Option<Fit>,
}

/// What makes two exports one good of one day: all that a list looks at.
type Asked<'e> = (Date, &'e str, &'e str, &'e str, &'e str, &'e Option<Vec<(Element, u32)>>);

impl Platform {
    /// The exports filed up to a day, each with whether the control list in force on its day names it.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses or a block is damaged.
    pub fn exports_filed(&self, law: &Law, to: Date) -> Result<Vec<ExportFiled>, PlatformError> {
        let exports = self.exported(Date::MIN, to)?;
        let mut lists: BTreeMap<Date, Classifier<'_>> = BTreeMap::new();
        let mut asked: HashMap<Asked<'_>, Controlled> = HashMap::new();
        let mut filed = Vec::with_capacity(exports.len());
        for (at, export) in exports.iter().enumerate() {
            let key = (
                export.date,
                export.product.as_str(),
                export.grade.as_str(),
                export.stage.as_str(),
                export.hs.as_str(),
                &export.composition,
            );
            let controlled = asked.get(&key).copied().unwrap_or_else(|| {
                let list = lists
                    .entry(export.date)
                    .or_insert_with(|| Classifier::new(&law.pack, AsOf::on(export.date)));
                controlled(list.classify(&good_of(export, at)).answer)
            });
            asked.insert(key, controlled);
            filed.push(filed_of(export, controlled));
        }
        Ok(filed)
    }

    /// The shipments of one export filing: whether a licence is needed, and whether each fits what its
    /// licence line has left at an instant. None where the filing is no export, or was replaced.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses, or a block or a licence is damaged.
    pub fn shipments(
        &self,
        law: &Law,
        (filer, reference): (&str, &str),
        at: Timestamp,
    ) -> Result<Vec<Shipment>, LicenceError> {
        let exports = self.exported_in(filer, reference)?;
        if exports.is_empty() {
            return Ok(Vec::new());
        }
        let licensed = self.licensed(Whose::Of(filer), at)?;
        Ok(shipments(law, &exports, &licensed))
    }

    /// The same of export filings that a trial took ([`crate::ImportReport::exported`]), all of one filer.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses, or a licence is damaged.
    pub fn shipments_tried(
        &self,
        law: &Law,
        (filer, exported): (&str, &BTreeMap<u32, Vec<Exported>>),
        at: Timestamp,
    ) -> Result<Vec<Shipment>, LicenceError> {
        let exports: Vec<Exported> = exported.values().flatten().cloned().collect();
        if exports.is_empty() {
            return Ok(Vec::new());
        }
        let licensed = self.licensed(Whose::Of(filer), at)?;
        Ok(shipments(law, &exports, &licensed))
    }

    /// Exports up to a day against licences and draw-downs.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses or a block is damaged.
    pub fn ties(
        &self,
        law: &Law,
        licensed: &Licensed,
        as_of: Date,
    ) -> Result<Vec<Tie>, PlatformError> {
        let filed = self.exports_filed(law, as_of)?;
        let rules = TieRules { as_of, grace_days: GRACE_DAYS, tolerance_ppm: TOLERANCE_PPM };
        // What went before the first licence on record has its licence elsewhere.
        let of_record = |of: &ExportFiled| licensed.since.is_none_or(|since| of.day >= since);
        let (filed, earlier): (Vec<ExportFiled>, Vec<ExportFiled>) =
            filed.into_iter().partition(of_record);
        let drawn = licensed.drawn.as_deref();
        let mut found = ties(&rules, &filed, drawn.unwrap_or(&[]), licensed.lines.as_deref());
        if drawn.is_none() {
            found.iter_mut().for_each(untold);
        }
        let mut before = ties(&rules, &earlier, &[], None);
        before.iter_mut().for_each(untold);
        found.append(&mut before);
        Ok(found)
    }
}

/// Where customs does not tell, a missing draw-down is no finding.
fn untold(tie: &mut Tie) {
    tie.findings.retain(|of| of.rule != TieRule::FilingWithoutDrawDown);
    if tie.state == TieState::Differs && tie.findings.is_empty() {
        tie.state = TieState::Waiting;
    }
}

/// No finding rests on what cannot be told.
fn controlled(answer: Kind) -> Controlled {
    match answer {
        Kind::Controlled => Controlled::Yes,
        Kind::NotControlled | Kind::Unknown | Kind::Refer => Controlled::No,
    }
}

/// The rows of one filing, by declaration and licence line.
fn shipments(law: &Law, exports: &[Exported], licensed: &Licensed) -> Vec<Shipment> {
    let mut by: BTreeMap<(String, String), Vec<ExportRow>> = BTreeMap::new();
    for (at, export) in exports.iter().enumerate() {
        let list = Classifier::new(&law.pack, AsOf::on(export.date));
        let answer = list.classify(&good_of(export, at));
        let code = |item: &AnswerItem| match item.control_code.as_str() {
            "" => item.instrument.clone(),
            code => code.to_owned(),
        };
        let mut codes: Vec<String> = answer.items.iter().map(code).collect();
        codes.sort();
        codes.dedup();
        let filed = filed_of(export, controlled(answer.answer));
        let key = (filed.declaration.clone(), filed.licence.clone());
        by.entry(key)
            .or_default()
            .push(ExportRow { filed, need: Need { answer: answer.answer, codes } });
    }
    let shipment = |((declaration, licence), rows): ((String, String), Vec<ExportRow>)| {
        let filed: Vec<ExportFiled> = rows.iter().map(|row| row.filed.clone()).collect();
        let of_record = |since: Date| filed.iter().all(|of| of.day >= since);
        let asked = !licence.is_empty() && licensed.since.is_none_or(of_record);
        let lines = licensed.lines.as_deref().filter(|_| asked);
        let drawn = licensed.drawn.as_deref().unwrap_or(&[]);
        let fit = lines.map(|lines| fit(&licence, &filed, drawn, lines));
        Shipment { declaration, licence, rows, fit }
    };
    by.into_iter().map(shipment).collect()
}

fn filed_of(export: &Exported, controlled: Controlled) -> ExportFiled {
    let common = Common::embedded();
    let mut content_mg = BTreeMap::new();
    let mut oxide_mg = BTreeMap::new();
    for &(element, ppb) in export.composition.iter().flatten() {
        let content = content_ug(export.mass_mg, ppb);
        let symbol = common.symbol(element).to_owned();
        let usual = common.oxides.iter().find(|o| o.element == element && o.reo_default);
        if let Some(oxide) = usual.filter(|oxide| oxide.element_per_oxide_e8 > 0) {
            let factor = i128::from(oxide.element_per_oxide_e8);
            let mg = i128::from(content) * 100_000_000 / factor / 1_000;
            oxide_mg.insert(symbol.clone(), i64::try_from(mg).unwrap_or(i64::MAX));
        }
        content_mg.insert(symbol, content / 1_000);
    }
    ExportFiled {
        filer: export.filer.clone(),
        filing: format!("{}/{}", export.filer, export.reference),
        lot: export.lot.clone(),
        declaration: export.declaration.clone(),
        licence: export.licence.clone(),
        day: export.date,
        net_mass_mg: export.mass_mg,
        content_mg,
        oxide_mg,
        pieces: export.pieces,
        product: export.product.clone(),
        destination: export.destination.clone(),
        customer: export.customer.clone(),
        controlled,
    }
}

/// What does not fit, as findings of the ledger, sorted as those are.
#[must_use]
pub fn tie_findings(ties: &[Tie]) -> Vec<LedgerFinding> {
    let mut found: Vec<LedgerFinding> = ties
        .iter()
        .flat_map(|tie| tie.findings.iter().map(move |finding| ledger_finding(tie, finding)))
        .collect();
    found.sort_unstable();
    found
}

fn ledger_finding(tie: &Tie, finding: &TieFinding) -> LedgerFinding {
    let severity = match finding.rule {
        TieRule::ExportWithoutLicence
        | TieRule::LicenceUnknown
        | TieRule::LicenceOfAnother
        | TieRule::LicenceNotInForce
        | TieRule::WrongDestination => Severity::Error,
        TieRule::DeclarationMissing
        | TieRule::FilingWithoutDrawDown
        | TieRule::DrawDownWithoutFiling
        | TieRule::WrongLine
        | TieRule::WrongLicence
        | TieRule::QuantityGap => Severity::Warning,
    };
    let mass: i64 = tie.filed.iter().map(|of| of.net_mass_mg).fold(0, i64::saturating_add);
    let (off, of) = finding.gap.unwrap_or((1, 1));
    // Rows of a declaration that are controlled and name no licence, not those beside them.
    let concerned = tie.filed.iter().filter(|of| {
        finding.rule != TieRule::ExportWithoutLicence || of.controlled == Controlled::Yes
    });
    let mut filings: Vec<String> = concerned.clone().map(|of| of.filing.clone()).collect();
    let mut lots: Vec<String> = concerned.map(|of| of.lot.clone()).collect();
    filings.dedup();
    lots.dedup();
    let declaration = match tie.declaration.as_str() {
        "" => "an export without a declaration".to_owned(),
        declaration => format!("declaration {declaration}"),
    };
    let kg = Scaled { value: mass, scale: Mass::KG_DECIMALS };
    let what = match finding.rule {
        TieRule::ExportWithoutLicence => {
            format!("{declaration} takes {kg} kg with a controlled good out and names no licence")
        }
        TieRule::DeclarationMissing => {
            format!("{declaration} names the licence {}", tie.licence)
        }
        TieRule::LicenceUnknown => {
            format!("{declaration} names {}, which was never issued", tie.licence)
        }
        TieRule::LicenceOfAnother => {
            format!("{declaration} names {}, which is another's", tie.licence)
        }
        TieRule::LicenceNotInForce => {
            format!("{declaration} uses {} outside the days on which it is good", tie.licence)
        }
        TieRule::WrongDestination => {
            format!("{declaration} takes goods of {} to another destination", tie.licence)
        }
        TieRule::FilingWithoutDrawDown => {
            format!("{declaration} was filed, and nothing was drawn down on {}", tie.licence)
        }
        TieRule::DrawDownWithoutFiling => {
            format!("{declaration} was drawn down on {}, and not filed", tie.licence)
        }
        TieRule::WrongLine | TieRule::WrongLicence => {
            format!("{declaration} was filed and drawn down on different licence lines")
        }
        TieRule::QuantityGap => {
            format!("{declaration} was filed and drawn down with different quantities")
        }
    };
    LedgerFinding {
        rule: finding.rule.code(),
        severity,
        party: tie.party.clone(),
        site: String::new(),
        lots,
        filings,
        element: String::new(),
        size: finding.gap.map_or(mass, |gap| gap.0),
        expected: finding.expected.clone(),
        observed: finding.observed.clone(),
        explanation: format!("{what}; what clears it: {}", finding.rule.clears()),
        score: Score::of(severity, i128::from(off), i128::from(of)),
    }
}

#[cfg(test)]
#[path = "tie_tests.rs"]
mod tests;
