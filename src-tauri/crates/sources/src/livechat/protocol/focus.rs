//! The companion page in the Agent App: whose word counts, and what becomes of it.
//!
//! Any colleague could send the same message. It counts only when LiveChat names the signed-in agent as its author, and a
//! chat only when it is one of the agent's. Everything else is counted and otherwise ignored. A page that calls on this
//! computer was let in by the person's pairing secret, so its word is the agent's; what it says is judged alike.

use domain::{
    ChatEvent, ChatEventKind,
    event::{FocusOrigin, ProfileOrigin},
};
use serde_json::Value;
use tokio::time::Instant;

use super::{Push, Rtm, Wanted};
use crate::{
    Companion, Loopback,
    livechat::{
        companion::{self, Heard, Open},
        decode,
        loopback::Call,
    },
    runner::Output,
};

impl Rtm {
    /// A message from one agent's program to another's.
    pub(super) fn on_multicast(
        &mut self,
        author: Option<&str>,
        kind: Option<&str>,
        content: &Value,
    ) -> Vec<Output> {
        match kind {
            Some(companion::TYPE) if author.is_some_and(|author| self.desk.is_me(author)) => {
                self.on_word(content)
            }
            Some(companion::TYPE) => self.ignore("it is not the signed-in agent's"),
            _ => Vec::new(),
        }
    }

    /// What is heard on this computer.
    pub(super) fn on_call(&mut self, call: Call) -> Vec<Output> {
        match call {
            Call::Port(port) => {
                self.loopback = Some(port);
                self.settle()
            }
            Call::Word(content) => {
                // Whoever calls is paired with the port as it is now.
                self.loopback = Some(Loopback::Open);
                let author = Some(self.desk.me().to_owned());
                self.on_push(Push::Multicast { author, kind: Some(companion::TYPE.to_owned()), content })
            }
        }
    }

    /// A message of the agent's own companion page.
    pub(super) fn on_word(&mut self, content: &Value) -> Vec<Output> {
        let Some(message) = companion::message(content) else { return self.ignore("it is unreadable") };
        let mut outputs = match self.companion.hear(message, Instant::now()) {
            Heard::Opened(open) => self.follow(&open),
            Heard::Nothing => Vec::new(),
        };
        outputs.extend(self.settle());
        outputs
    }

    /// The visitor of a profile that was opened outside the chats.
    pub(super) fn on_customer(&mut self, outcome: Result<Value, String>, from: ProfileOrigin) -> Vec<Output> {
        match outcome.map(|payload| decode::customer(&payload)) {
            Ok(Ok(customer)) => {
                let act = self.desk.looked_at(&customer, from);
                self.carry_out(vec![act])
            }
            Ok(Err(_)) | Err(_) => {
                tracing::info!("a profile that is open in the console could not be read");
                self.requests.pump()
            }
        }
    }

    /// When a page's word no longer holds.
    pub(super) fn due(&self) -> Option<Instant> {
        self.companion.due()
    }

    /// Lets go of what no longer holds.
    pub(super) fn expire(&mut self) -> Vec<Output> {
        self.companion.expire(Instant::now());
        self.settle()
    }

    /// Tells an event; the live connection's idea of the focus is kept while a page speaks.
    pub(super) fn tell(&mut self, event: ChatEvent) -> Vec<Output> {
        match &event.kind {
            ChatEventKind::Focused { chat, by: FocusOrigin::Live } if self.companion.is_speaking() => {
                let agrees = self.open_chat().is_some_and(|open| open == chat.chat);
                self.companion.keep(event, agrees, Instant::now());
                Vec::new()
            }
            // The page may speak of a chat before the chat's own news are here.
            ChatEventKind::Started(chat) if self.open_chat().is_some_and(|open| open == chat.chat.chat) => {
                let chat = chat.chat.chat.clone();
                let mut outputs = vec![Output::Event(event)];
                let opened = self.desk.opened(&chat);
                outputs.extend(self.carry_out(vec![opened]));
                outputs
            }
            _ => vec![Output::Event(event)],
        }
    }

    /// The agent's chat that is open by the word of a page.
    fn open_chat(&self) -> Option<String> {
        self.companion.open().filter(|open| open.from.is_none()).and_then(|open| self.desk.locate(open))
    }

    fn follow(&mut self, open: &Open) -> Vec<Output> {
        match (open.from, &open.visitor_id) {
            (Some(from), Some(visitor)) => {
                self.requests.ask(Wanted::Customer(visitor.clone(), from));
                self.requests.pump()
            }
            (Some(_), None) => self.ignore("it names no visitor"),
            (None, _) => match self.desk.locate(open) {
                Some(chat) => {
                    let act = self.desk.opened(&chat);
                    self.carry_out(vec![act])
                }
                None => self.ignore("it is about no chat of the agent's"),
            },
        }
    }

    fn ignore(&mut self, reason: &'static str) -> Vec<Output> {
        self.ignored = self.ignored.saturating_add(1);
        tracing::warn!(reason, ignored = self.ignored, "a focus message does not count");
        self.settle()
    }

    /// Says how it stands with the pages, and with none what the live connection told last.
    fn settle(&mut self) -> Vec<Output> {
        let speaking = self.companion.is_speaking();
        let heard = self.told.heard || speaking;
        let now = Companion { speaking, heard, ignored: self.ignored, loopback: self.loopback };
        let news = (now != self.told).then_some(Output::Companion(now));
        self.told = now;
        news.into_iter().chain(self.companion.released().map(Output::Event)).collect()
    }
}
