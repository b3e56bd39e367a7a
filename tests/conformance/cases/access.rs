//! Signing in, staying signed in, and being at the wrong address.

use anyhow::{Context, Result, ensure};
use connectors::Kind;
use testkit::fault_proxy::Fault;

use super::Verdict;
use crate::bench::{Fixture, On, fields, unique};

// CRM-03
pub(crate) async fn crm_03_a_wrong_credential_is_refused_once_and_not_tried_again(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(bench) = fixture.refused().await? else {
        ensure!(fixture.bench().await?.has_no_wire()?);
        return Ok(Verdict::Unsupported);
    };
    let wire = bench.wire.as_ref().context("a wire")?;
    for _ in 0..3 {
        let error = bench.fetch_error(&"1".into()).await?;
        ensure!(error.kind == Kind::Unauthorized, "it gave {error}");
    }
    let attempts = wire.count(fixture.mark(On::LogIn));
    ensure!(attempts == 1, "a refused credential was sent {attempts} times, which locks accounts");
    let error = bench.connector.check(&bench.cx()?).await.err().context("checked")?;
    ensure!(error.kind == Kind::Unauthorized, "a check by hand gave {error}");
    Ok(Verdict::Pass)
}

// CRM-03
pub(crate) async fn crm_03_an_expired_session_is_renewed_without_a_word(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some((bench, expire)) = fixture.expiring().await? else {
        ensure!(!fixture.bench().await?.connector.capabilities().sessions);
        return Ok(Verdict::Unsupported);
    };
    let log_ins = || bench.wire.as_ref().map(|wire| wire.count(fixture.mark(On::LogIn)));
    let mut set = fields(&[("name", &unique("Ana"))]);
    set.extend(fixture.needed());
    let id = bench.create(set).await??.contact.id;
    ensure!(log_ins() == Some(1));
    expire()?;
    let version = bench.fetch(&id).await.context("reading after the session expired")?.version;
    ensure!(log_ins() == Some(2), "one log-in renews it");
    expire()?;
    let write = bench.update(&id, version, fields(&[("name", "Bea")])).await?;
    ensure!(write.context("writing after the session expired")?.contact.name == "Bea");
    expire()?;
    let (one, other) = tokio::join!(bench.fetch(&id), bench.fetch(&id));
    ensure!(one.is_ok() && other.is_ok());
    ensure!(log_ins() == Some(4), "two calls at the same time share a log-in");
    Ok(Verdict::Pass)
}

// CRM-03
pub(crate) async fn crm_03_another_product_is_told_apart_from_a_refusal(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    ensure!(!bench.connector.check(&bench.cx()?).await?.user.is_empty(), "the user has a name");
    let Some(wire) = &bench.wire else {
        ensure!(bench.has_no_wire()?);
        return Ok(Verdict::Unsupported);
    };
    for (fault, kind) in [(Fault::Html, Kind::Config), (Fault::Status(404), Kind::Config)] {
        wire.inject_times("", fault.clone(), 9);
        let error = bench.connector.check(&bench.cx()?).await.err().context("checked")?;
        ensure!(error.kind == kind, "{fault:?} gave {error}");
        wire.clear();
    }
    wire.inject_times("", Fault::CutBefore, 9);
    let error = bench.connector.check(&bench.cx()?).await.err().context("checked")?;
    ensure!(matches!(error.kind, Kind::Unavailable { .. }), "an address that does not answer gave {error}");
    Ok(Verdict::Pass)
}
