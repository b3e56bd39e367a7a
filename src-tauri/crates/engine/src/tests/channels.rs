//! Live chats and tickets beside each other: each channel has its own chats on show, its own rules and its own CRM fields.

use std::sync::Arc;

use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatKey,
    config::{Channel, NoMatch},
    event::{ChatSnapshot, FocusOrigin},
    mapping::MappingRow,
    rules::RuleSet,
    strategies::Speaker,
};
use ipc::panel::{LookupState, PanelView, SearchRequest, Setup};

use super::desk::{CHAT, CRM, Desk, key, mapping, rules, snapshot, written};
use crate::{
    configure::Connected,
    crm::Crm,
    follow::{Follow, Followed, Todo},
    state::State,
    view,
};

use ChannelName::{LiveChat, Ticketing};

fn chat(name: &str) -> ChatKey {
    ChatKey::new(CHAT, name)
}

fn ticket(name: &str, fields: &[(&str, &str)]) -> ChatSnapshot {
    ChatSnapshot { channel: Ticketing, ..snapshot(name, fields) }
}

/// An agent with `channels`, and the live chats `a` and `b` and the tickets `t` and `u` at the platform.
fn agent(channels: &[ChannelName]) -> (State, Followed) {
    let follow = || Follow { crms: vec![CRM.into()], ..Follow::default() };
    let followed = channels.iter().map(|name| (*name, follow())).collect();
    let mut state = State::default();
    state.restart(Setup::Configured, Vec::new(), channels.to_vec());
    let chats = [snapshot("a", &[]), snapshot("b", &[]), ticket("t", &[]), ticket("u", &[])];
    tell(&mut state, &followed, ChatEventKind::Roster(chats.into()));
    (state, followed)
}

fn tell(state: &mut State, followed: &Followed, kind: ChatEventKind) -> Vec<Todo> {
    let id = format!("{}", state.revision);
    state.revision += 1;
    state.take(&CHAT.into(), ChatEvent { id: id.into(), at: None, kind }, followed, 1_000)
}

fn open(state: &mut State, followed: &Followed, name: &str) -> Vec<Todo> {
    tell(state, followed, ChatEventKind::Focused { chat: chat(name), by: FocusOrigin::Console })
}

fn seen(state: &State) -> PanelView {
    view::panel(state, &Connected::default(), jiff::Timestamp::UNIX_EPOCH)
}

/// The channel on show, and the chats that are on show of each.
fn on_show(state: &State) -> (ChannelName, [Option<&str>; 2]) {
    let active = |name| state.tab(name).active.as_ref().map(|key| key.chat.as_str());
    (state.channel, [active(LiveChat), active(Ticketing)])
}

// PAN-12
#[test]
fn pan_12_each_channel_keeps_its_own_chat_focus_and_pin() {
    let (mut state, followed) = agent(&ChannelName::ALL);
    assert_eq!(on_show(&state), (LiveChat, [Some("a"), Some("t")]), "the first of each");
    state.tab_mut(LiveChat).pinned = true;
    let todo = state.show_channel(Ticketing);
    assert_eq!(todo, Some(vec![Todo::Shown(chat("t"))]), "what was read a while ago is read again");
    open(&mut state, &followed, "u");
    assert_eq!(on_show(&state), (Ticketing, [Some("a"), Some("u")]));
    let shown = seen(&state);
    assert_eq!((shown.channel, shown.focus, shown.pinned), (Ticketing, FocusOrigin::Console, false));

    state.show_channel(LiveChat);
    let shown = seen(&state);
    assert_eq!((shown.channel, shown.focus, shown.pinned), (LiveChat, FocusOrigin::Newest, true));
    assert_eq!(shown.channels, [LiveChat, Ticketing]);
    let pills: Vec<_> = shown.chats.iter().map(|pill| (pill.channel, pill.active)).collect();
    let expected = [(LiveChat, true), (LiveChat, false), (Ticketing, false), (Ticketing, true)];
    assert_eq!(pills, expected, "every chat says its channel, and one of each is its active one");
}

// PAN-12, PAN-02
#[test]
fn pan_12_what_the_agent_opens_brings_its_channel_along_unless_what_is_on_show_is_pinned() {
    let (mut state, followed) = agent(&ChannelName::ALL);
    open(&mut state, &followed, "u");
    assert_eq!(on_show(&state), (Ticketing, [Some("a"), Some("u")]));
    open(&mut state, &followed, "a");
    assert_eq!(on_show(&state).0, LiveChat, "also when it is the one that was on show there");
    state.tab_mut(LiveChat).pinned = true;
    assert_eq!(open(&mut state, &followed, "t"), [], "it is not on show yet");
    assert_eq!(on_show(&state), (LiveChat, [Some("a"), Some("t")]));
    state.select(&chat("u"));
    assert_eq!(on_show(&state), (Ticketing, [Some("a"), Some("u")]), "the hand wins");
}

// PAN-12
#[test]
fn pan_12_a_new_ticket_waits_in_its_tab_and_its_messages_are_counted_there() {
    let (mut state, followed) = agent(&ChannelName::ALL);
    tell(&mut state, &followed, ChatEventKind::Started(ticket("v", &[])));
    assert_eq!(on_show(&state), (LiveChat, [Some("a"), Some("t")]), "nothing moves by itself");
    let (chat, thread, written) = (chat("t"), "t-1".into(), written(1, "m-1", Speaker::Visitor));
    tell(&mut state, &followed, ChatEventKind::Message { chat, thread, written });
    let unread = |state: &State| seen(state).chats.iter().map(|pill| pill.unread).sum::<u32>();
    assert_eq!(unread(&state), 1, "the ticket is its tab's active one, but nobody sees it");
    state.show_channel(Ticketing);
    assert_eq!(unread(&state), 0);
}

// PAN-12
#[test]
fn pan_12_a_channel_that_is_not_enabled_has_no_tab_and_no_chats() {
    let (mut state, followed) = agent(&[LiveChat]);
    let shown = seen(&state);
    assert_eq!(shown.channels, [LiveChat]);
    assert!(shown.chats.iter().all(|pill| pill.channel == LiveChat));
    assert_eq!(state.show_channel(Ticketing), None);
    tell(&mut state, &followed, ChatEventKind::Started(ticket("v", &[])));
    open(&mut state, &followed, "v");
    assert_eq!(on_show(&state), (LiveChat, [Some("a"), None]));
    let (state, _) = agent(&[Ticketing]);
    assert_eq!(on_show(&state), (Ticketing, [None, Some("t")]), "tickets alone are on show at once");
}

/// What is shown of the contact: its fields and their values.
fn fields(view: &PanelView) -> Vec<(String, String)> {
    let lookup = &view.active.as_ref().expect("a chat is on show").lookups[0];
    let LookupState::Matched { record, .. } = &lookup.state else { panic!("{:?}", lookup.state) };
    record.fields.iter().map(|field| (field.key.to_string(), field.value.as_text())).collect()
}

// PAN-12, MAP-06
#[tokio::test]
async fn map_06_a_ticket_is_looked_up_and_shown_by_the_rules_and_the_mapping_of_its_channel() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("number", "7"), ("city", "Porto")]);
    let channel = Channel { no_match: NoMatch::Neither, ..Channel::default() };
    let crm = Crm::new(
        CRM.into(),
        "Script".into(),
        desk.crm.clone(),
        RuleSet { rules: rules().split_off(1), ..RuleSet::default() },
        vec![MappingRow::shown("city")],
        channel.no_match,
        channel.typed_values,
    );
    let before = desk.engine.0.connected();
    let (mut crms, mut follow) = (before.crms.clone(), before.follow.clone());
    crms.insert(Ticketing, vec![Arc::new(crm)]);
    follow.insert(Ticketing, follow[&LiveChat].clone());
    desk.engine.0.replace_connected(Arc::new(Connected { crms, follow, ..Connected::default() }));
    desk.engine.0.change(|state| state.restart(Setup::Configured, Vec::new(), ChannelName::ALL.into()));

    let known = [("variable.number", "7"), ("system.email", "ana@shop.example")];
    desk.event(ChatEventKind::Started(snapshot("a", &known)));
    desk.event(ChatEventKind::Started(ticket("t", &known)));
    desk.settle().await;
    let shown = desk.view();
    assert_eq!(fields(&shown).len(), mapping().iter().filter(|row| row.show).count());
    assert!(shown.active.unwrap().lookups[0].can.create, "live chat lets agents create");

    desk.engine.show_channel(Ticketing).unwrap();
    desk.settle().await;
    let shown = desk.view();
    assert_eq!(fields(&shown), [("city".to_owned(), "Porto".to_owned())]);
    let lookup = &shown.active.unwrap().lookups[0];
    assert_eq!(lookup.rules.len(), 1, "the ticket's channel has one rule");
    assert!(!lookup.can.create, "and creates nothing");
    let search = || SearchRequest { text: "Ana".into(), connection: None };
    assert_eq!(
        desk.engine.search_contacts(search()).await.unwrap().results.len(),
        0,
        "nothing is searched there"
    );
    desk.engine.select_chat(&key("a")).unwrap();
    assert_eq!(desk.engine.search_contacts(search()).await.unwrap().results.len(), 1);
}
