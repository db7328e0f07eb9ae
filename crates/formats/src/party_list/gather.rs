//! Records become the parties of a list: each id once, each name once, within the limits, and what is at
//! fault is told.

use std::collections::HashMap;

use screening::{Identifier, List, ListedName, ListedParty, NameStrength, Ownership, PartyKind};

use super::fault::{ListFault, Outcome, Place, shown};
use super::limits::ListLimits;
use super::words::{country_code, years};

/// What becomes of a second record with the id of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Its names, countries, years, numbers and programmes are added to the earlier one.
    #[default]
    Merge,
    /// It is left out.
    Refuse,
}

/// A party as a reader found it, before it is on the list.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) party: ListedParty,
    faults: Vec<(&'static str, &'static str, String, &'static str)>,
}

impl Draft {
    pub(super) fn new(id: &str, kind: PartyKind) -> Draft {
        let id = id.trim().to_owned();
        Draft { party: ListedParty { id, kind, ..ListedParty::default() }, faults: Vec::new() }
    }

    /// Adds a name; blank ones are passed over.
    pub(super) fn name(&mut self, text: &str, strength: NameStrength) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.party.names.push(ListedName { text, strength });
        }
    }

    pub(super) fn country(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.party.countries.push(country_code(text));
        }
    }

    /// Adds the years of a date; text without a year is told.
    pub(super) fn date(&mut self, field: &'static str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let found = years(text);
        if found.is_empty() {
            let message = format!("no year in `{}`", shown(text));
            self.fault(field, "date_without_year", message, "a date with a year of four digits");
        }
        self.party.birth_years.extend(found);
    }

    pub(super) fn number(&mut self, scheme: Option<String>, value: &str) {
        let value = value.trim();
        if let Some(scheme) = scheme
            && value.chars().any(|c| c.is_ascii_digit())
        {
            self.party.identifiers.push(Identifier { scheme, value: value.to_owned() });
        }
    }

    pub(super) fn programme(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.party.programmes.push(text.to_owned());
        }
    }

    pub(super) fn fault(
        &mut self,
        field: &'static str,
        code: &'static str,
        message: String,
        accepted: &'static str,
    ) {
        self.faults.push((field, code, message, accepted));
    }
}

/// How rows of one id belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Each record is a party.
    Whole,
    /// A party stands on several rows, as the format has it.
    Part,
}

/// What a reader gathers.
#[derive(Debug)]
pub(super) struct Gather {
    pub(super) limits: ListLimits,
    duplicates: Duplicates,
    file: &'static str,
    parties: Vec<ListedParty>,
    related: Vec<ListedParty>,
    places: HashMap<String, usize>,
    pub(super) ownerships: Vec<Ownership>,
    pub(super) faults: Vec<ListFault>,
    pub(super) faults_all: u64,
    pub(super) records: u64,
    pub(super) left: u64,
    pub(super) merged: u64,
    pub(super) stopped: bool,
}

impl Gather {
    pub(super) fn new(limits: ListLimits, duplicates: Duplicates) -> Gather {
        Gather {
            limits,
            duplicates,
            file: "",
            parties: Vec::new(),
            related: Vec::new(),
            places: HashMap::new(),
            ownerships: Vec::new(),
            faults: Vec::new(),
            faults_all: 0,
            records: 0,
            left: 0,
            merged: 0,
            stopped: false,
        }
    }

    /// From here on faults are those of a file beside the list.
    pub(super) fn beside(&mut self, file: &'static str) {
        self.file = file;
    }

    /// Tells a fault.
    pub(super) fn tell(
        &mut self,
        place: Place,
        outcome: Outcome,
        (field, code, message, accepted): (&'static str, &'static str, String, &'static str),
    ) {
        self.faults_all += 1;
        match outcome {
            Outcome::Left => self.left += 1,
            Outcome::Merged => self.merged += 1,
            Outcome::Stopped => self.stopped = true,
            Outcome::Taken => {}
        }
        if self.faults.len() < self.limits.faults_told || outcome == Outcome::Stopped {
            let file = self.file;
            self.faults.push(ListFault { file, place, field, code, message, accepted, outcome });
        }
    }

    /// Leaves a record out.
    pub(super) fn leave(
        &mut self,
        place: Place,
        code: &'static str,
        message: String,
        accepted: &'static str,
    ) {
        self.records += 1;
        self.tell(place, Outcome::Left, ("", code, message, accepted));
    }

    /// Takes a record.
    pub(super) fn take(&mut self, place: Place, draft: Draft, rows: Rows) {
        self.records += 1;
        if let Some(draft) = self.checked(place, draft, rows) {
            self.put(place, draft, rows);
        }
    }

    /// A party that the list speaks of and does not list.
    pub(super) fn take_related(&mut self, place: Place, draft: Draft) {
        self.records += 1;
        if let Some(mut party) = self.checked(place, draft, Rows::Whole) {
            tidy(&mut party);
            if self.related.len() < self.limits.parties {
                self.related.push(party);
            }
        }
    }

    /// A party that is on the list already.
    pub(super) fn known(&mut self, id: &str) -> Option<&mut ListedParty> {
        self.places.get(id.trim()).and_then(|&at| self.parties.get_mut(at))
    }

    fn checked(&mut self, place: Place, mut draft: Draft, rows: Rows) -> Option<ListedParty> {
        for fault in draft.faults.drain(..) {
            self.tell(place, Outcome::Taken, fault);
        }
        let mut party = draft.party;
        if party.id.is_empty() {
            let fault = (
                "id",
                "id_missing",
                "a party without an id".to_owned(),
                "an id, unique on the list",
            );
            self.tell(place, Outcome::Left, fault);
            return None;
        }
        let most = self.limits.name_bytes;
        let long = party.names.iter().filter(|name| name.text.len() > most).count();
        if long > 0 || party.id.len() > most {
            let message = format!("{} names longer than {most} bytes", long.max(1));
            party.names.retain(|name| name.text.len() <= most);
            self.tell(
                place,
                Outcome::Taken,
                ("name", "name_too_long", message, "names of at most 40,000 bytes"),
            );
        }
        if party.names.is_empty() && rows == Rows::Whole || party.id.len() > most {
            let message = format!("`{}` has no name", shown(&party.id));
            self.tell(
                place,
                Outcome::Left,
                ("name", "name_missing", message, "a party with a name"),
            );
            return None;
        }
        Some(party)
    }

    fn put(&mut self, place: Place, party: ListedParty, rows: Rows) {
        let Some(&at) = self.places.get(&party.id) else {
            if self.parties.len() >= self.limits.parties {
                let message = format!("more than {} parties", self.limits.parties);
                self.tell(
                    place,
                    Outcome::Stopped,
                    ("", "too_many_parties", message, "a list with fewer parties"),
                );
                return;
            }
            self.places.insert(party.id.clone(), self.parties.len());
            self.parties.push(party);
            return;
        };
        if rows == Rows::Whole {
            let message = format!("the id `{}` stands on the list already", shown(&party.id));
            let (outcome, accepted) = match self.duplicates {
                Duplicates::Merge => {
                    (Outcome::Merged, "each id once; the records were put together")
                }
                Duplicates::Refuse => (Outcome::Left, "each id once; the first record counts"),
            };
            self.tell(place, outcome, ("id", "duplicate_id", message, accepted));
            if outcome == Outcome::Left {
                return;
            }
        }
        let Some(earlier) = self.parties.get_mut(at) else { return };
        merge(earlier, party);
        let held = [earlier.names.len(), earlier.countries.len(), earlier.identifiers.len()];
        if held.into_iter().max() > Some(2 * self.limits.names) {
            tidy(earlier);
        }
    }

    /// The list, and the parties that it speaks of.
    pub(super) fn finish(&mut self) -> Gathered {
        let (names, values) = (self.limits.names, self.limits.values);
        let (mut nameless, mut crowded) = (Vec::new(), Vec::new());
        for party in &mut self.parties {
            tidy(party);
            if cut(party, names, values) {
                crowded.push(party.id.clone());
            }
            if party.names.is_empty() {
                nameless.push(party.id.clone());
            }
        }
        for id in crowded {
            let message =
                format!("`{}` has more names, countries or numbers than are held", shown(&id));
            let accepted = "parties with at most 2,000 of each";
            self.tell(Place::File, Outcome::Taken, ("", "too_many_values", message, accepted));
        }
        for id in nameless {
            let message = format!("`{}` has no name on any of its rows", shown(&id));
            self.tell(
                Place::File,
                Outcome::Left,
                ("name", "name_missing", message, "a party with a name"),
            );
        }
        self.parties.retain(|party| !party.names.is_empty());
        self.parties.shrink_to_fit();
        self.ownerships.sort_unstable();
        self.ownerships.dedup();
        Gathered {
            parties: std::mem::take(&mut self.parties),
            related: std::mem::take(&mut self.related),
            ownerships: std::mem::take(&mut self.ownerships),
        }
    }
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) parties: Vec<ListedParty>,
    pub(super) related: Vec<ListedParty>,
    pub(super) ownerships: Vec<Ownership>,
}

impl Gathered {
    /// As the list of a code.
    pub(super) fn list(self, code: String) -> (List, Vec<ListedParty>) {
        let mut list = List {
            code,
            version: String::new(),
            parties: self.parties,
            ownerships: self.ownerships,
        };
        list.version = screening::delta::list_version(&list);
        (list, self.related)
    }
}

fn merge(earlier: &mut ListedParty, later: ListedParty) {
    if earlier.kind == PartyKind::Unknown {
        earlier.kind = later.kind;
    }
    earlier.names.extend(later.names);
    earlier.countries.extend(later.countries);
    earlier.birth_years.extend(later.birth_years);
    earlier.identifiers.extend(later.identifiers);
    earlier.programmes.extend(later.programmes);
}

/// The first primary name in front, each name once with its best strength; everything else once, in the
/// order in which it was found.
fn tidy(party: &mut ListedParty) {
    party.names.sort_by_key(|name| name.strength);
    once(&mut party.names, |name| name.text.clone());
    let mut first = true;
    for name in &mut party.names {
        if !first && name.strength == NameStrength::Primary {
            name.strength = NameStrength::Alias;
        }
        first = false;
    }
    once(&mut party.countries, Clone::clone);
    once(&mut party.birth_years, |year| *year);
    once(&mut party.identifiers, Clone::clone);
    once(&mut party.programmes, Clone::clone);
}

/// Cuts what is beyond the limits; true where something was.
fn cut(party: &mut ListedParty, names: usize, values: usize) -> bool {
    let most = [
        party.countries.len(),
        party.birth_years.len(),
        party.identifiers.len(),
        party.programmes.len(),
    ];
    let beyond = party.names.len() > names || most.iter().any(|&count| count > values);
    party.names.truncate(names);
    party.countries.truncate(values);
    party.birth_years.truncate(values);
    party.identifiers.truncate(values);
    party.programmes.truncate(values);
    party.names.shrink_to_fit();
    beyond
}

fn once<T, K: Ord>(values: &mut Vec<T>, key: impl Fn(&T) -> K) {
    if values.len() > 1 {
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(key(value)));
    }
}
