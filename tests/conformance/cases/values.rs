//! Values that are odd, too long, refused, or changed on the way.

use anyhow::{Context, Result, ensure};
use connectors::{Applied, Kind, WriteState, error::Refusal};
use domain::{Field, FieldKey, FieldType, Fields, ObjectKind, Value, mapping::Problem, rules::Compare};

use super::Verdict;
use crate::bench::{Fixture, criterion, fields, unique, unique_email};

/// What other programs trip over: pictures made of several characters, right to left, combining marks, and what has a
/// meaning in queries, patterns, pages and formulas.
const ODD: [&str; 8] = [
    "👩‍👩‍👧 🇧🇷 🦄",
    "שלום עליכם — مرحبا",
    "e\u{301}a\u{328} Z\u{351}",
    "\"D'Arc\" `x` “y” «z»",
    "C:\\new\\\\path\\",
    "50% _off_ ~*?[a]",
    "Robert'); drop table x; --",
    "=cmd|'/c'!A1 <b>&amp;</b> ${x} {{y}} %s",
];

// CRM-11
pub(crate) async fn crm_11_a_value_that_the_crm_changes_is_named(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let mut created = fields(&[("name", &unique("Ana")), ("city", "  Faro  ")]);
    created.extend(fixture.needed());
    let new = bench.create(created.clone()).await??;
    let id = new.contact.id.clone();
    if bench.confirms_later() {
        ensure!(new.altered.is_empty() && new.state == WriteState::Accepted, "it is not known yet");
        return Ok(Verdict::Unsupported);
    }
    ensure!(new.state == WriteState::Confirmed, "it was read back");
    told(&created, &new)?;
    let updated = fields(&[("city", " Porto ")]);
    let applied = bench.update(&id, None, updated.clone()).await??;
    told(&updated, &applied)?;
    let stored = fixture.stored(&id).await?.context("stored")?;
    ensure!(
        &stored[&"city".into()] == applied.contact.value(&"city".into()),
        "what is told is what is stored"
    );
    Ok(Verdict::Pass)
}

/// Whether exactly the fields that are held otherwise than they were sent are told, with what is held.
fn told(set: &Fields, applied: &Applied) -> Result<()> {
    for (key, sent) in set {
        let held = applied.contact.value(key);
        let told = applied.altered.iter().find(|(altered, _)| altered == key);
        ensure!(told.is_some() == (held.as_text() != sent.as_text()), "{key}: told only if changed");
        ensure!(told.is_none_or(|(_, value)| value == held), "{key}: told what it is now");
    }
    Ok(())
}

// CRM-03
pub(crate) async fn crm_03_a_refused_value_is_told_at_its_field(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (key, value) = fixture.refuses();
    let name = unique("Ana");
    let id = fixture.seed(&fields(&[("name", &name), ("email", &unique_email())])).await?;
    let before = fixture.stored(&id).await?;
    let set = fields(&[("name", "Changed"), (key, value), ("city", "Faro")]);
    let error = bench.update(&id, None, set).await?.err().context("it was taken")?;
    let Kind::Invalid { fields: refused } = &error.kind else { anyhow::bail!("it gave {error}") };
    ensure!(refused.keys().eq([&FieldKey::from(key)]), "told at {:?}", refused.keys());
    match &refused[&key.into()] {
        Refusal::Said(words) => ensure!(!words.is_empty(), "in the CRM's own words"),
        // A CRM that answers later would not say it, so it is found before anything is sent.
        Refusal::Problem(problem) => {
            ensure!(bench.confirms_later() && *problem == Problem::WrongType, "it gave {problem:?}");
        }
    }
    ensure!(!error.detail.contains(value) && !error.detail.contains(&name), "the detail quotes nothing");
    ensure!(fixture.stored(&id).await? == before, "nothing of it was written");

    let error =
        bench.update(&id, None, fields(&[("no_such_field", "x")])).await?.err().context("it was taken")?;
    let Kind::Invalid { fields: refused } = &error.kind else { anyhow::bail!("it gave {error}") };
    ensure!(refused.get(&"no_such_field".into()) == Some(&Refusal::Problem(Problem::UnknownField)));
    let (mut empty, mut lacks) = (fixture.needed(), "name".into());
    if bench.connector.capabilities().caller_gives_id {
        (lacks, _) = empty.pop_first().context("an id is needed")?;
    }
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    if schema.field(&"email".into()).is_some_and(|it| it.required) {
        (empty, lacks) = (fields(&[("name", &unique("Ana"))]), "email".into());
    } else {
        empty.extend(fields(&[("email", &unique_email())]));
    }
    let error = bench.create(empty).await?.err().with_context(|| format!("made without {lacks}"))?;
    let Kind::Invalid { fields: refused } = &error.kind else { anyhow::bail!("it gave {error}") };
    ensure!(refused.get(&lacks) == Some(&Refusal::Problem(Problem::Required)));
    Ok(Verdict::Pass)
}

// CRM-09
pub(crate) async fn crm_09_a_text_that_is_too_long_is_said_before_it_is_sent(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    let id = fixture.seed(&fields(&[("name", &unique("Ana"))])).await?;
    let limited =
        |field: &&Field| field.updatable && field.kind == FieldType::Text && field.max_length.is_some();
    let Some(field) =
        schema.fields.iter().find(|field| limited(field) && field.key.as_str() != "customer_number")
    else {
        return no_limit(fixture, &schema.fields).await;
    };
    let max = field.max_length.context("it has a limit")?;
    let sent = |length: u32| Fields::from([(field.key.clone(), Value::Text("é".repeat(length as usize)))]);
    ensure!(bench.update(&id, None, sent(max)).await??.altered.is_empty(), "the limit itself fits");
    let before = fixture.stored(&id).await?;
    let error = bench.update(&id, None, sent(max + 1)).await?.err().context("it was taken")?;
    let Kind::Invalid { fields: refused } = &error.kind else { anyhow::bail!("it gave {error}") };
    let expected = Refusal::Problem(Problem::TooLong { max, length: max + 1 });
    ensure!(refused.get(&field.key) == Some(&expected), "said with the limit and the length");
    ensure!(fixture.stored(&id).await? == before, "nothing was cut to fit");
    Ok(Verdict::Pass)
}

/// A CRM that names no limit for any text must hold long ones.
async fn no_limit(fixture: &dyn Fixture, described: &[Field]) -> Result<Verdict> {
    let limited = |field: &Field| field.kind == FieldType::Text && field.max_length.is_some();
    ensure!(!described.iter().any(limited), "some fields have a limit");
    let bench = fixture.bench().await?;
    let long = "é".repeat(5_000);
    let id = fixture.seed(&fields(&[("name", "Ana")])).await?;
    for key in ["name", "city"] {
        ensure!(bench.update(&id, None, fields(&[(key, &long)])).await??.altered.is_empty(), "{key} was cut");
        ensure!(fixture.stored(&id).await?.context("stored")?[&key.into()].as_text() == long);
    }
    Ok(Verdict::Unsupported)
}

// CRM-02, SEC-11
pub(crate) async fn crm_02_odd_text_survives_and_is_found(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let by_name = bench.finds_by("name").await?;
    for odd in ODD {
        let name = unique(odd);
        let mut set = fields(&[("name", &name), ("city", odd)]);
        set.extend(fixture.needed());
        let applied = bench.create(set).await??;
        ensure!(applied.altered.is_empty(), "{odd:?} was changed");
        let stored = fixture.stored(&applied.contact.id).await?.context("stored")?;
        ensure!(
            stored[&"name".into()].as_text() == name && stored[&"city".into()].as_text() == odd,
            "{odd:?}"
        );
        for compare in [Compare::Exact, Compare::IgnoreCase].into_iter().filter(|_| by_name) {
            let found = bench.find(&[criterion("name", compare, &name)]).await?;
            ensure!(
                found == std::slice::from_ref(&applied.contact.id),
                "{odd:?} is not found by {compare:?}"
            );
        }
    }
    let schema = bench.connector.describe(&bench.cx()?, ObjectKind::Contact).await?;
    for field in schema.fields.iter().filter(|field| field.updatable && field.kind == FieldType::LongText) {
        let id = fixture.seed(&fields(&[("name", &unique("Ana"))])).await?;
        let lines = "first\nsecond\n\nthird \u{202e}x\u{202c}";
        let set = Fields::from([(field.key.clone(), Value::from(lines))]);
        ensure!(bench.update(&id, None, set).await??.altered.is_empty(), "{}: lines were changed", field.key);
        ensure!(bench.fetch(&id).await?.value(&field.key).as_text() == lines);
    }
    Ok(Verdict::Pass)
}
