//! For the operator's tools: is it alive, is it ready, and counters in the Prometheus text format.
//!
//! They are public and hold no trade data: numbers of requests, sessions and faults.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;

use crate::config::Hall;
use crate::ledger::off_thread;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// Upper bounds of the buckets of request durations, in seconds and as text.
const BUCKETS: [(i64, &str); 6] = [
    (5_000, "0.005"),
    (25_000, "0.025"),
    (100_000, "0.1"),
    (500_000, "0.5"),
    (2_500_000, "2.5"),
    (10_000_000, "10"),
];

#[derive(Debug, Default, Clone)]
struct Series {
    requests: u64,
    micros: u64,
    buckets: [u64; BUCKETS.len()],
}

/// Of one route, by method and status.
type OfRoute = BTreeMap<(&'static str, u16), Series>;

/// Requests by route, method and status. Routes are those of the table, so there are few.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    series: Mutex<BTreeMap<String, OfRoute>>,
}

impl Metrics {
    /// Counts one answered request and the microseconds it took.
    pub(crate) fn count(&self, route: &str, method: &Method, status: StatusCode, micros: i64) {
        let verb = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        };
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        if !series.contains_key(route) {
            series.insert(route.to_owned(), BTreeMap::new());
        }
        let Some(of_route) = series.get_mut(route) else { return };
        let row = of_route.entry((verb, status.as_u16())).or_default();
        row.requests += 1;
        row.micros += u64::try_from(micros).unwrap_or(0);
        for (count, (bound, _)) in row.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(micros <= bound);
        }
    }

    fn text(&self) -> String {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from(
            "# HELP gadolin_http_request_seconds How long requests took.\n\
             # TYPE gadolin_http_request_seconds histogram\n",
        );
        let rows = series.iter().flat_map(|(route, rows)| rows.iter().map(move |row| (route, row)));
        for (route, ((method, status), row)) in rows {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            let name = "gadolin_http_request_seconds";
            for (count, (_, bound)) in row.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
            }
            let (all, us) = (row.requests, row.micros);
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {all}");
            let _ =
                writeln!(text, "{name}_sum{{{labels}}} {}.{:06}", us / 1_000_000, us % 1_000_000);
            let _ = writeln!(text, "{name}_count{{{labels}}} {all}");
        }
        text
    }
}

/// `GET /healthz`: the process answers.
pub(crate) async fn health(visit: Visit) -> Result<&'static str, Stop> {
    visit.allow(Resource::Platform)?;
    Ok("ok\n")
}

/// `GET /readyz`: the books are loaded and requests are wanted; 503 while it shuts down, or while it
/// cannot record who reads what.
pub(crate) async fn ready(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let unready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    Ok(if !hall.ready.load(Ordering::Relaxed) {
        unready("shutting down\n")
    } else if hall.recorder.failing() {
        unready("who reads what cannot be recorded; see the log\n")
    } else if !hall.config.scanner.is_set() {
        // It serves all else, so it is ready; but somebody should know.
        (StatusCode::OK, "ready; no scanner is set: documents wait, and nobody downloads them\n")
            .into_response()
    } else {
        (StatusCode::OK, "ready\n").into_response()
    })
}

/// `GET /metrics`.
pub(crate) async fn metrics(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let shared = hall.clone();
    let jobs = off_thread(move || shared.platform.job_count()).await?.map_err(|e| fault(&e))?;
    let shared = hall.clone();
    let documents =
        off_thread(move || shared.config.documents.count()).await?.map_err(|e| fault(&e))?;
    let mut text = hall.metrics.text();
    let sessions = hall.people.sessions_count(hall.now()).map_err(|error| fault(&error))?;
    let version = hall.config.version.replace(['"', '\\', '\n'], "");
    let up = (hall.now().us() - hall.started.us()) / 1_000_000;
    let _ = write!(
        text,
        "# TYPE gadolin_build_info gauge\ngadolin_build_info{{version=\"{version}\"}} 1\n\
         # TYPE gadolin_up_seconds gauge\ngadolin_up_seconds {up}\n\
         # TYPE gadolin_sessions gauge\ngadolin_sessions {}\n\
         # TYPE gadolin_faults_total counter\ngadolin_faults_total {}\n\
         # TYPE gadolin_audit_reads_waiting gauge\ngadolin_audit_reads_waiting {}\n\
         # TYPE gadolin_audit_reads_total counter\ngadolin_audit_reads_total {}\n\
         # TYPE gadolin_jobs_open gauge\ngadolin_jobs_open {}\n\
         # TYPE gadolin_jobs_failed gauge\ngadolin_jobs_failed {}\n\
         # TYPE gadolin_documents gauge\n\
         gadolin_documents{{scan=\"waiting\"}} {}\ngadolin_documents{{scan=\"clean\"}} {}\n\
         gadolin_documents{{scan=\"infected\"}} {}\ngadolin_documents{{scan=\"failed\"}} {}\n",
        sessions,
        hall.faults.load(Ordering::Relaxed),
        hall.recorder.waiting(),
        hall.recorder.written(),
        jobs.open,
        jobs.failed,
        documents.waiting,
        documents.clean,
        documents.infected,
        documents.failed,
    );
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_cumulative_buckets() {
        let metrics = Metrics::default();
        metrics.count("/", &Method::GET, StatusCode::OK, 20_000);
        metrics.count("/", &Method::GET, StatusCode::OK, 1_000);
        let text = metrics.text();
        let labels = "route=\"/\",method=\"GET\",status=\"200\"";
        for line in [
            format!("gadolin_http_request_seconds_bucket{{{labels},le=\"0.005\"}} 1"),
            format!("gadolin_http_request_seconds_bucket{{{labels},le=\"0.025\"}} 2"),
            format!("gadolin_http_request_seconds_sum{{{labels}}} 0.021000"),
            format!("gadolin_http_request_seconds_count{{{labels}}} 2"),
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\nin\n{text}");
        }
    }
}
