//! The quotas of `duties.toml`: what is limited, what uses it, how types of ore are told apart, and what is
//! carried, cut and held back. What a pack does not state is not applied.

use std::collections::BTreeSet;

use base::Common;
use serde::{Deserialize, Serialize};

use super::duties::{DUTIES, ReportPeriod};
use super::licence_types::refers;
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::table::{Lined, fault};

/// The alarms where a pack names none, in percent.
const ALARMS: [u32; 2] = [80, 100];
/// No excess cuts the next year by more than ten times, in percent.
const CUT_MAX_PERCENT: u32 = 1_000;

/// A quota.
#[derive(Debug, Clone)]
pub struct Quota {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// The stages that it limits.
    pub stages: Vec<String>,
    /// How often it is set.
    pub period: ReportPeriod,
    /// Whether imported feed counts.
    pub counts_imported: bool,
    /// Whether it is published.
    pub published: bool,
    /// What follows when it is exceeded.
    pub excess: String,
    /// What that costs, as the id of a penalty.
    pub penalty: Option<String>,
    /// The rule.
    pub fact: Fact,
    /// Whether what is made of secondary feed counts.
    pub counts_secondary: bool,
    /// Stages of material that are secondary feed.
    pub secondary_stages: Vec<String>,
    /// Oxides in which elements are counted, other than the usual one of each.
    pub oxides: Vec<String>,
    /// Who answers for what is processed for somebody else.
    pub toll: Toll,
    /// Part of what is left that may be used in the next year, in percent.
    pub carry_percent: u32,
    /// By how much of an excess the next year is cut, in percent of the excess; nothing where no factor is
    /// known.
    pub cut_percent: Option<u32>,
    /// Part of each slice that the authority holds back, in percent.
    pub reserve_percent: u32,
    /// The most slices in which it is issued.
    pub slices_max: Option<u32>,
    /// Percentages of use at which there is an alarm, rising.
    pub alarms_percent: Vec<u32>,
    /// The source of these rules, where it is another than that of the quota.
    pub rules_fact: Option<Fact>,
    /// What uses it.
    pub uses: Vec<QuotaEvent>,
    /// Types of ore that are told apart; empty where none are.
    pub ore_types: Vec<OreType>,
}

/// Who answers for what is processed for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Toll {
    /// Who processes it.
    Processor,
    /// Who owns it.
    Owner,
}

/// At which end of a step the quota is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaEnd {
    /// What is taken out of the ground.
    Extraction,
    /// What a step makes.
    Output,
    /// What a step takes in.
    Feed,
}

/// What uses a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaEvent {
    /// The stage of the quota.
    pub stage: String,
    /// Which end of a step.
    pub event: QuotaEnd,
    /// Stages of material of which at least one goes in; of an extraction none.
    pub from: Vec<String>,
    /// Stages of material that come out.
    pub to: Vec<String>,
    /// The rule.
    pub fact: Fact,
}

/// A type of ore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OreType {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Stages of material that are of this type by what they are.
    pub stages: Vec<String>,
    /// What comes in at another stage is of the first type whose share of heavy rare earths (gadolinium to
    /// lutetium, and yttrium) in its oxides it reaches, in percent.
    pub heavy_at_least_percent: Option<u32>,
    /// The rule.
    pub fact: Fact,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaEntry {
    pub(super) id: String,
    name_en: String,
    name_zh: String,
    stages: Vec<String>,
    period: ReportPeriod,
    counts_imported: bool,
    published: bool,
    excess: String,
    pub(super) penalty: Option<String>,
    citation: String,
    source: String,
    confidence: Confidence,
    #[serde(default)]
    counts_secondary: bool,
    #[serde(default)]
    secondary_stages: Vec<String>,
    #[serde(default)]
    oxides: Vec<String>,
    toll: Option<Toll>,
    #[serde(default)]
    carry_percent: u32,
    cut_percent: Option<u32>,
    #[serde(default)]
    reserve_percent: u32,
    slices_max: Option<u32>,
    alarms_percent: Option<Vec<u32>>,
    #[serde(default)]
    rules_citation: String,
    #[serde(default)]
    rules_source: String,
    rules_confidence: Option<Confidence>,
    #[serde(default, rename = "use")]
    uses: Vec<UseEntry>,
    #[serde(default, rename = "ore_type")]
    ore_types: Vec<OreEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseEntry {
    stage: String,
    event: QuotaEnd,
    #[serde(default)]
    from: Vec<String>,
    to: Vec<String>,
    #[serde(default)]
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OreEntry {
    id: String,
    name_en: String,
    name_zh: String,
    stages: Vec<String>,
    heavy_at_least_percent: Option<u32>,
    #[serde(default)]
    citation: String,
    source: String,
    confidence: Confidence,
}

/// One entry of `[[quota]]`, with what is wrong with it.
pub(super) fn quota((line, e): Lined<QuotaEntry>, faults: &mut Vec<PackFault>) -> Quota {
    check(line, &e, faults);
    let rules_fact = e.rules_confidence.map(|confidence| Fact {
        citation: e.rules_citation,
        source: e.rules_source,
        confidence,
    });
    let uses = e.uses.into_iter().map(|of| QuotaEvent {
        stage: of.stage,
        event: of.event,
        from: of.from,
        to: of.to,
        fact: Fact { citation: of.citation, source: of.source, confidence: of.confidence },
    });
    let ore_types = e.ore_types.into_iter().map(|of| OreType {
        id: of.id,
        name_en: of.name_en,
        name_zh: of.name_zh,
        stages: of.stages,
        heavy_at_least_percent: of.heavy_at_least_percent,
        fact: Fact { citation: of.citation, source: of.source, confidence: of.confidence },
    });
    Quota {
        id: e.id,
        name_en: e.name_en,
        name_zh: e.name_zh,
        stages: e.stages,
        period: e.period,
        counts_imported: e.counts_imported,
        published: e.published,
        excess: e.excess,
        penalty: e.penalty,
        fact: Fact { citation: e.citation, source: e.source, confidence: e.confidence },
        counts_secondary: e.counts_secondary,
        secondary_stages: e.secondary_stages,
        oxides: e.oxides,
        toll: e.toll.unwrap_or(Toll::Processor),
        carry_percent: e.carry_percent,
        cut_percent: e.cut_percent,
        reserve_percent: e.reserve_percent,
        slices_max: e.slices_max,
        alarms_percent: e.alarms_percent.unwrap_or_else(|| ALARMS.to_vec()),
        rules_fact,
        uses: uses.collect(),
        ore_types: ore_types.collect(),
    }
}

fn check(line: u32, e: &QuotaEntry, faults: &mut Vec<PackFault>) {
    let common = Common::embedded();
    let mut say = |field: &str, code: &'static str, message: String, accepted: &str| {
        faults.push(fault(DUTIES, line, field, code, message, accepted));
    };
    let range = |value: u32, most: u32| value > most;
    for (field, value, most) in [
        ("carry_percent", e.carry_percent, 100),
        ("reserve_percent", e.reserve_percent, 100),
        ("cut_percent", e.cut_percent.unwrap_or(0), CUT_MAX_PERCENT),
    ] {
        if range(value, most) {
            say(field, "out_of_range", format!("{value} % is too much"), &format!("0 to {most}"));
        }
    }
    if e.slices_max == Some(0) {
        say("slices_max", "out_of_range", "it is issued in no slice".to_owned(), "1 or more");
    }
    let alarms = e.alarms_percent.as_deref().unwrap_or(&[]);
    let rising = alarms.windows(2).all(|pair| pair[0] < pair[1]);
    if !rising || alarms.iter().any(|alarm| !(1..=100).contains(alarm)) {
        let message = format!("the alarms of `{}` do not rise from 1 to 100", e.id);
        say("alarms_percent", "out_of_range", message, "rising percentages, such as [80, 100]");
    }
    let stages = e.uses.iter().flat_map(|of| of.from.iter().chain(&of.to));
    let stages = stages.chain(&e.secondary_stages);
    for stage in stages.chain(e.ore_types.iter().flat_map(|of| &of.stages)) {
        if common.stage(stage).is_none() {
            let codes: Vec<&str> = common.stages.iter().map(|row| row.code.as_str()).collect();
            let accepted = format!("one of {}", codes.join(", "));
            say("use", "reference_unknown", format!("`{stage}` is not defined"), &accepted);
        }
    }
    for oxide in &e.oxides {
        if !common.oxides.iter().any(|row| row.formula == *oxide) {
            let formulas: Vec<&str> = common.oxides.iter().map(|o| o.formula.as_str()).collect();
            let accepted = format!("one of {}", formulas.join(", "));
            say("oxides", "reference_unknown", format!("`{oxide}` is not defined"), &accepted);
        }
    }
    for of in &e.uses {
        if of.from.is_empty() != (of.event == QuotaEnd::Extraction) || of.to.is_empty() {
            let message = format!("a use of `{}` does not say of what it is made", of.stage);
            let accepted = "from and to; of an extraction to alone";
            say("use", "use_wrong", message, accepted);
        }
    }
    let mut seen = BTreeSet::new();
    for of in &e.ore_types {
        if !seen.insert(of.id.as_str()) {
            say("ore_type", "id_twice", format!("`{}` stands twice", of.id), "each id once");
        }
        if of.heavy_at_least_percent.is_some_and(|percent| percent > 100) {
            let message = format!("no ore reaches the share of `{}`", of.id);
            say("ore_type", "out_of_range", message, "0 to 100");
        }
    }
    let known: BTreeSet<String> = e.stages.iter().cloned().collect();
    for of in &e.uses {
        refers(DUTIES, line, "use", &of.stage, &known, faults);
    }
    for stage in e.stages.iter().filter(|stage| !e.uses.iter().any(|of| of.stage == **stage)) {
        let message = format!("nothing uses the stage `{stage}` of `{}`", e.id);
        let accepted = "an entry [[quota.use]] for each of its stages";
        faults.push(fault(DUTIES, line, "use", "use_missing", message, accepted));
    }
    if e.rules_confidence.is_none() && !(e.rules_citation.is_empty() && e.rules_source.is_empty()) {
        let message = format!("the source of the rules of `{}` has no confidence", e.id);
        let accepted = "rules_confidence together with rules_source";
        faults.push(fault(DUTIES, line, "rules_confidence", "setting_wrong", message, accepted));
    }
}
