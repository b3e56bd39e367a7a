//! The store's key and what is done with it: encryption of cells, and the blind index.
//!
//! A sealed cell is `version (1 byte) ‖ nonce (24, random) ‖ XChaCha20-Poly1305`. Table, column and row are bound to it as
//! associated data, so a value that was moved to another cell does not open. The blind index is HMAC-SHA256: rows can be
//! found by a value that the file does not show.

use std::fmt;

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{StoreError, StoreErrorKind};

const KEY_VERSION: u8 = 1;
const NONCE: usize = 24;

/// A keyed fingerprint, used as row key.
pub(crate) type Mark = [u8; 32];

/// The 32 bytes everything else is derived from.
pub(crate) type MasterKey = secrets::key::Key;

/// Where a sealed value stands.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: &'a [u8],
}

/// Seals, opens and marks under one key.
pub(crate) struct Vault {
    cipher: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
}

impl Vault {
    pub(crate) fn new(master: &MasterKey) -> Self {
        let encryption = derive(master, b"sidecard store: cells");
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(*encryption)),
            index: derive(master, b"sidecard store: blind index"),
        }
    }

    /// Encrypts `plain` for `cell`.
    pub(crate) fn seal(&self, cell: Cell<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| StoreErrorKind::Io)?;
        let payload = Payload { msg: plain, aad: &aad(cell) };
        let text = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreErrorKind::Io)?;
        Ok([&[KEY_VERSION][..], &nonce, &text].concat())
    }

    /// Decrypts what [`Self::seal`] made for the same cell.
    pub(crate) fn open(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let Some((&KEY_VERSION, rest)) = sealed.split_first() else {
            return Err(StoreErrorKind::Damaged.into());
        };
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(StoreErrorKind::Damaged)?;
        let payload = Payload { msg: text, aad: &aad(cell) };
        let plain =
            self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| StoreErrorKind::Damaged)?;
        Ok(Zeroizing::new(plain))
    }

    /// Encrypts `value` as JSON.
    pub(crate) fn seal_json(&self, cell: Cell<'_>, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| StoreErrorKind::Io)?);
        self.seal(cell, &plain)
    }

    /// Decrypts JSON.
    pub(crate) fn open_json<T: DeserializeOwned>(
        &self,
        cell: Cell<'_>,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        let plain = self.open(cell, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| StoreErrorKind::Damaged.into())
    }

    /// The fingerprint of `parts` for one purpose; the same values under another purpose have another one.
    pub(crate) fn mark(&self, purpose: &str, parts: &[&str]) -> Mark {
        self.mark_bytes(purpose, parts.iter().map(|part| part.as_bytes()))
    }

    /// The same of parts that are no text.
    pub(crate) fn mark_bytes<'a>(&self, purpose: &'a str, parts: impl Iterator<Item = &'a [u8]>) -> Mark {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.index.as_ref()).expect("HMAC takes any key length");
        mac.update(&framed(std::iter::once(purpose.as_bytes()).chain(parts)));
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(•••)")
    }
}

fn derive(master: &MasterKey, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, master.as_ref())
        .expand(purpose, key.as_mut())
        .expect("32 bytes are a valid length for HKDF-SHA256");
    key
}

fn aad(cell: Cell<'_>) -> Vec<u8> {
    framed([cell.table.as_bytes(), cell.column.as_bytes(), cell.row].into_iter())
}

/// Puts parts together with their lengths, so that no two lists become the same bytes.
fn framed<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Cell<'static> = Cell { table: "links", column: "body", row: b"row 1" };

    fn vault(key: u8) -> Vault {
        Vault::new(&Zeroizing::new([key; 32]))
    }

    // SEC-04
    #[test]
    fn a_sealed_value_opens_only_in_its_own_cell() {
        let sealed = vault(1).seal(CELL, b"Ana").unwrap();
        assert_eq!(vault(1).open(CELL, &sealed).unwrap().as_slice(), b"Ana");
        let elsewhere = [
            Cell { table: "drafts", ..CELL },
            Cell { column: "record", ..CELL },
            Cell { row: b"row 2", ..CELL },
            Cell { table: "linksbody", column: "", ..CELL },
        ];
        for cell in elsewhere {
            assert_eq!(vault(1).open(cell, &sealed).unwrap_err().kind(), StoreErrorKind::Damaged);
        }
    }

    // SEC-04
    #[test]
    fn a_changed_cut_or_foreign_value_does_not_open() {
        let sealed = vault(1).seal(CELL, b"Ana").unwrap();
        assert!(vault(2).open(CELL, &sealed).is_err(), "another key");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(vault(1).open(CELL, &changed).is_err(), "byte {place} changed");
            assert!(vault(1).open(CELL, &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        assert_ne!(vault(1).seal(CELL, b"Ana").unwrap(), vault(1).seal(CELL, b"Ana").unwrap());
    }

    // SEC-04
    #[test]
    fn marks_depend_on_key_purpose_and_where_parts_end() {
        let mark = vault(1).mark("links", &["ab", "c"]);
        assert_eq!(mark, vault(1).mark("links", &["ab", "c"]));
        assert_ne!(mark, vault(2).mark("links", &["ab", "c"]), "key");
        assert_ne!(mark, vault(1).mark("drafts", &["ab", "c"]), "purpose");
        assert_ne!(mark, vault(1).mark("links", &["a", "bc"]), "borders");
    }
}
