//! The servers around the child: a chat platform, two CRMs, and a proxy before each of these.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use domain::{
    ChatKey,
    config::{
        Channel, ChannelCrm, CrmConnection, CrmProduct, Document, NoMatch, OptimoveConfig, SalesmanagoConfig,
        defaults,
    },
    strategies::{By, FurtherRecord, Make, OnTrigger, Only, Strategies, Update},
};
use secrets::{Secret, SecretName, SecretStore as _, bound, key};
use serde_json::json;
use store::Store;
use tempfile::TempDir;
use testkit::{
    fault_proxy::FaultProxy,
    livechat::{self, Chat, TOKEN, Visitor},
    optimove::{self, ADMIN_KEY},
    salesmanago::{self, API_SECRET},
};

use crate::office;

use super::{
    plan::{Crm, Place, VISITORS},
    process::Killer,
    speech::{Sabotage, Setup},
    wire::{Line, Wire},
};

/// The id of the chat connection.
pub(super) const CHAT: &str = "livechat";
/// The tag that counts chats.
pub(super) const TAG: &str = "LIVECHAT_INC";
/// The name of the event at the end of a chat, in the strategy.
pub(super) const ENDED: &str = "Ended";
/// The name of the event at its start.
pub(super) const EVENT: &str = "Event";
const HOST: &str = "127.0.0.1";
const STORE: &str = "sidecard.db";

/// The servers of one run, and the folder of the child.
pub(super) struct World {
    pub(super) livechat: livechat::Simulator,
    pub(super) salesmanago: Arc<salesmanago::Simulator>,
    pub(super) optimove: optimove::Simulator,
    pub(super) line: Arc<Line>,
    pub(super) killer: Arc<Killer>,
    /// The chats that have begun, by visitor.
    pub(super) chats: BTreeMap<usize, Chat>,
    /// The visitors whose chats have ended.
    pub(super) ended: Vec<usize>,
    home: TempDir,
    keyring: Vec<(String, String, String)>,
    _proxies: [FaultProxy; 2],
}

impl Crm {
    /// The id of its connection.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Salesmanago => "salesmanago",
            Self::Optimove => "optimove",
        }
    }

    /// The name of a field that agents save.
    pub(super) fn field(self, place: Place) -> &'static str {
        match (self, place) {
            (Self::Salesmanago, Place::First) => "company",
            (Self::Salesmanago, Place::Second) => "country",
            (Self::Optimove, Place::First) => "CITY",
            (Self::Optimove, Place::Second) => "LANGUAGE",
        }
    }
}

/// The address of a visitor.
pub(super) fn email(visitor: usize) -> String {
    format!("visitor{visitor}@faults.example")
}

/// The full name of a visitor; SALESmanago has a shorter one of those it knows.
pub(super) fn name(visitor: usize) -> String {
    format!("Visitor {visitor} Lastname")
}

/// The id of a visitor in Optimove.
pub(super) fn customer(visitor: usize) -> String {
    format!("P-{visitor}")
}

impl World {
    /// Starts the servers and writes the child's configuration. `seed` draws what goes wrong on the wire.
    pub(super) async fn new(seed: u64, foul: bool) -> Result<Self> {
        let livechat = livechat::Simulator::start().await?;
        let none = salesmanago::Limits { requests: usize::MAX, ..salesmanago::Limits::default() };
        let setup = salesmanago::Setup { limits: none, ..salesmanago::Setup::default() };
        let salesmanago = Arc::new(salesmanago::Simulator::start_with(setup).await?);
        let optimove = optimove::Simulator::start_with(optimove::Setup {
            timing: optimove::Timing { stale: Duration::from_millis(30), callback: Duration::from_secs(60) },
            limits: optimove::Limits { requests: usize::MAX, ..optimove::Limits::default() },
            ..optimove::Setup::default()
        })
        .await?;
        for visitor in [0, 1, 4] {
            salesmanago
                .put(&json!({ "email": email(visitor), "name": format!("Visitor {visitor}") }), &json!({}));
        }
        for visitor in [0, 1] {
            optimove.load(&customer(visitor), &[("FIRST_NAME", "Visitor"), ("EMAIL", &email(visitor))]);
        }
        let killer = Arc::new(Killer::default());
        let line = Arc::new(Line::new(seed, foul, killer.clone(), salesmanago.clone()));
        let proxies = [
            FaultProxy::watched(salesmanago.socket(), Arc::new(Wire::new(Crm::Salesmanago, line.clone())))
                .await?,
            FaultProxy::watched(optimove.socket(), Arc::new(Wire::new(Crm::Optimove, line.clone()))).await?,
        ];
        let crms = BTreeMap::from([
            (
                Crm::Salesmanago.id(),
                CrmProduct::Salesmanago(Box::new(SalesmanagoConfig {
                    address: proxies[0].address(),
                    ..salesmanago.config()
                })),
            ),
            (
                Crm::Optimove.id(),
                CrmProduct::Optimove(Box::new(OptimoveConfig {
                    address: proxies[1].address(),
                    ..optimove.config()
                })),
            ),
        ]);
        let home = tempfile::tempdir()?;
        let document = document(crms, &livechat);
        let text = toml::to_string(&document).context("the configuration cannot be written as TOML")?;
        tokio::fs::write(home.path().join("sidecard.toml"), text).await?;
        let keyring = keyring().await?;
        Ok(Self {
            livechat,
            salesmanago,
            optimove,
            line,
            killer,
            chats: BTreeMap::new(),
            ended: Vec::new(),
            home,
            keyring,
            _proxies: proxies,
        })
    }

    /// What a child of this world begins with.
    pub(super) fn setup(&self, stop: Option<(String, u32)>, sabotage: Option<Sabotage>) -> Setup {
        Setup {
            home: self.home.path().to_owned(),
            authority: self.livechat.authority().to_owned(),
            keyring: self.keyring.clone(),
            stop,
            sabotage,
        }
    }

    /// A file in the child's folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The child's store, opened beside it.
    pub(super) async fn store(&self) -> Result<Store> {
        self.open(self.home.path()).await
    }

    /// The store in a folder, which is the child's or a copy of it.
    pub(super) async fn open(&self, folder: &Path) -> Result<Store> {
        let keyring = secrets::Memory::default();
        for (owner, slot, value) in &self.keyring {
            let name = SecretName { owner: owner.clone(), slot: slot.clone() };
            keyring.set(&name, Secret::new(value.as_str())).await?;
        }
        Ok(Store::open(&folder.join(STORE), &keyring).await?)
    }

    /// A visitor begins a chat.
    pub(super) fn begin(&mut self, visitor: usize) {
        let known = Visitor::named(&name(visitor)).with_email(&email(visitor));
        let session_fields = vec![("customer_id".to_owned(), customer(visitor))];
        let session_fields = if [0, 1, 3].contains(&visitor) { session_fields } else { Vec::new() };
        let chat = self.livechat.start_chat(Visitor { email_verified: true, session_fields, ..known });
        self.chats.insert(visitor, chat);
    }

    /// A visitor's chat ends, where it goes on.
    pub(super) fn end(&mut self, visitor: usize) {
        if let Some(chat) = self.chats.get(&visitor).filter(|_| !self.ended.contains(&visitor)) {
            self.livechat.end_chat(chat);
            self.ended.push(visitor);
        }
    }

    /// A visitor's chat, as the panel names it.
    pub(super) fn chat(&self, visitor: usize) -> Option<ChatKey> {
        self.chats.get(&visitor).map(|chat| ChatKey::new(CHAT, chat.id.as_str()))
    }

    /// The visitor whose chat this is.
    pub(super) fn visitor(&self, chat: &str) -> Option<usize> {
        (0..VISITORS).find(|visitor| self.chats.get(visitor).is_some_and(|known| known.id == chat))
    }

    /// A visitor's contact in SALESmanago.
    pub(super) fn contact(&self, visitor: usize) -> Option<salesmanago::StoredContact> {
        self.salesmanago.contacts().into_iter().find(|contact| contact.email == email(visitor))
    }

    /// What the child, which is dead, left: a copy, so that whoever looks does not play back what the next child is to play
    /// back.
    pub(super) fn left_behind(&self) -> Result<TempDir> {
        let folder = tempfile::tempdir()?;
        for name in [STORE, "sidecard.db-wal"] {
            if self.file(name).exists() {
                std::fs::copy(self.file(name), folder.path().join(name))?;
            }
        }
        Ok(folder)
    }
}

/// How many rows whoever left `folder` behind was sending.
pub(super) fn sending(folder: &Path) -> u32 {
    let count = rusqlite::Connection::open(folder.join(STORE)).and_then(|db| {
        db.query_row("SELECT count(*) FROM outbox WHERE state = 'sending'", [], |row| row.get(0))
    });
    // One that broke off while it was made has no rows.
    count.unwrap_or(0)
}

/// Both CRMs on one channel. A chat gives a point and an event when it starts, and an event when it ends.
fn document(crms: BTreeMap<&str, CrmProduct>, livechat: &livechat::Simulator) -> Document {
    let chat = office::chat_connection(livechat);
    let ended = FurtherRecord {
        name: ENDED.to_owned(),
        make: Make::Event {
            kind: "OTHER".to_owned(),
            description: "Chat ended".to_owned(),
            details: vec!["{visitor.id}".to_owned()],
        },
        only: Only::WithContact,
        by: By::Itself,
    };
    let preset = defaults::strategies("livechat", "salesmanago");
    let by_itself = Strategies {
        chat_end: OnTrigger { records: vec![ended], ..OnTrigger::new(Update::Nothing) },
        ..preset
    };
    let nothing = Strategies {
        chat_start: OnTrigger::new(Update::Nothing),
        chat_end: OnTrigger::new(Update::Nothing),
        ..Strategies::default()
    };
    let lookups = vec![
        ChannelCrm { strategies: Some(Box::new(by_itself)), ..ChannelCrm::new(Crm::Salesmanago.id()) },
        ChannelCrm { strategies: Some(Box::new(nothing)), ..ChannelCrm::new(Crm::Optimove.id()) },
    ];
    let named =
        |(id, product): (&str, CrmProduct)| (id.to_owned(), CrmConnection { name: id.to_owned(), product });
    Document {
        crm: crms.into_iter().map(named).collect(),
        chat: BTreeMap::from([(CHAT.to_owned(), chat)]),
        live_chat: Channel { lookups, no_match: NoMatch::CreateAutomatically, ..Channel::default() },
        ..Document::default()
    }
}

/// The entries that the child's keyring holds: the secrets of the connections, bound to their host, and the store's key.
async fn keyring() -> Result<Vec<(String, String, String)>> {
    let keyring = secrets::Memory::default();
    let bound = [
        (Crm::Salesmanago.id(), "api_secret", API_SECRET),
        (Crm::Optimove.id(), "api_key", ADMIN_KEY),
        (CHAT, "token", TOKEN),
    ];
    let mut entries = Vec::new();
    for (owner, slot, value) in bound {
        let name = SecretName { owner: owner.to_owned(), slot: slot.to_owned() };
        bound::set(&keyring, &name, Secret::new(value), &[HOST.to_owned()]).await?;
        let entry = keyring.get(&name).await?.context("the keyring forgot it")?;
        // EXPOSE: the child gets it in the file that it begins with.
        entries.push((owner.to_owned(), slot.to_owned(), entry.expose().to_owned()));
    }
    let store_key = key::encode(&key::random().context("there is no chance")?);
    entries.push(("sidecard".to_owned(), "store-key".to_owned(), store_key.to_string()));
    Ok(entries)
}
