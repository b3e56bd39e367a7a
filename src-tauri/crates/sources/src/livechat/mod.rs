//! LiveChat (Text): the agent's chats over the Agent Chat RTM API, signed in with a personal access token
//! or in the browser.
//!
//! `credential` signs in, `loopback` hears companion pages on this computer, `decode` reads frames, `fields` knows which chat fields there are, `desk` turns news into events, `protocol` holds the
//! conversation with the server; connecting and coming back is the runner's. What is certain and what is not about
//! LiveChat's behaviour stands in the README beside this file.

mod archive;
mod companion;
mod config;
mod credential;
pub mod decode;
mod desk;
pub(crate) mod fields;
mod loopback;
mod pairing;
mod protocol;
mod web;

use async_trait::async_trait;
use connectors::oauth::Client;
use domain::{AgentId, ConnectionId, config::LivechatConfig};
use secrets::Secret;
use tokio::sync::mpsc;

use crate::{
    Source, SourceInfo, SourceUpdate,
    runner::{self, Timings},
    source::{SourceContext, SourceProblem},
};
use credential::Credential;
use loopback::Loopback;
use pairing::Paired;
use protocol::Rtm;

/// LiveChat's name in configuration.
pub(crate) const KIND: &str = "livechat";

/// The slot of the personal access token in the keyring.
pub use credential::TOKEN;
/// The slot of the pairings with companion pages in the keyring.
pub use pairing::SLOT as PAIRING;

/// An agent's LiveChat account.
#[derive(Debug)]
pub struct LiveChat {
    info: SourceInfo,
    connection: ConnectionId,
    config: LivechatConfig,
    credential: Credential,
    timings: Timings,
    /// What a companion page has to know to call this run.
    paired: Paired,
}

impl LiveChat {
    /// The account in `config`, published as `connection`.
    pub fn new(connection: ConnectionId, config: LivechatConfig) -> Self {
        let info = SourceInfo {
            kind: KIND,
            product: "LiveChat",
            hosts: credential::hosts(&config),
            tells_focus: true,
        };
        let credential = Credential::of(&connection, &config);
        Self { info, connection, config, credential, timings: Timings::default(), paired: Paired::default() }
    }

    /// The same with other waits.
    pub fn with_timings(self, timings: Timings) -> Self {
        Self { timings, ..self }
    }

    fn rtm(&self) -> Rtm {
        Rtm::new(self.connection.clone(), self.config.clone(), self.credential.clone())
    }
}

#[async_trait]
impl Source for LiveChat {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn oauth(&self) -> Option<&Client> {
        self.credential.client()
    }

    fn pairing(&self) -> Option<Secret> {
        self.paired.text()
    }

    async fn check(&self, cx: &SourceContext) -> Result<AgentId, SourceProblem> {
        runner::sign_in(&mut self.rtm(), cx, self.timings).await
    }

    async fn run(&self, cx: SourceContext, updates: mpsc::Sender<SourceUpdate>) {
        let mut rtm = self.rtm();
        let Some(page) = self.config.loopback_page() else {
            return runner::run(&mut rtm, &cx, updates, self.timings).await;
        };
        let (calls, heard) = loopback::channel();
        rtm.listen_to(heard);
        let loopback = Loopback { connection: &self.connection, page, paired: &self.paired, cx: &cx, calls };
        tokio::select! {
            () = runner::run(&mut rtm, &cx, updates, self.timings) => {}
            never = loopback.stay_open(self.timings.keyring_every) => match never {},
        }
    }
}
