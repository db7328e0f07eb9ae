//! Names with their parts marked, and why they were found alike, in sentences.

use std::ops::Range;

use screening::{Match, Part, Relation};

use crate::text::Text;

/// A piece of a name: its text, and how it is marked (`same`, `alike`, `only`, `other`, or not).
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) mark: &'static str,
}

/// One reason for a score.
pub(crate) struct Reason {
    pub(crate) words: String,
    /// What it adds or takes, in hundredths.
    pub(crate) points: String,
    pub(crate) against: bool,
}

fn mark_of(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal | Relation::Order | Relation::Joined => "same",
        Relation::Missing => "only",
        Relation::Contradiction => "other",
        _ => "alike",
    }
}

/// The stable code of a relation.
pub(crate) fn code_of(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "equal",
        Relation::Spelling => "spelling",
        Relation::Transliteration => "transliteration",
        Relation::Initial => "initial",
        Relation::Order => "order",
        Relation::LegalForm => "legal_form",
        Relation::Phonetic => "phonetic",
        Relation::Joined => "joined",
        Relation::Missing => "missing",
        Relation::Contradiction => "contradiction",
        Relation::Identifier => "identifier",
        Relation::Country => "country",
        Relation::BirthYear => "birth_year",
        Relation::WeakName => "weak_name",
        Relation::Calibration => "calibration",
    }
}

/// A name cut into pieces; a span that is none of it is passed over.
pub(crate) fn pieces(name: &str, spans: &[(Range<usize>, Relation)]) -> Vec<Piece> {
    let mut spans: Vec<&(Range<usize>, Relation)> = spans
        .iter()
        .filter(|(span, _)| !span.is_empty() && name.get(span.clone()).is_some())
        .collect();
    spans.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut found, mut at) = (Vec::new(), 0);
    let mut add = |range: Range<usize>, mark| {
        if let Some(text) = name.get(range).filter(|text| !text.is_empty()) {
            found.push(Piece { text: text.to_owned(), mark });
        }
    };
    for (span, relation) in spans {
        if span.start < at {
            continue;
        }
        add(at..span.start, "");
        add(span.clone(), mark_of(*relation));
        at = span.end;
    }
    add(at..name.len(), "");
    found
}

/// The name that was screened and the listed name that it hit, with their parts marked.
pub(crate) fn names(found: &Match, query_name: &str) -> (Vec<Piece>, Vec<Piece>) {
    let of = |side: fn(&Part) -> Option<Range<usize>>| {
        let parts = found.parts.iter();
        parts.filter_map(|part| Some((side(part)?, part.relation))).collect::<Vec<_>>()
    };
    let ours = of(|part| part.query.clone());
    let theirs = of(|part| part.listed.clone());
    (pieces(query_name, &ours), pieces(&found.matched_name, &theirs))
}

fn sentence(t: &Text, found: &Match, query_name: &str, part: &Part) -> String {
    let cut = |name: &str, span: &Option<Range<usize>>| {
        span.clone().and_then(|span| name.get(span)).map(str::to_owned)
    };
    let ours = cut(query_name, &part.query);
    let theirs = cut(&found.matched_name, &part.listed);
    let code = code_of(part.relation);
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => t.two(&format!("hit-pair-{code}"), ours, theirs),
        (Some(ours), None) => t.one("hit-only-ours", ours),
        (None, Some(theirs)) => t.one("hit-only-theirs", theirs),
        (None, None) if part.detail.is_empty() => t.code("hit-about", code, code),
        (None, None) => t.two("hit-about-detail", t.code("hit-about", code, code), &part.detail),
    }
}

/// Why a match was found, what weighs the most first.
pub(crate) fn reasons(t: &Text, found: &Match, query_name: &str) -> Vec<Reason> {
    let mut parts: Vec<&Part> = found.parts.iter().collect();
    parts.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let reason = |part: &Part| {
        let points = (part.contribution * 100.0).round();
        let sign = if points < 0.0 { "\u{2212}" } else { "+" };
        Reason {
            words: sentence(t, found, query_name, part),
            points: format!("{sign}{:.0}", points.abs()),
            against: points < 0.0,
        }
    };
    parts.into_iter().map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_its_parts_are_and_nowhere_within_a_letter() {
        let cut = |name: &str, spans: &[(Range<usize>, Relation)]| -> String {
            let found = pieces(name, spans);
            found.iter().map(|piece| format!("[{}|{}]", piece.text, piece.mark)).collect()
        };
        let spelling = Relation::Spelling;
        assert_eq!(
            cut("Ada Lo", &[(4..6, spelling), (0..3, Relation::Equal)]),
            "[Ada|same][ |][Lo|alike]"
        );
        assert_eq!(cut("Ада", &[(1..4, spelling)]), "[Ада|]");
        assert_eq!(
            cut("abc", &[(0..2, spelling), (1..3, spelling), (2..99, spelling)]),
            "[ab|alike][c|]"
        );
        assert_eq!(cut("", &[(0..0, spelling)]), "");
    }
}
