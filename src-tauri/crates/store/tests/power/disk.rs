//! A disk in memory whose power can be cut.
//!
//! What a program wrote is in the cache until it is synced. [`Disk::cut`] keeps what is on the plate and, of what is in the
//! cache, as much as chance wants: each piece of [`SECTOR`] bytes by itself, in whatever order the drive had chosen.
//!
//! The names in the folder are in the cache, too. The first sync of a file writes all of them: SQLite's own layer syncs the
//! folder at that moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Error, ErrorKind, Result},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fastrand::Rng;
use sqlite_vfs::{LockKind, wip::WalIndexLock};

/// How much of a write reaches the plate as a whole.
const SECTOR: u64 = 4_096;
/// The size of a piece of the memory that connections share, as SQLite has it.
pub(crate) const REGION: usize = 32_768;

/// The disk. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Mutex<State>>);

struct State {
    rng: Rng,
    /// Raised by each cut: whoever opened a file before it has nothing any more.
    boot: u64,
    /// How many changes the power lasts for.
    power: u64,
    off: bool,
    /// How many bytes the files may have together.
    room: usize,
    last_id: u64,
    names: BTreeMap<String, Inode>,
    names_on_plate: BTreeMap<String, Inode>,
    contents: BTreeMap<Inode, Content>,
    locks: BTreeMap<String, BTreeMap<Opened, LockKind>>,
    shared: BTreeMap<String, Shared>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Inode(u64);

/// One opening of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Opened(u64);

#[derive(Default)]
struct Content {
    /// What programs read.
    seen: Vec<u8>,
    /// What a cut leaves for certain.
    on_plate: Vec<u8>,
    /// What stands between the two, in order.
    cached: Vec<Change>,
}

enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Resize(u64),
}

/// Memory that connections to one file share, and its locks.
#[derive(Default)]
struct Shared {
    regions: BTreeMap<u32, [u8; REGION]>,
    locks: BTreeMap<(u8, Opened), WalIndexLock>,
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let at = position(*at);
                resize(to, to.len().max(at + bytes.len()));
                to[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Resize(len) => resize(to, position(*len)),
        }
    }

    /// The same change in pieces that reach the plate each by itself.
    fn torn(self) -> Vec<Self> {
        let Self::Write { mut at, bytes } = self else { return vec![self] };
        let mut rest = &bytes[..];
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(position(SECTOR - at % SECTOR)));
            pieces.push(Self::Write { at, bytes: piece.to_vec() });
            at += piece.len() as u64;
            rest = after;
        }
        pieces
    }
}

/// Like [`Vec::resize`], which takes its time byte by byte in a build for tests.
fn resize(bytes: &mut Vec<u8>, len: usize) {
    let missing = len.saturating_sub(bytes.len());
    bytes.extend_from_slice(&vec![0; missing]);
    bytes.truncate(len);
}

fn position(number: u64) -> usize {
    usize::try_from(number).expect("files in memory are small")
}

impl State {
    fn new(seed: u64, boot: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            boot,
            power: u64::MAX,
            off: false,
            room: usize::MAX,
            last_id: 0,
            names: BTreeMap::new(),
            names_on_plate: BTreeMap::new(),
            contents: BTreeMap::new(),
            locks: BTreeMap::new(),
            shared: BTreeMap::new(),
        }
    }

    fn used(&self) -> usize {
        self.contents.values().map(|content| content.seen.len()).sum()
    }

    /// Takes the power for one more change, if there is any.
    fn draw(&mut self) -> Result<()> {
        match self.power.checked_sub(1) {
            Some(left) => self.power = left,
            None => self.off = true,
        }
        if self.off { Err(no_power()) } else { Ok(()) }
    }
}

fn no_power() -> Error {
    Error::other("there is no power")
}

impl Disk {
    /// An empty disk under power.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::new(0, 0))))
    }

    /// Makes the disk a new and empty one. Chance follows `seed`.
    pub(crate) fn renew(&self, seed: u64) {
        let mut state = self.state();
        *state = State::new(seed, state.boot + 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the power go off after `changes` more changes of any file.
    pub(crate) fn power_for(&self, changes: u64) {
        self.state().power = changes;
    }

    /// Leaves room for `bytes` more.
    pub(crate) fn room_for(&self, bytes: usize) {
        let mut state = self.state();
        state.room = state.used().saturating_add(bytes);
    }

    /// Whether the power went off.
    pub(crate) fn is_off(&self) -> bool {
        self.state().off
    }

    /// Cuts the power and switches it on again. Of what was not synced, a share of `surviving` (0 to 1) is there.
    pub(crate) fn cut(&self, surviving: f64) {
        let mut state = self.state();
        let State { rng, names, names_on_plate, contents, .. } = &mut *state;
        let all: BTreeSet<_> = names.keys().chain(names_on_plate.keys()).cloned().collect();
        let left = all.into_iter().filter_map(|name| {
            let table = if rng.f64() < surviving { &*names } else { &*names_on_plate };
            let inode = *table.get(&name)?;
            Some((name, inode))
        });
        let left: BTreeMap<_, _> = left.collect();
        contents.retain(|inode, _| left.values().any(|kept| kept == inode));
        for content in contents.values_mut() {
            for piece in content.cached.drain(..).flat_map(Change::torn) {
                if rng.f64() < surviving {
                    piece.apply(&mut content.on_plate);
                }
            }
            content.seen.clone_from(&content.on_plate);
        }
        state.names.clone_from(&left);
        state.names_on_plate = left;
        state.locks.clear();
        state.shared.clear();
        state.boot += 1;
        state.power = u64::MAX;
        state.off = false;
    }

    /// A number by chance.
    pub(crate) fn chance(&self, range: Range<u64>) -> u64 {
        self.state().rng.u64(range)
    }

    /// The length of the file `name`, when there is one.
    pub(crate) fn len(&self, name: &str) -> Option<u64> {
        let state = self.state();
        let inode = state.names.get(name)?;
        Some(state.contents[inode].seen.len() as u64)
    }

    /// Opens the file `name`, and makes it where `create` says so.
    pub(crate) fn open(&self, name: &str, create: bool, writable: bool) -> Result<Handle> {
        let mut state = self.state();
        let inode = match state.names.get(name) {
            Some(inode) => *inode,
            None if create => {
                state.draw()?;
                state.last_id += 1;
                let inode = Inode(state.last_id);
                state.names.insert(name.to_owned(), inode);
                state.contents.insert(inode, Content::default());
                inode
            }
            None => return Err(ErrorKind::NotFound.into()),
        };
        state.last_id += 1;
        let opened = Opened(state.last_id);
        let boot = state.boot;
        drop(state);
        Ok(Handle { disk: self.clone(), name: name.to_owned(), inode, opened, boot, writable })
    }

    /// Takes the file `name` out of the folder.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let mut state = self.state();
        if !state.names.contains_key(name) {
            return Err(ErrorKind::NotFound.into());
        }
        state.draw()?;
        state.names.remove(name);
        Ok(())
    }
}

/// An open file.
pub(crate) struct Handle {
    disk: Disk,
    name: String,
    inode: Inode,
    opened: Opened,
    boot: u64,
    writable: bool,
}

impl Handle {
    fn state(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        if state.boot == self.boot { Ok(state) } else { Err(no_power()) }
    }

    fn change(&self, change: Change) -> Result<()> {
        if !self.writable {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let mut state = self.state()?;
        if let Change::Write { at, bytes } = &change
            && position(*at) + bytes.len() > state.contents[&self.inode].seen.len()
            && state.used() + bytes.len() > state.room
        {
            // What the layer gives SQLite as a full disk.
            return Err(ErrorKind::WriteZero.into());
        }
        if state.off {
            return Err(no_power());
        }
        let power = state.draw();
        let content = state.contents.get_mut(&self.inode).ok_or_else(no_power)?;
        // The change at which the power goes is in the cache as well and may be half on the plate.
        change.apply(&mut content.seen);
        content.cached.push(change);
        power
    }

    pub(crate) fn len(&self) -> Result<u64> {
        Ok(self.state()?.contents[&self.inode].seen.len() as u64)
    }

    /// Fills `buffer` from `at` on, with zeros after the end of the file. Says whether the file was long enough.
    pub(crate) fn read(&self, buffer: &mut [u8], at: u64) -> Result<bool> {
        let state = self.state()?;
        let seen = &state.contents[&self.inode].seen;
        let from = seen.get(position(at)..).unwrap_or_default();
        let there = from.len().min(buffer.len());
        buffer[..there].copy_from_slice(&from[..there]);
        buffer[there..].fill(0);
        Ok(there == buffer.len())
    }

    pub(crate) fn write(&self, bytes: &[u8], at: u64) -> Result<()> {
        self.change(Change::Write { at, bytes: bytes.to_vec() })
    }

    pub(crate) fn resize(&self, len: u64) -> Result<()> {
        self.change(Change::Resize(len))
    }

    /// Writes what is cached to the plate.
    pub(crate) fn sync(&self) -> Result<()> {
        let mut state = self.state()?;
        state.draw()?;
        let State { names, names_on_plate, contents, .. } = &mut *state;
        let content = contents.get_mut(&self.inode).ok_or_else(no_power)?;
        for change in content.cached.drain(..) {
            change.apply(&mut content.on_plate);
        }
        if !names_on_plate.values().any(|inode| *inode == self.inode) {
            names_on_plate.clone_from(names);
        }
        Ok(())
    }

    /// Takes or gives back the lock of the file. Says whether it could be had.
    pub(crate) fn lock(&self, wanted: LockKind) -> Result<bool> {
        let mut state = self.state()?;
        let locks = state.locks.entry(self.name.clone()).or_default();
        let others = || locks.iter().filter(|(opened, _)| **opened != self.opened).map(|(_, lock)| *lock);
        let (granted, held) = match wanted {
            LockKind::None => (true, LockKind::None),
            LockKind::Shared if others().any(|lock| lock >= LockKind::Pending) => return Ok(false),
            LockKind::Reserved | LockKind::Pending | LockKind::Exclusive
                if others().any(|lock| lock >= LockKind::Reserved) =>
            {
                return Ok(false);
            }
            LockKind::Exclusive if others().any(|lock| lock >= LockKind::Shared) => {
                (false, LockKind::Pending)
            }
            lock => (true, lock),
        };
        if held == LockKind::None {
            locks.remove(&self.opened);
        } else {
            locks.insert(self.opened, held);
        }
        Ok(granted)
    }

    pub(crate) fn held(&self) -> Result<LockKind> {
        let state = self.state()?;
        let locks = state.locks.get(&self.name);
        Ok(locks.and_then(|locks| locks.get(&self.opened)).copied().unwrap_or_default())
    }

    /// Whether anybody is about to write.
    pub(crate) fn reserved(&self) -> Result<bool> {
        let state = self.state()?;
        Ok(state
            .locks
            .get(&self.name)
            .is_some_and(|locks| locks.values().any(|lock| *lock >= LockKind::Reserved)))
    }

    /// A piece of the shared memory.
    pub(crate) fn region(&self, number: u32) -> Result<[u8; REGION]> {
        let mut state = self.state()?;
        let shared = state.shared.entry(self.name.clone()).or_default();
        Ok(*shared.regions.entry(number).or_insert([0; REGION]))
    }

    pub(crate) fn set_region(&self, number: u32, bytes: &[u8; REGION]) -> Result<()> {
        self.state()?.shared.entry(self.name.clone()).or_default().regions.insert(number, *bytes);
        Ok(())
    }

    /// Takes or gives back locks of the shared memory. Says whether all could be had.
    pub(crate) fn lock_regions(&self, range: Range<u8>, wanted: WalIndexLock) -> Result<bool> {
        let mut state = self.state()?;
        let locks = &mut state.shared.entry(self.name.clone()).or_default().locks;
        let refused = locks.iter().any(|((slot, opened), lock)| {
            range.contains(slot)
                && *opened != self.opened
                && match wanted {
                    WalIndexLock::None => false,
                    WalIndexLock::Shared => *lock == WalIndexLock::Exclusive,
                    WalIndexLock::Exclusive => true,
                }
        });
        if refused {
            return Ok(false);
        }
        for slot in range {
            match wanted {
                WalIndexLock::None => drop(locks.remove(&(slot, self.opened))),
                lock => drop(locks.insert((slot, self.opened), lock)),
            }
        }
        Ok(true)
    }

    pub(crate) fn forget_regions(&self) -> Result<()> {
        self.state()?.shared.remove(&self.name);
        Ok(())
    }

    /// The same opening, for the shared memory.
    pub(crate) fn same(&self) -> Self {
        Self { disk: self.disk.clone(), name: self.name.clone(), ..*self }
    }

    /// Gives all locks back.
    pub(crate) fn release(&self) {
        let Ok(mut state) = self.state() else { return };
        if let Some(locks) = state.locks.get_mut(&self.name) {
            locks.remove(&self.opened);
        }
        if let Some(shared) = state.shared.get_mut(&self.name) {
            shared.locks.retain(|(_, opened), _| *opened != self.opened);
        }
    }
}
