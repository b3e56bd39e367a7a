//! The connector against the simulator: what is documented, and both positions of everything that is not.

mod deeds;
mod wire;

use std::{sync::Arc, time::Duration};

use connectors::{
    Act, Applied, CallContext, Change, Connector, Deed, Error, Kind, NewRecord, Result, Retry, Target, Told,
    error::Refusal, registry::connect,
};
use domain::{
    Contact, Fields, ObjectKind, Value,
    config::{CrmConnection, CrmProduct, SalesmanagoCleared, SalesmanagoContacts},
    email,
    rules::{Compare, Criterion, verify},
    strategies::{Manager, RecordKind},
};
use secrets::{Memory, Secret, SecretName, bound};
use serde_json::json;

use super::*;
use crate::{
    fault_proxy::{Fault, FaultProxy},
    testing,
};

const CONTACT: ObjectKind = ObjectKind::Contact;

/// A connector on a simulator, over a wire that can break.
struct Rig {
    simulator: Simulator,
    wire: FaultProxy,
    connector: Arc<dyn Connector>,
    secrets: Arc<Memory>,
}

impl Rig {
    async fn new(unknowns: Unknowns) -> Self {
        Self::with(Setup { unknowns, ..Setup::default() }, |_| {}).await
    }

    async fn with(setup: Setup, change: impl FnOnce(&mut SalesmanagoConfig)) -> Self {
        let simulator = Simulator::start_with(setup).await.unwrap();
        let wire = FaultProxy::start(simulator.socket()).await.unwrap();
        let mut config = SalesmanagoConfig { address: wire.address(), ..simulator.config() };
        change(&mut config);
        let product = CrmProduct::Salesmanago(Box::new(config));
        let connector = connect(&"crm".into(), &CrmConnection { name: "SALESmanago".into(), product });
        let rig = Self { simulator, wire, connector, secrets: Arc::default() };
        rig.set_secret(API_SECRET).await;
        rig
    }

    async fn set_secret(&self, secret: &str) {
        let (name, hosts) = (SecretName::of(&"crm".into(), "api_secret"), ["127.0.0.1".to_owned()]);
        bound::set(&*self.secrets, &name, Secret::new(secret), &hosts).await.unwrap();
    }

    /// A contact with this address; its id.
    fn put(&self, email: &str) -> String {
        self.simulator.put(&json!({ "email": email, "name": "Mira Holt" }), &json!({}))
    }

    fn cx(&self) -> CallContext {
        self.within(Duration::from_secs(10))
    }

    fn within(&self, time: Duration) -> CallContext {
        testing::call(&self.secrets, time)
    }

    async fn check(&self) -> Result<()> {
        self.connector.check(&self.cx()).await.map(drop)
    }

    async fn fetch(&self, id: &str) -> Result<Contact> {
        self.connector.fetch(&self.cx(), CONTACT, &id.into()).await
    }

    async fn find(&self, email: &str) -> Result<Vec<Contact>> {
        let by = [criterion("email", email)];
        let found = self.connector.find(&self.cx(), CONTACT, &by, 10).await?;
        Ok(found.into_iter().filter(|contact| verify(&by, contact, None)).collect())
    }

    async fn create(&self, set: Fields) -> Result<Applied> {
        self.apply(Target::New, set).await
    }

    async fn update(&self, id: &str, set: Fields) -> Result<Applied> {
        self.apply(Target::Record { id: id.into(), version: None }, set).await
    }

    async fn apply(&self, target: Target, set: Fields) -> Result<Applied> {
        let change = Change { object: CONTACT, target, set, key: "key".to_owned() };
        self.connector.apply(&self.cx(), &change).await
    }
}

fn set(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
}

fn criterion(field: &str, value: &str) -> Criterion {
    let spellings = email::spellings(value);
    Criterion { field: field.into(), compare: Compare::Email, value: value.to_owned(), spellings }
}

fn kind<T>(result: Result<T>) -> Option<Kind> {
    result.err().map(|error| error.kind)
}

// SM-01
#[tokio::test]
async fn sm_01_a_check_tells_a_wrong_secret_an_inactive_account_a_wrong_owner_and_a_stranger_apart() {
    let rig = Rig::new(Unknowns::default()).await;
    rig.check().await.unwrap();
    rig.set_secret("not-the-secret").await;
    assert_eq!(kind(rig.check().await), Some(Kind::Unauthorized));
    rig.set_secret(API_SECRET).await;
    rig.simulator.set_inactive(true);
    assert_eq!(kind(rig.check().await), Some(Kind::Forbidden));
    rig.simulator.set_inactive(false);
    for (change, expected) in [
        ((|config| config.client_id = "other".into()) as fn(&mut SalesmanagoConfig), Kind::Unauthorized),
        (|config| config.owner = "stranger@shop.example".into(), Kind::Config),
        (|config| config.address = config.address.join("elsewhere/").unwrap(), Kind::Config),
    ] {
        assert_eq!(kind(Rig::with(Setup::default(), change).await.check().await), Some(expected));
    }
    let own_key = |config: &mut SalesmanagoConfig| config.api_key = "demo-api-key-0001".into();
    Rig::with(Setup::default(), own_key).await.check().await.unwrap();
}

// SM-01
#[tokio::test]
async fn sm_01_each_request_tells_the_time_in_milliseconds_and_a_wrong_clock_is_said() {
    let unknowns = Unknowns { request_time: RequestTime::Checked, ..Unknowns::default() };
    let rig = Rig::new(unknowns).await;
    rig.check().await.unwrap();
    rig.simulator.refuse("Wrong requestTime");
    let error = rig.check().await.unwrap_err();
    assert!(error.kind == Kind::Config && error.detail.contains("clock"), "{error}");
}

// SM-02, CRM-06
#[tokio::test]
async fn sm_02_a_contact_is_found_by_its_address_in_any_spelling_and_a_created_one_at_once() {
    let rig = Rig::new(Unknowns::default()).await;
    assert_eq!(rig.find("Mira.Holt@mail.example").await.unwrap(), []);
    let created = rig.create(set(&[("email", "mira.holt@mail.example"), ("name", "Mira")])).await.unwrap();
    assert_eq!(created.altered, []);
    let found = rig.find("MIRA.HOLT@mail.example").await.unwrap();
    let whole = std::slice::from_ref(&created.contact);
    assert_eq!(found, whole);
    let by_name = [criterion("name", "Mira")];
    let refused = rig.connector.find(&rig.cx(), CONTACT, &by_name, 10).await;
    assert_eq!(kind(refused), Some(Kind::Unsupported));
    for text in [" mira.holt@mail.example ", created.contact.id.as_str()] {
        let found = rig.connector.search(&rig.cx(), CONTACT, text, 10).await.unwrap();
        assert_eq!(found, whole, "{text}");
    }
    assert!(rig.connector.search(&rig.cx(), CONTACT, "Mira", 10).await.unwrap().is_empty());
}

// SM-02
#[tokio::test]
async fn sm_02_an_address_that_is_taken_is_said_and_never_written_over() {
    for insert in [Insert::Refused, Insert::Updates] {
        let rig = Rig::new(Unknowns { insert, ..Unknowns::default() }).await;
        let id = rig.put("mira@mail.example");
        let error = rig.create(set(&[("email", "Mira@mail.example"), ("name", "Other")])).await.unwrap_err();
        assert_eq!(error.kind, Kind::Duplicate { existing: Some(id.as_str().into()) });
        let other = rig.put("other@mail.example");
        let error = rig.update(&other, set(&[("email", "mira@mail.example")])).await.unwrap_err();
        assert_eq!(error.kind, Kind::Duplicate { existing: Some(id.as_str().into()) });
        assert_eq!(rig.simulator.stored(&id).unwrap().values["name"], "Mira Holt", "{insert:?}");
    }
}

// CRM-07
#[tokio::test]
async fn crm_07_an_update_leaves_what_it_does_not_name_and_empties_what_it_does() {
    for (cleared, ours, gone) in [
        (Cleared::EmptyText, SalesmanagoCleared::EmptyText, true),
        (Cleared::Null, SalesmanagoCleared::Null, true),
        (Cleared::Null, SalesmanagoCleared::EmptyText, false),
        (Cleared::Nothing, SalesmanagoCleared::EmptyText, false),
    ] {
        let setup = Setup { unknowns: Unknowns { cleared, ..Unknowns::default() }, ..Setup::default() };
        let rig = Rig::with(setup, |config| config.cleared = ours).await;
        let contact = json!({ "email": "m@mail.example", "phone": "+48600100200", "fax": "1",
                              "address": { "city": "Krakow", "country": "PL" } });
        let id = rig.simulator.put(&contact, &json!({ "properties": { "topic": "delivery" } }));
        let fields = set(&[("phone", ""), ("city", "Gdansk"), ("properties.tier", "gold")]);
        let applied = rig.update(&id, fields).await.unwrap();
        let stored = rig.simulator.stored(&id).unwrap();
        assert_eq!(stored.values.contains_key("phone"), !gone, "{cleared:?}");
        assert_eq!(applied.altered.is_empty(), gone, "what was not emptied is said");
        assert_eq!((stored.values["fax"].as_str(), stored.values["city"].as_str()), ("1", "Gdansk"));
        assert_eq!(stored.values["country"], "PL");
        assert_eq!(
            (stored.properties["topic"].as_str(), stored.properties["tier"].as_str()),
            ("delivery", "gold")
        );
    }
}

// PAN-22, PAN-07
#[tokio::test]
async fn pan_22_a_deleted_contact_is_gone_and_no_write_makes_it_anew() {
    for deleted in [Deleted::LeftOut, Deleted::Marked] {
        for unknown_id in [UnknownId::LeftOut, UnknownId::Refused] {
            let rig = Rig::new(Unknowns { deleted, unknown_id, ..Unknowns::default() }).await;
            let id = rig.put("mira@mail.example");
            rig.simulator.delete(&id);
            assert_eq!(kind(rig.fetch(&id).await), Some(Kind::NotFound), "{deleted:?} {unknown_id:?}");
            assert_eq!(kind(rig.update(&id, set(&[("name", "Back")])).await), Some(Kind::NotFound));
            for act in [deeds::point(), deeds::meeting()] {
                let performed = rig.connector.perform(&rig.cx(), &deeds::deed(&id, act)).await;
                assert_eq!(kind(performed), Some(Kind::NotFound));
            }
            assert!(rig.find("mira@mail.example").await.unwrap().is_empty());
            assert_eq!(rig.simulator.contacts(), []);
        }
    }
}

// CRM-03
#[tokio::test]
async fn crm_03_a_refused_address_is_told_at_its_field_however_the_refusal_says_it() {
    for reason in [Reason::MessageAndValues, Reason::Message, Reason::Error] {
        let rig = Rig::new(Unknowns { reason, ..Unknowns::default() }).await;
        let id = rig.put("mira@mail.example");
        let error = rig.update(&id, set(&[("name", "New"), ("email", "no address")])).await.unwrap_err();
        let Kind::Invalid { fields } = error.kind else { panic!("{error}") };
        assert_eq!(
            fields.into_iter().collect::<Vec<_>>(),
            [("email".into(), Refusal::Said("Wrong email".into()))]
        );
        assert_eq!(rig.simulator.stored(&id).unwrap().values["name"], "Mira Holt");
    }
}

// CRM-04
#[tokio::test]
async fn crm_04_too_many_requests_are_known_as_such_by_status_and_by_words() {
    let limits = Limits { requests: 1, retry_after: Some(7), ..Limits::default() };
    for (rate_refusal, retry) in
        [(RateRefusal::Status, Retry::After(Duration::from_secs(7))), (RateRefusal::InBody, Retry::BackOff)]
    {
        let setup = Setup { unknowns: Unknowns { rate_refusal, ..Unknowns::default() }, limits };
        let rig = Rig::with(setup, |_| {}).await;
        rig.check().await.unwrap();
        let error = rig.check().await.unwrap_err();
        assert_eq!((error.kind, error.retry), (Kind::RateLimited, retry), "{rate_refusal:?}");
    }
}

#[tokio::test]
async fn contacts_of_another_owner_are_found_where_the_account_lists_them_and_the_settings_say_so() {
    for (any_owner, ours, found) in [
        (AnyOwner::There, SalesmanagoContacts::Everybodys, true),
        (AnyOwner::There, SalesmanagoContacts::OfOwner, false),
        (AnyOwner::NotThere, SalesmanagoContacts::Everybodys, false),
    ] {
        let setup = Setup { unknowns: Unknowns { any_owner, ..Unknowns::default() }, ..Setup::default() };
        let rig = Rig::with(setup, |config| config.contacts = ours).await;
        let theirs = json!({ "owner": OTHER_OWNER });
        rig.simulator.put(&json!({ "email": "theirs@mail.example" }), &theirs);
        rig.put("ours@mail.example");
        assert_eq!(rig.find("theirs@mail.example").await.unwrap().len(), usize::from(found), "{any_owner:?}");
        assert_eq!(rig.find("ours@mail.example").await.unwrap().len(), 1);
    }
}

// SM-10
#[tokio::test]
async fn sm_10_no_write_changes_consent_whatever_a_new_contact_begins_with() {
    for new_consent in [NewConsent::OptedOut, NewConsent::OptedIn] {
        let rig = Rig::new(Unknowns { new_consent, ..Unknowns::default() }).await;
        let created = rig.create(set(&[("email", "m@mail.example")])).await.unwrap().contact;
        let id = created.id.as_str();
        rig.update(id, set(&[("name", "Mira")])).await.unwrap();
        for act in [deeds::point(), deeds::meeting()] {
            rig.connector.perform(&rig.cx(), &deeds::deed(id, act)).await.unwrap();
        }
        let out = new_consent == NewConsent::OptedOut;
        let stored = rig.simulator.stored(id).unwrap();
        assert_eq!((stored.opted_out, stored.opted_out_phone), (out, out));
        assert!(rig.simulator.requests().iter().all(|request| request.consents.is_empty()));
        assert_eq!(created.value(&"optedOut".into()), &Value::Boolean(out), "it is shown");
    }
}

#[tokio::test]
async fn a_write_is_seen_at_once_because_it_is_not_left_for_later() {
    let rig = Rig::new(Unknowns { processing: Processing::Later, ..Unknowns::default() }).await;
    let id = rig.put("m@mail.example");
    let applied = rig.update(&id, set(&[("name", "New")])).await.unwrap();
    assert_eq!((applied.altered, applied.contact.name.as_str()), (Vec::new(), "New"));
    let writes = rig.simulator.requests().into_iter().filter(|it| it.later.is_some());
    assert!(writes.map(|it| it.later).all(|later| later == Some(false)));
}

#[tokio::test]
async fn free_fields_are_offered_once_they_were_heard_of() {
    let rig = Rig::with(Setup::default(), |config| config.properties = vec!["tier".into()]).await;
    let offered = async || {
        let schema = rig.connector.describe(&rig.cx(), CONTACT).await.unwrap();
        let free = schema.fields.into_iter().filter(|field| field.key.as_str().starts_with("properties."));
        free.map(|field| field.label).collect::<Vec<_>>()
    };
    assert_eq!(offered().await, ["tier"]);
    let more = json!({ "properties": { "chat.topic": "delivery" } });
    let id = rig.simulator.put(&json!({ "email": "m@mail.example" }), &more);
    let contact = rig.fetch(&id).await.unwrap();
    assert_eq!(contact.value(&"properties.chat.topic".into()), &Value::from("delivery"));
    assert_eq!(offered().await, ["chat.topic", "tier"]);
}
