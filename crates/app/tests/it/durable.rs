//! The platform on disk and the books in memory give the same answers.

use app::platform::OpenOptions;
use app::{ImportOptions, Mode, Platform};

use crate::check::{answers, filed, same};
use crate::economy::{Economy, Grain, Rng, batch_instant, chaotic, csv};
use crate::model;

fn import(platform: &Platform, text: String, batch: usize, dry_run: bool) {
    let options =
        ImportOptions { recorded_at: batch_instant(batch), dry_run, ..ImportOptions::default() };
    let source = Box::new(std::io::Cursor::new(text.into_bytes()));
    let report = platform.import(source, options, &mut |_| {}).unwrap();
    assert_eq!(report.rejected, 0);
}

/// What is taken back after a dry run, and what a correction replaced, leaves the ledger clean; opened
/// again it answers as before.
#[test]
fn dry_runs_and_restarts_leave_the_ledger_as_filed() {
    for seed in 1..=6 {
        let economy: Economy = chaotic(&mut Rng(seed), Grain::Any);
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [seed as u8; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        for batch in 0..economy.batches() {
            // A dry run of all that is still to come, corrections of what is in among it.
            let rest = csv(economy.filings.iter().filter(|f| f.batch >= batch));
            import(&platform, rest, batch, true);
            let text = csv(economy.filings.iter().filter(|f| f.batch == batch));
            import(&platform, text, batch, false);
        }
        let expected = answers(&filed(&economy).unwrap(), &economy, model::View::default());
        let check = |platform: &Platform| {
            let wrong = app::platform::fsck(dir.path()).unwrap();
            assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
            let found = answers(&platform.books(), &economy, model::View::default());
            same(&expected, &found).unwrap();
            assert_eq!(platform.books().accounts_check(), Vec::<String>::new());
        };
        check(&platform);
        platform.snapshot().unwrap();
        drop(platform);
        check(&Platform::open(dir.path(), Mode::Read, &options).unwrap());
    }
}
