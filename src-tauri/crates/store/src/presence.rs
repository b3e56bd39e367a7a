//! Which programs use the store at this moment: each holds a lock on a file of its own, which the system takes from it when
//! it ends, however it ends. So what a program was sending is taken over once it is gone, and never while it runs.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::Holder;

/// This run of the program, announced to the others.
#[derive(Debug)]
pub struct Presence {
    holder: Holder,
    folder: Option<PathBuf>,
    /// Locked for as long as the program runs.
    _lock: Option<File>,
}

impl Presence {
    /// Announces `holder` in `folder`; a store in memory has none. Where the folder takes no locks, nobody knows of it, and
    /// others that begin meanwhile take it for gone.
    pub fn announce(holder: Holder, folder: Option<&Path>) -> Self {
        let lock = folder.and_then(|folder| lock(folder, &holder.name()).ok());
        let folder = folder.filter(|_| lock.is_some()).map(Path::to_owned);
        Self { holder, folder, _lock: lock }
    }

    /// This run.
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// Everybody who is there now, this run among them. The files of those who are gone go.
    pub fn everybody(&self) -> Vec<Holder> {
        let mut there = vec![self.holder];
        let files = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok());
        for file in files.into_iter().flatten().flatten() {
            let name = file.file_name();
            let Some(holder) = name.to_str().and_then(Holder::parse) else { continue };
            if holder == self.holder {
                continue;
            }
            match File::open(file.path()).map(|lock| lock.try_lock()) {
                Ok(Err(TryLockError::WouldBlock)) => there.push(holder),
                // Whoever else finds it gone at the same moment has removed it.
                Ok(Ok(())) => drop(fs::remove_file(file.path())),
                _ => {}
            }
        }
        there
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What is left behind is removed by the next one.
            drop(fs::remove_file(folder.join(self.holder.name())));
        }
    }
}

/// A locked file `name` in `folder`. It gets its name once it is locked: nobody finds it without.
fn lock(folder: &Path, name: &str) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let new = folder.join(format!("{name}.new"));
    let file = File::create(&new)?;
    file.try_lock()?;
    fs::rename(&new, folder.join(name))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    // REL-01
    #[test]
    fn rel_01_a_program_is_there_until_it_ends_and_not_longer() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Holder::from([1; 16]), Holder::from([2; 16]));
        let first = Presence::announce(one, Some(folder.path()));
        assert_eq!(first.everybody(), [one]);
        let second = Presence::announce(two, Some(folder.path()));
        assert_eq!(first.everybody(), [one, two]);
        assert_eq!(second.everybody(), [two, one]);
        drop(first);
        assert_eq!(second.everybody(), [two]);
        // One that was killed leaves its file, without a lock.
        File::create(folder.path().join(one.name())).unwrap();
        assert_eq!(second.everybody(), [two]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and its file goes");
    }

    #[test]
    fn without_a_folder_the_program_knows_of_itself_alone() {
        let one = Holder::from([1; 16]);
        assert_eq!(Presence::announce(one, Some(Path::new("/dev/null/no"))).everybody(), [one]);
    }
}
