//! The chain of the audit trail: each line carries a keyed fingerprint of itself and of the line before.
//!
//! A line that was changed no longer has its fingerprint, and where lines were taken out the next one does not follow. The
//! head, kept apart and sealed, says which line is the last, so lines missing at the end are found out too. All of it
//! needs the store's key: who has only the file cannot make a line that fits.
//!
//! Erasing a record takes its id out of lines, which must stay whole. So the fingerprint covers a digest of the sealed id,
//! which stays, and tells nothing once the sealed id with its random nonce is gone. What cannot be seen: that the whole
//! file was put back to an earlier copy, and who erased a record's id from a line.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use sha2::{Digest as _, Sha256};

use crate::{
    StoreError,
    vault::{Mark, Vault},
};

/// How many places of a broken trail are listed.
const LISTED: usize = 50;

/// Whether the trail is as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditChain {
    /// How many lines were checked.
    pub checked: u64,
    /// How many older lines were written before lines were chained.
    pub unchained: u64,
    /// Where it is broken, oldest first, up to fifty places.
    pub breaks: Vec<AuditBreak>,
    /// How many more places there are.
    pub more_breaks: u64,
}

/// A place where the trail is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditBreak {
    /// The line of this number is not as it was written, or does not follow the one before.
    Changed(i64),
    /// The lines from the first to the last of these numbers are missing.
    Missing(i64, i64),
}

impl AuditChain {
    fn broken(&mut self, place: AuditBreak) {
        if self.breaks.len() < LISTED {
            self.breaks.push(place);
        } else {
            self.more_breaks += 1;
        }
    }
}

/// What the fingerprint of a line covers, as it stands in the table.
pub(super) struct Link<'a> {
    pub(super) id: &'a [u8],
    pub(super) at: i64,
    pub(super) agent: &'a [u8],
    pub(super) crm: &'a str,
    pub(super) object: &'a str,
    pub(super) record_digest: Option<&'a [u8]>,
    pub(super) action: &'a str,
    pub(super) fields: &'a str,
    pub(super) outcome: &'a str,
}

impl Link<'_> {
    /// The fingerprint of the line `number` after the one whose fingerprint is `previous`.
    fn mark(&self, vault: &Vault, number: i64, previous: &[u8]) -> Mark {
        let parts = [
            &number.to_le_bytes()[..],
            previous,
            self.id,
            &self.at.to_le_bytes(),
            self.agent,
            self.crm.as_bytes(),
            self.object.as_bytes(),
            self.record_digest.unwrap_or_default(),
            self.action.as_bytes(),
            self.fields.as_bytes(),
            self.outcome.as_bytes(),
        ];
        vault.mark_bytes("audit line", parts.into_iter())
    }
}

/// What stands for a record in the chain; none for a line without one.
pub(super) fn digest(mark: Option<&[u8]>, sealed: Option<&[u8]>) -> Option<Vec<u8>> {
    let sealed = sealed?;
    Some(Sha256::new().chain_update(mark.unwrap_or_default()).chain_update(sealed).finalize().to_vec())
}

/// The last line.
struct Head {
    number: i64,
    link: Vec<u8>,
    seal: Vec<u8>,
}

impl Head {
    fn read(db: &Connection) -> Result<Option<Self>, StoreError> {
        let mut statement = db.prepare_cached("SELECT number, link, seal FROM audit_head")?;
        let head = statement.query_row([], |row| {
            Ok(Self { number: row.get("number")?, link: row.get("link")?, seal: row.get("seal")? })
        });
        Ok(head.optional()?)
    }

    fn seal(vault: &Vault, number: i64, link: &[u8]) -> Mark {
        vault.mark_bytes("audit head", [&number.to_le_bytes()[..], link].into_iter())
    }

    fn is_sealed(&self, vault: &Vault) -> bool {
        self.seal == Self::seal(vault, self.number, &self.link)
    }
}

/// The number and fingerprint of a new line. It follows the head, so that lines that went missing at the end stay a gap.
pub(super) fn extend(
    db: &Transaction<'_>,
    vault: &Vault,
    link: &Link<'_>,
) -> Result<(i64, Mark), StoreError> {
    let last: i64 = db.query_row("SELECT coalesce(max(number), 0) FROM audit", [], |row| row.get(0))?;
    let (head, previous) = match Head::read(db)? {
        Some(head) => (head.number, head.link),
        None => (last, Vec::new()),
    };
    let number = last.max(head) + 1;
    let mark = link.mark(vault, number, &previous);
    db.execute(
        "INSERT INTO audit_head (id, number, link, seal) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET number = excluded.number, link = excluded.link, seal = excluded.seal",
        params![number, mark, Head::seal(vault, number, &mark)],
    )?;
    Ok((number, mark))
}

/// Follows the chain from the first line to the last.
pub(super) fn check(db: &Connection, vault: &Vault) -> Result<AuditChain, StoreError> {
    // Lines and head as of one moment: others go on writing.
    let db = db.unchecked_transaction()?;
    let mut statement = db.prepare_cached(
        "SELECT number, id, at, agent, crm, object, record_mark, record, record_digest, action, fields, outcome, link
         FROM audit ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    let mut chain = AuditChain::default();
    // The number and fingerprint of the line before; no fingerprint before the first line that is chained.
    let (mut last, mut previous) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let number: i64 = row.get("number")?;
        let linked: Option<Vec<u8>> = row.get("link")?;
        match linked {
            None if previous.is_empty() => chain.unchained += 1,
            None => chain.broken(AuditBreak::Changed(number)),
            Some(linked) => {
                chain.checked += 1;
                match fits(row, vault, number, &previous, &linked)? {
                    true => {}
                    false if number > last + 1 => chain.broken(AuditBreak::Missing(last + 1, number - 1)),
                    false => chain.broken(AuditBreak::Changed(number)),
                }
                // What is wrong with one line is said once: the next one is compared with what this one carries.
                previous = linked;
            }
        }
        last = number;
    }
    match Head::read(&db)? {
        Some(head) if head.number > last => chain.broken(AuditBreak::Missing(last + 1, head.number)),
        Some(head) if head.link == previous && head.is_sealed(vault) => {}
        None if previous.is_empty() => {}
        _ => chain.broken(AuditBreak::Changed(last)),
    }
    Ok(chain)
}

/// Whether the line in `row` is as it was written after `previous`.
fn fits(
    row: &Row<'_>,
    vault: &Vault,
    number: i64,
    previous: &[u8],
    linked: &[u8],
) -> Result<bool, StoreError> {
    let bytes = |column| row.get::<_, Option<Vec<u8>>>(column);
    let text = |column| row.get::<_, String>(column);
    let (mark, record, record_digest) = (bytes("record_mark")?, bytes("record")?, bytes("record_digest")?);
    let link = Link {
        id: &row.get::<_, Vec<u8>>("id")?,
        at: row.get("at")?,
        agent: &row.get::<_, Vec<u8>>("agent")?,
        crm: &text("crm")?,
        object: &text("object")?,
        record_digest: record_digest.as_deref(),
        action: &text("action")?,
        fields: &text("fields")?,
        outcome: &text("outcome")?,
    };
    // Without a record it was erased, or never there.
    let own = record.is_none() || digest(mark.as_deref(), record.as_deref()) == record_digest;
    Ok(own && link.mark(vault, number, previous) == linked)
}
