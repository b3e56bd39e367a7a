//! Changes made elsewhere since the record was read.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use connectors::{Kind, capability::Concurrency};
use testkit::fault_proxy::Fault;
use tokio::time::sleep;

use super::Verdict;
use crate::bench::{Fixture, On, fields, unique, unique_email};

// PAN-07
pub(crate) async fn pan_07_a_change_elsewhere_to_the_same_field_is_a_conflict(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if bench.connector.capabilities().concurrency == Concurrency::ConfirmedAfter {
        return Ok(Verdict::Unsupported);
    }
    let email = unique_email();
    let id = fixture.seed(&fields(&[("name", "Ana"), ("email", &email)])).await?;
    for (key, theirs, ours) in
        [("name", unique("Bea"), unique("Cleo")), ("email", unique_email(), unique_email())]
    {
        let read = bench.fetch(&id).await?;
        fixture.edit_elsewhere(&id, key, &theirs).await?;
        let error = bench.update(&id, read.version, fields(&[(key, &ours)])).await?.err();
        let error = error.with_context(|| format!("{key} was overwritten"))?;
        ensure!(error.kind == Kind::Conflict, "{key} gave {error}");
        let stored = fixture.stored(&id).await?.context("stored")?;
        ensure!(stored[&key.into()].as_text() == theirs, "the colleague's {key} is gone");
        let again = bench.fetch(&id).await?;
        bench.update(&id, again.version, fields(&[(key, &ours)])).await?.context("after reading again")?;
    }
    Ok(Verdict::Pass)
}

// PAN-07
pub(crate) async fn pan_07_a_change_elsewhere_to_another_field_is_not_lost(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let (email, theirs) = (unique_email(), unique_email());
    for (elsewhere, theirs, key) in [("email", theirs, "name"), ("name", unique("Bea"), "email")] {
        let id = fixture.seed(&fields(&[("name", "Ana"), ("email", &email)])).await?;
        let ours = if key == "name" { unique("Cleo") } else { unique_email() };
        let read = bench.fetch(&id).await?;
        fixture.edit_elsewhere(&id, elsewhere, &theirs).await?;
        // Either the CRM tells the two apart, or it says that the record changed and the write is merged and repeated.
        let first = bench.update(&id, read.version, fields(&[(key, &ours)])).await?;
        if let Err(error) = first {
            ensure!(error.kind == Kind::Conflict, "it gave {error}");
            let again = bench.fetch(&id).await?;
            ensure!(again.value(&elsewhere.into()).as_text() == theirs, "their change is not seen");
            bench.update(&id, again.version, fields(&[(key, &ours)])).await??;
        }
        let stored = fixture.stored(&id).await?.context("stored")?;
        ensure!(stored[&elsewhere.into()].as_text() == theirs, "their {elsewhere} is gone");
        ensure!(stored[&key.into()].as_text() == ours, "our {key} is gone");
    }
    Ok(Verdict::Pass)
}

// PAN-07
pub(crate) async fn pan_07_a_change_between_our_look_and_our_write_is_a_conflict(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    if bench.connector.capabilities().concurrency != Concurrency::Atomic {
        return Ok(Verdict::Unsupported);
    }
    for key in ["name", "email"] {
        let value = || if key == "name" { unique("Bea") } else { unique_email() };
        let (theirs, ours) = (value(), value());
        let id = fixture.seed(&fields(&[("name", "Ana"), ("email", &unique_email())])).await?;
        let version = bench.fetch(&id).await?.version;
        let ours = fields(&[(key, &ours)]);
        let error = match &bench.wire {
            Some(wire) => {
                // Whatever the connector looks at before it writes, it sees nothing: the write is only held up after that.
                wire.inject(fixture.mark(On::Update), Fault::Slow(Duration::from_secs(1)));
                let elsewhere = async {
                    while wire.count(fixture.mark(On::Update)) == 0 {
                        sleep(Duration::from_millis(10)).await;
                    }
                    fixture.edit_elsewhere(&id, key, &theirs).await
                };
                let (write, edit) = tokio::join!(bench.update(&id, version, ours), elsewhere);
                edit?;
                wire.forget();
                write?.err()
            }
            None => {
                let (first, second) = tokio::join!(
                    bench.update(&id, version.clone(), fields(&[(key, &theirs)])),
                    bench.update(&id, version, ours),
                );
                first?.context("the first one is written")?;
                second?.err()
            }
        };
        let error = error.with_context(|| format!("their {key} was overwritten"))?;
        ensure!(error.kind == Kind::Conflict, "it gave {error}");
        let stored = fixture.stored(&id).await?.context("stored")?;
        ensure!(stored[&key.into()].as_text() == theirs, "their {key} is gone");
    }
    Ok(Verdict::Pass)
}
