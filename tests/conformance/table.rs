//! What came of all cases, and the committed table that it must equal.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Value, json};

use crate::fixtures;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/capabilities.json");

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// The connector declares that it cannot do this.
    Unsupported,
}

/// The outcomes so far, by connector and case.
#[derive(Default)]
pub(crate) struct Table {
    outcomes: Mutex<BTreeMap<&'static str, BTreeMap<&'static str, Outcome>>>,
}

impl Table {
    /// Enters an outcome.
    pub(crate) fn enter(&self, kind: &'static str, case: &'static str, outcome: Outcome) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.entry(kind).or_default().insert(case, outcome);
    }

    /// How many outcomes there are.
    pub(crate) fn len(&self) -> usize {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).values().map(BTreeMap::len).sum()
    }

    /// Writes the table where that is asked for, and compares it with the committed one.
    pub(crate) fn settle(&self) -> Result<()> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = std::env::var_os("SIDECARD_CONFORMANCE_JSON") {
            fs::write(Path::new(&file), pretty(&json!(*outcomes))?)?;
        }
        let mut now = serde_json::Map::new();
        for (kind, cases) in outcomes.iter() {
            let capabilities = fixtures::capabilities(kind)?;
            now.insert((*kind).to_owned(), json!({ "capabilities": capabilities, "cases": cases }));
        }
        let now = pretty(&Value::Object(now))?;
        if std::env::var_os("SIDECARD_CONFORMANCE_BLESS").is_some() {
            return Ok(fs::write(COMMITTED, now)?);
        }
        let committed = fs::read_to_string(COMMITTED).context("the committed table cannot be read")?;
        match differences(&committed, &now) {
            lines if lines.is_empty() => Ok(()),
            lines => bail!("the table differs from conformance/capabilities.json:\n{}", lines.join("\n")),
        }
    }
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn differences(committed: &str, now: &str) -> Vec<String> {
    let only = |left: &str, right: &str, sign: &str| -> Vec<String> {
        let there: Vec<&str> = right.lines().collect();
        left.lines().filter(|line| !there.contains(line)).map(|line| format!("{sign}{line}")).collect()
    };
    let mut lines = only(committed, now, "-");
    lines.extend(only(now, committed, "+"));
    if lines.is_empty() && committed != now {
        lines.push("the same lines in another order".to_owned());
    }
    lines
}
