//! What becomes of effects: the agent's word, the trial, the store.

use super::*;

fn office() -> Office {
    let mut office = Office::new();
    office.says("system.city", "Recife");
    office.strategies.chat_end = OnTrigger { acts: Acts::AFTER_WORD, ..OnTrigger::new(Update::AllMapped) };
    office
}

fn asked() -> Effect {
    let mut plan = office().plan(Trigger::ChatEnd);
    assert_eq!(plan.effects.len(), 1);
    plan.effects.remove(0)
}

fn changes(effect: Option<&Effect>) -> Vec<String> {
    match effect.map(|it| &it.action) {
        Some(Action::Update { lines, .. }) => lines.iter().map(shown).collect(),
        _ => Vec::new(),
    }
}

fn without(fields: &[&str]) -> Word {
    Word::TakeWithout(fields.iter().map(|it| FieldKey::from(*it)).collect())
}

// PAN-13, STR-19
#[test]
fn pan_13_the_agent_takes_or_leaves_each_line() {
    assert!(!asked().is_sent(), "not before the agent's word");
    let taken = asked().answered(&Word::Take).expect("all is taken");
    assert!(taken.is_sent());
    assert_eq!(changes(Some(&taken)), ["name: Ana → Ana Silva", "city:  → Recife"]);
    let some = asked().answered(&without(&["name"])).expect("one line is left");
    assert!(some.is_sent());
    assert_eq!(changes(Some(&some)), ["city:  → Recife"]);
    assert_eq!(some.key, asked().key, "it is the same effect");
    assert_eq!(asked().answered(&without(&["name", "city"])), None);
    assert_eq!(asked().answered(&Word::Leave), None);
}

// PAN-13
#[test]
fn pan_13_a_new_contact_is_made_without_what_the_agent_leaves_out() {
    let mut plan = Office { who: Who::Nobody, ..office() }.plan(Trigger::ChatEnd);
    let new = plan.effects.remove(0);
    let set = |word: &Word| match new.clone().answered(word).map(|it| it.action) {
        Some(Action::Create { set, .. }) => set.into_keys().map(|it| it.to_string()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(set(&Word::Take), ["city", "email", "name"]);
    assert_eq!(set(&without(&["city"])), ["email", "name"]);
    assert_eq!(new.answered(&without(&["city", "email", "name"])), None, "nobody is made of nothing");
}

// STR-19
#[test]
fn str_19_without_a_word_in_time_nothing_is_sent() {
    let overdue = |effect: &Effect, second| effect.is_overdue(moment(0), moment(second));
    let effect = asked();
    assert_eq!([0, 599, 600, 601].map(|second| overdue(&effect, second)), [false, false, true, true]);
    assert!(!effect.is_sent());
    let taken = effect.answered(&Word::Take).expect("it is taken");
    assert!(!overdue(&taken, 601), "what has its answer waits for none");
}

#[test]
fn nobody_answers_for_another_desk_or_a_trial() {
    for standing in [Standing::Send, Standing::Elsewhere(None), Standing::Trial] {
        assert_eq!(Effect { standing, ..asked() }.answered(&Word::Take), None);
    }
}

// PAN-13
#[test]
fn pan_13_what_is_shown_before_the_end_is_what_happens_at_the_end() {
    let before = office();
    let mut after = before.clone();
    after.at = moment(900);
    after.turns.push(turn(800, "lena", Act::Wrote));
    assert_eq!(before.plan(Trigger::ChatEnd), after.plan(Trigger::ChatEnd));
}

#[test]
fn what_was_decided_and_skipped_can_be_kept_and_read_back() {
    let mut office = office();
    office.strategies.chat_end.records = vec![FurtherRecord {
        name: "Tag".into(),
        make: Make::Tag("CHAT".into()),
        only: Only::Everybody,
        by: By::Itself,
    }];
    let plan = office.plan(Trigger::ChatEnd);
    assert_eq!(plan.skipped, [Skipped { part: Part::Record("Tag".into()), reason: Reason::NotOffered }]);
    assert_eq!(why(&plan, "phone"), Some(Because::ChatIsSilent));
    let kept = serde_json::to_string(&plan).expect("a plan can be written");
    assert_eq!(serde_json::from_str::<Plan>(&kept).expect("and read"), plan);
}

/// What the first version of the program that stores effects writes: each kind once.
const FIRST: &str = r#"[
  {"version":"1","key":"lc/chat-1/thread-1/chat_end/main/contact","standing":"send","action":{"update":{"object":"contact","record":"c1","lines":[{"field":"name","from":{"type":"text","value":"Ana"},"to":{"type":"text","value":"Ana Silva"},"why":"is_newer"},{"field":"email_2","from":{"type":"empty"},"to":{"type":"text","value":"b@example.com"},"why":{"beside":"email"}}]}}},
  {"version":"1","key":"lc/chat-1/thread-1/chat_start/main/contact","standing":{"ask_first":10},"action":{"create":{"object":"contact","set":{"name":{"type":"text","value":"Ana"}}}}},
  {"version":"1","key":"lc/chat-1/thread-1/chat_start/main/record/Tag","standing":"trial","action":{"tag":{"of":{"created_by":"lc/chat-1/thread-1/chat_start/main/contact"},"tag":"LIVECHAT_INC","points":1}}},
  {"version":"1","key":"lc/chat-1/thread-1/chat_start/main/record/Event","standing":{"elsewhere":"omar"},"action":{"event":{"of":{"record":"c1"},"kind":"MEETING","description":"LivechatInc","details":["1767261600",""]}}},
  {"version":"1","key":"lc/chat-1/thread-1/chat_end/main/record/Note","standing":{"elsewhere":null},"action":{"record":{"kind":"note","of":{"record":"c1"},"title":"Chat","text":"Hi","source":null,"manager":{"logins":["lena@shop.example"],"otherwise":null},"set":{}}}},
  {"version":"1","key":"lc/chat-1/thread-1/offline_message/main/record/Mail","standing":"send","action":{"mail":{"to":"desk@shop.example","subject":"Message","text":"Hi"}}}
]"#;

#[test]
fn effects_that_were_stored_stay_readable() {
    let stored: Vec<Stored> = serde_json::from_str(FIRST).expect("they are read");
    assert_eq!(stored.len(), 6);
    let again = serde_json::to_value(&stored).expect("they are written");
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(FIRST).expect("it is JSON"));
    let newer = FIRST.replace("\"version\":\"1\"", "\"version\":\"2\"");
    assert!(serde_json::from_str::<Vec<Stored>>(&newer).is_err(), "what is not understood is not guessed");
}

// SEC-05
#[test]
fn sec_05_debug_shows_no_values() {
    let mut office = office();
    office.offers = Offers {
        tags: true,
        mail: Mail::Sent,
        records: [(RecordKind::Note, RecordOffer::default())].into(),
        ..Offers::default()
    };
    let mail = Make::Mail { to: "Marta".into(), subject: "Marta".into(), text: "{name} Marta".into() };
    let note = RecordSettings {
        kind: RecordKind::Note,
        title: "Marta".into(),
        text: "{name} Marta".into(),
        source: None,
        otherwise: None,
        mapping: Vec::new(),
    };
    let event = Make::Event { kind: "K".into(), description: "Marta".into(), details: vec!["{name}".into()] };
    office.offers.events = true;
    let makes = [mail, Make::Record(Box::new(note)), event];
    office.strategies.chat_end.records = makes
        .into_iter()
        .zip(["a", "b", "c"])
        .map(|(make, name)| FurtherRecord { name: name.into(), make, only: Only::Everybody, by: By::Itself })
        .collect();
    let plan = office.plan(Trigger::ChatEnd);
    assert_eq!(plan.effects.len(), 4);
    let created = Office { who: Who::Nobody, ..office }.plan(Trigger::ChatEnd);
    let shown = format!("{plan:?} {created:?}");
    for secret in ["Marta", "Silva", "Recife", "example"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
