//! The answers of the API that are not answers of the command line: parties, lots, filings,
//! findings, hits.
//!
//! Masses are exact decimal texts in kilograms, contents whole micrograms, days ISO 8601, instants
//! RFC 3339. What is not there is null, never left out.

use std::collections::BTreeMap;

use app::LedgerFinding;
use app::views::{FilingView, LotView, MonthCount, PartyView, SearchHit, Totals};
use serde::Serialize;
use tracking::Column;
use utoipa::ToSchema;

use crate::ledger::severity_code;
use crate::show::{mass_plain, percent_plain};

/// Who is asking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Key of the account.
    pub(crate) account: String,
    /// Name in Latin letters.
    pub(crate) name: String,
    /// Name as the person writes it; empty where it is the same.
    pub(crate) local_name: String,
    /// Key of the account that it covers during a leave; null where it acts for itself.
    pub(crate) acting_for: Option<String>,
    /// `filer`, `party_manager`, `officer`, `supervisor`, `analyst` or `operator`.
    pub(crate) role: &'static str,
    /// The party whose book the account works in; null for the authority's people.
    pub(crate) party: Option<String>,
    /// What the token may do: `read` or `read_and_file`; null for a session of the pages.
    pub(crate) scope: Option<&'static str>,
}

/// Filings of a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Month {
    /// The month as `YYYY-MM`.
    month: String,
    /// Live filings dated in it.
    filings: u64,
}

/// The size of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalsAnswer {
    /// Lots.
    lots: u64,
    /// Filings, corrected ones included.
    filings: u64,
    /// Rows.
    rows: u64,
    /// Parties.
    parties: u64,
    /// Sites.
    sites: u64,
    /// First business date.
    first_date: Option<String>,
    /// Last business date.
    last_date: Option<String>,
    /// Live filings by month of their business date.
    months: Vec<Month>,
}

impl TotalsAnswer {
    pub(crate) fn new(totals: Totals, months: &[MonthCount]) -> TotalsAnswer {
        let month = |m: &MonthCount| Month {
            month: format!("{:04}-{:02}", m.year, m.month),
            filings: m.filings,
        };
        TotalsAnswer {
            lots: totals.lots,
            filings: totals.filings,
            rows: totals.rows,
            parties: totals.parties,
            sites: totals.sites,
            first_date: totals.first_date,
            last_date: totals.last_date,
            months: months.iter().map(month).collect(),
        }
    }
}

/// A leg of a filing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LegAnswer {
    /// `in`, `out`, `loss`, `part`, `moved` or `counted`.
    role: &'static str,
    /// Lot; null where it concerns none.
    lot: Option<String>,
    /// Stage code.
    stage: Option<String>,
    /// Mass in kilograms.
    mass_kg: String,
}

/// A filing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilingAnswer {
    /// Who filed.
    filer: String,
    /// The filer's reference.
    filing: String,
    /// Kind.
    kind: &'static str,
    /// Business date.
    date: String,
    /// Site.
    site: Option<String>,
    /// The other party, by identifier or in words.
    counterparty: Option<String>,
    /// Whether it has not been replaced.
    live: bool,
    /// The reference that it replaces.
    corrects: Option<String>,
    /// The reference that replaced it.
    corrected_by: Option<String>,
    /// When it was recorded.
    recorded_at: String,
    /// First half of the SHA-256 of its rows, in hexadecimal.
    digest: String,
    /// How many rows it has.
    rows: u32,
    /// What it does, leg by leg; at most 200 of each of its movements.
    legs: Vec<LegAnswer>,
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl From<FilingView> for FilingAnswer {
    fn from(view: FilingView) -> FilingAnswer {
        let legs = view.legs.into_iter().map(|leg| LegAnswer {
            role: leg.role,
            lot: some(leg.lot),
            stage: some(leg.stage),
            mass_kg: mass_plain(leg.mass_mg),
        });
        FilingAnswer {
            filer: view.filer,
            filing: view.reference,
            kind: view.kind,
            date: view.date,
            site: some(view.site),
            counterparty: some(view.counterparty),
            live: view.live,
            corrects: view.corrects,
            corrected_by: view.corrected_by,
            recorded_at: view.recorded_at,
            digest: view.digest,
            rows: view.rows,
            legs: legs.collect(),
        }
    }
}

/// A filing with its rows as filed and its chain of corrections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilingWhole {
    #[serde(flatten)]
    filing: FilingAnswer,
    /// The references of the chain of corrections that it stands in, the first filed first.
    chain: Vec<String>,
    /// The rows as filed: text by column, columns left empty left out.
    as_filed: Vec<BTreeMap<&'static str, String>>,
}

impl FilingWhole {
    pub(crate) fn new(
        view: FilingView,
        chain: &[FilingView],
        rows: Vec<Vec<(Column, String)>>,
    ) -> FilingWhole {
        let row = |row: Vec<(Column, String)>| {
            row.into_iter().map(|(column, text)| (column.name(), text)).collect()
        };
        FilingWhole {
            filing: view.into(),
            chain: chain.iter().map(|step| step.reference.clone()).collect(),
            as_filed: rows.into_iter().map(row).collect(),
        }
    }
}

/// A site of a party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteAnswer {
    /// Code, unique per party.
    code: String,
    /// Lots in stock.
    lots: u64,
    /// Mass in stock in kilograms.
    mass_kg: String,
}

/// A lot in stock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockAnswer {
    /// Site.
    site: String,
    /// Lot.
    lot: String,
    /// Stage code.
    stage: Option<String>,
    /// Mass in stock in kilograms.
    mass_kg: String,
}

/// A party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartyAnswer {
    /// Identifier as filed, `scheme:value`.
    id: String,
    /// Whether a register has confirmed it.
    verified: bool,
    /// How many filings it has made.
    filings: u64,
    /// First business date.
    first_date: Option<String>,
    /// Last business date.
    last_date: Option<String>,
    /// Its sites by code.
    sites: Vec<SiteAnswer>,
    /// Lots in stock, the greatest first; at most fifty.
    stock: Vec<StockAnswer>,
    /// Its latest filings, newest first; at most fifty.
    recent: Vec<FilingAnswer>,
}

impl From<PartyView> for PartyAnswer {
    fn from(view: PartyView) -> PartyAnswer {
        let sites = view.sites.into_iter().map(|site| SiteAnswer {
            code: site.code,
            lots: site.lots,
            mass_kg: mass_plain(site.mass_mg),
        });
        let stock = view.stock.into_iter().map(|row| StockAnswer {
            site: row.site,
            lot: row.lot,
            stage: some(row.stage),
            mass_kg: mass_plain(row.mass_mg),
        });
        PartyAnswer {
            id: view.id,
            verified: view.verified,
            filings: view.filings,
            first_date: view.first_date,
            last_date: view.last_date,
            sites: sites.collect(),
            stock: stock.collect(),
            recent: view.recent.into_iter().map(FilingAnswer::from).collect(),
        }
    }
}

/// What a lot holds of an element.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Analysed {
    /// Symbol.
    element: String,
    /// Per cent by mass of the contained element.
    percent: String,
}

/// Where some of a lot stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceAnswer {
    /// `stock`, `transit`, `used`, `exported` or `lost`.
    state: &'static str,
    /// Holder, or sender of what is in transit.
    party: Option<String>,
    /// Site.
    site: Option<String>,
    /// Receiver or customer.
    to_party: Option<String>,
    /// Mass in kilograms; negative where more was taken than held.
    mass_kg: String,
}

/// A lot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LotAnswer {
    /// Lot id.
    id: String,
    /// Stage code.
    stage: Option<String>,
    /// Who made it; null where nobody did.
    party: Option<String>,
    /// Where it was made.
    site: Option<String>,
    /// `made`, or `undeclared` where no live filing makes it.
    state: &'static str,
    /// Mass with which it was made, in kilograms; null where it is not known or not seen.
    made_mass_kg: Option<String>,
    /// Composition of each analysed element.
    composition: Vec<Analysed>,
    /// The filings that made it.
    makers: Vec<FilingAnswer>,
    /// The filings that drew on it, moved or counted it; the first fifty by date.
    draws: Vec<FilingAnswer>,
    /// How many those are altogether.
    draws_count: u64,
    /// Where it stands.
    places: Vec<PlaceAnswer>,
}

impl From<LotView> for LotAnswer {
    fn from(view: LotView) -> LotAnswer {
        let places = view.places.into_iter().map(|place| PlaceAnswer {
            state: place.state,
            party: some(place.party),
            site: some(place.site),
            to_party: some(place.to_party),
            mass_kg: mass_plain(place.mass_mg),
        });
        let composition = view
            .composition
            .into_iter()
            .map(|(element, ppb)| Analysed { element, percent: percent_plain(ppb) });
        LotAnswer {
            id: view.id,
            stage: some(view.stage),
            party: some(view.party),
            site: some(view.site),
            state: view.state,
            made_mass_kg: (view.made_mass_mg > 0).then(|| mass_plain(view.made_mass_mg)),
            composition: composition.collect(),
            makers: view.makers.into_iter().map(FilingAnswer::from).collect(),
            draws: view.draws.into_iter().map(FilingAnswer::from).collect(),
            draws_count: view.draws_count,
            places: places.collect(),
        }
    }
}

/// A contradiction or anomaly of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingAnswer {
    /// Stable code of the rule.
    rule: &'static str,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// Party that it concerns.
    party: String,
    /// Site.
    site: Option<String>,
    /// Lots.
    lots: Vec<String>,
    /// Filings as `filer/filing`; the first is the one to look at.
    filings: Vec<String>,
    /// Element, where it is about one.
    element: Option<String>,
    /// What was expected; null where that would tell another party's figures.
    expected: Option<String>,
    /// What is stated; null where that would tell another party's figures.
    observed: Option<String>,
    /// One sentence; null where that would tell another party's figures.
    explanation: Option<String>,
    /// How far it is from what was expected, 0 to 1; null where that would tell another party's
    /// figures.
    score: Option<f64>,
}

impl From<LedgerFinding> for FindingAnswer {
    fn from(finding: LedgerFinding) -> FindingAnswer {
        FindingAnswer {
            score: (!finding.explanation.is_empty()).then(|| finding.score.value()),
            rule: finding.rule,
            severity: severity_code(finding.severity),
            party: finding.party,
            site: some(finding.site),
            lots: finding.lots,
            filings: finding.filings,
            element: some(finding.element),
            expected: some(finding.expected),
            observed: some(finding.observed),
            explanation: some(finding.explanation),
        }
    }
}

/// Findings, page by page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingsAnswer {
    /// How many there are on all pages together.
    pub(crate) total: u64,
    /// The findings of this page, the most serious first.
    pub(crate) rows: Vec<FindingAnswer>,
    /// Give it as `cursor` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// A hit of the search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitAnswer {
    /// `party`, `lot` or `filing`.
    kind: &'static str,
    /// Its id; of a filing `filer/filing`.
    id: String,
    /// Stage of a lot; kind and date of a filing.
    detail: Option<String>,
    /// Where the API has it.
    pub(crate) href: String,
}

impl HitAnswer {
    pub(crate) fn new(hit: SearchHit, href: String) -> HitAnswer {
        HitAnswer { kind: hit.kind, id: hit.id, detail: some(hit.detail), href }
    }
}

/// The hits of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// Parties, lots and filings; of each exact hits first.
    pub(crate) rows: Vec<HitAnswer>,
    /// Whether there may be more than `limit`: search for more characters then.
    pub(crate) more: bool,
}
