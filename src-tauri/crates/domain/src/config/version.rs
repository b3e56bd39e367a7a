//! The version of the format, and how older files are brought up to date.
//!
//! Every file names its version. One that does not may be the torn rest of a longer one, so it is refused and not taken
//! for an empty configuration. There was never a version 0.

use toml::{Table, Value, de::DeTable};

use super::VERSION;

/// Brings a document from one version to the next.
pub(super) type Step = fn(&mut Table);

/// The step at position n leads from version n + 1 to n + 2.
pub(super) const STEPS: &[Step] = &[];

const _: () =
    assert!(STEPS.len() as u32 + 1 == VERSION, "each version but the first has a step that leads to it");

/// What is said of a file without a version.
pub(super) const MISSING: &str =
    "the file does not say which version of the format it is in; put `version = 1` at its top";

/// The version of a document, or the byte and the sentence of why it cannot be used.
pub(super) fn of(root: &DeTable<'_>, steps: &[Step]) -> Result<u32, (Option<usize>, String)> {
    let Some(value) = root.get("version") else { return Err((None, MISSING.into())) };
    let current = u32::try_from(steps.len()).unwrap_or(u32::MAX).saturating_add(1);
    let number =
        value.get_ref().as_integer().and_then(|it| i64::from_str_radix(it.as_str(), it.radix()).ok());
    let problem = match number.map(|it| (it, u32::try_from(it))) {
        Some((_, Ok(version))) if (1..=current).contains(&version) => return Ok(version),
        Some((version, _)) if version > i64::from(current) => newer(version, current),
        _ => format!("this is no version of the format; versions are whole numbers from 1 to {current}"),
    };
    Err((Some(value.span().start), problem))
}

/// What is said of a file that is newer than the program.
pub(super) fn newer(version: i64, current: u32) -> String {
    format!(
        "the file is in version {version} of the format and this program reads up to version {current}; \
         a newer Sidecard is needed to read it"
    )
}

/// Runs the steps that lead from version `from` to the current one, and says whether there were any.
pub(super) fn migrate(table: &mut Table, from: u32, steps: &[Step]) -> bool {
    let done = usize::try_from(from).unwrap_or(usize::MAX).saturating_sub(1).min(steps.len());
    for step in &steps[done..] {
        step(table);
    }
    let current = i64::try_from(steps.len()).unwrap_or(i64::MAX - 1) + 1;
    table.insert("version".into(), Value::Integer(current));
    done < steps.len()
}
