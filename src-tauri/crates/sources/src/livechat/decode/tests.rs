//! Frames in the shapes that LiveChat's documents, SDKs and recorded traffic show; the people in them are invented.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(value: &Value) -> Push {
    match frame(&value.to_string()) {
        Ok(Frame::Push(push)) => push,
        _ => panic!("not a push: {value}"),
    }
}

fn pushed(action: &str, payload: &Value) -> Push {
    read(&json!({ "version": "3.6", "action": action, "type": "push", "payload": payload }))
}

fn incoming_chat() -> Value {
    json!({ "requester_id": "ola@acme.example", "chat": {
        "id": "SIMCHAT001",
        "users": [
            { "id": "3b0d7a52", "type": "customer", "name": "Nadia Kowal", "email": "nadia@shop.example",
              "phone_number": "+48601002003", "email_verified": false, "present": true,
              "session_fields": [{ "plan": "gold" }, { "order_id": "A-1009" }],
              "visit": { "referrer": "https://search.example/", "ip": "192.0.2.17", "user_agent": "Mozilla/5.0",
                "geolocation": { "country": "Poland", "country_code": "PL", "city": "Warsaw", "latitude": "52.2" },
                "last_pages": [{ "url": "https://shop.example/a", "title": "A" }, { "url": "https://shop.example/b" }] } },
            { "id": "ola@acme.example", "type": "agent", "name": "Ola", "email": "ola@acme.example", "present": true,
              "visibility": "all" },
        ],
        "thread": { "id": "SIMTHRD001", "active": true, "created_at": "2026-11-20T10:01:00.120000Z",
            "user_ids": ["3b0d7a52", "ola@acme.example"],
            "events": [filled_form(), { "id": "SIMTHRD001_2", "type": "message", "text": "Hello", "author_id": "ola@acme.example",
                "created_at": "2026-11-20T10:01:01.000000Z", "visibility": "all" }],
            "properties": { "routing": { "start_url": "https://shop.example/boots", "referrer": "" } },
            "access": { "group_ids": [0] } },
        "properties": {}, "access": { "group_ids": [0] }, "is_followed": false } })
}

fn filled_form() -> Value {
    json!({ "id": "SIMTHRD001_1", "type": "filled_form", "author_id": "3b0d7a52", "form_id": "16", "form_type": "prechat",
        "created_at": "2026-11-20T10:01:00.120001Z",
        "fields": [
            { "type": "name", "id": "1", "label": "Your name:", "answer": "Nadia Kowal" },
            { "type": "email", "id": "2", "label": "E-mail:", "answer": "" },
            { "type": "select", "id": "3", "label": "Department", "answer": { "id": "7", "label": "Billing" } },
            { "type": "checkbox", "id": "4", "label": "Topics", "answers": [{ "id": "0", "label": "Delivery" }, { "label": "Price" }] },
            { "type": "group_chooser", "id": "5", "label": "Team", "answer": { "id": 2, "group_id": 3, "label": "Sales" } },
            { "type": "checkbox_for_email", "id": "6", "label": "Newsletter", "answer": true },
            { "type": "header", "label": "Welcome" },
        ] })
}

fn form_of(event: &Value) -> Form {
    let push = pushed("incoming_event", &json!({ "chat_id": "C", "thread_id": "T", "event": event }));
    match push {
        Push::IncomingEvent { event: Event { kind: EventKind::Form(form), .. }, .. } => form,
        _ => panic!("no form"),
    }
}

// LC-02, LC-03
#[test]
fn a_chat_is_read_with_its_visitor_its_agents_and_its_form() {
    let Push::IncomingChat { chat, from } = pushed("incoming_chat", &incoming_chat()) else { panic!() };
    assert_eq!(from, None);
    assert_eq!(
        (chat.id.as_str(), chat.thread.id.as_str(), chat.thread.active),
        ("SIMCHAT001", "SIMTHRD001", true)
    );
    assert_eq!(chat.thread.created_at.unwrap().as_microsecond(), 1_795_168_860_120_000);
    let User::Customer(customer) = &chat.users[0] else { panic!() };
    assert_eq!(customer.email.as_deref(), Some("nadia@shop.example"));
    assert_eq!(customer.email_verified, Some(false));
    assert_eq!(
        customer.session_fields,
        [("plan".into(), "gold".into()), ("order_id".into(), "A-1009".into())]
    );
    assert_eq!(customer.visit.city.as_deref(), Some("Warsaw"));
    assert_eq!(customer.visit.page.url.as_deref(), Some("https://shop.example/b"), "the last page counts");
    let ola = User::Agent {
        id: "ola@acme.example".into(),
        name: Some("Ola".into()),
        email: Some("ola@acme.example".into()),
        present: true,
    };
    assert_eq!(chat.users[1], ola);
    assert_eq!(chat.thread.start_url.as_deref(), Some("https://shop.example/boots"));
    assert_eq!(chat.thread.referrer, None, "blank is absent");
    assert_eq!(chat.thread.events.len(), 2);
}

// LC-03
#[test]
fn every_kind_of_answer_becomes_text() {
    let form = form_of(&filled_form());
    let answers: Vec<_> = form.answers.iter().map(|one| (one.label.as_str(), one.text.as_str())).collect();
    let expected = [
        ("Your name:", "Nadia Kowal"),
        ("Department", "Billing"),
        ("Topics", "Delivery; Price"),
        ("Team", "Sales"),
        ("Newsletter", "true"),
    ];
    assert_eq!(answers, expected);
    assert_eq!(form.kind, "prechat");
}

// SEC-12
#[test]
fn sec_12_what_a_form_hides_is_not_read() {
    let field = |kind: &str| json!({ "type": kind, "label": kind, "answer": "4111 1111 1111 1111" });
    let kinds = ["secure_question", "password", "credit_card", "Masked", "question"];
    let form = form_of(&json!({ "id": "T_1", "type": "filled_form", "fields": kinds.map(field) }));
    let read: Vec<_> = form.answers.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(read, ["question"]);
}

// LC-03
#[test]
fn forms_of_v3_2_have_values_and_their_type_in_a_property() {
    let form = form_of(&json!({ "id": "T_1", "type": "filled_form", "recipients": "all",
        "properties": { "lc2": { "form_type": "prechat" } },
        "fields": [{ "type": "name", "label": "Name", "value": "Nadia" }, { "type": "radio", "label": "Topic", "value": { "label": "Price" } }] }));
    assert_eq!(form.kind, "prechat");
    let answers: Vec<_> = form.answers.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(answers, ["Nadia", "Price"]);
}

// LC-02
#[test]
fn renamed_fields_are_read_under_both_names() {
    let customer = json!({ "id": "V", "type": "customer", "last_visit": { "ip": "192.0.2.1" } });
    let Push::CustomerUpdated(read) = pushed("customer_updated", &customer) else { panic!() };
    assert_eq!(read.visit.ip.as_deref(), Some("192.0.2.1"), "last_visit up to v3.5");
    let thread = json!({ "id": "T", "active": false, "created_at": "2026-11-20T10:01:00.120000Z" });
    for name in ["thread", "last_thread_summary", "last_thread_info"] {
        let read = chat(&json!({ "id": "C", "users": [], name: thread })).unwrap();
        assert_eq!((read.thread.id.as_str(), read.thread.active), ("T", false), "{name}");
    }
    let threads = chat(&json!({ "id": "C", "threads": [{ "id": "old", "active": false }, thread] })).unwrap();
    assert_eq!(threads.thread.id, "T", "the last thread counts");
}

// LC-02
#[test]
fn what_is_missing_is_absent() {
    let bare = json!({ "chat": { "id": "C", "thread": { "id": "T" } } });
    let Push::IncomingChat { chat, .. } = pushed("incoming_chat", &bare) else { panic!() };
    assert!(chat.users.is_empty() && chat.thread.events.is_empty() && chat.thread.created_at.is_none());
    let Push::CustomerUpdated(customer) = pushed("customer_updated", &json!({ "id": "V", "name": null }))
    else {
        panic!()
    };
    assert_eq!(customer, Customer { id: "V".into(), ..Customer::default() });
}

fn kind_of(event: Value) -> EventKind {
    let push = pushed("incoming_event", &json!({ "chat_id": "C", "thread_id": "T", "event": event }));
    let Push::IncomingEvent { event, .. } = push else { panic!() };
    event.kind
}

// JV-08
#[test]
fn whatever_a_person_sends_has_a_text() {
    let text = |event| match kind_of(event) {
        EventKind::Written(writing) => writing.text,
        _ => panic!("nobody wrote it"),
    };
    let event = |kind: &str, more: Value| {
        let mut event = json!({ "id": "T_2", "type": kind, "author_id": "ola@acme.example" });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    assert_eq!(text(event("message", json!({ "text": "Hello" }))), "Hello");
    assert_eq!(
        text(event("file", json!({ "name": "invoice.pdf", "url": "https://x.example/1" }))),
        "invoice.pdf"
    );
    let cards = json!({ "template_id": "cards", "elements": [{ "title": "One" }, { "subtitle": "-" }, { "title": "Two" }] });
    assert_eq!(text(event("rich_message", cards)), "One\nTwo");
    assert_eq!(text(event("message", json!({ "text": "oops", "deleted": true }))), "", "deleted is deleted");
    let EventKind::Written(greeting) =
        kind_of(event("message", json!({ "properties": { "lc2": { "welcome_message": true } } })))
    else {
        panic!()
    };
    assert!(greeting.welcome && !greeting.private);
    for name in ["visibility", "recipients"] {
        let EventKind::Written(whisper) =
            kind_of(event("message", json!({ "text": "psst", name: "agents" })))
        else {
            panic!()
        };
        assert!(whisper.private, "{name}");
    }
}

// REL-03
#[test]
fn rel_03_notes_of_the_system_name_who_is_put_in_charge() {
    let named = |kind: &str, vars: Value| {
        let event = json!({ "id": "T_3", "type": "system_message", "system_message_type": kind, "text": "-",
            "text_vars": vars, "created_at": "2026-11-20T10:02:00.000000Z" });
        let EventKind::System(note) = kind_of(event) else { panic!() };
        (note.to, note.from)
    };
    let (kim, ola) = (Some("Kim".to_owned()), Some("Ola".to_owned()));
    for (kind, vars, expected) in [
        ("chat_transferred", json!({ "agent": "Ola", "targets": "Kim" }), (kim.clone(), ola.clone())),
        ("agent_joined", json!({ "agent": "Kim" }), (kim.clone(), None)),
        ("agent_added", json!({ "agent": "Kim", "initiator": "Ola" }), (kim.clone(), None)),
        (
            "routing.assigned_inactive",
            json!({ "agent_added": "Kim", "agent_removed": "Ola", "duration": 5 }),
            (kim.clone(), ola.clone()),
        ),
        ("routing.assigned_deleted", json!({ "addedAgent": "Kim", "removedAgent": "Ola" }), (kim, ola)),
        ("customer_updated", json!({ "agent": "Ola" }), (None, None)),
    ] {
        assert_eq!(named(kind, vars), expected, "{kind}");
    }
}

// LC-02
#[test]
fn every_push_that_matters_is_read() {
    let cases = [
        (
            "chat_deactivated",
            json!({ "chat_id": "C", "thread_id": "T" }),
            Push::Deactivated { chat: "C".into(), thread: Some("T".into()) },
        ),
        ("chat_deleted", json!({ "chat_id": "C" }), Push::Deactivated { chat: "C".into(), thread: None }),
        (
            "chat_transferred",
            json!({ "chat_id": "C", "reason": "manual", "transferred_to": { "agent_ids": ["a@x.example"] } }),
            Push::Transferred {
                chat: "C".into(),
                agents: vec!["a@x.example".into()],
                reason: "manual".into(),
            },
        ),
        (
            "user_removed_from_chat",
            json!({ "chat_id": "C", "user_id": "a@x.example" }),
            Push::UserRemoved { chat: "C".into(), user: "a@x.example".into() },
        ),
        (
            "events_marked_as_seen",
            json!({ "chat_id": "C", "user_id": "a@x.example", "seen_up_to": "2026" }),
            Push::Seen { chat: "C".into(), user: "a@x.example".into(), up_to: "2026".into() },
        ),
        (
            "agent_disconnected",
            json!({ "reason": "connection_evicted" }),
            Push::Disconnected { reason: "connection_evicted".into() },
        ),
        ("queue_positions_updated", json!([{ "chat_id": "C" }]), Push::Other),
    ];
    for (action, payload, expected) in cases {
        assert!(pushed(action, &payload) == expected, "{action}");
    }
}

// REL-05
#[test]
fn what_cannot_be_understood_says_why() {
    assert_eq!(frame("{").err(), Some(Bad::NotJson));
    assert_eq!(frame("[1]").err(), Some(Bad::NoAction));
    let no_chat = json!({ "type": "push", "action": "chat_deactivated", "payload": { "thread_id": "T" } });
    assert_eq!(frame(&no_chat.to_string()).err(), Some(Bad::Missing("chat_id")));
}

#[test]
fn answers_are_told_from_news_and_errors_by_their_type() {
    let refused = json!({ "request_id": "18", "action": "login", "type": "response", "success": false,
        "payload": { "error": { "type": "authentication", "message": "Invalid access token" } } });
    let Ok(Frame::Answer { request, outcome }) = frame(&refused.to_string()) else { panic!() };
    assert_eq!((request.as_str(), outcome), ("18", Err("authentication".to_owned())));
}

/// Any JSON, small.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// All places in `value`, depth first.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, one)| places(one, &format!("{here}/{n}"), found));
        }
        Value::Object(map) => {
            map.iter().for_each(|(name, one)| places(one, &format!("{here}/{name}"), found))
        }
        _ => {}
    }
}

proptest! {
    // REL-05
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,200}") {
        let _read = frame(&text);
    }

    // REL-05
    #[test]
    fn a_chat_with_any_part_replaced_is_read_without_panic(
        choices in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..5),
        action in prop::sample::select(vec!["incoming_chat", "customer_updated", "incoming_event", "user_added_to_chat", "login"]),
    ) {
        let payload = json!({ "chat_id": "C", "thread_id": "T", "id": "V", "event": filled_form(), "user": { "id": "a" },
            "chat": incoming_chat()["chat"] });
        let mut value = json!({ "version": "3.6", "action": action, "type": "push", "payload": payload });
        for (choice, replacement) in choices {
            let mut all = Vec::new();
            places(&value, "", &mut all);
            let place = choice.get(&all);
            if let Some(part) = value.pointer_mut(place) {
                *part = replacement;
            }
        }
        let _read = frame(&value.to_string());
    }
}
