//! A simulator of LiveChat: the agent's web socket (RTM), the agent's web interface and the accounts' server, over TLS, with
//! state.
//!
//! Written after the vendor's documentation of the Agent Chat APIs v3.4 to v3.7 (platform.text.com/docs, June 2026).
//! What the documents leave open is a switch of [`Unknowns`]; what goes wrong in the world is ordered through methods of
//! [`Simulator`]. Scenarios are told with [`Simulator::start_chat`] and its like.

mod accounts;
mod actions;
pub mod agent_app;
mod archives;
mod driver;
mod log;
mod multicast;
mod render;
mod rtm;
mod tls;
mod unknowns;
mod visitor;
mod web;
mod world;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    routing::{get, post},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use url::Url;

pub use accounts::{AccountsCall, CLIENT, CONFIDENTIAL};
pub use driver::Chat;
pub use log::{LoginFlags, Request, Surface};
pub use unknowns::{
    Acceptance, ArchiveRange, Archived, Arrival, AwayLogin, DeadGrant, Departed, EndOrder, FormCopy,
    LeftChat, Limits, Notes, Others, OwnMulticast, OwnSeen, PairOrder, Reuse, SessionFields, Summary,
    Unknowns,
};
pub use visitor::{Form, Visitor};
use world::{Agent, World};

/// Versions of the interfaces that are answered.
const VERSIONS: &[&str] = &["3.4", "3.5", "3.6", "3.7"];

/// The organisation of the simulated licence.
pub const ORGANIZATION: &str = "7f1de2aa-33c1-4b8e-9a10-0d6c1b2e3f44";

/// The agent whose panel is tested.
pub const AGENT: &str = "ola@acme.example";

/// A colleague.
pub const COLLEAGUE: &str = "kim@acme.example";

/// The account of [`AGENT`].
pub const ACCOUNT: &str = "0f2c6a1e-5a7b-4a0e-9c55-2f5b1f0c7a11";

/// The personal access token of [`AGENT`].
pub const TOKEN: &str = "fra:sim-personal-access-token";

/// The account of [`COLLEAGUE`].
pub const COLLEAGUE_ACCOUNT: &str = "1b7e5f00-0000-4000-8000-000000000002";

/// The personal access token of [`COLLEAGUE`].
pub const COLLEAGUE_TOKEN: &str = "fra:kim";

/// A name that its certificate holds too. It leads nowhere, except through a proxy that knows it.
pub const PROXIED: &str = "livechat.test";

/// The state that all connections share.
struct Shared(Mutex<World>);

impl Shared {
    /// The state. Never held over an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running simulator; it ends when it is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    authority: String,
    folder: tempfile::TempDir,
    handle: Handle<SocketAddr>,
}

impl Simulator {
    /// Starts one with two agents, [`AGENT`] and [`COLLEAGUE`], on a free port of this machine.
    pub async fn start() -> Result<Self> {
        Self::start_with(Unknowns::default(), Limits::default()).await
    }

    /// The same with other switches and limits.
    pub async fn start_with(unknowns: Unknowns, limits: Limits) -> Result<Self> {
        let tls = tls::make()?;
        let folder = tempfile::tempdir()?;
        tokio::task::block_in_place(|| std::fs::write(folder.path().join("ca.pem"), &tls.authority))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let mut world = World::new(unknowns, limits);
        world.agents.insert(AGENT.to_owned(), agent("Ola", ACCOUNT, TOKEN));
        world.agents.insert(COLLEAGUE.to_owned(), agent("Kim", COLLEAGUE_ACCOUNT, COLLEAGUE_TOKEN));
        let shared = Arc::new(Shared(Mutex::new(world)));
        let handle = Handle::new();
        let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls.server))?
            .handle(handle.clone())
            .serve(router(shared.clone()).into_make_service());
        tokio::spawn(server);
        let address = handle.listening().await.context("the simulator does not listen")?;
        Ok(Self { shared, address, authority: tls.authority, folder, handle })
    }

    /// Where it is, `https://127.0.0.1:<port>/`.
    pub fn url(&self) -> Url {
        let mut url = Url::parse("https://127.0.0.1/").unwrap_or_else(|_| unreachable!("a constant address"));
        url.set_port(Some(self.address.port()))
            .unwrap_or_else(|()| unreachable!("https addresses have ports"));
        url
    }

    /// Its socket, for a proxy in front of it.
    pub fn socket(&self) -> SocketAddr {
        self.address
    }

    /// Host and port, as the vendor's own clients take them.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The certificate of its authority, PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The same as a file.
    pub fn authority_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A folder that lives as long as the simulator.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{version}/agent/rtm/ws", get(rtm::upgrade))
        .route("/{version}/agent/action/{action}", post(web::action).options(web::preflight))
        .route("/", get(accounts::authorize))
        .route("/ooops", get(accounts::ooops))
        .route("/v2/token", post(accounts::token).delete(accounts::revoke))
        .route("/v2/accounts/me", get(accounts::me).options(web::preflight))
        .with_state(shared)
}

fn agent(name: &str, account: &str, token: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        accepting: true,
        authorizations: vec![driver::basic(account, token), format!("Bearer {token}")],
        logins: 0,
    }
}
