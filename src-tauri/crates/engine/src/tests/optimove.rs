//! One Optimove behind both channels, each with settings of its own: the sample feed tells of chats and tickets, the
//! connector talks to the simulator.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use connectors::http::{HttpSettings, Proxy};
use domain::{
    ChannelName, ChatKey, FieldKey,
    clock::SystemClock,
    config::{
        self, Channel, ChannelCrm, ChatConnection, ChatProduct, CrmConnection, CrmProduct, Document, NoMatch,
        defaults::OPTIMOVE_CUSTOMER_ID,
    },
    mapping::{MappingRow, Writes},
    rules::{Compare, Pair, Rule},
};
use ipc::panel::{LookupRequest, LookupState, LookupView, SaveReply, SaveRequest};
use secrets::{Memory, Secret, SecretName, bound};
use tempfile::TempDir;
use testkit::optimove::{ADMIN_KEY, Simulator};

use super::desk::Window;
use crate::{Deps, Engine, Home};

/// The connection to Optimove.
const CRM: &str = "optimove";
/// The connection to the sample feed.
const FEED: &str = "feed";
/// A chat of the feed, and a ticket.
const ANA: (&str, &str) = ("chat-visitor-1048", "10482");
const RENATE: (&str, &str) = ("chat-contact-4790", "contact-4790");

fn channel(rule: &str, chat_field: &str, mapping: Vec<MappingRow>, no_match: NoMatch) -> Channel {
    let pair = Pair {
        chat_field: chat_field.into(),
        crm_field: OPTIMOVE_CUSTOMER_ID.into(),
        compare: Compare::Exact,
    };
    let rules = Some(vec![Rule { name: rule.into(), pairs: vec![pair] }]);
    let lookup = ChannelCrm { rules, mapping: Some(mapping), ..ChannelCrm::new(CRM) };
    Channel { lookups: vec![lookup], no_match, ..Channel::default() }
}

/// Chats are looked up by a variable of the site, and the agent sees the name; tickets by the platform's contact, and the
/// agent sees the city and writes it.
fn document(optimove: &Simulator) -> Document {
    let product = CrmProduct::Optimove(Box::new(optimove.config()));
    let chat = ChatConnection { name: "Feed".into(), product: ChatProduct::Sample {} };
    let names = vec![
        MappingRow::shown("FIRST_NAME").from_chat("system.name"),
        MappingRow::shown("CITY").written(Writes::Never),
    ];
    let cities = vec![MappingRow::shown("CITY").written(Writes::Both)];
    Document {
        crm: BTreeMap::from([(CRM.to_owned(), CrmConnection { name: "Optimove".into(), product })]),
        chat: BTreeMap::from([(FEED.to_owned(), chat)]),
        live_chat: channel("Number", "variable.customer_number", names, NoMatch::AgentsMayCreate),
        ticketing: channel("Contact", "system.visitor_id", cities, NoMatch::Neither),
        ..Document::default()
    }
}

struct Place {
    _folder: TempDir,
    engine: Engine,
}

impl Place {
    async fn new(optimove: &Simulator) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sidecard.toml"), config::write(&document(optimove))).unwrap();
        let secrets = Arc::new(Memory::default());
        let key = SecretName::of(&CRM.into(), "api_key");
        bound::set(&*secrets, &key, Secret::new(ADMIN_KEY), &["127.0.0.1".into()]).await.unwrap();
        let http = connectors::http::client(&HttpSettings::default()).unwrap();
        let engine = Engine::new(Deps {
            host: Arc::new(Window::default()),
            clock: Arc::new(SystemClock),
            secrets,
            home: Home::new(folder.path(), None),
            http: http.clone(),
            http1: http,
            place: None,
            session: String::new(),
            proxy: Proxy::Direct,
        });
        engine.start().await;
        Self { _folder: folder, engine }
    }

    /// Opens a chat, and waits until its customer is on show.
    async fn open(&self, chat: &str) -> LookupView {
        let key = ChatKey::new(FEED, chat).to_string();
        let found = async {
            loop {
                let there = self.engine.select_chat(&key).is_ok();
                let lookup =
                    self.engine.panel_view().active.and_then(|active| active.lookups.into_iter().next());
                match lookup {
                    Some(lookup) if there && matches!(lookup.state, LookupState::Matched { .. }) => {
                        return lookup;
                    }
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), found).await.expect("the customer comes on show")
    }

    async fn editable(&self, chat: &str) -> Vec<(String, bool)> {
        let request = LookupRequest { chat: ChatKey::new(FEED, chat).to_string(), connection: CRM.into() };
        let form = self.engine.edit_form(request).await.unwrap();
        form.fields.into_iter().map(|field| (field.field.key.to_string(), field.editable)).collect()
    }

    async fn save_city(&self, chat: &str, record: &str) -> SaveReply {
        let city = |city: &str| BTreeMap::from([(FieldKey::from("CITY"), city.into())]);
        let request = SaveRequest {
            chat: ChatKey::new(FEED, chat).to_string(),
            connection: CRM.into(),
            record: record.into(),
            values: city("Lisboa"),
            base: city("Porto"),
            decided: BTreeMap::new(),
            from_chat: Vec::new(),
        };
        self.engine.save_contact(request).await.unwrap()
    }
}

fn shown(lookup: &LookupView) -> Vec<(String, String)> {
    let LookupState::Matched { record, .. } = &lookup.state else { panic!("{:?}", lookup.state) };
    record.fields.iter().map(|field| (field.key.to_string(), field.value.as_text())).collect()
}

fn text(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

// OPT-05, PAN-12, MAP-06
#[tokio::test]
async fn opt_05_live_chat_and_ticketing_each_look_in_optimove_by_their_own_rules_mapping_and_settings() {
    let optimove = Simulator::start().await.unwrap();
    for (chat, id) in [ANA, RENATE] {
        optimove.load(id, &[("FIRST_NAME", chat), ("CITY", "Porto")]);
    }
    let place = Place::new(&optimove).await;

    let live = place.open(ANA.0).await;
    assert_eq!(place.engine.panel_view().channel, ChannelName::LiveChat);
    assert_eq!(shown(&live), [text("FIRST_NAME", ANA.0), text("CITY", "Porto")]);
    assert_eq!(live.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["Number"]);
    assert!(live.can.create);
    assert_eq!(place.editable(ANA.0).await, [("FIRST_NAME".into(), true), ("CITY".into(), false)]);
    let refused = place.save_city(ANA.0, ANA.1).await;
    assert!(matches!(refused, SaveReply::Failed { .. }), "live chat does not write the city: {refused:?}");

    let ticket = place.open(RENATE.0).await;
    assert_eq!(place.engine.panel_view().channel, ChannelName::Ticketing);
    assert_eq!(shown(&ticket), [text("CITY", "Porto")]);
    assert_eq!(ticket.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["Contact"]);
    assert!(!ticket.can.create, "nobody is created from tickets");
    assert_eq!(place.editable(RENATE.0).await, [("CITY".into(), true)]);
    let saved = place.save_city(RENATE.0, RENATE.1).await;
    assert!(matches!(saved, SaveReply::Saved { .. }), "{saved:?}");
    let city = |id: &str| optimove.stored(id).unwrap()["CITY"].clone();
    assert_eq!((city(ANA.1), city(RENATE.1)), ("Porto".to_owned(), "Lisboa".to_owned()));
}
