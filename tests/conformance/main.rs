//! The connector behaviour suite: every connector of the registry × every case, one named trial each (CRM-02).
//!
//! A connector is tested by being registered; one without a fixture fails. A case ends as passed, failed or unsupported,
//! and a connector is only excused from what it declares that it cannot do. The whole table, with what each connector
//! declares, must equal `capabilities.json` beside this file, so that nothing is lost silently.
//!
//! `SIDECARD_CONFORMANCE_JSON=FILE` writes the table; `SIDECARD_CONFORMANCE_BLESS=1` replaces the committed one.

mod bench;
mod cases;
mod fixtures;
mod table;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Arc, LazyLock},
};

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use crate::{
    cases::{CASES, Case, Verdict},
    fixtures::Lazy,
    table::{Outcome, Table},
};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime can be made"));

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let table = Arc::new(Table::default());
    let mut kinds: Vec<&'static str> =
        connectors::registry::products().iter().map(|product| product.kind).collect();
    kinds.push("sample");
    let mut trials = Vec::new();
    for kind in kinds {
        let fixture = Arc::new(Lazy::new(kind));
        trials.extend(CASES.iter().map(|case| trial(kind, case, fixture.clone(), table.clone())));
    }
    let all = trials.len();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let complete = table.len() == all;
    if arguments.list || !complete {
        return conclusion.exit_code();
    }
    match table.settle() {
        Ok(()) => conclusion.exit_code(),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn trial(kind: &'static str, case: &'static Case, fixture: Arc<Lazy>, table: Arc<Table>) -> Trial {
    Trial::test(format!("{kind}::{}", case.name), move || {
        let run = || RUNTIME.block_on(async { (case.run)(&*fixture.get().await?).await });
        let verdict =
            catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(anyhow::anyhow!("the case panicked")));
        let outcome = match &verdict {
            Ok(Verdict::Pass) => Outcome::Pass,
            Ok(Verdict::Unsupported) => Outcome::Unsupported,
            Err(_) => Outcome::Fail,
        };
        table.enter(kind, case.name, outcome);
        verdict.map(drop).map_err(|error| format!("{error:#}").into())
    })
}
