//! What processes used: processor time of a tree of servers, of this process, and the load of the machine.

use std::collections::HashSet;

use anyhow::Context;

use crate::shell::output;

/// Processor time of this process so far, user and system, in seconds.
pub(crate) fn own_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Load averages as the system tells them: over 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let said = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let averages: Vec<&str> = said.split_whitespace().take(3).collect();
    format!("load {} on {cores} cores", averages.join(" "))
}

/// The clock of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks {
    per_second: f64,
}

struct Stat {
    parent: u32,
    own: f64,
    reaped: f64,
}

impl Ticks {
    /// # Errors
    /// Where the system does not tell its clock rate.
    pub(crate) fn new() -> anyhow::Result<Ticks> {
        let said = output(std::process::Command::new("getconf").arg("CLK_TCK"))?;
        let per_second = said.trim().parse().context("`getconf CLK_TCK` gives no number")?;
        Ok(Ticks { per_second })
    }

    /// Processor time of a process, its live descendants and its reaped children, in seconds.
    pub(crate) fn tree_seconds(self, top: u32) -> f64 {
        let mut all = std::collections::HashMap::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
            if let Some(stat) = self.stat(pid) {
                all.insert(pid, stat);
            }
        }
        let mut members = HashSet::from([top]);
        loop {
            let before = members.len();
            members.extend(
                all.iter()
                    .filter(|(_, s)| members.contains(&s.parent))
                    .map(|(p, _)| *p)
                    .collect::<Vec<_>>(),
            );
            if members.len() == before {
                break;
            }
        }
        members.iter().filter_map(|pid| all.get(pid)).map(|s| s.own + s.reaped).sum()
    }

    fn stat(self, pid: u32) -> Option<Stat> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command stands in parentheses and may hold anything: what follows the last one counts.
        let fields: Vec<&str> = text.get(text.rfind(')')? + 2..)?.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            own: (ticks(11)? + ticks(12)?) / self.per_second,
            reaped: (ticks(13)? + ticks(14)?) / self.per_second,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_processor_time_is_found_in_the_tree() {
        let ticks = Ticks::new().unwrap();
        let mut sum = 0_u64;
        while own_seconds() < 0.1 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(ticks.tree_seconds(std::process::id()) >= 0.05);
    }
}
