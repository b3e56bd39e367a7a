//! The connector against the simulator: what is documented, and both positions of everything that is not.

mod writing;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use connectors::{
    Applied, CallContext, Change, Connector, Error, Kind, Result, Retry, Target, WriteState,
    optimove::CUSTOMER_ID, registry::connect,
};
use domain::{
    Contact, FieldKey, Fields, ObjectKind, Value,
    config::{CrmConnection, CrmProduct, OptimoveCleared, OptimoveConfig, OptimoveTextAnswer},
    rules::{Compare, Criterion, verify},
};
use secrets::{Memory, Secret, SecretName, bound};

use super::*;
use crate::testing;

const CONTACT: ObjectKind = ObjectKind::Contact;

/// A connector on a simulator.
struct Rig {
    simulator: Simulator,
    connector: Arc<dyn Connector>,
    secrets: Arc<Memory>,
}

impl Rig {
    async fn new(unknowns: Unknowns) -> Self {
        Self::with(Setup { unknowns, ..Setup::default() }, |_| {}).await
    }

    async fn with(setup: Setup, change: impl FnOnce(&mut OptimoveConfig)) -> Self {
        let simulator = Simulator::start_with(setup).await.unwrap();
        let mut config = OptimoveConfig::at(simulator.url());
        change(&mut config);
        let rig = Self { simulator, connector: connector(config), secrets: Arc::default() };
        rig.set_key(ADMIN_KEY).await;
        rig
    }

    async fn set_key(&self, key: &str) {
        let (name, hosts) = (SecretName::of(&"crm".into(), "api_key"), ["127.0.0.1".to_owned()]);
        bound::set(&*self.secrets, &name, Secret::new(key), &hosts).await.unwrap();
    }

    fn cx(&self) -> CallContext {
        testing::call(&self.secrets, Duration::from_secs(10))
    }

    async fn check(&self) -> Result<()> {
        self.connector.check(&self.cx()).await.map(drop)
    }

    async fn fetch(&self, id: &str) -> Result<Contact> {
        self.connector.fetch(&self.cx(), CONTACT, &id.into()).await
    }

    async fn find(&self, by: &[Criterion]) -> Result<Vec<Contact>> {
        self.connector.find(&self.cx(), CONTACT, by, 10).await
    }

    async fn update(&self, id: &str, set: Fields) -> Result<Applied> {
        self.apply(Target::Record { id: id.into(), version: None }, set).await
    }

    async fn create(&self, set: Fields) -> Result<Applied> {
        self.apply(Target::New, set).await
    }

    async fn apply(&self, target: Target, set: Fields) -> Result<Applied> {
        let change = Change { object: CONTACT, target, set, key: "k".to_owned() };
        self.connector.apply(&self.cx(), &change).await
    }

    fn stored(&self, id: &str, attribute: &str) -> Option<String> {
        self.simulator.stored(id).and_then(|mut values| values.remove(attribute))
    }

    fn count(&self, function: Function) -> usize {
        self.simulator.requests().iter().filter(|it| it.function == function).count()
    }
}

fn connector(config: OptimoveConfig) -> Arc<dyn Connector> {
    connect(
        &"crm".into(),
        &CrmConnection { name: "O".to_owned(), product: CrmProduct::Optimove(Box::new(config)) },
    )
}

fn set(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(key, text)| ((*key).into(), Value::from(*text))).collect()
}

fn criterion(field: &str, value: &str) -> Criterion {
    let value = value.to_owned();
    Criterion { field: field.into(), compare: Compare::Exact, spellings: vec![value.clone()], value }
}

fn kind<T>(result: Result<T>) -> Option<Kind> {
    result.err().map(|error| error.kind)
}

// OPT-01
#[tokio::test]
async fn opt_01_a_refused_key_is_told_apart_and_sent_once_until_it_is_another() {
    let rig = Rig::new(Unknowns::default()).await;
    rig.check().await.unwrap();
    rig.set_key("another").await;
    rig.simulator.revoke(ADMIN_KEY);
    for _ in 0..3 {
        assert_eq!(kind(rig.fetch("00731").await), Some(Kind::Unauthorized));
    }
    let refused = rig.simulator.requests().into_iter().filter(|it| it.status == 401).count();
    assert_eq!(refused, 2, "each of the two keys once");
    rig.set_key(INTEGRATIONS_KEY).await;
    assert_eq!(kind(rig.fetch("00731").await), Some(Kind::Forbidden), "a key that may not read");
    assert_eq!(kind(rig.check().await), Some(Kind::Forbidden));
}

// OPT-01
#[tokio::test]
async fn opt_01_an_address_that_is_not_optimoves_or_does_not_answer_is_told_apart() {
    let rig = Rig::new(Unknowns::default()).await;
    let elsewhere =
        async |address: Url| connector(OptimoveConfig::at(address)).check(&rig.cx()).await.map(drop);
    assert_eq!(kind(elsewhere(rig.simulator.web_app()).await), Some(Kind::Config), "a page for people");
    let nowhere = Url::parse("http://127.0.0.1:9/").unwrap();
    assert!(matches!(kind(elsewhere(nowhere).await), Some(Kind::Unavailable { .. })));
    rig.simulator.refuse_address(true);
    let error = rig.check().await.unwrap_err();
    assert_eq!(error.kind, Kind::Forbidden);
    assert!(error.detail.contains("network"), "that the network may be the reason is said: {}", error.detail);
    rig.simulator.refuse_address(false);
    rig.check().await.unwrap();
}

// OPT-01
#[tokio::test]
async fn opt_01_an_account_is_recognised_wherever_its_functions_are() {
    let check = |general, sample: Option<&'static str>| async move {
        let unknowns = Unknowns { general, ..Unknowns::default() };
        let settings = |config: &mut OptimoveConfig| config.sample_customer = sample.map(str::to_owned);
        kind(Rig::with(Setup { unknowns, ..Setup::default() }, settings).await.check().await)
    };
    assert_eq!(check(General::Both, None).await, None);
    assert_eq!(check(General::Current, None).await, None);
    assert_eq!(check(General::Absent, None).await, Some(Kind::Config));
    assert_eq!(check(General::Absent, Some("P/2+ä")).await, None);
    assert_eq!(check(General::Both, Some("nobody")).await, Some(Kind::Config), "a wrong id is said");
    for (paths, prefix, works) in [
        (Paths::Root, "", true),
        (Paths::Root, "/current", false),
        (Paths::Current, "/current", true),
        (Paths::Current, "", false),
    ] {
        let setup = Setup { unknowns: Unknowns { paths, ..Unknowns::default() }, ..Setup::default() };
        let rig = Rig::with(setup, |config| config.path_prefix = prefix.to_owned()).await;
        assert_eq!(rig.fetch("00731").await.is_ok(), works, "{paths:?} {prefix}");
    }
}

// OPT-02, OPT-08
#[tokio::test]
async fn opt_02_a_customer_is_found_by_its_id_whatever_the_id_looks_like() {
    let rig = Rig::new(Unknowns::default()).await;
    for id in ids() {
        let by = [criterion(CUSTOMER_ID, id)];
        let found = rig.find(&by).await.unwrap();
        assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [id]);
        assert!(verify(&by, &found[0], None), "{id}");
        assert_eq!(found[0].value(&CUSTOMER_ID.into()), &Value::from(id));
    }
    let both = [criterion("EMAIL", "other@mail.example"), criterion(CUSTOMER_ID, "00731")];
    assert!(!verify(&both, &rig.find(&both).await.unwrap()[0], None), "the rest is looked at on our side");
    assert_eq!(
        kind(rig.find(&[criterion("EMAIL", "customer1@mail.example")]).await),
        Some(Kind::Unsupported)
    );
    let by_hand = rig.connector.search(&rig.cx(), CONTACT, " 00731 ", 10).await.unwrap();
    assert_eq!(by_hand[0].id.as_str(), "00731");
    for nobody in ["0731", "Nadia", "", " ", ".."] {
        assert!(rig.connector.search(&rig.cx(), CONTACT, nobody, 10).await.unwrap().is_empty(), "{nobody}");
    }
}

// OPT-02
#[tokio::test]
async fn opt_02_every_sign_of_nobody_there_is_understood() {
    use Missing::{AllNull, BadRequest, EmptyList, NotFound, Text};
    for missing in [NotFound, BadRequest, Text, EmptyList, AllNull] {
        let rig = Rig::new(Unknowns { missing, ..Unknowns::default() }).await;
        assert_eq!(kind(rig.fetch("nobody").await), Some(Kind::NotFound), "{missing:?}");
        assert!(rig.find(&[criterion(CUSTOMER_ID, "nobody")]).await.unwrap().is_empty(), "{missing:?}");
    }
    let setup = Setup { unknowns: Unknowns { missing: Text, ..Unknowns::default() }, ..Setup::default() };
    let rig = Rig::with(setup, |config| config.text_answer = OptimoveTextAnswer::Failure).await;
    let error = rig.fetch("nobody").await.unwrap_err();
    assert_eq!(error.kind, Kind::Protocol, "where a text is a failure, nobody is created because of it");
    assert!(!error.detail.contains("not found"), "its words are not passed on");
}

// OPT-02
#[tokio::test]
async fn opt_02_an_id_in_another_letter_case_is_not_the_same_customer_unless_optimove_says_so() {
    for (ids, found) in [(IdCase::Matters, 0), (IdCase::Ignored, 1)] {
        let rig = Rig::new(Unknowns { ids, ..Unknowns::default() }).await;
        let by = [criterion(CUSTOMER_ID, "p-20041")];
        let contacts = rig.find(&by).await.unwrap();
        assert_eq!(contacts.len(), found, "{ids:?}");
        assert!(contacts.iter().all(|it| it.id.as_str() == "P-20041" && !verify(&by, it, None)));
    }
}

// OPT-03
#[tokio::test]
async fn opt_03_fields_come_from_a_customer_or_from_the_list_or_from_what_was_read() {
    let fields = |general, sample: bool| async move {
        let unknowns = Unknowns { general, ..Unknowns::default() };
        let settings =
            |config: &mut OptimoveConfig| config.sample_customer = sample.then(|| "731".to_owned());
        let rig = Rig::with(Setup { unknowns, ..Setup::default() }, settings).await;
        let before = rig.connector.describe(&rig.cx(), CONTACT).await.unwrap().fields.len();
        rig.fetch("00731").await.unwrap();
        (before, rig.connector.describe(&rig.cx(), CONTACT).await.unwrap().fields.len())
    };
    let all = definitions(0).len();
    assert_eq!(fields(General::Absent, true).await, (all, all));
    assert_eq!(fields(General::Current, false).await, (all, all));
    assert_eq!(fields(General::Absent, false).await, (1, all));
}

// OPT-01
#[tokio::test]
async fn opt_01_a_key_for_integrations_may_read_where_the_account_lets_it() {
    let unknowns = Unknowns { integrations: Integrations::MayRead, ..Unknowns::default() };
    let rig = Rig::new(unknowns).await;
    rig.set_key(INTEGRATIONS_KEY).await;
    rig.fetch("00731").await.unwrap();
}

// CRM-04
#[tokio::test]
async fn crm_04_the_limit_of_all_desks_is_understood_and_shared() {
    for (retry_after, expected) in [(None, Retry::BackOff), (Some(7), Retry::After(Duration::from_secs(7)))] {
        let limits = Limits { requests: 3, retry_after, ..Limits::default() };
        let rig = Rig::with(Setup { limits, ..Setup::default() }, |_| {}).await;
        for _ in 0..3 {
            rig.fetch("00731").await.unwrap();
        }
        let error = rig.fetch("00731").await.unwrap_err();
        assert_eq!((error.kind, error.retry), (Kind::RateLimited, expected));
    }
    for desks in [1, 2, 5, 16, 20] {
        let address = Url::parse("https://api4.optimove.example").unwrap();
        let rate = connector(OptimoveConfig { desks, ..OptimoveConfig::at(address) }).rate();
        let in_a_minute = desks * (6 * rate.burst + rate.per_minute);
        assert!(
            in_a_minute <= 6 * 50,
            "{desks} desks may call {in_a_minute} sixths of a time in ten seconds"
        );
        assert!(in_a_minute >= 6 * 20, "{desks} desks use a fair part of what there is");
    }
}

// OPT-04
#[tokio::test]
async fn opt_04_the_page_of_a_customer_is_at_the_web_application_and_no_request_goes_there() {
    let ready = Rig::new(Unknowns::default()).await;
    assert!(connector(ready.simulator.config()).capabilities().record_url_names_record);
    let rig = Rig::with(Setup::default(), |config| {
        config.record_url = Some("https://acme.example/#/customer-360/{id}".to_owned());
    })
    .await;
    let page = rig.connector.record_url(CONTACT, &"P/2+ä".into()).unwrap();
    assert_eq!(page.as_str(), "https://acme.example/#/customer-360/P%2F2%2B%C3%A4");
    let info = rig.connector.info();
    assert_eq!((&*info.hosts[0], &*info.pages[0]), ("127.0.0.1", "acme.example"));
}

#[tokio::test]
async fn an_account_may_have_as_many_attributes_as_real_ones_have() {
    let rig = Rig::with(Setup { attributes: definitions(184), ..Setup::default() }, |_| {}).await;
    rig.simulator.load("1", &[("EMAIL", "a@mail.example")]);
    let contact = rig.fetch("1").await.unwrap();
    assert_eq!(contact.fields.len(), 214);
    let values: BTreeMap<_, _> = contact.fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    assert_eq!(values.len(), 2);
}
