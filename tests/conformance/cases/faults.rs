//! A network and a server that do not do what they should.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use connectors::{Error, Kind, Retry, Target};
use domain::{Contact, Fields, ObjectKind, RecordId};
use testkit::fault_proxy::{Fault, FaultProxy};

use super::Verdict;
use crate::bench::{Bench, Fixture, On, change, fields, unique};

/// A record that was read once, over a wire to break.
struct Scene<'a> {
    fixture: &'a dyn Fixture,
    bench: Bench,
    contact: Contact,
}

impl<'a> Scene<'a> {
    /// `None` where there is no wire to break.
    async fn set(fixture: &'a dyn Fixture) -> Result<Option<Self>> {
        let bench = fixture.bench().await?;
        if bench.has_no_wire()? {
            return Ok(None);
        }
        let id = fixture.seed(&fields(&[("name", &unique("Before"))])).await?;
        let contact = bench.fetch(&id).await?;
        Ok(Some(Self { fixture, bench, contact }))
    }

    fn wire(&self) -> Result<&FaultProxy> {
        self.bench.wire.as_ref().context("a wire")
    }

    fn inject(&self, on: On, fault: Fault) -> Result<()> {
        self.wire()?.inject(self.fixture.mark(on), fault);
        Ok(())
    }

    async fn read_error(&self, fault: Fault) -> Result<Error> {
        self.inject(On::Read, fault)?;
        self.bench.fetch_error(&self.contact.id).await
    }

    async fn update_error(&self, fault: Fault, name: &str) -> Result<Error> {
        self.inject(On::Update, fault)?;
        let set = fields(&[("name", name)]);
        let result = self.bench.update(&self.contact.id, self.contact.version.clone(), set).await?;
        result.err().context("the write was called done")
    }

    async fn create_error(&self, fault: Fault, name: &str) -> Result<Error> {
        self.inject(On::Create, fault)?;
        self.bench.create(self.new_record(name)).await?.err().context("the write was called done")
    }

    fn new_record(&self, name: &str) -> Fields {
        let mut set = self.fixture.needed();
        set.extend(fields(&[("name", name)]));
        set
    }

    async fn stored_name(&self, id: &RecordId) -> Result<String> {
        Ok(self.fixture.stored(id).await?.context("stored")?[&"name".into()].as_text())
    }

    /// Nothing is left of the fault.
    async fn works_again(&self) -> Result<Verdict> {
        self.bench.fetch(&self.contact.id).await.context("the connector recovered")?;
        Ok(Verdict::Pass)
    }
}

// CRM-04, CRM-03
pub(crate) async fn crm_04_a_rate_limit_with_a_hint_says_until_when(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let fault = Fault::RateLimited(Some("7".to_owned()));
    let expected = Retry::After(Duration::from_secs(7));
    let error = scene.read_error(fault.clone()).await?;
    ensure!(error.kind == Kind::RateLimited && error.retry == expected, "reading gave {error}");
    let error = scene.update_error(fault.clone(), "After").await?;
    ensure!(error.kind == Kind::RateLimited && error.retry == expected, "writing gave {error}");
    let name = unique("New");
    let error = scene.create_error(fault, &name).await?;
    ensure!(error.kind == Kind::RateLimited && error.retry == expected, "creating gave {error}");
    ensure!(
        scene.stored_name(&scene.contact.id).await? == scene.contact.name && fixture.named(&name).await? == 0
    );
    scene.works_again().await
}

// CRM-04
pub(crate) async fn crm_04_a_rate_limit_without_a_hint_backs_off(fixture: &dyn Fixture) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let error = scene.read_error(Fault::RateLimited(None)).await?;
    ensure!(error.kind == Kind::RateLimited && error.retry == Retry::BackOff, "it gave {error}");
    let error = scene.update_error(Fault::RateLimited(None), "After").await?;
    ensure!(error.kind == Kind::RateLimited && error.retry == Retry::BackOff, "writing gave {error}");
    scene.works_again().await
}

// CRM-03
pub(crate) async fn crm_03_a_failing_server_is_unavailable(fixture: &dyn Fixture) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    for status in [500, 502, 503] {
        let error = scene.read_error(Fault::Status(status)).await?;
        ensure!(error.kind == Kind::Unavailable { outcome_unknown: false }, "reading: {status} gave {error}");
        ensure!(error.retry == Retry::BackOff, "it passes");
        let error = scene.update_error(Fault::Status(status), "After").await?;
        ensure!(error.outcome_unknown(), "writing: {status} gave {error}");
    }
    scene.works_again().await
}

// CRM-03
pub(crate) async fn crm_03_a_slow_answer_ends_at_the_deadline(fixture: &dyn Fixture) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let (bench, id) = (&scene.bench, &scene.contact.id);
    let begun = Instant::now();
    scene.inject(On::Read, Fault::Slow(Duration::from_secs(4)))?;
    let cx = bench.within(Duration::from_millis(300))?;
    let error = bench.connector.fetch(&cx, ObjectKind::Contact, id).await.err().context("it was read")?;
    ensure!(error.kind == Kind::TimedOut { outcome_unknown: false }, "reading gave {error}");

    let name = unique("Slow");
    scene.inject(On::Create, Fault::Slow(Duration::from_secs(4)))?;
    let cx = bench.within(Duration::from_millis(300))?;
    let write = bench.connector.apply(&cx, &change(Target::New, scene.new_record(&name))).await;
    let error = write.err().context("it was called done")?;
    ensure!(error.kind == Kind::TimedOut { outcome_unknown: true }, "writing gave {error}");
    ensure!(begun.elapsed() < Duration::from_secs(3), "the deadline was not kept");

    scene.inject(On::Read, Fault::Slow(Duration::from_millis(200)))?;
    scene.works_again().await
}

// CRM-03
pub(crate) async fn crm_03_a_connection_cut_before_the_write_changes_nothing(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let error = scene.read_error(Fault::CutBefore).await?;
    ensure!(error.kind == Kind::Unavailable { outcome_unknown: false }, "reading gave {error}");
    let error = scene.update_error(Fault::CutBefore, "After").await?;
    ensure!(matches!(error.kind, Kind::Unavailable { .. }), "writing gave {error}");
    let name = unique("New");
    let error = scene.create_error(Fault::CutBefore, &name).await?;
    ensure!(matches!(error.kind, Kind::Unavailable { .. }), "creating gave {error}");
    let sent = scene.wire()?.count(fixture.mark(On::Create));
    ensure!(sent == 1, "a write was sent {sent} times: it is not the connector's to repeat");
    ensure!(
        scene.stored_name(&scene.contact.id).await? == scene.contact.name && fixture.named(&name).await? == 0
    );
    scene.works_again().await
}

// CRM-03
pub(crate) async fn crm_03_a_connection_cut_after_the_write_leaves_the_outcome_unknown(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    // A real server may refuse by itself once in a while (a locked database, say), and the cut hides its answer.
    let mut arrived = 0;
    for _ in 0..3 {
        let name = unique("New");
        let error = scene.create_error(Fault::CutAfter, &name).await?;
        ensure!(error.outcome_unknown(), "creating gave {error}");
        arrived = fixture.named(&name).await?;
        if arrived > 0 {
            break;
        }
    }
    ensure!(arrived == 1, "it was carried out {arrived} times, not once");
    let after = unique("After");
    let error = scene.update_error(Fault::CutAfter, &after).await?;
    ensure!(error.outcome_unknown(), "writing gave {error}");
    ensure!(scene.stored_name(&scene.contact.id).await? == after, "it was carried out");
    scene.works_again().await
}

// CRM-03, SEC-08
pub(crate) async fn crm_03_a_page_in_place_of_an_answer_is_not_understood_and_not_quoted(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let error = scene.read_error(Fault::Html).await?;
    ensure!(error.kind == Kind::Protocol, "reading gave {error}");
    ensure!(!error.detail.contains("Maintenance") && !error.detail.contains('<'), "the page is quoted");
    let after = unique("After");
    let error = scene.update_error(Fault::Html, &after).await?;
    ensure!(error.outcome_unknown(), "writing gave {error}");
    ensure!(scene.stored_name(&scene.contact.id).await? == after, "it was carried out");
    scene.works_again().await
}

// CRM-03
pub(crate) async fn crm_03_half_an_answer_is_none(fixture: &dyn Fixture) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let error = scene.read_error(Fault::Truncated).await?;
    match error.kind {
        Kind::Unavailable { outcome_unknown: false } | Kind::Protocol => {}
        _ => bail!("reading gave {error}"),
    }
    let name = unique("New");
    let error = scene.create_error(Fault::Truncated, &name).await?;
    ensure!(error.outcome_unknown() && fixture.named(&name).await? == 1, "creating gave {error}");
    scene.works_again().await
}
