//! What the process has used: the clock and processor time, read here and nowhere else.

use std::time::Instant;

use base::Timestamp;
use base::time::Date;

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the shell gives the time to everything else")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_us(jiff::Timestamp::now().as_microsecond())
}

/// The day by the wall clock, in UTC.
pub(crate) fn today() -> Date {
    let instant = jiff::Timestamp::from_microsecond(now().us()).unwrap_or_default();
    jiff::tz::TimeZone::UTC.to_datetime(instant).date()
}

/// A running stopwatch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch(Instant);

impl Watch {
    /// Starts.
    #[expect(clippy::disallowed_methods, reason = "the shell measures")]
    pub(crate) fn start() -> Watch {
        Watch(Instant::now())
    }

    /// Seconds since the start.
    pub(crate) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    /// Microseconds since the start.
    pub(crate) fn micros(self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }
}

/// Processor time of the whole process so far, user and system, in seconds.
pub(crate) fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Peak resident memory of the process in MiB, as the system tells; 0 where it does not.
pub(crate) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "the shell gives chance to everything else")]
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no random bytes: {e}"))?;
    Ok(bytes)
}
