//! A folder that WebKitGTK asks for although private windows keep nothing. It is empty of pages and goes with the program;
//! one whose program was killed goes at the next start.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

const PREFIX: &str = "sidecard-web-";
/// Held by the program that the folder belongs to. The system lets go of it, however the program ends.
const LOCK: &str = "lock";

/// The folder of this start.
#[derive(Debug)]
pub(crate) struct Scratch(Mutex<Option<(TempDir, File)>>);

impl Scratch {
    /// Makes the folder, and removes those that nobody holds any more.
    pub(crate) fn make() -> io::Result<Self> {
        let base = std::env::temp_dir();
        sweep(&base);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(base)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self(Mutex::new(Some((folder, lock)))))
    }

    /// For windows that need none.
    pub(crate) fn none() -> Self {
        Self(Mutex::default())
    }

    /// The folder of one window.
    pub(crate) fn folder(&self, window: &str) -> PathBuf {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|(folder, _)| folder.path().join(window)).unwrap_or_default()
    }

    /// Removes the folder: the program ends without dropping what it holds.
    pub(crate) fn remove(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Removes the folders whose lock is free. One without a lock is just being made.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok()
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(%error, "a folder of an earlier start could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_once_its_program_is_gone_and_not_before() {
        let base = tempfile::tempdir().expect("a folder");
        let [living, dead, unborn] = ["living", "dead", "unborn"].map(|name| {
            let folder = base.path().join(format!("{PREFIX}{name}"));
            fs::create_dir(&folder).expect("a folder");
            folder
        });
        let held = File::create(living.join(LOCK)).expect("a file");
        held.lock().expect("a lock");
        File::create(dead.join(LOCK)).expect("a file");
        let other = base.path().join("sidecard-notes");
        fs::create_dir(&other).expect("a folder");
        sweep(base.path());
        assert!(living.exists() && unborn.exists() && other.exists());
        assert!(!dead.exists(), "its lock is free");
    }
}
