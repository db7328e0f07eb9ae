//! The tables of `packs/common`: elements, oxide factors, stages, processes, uses.
//!
//! They are data: a new stage or use is a row there, not code. Ids are positions in the tables and
//! live only in memory; what is stored or shown carries the codes.

use std::collections::HashMap;
use std::sync::LazyLock;

/// An element of `elements.csv`, by position (at most 64, so that a set of them is one `u64`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(pub u8);

/// A stage of `stages.csv`, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(pub u8);

/// A process of `processes.csv`, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u8);

/// An end use of `uses.csv`, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UseId(pub u8);

/// A row of `elements.csv`.
#[derive(Debug, Clone)]
pub struct ElementRow {
    /// Symbol, as filed.
    pub symbol: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Whether it is one of the rare earths.
    pub rare_earth: bool,
    /// Whether it only accompanies what is tracked (iron, oxygen): no finding rests on it.
    pub accompanying: bool,
}

/// An oxide by formula: its element and the factor as printed in `reo_factors.csv`.
#[derive(Debug, Clone)]
pub struct OxideRow {
    /// Formula, as filed: `Pr6O11` and `Pr2O3` differ by 3.2 %.
    pub formula: String,
    /// The element.
    pub element: Element,
    /// Element per oxide by mass, in 10⁻⁸.
    pub element_per_oxide_e8: u32,
    /// Whether it is the oxide meant by REO equivalent.
    pub reo_default: bool,
}

/// A row of `stages.csv` with its measurement uncertainty from `stage_uncertainty.csv`.
#[derive(Debug, Clone)]
pub struct StageRow {
    /// Code, as filed.
    pub code: String,
    /// Position along the chain: 10 is ore, 110 end product, from 120 secondary material.
    pub order: u16,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// The stage it is usually made of.
    pub main_input: Option<StageId>,
    /// One standard deviation of weighing, parts per million of the mass.
    pub mass_rel_ppm: u32,
    /// One standard deviation of the assay, parts per million of the content.
    pub assay_rel_ppm: u32,
}

impl StageRow {
    /// Swarf, scrap, slag and residue: not the main product of a process.
    #[must_use]
    pub fn by_product(&self) -> bool {
        self.order >= 120 && self.code != "recycled_oxide"
    }
}

/// What the yield of a process is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YieldOf {
    /// All inputs.
    Inputs,
    /// What is added to the material worked on, such as the source of a diffusion: the yield is what
    /// the material has picked up of it.
    Source,
}

/// A row of `processes.csv`.
#[derive(Debug, Clone)]
pub struct ProcessRow {
    /// Code, as filed.
    pub code: String,
    /// Stages it starts from; empty means any.
    pub from: Vec<StageId>,
    /// Stage that it makes; nothing means the stage it started from.
    pub to: Option<StageId>,
    /// What the yield is a part of.
    pub yield_of: YieldOf,
    /// Lowest yield, parts per million.
    pub yield_low_ppm: u32,
    /// Typical yield, parts per million.
    pub yield_typ_ppm: u32,
    /// Highest yield, parts per million.
    pub yield_high_ppm: u32,
}

/// A row of `uses.csv`.
#[derive(Debug, Clone)]
pub struct UseRow {
    /// Code, as filed.
    pub code: String,
    /// Name in English.
    pub name: String,
    /// `civil` or `defence`.
    pub sector: String,
}

/// What a formula in a composition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Species {
    /// The element itself.
    Element(Element),
    /// An oxide: position in [`Common::oxides`].
    Oxide(u8),
}

/// All tables of `packs/common`.
#[derive(Debug, Default)]
pub struct Common {
    /// Elements; at most 64.
    pub elements: Vec<ElementRow>,
    /// Oxides by formula.
    pub oxides: Vec<OxideRow>,
    /// Stages.
    pub stages: Vec<StageRow>,
    /// Processes.
    pub processes: Vec<ProcessRow>,
    /// Uses.
    pub uses: Vec<UseRow>,
    species: HashMap<u64, Species>,
    stage_codes: HashMap<String, StageId>,
    process_codes: HashMap<String, ProcessId>,
    use_codes: HashMap<String, UseId>,
}

/// The most stages: a leg of the graph holds its stage in six bits.
const STAGES_MAX: usize = 62;

/// Why a table of `packs/common` could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("packs/common/{table}.csv line {line}: {what}")]
pub struct TableError {
    /// Table.
    pub table: &'static str,
    /// Line.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

type Rows = Vec<HashMap<String, String>>;

fn table_rows(table: &'static str, text: &str) -> Result<Rows, TableError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize::<HashMap<String, String>>()
        .enumerate()
        .map(|(i, row)| {
            row.map_err(|e| TableError { table, line: i as u64 + 2, what: e.to_string() })
        })
        .collect()
}

fn field<'a>(
    table: &'static str,
    row: &'a HashMap<String, String>,
    name: &str,
) -> Result<&'a str, TableError> {
    row.get(name).map(String::as_str).ok_or_else(|| TableError {
        table,
        line: 1,
        what: format!("no column `{name}`"),
    })
}

fn scaled(table: &'static str, text: &str, scale: u32) -> Result<u32, TableError> {
    crate::decimal::parse_scaled(text, scale, i64::from(u32::MAX))
        .ok()
        .and_then(|v| u32::try_from(v).ok())
        .ok_or_else(|| TableError { table, line: 1, what: format!("`{text}` is no decimal") })
}

/// The first eight bytes of a formula as a number; formulas are shorter.
fn formula_key(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let mut key = [0_u8; 8];
    key[..bytes.len()].copy_from_slice(bytes);
    Some(u64::from_le_bytes(key))
}

static EMBEDDED: LazyLock<Result<Common, TableError>> = LazyLock::new(|| {
    Common::parse(&[
        ("elements", include_str!("../../../packs/common/elements.csv")),
        ("reo_factors", include_str!("../../../packs/common/reo_factors.csv")),
        ("stages", include_str!("../../../packs/common/stages.csv")),
        ("stage_uncertainty", include_str!("../../../packs/common/stage_uncertainty.csv")),
        ("processes", include_str!("../../../packs/common/processes.csv")),
        ("uses", include_str!("../../../packs/common/uses.csv")),
    ])
});

impl Common {
    /// The tables that this build carries.
    ///
    /// # Panics
    /// If a table in `packs/common` is malformed: a fault of ours that a test of this crate finds.
    #[must_use]
    #[expect(clippy::panic, reason = "the tables are part of the program; a test reads them")]
    pub fn embedded() -> &'static Common {
        match &*EMBEDDED {
            Ok(common) => common,
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads the tables, each given by name and text.
    ///
    /// # Errors
    /// [`TableError`] names the table and what is wrong.
    pub fn parse(tables: &[(&'static str, &str)]) -> Result<Common, TableError> {
        let rows = |name: &'static str| -> Result<(&'static str, Rows), TableError> {
            let text = tables.iter().find(|t| t.0 == name).map_or("", |t| t.1);
            Ok((name, table_rows(name, text)?))
        };
        let mut common = Common::default();
        common.read_elements(rows("elements")?)?;
        common.read_oxides(rows("reo_factors")?)?;
        common.read_stages(rows("stages")?, rows("stage_uncertainty")?)?;
        common.read_processes(rows("processes")?)?;
        let (table, uses) = rows("uses")?;
        for row in &uses {
            let code = field(table, row, "use")?.to_owned();
            common.use_codes.insert(code.clone(), UseId(position(table, common.uses.len())?));
            common.uses.push(UseRow {
                code,
                name: field(table, row, "name")?.to_owned(),
                sector: field(table, row, "sector")?.to_owned(),
            });
        }
        Ok(common)
    }

    fn read_elements(&mut self, (table, rows): (&'static str, Rows)) -> Result<(), TableError> {
        if rows.len() > 64 {
            return Err(TableError { table, line: 66, what: "more than 64 elements".into() });
        }
        for row in &rows {
            let symbol = field(table, row, "symbol")?.to_owned();
            let element = Element(position(table, self.elements.len())?);
            let key = formula_key(&symbol).ok_or_else(|| TableError {
                table,
                line: 1,
                what: format!("`{symbol}`"),
            })?;
            self.species.insert(key, Species::Element(element));
            self.elements.push(ElementRow {
                symbol,
                name_en: field(table, row, "name_en")?.to_owned(),
                name_zh: field(table, row, "name_zh")?.to_owned(),
                rare_earth: field(table, row, "group")? == "rare_earth",
                accompanying: field(table, row, "group")? == "accompanying",
            });
        }
        Ok(())
    }

    fn read_oxides(&mut self, (table, rows): (&'static str, Rows)) -> Result<(), TableError> {
        for row in &rows {
            let formula = field(table, row, "oxide")?.to_owned();
            let symbol = field(table, row, "element")?;
            let unknown = || TableError { table, line: 1, what: format!("element `{symbol}`") };
            let element = self.element(symbol).ok_or_else(unknown)?;
            let key = formula_key(&formula).ok_or_else(unknown)?;
            let oxide = position(table, self.oxides.len())?;
            self.species.insert(key, Species::Oxide(oxide));
            self.oxides.push(OxideRow {
                formula,
                element,
                element_per_oxide_e8: scaled(table, field(table, row, "element_per_oxide")?, 8)?,
                reo_default: field(table, row, "is_reo_default")? == "true",
            });
        }
        Ok(())
    }

    fn read_stages(
        &mut self,
        (table, rows): (&'static str, Rows),
        (errors_table, errors): (&'static str, Rows),
    ) -> Result<(), TableError> {
        if rows.len() > STAGES_MAX {
            return Err(TableError { table, line: 64, what: "more than 62 stages".into() });
        }
        for row in &rows {
            let code = field(table, row, "stage")?.to_owned();
            let id = StageId(position(table, self.stages.len())?);
            let error = errors.iter().find(|r| r.get("stage") == Some(&code)).ok_or_else(|| {
                TableError { table: errors_table, line: 1, what: format!("no row for `{code}`") }
            })?;
            self.stage_codes.insert(code.clone(), id);
            self.stages.push(StageRow {
                code,
                order: field(table, row, "order")?.parse().map_err(|_| TableError {
                    table,
                    line: 1,
                    what: "order is no number".into(),
                })?,
                name_en: field(table, row, "name_en")?.to_owned(),
                name_zh: field(table, row, "name_zh")?.to_owned(),
                main_input: self.stage(field(table, row, "main_input")?),
                mass_rel_ppm: scaled(errors_table, field(errors_table, error, "mass_rel_ppm")?, 0)?,
                assay_rel_ppm: scaled(
                    errors_table,
                    field(errors_table, error, "assay_rel_ppm")?,
                    0,
                )?,
            });
        }
        Ok(())
    }

    fn read_processes(&mut self, (table, rows): (&'static str, Rows)) -> Result<(), TableError> {
        for row in &rows {
            let code = field(table, row, "process")?.to_owned();
            let step = field(table, row, "step")?;
            let (from, to) = step.split_once("->").ok_or_else(|| TableError {
                table,
                line: 1,
                what: format!("step `{step}`"),
            })?;
            self.process_codes
                .insert(code.clone(), ProcessId(position(table, self.processes.len())?));
            self.processes.push(ProcessRow {
                code,
                from: from.split('|').filter_map(|s| self.stage(s)).collect(),
                to: self.stage(to),
                yield_of: match field(table, row, "yield_of")? {
                    "inputs" => YieldOf::Inputs,
                    "source" => YieldOf::Source,
                    other => {
                        let what = format!("yield_of `{other}`: inputs or source");
                        return Err(TableError { table, line: 1, what });
                    }
                },
                yield_low_ppm: scaled(table, field(table, row, "yield_low")?, 6)?,
                yield_typ_ppm: scaled(table, field(table, row, "yield_typ")?, 6)?,
                yield_high_ppm: scaled(table, field(table, row, "yield_high")?, 6)?,
            });
        }
        Ok(())
    }

    /// The element of a symbol such as `Dy`.
    #[must_use]
    pub fn element(&self, symbol: &str) -> Option<Element> {
        match self.species(symbol) {
            Some(Species::Element(element)) => Some(element),
            _ => None,
        }
    }

    /// The symbol of an element.
    #[must_use]
    pub fn symbol(&self, element: Element) -> &str {
        self.elements.get(element.0 as usize).map_or("?", |e| e.symbol.as_str())
    }

    /// What a formula such as `Dy` or `Dy2O3` names.
    #[must_use]
    pub fn species(&self, formula: &str) -> Option<Species> {
        self.species.get(&formula_key(formula)?).copied()
    }

    /// The stage of a code.
    #[must_use]
    pub fn stage(&self, code: &str) -> Option<StageId> {
        self.stage_codes.get(code).copied()
    }

    /// A stage's row.
    #[must_use]
    pub fn stage_row(&self, id: StageId) -> Option<&StageRow> {
        self.stages.get(id.0 as usize)
    }

    /// The process of a code.
    #[must_use]
    pub fn process(&self, code: &str) -> Option<ProcessId> {
        self.process_codes.get(code).copied()
    }

    /// The end use of a code.
    #[must_use]
    pub fn end_use(&self, code: &str) -> Option<UseId> {
        self.use_codes.get(code).copied()
    }

    /// The band of yields (low, high; parts per million) from one stage to another: that of the
    /// single process between them, else the product of the bands along the stage chain.
    #[must_use]
    pub fn yield_band(&self, from: StageId, to: StageId) -> Option<(u32, u32)> {
        if from == to {
            let blend = self.processes.iter().find(|p| p.to.is_none())?;
            return Some((blend.yield_low_ppm, blend.yield_high_ppm));
        }
        if let Some(process) = self.process_between(from, to) {
            return Some((process.yield_low_ppm, process.yield_high_ppm));
        }
        let (mut low, mut high) = (1_000_000_u64, 1_000_000_u64);
        let mut stage = to;
        for _ in 0..self.stages.len() {
            let previous = self.stage_row(stage)?.main_input?;
            if let Some(step) = self.process_between(previous, stage) {
                low = low * u64::from(step.yield_low_ppm) / 1_000_000;
                high = high * u64::from(step.yield_high_ppm) / 1_000_000;
            } else {
                return None;
            }
            if previous == from {
                return Some((u32::try_from(low).ok()?, u32::try_from(high).ok()?));
            }
            stage = previous;
        }
        None
    }

    fn process_between(&self, from: StageId, to: StageId) -> Option<&ProcessRow> {
        self.processes.iter().find(|p| p.to == Some(to) && p.from.contains(&from))
    }
}

fn position(table: &'static str, len: usize) -> Result<u8, TableError> {
    u8::try_from(len).map_err(|_| TableError { table, line: 257, what: "too many rows".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_read_whole() {
        let common = Common::embedded();
        assert_eq!(common.elements.len(), 64);
        assert_eq!(common.oxides.len(), 21);
        assert_eq!((common.stages.len(), common.processes.len()), (21, 14));
        assert_eq!(common.uses.len(), 22);
        let dy = common.element("Dy").unwrap();
        assert_eq!(common.symbol(dy), "Dy");
        let Some(Species::Oxide(oxide)) = common.species("Dy2O3") else { panic!("Dy2O3") };
        assert_eq!(common.oxides[oxide as usize].element_per_oxide_e8, 87_132_068);
        assert_eq!(common.species("Dy3O2"), None);
    }

    /// The bands of the worked example: cracking × separation, and reduction to machining.
    #[test]
    fn a_step_not_listed_takes_the_product_of_the_bands() {
        let common = Common::embedded();
        let band = |a: &str, b: &str| {
            common.yield_band(common.stage(a).unwrap(), common.stage(b).unwrap()).unwrap()
        };
        assert_eq!(band("concentrate", "separated_compound"), (765_000, 945_600));
        let (low, high) = band("separated_compound", "finished_magnet");
        assert_eq!((low / 1000, high / 1000), (453, 804));
        assert_eq!(band("powder", "sintered_block"), (920_000, 980_000));
        assert_eq!(band("powder", "powder"), (990_000, 1_000_000));
    }
}
