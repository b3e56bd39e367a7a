//! What is made beside the contact.

use super::*;

pub(super) const START: Trigger = Trigger::ChatStart;
pub(super) const END: Trigger = Trigger::ChatEnd;

/// Everything there is can be made here.
pub(super) fn office() -> Office {
    let kinds = RecordKind::ALL;
    let offer = RecordOffer { titled: true, alone: true, ..RecordOffer::default() };
    let records = kinds.into_iter().map(|kind| (kind, offer.clone())).collect();
    Office { offers: Offers { tags: true, events: true, records, mail: Mail::Sent }, ..Office::new() }
}

pub(super) fn further(make: Make) -> FurtherRecord {
    FurtherRecord { name: "it".into(), make, only: Only::Everybody, by: By::Itself }
}

pub(super) fn settings(kind: RecordKind, title: &str, text: &str) -> RecordSettings {
    RecordSettings {
        kind,
        title: title.into(),
        text: text.into(),
        source: None,
        otherwise: None,
        mapping: Vec::new(),
    }
}

pub(super) fn record(kind: RecordKind, title: &str, text: &str) -> FurtherRecord {
    further(Make::Record(Box::new(settings(kind, title, text))))
}

/// What `record` comes to at `trigger`.
pub(super) fn made(office: &Office, trigger: Trigger, record: FurtherRecord) -> Result<Action, Reason> {
    let mut office = office.clone();
    let part = Part::Record(record.name.clone());
    match trigger {
        Trigger::ChatStart => office.strategies.chat_start.records = vec![record],
        Trigger::ChatEnd => office.strategies.chat_end.records = vec![record],
        Trigger::OfflineMessage => office.strategies.offline_message.records = vec![record],
        Trigger::TicketCreated => office.strategies.ticket_created.records = vec![record],
    }
    let plan = office.plan(trigger);
    match plan.effects.into_iter().find(|it| it.key.part == part) {
        Some(effect) => Ok(effect.action),
        None => Err(plan.skipped.into_iter().find(|it| it.part == part).expect("made or skipped").reason),
    }
}

/// Title and text of `record`.
pub(super) fn texts(office: &Office, trigger: Trigger, record: FurtherRecord) -> (String, String) {
    match made(office, trigger, record) {
        Ok(Action::Record { title, text, .. }) => (title, text),
        other => panic!("no record: {other:?}"),
    }
}

pub(super) fn said(second: i64, by: Speaker, text: &str) -> Message {
    Message { at: moment(second), by, text: text.into() }
}

// JV-07
#[test]
fn jv_07_an_offline_message_becomes_a_task_a_lead_or_a_mail() {
    let mut office = office();
    office.messages = vec![said(5, Speaker::Visitor, "Please call me back")];
    for kind in [RecordKind::Task, RecordKind::Lead] {
        let (title, text) =
            texts(&office, Trigger::OfflineMessage, record(kind, "Message from {name}", "{transcript}"));
        assert_eq!(title, "Message from Ana Silva");
        assert!(text.ends_with("Ana Silva: Please call me back"), "{text}");
    }
    let mail = || {
        let (to, subject, text) = ("desk@shop.example".into(), "From {e-mail}".into(), "{transcript}".into());
        further(Make::Mail { to, subject, text })
    };
    let Ok(Action::Mail { to, subject, text }) = made(&office, Trigger::OfflineMessage, mail()) else {
        panic!("mail is offered")
    };
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("lena@shop.example", "From ana@example.com"),
        "to whom it is assigned"
    );
    assert!(text.ends_with("Please call me back"));
    office.turns = Vec::new();
    let made_now = made(&office, Trigger::OfflineMessage, mail());
    assert!(matches!(&made_now, Ok(Action::Mail { to, .. }) if to == "desk@shop.example"), "{made_now:?}");
    office.offers.mail = Mail::Impossible;
    assert_eq!(made(&office, Trigger::OfflineMessage, mail()), Err(Reason::NoMail));
}

// STR-14
#[test]
fn str_14_records_are_made_for_whom_they_are_meant() {
    let reason = |only, who| {
        let mut office = office();
        office.strategies.create_at = CreateAt::ChatStart;
        (office.who, office.no_match) = who;
        let record = FurtherRecord { only, ..record(RecordKind::Lead, "x", "") };
        made(&office, START, record).err()
    };
    let (found, nobody) = ((Who::One, NoMatch::Neither), (Who::Nobody, NoMatch::Neither));
    let (created, coming) =
        ((Who::Nobody, NoMatch::CreateAutomatically), (Who::OnItsWay, NoMatch::CreateAutomatically));
    let (several, unknown) = ((Who::Several, NoMatch::Neither), (Who::NotKnown, NoMatch::Neither));
    let all = [found, nobody, created, coming, several, unknown];
    assert_eq!(all.map(|who| reason(Only::Everybody, who)), [const { None }; 6]);
    assert_eq!(
        all.map(|who| reason(Only::WithContact, who)),
        [None, Some(Reason::NoContact), None, None, Some(Reason::Several), Some(Reason::NotKnown)]
    );
    assert_eq!(
        all.map(|who| reason(Only::WithoutMatch, who)),
        [Some(Reason::HasContact), None, None, None, Some(Reason::Several), Some(Reason::NotKnown)]
    );
}

// STR-14
#[test]
fn str_14_every_trigger_makes_every_record_that_the_crm_has() {
    let kinds = RecordKind::ALL;
    for (trigger, wanted) in Trigger::ALL.into_iter().flat_map(|it| kinds.map(|kind| (it, kind))) {
        let it = made(&office(), trigger, record(wanted, "t", "said"));
        assert!(
            matches!(it, Ok(Action::Record { kind, .. }) if kind == wanted),
            "{trigger:?} {wanted:?}: {it:?}"
        );
        let poor = Office { offers: Offers::default(), ..office() };
        assert_eq!(made(&poor, trigger, record(wanted, "t", "said")), Err(Reason::NotOffered));
    }
    let poor = Office { offers: Offers::default(), ..office() };
    assert_eq!(made(&poor, START, further(Make::Tag("T".into()))), Err(Reason::NotOffered));
    let event = Make::Event { kind: "K".into(), description: "d".into(), details: vec![] };
    assert_eq!(made(&poor, START, further(event)), Err(Reason::NotOffered));
}

#[test]
fn blanks_around_a_name_make_no_other_key() {
    let mut office = office();
    office.strategies.chat_end.records =
        vec![FurtherRecord { name: " Lead ".into(), ..record(RecordKind::Lead, "x", "") }];
    let plan = office.plan(END);
    assert_eq!(plan.effects.last().map(|it| &it.key.part), Some(&Part::Record("Lead".into())));
}

// STR-14
#[test]
fn str_14_a_record_may_be_left_to_the_agent() {
    let mut office = office();
    let by_hand = FurtherRecord { by: By::Agent, ..record(RecordKind::Case, "x", "") };
    office.strategies.chat_end.records =
        vec![by_hand, FurtherRecord { name: "b".into(), ..record(RecordKind::Case, "x", "") }];
    let standings = |office: &Office| {
        let effects = office.plan(END).effects.into_iter();
        effects.filter(|it| it.key.part != Part::Contact).map(|it| it.standing).collect::<Vec<_>>()
    };
    assert_eq!(standings(&office), [Standing::LeftToTheAgent, Standing::Send]);
    let by_hand = office.plan(END).effects.into_iter().find(Effect::asks).expect("the agent makes it");
    assert!(!by_hand.is_overdue(moment(0), moment(1_000_000)), "there is no hurry");
    assert!(by_hand.answered(&Word::Take).is_some_and(|it| it.is_sent()));
    office.trial = true;
    assert_eq!(standings(&office), [Standing::Trial, Standing::Trial]);
}

// JV-07
#[test]
fn jv_07_a_draft_waits_for_the_person_and_a_mail_that_is_sent_does_not() {
    let mut office = office();
    let (to, subject, text) = ("desk@shop.example".into(), "x".into(), "y".into());
    office.strategies.offline_message.records = vec![further(Make::Mail { to, subject, text })];
    let standing = |office: &Office| office.plan(Trigger::OfflineMessage).effects.pop().map(|it| it.standing);
    assert_eq!(standing(&office), Some(Standing::Send));
    office.offers.mail = Mail::Draft;
    assert_eq!(standing(&office), Some(Standing::LeftToTheAgent));
    office.runner = Runner::Desk("omar".into());
    office.turns = vec![turn(1, "lena", Act::Assigned)];
    assert_eq!(standing(&office), Some(Standing::Elsewhere(Some("lena".into()))), "one desk has the draft");
}

// STR-14, STR-07
#[test]
fn str_14_a_record_has_a_mapping_of_its_own_and_needs_what_the_crm_requires() {
    let mut office = office();
    let required = Field { required: true, ..Field::text("company", "Company") };
    let sealed = Field { required: true, creatable: false, ..Field::text("sealed", "Sealed") };
    let fields = vec![required, Field::text("city", "City"), sealed];
    let schema = Schema { object: ObjectKind::Contact, fields };
    office
        .offers
        .records
        .insert(RecordKind::Lead, RecordOffer { schema, alone: true, ..RecordOffer::default() });
    let lead = || {
        let mapping = vec![
            MappingRow::shown("company").from_chat("prechat.company"),
            MappingRow::shown("city").from_chat("system.city"),
        ];
        let settings = RecordSettings { mapping, ..settings(RecordKind::Lead, "x", "") };
        further(Make::Record(Box::new(settings)))
    };
    assert_eq!(made(&office, END, lead()), Err(Reason::Missing(vec!["company".into()])));
    office.says("prechat.company", "Silva Lda");
    let set = |office: &Office, record| match made(office, END, record) {
        Ok(Action::Record { set, .. }) => set,
        other => panic!("no lead: {other:?}"),
    };
    assert!(set(&office, lead()) == Fields::from([("company".into(), "Silva Lda".into())]));
    let mut never = lead();
    if let Make::Record(settings) = &mut never.make {
        settings.mapping[1].writes = Writes::OnUpdate;
    }
    office.says("system.city", "Recife");
    assert!(!set(&office, never).contains_key(&"city".into()));
    assert!(set(&office, lead()).contains_key(&"city".into()));
}

// JV-05
#[test]
fn jv_05_a_lead_names_the_agents_who_may_manage_it() {
    let mut office = office();
    office.turns = vec![turn(1, "lena", Act::Assigned), turn(2, "omar", Act::Wrote)];
    let settings = RecordSettings { otherwise: Some("u9".into()), ..settings(RecordKind::Lead, "x", "") };
    let Ok(Action::Record { manager, .. }) = made(&office, START, further(Make::Record(Box::new(settings))))
    else {
        panic!("a lead is made")
    };
    assert_eq!(manager.logins, ["lena@shop.example", "omar@shop.example"]);
    assert_eq!(manager.otherwise, Some("u9".into()));
}

#[test]
fn a_note_needs_somebody_and_something_to_say() {
    let mut office = office();
    for kind in [RecordKind::Note, RecordKind::Activity] {
        assert_eq!(made(&office, END, record(kind, "x", "{transcript}")), Err(Reason::NothingToSay));
        assert_eq!(made(&office, END, record(kind, "x", " ")), Err(Reason::NothingToSay));
        office.who = Who::NotKnown;
        assert_eq!(made(&office, END, record(kind, "x", "said")), Err(Reason::NotKnown));
        office.who = Who::One;
    }
    assert!(made(&office, END, record(RecordKind::Task, "x", "")).is_ok(), "a task may be its title");
}
