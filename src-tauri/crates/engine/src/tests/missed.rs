//! Sittings that nobody heard the end of: told afterwards, once.

use domain::{ChannelName, ChatEvent, ChatEventKind, event::MissedSitting, strategies::Trigger};
use jiff::Timestamp;
use sources::{Bookmark, SourceUpdate};

use super::desk::{CHAT, Desk, ME, snapshot};
use crate::{
    follow::{Follow, Followed, Todo},
    missed::Place,
    state::State,
};

const NOW: i64 = 100_000;

fn follow() -> Followed {
    let follow =
        Follow { crms: vec!["crm".into()], recent_for: NOW, catch_up_for: 5_000, ..Follow::default() };
    Followed::from([(ChannelName::LiveChat, follow)])
}

/// The sitting `thread` of a chat, which ended before `NOW`.
fn sitting(chat: &str, thread: &str, began: i64, ended: i64) -> ChatEventKind {
    let mut chat = snapshot(chat, &[("system.email", "ana@shop.example")]);
    chat.thread = thread.into();
    chat.started_at = Timestamp::from_millisecond(began).unwrap();
    let ended_at = Some(Timestamp::from_millisecond(ended).unwrap());
    ChatEventKind::Missed(MissedSitting { chat, ended_at })
}

fn tell(state: &mut State, id: &str, kind: ChatEventKind) -> Vec<Todo> {
    state.take(&CHAT.into(), ChatEvent { id: id.into(), at: None, kind }, &follow(), NOW)
}

fn key(chat: &str) -> domain::ChatKey {
    domain::ChatKey::new(CHAT, chat)
}

fn off(state: &State, chat: &str, thread: &str, trigger: Trigger) -> Todo {
    Todo::Trigger(Box::new(state.triggered(&key(chat), &thread.into(), trigger).expect("it is known")))
}

/// What a sitting sets off that nobody heard anything of.
fn both(state: &State, chat: &str, thread: &str) -> [Todo; 2] {
    [off(state, chat, thread, Trigger::ChatStart), off(state, chat, thread, Trigger::ChatEnd)]
}

/// The same of one that is the chat's last.
fn all(state: &State, chat: &str, thread: &str) -> Vec<Todo> {
    [vec![Todo::Keep(key(chat)), Todo::Look(key(chat))], both(state, chat, thread).into()].concat()
}

#[test]
fn lc_12_a_missed_sitting_is_listed_and_an_old_one_is_not_looked_up() {
    let mut state = State::default();
    let todo = tell(&mut state, "1", sitting("a", "a-1", 90_000, 96_000));
    assert_eq!(todo, all(&state, "a", "a-1"));
    let todo = tell(&mut state, "2", sitting("b", "b-1", 90_000, 94_000));
    assert_eq!(todo, [Todo::Keep(key("b"))], "it ended before the window, and sets nothing off");
    let listed: Vec<_> = state.chats.iter().map(|chat| (chat.key.chat.as_str(), chat.ended_at)).collect();
    assert_eq!(listed, [("a", Some(96_000)), ("b", Some(94_000))]);
    assert_eq!(state.active(), None, "what is over does not come on show");
    assert_eq!(tell(&mut state, "3", sitting("a", "a-1", 90_000, 96_000)), [], "it is over already");
}

// LC-12, REL-03
#[test]
fn lc_12_a_missed_sitting_never_takes_the_place_of_a_later_one_and_counts_all_the_same() {
    let mut state = State::default();
    tell(&mut state, "1", ChatEventKind::Started(snapshot("a", &[])));
    assert_eq!(tell(&mut state, "2", sitting("a", "a-0", 1, 99_000)), both(&state, "a", "a-0"));
    assert_eq!(state.chat(&key("a")).unwrap().ended_at, None, "the chat goes on");
    let passed = state.sitting(&key("a"), &"a-0".into()).expect("what it was like can be asked");
    assert_eq!((passed.ended_at, passed.over), (Some(99_000), true));
    assert_eq!(tell(&mut state, "2a", sitting("a", "a-0", 1, 99_000)), [], "once");

    tell(&mut state, "3", sitting("b", "b-2", 95_000, 99_000));
    assert_eq!(tell(&mut state, "4", sitting("b", "b-1", 90_000, 94_000)), [], "an old one");
    assert_eq!(state.chat(&key("b")).unwrap().thread.as_str(), "b-2");
    let todo = tell(&mut state, "5", sitting("b", "b-3", 99_100, 99_200));
    assert_eq!(todo, all(&state, "b", "b-3"));
    assert_eq!(state.chat(&key("b")).unwrap().thread.as_str(), "b-3");
}

// LC-12
#[test]
fn lc_12_a_sitting_that_was_followed_to_the_gap_only_ends_in_it() {
    let mut state = State::default();
    tell(&mut state, "1", ChatEventKind::Started(snapshot("a", &[])));
    tell(&mut state, "2", ChatEventKind::Roster(Vec::new()));
    let todo = tell(&mut state, "3", sitting("a", "a-1", 90_000, 96_000));
    let end = off(&state, "a", "a-1", Trigger::ChatEnd);
    assert_eq!(todo, [Todo::Keep(key("a")), Todo::Look(key("a")), end]);
}

// REL-03
#[test]
fn rel_03_a_chat_of_before_takes_the_end_that_was_told_before_it_was_back() {
    let mut before = State::default();
    tell(&mut before, "1", ChatEventKind::Started(snapshot("a", &[])));
    let chat = before.remove(&key("a")).unwrap();
    let mut state = State::default();
    let ended = ChatEventKind::Ended { chat: key("a"), thread: "a-1".into() };
    assert_eq!(tell(&mut state, "2", ended), []);
    let todo = state.come_back(vec![chat]);
    assert_eq!(todo, [Todo::Keep(key("a")), off(&state, "a", "a-1", Trigger::ChatEnd)]);
    assert!(state.chat(&key("a")).unwrap().over);
}

// REL-03
#[test]
fn rel_03_a_beginning_that_a_crash_kept_from_being_taken_in_counts_when_it_is_told_again() {
    let known = || {
        let mut state = State::default();
        tell(&mut state, "1", ChatEventKind::Started(snapshot("a", &[])));
        let chat = state.chat_mut(&key("a")).unwrap();
        (chat.ended_at, chat.taken_in) = (Some(95_000), false);
        state
    };
    let mut state = known();
    let todo = tell(&mut state, "2", ChatEventKind::Started(snapshot("a", &[])));
    assert!(todo.contains(&off(&state, "a", "a-1", Trigger::ChatStart)));
    let mut state = known();
    assert_eq!(tell(&mut state, "2", sitting("a", "a-1", 90_000, 96_000)), all(&state, "a", "a-1"));
}

/// Forgets all chats and events as a restart does; the store stays.
fn restart(desk: &Desk) {
    let channels = vec![ChannelName::LiveChat];
    desk.engine.0.change(|state| state.restart(ipc::panel::Setup::Configured, Vec::new(), channels));
}

// LC-12
#[tokio::test]
async fn lc_12_a_sitting_counts_once_over_a_restart_whether_heard_live_or_read_afterwards() {
    let desk = Desk::remembering().await;
    desk.hear("1", ChatEventKind::Started(snapshot("live", &[]))).await;
    let ended = ChatEventKind::Ended { chat: key("live"), thread: "live-1".into() };
    desk.hear("2", ended).await;
    desk.hear("3", sitting("missed", "missed-1", 1, 2)).await;
    assert_eq!(desk.engine.0.state().chats.len(), 2);

    restart(&desk);
    desk.hear("4", sitting("live", "live-1", 1, 2)).await;
    desk.hear("5", sitting("missed", "missed-1", 1, 2)).await;
    assert!(desk.engine.0.state().chats.is_empty(), "both were taken in before");
    desk.hear("6", sitting("missed", "missed-2", 3, 4)).await;
    assert_eq!(desk.engine.0.state().chats.len(), 1, "another sitting of the same chat is another one");
}

// REL-03, LC-12
#[tokio::test]
async fn rel_03_an_end_that_waits_for_its_beginning_is_not_noted_as_heard() {
    let desk = Desk::remembering().await;
    desk.hear("1", ChatEventKind::Ended { chat: key("a"), thread: "a-1".into() }).await;
    restart(&desk);
    desk.hear("2", sitting("a", "a-1", 1, 2)).await;
    assert_eq!(desk.engine.0.state().chats.len(), 1, "nothing has come of it yet");
}

// LC-12, REL-01
#[tokio::test]
async fn lc_12_the_place_in_the_news_moves_when_what_ended_of_the_chats_of_before_is_set_off() {
    let before = Desk::remembering().await;
    before.hear("1", ChatEventKind::Started(snapshot("a", &[]))).await;
    before.settle().await;
    let desk = before.about_to_sign_in().await;
    desk.engine.0.memory.sign_in(&CHAT.into(), &ME.into());
    desk.hear("2", ChatEventKind::Ended { chat: key("a"), thread: "a-1".into() }).await;
    assert_eq!(desk.triggered(), [], "its beginning is on the disk and not read yet");
    let place = Place { engine: desk.engine.0.clone(), connection: CHAT.into() };
    let at = Timestamp::from_second(1).unwrap();
    desk.engine.0.hear(&CHAT.into(), SourceUpdate::ToldUntil(at)).await;
    assert_eq!((desk.triggered(), place.told_until().await), (vec![Trigger::ChatEnd], Some(at)));
}

// LC-12
#[tokio::test]
async fn lc_12_the_place_in_the_news_is_kept_for_each_platform() {
    let desk = Desk::remembering().await;
    let place = |connection: &str| Place { engine: desk.engine.0.clone(), connection: connection.into() };
    assert_eq!(place(CHAT).told_until().await, None);
    for second in [1, 2] {
        let at = Timestamp::from_second(second).unwrap();
        desk.engine.0.hear(&CHAT.into(), SourceUpdate::ToldUntil(at)).await;
        assert_eq!(place(CHAT).told_until().await, Some(at));
    }
    assert_eq!(place("another").told_until().await, None);
}
