//! The store's key in a real keyring.

use std::fs;

use testkit::session::Session;

use crate::probe::{SERVICE, probe};

const KEY: &str = "sidecard/store-key";

// SEC-09
#[test]
fn a_store_without_its_key_stays_as_it_is_and_a_restored_key_continues() {
    let session = Session::unlocked().unwrap();
    let path = session.home().join("store.db");
    let file = path.display();
    assert_eq!(probe(&session).ask(&format!("keep {file} typed")), "ok");
    let key = session.entry(SERVICE, KEY).unwrap().expect("the key is in the keyring");
    let before = fs::read(&path).unwrap();

    session.clear_entry(SERVICE, KEY).unwrap();
    for _ in 0..2 {
        assert_eq!(probe(&session).ask(&format!("recall {file}")), "key lost, 1 waiting");
        assert_eq!(session.entry(SERVICE, KEY).unwrap(), None, "no new key is made");
    }
    let other = "0".repeat(64);
    session.set_entry(SERVICE, KEY, &other).unwrap();
    assert_eq!(probe(&session).ask(&format!("keep {file} more")), "key lost, 1 waiting");
    assert!(fs::read(&path).unwrap() == before, "the file is what it was");

    session.set_entry(SERVICE, KEY, &key).unwrap();
    assert_eq!(probe(&session).ask(&format!("recall {file}")), "drafts typed");
}

// SEC-07, SEC-09
#[test]
fn a_store_behind_a_locked_keyring_is_not_lost() {
    let session = Session::unlocked().unwrap();
    let path = session.home().join("store.db");
    let file = path.display();
    let mut probe = probe(&session);
    assert_eq!(probe.ask(&format!("keep {file} typed")), "ok");
    let before = fs::read(&path).unwrap();
    session.lock().unwrap();
    assert_eq!(probe.ask(&format!("recall {file}")), "locked");
    assert!(fs::read(&path).unwrap() == before, "the file is what it was");
    session.unlock().unwrap();
    assert_eq!(probe.ask(&format!("recall {file}")), "drafts typed", "the same process goes on");
}

// SEC-01
#[test]
fn without_a_keyring_no_store_is_made() {
    let session = Session::without_bus().unwrap();
    let path = session.home().join("store.db");
    assert_eq!(probe(&session).ask(&format!("keep {} typed", path.display())), "missing");
    assert!(!path.exists());
}
