//! Goods: named, identified, analysed, and controlled as the applicant says.

use base::iso::country_known;

use super::{GoodVerdict, Search, blank};
use crate::application::Good;

/// Digits of an HS code or of a national code that begins with one.
const HS_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

impl Search<'_> {
    pub(super) fn goods(&mut self) {
        let application = self.application;
        if application.goods.is_empty() {
            self.note("goods_missing", "goods", "", "");
        }
        for good in &application.goods {
            self.good(good);
            let used = application.cells.iter().any(|cell| cell.good == good.key);
            if !used && !application.cells.is_empty() {
                self.note("good_unused", &at(good, ""), name(good), "");
            }
        }
    }

    fn good(&mut self, good: &Good) {
        let what = name(good);
        if blank(&good.name) {
            self.note("good_name_missing", &at(good, "name"), what, "");
        }
        let digits = good.hs.chars().filter(|c| !matches!(c, '.' | ' ')).collect::<String>();
        if digits.is_empty() {
            self.note("good_hs_missing", &at(good, "hs"), what, "");
        } else if !digits.bytes().all(|b| b.is_ascii_digit()) || !HS_DIGITS.contains(&digits.len())
        {
            self.note("good_hs_form", &at(good, "hs"), what, &good.hs);
        }
        if blank(&good.grade) {
            self.note("good_grade_missing", &at(good, "grade"), what, "");
        }
        if !good.form.is_empty() && !self.known.forms.contains(good.form.as_str()) {
            self.note("good_form_unknown", &at(good, "form"), what, &good.form);
        }
        if good.origin.is_empty() {
            self.note("good_origin_missing", &at(good, "origin"), what, "");
        } else if !country_known(&good.origin) {
            self.note("good_origin_unknown", &at(good, "origin"), what, &good.origin);
        }
        if good.composition.is_empty() {
            self.note("good_composition_missing", &at(good, "composition"), what, "");
        }
        if let Some(mass) = good.unit_mass_mg.filter(|mass| *mass <= 0) {
            self.note("good_unit_mass", &at(good, "unit_mass_mg"), what, &mass.to_string());
        }
        self.control(good);
    }

    /// What the applicant says is controlled against what `classify` says.
    fn control(&mut self, good: &Good) {
        let known = self.known;
        let Some(said) = known.goods.get(&good.key) else { return };
        let (what, codes_at) = (name(good), at(good, "control_codes"));
        for (field, found) in &said.faults {
            self.note("good_unreadable", &at(good, field), what, found);
        }
        if !good.composition.is_empty() && !said.assay_missing.is_empty() {
            let elements = said.assay_missing.join(", ");
            self.note("good_assay_missing", &at(good, "composition"), what, &elements);
        }
        let (claimed, found) = (&good.control_codes, said.control_codes.join(", "));
        match said.verdict {
            GoodVerdict::NotAsked => {}
            GoodVerdict::Controlled if claimed.is_empty() => {
                self.note("good_codes_missing", &codes_at, what, &found);
            }
            GoodVerdict::Controlled => {
                let differs = claimed.iter().any(|code| !said.control_codes.contains(code))
                    || said.control_codes.iter().any(|code| !claimed.contains(code));
                if differs {
                    self.note("good_codes_differ", &codes_at, what, &found);
                }
            }
            GoodVerdict::NotControlled => {
                self.note("good_not_controlled", &codes_at, what, &claimed.join(", "));
            }
            GoodVerdict::Undetermined => {
                self.note("good_undetermined", &codes_at, what, &found);
            }
        }
    }
}

fn at(good: &Good, field: &str) -> String {
    super::path("goods", &good.key, field)
}

/// A good as the applicant names it.
pub(super) fn name(good: &Good) -> &str {
    if blank(&good.name) { &good.key } else { &good.name }
}
