//! Why a score is what it is: parts whose contributions sum to it.
//!
//! Words in common give the base, each in proportion to its weight. What the differences take is shared out
//! in proportion to what each costs: errors in a word to that word's own part, words without a partner to
//! parts of their own, and what belongs to no word to a part of calibration. Qualifiers give or take the
//! difference that they make to the score.

use std::ops::Range;

use crate::align::{Alignment, How, Pair};
use crate::answer::{Part, Relation};
use crate::asked::Asked;
use crate::index::{Index, ListedPart};
use crate::qualify::Said;
use crate::score::{
    CONTRADICTION, DIFFERENCES, Fit, MISSING_ASKED, MISSING_LISTED, Measured, NUMBER,
    NUMBER_MISSING, SHORT, SPELLING, WEAK, kept, logistic,
};
use crate::script::Script;
use crate::token::Kind;

/// What is explained.
pub(crate) struct Explained<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) listed: &'a [ListedPart],
    pub(crate) alignment: &'a Alignment,
    pub(crate) measured: &'a Measured,
    pub(crate) fit: &'a Fit,
    pub(crate) index: &'a Index,
}

impl Explained<'_> {
    /// The parts of a score, with qualifiers; `settled` is the identifier that decides.
    pub(crate) fn parts(&self, said: &[Said], settled: Option<String>) -> (f64, Vec<Part>) {
        let mut parts = Vec::new();
        let mut sum = self.fit.sum(self.measured);
        self.name_parts(logistic(self.fit.base), logistic(sum), &mut parts);
        for said in said {
            let before = logistic(sum);
            sum += said.move_by;
            parts.push(Part {
                query: None,
                listed: None,
                relation: said.relation,
                similarity: said.similarity,
                contribution: logistic(sum) - before,
                detail: said.detail.clone(),
            });
        }
        let mut score = logistic(sum);
        if let Some(detail) = settled {
            parts.push(Part {
                query: None,
                listed: None,
                relation: Relation::Identifier,
                similarity: 1.0,
                contribution: 1.0 - score,
                detail,
            });
            score = 1.0;
        }
        let rest = score - parts.iter().map(|p| p.contribution).sum::<f64>();
        match parts.iter_mut().find(|p| p.relation == Relation::Calibration) {
            Some(part) => part.contribution += rest,
            None if rest.abs() > 1e-12 => parts.push(calibration(rest)),
            None => {}
        }
        parts.sort_by_key(|p| {
            (
                p.query.is_none() && p.listed.is_none(),
                p.query.as_ref().map_or(usize::MAX, |q| q.start),
            )
        });
        (score, parts)
    }

    /// Shares `full` out among the words in common and `score - full` among the differences.
    fn name_parts(&self, full: f64, score: f64, parts: &mut Vec<Part>) {
        let cost = |difference: usize| {
            f64::from(self.fit.costs[difference] * self.measured.differences[difference])
        };
        let all_costs: f64 = (0..DIFFERENCES).map(cost).sum();
        let scale = if all_costs > 0.0 { (score - full) / all_costs } else { 0.0 };
        let weights: f32 = self.alignment.pairs.iter().map(|p| p.weight).sum();
        let lost: f32 = self.alignment.pairs.iter().map(|p| p.weight * (1.0 - kept(p))).sum();
        let mut spent = 0.0;
        for pair in &self.alignment.pairs {
            let mut contribution =
                if weights > 0.0 { full * f64::from(pair.weight / weights) } else { 0.0 };
            if lost > 0.0 {
                let share = f64::from(pair.weight * (1.0 - kept(pair)) / lost);
                let taken = share * scale * (cost(SPELLING) + cost(SHORT));
                contribution += taken;
                spent += taken;
            }
            parts.push(self.pair_part(pair, contribution));
        }
        spent += self.open_parts(scale, cost, parts);
        if self.measured.differences[WEAK] > 0.0 {
            spent += scale * cost(WEAK);
            parts.push(Part {
                query: None,
                listed: None,
                relation: Relation::WeakName,
                similarity: 1.0,
                contribution: scale * cost(WEAK),
                detail: String::new(),
            });
        }
        let paid = if weights > 0.0 { 0.0 } else { full };
        let rest = score - full - spent + paid;
        if rest.abs() > 1e-12 {
            parts.push(calibration(rest));
        }
    }

    /// Words without a partner; gives what they take together.
    fn open_parts(&self, scale: f64, cost: impl Fn(usize) -> f64, parts: &mut Vec<Part>) -> f64 {
        let open_asked: Vec<(Kind, f32, Range<usize>)> = self
            .alignment
            .taken_asked
            .iter()
            .zip(&self.asked.parts)
            .filter(|(taken, part)| !**taken && !matches!(part.kind, Kind::Legal(_)))
            .map(|(_, p)| (p.kind, p.weight, p.start as usize..p.end as usize))
            .collect();
        let open_listed: Vec<(Kind, f32, Range<usize>)> = self
            .alignment
            .taken_listed
            .iter()
            .zip(self.listed)
            .filter(|(taken, part)| !**taken && !matches!(part.kind, Kind::Legal(_)))
            .map(|(_, p)| (p.kind, p.weight, p.start as usize..p.end as usize))
            .collect();
        let sum = |open: &[(Kind, f32, Range<usize>)]| open.iter().map(|(_, w, _)| *w).sum::<f32>();
        let (asked, listed) = (sum(&open_asked), sum(&open_listed));
        let mut spent = 0.0;
        let numbers = cost(NUMBER) + cost(NUMBER_MISSING);
        let is_number = |kind: &Kind| matches!(kind, Kind::Number(_));
        let count = open_asked.iter().chain(&open_listed).filter(|o| is_number(&o.0)).count();
        let sides = [
            (open_asked, MISSING_LISTED, asked, listed),
            (open_listed, MISSING_ASKED, listed, asked),
        ];
        for (n, (open, missing, own, other)) in sides.into_iter().enumerate() {
            for (kind, weight, span) in open {
                let share = if own > 0.0 { f64::from(weight / own) } else { 0.0 };
                let mut taken = share * scale * (cost(missing) + 0.5 * cost(CONTRADICTION));
                if is_number(&kind) {
                    taken += scale * numbers / count as f64;
                }
                let against = other > 0.3 * own && kind != Kind::Particle
                    || (is_number(&kind) && cost(NUMBER) > 0.0);
                let relation = if against { Relation::Contradiction } else { Relation::Missing };
                let (query, listed) = if n == 0 { (Some(span), None) } else { (None, Some(span)) };
                spent += taken;
                parts.push(Part {
                    query,
                    listed,
                    relation,
                    similarity: 0.0,
                    contribution: taken,
                    detail: String::new(),
                });
            }
        }
        spent
    }

    fn pair_part(&self, pair: &Pair, contribution: f64) -> Part {
        let asked = &self.asked.parts[usize::from(pair.asked.0)..usize::from(pair.asked.1)];
        let listed = &self.listed[usize::from(pair.listed.0)..usize::from(pair.listed.1)];
        let span = |from: Option<u32>, to: Option<u32>| {
            from.zip(to).map(|(from, to)| from.min(to) as usize..from.max(to) as usize)
        };
        let query = span(asked.iter().map(|p| p.start).min(), asked.iter().map(|p| p.end).max());
        let on_list =
            span(listed.iter().map(|p| p.start).min(), listed.iter().map(|p| p.end).max());
        let lookalikes = asked.iter().any(|p| p.lookalikes);
        Part {
            query,
            listed: on_list,
            relation: self.relation(pair),
            similarity: f64::from(pair.likeness),
            contribution,
            detail: if lookalikes { "homoglyph".to_owned() } else { String::new() },
        }
    }

    fn relation(&self, pair: &Pair) -> Relation {
        match pair.how {
            How::Initial | How::Acronym => return Relation::Initial,
            How::Legal => return Relation::LegalForm,
            How::Joined => return Relation::Joined,
            How::Number => return Relation::Equal,
            How::Word => {}
        }
        let asked = &self.asked.parts[usize::from(pair.asked.0)];
        let listed = &self.listed[usize::from(pair.listed.0)];
        if asked.known == listed.word && pair.likeness >= 1.0 {
            let place = |pairs: &[Pair], key: fn(&Pair) -> u8| {
                pairs.iter().filter(|p| p.how == How::Word && key(p) < key(pair)).count()
            };
            let moved = place(&self.alignment.pairs, |p| p.asked.0)
                != place(&self.alignment.pairs, |p| p.listed.0);
            return if moved { Relation::Order } else { Relation::Equal };
        }
        let same_script = self.index.dictionary.script(listed.word) == asked.script;
        let form = self.index.dictionary.forms_of(listed.word).next();
        if !same_script && asked.script != Script::Digits {
            return Relation::Transliteration;
        }
        let sounds_same =
            form.is_some_and(|f| asked.word.forms.iter().any(|a| a.sounds == f.sounds));
        let letters_same = form.is_some_and(|f| asked.text() == f.text);
        match (letters_same, sounds_same) {
            (true, _) => Relation::Equal,
            (false, true) => Relation::Transliteration,
            (false, false) if self.heard(asked, listed) => Relation::Phonetic,
            (false, false) => Relation::Spelling,
        }
    }

    /// Whether two words have a key of their sounds in common.
    fn heard(&self, asked: &crate::asked::AskedPart, listed: &ListedPart) -> bool {
        let keys: Vec<u64> = asked.word.forms.iter().flat_map(|f| f.keys()).collect();
        let mut others = self.index.dictionary.forms_of(listed.word);
        others.any(|f| crate::sound::keys(f.text, f.sounds).any(|key| keys.contains(&key)))
    }
}

fn calibration(contribution: f64) -> Part {
    Part {
        query: None,
        listed: None,
        relation: Relation::Calibration,
        similarity: 1.0,
        contribution,
        detail: String::new(),
    }
}
