//! One row of a file, its fields typed.
//!
//! [`Row::parse`] applies every rule that concerns one row alone; what concerns the rows of a
//! filing together is in [`crate::filing`].

use base::common::{Common, ProcessId, Species, StageId, UseId};
use base::composition::{Assay, AssayEntry, AssayValue, Basis, percent_parse};
use base::decimal::{DecimalError, parse_scaled};
use base::{Composition, Date, Mass};

use crate::column::{COLUMN_COUNT, Column};
use crate::rejection::Rejection;
use base::kind::{Kind, Leg, Move};

/// The longest lot id, site code or reference, in characters.
pub const CODE_MAX: usize = 64;
/// The longest free text of a field, in bytes.
pub const TEXT_MAX: usize = 2_000;

/// The fields of a row by column, surrounding spaces removed; empty means absent.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub [&'a str; COLUMN_COUNT]);

impl<'a> Fields<'a> {
    /// A row in which every field is absent.
    #[must_use]
    pub fn empty() -> Fields<'a> {
        Fields([""; COLUMN_COUNT])
    }

    /// The text of a column.
    #[must_use]
    #[inline]
    pub fn get(&self, column: Column) -> &'a str {
        self.0[column as usize]
    }

    /// Sets the text of a column.
    #[inline]
    pub fn set(&mut self, column: Column, text: &'a str) {
        self.0[column as usize] = text;
    }
}

/// A row whose fields are typed.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Line in the file, the header being 1.
    pub line: u64,
    /// The fields as filed.
    pub fields: Fields<'a>,
    /// What is declared.
    pub kind: Kind,
    /// Business date.
    pub date: Date,
    /// Leg of a transform.
    pub leg: Option<Leg>,
    /// Why material moves; a sale where nothing is said.
    pub movement: Move,
    /// Process of a transform.
    pub process: Option<ProcessId>,
    /// Kind of material.
    pub stage: Option<StageId>,
    /// Net mass.
    pub mass: Option<Mass>,
    /// Composition as received, where one is stated.
    pub composition: Option<Composition>,
    /// End use.
    pub end_use: Option<UseId>,
}

/// What a row contributes to the digest of its filing: its parsed fields in the order of
/// [`Column::ALL`], so that two texts of the same number are the same row.
#[derive(Debug, Default)]
pub struct Canonical(Vec<u8>);

impl Canonical {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn text(&mut self, column: Column, text: &str) {
        self.0.push(column as u8 + 1);
        self.0.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, column: Column, number: i64) {
        self.0.push(column as u8 + 1);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn assay(&mut self, assay: &Assay) {
        self.0.push(Column::Composition as u8 + 1);
        self.0.push(assay.0.len() as u8);
        let mut entries: Vec<[u8; 7]> = assay.0.iter().map(assay_bytes).collect();
        entries.sort_unstable();
        for entry in &entries {
            self.0.extend_from_slice(entry);
        }
    }
}

/// Seven bytes of an entry; the species by table and position, which `packs/common` only appends.
fn assay_bytes(entry: &AssayEntry) -> [u8; 7] {
    let (table, position) = match entry.species {
        Species::Element(element) => (0, element.0),
        Species::Oxide(oxide) => (1, oxide),
    };
    let (tag, ppb) = match entry.value {
        AssayValue::Ppb(ppb) => (0, ppb),
        AssayValue::Below(ppb) => (1, ppb),
        AssayValue::NotAnalysed => (2, 0),
    };
    let [a, b, c, d] = ppb.to_le_bytes();
    [table, position, tag, a, b, c, d]
}

/// Reads the typed fields of one row, collecting every fault.
pub(crate) struct Reading<'a, 'r> {
    line: u64,
    pub(crate) fields: &'r Fields<'a>,
    common: &'r Common,
    canonical: &'r mut Canonical,
    rejections: &'r mut Vec<Rejection>,
}

impl<'a> Row<'a> {
    /// Types the fields of a row and appends what it adds to its filing's digest to `canonical`.
    ///
    /// Nothing is returned, and at least one [`Rejection`] added, where the row breaks a rule;
    /// every fault of the row is reported, not the first alone.
    pub fn parse(
        line: u64,
        fields: &Fields<'a>,
        common: &Common,
        canonical: &mut Canonical,
        rejections: &mut Vec<Rejection>,
    ) -> Option<Row<'a>> {
        let before = rejections.len();
        let mut reading = Reading { line, fields, common, canonical, rejections };
        let row = reading.row();
        if reading.rejections.len() > before { None } else { row }
    }

    /// The text of a column as filed.
    #[must_use]
    #[inline]
    pub fn get(&self, column: Column) -> &'a str {
        self.fields.get(column)
    }
}

impl<'a> Reading<'a, '_> {
    fn row(&mut self) -> Option<Row<'a>> {
        self.code(Column::Filing, 128);
        let kind = self.coded(Column::Kind, Kind::parse, || codes(Kind::ALL, Kind::code));
        let date = self.date(Column::Date);
        let from = self.date(Column::PeriodFrom);
        let to = self.date(Column::PeriodTo);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            self.reject(Column::PeriodTo, "period_reversed", "a day not before `period_from`");
        }
        for column in [Column::Filer, Column::FromParty, Column::ToParty, Column::Owner] {
            self.party(column);
        }
        let movement = self.movement();
        self.code(Column::Site, CODE_MAX);
        self.code(Column::ToSite, CODE_MAX);
        let leg = self.coded(Column::Leg, Leg::parse, || codes(Leg::ALL, Leg::code));
        let common = self.common;
        let process = self.coded(
            Column::Process,
            |code| common.process(code),
            || common.processes.iter().map(|p| p.code.as_str()).collect::<Vec<_>>().join(", "),
        );
        self.code(Column::Lot, CODE_MAX);
        self.code(Column::SourceLot, CODE_MAX);
        let stage = self.coded(
            Column::Stage,
            |code| common.stage(code),
            || common.stages.iter().map(|s| s.code.as_str()).collect::<Vec<_>>().join(", "),
        );
        let mass = self.mass();
        let composition = self.composition();
        self.assay_words();
        self.documents();
        let end_use = self.coded(
            Column::EndUse,
            |code| common.end_use(code),
            || common.uses.iter().map(|u| u.code.as_str()).collect::<Vec<_>>().join(", "),
        );
        self.trade();
        self.code(Column::Corrects, 128);
        self.text(Column::Note);
        for column in [Column::Filing, Column::Kind, Column::Date, Column::Filer] {
            self.require(column);
        }
        let kind = kind?;
        self.requirements(kind, leg);
        Some(Row {
            line: self.line,
            fields: *self.fields,
            kind,
            date: date?,
            leg,
            movement: movement.unwrap_or(Move::Sale),
            process,
            stage,
            mass,
            composition,
            end_use,
        })
    }

    pub(crate) fn require(&mut self, column: Column) {
        if self.fields.get(column).is_empty() {
            self.rejections.push(Rejection {
                line: self.line,
                column: Some(column),
                code: "missing_field",
                message: format!("`{}` is empty", column.name()),
                accepted: required_text(column).to_owned(),
            });
        }
    }

    /// Rejects what stands in `column`.
    pub(crate) fn reject(&mut self, column: Column, code: &'static str, accepted: &str) {
        let found = shown(self.fields.get(column));
        let message = if found.is_empty() {
            format!("`{}` is empty", column.name())
        } else {
            format!("`{found}` in `{}`: {}", column.name(), code.replace('_', " "))
        };
        self.reject_with(column, code, message, accepted.to_owned());
    }

    fn reject_with(
        &mut self,
        column: Column,
        code: &'static str,
        message: String,
        accepted: String,
    ) {
        self.rejections.push(Rejection {
            line: self.line,
            column: Some(column),
            code,
            message,
            accepted,
        });
    }

    /// Why material moves. A sale is what an absent move means, so that it adds nothing to the digest.
    fn movement(&mut self) -> Option<Move> {
        if self.fields.get(Column::Move) == Move::Sale.code() {
            return Some(Move::Sale);
        }
        self.coded(Column::Move, Move::parse, || codes(Move::ALL, Move::code))
    }

    fn coded<T>(
        &mut self,
        column: Column,
        parse: impl Fn(&str) -> Option<T>,
        all: impl Fn() -> String,
    ) -> Option<T> {
        let text = self.fields.get(column);
        if text.is_empty() {
            return None;
        }
        let value = parse(text);
        if value.is_some() {
            self.canonical.text(column, text);
        } else {
            self.reject(column, "unknown_code", &format!("one of {}", all()));
        }
        value
    }

    fn date(&mut self, column: Column) -> Option<Date> {
        let text = self.fields.get(column);
        if text.is_empty() {
            return None;
        }
        let date = base::time::date_parse(text);
        match date {
            Some(date) => {
                self.canonical.number(column, i64::from(base::time::date_pack(date)));
            }
            None => self.reject(column, "invalid_date", "a day of 1900 to 2199 as YYYY-MM-DD"),
        }
        date
    }

    fn party(&mut self, column: Column) {
        let text = self.fields.get(column);
        if text.is_empty() {
            return;
        }
        match base::party::party_id_check(text) {
            Ok(()) => self.canonical.text(column, text),
            Err(error) => {
                let message = format!("`{}` in `{}` {error}", shown(text), column.name());
                self.reject_with(column, "invalid_party", message, error.accepted().to_owned());
            }
        }
    }

    fn code(&mut self, column: Column, most: usize) {
        let text = self.fields.get(column);
        if text.is_empty() {
            return;
        }
        if text.len() > most && text.chars().count() > most {
            self.reject(column, "too_long", &format!("at most {most} characters"));
        } else {
            self.canonical.text(column, text);
        }
    }

    fn text(&mut self, column: Column) {
        let text = self.fields.get(column);
        if text.is_empty() {
            return;
        }
        if text.len() > TEXT_MAX {
            self.reject(column, "too_long", &format!("at most {TEXT_MAX} bytes"));
        } else {
            self.canonical.text(column, text);
        }
    }

    fn decimal(&mut self, column: Column, scale: u32, max: i64, accepted: &str) -> Option<i64> {
        let text = self.fields.get(column);
        if text.is_empty() {
            return None;
        }
        match parse_scaled(text, scale, max) {
            Ok(value) => {
                self.canonical.number(column, value);
                Some(value)
            }
            Err(error) => {
                let message = format!("`{}` in `{}` {error}", shown(text), column.name());
                self.reject_with(column, decimal_code(error), message, accepted.to_owned());
                None
            }
        }
    }

    fn mass(&mut self) -> Option<Mass> {
        let accepted =
            "kilograms as a decimal with a point and at most 6 decimals, 0 to 9000000000";
        self.decimal(Column::NetMass, Mass::KG_DECIMALS, Mass::MAX.mg(), accepted)
            .and_then(Mass::from_mg)
    }

    fn percent(&mut self, column: Column) -> Option<u32> {
        let text = self.fields.get(column);
        if text.is_empty() {
            return None;
        }
        match percent_parse(text) {
            Ok(ppb) => {
                self.canonical.number(column, i64::from(ppb));
                Some(ppb)
            }
            Err(error) => {
                let message = format!("`{}` in `{}` {error}", shown(text), column.name());
                let accepted = "% as a decimal with a point and at most 7 decimals, 0 to 100";
                self.reject_with(column, decimal_code(error), message, accepted.to_owned());
                None
            }
        }
    }

    fn composition(&mut self) -> Option<Composition> {
        let moisture = self.percent(Column::Moisture);
        let loi = self.percent(Column::Loi);
        let treo = self.percent(Column::Treo);
        let basis = self.basis(moisture, loi, treo);
        let text = self.fields.get(Column::Composition);
        if text.is_empty() {
            return None;
        }
        let parsed = Assay::parse(text, self.common)
            .and_then(|assay| Ok((assay.composition(basis, self.common)?, assay)));
        match parsed {
            Ok((composition, assay)) => {
                self.canonical.assay(&assay);
                Some(composition)
            }
            Err(error) => {
                let message = format!("`{}` in `composition`: {error}", shown(text));
                let accepted = error.accepted().to_owned();
                self.reject_with(Column::Composition, "invalid_composition", message, accepted);
                None
            }
        }
    }

    /// The basis with its factors; a fault is reported and the composition then read as received.
    fn basis(&mut self, moisture: Option<u32>, loi: Option<u32>, treo: Option<u32>) -> Basis {
        let text = self.fields.get(Column::Basis);
        // What an absent basis means adds nothing to the digest.
        if !matches!(text, "" | "as_received") {
            self.canonical.text(Column::Basis, text);
        }
        match (text, moisture, loi, treo) {
            ("" | "as_received", ..) => Basis::AsReceived,
            ("dry", Some(moisture_ppb), ..) => Basis::Dry { moisture_ppb },
            ("ignited", Some(moisture_ppb), Some(loi_ppb), _) => {
                Basis::Ignited { moisture_ppb, loi_ppb }
            }
            ("treo", _, _, Some(treo_ppb)) => Basis::Treo { treo_ppb },
            ("dry", ..) => self.basis_lacks(&[Column::Moisture]),
            ("ignited", ..) => self.basis_lacks(&[Column::Moisture, Column::Loi]),
            ("treo", ..) => self.basis_lacks(&[Column::Treo]),
            _ => {
                let accepted = "as_received (or empty), dry, ignited, treo";
                self.reject(Column::Basis, "unknown_code", accepted);
                Basis::AsReceived
            }
        }
    }

    fn basis_lacks(&mut self, columns: &[Column]) -> Basis {
        for &column in columns {
            self.require(column);
        }
        Basis::AsReceived
    }

    fn assay_words(&mut self) {
        let status = self.fields.get(Column::AssayStatus);
        if !["", "provisional", "final", "umpire"].contains(&status) {
            self.reject(Column::AssayStatus, "unknown_code", "one of provisional, final, umpire");
        } else if !status.is_empty() {
            self.canonical.text(Column::AssayStatus, status);
        }
        self.date(Column::AssayDate);
        self.text(Column::Laboratory);
    }

    fn documents(&mut self) {
        let hs = self.fields.get(Column::Hs);
        let hs_digits = hs.bytes().filter(u8::is_ascii_digit).count();
        let hs_good = hs.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if hs.is_empty() || (hs_good && (2..=12).contains(&hs_digits)) {
            self.text(Column::Hs);
        } else {
            self.reject(Column::Hs, "invalid_hs", "2 to 12 digits, with or without points");
        }
        let licence = self.fields.get(Column::Licence);
        let line = licence.rsplit_once('/');
        if !licence.is_empty() && !line.is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()) {
            self.reject(Column::Licence, "invalid_licence", "number/line, as in `GD-2025-0001/1`");
        } else {
            self.text(Column::Licence);
        }
        for column in [Column::Product, Column::Grade] {
            self.text(column);
        }
        self.decimal(Column::Pieces, 0, 1_000_000_000_000_000, "a whole number");
        for column in [Column::Invoice, Column::Contract, Column::Declaration] {
            self.text(column);
        }
    }

    fn trade(&mut self) {
        self.text(Column::CustomerName);
        self.text(Column::EndUserName);
        let accepted = "an assigned code of two capital letters (ISO 3166-1 alpha-2), as in `DE`";
        for column in [Column::CustomerCountry, Column::EndUserCountry] {
            self.listed(column, base::iso::country_known, "invalid_country", accepted);
        }
        let accepted = "a code of three capital letters (ISO 4217), as in `USD`";
        self.listed(Column::Currency, base::iso::currency_known, "invalid_currency", accepted);
        let accepted = "a decimal with a point and at most 4 decimals";
        self.decimal(Column::Value, 4, 9_000_000_000_000_000_000, accepted);
    }

    fn listed(
        &mut self,
        column: Column,
        known: fn(&str) -> bool,
        code: &'static str,
        accepted: &str,
    ) {
        let text = self.fields.get(column);
        if text.is_empty() {
            return;
        }
        if known(text) {
            self.canonical.text(column, text);
        } else {
            self.reject(column, code, accepted);
        }
    }
}

fn decimal_code(error: DecimalError) -> &'static str {
    match error {
        DecimalError::NotDecimal => "invalid_number",
        DecimalError::Negative => "negative",
        DecimalError::TooManyDecimals(_) => "too_many_decimals",
        DecimalError::TooLarge => "too_large",
    }
}

fn required_text(column: Column) -> &'static str {
    match column {
        Column::Filing => "the filer's own reference, unique per filer",
        Column::Date => "a day as YYYY-MM-DD",
        Column::Filer | Column::FromParty | Column::ToParty => "a party identifier scheme:value",
        Column::Kind => {
            "opening, extract, import, collect, transform, transfer, receipt, title, export, reimport, use, loss, count or void"
        }
        Column::NetMass => "kilograms as a decimal",
        Column::Composition => "the composition, as in `Nd=28.5;Dy=2.1`",
        Column::Corrects => "the live earlier reference that this filing replaces",
        Column::Leg => "in, out or loss",
        Column::Moisture | Column::Loi | Column::Treo => "the % that the basis needs",
        _ => "a value: this kind of filing needs it",
    }
}

fn codes<T: Copy>(all: &[T], code: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|&value| code(value)).collect::<Vec<_>>().join(", ")
}

/// What was found, cut to a length that a message can carry.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST).collect();
    cut.push('…');
    cut
}
