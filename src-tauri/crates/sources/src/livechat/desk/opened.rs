//! What the companion page says the agent has open, seen from the agent's chats.

use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatKey, EventId,
    event::{FocusOrigin, Profile, ProfileOrigin},
};

use super::{Act, Desk};
use crate::livechat::{companion::Open, decode::Customer, fields};

impl Desk {
    /// Whether `author` is the signed-in agent.
    pub(in crate::livechat) fn is_me(&self, author: &str) -> bool {
        author == self.me
    }

    /// The chat of the agent that `open` speaks of. LiveChat's documents call `id` the thread; older ones called it the
    /// chat, so it is tried as both.
    pub(in crate::livechat) fn locate(&self, open: &Open) -> Option<String> {
        if let Some(chat) = &open.chat_id {
            return self.mine.contains_key(chat).then(|| chat.clone());
        }
        let id = open.id.as_ref()?;
        let by_thread = self.mine.iter().find(|(_, mine)| mine.thread == *id).map(|(chat, _)| chat.clone());
        by_thread.or_else(|| self.mine.contains_key(id).then(|| id.clone()))
    }

    /// The agent has `chat` open, by the word of the companion page.
    pub(in crate::livechat) fn opened(&mut self, chat: &str) -> Act {
        let id = EventId::new(self.own_id("console", chat));
        let kind = ChatEventKind::Focused { chat: self.key(chat), by: FocusOrigin::Console };
        Act::Tell(ChatEvent { id, at: None, kind })
    }

    /// The agent looks at `customer` outside the chats.
    pub(in crate::livechat) fn looked_at(&mut self, customer: &Customer, from: ProfileOrigin) -> Act {
        let id = EventId::new(self.own_id("profile", &customer.id));
        let chat = ChatKey::new(self.connection.clone(), format!("profile:{}", customer.id));
        let (channel, visitor) = (ChannelName::LiveChat, fields::person(customer));
        let kind = ChatEventKind::ProfileOpened(Profile { chat, channel, visitor, from });
        Act::Tell(ChatEvent { id, at: None, kind })
    }
}
