//! What happens by itself: decided, carried out once, listed, asked about, taken back.

use connectors::{Act, Kind};
use domain::{
    ChatEventKind, ChatKey,
    config::{Edits, NoMatch},
    event::ChatSnapshot,
    strategies::{
        Act::Assigned, Acts, CreateAt, FurtherRecord, Make, OnTrigger, Only, Reason, Speaker, Strategies,
        Turn, Update,
    },
};
use ipc::panel::{
    ActsView, AnswerRequest, AtEndView, ContactEffectView, DecisionView, DismissReason, DismissRequest,
    EffectStanding, LineRequest, LineState, LookupState, SaveReply, SaveRequest, TodoView, TodoWhat,
};

use super::desk::{CHAT, Desk, ME, crm, key, request, snapshot, written};

const LOST: Kind = Kind::Unavailable { outcome_unknown: true };
const DOWN: Kind = Kind::Unavailable { outcome_unknown: false };

fn at_end(update: Update) -> Strategies {
    Strategies { chat_end: OnTrigger::new(update), ..Strategies::default() }
}

fn further(name: &str, make: Make) -> FurtherRecord {
    FurtherRecord { name: name.into(), make, only: Only::WithContact, by: domain::strategies::By::Itself }
}

/// A point on a tag and an event for each chat that starts, with a contact created where there is none.
fn meetings() -> Strategies {
    let event =
        Make::Event { kind: "MEETING".into(), description: "Chat".into(), details: vec!["{start}".into()] };
    let records = vec![further("Tag", Make::Tag("CHAT".into())), further("Event", event)];
    Strategies {
        create_at: CreateAt::ChatStart,
        chat_start: OnTrigger { records, ..OnTrigger::new(Update::Nothing) },
        chat_end: OnTrigger::new(Update::Nothing),
        ..Strategies::default()
    }
}

const ANA: [(&str, &str); 2] = [("system.email", "ana@shop.example"), ("system.name", "Ana")];

/// Ana comes, this desk's agent writes to her.
async fn ana_comes(desk: &Desk) {
    i_am_assigned(desk);
    i_write(desk, 1);
    desk.settle().await;
}

fn i_am_assigned(desk: &Desk) {
    desk.event(ChatEventKind::Started(ChatSnapshot { assigned: vec![my_turn()], ..snapshot("a", &ANA) }));
}

fn my_turn() -> Turn {
    Turn { at: jiff::Timestamp::UNIX_EPOCH, event: "e0".into(), agent: ME.into(), act: Assigned }
}

fn i_write(desk: &Desk, second: i64) {
    let written = written(second, &format!("e{second}"), Speaker::Agent(ME.into()));
    let thread = desk.engine.0.state().chat(&ChatKey::new(CHAT, "a")).unwrap().thread.clone();
    desk.event(ChatEventKind::Message { chat: ChatKey::new(CHAT, "a"), thread, written });
}

async fn ana_is_known(strategies: Strategies, trial: bool) -> Desk {
    let desk = Desk::by_itself(strategies, NoMatch::AgentsMayCreate, trial).await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "")]);
    desk
}

fn says_city(desk: &Desk, city: &str) {
    let fields = super::desk::chat_fields(&[("system.city", city)]);
    let thread = desk.engine.0.state().chat(&ChatKey::new(CHAT, "a")).unwrap().thread.clone();
    desk.event(ChatEventKind::FormFilled { chat: ChatKey::new(CHAT, "a"), thread, fields });
}

fn writes(desk: &Desk) -> usize {
    desk.crm.writes.lock().unwrap().len()
}

fn points(desk: &Desk, record: &str) -> usize {
    let deeds = desk.crm.deeds.lock().unwrap();
    deeds
        .iter()
        .filter(|deed| deed.record == Some(record.into()) && matches!(deed.act, Act::Tag { .. }))
        .count()
}

fn events(desk: &Desk, record: &str) -> usize {
    let deeds = desk.crm.deeds.lock().unwrap();
    deeds
        .iter()
        .filter(|deed| deed.record == Some(record.into()) && matches!(deed.act, Act::Event { .. }))
        .count()
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds().await {
        assert!(std::time::Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn decided(desk: &Desk) -> Vec<DecisionView> {
    desk.engine.decisions(request("a")).await.unwrap()
}

async fn until_decided(desk: &Desk, count: usize) -> Vec<DecisionView> {
    until("it is decided", async || decided(desk).await.len() >= count).await;
    decided(desk).await
}

async fn all_sent(desk: &Desk) {
    until("everything is sent", async || {
        let store = desk.engine.0.memory.store().await.unwrap();
        store.outbox().count().await.unwrap().on_the_way == 0
    })
    .await;
}

fn preview(desk: &Desk) -> Option<AtEndView> {
    desk.engine.panel_view().active?.lookups.into_iter().next()?.at_end
}

fn todo(desk: &Desk) -> Vec<TodoView> {
    desk.engine.panel_view().todo
}

async fn until_todo(desk: &Desk, count: usize) -> Vec<TodoView> {
    until("the list is as long", async || todo(desk).len() == count).await;
    todo(desk)
}

// STR-01, STR-17
#[tokio::test]
async fn str_01_the_end_of_a_chat_fills_what_is_empty_and_can_be_read_back() {
    let desk = ana_is_known(at_end(Update::FillEmpty), false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    let Some(AtEndView { acts: ActsView::ByItself, contact: ContactEffectView::Update { lines }, .. }) =
        preview(&desk)
    else {
        panic!("{:?}", preview(&desk))
    };
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].key.as_str(), lines[0].to.as_text().as_str()), ("city", "Porto"));
    assert_eq!(writes(&desk), 0, "nothing is written before the end");
    desk.end("a");
    let decisions = until_decided(&desk, 1).await;
    all_sent(&desk).await;
    assert_eq!(desk.crm.value("1", "city"), "Porto");
    assert_eq!(decisions.len(), 1);
    assert_eq!(decided(&desk).await[0].standing, Some(EffectStanding::Done));
    assert!(todo(&desk).is_empty());
}

// REL-03
#[tokio::test]
async fn rel_03_an_end_that_is_told_again_after_a_restart_writes_nothing_again() {
    let desk = ana_is_known(meetings(), false).await;
    ana_comes(&desk).await;
    until("the point is given", async || points(&desk, "1") == 1).await;
    until("the event is entered", async || events(&desk, "1") == 1).await;
    let again = desk.about_to_sign_in().await;
    again.signed_in().await;
    ana_comes(&again).await;
    all_sent(&again).await;
    assert_eq!((points(&again, "1"), events(&again, "1")), (1, 1));
}

// STR-12, SM-02
#[tokio::test]
async fn str_12_a_contact_that_is_created_at_the_start_gets_its_point_and_its_event() {
    let desk = Desk::by_itself(meetings(), NoMatch::CreateAutomatically, false).await;
    ana_comes(&desk).await;
    until("the event is entered", async || events(&desk, "new-1") == 1).await;
    assert_eq!(points(&desk, "new-1"), 1);
    assert_eq!(desk.crm.value("new-1", "email"), "ana@shop.example");
    until("she is shown", async || matches!(desk.state(), LookupState::Matched { .. })).await;
    assert_eq!(writes(&desk), 1);
}

// REL-02
#[tokio::test]
async fn rel_02_an_edit_of_a_contact_that_was_just_created_goes_behind_what_hangs_on_the_creation() {
    let desk = Desk::by_itself(meetings(), NoMatch::CreateAutomatically, false).await;
    desk.crm.fail_next("perform", DOWN);
    ana_comes(&desk).await;
    until("she is shown", async || matches!(desk.state(), LookupState::Matched { .. })).await;
    desk.engine.confirm_match(request("a")).await.unwrap();
    let request = SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "new-1".into(),
        values: [("city".into(), "Faro".into())].into(),
        base: [("city".into(), domain::Value::Empty)].into(),
        decided: [].into(),
        from_chat: Vec::new(),
    };
    let reply = desk.engine.save_contact(request).await.unwrap();
    assert!(matches!(reply, SaveReply::Waiting { error: None }), "the point has not come: {reply:?}");
    assert_eq!(desk.crm.value("new-1", "city"), "");
    all_sent(&desk).await;
    assert_eq!((points(&desk, "new-1"), events(&desk, "new-1")), (1, 1));
    assert_eq!(desk.crm.value("new-1", "city"), "Faro");
}

/// As long as the request of a deed may be under way nothing is read back; this lets that time pass.
pub(super) async fn let_time_pass(desk: &Desk) {
    let engine = &desk.engine.0;
    let store = engine.memory.store().await.unwrap();
    let row = store.outbox().waiting(9).await.unwrap().into_iter().find(|row| row.doubtful).unwrap();
    let mut order = crate::outbox::order::Order::read(row.body).unwrap();
    let crate::outbox::order::What::Deed { seen: Some((_, at)), .. } = &mut order.what else { panic!() };
    *at -= 30_000;
    let now = engine.outside.clock.now();
    assert!(store.outbox().retry(row.number, order.kept().ok(), now).await.unwrap());
    engine.more_to_send.notify_one();
}

// REL-01
#[tokio::test]
async fn rel_01_a_point_whose_answer_is_lost_is_given_once() {
    for arrived in [true, false] {
        let desk = ana_is_known(meetings(), false).await;
        *desk.crm.commits_before_fault.lock().unwrap() = arrived;
        desk.crm.fail_next("perform", LOST);
        ana_comes(&desk).await;
        until("the outcome is unknown", async || {
            desk.engine
                .panel_view()
                .outbox
                .items
                .iter()
                .any(|item| matches!(item.standing, ipc::panel::WriteStanding::Unknown { .. }))
        })
        .await;
        let_time_pass(&desk).await;
        all_sent(&desk).await;
        assert_eq!((points(&desk, "1"), events(&desk, "1")), (1, 1), "arrived: {arrived}");
    }
}

// REL-01, STR-02
#[tokio::test]
async fn rel_01_a_crm_that_is_down_when_the_chat_ends_is_brought_up_to_date_later() {
    let desk = ana_is_known(at_end(Update::AllMapped), false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    desk.crm.fail_next("find", DOWN);
    desk.end("a");
    until("it is tried", async || desk.crm.faults.lock().unwrap().is_empty()).await;
    assert_eq!(writes(&desk), 0);
    desk.engine.retry_now();
    let store = desk.engine.0.memory.store().await.unwrap();
    until("it waits", async || store.outbox().count().await.unwrap().on_the_way == 1).await;
    store.outbox().hurry(&crm(), desk.engine.0.outside.clock.now()).await.unwrap();
    desk.engine.0.more_to_send.notify_one();
    until("it is written", async || desk.crm.value("1", "city") == "Porto").await;
}

// STR-18
#[tokio::test]
async fn str_18_on_trial_everything_is_listed_and_nothing_is_sent() {
    let desk =
        ana_is_known(Strategies { chat_end: OnTrigger::new(Update::AllMapped), ..meetings() }, true).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    assert_eq!(preview(&desk).unwrap().acts, ActsView::Trial);
    desk.end("a");
    let decisions = until_decided(&desk, 2).await;
    all_sent(&desk).await;
    assert_eq!(decisions[0].records[0].standing, Some(EffectStanding::Trial));
    assert_eq!(decisions[1].standing, Some(EffectStanding::Trial));
    assert_eq!((writes(&desk), points(&desk, "1"), events(&desk, "1")), (0, 0, 0));
}

// STR-19, PAN-24
#[tokio::test]
async fn str_19_without_the_agents_word_it_stays_on_the_list_and_nothing_is_written() {
    let ask = OnTrigger { acts: Acts::AFTER_WORD, ..OnTrigger::new(Update::AllMapped) };
    let desk = ana_is_known(Strategies { chat_end: ask, ..Strategies::default() }, false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    desk.end("a");
    let todo = until_todo(&desk, 1).await;
    let TodoWhat::Confirm { overdue: false, .. } = &todo[0].what else { panic!("{:?}", todo[0].what) };
    all_sent(&desk).await;
    assert_eq!(writes(&desk), 0);
    assert_eq!(decided(&desk).await[0].standing, Some(EffectStanding::Asked));

    let answer = AnswerRequest { number: todo[0].number, take: true, without: Vec::new() };
    desk.engine.answer_todo(answer.clone()).await.unwrap();
    until("it is written", async || desk.crm.value("1", "city") == "Porto").await;
    until_todo(&desk, 0).await;
    assert!(desk.engine.answer_todo(answer).await.is_err(), "it was answered");
    all_sent(&desk).await;
    assert_eq!(writes(&desk), 1);
}

// PAN-24
#[tokio::test]
async fn pan_24_what_is_dismissed_leaves_the_list_and_stays_undone() {
    let ask = OnTrigger { acts: Acts::AFTER_WORD, ..OnTrigger::new(Update::AllMapped) };
    let desk = ana_is_known(Strategies { chat_end: ask, ..Strategies::default() }, false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    desk.end("a");
    let number = until_todo(&desk, 1).await[0].number;
    let dismiss = DismissRequest { number, reason: DismissReason::NotNeeded };
    desk.engine.dismiss_todo(dismiss).await.unwrap();
    until_todo(&desk, 0).await;
    assert_eq!(decided(&desk).await[0].standing, Some(EffectStanding::GivenUp));
    assert_eq!(writes(&desk), 0);
}

// PAN-24, REL-01
#[tokio::test]
async fn pan_24_what_did_not_go_through_by_itself_is_to_be_done_until_a_person_settles_it() {
    let desk = ana_is_known(meetings(), false).await;
    desk.crm.fail_next("perform", Kind::Forbidden);
    ana_comes(&desk).await;
    let todo = until_todo(&desk, 1).await;
    let TodoWhat::Write { write } = &todo[0].what else { panic!("{:?}", todo[0].what) };
    assert!(matches!(write.standing, ipc::panel::WriteStanding::NeedsYou { .. }), "{write:?}");
    assert_eq!((todo[0].name.as_str(), todo[0].chat.as_str()), ("Ana", key("a").as_str()));
    assert_eq!(todo[0].trigger, Some(domain::strategies::Trigger::ChatStart));
    desk.end("a");
    let chat = ChatKey::new(CHAT, "a");
    let year = 366 * 24 * 60 * 60 * 1000;
    let later = desk.engine.0.now() + year;
    let follow = desk.engine.0.connected().follow.clone();
    desk.arrive("b", &[]);
    desk.engine.0.change(|state| state.select(&ChatKey::new(CHAT, "b")));
    desk.engine.0.change(|state| drop(state.forget_old(&follow, later)));
    desk.engine.select_chat(&chat.to_string()).expect("it opens like a chat, however old it is");

    let number = write.number;
    desk.engine.retry_write(ipc::panel::WriteRequest { number }).await.unwrap();
    until_todo(&desk, 0).await;
    all_sent(&desk).await;
    assert_eq!((points(&desk, "1"), events(&desk, "1")), (1, 1));
    desk.engine.0.change(|state| state.select(&ChatKey::new(CHAT, "b")));
    desk.engine.0.change(|state| drop(state.forget_old(&follow, later)));
    assert!(desk.engine.select_chat(&chat.to_string()).is_err(), "and then it goes as others do");
}

// REL-01
#[tokio::test]
async fn rel_01_what_was_set_off_happens_although_the_chat_is_let_go_of_in_the_same_moment() {
    let desk = ana_is_known(meetings(), false).await;
    let start = domain::ChatEvent {
        id: "start".into(),
        at: None,
        kind: ChatEventKind::Started(ChatSnapshot {
            assigned: vec![my_turn()],
            written: vec![written(1, "e1", Speaker::Agent(ME.into()))],
            ..snapshot("a", &ANA)
        }),
    };
    let todo = desk.engine.0.told(&CHAT.into(), sources::SourceUpdate::Event(start));
    desk.engine.0.change(|state| state.forget_chats(&CHAT.into()));
    desk.engine.0.carry_out(todo);
    until("both are made", async || (points(&desk, "1"), events(&desk, "1")) == (1, 1)).await;
}

// STR-14, REL-01
#[tokio::test]
async fn rel_01_a_message_of_a_sitting_that_is_not_known_any_more_is_carried_out_for_whom_was_picked() {
    let left = meetings().chat_start;
    let strategies = Strategies { offline_message: left, identified_later: true, ..Strategies::default() };
    let desk = ana_is_known(strategies, false).await;
    desk.crm.put("2", &[("name", "Ana"), ("email", "ana@shop.example")]);
    let message = ChatSnapshot { assigned: vec![my_turn()], ..snapshot("a", &ANA) };
    desk.hear("left", ChatEventKind::OfflineMessage(message)).await;
    assert!(matches!(until_todo(&desk, 1).await[0].what, TodoWhat::Choose));
    let later = ChatSnapshot { thread: "a-2".into(), ..snapshot("a", &ANA) };
    desk.hear("later", ChatEventKind::Started(later)).await;
    desk.engine.0.change(|state| state.out_of_turn.forget(&CHAT.into()));

    let chosen = ipc::panel::RecordRequest { chat: key("a"), connection: crm(), record: "2".into() };
    desk.engine.choose_candidate(chosen.clone()).await.unwrap();
    until_todo(&desk, 0).await;
    all_sent(&desk).await;
    desk.engine.choose_candidate(chosen).await.unwrap();
    desk.settle().await;
    all_sent(&desk).await;
    assert_eq!(
        [points(&desk, "2"), events(&desk, "2"), points(&desk, "1")],
        [1, 1, 0],
        "once, for whom was picked"
    );
}

// PAN-13, STR-16
#[tokio::test]
async fn pan_13_a_line_that_the_agent_leaves_out_is_not_written_at_the_end() {
    let desk = ana_is_known(at_end(Update::AllMapped), false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    let line = |take| LineRequest { chat: key("a"), connection: crm(), field: "city".into(), take };
    desk.engine.take_line(line(false)).unwrap();
    let Some(AtEndView { contact: ContactEffectView::Update { lines }, .. }) = preview(&desk) else {
        panic!()
    };
    assert_eq!(lines[0].state, LineState::LeftOut);
    desk.end("a");
    until_decided(&desk, 1).await;
    all_sent(&desk).await;
    assert_eq!(desk.crm.value("1", "city"), "");
}

// STR-16
#[tokio::test]
async fn str_16_what_the_agent_saved_is_not_reverted_by_the_chat() {
    let desk = ana_is_known(at_end(Update::AllMapped), false).await;
    ana_comes(&desk).await;
    says_city(&desk, "Porto");
    desk.settle().await;
    save_city(&desk, "", "Braga").await;
    desk.end("a");
    let decisions = until_decided(&desk, 1).await;
    all_sent(&desk).await;
    assert_eq!(desk.crm.value("1", "city"), "Braga");
    let ContactEffectView::Nothing { reason: Reason::NothingToChange, .. } = &decisions[0].contact else {
        panic!("{:?}", decisions[0].contact)
    };
}

async fn save_city(desk: &Desk, from: &str, to: &str) {
    assert!(matches!(edit_city_from(desk, from, to).await, Ok(SaveReply::Saved { .. })));
}

async fn edit_city(desk: &Desk, to: &str) -> Result<SaveReply, ipc::ErrorView> {
    edit_city_from(desk, "", to).await
}

async fn edit_city_from(desk: &Desk, from: &str, to: &str) -> Result<SaveReply, ipc::ErrorView> {
    let request = ipc::panel::SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: [("city".into(), to.into())].into(),
        base: [("city".into(), from.into())].into(),
        decided: Default::default(),
        from_chat: Vec::new(),
    };
    desk.engine.save_contact(request).await
}

// PAN-16
#[tokio::test]
async fn pan_16_the_last_save_is_taken_back_unless_somebody_changed_the_record_since() {
    let desk = ana_is_known(at_end(Update::Nothing), false).await;
    ana_comes(&desk).await;
    save_city(&desk, "", "Braga").await;
    assert!(matches!(desk.engine.undo_last(request("a")).await.unwrap(), SaveReply::Saved { .. }));
    assert_eq!(desk.crm.value("1", "city"), "");
    assert!(desk.engine.undo_last(request("a")).await.is_err(), "there is nothing more to take back");

    save_city(&desk, "", "Braga").await;
    desk.crm.edit_elsewhere("1", "city", "Faro");
    assert!(matches!(desk.engine.undo_last(request("a")).await.unwrap(), SaveReply::Conflict { .. }));
    assert_eq!(desk.crm.value("1", "city"), "Faro");
}

// REL-03
#[tokio::test]
async fn rel_03_what_another_desk_owns_is_listed_and_not_sent() {
    let desk = ana_is_known(at_end(Update::AllMapped), false).await;
    i_am_assigned(&desk);
    i_write(&desk, 1);
    let chat = ChatKey::new(CHAT, "a");
    let thread = desk.engine.0.state().chat(&chat).unwrap().thread.clone();
    let theirs = written(2, "e2", Speaker::Agent("other".into()));
    desk.event(ChatEventKind::Message { chat, thread, written: theirs });
    desk.settle().await;
    says_city(&desk, "Porto");
    desk.settle().await;
    desk.end("a");
    let decisions = until_decided(&desk, 1).await;
    let standing = decisions[0].standing.clone();
    assert_eq!(standing, Some(EffectStanding::Elsewhere { agent: Some("other".into()) }));
    all_sent(&desk).await;
    assert_eq!(writes(&desk), 0);
}

async fn with_edits(edits: Edits) -> Desk {
    let desk = Desk::with_edits(edits).await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "")]);
    ana_comes(&desk).await;
    desk
}

// STR-13
#[tokio::test]
async fn str_13_edits_that_wait_for_the_end_of_the_chat_are_sent_when_it_ends_or_leaves_the_agent() {
    let ended = |chat: ChatKey, thread| ChatEventKind::Ended { chat, thread };
    let handed_over = |chat: ChatKey, _| ChatEventKind::HandedOver { chat };
    let ways: [fn(ChatKey, domain::ThreadId) -> ChatEventKind; 2] = [ended, handed_over];
    for (number, way) in ways.into_iter().enumerate() {
        let desk = with_edits(Edits::AtChatEnd).await;
        assert!(matches!(edit_city(&desk, "Braga").await, Ok(SaveReply::Waiting { error: None })));
        let item = desk.engine.panel_view().outbox.items.remove(0);
        assert_eq!(item.standing, ipc::panel::WriteStanding::AtChatEnd);
        desk.settle().await;
        assert_eq!(writes(&desk), 0, "the chat goes on");
        let chat = ChatKey::new(CHAT, "a");
        let thread = desk.engine.0.state().chat(&chat).unwrap().thread.clone();
        desk.hear(&format!("over-{number}"), way(chat, thread)).await;
        until("it is sent", async || desk.crm.value("1", "city") == "Braga").await;
    }
}

// STR-13
#[tokio::test]
async fn str_13_where_agents_do_not_edit_nothing_can_be_saved() {
    let desk = with_edits(Edits::NotAtAll).await;
    assert!(!desk.lookup().can.edit);
    let form = desk.engine.edit_form(request("a")).await.unwrap();
    assert!(form.fields.iter().all(|field| !field.editable));
    assert_eq!(edit_city(&desk, "Braga").await.unwrap_err().code, ipc::ErrorCode::NotAllowed);
    assert_eq!(writes(&desk), 0);
}
