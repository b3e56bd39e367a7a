//! The processes under test.

use std::{net::TcpListener, process::Command};

use connectors::http::{HttpSettings, Proxy, client};
use sidecard_tests::probe::Probe;
use tempfile::TempDir;
use testkit::{browser::Browser, oidc::Provider, session::Session};

/// One person's computer: a keyring and a folder, and the authorisation server that it talks to.
pub(crate) struct Desk {
    session: Session,
    folder: TempDir,
    ports: [u16; 3],
    pub(crate) provider: Provider,
}

impl Desk {
    /// Access tokens live for `life` seconds.
    pub(crate) fn new(life: u32) -> Self {
        let open = [0; 3].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
        let ports = open.map(|socket| socket.local_addr().unwrap().port());
        let (session, folder) = (Session::unlocked().unwrap(), tempfile::tempdir().unwrap());
        Self { session, folder, ports, provider: Provider::start(life).unwrap() }
    }

    /// Starts a process.
    pub(crate) fn probe(&self) -> Probe {
        let mut program = Command::new(env!("CARGO_BIN_EXE_oauth_probe"));
        program
            .arg(self.folder.path().join("secrets"))
            .arg(self.provider.url("").unwrap().as_str())
            .args(self.ports.map(|port| port.to_string()));
        Probe::start(&mut program, &self.session)
    }

    /// A process in which somebody has signed in.
    pub(crate) async fn signed_in(&self) -> Probe {
        let mut probe = self.probe();
        probe.tell("sign_in");
        let page = probe.answer().parse().unwrap();
        let http = client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() }).unwrap();
        let last = self.provider.sign_in(&Browser::new(http, "de"), &page).await.unwrap();
        assert!(last.text.contains("Sie sind angemeldet"), "{}", last.text);
        assert!(last.headers.contains_key("content-security-policy"));
        assert_eq!(probe.answer(), "ok");
        probe
    }
}
