//! Filing rows as CSV, in files of about a million rows, the rows of a filing together.

use std::io::Write;

use base::kind::{Kind, Leg, Move};

use crate::Sink;
use crate::calendar::Calendar;
use crate::material::{Composition, ELEMENTS, Form, GRADES, Good, LotId, Oxides, SYMBOLS, Stated};
use crate::pack::Pack;
use crate::party::{NONE, Register};

/// Rows after which a file is closed at the next filing.
const FILE_ROWS: u64 = 1_000_000;
/// Bytes gathered before they are handed on.
const BUFFER: usize = 1 << 18;

const HEADER: &str = "filing,kind,date,filer,from_party,to_party,owner,move,site,to_site,leg,process,lot,source_lot,stage,net_mass_kg,composition,basis,moisture_pct,treo_pct,assay_status,laboratory,hs,product,grade,pieces,customer_name,customer_country,invoice,contract,declaration,licence,end_user_name,end_user_country,end_use,value,currency,corrects,note\n";

/// A filer's own reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) number: u32,
    pub(crate) yymm: u16,
    pub(crate) tag: u8,
}

/// What a row says of its composition.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    /// Nothing.
    Nothing,
    /// As the laboratory stated it.
    Stated(Stated),
    /// Elements as received.
    Elements(Composition),
    /// Elements as received, and that this one was looked for and not found.
    Without(Composition, u8),
}

/// A row; everything absent until it is said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) reference: Reference,
    pub(crate) kind: Kind,
    pub(crate) day: u16,
    /// Party that files.
    pub(crate) filer: u32,
    /// Parties and sites by number, or [`NONE`].
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) owner: u32,
    pub(crate) site: u32,
    pub(crate) to_site: u32,
    /// The other party, whose country is stated, and its name where it has no identifier.
    pub(crate) customer: u32,
    pub(crate) movement: Option<Move>,
    pub(crate) leg: Option<Leg>,
    pub(crate) process: &'static str,
    pub(crate) lot: Option<LotId>,
    pub(crate) source: Option<LotId>,
    pub(crate) good: Option<Good>,
    pub(crate) mass: i64,
    pub(crate) says: Says,
    pub(crate) assay: &'static str,
    pub(crate) laboratory: u8,
    pub(crate) grade: Option<u8>,
    pub(crate) pieces: i64,
    pub(crate) invoice: u32,
    pub(crate) declaration: u32,
    pub(crate) licence: u32,
    /// Position among the pack's end uses + 1.
    pub(crate) end_use: u8,
    /// In cents.
    pub(crate) value: i64,
    pub(crate) corrects: Option<Reference>,
    pub(crate) note: &'static str,
}

impl Line {
    /// A row of a filing at a site.
    pub(crate) fn new(reference: Reference, kind: Kind, day: u16, filer: u32, site: u32) -> Line {
        Line {
            reference,
            kind,
            day,
            filer,
            from: NONE,
            to: NONE,
            owner: NONE,
            site,
            to_site: NONE,
            customer: NONE,
            movement: None,
            leg: None,
            process: "",
            lot: None,
            source: None,
            good: None,
            mass: 0,
            says: Says::Nothing,
            assay: "",
            laboratory: 0,
            grade: None,
            pieces: 0,
            invoice: 0,
            declaration: 0,
            licence: 0,
            end_use: 0,
            value: 0,
            corrects: None,
            note: "",
        }
    }
}

/// Fictional laboratories.
const LABORATORIES: [&str; 6] =
    ["", "own laboratory", "Kvarts Assay", "Nordanalys", "Tredje Lab", "Umpire Bureau"];

/// Writes rows.
pub(crate) struct Writer<'s> {
    sink: &'s mut dyn Sink,
    file: Option<Box<dyn Write>>,
    files: u32,
    file_rows: u64,
    buffer: Vec<u8>,
    last: Option<(u32, Reference)>,
    pub(crate) rows: u64,
    pub(crate) filings: u64,
}

/// What a row's numbers stand for.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    pub(crate) register: &'n Register,
    pub(crate) calendar: &'n Calendar,
    pub(crate) oxides: &'n Oxides,
    pub(crate) pack: &'n Pack,
}

impl<'s> Writer<'s> {
    pub(crate) fn new(sink: &'s mut dyn Sink) -> Writer<'s> {
        Writer {
            sink,
            file: None,
            files: 0,
            file_rows: 0,
            buffer: Vec::with_capacity(BUFFER + 4096),
            last: None,
            rows: 0,
            filings: 0,
        }
    }

    /// Opens a file of another kind beside the filings.
    pub(crate) fn beside(&mut self, name: &str) -> std::io::Result<Box<dyn Write>> {
        self.sink.create(name)
    }

    /// Writes a row.
    pub(crate) fn line(&mut self, line: &Line, names: Names<'_>) -> std::io::Result<()> {
        let filing = (line.filer, line.reference);
        if self.last != Some(filing) {
            self.last = Some(filing);
            self.filings += 1;
            if self.file.is_none() || self.file_rows >= FILE_ROWS {
                self.next_file()?;
            }
        }
        fields(&mut self.buffer, line, names);
        self.rows += 1;
        self.file_rows += 1;
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn next_file(&mut self) -> std::io::Result<()> {
        self.finish()?;
        self.files += 1;
        self.file_rows = 0;
        self.file = Some(self.sink.create(&format!("filings-{:04}.csv", self.files))?);
        self.buffer.extend_from_slice(HEADER.as_bytes());
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if let Some(file) = self.file.as_mut() {
            file.write_all(&self.buffer)?;
        }
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is left and closes the file.
    pub(crate) fn finish(&mut self) -> std::io::Result<()> {
        self.flush()?;
        if let Some(mut file) = self.file.take() {
            file.flush()?;
        }
        Ok(())
    }
}

fn fields(out: &mut Vec<u8>, line: &Line, names: Names<'_>) {
    let Names { register, calendar, oxides, pack } = names;
    let party = |out: &mut Vec<u8>, party: u32| {
        if party != NONE {
            out.extend_from_slice(register.parties[party as usize].id.as_bytes());
        }
        out.push(b',');
    };
    let comma = |out: &mut Vec<u8>, text: &str| {
        out.extend_from_slice(text.as_bytes());
        out.push(b',');
    };
    reference(out, &line.reference);
    out.push(b',');
    comma(out, line.kind.code());
    out.extend_from_slice(&calendar.days[line.day as usize].text);
    out.push(b',');
    party(out, line.filer);
    party(out, line.from);
    party(out, line.to);
    party(out, line.owner);
    comma(out, line.movement.map_or("", Move::code));
    site(out, line.site, register);
    site(out, line.to_site, register);
    comma(out, line.leg.map_or("", Leg::code));
    comma(out, line.process);
    lot(out, line.lot, register);
    lot(out, line.source, register);
    comma(out, line.good.map_or("", Good::stage));
    if line.mass > 0 || line.kind == Kind::Count {
        decimal(out, line.mass, 6);
    }
    out.push(b',');
    composition(out, &line.says, oxides);
    comma(out, line.assay);
    comma(out, LABORATORIES[line.laboratory as usize % LABORATORIES.len()]);
    comma(out, line.good.map_or("", Good::hs));
    comma(out, line.good.map_or("", Good::name));
    comma(out, line.grade.map_or("", |g| GRADES[g as usize % GRADES.len()].0));
    if line.pieces > 0 {
        number(out, line.pieces as u64, 1);
    }
    out.push(b',');
    if line.customer == NONE {
        out.extend_from_slice(b",,");
    } else {
        let customer = &register.parties[line.customer as usize];
        if customer.id.is_empty() {
            out.extend_from_slice(customer.name.as_bytes());
        }
        out.push(b',');
        out.extend_from_slice(&customer.country);
        out.push(b',');
    }
    documents(out, line, register, calendar, pack);
    if let Some(corrects) = &line.corrects {
        reference(out, corrects);
    }
    out.push(b',');
    out.extend_from_slice(line.note.as_bytes());
    out.push(b'\n');
}

/// Invoice to currency.
fn documents(
    out: &mut Vec<u8>,
    line: &Line,
    register: &Register,
    calendar: &Calendar,
    pack: &Pack,
) {
    let yymm = u64::from(calendar.days[line.day as usize].yymm);
    if line.invoice > 0 {
        out.extend_from_slice(b"INV-");
        number(out, u64::from(line.invoice), 6);
    }
    out.push(b',');
    if line.invoice > 0 && line.customer == NONE && line.to != NONE {
        // A frame contract with each buyer and year.
        out.extend_from_slice(b"FC-");
        number(out, yymm / 100, 2);
        out.push(b'-');
        number(out, u64::from(line.to), 4);
    }
    out.push(b',');
    if line.declaration > 0 {
        out.extend_from_slice(b"CD");
        number(out, yymm, 4);
        out.push(b'-');
        number(out, u64::from(line.declaration), 7);
    }
    out.push(b',');
    if line.licence > 0 {
        out.extend_from_slice(&pack.country);
        out.extend_from_slice(b"-EL-20");
        number(out, yymm / 100, 2);
        out.push(b'-');
        // Of one exporter to one customer.
        number(out, u64::from(line.filer) + 1, 5);
        out.push(b'-');
        number(out, u64::from(line.licence), 5);
        out.extend_from_slice(b"/1");
    }
    out.push(b',');
    if line.licence > 0 && line.customer != NONE {
        let user = &register.parties[line.customer as usize];
        out.extend_from_slice(user.name.as_bytes());
        out.push(b',');
        out.extend_from_slice(&user.country);
        out.push(b',');
    } else {
        out.extend_from_slice(b",,");
    }
    if let Some(end_use) = (line.end_use as usize).checked_sub(1).and_then(|u| pack.end_uses.get(u))
    {
        out.extend_from_slice(end_use.code.as_bytes());
    }
    out.push(b',');
    if line.value > 0 {
        decimal(out, line.value, 2);
        out.push(b',');
        out.extend_from_slice(pack.currency.as_bytes());
    } else {
        out.push(b',');
    }
    out.push(b',');
}

/// Composition, basis, moisture, total oxides.
fn composition(out: &mut Vec<u8>, says: &Says, oxides: &Oxides) {
    let list = |out: &mut Vec<u8>, values: &Composition, oxide: bool| {
        let mut first = true;
        for element in 0..ELEMENTS {
            if values[element] > 0 {
                if !first {
                    out.push(b';');
                }
                first = false;
                let name = if oxide { oxides.formula[element].as_str() } else { SYMBOLS[element] };
                out.extend_from_slice(name.as_bytes());
                out.push(b'=');
                decimal(out, i64::from(values[element]), 7);
            }
        }
        first
    };
    match says {
        Says::Nothing => out.extend_from_slice(b",,,,"),
        Says::Elements(values) => {
            list(out, values, false);
            out.extend_from_slice(b",,,,");
        }
        Says::Without(values, element) => {
            let first = list(out, values, false);
            if !first {
                out.push(b';');
            }
            out.extend_from_slice(SYMBOLS[*element as usize].as_bytes());
            out.extend_from_slice(b"<0.01,,,,");
        }
        Says::Stated(stated) => {
            let oxide = matches!(stated.form, Form::Oxides | Form::Treo);
            list(out, &stated.values, oxide);
            out.extend_from_slice(match stated.form {
                Form::Elements | Form::Oxides => b",,,,",
                Form::Treo => b",treo,,",
                Form::Dry => b",dry,",
            });
            if stated.form == Form::Treo {
                decimal(out, i64::from(stated.factor), 7);
                out.push(b',');
            } else if stated.form == Form::Dry {
                decimal(out, i64::from(stated.factor), 7);
                out.extend_from_slice(b",,");
            }
        }
    }
}

fn site(out: &mut Vec<u8>, site: u32, register: &Register) {
    if site != NONE {
        let site = &register.sites[site as usize];
        if !site.code.is_empty() {
            out.extend_from_slice(site.code.as_bytes());
            out.push(b'0' + site.number);
        }
    }
    out.push(b',');
}

fn lot(out: &mut Vec<u8>, lot: Option<LotId>, register: &Register) {
    if let Some(lot) = lot {
        lot_text(out, lot, register);
    }
    out.push(b',');
}

/// `NOR14A-MG2507-00042`: who named it, what it is, when, and a number.
pub(crate) fn lot_text(out: &mut Vec<u8>, lot: LotId, register: &Register) {
    out.extend_from_slice(register.sites[lot.site as usize].prefix.as_bytes());
    out.push(b'-');
    out.extend_from_slice(lot.good.tag().as_bytes());
    number(out, u64::from(lot.yymm), 4);
    out.push(b'-');
    number(out, u64::from(lot.number), 5);
}

/// `S2507-000123`: kind, month, number.
pub(crate) fn reference(out: &mut Vec<u8>, reference: &Reference) {
    out.push(reference.tag);
    number(out, u64::from(reference.yymm), 4);
    out.push(b'-');
    number(out, u64::from(reference.number), 6);
}

/// A whole number with at least so many digits.
pub(crate) fn number(out: &mut Vec<u8>, value: u64, digits: usize) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    let mut left = value;
    while left > 0 {
        at -= 1;
        text[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    out.extend_from_slice(&text[at.min(text.len() - digits.min(20))..]);
}

/// `value × 10^-scale` with the shortest decimals.
pub(crate) fn decimal(out: &mut Vec<u8>, value: i64, scale: u32) {
    let value = value.unsigned_abs();
    let unit = 10_u64.pow(scale);
    number(out, value / unit, 1);
    let mut rest = value % unit;
    if rest == 0 {
        return;
    }
    let mut digits = scale as usize;
    while rest.is_multiple_of(10) {
        rest /= 10;
        digits -= 1;
    }
    out.push(b'.');
    number(out, rest, digits);
}
