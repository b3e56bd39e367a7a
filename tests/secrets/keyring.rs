//! Four states of the keyring, and the ways from one to the other without a restart.

use std::{fs, path::Path, time::Instant};

use sidecard_tests::{probe::Probe, screen::Screen};
use testkit::session::{PASSWORD, Session};

use crate::probe::{SERVICE, probe};

// SEC-01
#[test]
fn a_secret_is_kept_in_the_systems_keyring_under_the_profile() {
    let session = Session::unlocked().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("check"), "ok");
    assert_eq!(probe.ask("get password"), "none");
    assert_eq!(probe.ask("set password s3cret"), "ok");
    assert_eq!(probe.ask("get password"), "value s3cret");
    assert_eq!(session.entry(SERVICE, "crm/password").unwrap().as_deref(), Some("s3cret"));
    assert_eq!(session.entry(SERVICE, "sidecard/probe").unwrap(), None, "no probe is left behind");
    assert_eq!(probe.ask("remove password"), "ok");
    assert_eq!(probe.ask("get password"), "none");
    assert_eq!(session.entry(SERVICE, "crm/password").unwrap(), None);
}

// SEC-07
#[test]
fn a_locked_keyring_is_locked_and_works_again_once_it_is_open() {
    let session = Session::unlocked().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("set password s3cret"), "ok");
    session.lock().unwrap();
    assert_eq!(probe.ask("get password"), "locked");
    assert_eq!(probe.ask("get absent"), "locked", "what a locked keyring does not show may be there");
    assert_eq!(probe.ask("set password new"), "locked");
    assert_eq!(probe.ask("remove password"), "locked");
    assert_eq!(probe.ask("remove absent"), "locked");
    assert_eq!(probe.ask("check"), "locked");

    session.unlock().unwrap();
    assert_eq!(probe.ask("get password"), "value s3cret", "the same process goes on");
    assert_eq!(probe.ask("get absent"), "none");
    assert_eq!(probe.ask("check"), "ok");
}

// SEC-01, SEC-07
#[test]
fn without_a_service_nothing_is_kept_and_one_that_starts_later_is_used() {
    let mut session = Session::without_bus().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("get password"), "missing");
    assert_eq!(probe.ask("set password s3cret-mark"), "missing");
    assert_eq!(probe.ask("check"), "missing");
    assert!(!anywhere(&session.home(), b"s3cret-mark"), "there is no other place");

    session.start_bus().unwrap();
    session.start_keyring().unwrap();
    assert_eq!(probe.ask("get password"), "none", "the same process goes on");
    assert_eq!(probe.ask("set password s3cret"), "ok");
    assert_eq!(probe.ask("get password"), "value s3cret");
}

// SEC-07
#[test]
fn a_keyring_that_was_restarted_is_used_again() {
    let mut session = Session::unlocked().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("set password s3cret"), "ok");
    session.stop_keyring().unwrap();
    session.start_keyring().unwrap();
    assert_eq!(probe.ask("get password"), "value s3cret");
}

// SEC-01
#[test]
fn a_secret_is_in_no_file_in_clear() {
    let session = Session::unlocked().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("set password s3cret-mark"), "ok");
    assert_eq!(probe.ask("get password"), "value s3cret-mark");
    assert!(!anywhere(&session.home(), b"s3cret-mark"));
}

// SEC-07
#[test]
fn every_state_is_told_within_the_deadline() {
    let session = Session::locked().unwrap();
    let mut probe = probe(&session);
    for command in ["get password", "set password s3cret", "remove password", "check"] {
        let start = Instant::now();
        assert_eq!(probe.ask(command), "locked");
        assert!(start.elapsed().as_secs() < 3, "{command} took {:?}", start.elapsed());
    }
}

/// Whether any file below `folder` contains `mark`.
fn anywhere(folder: &Path, mark: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return anywhere(&path, mark);
        }
        fs::read(&path).is_ok_and(|bytes| bytes.windows(mark.len()).any(|window| window == mark))
    })
}

// SEC-07
#[test]
fn while_the_system_asks_the_person_it_is_waiting_and_asks_once() {
    let screen = Screen::start().unwrap();
    let mut session = Session::without_bus().unwrap();
    session.set_display(screen.name());
    session.start_bus().unwrap();
    session.start_keyring().unwrap();
    let mut probe = probe(&session);
    assert_eq!(probe.ask("set password s3cret"), "ok");
    session.lock().unwrap();
    for _ in 0..2 {
        let start = Instant::now();
        assert_eq!(probe.ask("get password"), "waiting");
        assert!(start.elapsed().as_secs() < 3, "the answer took {:?}", start.elapsed());
    }
    assert_eq!(prompts(&screen), 1, "asking again opens no second prompt");

    screen.xdotool(&["type", PASSWORD]).unwrap();
    screen.xdotool(&["key", "Return"]).unwrap();
    assert_eq!(settled(&mut probe, "get password"), "value s3cret", "the same process goes on");

    session.lock().unwrap();
    assert_eq!(probe.ask("get password"), "waiting");
    screen.xdotool(&["key", "Escape"]).unwrap();
    assert_eq!(settled(&mut probe, "get password"), "locked", "the person said no");
}

/// How many windows ask for the keyring's password.
fn prompts(screen: &Screen) -> usize {
    screen.xdotool(&["search", "--name", "Unlock"]).map_or(0, |windows| windows.lines().count())
}

/// The answer to `command` once it is another than `waiting`.
fn settled(probe: &mut Probe, command: &str) -> String {
    (0..10).map(|_| probe.ask(command)).find(|answer| answer != "waiting").expect("an answer in time")
}
