//! The audit trail: read page by page, checked, and written to a file for whoever must keep it.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use domain::{FieldKey, text};
use ipc::{
    ErrorView,
    audit::{
        AuditActionView, AuditBreakView, AuditChainView, AuditExportReply, AuditLineView, AuditOutcomeView,
        AuditReply, AuditRequest,
    },
};
use store::{AuditAction, AuditBreak, AuditChain, AuditEntry, AuditLine, AuditOutcome, Store};

use crate::{
    configure::Connected,
    engine::{Engine, Inner},
    settings::io_error,
    storage::{failed, not_open},
};

/// How many lines a page has.
const PAGE: u32 = 50;
/// How many lines are read at once for a file.
const BATCH: u32 = 1_000;
/// The first line of a file.
const HEADING: [&str; 9] =
    ["number", "time", "agent", "crm", "contact", "action", "fields", "outcome", "reason"];
/// What spreadsheets take a formula by, when a cell begins with it.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

impl Engine {
    /// A page of the trail; with the newest one, whether all of it is as it was written.
    pub async fn audit_view(&self, request: AuditRequest) -> Result<AuditReply, ErrorView> {
        let store = self.0.memory.store().await.ok_or_else(not_open)?;
        let lines = store.audit().before(request.before, PAGE + 1).await.map_err(|error| failed(&error))?;
        let chain = match request.before {
            Some(_) => None,
            None => Some(store.audit().check().await.map_err(|error| failed(&error))?),
        };
        let page = PAGE as usize;
        let more = lines.len() > page;
        let connected = self.0.connected();
        let lines = lines.into_iter().take(page).map(|line| connected.audit_line(line)).collect();
        Ok(AuditReply { lines, more, chain: chain.map(chain_view) })
    }

    /// Writes the whole trail into a new file of `folder`, as comma-separated values, newest first.
    pub async fn export_audit(&self, folder: &Path) -> Result<AuditExportReply, ErrorView> {
        let store = self.0.memory.store().await.ok_or_else(not_open)?;
        let (path, file) = self.0.new_file(folder).map_err(|error| io_error(&error))?;
        match self.0.write_trail(&store, file).await {
            Ok(lines) => Ok(AuditExportReply { path: path.display().to_string(), lines }),
            Err(error) => {
                // Half a trail must not pass for a whole one.
                fs::remove_file(&path).map_err(|error| io_error(&error))?;
                Err(error)
            }
        }
    }
}

impl Inner {
    /// A file of `folder` that was not there, named for the moment.
    fn new_file(&self, folder: &Path) -> io::Result<(PathBuf, File)> {
        fs::create_dir_all(folder)?;
        let stamp = self.outside.clock.now().strftime("%Y-%m-%d-%H%M%S").to_string();
        for n in 1.. {
            let suffix = if n == 1 { String::new() } else { format!("-{n}") };
            let path = folder.join(format!("sidecard-audit-{stamp}{suffix}.csv"));
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => return created.map(|file| (path, file)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Writes all lines and says how many there were.
    async fn write_trail(&self, store: &Store, file: File) -> Result<u32, ErrorView> {
        let mut file = BufWriter::new(file);
        // Spreadsheets take a file without this mark for one of their country's old encodings.
        file.write_all("\u{feff}".as_bytes()).map_err(|error| io_error(&error))?;
        file.write_all(row(HEADING).as_bytes()).map_err(|error| io_error(&error))?;
        let connected = self.connected();
        let (mut count, mut before) = (0, None);
        loop {
            let lines = store.audit().before(before, BATCH).await.map_err(|error| failed(&error))?;
            let Some(last) = lines.last() else { break };
            before = Some(last.number);
            count += u32::try_from(lines.len()).unwrap_or(BATCH);
            for line in lines {
                let text = as_row(&connected.audit_line(line));
                file.write_all(text.as_bytes()).map_err(|error| io_error(&error))?;
            }
        }
        let file = file.into_inner().map_err(|error| io_error(error.error()))?;
        file.sync_all().map_err(|error| io_error(&error))?;
        Ok(count)
    }
}

impl Connected {
    /// A line with the names that people know.
    fn audit_line(&self, line: AuditLine) -> AuditLineView {
        let AuditLine { number, entry } = line;
        let AuditEntry { at, agent, crm, object: _, record, action, fields, outcome } = entry;
        let crms = &self.loaded.document.crm;
        let name = crms.get(crm.as_str()).map_or_else(|| crm.to_string(), |known| known.name.clone());
        let known = self.each_crm().find(|known| known.id == crm);
        let label = |field: &FieldKey| known.map_or_else(|| field.to_string(), |known| known.label(field));
        AuditLineView {
            number,
            at: at.as_millisecond(),
            agent: agent.map(|agent| text::visible(agent.as_str())),
            crm: name,
            contact: record.map(|record| text::visible(record.as_str()).into()),
            action: match action {
                AuditAction::Create => AuditActionView::Create,
                AuditAction::Update => AuditActionView::Update,
                AuditAction::Link => AuditActionView::Link,
                AuditAction::Tag => AuditActionView::Tag,
                AuditAction::Event => AuditActionView::Event,
                AuditAction::Lead => AuditActionView::Lead,
                AuditAction::Case => AuditActionView::Case,
                AuditAction::Task => AuditActionView::Task,
                AuditAction::Note => AuditActionView::Note,
                AuditAction::Activity => AuditActionView::Activity,
                AuditAction::TakeUpStore => AuditActionView::TakeUpStore,
            },
            fields: fields.iter().map(|field| text::visible(&label(field))).collect(),
            outcome: match outcome {
                AuditOutcome::Done => AuditOutcomeView::Done,
                AuditOutcome::Refused(reason) => AuditOutcomeView::Refused { reason },
                AuditOutcome::Unknown => AuditOutcomeView::Unknown,
            },
        }
    }
}

fn chain_view(chain: AuditChain) -> AuditChainView {
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let breaks = chain.breaks.into_iter().map(|place| match place {
        AuditBreak::Changed(number) => AuditBreakView::Changed { number },
        AuditBreak::Missing(from, to) => AuditBreakView::Missing { from, to },
    });
    AuditChainView {
        checked: count(chain.checked),
        unchained: count(chain.unchained),
        breaks: breaks.collect(),
        more_breaks: count(chain.more_breaks),
    }
}

fn as_row(line: &AuditLineView) -> String {
    let at = jiff::Timestamp::from_millisecond(line.at).map(|at| at.to_string()).unwrap_or_default();
    let (outcome, reason) = match &line.outcome {
        AuditOutcomeView::Done => ("done", ""),
        AuditOutcomeView::Refused { reason } => ("refused", reason.as_str()),
        AuditOutcomeView::Unknown => ("unknown", ""),
    };
    let contact = line.contact.as_ref().map(|record| record.as_str()).unwrap_or_default();
    row([
        &line.number.to_string(),
        &at,
        line.agent.as_deref().unwrap_or_default(),
        &line.crm,
        contact,
        line.action.name(),
        &line.fields.join("; "),
        outcome,
        reason,
    ])
}

/// A line of the file, as RFC 4180 has it.
fn row<const N: usize>(cells: [&str; N]) -> String {
    cells.map(cell).join(",") + "\r\n"
}

/// A value as a cell that no spreadsheet takes for a formula.
fn cell(value: &str) -> String {
    let mark = if value.trim_start_matches(' ').starts_with(FORMULA) { "'" } else { "" };
    format!("\"{mark}{}\"", value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SEC-11
    #[test]
    fn sec_11_no_cell_begins_a_formula() {
        for value in ["=1+1", "+49 30", "-1", "@sum", "\t=1", "\r=1", "  =1", "＝1"] {
            assert_eq!(cell(value), format!("\"'{value}\""));
        }
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(row(["", "x=1"]), "\"\",\"x=1\"\r\n");
    }
}
