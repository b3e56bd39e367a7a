//! A desk in an office: a real Tryton, the LiveChat simulator, and a program that is connected to both.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::config::{
    Channel, ChannelCrm, ChatConnection, ChatProduct, CrmConnection, CrmProduct, Document, LivechatConfig,
    TrytonConfig,
};
use testkit::{
    livechat::{ACCOUNT, ORGANIZATION, Simulator, TOKEN},
    session::Session,
    tryton::{Rpc, Tryton},
};
use url::Url;

use crate::Desk;

/// The id of the CRM connection.
pub const CRM: &str = "crm";
/// The id of the chat connection.
pub const CHAT: &str = "chat";
/// The host of both.
pub const HOST: &str = "127.0.0.1";

/// Both servers and the desk. Nothing is configured yet.
pub struct Office {
    /// Where the program runs.
    pub desk: Desk,
    /// The CRM.
    pub tryton: Tryton,
    /// A colleague's session in the CRM, to see and change what is really there.
    pub crm: Rpc,
    /// The chat platform.
    pub livechat: Simulator,
}

impl Office {
    /// Starts both servers, and a desk with an open keyring.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn new() -> Result<Self> {
        Self::with_session(Session::unlocked()?).await
    }

    /// The same in the given session.
    ///
    /// # Errors
    /// As [`Office::new`].
    pub async fn with_session(session: Session) -> Result<Self> {
        let mut desk = Desk::with_session(session)?;
        let tryton = Tryton::start().await?;
        let crm = tryton.rpc().await?;
        let livechat = Simulator::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        Ok(Self { desk, tryton, crm, livechat })
    }

    /// Configures both connections, and puts their secrets into the keyring.
    ///
    /// # Errors
    /// When the keyring refuses them.
    pub fn connect(&self) -> Result<()> {
        self.connect_to(self.tryton.address(), self.tryton.password(), TOKEN)
    }

    /// The same with another address of the CRM, and other secrets.
    ///
    /// # Errors
    /// As [`Office::connect`].
    pub fn connect_to(&self, crm: Url, password: &str, token: &str) -> Result<()> {
        self.desk.configure(&self.document(crm))?;
        self.desk.keep_secret(CRM, "password", HOST, password)?;
        keep_token(&self.desk, token)
    }

    /// The configuration.
    pub fn document(&self, crm: Url) -> Document {
        let product = CrmProduct::Tryton(TrytonConfig { address: crm, ..self.tryton.config() });
        document(CrmConnection { name: "Tryton".to_owned(), product }, &self.livechat)
    }
}

/// The connection to the simulated LiveChat.
pub fn chat_connection(livechat: &Simulator) -> ChatConnection {
    let account = LivechatConfig {
        account_id: ACCOUNT.to_owned(),
        organization_id: ORGANIZATION.to_owned(),
        api: livechat.url(),
        ..LivechatConfig::at_livechat()
    };
    ChatConnection { name: "LiveChat".to_owned(), product: ChatProduct::Livechat(account) }
}

/// The configuration of an office with this CRM.
pub fn document(crm: CrmConnection, livechat: &Simulator) -> Document {
    let lookup = ChannelCrm::new(CRM);
    Document {
        crm: BTreeMap::from([(CRM.to_owned(), crm)]),
        chat: BTreeMap::from([(CHAT.to_owned(), chat_connection(livechat))]),
        live_chat: Channel { lookups: vec![lookup], ..Channel::default() },
        ..Document::default()
    }
}

/// Puts the chat platform's token into the keyring.
///
/// # Errors
/// When the keyring refuses it.
pub fn keep_token(desk: &Desk, token: &str) -> Result<()> {
    desk.keep_secret(CHAT, "token", HOST, token)
}
