//! The consolidated list of financial sanctions of the European Union as XML.
//!
//! Source: European Commission, "Financial Sanctions Files: XML schema 1.1" (namespace
//! `http://eu.europa.ec/fpi/fsd/export`): `export` holds `sanctionEntity` with `logicalId`, `subjectType`
//! (`classificationCode` `P` or `E`), `nameAlias` (`wholeName`, `strong`), `citizenship`, `address`,
//! `birthdate` (`birthdate`, `year`, `yearRangeFrom`, `yearRangeTo`), `identification` and
//! `regulation` (`programme`); what they say stands in attributes.

use std::io::BufRead;

use screening::NameStrength;

use super::fault::Place;
use super::gather::{Draft, Gather, Rows};
use super::words::{kind, scheme};
use super::xml::{Element, records};

pub(super) fn read(source: impl BufRead, gather: &mut Gather) {
    records(source, &["sanctionEntity"], &[], gather, |gather, number, element| {
        gather.take(Place::Record(number), entry(element), Rows::Whole);
    });
}

/// The country that the attributes of an element name; two zeros stand for one that is not known.
fn country(element: &Element) -> &str {
    let code = element.attribute("countryIso2Code");
    if code.is_empty() || code == "00" {
        let description = element.attribute("countryDescription");
        if description.eq_ignore_ascii_case("unknown") { "" } else { description }
    } else {
        code
    }
}

fn entry(element: &Element) -> Draft {
    let subject = element.all("subjectType").next();
    let word = subject.map_or("", |subject| match subject.attribute("classificationCode") {
        "" => subject.attribute("code"),
        code => code,
    });
    let mut draft = Draft::new(element.attribute("logicalId"), kind(word));
    let mut first = true;
    for alias in element.all("nameAlias") {
        let strong = !alias.attribute("strong").eq_ignore_ascii_case("false");
        let strength = match (strong, first) {
            (false, _) => NameStrength::Weak,
            (true, true) => NameStrength::Primary,
            (true, false) => NameStrength::Alias,
        };
        first &= !strong;
        let whole = alias.attribute("wholeName");
        if whole.is_empty() {
            let parts = ["firstName", "middleName", "lastName"].map(|part| alias.attribute(part));
            draft.name(&parts.join(" "), strength);
        } else {
            draft.name(whole, strength);
        }
    }
    for place in element.all("citizenship").chain(element.all("address")) {
        draft.country(country(place));
    }
    for date in element.all("birthdate") {
        let (from, to) = (date.attribute("yearRangeFrom"), date.attribute("yearRangeTo"));
        if !from.is_empty() && !to.is_empty() {
            draft.date("yearRangeFrom", &format!("{from} to {to}"));
        } else {
            let said = [date.attribute("birthdate"), date.attribute("year"), from];
            draft.date("birthdate", said.into_iter().find(|t| !t.is_empty()).unwrap_or_default());
        }
    }
    for id in element.all("identification") {
        let words =
            [id.attribute("identificationTypeDescription"), id.attribute("identificationTypeCode")];
        draft.number(scheme(&words.join(" ")), id.attribute("number"));
    }
    for regulation in element.all("regulation") {
        draft.programme(regulation.attribute("programme"));
    }
    draft
}
