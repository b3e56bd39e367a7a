//! What happened while the program was closed or the connection broken: each platform is asked for it from where it was
//! read last, and a sitting that is over counts once, whether it was heard live or read afterwards.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{ChatEventKind, ChatKey, ConnectionId, EventId, ThreadId};
use jiff::Timestamp;
use sources::{Bookmark, SourceUpdate};

use crate::{engine::Inner, memory::logged};

/// The place in the news of one platform.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) engine: Arc<Inner>,
    pub(crate) connection: ConnectionId,
}

#[async_trait]
impl Bookmark for Place {
    async fn told_until(&self) -> Option<Timestamp> {
        logged(self.engine.memory.store().await?.bookmarks().get(&self.connection).await)?
    }
}

impl Inner {
    /// Takes in what `connection` tells, unless it was taken in before the last start. What is over is noted afterwards: a
    /// crash in between has it told again rather than never.
    pub(crate) async fn hear(self: &Arc<Self>, connection: &ConnectionId, update: SourceUpdate) {
        let over = over(&update);
        if let (Some(over), SourceUpdate::Event(event)) = (&over, &update)
            && matches!(event.kind, ChatEventKind::Missed(_))
            && self.was_over(connection, over).await
        {
            return;
        }
        if let SourceUpdate::ToldUntil(at) = update {
            return self.move_bookmark(connection, at).await;
        }
        self.told(connection, update);
        self.all_kept().await;
        if let Some(over) = over {
            self.note_over(connection, &over).await;
        }
    }

    async fn was_over(&self, connection: &ConnectionId, event: &EventId) -> bool {
        let Some(store) = self.memory.store().await else { return false };
        logged(store.events().is_noted(connection, event).await).unwrap_or(false)
    }

    async fn note_over(&self, connection: &ConnectionId, event: &EventId) {
        if let Some(store) = self.memory.store().await {
            logged(store.events().first_time(connection, event, self.outside.clock.now()).await);
        }
    }

    async fn move_bookmark(&self, connection: &ConnectionId, at: Timestamp) {
        if let Some(store) = self.memory.store().await {
            logged(store.bookmarks().put(connection, at).await);
        }
    }
}

/// The name of the sitting that is over by `update`, live or read afterwards.
fn over(update: &SourceUpdate) -> Option<EventId> {
    let SourceUpdate::Event(event) = update else { return None };
    let name = |chat: &ChatKey, thread: &ThreadId| EventId::new(format!("over:{}:{thread}", chat.chat));
    match &event.kind {
        ChatEventKind::Ended { chat, thread } => Some(name(chat, thread)),
        ChatEventKind::Missed(sitting) => Some(name(&sitting.chat.chat, &sitting.chat.thread)),
        _ => None,
    }
}
