//! What a filing page says of an export: whether a licence is needed, whether the shipment fits what its
//! licence line has left, and what customs drew down for its declaration.

use app::tie::{ExportRow, Shipment};
use controls::Kind;
use licensing::fit::{Fit, FitUnit};
use licensing::quantity::{Quantity, Unit};
use licensing::tie::{DrawnDown, Tie, TieFinding, TieState};

use crate::config::Hall;
use crate::law::law;
use crate::ledger::{Import, findings, off_thread};
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::Text;
use crate::visit::Sight;

/// A lot of a shipment.
pub(crate) struct GoodRow {
    pub(crate) lot: String,
    pub(crate) mass: String,
    pub(crate) tag: &'static str,
    pub(crate) need: String,
    pub(crate) codes: String,
}

/// A shipment as the page shows it.
pub(crate) struct ShipmentBox {
    pub(crate) declaration: String,
    pub(crate) licence: String,
    pub(crate) goods: Vec<GoodRow>,
    /// Whether it fits, in a word and with its tag; empty where it cannot be asked.
    pub(crate) fit: String,
    pub(crate) fit_tag: &'static str,
    /// What speaks against it, and what is left, line by line.
    pub(crate) fit_lines: Vec<String>,
    /// How filing and draw-downs found each other, where customs tells them.
    pub(crate) tie: String,
    pub(crate) tie_tag: &'static str,
    pub(crate) drawn: Vec<String>,
    pub(crate) gaps: Vec<String>,
}

/// The shipments of an export filing, and the ties of each.
pub(crate) async fn shipments(
    hall: &Hall,
    filer: &str,
    reference: &str,
) -> Result<Vec<(Shipment, Vec<Tie>)>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, of) = (hall.clone(), (filer.to_owned(), reference.to_owned()));
    let found = off_thread(move || shared.platform.shipments(&law, (&of.0, &of.1), shared.now()));
    let found = found.await?.map_err(|error| fault(&error))?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let kept = findings(hall).await?;
    let filing = format!("{filer}/{reference}");
    let with_ties = |shipment: Shipment| {
        let same = |tie: &&Tie| {
            let declared = tie.declaration == shipment.declaration;
            declared && tie.filed.iter().any(|of| of.licence == shipment.licence)
        };
        let ties: Vec<Tie> = kept.ties_of(&filing).filter(same).cloned().collect();
        (shipment, ties)
    };
    Ok(found.into_iter().map(with_ties).collect())
}

/// The shipments of the export filings that a trial took: nothing of them is at customs yet.
pub(crate) async fn shipments_tried(
    hall: &Hall,
    filer: &str,
    report: &Import,
) -> Result<Vec<Shipment>, Stop> {
    if report.exported.is_empty() {
        return Ok(Vec::new());
    }
    let law = law(hall, &hall.config.pack).await?;
    let (shared, filer, exported) = (hall.clone(), filer.to_owned(), report.exported.clone());
    let found = off_thread(move || {
        shared.platform.shipments_tried(&law, (&filer, &exported), shared.now())
    });
    found.await?.map_err(|error| fault(&error))
}

/// The stable code of whether a licence is needed.
pub(crate) fn need_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Controlled => "needed",
        Kind::NotControlled => "not_needed",
        Kind::Unknown => "unknown",
        Kind::Refer => "refer",
    }
}

/// The stable code of how filings and draw-downs fit.
pub(crate) fn tie_code(state: TieState) -> &'static str {
    match state {
        TieState::Matched => "matched",
        TieState::Waiting => "waiting",
        TieState::Differs => "differs",
        TieState::NoLicence => "no_licence",
    }
}

/// A quantity in its unit, with what is counted.
pub(crate) fn quantity_words(t: &Text, quantity: &Quantity) -> String {
    let amount = match &quantity.unit {
        Unit::NetMass | Unit::Content(_) | Unit::Oxide(_) => show::mass(quantity.amount),
        Unit::Pieces | Unit::Value(_) => {
            format!("{} {}", quantity.decimal(), quantity.unit.written())
        }
    };
    match &quantity.unit {
        Unit::NetMass | Unit::Pieces | Unit::Value(_) => amount,
        Unit::Content(element) => t.two("quantity-content", amount, element),
        Unit::Oxide(element) => t.two("quantity-oxide", amount, element),
    }
}

fn good(t: &Text, row: &ExportRow) -> GoodRow {
    let code = need_code(row.need.answer);
    let tag = match row.need.answer {
        Kind::Controlled => "warning",
        Kind::NotControlled => "good",
        Kind::Unknown | Kind::Refer => "note",
    };
    GoodRow {
        lot: row.filed.lot.clone(),
        mass: show::mass(row.filed.net_mass_mg),
        tag,
        need: t.code("need", code, code),
        codes: row.need.codes.join(", "),
    }
}

fn gap(t: &Text, prefix: &str, of: &TieFinding) -> String {
    let code = of.rule.code();
    let words = t.code(prefix, code, code);
    match (of.expected.is_empty(), of.observed.is_empty()) {
        (true, true) => words,
        (true, false) => t.two("shipment-observed", words, &of.observed),
        (false, true) => t.two("shipment-expected", words, &of.expected),
        (false, false) => t.three("shipment-both", words, &of.expected, &of.observed),
    }
}

fn unit_line(t: &Text, unit: &FitUnit) -> String {
    let left = quantity_words(t, &unit.left);
    match unit.filed {
        None => t.one("shipment-unit-untold", left),
        Some(amount) => {
            let filed = Quantity { unit: unit.left.unit.clone(), amount };
            let key = if unit.beyond() { "shipment-unit-beyond" } else { "shipment-unit-fits" };
            t.two(key, quantity_words(t, &filed), left)
        }
    }
}

fn fit_words(t: &Text, fit: &Fit) -> (String, &'static str, Vec<String>) {
    let mut lines: Vec<String> = fit.findings.iter().map(|of| gap(t, "fit", of)).collect();
    lines.extend(fit.units.iter().map(|unit| unit_line(t, unit)));
    let (key, tag) =
        if fit.fits() { ("shipment-fits", "good") } else { ("shipment-fits-not", "error") };
    (t.get(key), tag, lines)
}

/// What is drawn on a licence of another is not told; nor are its numbers.
fn drawn_line(t: &Text, sight: &Sight, of: &DrawnDown) -> String {
    if !sight.sees(&of.holder) {
        return t.get("another-party");
    }
    let amounts: Vec<String> = of.quantities.iter().map(|q| quantity_words(t, q)).collect();
    let licence = format!("{}/{}", of.licence, of.line);
    t.three("shipment-drawn", show::date(t, of.day), licence, amounts.join(", "))
}

/// A shipment as the page shows it. Where customs does not tell what it draws down, nothing is said of it.
pub(crate) fn shown(t: &Text, sight: &Sight, shipment: &Shipment, ties: &[Tie]) -> ShipmentBox {
    let (fit, fit_tag, fit_lines) =
        shipment.fit.as_ref().map_or_else(Default::default, |fit| fit_words(t, fit));
    let worst = ties.iter().map(|tie| tie.state).max_by_key(|state| match state {
        TieState::NoLicence => 0,
        TieState::Matched => 1,
        TieState::Waiting => 2,
        TieState::Differs => 3,
    });
    let (tie, tie_tag) = worst.map_or((String::new(), ""), |state| {
        let code = tie_code(state);
        let tag = match state {
            TieState::Matched => "good",
            TieState::Differs => "error",
            TieState::Waiting | TieState::NoLicence => "plain",
        };
        (t.code("tie", code, code), tag)
    });
    let drawn = ties.iter().flat_map(|tie| &tie.drawn);
    let found = ties.iter().flat_map(|tie| &tie.findings);
    ShipmentBox {
        declaration: shipment.declaration.clone(),
        licence: shipment.licence.clone(),
        goods: shipment.rows.iter().map(|row| good(t, row)).collect(),
        fit,
        fit_tag,
        fit_lines,
        tie,
        tie_tag,
        drawn: drawn.map(|of| drawn_line(t, sight, of)).collect(),
        gaps: found.map(|of| gap(t, "rule", of)).collect(),
    }
}
