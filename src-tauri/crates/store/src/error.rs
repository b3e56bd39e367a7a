//! What can go wrong, without a word of personal data.

use secrets::KeyringProblem;

/// Why the store could not be opened. Whatever the reason, the file is left as it was.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The keyring did not answer, so it is not known whether the key is there. Ask again later.
    #[error("the keyring does not give the store's key: {0}")]
    Keyring(#[from] KeyringProblem),
    /// The keyring works and holds no key, or another one than the file was written with. Putting the key back opens
    /// the file again.
    #[error("the key of the store is gone; {waiting_writes} unsaved entries wait in the file")]
    KeyLost {
        /// What agents typed that no CRM has yet.
        waiting_writes: u64,
    },
    /// A newer version of the program wrote the file.
    #[error("the store has version {found}, this program knows {known}")]
    TooNew {
        /// The file's version.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// The file is no store, or a broken one.
    #[error("the store's file is damaged")]
    Damaged,
    /// The system refused the file.
    #[error("the store's file cannot be used: {0}")]
    Io(std::io::ErrorKind),
}

/// What sort of failure a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The store was closed.
    Closed,
    /// Another program holds the file; trying again may help.
    Busy,
    /// The disk is full.
    Full,
    /// A row does not decrypt or does not read: it was changed outside, or the file is broken.
    Damaged,
    /// Anything else the system or the database said.
    Io,
}

/// Why a call did not work. Holds no values, statements or paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("store: {kind:?} (code {code})")]
pub struct StoreError {
    kind: StoreErrorKind,
    code: i32,
}

impl StoreError {
    /// What sort of failure it is.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The extended code of SQLite, 0 when it did not come from there. For the log.
    pub fn code(&self) -> i32 {
        self.code
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self { kind, code: 0 }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase};
        let code = error.sqlite_error().map_or(0, |failure| failure.extended_code);
        let kind = match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => StoreErrorKind::Busy,
            Some(DiskFull) => StoreErrorKind::Full,
            Some(DatabaseCorrupt | NotADatabase) => StoreErrorKind::Damaged,
            Some(_) => StoreErrorKind::Io,
            // Not SQLite's: a column of another type than it was written with.
            None => StoreErrorKind::Damaged,
        };
        Self { kind, code }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        use std::io::ErrorKind;
        match error.kind {
            StoreErrorKind::Damaged => Self::Damaged,
            StoreErrorKind::Full => Self::Io(ErrorKind::StorageFull),
            StoreErrorKind::Busy => Self::Io(ErrorKind::ResourceBusy),
            StoreErrorKind::Closed | StoreErrorKind::Io => Self::Io(ErrorKind::Other),
        }
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<std::io::ErrorKind> for OpenError {
    fn from(kind: std::io::ErrorKind) -> Self {
        Self::Io(kind)
    }
}
