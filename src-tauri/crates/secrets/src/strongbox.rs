//! A keyring with a folder beside it, for what keyrings lack: values of any length, and holds that other processes keep to.
//!
//! Windows holds 2,560 bytes per entry. A longer value is encrypted into a file of its own, under a key made for this one
//! value; the keyring's entry then holds the key and the file's name. The file is whole and synced before the entry names it,
//! and the old file goes after that, so a crash leaves the old value or the new one, and at worst a file that nobody can
//! read. A hold is a locked file, which the system lets go when its process ends, however it ends.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use crate::{Hold, KeyringProblem, Secret, SecretName, SecretStore, key};

/// The longest value, in bytes, that goes into the keyring as it is.
const LONGEST: usize = 2_000;

/// Begins the entry of a value that is in a file.
const MARK: &str = "sealed:1:";

/// Between two looks at a name that somebody else holds.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A store of secrets with a folder for what does not fit.
#[derive(Clone)]
pub struct Strongbox {
    keyring: Arc<dyn SecretStore>,
    folder: PathBuf,
}

impl Strongbox {
    /// `keyring`, with files in `folder`, which is made when it is needed.
    pub fn new(keyring: Arc<dyn SecretStore>, folder: impl Into<PathBuf>) -> Self {
        Self { keyring, folder: folder.into() }
    }

    /// Removes the file that `entry` names, if it names one. A file that stays is one that nobody can read.
    async fn discard(&self, entry: Option<Secret>) {
        let Some(sealed) = entry.as_ref().and_then(Sealed::parse) else { return };
        let path = self.folder.join(&sealed.file);
        if aside(move || fs::remove_file(path)).await.is_err() {
            tracing::warn!("the file of a replaced secret could not be removed");
        }
    }
}

impl fmt::Debug for Strongbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strongbox")
    }
}

#[async_trait]
impl SecretStore for Strongbox {
    async fn get(&self, name: &SecretName) -> Result<Option<Secret>, KeyringProblem> {
        let Some(entry) = self.keyring.get(name).await? else { return Ok(None) };
        let Some(sealed) = Sealed::parse(&entry) else { return Ok(Some(entry)) };
        let path = self.folder.join(&sealed.file);
        let value = match aside(move || fs::read(path)).await {
            Ok(bytes) => sealed.open(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => return Err(KeyringProblem::Failed),
        };
        if value.is_none() {
            tracing::warn!(
                slot = name.slot,
                "the file of a long secret is gone or damaged: it has to be entered again"
            );
        }
        Ok(value)
    }

    async fn set(&self, name: &SecretName, value: Secret) -> Result<(), KeyringProblem> {
        let before = self.keyring.get(name).await?;
        // EXPOSE: its length and its beginning decide where it goes.
        let entry = if value.expose().len() <= LONGEST && !value.expose().starts_with(MARK) {
            value
        } else {
            let (sealed, bytes) = Sealed::seal(name, &value).ok_or(KeyringProblem::Failed)?;
            let (folder, file) = (self.folder.clone(), sealed.file.clone());
            aside(move || write(&folder, &file, &bytes)).await.map_err(|_| KeyringProblem::Failed)?;
            sealed.entry()
        };
        self.keyring.set(name, entry).await?;
        self.discard(before).await;
        Ok(())
    }

    async fn remove(&self, name: &SecretName) -> Result<(), KeyringProblem> {
        let before = self.keyring.get(name).await?;
        self.keyring.remove(name).await?;
        self.discard(before).await;
        Ok(())
    }

    async fn check(&self) -> Result<(), KeyringProblem> {
        self.keyring.check().await
    }

    async fn hold(&self, name: &SecretName) -> Result<Hold, KeyringProblem> {
        let within = self.keyring.hold(name).await?;
        let path = self.folder.join(format!("{}.lock", stem(name)));
        let folder = self.folder.clone();
        let file = aside(move || open(&folder, &path)).await.map_err(|_| KeyringProblem::Failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Hold::new((file, within))),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK_AGAIN).await,
                Err(TryLockError::Error(_)) => return Err(KeyringProblem::Failed),
            }
        }
    }
}

/// Where a long value is, and its key.
struct Sealed {
    file: String,
    key: key::Key,
}

impl Sealed {
    fn seal(name: &SecretName, value: &Secret) -> Option<(Self, Vec<u8>)> {
        let key = key::random()?;
        let mut tail = [0; 8];
        getrandom::fill(&mut tail).ok()?;
        let sealed = Self { file: format!("{}-{:016x}.sealed", stem(name), u64::from_le_bytes(tail)), key };
        // EXPOSE: it is encrypted.
        let payload = Payload { msg: value.expose().as_bytes(), aad: sealed.file.as_bytes() };
        let bytes = sealed.cipher().encrypt(&NONCE, payload).ok()?;
        Some((sealed, bytes))
    }

    fn open(&self, bytes: &[u8]) -> Option<Secret> {
        let payload = Payload { msg: bytes, aad: self.file.as_bytes() };
        let plain = Zeroizing::new(self.cipher().decrypt(&NONCE, payload).ok()?);
        Some(Secret::new(std::str::from_utf8(&plain).ok()?))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key))
    }

    fn entry(&self) -> Secret {
        Secret::new(format!("{MARK}{}:{}", *key::encode(&self.key), self.file))
    }

    fn parse(entry: &Secret) -> Option<Self> {
        // EXPOSE: the entry is taken apart.
        let (digits, file) = entry.expose().strip_prefix(MARK)?.split_once(':')?;
        if file.contains(['/', '\\']) {
            return None;
        }
        Some(Self { file: file.to_owned(), key: key::decode(digits)? })
    }
}

/// Every value has a key of its own, so one nonce is enough.
const NONCE: XNonce = chacha20poly1305::aead::array::Array([0; 24]);

/// The name as a part of a file's name.
fn stem(name: &SecretName) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    [&name.owner, &name.slot].map(|part| part.chars().map(plain).collect::<String>()).join(".")
}

fn write(folder: &Path, file: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = open(folder, &folder.join(file))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens a file of this user alone, and makes the folder and it where they are not there.
fn open(folder: &Path, path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        maker.mode(0o700);
        options.mode(0o600);
    }
    maker.create(folder)?;
    options.open(path)
}

/// Runs `work` where it may block.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| io::Error::other("interrupted"))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    struct Desk {
        folder: tempfile::TempDir,
        keyring: Arc<Memory>,
        store: Strongbox,
    }

    fn desk() -> Desk {
        let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::new(Memory::default()));
        let store = Strongbox::new(keyring.clone(), folder.path().join("secrets"));
        Desk { folder, keyring, store }
    }

    impl Desk {
        fn files(&self) -> Vec<PathBuf> {
            let Ok(found) = fs::read_dir(self.folder.path().join("secrets")) else { return Vec::new() };
            found.map(|entry| entry.unwrap().path()).collect()
        }
    }

    fn name() -> SecretName {
        SecretName::of(&"chat".into(), "sign_in")
    }

    fn long(letter: char) -> Secret {
        Secret::new(std::iter::repeat_n(letter, 9_000).collect::<String>())
    }

    // SEC-01
    #[tokio::test]
    async fn a_value_too_long_for_a_keyring_is_in_a_file_that_only_the_keyring_opens() {
        let desk = desk();
        desk.store.set(&name(), long('a')).await.unwrap();
        assert_eq!(desk.store.get(&name()).await, Ok(Some(long('a'))));
        let entry = desk.keyring.get(&name()).await.unwrap().unwrap();
        assert!(entry.expose().len() < 2_560, "what Windows holds");
        let file = fs::read(&desk.files()[0]).unwrap();
        assert!(!file.windows(8).any(|part| part == b"aaaaaaaa"), "readable on disk");

        let short = Secret::new("short");
        desk.store.set(&name(), short.clone()).await.unwrap();
        assert_eq!(desk.keyring.get(&name()).await, Ok(Some(short)), "a short one needs no file");
        assert_eq!(desk.files(), [] as [PathBuf; 0], "and the old file is gone");
    }

    // SEC-01
    #[tokio::test]
    async fn replacing_and_removing_leave_no_file_behind() {
        let desk = desk();
        desk.store.set(&name(), long('a')).await.unwrap();
        desk.store.set(&name(), long('b')).await.unwrap();
        assert_eq!(desk.files().len(), 1);
        assert_eq!(desk.store.get(&name()).await, Ok(Some(long('b'))));
        desk.store.remove(&name()).await.unwrap();
        assert_eq!(desk.files().len(), 0);
        assert_eq!(desk.store.get(&name()).await, Ok(None));
    }

    #[tokio::test]
    async fn a_lost_or_changed_file_is_an_entry_that_is_not_there() {
        let desk = desk();
        desk.store.set(&name(), long('a')).await.unwrap();
        let file = desk.files().remove(0);
        let mut bytes = fs::read(&file).unwrap();
        bytes[100] ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert_eq!(desk.store.get(&name()).await, Ok(None), "changed");
        fs::remove_file(&file).unwrap();
        assert_eq!(desk.store.get(&name()).await, Ok(None), "lost");
        desk.store.set(&name(), long('b')).await.unwrap();
        assert_eq!(desk.store.get(&name()).await, Ok(Some(long('b'))), "entered again");
    }

    #[tokio::test]
    async fn a_value_that_looks_like_an_entry_comes_back_as_it_was() {
        let desk = desk();
        let odd = Secret::new(format!("{MARK}{}:file", "0".repeat(64)));
        desk.store.set(&name(), odd.clone()).await.unwrap();
        assert_eq!(desk.store.get(&name()).await, Ok(Some(odd)));
    }

    // CRM-08
    #[tokio::test]
    async fn a_hold_keeps_another_process_waiting_and_ends_with_its_owner() {
        let desk = desk();
        // A keyring handle of its own, as another process has one: only the file is shared.
        let other = Strongbox::new(Arc::new(Memory::default()), desk.folder.path().join("secrets"));
        let hold = desk.store.hold(&name()).await.unwrap();
        let wait = Duration::from_secs(5);
        let short = Duration::from_millis(200);
        assert!(tokio::time::timeout(short, other.hold(&name())).await.is_err(), "held");
        let another = SecretName::of(&"crm".into(), "sign_in");
        assert!(tokio::time::timeout(wait, other.hold(&another)).await.is_ok(), "another name is free");
        drop(hold);
        assert!(tokio::time::timeout(wait, other.hold(&name())).await.is_ok(), "let go");
    }
}
