//! Workers that hash passwords, so that it holds up nothing else.
//!
//! A hash takes 19 MiB and tens of milliseconds on purpose. So many run at once; so many more wait; whoever
//! comes then is told to come again.

use tokio::sync::Semaphore;

use crate::ledger::off_thread;
use crate::stop::Stop;

/// How long to wait when the queue is full.
const WAIT_SECONDS: u32 = 2;

/// The workers.
#[derive(Debug)]
pub(crate) struct Workers {
    run: Semaphore,
    places: Semaphore,
}

impl Workers {
    /// `run` at once, `wait` behind them.
    pub(crate) fn new(run: usize, wait: usize) -> Workers {
        Workers { run: Semaphore::new(run), places: Semaphore::new(run + wait) }
    }

    /// Does a piece of work when it is its turn.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stop> {
        let _place = self.places.try_acquire().map_err(|_| Stop::TooMany(WAIT_SECONDS))?;
        let _turn = self.run.acquire().await.map_err(|_| Stop::Fault)?;
        off_thread(work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_is_told_to_come_again() {
        let workers = std::sync::Arc::new(Workers::new(1, 1));
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let (begun, beginning) = tokio::sync::oneshot::channel::<()>();
        let first = {
            let workers = workers.clone();
            tokio::spawn(async move {
                workers
                    .run(move || {
                        let _ = begun.send(());
                        let _ = held.recv();
                    })
                    .await
            })
        };
        beginning.await.unwrap();
        let waiting = {
            let workers = workers.clone();
            tokio::spawn(async move { workers.run(|| 2).await })
        };
        while workers.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(workers.run(|| 3).await, Err(Stop::TooMany(2))));
        let_go.send(()).unwrap();
        assert!(first.await.unwrap().is_ok());
        assert!(matches!(waiting.await.unwrap(), Ok(2)));
    }
}
