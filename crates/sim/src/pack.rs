//! What the economy is calibrated to: tables of `packs/`, read once.
//!
//! - deposits and the distribution of their oxides: `packs/common/ore_reo_distribution.csv`, chosen in
//!   `packs/demo/deposits.csv`;
//! - where ore comes from: `packs/world/production_by_country.csv`, rows `mine` of the year that
//!   `packs/demo/economy.csv` names, without the country whose place the fictional one takes;
//! - magnets abroad and their months: `packs/demo/destinations.csv`, `packs/demo/rhythm.csv`;
//! - end uses: `packs/demo/end_uses.csv` by `packs/common/uses.csv` (magnet mass of a unit).

use std::collections::HashMap;

use crate::material::{Composition, ELEMENTS, GRADES, SYMBOLS};

/// A table of the packs that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("packs/{table}: {what}")]
pub(crate) struct PackError {
    table: &'static str,
    what: String,
}

impl From<PackError> for std::io::Error {
    fn from(error: PackError) -> Self {
        std::io::Error::other(error.to_string())
    }
}

/// A deposit.
#[derive(Debug)]
pub(crate) struct Deposit {
    /// Whether it is ion-adsorption clay, rich in heavy rare earths.
    pub(crate) heavy: bool,
    /// Weight among the mines at home.
    pub(crate) home_weight: u32,
    /// Oxides as shares of the total, ppb.
    pub(crate) oxides: Composition,
}

/// A country that ore comes from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) iso2: [u8; 2],
    /// t REO mined a year.
    pub(crate) weight: u32,
    /// Position in [`Pack::deposits`].
    pub(crate) deposit: u8,
}

/// An end use of magnets.
#[derive(Debug)]
pub(crate) struct EndUse {
    pub(crate) code: String,
    pub(crate) weight: u32,
    /// Grades as a set of positions.
    pub(crate) grades: u32,
    /// Usual magnet mass of a unit, mg.
    pub(crate) unit_mg: i64,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) country: [u8; 2],
    pub(crate) currency: String,
    pub(crate) import_share_ppm: u32,
    pub(crate) heavy_share_ppm: u32,
    pub(crate) export_share_ppm: u32,
    pub(crate) deposits: Vec<Deposit>,
    pub(crate) sources: Vec<Source>,
    pub(crate) destinations: Vec<([u8; 2], u32)>,
    /// Magnets exported by month (`yyyymm`), t.
    pub(crate) rhythm: HashMap<u32, u32>,
    pub(crate) end_uses: Vec<EndUse>,
    pub(crate) names: HashMap<String, Vec<String>>,
}

type Rows = Vec<HashMap<String, String>>;

struct Table {
    name: &'static str,
    rows: Rows,
}

impl Table {
    fn read(name: &'static str, text: &str) -> Result<Table, PackError> {
        let rows = csv::Reader::from_reader(text.as_bytes())
            .deserialize::<HashMap<String, String>>()
            .collect::<Result<Rows, _>>();
        let rows = rows.map_err(|error| PackError { table: name, what: error.to_string() })?;
        Ok(Table { name, rows })
    }

    fn fault(&self, what: impl Into<String>) -> PackError {
        PackError { table: self.name, what: what.into() }
    }

    fn text<'r>(
        &self,
        row: &'r HashMap<String, String>,
        column: &str,
    ) -> Result<&'r str, PackError> {
        row.get(column).map(String::as_str).ok_or_else(|| self.fault(format!("no `{column}`")))
    }

    fn number(&self, row: &HashMap<String, String>, column: &str) -> Result<u32, PackError> {
        let text = self.text(row, column)?;
        text.parse().map_err(|_| self.fault(format!("`{text}` in `{column}` is no whole number")))
    }

    fn scaled(
        &self,
        row: &HashMap<String, String>,
        column: &str,
        scale: u32,
    ) -> Result<i64, PackError> {
        let text = self.text(row, column)?;
        base::decimal::parse_scaled(text, scale, 1_000_000_000_000)
            .map_err(|error| self.fault(format!("`{text}` in `{column}` {error}")))
    }
}

fn iso2(table: &Table, text: &str) -> Result<[u8; 2], PackError> {
    text.as_bytes().try_into().map_err(|_| table.fault(format!("`{text}` is no country code")))
}

impl Pack {
    /// The tables that this build carries.
    pub(crate) fn embedded() -> Result<Pack, PackError> {
        let economy = Economy::read()?;
        let deposits =
            Table::read("demo/deposits.csv", include_str!("../../../packs/demo/deposits.csv"))?;
        let names = Table::read("demo/names.csv", include_str!("../../../packs/demo/names.csv"))?;
        let mut of_part: HashMap<String, Vec<String>> = HashMap::new();
        for row in &names.rows {
            let part = names.text(row, "part")?.to_owned();
            of_part.entry(part).or_default().push(names.text(row, "text")?.to_owned());
        }
        Ok(Pack {
            country: iso2(&economy.0, economy.text("country")?)?,
            currency: economy.text("currency")?.to_owned(),
            import_share_ppm: economy.number("import_share_ppm")?,
            heavy_share_ppm: economy.number("heavy_share_ppm")?,
            export_share_ppm: economy.number("export_share_ppm")?,
            deposits: deposits_read(&deposits)?,
            sources: sources_read(&economy, &deposits)?,
            destinations: destinations_read()?,
            rhythm: rhythm_read()?,
            end_uses: end_uses_read()?,
            names: of_part,
        })
    }

    /// Name parts of a kind; never empty.
    pub(crate) fn words(&self, part: &str) -> &[String] {
        self.names.get(part).map_or(&[], Vec::as_slice)
    }
}

/// `packs/demo/economy.csv`: one value a row.
struct Economy(Table);

impl Economy {
    fn read() -> Result<Economy, PackError> {
        let text = include_str!("../../../packs/demo/economy.csv");
        Ok(Economy(Table::read("demo/economy.csv", text)?))
    }

    fn row(&self, key: &str) -> Result<&HashMap<String, String>, PackError> {
        let found = self.0.rows.iter().find(|r| r.get("key").is_some_and(|k| k == key));
        found.ok_or_else(|| self.0.fault(format!("no row `{key}`")))
    }

    fn text(&self, key: &str) -> Result<&str, PackError> {
        self.0.text(self.row(key)?, "value")
    }

    fn number(&self, key: &str) -> Result<u32, PackError> {
        self.0.number(self.row(key)?, "value")
    }
}

fn deposits_read(table: &Table) -> Result<Vec<Deposit>, PackError> {
    let text = include_str!("../../../packs/common/ore_reo_distribution.csv");
    let distribution = Table::read("common/ore_reo_distribution.csv", text)?;
    let mut deposits = Vec::new();
    for row in &table.rows {
        let name = table.text(row, "deposit")?;
        let mut oxides = [0; ELEMENTS];
        for part in &distribution.rows {
            let symbol = distribution.text(part, "element")?;
            if distribution.text(part, "deposit")? == name
                && let Some(element) = SYMBOLS.iter().position(|s| *s == symbol)
            {
                let ppb = distribution.scaled(part, "fraction_normalised", 9)?;
                oxides[element] = u32::try_from(ppb).unwrap_or(0);
            }
        }
        if oxides.iter().all(|&o| o == 0) {
            return Err(table.fault(format!("`{name}` has no distribution")));
        }
        deposits.push(Deposit {
            heavy: table.text(row, "kind")? == "heavy",
            home_weight: table.number(row, "home_weight")?,
            oxides,
        });
    }
    Ok(deposits)
}

fn sources_read(economy: &Economy, deposits: &Table) -> Result<Vec<Source>, PackError> {
    let text = include_str!("../../../packs/world/production_by_country.csv");
    let table = Table::read("world/production_by_country.csv", text)?;
    let year = economy.text("calibration_year")?;
    let without = [economy.text("stands_in_for")?, economy.text("world_code")?];
    let mut sources = Vec::new();
    for row in &table.rows {
        let code = table.text(row, "iso2")?;
        let wanted = table.text(row, "year")? == year && table.text(row, "measure")? == "mine";
        if !wanted || without.contains(&code) {
            continue;
        }
        let deposit = deposits
            .rows
            .iter()
            .position(|d| d.get("iso2").is_some_and(|of| of.split('|').any(|c| c == code)))
            .ok_or_else(|| deposits.fault(format!("no deposit for `{code}`")))?;
        let weight = table.number(row, "value")?;
        sources.push(Source { iso2: iso2(&table, code)?, weight, deposit: deposit as u8 });
    }
    Ok(sources)
}

fn destinations_read() -> Result<Vec<([u8; 2], u32)>, PackError> {
    let text = include_str!("../../../packs/demo/destinations.csv");
    let table = Table::read("demo/destinations.csv", text)?;
    let read = |row| Ok((iso2(&table, table.text(row, "iso2")?)?, table.number(row, "weight")?));
    table.rows.iter().map(read).collect()
}

fn rhythm_read() -> Result<HashMap<u32, u32>, PackError> {
    let table = Table::read("demo/rhythm.csv", include_str!("../../../packs/demo/rhythm.csv"))?;
    let mut months = HashMap::new();
    for row in &table.rows {
        let month = table.text(row, "month")?.replace('-', "");
        let month = month.parse().map_err(|_| table.fault(format!("month `{month}`")))?;
        months.insert(month, table.number(row, "exports_t")?);
    }
    Ok(months)
}

fn end_uses_read() -> Result<Vec<EndUse>, PackError> {
    let text = include_str!("../../../packs/demo/end_uses.csv");
    let table = Table::read("demo/end_uses.csv", text)?;
    let uses = Table::read("common/uses.csv", include_str!("../../../packs/common/uses.csv"))?;
    let mut end_uses = Vec::new();
    for row in &table.rows {
        let code = table.text(row, "use")?;
        let unit = uses
            .rows
            .iter()
            .find(|u| u.get("use").is_some_and(|c| c == code))
            .ok_or_else(|| table.fault(format!("`{code}` is no use of common/uses.csv")))?;
        let mut grades = 0;
        for name in table.text(row, "grades")?.split('|') {
            let grade = GRADES.iter().position(|g| g.0 == name);
            grades |= 1 << grade.ok_or_else(|| table.fault(format!("no grade `{name}`")))?;
        }
        end_uses.push(EndUse {
            code: code.to_owned(),
            weight: table.number(row, "weight")?,
            grades,
            unit_mg: uses.scaled(unit, "typ", 6)?.max(1),
        });
    }
    Ok(end_uses)
}
