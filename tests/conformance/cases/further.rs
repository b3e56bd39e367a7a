//! Records beside a contact: leads, cases, tasks, notes, activities.

use anyhow::{Context, Result, bail, ensure};
use connectors::{Act, ActKind, Deed, Kind, NewRecord, Told};
use domain::{
    Fields, ObjectKind, RecordId,
    strategies::{Manager, RecordKind, RecordOffer, RecordOffers},
};
use testkit::fault_proxy::Fault;

use super::Verdict;
use crate::bench::{Bench, Fixture, Made, On, deed, fields, unique, unique_email};

/// A connector with a contact, and what it takes beside it.
struct Scene<'a> {
    fixture: &'a dyn Fixture,
    bench: Bench,
    contact: RecordId,
    offers: RecordOffers,
}

impl<'a> Scene<'a> {
    /// `None` where the connector takes no records beside contacts.
    async fn set(fixture: &'a dyn Fixture) -> Result<Option<Self>> {
        let bench = fixture.bench().await?;
        let contact = fixture.seed(&fields(&[("name", &unique("Ana")), ("email", &unique_email())])).await?;
        let offers = bench.connector.records(&bench.cx()?).await?;
        let any = !offers.is_empty();
        Ok(any.then_some(Self { fixture, bench, contact, offers }))
    }

    /// A record of `kind` that no other one is like.
    fn fresh(&self, kind: RecordKind) -> Result<NewRecord> {
        let offer = self.offers.get(&kind).context("offered")?;
        let title = if offer.titled { unique("Chat with Ana") } else { String::new() };
        let text = format!("{}\n\nAna: <b>1 & 2</b> \"so\" 'so' ∑ 😀 {{x}}\n    and on", unique("Said"));
        let manager = Manager::default();
        Ok(NewRecord { kind, title, text, source: None, manager, set: Fields::new() })
    }

    fn deed(&self, new: &NewRecord) -> Deed {
        deed(&self.contact, Act::Record(Box::new(new.clone())))
    }

    async fn perform(&self, deed: &Deed) -> Result<connectors::Result<()>> {
        Ok(self.bench.connector.perform(&self.bench.cx()?, deed).await)
    }

    /// The records in the CRM that are `new`, for `of`.
    async fn made(&self, new: &NewRecord, of: Option<&RecordId>) -> Result<Vec<Made>> {
        let mark = new.text.lines().next().context("a first line")?;
        let made = self.fixture.made(of, new.kind).await?.into_iter();
        Ok(made.filter(|it| it.said.contains(mark) && it.said.contains(&new.title)).collect())
    }

    async fn is_made_once(&self, new: &NewRecord, of: Option<&RecordId>) -> Result<Made> {
        let mut made = self.made(new, of).await?;
        ensure!(made.len() == 1, "{} of {:?} where one is meant", made.len(), new.kind);
        made.pop().context("one")
    }

    fn kinds(&self) -> impl Iterator<Item = (RecordKind, &RecordOffer)> {
        self.offers.iter().map(|(kind, offer)| (*kind, offer))
    }
}

// STR-14
pub(crate) async fn str_14_records_are_offered_as_declared(fixture: &dyn Fixture) -> Result<Verdict> {
    let bench = fixture.bench().await?;
    let cx = bench.cx()?;
    let offers = bench.connector.records(&cx).await?;
    let contact = fixture.seed(&fields(&[("name", &unique("Ana"))])).await?;
    for kind in RecordKind::ALL {
        let declared = bench.connector.capabilities().acts.contains(&ActKind::Record(kind));
        ensure!(declared == offers.contains_key(&kind), "{kind:?} is declared {declared}");
        if declared {
            continue;
        }
        let (title, text) = (unique("Chat"), unique("Said"));
        let new =
            NewRecord { kind, title, text, source: None, manager: Manager::default(), set: Fields::new() };
        let deed = deed(&contact, Act::Record(Box::new(new)));
        let error = bench.connector.perform(&cx, &deed).await.err().context("it was made")?;
        ensure!(error.kind == Kind::Unsupported, "{kind:?} gave {error}");
    }
    Ok(if offers.is_empty() { Verdict::Unsupported } else { Verdict::Pass })
}

// STR-14, SEC-11
pub(crate) async fn str_14_a_record_is_made_once_and_says_what_was_sent(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    for (kind, offer) in scene.kinds() {
        let new = scene.fresh(kind)?;
        scene.perform(&scene.deed(&new)).await??;
        let made = scene.is_made_once(&new, Some(&scene.contact)).await?;
        // A blank may stand behind what would begin a tag; nothing else is changed.
        let plain = |text: &str| text.replace("< ", "<").split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(plain(&made.said).contains(&plain(&new.text)), "{kind:?} says {:?}", made.said);
        let related =
            scene.bench.connector.related(&scene.bench.cx()?, ObjectKind::Contact, &scene.contact).await?;
        let called = if offer.titled {
            new.title.clone()
        } else {
            new.text.lines().next().unwrap_or_default().to_owned()
        };
        let is_shown = related.lists.iter().flat_map(|list| &list.records).any(|it| it.title == called);
        ensure!(is_shown, "{kind:?} is not shown among what belongs to the contact");

        let gone = Deed { record: Some("1999999999".into()), ..scene.deed(&scene.fresh(kind)?) };
        let error = scene.perform(&gone).await?.err().context("it was made for nobody")?;
        ensure!(error.kind == Kind::NotFound, "{kind:?} for a contact that is gone gave {error}");
        let new = scene.fresh(kind)?;
        let nobody = Deed { record: None, ..scene.deed(&new) };
        match (scene.perform(&nobody).await?, offer.alone) {
            (Ok(()), true) => drop(scene.is_made_once(&new, None).await?),
            (Err(error), false) => ensure!(error.kind == Kind::Unsupported, "{kind:?} gave {error}"),
            (result, alone) => bail!("{kind:?} for nobody gave {result:?}, and alone is {alone}"),
        }
    }
    Ok(Verdict::Pass)
}

// REL-01
pub(crate) async fn rel_01_a_record_whose_answer_was_lost_is_read_back_and_not_doubled(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    for (kind, _) in scene.kinds() {
        let new = scene.fresh(kind)?;
        let deed = scene.deed(&new);
        let cx = scene.bench.cx()?;
        let before = scene.bench.connector.sight(&cx, &deed).await?;
        let told = scene.bench.connector.reconcile(&cx, &deed, before).await?;
        ensure!(told == Told::NotDone, "{kind:?} was not made: {told:?}");
        if let Some(wire) = &scene.bench.wire {
            for fault in [Fault::CutBefore, Fault::CutAfter] {
                wire.inject(fixture.mark(On::Make(kind)), fault.clone());
                let error = scene.perform(&deed).await?.err().context("it was called done")?;
                ensure!(error.outcome_unknown(), "{fault:?} of {kind:?} gave {error}");
                let told = scene.bench.connector.reconcile(&scene.bench.cx()?, &deed, before).await?;
                let expected = if fault == Fault::CutBefore { Told::NotDone } else { Told::Done };
                ensure!(told == expected, "{fault:?} of {kind:?} told {told:?}");
            }
        } else {
            scene.perform(&deed).await??;
        }
        let told = scene.bench.connector.reconcile(&cx, &deed, before).await?;
        ensure!(told == Told::Done, "{kind:?} was made: {told:?}");
        scene.is_made_once(&new, Some(&scene.contact)).await?;
    }
    Ok(Verdict::Pass)
}

// JV-05
pub(crate) async fn jv_05_a_record_is_given_to_the_user_of_that_login_and_else_to_the_default(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let (login, owner) = fixture.manager();
    let nobody = || "nobody@nowhere.example".to_owned();
    let mut managed = false;
    for (kind, _) in scene.kinds().filter(|(_, offer)| offer.managed) {
        managed = true;
        let (agent, default) = (vec![nobody(), login.to_uppercase()], Some(RecordId::from(login)));
        for (manager, expected) in [
            (Manager { logins: agent, otherwise: Some(nobody().as_str().into()) }, Some(&owner)),
            (Manager { logins: vec![nobody()], otherwise: default }, Some(&owner)),
            (Manager { logins: vec![nobody()], otherwise: None }, None),
        ] {
            let new = NewRecord { manager, ..scene.fresh(kind)? };
            scene.perform(&scene.deed(&new)).await??;
            let made = scene.is_made_once(&new, Some(&scene.contact)).await?;
            ensure!(made.owner.as_ref() == expected, "{kind:?} went to {:?}, not {expected:?}", made.owner);
        }
    }
    Ok(if managed { Verdict::Pass } else { Verdict::Unsupported })
}

// CRM-09
pub(crate) async fn crm_09_a_record_that_is_too_long_is_refused_and_not_cut(
    fixture: &dyn Fixture,
) -> Result<Verdict> {
    let Some(scene) = Scene::set(fixture).await? else { return Ok(Verdict::Unsupported) };
    let mut limited = false;
    for (kind, offer) in scene.kinds() {
        let over = |max: u32| "é".repeat(max as usize + 1);
        let title = offer.longest_title.map(|max| ("title", over(max)));
        let text = offer.longest_text.map(|max| ("text", over(max)));
        for (field, value) in title.into_iter().chain(text) {
            limited = true;
            let mut new = scene.fresh(kind)?;
            *(if field == "title" { &mut new.title } else { &mut new.text }) = value;
            let error = scene.perform(&scene.deed(&new)).await?.err().context("it was made")?;
            let Kind::Invalid { fields } = &error.kind else { bail!("{kind:?} gave {error}") };
            ensure!(fields.keys().map(|key| key.as_str()).eq([field]), "{kind:?} names {:?}", fields.keys());
            ensure!(scene.made(&new, Some(&scene.contact)).await?.is_empty(), "{kind:?} was made");
        }
    }
    Ok(if limited { Verdict::Pass } else { Verdict::Unsupported })
}
