//! Points on tags and events: how often they are counted, and what reading back tells when an answer is lost.

use super::*;

const TAG: &str = "LIVECHAT_INC";

pub(super) fn point() -> Act {
    Act::Tag { tag: TAG.into(), points: 1 }
}

pub(super) fn meeting() -> Act {
    Act::Event {
        kind: "MEETING".into(),
        description: "LivechatInc".into(),
        details: ["1767261600", "customer", "visitor-1", "incoming_chat"].map(String::from).to_vec(),
    }
}

pub(super) fn deed(id: &str, act: Act) -> Deed {
    let part = match &act {
        Act::Tag { .. } => "Tag",
        Act::Event { .. } => "Event",
        Act::Record(_) => "Record",
    };
    Deed { record: Some(id.into()), act, key: format!("lc/chat/thread/chat_start/crm/record/{part}") }
}

impl Rig {
    async fn perform(&self, deed: &Deed) -> Result<()> {
        self.connector.perform(&self.cx(), deed).await
    }

    fn score(&self, id: &str) -> Option<i64> {
        self.simulator.stored(id).and_then(|it| it.score(TAG))
    }

    fn events(&self, id: &str) -> Vec<StoredEvent> {
        self.simulator.stored(id).map(|it| it.events).unwrap_or_default()
    }

    /// What a lost answer to `deed` comes to: what reading back tells, after `meanwhile` happened.
    async fn lost(&self, deed: &Deed, fault: Fault, meanwhile: impl FnOnce(&Simulator)) -> Told {
        let before = self.connector.sight(&self.cx(), deed).await.unwrap();
        let mark = match &deed.act {
            Act::Tag { .. } => "contact/upsert",
            Act::Event { .. } => "ContactExtEvent",
            Act::Record(new) if new.kind == RecordKind::Task => "contact/updateTask",
            Act::Record(_) => "contact/addNote",
        };
        self.wire.inject(mark, fault);
        let error = self.perform(deed).await.unwrap_err();
        assert!(error.outcome_unknown(), "{error}");
        meanwhile(&self.simulator);
        self.connector.reconcile(&self.cx(), deed, before).await.unwrap()
    }
}

// SM-03
#[tokio::test]
async fn sm_03_the_first_chat_makes_one_point_the_third_three_and_other_writes_none() {
    let positions = [
        Unknowns::default(),
        Unknowns { no_scoring: NoScoring::Raises, ..Unknowns::default() },
        Unknowns { false_scoring: FalseScoring::Raises, ..Unknowns::default() },
    ];
    for unknowns in positions {
        let rig = Rig::new(unknowns).await;
        let id = rig.create(set(&[("email", "m@mail.example")])).await.unwrap().contact.id.to_string();
        for chat in 1..=3 {
            rig.perform(&deed(&id, point())).await.unwrap();
            rig.update(&id, set(&[("name", &format!("Mira {chat}"))])).await.unwrap();
            rig.perform(&deed(&id, meeting())).await.unwrap();
            assert_eq!(rig.score(&id), Some(chat), "{unknowns:?}");
        }
        let tagging: Vec<_> = rig
            .simulator
            .requests()
            .into_iter()
            .filter(|it| it.keys.iter().any(|key| key == "tags"))
            .collect();
        assert_eq!(tagging.len(), 3, "no other write carries the tag");
        assert!(tagging.iter().all(|it| it.tags == [TAG] && it.scoring == Some(true)));
    }
}

// SM-04
#[tokio::test]
async fn sm_04_a_meeting_is_stored_with_its_moment_and_its_details() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    let before = rig.cx().clock.now().as_millisecond();
    rig.perform(&deed(&id, meeting())).await.unwrap();
    let [event] = &rig.events(&id)[..] else { panic!("one event") };
    assert_eq!((event.kind.as_str(), event.text("description")), ("MEETING", "LivechatInc"));
    assert!((before..=before + 10_000).contains(&event.date), "in milliseconds, of the transfer");
    let details = ["detail1", "detail2", "detail3", "detail4", "detail5"].map(|name| event.text(name));
    assert_eq!(details, ["1767261600", "customer", "visitor-1", "incoming_chat", ""]);
}

// SM-07, SM-11
#[tokio::test]
async fn sm_07_tags_and_events_are_shown_as_the_crm_stores_them() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    let act = Act::Tag { tag: "rozmowa żółta, ok".into(), points: 1 };
    rig.perform(&deed(&id, act.clone())).await.unwrap();
    rig.perform(&deed(&id, act)).await.unwrap();
    rig.perform(&deed(&id, meeting())).await.unwrap();
    let related = rig.connector.related(&rig.cx(), CONTACT, &id.as_str().into()).await.unwrap();
    let tags: Vec<_> = related.tags.iter().map(|it| (it.name.as_str(), it.score)).collect();
    assert_eq!(tags, [("ROZMOWA_ZOLTA__OK", Some(2))]);
    let event = &related.lists[0].records[0];
    assert_eq!((event.title.as_str(), event.details[0].as_str()), ("MEETING", "LivechatInc"));
}

// REL-01
#[tokio::test]
async fn rel_01_a_lost_answer_is_decided_by_reading_back_and_nothing_is_doubled() {
    for events in [ShownEvents::Whole, ShownEvents::WithoutKeys] {
        let rig = Rig::new(Unknowns { events, ..Unknowns::default() }).await;
        let id = rig.put("m@mail.example");
        let faults = [Fault::CutBefore, Fault::CutAfter, Fault::Truncated, Fault::Html];
        for (chat, fault) in (1..).zip(faults) {
            for act in [point(), meeting()] {
                let mut deed = deed(&id, act);
                deed.key.push_str(&chat.to_string());
                let told = rig.lost(&deed, fault.clone(), |_| {}).await;
                let expected = if fault == Fault::CutBefore { Told::NotDone } else { Told::Done };
                assert_eq!(told, expected, "{fault:?} {deed:?} {events:?}");
                if told == Told::NotDone {
                    rig.perform(&deed).await.unwrap();
                }
            }
            let events = i64::try_from(rig.events(&id).len()).unwrap();
            assert_eq!((rig.score(&id), events), (Some(chat), chat), "{fault:?}");
        }
    }
}

// REL-01
#[tokio::test]
async fn rel_01_what_a_foreign_write_or_a_silent_crm_leaves_open_is_not_guessed() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    let elsewhere = |simulator: &Simulator| simulator.raise(&id, TAG);
    let told = rig.lost(&deed(&id, point()), Fault::CutAfter, elsewhere).await;
    assert!(matches!(told, Told::Unclear(_)), "two points came: {told:?}");
    for events in [ShownEvents::Otherwise, ShownEvents::Hidden] {
        let rig = Rig::new(Unknowns { events, ..Unknowns::default() }).await;
        let id = rig.put("m@mail.example");
        let told = rig.lost(&deed(&id, meeting()), Fault::CutAfter, |_| {}).await;
        assert!(matches!(told, Told::Unclear(_)), "{events:?} {told:?}");
    }
    let hidden = Rig::new(Unknowns { events: ShownEvents::Hidden, ..Unknowns::default() }).await;
    let id = hidden.put("m@mail.example");
    let told = hidden.lost(&deed(&id, meeting()), Fault::CutBefore, |_| {}).await;
    assert!(matches!(told, Told::Unclear(_)), "not shown is not the same as not done");
}

// REL-01
#[tokio::test]
async fn rel_01_a_refused_deed_was_not_done_and_is_not_unknown() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    for fault in [Fault::RateLimited(Some("7".to_owned())), Fault::RateLimited(None)] {
        rig.wire.inject("contact/upsert", fault);
        let error = rig.perform(&deed(&id, point())).await.unwrap_err();
        assert_eq!(error.kind, Kind::RateLimited);
    }
    let odd = Act::Event { kind: "FORM_SUBMISSION".into(), description: String::new(), details: Vec::new() };
    let Error { kind: Kind::Invalid { fields }, .. } = rig.perform(&deed(&id, odd)).await.unwrap_err() else {
        panic!("the type is none of the CRM's")
    };
    assert_eq!(fields.keys().map(|it| it.as_str()).collect::<Vec<_>>(), ["contactEvent"]);
    assert_eq!((rig.score(&id), rig.events(&id)), (None, Vec::new()));
}

pub(super) fn record(kind: RecordKind, text: &str) -> Act {
    let manager = Manager { logins: vec![OTHER_OWNER.to_uppercase()], otherwise: None };
    let (title, text) = (String::new(), text.to_owned());
    Act::Record(Box::new(NewRecord { kind, title, text, source: None, manager, set: Fields::new() }))
}

// STR-14, JV-08
#[tokio::test]
async fn str_14_a_note_and_a_task_are_stored_and_shown_among_what_happened() {
    for any_owner in [AnyOwner::There, AnyOwner::NotThere] {
        let rig = Rig::new(Unknowns { any_owner, ..Unknowns::default() }).await;
        let id = rig.put("m@mail.example");
        let offered: Vec<_> = rig.connector.records(&rig.cx()).await.unwrap().into_keys().collect();
        assert_eq!(offered, [RecordKind::Task, RecordKind::Note]);
        for kind in offered {
            rig.perform(&deed(&id, record(kind, &format!("{kind:?}\n\nsaid")))).await.unwrap();
        }
        let stored = rig.simulator.stored(&id).unwrap();
        assert_eq!(stored.notes, ["Note\n\nsaid"]);
        let [task] = &stored.tasks[..] else { panic!("one task") };
        assert_eq!(
            (task.note.as_str(), task.cc.as_deref()),
            ("Task\n\nsaid", Some(OTHER_OWNER)),
            "in any case"
        );
        let related = rig.connector.related(&rig.cx(), CONTACT, &id.as_str().into()).await.unwrap();
        let shown: Vec<_> = related.lists[0].records.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(shown, ["Task", "Note"]);
        let lead = rig.perform(&deed(&id, record(RecordKind::Lead, "x"))).await;
        assert_eq!(kind(lead), Some(Kind::Unsupported));
        let nobody = Deed { record: None, ..deed(&id, record(RecordKind::Note, "x")) };
        assert_eq!(kind(rig.perform(&nobody).await), Some(Kind::Unsupported), "a note is a note on somebody");
    }
}

// REL-01
#[tokio::test]
async fn rel_01_a_note_whose_answer_was_lost_is_found_by_its_words_or_left_open() {
    use ShownNotes::{Bare, Hidden, Named, Otherwise};
    for (notes, note_text) in [
        (Named, NoteText::Plain),
        (Bare, NoteText::Html),
        (Otherwise, NoteText::Plain),
        (Hidden, NoteText::Plain),
    ] {
        let rig = Rig::new(Unknowns { notes, note_text, ..Unknowns::default() }).await;
        let id = rig.put("m@mail.example");
        let (note, task) =
            (record(RecordKind::Note, "Chat <b>\n2 < 3"), record(RecordKind::Task, "Call <i>back"));
        for (act, fault) in [&note, &note, &task, &task]
            .into_iter()
            .zip([Fault::CutAfter, Fault::CutBefore].into_iter().cycle())
        {
            let is_task = act == &task;
            let told = rig.lost(&deed(&id, act.clone()), fault.clone(), |_| {}).await;
            let decided = if fault == Fault::CutAfter { Told::Done } else { Told::NotDone };
            if is_task || matches!(notes, Named | Bare) {
                assert_eq!(told, decided, "{notes:?} {act:?} {fault:?}");
            } else {
                assert!(matches!(told, Told::Unclear(_)), "{notes:?} {told:?}");
            }
        }
        let stored = rig.simulator.stored(&id).unwrap();
        assert_eq!((stored.notes.len(), stored.tasks.len()), (1, 1), "nothing was sent twice");
        // SEC-11
        assert_eq!(
            rig.simulator.notes_on_card(&id),
            ["Chat < b>\n2 < 3"],
            "{note_text:?}: all of it is read"
        );
    }
}

// REL-01
#[tokio::test]
async fn rel_01_a_foreign_note_with_the_same_words_is_not_taken_for_ours() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    let elsewhere = |simulator: &Simulator| {
        simulator.write_note(&id, "Chat");
        simulator.write_note(&id, "Chat");
    };
    let told = rig.lost(&deed(&id, record(RecordKind::Note, "Chat")), Fault::CutBefore, elsewhere).await;
    assert!(matches!(told, Told::Unclear(_)), "{told:?}");
}

// CRM-10
#[tokio::test]
async fn a_deed_that_is_answered_too_late_has_an_unknown_outcome() {
    let rig = Rig::new(Unknowns::default()).await;
    let id = rig.put("m@mail.example");
    rig.wire.inject("contact/upsert", Fault::Slow(Duration::from_secs(2)));
    let slow = rig.connector.perform(&rig.within(Duration::from_millis(500)), &deed(&id, point())).await;
    assert_eq!(kind(slow), Some(Kind::TimedOut { outcome_unknown: true }));
}

#[tokio::test]
async fn texts_of_events_that_are_too_long_are_never_refused() {
    for too_long in [TooLong::Cut, TooLong::Refused] {
        let rig = Rig::new(Unknowns { too_long, ..Unknowns::default() }).await;
        let id = rig.put("m@mail.example");
        let details = vec!["é".repeat(400)];
        let act = Act::Event { kind: "OTHER".into(), description: "ż".repeat(4000), details };
        rig.perform(&deed(&id, act)).await.unwrap();
        assert_eq!(rig.events(&id)[0].text("description").chars().count(), 2048);
        assert_eq!(rig.events(&id)[0].text("detail1").chars().count(), 255);
    }
}
