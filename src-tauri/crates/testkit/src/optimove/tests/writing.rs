//! Writing: accepted, in parts, refused later, and creating.

use super::*;

fn note(text: &str) -> Fields {
    set(&[("CASE_SUMMARY", text)])
}

fn twelve() -> Fields {
    let names = ["CASE_SUMMARY", "CITY", "EMAIL", "LAST_CHAT_TOPIC"].map(str::to_owned);
    let notes = (0..8).map(|number| format!("NOTE_{number}"));
    names.into_iter().chain(notes).map(|name| (name.into(), Value::from("new"))).collect()
}

// OPT-07
#[tokio::test]
async fn opt_07_a_write_is_accepted_shown_as_it_will_be_and_confirmed_by_reading_again() {
    let timing = Timing { stale: Duration::from_millis(400), ..Timing::default() };
    let rig = Rig::with(Setup { timing, ..Setup::default() }, |_| {}).await;
    let applied = rig.update("00731", note("Card limit raised")).await.unwrap();
    assert_eq!(applied.state, WriteState::Accepted);
    let text = |contact: &Contact, key: &str| contact.value(&key.into()).as_text();
    assert_eq!(text(&applied.contact, "CASE_SUMMARY"), "Card limit raised");
    assert_eq!(text(&applied.contact, "COUNTRY"), "PT", "the rest is as it was read");
    assert_eq!(text(&rig.fetch("00731").await.unwrap(), "CASE_SUMMARY"), "", "reading is late");
    tokio::time::sleep(timing.stale).await;
    let now = rig.fetch("00731").await.unwrap();
    assert_eq!(now, applied.contact, "what was shown is what is held");
}

// OPT-07
#[tokio::test]
async fn opt_07_twelve_attributes_go_in_two_ordered_calls() {
    let rig = Rig::new(Unknowns::default()).await;
    let applied = rig.update("P/2+ä", twelve()).await.unwrap();
    assert_eq!(applied.state, WriteState::Accepted);
    let written: Vec<Request> =
        rig.simulator.requests().into_iter().filter(|it| it.function == Function::Update).collect();
    assert_eq!(written.iter().map(|it| it.attributes.len()).collect::<Vec<_>>(), [10, 2]);
    let sent: Vec<FieldKey> =
        written.iter().flat_map(|it| &it.attributes).map(|it| it.as_str().into()).collect();
    assert_eq!(sent, twelve().into_keys().collect::<Vec<_>>());
    assert_eq!(written.iter().map(|it| it.status).collect::<Vec<_>>(), [200, 202], "both mean accepted");
    assert!(sent.iter().all(|key| rig.stored("P/2+ä", key.as_str()).as_deref() == Some("new")));
}

// OPT-07
#[tokio::test]
async fn opt_07_which_part_of_a_write_failed_is_said() {
    let rig = Rig::new(Unknowns::default()).await;
    // The reading and the first call are well.
    rig.simulator.fail_after(2, 429);
    let Error { kind, done, detail, .. } = rig.update("00731", twelve()).await.unwrap_err();
    assert_eq!(kind, Kind::RateLimited);
    assert_eq!(done, twelve().into_keys().take(10).collect::<Vec<_>>());
    assert!(detail.starts_with("call 2 of 2 failed, 10 of 12 attributes were accepted"), "{detail}");
    assert_eq!(rig.count(Function::Update), 2, "the failed call is not repeated here");
    let held = |key: &FieldKey| rig.stored("00731", key.as_str()).as_deref() == Some("new");
    assert!(done.iter().all(held) && twelve().keys().skip(10).all(|key| !held(key)));
}

// OPT-03, OPT-08
#[tokio::test]
async fn opt_03_a_customer_is_created_under_the_callers_id_and_never_over_an_existing_one() {
    let rig = Rig::new(Unknowns::default()).await;
    for id in ["00099", "N/1+ü %2F"] {
        let mut fields = twelve();
        fields.extend(set(&[(CUSTOMER_ID, id), ("FIRST_NAME", "Omar"), ("IS_VIP", "")]));
        let applied = rig.create(fields).await.unwrap();
        assert_eq!((applied.contact.id.as_str(), applied.state), (id, WriteState::Accepted));
        let stored = rig.simulator.stored(id).unwrap();
        assert_eq!(stored.len(), 14, "the id, a name and twelve others; nothing that is empty");
        assert_eq!(rig.fetch(id).await.unwrap().value(&CUSTOMER_ID.into()), &Value::from(id));
    }
    assert_eq!((rig.count(Function::Upsert), rig.count(Function::Update)), (2, 2));
    let taken = rig.create(set(&[(CUSTOMER_ID, "00731"), ("FIRST_NAME", "X")])).await;
    assert_eq!(kind(taken), Some(Kind::Duplicate { existing: Some("00731".into()) }));
    assert_eq!(rig.stored("00731", "FIRST_NAME").as_deref(), Some("Omar"), "it is as it was");
    assert!(matches!(kind(rig.create(note("x")).await), Some(Kind::Invalid { .. })), "an id is needed");
}

// OPT-03
#[tokio::test]
async fn opt_03_where_creating_is_not_enabled_that_is_said_and_no_longer_offered() {
    for create in [Create::NotFound, Create::Forbidden, Create::NotAllowed] {
        let rig = Rig::new(Unknowns { create, ..Unknowns::default() }).await;
        assert!(rig.connector.capabilities().create);
        let created = rig.create(set(&[(CUSTOMER_ID, "00099")])).await;
        assert_eq!(kind(created), Some(Kind::Unsupported), "{create:?}");
        assert!(!rig.connector.capabilities().create && rig.connector.capabilities().update);
        rig.check().await.unwrap();
        assert!(rig.connector.capabilities().create, "after a check it may be tried again");
    }
}

// OPT-03
#[tokio::test]
async fn opt_03_what_is_answered_at_once_about_a_new_customer_is_told_at_its_field() {
    for codes in [Codes::Names, Codes::Numbers] {
        let rig = Rig::new(Unknowns { codes, general: General::Absent, ..Unknowns::default() }).await;
        let error = rig.create(set(&[(CUSTOMER_ID, "00099"), ("NO_SUCH", "x")])).await.unwrap_err();
        let Kind::Invalid { fields } = error.kind else { panic!("{codes:?}: {error}") };
        assert!(fields.keys().eq([&FieldKey::from("NO_SUCH")]), "{codes:?}");
    }
}

// OPT-07
#[tokio::test]
async fn opt_07_any_answer_to_an_accepted_write_is_taken_for_one() {
    for status in [Status::InTurn, Status::Ok, Status::Accepted] {
        for body in [Body::RequestId, Body::Empty, Body::Text] {
            let rig = Rig::new(Unknowns { status, body, ..Unknowns::default() }).await;
            let applied = rig.update("00731", note("x")).await.unwrap();
            assert_eq!(applied.state, WriteState::Accepted, "{status:?} {body:?}");
        }
    }
}

// OPT-07
#[tokio::test]
async fn opt_07_what_optimove_refuses_later_is_accepted_and_never_seen() {
    let rig = Rig::new(Unknowns::default()).await;
    let applied = rig.update("00731", set(&[("AGE", "40"), ("CITY", "Faro")])).await.unwrap();
    assert_eq!(applied.state, WriteState::Accepted);
    assert_eq!(rig.stored("00731", "CITY").as_deref(), Some("Faro"));
    assert_eq!(rig.stored("00731", "AGE"), None);
    let failure = &rig.simulator.outcomes()[0].failures[0];
    assert_eq!((failure.name(), failure.attribute.as_deref()), ("INVALID_FIELD", Some("AGE")));
    rig.simulator.make_unavailable("EMAIL");
    rig.update("00731", set(&[("EMAIL", "n@mail.example")])).await.unwrap();
    assert_eq!(rig.simulator.outcomes()[1].failures[0].number, 4);

    let rig = Rig::with(Setup::default(), |config| config.writable = vec!["CITY".into()]).await;
    assert!(matches!(kind(rig.update("00731", set(&[("AGE", "40")])).await), Some(Kind::Invalid { .. })));
    assert_eq!(rig.count(Function::Update), 0, "where it is known, it is said at once");
}

// OPT-03
#[tokio::test]
async fn opt_03_days_and_empty_values_are_written_as_the_account_takes_them() {
    let change = set(&[("LAST_CHAT_DATE", "2025-05-02"), ("COUNTRY", "")]);
    for (dates, format) in [(Dates::Iso, "%Y-%m-%d"), (Dates::MonthFirst, "%m/%d/%Y")] {
        for (cleared, setting) in
            [(Cleared::Null, OptimoveCleared::Null), (Cleared::EmptyText, OptimoveCleared::EmptyText)]
        {
            let unknowns = Unknowns { dates, cleared, ..Unknowns::default() };
            let settings = |config: &mut OptimoveConfig| {
                config.date_format = format.to_owned();
                config.cleared = setting;
            };
            let rig = Rig::with(Setup { unknowns, ..Setup::default() }, settings).await;
            let applied = rig.update("00731", change.clone()).await.unwrap();
            assert_eq!(rig.simulator.outcomes()[0].failures, [], "{dates:?} {cleared:?}");
            assert_eq!(rig.stored("00731", "COUNTRY"), None);
            assert_eq!(rig.stored("00731", "LAST_CHAT_DATE").as_deref(), Some("05/02/2025 00:00:00"));
            assert_eq!(rig.fetch("00731").await.unwrap(), applied.contact);
        }
    }
    let rig = Rig::new(Unknowns { dates: Dates::MonthFirst, ..Unknowns::default() }).await;
    rig.update("00731", change).await.unwrap();
    assert_eq!(
        rig.stored("00731", "LAST_CHAT_DATE"),
        None,
        "the wrong way is noticed by reading again alone"
    );
}

// OPT-07
#[tokio::test(flavor = "multi_thread")]
async fn opt_07_a_callback_is_asked_for_where_there_is_a_place_for_it() {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let take = move |axum::Json(body): axum::Json<serde_json::Value>| {
        let told = told.clone();
        async move { drop(told.send(body)) }
    };
    let router = axum::Router::new().route("/cb", axum::routing::post(take));
    let serving = Serving::begin(router).await.unwrap();
    let place = serving.url("cb");

    let unknowns = Unknowns { callback: Callback::Required, ..Unknowns::default() };
    let setup = Setup { unknowns, timing: Timing::faster(600), ..Setup::default() };
    let without = Rig::with(setup.clone(), |_| {}).await;
    assert_eq!(kind(without.update("00731", note("x")).await), Some(Kind::Protocol));
    let rig = Rig::with(setup, |config| config.callback = Some(place)).await;
    rig.update("00731", note("x")).await.unwrap();
    assert_eq!(heard.recv().await.unwrap()["isSuccess"], true);
    rig.simulator.lose_callbacks();
    rig.update("00731", note("y")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(heard.try_recv().is_err(), "it is lost, and the write is accepted all the same");
}

// OPT-07
#[tokio::test]
async fn opt_07_the_daily_load_may_undo_what_was_written() {
    for (daily, held) in [(Daily::Keeps, Some("Faro")), (Daily::Reverts, None)] {
        let rig = Rig::new(Unknowns { daily, ..Unknowns::default() }).await;
        rig.update("00731", set(&[("CITY", "Faro")])).await.unwrap();
        rig.simulator.daily_load();
        assert_eq!(rig.stored("00731", "CITY").as_deref(), held, "{daily:?}");
    }
}
