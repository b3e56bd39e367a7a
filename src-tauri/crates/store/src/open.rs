//! Opening the file: look first, without changing a byte; then the key; then write. The one thing a look may change is a file
//! that broke off while it was made: SQLite takes back what was begun.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, ffi::SQLITE_READONLY_ROLLBACK};
use secrets::SecretStore;

use crate::{
    OpenError, StoreError, StoreErrorKind, key,
    schema::{MIGRATIONS, VERSION},
    tables::outbox,
    vault::{Cell, MasterKey, Vault},
    worker::{Worker, aside},
};

const KEY_CHECK: Cell<'static> = Cell { table: "meta", column: "key_check", row: b"1" };
const KEY_CHECK_TEXT: &[u8] = b"sidecard store";
const BUSY: Duration = Duration::from_secs(5);
/// A larger file is not read as a whole when it is opened, since an agent waits for it: a page of it that is damaged is found
/// when something needs it.
const READ_AS_A_WHOLE: u64 = 16 << 20;

/// What an open store consists of.
pub(crate) struct Parts {
    pub(crate) vault: Vault,
    pub(crate) writer: Worker,
    /// `None` where one connection must do everything: in memory.
    pub(crate) reader: Option<Worker>,
}

/// What a look at the file found.
enum Found {
    /// No file, or nothing in it yet.
    Nothing,
    /// A store.
    Store { key_check: Vec<u8>, waiting_writes: u64 },
}

pub(crate) async fn file(path: &Path, secrets: &dyn SecretStore) -> Result<Parts, OpenError> {
    let path = path.to_owned();
    let found = aside({
        let path = path.clone();
        move || look(&path)
    })
    .await??;
    let master = match found {
        Found::Nothing => key::find_or_make(secrets).await?,
        Found::Store { key_check, waiting_writes } => key::find(secrets)
            .await?
            .filter(|key| Vault::new(key).open(KEY_CHECK, &key_check).is_ok())
            .ok_or(OpenError::KeyLost { waiting_writes })?,
    };
    aside(move || connect(&path, &master)).await?
}

pub(crate) fn memory() -> Result<Parts, OpenError> {
    let vault = Vault::new(&key::random()?);
    let mut writer = Connection::open_in_memory().map_err(StoreError::from)?;
    prepare(&mut writer, &vault)?;
    Ok(Parts { vault, writer: Worker::start("store", writer)?, reader: None })
}

fn look(path: &Path) -> Result<Found, OpenError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
        Ok(file) if file.is_dir() => return Err(std::io::ErrorKind::IsADirectory.into()),
        Ok(file) if file.len() == 0 => return Ok(Found::Nothing),
        Ok(_) => {}
    }
    // SQLite itself cannot say why the system refuses a file.
    drop(fs::File::open(path)?);
    let mut db = existing(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if broke_off_while_made(&db) {
        db = existing(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    }
    inspect(&db)
}

fn existing(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY)?;
    Ok(db)
}

/// Whether the file has a rollback journal that SQLite has to play back, which a reader may not. A store has one only before it
/// is set to its write-ahead log, when nothing of an agent is in it.
fn broke_off_while_made(db: &Connection) -> bool {
    count(db, "SELECT count(*) FROM sqlite_schema")
        .is_err_and(|error| error.code() == SQLITE_READONLY_ROLLBACK)
}

fn inspect(db: &Connection) -> Result<Found, OpenError> {
    let tables = count(db, "SELECT count(*) FROM sqlite_schema")?;
    if tables == 0 {
        return Ok(Found::Nothing);
    }
    if count(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'")? == 0 {
        return Err(OpenError::Damaged);
    }
    let found = u32::try_from(count(db, "PRAGMA user_version")?).unwrap_or(u32::MAX);
    if found > VERSION {
        return Err(OpenError::TooNew { found, known: VERSION });
    }
    let pages = count(db, "PRAGMA page_count")?;
    if pages * count(db, "PRAGMA page_size")? <= READ_AS_A_WHOLE {
        let health: String =
            db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(StoreError::from)?;
        if health != "ok" {
            return Err(OpenError::Damaged);
        }
    }
    let key_check = db
        .query_row("SELECT key_check FROM meta", [], |row| row.get(0))
        .optional()
        .map_err(StoreError::from)?;
    // The check is written before anything else: a file without it broke off while it was made.
    let Some(key_check) = key_check else { return Ok(Found::Nothing) };
    Ok(Found::Store {
        key_check,
        waiting_writes: count(db, "SELECT count(*) FROM drafts")? + outbox::waiting_writes(db)?,
    })
}

fn count(db: &Connection, sql: &str) -> Result<u64, StoreError> {
    let number: i64 = db.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn connect(path: &PathBuf, master: &MasterKey) -> Result<Parts, OpenError> {
    make_private(path)?;
    let vault = Vault::new(master);
    let mut writer = Connection::open(path).map_err(StoreError::from)?;
    prepare(&mut writer, &vault)?;
    let reader = existing(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(Parts {
        vault,
        writer: Worker::start("store-write", writer)?,
        reader: Some(Worker::start("store-read", reader)?),
    })
}

/// Makes folder and file for this user alone. SQLite gives its other files the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    let mut file = fs::OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    file.open(path).map(drop)
}

fn prepare(db: &mut Connection, vault: &Vault) -> Result<(), OpenError> {
    settings(db)?;
    MIGRATIONS.to_latest(db).map_err(migration_failed)?;
    let check = vault.seal(KEY_CHECK, KEY_CHECK_TEXT)?;
    db.execute("INSERT INTO meta (id, key_check) VALUES (1, ?1) ON CONFLICT DO NOTHING", [check])
        .map_err(StoreError::from)?;
    Ok(())
}

fn settings(db: &Connection) -> Result<(), StoreError> {
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // What is erased is overwritten, not only unlinked.
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

fn migration_failed(error: rusqlite_migration::Error) -> OpenError {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => StoreError::from(err).into(),
        _ => StoreError::from(StoreErrorKind::Damaged).into(),
    }
}
