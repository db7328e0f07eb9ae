//! Whether a shipment fits what its licence line has left, as a filing page tells it.
//!
//! The tie ([`crate::tie`]) holds two tellings against each other afterwards; this is the question before:
//! may this shipment leave on this line? Each unit is asked for itself, and a unit that the filing does not
//! tell is told as such, never worked out of another.
//!
//! INVARIANT: of a licence of another holder nothing is told but that it is one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::quantity::Quantity;
use crate::tie::{
    DrawnDown, ExportFiled, LineKnown, LineStanding, TieFinding, TieRule, filed_amount, finding,
    key_of, licence_findings,
};

/// How what was filed fits one unit of a licence line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FitUnit {
    /// What is left, with what this declaration has drawn already.
    pub left: Quantity,
    /// What was filed; nothing where the filing does not tell all of it.
    pub filed: Option<i64>,
}

impl FitUnit {
    /// Whether more was filed than is left.
    #[must_use]
    pub fn beyond(&self) -> bool {
        self.filed.is_some_and(|filed| filed > self.left.amount)
    }
}

/// Whether a shipment fits what its licence line has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fit {
    /// What speaks against it, quantities apart.
    pub findings: Vec<TieFinding>,
    /// Each unit of the line.
    pub units: Vec<FitUnit>,
}

impl Fit {
    /// Whether nothing speaks against it.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.findings.is_empty() && !self.units.iter().any(FitUnit::beyond)
    }
}

/// Whether a shipment fits: the rows filed of one declaration and licence line, held against the line and
/// what was drawn on it for this declaration. That is given back first, so that a shipment which customs
/// has booked is not counted twice; and a licence that was suspended or ended since does not speak against
/// it.
#[must_use]
pub fn fit(
    licence: &str,
    filed: &[ExportFiled],
    drawn: &[DrawnDown],
    licences: &[LineKnown],
) -> Fit {
    let known = licences.iter().find(|line| line.licence == licence);
    let by: BTreeMap<&str, &LineKnown> = known.into_iter().map(|line| (licence, line)).collect();
    let mut findings = Vec::new();
    licence_findings(licence, filed, Some(&by), &mut findings);
    let own = known.filter(|line| filed.iter().all(|of| of.filer == line.holder));
    let Some(line) = own else { return Fit { findings, units: Vec::new() } };
    let of_line = |of: &&DrawnDown| {
        key_of(of) == licence && filed.iter().any(|row| row.declaration == of.declaration)
    };
    let booked: Vec<&DrawnDown> = drawn.iter().filter(of_line).collect();
    let already = findings.iter().any(|of| of.rule == TieRule::LicenceNotInForce);
    if booked.is_empty() && line.standing != LineStanding::InForce && !already {
        let expected = LineStanding::InForce.code().to_owned();
        let observed = line.standing.code().to_owned();
        findings.push(finding(TieRule::LicenceNotInForce, expected, observed));
    }
    let unit = |left: &Quantity| {
        let given_back = booked.iter().flat_map(|of| &of.quantities);
        let same = given_back.filter(|of| of.unit == left.unit).map(|of| of.amount);
        let amount = same.fold(left.amount, i64::saturating_add);
        let filed = filed_amount(&left.unit, filed);
        FitUnit {
            left: Quantity { unit: left.unit.clone(), amount },
            filed: filed.map(|amount| i64::try_from(amount).unwrap_or(i64::MAX)),
        }
    };
    Fit { findings, units: line.left.iter().map(unit).collect() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::quantity::Unit;
    use crate::tie::tests::{drawn, filed, line};

    #[test]
    fn a_shipment_fits_what_its_line_has_left() {
        let check = |of: &[ExportFiled], by: &[DrawnDown], known: &LineKnown, expected: &str| {
            let found = fit("L/1", of, by, std::slice::from_ref(known));
            let mut told: Vec<&str> = found.findings.iter().map(|f| f.rule.code()).collect();
            told.extend(found.units.iter().filter(|unit| unit.beyond()).map(|_| "beyond"));
            assert_eq!(told.join(" "), expected);
            assert_eq!(found.fits(), expected.is_empty());
        };
        let known = line("L/1", "gad:a");
        check(&[filed("D", "L/1", 10)], &[], &known, "");
        check(&[filed("D", "L/1", 11)], &[], &known, "beyond");
        check(&[filed("D", "L/1", 6), filed("D", "L/1", 5)], &[], &known, "beyond");
        // What this declaration has drawn already is not counted twice; what another has, is.
        check(&[filed("D", "L/1", 15)], &[drawn("D", "L/1", 5)], &known, "");
        check(&[filed("D", "L/1", 15)], &[drawn("E", "L/1", 5)], &known, "beyond");
        check(&[filed("D", "L/1", 15)], &[drawn("D", "L/2", 5)], &known, "beyond");
        let standing = |standing| LineKnown { standing, ..known.clone() };
        for ended in [LineStanding::Suspended, LineStanding::Ended] {
            check(&[filed("D", "L/1", 10)], &[], &standing(ended), "licence_not_in_force");
            check(&[filed("D", "L/1", 10)], &[drawn("D", "L/1", 1)], &standing(ended), "");
        }
        let late = ExportFiled { day: date(2025, 7, 1), ..filed("D", "L/1", 10) };
        check(&[late], &[], &standing(LineStanding::Ended), "licence_not_in_force");
        check(&[filed("D", "L/1", 1)], &[], &line("N/1", "gad:a"), "licence_unknown");
        check(&[filed("D", "L/1", 1)], &[], &line("L/1", "gad:b"), "licence_of_another");
        // What the filing does not tell cannot go beyond.
        let pieces = vec![Quantity { unit: Unit::Pieces, amount: 3 }];
        let pieces = LineKnown { left: pieces, ..known.clone() };
        check(&[filed("D", "L/1", 10)], &[], &pieces, "");
        let told = ExportFiled { pieces: Some(4), ..filed("D", "L/1", 10) };
        check(&[told], &[], &pieces, "beyond");
    }

    #[test]
    fn of_a_licence_of_another_no_quantity_is_told() {
        let found = fit("L/1", &[filed("D", "L/1", 1)], &[], &[line("L/1", "gad:b")]);
        assert_eq!(found.units, []);
    }
}
