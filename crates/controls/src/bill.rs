//! A bill of material: a flat list of parts that name the part they are in, so that any depth fits.
//!
//! Mass and value are those of one piece, with all that is in it; quantity is pieces in one piece of the
//! part above (at the top: 1). All are exact.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::Value;

use crate::good::{Assayed, GoodFault, composition, countries};
use crate::text::neutralised;

/// More parts than this are refused.
pub const PARTS_MAX: usize = 10_000;

/// A part of a bill.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BillPart {
    /// Its reference, unique in the bill.
    pub part: String,
    /// Position of the part that it is in; nothing at the top.
    pub within: Option<usize>,
    /// What it is called.
    pub name: String,
    /// Form or stage.
    pub form: String,
    /// Grade of a magnet.
    pub grade: String,
    /// Pieces in one piece of the part above.
    pub quantity: Option<BigRational>,
    /// Mass of one piece, kg.
    pub mass_kg: Option<BigRational>,
    /// Value of one piece.
    pub value: Option<BigRational>,
    /// Currency of the value.
    pub currency: String,
    /// Where it was made, alpha-2.
    pub origin: String,
    /// Where the technology is from with which it was made; nothing: not stated.
    pub technology_origin: Option<Vec<String>>,
    /// Its assay.
    pub assay: Vec<Assayed>,
}

/// An exact fraction of decimal text.
#[must_use]
pub fn fraction_parse(text: &str) -> Option<BigRational> {
    let text = text.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && decimals.is_empty()
        || !digits(whole)
        || !digits(decimals)
        || text.len() > 60
    {
        return None;
    }
    let number: BigInt = format!("0{whole}{decimals}").parse().ok()?;
    let scale = BigInt::from(10).pow(u32::try_from(decimals.len()).ok()?);
    Some(BigRational::new(number, scale))
}

/// Reads the parts of a bill and their references.
pub(crate) fn bill_parse(value: &Value, faults: &mut Vec<GoodFault>) -> Vec<BillPart> {
    let Value::Array(rows) = value else {
        if !value.is_null() {
            faults.push(GoodFault::new("bill", "the bill is no list", "a list of parts"));
        }
        return Vec::new();
    };
    if rows.len() > PARTS_MAX {
        faults.push(GoodFault::new(
            "bill",
            format!("the bill has {} parts", rows.len()),
            format!("at most {PARTS_MAX} parts"),
        ));
        return Vec::new();
    }
    let mut parts = Vec::with_capacity(rows.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut within = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let Value::Object(row) = row else {
            faults.push(GoodFault::new(format!("bill[{number}]"), "the part is no object", PART));
            continue;
        };
        let text = |name: &str| match row.get(name) {
            Some(Value::String(text)) => neutralised(text).0,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let mut part = BillPart {
            part: text("part"),
            name: text("name"),
            form: text("form"),
            grade: text("grade"),
            currency: text("currency"),
            origin: text("origin"),
            ..BillPart::default()
        };
        for (name, to) in [
            ("quantity", &mut part.quantity),
            ("mass_kg", &mut part.mass_kg),
            ("value", &mut part.value),
        ] {
            let text = text(name);
            if text.is_empty() {
                continue;
            }
            *to = fraction_parse(&text);
            if to.is_none() {
                faults.push(GoodFault::new(
                    format!("bill[{number}].{name}"),
                    format!("`{text}` is no plain decimal number"),
                    "a decimal such as 0.25",
                ));
            }
        }
        if let Some(value) = row.get("technology_origin") {
            let field = format!("bill[{number}].technology_origin");
            part.technology_origin = countries(value, &field, faults);
        }
        if let Some(value) = row.get("composition") {
            let from = faults.len();
            composition(value, &mut part.assay, faults);
            for fault in &mut faults[from..] {
                fault.field = format!("bill[{number}].{}", fault.field);
            }
        }
        if part.part.is_empty() {
            faults.push(GoodFault::new(
                format!("bill[{number}].part"),
                "the part has no reference",
                PART,
            ));
        } else if places.insert(part.part.clone(), parts.len()).is_some() {
            faults.push(GoodFault::new(
                format!("bill[{number}].part"),
                format!("`{}` stands in the bill twice", part.part),
                "each part once; its pieces are its quantity",
            ));
        }
        within.push(text("in"));
        parts.push(part);
    }
    references(&mut parts, &within, &places, faults);
    parts
}

fn references(
    parts: &mut [BillPart],
    within: &[String],
    places: &HashMap<String, usize>,
    faults: &mut Vec<GoodFault>,
) {
    for (number, name) in within.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        match places.get(name) {
            Some(&place) => parts[number].within = Some(place),
            None => faults.push(GoodFault::new(
                format!("bill[{number}].in"),
                format!("`{name}` is no part of the bill"),
                "the `part` of another part, or nothing at the top",
            )),
        }
    }
    // Each part that leads up into a circle is walked once; `done` keeps the whole linear.
    let mut done = vec![0_u32; parts.len()];
    for start in 0..parts.len() {
        let mut at = start;
        loop {
            if done[at] == start as u32 + 1 {
                faults.push(GoodFault::new(
                    format!("bill[{at}].in"),
                    format!("`{}` is a part of itself", parts[at].part),
                    "parts without a circle",
                ));
                break;
            }
            if done[at] != 0 {
                break;
            }
            done[at] = start as u32 + 1;
            match parts[at].within {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    let currencies: Vec<&str> =
        parts.iter().map(|p| p.currency.as_str()).filter(|c| !c.is_empty()).collect();
    if let Some(first) = currencies.first()
        && let Some(other) = currencies.iter().find(|c| c != &first)
    {
        faults.push(GoodFault::new(
            "bill",
            format!("values in `{first}` and in `{other}`"),
            "all values in one currency",
        ));
    }
}

const PART: &str = "{\"part\":\"M1\",\"in\":\"R1\",\"quantity\":\"8\",\"mass_kg\":\"0.1\",\"value\":\"12.50\",\"currency\":\"EUR\",\"origin\":\"XX\",\"name\":\"NdFeB magnet\",\"composition\":{\"Dy\":\"1.2\"}}";
