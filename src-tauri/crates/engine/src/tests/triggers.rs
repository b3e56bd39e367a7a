//! What sets strategies off: once for each sitting, however often and in whatever order it is told.

use domain::{
    AgentId, ChannelName, ChatEvent, ChatEventKind, ChatKey, ThreadId,
    event::{ChatSnapshot, MissedSitting, Written},
    strategies::{Act, Agent, Speaker, Trigger, Turn, owner},
};
use jiff::Timestamp;

use super::desk::{CHAT, Desk, snapshot, written};
use crate::{
    follow::{Follow, Followed, Todo},
    state::{Chat, State},
};

const ME: &str = "ana@shop.example";
const OTHER: &str = "bo@shop.example";
const NOW: i64 = 100_000;

fn follow() -> Followed {
    let follow = || Follow { recent_for: NOW, catch_up_for: NOW, ..Follow::default() };
    ChannelName::ALL.into_iter().map(|name| (name, follow())).collect()
}

fn key() -> ChatKey {
    ChatKey::new(CHAT, "a")
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn assigned(second: i64, event: &str, agent: &str) -> Turn {
    Turn { at: moment(second), event: event.into(), agent: agent.into(), act: Act::Assigned }
}

fn agent(id: &str) -> Agent {
    Agent { id: id.into(), name: id.to_uppercase(), logins: vec![id.to_owned()] }
}

fn by(agent: &str) -> Speaker {
    Speaker::Agent(agent.into())
}

/// The sitting `a-1`, of which `ME` is in charge.
fn sitting() -> ChatSnapshot {
    ChatSnapshot {
        agents: vec![agent(ME)],
        assigned: vec![assigned(0, "a-1_0", ME)],
        started_at: moment(0),
        ..snapshot("a", &[])
    }
}

fn message(second: i64, event: &str, by: Speaker) -> ChatEventKind {
    ChatEventKind::Message { chat: key(), thread: "a-1".into(), written: written(second, event, by) }
}

fn ended() -> ChatEventKind {
    ChatEventKind::Ended { chat: key(), thread: "a-1".into() }
}

fn missed(chat: ChatSnapshot) -> ChatEventKind {
    ChatEventKind::Missed(MissedSitting { chat, ended_at: Some(moment(90)) })
}

/// A desk that was told `news`, each under an id of its own, and what that set off.
fn told(news: impl IntoIterator<Item = ChatEventKind>) -> (State, Vec<Trigger>) {
    let mut state = State::default();
    let off = tell(&mut state, news);
    (state, off)
}

fn tell(state: &mut State, news: impl IntoIterator<Item = ChatEventKind>) -> Vec<Trigger> {
    let mut off = Vec::new();
    for kind in news {
        let id = format!("{}", state.revision);
        state.revision += 1;
        let event = ChatEvent { id: id.into(), at: None, kind };
        for todo in state.take(&CHAT.into(), event, &follow(), NOW) {
            if let Todo::Trigger(triggered) = todo {
                let sitting = state.sitting(&triggered.chat, &triggered.moment.thread);
                assert!(sitting.is_some(), "it can be asked about");
                off.push(triggered.moment.trigger);
            }
        }
    }
    off
}

fn of(state: &State) -> &Chat {
    state.sitting(&key(), &ThreadId::from("a-1")).expect("it is known")
}

fn ids(state: &State) -> Vec<String> {
    of(state).history.messages().into_iter().map(|message| message.text).collect()
}

fn owner_of(state: &State, trigger: Trigger) -> Option<AgentId> {
    owner(trigger, &of(state).history.turns()).cloned()
}

// REL-03
#[test]
fn rel_03_a_sitting_starts_once_and_ends_once_however_often_it_is_told() {
    let (start, end) = (ChatEventKind::Started(sitting()), ended());
    let (state, off) = told([start.clone(), start.clone(), end.clone(), end, start, ended()]);
    assert_eq!(off, [Trigger::ChatStart, Trigger::ChatEnd]);
    assert!(of(&state).over, "a late telling of the beginning opens nothing again");
}

// REL-03
#[test]
fn rel_03_a_sitting_that_is_told_as_ended_first_starts_and_ends_when_it_is_told() {
    let early = message(5, "a-1_1", by(ME));
    let (mut state, off) = told([ended(), early.clone()]);
    assert_eq!((off, state.chats.len()), (Vec::new(), 0));
    let off = tell(&mut state, [ChatEventKind::Started(sitting())]);
    assert_eq!(off, [Trigger::ChatStart, Trigger::ChatEnd]);
    assert!(of(&state).ended_at.is_some() && state.active().is_none(), "it does not come on show");
    assert_eq!(ids(&state), ["text of a-1_1"], "what was told early is in it");
    assert_eq!(tell(&mut state, [early, ended(), ChatEventKind::Started(sitting())]), []);
}

// REL-03, JV-08
#[test]
fn rel_03_messages_are_there_once_and_in_order_live_late_and_from_the_archives() {
    let all =
        [(1, "m1", Speaker::Visitor), (2, "m2", by(ME)), (3, "m3", by(OTHER)), (4, "m4", Speaker::Visitor)];
    let kind = |n: usize| message(all[n].0, all[n].1, all[n].2.clone());
    let in_archive: Vec<Written> = all.iter().map(|(at, id, by)| written(*at, id, by.clone())).collect();
    let whole = ChatSnapshot { written: in_archive, ..sitting() };
    let start = || ChatEventKind::Started(sitting());
    for news in [
        vec![start(), kind(0), kind(1), kind(2), kind(3), ended()],
        vec![start(), kind(3), kind(1), kind(1), kind(0), kind(2), ended(), kind(2)],
        vec![kind(2), start(), kind(0), ended(), kind(3), kind(1)],
        vec![start(), kind(0), ChatEventKind::Roster(vec![whole.clone()]), kind(3), ended()],
        vec![start(), kind(1), ChatEventKind::Roster(Vec::new()), missed(whole.clone())],
        vec![missed(whole.clone()), kind(0), start()],
    ] {
        let (state, off) = told(news.clone());
        assert_eq!(off, [Trigger::ChatStart, Trigger::ChatEnd], "{news:?}");
        assert_eq!(ids(&state), ["text of m1", "text of m2", "text of m3", "text of m4"], "{news:?}");
        assert_eq!(owner_of(&state, Trigger::ChatEnd), Some(OTHER.into()), "{news:?}");
        assert_eq!(owner_of(&state, Trigger::ChatStart), Some(ME.into()), "{news:?}");
    }
}

// REL-03
#[test]
fn rel_03_two_desks_of_a_chat_that_is_handed_over_find_the_same_owners() {
    let start = ChatEventKind::Started(sitting());
    let handed_over = ChatEventKind::HandedOver { chat: key() };
    let turns = vec![assigned(0, "a-1_0", ME), assigned(20, "a-1_2", OTHER)];
    let agents = vec![agent(ME), agent(OTHER)];
    let whole =
        |written| ChatSnapshot { assigned: turns.clone(), agents: agents.clone(), written, ..sitting() };
    let arrives = |so_far| ChatEventKind::Started(ChatSnapshot { transferred: true, ..whole(so_far) });
    let mine = || written(10, "a-1_1", by(ME));
    for (last, expected) in [(None, ME), (Some(written(30, "a-1_3", by(OTHER))), OTHER)] {
        let all: Vec<_> = [Some(mine()), last.clone()].into_iter().flatten().collect();
        let of_other = last.map(|one| message(30, "a-1_3", one.message.by));
        let (first, off) = told([start.clone(), message(10, "a-1_1", by(ME)), handed_over.clone()]);
        assert_eq!(off, [Trigger::ChatStart], "it goes on elsewhere");
        assert!(!of(&first).over && of(&first).ended_at.is_some());
        let mut first = first;
        assert_eq!(
            tell(&mut first, [missed(whole(all.clone())), missed(whole(all.clone()))]),
            [Trigger::ChatEnd]
        );

        let live = std::iter::once(arrives(vec![mine()])).chain(of_other).chain([ended()]);
        let (second, off) = told(live);
        assert_eq!(off, [Trigger::ChatStart, Trigger::ChatEnd]);
        let (archive, _) = told([missed(whole(all))]);
        for (desk, state) in [("first", &first), ("second", &second), ("archive", &archive)] {
            assert_eq!(owner_of(state, Trigger::ChatEnd), Some(expected.into()), "{desk}");
            assert_eq!(owner_of(state, Trigger::ChatStart), Some(ME.into()), "{desk}");
            assert_eq!(of(state).agents, agents, "{desk}");
        }
    }
}

// SM-05
#[test]
fn sm_05_a_chat_that_comes_back_or_is_in_the_roster_again_does_not_start_again() {
    let start = || ChatEventKind::Started(sitting());
    let roster = || ChatEventKind::Roster(vec![sitting()]);
    let back = ChatEventKind::Started(ChatSnapshot { transferred: true, ..sitting() });
    let (mut state, off) =
        told([roster(), roster(), ChatEventKind::HandedOver { chat: key() }, back, start(), roster()]);
    assert_eq!(off, [Trigger::ChatStart]);
    assert!(of(&state).goes_on());
    let again = ChatSnapshot { thread: "a-2".into(), started_at: moment(50), continues: true, ..sitting() };
    let off = tell(&mut state, [ended(), ChatEventKind::Started(again), start()]);
    assert_eq!(off, [Trigger::ChatEnd, Trigger::ChatStart], "another sitting is another one");
    let chat = state.chat(&key()).unwrap();
    assert_eq!((chat.thread.as_str(), chat.continues), ("a-2", true), "a late one does not take its place");
}

// SM-05
#[test]
fn sm_05_a_late_end_of_the_sitting_before_is_still_its_end() {
    let next = ChatSnapshot { thread: "a-2".into(), started_at: moment(50), ..sitting() };
    let (state, off) =
        told([ChatEventKind::Started(sitting()), ChatEventKind::Started(next), ended(), ended()]);
    assert_eq!(off, [Trigger::ChatStart, Trigger::ChatStart, Trigger::ChatEnd]);
    assert!(of(&state).over && state.chat(&key()).unwrap().goes_on());
}

// STR-03, STR-05
#[test]
fn str_03_offline_messages_and_tickets_set_themselves_off_and_nothing_else() {
    let left = ChatSnapshot { written: vec![written(1, "m1", Speaker::Visitor)], ..sitting() };
    let ticket = ChatSnapshot { channel: ChannelName::Ticketing, ..left.clone() };
    let offline = ChatEventKind::OfflineMessage(left);
    let (state, off) = told([offline.clone(), offline, ended()]);
    assert_eq!(off, [Trigger::OfflineMessage]);
    let view = crate::view::panel(&state, &crate::configure::Connected::default(), Timestamp::UNIX_EPOCH);
    assert_eq!((view.chats.len(), view.recent.len()), (0, 1), "it stands among the chats that ended");
    assert_eq!(ids(&state), ["text of m1"]);
    assert!(state.chat(&key()).is_some_and(|chat| chat.channel == ChannelName::LiveChat));

    let created = ChatEventKind::TicketCreated(ticket.clone());
    let (state, off) = told([created.clone(), created, ended()]);
    assert_eq!(off, [Trigger::TicketCreated]);
    assert_eq!(ids(&state), ["text of m1"]);
    let (_, off) = told([ChatEventKind::Roster(vec![ticket])]);
    assert_eq!(off, [], "that a ticket is there does not say that it was created now");
}

// SM-09, REL-01
#[test]
fn sm_09_being_found_late_in_one_crm_says_nothing_of_another() {
    let both = Follow { crms: vec!["one".into(), "two".into()], ..Follow::default() };
    let followed = Followed::from([(ChannelName::LiveChat, both)]);
    let mut state = State::default();
    let start = ChatEvent { id: "1".into(), at: None, kind: ChatEventKind::Started(sitting()) };
    state.take(&CHAT.into(), start, &followed, NOW);
    let start = state.triggered(&key(), &"a-1".into(), Trigger::ChatStart).unwrap();
    let in_both = ["one", "two"].map(|crm| start.for_crm(&crm.into()).is_some());
    let late = start.again("identified", &"one".into());
    let in_one = ["one", "two"].map(|crm| late.for_crm(&crm.into()).is_some());
    assert_eq!((in_both, in_one), ([true, true], [true, false]));
}

// REL-03, SM-05
#[tokio::test]
async fn rel_03_a_sitting_that_goes_on_after_a_restart_has_started_before_and_keeps_its_history() {
    let desk = Desk::remembering().await;
    desk.hear("1", ChatEventKind::Started(sitting())).await;
    desk.hear("2", message(5, "a-1_1", by(ME))).await;
    assert_eq!(desk.triggered(), [Trigger::ChatStart]);
    desk.settle().await;

    let again = desk.started_again().await;
    assert_eq!(owner_of(&again.engine.0.state(), Trigger::ChatEnd), Some(ME.into()), "the turns are back");
    again.hear("3", ChatEventKind::Roster(vec![snapshot("a", &[])])).await;
    assert_eq!(again.triggered(), []);
    again.hear("4", ended()).await;
    assert_eq!(again.triggered(), [Trigger::ChatEnd]);
    assert_eq!(ids(&again.engine.0.state()), ["text of a-1_1"]);

    // The platform may be faster than the store.
    let late = desk.about_to_sign_in().await;
    late.engine.0.memory.sign_in(&CHAT.into(), &ME.into());
    late.hear("5", ChatEventKind::Roster(vec![snapshot("a", &[])])).await;
    assert_eq!(late.triggered(), []);
    late.engine.0.keep_chat(&key()).await;
    assert_eq!(ids(&late.engine.0.state()), ["text of a-1_1"]);
}

// LC-12
#[tokio::test]
async fn lc_12_a_chat_that_was_open_at_the_stop_ends_when_the_platform_says_so() {
    let desk = Desk::remembering().await;
    desk.hear("1", ChatEventKind::Started(sitting())).await;
    desk.settle().await;
    let again = desk.started_again().await;
    again.hear("2", ChatEventKind::Roster(Vec::new())).await;
    again.hear("3", missed(sitting())).await;
    assert_eq!(again.triggered(), [Trigger::ChatEnd]);
    again.hear("4", missed(sitting())).await;
    assert_eq!(again.triggered(), []);
}
