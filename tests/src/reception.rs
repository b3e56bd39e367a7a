//! A desk with the LiveChat simulator and the embedded sample CRM: nothing happens in it by itself.

use anyhow::Result;
use domain::config::{CrmConnection, CrmProduct};
use testkit::livechat::{AGENT, Chat, Simulator, TOKEN, Visitor};

use crate::{
    Desk,
    office::{document, keep_token},
    wait::{self, PATIENCE},
};

/// A visitor whom the CRM has once.
pub const ONE: (&str, &str) = ("Ana Silva", "ana.silva@example.com");
/// A visitor whose address several contacts share.
pub const SEVERAL: (&str, &str) = ("Paula Souza", "office@silva-filhos.example");
/// A visitor whom the CRM does not have.
pub const NONE: (&str, &str) = ("Jonas Weber", "jonas.weber@example.com");

/// The desk and the chat platform.
pub struct Reception {
    /// Where the program runs.
    pub desk: Desk,
    /// The chat platform.
    pub livechat: Simulator,
}

impl Reception {
    /// A configured desk.
    ///
    /// # Errors
    /// When one of its programs does not start.
    pub async fn new() -> Result<Self> {
        let mut desk = Desk::new()?;
        let livechat = Simulator::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        let crm = CrmConnection { name: "Sample data".to_owned(), product: CrmProduct::Sample {} };
        desk.configure(&document(crm, &livechat))?;
        keep_token(&desk, TOKEN)?;
        Ok(Self { desk, livechat })
    }

    /// Waits until the agent is signed in.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn is_open(&self) -> Result<()> {
        wait::until("the agent signs in", PATIENCE, async || {
            Ok((self.livechat.connected(AGENT) == 1).then_some(()))
        })
        .await
    }

    /// Somebody begins a chat.
    pub fn comes(&self, (name, email): (&str, &str)) -> Chat {
        self.livechat.start_chat(Visitor::named(name).with_email(email))
    }
}
