//! Threads of the archives that nobody was told of.

use domain::{
    AgentId, ChannelName, ChatEvent, ChatEventKind, EventId, ThreadId,
    event::{Author, ChatSnapshot, MissedSitting},
};
use jiff::Timestamp;

use super::{Desk, fields};
use crate::livechat::decode::{Chat, EventKind, User};

impl Desk {
    /// Who is signed in.
    pub(in crate::livechat) fn me(&self) -> &str {
        &self.me
    }

    /// What happened in `threads` after `since` and was not told, in the order in which it happened. A thread that goes on is
    /// the live connection's.
    pub(in crate::livechat) fn missed(
        &mut self,
        mut threads: Vec<Chat>,
        since: Timestamp,
        now: Timestamp,
    ) -> Vec<ChatEvent> {
        threads.sort_by_key(|chat| chat.thread.created_at);
        threads.iter().filter_map(|chat| self.missed_thread(chat, since, now)).collect()
    }

    fn missed_thread(&mut self, chat: &Chat, since: Timestamp, now: Timestamp) -> Option<ChatEvent> {
        let thread = &chat.thread;
        let ended_at = thread.events.iter().filter_map(|event| event.at).max();
        let old = ended_at.or(thread.created_at).is_some_and(|last| last <= since);
        if thread.active || old || !thread.users.contains(&self.me) || self.holds(&chat.id, &thread.id) {
            return None;
        }
        let visitor = fields::visitor(chat)?;
        // Also keeps late news of the thread from bringing it back.
        if !self.ended.insert(thread.id.clone()) {
            return None;
        }
        let agents = chat.users.iter().filter_map(|user| match user {
            User::Agent { id, .. } if thread.users.contains(id) => Some(AgentId::new(id)),
            _ => None,
        });
        let snapshot = ChatSnapshot {
            chat: self.key(&chat.id),
            channel: ChannelName::LiveChat,
            thread: ThreadId::new(&thread.id),
            agents: agents.collect(),
            visitor,
            started_at: thread.created_at.unwrap_or(now),
            transferred: false,
        };
        let authors = self.authors(chat, snapshot.visitor.id.as_str());
        let missed = MissedSitting { chat: snapshot, ended_at, authors };
        let id = EventId::new(format!("missed:{}:{}", chat.id, thread.id));
        Some(ChatEvent { id, at: ended_at, kind: ChatEventKind::Missed(missed) })
    }

    fn authors(&self, chat: &Chat, visitor: &str) -> Vec<Author> {
        let written = chat.thread.events.iter().filter(|event| event.kind == EventKind::Written);
        let mut authors: Vec<Author> =
            written.map(|event| self.author(event.author.as_deref(), visitor)).collect();
        authors.dedup();
        authors
    }
}
