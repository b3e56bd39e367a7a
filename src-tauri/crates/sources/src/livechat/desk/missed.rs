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
        // Keeps late news of the thread from bringing it back.
        self.ended.insert(thread.id.clone());
        if !self.over.insert(thread.id.clone()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::livechat::decode::{Customer, Push, Thread, User};

    // LC-12, REL-03
    #[test]
    fn lc_12_a_thread_that_ends_while_the_agent_logs_in_is_told_by_the_archives_once() {
        let mut desk = Desk::new("livechat".into());
        desk.sign_in("me", Timestamp::UNIX_EPOCH);
        let agent = User::Agent { id: "me".to_owned(), name: None, email: None, present: true };
        let visitor = Customer { id: "visitor".to_owned(), ..Customer::default() };
        let chat = Chat {
            id: "chat".to_owned(),
            users: vec![User::Customer(Box::new(visitor)), agent],
            thread: Thread {
                id: "thread".to_owned(),
                created_at: Some(Timestamp::UNIX_EPOCH),
                users: vec!["visitor".to_owned(), "me".to_owned()],
                ..Thread::default()
            },
        };
        let ended = Push::Deactivated { chat: "chat".to_owned(), thread: Some("thread".to_owned()) };
        assert_eq!(desk.push(ended, Timestamp::UNIX_EPOCH).len(), 0, "it is not among the agent's");
        let told =
            |desk: &mut Desk| desk.missed(vec![chat.clone()], Timestamp::MIN, Timestamp::UNIX_EPOCH).len();
        assert_eq!((told(&mut desk), told(&mut desk)), (1, 0));
    }
}
