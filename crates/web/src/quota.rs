//! Quotas as the pages and the API read them: worked out once for each state of the books, the steps and
//! the law.

use std::sync::{Arc, Mutex, PoisonError};

use app::LedgerFinding;
use app::law::Law;
use app::quota::{QuotaAnswer, QuotaStepError, quota_findings};
use app::tie::{Licensed, tie_findings};
use base::Date;

use crate::config::{Hall, Shared};
use crate::law::law;
use crate::ledger::off_thread;
use crate::show;
use crate::stop::{Stop, fault};

/// What an answer rests on: books, number of steps, version of the law, day.
type Stamp = (u64, usize, u32, Date);

/// The quotas kept.
#[derive(Default)]
pub(crate) struct QuotaKept {
    kept: Mutex<Option<(Stamp, Arc<Vec<QuotaAnswer>>)>>,
}

/// Where everybody stands in the quotas of the installation's pack, as of today.
pub(crate) async fn quotas(hall: &Hall) -> Result<(Arc<Law>, Arc<Vec<QuotaAnswer>>), Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, of) = (hall.clone(), law.clone());
    let found = off_thread(move || quotas_work(&shared, &of)).await?;
    Ok((law, found.map_err(|error| fault(&error))?))
}

fn quotas_work(shared: &Shared, law: &Law) -> Result<Arc<Vec<QuotaAnswer>>, QuotaStepError> {
    let today = show::day_of(shared.now());
    let steps = shared.platform.quota_records(law)?.len();
    let generation = shared.platform.books().generation();
    let stamp = (generation, steps, law.version, today);
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

/// Findings that rest on the law: quotas used up, exports without a licence. What cannot be worked out is a
/// fault in the log, and the findings of the ledger stand without it.
pub(crate) fn law_findings(shared: &Shared, law: &Law) -> Vec<LedgerFinding> {
    let today = show::day_of(shared.now());
    let mut found = match quotas_work(shared, law) {
        Ok(answers) => quota_findings(&answers),
        Err(error) => {
            tracing::error!(%error, "the quotas could not be worked out for the findings");
            Vec::new()
        }
    };
    // Neither licences nor draw-downs are kept here yet: what the list alone tells is found.
    let licensed = Licensed { licences: None, drawn: None };
    match shared.platform.ties(law, licensed, today) {
        Ok(ties) => found.extend(tie_findings(&ties)),
        Err(error) => {
            tracing::error!(%error, "exports could not be held against licences for the findings");
        }
    }
    found
}
