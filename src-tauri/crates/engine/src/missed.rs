//! What happened while the program was closed or the connection broken: each platform is asked for it from where it was
//! read last, and a sitting that is over counts once, whether it was heard live or read afterwards.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{ChatEventKind, ChatKey, ConnectionId, EventId, ThreadId, strategies::Trigger};
use jiff::Timestamp;
use sources::{Bookmark, SourceUpdate};

use crate::{engine::Inner, follow::Todo, memory::logged, strategies::moment::Triggered};

/// What of a sitting is noted: it was taken in, and what it sets off is on the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    /// Its beginning.
    pub(crate) begun: bool,
    /// Its end.
    pub(crate) over: bool,
}

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
        if let (Some((chat, thread)), SourceUpdate::Event(event)) = (&over, &update)
            && matches!(event.kind, ChatEventKind::Missed(_))
            && self.is_noted(connection, &end_of(chat, thread)).await
        {
            return;
        }
        if let SourceUpdate::ToldUntil(at) = update {
            return self.move_bookmark(connection, at).await;
        }
        let todo = self.told(connection, update);
        // An end that waits for its beginning has set nothing off.
        let over = over
            .filter(|(chat, thread)| self.state().sitting(chat, thread).is_some_and(|sitting| sitting.over));
        let is_event = !todo.is_empty();
        let kept = self.carry_out_once(connection, todo).await;
        if is_event {
            self.let_go().await;
        }
        if let (Some((chat, thread)), Some(())) = (over, kept) {
            self.note_event(connection, &end_of(&chat, &thread)).await;
        }
    }

    /// What was noted of a sitting.
    pub(crate) async fn noted(&self, chat: &ChatKey, thread: &ThreadId) -> Noted {
        let begun = self.is_noted(&chat.connection, &beginning_of(chat, thread)).await;
        Noted { begun, over: self.is_noted(&chat.connection, &end_of(chat, thread)).await }
    }

    /// Does what news ask for. What shows comes first; then what it sets off, unless it was set off before the last
    /// start: a sitting that begins is told again by every log-in. `None` when the disk refused something.
    pub(crate) async fn carry_out_once(
        self: &Arc<Self>,
        connection: &ConnectionId,
        todo: Vec<Todo>,
    ) -> Option<()> {
        let (mut triggers, mut others) = (Vec::new(), Vec::new());
        for todo in todo {
            match todo {
                Todo::Trigger(triggered) => triggers.push(triggered),
                other => others.push(other),
            }
        }
        self.carry_out(others);
        let mut kept = Some(());
        for triggered in triggers {
            let begins = begins(&triggered);
            if let Some(begins) = &begins
                && self.is_noted(connection, begins).await
            {
                continue;
            }
            match (self.set_off(*triggered).await, begins) {
                (None, _) => kept = None,
                (Some(()), Some(begins)) => self.note_event(connection, &begins).await,
                (Some(()), None) => {}
            }
        }
        kept
    }

    async fn is_noted(&self, connection: &ConnectionId, event: &EventId) -> bool {
        let Some(store) = self.memory.store().await else { return false };
        logged(store.events().is_noted(connection, event).await).unwrap_or(false)
    }

    async fn note_event(&self, connection: &ConnectionId, event: &EventId) {
        if let Some(store) = self.memory.store().await {
            logged(store.events().first_time(connection, event, self.outside.clock.now()).await);
        }
    }

    /// Notes how far `connection` has told everything. The chats of before are brought back first: what was told of their end
    /// waits in memory alone until then.
    async fn move_bookmark(self: &Arc<Self>, connection: &ConnectionId, at: Timestamp) {
        self.welcome(connection).await;
        if let Some(store) = self.memory.store().await {
            logged(store.bookmarks().put(connection, at).await);
        }
    }
}

/// The name of the beginning that it is about. Ends are noted with the events that tell them.
fn begins(triggered: &Triggered) -> Option<EventId> {
    let begins = triggered.moment.trigger != Trigger::ChatEnd;
    begins.then(|| beginning_of(&triggered.chat, &triggered.moment.thread))
}

/// The sitting that is over by `update`, live or read afterwards.
fn over(update: &SourceUpdate) -> Option<(ChatKey, ThreadId)> {
    let SourceUpdate::Event(event) = update else { return None };
    match &event.kind {
        ChatEventKind::Ended { chat, thread } => Some((chat.clone(), thread.clone())),
        ChatEventKind::Missed(sitting) => Some((sitting.chat.chat.clone(), sitting.chat.thread.clone())),
        _ => None,
    }
}

/// Under which name it is noted that a sitting has begun.
fn beginning_of(chat: &ChatKey, thread: &ThreadId) -> EventId {
    EventId::new(format!("begun:{}:{thread}", chat.chat))
}

/// The same of its end.
fn end_of(chat: &ChatKey, thread: &ThreadId) -> EventId {
    EventId::new(format!("over:{}:{thread}", chat.chat))
}
