//! An hour without the CRM, a sign-in that was revoked meanwhile, and a storm of refusals after it: the real connector against
//! the simulator, with a wall clock that the test moves.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors::{http::Proxy, layers, registry};
use domain::{
    ChannelName, Clock, ConnectionId,
    clock::SystemClock,
    config::{CrmProduct, NoMatch, SalesmanagoConfig},
    evidence::TypedValues,
    mapping::MappingRow,
    rules::{Compare, OnSeveral, Pair, Rule, RuleSet},
};
use ipc::{
    ErrorCode,
    panel::{LookupState, SaveReply, SaveRequest, WriteStanding},
};
use jiff::{SignedDuration, Timestamp};
use secrets::{Memory, Secret, SecretName, bound};
use serde_json::json;
use testkit::{
    fault_proxy::{Fault, FaultProxy},
    salesmanago::{API_SECRET, CLIENT_ID, OWNER, Simulator},
};

use super::desk::{CRM, Desk, Script, Window, key};
use crate::{
    Deps, Engine, Home,
    configure::Connected,
    crm::Crm,
    follow::{Follow, Followed},
};

/// What the CRM refuses for good.
const POISON: &str = "Poison";
/// A day of faults.
const ALWAYS: usize = 1_000_000;

/// The system's clock, ahead of itself.
#[derive(Debug, Default)]
struct Ahead(Mutex<SignedDuration>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

struct Office {
    desk: Desk,
    clock: Arc<Ahead>,
    simulator: Simulator,
    proxy: FaultProxy,
    keyring: Arc<Memory>,
    /// The ids of the contacts, by their chats.
    ids: BTreeMap<&'static str, String>,
}

impl Office {
    /// The chats `a`, `b`, … with a contact each, who are on show or were.
    async fn new(chats: &[&'static str]) -> Self {
        let simulator = Simulator::start().await.unwrap();
        let proxy = FaultProxy::start(simulator.socket()).await.unwrap();
        let (keyring, clock) = (Arc::new(Memory::default()), Arc::<Ahead>::default());
        let window = Arc::new(Window::default());
        let http = connectors::http::client(&connectors::http::HttpSettings::default()).unwrap();
        let engine = Engine::new(Deps {
            host: window.clone(),
            clock: clock.clone(),
            secrets: keyring.clone(),
            home: Home::new("/nonexistent", None),
            http: http.clone(),
            http1: http,
            place: None,
            session: String::new(),
            proxy: Proxy::Direct,
        });
        engine.0.memory.use_sample().await;
        let config = SalesmanagoConfig::at(proxy.address(), CLIENT_ID, OWNER);
        engine.0.replace_connected(Arc::new(connected(config)));
        let desk = Desk { engine, crm: Arc::new(Script::new()), window };
        let ids = chats.iter().map(|chat| {
            let contact = json!({ "email": email(chat), "name": *chat, "address": { "city": "Porto" } });
            (*chat, simulator.put(&contact, &json!({})))
        });
        let office = Self { ids: ids.collect(), desk, clock, simulator, proxy, keyring };
        office.sign_in(API_SECRET).await;
        office.desk.signed_in().await;
        for chat in chats {
            office.desk.arrive(chat, &[("system.email", &email(chat))]);
        }
        for chat in chats {
            office.until_shown(chat).await;
        }
        office
    }

    async fn sign_in(&self, secret: &str) {
        let name = SecretName::of(&CRM.into(), "api_secret");
        bound::set(&*self.keyring, &name, Secret::new(secret), &["127.0.0.1".into()]).await.unwrap();
    }

    async fn until_shown(&self, chat: &str) {
        self.desk.engine.select_chat(&key(chat)).unwrap();
        let shown = async || matches!(self.desk.state(), LookupState::Matched { checking: false, .. });
        until("the contact is on show", shown).await;
    }

    async fn save_city(&self, chat: &'static str, from: &str, to: &str) -> SaveReply {
        let request = SaveRequest {
            chat: key(chat),
            connection: CRM.into(),
            record: self.ids[chat].as_str().into(),
            values: [("city".into(), to.into())].into(),
            base: [("city".into(), from.into())].into(),
            decided: BTreeMap::new(),
            from_chat: Vec::new(),
        };
        self.desk.engine.save_contact(request).await.unwrap()
    }

    /// So much time passes, and what is due is tried.
    async fn pass(&self, time: SignedDuration) {
        *self.clock.0.lock().unwrap() += time;
        self.desk.engine.0.more_to_send.notify_one();
        let idle = async || {
            let outbox = self.desk.engine.panel_view().outbox;
            !outbox.items.iter().any(|item| matches!(item.standing, WriteStanding::Sending))
        };
        tokio::time::sleep(Duration::from_millis(100)).await;
        until("what is due was tried", idle).await;
    }

    fn city(&self, chat: &str) -> String {
        self.simulator.stored(&self.ids[chat]).unwrap().values["city"].clone()
    }

    /// How many writes the CRM carried out.
    fn written(&self) -> usize {
        let is_write = |function: &str| ["contact/update", "contact/upsert"].contains(&function);
        self.simulator.requests().iter().filter(|it| it.success && is_write(&it.function)).count()
    }

    async fn waiting(&self) -> store::Waiting {
        self.desk.engine.0.memory.store().await.unwrap().outbox().count().await.unwrap()
    }
}

fn email(chat: &str) -> String {
    format!("{chat}@shop.example")
}

fn connected(config: SalesmanagoConfig) -> Connected {
    let id = ConnectionId::new(CRM);
    let product = CrmProduct::Salesmanago(Box::new(config));
    let connection = domain::config::CrmConnection { name: "SALESmanago".into(), product };
    let connector = layers::layered(registry::connect(&id, &connection));
    let pair = Pair { chat_field: "system.email".into(), crm_field: "email".into(), compare: Compare::Email };
    let rules = RuleSet {
        rules: vec![Rule { name: "E-mail".into(), pairs: vec![pair] }],
        never_match: Default::default(),
        region: None,
        on_several: OnSeveral::default(),
    };
    let identifying = domain::rules::identifying_fields(&rules.rules);
    let mapping = vec![MappingRow::shown("email"), MappingRow::shown("city")];
    let name = "SALESmanago".to_owned();
    let crm = Crm::new(id.clone(), name, connector, rules, mapping, NoMatch::Neither, TypedValues::default());
    let follow = Follow { crms: vec![id], identifying, recent_for: i64::MAX / 4, catch_up_for: i64::MAX / 4 };
    Connected {
        crms: BTreeMap::from([(ChannelName::LiveChat, vec![Arc::new(crm)])]),
        follow: Followed::from([(ChannelName::LiveChat, follow)]),
        ..Connected::default()
    }
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(std::time::Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

// REL-01, REL-02, CRM-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_01_after_an_hours_outage_a_revoked_sign_in_and_a_storm_of_refusals_nothing_is_lost_or_doubled() {
    let office = Office::new(&["a", "b", "c"]).await;
    office.proxy.inject_times(POISON, Fault::Status(403), ALWAYS);

    // The hour: what agents save is kept.
    office.proxy.inject_times("", Fault::CutBefore, ALWAYS);
    for (chat, from, to) in
        [("a", "Porto", "Faro"), ("a", "Faro", "Beja"), ("b", "Porto", "Braga"), ("c", "Porto", POISON)]
    {
        let reply = office.save_city(chat, from, to).await;
        assert!(matches!(reply, SaveReply::Waiting { .. }), "{chat}: {reply:?}");
    }
    for _ in 0..12 {
        office.pass(SignedDuration::from_mins(5)).await;
    }
    assert_eq!((office.written(), office.waiting().await.on_the_way), (0, 4), "all of it waits");

    // It is there again, ends the session that there was, and does not take what the keyring holds.
    office.sign_in("revoked").await;
    office.proxy.clear();
    office.proxy.inject("", Fault::Status(401));
    office.proxy.inject_times(POISON, Fault::Status(403), ALWAYS);
    office.pass(SignedDuration::from_hours(2)).await;
    let outbox = office.desk.view().outbox;
    let refused = outbox.items.iter().any(|item| {
        matches!(&item.standing, WriteStanding::Again { error, .. }
        if error.code == ErrorCode::Unauthorized)
    });
    assert!(refused, "{outbox:?}");
    assert_eq!((office.written(), office.waiting().await.on_the_way), (0, 4), "it waits for a sign-in");

    // Somebody signs in, and the CRM refuses whoever comes first, with a word on when and without.
    office.sign_in(API_SECRET).await;
    office.proxy.clear();
    office.proxy.inject_times(POISON, Fault::Status(403), ALWAYS);
    office.proxy.inject_times("", Fault::RateLimited(None), 2);
    office.proxy.inject_times("", Fault::RateLimited(Some("1".to_owned())), 2);
    office.proxy.forget();
    *office.clock.0.lock().unwrap() += SignedDuration::from_hours(2);
    office.desk.engine.0.more_to_send.notify_one();
    until("the first one is refused", async || office.proxy.count("") > 0).await;

    // A new chat comes while all wait: its look-up goes before what was saved.
    let dora = json!({ "email": email("d"), "name": "d", "address": { "city": "Porto" } });
    office.simulator.put(&dora, &json!({}));
    let before = office.proxy.count("");
    office.desk.arrive("d", &[("system.email", &email("d"))]);
    office.desk.engine.select_chat(&key("d")).unwrap();
    until("she is on show", async || matches!(office.desk.state(), LookupState::Matched { .. })).await;
    let seen = office.proxy.seen("");
    let first = seen[before..].iter().position(|it| it.body.contains(&email("d"))).unwrap();
    assert!(first <= 4, "at most what was under way went before: {first} of {}", seen.len() - before);
    assert_eq!(office.written(), 0, "and nothing that was saved has gone before it");

    until("everything but the poison is there", async || {
        office.pass(SignedDuration::from_mins(10)).await;
        let waiting = office.waiting().await;
        (waiting.on_the_way, waiting.parked) == (0, 1)
    })
    .await;
    assert_eq!(["a", "b", "c"].map(|chat| office.city(chat)), ["Beja", "Braga", "Porto"]);
    assert_eq!(office.written(), 3, "each once, and one contact's in its order");
    let item = office.desk.view().outbox.items.remove(0);
    let WriteStanding::NeedsYou { error: Some(error), .. } = item.standing else { panic!("{item:?}") };
    assert_eq!((error.code, item.name.as_str()), (ErrorCode::Forbidden, "c"));
}
