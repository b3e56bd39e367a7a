//! What is made beside a contact: leads, cases, tasks, notes, activities and mail; by itself or by the agent.

use connectors::{Act, Kind, NewRecord};
use domain::{
    ChatEventKind, ChatKey, Field, FieldType, Schema,
    config::NoMatch,
    event::ChatSnapshot,
    mapping::MappingRow,
    strategies::{
        Act::Assigned, Agent, By, CreateAt, FurtherRecord, Make, OnTrigger, Only, Reason, RecordKind,
        RecordOffer, RecordSettings, Speaker, Strategies, Turn, Update,
    },
};
use ipc::{
    audit::AuditActionView,
    panel::{
        AnswerRequest, DismissReason, DismissRequest, EffectStanding, RecordWhat, TodoRequest, TodoView,
        TodoWhat, WriteKind, WriteStanding,
    },
};

use super::desk::{CHAT, Desk, ME, crm, request, snapshot, written};

const LOST: Kind = Kind::Unavailable { outcome_unknown: true };
const ANA: [(&str, &str); 2] = [("system.email", "ana@shop.example"), ("system.name", "Ana")];

fn settings(kind: RecordKind, title: &str, text: &str) -> RecordSettings {
    let (title, text) = (title.to_owned(), text.to_owned());
    RecordSettings { kind, title, text, source: None, otherwise: None, mapping: Vec::new() }
}

fn record(name: &str, settings: RecordSettings) -> FurtherRecord {
    let make = Make::Record(Box::new(settings));
    FurtherRecord { name: name.into(), make, only: Only::Everybody, by: By::Itself }
}

fn mail() -> FurtherRecord {
    let (to, subject) = ("desk@shop.example".into(), "Message from {name}".into());
    let make = Make::Mail { to, subject, text: "{transcript}".into() };
    FurtherRecord { name: "Mail".into(), make, only: Only::Everybody, by: By::Itself }
}

fn nothing_else(records: Vec<FurtherRecord>) -> OnTrigger {
    OnTrigger { records, ..OnTrigger::new(Update::Nothing) }
}

fn offer() -> RecordOffer {
    let typed = |kind, key: &str| Field { kind, ..Field::text(key, key) };
    let fields = vec![
        typed(FieldType::Phone, "phone"),
        typed(FieldType::Phone, "phone_2"),
        typed(FieldType::Email, "email_2"),
        Field::text("utm_source", "UTM source"),
    ];
    RecordOffer {
        schema: Schema { fields, ..Schema::default() },
        titled: true,
        longest_title: Some(120),
        longest_text: None,
        managed: true,
        alone: true,
    }
}

/// A desk whose CRM takes every kind of record, and where this happens by itself.
async fn desk(strategies: Strategies, no_match: NoMatch) -> Desk {
    let desk = Desk::by_itself(strategies, no_match, false).await;
    *desk.crm.offers.lock().unwrap() = RecordKind::ALL.into_iter().map(|kind| (kind, offer())).collect();
    desk
}

fn ana_is_known(desk: &Desk) {
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "")]);
}

fn turn(second: i64, event: &str, agent: &str) -> Turn {
    let at = jiff::Timestamp::from_second(second).unwrap();
    Turn { at, event: event.into(), agent: agent.into(), act: Assigned }
}

fn agent(id: &str, name: &str) -> Agent {
    Agent { id: id.into(), name: name.into(), logins: vec![format!("{id}@shop.example")] }
}

/// Ana, with what else the chat knows, and this desk's agent in charge.
fn sitting(more: &[(&str, &str)]) -> ChatSnapshot {
    let fields: Vec<_> = ANA.iter().chain(more).copied().collect();
    ChatSnapshot {
        agents: vec![agent(ME, "Me")],
        assigned: vec![turn(0, "e0", ME)],
        ..snapshot("a", &fields)
    }
}

fn says(desk: &Desk, second: i64, by: Speaker, text: &str) {
    let chat = ChatKey::new(CHAT, "a");
    let thread = desk.engine.0.state().chat(&chat).unwrap().thread.clone();
    let mut written = written(second, &format!("e{second}"), by);
    text.clone_into(&mut written.message.text);
    desk.event(ChatEventKind::Message { chat, thread, written });
}

fn i_say(desk: &Desk, second: i64, text: &str) {
    says(desk, second, Speaker::Agent(ME.into()), text);
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds().await {
        assert!(std::time::Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// The records that were made, with the contact that they belong to.
fn made(desk: &Desk) -> Vec<(NewRecord, Option<String>)> {
    let deeds = desk.crm.deeds.lock().unwrap();
    let record = |deed: &connectors::Deed| match &deed.act {
        Act::Record(record) => Some(((**record).clone(), deed.record.as_ref().map(ToString::to_string))),
        _ => None,
    };
    deeds.iter().filter_map(record).collect()
}

async fn until_made(desk: &Desk, count: usize) -> Vec<(NewRecord, Option<String>)> {
    until("it is made", async || made(desk).len() >= count).await;
    all_sent(desk).await;
    assert_eq!(made(desk).len(), count);
    made(desk)
}

async fn all_sent(desk: &Desk) {
    until("everything is sent", async || {
        let store = desk.engine.0.memory.store().await.unwrap();
        store.outbox().count().await.unwrap().on_the_way == 0
    })
    .await;
}

fn todo(desk: &Desk) -> Vec<TodoView> {
    desk.engine.panel_view().todo
}

async fn until_todo(desk: &Desk, count: usize) -> Vec<TodoView> {
    until("the list is as long", async || todo(desk).len() == count).await;
    todo(desk)
}

async fn standings(desk: &Desk) -> Vec<(String, Option<EffectStanding>)> {
    let decisions = desk.engine.decisions(request("a")).await.unwrap();
    let records = decisions.into_iter().flat_map(|it| it.records);
    records.map(|it| (it.record.name, it.standing)).collect()
}

/// Somebody leaves a message while nobody is there.
fn leaves_a_message(desk: &Desk, text: &str) {
    let mut written = written(5, "e5", Speaker::Visitor);
    text.clone_into(&mut written.message.text);
    let left = ChatSnapshot { written: vec![written], ..sitting(&[]) };
    desk.event(ChatEventKind::OfflineMessage(left));
}

// JV-03, JV-04, JV-05, JV-06
#[tokio::test]
async fn jv_04_an_unknown_visitor_becomes_a_lead_with_title_source_owner_comment_and_second_numbers() {
    let mapping = vec![
        MappingRow::shown("phone").from_chat("system.phone"),
        MappingRow::shown("phone_2").from_chat("prechat.Other phone"),
        MappingRow::shown("email_2").from_chat("prechat.Other e-mail"),
        MappingRow::shown("utm_source").from_chat("utm.source"),
    ];
    let title = "JivoChat #{visitor.number} - {name or e-mail or phone}";
    let lead = RecordSettings {
        source: Some("JivoChat".into()),
        otherwise: Some("sales".into()),
        mapping,
        ..settings(RecordKind::Lead, title, "{system.comment}\n{utm.source}\n{user_token.sub}")
    };
    let lead = FurtherRecord { only: Only::WithoutMatch, ..record("Lead", lead) };
    let start = nothing_else(vec![lead]);
    let desk = desk(Strategies { chat_start: start, ..Strategies::default() }, NoMatch::Neither).await;
    let knows = [
        ("system.number", "18"),
        ("system.phone", "+5511987654321"),
        ("system.comment", "Asks for the blue one"),
        ("prechat.Other phone", "+5511912345678"),
        ("prechat.Other e-mail", "ana@home.example"),
        ("utm.source", "newsletter"),
        ("user_token.sub", "crm:5b0c"),
    ];
    desk.event(ChatEventKind::Started(sitting(&knows)));
    i_say(&desk, 1, "Hello");
    let (lead, of) = until_made(&desk, 1).await.remove(0);
    assert_eq!(of, None, "there is no contact");
    assert_eq!((lead.kind, lead.title.as_str()), (RecordKind::Lead, "JivoChat #18 - Ana"));
    assert_eq!(lead.text, "Asks for the blue one\nnewsletter\ncrm:5b0c");
    assert_eq!(lead.source.as_deref(), Some("JivoChat"));
    assert_eq!(
        (lead.manager.logins, lead.manager.otherwise),
        (vec!["me@shop.example".into()], Some("sales".into()))
    );
    let set: Vec<_> = lead.set.iter().map(|(key, value)| (key.as_str(), value.as_text())).collect();
    let expected = [
        ("email_2", "ana@home.example"),
        ("phone", "+5511987654321"),
        ("phone_2", "+5511912345678"),
        ("utm_source", "newsletter"),
    ];
    assert_eq!(set, expected.map(|(key, value)| (key, value.to_owned())));
    let audit = ipc::audit::AuditRequest { before: None };
    let lines = desk.engine.audit_view(audit).await.unwrap().lines;
    assert_eq!(
        (lines[0].action, lines[0].fields.len(), lines[0].agent.clone()),
        (AuditActionView::Lead, 4, None)
    );
}

// JV-08, JV-10
#[tokio::test]
async fn jv_08_the_conversation_of_several_agents_is_a_note_at_the_end_in_order_and_over_several_notes() {
    let note = settings(RecordKind::Note, "Chat with {agents}", "{transcript}");
    let end = nothing_else(vec![record("Conversation", note)]);
    let desk = desk(Strategies { chat_end: end, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    let small = RecordOffer { longest_text: Some(70), managed: false, alone: false, ..offer() };
    desk.crm.offers.lock().unwrap().insert(RecordKind::Note, small);
    let two = ChatSnapshot {
        agents: vec![agent(ME, "Me"), agent("omar", "Omar")],
        assigned: vec![turn(0, "e0", "omar"), turn(1, "e00", ME)],
        ..sitting(&[])
    };
    desk.event(ChatEventKind::Started(two));
    says(&desk, 20, Speaker::Agent("omar".into()), "One moment, I ask a colleague");
    says(&desk, 10, Speaker::Visitor, "Is it in stock? My card is 4111 1111 1111 1111");
    i_say(&desk, 30, "Two left");
    desk.settle().await;
    assert_eq!(made(&desk).len(), 0, "nothing is made before the end");
    let ahead = desk.lookup().at_end.expect("the chat goes on").records;
    assert_eq!(
        ahead.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["Conversation", "Conversation (2)", "Conversation (3)"]
    );
    desk.end("a");
    let notes = until_made(&desk, 3).await;
    let texts: Vec<_> =
        notes.iter().map(|(note, of)| (note.title.as_str(), note.text.as_str(), of.as_deref())).collect();
    let expected = [
        (
            "Chat with Me, Omar (1/3)",
            "1970-01-01 00:00:10 Ana: Is it in stock? My card is •••• •••• ••••",
            Some("1"),
        ),
        // What goes on within a line is set in.
        (
            "Chat with Me, Omar (2/3)",
            "    1111\n1970-01-01 00:00:20 Omar: One moment, I ask a colleague",
            Some("1"),
        ),
        ("Chat with Me, Omar (3/3)", "1970-01-01 00:00:30 Me: Two left", Some("1")),
    ];
    assert_eq!(texts, expected);
    let done = standings(&desk).await;
    assert_eq!(done.len(), 3);
    assert!(done.iter().all(|(_, standing)| *standing == Some(EffectStanding::Done)), "{done:?}");
}

// STR-14
#[tokio::test]
async fn str_14_what_hangs_on_a_contact_that_is_created_waits_for_it() {
    let records = vec![
        record("Note", settings(RecordKind::Note, "Chat", "said")),
        record("Case", settings(RecordKind::Case, "Complaint of {name}", "")),
    ];
    let strategies = Strategies {
        create_at: CreateAt::ChatStart,
        chat_start: nothing_else(records),
        ..Strategies::default()
    };
    let desk = desk(strategies, NoMatch::CreateAutomatically).await;
    desk.event(ChatEventKind::Started(sitting(&[])));
    let made = until_made(&desk, 2).await;
    let of: Vec<_> = made.iter().map(|(record, of)| (record.title.as_str(), of.as_deref())).collect();
    assert_eq!(of, [("Chat", Some("new-1")), ("Complaint of Ana", Some("new-1"))]);
}

// JV-07
#[tokio::test]
async fn jv_07_an_offline_message_becomes_a_task_a_lead_and_a_draft() {
    let records = vec![
        record("Task", settings(RecordKind::Task, "Message from {name}", "{transcript}")),
        record("Lead", settings(RecordKind::Lead, "{name}", "")),
        mail(),
    ];
    let offline = nothing_else(records);
    let desk = desk(Strategies { offline_message: offline, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    leaves_a_message(&desk, "Please call & bring cake");
    let made = until_made(&desk, 2).await;
    assert_eq!(made[0].0.title, "Message from Ana");
    assert!(made[0].0.text.ends_with("Ana: Please call & bring cake"), "{}", made[0].0.text);
    assert_eq!((made[1].0.kind, made[1].1.as_deref()), (RecordKind::Lead, Some("1")));
    let todo = until_todo(&desk, 1).await;
    let TodoWhat::Mail { to, subject, shortened: false } = &todo[0].what else {
        panic!("{:?}", todo[0].what)
    };
    assert_eq!((to.as_str(), subject.as_str()), ("me@shop.example", "Message from Ana"));
    assert_eq!(standings(&desk).await[2], ("Mail".to_owned(), Some(EffectStanding::Asked)));

    let number = todo[0].number;
    desk.engine.open_mail(TodoRequest { number }).await.unwrap();
    let opened = desk.window.opened.lock().unwrap().clone();
    assert_eq!(opened.len(), 1);
    let address = opened[0].as_str();
    assert!(address.starts_with("mailto:me@shop.example?subject=Message%20from%20Ana&body="), "{address}");
    assert!(address.ends_with("Please%20call%20%26%20bring%20cake"), "{address}");
    until_todo(&desk, 0).await;
    assert_eq!(standings(&desk).await[2].1, Some(EffectStanding::Done));
    assert!(desk.engine.open_mail(TodoRequest { number }).await.is_err(), "it is off the list");
    assert_eq!(desk.window.opened.lock().unwrap().len(), 1);
}

// JV-07, PAN-24
#[tokio::test]
async fn jv_07_a_draft_that_is_dismissed_or_whose_mail_program_is_missing_is_not_opened() {
    let offline = nothing_else(vec![mail()]);
    let desk = desk(Strategies { offline_message: offline, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    leaves_a_message(&desk, "Call me");
    let number = until_todo(&desk, 1).await[0].number;
    *desk.window.refuses.lock().unwrap() = true;
    assert!(desk.engine.open_mail(TodoRequest { number }).await.is_err());
    assert_eq!(todo(&desk).len(), 1, "it stays on the list");
    let again = desk.about_to_sign_in().await;
    again.signed_in().await;
    assert_eq!(until_todo(&again, 1).await[0].number, number, "also over a restart");
    let dismiss = DismissRequest { number, reason: DismissReason::AlreadyDone };
    desk.engine.dismiss_todo(dismiss).await.unwrap();
    until_todo(&desk, 0).await;
    assert_eq!(standings(&desk).await, [("Mail".to_owned(), Some(EffectStanding::GivenUp))]);
    assert!(desk.window.opened.lock().unwrap().is_empty());
}

// STR-14
#[tokio::test]
async fn str_14_what_is_left_to_the_agent_is_made_when_the_agent_says_so_and_asked_once() {
    let by_hand =
        FurtherRecord { by: By::Agent, ..record("Case", settings(RecordKind::Case, "Complaint", "")) };
    let itself = record("Task", settings(RecordKind::Task, "Look", ""));
    let end = nothing_else(vec![by_hand, itself]);
    let desk = desk(Strategies { chat_end: end, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    desk.event(ChatEventKind::Started(sitting(&[])));
    i_say(&desk, 1, "Hello");
    desk.settle().await;
    let ahead = desk.lookup().at_end.expect("the chat goes on").records;
    assert_eq!(
        ahead.iter().map(|it| (it.name.as_str(), it.asks)).collect::<Vec<_>>(),
        [("Case", true), ("Task", false)]
    );
    desk.end("a");
    assert_eq!(until_made(&desk, 1).await[0].0.kind, RecordKind::Task, "the rest happens by itself");
    let todo = until_todo(&desk, 1).await;
    let TodoWhat::Make { records } = &todo[0].what else { panic!("{:?}", todo[0].what) };
    assert_eq!(
        records.iter().map(|it| &it.what).collect::<Vec<_>>(),
        [&RecordWhat::Record { kind: RecordKind::Case }]
    );
    let answer = AnswerRequest { number: todo[0].number, take: true, without: Vec::new() };
    desk.engine.answer_todo(answer).await.unwrap();
    until_made(&desk, 2).await;
    until_todo(&desk, 0).await;
    // Decided once more, nobody is asked again.
    let chat = ChatKey::new(CHAT, "a");
    let end = domain::strategies::Trigger::ChatEnd;
    let triggered = desk.engine.0.state().triggered(&chat, &"a-1".into(), end).unwrap();
    desk.engine.0.set_off(triggered.again("settled", &crm())).await.unwrap();
    until("it is decided again", async || desk.engine.decisions(request("a")).await.unwrap().len() == 2)
        .await;
    all_sent(&desk).await;
    assert_eq!((made(&desk).len(), self::todo(&desk).len()), (2, 0));
}

// REL-01
#[tokio::test]
async fn rel_01_a_record_whose_answer_is_lost_is_made_once() {
    for arrived in [true, false] {
        let note = record("Note", settings(RecordKind::Note, "Chat", "{transcript}"));
        let end = nothing_else(vec![note]);
        let desk = desk(Strategies { chat_end: end, ..Strategies::default() }, NoMatch::Neither).await;
        ana_is_known(&desk);
        *desk.crm.commits_before_fault.lock().unwrap() = arrived;
        desk.crm.fail_next("perform", LOST);
        desk.event(ChatEventKind::Started(sitting(&[])));
        i_say(&desk, 1, "Hello");
        desk.settle().await;
        desk.end("a");
        let outbox = desk
            .until_outbox("the outcome is unknown", |outbox| {
                outbox.items.iter().any(|item| matches!(item.standing, WriteStanding::Unknown { .. }))
            })
            .await;
        assert_eq!((outbox.items[0].kind, outbox.items[0].name.as_str()), (WriteKind::Note, "Ana"));
        super::strategies::let_time_pass(&desk).await;
        all_sent(&desk).await;
        assert_eq!(made(&desk).len(), 1, "arrived: {arrived}");
    }
}

// STR-14
#[tokio::test]
async fn str_14_what_the_crm_does_not_take_is_said_and_not_tried() {
    let long = settings(RecordKind::Task, &"long ".repeat(30), "");
    let records = vec![record("Case", settings(RecordKind::Case, "x", "")), record("Task", long), mail()];
    let end = nothing_else(records);
    let desk = desk(Strategies { chat_end: end, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    desk.crm.offers.lock().unwrap().remove(&RecordKind::Case);
    desk.event(ChatEventKind::Started(sitting(&[])));
    i_say(&desk, 1, "Hello");
    desk.settle().await;
    desk.end("a");
    until("it is decided", async || !desk.engine.decisions(request("a")).await.unwrap().is_empty()).await;
    all_sent(&desk).await;
    let decision = desk.engine.decisions(request("a")).await.unwrap().remove(0);
    let reasons: Vec<_> = decision.records.into_iter().map(|it| (it.record.name, it.record.reason)).collect();
    let too_long = Reason::TooLong { field: "title".into(), max: 120, length: 149 };
    let expected = [("Mail", None), ("Case", Some(Reason::NotOffered)), ("Task", Some(too_long))];
    assert_eq!(reasons, expected.map(|(name, reason)| (name.to_owned(), reason)));
    assert!(made(&desk).is_empty());
}

// REL-01
#[tokio::test]
async fn rel_01_a_crm_that_cannot_say_what_it_takes_is_asked_again_and_nothing_is_lost() {
    let note = record("Note", settings(RecordKind::Note, "Chat", "{transcript}"));
    let end = nothing_else(vec![note]);
    let desk = desk(Strategies { chat_end: end, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    desk.crm.fail_next("records", Kind::Unavailable { outcome_unknown: false });
    desk.event(ChatEventKind::OfflineMessage(ChatSnapshot { written: Vec::new(), ..snapshot("b", &[]) }));
    desk.event(ChatEventKind::Missed(domain::event::MissedSitting {
        chat: ChatSnapshot { written: vec![written(3, "e3", Speaker::Agent(ME.into()))], ..sitting(&[]) },
        ended_at: jiff::Timestamp::from_second(9).ok(),
    }));
    until("it is tried", async || desk.crm.faults.lock().unwrap().is_empty()).await;
    let store = desk.engine.0.memory.store().await.unwrap();
    until("it is made", async || {
        store.outbox().hurry(&super::desk::crm(), desk.engine.0.outside.clock.now()).await.unwrap();
        desk.engine.0.more_to_send.notify_one();
        made(&desk).len() == 1
    })
    .await;
}

// PAN-17
#[tokio::test]
async fn pan_17_a_record_that_is_made_is_read_with_what_belongs_to_the_contact() {
    let start = nothing_else(vec![record("Task", settings(RecordKind::Task, "Call", ""))]);
    let desk = desk(Strategies { chat_start: start, ..Strategies::default() }, NoMatch::Neither).await;
    ana_is_known(&desk);
    let tag = domain::related::Tag { name: "CALLED".into(), score: None };
    let related = domain::Related { tags: vec![tag], lists: Vec::new() };
    *desk.crm.comes_of_deed.lock().unwrap() = Some(("1".into(), related));
    desk.event(ChatEventKind::Started(sitting(&[])));
    until("she is shown", async || desk.shown().is_some()).await;
    i_say(&desk, 1, "Hello");
    until_made(&desk, 1).await;
    until("it is read again", async || {
        let related = desk.lookup().related.map(|it| it.state);
        matches!(related, Some(ipc::panel::RelatedState::Read { related }) if related.tags.len() == 1)
    })
    .await;
}
