//! An older copy of the store, and one from elsewhere: what happens by itself waits for a word.

use std::{fs, path::Path, sync::Arc, time::Duration};

use connectors::Act;
use domain::{
    config::NoMatch,
    strategies::{CreateAt, FurtherRecord, Make, OnTrigger, Only, Strategies, Update},
};
use ipc::panel::{SaveReply, SaveRequest, StoreCopy, StoreDoubt, WriteStanding};
use secrets::Memory;
use store::{AuditAction, Place};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, ME, Script, crm, key, snapshot};

/// A computer with a folder and a keyring, and the CRM that its program talks to.
struct Computer {
    folder: TempDir,
    place: &'static str,
    keyring: Arc<Memory>,
    crm: Arc<Script>,
}

impl Computer {
    fn new() -> Self {
        let crm = Script::new();
        crm.does_by_itself(points(), NoMatch::AgentsMayCreate, false);
        crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "")]);
        crm.put("2", &[("name", "Bo"), ("email", "bo@shop.example"), ("city", "")]);
        crm.put("3", &[("name", "Cy"), ("email", "cy@shop.example"), ("city", "")]);
        let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::new(Memory::default()));
        Self { folder, place: "one", keyring, crm: Arc::new(crm) }
    }

    /// Another computer to which folder and keyring were copied.
    fn cloned(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(self.file(), folder.path().join("sidecard.db")).unwrap();
        Self { folder, place: "another", keyring: self.keyring.clone(), crm: self.crm.clone() }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("sidecard.db")
    }

    async fn starts(&self) -> Desk {
        let place = Some(Place::new(self.place, "1000"));
        let desk = Desk::on_disk(self.folder.path(), place, self.keyring.clone(), self.crm.clone());
        desk.signed_in().await;
        desk.engine.0.keep_lineage(CancellationToken::new());
        desk.engine.0.show_standing().await;
        desk
    }

    fn points(&self, record: &str) -> usize {
        let deeds = self.crm.deeds.lock().unwrap();
        let is_point = |deed: &&connectors::Deed| matches!(deed.act, Act::Tag { .. });
        deeds
            .iter()
            .filter(is_point)
            .filter(|deed| deed.record.as_ref().is_some_and(|it| it.as_str() == record))
            .count()
    }
}

async fn stops(desk: Desk) {
    desk.engine.stop().await;
}

/// A point on a tag for each chat that starts.
fn points() -> Strategies {
    let point = FurtherRecord {
        name: "Tag".into(),
        make: Make::Tag("CHAT".into()),
        only: Only::WithContact,
        by: domain::strategies::By::Itself,
    };
    Strategies {
        create_at: CreateAt::ChatStart,
        chat_start: OnTrigger { records: vec![point], ..OnTrigger::new(Update::Nothing) },
        chat_end: OnTrigger::new(Update::Nothing),
        ..Strategies::default()
    }
}

async fn comes(desk: &Desk, chat: &str, email: &str) {
    let mut comes = snapshot(chat, &[("system.email", email)]);
    comes.assigned = vec![domain::strategies::Turn {
        at: jiff::Timestamp::UNIX_EPOCH,
        event: "e0".into(),
        agent: ME.into(),
        act: domain::strategies::Act::Assigned,
    }];
    desk.hear(&format!("comes-{chat}"), domain::ChatEventKind::Started(comes)).await;
    desk.settle().await;
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(std::time::Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn copy(desk: &Desk) -> Option<StoreCopy> {
    desk.view().store_copy
}

async fn save_city(desk: &Desk, city: &str) -> SaveReply {
    let request = SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: [("city".into(), city.into())].into(),
        base: [("city".into(), "".into())].into(),
        decided: Default::default(),
        from_chat: Vec::new(),
    };
    desk.engine.save_contact(request).await.unwrap()
}

fn put_back(computer: &Computer, copy: &Path) {
    fs::copy(copy, computer.file()).unwrap();
}

// REL-06, REL-03
#[tokio::test]
async fn rel_06_an_older_copy_of_the_store_sends_nothing_by_itself_until_a_person_takes_it_up() {
    let computer = Computer::new();
    stops(computer.starts().await).await;
    let older = computer.folder.path().join("older");
    fs::copy(computer.file(), &older).unwrap();
    let desk = computer.starts().await;
    comes(&desk, "a", "ana@shop.example").await;
    comes(&desk, "b", "bo@shop.example").await;
    until("the points are given", || computer.points("1") + computer.points("2") == 2).await;
    assert_eq!(copy(&desk), None);
    stops(desk).await;

    put_back(&computer, &older);
    let desk = computer.starts().await;
    comes(&desk, "a", "ana@shop.example").await;
    let noticed = Some(StoreCopy { doubt: StoreDoubt::OlderCopy, waiting: 1 });
    until("it is noticed, and what is set off waits", || copy(&desk) == noticed).await;
    assert_eq!(desk.engine.settings_view().await.store_copy, noticed);
    assert_eq!(desk.view().outbox.items[0].standing, WriteStanding::Stopped);
    assert!(matches!(save_city(&desk, "Braga").await, SaveReply::Saved { .. }), "the agent goes on");
    assert_eq!(computer.crm.value("1", "city"), "Braga");
    stops(desk).await;
    let desk = computer.starts().await;
    until("nothing is reset by a start", || copy(&desk) == noticed).await;
    assert_eq!(computer.points("1"), 1, "and nothing is sent twice");

    desk.engine.take_up_store().await.unwrap();
    assert_eq!(copy(&desk), None);
    let outbox = desk.until_outbox("a person decides", |outbox| outbox.parked == 1).await;
    assert!(matches!(outbox.items[0].standing, WriteStanding::NeedsYou { doubtful: true, .. }), "{outbox:?}");
    assert_eq!(computer.points("1"), 1, "she has the point already, or somebody else gave it");
    let store = desk.engine.0.memory.store().await.unwrap();
    let line = store.audit().latest(1).await.unwrap().remove(0);
    assert_eq!((line.action, line.agent), (AuditAction::TakeUpStore, Some(ME.into())));
    comes(&desk, "b", "bo@shop.example").await;
    desk.until_outbox("so is what is told late of a chat of before", |outbox| outbox.parked == 2).await;
    comes(&desk, "c", "cy@shop.example").await;
    until("the next one goes as ever", || computer.points("3") == 1).await;
    assert_eq!((computer.points("1"), computer.points("2")), (1, 1));
    stops(desk).await;
    let desk = computer.starts().await;
    desk.settle().await;
    assert_eq!(copy(&desk), None);
}

// REL-06
#[tokio::test]
async fn rel_06_a_store_from_another_computer_waits_until_it_is_said_to_have_moved() {
    let computer = Computer::new();
    stops(computer.starts().await).await;
    let clone = computer.cloned();
    let desk = clone.starts().await;
    comes(&desk, "a", "ana@shop.example").await;
    let noticed = Some(StoreCopy { doubt: StoreDoubt::OtherPlace, waiting: 1 });
    until("it is noticed, and what is set off waits", || copy(&desk) == noticed).await;
    assert_eq!(clone.points("1"), 0);
    desk.engine.take_up_store().await.unwrap();
    until("nobody else has done it, as the CRM shows", || clone.points("1") == 1).await;
    stops(desk).await;
    let desk = clone.starts().await;
    assert_eq!(copy(&desk), None);
}

// REL-06, SEC-07
#[tokio::test]
async fn rel_06_a_keyring_that_does_not_answer_stops_nothing() {
    let computer = Computer::new();
    let desk = computer.starts().await;
    computer.keyring.set_problem(Some(secrets::KeyringProblem::Locked));
    comes(&desk, "a", "ana@shop.example").await;
    until("the point is given", || computer.points("1") == 1).await;
    assert_eq!(copy(&desk), None);
    stops(desk).await;
    computer.keyring.set_problem(None);
    let desk = computer.starts().await;
    desk.settle().await;
    assert_eq!(copy(&desk), None);
}
