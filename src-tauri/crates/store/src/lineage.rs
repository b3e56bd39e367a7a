//! Whether the file is the newest of its line, and in its own place.
//!
//! A file says nothing against itself: an older copy that is put back is as whole as the newest one, and would send again what
//! was sent since. So the file carries a generation that rises while it is used, and the keyring, which is not copied back with
//! it, keeps the highest one. It also carries a mark of the place where it is used, for a copy that went away together with its
//! keyring.
//!
//! | where the program stops | what is left | what is noticed |
//! |---|---|---|
//! | before the file has the new generation | both as they were | nothing |
//! | after that, before the keyring has it | the file is ahead | nothing: only one that is behind is an older copy |
//!
//! For the same reason the keyring is read before the file: another program on the same file may raise both in between, and
//! then the file is ahead. A keyring that cannot be read or written proves nothing, and the file stays as it is until it can.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use secrets::{Secret, SecretName, SecretStore, key::hex};

use crate::{
    OpenError, Store, StoreError, StoreErrorKind,
    tables::outbox,
    vault::{Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    ALTER TABLE meta ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE meta ADD COLUMN place BLOB;
    ALTER TABLE meta ADD COLUMN doubted BLOB;
    ALTER TABLE meta ADD COLUMN taken_up INTEGER;";

/// Where a file is used: the machine and the person's account on it. Kept as a keyed mark alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    machine: String,
    account: String,
}

impl Place {
    /// The place with these ids, as the system gives them.
    pub fn new(machine: &str, account: &str) -> Self {
        Self { machine: machine.trim().to_owned(), account: account.trim().to_owned() }
    }

    fn mark(&self, vault: &Vault) -> Mark {
        vault.mark("place", &[&self.machine, &self.account])
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place")
    }
}

/// Why a file may not be the one that was used last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is behind its keyring: a newer one was used since.
    OlderCopy,
    /// It was used on another machine or by another account, and may still be.
    OtherPlace,
}

/// How a file stands in its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Why it may not be the one that was used last; `None` when nothing speaks against it.
    pub doubt: Option<Doubt>,
    /// When a person last said of a doubted file that it is the one to use: what happened before may have been sent by another.
    pub taken_up: Option<Timestamp>,
}

/// The file's line. See the module.
#[derive(Debug)]
pub struct Lineage<'a> {
    pub(crate) store: &'a Store,
}

impl Lineage<'_> {
    /// How the file stands. Changes nothing.
    pub async fn look(
        &self,
        secrets: &dyn SecretStore,
        place: Option<&Place>,
    ) -> Result<Standing, OpenError> {
        let kept = self.kept(secrets).await?;
        let here = place.map(|place| place.mark(self.store.vault()));
        Ok(self.store.read(move |db, _| standing(&Line::read(db)?, kept, here)).await?)
    }

    /// Raises the generation, in the file and then in the keyring, and binds a file without a place to this one. A file that is
    /// in doubt stays where it is; when that is noticed first, whatever waits in its outbox is marked: a newer file may have sent
    /// it.
    pub async fn rise(
        &self,
        secrets: &dyn SecretStore,
        place: Option<&Place>,
    ) -> Result<Standing, OpenError> {
        let kept = self.kept(secrets).await?;
        let here = place.map(|place| place.mark(self.store.vault()));
        let (standing, generation) = self
            .store
            .write(move |db, vault| {
                let line = Line::read(db)?;
                let standing = standing(&line, kept, here)?;
                if standing.doubt.is_some() {
                    notice(db, vault, &line, kept, here)?;
                    return Ok((standing, None));
                }
                let generation = next(&line, kept)?;
                let sql = "UPDATE meta SET generation = ?1, place = coalesce(?2, place), doubted = NULL";
                db.execute(sql, params![generation, here])?;
                outbox::resume(db, false)?;
                Ok((standing, Some(generation)))
            })
            .await?;
        if let Some(generation) = generation {
            self.keep(secrets, generation).await?;
        }
        Ok(standing)
    }

    /// Makes this file the newest of its line, in this place, because a person said so. What waits in its outbox is marked: the
    /// file that was used before may have sent it.
    pub async fn take_up(
        &self,
        secrets: &dyn SecretStore,
        place: Option<&Place>,
        now: Timestamp,
    ) -> Result<Standing, OpenError> {
        let kept = self.kept(secrets).await?;
        let here = place.map(|place| place.mark(self.store.vault()));
        let generation = self
            .store
            .write(move |db, _| {
                let generation = next(&Line::read(db)?, kept)?;
                let sql = "UPDATE meta SET generation = ?1, place = ?2, doubted = NULL, taken_up = ?3";
                db.execute(sql, params![generation, here, now.as_microsecond()])?;
                outbox::resume(db, true)?;
                Ok(generation)
            })
            .await?;
        self.keep(secrets, generation).await?;
        Ok(Standing { doubt: None, taken_up: Some(now) })
    }

    /// The highest generation that the keyring knows of this file.
    async fn kept(&self, secrets: &dyn SecretStore) -> Result<Option<i64>, OpenError> {
        let entry = secrets.get(&self.entry().await?).await?;
        // EXPOSE: it is a number.
        Ok(entry.and_then(|entry| entry.expose().parse().ok()))
    }

    async fn keep(&self, secrets: &dyn SecretStore, generation: i64) -> Result<(), OpenError> {
        let value = Secret::new(generation.to_string());
        Ok(secrets.set(&self.entry().await?, value).await?)
    }

    /// Each file has an entry of its own: one person may have several. What was sealed when the file was made tells it from
    /// others, and from its copies it does not.
    async fn entry(&self) -> Result<SecretName, StoreError> {
        let key_check: Vec<u8> = self
            .store
            .read(|db, _| Ok(db.query_row("SELECT key_check FROM meta", [], |row| row.get(0))?))
            .await?;
        let mark = self.store.vault().mark_bytes("store", std::iter::once(key_check.as_slice()));
        Ok(SecretName::own(&format!("store-generation-{}", &hex(&mark)[..16])))
    }
}

/// What the file says of itself.
struct Line {
    generation: i64,
    place: Option<Mark>,
    doubted: Option<Mark>,
    taken_up: Option<i64>,
}

impl Line {
    fn read(db: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT generation, place, doubted, taken_up FROM meta";
        let line = db
            .query_row(sql, [], |row| {
                Ok(Self {
                    generation: row.get(0)?,
                    place: row.get(1)?,
                    doubted: row.get(2)?,
                    taken_up: row.get(3)?,
                })
            })
            .optional()?;
        line.ok_or(StoreErrorKind::Damaged.into())
    }
}

fn standing(line: &Line, kept: Option<i64>, here: Option<Mark>) -> Result<Standing, StoreError> {
    let elsewhere = matches!((line.place, here), (Some(place), Some(here)) if place != here);
    let doubt = if elsewhere {
        Some(Doubt::OtherPlace)
    } else {
        kept.filter(|kept| line.generation < *kept).map(|_| Doubt::OlderCopy)
    };
    let taken_up = line.taken_up.map(outbox::moment).transpose()?;
    Ok(Standing { doubt, taken_up })
}

fn next(line: &Line, kept: Option<i64>) -> Result<i64, StoreError> {
    line.generation.max(kept.unwrap_or(0)).checked_add(1).ok_or(StoreErrorKind::Damaged.into())
}

/// Marks what waits, once for each newer file that is heard of: what comes later is this file's own.
fn notice(
    db: &Transaction<'_>,
    vault: &Vault,
    line: &Line,
    kept: Option<i64>,
    here: Option<Mark>,
) -> Result<(), StoreError> {
    let kept = kept.unwrap_or(0).to_be_bytes();
    let noticed =
        vault.mark_bytes("doubt", [&kept[..], here.as_ref().map_or(&[][..], |here| here)].into_iter());
    if line.doubted == Some(noticed) {
        return Ok(());
    }
    db.execute("UPDATE meta SET doubted = ?1", [noticed])?;
    outbox::mark_copied(db)
}
