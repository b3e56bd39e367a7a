//! The disk as SQLite uses it.
//!
//! Each connection has a copy of the shared memory, which `sqlite-vfs` exchanges when locks change hands. That is exact as long
//! as connections work one after the other, so a test waits for each call of a store before it makes the next.

use std::{
    io::{Error, ErrorKind, Result},
    ops::Range,
    time::Duration,
};

use fastrand::Rng;
use sqlite_vfs::{
    DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs,
    wip::{WalIndex, WalIndexLock},
};

use crate::disk::{Disk, Handle, REGION};

/// Makes `disk` the one that every connection of this process uses from now on.
pub(crate) fn install(disk: &Disk) {
    sqlite_vfs::register("power", Layer(disk.clone()), true).expect("SQLite takes another file layer");
}

struct Layer(Disk);

impl Vfs for Layer {
    type Handle = File;

    fn open(&self, name: &str, options: OpenOptions) -> Result<File> {
        let create = matches!(options.access, OpenAccess::Create | OpenAccess::CreateNew);
        self.0.open(name, create, options.access != OpenAccess::Read).map(File)
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.0.remove(name)
    }

    fn exists(&self, name: &str) -> Result<bool> {
        Ok(self.0.len(name).is_some())
    }

    fn temporary_name(&self) -> String {
        format!("temporary-{}", self.0.chance(0..u64::MAX))
    }

    fn random(&self, buffer: &mut [i8]) {
        let mut rng = Rng::with_seed(self.0.chance(0..u64::MAX));
        buffer.fill_with(|| rng.i8(..));
    }

    fn sleep(&self, duration: Duration) -> Duration {
        std::thread::sleep(duration);
        duration
    }
}

struct File(Handle);

impl Drop for File {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl DatabaseHandle for File {
    type WalIndex = Index;

    fn size(&self) -> Result<u64> {
        self.0.len()
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], at: u64) -> Result<()> {
        if self.0.read(buffer, at)? { Ok(()) } else { Err(Error::from(ErrorKind::UnexpectedEof)) }
    }

    fn write_all_at(&mut self, bytes: &[u8], at: u64) -> Result<()> {
        self.0.write(bytes, at)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        self.0.sync()
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.0.resize(len)
    }

    fn lock(&mut self, lock: LockKind) -> Result<bool> {
        self.0.lock(lock)
    }

    fn reserved(&mut self) -> Result<bool> {
        self.0.reserved()
    }

    fn current_lock(&self) -> Result<LockKind> {
        self.0.held()
    }

    fn wal_index(&self, _readonly: bool) -> Result<Index> {
        Ok(Index(self.0.same()))
    }
}

/// The memory that the connections to one file share.
struct Index(Handle);

impl WalIndex for Index {
    fn map(&mut self, region: u32) -> Result<[u8; REGION]> {
        self.0.region(region)
    }

    fn lock(&mut self, slots: Range<u8>, lock: WalIndexLock) -> Result<bool> {
        self.0.lock_regions(slots, lock)
    }

    fn delete(self) -> Result<()> {
        self.0.forget_regions()
    }

    fn pull(&mut self, region: u32, bytes: &mut [u8; REGION]) -> Result<()> {
        *bytes = self.0.region(region)?;
        Ok(())
    }

    fn push(&mut self, region: u32, bytes: &[u8; REGION]) -> Result<()> {
        self.0.set_region(region, bytes)
    }
}
