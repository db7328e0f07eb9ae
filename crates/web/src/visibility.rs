//! What a filer sees of material that passed through other parties' books: its own book only.
//!
//! **The rule.** An officer or analyst sees every book. A filer sees the lots that stand in its own
//! book: those it made, holds, drew from, sent or received. Where its material came from, or went
//! to, beyond that book is one line, "another party": the sum of content and share, without lot,
//! name, site, stage, state, use or country, and never more than one such line, so that not even
//! the number of others can be counted. Nothing else in an answer names them either: cycles, lots
//! not analysed and unexplained filings of others are left out, and of a finding that rests on two
//! parties' tellings the filer reads only what it filed itself. Every page and every API answer
//! goes through the functions here.
//!
//! To name a lot in a filing of one's own is not enough: stage, composition and mass of a lot that
//! another made are seen by whom its holder named as receiver ([`app::audience`], which also keeps them
//! out of the filer's own balance, stock and findings), and the origin and whereabouts of its content by
//! its maker alone, since they tell the whole of what was made.

use app::LedgerFinding;
use app::lineage::Lineage;
use app::views::{FilingView, LotView};
use insight::{Part, TraceAnswer};

use crate::visit::Sight;

/// What stands in the place of other parties in an answer.
pub(crate) const ANOTHER_PARTY: &str = "another party";

/// Whether every filing of a list is by one party; of a list that is cut, no.
fn all_by(own: &str, filings: &[FilingView], count: usize) -> bool {
    filings.len() == count && filings.iter().all(|filing| filing.filer == own)
}

/// Whether a filer may follow the content of a lot (given whole): the lot is its own work, or where
/// nobody made it, nobody else has told anything of it.
pub(crate) fn traceable(sight: &Sight, lot: &LotView) -> bool {
    let Sight::Own(own) = sight else { return true };
    if !lot.known {
        return false;
    }
    if lot.makers.is_empty() {
        usize::try_from(lot.draws_count).is_ok_and(|count| all_by(own, &lot.draws, count))
    } else {
        lot.makers.len() < LISTED && all_by(own, &lot.makers, lot.makers.len())
    }
}

/// Filings that a view lists at most: a list as long as this may be cut.
const LISTED: usize = 50;

/// A lot as far as it is seen.
pub(crate) fn lot_seen(sight: &Sight, mut lot: LotView) -> LotView {
    if *sight == Sight::All {
        return lot;
    }
    if !lot.known {
        lot.stage = String::new();
        lot.composition = Vec::new();
        lot.made_mass_mg = 0;
    }
    lot.makers.retain(|filing| sight.sees(&filing.filer));
    lot.draws.retain(|filing| sight.sees(&filing.filer));
    lot.draws_count = lot.draws.len() as u64;
    lot.places.retain(|place| sight.sees(&place.party));
    lot.books.retain(|party| sight.sees(party));
    if !sight.sees(&lot.party) {
        lot.party = ANOTHER_PARTY.to_owned();
        lot.site = String::new();
        lot.made_mass_mg = 0;
    }
    lot
}

/// An answer about a trace as far as it is seen.
pub(crate) fn trace_seen(sight: &Sight, mut answer: TraceAnswer) -> TraceAnswer {
    let Sight::Own(own) = sight else { return answer };
    let prefix = format!("unexplained:{own}/");
    let seen = |part: &Part| {
        if part.lot.starts_with("unexplained:") {
            part.lot.starts_with(&prefix)
        } else {
            part.party == *own
        }
    };
    let (mut parts, others): (Vec<Part>, Vec<Part>) = answer.parts.into_iter().partition(seen);
    if !others.is_empty() {
        let bounds = others.iter().all(|part| part.share_min.is_some());
        let least = others.iter().filter_map(|part| part.share_min).sum::<f64>();
        let greatest = others.iter().filter_map(|part| part.share_max).sum::<f64>();
        parts.push(Part {
            lot: ANOTHER_PARTY.into(),
            content_ug: others.iter().map(|part| part.content_ug).sum(),
            share: others.iter().map(|part| part.share).sum(),
            share_min: bounds.then_some(least),
            share_max: bounds.then_some(greatest.min(1.0)),
            ..Part::default()
        });
    }
    answer.unexplained_ug = parts
        .iter()
        .filter(|part| part.lot.starts_with("unexplained:"))
        .map(|part| part.content_ug)
        .sum();
    answer.parts = parts;
    answer.not_analysed = Vec::new();
    answer.cycles.retain(|filing| filing.starts_with(&format!("{own}/")));
    answer.edges_visited = 0;
    answer.micros = 0;
    answer
}

/// A picture of a lineage as far as it is seen: from the lot asked about through own lots; where
/// that leaves the book it ends in one node, "another party", for each layer; without a party where
/// lots that the picture merged are in it.
pub(crate) fn lineage_seen(sight: &Sight, view: Lineage) -> Lineage {
    let Sight::Own(own) = sight else { return view };
    let count = view.nodes.len();
    let own_node = |i: usize| view.nodes.get(i).is_some_and(|node| node.party == *own);
    let mut reached = vec![false; count];
    let mut todo: Vec<usize> =
        (0..count).filter(|&i| view.nodes[i].layer == 0 && view.nodes[i].more == 0).collect();
    let centre = todo.clone();
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut reached[at], true) || (!own_node(at) && !centre.contains(&at)) {
            continue;
        }
        for edge in &view.edges {
            if edge.from == at && edge.to < count {
                todo.push(edge.to);
            } else if edge.to == at && edge.from < count {
                todo.push(edge.from);
            }
        }
    }
    let mut place = vec![None; count];
    let mut seen = Lineage { nodes: Vec::new(), edges: Vec::new() };
    for (i, node) in view.nodes.iter().enumerate().filter(|(i, _)| reached[*i]) {
        if own_node(i) || centre.contains(&i) {
            place[i] = Some(seen.nodes.len());
            let mut node = node.clone();
            if !own_node(i) {
                node.party = ANOTHER_PARTY.to_owned();
            }
            seen.nodes.push(node);
            continue;
        }
        let merged =
            seen.nodes.iter().position(|other| other.layer == node.layer && other.id.is_empty());
        let at = merged.unwrap_or_else(|| {
            let mut blank = node.clone();
            blank.id = String::new();
            blank.stage = String::new();
            blank.party = ANOTHER_PARTY.to_owned();
            (blank.share, blank.content_ug, blank.more) = (0.0, 0, 0);
            seen.nodes.push(blank);
            seen.nodes.len() - 1
        });
        if node.more > 0 {
            // Among lots that the picture merges there may be own ones; how many is not told.
            seen.nodes[at].party = String::new();
        }
        seen.nodes[at].share += node.share;
        seen.nodes[at].content_ug += node.content_ug;
        place[i] = Some(at);
    }
    for edge in &view.edges {
        let ends = (place.get(edge.from).copied().flatten(), place.get(edge.to).copied().flatten());
        let (Some(from), Some(to)) = ends else { continue };
        if !own_node(edge.from) && !own_node(edge.to) {
            continue;
        }
        match seen.edges.iter_mut().find(|other| other.from == from && other.to == to) {
            Some(other) => other.content_ug += edge.content_ug,
            None => {
                let mut edge = *edge;
                (edge.from, edge.to) = (from, to);
                seen.edges.push(edge);
            }
        }
    }
    seen
}

/// Rules whose figures come from one party's filings alone.
const OWN_FIGURES: [&str; 31] = [
    "gain",
    "unexplained",
    "yield_out_of_band",
    "closure",
    "opening_late",
    "unaccounted",
    "unaccounted_throughput",
    "protracted_loss",
    "undeclared_lot",
    "party_unverified",
    "quota_exceeded",
    "quota_nearly_used",
    "export_without_licence",
    "export_declaration_missing",
    "licence_unknown",
    "licence_of_another",
    "licence_not_in_force",
    "licence_wrong_destination",
    "export_not_drawn_down",
    "draw_down_not_filed",
    "licence_wrong_line",
    "licence_wrong",
    "draw_down_differs",
    "duty_overdue",
    "report_unknown",
    "report_before_draw_down",
    "receipt_short",
    "receipt_beyond",
    "reimport_beyond",
    "installed_beyond",
    "report_unit",
];

/// Whether the figures of a finding come from one party's filings alone.
pub(crate) fn own_figures(rule: &str) -> bool {
    OWN_FIGURES.contains(&rule)
}

/// The findings as far as they are seen; nothing for one of another party.
pub(crate) fn finding_seen(sight: &Sight, finding: &LedgerFinding) -> Option<LedgerFinding> {
    let Sight::Own(own) = sight else { return Some(finding.clone()) };
    if finding.party != *own {
        return None;
    }
    let mut seen = finding.clone();
    seen.filings.retain(|filing| filing.starts_with(&format!("{own}/")));
    if !own_figures(seen.rule) {
        seen.expected = String::new();
        seen.observed = String::new();
        seen.explanation = String::new();
    }
    Some(seen)
}

/// A filing that names another filing of its chain: both are of the same filer, so both are seen.
pub(crate) fn filing_seen(sight: &Sight, filing: FilingView) -> Option<FilingView> {
    sight.sees(&filing.filer).then_some(filing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(lot: &str, party: &str, content_ug: i64, share: f64) -> Part {
        Part {
            lot: lot.into(),
            party: party.into(),
            stage: "concentrate".into(),
            content_ug,
            share,
            share_min: Some(share / 2.0),
            share_max: Some((share * 2.0).min(1.0)),
            ..Part::default()
        }
    }

    fn answer() -> TraceAnswer {
        TraceAnswer {
            lot: "MAG-1".into(),
            element: "Dy".into(),
            direction: insight::Direction::Back,
            as_of: None,
            known_at: None,
            content_ug: 100,
            to: "root".into(),
            parts: vec![
                part("ORE-B", "gad:mine-b", 46, 0.46),
                part("ORE-A", "gad:mine-a", 25, 0.25),
                part("SCRAP-7", "gad:mag-d", 19, 0.19),
                part("unexplained:gad:sep-c/S1", "", 10, 0.1),
            ],
            unexplained_ug: 10,
            not_analysed: vec!["SECRET".into()],
            cycles: vec!["gad:sep-c/S9".into(), "gad:mag-d/G1".into()],
            edges_visited: 99,
            micros: 5,
        }
    }

    #[test]
    fn a_filer_sees_others_as_one_line_and_the_parts_still_add_up() {
        let seen = trace_seen(&Sight::Own("gad:mag-d".into()), answer());
        assert_eq!(seen.parts.len(), 2);
        assert_eq!(seen.parts.iter().map(|part| part.content_ug).sum::<i64>(), 100);
        assert!((seen.parts.iter().map(|part| part.share).sum::<f64>() - 1.0).abs() < 1e-9);
        let json = serde_json::to_string(&seen).unwrap();
        for secret in ["ORE-", "mine-", "sep-c", "SECRET", "concentrate\",\"party\":\"gad:mine"] {
            assert!(!json.contains(secret), "`{secret}` in {json}");
        }
        assert_eq!(seen.unexplained_ug, 0);
        assert_eq!(seen.cycles, ["gad:mag-d/G1"]);
    }

    fn node(id: &str, layer: i32, party: &str, more: u64) -> app::lineage::LineageNode {
        app::lineage::LineageNode {
            id: id.into(),
            layer,
            party: party.into(),
            stage: "alloy".into(),
            share: 0.25,
            content_ug: 25,
            more,
        }
    }

    #[test]
    fn a_picture_ends_where_the_book_does_and_counts_nobody() {
        let edge = |from, to| app::lineage::LineageEdge { from, to, content_ug: 25 };
        let view = Lineage {
            nodes: vec![
                node("MAG", 0, "gad:own", 0),
                node("OWN", -1, "gad:own", 0),
                node("SECRET-1", -1, "gad:a", 0),
                node("SECRET-2", -1, "gad:b", 0),
                node("", -2, "", 7),
                node("SECRET-3", -2, "gad:a", 0),
            ],
            edges: vec![edge(1, 0), edge(2, 0), edge(3, 0), edge(4, 1), edge(5, 2)],
        };
        let seen = lineage_seen(&Sight::Own("gad:own".into()), view);
        let told: Vec<(&str, i32, &str, i64, u64)> = seen
            .nodes
            .iter()
            .map(|n| (n.id.as_str(), n.layer, n.party.as_str(), n.content_ug, n.more))
            .collect();
        assert_eq!(
            told,
            [
                ("MAG", 0, "gad:own", 25, 0),
                ("OWN", -1, "gad:own", 25, 0),
                ("", -1, ANOTHER_PARTY, 50, 0),
                ("", -2, "", 25, 0),
            ]
        );
        let edges: Vec<(usize, usize, i64)> =
            seen.edges.iter().map(|e| (e.from, e.to, e.content_ug)).collect();
        assert_eq!(edges, [(1, 0, 25), (2, 0, 50), (3, 1, 25)]);
    }

    fn filing(filer: &str, counterparty: &str) -> FilingView {
        FilingView {
            filer: filer.into(),
            reference: "F".into(),
            kind: "transfer",
            date: "2025-01-01".into(),
            site: String::new(),
            counterparty: counterparty.into(),
            live: true,
            corrects: None,
            corrected_by: None,
            recorded_at: String::new(),
            digest: String::new(),
            rows: 1,
            legs: Vec::new(),
        }
    }

    fn lot(makers: &[&str], draws: &[(&str, &str)]) -> LotView {
        LotView {
            id: "L".into(),
            stage: "alloy".into(),
            party: makers.first().copied().unwrap_or("").into(),
            site: "S".into(),
            state: "made",
            made_mass_mg: 7,
            composition: vec![("Dy".into(), 1)],
            makers: makers.iter().map(|maker| filing(maker, "")).collect(),
            draws_count: draws.len() as u64,
            draws: draws.iter().map(|draw| filing(draw.0, draw.1)).collect(),
            places: Vec::new(),
            known: true,
            books: Vec::new(),
        }
    }

    /// What `gad:own` sees: whether it may trace, and whether it reads stage and composition.
    fn check(lot: LotView, traces: bool, reads: bool) {
        let lot = LotView { known: reads, ..lot };
        let sight = Sight::Own("gad:own".into());
        assert_eq!(traceable(&sight, &lot), traces, "{lot:?}");
        let makers_own = lot.party == "gad:own";
        let seen = lot_seen(&sight, lot);
        assert_eq!((seen.stage.is_empty(), seen.composition.is_empty()), (!reads, !reads));
        assert_eq!(seen.made_mass_mg, if makers_own && reads { 7 } else { 0 });
        assert!(seen.makers.iter().chain(&seen.draws).all(|f| f.filer == "gad:own"));
    }

    #[test]
    fn naming_another_partys_lot_tells_nothing_of_it() {
        check(lot(&["gad:own"], &[("gad:other", "")]), true, true);
        check(lot(&["gad:other"], &[("gad:own", "gad:other")]), false, false);
        check(lot(&["gad:other"], &[("gad:other", "gad:own"), ("gad:own", "")]), false, true);
        check(lot(&["gad:own", "gad:other"], &[]), false, false);
        check(lot(&[], &[("gad:own", "")]), true, true);
        check(lot(&[], &[("gad:own", ""), ("gad:third", "")]), false, false);
    }

    #[test]
    fn the_authority_sees_the_answer_as_it_is() {
        assert_eq!(trace_seen(&Sight::All, answer()), answer());
    }
}
