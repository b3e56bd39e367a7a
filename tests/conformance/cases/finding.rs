//! Finding records by rules and by hand.

use anyhow::{Context, Result, ensure};
use connectors::capability::SearchBy;
use domain::{
    Field, FieldType, ObjectKind, RecordId,
    rules::{Compare, Criterion},
};

use super::Verdict;
use crate::bench::{Bench, Fixture, criterion, fields, unique, unique_email, unique_phone};

// CRM-02, IDN-05
pub(crate) async fn crm_02_idn_05_found_by_each_field_that_is_called_searchable(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (phone, _) = unique_phone();
    let (mobile, _) = unique_phone();
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    let mut set = fields(&[
        ("name", &unique("Ana Żółć")),
        ("email", &unique_email()),
        ("phone", &phone),
        ("mobile", &mobile),
        ("website", &format!("https://{}.example/a_b%20c", unique("w").replace(' ', "-"))),
        ("city", &unique("São Paulo")),
        ("street", &unique("Rua 1")),
        ("postal_code", &unique("01000")),
    ]);
    set.retain(|key, _| schema.field(key).is_some());
    let id = fixture.seed(&set).await?;
    let stored = fixture.stored(&id).await?.context("stored")?;
    let mut asked = 0;
    for field in schema.fields.iter().filter(|field| field.searchable) {
        let Some(value) = stored.get(&field.key).filter(|value| !value.is_empty()) else { continue };
        let by = [criterion(field.key.as_str(), comparison(field), &value.as_text())];
        ensure!(bench.find(&by).await?.contains(&id), "not found by {}", field.key);
        asked += 1;
    }
    let least = if bench.connector.capabilities().search.contains(&SearchBy::Name) { 4 } else { 1 };
    ensure!(asked >= least, "only {asked} fields could be asked for");
    Ok(Verdict::Pass)
}

fn comparison(field: &Field) -> Compare {
    match field.kind {
        FieldType::Email => Compare::Email,
        FieldType::Phone => Compare::Phone,
        _ => Compare::Exact,
    }
}

// IDN-05
pub(crate) async fn idn_05_near_matches_are_rejected(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if !bench.finds_by("email").await? {
        return Ok(Verdict::Unsupported);
    }
    let email = unique_email();
    let mut near = vec![format!("x{email}"), format!("{email}.br"), email.replacen('@', "_@", 1)];
    near.push(email.replacen('p', "_", 1));
    for email in &near {
        fixture.seed(&fields(&[("name", "Near"), ("email", email)])).await?;
    }
    let by = [criterion("email", Compare::Email, &email)];
    ensure!(bench.find(&by).await?.is_empty(), "a near match was taken for the address");
    let id = fixture.seed(&fields(&[("name", "Exact"), ("email", &email.to_uppercase())])).await?;
    ensure!(bench.find(&by).await? == [id], "the same address in capitals is the same");
    let pattern = [criterion("email", Compare::Email, &near[3])];
    ensure!(bench.find(&pattern).await?.len() == 1, "an underscore is no wildcard");

    if !bench.finds_by("phone").await? {
        return Ok(Verdict::Pass);
    }
    let (phone, _) = unique_phone();
    fixture.seed(&fields(&[("name", "Near"), ("phone", &phone.replacen("+55 11", "+55 21", 1))])).await?;
    ensure!(bench.find(&[criterion("phone", Compare::Phone, &phone)]).await?.is_empty(), "another area code");
    Ok(Verdict::Pass)
}

// IDN-05
pub(crate) async fn idn_05_all_criteria_hold_together(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if !bench.finds_by("email").await? {
        return Ok(Verdict::Unsupported);
    }
    let (email, name) = (unique_email(), unique("Ana"));
    let id = fixture.seed(&fields(&[("name", &name), ("email", &email)])).await?;
    if !bench.one_per_address().await? {
        fixture.seed(&fields(&[("name", &unique("Bea")), ("email", &email)])).await?;
    }
    let by = |name: &str| {
        [criterion("email", Compare::Email, &email), criterion("name", Compare::IgnoreCase, name)]
    };
    ensure!(bench.find(&by(&name.to_uppercase())).await? == [id]);
    ensure!(bench.find(&by("Nobody")).await?.is_empty(), "one of two criteria is not enough");
    Ok(Verdict::Pass)
}

// CRM-02
pub(crate) async fn crm_02_a_phone_number_is_found_in_another_spelling(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if !bench.finds_by("phone").await? {
        return Ok(Verdict::Unsupported);
    }
    let (international, national) = unique_phone();
    let id = fixture.seed(&fields(&[("name", "Ana"), ("phone", &international)])).await?;
    for spelling in [&international, &national, &national.replace(['(', ')', ' '], "")] {
        ensure!(
            bench.find(&[criterion("phone", Compare::Phone, spelling)]).await? == std::slice::from_ref(&id)
        );
    }
    Ok(Verdict::Pass)
}

// CRM-02
pub(crate) async fn crm_02_several_are_all_found(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if !bench.finds_by("email").await? {
        return Ok(Verdict::Unsupported);
    }
    if bench.one_per_address().await? {
        return Ok(Verdict::Unsupported);
    }
    let email = unique_email();
    let mut ids: Vec<RecordId> = Vec::new();
    for name in ["Silva", "Silva", "Silva & Filhos"] {
        ids.push(fixture.seed(&fields(&[("name", name), ("email", &email)])).await?);
    }
    ids.sort();
    let by = [criterion("email", Compare::Email, &email)];
    ensure!(bench.find(&by).await? == ids);
    let some = bench.connector.find(&bench.cx()?, ObjectKind::Contact, &by, 2).await?;
    ensure!(some.len() == 2, "no more than asked for");
    Ok(Verdict::Pass)
}

// CRM-02
pub(crate) async fn crm_02_nobody_is_an_empty_answer(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let email = bench.finds_by("email").await?;
    let email = if email { "email" } else { id_field(&bench)? };
    let name = if bench.finds_by("name").await? { "name" } else { email };
    for by in [
        criterion(email, Compare::Email, &unique_email()),
        criterion(name, Compare::Exact, "%"),
        criterion(name, Compare::IgnoreCase, "_%"),
        criterion(name, Compare::Exact, "' or 1=1 --"),
        criterion(name, Compare::Exact, "\\"),
    ] {
        ensure!(bench.find(std::slice::from_ref::<Criterion>(&by)).await?.is_empty(), "{by:?}");
    }
    Ok(Verdict::Pass)
}

/// The field that holds the id, for a connector that finds by nothing else.
fn id_field(bench: &Bench) -> Result<&'static str> {
    ensure!(bench.connector.info().kind == "optimove", "this connector's field of the id is not known here");
    Ok(connectors::optimove::CUSTOMER_ID)
}

// CRM-02, PAN-11
pub(crate) async fn crm_02_found_by_hand_as_declared(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (name, email, (phone, _)) = (unique("Łukasz 50%"), unique_email(), unique_phone());
    let id = fixture.seed(&fields(&[("name", &name), ("email", &email), ("phone", &phone)])).await?;
    let texts = |by: &SearchBy| match by {
        SearchBy::Name => name.clone(),
        SearchBy::Email => email.clone(),
        SearchBy::Phone => phone.clone(),
        SearchBy::Id => id.to_string(),
    };
    for by in &bench.connector.capabilities().search {
        ensure!(by_hand(&bench, &texts(by)).await?.contains(&id), "not found by {by:?}");
    }
    if bench.connector.capabilities().search_contains {
        ensure!(by_hand(&bench, &name[8..]).await?.contains(&id), "not found by a part of the name");
    }
    ensure!(by_hand(&bench, "  ").await?.is_empty(), "blanks find nobody");
    ensure!(!by_hand(&bench, &name.replace('%', "x")).await?.contains(&id), "a percent sign is no wildcard");
    Ok(Verdict::Pass)
}

async fn by_hand(bench: &Bench, text: &str) -> Result<Vec<RecordId>> {
    let found = bench.connector.search(&bench.cx()?, ObjectKind::Contact, text, 20).await?;
    Ok(found.into_iter().map(|contact| contact.id).collect())
}
