//! The packs as the pages and the API read them: prepared once for each version in force.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::law::Law;
use app::law::desk::DeskRefusal;

use crate::config::Hall;
use crate::ledger::off_thread;
use crate::stop::{Stop, fault};

/// The packs read so far, by id, each with the version that it is.
#[derive(Default)]
pub(crate) struct LawKept {
    kept: Mutex<HashMap<String, (u32, Arc<Law>)>>,
}

/// The law of a pack as it is in force here.
pub(crate) async fn law(hall: &Hall, id: &str) -> Result<Arc<Law>, Stop> {
    let (shared, id) = (hall.clone(), id.to_owned());
    off_thread(move || {
        let in_force = match shared.platform.pack_in_force_version(&id) {
            Ok(version) => version,
            Err(DeskRefusal::Unknown) => return Err(Stop::NotFound),
            Err(error) => return Err(fault(&error)),
        };
        let kept = || shared.law.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, law)) = kept().get(&id)
            && *version == in_force
        {
            return Ok(law.clone());
        }
        let read = shared.platform.pack_in_force(&id).map_err(|error| fault(&error))?;
        let law = Arc::new(Law::read(&id, read.version, &read.files));
        kept().insert(id, (read.version, law.clone()));
        Ok(law)
    })
    .await?
}

/// The law of every pack carried here, in the order of their ids.
pub(crate) async fn laws(hall: &Hall) -> Result<Vec<Arc<Law>>, Stop> {
    let mut laws = Vec::new();
    for id in app::packs::pack_ids() {
        laws.push(law(hall, &id).await?);
    }
    Ok(laws)
}
