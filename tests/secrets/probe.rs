//! The process under test.

use std::process::Command;

use sidecard_tests::probe::Probe;
use testkit::session::Session;

/// The service under which the probe's entries stand.
pub(crate) const SERVICE: &str = "sidecard-probe";

/// A running `keyring_probe`.
pub(crate) fn probe(session: &Session) -> Probe {
    Probe::start(&mut Command::new(env!("CARGO_BIN_EXE_keyring_probe")), session)
}
