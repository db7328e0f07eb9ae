//! The rules of the procedure of a pack, as the licensing of cases takes them: `licensing.toml`, with the
//! kinds of licences, documents and changes of the regime as plain values.

use controls::regime::{ChangeKind, LicenceKind, Situation};
use controls::{PackFault, PackFiles, Regime};
use licensing::certificate::ASKS;
use licensing::rules::{ChangeRule, DocumentRule, TypeKind, TypeRule};
use licensing::{Known, Rules, rules_read};

use crate::certificates::rule_common;
use crate::packs::file_carried;

const FILE: &str = "licensing.toml";

/// Reads the rules of the procedure; a pack without them has its kinds of licences and no more, and says so.
pub(super) fn rules(
    id: &str,
    files: &PackFiles,
    regime: &Regime,
    faults: &mut Vec<PackFault>,
) -> Rules {
    let text = files.text(FILE).unwrap_or_default();
    if files.text(FILE).is_none() {
        faults.push(PackFault {
            file: FILE.to_owned(),
            line: 0,
            field: String::new(),
            code: "file_missing",
            message: "the rules of the procedure are missing".to_owned(),
            accepted: "a file licensing.toml".to_owned(),
        });
    }
    let uses = uses();
    let gaps: Vec<&str> = licensing::completeness::CODES.iter().map(|row| row.0).collect();
    let known = Known {
        pack: id,
        licence_types: regime.licence_types.iter().map(|kind| type_rule(regime, kind)).collect(),
        changes: regime.changes.iter().map(change_rule).collect(),
        uses: &uses,
        gaps: &gaps,
        asks: &ASKS,
    };
    let (mut rules, found) = rules_read(text, &known);
    faults.extend(found.into_iter().map(|fault| PackFault {
        file: FILE.to_owned(),
        line: fault.line,
        field: fault.field,
        code: fault.code,
        message: fault.message,
        accepted: fault.accepted,
    }));
    // Where the pack says nothing of certificates, what all packs share.
    if rules.certificate.citation.is_empty() {
        rules.certificate = rule_common();
    }
    rules
}

/// Codes of end uses: the first column of the table that all packs share.
fn uses() -> Vec<String> {
    let text = file_carried("common", "uses.csv").unwrap_or_default();
    let codes = text.lines().skip(1).filter_map(|line| line.split_once(','));
    codes.map(|(code, _)| code.to_owned()).collect()
}

fn type_rule(regime: &Regime, kind: &controls::regime::LicenceType) -> TypeRule {
    // What is asked in each situation of an application; what belongs to customs is asked there.
    let asked = [Situation::Always, Situation::WatchList, Situation::Practice];
    let documents = regime.documents_for(&kind.id, &asked);
    TypeRule {
        id: kind.id.clone(),
        name_en: kind.name_en.clone(),
        name_zh: kind.name_zh.clone(),
        kind: match kind.kind {
            LicenceKind::Licence => TypeKind::Licence,
            LicenceKind::Registration => TypeKind::Registration,
            LicenceKind::Exemption | LicenceKind::OutOfScope => TypeKind::None,
        },
        max_validity: kind.max_validity,
        max_exports: kind.max_exports,
        max_end_users: kind.max_end_users,
        lapses_when_completed: kind.lapses_when_completed,
        requires: kind.requires.clone(),
        barred_if: kind.barred_if.clone(),
        grounds: kind.grounds.clone(),
        falls_back_to: kind.falls_back_to.clone(),
        documents: documents
            .into_iter()
            .map(|document| DocumentRule {
                number: document.no.to_string(),
                name: document.document.clone(),
                provided_by: document.provided_by.clone(),
                only_watch_listed: document.situation == Situation::WatchList,
                only_practice: document.situation == Situation::Practice,
                citation: document.fact.citation.clone(),
            })
            .collect(),
    }
}

fn change_rule(change: &controls::regime::Change) -> ChangeRule {
    ChangeRule {
        element: change.id.clone(),
        key: change.kind == ChangeKind::Key,
        effect: change.effect.clone(),
        citation: change.fact.citation.clone(),
    }
}
