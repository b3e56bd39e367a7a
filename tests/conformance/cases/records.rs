//! Reading, creating and changing records, and what the CRM says about their fields.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use connectors::{Act, Kind, Told, capability::Concurrency};
use domain::{FieldKey, FieldType, Fields, ObjectKind, RecordId, RelatedPart, Value, rules::Compare};

use super::Verdict;
use crate::bench::{Fixture, criterion, deed, fields, unique, unique_email, unique_phone};

async fn seeded(fixture: &dyn Fixture) -> Result<(RecordId, Fields)> {
    let (phone, _) = unique_phone();
    let city = unique("Porto");
    let pairs = [("name", &*unique("Ana")), ("email", &unique_email()), ("phone", &phone), ("city", &city)];
    let id = fixture.seed(&fields(&pairs)).await?;
    let stored = fixture.stored(&id).await?.context("stored")?;
    Ok((id, stored))
}

/// Whether everything but `but` is in `now` as it was in `before`.
fn unchanged(before: &Fields, now: &Fields, but: &str) -> Result<()> {
    for (key, value) in before.iter().filter(|(key, _)| key.as_str() != but) {
        ensure!(now.get(key) == Some(value), "{key} changed");
    }
    Ok(())
}

// CRM-02
pub(crate) async fn crm_02_a_record_is_read_as_it_is_stored(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, stored) = seeded(fixture).await?;
    let contact = bench.fetch(&id).await?;
    ensure!(contact.id == id && contact.object == ObjectKind::Contact);
    ensure!(contact.name == stored[&"name".into()].as_text(), "the record is called by its name");
    unchanged(&stored, &contact.fields, "")?;
    Ok(Verdict::Pass)
}

// CRM-03
pub(crate) async fn crm_03_a_missing_record_is_not_found(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    for id in ["1999999999", "0", "-1", "nonsense", "", "99999999999999999999", "1 or 1=1", "../1", "é"] {
        let error = bench.fetch_error(&id.into()).await?;
        ensure!(error.kind == Kind::NotFound, "{id:?} gave {error}");
    }
    Ok(Verdict::Pass)
}

// PAN-22
pub(crate) async fn pan_22_a_record_deleted_meanwhile_is_gone_and_stays_gone(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, stored) = seeded(fixture).await?;
    let before = bench.fetch(&id).await?;
    fixture.delete(&id).await?;
    ensure!(bench.fetch_error(&id).await?.kind == Kind::NotFound);
    let name = unique("Back");
    for version in [before.version, None] {
        let error =
            bench.update(&id, version, fields(&[("name", &name)])).await?.err().context("it was written")?;
        ensure!(error.kind == Kind::NotFound, "writing gave {error}");
    }
    ensure!(fixture.stored(&id).await?.is_none() && fixture.named(&name).await? == 0, "it was created again");
    if bench.finds_by("email").await? {
        let by = [criterion("email", Compare::Email, &stored[&"email".into()].as_text())];
        ensure!(bench.find(&by).await?.is_empty());
    }
    Ok(Verdict::Pass)
}

// CRM-02
pub(crate) async fn crm_02_a_created_record_is_stored_and_found_at_once(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (email, (phone, _)) = (unique_email(), unique_phone());
    let mut set = fixture.needed();
    set.extend(fields(&[("name", &unique("Nova")), ("email", &email), ("phone", &phone), ("city", "Lódź")]));
    let applied = bench.create(set.clone()).await??;
    ensure!(
        applied.altered.is_empty(),
        "altered: {:?}",
        applied.altered.iter().map(|it| &it.0).collect::<Vec<_>>()
    );
    let stored = fixture.stored(&applied.contact.id).await?.context("nothing was stored")?;
    for key in set.keys().filter(|key| key.as_str() != "phone") {
        ensure!(stored.get(key) == set.get(key), "{key} is stored otherwise");
    }
    if bench.finds_by("email").await? {
        let found = bench.find(&[criterion("email", Compare::Email, &email)]).await?;
        ensure!(found == std::slice::from_ref(&applied.contact.id));
    }
    let mut now = bench.fetch(&applied.contact.id).await?;
    if bench.confirms_later() {
        // What the record holds beside what was sent is not known before it is read.
        now.fields.retain(|key, _| applied.contact.fields.contains_key(key));
    }
    ensure!(now == applied.contact, "the answer is the record as it is now");
    Ok(Verdict::Pass)
}

// PAN-09
pub(crate) async fn pan_09_a_duplicate_names_the_existing_record(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let mut set = fields(&[("name", &unique("Twin")), ("email", &unique_email())]);
    set.extend(fixture.needed());
    let first = bench.create(set.clone()).await??.contact.id;
    ensure!(fixture.stored(&first).await?.is_some(), "nothing was stored");
    let second = bench.create(set).await?;
    if !bench.connector.capabilities().refuses_duplicates {
        ensure!(second?.contact.id != first, "the CRM has both, as is declared");
        return Ok(Verdict::Unsupported);
    }
    let error = second.err().context("there are two now")?;
    ensure!(error.kind == Kind::Duplicate { existing: Some(first) }, "it gave {error}");
    Ok(Verdict::Pass)
}

// CRM-07
pub(crate) async fn crm_07_an_update_of_one_field_leaves_the_others(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, _) = seeded(fixture).await?;
    let (phone, _) = unique_phone();
    for (key, value) in
        [("name", unique("Nova")), ("email", unique_email()), ("phone", phone), ("city", unique("Faro"))]
    {
        let before = fixture.stored(&id).await?.context("stored")?;
        let version = bench.fetch(&id).await?.version;
        let applied = bench.update(&id, version.clone(), fields(&[(key, &value)])).await??;
        ensure!(applied.altered.is_empty(), "{key} is called altered");
        let unversioned =
            bench.connector.capabilities().concurrency == Concurrency::ConfirmedAfter && version.is_none();
        ensure!(unversioned || applied.contact.version != version, "a write of {key} makes another version");
        let now = fixture.stored(&id).await?.context("stored")?;
        ensure!(now.get(&key.into()) != before.get(&key.into()), "{key} was not written");
        unchanged(&before, &now, key)?;
    }
    Ok(Verdict::Pass)
}

// CRM-07
pub(crate) async fn crm_07_a_cleared_field_is_empty_and_the_others_stay(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, _) = seeded(fixture).await?;
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    let required = |key: &&str| schema.field(&(*key).into()).is_some_and(|it| it.required);
    for key in ["email", "phone", "city"].into_iter().filter(|key| !required(key)) {
        let before = fixture.stored(&id).await?.context("stored")?;
        let version = bench.fetch(&id).await?.version;
        let set = Fields::from([(FieldKey::from(key), Value::Empty)]);
        ensure!(bench.update(&id, version, set).await??.altered.is_empty(), "{key} is not empty");
        let now = fixture.stored(&id).await?.context("stored")?;
        ensure!(now[&key.into()].is_empty(), "{key} is still there");
        unchanged(&before, &now, key)?;
    }
    Ok(Verdict::Pass)
}

// CRM-02
pub(crate) async fn crm_02_the_schema_describes_what_is_read_and_written(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    let keys: BTreeSet<_> = schema.fields.iter().map(|field| field.key.clone()).collect();
    ensure!(keys.len() == schema.fields.len(), "a field is described twice");
    ensure!(schema.fields.iter().all(|field| !field.label.trim().is_empty()), "a field has no label");
    if bench.connector.capabilities().caller_gives_id {
        let ids = schema.fields.iter().filter(|field| field.required && field.creatable && !field.updatable);
        ensure!(ids.count() == 1, "an id is needed, and never changed");
    } else {
        let mut known_by = ["name", "email"].into_iter().filter_map(|key| schema.field(&key.into()));
        ensure!(known_by.any(|it| it.required && it.updatable), "a name or an address is needed");
    }
    let (id, _) = seeded(fixture).await?;
    let contact = bench.fetch(&id).await?;
    ensure!(contact.fields.keys().all(|key| keys.contains(key)), "a field that is read is not described");
    for field in &schema.fields {
        if let FieldType::Choice { options } = &field.kind {
            ensure!(!options.is_empty(), "{} offers nothing to choose", field.key);
            if field.updatable {
                let set = Fields::from([(field.key.clone(), Value::Choice(options[0].value.clone()))]);
                ensure!(
                    bench.update(&id, None, set).await??.altered.is_empty(),
                    "{} was not taken",
                    field.key
                );
            }
        } else if !field.updatable {
            let set = Fields::from([(field.key.clone(), Value::from("x"))]);
            let error = bench.update(&id, None, set).await?.err().context("a read-only field was written")?;
            ensure!(matches!(error.kind, Kind::Invalid { .. }), "{} gave {error}", field.key);
        }
    }
    for object in [ObjectKind::Account, ObjectKind::Case] {
        let error = bench.connector.describe(&bench.cx()?, object).await.err().context("described")?;
        ensure!(error.kind == Kind::Unsupported, "{object:?} gave {error}");
    }
    Ok(Verdict::Pass)
}

// CRM-02, PAN-10
pub(crate) async fn crm_02_a_record_has_its_page(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, _) = seeded(fixture).await?;
    let url = bench.connector.record_url(ObjectKind::Contact, &id);
    if !bench.connector.capabilities().record_url {
        ensure!(url.is_none(), "a page that is declared not to be");
        return Ok(Verdict::Unsupported);
    }
    let url = url.context("no page")?;
    ensure!(url.as_str().ends_with(&format!("/{id}")), "the address does not name the record");
    let info = bench.connector.info();
    ensure!(
        info.hosts.is_empty()
            || info.hosts.iter().chain(&info.pages).any(|host| Some(host.as_str()) == url.host_str()),
        "a foreign host"
    );
    Ok(Verdict::Pass)
}

// PAN-17
pub(crate) async fn pan_17_what_belongs_to_a_record_is_read_as_declared(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let parts = &bench.connector.capabilities().related;
    let (id, _) = seeded(fixture).await?;
    let read = bench.connector.related(&bench.cx()?, ObjectKind::Contact, &id).await;
    if parts.is_empty() {
        ensure!(read.is_err_and(|error| error.kind == Kind::Unsupported));
        return Ok(Verdict::Unsupported);
    }
    ensure!(read?.tags.is_empty(), "a new record has none");
    let (tag, deal) = (unique("Tag"), unique("Deal"));
    fixture.relate(&id, &tag, &deal).await?;
    let read = bench.connector.related(&bench.cx()?, ObjectKind::Contact, &id).await?;
    ensure!(read.tags.iter().any(|it| it.name == fixture.tag(&tag)), "the tag is missing");
    let lists: Vec<_> = read.lists.iter().map(|list| list.part).collect();
    let declared: Vec<_> = parts.iter().copied().filter(|part| *part != RelatedPart::Tags).collect();
    ensure!(lists == declared, "{lists:?} where {declared:?} is declared");
    let deals = read.lists.iter().find(|list| list.part == RelatedPart::Deals);
    if let Some(found) = deals.and_then(|list| list.records.iter().find(|record| record.title == deal)) {
        let page = found.url.as_deref().context("a deal has its page")?;
        let at_home = bench.connector.info().hosts.iter().any(|host| page.contains(host.as_str()));
        ensure!(at_home && found.at.is_some(), "{page}");
    } else {
        ensure!(bench.wire.is_none() || deals.is_none(), "the deal is missing");
    }
    Ok(Verdict::Pass)
}

// REL-01
pub(crate) async fn rel_01_reading_back_tells_whether_a_deed_was_done(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (id, _) = seeded(fixture).await?;
    let event = Act::Event {
        kind: "MEETING".to_owned(),
        description: "Said".to_owned(),
        details: vec!["1767261600".to_owned(), String::new(), "visitor".to_owned()],
    };
    let mut supported = false;
    for act in [Act::Tag { tag: "DONE_ONCE".to_owned(), points: 1 }, event] {
        let cx = bench.cx()?;
        if !bench.connector.capabilities().acts.contains(&act.kind()) {
            let error = bench.connector.perform(&cx, &deed(&id, act)).await.err().context("it was done")?;
            ensure!(error.kind == Kind::Unsupported, "it gave {error}");
            continue;
        }
        supported = true;
        for _ in 0..2 {
            let deed = deed(&id, act.clone());
            let before = bench.connector.sight(&cx, &deed).await?;
            let idle = bench.connector.reconcile(&cx, &deed, before).await?;
            ensure!(idle == Told::NotDone, "{deed:?} was not done: {idle:?}");
            bench.connector.perform(&cx, &deed).await?;
            let told = bench.connector.reconcile(&cx, &deed, before).await?;
            ensure!(told == Told::Done, "{deed:?} was done: {told:?}");
        }
        let gone = deed(&"1999999999".into(), act);
        let error = bench.connector.perform(&cx, &gone).await.err().context("it was done for nobody")?;
        ensure!(error.kind == Kind::NotFound, "{gone:?} gave {error}");
    }
    Ok(if supported { Verdict::Pass } else { Verdict::Unsupported })
}
