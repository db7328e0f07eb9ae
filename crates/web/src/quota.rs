//! Quotas, duties and the tie to licences as the pages and the API read them: worked out once for
//! each state of the books, the steps and the law.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::LedgerFinding;
use app::duties::duty_findings;
use app::law::Law;
use app::licensed::Whose;
use app::quota::{QuotaAnswer, QuotaStepError, quota_findings};
use app::tie::tie_findings;
use base::Date;
use licensing::tie::Tie;

use crate::config::{Hall, Shared};
use crate::law::law;
use crate::ledger::off_thread;
use crate::show;
use crate::stop::{Stop, fault};
use crate::visit::Sight;

/// What an answer rests on: books, number of steps, version of the law, day.
type Stamp = (u64, usize, u32, Date);

/// Companies whose own reading is kept at most.
const TOLD_MAX: usize = 64;

/// A company's own reading; nothing where it is the authority's.
type Told = Option<Arc<Vec<QuotaAnswer>>>;

/// The quotas kept: as the authority reads them, and as companies do that may not know all that their
/// position rests on; nothing for a company that may.
#[derive(Default)]
pub(crate) struct QuotaKept {
    kept: Mutex<Option<(Stamp, Arc<Vec<QuotaAnswer>>)>>,
    told: Mutex<HashMap<String, (Stamp, Told)>>,
}

/// Where everybody stands in the quotas of the installation's pack, as of today, as the visitor may know it.
pub(crate) async fn quotas(
    hall: &Hall,
    sight: &Sight,
) -> Result<(Arc<Law>, Arc<Vec<QuotaAnswer>>), Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, of, own) = (hall.clone(), law.clone(), sight.own().map(str::to_owned));
    let found = off_thread(move || match own {
        Some(company) => quotas_told(&shared, &of, &company),
        None => quotas_work(&shared, &of),
    });
    Ok((law, found.await?.map_err(|error| fault(&error))?))
}

fn stamp_now(shared: &Shared, law: &Law) -> Result<Stamp, QuotaStepError> {
    let today = show::day_of(shared.now());
    let steps = shared.platform.quota_records(law)?.len();
    let generation = shared.platform.books().generation();
    Ok((generation, steps, law.version, today))
}

/// The quotas as a company may know them; only its own position is to be read of them.
fn quotas_told(
    shared: &Shared,
    law: &Law,
    company: &str,
) -> Result<Arc<Vec<QuotaAnswer>>, QuotaStepError> {
    let stamp = stamp_now(shared, law)?;
    let told = || shared.quotas.told.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = told().get(company).filter(|(of, _)| *of == stamp).map(|(_, found)| found.clone());
    let found = match kept {
        Some(found) => found,
        None => {
            let all = shared.platform.books().quota_all_told(company);
            let own = || shared.platform.quotas_told(law, company, stamp.3).map(Arc::new);
            let found = if all { None } else { Some(own()?) };
            let mut told = told();
            if told.len() >= TOLD_MAX {
                told.clear();
            }
            told.insert(company.to_owned(), (stamp, found.clone()));
            found
        }
    };
    found.map_or_else(|| quotas_work(shared, law), Ok)
}

fn quotas_work(shared: &Shared, law: &Law) -> Result<Arc<Vec<QuotaAnswer>>, QuotaStepError> {
    let stamp = stamp_now(shared, law)?;
    let today = stamp.3;
    let kept = || shared.quotas.kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, found)) = kept().as_ref()
        && *of == stamp
    {
        return Ok(found.clone());
    }
    let found = Arc::new(shared.platform.quotas(law, today)?);
    *kept() = Some((stamp, found.clone()));
    Ok(found)
}

/// What rests on the law: findings, and how exports and draw-downs found each other.
#[derive(Default)]
pub(crate) struct LawFound {
    pub(crate) findings: Vec<LedgerFinding>,
    pub(crate) ties: Vec<Tie>,
}

/// Findings that rest on the law: quotas used up, exports without a licence, duties overdue. What cannot be
/// worked out is a fault in the log, and the findings of the ledger stand without it.
pub(crate) fn law_findings(shared: &Shared, law: &Law) -> LawFound {
    let today = show::day_of(shared.now());
    let mut found = LawFound::default();
    match quotas_work(shared, law) {
        Ok(answers) => found.findings = quota_findings(&answers),
        Err(error) => {
            tracing::error!(%error, "the quotas could not be worked out for the findings");
        }
    }
    let licensed = shared.platform.licensed(Whose::All, shared.now());
    let ties = |licensed| Ok(shared.platform.ties(law, &licensed, today)?);
    match licensed.and_then(ties) {
        Ok(ties) => {
            found.findings.extend(tie_findings(&ties));
            found.ties = ties;
        }
        Err(error) => {
            tracing::error!(%error, "exports could not be held against licences for the findings");
        }
    }
    match shared.platform.holder_duties(law, Whose::All, shared.now()) {
        Ok(all) => found.findings.extend(duty_findings(&all)),
        Err(error) => {
            tracing::error!(%error, "the duties could not be worked out for the findings");
        }
    }
    found
}
