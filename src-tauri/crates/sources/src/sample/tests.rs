use std::{collections::HashMap, sync::Arc};

use domain::{ChannelName, ChatFieldKey, clock::SystemClock};
use tokio_util::sync::CancellationToken;

use super::*;

async fn play(steps: usize) -> Vec<SourceUpdate> {
    let http = connectors::http::client(&connectors::http::HttpSettings::default()).unwrap();
    let cx = SourceContext {
        http1: http.clone(),
        http,
        clock: Arc::new(SystemClock),
        secrets: Arc::new(secrets::Memory::default()),
        cancel: CancellationToken::new(),
        bookmark: Arc::new(()),
        session: String::new(),
        wake: Arc::default(),
    };
    let (sender, mut updates) = mpsc::channel(4);
    let cancel = cx.cancel.clone();
    let feed = tokio::spawn(async move { Sample::new("demo".into(), Pace::Instant).run(cx, sender).await });
    let mut seen = Vec::new();
    while seen.len() < steps {
        seen.push(updates.recv().await.expect("the feed never ends by itself"));
    }
    cancel.cancel();
    feed.await.unwrap();
    seen
}

/// State, roster, and every step.
fn all_steps() -> usize {
    2 + OPENING.len() + REPEATED.len()
}

#[tokio::test]
async fn every_kind_of_event_happens_in_the_first_minute() {
    let kinds = play(2 + OPENING.len()).await.into_iter().map(|update| match update {
        SourceUpdate::State(_) => "state",
        SourceUpdate::ToldUntil(_) => "told",
        SourceUpdate::Companion(_) => "companion",
        SourceUpdate::Event(event) => match event.kind {
            ChatEventKind::Roster(chats) => {
                assert_eq!(chats.len(), 3, "three chats are there at once");
                "roster"
            }
            ChatEventKind::Started(chat) if chat.transferred => "handed in",
            ChatEventKind::Started(_) => "started",
            ChatEventKind::VisitorUpdated { .. } => "updated",
            ChatEventKind::FormFilled { .. } => "form",
            ChatEventKind::Message { .. } => "message",
            ChatEventKind::Ended { .. } => "ended",
            ChatEventKind::Missed(_) => "missed",
            ChatEventKind::OfflineMessage(_) => "offline message",
            ChatEventKind::TicketCreated(ticket) => {
                assert_eq!(ticket.channel, ChannelName::Ticketing);
                "ticket"
            }
            ChatEventKind::Focused { .. } => "focused",
            _ => "other",
        },
    });
    let kinds: Vec<_> = kinds.collect();
    for kind in [
        "state",
        "roster",
        "started",
        "handed in",
        "updated",
        "form",
        "message",
        "ended",
        "focused",
        "ticket",
        "offline message",
    ] {
        assert!(kinds.contains(&kind), "{kind} is missing");
    }
}

#[tokio::test]
async fn whoever_ends_was_there_and_whoever_returns_has_a_new_thread() {
    let mut open = HashMap::new();
    let mut threads = std::collections::HashSet::new();
    let mut ids = std::collections::HashSet::new();
    for update in play(all_steps()).await {
        let SourceUpdate::Event(event) = update else { continue };
        assert!(ids.insert(event.id), "event ids are unique");
        match event.kind {
            ChatEventKind::Roster(chats) => {
                open.extend(chats.into_iter().map(|chat| (chat.chat, chat.thread)))
            }
            ChatEventKind::Started(chat) | ChatEventKind::TicketCreated(chat) => {
                assert!(threads.insert(chat.thread.clone()), "a new sitting is a new thread");
                assert_eq!(open.insert(chat.chat, chat.thread), None, "only who is away can arrive");
            }
            ChatEventKind::Ended { chat, thread } => assert_eq!(open.remove(&chat), Some(thread)),
            ChatEventKind::Message { chat, thread, .. } => assert_eq!(open.get(&chat), Some(&thread)),
            _ => {}
        }
    }
    assert_eq!(open.len(), 7, "as many chats as the round began with");
}

#[tokio::test]
async fn the_visitor_without_a_name_has_no_fields_that_identify() {
    let updates = play(all_steps()).await;
    let visitor = updates.iter().find_map(|update| match update {
        SourceUpdate::Event(ChatEvent { kind: ChatEventKind::Started(chat), .. }) => Some(&chat.visitor),
        _ => None,
    });
    let visitor = visitor.unwrap();
    assert_eq!(visitor.display_name(), "Visitor 8812");
    assert!(visitor.fields.value(&ChatFieldKey::email()).is_none());
}

// STR-03, STR-04
#[tokio::test]
async fn offline_messages_are_whole_when_they_are_told() {
    let mut names = Vec::new();
    for update in play(all_steps()).await {
        if let SourceUpdate::Event(ChatEvent { kind: ChatEventKind::OfflineMessage(left), .. }) = update {
            let [written] = &left.written[..] else { panic!("one message each") };
            assert_eq!((written.message.by.clone(), left.channel), (Speaker::Visitor, ChannelName::LiveChat));
            assert!(left.visitor.fields.value(&ChatFieldKey::email()).is_some());
            names.push(left.visitor.display_name().to_owned());
        }
    }
    assert_eq!(names, ["Harriet Coleman", "Greta Lindqvist"]);
}
