//! The rules of the clocks out of `clocks.toml`, with every reference checked.

use std::collections::BTreeSet;

use jiff::civil::Time;
use serde::Deserialize;

use super::rules::{
    Binding, Breach, ClockRule, ClockRules, DayRule, EventKind, LastDay, Notice, Outcome, Per,
    StopRule, Unit,
};
use super::{SECTIONS, SETTINGS};
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::settings::Settings;
use crate::table::{Lined, fault};

/// More days than any law gives; a larger number is a slip of the keyboard.
const LIMIT_AT_MOST: u32 = 3_660;
/// The outcomes of a case, the same words in the statistics of every pack.
const OUTCOMES: [&str; 5] = ["granted", "refused", "returned", "withdrawn", "lapsed"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    id: String,
    #[serde(default)]
    also: Vec<String>,
    name_en: String,
    name_zh: String,
    cut_off: Option<String>,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    once: bool,
    #[serde(default)]
    closes: bool,
    #[serde(default)]
    reopens: bool,
    #[serde(default)]
    after_close: bool,
    #[serde(default)]
    agency: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopEntry {
    id: String,
    name_en: String,
    name_zh: String,
    begin: String,
    end: String,
    notice: Notice,
    notice_unit: Unit,
    begin_day: DayRule,
    end_day: DayRule,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockEntry {
    id: String,
    name_en: String,
    name_zh: String,
    starts: Vec<String>,
    #[serde(default)]
    not_after: Vec<String>,
    day_zero: DayRule,
    limit: Option<u32>,
    unit: Unit,
    last_day: LastDay,
    ends: Vec<String>,
    #[serde(default)]
    stops: Vec<String>,
    #[serde(default)]
    removed_by: Vec<String>,
    per: Per,
    on_breach: Breach,
    deems: Option<String>,
    binding: Binding,
    #[serde(default)]
    note: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeEntry {
    id: String,
    event: String,
    name_en: String,
    name_zh: String,
    effect: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

impl ClockRules {
    /// Reads `clocks.toml`; nothing where it is missing or a reference does not hold, with every fault told.
    #[must_use]
    pub fn read(files: &PackFiles, faults: &mut Vec<PackFault>) -> Option<ClockRules> {
        let before = faults.len();
        let Some(settings) = Settings::read(files, SETTINGS, SECTIONS, faults) else {
            if faults.len() == before {
                let message = "the rules of the clocks are missing".to_owned();
                faults.push(fault(SETTINGS, 0, "", "file_missing", message, "a file clocks.toml"));
            }
            return None;
        };
        let entries: Vec<Lined<EventEntry>> = settings.many("event", faults);
        let stop_entries: Vec<Lined<StopEntry>> = settings.many("stop", faults);
        let clock_entries: Vec<Lined<ClockEntry>> = settings.many("clock", faults);
        let outcome_entries: Vec<Lined<OutcomeEntry>> = settings.many("outcome", faults);
        after_circles(&entries, faults);
        let codes: Vec<Vec<String>> = entries
            .iter()
            .map(|(_, e)| std::iter::once(&e.id).chain(&e.also).cloned().collect())
            .collect();
        let stop_ids: Vec<String> = stop_entries.iter().map(|(_, e)| e.id.clone()).collect();
        let ids = |which: fn(&EventEntry) -> bool| -> BTreeSet<String> {
            entries.iter().filter(|(_, e)| which(e)).map(|(_, e)| e.id.clone()).collect()
        };
        let (agencies, closing) = (ids(|e| e.agency), ids(|e| e.closes));
        let mut names = Names {
            codes: &codes,
            stop_ids: &stop_ids,
            agencies: &agencies,
            closing: &closing,
            line: 0,
            faults,
        };
        let events = entries.into_iter().map(|(line, entry)| names.at(line).event(entry)).collect();
        names.once("event", codes.iter().flatten());
        names.once("stop", stop_ids.iter());
        names.once("clock", clock_entries.iter().map(|(_, e)| &e.id));
        names.once("outcome", outcome_entries.iter().map(|(_, e)| &e.id));
        let stops =
            stop_entries.into_iter().map(|(line, entry)| names.at(line).stop(entry)).collect();
        let clocks = clock_entries.into_iter().map(|(line, e)| (line, names.at(line).clock(e)));
        let clocks: Vec<Lined<ClockRule>> = clocks.collect();
        let outcomes =
            outcome_entries.into_iter().map(|(line, e)| names.at(line).outcome(e)).collect();
        let clocks = in_order(clocks, faults);
        (faults.len() == before).then_some(ClockRules { events, stops, clocks, outcomes })
    }
}

/// The names that entries refer to.
struct Names<'a> {
    codes: &'a [Vec<String>],
    stop_ids: &'a [String],
    /// Codes of events that name an agency.
    agencies: &'a BTreeSet<String>,
    /// Codes of events that close a case.
    closing: &'a BTreeSet<String>,
    line: u32,
    faults: &'a mut Vec<PackFault>,
}

impl Names<'_> {
    fn at(&mut self, line: u32) -> &mut Self {
        self.line = line;
        self
    }

    fn wrong(&mut self, field: &str, code: &'static str, message: String, accepted: &str) {
        self.faults.push(fault(SETTINGS, self.line, field, code, message, accepted));
    }

    /// Each id once.
    fn once<'b>(&mut self, what: &str, ids: impl Iterator<Item = &'b String>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.line = 0;
                self.wrong(what, "id_twice", format!("`{id}` stands twice"), "each id once");
            }
        }
    }

    fn kind(&mut self, field: &str, code: &str) -> usize {
        if let Some(kind) = self.codes.iter().position(|codes| codes.iter().any(|c| c == code)) {
            return kind;
        }
        let accepted: Vec<&str> = self.codes.iter().flatten().map(String::as_str).collect();
        let accepted = format!("one of {}", accepted.join(", "));
        self.wrong(field, "event_unknown", format!("no event is called `{code}`"), &accepted);
        0
    }

    fn kinds(&mut self, field: &str, codes: &[String]) -> Vec<usize> {
        codes.iter().map(|code| self.kind(field, code)).collect()
    }

    fn fact(&mut self, citation: String, source: String, confidence: Confidence) -> Fact {
        for (field, text) in [("citation", &citation), ("source", &source)] {
            if text.trim().is_empty() {
                self.wrong(field, "fact_missing", format!("the {field} is empty"), "some words");
            }
        }
        Fact { citation, source, confidence }
    }

    fn event(&mut self, entry: EventEntry) -> EventKind {
        let cut_off = entry.cut_off.and_then(|text| {
            let time = format!("{text}:00").parse::<Time>().ok().filter(|_| text.len() == 5);
            if time.is_none() {
                let message = format!("`{text}` is no hour");
                self.wrong("cut_off", "hour_wrong", message, "an hour such as `16:00`");
            }
            time
        });
        EventKind {
            after: self.kinds("after", &entry.after),
            id: entry.id,
            also: entry.also,
            name_en: entry.name_en,
            name_zh: entry.name_zh,
            cut_off,
            once: entry.once,
            closes: entry.closes,
            reopens: entry.reopens,
            after_close: entry.after_close,
            agency: entry.agency,
        }
    }

    fn stop(&mut self, entry: StopEntry) -> StopRule {
        let (begin, end) = (self.kind("begin", &entry.begin), self.kind("end", &entry.end));
        if begin == end {
            let message = format!("`{}` begins and ends with the same event", entry.id);
            self.wrong("end", "stop_circular", message, "two different events");
        }
        StopRule {
            begin,
            end,
            id: entry.id,
            name_en: entry.name_en,
            name_zh: entry.name_zh,
            notice: entry.notice,
            notice_unit: entry.notice_unit,
            begin_day: entry.begin_day,
            end_day: entry.end_day,
            fact: self.fact(entry.citation, entry.source, entry.confidence),
        }
    }

    fn clock(&mut self, entry: ClockEntry) -> ClockRule {
        if entry.limit.is_some_and(|limit| limit == 0 || limit > LIMIT_AT_MOST) {
            let message = format!("`{}` has a limit that no law gives", entry.id);
            self.wrong("limit", "out_of_range", message, "1 to 3660 days, or no limit at all");
        }
        if entry.starts.is_empty() {
            let message = format!("nothing starts `{}`", entry.id);
            self.wrong("starts", "starts_missing", message, "the events that start it");
        }
        if (entry.on_breach == Breach::DeemedAccepted) != entry.deems.is_some() {
            let message = format!("`{}` must say what is deemed to have happened", entry.id);
            let accepted = "deems = an event, exactly where on_breach = \"deemed_accepted\"";
            self.wrong("deems", "deems_wrong", message, accepted);
        }
        if entry.binding == Binding::None && entry.limit.is_some() {
            let message = format!("`{}` has a limit that binds nobody", entry.id);
            self.wrong("binding", "binding_wrong", message, "statutory or target");
        }
        self.per(&entry);
        for code in entry.starts.iter().filter(|code| entry.ends.contains(code)) {
            let message = format!("`{code}` both starts and ends `{}`", entry.id);
            self.wrong("ends", "starts_and_ends", message, "events that start it or end it");
        }
        let mut stops = Vec::new();
        for id in &entry.stops {
            match self.stop_ids.iter().position(|known| known == id) {
                Some(stop) => stops.push(stop),
                None => {
                    let accepted = format!("one of {}", self.stop_ids.join(", "));
                    let message = format!("no stop is called `{id}`");
                    self.wrong("stops", "stop_unknown", message, &accepted);
                }
            }
        }
        ClockRule {
            starts: self.kinds("starts", &entry.starts),
            not_after: self.kinds("not_after", &entry.not_after),
            ends: self.kinds("ends", &entry.ends),
            removed_by: self.kinds("removed_by", &entry.removed_by),
            deems: entry.deems.as_deref().map(|code| self.kind("deems", code)),
            stops,
            id: entry.id,
            name_en: entry.name_en,
            name_zh: entry.name_zh,
            day_zero: entry.day_zero,
            limit: entry.limit,
            unit: entry.unit,
            last_day: entry.last_day,
            per: entry.per,
            on_breach: entry.on_breach,
            binding: entry.binding,
            note: entry.note,
            fact: self.fact(entry.citation, entry.source, entry.confidence),
        }
    }

    /// A clock counts by agency exactly where its events name one; the end of a case ends it for all.
    fn per(&mut self, entry: &ClockEntry) {
        let by_agency = entry.per == Per::Agency;
        let starts = entry.starts.iter().filter(|code| self.agencies.contains(*code) != by_agency);
        let named = |code: &&String| self.agencies.contains(*code) || self.closing.contains(*code);
        let ends = entry.ends.iter().filter(|code| by_agency && !named(code));
        let unfit: Vec<String> = starts.chain(ends).cloned().collect();
        for code in unfit {
            let message = format!("`{}` and `{code}` do not fit", entry.id);
            let accepted = "per = \"agency\" exactly where the events have agency = true";
            self.wrong("per", "per_wrong", message, accepted);
        }
    }

    fn outcome(&mut self, entry: OutcomeEntry) -> Outcome {
        if !OUTCOMES.contains(&entry.id.as_str()) {
            let message = format!("no outcome is called `{}`", entry.id);
            let accepted = format!("one of {}", OUTCOMES.join(", "));
            self.wrong("id", "outcome_unknown", message, &accepted);
        }
        Outcome {
            event: self.kind("event", &entry.event),
            id: entry.id,
            name_en: entry.name_en,
            name_zh: entry.name_zh,
            effect: entry.effect,
            fact: self.fact(entry.citation, entry.source, entry.confidence),
        }
    }
}

/// An event that comes after itself by way of others could never come.
fn after_circles(events: &[Lined<EventEntry>], faults: &mut Vec<PackFault>) {
    let of = |id: &str| events.iter().find(|(_, e)| e.id == id);
    for (line, entry) in events {
        let mut reached: BTreeSet<&str> = entry.after.iter().map(String::as_str).collect();
        for _ in 0..events.len() {
            let further: Vec<&str> = reached
                .iter()
                .filter_map(|id| of(id))
                .flat_map(|(_, e)| e.after.iter().map(String::as_str))
                .collect();
            reached.extend(further);
        }
        if reached.contains(entry.id.as_str()) {
            let message = format!("`{}` comes after itself", entry.id);
            let accepted = "events that can come first";
            faults.push(fault(SETTINGS, *line, "after", "circular", message, accepted));
        }
    }
}

/// Puts a clock that deems an event before those that the event starts; a circle is a fault.
fn in_order(mut waiting: Vec<Lined<ClockRule>>, faults: &mut Vec<PackFault>) -> Vec<ClockRule> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|(_, rule)| {
            let deemed_by =
                |other: &ClockRule| other.deems.is_some_and(|e| rule.starts.contains(&e));
            !waiting.iter().any(|(_, other)| deemed_by(other))
        });
        let Some(free) = free else {
            let ids: Vec<&str> = waiting.iter().map(|(_, rule)| rule.id.as_str()).collect();
            let message = format!("`{}` start each other by what they deem", ids.join("`, `"));
            let line = waiting.first().map_or(0, |(line, _)| *line);
            let accepted = "clocks of which none deems the start of an earlier one";
            faults.push(fault(SETTINGS, line, "deems", "circular", message, accepted));
            break;
        };
        ordered.push(waiting.remove(free).1);
    }
    ordered
}
