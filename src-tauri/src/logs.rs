//! Log files: a day each, a fortnight kept. They hold ids, kinds, counts and durations, never personal data or secrets.

use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::EnvFilter;

use crate::environment::Environment;

/// What is logged unless `SIDECARD_LOG` says otherwise. Libraries below may log addresses and headers, so they are held to warnings.
const FILTER: &str =
    "warn,sidecard_shell=info,engine=info,connectors=info,sources=info,store=info,secrets=info";

/// Starts logging into the program's folder; it ends when the guard goes.
pub(crate) fn start(environment: &Environment) -> Option<WorkerGuard> {
    let appender = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("sidecard")
        .filename_suffix("log")
        .max_log_files(14)
        .build(environment.folder.join("logs"))
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter = EnvFilter::try_from_env("SIDECARD_LOG").unwrap_or_else(|_| EnvFilter::new(FILTER));
    let started = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).try_init();
    started.ok().map(|()| guard)
}
