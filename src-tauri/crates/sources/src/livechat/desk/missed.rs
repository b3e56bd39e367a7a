//! Threads that ended while nobody listened or in somebody else's hands: told as a whole.

use domain::{ChatEvent, ChatEventKind, EventId, event::MissedSitting};
use jiff::Timestamp;

use super::{Arrival, Desk};
use crate::livechat::decode::Chat;

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
        let last = ended_at(chat).or(chat.thread.created_at);
        let is_old = last.is_some_and(|last| last <= since);
        if is_old { None } else { self.over(chat, now) }
    }

    /// How a thread ended that was not told to its end. A thread that goes on, or in which the agent never was, is passed
    /// over.
    pub(in crate::livechat) fn over(&mut self, chat: &Chat, now: Timestamp) -> Option<ChatEvent> {
        let thread = &chat.thread;
        if thread.active || !thread.users.contains(&self.me) || self.holds(&chat.id, &thread.id) {
            return None;
        }
        let chat_then = self.snapshot(chat, &Arrival::default(), now)?;
        // Also keeps late news of the thread from bringing it back.
        if !self.ended.insert(thread.id.clone()) {
            return None;
        }
        let ended_at = ended_at(chat);
        let missed = MissedSitting { chat: chat_then, ended_at };
        let id = EventId::new(format!("missed:{}:{}", chat.id, thread.id));
        Some(ChatEvent { id, at: ended_at, kind: ChatEventKind::Missed(missed) })
    }
}

/// When the last thing happened in it.
fn ended_at(chat: &Chat) -> Option<Timestamp> {
    chat.thread.events.iter().filter_map(|event| event.at).max()
}
