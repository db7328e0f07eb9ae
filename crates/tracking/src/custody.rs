//! Contradictions about one lot: what its filings say of who held it.
//!
//! A filing is never refused for what it says about the material; the authority wants to see the
//! contradiction. Masses alone are compared here: custody is of the material, not of an element.

use base::flow::Role;
use base::kind::Kind;

/// One leg that concerns the lot, live in the view asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// Kind of its filing.
    pub kind: Kind,
    /// What it does to the lot.
    pub role: Role,
    /// Business date, packed.
    pub date: i32,
    /// The filing, for naming it.
    pub filing: u32,
    /// Who filed.
    pub filer: u32,
    /// Where.
    pub site: u32,
    /// The other party.
    pub other: u32,
    /// Net mass in mg.
    pub mass_mg: i64,
}

/// A rule about a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LotRule {
    /// Drawn or moved, and never made.
    Undeclared,
    /// Made by more than one filing.
    MadeTwice,
    /// Drawn before the day of a making, or moved before that of the first.
    BeforeMade,
    /// More taken out of it than was made.
    Overdrawn,
    /// Taken by somebody who does not hold that much of it.
    DrawnWithoutCustody,
    /// Sent, and not received.
    MissingReceipt,
    /// Received, and not sent.
    ReceiptWithoutTransfer,
    /// Sent and received with another mass.
    MassDiffers,
}

impl LotRule {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Undeclared => "undeclared_lot",
            Self::MadeTwice => "lot_made_twice",
            Self::BeforeMade => "before_made",
            Self::Overdrawn => "overdrawn",
            Self::DrawnWithoutCustody => "drawn_without_custody",
            Self::MissingReceipt => "missing_receipt",
            Self::ReceiptWithoutTransfer => "receipt_without_transfer",
            Self::MassDiffers => "mass_differs",
        }
    }
}

/// A contradiction about a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotFinding {
    /// The rule.
    pub rule: LotRule,
    /// The filings that it is about; the first is the one to look at.
    pub filings: Vec<u32>,
    /// Whom it concerns.
    pub party: u32,
    /// Where.
    pub site: u32,
    /// What was expected, mg.
    pub expected_mg: i128,
    /// What is stated, mg.
    pub observed_mg: i128,
    /// Of [`LotRule::BeforeMade`]: the day on which it was made and that of the draw, packed.
    pub days: Option<(i32, i32)>,
}

/// Receipts may differ from dispatches by this part of the mass, in ppm, before it is a finding:
/// two weighings of 0.3 % each at three standard deviations, rounded.
pub const WEIGHING_PPM: i128 = 10_000;

/// No site or party.
pub const NOBODY: u32 = u32::MAX;

/// The contradictions about a lot; `touches` are all its live legs in the order of their filings: by
/// date, then by name, so that a finding names the same filings whatever came first.
#[must_use]
pub fn lot_findings(touches: &[Touch]) -> Vec<LotFinding> {
    let mut findings = Vec::new();
    let makings: Vec<&Touch> = touches.iter().filter(|t| t.role == Role::Made).collect();
    let moves: Vec<&Touch> = touches.iter().filter(|t| takes_or_moves(t)).collect();
    let made: i128 = makings.iter().map(|t| i128::from(t.mass_mg)).sum();
    let Some(first_made) = makings.iter().map(|t| t.date).min() else {
        if let Some(first) = moves.first() {
            findings.push(finding(LotRule::Undeclared, first, moves.iter().copied(), 0, 0));
        }
        return findings;
    };
    let last_made = makings.iter().map(|t| t.date).max().unwrap_or(first_made);
    let mut making_filings: Vec<&Touch> = makings.clone();
    making_filings.dedup_by_key(|t| t.filing);
    if makings.len() > 1
        && let Some(last) = making_filings.last()
    {
        let observed = makings.len() as i128;
        findings.push(finding(
            LotRule::MadeTwice,
            last,
            making_filings.iter().rev().copied(),
            1,
            observed,
        ));
    }
    // What is drawn is traced to every making of the lot, so each must be there; a lot that moves need
    // only have begun.
    let made_by = |t: &Touch| if t.role.draws() { last_made } else { first_made };
    let mut early: Vec<&Touch> =
        moves.iter().copied().filter(|t| t.date < made_by(t) && t.kind != Kind::Title).collect();
    early.dedup_by_key(|t| t.filing);
    for early in early {
        let days = Some((made_by(early), early.date));
        findings.push(LotFinding { days, ..finding(LotRule::BeforeMade, early, [early], 0, 0) });
    }
    let out: i128 = moves.iter().map(|t| taken_out(t)).sum();
    if out > made
        && let Some(last) = moves.iter().rev().find(|t| taken_out(t) > 0)
    {
        let takers = moves.iter().copied().filter(|t| taken_out(t) > 0);
        findings.push(finding(LotRule::Overdrawn, last, takers, made, out));
    }
    custody(&makings, &moves, out > made, &mut findings);
    transit(&makings, &moves, &mut findings);
    findings
}

fn finding<'t>(
    rule: LotRule,
    about: &Touch,
    filings: impl IntoIterator<Item = &'t Touch>,
    expected_mg: i128,
    observed_mg: i128,
) -> LotFinding {
    let mut named = vec![about.filing];
    for touch in filings {
        if !named.contains(&touch.filing) {
            named.push(touch.filing);
        }
    }
    LotFinding {
        rule,
        filings: named,
        party: about.filer,
        site: about.site,
        expected_mg,
        observed_mg,
        days: None,
    }
}

fn takes_or_moves(touch: &Touch) -> bool {
    touch.role.draws() || touch.role == Role::Moved
}

/// Mass that leaves the lot for good: drawn, exported, used, lost; a re-import comes back.
fn taken_out(touch: &Touch) -> i128 {
    let mass = i128::from(touch.mass_mg);
    match (touch.role, touch.kind) {
        (Role::Take, Kind::Import) => 0,
        (Role::In | Role::Take, _) => mass,
        (Role::Moved, Kind::Export | Kind::Use | Kind::Loss) => mass,
        (Role::Moved, Kind::Reimport) => -mass,
        _ => 0,
    }
}

/// What a leg adds to the holding at its site.
fn held(touch: &Touch) -> i128 {
    let mass = i128::from(touch.mass_mg);
    match (touch.role, touch.kind) {
        (Role::Made, Kind::Transfer | Kind::Export | Kind::Use | Kind::Loss) => 0,
        (Role::Made, _) => mass,
        (Role::Take, Kind::Import) => 0,
        (Role::In | Role::Take, _) => -mass,
        (Role::Moved, Kind::Receipt | Kind::Reimport) => mass,
        (Role::Moved, Kind::Transfer | Kind::Export | Kind::Use | Kind::Loss) => -mass,
        _ => 0,
    }
}

/// Holdings below zero, site by site.
fn custody(makings: &[&Touch], moves: &[&Touch], overdrawn: bool, to: &mut Vec<LotFinding>) {
    let mut sites: Vec<u32> = moves.iter().map(|t| t.site).collect();
    sites.sort_unstable();
    sites.dedup();
    for site in sites {
        let here = |t: &&&Touch| t.site == site;
        let all = || makings.iter().filter(here).chain(moves.iter().filter(here));
        let came: i128 = all().map(|t| held(t).max(0)).sum();
        let went: i128 = all().map(|t| (-held(t)).max(0)).sum();
        // A holder that had it and drew too much is the overdraft itself.
        if went <= came || (overdrawn && came > 0) {
            continue;
        }
        let takers: Vec<&Touch> =
            moves.iter().copied().filter(|t| t.site == site && held(t) < 0).collect();
        if let Some(first) = takers.first() {
            let rule = LotRule::DrawnWithoutCustody;
            to.push(finding(rule, first, takers.iter().copied(), came, went));
        }
    }
}

/// What was sent against what was received, by sender and receiver.
fn transit(makings: &[&Touch], moves: &[&Touch], to: &mut Vec<LotFinding>) {
    let sends = |t: &&&Touch| t.kind == Kind::Transfer && t.role != Role::Take;
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let key = |t: &Touch| {
        let other = if t.other == NOBODY { t.filer } else { t.other };
        if t.kind == Kind::Receipt { (other, t.filer) } else { (t.filer, other) }
    };
    let all = || makings.iter().filter(sends).chain(moves.iter().filter(sends));
    let receipts = || moves.iter().filter(|t| t.kind == Kind::Receipt);
    pairs.extend(all().chain(receipts()).map(|t| key(t)));
    pairs.sort_unstable();
    pairs.dedup();
    for pair in pairs {
        let sent: Vec<&Touch> = all().filter(|t| key(t) == pair).copied().collect();
        let received: Vec<&Touch> = receipts().filter(|t| key(t) == pair).copied().collect();
        let sum = |of: &[&Touch]| -> i128 { of.iter().map(|t| i128::from(t.mass_mg)).sum() };
        let (out, back) = (sum(&sent), sum(&received));
        let rule = match (sent.last(), received.last()) {
            (Some(_), None) => LotRule::MissingReceipt,
            (None, Some(_)) => LotRule::ReceiptWithoutTransfer,
            _ if (out - back).abs() * 1_000_000 > out * WEIGHING_PPM => LotRule::MassDiffers,
            _ => continue,
        };
        if let Some(about) = received.last().or(sent.last()) {
            let both = sent.iter().chain(&received).copied();
            to.push(finding(rule, about, both, out, back));
        }
    }
}
