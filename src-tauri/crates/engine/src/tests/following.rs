//! Following the agent's chats: which one is on show, and what events change.

use std::collections::BTreeMap;

use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatKey,
    event::{ChatSnapshot, FocusOrigin, Profile, ProfileOrigin},
    strategies::{Speaker, Trigger},
};
use ipc::panel::{DraftRequest, DraftView};
use sources::Companion;

use super::desk::{CHAT, Desk, chat_fields, crm, key, platform, snapshot, written};
use crate::{
    configure::Connected,
    follow::{Follow, Followed, MOST_ENDED, Todo},
    state::State,
};

fn chat(name: &str) -> ChatKey {
    ChatKey::new(CHAT, name)
}

fn follow() -> Followed {
    let follow = Follow {
        crms: vec!["crm".into()],
        identifying: vec!["system.email".into()],
        recent_for: 60_000,
        catch_up_for: 5_000,
    };
    Followed::from([(ChannelName::LiveChat, follow)])
}

/// Tells `state` of an event with an id of its own.
fn tell(state: &mut State, kind: ChatEventKind) -> Vec<Todo> {
    let id = format!("{}", state.revision);
    state.revision += 1;
    state.take(&CHAT.into(), ChatEvent { id: id.into(), at: None, kind }, &follow(), 1_000)
}

fn start(state: &mut State, name: &str) -> Vec<Todo> {
    tell(state, ChatEventKind::Started(snapshot(name, &[])))
}

/// What a chat asks for that comes and is not on show.
fn coming(state: &State, name: &str) -> Vec<Todo> {
    let (chat, thread) = (chat(name), format!("{name}-1").into());
    let start = state.triggered(&chat, &thread, Trigger::ChatStart).expect("it is known");
    vec![Todo::Look(chat.clone()), Todo::Keep(chat), Todo::Trigger(Box::new(start))]
}

/// What a chat asks for when what identifies its visitor changes.
fn looked_up(name: &str) -> [Todo; 2] {
    [Todo::Look(chat(name)), Todo::Keep(chat(name))]
}

fn focus(state: &mut State, name: &str, by: FocusOrigin) {
    tell(state, ChatEventKind::Focused { chat: chat(name), by });
}

fn end(state: &mut State, name: &str) {
    tell(state, ChatEventKind::Ended { chat: chat(name), thread: format!("{name}-1").into() });
}

/// The chats that go on.
fn names(state: &State) -> Vec<&str> {
    let going_on = state.chats.iter().filter(|chat| chat.ended_at.is_none());
    going_on.map(|chat| chat.key.chat.as_str()).collect()
}

fn all(state: &State) -> Vec<&str> {
    state.chats.iter().map(|chat| chat.key.chat.as_str()).collect()
}

fn draft() -> DraftView {
    DraftView { at: 1_000, record: None, values: BTreeMap::new(), base: BTreeMap::new() }
}

#[test]
fn pan_02_the_panel_follows_the_chat_that_the_agent_opens() {
    let mut state = State::default();
    let todo = start(&mut state, "a");
    let mut first = coming(&state, "a");
    first.insert(2, Todo::Shown(chat("a")));
    assert_eq!(todo, first);
    assert_eq!(start(&mut state, "b"), coming(&state, "b"), "a new chat does not push the open one away");
    assert_eq!(state.active(), Some(&chat("a")));
    focus(&mut state, "b", FocusOrigin::Live);
    assert_eq!(
        (state.active().cloned(), state.tab(state.channel).focus),
        (Some(chat("b")), FocusOrigin::Live)
    );
    focus(&mut state, "somebody else's", FocusOrigin::Console);
    assert_eq!(state.active(), Some(&chat("b")), "a chat that is not the agent's is ignored");
}

#[test]
fn pan_02_a_pinned_chat_stays_and_the_hand_wins() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    state.tab_mut(ChannelName::LiveChat).pinned = true;
    focus(&mut state, "b", FocusOrigin::Console);
    assert_eq!(state.active(), Some(&chat("a")));
    assert!(state.select(&chat("b")).is_some());
    assert_eq!(
        (state.active().cloned(), state.tab(state.channel).focus),
        (Some(chat("b")), FocusOrigin::Hand)
    );
    assert_eq!(state.select(&chat("none")), None);
}

#[test]
fn pan_02_an_ended_chat_stays_while_it_is_on_show_and_gives_way_to_the_next() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    end(&mut state, "a");
    assert_eq!((names(&state), state.active().cloned()), (vec!["b"], Some(chat("a"))));
    start(&mut state, "c");
    assert_eq!((names(&state), state.active().cloned()), (vec!["b", "c"], Some(chat("c"))));
}

// PAN-25
#[test]
fn pan_25_an_ended_chat_stays_reachable_for_the_time_that_is_set() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    end(&mut state, "b");
    assert_eq!(state.forget_old(&follow(), 61_000), [], "it ended at the first second");
    assert!(state.select(&chat("b")).is_some(), "it opens like a chat");
    assert_eq!(state.forget_old(&follow(), 61_001), [], "one that is on show stays");
    state.select(&chat("a"));
    assert_eq!(state.forget_old(&follow(), 61_001), [Todo::Forget(chat("b"))]);
    assert_eq!(all(&state), ["a"]);
}

// PAN-25
#[test]
fn pan_25_no_more_than_the_last_hundred_ended_chats_are_kept() {
    let mut state = State::default();
    let all_of: Vec<_> = (0..MOST_ENDED + 3).map(|number| format!("{number}")).collect();
    for (name, at) in all_of.iter().zip(1..) {
        start(&mut state, name);
        state.chat_mut(&chat(name)).unwrap().ended_at = Some(at);
    }
    state.chat_mut(&chat("0")).unwrap().lookups[0].draft = Some(draft());
    state.select(&chat("1"));
    assert_eq!(
        state.forget_old(&follow(), 1_000),
        [Todo::Forget(chat("2"))],
        "a draft stays, what is on show too"
    );
    start(&mut state, "open");
    assert_eq!(state.forget_old(&follow(), 1_000), [], "it has not ended");
}

// PAN-25
#[test]
fn pan_25_a_draft_outlives_the_chat_and_the_time() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    state.chat_mut(&chat("b")).unwrap().lookups[0].draft = Some(draft());
    end(&mut state, "b");
    assert_eq!(state.forget_old(&follow(), 1_000_000), []);
    tell(&mut state, ChatEventKind::Started(ChatSnapshot { thread: "b-2".into(), ..snapshot("b", &[]) }));
    assert!(state.chat(&chat("b")).unwrap().has_draft(), "the visitor came back: the draft is still unsaved");
    state.chat_mut(&chat("b")).unwrap().lookups[0].draft = None;
    tell(&mut state, ChatEventKind::Ended { chat: chat("b"), thread: "b-2".into() });
    assert_eq!(state.forget_old(&follow(), 1_000_000), [Todo::Forget(chat("b"))]);
}

// PAN-25
#[test]
fn pan_25_a_new_chat_does_not_take_over_from_one_that_is_looked_back_at() {
    let mut state = State::default();
    start(&mut state, "a");
    end(&mut state, "a");
    state.select(&chat("a"));
    assert_eq!(start(&mut state, "b"), coming(&state, "b"));
    assert_eq!(state.active(), Some(&chat("a")));
    let learnt = chat_fields(&[("system.email", "ana@shop.example")]);
    let visitor = state.chat(&chat("a")).unwrap().visitor.id.clone();
    let news = ChatEventKind::VisitorUpdated { visitor, fields: learnt };
    assert_eq!(tell(&mut state, news), [], "what is learnt later is not of the chat that ended");
}

#[test]
fn pan_02_messages_of_visitors_are_counted_until_the_chat_is_on_show() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    let message = |id: &str, by| ChatEventKind::Message {
        chat: chat("b"),
        thread: "b-1".into(),
        written: written(1, id, by),
    };
    tell(&mut state, message("m1", Speaker::Visitor));
    tell(&mut state, message("m2", Speaker::Visitor));
    tell(&mut state, message("m3", Speaker::Agent("me".into())));
    assert_eq!(state.chat(&chat("b")).unwrap().unread, 2);
    focus(&mut state, "b", FocusOrigin::Live);
    assert_eq!(state.chat(&chat("b")).unwrap().unread, 0);
}

// LC-02
#[test]
fn lc_02_an_event_that_is_told_twice_counts_once() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    let written = written(1, "m-1", Speaker::Visitor);
    let kind = ChatEventKind::Message { chat: chat("b"), thread: "b-1".into(), written };
    let event = ChatEvent { id: "m-1".into(), at: None, kind };
    for _ in 0..3 {
        state.take(&CHAT.into(), event.clone(), &follow(), 1_000);
    }
    assert_eq!(state.chat(&chat("b")).unwrap().unread, 1);
    assert_eq!(names(&state), ["a", "b"]);
}

// LC-02
#[test]
fn lc_02_a_chat_that_ended_while_the_connection_was_away_is_closed() {
    let mut state = State::default();
    start(&mut state, "a");
    start(&mut state, "b");
    tell(&mut state, ChatEventKind::Roster(vec![snapshot("a", &[]), snapshot("c", &[])]));
    assert_eq!(names(&state), ["a", "c"]);
    assert_eq!(state.active(), Some(&chat("a")));
}

#[test]
fn lc_02_the_same_sitting_told_again_is_not_looked_up_again() {
    let mut state = State::default();
    start(&mut state, "a");
    assert_eq!(start(&mut state, "a"), []);
    let fields = || chat_fields(&[("system.email", "ana@shop.example")]);
    let learnt = ChatEventKind::FormFilled { chat: chat("a"), thread: "a-1".into(), fields: fields() };
    assert_eq!(tell(&mut state, learnt.clone()), looked_up("a"), "what identifies the visitor is new");
    assert_eq!(tell(&mut state, learnt), [], "and now it is known");
}

#[test]
fn a_late_end_of_an_earlier_sitting_ends_nothing() {
    let mut state = State::default();
    start(&mut state, "a");
    tell(&mut state, ChatEventKind::Ended { chat: chat("a"), thread: "a-0".into() });
    assert_eq!(state.chats[0].ended_at, None);
}

fn profile_opened(from: ProfileOrigin) -> ChatEventKind {
    let visitor = snapshot("past", &[("system.email", "ana@shop.example")]).visitor;
    let channel = ChannelName::LiveChat;
    ChatEventKind::ProfileOpened(Profile { chat: chat("profile:past"), channel, visitor, from })
}

fn open_profile(state: &mut State, from: ProfileOrigin) -> Vec<Todo> {
    tell(state, profile_opened(from))
}

// LC-14
#[test]
fn lc_14_a_profile_is_looked_up_and_shown_and_is_no_chat() {
    let mut state = State::default();
    start(&mut state, "a");
    let profile = chat("profile:past");
    let todo = open_profile(&mut state, ProfileOrigin::Archives);
    assert_eq!(todo, [Todo::Look(profile.clone()), Todo::Shown(profile.clone())]);
    let view = crate::view::panel(&state, &Connected::default(), jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(view.active.unwrap().profile, Some(ProfileOrigin::Archives));
    assert_eq!(view.chats.len(), 1, "the agent's chats are those before");
    assert_eq!(open_profile(&mut state, ProfileOrigin::Customers), [], "it is on show already");

    tell(&mut state, ChatEventKind::Roster(vec![snapshot("a", &[])]));
    assert_eq!(state.active().cloned(), Some(profile.clone()), "a roster does not name it");
    assert_eq!(state.chat(&profile).unwrap().ended_at, None, "what never was a chat does not end");
    focus(&mut state, "a", FocusOrigin::Console);
    assert_eq!(names(&state), ["a"], "it stays only while it is on show");
}

// LC-14
#[tokio::test]
async fn lc_14_a_profile_is_not_kept_and_its_draft_stays_until_then() {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    desk.arrive("a", &[]);
    let open = || desk.event(profile_opened(ProfileOrigin::Archives));
    open();
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Ana"), "it is looked up like a visitor");
    let request = DraftRequest {
        chat: key("profile:past"),
        connection: crm(),
        record: Some("1".into()),
        values: BTreeMap::from([("city".into(), "Lagos".into())]),
        base: BTreeMap::from([("city".into(), "Porto".into())]),
    };
    desk.engine.keep_draft(request).await.unwrap();
    desk.event(ChatEventKind::Focused { chat: chat("a"), by: FocusOrigin::Console });
    open();
    desk.settle().await;
    assert!(desk.lookup().draft.is_some(), "what was typed is there again");

    desk.event(ChatEventKind::Focused { chat: chat("a"), by: FocusOrigin::Console });
    desk.settle().await;
    let names = |desk: &Desk| desk.view().recent.len();
    assert_eq!(names(&desk), 0);
    let again = desk.started_again().await;
    assert_eq!(names(&again), 1, "chat a alone is among those of before");
}

// LC-14
#[test]
fn lc_14_a_profile_does_not_take_the_place_of_a_pinned_chat() {
    let mut state = State::default();
    start(&mut state, "a");
    state.tab_mut(ChannelName::LiveChat).pinned = true;
    assert_eq!(open_profile(&mut state, ProfileOrigin::Archives), []);
    assert_eq!((names(&state), state.active().cloned()), (vec!["a"], Some(chat("a"))));
}

// PAN-27
#[test]
fn pan_27_a_silent_companion_leaves_the_live_connection_and_says_since_when() {
    let mut state = State::default();
    state.platforms.push(platform());
    start(&mut state, "a");
    start(&mut state, "b");
    focus(&mut state, "b", FocusOrigin::Console);
    let told = |speaking, ignored| Companion { speaking, heard: true, ignored, loopback: None };
    state.companion(&CHAT.into(), told(true, 0), 1_000);
    assert_eq!(state.tab(state.channel).focus, FocusOrigin::Console);
    state.companion(&CHAT.into(), told(false, 0), 5_000);
    assert_eq!(
        (state.tab(state.channel).focus, state.active().cloned()),
        (FocusOrigin::Live, Some(chat("b")))
    );
    state.companion(&CHAT.into(), told(false, 3), 9_000);
    let shown = crate::view::panel(&state, &Connected::default(), jiff::Timestamp::UNIX_EPOCH)
        .platforms
        .remove(0)
        .companion
        .unwrap();
    assert_eq!((shown.speaking, shown.since, shown.ignored), (false, 5_000, 3));

    state.select(&chat("a"));
    state.companion(&CHAT.into(), told(true, 3), 10_000);
    state.companion(&CHAT.into(), told(false, 3), 11_000);
    assert_eq!(state.tab(state.channel).focus, FocusOrigin::Hand, "what the agent chose stays so");
}
