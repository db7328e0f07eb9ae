//! What was typed into a form, written into an application: all that can be read, and a fault for each
//! field that cannot. A field that cannot be read leaves what stands there.

use app::drafts::composition_read;
use base::Date;
use licensing::Application;
use licensing::application::{
    Cell, CertificateEntry, DocumentEntry, EndUse, Good, Inventory, PartyEntry, PartyPart,
};
use licensing::application_read::TEXT_CHARS_MAX;
use licensing::quantity::{Quantity, QuantityError, Unit};

use super::NEW;
use super::part::{Part, Typed, element_rows};
use crate::stop::FieldFault;
use crate::text::Text;

/// The longest stock that is believed, in days: ten years.
const DAYS_MAX: u32 = 3_650;

struct Reader<'a> {
    t: &'a Text,
    typed: &'a Typed,
    faults: Vec<FieldFault>,
}

impl Reader<'_> {
    fn fault(&mut self, field: &str, key: &str, code: &'static str, accepted: &str) {
        let found = self.typed.get(field).map_or("", String::as_str);
        let found: String = found.chars().take(80).collect();
        let label = self.t.code("apply-field", key, key);
        let message = self.t.two(&format!("apply-fault-{code}"), found, accepted);
        let message = self.t.two("refusal-of", label, message);
        let accepted = accepted.to_owned();
        self.faults.push(FieldFault { field: field.to_owned(), code, message, accepted });
    }

    /// What was typed into a field; nothing where the form did not send it or it is too long.
    fn text(&mut self, field: &str) -> Option<String> {
        let text = self.typed.get(field)?.trim().replace("\r\n", "\n");
        if text.chars().count() > TEXT_CHARS_MAX {
            self.fault(field, field, "too_long", &TEXT_CHARS_MAX.to_string());
            return None;
        }
        Some(text)
    }

    fn put(&mut self, field: &str, place: &mut String) {
        if let Some(text) = self.text(field) {
            *place = text;
        }
    }

    /// A code of a country or area, in capitals however it was typed.
    fn put_code(&mut self, field: &str, place: &mut String) {
        if let Some(text) = self.text(field) {
            *place = text.to_ascii_uppercase();
        }
    }

    fn list(&mut self, field: &str, separators: &[char]) -> Option<Vec<String>> {
        let text = self.text(field)?;
        let parts = text.split(separators).map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(str::to_owned).collect())
    }

    fn checked(&self, field: &str) -> bool {
        self.typed.get(field).is_some_and(|value| !value.is_empty())
    }

    /// A quantity of a field; nothing where it is blank, and a fault where it cannot be read.
    fn quantity(
        &mut self,
        field: &str,
        key: &str,
        unit: &Unit,
        written: &str,
    ) -> Result<Option<Quantity>, ()> {
        let Some(text) = self.text(field) else { return Err(()) };
        match Quantity::read(unit, &text, written) {
            Ok(quantity) => Ok(Some(quantity)),
            Err(QuantityError::Blank) => Ok(None),
            Err(error) => {
                self.fault(field, key, error.code(), "");
                Err(())
            }
        }
    }

    fn kind(&mut self, a: &mut Application) {
        self.put("licence_type", &mut a.licence_type);
        self.put("ground", &mut a.ground);
        self.put("appeal_grounds", &mut a.appeal_grounds);
        self.put("reference", &mut a.reference);
        self.put("route", &mut a.route);
        self.put("contact_name", &mut a.contact.name);
        self.put("contact_email", &mut a.contact.email);
        let met = self.typed.keys().filter_map(|name| name.strip_prefix("meets-"));
        let mut met: Vec<String> =
            met.filter(|code| self.checked(&format!("meets-{code}"))).map(str::to_owned).collect();
        met.sort();
        a.meets = met;
    }

    fn good(&mut self, good: &mut Good) {
        self.put("name", &mut good.name);
        self.put("hs", &mut good.hs);
        self.put("grade", &mut good.grade);
        self.put("form", &mut good.form);
        self.put_code("origin", &mut good.origin);
        if let Some(text) = self.text("composition") {
            good.composition = composition_read(&text);
        }
        if let Some(codes) = self.list("control_codes", &[',', ';', '，', '；', '、', '\n']) {
            good.control_codes = codes;
        }
        if self.typed.contains_key("unit_mass_mg")
            && let Ok(mass) = self.quantity("unit_mass_mg", "unit_mass_mg", &Unit::NetMass, "g")
        {
            good.unit_mass_mg = mass.map(|mass| mass.amount);
        }
        let names: Vec<String> = self
            .typed
            .keys()
            .filter_map(|name| name.strip_prefix("p-"))
            .map(str::to_owned)
            .collect();
        for name in names {
            match self.text(&format!("p-{name}")) {
                Some(value) if value.is_empty() => {
                    good.parameters.remove(&name);
                }
                Some(value) => {
                    good.parameters.insert(name, value);
                }
                None => {}
            }
        }
    }

    fn party(&mut self, party: &mut PartyEntry) {
        let parts = PartyPart::ALL.into_iter();
        party.parts =
            parts.filter(|part| self.checked(&format!("parts-{}", part.code()))).collect();
        self.put("name", &mut party.name);
        self.put("local_name", &mut party.local_name);
        self.put_code("country", &mut party.country);
        self.put("address", &mut party.address);
        if let Some(identifiers) = self.list("identifiers", &['\n']) {
            party.identifiers = identifiers;
        }
        self.put("website", &mut party.website);
    }

    fn cell(&mut self, cell: &mut Cell, way: Way) {
        self.put("good", &mut cell.good);
        self.put("consignee", &mut cell.consignee);
        self.put("end_user", &mut cell.end_user);
        self.put("end_use", &mut cell.end_use);
        self.put_code("destination", &mut cell.destination);
        let mut quantities = Vec::new();
        let before = cell.quantities.clone();
        // What cannot be read leaves what stands there.
        let mut take = |unit: &Unit, read: Result<Option<Quantity>, ()>| match read {
            Ok(quantity) => quantities.extend(quantity),
            Err(()) => quantities.extend(before.iter().find(|q| q.unit == *unit).cloned()),
        };
        let written = |typed: &Typed, field: &str| {
            typed.get(field).filter(|unit| !unit.is_empty()).map_or("kg", String::as_str).to_owned()
        };
        let unit = written(self.typed, "net-unit");
        let faults = self.faults.len();
        let net = self.quantity("net", "net", &Unit::NetMass, &unit);
        take(&Unit::NetMass, net);
        for row in 0..element_rows(self.typed) {
            let name = |field: &str| format!("e{row}-{field}");
            let element = self.text(&name("element")).unwrap_or_default();
            let amount = self.text(&name("amount")).unwrap_or_default();
            if element.is_empty() && amount.is_empty() {
                continue;
            }
            let kind = self.typed.get(&name("kind")).map_or("content", String::as_str);
            let kind = if kind == "oxide" { "oxide" } else { "content" };
            let Some(unit) = Unit::parse(&format!("{kind}:{element}")) else {
                self.fault(&name("element"), "element", "element", "Dy");
                continue;
            };
            if amount.is_empty() {
                self.fault(&name("amount"), "amount", "quantity_blank", "");
                continue;
            }
            let written = written(self.typed, &name("unit"));
            let read = self.quantity(&name("amount"), "amount", &unit, &written);
            take(&unit, read);
        }
        let pieces = self.quantity("pieces", "pieces", &Unit::Pieces, "");
        take(&Unit::Pieces, pieces);
        let currency = self.text("currency").unwrap_or_default().to_ascii_uppercase();
        let value = self.text("value").unwrap_or_default();
        match Unit::parse(&format!("value:{currency}")) {
            Some(unit) => {
                let read = self.quantity("value", "value", &unit, "");
                take(&unit, read);
            }
            None if !value.is_empty() || !currency.is_empty() => {
                self.fault("currency", "currency", "currency", "EUR");
            }
            None => {}
        }
        if quantities.is_empty() && self.faults.len() == faults && way == Way::Button {
            self.fault("net", "net", "quantity_blank", "");
        }
        cell.quantities = quantities;
    }

    fn document(&mut self, document: &mut DocumentEntry) {
        self.put("number", &mut document.number);
        match self.text("date").map(|text| (text.parse::<Date>(), text)) {
            Some((Ok(date), _)) => document.date = Some(date),
            Some((Err(_), text)) if text.is_empty() => document.date = None,
            Some(_) => self.fault("date", "date", "date", "2026-05-03"),
            None => {}
        }
    }

    fn stock(&mut self, stock: &mut Inventory) {
        self.put("end_user", &mut stock.end_user);
        match self.text("days").map(|text| text.parse::<u32>()) {
            Some(Ok(days)) if days <= DAYS_MAX => stock.days = days,
            Some(_) => self.fault("days", "days", "days", &DAYS_MAX.to_string()),
            None => {}
        }
        self.put("stops", &mut stock.stops);
    }
}

/// How a form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By its button.
    Button,
    /// By the script, while somebody writes.
    Script,
}

/// Writes what was typed into an entry; a new one is added. Gives its id and what could not be read.
pub(super) fn write(
    t: &Text,
    (part, id): (Part, &str),
    typed: &Typed,
    way: Way,
    a: &mut Application,
) -> (String, Vec<FieldFault>) {
    let mut reader = Reader { t, typed, faults: Vec::new() };
    let key = id.to_owned();
    let mut now = id.to_owned();
    match part {
        Part::Kind => reader.kind(a),
        Part::Goods => reader.good(entry(
            &mut a.goods,
            |good| good.key == id,
            || Good { key, ..Good::default() },
        )),
        Part::Parties => reader.party(entry(
            &mut a.parties,
            |party| party.key == id,
            || PartyEntry { key, ..PartyEntry::default() },
        )),
        Part::Uses => {
            let end_use = entry(
                &mut a.uses,
                |end_use| end_use.key == id,
                || EndUse { key, ..EndUse::default() },
            );
            reader.put("code", &mut end_use.code);
            reader.put("text", &mut end_use.text);
        }
        Part::Cells => {
            let cell =
                entry(&mut a.cells, |cell| cell.key == id, || Cell { key, ..Cell::default() });
            reader.cell(cell, way);
        }
        // A document begins with its upload.
        Part::Documents => {
            if let Some(document) = placed(&mut a.documents, id) {
                reader.document(document);
            }
        }
        Part::Certificates => {
            let mut read = CertificateEntry::default();
            reader.put("end_user", &mut read.end_user);
            reader.put("id", &mut read.id);
            if read.end_user.is_empty() {
                reader.fault("end_user", "end_user", "choose", "");
            } else {
                now.clone_from(&read.end_user);
                let wanted = |c: &CertificateEntry| c.end_user == id || c.end_user == now;
                let place = a.certificates.iter().position(wanted);
                match place.and_then(|place| a.certificates.get_mut(place)) {
                    Some(entry) => *entry = read,
                    None => a.certificates.push(read),
                }
            }
        }
        Part::Stock => now = stock_write(&mut reader, id, a),
    }
    (now, reader.faults)
}

/// A stock is told by its place; one that is new is added once, however often it is sent.
fn stock_write(reader: &mut Reader<'_>, id: &str, a: &mut Application) -> String {
    if let Some(stock) = placed(&mut a.inventory, id) {
        reader.stock(stock);
        return id.to_owned();
    }
    let mut stock = Inventory::default();
    reader.stock(&mut stock);
    if stock.end_user.is_empty() {
        reader.fault("end_user", "end_user", "choose", "");
    }
    let place = a.inventory.iter().position(|other| *other == stock);
    if let Some(place) = place {
        return place.to_string();
    }
    if reader.faults.is_empty() {
        a.inventory.push(stock);
        return (a.inventory.len() - 1).to_string();
    }
    NEW.to_owned()
}

/// The entry of a list that is meant, added where it is not there.
fn entry<T>(list: &mut Vec<T>, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &mut T {
    let place = list.iter().position(is).unwrap_or_else(|| {
        list.push(make());
        list.len() - 1
    });
    // INVARIANT: `place` was found in the list, or is that of the entry just added.
    &mut list[place]
}

fn placed<'l, T>(list: &'l mut [T], id: &str) -> Option<&'l mut T> {
    list.get_mut(id.parse::<usize>().ok()?)
}

/// Takes an entry out.
pub(super) fn remove(part: Part, id: &str, a: &mut Application) {
    let place = id.parse::<usize>().ok();
    match part {
        Part::Kind => {}
        Part::Goods => a.goods.retain(|good| good.key != id),
        Part::Parties => a.parties.retain(|party| party.key != id),
        Part::Uses => a.uses.retain(|end_use| end_use.key != id),
        Part::Cells => a.cells.retain(|cell| cell.key != id),
        Part::Certificates => a.certificates.retain(|entry| entry.end_user != id),
        Part::Documents => {
            if let Some(place) = place.filter(|place| *place < a.documents.len()) {
                a.documents.remove(place);
            }
        }
        Part::Stock => {
            if let Some(place) = place.filter(|place| *place < a.inventory.len()) {
                a.inventory.remove(place);
            }
        }
    }
}
