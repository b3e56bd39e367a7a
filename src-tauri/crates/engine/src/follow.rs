//! Following the agent's chats: what an event of a platform changes, and which chat is on show.
//!
//! Pure: it changes the state and says what is to be done; doing it is `Engine`'s.

use std::{cmp::Reverse, collections::BTreeMap};

use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatFieldKey, ChatFields, ChatKey, ConnectionId,
    event::{ChatSnapshot, FocusOrigin, Profile},
    strategies::Trigger,
};
use sources::Companion;

use crate::{
    state::{Chat, State, Tab},
    strategies::moment::Triggered,
};

/// So many chats that ended stay reachable at most, so that a day of short chats weighs no more than one of long ones.
pub(crate) const MOST_ENDED: usize = 100;

/// What is to be done after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    /// Look the visitor up: the chat is new, or what identifies the visitor changed.
    Look(ChatKey),
    /// The chat is now on show: a contact that was read a while ago is read again.
    Shown(ChatKey),
    /// What is known of the chat changed: it is kept for a restart.
    Keep(ChatKey),
    /// The chat is not reachable any more.
    Forget(ChatKey),
    /// Something happened that strategies ask about.
    Trigger(Box<Triggered>),
}

/// What following needs to know of the configuration, for each channel that is enabled. Chats of others are nobody's.
pub(crate) type Followed = BTreeMap<ChannelName, Follow>;

/// What following needs to know of one channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    /// The CRMs that every chat of it is looked up in.
    pub(crate) crms: Vec<ConnectionId>,
    /// The chat fields that rules use.
    pub(crate) identifying: Vec<ChatFieldKey>,
    /// How long a chat stays reachable after it ended, in milliseconds.
    pub(crate) recent_for: i64,
    /// How long ago a missed sitting may have ended and still count, in milliseconds.
    pub(crate) catch_up_for: i64,
}

impl State {
    /// Takes in what `connection` told at `now`. An event that is told twice changes nothing the second time.
    pub(crate) fn take(
        &mut self,
        connection: &ConnectionId,
        event: ChatEvent,
        follow: &Followed,
        now: i64,
    ) -> Vec<Todo> {
        if !self.seen.is_new(&event.id) {
            return Vec::new();
        }
        match event.kind {
            ChatEventKind::Started(snapshot) => self.started(snapshot, Trigger::ChatStart, follow, now),
            ChatEventKind::Roster(chats) => self.roster(connection, chats, follow, now),
            ChatEventKind::VisitorUpdated { visitor, fields } => {
                let chats: Vec<_> = self
                    .chats
                    .iter()
                    .filter(|chat| &chat.key.connection == connection && chat.visitor.id == visitor)
                    .filter(|chat| chat.ended_at.is_none())
                    .map(|chat| chat.key.clone())
                    .collect();
                chats.iter().flat_map(|chat| self.learnt(chat, fields.clone(), follow)).collect()
            }
            ChatEventKind::FormFilled { chat, fields, .. } => self.learnt(&chat, fields, follow),
            ChatEventKind::Message { chat, thread, written } => self.message(&chat, &thread, written),
            ChatEventKind::AgentsChanged { chat, thread, agents, assigned } => {
                self.agents_changed(&chat, &thread, agents, assigned)
            }
            ChatEventKind::HandedOver { chat } => self.left(&chat, now),
            ChatEventKind::Ended { chat, thread } => self.ended(&chat, &thread, now),
            ChatEventKind::Missed(sitting) => self.missed(sitting, follow, now),
            ChatEventKind::OfflineMessage(left) => self.offline_message(left, follow, now),
            ChatEventKind::TicketCreated(ticket) => self.started(ticket, Trigger::TicketCreated, follow, now),
            ChatEventKind::Focused { chat, by } => self.focused(&chat, by),
            ChatEventKind::ProfileOpened(profile) => self.profile_opened(profile, follow, now),
        }
    }

    /// Shows `chat` because the agent picked it here. `None` when there is no such chat.
    pub(crate) fn select(&mut self, chat: &ChatKey) -> Option<Vec<Todo>> {
        self.channel = self.chat(chat)?.channel;
        Some(self.show(chat, FocusOrigin::Hand))
    }

    /// Shows `channel` with what was on show of it last. `None` when it is not enabled.
    pub(crate) fn show_channel(&mut self, channel: ChannelName) -> Option<Vec<Todo>> {
        let is_enabled = self.channels.contains(&channel);
        is_enabled.then(|| self.turn_to(channel))
    }

    fn turn_to(&mut self, channel: ChannelName) -> Vec<Todo> {
        self.channel = channel;
        let Some(key) = self.active().cloned() else { return Vec::new() };
        if let Some(chat) = self.chat_mut(&key) {
            chat.unread = 0;
        }
        vec![Todo::Shown(key)]
    }

    /// Whether a new chat may come on show of its channel by itself: nothing is, or what is has ended and is not pinned.
    pub(crate) fn may_move_on(&self, channel: ChannelName) -> bool {
        let tab = self.tab(channel);
        match tab.active.as_ref().and_then(|key| self.chat(key)) {
            None => true,
            Some(chat) => chat.ended_at.is_some() && !tab.pinned && !tab.looking_back,
        }
    }

    fn roster(
        &mut self,
        connection: &ConnectionId,
        chats: Vec<ChatSnapshot>,
        follow: &Followed,
        now: i64,
    ) -> Vec<Todo> {
        let gone: Vec<_> = self
            .chats
            .iter()
            .filter(|known| &known.key.connection == connection && known.goes_on())
            .filter(|known| !chats.iter().any(|chat| chat.chat == known.key))
            .map(|known| known.key.clone())
            .collect();
        let mut todo: Vec<_> = gone.iter().flat_map(|chat| self.left(chat, now)).collect();
        todo.extend(chats.into_iter().flat_map(|chat| self.started(chat, Trigger::ChatStart, follow, now)));
        todo
    }

    pub(crate) fn learnt(&mut self, key: &ChatKey, fields: ChatFields, follow: &Followed) -> Vec<Todo> {
        let Some(chat) = self.chat_mut(key) else { return Vec::new() };
        let Some(follow) = follow.get(&chat.channel) else { return Vec::new() };
        let before = identity(&chat.visitor.fields, &follow.identifying);
        chat.visitor.fields.extend(fields);
        let changed = identity(&chat.visitor.fields, &follow.identifying) != before;
        if changed { vec![Todo::Look(key.clone()), Todo::Keep(key.clone())] } else { Vec::new() }
    }

    /// Lets go of chats that ended too long ago, or after which so many others ended. One that is on show stays, and so does
    /// one with a draft, and one of which something needs a person.
    pub(crate) fn forget_old(&mut self, follow: &Followed, now: i64) -> Vec<Todo> {
        let is_old = |chat: &Chat| {
            let kept_for = follow.get(&chat.channel).map_or(0, |follow| follow.recent_for);
            chat.ended_at.is_some_and(|ended| now - ended > kept_for)
        };
        let mut ended: Vec<_> = self.chats.iter().filter(|chat| chat.ended_at.is_some()).collect();
        ended.sort_by_key(|chat| Reverse(chat.ended_at));
        let old = ended.into_iter().enumerate().filter(|(place, chat)| *place >= MOST_ENDED || is_old(chat));
        let old: Vec<_> = old
            .map(|(_, chat)| chat)
            .filter(|chat| !chat.has_draft() && !self.needs_a_person(&chat.key))
            .filter(|chat| self.tab(chat.channel).active.as_ref() != Some(&chat.key))
            .map(|chat| chat.key.clone())
            .collect();
        for key in &old {
            self.remove(key);
        }
        old.into_iter().map(Todo::Forget).collect()
    }

    /// The agent opened a chat in the console: it comes on show of its channel, and the channel comes on show with it. What
    /// is pinned stays.
    fn focused(&mut self, key: &ChatKey, by: FocusOrigin) -> Vec<Todo> {
        let Some(channel) = self.chat(key).map(|chat| chat.channel) else { return Vec::new() };
        let on_show = self.tab(self.channel);
        let stays = on_show.pinned && on_show.active.is_some();
        let tab = self.tab_mut(channel);
        if tab.pinned {
            return Vec::new();
        }
        if tab.active.as_ref() == Some(key) {
            tab.focus = by;
            return if stays || self.channel == channel { Vec::new() } else { self.turn_to(channel) };
        }
        if !stays {
            self.channel = channel;
        }
        self.show(key, by)
    }

    /// A person outside the chats comes on show and is looked up; nothing else follows from it.
    fn profile_opened(&mut self, profile: Profile, follow: &Followed, now: i64) -> Vec<Todo> {
        let (key, channel) = (profile.chat.clone(), profile.channel);
        let Some(of_channel) = follow.get(&channel) else { return Vec::new() };
        if self.tab(channel).pinned {
            return Vec::new();
        }
        let mut todo = Vec::new();
        match self.chat_mut(&key) {
            Some(known) => {
                known.profile = Some(profile.from);
                todo.extend(self.learnt(&key, profile.visitor.fields, follow));
            }
            None => {
                self.chats.push(Chat::of_profile(profile, &of_channel.crms, now));
                todo.push(Todo::Look(key.clone()));
            }
        }
        todo.extend(self.focused(&key, FocusOrigin::Console));
        todo
    }

    /// A companion page was heard, or fell silent: without one, the live connection is how the open chat is known.
    pub(crate) fn companion(&mut self, connection: &ConnectionId, told: Companion, now: i64) {
        let platform = self.platforms.iter_mut().find(|platform| &platform.connection == connection);
        let Some(platform) = platform else { return };
        let since = match platform.companion {
            Some((before, since)) if before.speaking == told.speaking => since,
            _ => now,
        };
        platform.companion = Some((told, since));
        if told.speaking {
            return;
        }
        for tab in &mut self.tabs {
            let is_of_it = tab.active.as_ref().is_some_and(|active| &active.connection == connection);
            if is_of_it && tab.focus == FocusOrigin::Console {
                tab.focus = FocusOrigin::Live;
            }
        }
    }

    /// Puts a chat on show of its channel.
    pub(crate) fn show(&mut self, key: &ChatKey, by: FocusOrigin) -> Vec<Todo> {
        let Some(chat) = self.chat(key) else { return Vec::new() };
        let (channel, looking_back) = (chat.channel, chat.ended_at.is_some());
        let pinned = self.tab(channel).pinned;
        let tab = Tab { active: Some(key.clone()), focus: by, pinned, looking_back };
        let before = std::mem::replace(self.tab_mut(channel), tab).active;
        if let Some(before) = before.filter(|before| before != key)
            && self.chat(&before).is_some_and(|chat| chat.profile.is_some() && !chat.has_draft())
        {
            self.remove(&before);
        }
        if self.channel != channel {
            return Vec::new();
        }
        if let Some(chat) = self.chat_mut(key) {
            chat.unread = 0;
        }
        vec![Todo::Shown(key.clone())]
    }

    pub(crate) fn remove(&mut self, key: &ChatKey) -> Option<Chat> {
        let place = self.chats.iter().position(|chat| &chat.key == key)?;
        let chat = self.chats.remove(place);
        chat.lookups.iter().for_each(|lookup| lookup.cancel.cancel());
        Some(chat)
    }
}

fn identity(fields: &ChatFields, keys: &[ChatFieldKey]) -> Vec<Option<String>> {
    keys.iter().map(|key| fields.value(key).map(str::to_owned)).collect()
}
