//! Two agents on one computer, one after the other: what the first one left is not the second one's.

use domain::{ChatEventKind, Fields};
use ipc::panel::{CreateRequest, DraftRequest, LookupState, MatchedBy, PanelView, RecordRequest, SaveReply};
use sources::{SourceState, SourceUpdate};
use store::LinkOrigin;

use super::desk::{CHAT, Desk, crm, key, snapshot};

/// The agent signs in at the chat platform, which has one chat for everybody.
async fn sign_in(desk: &Desk, agent: &str) {
    tell_of(desk, agent);
    desk.event(ChatEventKind::Roster(vec![snapshot("a", &[("system.email", "ana@example.com")])]));
    desk.settle().await;
}

fn tell_of(desk: &Desk, agent: &str) {
    let online = SourceState::Online { agent: agent.into() };
    desk.engine.0.told(&CHAT.into(), SourceUpdate::State(online));
}

/// A desk at which the first agent is signed in: he linked somebody, typed something, and a chat of his ended.
async fn left_by_the_first() -> Desk {
    let desk = Desk::remembering().await.about_to_sign_in().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@example.com")]);
    desk.crm.put("2", &[("name", "Bo"), ("email", "bo@example.com")]);
    sign_in(&desk, "first").await;
    desk.arrive("b", &[("system.email", "bo@example.com")]);
    desk.settle().await;
    desk.event(ChatEventKind::Ended { chat: snapshot("b", &[]).chat, thread: "b-1".into() });
    let chosen = RecordRequest { chat: key("a"), connection: crm(), record: "2".into() };
    desk.engine.choose_candidate(chosen).await.unwrap();
    let draft = DraftRequest {
        chat: key("a"),
        connection: crm(),
        record: Some("2".into()),
        values: Fields::from([("city".into(), "Olinda".into())]),
        base: Fields::new(),
    };
    desk.engine.keep_draft(draft).await.unwrap();
    desk.settle().await;
    assert!(has_the_firsts_link(&desk));
    desk
}

fn has_the_firsts_link(desk: &Desk) -> bool {
    match desk.state() {
        LookupState::Matched { record, by, .. } => {
            record.name == "Bo" && matches!(by, MatchedBy::Link | MatchedBy::Memory)
        }
        _ => false,
    }
}

/// Whether a picture holds anything that the first agent left.
fn is_of_the_first(view: &PanelView) -> bool {
    let text = format!("{view:?}");
    !view.recent.is_empty() || text.contains("Olinda") || text.contains("bo@example.com")
}

// PAN-30
#[tokio::test]
async fn pan_30_the_second_agent_finds_nothing_of_the_first_who_finds_it_again() {
    let desk = left_by_the_first().await;
    assert!(is_of_the_first(&desk.view()));

    let told = desk.window.views.lock().unwrap().len();
    tell_of(&desk, "second");
    let gone = desk.view();
    assert!(gone.chats.is_empty() && gone.active.is_none(), "the first one's chats leave at once");
    sign_in(&desk, "second").await;
    assert_eq!(desk.shown().as_deref(), Some("Ana"), "by the rules, not by the first one's link");
    assert!(desk.lookup().draft.is_none());
    let views = desk.window.views.lock().unwrap()[told..].to_vec();
    assert!(views.len() > 3 && !views.iter().any(is_of_the_first), "nothing of it flashes up");

    sign_in(&desk, "first").await;
    assert!(has_the_firsts_link(&desk), "his link is there again");
    assert!(desk.lookup().draft.is_some(), "and what he typed");
    let recent: Vec<_> = desk.view().recent.into_iter().map(|chat| chat.chat).collect();
    assert_eq!(recent, [key("b")], "and the chat that ended");
}

// PAN-30, PAN-25
#[tokio::test]
async fn pan_30_after_a_restart_recent_chats_come_back_when_their_agent_signs_in_and_not_before() {
    let desk = left_by_the_first().await;
    let again = desk.about_to_sign_in().await;
    again.settle().await;
    assert!(!is_of_the_first(&again.view()), "nobody has signed in");
    tell_of(&again, "second");
    again.settle().await;
    assert!(!is_of_the_first(&again.view()));
    tell_of(&again, "first");
    again.settle().await;
    let mut recent: Vec<_> = again.view().recent.into_iter().map(|chat| chat.chat).collect();
    recent.sort();
    assert_eq!(recent, [key("a"), key("b")]);
}

// PAN-30
#[tokio::test]
async fn pan_30_what_is_back_for_an_agent_who_has_left_is_not_back_for_the_next() {
    let desk = Desk::remembering().await.about_to_sign_in().await;
    let (memory, chat) = (&desk.engine.0.memory, CHAT.into());
    memory.sign_in(&chat, &"first".into());
    memory.sign_in(&chat, &"second".into());
    memory.is_back(&chat, &"first".into());
    assert_eq!(memory.waiting_agent(&chat), Some("second".into()));
    memory.is_back(&chat, &"second".into());
    assert_eq!(memory.waiting_agent(&chat), None);
}

// PAN-30
#[tokio::test]
async fn pan_30_a_connection_that_comes_back_leaves_the_agents_chats_alone() {
    let desk = left_by_the_first().await;
    tell_of(&desk, "first");
    assert_eq!(desk.view().chats.len(), 1);
    assert!(desk.lookup().draft.is_some());
}

// PAN-30, REL-01
#[tokio::test]
async fn pan_30_what_the_first_agent_created_is_his_although_it_arrives_when_another_is_signed_in() {
    let desk = Desk::remembering().await.about_to_sign_in().await;
    sign_in(&desk, "first").await;
    let values = Fields::from([("name".into(), "Ana".into()), ("email".into(), "ana@example.com".into())]);
    let create = CreateRequest { chat: key("a"), connection: crm(), values, although_duplicate: false };
    desk.crm.fail_next("find", connectors::Kind::Unavailable { outcome_unknown: false });
    let reply = desk.engine.create_contact(create).await.unwrap();
    assert!(matches!(reply, SaveReply::Waiting { .. }), "{reply:?}");

    sign_in(&desk, "second").await;
    assert!(matches!(desk.state(), LookupState::None { .. }), "{:?}", desk.state());
    desk.drain();
    let found = async {
        while desk.shown().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), found).await.unwrap();
    desk.settle().await;
    let LookupState::Matched { by: MatchedBy::Created | MatchedBy::Rule { .. }, evidence, .. } = desk.state()
    else {
        panic!("{:?}", desk.state())
    };
    assert_ne!(evidence, domain::Evidence::AgentConfirmed, "the second one has said nothing of it");
    let store = desk.engine.0.memory.store().await.unwrap();
    let links = async |agent: &str| {
        let store = store.of_agent(&CHAT.into(), &agent.into());
        store.links().find(&CHAT.into(), &"visitor-a".into(), &crm()).await.unwrap().map(|link| link.how)
    };
    assert_eq!(links("first").await, Some(LinkOrigin::Created));
    assert_ne!(links("second").await, Some(LinkOrigin::Created));
}
