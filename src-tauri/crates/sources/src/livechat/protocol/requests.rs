//! Requests beside the news, and what they ask for.

use std::collections::{HashMap, VecDeque};

use domain::event::ProfileOrigin;
use serde_json::{Value, json};

use crate::{livechat::config, runner::Output};

/// LiveChat allows ten unanswered requests; two are left for keep-alives.
const PENDING: usize = 8;

/// Keep-alives after which a request counts as not answered.
const PATIENCE: u32 = 2;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A chat of this id.
    Chat(String),
    /// How a thread ended that is not the agent's any more.
    Ending {
        /// The chat.
        chat: String,
        /// The thread.
        thread: String,
        /// Whether the chat itself could not be read, and the archives are asked.
        archived: bool,
    },
    /// The visitor of this id, whose profile was opened there.
    Customer(String, ProfileOrigin),
}

impl Wanted {
    fn action(&self) -> (&'static str, Value) {
        match self {
            Self::Chat(id) => ("get_chat", json!({ "chat_id": id })),
            Self::Ending { chat, thread, archived: false } => {
                ("get_chat", json!({ "chat_id": chat, "thread_id": thread }))
            }
            Self::Ending { thread, archived: true, .. } => {
                ("list_archives", json!({ "filters": { "thread_ids": [thread] } }))
            }
            Self::Customer(id, _) => ("get_customer", json!({ "id": id })),
        }
    }
}

/// Requests under way: a few at a time, each thing once.
#[derive(Default)]
pub(super) struct Requests {
    last: u64,
    ticks: u32,
    pending: HashMap<String, (Wanted, u32)>,
    waiting: VecDeque<Wanted>,
}

impl Requests {
    /// Asks when there is room. A request already under way is asked again: its answer may be older than the news.
    pub(super) fn ask(&mut self, wanted: Wanted) {
        if !self.waiting.contains(&wanted) {
            self.waiting.push_back(wanted);
        }
    }

    /// Sends what there is room for.
    pub(super) fn pump(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        while self.pending.len() < PENDING
            && let Some(wanted) = self.waiting.pop_front()
        {
            self.last += 1;
            let id = format!("ask-{}", self.last);
            let (action, payload) = wanted.action();
            let frame =
                json!({ "request_id": id, "action": action, "version": config::VERSION, "payload": payload });
            self.pending.insert(id, (wanted, self.ticks));
            outputs.push(Output::Send(frame.to_string()));
        }
        outputs
    }

    /// What `request` asked for, now that it is answered.
    pub(super) fn done(&mut self, request: &str) -> Option<Wanted> {
        self.pending.remove(request).map(|(wanted, _)| wanted)
    }

    /// Gives up on requests that have waited too long; what they asked for.
    pub(super) fn overdue(&mut self) -> Vec<Wanted> {
        self.ticks += 1;
        let late = self.ticks;
        let over = self.pending.extract_if(|_, (_, since)| late.saturating_sub(*since) >= PATIENCE);
        over.map(|(_, (wanted, _))| wanted).collect()
    }
}
